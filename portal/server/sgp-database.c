/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every store of the portal offers: statements, rows and transactions. It knows no SQL and no
 * engine; drivers (sgp-database-sqlite.c, later PostgreSQL) do. */

#include "sgp-database.h"

#include "sgp-protocol.h"

/* Most answers fit into one. */
#define POOL_BLOCK 4096

typedef struct {
	gint64 number;
	const guint8 *data; /* (nullable): bytes with a NUL behind them, in the rows' pool */
	gsize size;
	gboolean null;
} Cell;

/* One array and one pool for all of them: an inbox is 50 rows of 7 cells. */
struct _SgpRows {
	GArray *cells; /* (owned) (element-type Cell): row by row */
	guint count;
	GStringChunk *pool; /* (owned) */
};

struct _SgpTransaction {
	SgpDatabase *database; /* (borrowed) */
	gboolean done;
};

/**
 * sgp_database_close:
 * @database: (transfer full) (nullable): a connection
 */
void sgp_database_close(SgpDatabase *database)
{
	if (database != NULL)
		database->driver->close(database);
}

/**
 * sgp_database_run:
 * @changed: (out) (optional): how many rows the statement changed
 * @types: one letter for each value: s text (nullable), i gint64, b GBytes (nullable)
 *
 * Runs one statement and throws its rows away.
 *
 * Returns: whether it succeeded; any error is the store's, never the caller's data.
 */
gboolean sgp_database_run(SgpDatabase *database, GError **error, gint64 *changed, const char *sql,
	const char *types, ...)
{
	g_autoptr(SgpRows) rows = NULL;
	va_list values;

	va_start(values, types);
	rows = database->driver->run(database, error, changed, sql, types, values);
	va_end(values);
	return rows != NULL;
}

/**
 * sgp_database_query:
 * @types: as for sgp_database_run()
 *
 * Returns: (transfer full) (nullable): the rows, none of them is an answer too; %NULL on error.
 */
SgpRows *sgp_database_query(
	SgpDatabase *database, GError **error, const char *sql, const char *types, ...)
{
	SgpRows *rows = NULL;
	va_list values;

	va_start(values, types);
	rows = database->driver->run(database, error, NULL, sql, types, values);
	va_end(values);
	return rows;
}

/**
 * sgp_database_lead:
 * @task: what only one node at a time may do
 * @leads: (out): whether it is this one, as long as the connection lives
 *
 * Returns: whether it could be found out.
 */
gboolean sgp_database_lead(SgpDatabase *database, const char *task, gboolean *leads, GError **error)
{
	if (database->driver->lead != NULL)
		return database->driver->lead(database, task, leads, error);
	*leads = TRUE;
	return TRUE;
}

/**
 * sgp_database_has_scopes:
 *
 * Returns: whether sgp_database_set_scope() does anything.
 */
gboolean sgp_database_has_scopes(const SgpDatabase *database)
{
	return database->driver->set_scope != NULL;
}

/**
 * sgp_database_set_scope:
 * @scope: whose rows the statements from here on are about, sealed; see sgp_portal_set_scope()
 *
 * A second line of defence, where the store has one: a statement that asks for more gets less.
 */
void sgp_database_set_scope(SgpDatabase *database, const char *scope)
{
	if (database->driver->set_scope != NULL)
		database->driver->set_scope(database, scope);
}

/**
 * sgp_transaction_begin:
 *
 * Returns: (transfer full) (nullable): a transaction that may write, or %NULL on error.
 */
SgpTransaction *sgp_transaction_begin(SgpDatabase *database, GError **error)
{
	SgpTransaction *transaction = NULL;

	if (!database->driver->begin(database, error))
		return NULL;
	transaction = g_new0(SgpTransaction, 1);
	transaction->database = database;
	return transaction;
}

/**
 * sgp_transaction_commit:
 *
 * Returns: whether everything since the beginning is on disk.
 */
gboolean sgp_transaction_commit(SgpTransaction *transaction, GError **error)
{
	g_return_val_if_fail(!transaction->done, FALSE);
	if (!transaction->database->driver->commit(transaction->database, error))
		return FALSE;
	transaction->done = TRUE;
	return TRUE;
}

/**
 * sgp_transaction_free:
 * @transaction: (transfer full) (nullable): undone unless it was committed
 */
