/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Is everything there, and a copy of it: a tar file (POSIX ustar) with a consistent database and
 * every blob that it names. The guard's key is never in it: who steals a backup cannot try
 * passwords. */

#include "sgp-backup.h"

#include "sgp-blob.h"
#include "sgp-database-sqlite.h"
#include "sgp-janitor.h"
#include "sgp-protocol.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK     512
#define COPY_SIZE (1024 * 1024)

static gboolean fail(GError **error, const char *sentence)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, sentence);
	return FALSE;
}

static gboolean verify_blob(SgpPortal *portal, const SgpRows *rows, guint i)
{
	const char *file = sgp_rows_get_text(rows, i, 3);
	g_autofree char *hash = NULL;
	g_autoptr(GBytes) data = NULL;

	if (file != NULL) {
		hash = sgp_blob_hash(portal, file, NULL);
	} else {
		data = sgp_rows_dup_bytes(rows, i, 4);
		hash = data != NULL ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, data) : NULL;
	}
	return g_strcmp0(hash, sgp_rows_get_text(rows, i, 2)) == 0;
}

/**
 * sgp_backup_verify_sync:
 *
 * Reads the whole database and every blob, and prints what is damaged, and how much lies there that
 * nothing names; the janitor takes that.
 *
 * Returns: whether everything is as it was stored.
 */
gboolean sgp_backup_verify_sync(SgpPortal *portal, SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) messages = NULL;
	guint blobs = 0;
	gint64 orphans = 0;
	guint bad = 0;

	if (portal->config->database == NULL && !sgp_database_sqlite_check(database, error))
		return FALSE;
	messages = sgp_database_query(
		database, error, "SELECT DISTINCT message FROM blobs ORDER BY message", "");
	if (messages == NULL)
		return FALSE;
	/* One message at a time: what lives in the database is read in pieces, not all at once. */
	for (guint m = 0; m < sgp_rows_get_count(messages); m++) {
		g_autoptr(SgpRows) rows = sgp_database_query(database, error,
			"SELECT message, n, sha256, file, data FROM blobs WHERE message = $1", "s",
			sgp_rows_get_text(messages, m, 0));

		if (rows == NULL)
			return FALSE;
		for (guint i = 0; i < sgp_rows_get_count(rows); i++, blobs++) {
			if (verify_blob(portal, rows, i))
				continue;
			bad++;
			g_print("damaged\t%s\t%" G_GINT64_FORMAT "\n",
				sgp_rows_get_text(rows, i, 0), sgp_rows_get_integer(rows, i, 1));
		}
	}
	orphans = sgp_janitor_count_orphans(portal, database, sgp_portal_get_time(), error);
	if (orphans < 0)
		return FALSE;
	g_print("%u blobs in %u messages, %u damaged, %" G_GINT64_FORMAT " orphans\n", blobs,
		sgp_rows_get_count(messages), bad, orphans);
	return bad == 0 || fail(error, _("Some blobs are missing or damaged."));
}

static gboolean write_all(int file, const void *data, gsize size)
{
	const char *from = data;

	while (size > 0) {
		gssize wrote = write(file, from, size);

		if (wrote <= 0)
			return FALSE;
		from += wrote;
		size -= (gsize)wrote;
	}
	return TRUE;
}

static gboolean write_header(int tar, const char *name, guint64 size)
{
	char header[BLOCK] = { 0 };
	guint sum = 0;

	g_strlcpy(header, name, 100);
	g_snprintf(header + 100, 8, "%07o", 0600);
	g_snprintf(header + 108, 8, "%07o", 0);
	g_snprintf(header + 116, 8, "%07o", 0);
	g_snprintf(header + 124, 12, "%011" G_GINT64_MODIFIER "o", size);
	g_snprintf(header + 136, 12, "%011o", 0);
	memset(header + 148, ' ', 8);
	header[156] = '0';
	memcpy(header + 257, "ustar\00000", 8);
	for (gsize i = 0; i < sizeof header; i++)
		sum += (guchar)header[i];
	g_snprintf(header + 148, 8, "%06o", sum);
	return write_all(tar, header, sizeof header);
}

