/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * SgpSqliteConnection:
 *
 * An open database file and its prepared statements, for one thread at a time.
 */
typedef struct {
	sqlite3 *handle;        /* (owned) */
	GHashTable *statements; /* (owned) (element-type utf8 sqlite3_stmt) */
} SgpSqliteConnection;

SgpSqliteConnection *sgp_sqlite_connection_open(const char *path, GError **error);
void sgp_sqlite_connection_free(SgpSqliteConnection *connection);
gboolean sgp_sqlite_connection_execute(
	SgpSqliteConnection *connection, const char *sql, GError **error);
sqlite3_stmt *sgp_sqlite_connection_prepare(
	SgpSqliteConnection *connection, const char *sql, GError **error);
gboolean sgp_sqlite_connection_fail(
	const SgpSqliteConnection *connection, const char *doing, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpSqliteConnection, sgp_sqlite_connection_free)

G_END_DECLS
