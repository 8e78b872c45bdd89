/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The SQLite driver: statements, transactions through the file's one writer, and a schema that is
 * up to date. It knows no table. */

#include "sgp-database-sqlite.h"

#include "sgp-protocol.h"
#include "sgp-sqlite-writer.h"

#include <gio/gio.h>
#include <string.h>

typedef struct {
	SgpDatabase parent;
	SgpSqliteConnection *connection; /* (owned): for what is read outside of transactions */
	SgpSqliteWriter *writer;         /* (owned) */
	SgpSqliteTurn *turn;             /* (owned) (nullable): the transaction that runs */
} SqliteDatabase;

static void close_sqlite(SgpDatabase *database)
{
	SqliteDatabase *self = (SqliteDatabase *)database;

	sgp_sqlite_connection_free(self->connection);
	sgp_sqlite_writer_unref(self->writer);
	g_free(self);
}

/* Where the next statement is run. */
static SgpSqliteConnection *get_connection(SqliteDatabase *self)
{
	return self->turn != NULL ? sgp_sqlite_turn_get_connection(self->turn) : self->connection;
}

static gboolean fail(SqliteDatabase *self, const char *doing, GError **error)
{
	return sgp_sqlite_connection_fail(get_connection(self), doing, error);
}

static gboolean execute(SqliteDatabase *self, const char *sql, GError **error)
{
	return sgp_sqlite_connection_execute(get_connection(self), sql, error);
}

static gboolean begin_sqlite(SgpDatabase *database, GError **error)
{
	SqliteDatabase *self = (SqliteDatabase *)database;

	self->turn = sgp_sqlite_writer_begin(self->writer, error);
	return self->turn != NULL;
}

static void roll_back_sqlite(SgpDatabase *database)
{
	SqliteDatabase *self = (SqliteDatabase *)database;

	if (self->turn != NULL && !sgp_sqlite_turn_roll_back(g_steal_pointer(&self->turn)))
		database->saw_what_was_lost = TRUE;
}

static gboolean commit_sqlite(SgpDatabase *database, GError **error)
{
	SqliteDatabase *self = (SqliteDatabase *)database;

	return sgp_sqlite_turn_commit(g_steal_pointer(&self->turn), error);
}

static int bind_bytes(sqlite3_stmt *statement, int index, GBytes *bytes)
{
	gsize size = 0;
	const void *data = NULL;

	if (bytes == NULL)
		return sqlite3_bind_null(statement, index);
	data = g_bytes_get_data(bytes, &size);
	return sqlite3_bind_blob64(statement, index, size > 0 ? data : "", size, SQLITE_TRANSIENT);
}

static gboolean bind(SqliteDatabase *self, sqlite3_stmt *statement, const char *types,
	va_list values, GError **error)
{
	for (int i = 0; types[i] != '\0'; i++) {
		char name[8];
		int index = 0;
		int result = SQLITE_MISUSE;

		/* SQLite numbers "$2" by first appearance, PostgreSQL by its number: ask by name.
		 */
		g_snprintf(name, sizeof name, "$%d", i + 1);
		index = sqlite3_bind_parameter_index(statement, name);
		if (types[i] == 's')
			result = sqlite3_bind_text(statement, index, va_arg(values, const char *),
				-1, SQLITE_TRANSIENT);
		else if (types[i] == 'i')
			result = sqlite3_bind_int64(statement, index, va_arg(values, gint64));
		else if (types[i] == 'b')
			result = bind_bytes(statement, index, va_arg(values, GBytes *));
		if (result != SQLITE_OK)
			return fail(self, "binding", error);
	}
	return TRUE;
}

static void read_row(sqlite3_stmt *statement, SgpRows *rows)
{
	int columns = sqlite3_column_count(statement);

	sgp_rows_begin(rows);
	for (int i = 0; i < columns; i++) {
		int type = sqlite3_column_type(statement, i);

		if (type == SQLITE_NULL)
			sgp_rows_add_null(rows);
		else if (type == SQLITE_INTEGER)
			sgp_rows_add_integer(rows, sqlite3_column_int64(statement, i));
		else
			sgp_rows_add_bytes(rows, sqlite3_column_blob(statement, i),
				(gsize)sqlite3_column_bytes(statement, i));
	}
}

static SgpRows *run_sqlite(SgpDatabase *database, GError **error, gint64 *changed, const char *sql,
	const char *types, va_list values)
{
	SqliteDatabase *self = (SqliteDatabase *)database;
	SgpSqliteConnection *connection = get_connection(self);
	g_autoptr(SgpRows) rows = sgp_rows_new();
	sqlite3_stmt *statement = sgp_sqlite_connection_prepare(connection, sql, error);
	int result = SQLITE_ROW;

	if (statement == NULL)
		return NULL;
	if (!bind(self, statement, types, values, error)) {
		sqlite3_reset(statement);
		return NULL;
	}
	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		read_row(statement, rows);
	if (result != SQLITE_DONE)
		fail(self, sql, error);
	else if (changed != NULL)
		*changed = sqlite3_changes(connection->handle);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result == SQLITE_DONE ? g_steal_pointer(&rows) : NULL;
}

