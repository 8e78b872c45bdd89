/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SgpDatabase:
 *
 * One connection to a store, for one thread at a time. The SQL that passes through here is what
 * SQLite and PostgreSQL have in common: $1, $2 ... as placeholders, ON CONFLICT, no pragma.
 */
typedef struct _SgpDatabase SgpDatabase;
/* A running transaction; freed without a commit it rolls back. */
typedef struct _SgpTransaction SgpTransaction;
/* The rows of an answer, read to the end. */
typedef struct _SgpRows SgpRows;

typedef struct {
	void (*close)(SgpDatabase *database);
	gboolean (*begin)(SgpDatabase *database, GError **error);
	gboolean (*commit)(SgpDatabase *database, GError **error);
	void (*roll_back)(SgpDatabase *database);
	/* (nullable) where only one process works on the store */
	gboolean (*lead)(SgpDatabase *database, const char *task, gboolean *leads, GError **error);
	SgpRows *(*run)(SgpDatabase *database, GError **error, gint64 *changed, const char *sql,
		const char *types, va_list values);
	/* (nullable) where the store cannot tell whose rows a statement is about */
	void (*set_scope)(SgpDatabase *database, const char *scope);
} SgpDatabaseClass;

struct _SgpDatabase {
	const SgpDatabaseClass *driver;
	/* The last failure may go away when the whole transaction is done again: its connection was
	 * lost, or another one was in its way. */
	gboolean can_repeat;
	/* A transaction that changed nothing itself looked at what another one had done, and that
	 * one failed in the end; see sgp_database_confirm(). */
	gboolean saw_what_was_lost;
};

void sgp_database_close(SgpDatabase *database);
gboolean sgp_database_run(SgpDatabase *database, GError **error, gint64 *changed, const char *sql,
	const char *types, ...);
SgpRows *sgp_database_query(
	SgpDatabase *database, GError **error, const char *sql, const char *types, ...);

gboolean sgp_database_lead(
	SgpDatabase *database, const char *task, gboolean *leads, GError **error);

gboolean sgp_database_has_scopes(const SgpDatabase *database);
void sgp_database_set_scope(SgpDatabase *database, const char *scope);

SgpTransaction *sgp_transaction_begin(SgpDatabase *database, GError **error);
gboolean sgp_transaction_commit(SgpTransaction *transaction, GError **error);
void sgp_transaction_free(SgpTransaction *transaction);
gboolean sgp_database_confirm(SgpDatabase *database, GError **error);

SgpRows *sgp_rows_new(void);
void sgp_rows_free(SgpRows *rows);
void sgp_rows_begin(SgpRows *rows);
void sgp_rows_add_null(SgpRows *rows);
void sgp_rows_add_integer(SgpRows *rows, gint64 value);
void sgp_rows_add_bytes(SgpRows *rows, const void *data, gsize size);
guint sgp_rows_get_count(const SgpRows *rows);
gboolean sgp_rows_is_null(const SgpRows *rows, guint row, guint column);
gint64 sgp_rows_get_integer(const SgpRows *rows, guint row, guint column);
const char *sgp_rows_get_text(const SgpRows *rows, guint row, guint column);
GBytes *sgp_rows_dup_bytes(const SgpRows *rows, guint row, guint column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpDatabase, sgp_database_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpTransaction, sgp_transaction_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpRows, sgp_rows_free)

G_END_DECLS
