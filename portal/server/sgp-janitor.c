/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deletes what has had its time: messages after the retention, uploads after a day, sessions,
 * events, and files that no row names. It never touches what was acknowledged and has not expired.
 */

#include "sgp-janitor.h"

#include "sgp-blob-rows.h"
#include "sgp-blob.h"
#include "sgp-message-store.h"
#include "sgp-protocol.h"
#include "sgp-session-store.h"
#include "sgp-upload-sink.h"

#define EVENT_SECONDS (G_GINT64_CONSTANT(90) * 24 * 60 * 60)

static gboolean expire_messages(SgpDatabase *database, gint64 now, GPtrArray *files, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	/* "stored" and never published for the whole retention: its agent has given up. */
	rows = sgp_database_query(database, error,
		"SELECT id FROM messages WHERE (state = 'published' AND expires <= $1) "
		"OR (state = 'stored' AND created <= $2)",
		"ii", now, now - sgp_message_store_get_retention(database, NULL));
	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		if (!sgp_message_store_erase(
			    database, sgp_rows_get_text(rows, i, 0), "expired", files, error))
			return FALSE;
	}
	return sgp_transaction_commit(transaction, error);
}

static gboolean expire_uploads(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GPtrArray *files, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(database, error, "SELECT id FROM uploads WHERE created <= $1",
		"i", now - SGP_PROTOCOL_UPLOAD_SECONDS);
	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		const char *name = sgp_rows_get_text(rows, i, 0);

		if (!sgp_blob_is_cold(portal, name, now - SGP_PROTOCOL_UPLOAD_SECONDS))
			continue;
		sgp_upload_sink_supersede(name);
		g_ptr_array_add(files, g_strdup(name));
		if (!sgp_database_run(
			    database, error, NULL, "DELETE FROM uploads WHERE id = $1", "s", name))
			return FALSE;
	}
	return sgp_transaction_commit(transaction, error);
}

static gboolean forget_rest(SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL && sgp_session_store_sweep(database, now, error) &&
	       sgp_database_run(database, error, NULL, "DELETE FROM events WHERE time <= $1", "i",
		       now - EVENT_SECONDS) &&
	       sgp_database_run(database, error, NULL,
		       "DELETE FROM enrolments WHERE expires <= $1 OR used = 1", "i", now) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean is_named(SgpDatabase *database, const char *name)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, NULL,
		"SELECT 1 FROM uploads WHERE id = $1 UNION ALL "
		"SELECT 1 FROM blobs WHERE file = $1",
		"s", name);

	/* Could not look is not "none": such a file stays. */
	return rows == NULL || sgp_rows_get_count(rows) > 0;
}

static void remove_orphans_in(
	SgpPortal *portal, SgpDatabase *database, const char *folder, gint64 now)
{
	g_autofree char *path = g_build_filename(portal->blob_directory, folder, NULL);
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name = NULL;

	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		if (sgp_blob_is_name(name) &&
			sgp_blob_is_cold(portal, name, now - SGP_PROTOCOL_UPLOAD_SECONDS) &&
			!is_named(database, name))
			sgp_blob_remove(portal, name);
	}
}

static gboolean remove_orphan_rows(SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_blob_rows_remove_orphans(database, now - SGP_PROTOCOL_UPLOAD_SECONDS, error) &&
	       sgp_transaction_commit(transaction, error);
}

static void remove_orphans(SgpPortal *portal, SgpDatabase *database, gint64 now)
{
	g_autoptr(GDir) directory = g_dir_open(portal->blob_directory, 0, NULL);
	const char *folder = NULL;

	while (directory != NULL && (folder = g_dir_read_name(directory)) != NULL)
		remove_orphans_in(portal, database, folder, now);
}

static gboolean sweep(SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	if (!expire_messages(database, now, files, error) ||
		!expire_uploads(portal, database, now, files, error) ||
		!forget_rest(database, now, error) || !sgp_guard_sweep(portal->guard, now, error))
		return FALSE;
	for (guint i = 0; i < files->len; i++)
		sgp_blob_remove(portal, files->pdata[i]);
	if (portal->config->database != NULL)
		return remove_orphan_rows(database, now, error);
	remove_orphans(portal, database, now);
	return TRUE;
}

/**
 * sgp_janitor_sweep_sync:
 *
 * Sweeps once.
 *
 * Returns: whether everything could be looked at.
 */
gboolean sgp_janitor_sweep_sync(SgpPortal *portal, gint64 now, GError **error)
{
	SgpDatabase *database = sgp_portal_borrow_database(portal, error);
	gboolean good = database != NULL && sweep(portal, database, now, error);

	sgp_portal_return_database(portal, database);
	return good;
}
