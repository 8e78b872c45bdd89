/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the portal told, kept until staff have seen it: the mail program may not have been open, or
 * was closed before anybody looked. Owns the table portal_event; never acts upon an event
 * (sgp-portal-events) and never words one (ui). An erasure takes the person's events along
 * (sgp-consent-ledger-erase). */
#include "sgp-event-log.h"

#include "sgp-json-private.h"
#include "sgp-store-private.h"

#define KEPT 50

static gboolean insert(SgpStore *store, gint64 portal_id, const char *kind, const char *address,
	const char *message, gint64 time, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT OR IGNORE INTO portal_event (portal, kind, address, message, time)"
		" VALUES (nullif(?, 0), ?, ?, ?, ?)",
		error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, portal_id);
	sgp_store_bind_text(statement, 2, kind);
	sgp_store_bind_text(statement, 3, address);
	sgp_store_bind_text(statement, 4, message);
	sqlite3_bind_int64(statement, 5, time);
	return sgp_store_run(store, statement, error);
}

/* What nobody has dismissed stays, up to a number that no office reaches and a hostile portal does.
 */
static gboolean trim(SgpStore *store, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"DELETE FROM portal_event WHERE id <= (SELECT max(id) FROM portal_event) - 1000"
		" OR (is_dismissed AND id NOT IN"
		" (SELECT id FROM portal_event ORDER BY id DESC LIMIT ?))",
		error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int(statement, 1, KEPT);
	return sgp_store_run(store, statement, error);
}

gboolean sgp_event_log_add(SgpStore *store, gint64 portal_id, const char *kind, const char *address,
	const char *message, gint64 time, GError **error)
{
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	if (insert(store, portal_id, kind, address, message, time, error) && trim(store, error))
		return sgp_store_commit(store, error);
	sgp_store_rollback(store);
	return FALSE;
}

static void add_row(JsonBuilder *out, sqlite3_stmt *row)
{
	json_builder_begin_object(out);
	sgp_json_add_int(out, "id", sqlite3_column_int64(row, 0));
	sgp_json_add_text(out, "kind", sgp_store_column_text(row, 1));
	sgp_json_add_text(out, "address", sgp_store_column_text(row, 2));
	sgp_json_add_text(out, "message", sgp_store_column_text(row, 3));
	sgp_json_add_int(out, "time", sqlite3_column_int64(row, 4));
	sgp_json_add_boolean(out, "dismissed", sqlite3_column_int(row, 5) != 0);
	json_builder_end_object(out);
}

char *sgp_event_log_list_json(SgpStore *store, GError **error)
{
	GError *local = NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_array(out);
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(store,
		"SELECT id, kind, address, message, time, is_dismissed FROM portal_event"
		" WHERE NOT is_dismissed OR id IN"
		" (SELECT id FROM portal_event ORDER BY id DESC LIMIT ?) ORDER BY id DESC",
		&local);
	if (row != NULL)
		sqlite3_bind_int(row, 1, KEPT);
	while (row != NULL && sgp_store_step(store, row, &local))
		add_row(out, row);
	sgp_store_unlock(store);
	json_builder_end_array(out);
	if (local == NULL)
		return sgp_json_dup(out);
	g_propagate_error(error, local);
	return NULL;
}

gboolean sgp_event_log_dismiss(SgpStore *store, gint64 id, GError **error)
{
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "UPDATE portal_event SET is_dismissed = 1 WHERE id = ?", error);
	if (statement != NULL)
		sqlite3_bind_int64(statement, 1, id);
	if (statement != NULL && sgp_store_run(store, statement, error))
		return sgp_store_commit(store, error);
	sgp_store_rollback(store);
	return FALSE;
}
