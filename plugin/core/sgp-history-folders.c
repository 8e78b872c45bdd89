/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which folders the index knows, and whether it knows all that is in them: a history that is not
 * complete is "unknown" to whoever asks, never "there is none". Adds no message. */
#include "sgp-history.h"

#include "sgp-history-private.h"
#include "sgp-store-private.h"

static gboolean name_folder(SgpStore *store, const char *uri, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT INTO folder (uri, role, is_complete, is_hosted) VALUES (?, 0, 0, 1)"
		" ON CONFLICT (uri) DO UPDATE SET is_hosted = 1",
		error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, uri);
	return sgp_store_run(store, statement, error);
}

static gboolean set_folders(SgpStore *store, const char *const *folders, GError **error)
{
	if (!sgp_store_exec(store,
		    "CREATE TEMP TABLE IF NOT EXISTS named (uri TEXT PRIMARY KEY); DELETE FROM "
		    "named",
		    error))
		return FALSE;
	for (guint i = 0; folders[i] != NULL; i++) {
		if (!name_folder(store, folders[i], error))
			return FALSE;
		sqlite3_stmt *statement = sgp_store_prepare(
			store, "INSERT OR IGNORE INTO named (uri) VALUES (?)", error);
		if (statement == NULL)
			return FALSE;
		sgp_store_bind_text(statement, 1, folders[i]);
		if (!sgp_store_run(store, statement, error))
			return FALSE;
	}
	return sgp_store_exec(store,
		"CREATE TEMP TABLE IF NOT EXISTS gone (id INTEGER PRIMARY KEY); DELETE FROM gone;"
		"INSERT INTO gone SELECT id FROM folder WHERE is_hosted AND uri NOT IN (SELECT uri "
		"FROM named);"
		"CREATE TEMP TABLE IF NOT EXISTS lost (key INTEGER PRIMARY KEY); DELETE FROM lost;"
		"INSERT OR IGNORE INTO lost SELECT message FROM copy WHERE folder IN (SELECT id "
		"FROM gone);"
		"DELETE FROM judgement WHERE folder IN (SELECT id FROM gone);"
		"DELETE FROM copy WHERE folder IN (SELECT id FROM gone);"
		"UPDATE message SET sender = NULL WHERE key IN (SELECT key FROM lost) AND"
		" NOT EXISTS (SELECT 1 FROM copy WHERE message = message.key);"
		"DELETE FROM folder WHERE id IN (SELECT id FROM gone)",
		error);
}

gboolean sgp_history_set_folders(SgpHistory *self, const char *const *folders, GError **error)
{
	if (!sgp_store_begin(sgp_history_get_store(self), FALSE, error))
		return FALSE;
	if (!set_folders(sgp_history_get_store(self), folders, error)) {
		sgp_store_rollback(sgp_history_get_store(self));
		return FALSE;
	}
	return sgp_store_commit(sgp_history_get_store(self), error);
}

/* A folder that nobody has named yet is named by this. */
gboolean sgp_history_set_folder_complete(
	SgpHistory *self, const char *folder, gboolean complete, GError **error)
{
	if (!sgp_store_begin(sgp_history_get_store(self), FALSE, error))
		return FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(sgp_history_get_store(self),
		"INSERT INTO folder (uri, role, is_complete, is_hosted) VALUES (?1, 0, ?2, 1)"
		" ON CONFLICT (uri) DO UPDATE SET is_complete = ?2",
		error);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, folder);
		sqlite3_bind_int(statement, 2, complete);
	}
	if (statement == NULL || !sgp_store_run(sgp_history_get_store(self), statement, error)) {
		sgp_store_rollback(sgp_history_get_store(self));
		return FALSE;
	}
	return sgp_store_commit(sgp_history_get_store(self), error);
}

/* "Could not look" is not complete. */
gboolean sgp_history_is_complete(SgpHistory *self)
{
	g_autoptr(GError) error = NULL;
	gboolean is_found = FALSE;
	sgp_store_lock(sgp_history_get_store(self));
	gint64 missing = sgp_history_lookup_number(sgp_history_get_store(self),
		"SELECT count(*) FROM folder WHERE NOT is_complete", NULL, &is_found, &error);
	sgp_store_unlock(sgp_history_get_store(self));
	return error == NULL && is_found && missing == 0;
}

/* Messages with a copy, not counting copies. */
guint64 sgp_history_count(SgpHistory *self)
{
	gboolean is_found = FALSE;
	sgp_store_lock(sgp_history_get_store(self));
	gint64 count = sgp_history_lookup_number(sgp_history_get_store(self),
		"SELECT count(*) FROM message WHERE sender IS NOT NULL", NULL, &is_found, NULL);
	sgp_store_unlock(sgp_history_get_store(self));
	return (guint64)count;
}