static const SgpDatabaseClass sqlite_driver = {
	.close = close_sqlite,
	.begin = begin_sqlite,
	.commit = commit_sqlite,
	.roll_back = roll_back_sqlite,
	.run = run_sqlite,
};

static gboolean read_version(SqliteDatabase *self, int *version, GError **error)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(get_connection(self)->handle, "PRAGMA user_version", -1, &statement,
		    NULL) != SQLITE_OK)
		return fail(self, "reading the version", error);
	if (sqlite3_step(statement) == SQLITE_ROW)
		*version = sqlite3_column_int(statement, 0);
	sqlite3_finalize(statement);
	return TRUE;
}

static gboolean apply_step(
	SqliteDatabase *self, const char *migrations, const char *name, int number, GError **error)
{
	g_autofree char *path = g_strconcat(migrations, name, NULL);
	g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %d", number);
	g_autoptr(GBytes) sql = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
	g_autoptr(SgpTransaction) transaction = NULL;
	int version = 0;

	if (sql == NULL)
		return FALSE;
	/* Step and stamp commit together; a second process finds the stamp and does nothing. */
	transaction = sgp_transaction_begin(&self->parent, error);
	if (transaction == NULL || !read_version(self, &version, error))
		return FALSE;
	if (version < number && (!execute(self, g_bytes_get_data(sql, NULL), error) ||
					!execute(self, stamp, error)))
		return FALSE;
	return sgp_transaction_commit(transaction, error);
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gboolean migrate(SqliteDatabase *self, const char *migrations, GError **error)
{
	g_auto(GStrv) names =
		g_resources_enumerate_children(migrations, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
	int version = 0;
	int last = 0;

	if (names == NULL || !read_version(self, &version, error))
		return FALSE;
	qsort(names, g_strv_length(names), sizeof *names, compare_names);
	for (guint i = 0; names[i] != NULL; i++) {
		last = (int)g_ascii_strtoll(names[i], NULL, 10);
		if (last > version && !apply_step(self, migrations, names[i], last, error))
			return FALSE;
	}
	if (version > last) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"the store was written by a newer version of the portal");
		return FALSE;
	}
	return TRUE;
}

/**
 * sgp_database_sqlite_open:
 * @migrations: resource folder of numbered steps, with a slash at its end
 *
 * Returns: (transfer full) (nullable): a connection whose schema is up to date, or %NULL on error.
 */
SgpDatabase *sgp_database_sqlite_open(const char *path, const char *migrations, GError **error)
{
	SqliteDatabase *self = g_new0(SqliteDatabase, 1);
	g_autoptr(SgpDatabase) database = &self->parent;

	self->parent.driver = &sqlite_driver;
	self->writer = sgp_sqlite_writer_ref(path);
	self->connection = sgp_sqlite_connection_open(path, error);
	if (self->connection == NULL || !migrate(self, migrations, error))
		return NULL;
	return g_steal_pointer(&database);
}

/**
 * sgp_database_sqlite_check:
 *
 * Returns: whether SQLite finds the file in order.
 */
gboolean sgp_database_sqlite_check(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error, "PRAGMA integrity_check", "");
	const char *word = NULL;

	if (rows == NULL)
		return FALSE;
	word = sgp_rows_get_count(rows) == 1 ? sgp_rows_get_text(rows, 0, 0) : NULL;
	if (g_strcmp0(word, "ok") == 0)
		return TRUE;
	g_set_error_literal(
		error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "the database file is damaged");
	return FALSE;
}

/**
 * sgp_database_sqlite_copy:
 *
 * Writes a consistent copy of the store to @path, which must not exist, while it is in use.
 *
 * Returns: whether the copy is complete.
 */
gboolean sgp_database_sqlite_copy(SgpDatabase *database, const char *path, GError **error)
{
	return sgp_database_run(database, error, NULL, "VACUUM INTO $1", "s", path);
}

/**
 * sgp_database_sqlite_checkpoint:
 *
 * Writes the log back into the file and empties it, so that nothing deleted is left in it. While
 * somebody reads an older state that waits for the next time.
 *
 * Returns: whether it was tried without an error.
 */
gboolean sgp_database_sqlite_checkpoint(SgpDatabase *database, GError **error)
{
	return sgp_database_run(database, error, NULL, "PRAGMA wal_checkpoint(TRUNCATE)", "");
}