void sgp_transaction_free(SgpTransaction *transaction)
{
	if (transaction == NULL)
		return;
	if (!transaction->done)
		transaction->database->driver->roll_back(transaction->database);
	g_free(transaction);
}

/**
 * sgp_database_confirm:
 *
 * For whoever is about to say something after transactions that were not committed: they may have
 * seen what others, in the same commit, were not yet done with.
 *
 * Returns: whether all of that is on disk.
 */
gboolean sgp_database_confirm(SgpDatabase *database, GError **error)
{
	if (!database->saw_what_was_lost)
		return TRUE;
	database->saw_what_was_lost = FALSE;
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
		"the store lost what this was about");
	return FALSE;
}

/**
 * sgp_rows_new:
 *
 * Returns: (transfer full): no rows yet.
 */
SgpRows *sgp_rows_new(void)
{
	SgpRows *rows = g_new0(SgpRows, 1);

	rows->cells = g_array_new(FALSE, FALSE, sizeof(Cell));
	rows->pool = g_string_chunk_new(POOL_BLOCK);
	return rows;
}

/**
 * sgp_rows_free:
 * @rows: (transfer full) (nullable):
 */
void sgp_rows_free(SgpRows *rows)
{
	if (rows == NULL)
		return;
	g_array_unref(rows->cells);
	g_string_chunk_free(rows->pool);
	g_free(rows);
}

/**
 * sgp_rows_begin:
 *
 * Begins a row; for drivers.
 */
void sgp_rows_begin(SgpRows *rows)
{
	rows->count++;
}

static void add(SgpRows *rows, Cell cell)
{
	g_array_append_val(rows->cells, cell);
}

/**
 * sgp_rows_add_null:
 *
 * Adds a cell to the last row; for drivers.
 */
void sgp_rows_add_null(SgpRows *rows)
{
	add(rows, (Cell){ .null = TRUE });
}

/**
 * sgp_rows_add_integer:
 *
 * Adds a cell to the last row; for drivers.
 */
void sgp_rows_add_integer(SgpRows *rows, gint64 value)
{
	add(rows, (Cell){ .number = value });
}

/**
 * sgp_rows_add_bytes:
 *
 * Adds a cell of text or bytes to the last row, copied; for drivers.
 */
void sgp_rows_add_bytes(SgpRows *rows, const void *data, gsize size)
{
	Cell cell = { .size = size };

	/* Puts the NUL behind it. */
	cell.data = (const guint8 *)g_string_chunk_insert_len(
		rows->pool, size > 0 ? data : "", (gssize)size);
	add(rows, cell);
}

/**
 * sgp_rows_get_count:
 *
 * Returns: how many rows there are.
 */
guint sgp_rows_get_count(const SgpRows *rows)
{
	return rows->count;
}

static const Cell *get_cell(const SgpRows *rows, guint row, guint column)
{
	static const Cell nothing = { .null = TRUE };
	guint columns = rows->count > 0 ? rows->cells->len / rows->count : 0;

	g_return_val_if_fail(row < rows->count && column < columns, &nothing);
	return &g_array_index(rows->cells, Cell, row * columns + column);
}

/**
 * sgp_rows_is_null:
 *
 * Returns: whether the cell is NULL.
 */
gboolean sgp_rows_is_null(const SgpRows *rows, guint row, guint column)
{
	return get_cell(rows, row, column)->null;
}

/**
 * sgp_rows_get_integer:
 *
 * Returns: the cell as a number; 0 for NULL.
 */
gint64 sgp_rows_get_integer(const SgpRows *rows, guint row, guint column)
{
	return get_cell(rows, row, column)->number;
}

/**
 * sgp_rows_get_text:
 *
 * Returns: (transfer none) (nullable): the cell as text; %NULL for NULL.
 */
const char *sgp_rows_get_text(const SgpRows *rows, guint row, guint column)
{
	return (const char *)get_cell(rows, row, column)->data;
}

/**
 * sgp_rows_dup_bytes:
 *
 * Returns: (transfer full) (nullable): the cell as bytes; %NULL for NULL.
 */
GBytes *sgp_rows_dup_bytes(const SgpRows *rows, guint row, guint column)
{
	const Cell *cell = get_cell(rows, row, column);

	return cell->data != NULL ? g_bytes_new(cell->data, cell->size) : NULL;
}
