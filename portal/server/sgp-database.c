/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What every store of the portal offers: statements, rows and transactions. It knows no SQL and no
 * engine; drivers (sgp-database-sqlite.c, later PostgreSQL) do. */

#include "sgp-database.h"

#include <string.h>

typedef struct {
	gint64 number;
	guint8 *data; /* (owned) (nullable): bytes with a NUL behind them */
	gsize size;
	gboolean null;
} Cell;

struct _SgpRows {
	GPtrArray *rows; /* (owned) (element-type GArray of Cell) */
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

static void clear_cell(gpointer data)
{
	g_free(((Cell *)data)->data);
}

/**
 * sgp_rows_new:
 *
 * Returns: (transfer full): no rows yet.
 */
SgpRows *sgp_rows_new(void)
{
	SgpRows *rows = g_new0(SgpRows, 1);

	rows->rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_array_unref);
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
	g_ptr_array_unref(rows->rows);
	g_free(rows);
}

/**
 * sgp_rows_begin:
 *
 * Begins a row; for drivers.
 */
void sgp_rows_begin(SgpRows *rows)
{
	GArray *row = g_array_new(FALSE, TRUE, sizeof(Cell));

	g_array_set_clear_func(row, clear_cell);
	g_ptr_array_add(rows->rows, row);
}

static void add(SgpRows *rows, Cell cell)
{
	g_array_append_val(g_ptr_array_index(rows->rows, rows->rows->len - 1), cell);
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

	cell.data = g_malloc(size + 1);
	if (size > 0)
		memcpy(cell.data, data, size);
	cell.data[size] = 0;
	add(rows, cell);
}

/**
 * sgp_rows_get_count:
 *
 * Returns: how many rows there are.
 */
guint sgp_rows_get_count(const SgpRows *rows)
{
	return rows->rows->len;
}

static const Cell *get_cell(const SgpRows *rows, guint row, guint column)
{
	static const Cell nothing = { .null = TRUE };
	GArray *cells = g_ptr_array_index(rows->rows, row);

	g_return_val_if_fail(column < cells->len, &nothing);
	return &g_array_index(cells, Cell, column);
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
