/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deletes what has had its time: messages after the retention, uploads after a day, sessions,
 * events, and files that no row names. It never touches what was acknowledged and has not expired.
 */

#include "sgp-janitor.h"

#include "sgp-account.h"
#include "sgp-blob-rows.h"
#include "sgp-blob.h"
#include "sgp-database-sqlite.h"
#include "sgp-message-store.h"
#include "sgp-protocol.h"
#include "sgp-session-store.h"
#include "sgp-upload-sink.h"

#define MAX_TRIES     5
#define EVENT_SECONDS (G_GINT64_CONSTANT(90) * 24 * 60 * 60)

/* One sweep. What a step adds counts only when the step has committed. */
typedef struct {
	SgpPortal *portal;     /* (borrowed) */
	SgpDatabase *database; /* (borrowed) */
	gint64 now;
	GPtrArray *files; /* (owned) (element-type utf8): to remove */
	gint64 swept[SGP_SWEPT_KINDS];
} Sweep;

typedef gboolean (*Step)(Sweep *sweep, GError **error);

static gboolean count_blobs(Sweep *sweep, const char *message, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(sweep->database, error,
		"SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blobs "
		"WHERE message = $1",
		"s", message);

	if (rows == NULL)
		return FALSE;
	sweep->swept[SGP_SWEPT_MESSAGES]++;
	sweep->swept[SGP_SWEPT_BLOBS] += sgp_rows_get_integer(rows, 0, 0);
	sweep->swept[SGP_SWEPT_BYTES] += sgp_rows_get_integer(rows, 0, 1);
	return TRUE;
}

static gboolean expire_messages(Sweep *sweep, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(sweep->database, error);
	g_autoptr(SgpRows) rows = NULL;
	gint64 retention =
		transaction != NULL ? sgp_message_store_get_retention(sweep->database, error) : -1;

	/* Could not look is not "no time at all": that would erase everything that is stored. */
	if (retention < 0)
		return FALSE;
	/* "stored" and never published for the whole retention: its agent has given up. */
	rows = sgp_database_query(sweep->database, error,
		"SELECT id FROM messages WHERE (state = 'published' AND expires <= $1) "
		"OR (state = 'stored' AND created <= $2)",
		"ii", sweep->now, sweep->now - retention);
	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		const char *id = sgp_rows_get_text(rows, i, 0);

		if (!count_blobs(sweep, id, error) || !sgp_message_store_erase(sweep->database, id,
							      "expired", sweep->files, error))
			return FALSE;
	}
	return sgp_transaction_commit(transaction, error);
}

static gboolean expire_uploads(Sweep *sweep, GError **error)
{
	gint64 before = sweep->now - SGP_PROTOCOL_UPLOAD_SECONDS;
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(sweep->database, error);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(
		sweep->database, error, "SELECT id FROM uploads WHERE created <= $1", "i", before);
	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		const char *name = sgp_rows_get_text(rows, i, 0);

		if (!sgp_blob_is_cold(sweep->portal, name, before))
			continue;
		sgp_upload_sink_supersede(name);
		g_ptr_array_add(sweep->files, g_strdup(name));
		sweep->swept[SGP_SWEPT_UPLOADS]++;
		if (!sgp_database_run(sweep->database, error, NULL,
			    "DELETE FROM uploads WHERE id = $1", "s", name))
			return FALSE;
	}
	return sgp_transaction_commit(transaction, error);
}

static gboolean forget_rest(Sweep *sweep, GError **error)
{
	SgpDatabase *database = sweep->database;
	gint64 now = sweep->now;
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL && sgp_session_store_sweep(database, now, error) &&
	       sgp_account_sweep(database, now, error) &&
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

/* @remove: or only count them. */
static void find_orphans_in(Sweep *sweep, const char *folder, gboolean remove)
{
	g_autofree char *path = g_build_filename(sweep->portal->blob_directory, folder, NULL);
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name = NULL;

	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		if (!sgp_blob_is_name(name) ||
			!sgp_blob_is_cold(
				sweep->portal, name, sweep->now - SGP_PROTOCOL_UPLOAD_SECONDS) ||
			is_named(sweep->database, name))
			continue;
		if (remove)
			sgp_blob_remove(sweep->portal, name);
		sweep->swept[SGP_SWEPT_ORPHANS]++;
	}
}