static gboolean add_file(int tar, const char *name, int file)
{
	static const char zeros[BLOCK] = { 0 };
	g_autofree char *buffer = g_malloc(COPY_SIZE);
	struct stat status;
	guint64 left = 0;
	gsize rest = 0;

	if (file < 0 || fstat(file, &status) != 0 ||
		!write_header(tar, name, (guint64)status.st_size))
		return FALSE;
	left = (guint64)status.st_size;
	rest = (gsize)(left % BLOCK);
	while (left > 0) {
		gssize got = read(file, buffer, MIN(left, COPY_SIZE));

		if (got <= 0 || !write_all(tar, buffer, (gsize)got))
			return FALSE;
		left -= (guint64)got;
	}
	return rest == 0 || write_all(tar, zeros, BLOCK - rest);
}

static gboolean add_blobs(SgpPortal *portal, SgpDatabase *copy, int tar, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(
		copy, error, "SELECT file FROM blobs WHERE file IS NOT NULL ORDER BY file", "");

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		const char *blob = sgp_rows_get_text(rows, i, 0);
		g_autofree char *name = g_strdup_printf("blobs/%.2s/%s", blob, blob);
		int file = sgp_blob_open(portal, blob, O_RDONLY);
		gboolean good = add_file(tar, name, file);

		if (file >= 0)
			close(file);
		/* A message taken back since the copy was made is no damage; a short disk is. */
		if (!good && file >= 0)
			return fail(error, _("The backup could not be written."));
	}
	return TRUE;
}

static gboolean write_tar(SgpPortal *portal, const char *snapshot, int tar, GError **error)
{
	static const char end[2 * BLOCK] = { 0 };
	g_autoptr(SgpDatabase) copy = NULL;
	int file = open(snapshot, O_RDONLY | O_CLOEXEC);
	gboolean good = add_file(tar, "portal.db", file);

	if (file >= 0)
		close(file);
	if (!good)
		return fail(error, _("The backup could not be written."));
	copy = sgp_database_sqlite_open(snapshot, "/org/siegelpost/portal/sql/sqlite/", error);
	if (copy == NULL || !add_blobs(portal, copy, tar, error))
		return FALSE;
	return (write_all(tar, end, sizeof end) && fsync(tar) == 0) ||
	       fail(error, _("The backup could not be written."));
}

static void remove_snapshot(const char *snapshot)
{
	g_autofree char *wal = g_strconcat(snapshot, "-wal", NULL);
	g_autofree char *shm = g_strconcat(snapshot, "-shm", NULL);

	g_unlink(snapshot);
	g_unlink(wal);
	g_unlink(shm);
}

/**
 * sgp_backup_write_sync:
 * @path: must not exist
 *
 * Copies everything but the guard, while the portal runs.
 *
 * Returns: whether the copy is complete and on disk.
 */
gboolean sgp_backup_write_sync(
	SgpPortal *portal, SgpDatabase *database, const char *path, GError **error)
{
	g_autofree char *snapshot = g_strconcat(path, ".db", NULL);

	if (portal->config->database != NULL)
		return fail(
			error, _("PostgreSQL has its own means: pg_dump of the schema siegelpost, "
				 "or pg_basebackup."));
	int tar = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean good = FALSE;

	if (tar < 0)
		return fail(error, errno == EEXIST ? _("The file exists already.")
						   : _("The backup file cannot be made."));
	good = sgp_database_sqlite_copy(database, snapshot, error) &&
	       write_tar(portal, snapshot, tar, error);
	close(tar);
	remove_snapshot(snapshot);
	if (!good) {
		g_unlink(path);
		return FALSE;
	}
	g_print(_("Written. Two files are not in it and belong elsewhere: guard.key and "
		  "guard.db.\n"));
	return TRUE;
}
