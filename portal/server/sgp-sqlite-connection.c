/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One open database file: WAL, synchronous=FULL, so that a committed transaction is on disk. It
 * knows no table and no transaction. */

#include "sgp-sqlite-connection.h"

#include "sgp-protocol.h"

#define BUSY_MILLISECONDS 15000

static void finalize(gpointer statement)
{
	sqlite3_finalize(statement);
}

/**
 * sgp_sqlite_connection_fail:
 * @doing: what it was about
 *
 * Returns: %FALSE, with SQLite's reason.
 */
gboolean sgp_sqlite_connection_fail(
	const SgpSqliteConnection *connection, const char *doing, GError **error)
{
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "the store failed while %s: %s",
		doing,
		connection->handle != NULL ? sqlite3_errmsg(connection->handle) : "no memory");
	return FALSE;
}

/**
 * sgp_sqlite_connection_execute:
 * @sql: without values
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_sqlite_connection_execute(
	SgpSqliteConnection *connection, const char *sql, GError **error)
{
	return sqlite3_exec(connection->handle, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       sgp_sqlite_connection_fail(connection, "executing", error);
}

/**
 * sgp_sqlite_connection_prepare:
 *
 * Returns: (transfer none) (nullable): the statement, kept for the next time; %NULL on error.
 */
sqlite3_stmt *sgp_sqlite_connection_prepare(
	SgpSqliteConnection *connection, const char *sql, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(connection->statements, sql);

	if (statement != NULL)
		return statement;
	if (sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
		    NULL) != SQLITE_OK) {
		sgp_sqlite_connection_fail(connection, sql, error);
		return NULL;
	}
	g_hash_table_insert(connection->statements, g_strdup(sql), statement);
	return statement;
}

/**
 * sgp_sqlite_connection_open:
 *
 * Returns: (transfer full) (nullable): the file, made if it is missing, or %NULL on error.
 */
SgpSqliteConnection *sgp_sqlite_connection_open(const char *path, GError **error)
{
	g_autoptr(SgpSqliteConnection) self = g_new0(SgpSqliteConnection, 1);

	self->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize);
	if (sqlite3_open_v2(path, &self->handle,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    "unix") != SQLITE_OK) {
		sgp_sqlite_connection_fail(self, "opening", error);
		return NULL;
	}
	sqlite3_busy_timeout(self->handle, BUSY_MILLISECONDS);
	if (!sgp_sqlite_connection_execute(self,
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
		    "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; "
		    "PRAGMA secure_delete = ON",
		    error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * sgp_sqlite_connection_free:
 * @connection: (transfer full) (nullable):
 */
void sgp_sqlite_connection_free(SgpSqliteConnection *connection)
{
	if (connection == NULL)
		return;
	g_clear_pointer(&connection->statements, g_hash_table_unref);
	sqlite3_close(connection->handle);
	g_free(connection);
}