static void find_orphans(Sweep *sweep, gboolean remove)
{
	g_autoptr(GDir) directory = g_dir_open(sweep->portal->blob_directory, 0, NULL);
	const char *folder = NULL;

	while (directory != NULL && (folder = g_dir_read_name(directory)) != NULL)
		find_orphans_in(sweep, folder, remove);
}

static gboolean remove_orphans(Sweep *sweep, GError **error)
{
	gint64 before = sweep->now - SGP_PROTOCOL_UPLOAD_SECONDS;
	g_autoptr(SgpTransaction) transaction = NULL;
	gint64 found = 0;

	if (sweep->portal->config->database == NULL) {
		find_orphans(sweep, TRUE);
		return TRUE;
	}
	transaction = sgp_transaction_begin(sweep->database, error);
	found = transaction != NULL ? sgp_blob_rows_count_orphans(sweep->database, before, error)
				    : -1;
	if (found < 0 || !sgp_blob_rows_remove_orphans(sweep->database, before, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sweep->swept[SGP_SWEPT_ORPHANS] += found;
	return TRUE;
}

/**
 * sgp_janitor_count_orphans:
 *
 * Returns: how many blobs the next sweep would remove because nothing names them; -1 on error.
 */
gint64 sgp_janitor_count_orphans(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	Sweep sweep = { portal, database, now, NULL, { 0 } };

	if (portal->config->database != NULL)
		return sgp_blob_rows_count_orphans(
			database, now - SGP_PROTOCOL_UPLOAD_SECONDS, error);
	find_orphans(&sweep, FALSE);
	return sweep.swept[SGP_SWEPT_ORPHANS];
}

static gboolean sweep_guard(Sweep *sweep, GError **error)
{
	return sgp_account_freeze_exhausted(sweep->portal, sweep->database, sweep->now, error) &&
	       sgp_guard_sweep(sweep->portal->guard, sweep->now, error);
}

/* Deleted pages are overwritten (secure_delete), but the log still has what they were: it is
 * written back and cut off (threat 27; test "what the janitor deletes is gone from the disk"). */
static gboolean wipe_log(Sweep *sweep, GError **error)
{
	return sweep->portal->config->database != NULL ||
	       sgp_database_sqlite_checkpoint(sweep->database, error);
}

/* Several nodes sweep at once and may be in each other's way. */
static gboolean run_step(Sweep *sweep, Step step, GError **error)
{
	for (guint tries = 1;; tries++) {
		g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GError) problem = NULL;
		Sweep part = { sweep->portal, sweep->database, sweep->now, files, { 0 } };

		if (step(&part, &problem)) {
			for (guint i = 0; i < files->len; i++)
				sgp_blob_remove(sweep->portal, files->pdata[i]);
			for (guint i = 0; i < SGP_SWEPT_KINDS; i++)
				sweep->swept[i] += part.swept[i];
			return TRUE;
		}
		if (tries == MAX_TRIES || !sweep->database->can_repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		g_usleep(g_random_int_range(1000, 50000) * (gulong)tries);
	}
}

static gboolean run_steps(Sweep *sweep, GError **error)
{
	static const Step steps[] = { expire_messages, expire_uploads, forget_rest, sweep_guard,
		remove_orphans, wipe_log };

	for (gsize i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (!run_step(sweep, steps[i], error))
			return FALSE;
	}
	return TRUE;
}

/* The proof that retention is kept: in the log and in the metrics, in numbers. */
static void report(const Sweep *sweep)
{
	g_autoptr(GString) line = g_string_new("janitor");

	for (guint i = 0; i < SGP_SWEPT_KINDS; i++)
		g_string_append_printf(line, " %s=%" G_GINT64_FORMAT,
			sgp_swept_get_word((SgpSwept)i), sweep->swept[i]);
	g_printerr("%s\n", line->str);
	sgp_metrics_count_sweep(sweep->portal->metrics, sweep->now, sweep->swept);
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
	Sweep sweep = { portal, sgp_portal_borrow_database(portal, error), now, NULL, { 0 } };
	gboolean good = FALSE;

	/* Before anything else, and whatever becomes of the rest: tries that the guard is still to
	 * forget must not freeze the account that was just opened again. */
	if (sweep.database != NULL)
		sgp_account_do_chores(portal, sweep.database);
	good = sweep.database != NULL && run_steps(&sweep, error);
	if (good)
		report(&sweep);
	sgp_portal_return_database(portal, sweep.database);
	return good;
}
