/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ciphertext as files, one for each upload, under names that nobody chose; with PostgreSQL as rows
 * instead (sgp-blob-rows.c). It knows no message and no owner, and never renames: a blob belongs to
 * whatever row names it. */

#include "sgp-blob.h"

#include "sgp-blob-rows.h"
#include "sgp-protocol.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define NAME_LENGTH 32
#define READ_SIZE   (1024 * 1024)
#define PIECE_SIZE  (1024 * 1024) /* of rows */

/**
 * sgp_blob_is_name:
 *
 * Returns: whether @name is one that the portal makes: hexadecimal, so never a path.
 */
gboolean sgp_blob_is_name(const char *name)
{
	return name != NULL && strlen(name) == NAME_LENGTH &&
	       strspn(name, "0123456789abcdef") == NAME_LENGTH;
}

static gboolean has_rows(const SgpPortal *portal)
{
	return portal->config->database != NULL;
}

static char *dup_path(const SgpPortal *portal, const char *name)
{
	const char folder[3] = { name[0], name[1], '\0' };

	return g_build_filename(portal->blob_directory, folder, name, NULL);
}

static gboolean sync_directory(const char *path)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean good = folder >= 0 && fsync(folder) == 0;

	if (folder >= 0)
		close(folder);
	return good;
}

/**
 * sgp_blob_create:
 *
 * Makes an empty file whose name survives a power cut.
 *
 * Returns: whether it exists and is new.
 */
gboolean sgp_blob_create(SgpPortal *portal, const char *name, GError **error)
{
	g_autofree char *path = NULL;
	g_autofree char *folder = NULL;
	gboolean fresh = FALSE;
	int file = -1;

	if (has_rows(portal))
		return TRUE;
	path = dup_path(portal, name);
	folder = g_path_get_dirname(path);
	fresh = g_mkdir(folder, 0700) == 0;
	file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file >= 0)
		close(file);
	if (file >= 0 && sync_directory(folder) &&
		(!fresh || sync_directory(portal->blob_directory)))
		return TRUE;
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
		"a file for an upload cannot be made");
	return FALSE;
}

/**
 * sgp_blob_open:
 * @flags: of open(2)
 *
 * Returns: (transfer full): a file descriptor, or -1.
 */
int sgp_blob_open(SgpPortal *portal, const char *name, int flags)
{
	g_autofree char *path = dup_path(portal, name);

	return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

/**
 * sgp_blob_get_durable_size:
 *
 * Syncs the file first: after a killed server it may hold bytes that were never acknowledged, and
 * from here on they count.
 *
 * Returns: its size in bytes, or -1.
 */
gint64 sgp_blob_get_durable_size(SgpPortal *portal, const char *name)
{
	int file = -1;
	gint64 size = -1;

	if (has_rows(portal))
		return sgp_blob_rows_get_size(portal, name);
	file = sgp_blob_open(portal, name, O_RDWR);
	if (file < 0)
		return -1;
	if (fdatasync(file) == 0)
		size = lseek(file, 0, SEEK_END);
	close(file);
	return size;
}

static char *refuse_unread(GError **error)
{
	g_set_error_literal(
		error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "a blob cannot be read");
	return NULL;
}

/**
 * sgp_blob_hash:
 *
 * Returns: (transfer full) (nullable): SHA-256 of the file in hexadecimal; %NULL with @error if it
 * cannot be read.
 */
char *sgp_blob_hash(SgpPortal *portal, const char *name, GError **error)
{
	g_autofree guint8 *buffer = NULL;
	guint8 hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	gssize got = 0;
	int file = -1;

	if (has_rows(portal))
		return sgp_blob_rows_hash(portal, name, error);
	file = sgp_blob_open(portal, name, O_RDONLY);
	if (file < 0)
		return refuse_unread(error);
	buffer = g_malloc(READ_SIZE);
	crypto_hash_sha256_init(&state);
	while ((got = read(file, buffer, READ_SIZE)) > 0)
		crypto_hash_sha256_update(&state, buffer, (gsize)got);
	close(file);
	if (got < 0)
		return refuse_unread(error);
	crypto_hash_sha256_final(&state, hash);
	return sgp_protocol_encode_hex(hash, sizeof hash);
}

/**
 * sgp_blob_map:
 *
 * Returns: (transfer full) (nullable): the file's content, mapped, so that its size costs no memory
 * of ours; blobs never shrink once a message names them.
 */
GBytes *sgp_blob_map(SgpPortal *portal, const char *name, GError **error)
{
	g_autofree char *path = NULL;
	g_autoptr(GMappedFile) file = NULL;

	if (has_rows(portal))
		return sgp_blob_rows_map(portal, name, error);
	path = dup_path(portal, name);
	file = g_mapped_file_new(path, FALSE, NULL);
	if (file == NULL) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"a blob is missing on disk");
		return NULL;
	}
	return g_mapped_file_get_bytes(file);
}

/**
 * sgp_blob_remove:
 *
 * Removes the file; one that stays behind is an orphan and the janitor's.
 */
void sgp_blob_remove(SgpPortal *portal, const char *name)
{
	g_autofree char *path = NULL;

	if (has_rows(portal)) {
		sgp_blob_rows_remove(portal, name);
		return;
	}
	path = dup_path(portal, name);
	g_unlink(path);
}

/**
 * sgp_blob_is_cold:
 * @before: seconds since 1970
 *
 * Returns: whether nobody has written to it since: the blob's own time tells, whatever its row
 * says.
 */
gboolean sgp_blob_is_cold(SgpPortal *portal, const char *name, gint64 before)
{
	g_autofree char *path = NULL;
	GStatBuf status;

	if (has_rows(portal))
		return sgp_blob_rows_is_cold(portal, name, before);
	path = dup_path(portal, name);
	return g_stat(path, &status) != 0 || status.st_mtime <= before;
}

/* ---- writing ---- */

struct _SgpBlobWriter {
	SgpPortal *portal; /* (borrowed) */
	char *name;        /* (owned) */
	int file;          /* (owned): -1 with rows */
	gint64 end;        /* where the next byte goes */
	gint64 stored;     /* with rows: how much of it the store has */
	GByteArray *piece; /* (owned): with rows: from @stored to @end */
};

/**
 * sgp_blob_writer_open:
 * @end: (out): how much is there
 *
 * Returns: (transfer full) (nullable): a writer at the upload's end, or %NULL if there is none.
 */
SgpBlobWriter *sgp_blob_writer_open(SgpPortal *portal, const char *name, gint64 *end)
{
	g_autoptr(SgpBlobWriter) writer = g_new0(SgpBlobWriter, 1);

	writer->portal = portal;
	writer->name = g_strdup(name);
	writer->piece = g_byte_array_new();
	writer->file = has_rows(portal) ? -1 : sgp_blob_open(portal, name, O_WRONLY);
	writer->end = has_rows(portal)    ? sgp_blob_rows_get_size(portal, name)
		      : writer->file >= 0 ? lseek(writer->file, 0, SEEK_END)
					  : -1;
	if (writer->end < 0)
		return NULL;
	writer->stored = writer->end;
	*end = writer->end;
	return g_steal_pointer(&writer);
}

/**
 * sgp_blob_writer_free:
 * @writer: (transfer full) (nullable): what was not synced may be lost
 */
void sgp_blob_writer_free(SgpBlobWriter *writer)
{
	if (writer == NULL)
		return;
	if (writer->file >= 0)
		close(writer->file);
	g_byte_array_unref(writer->piece);
	g_free(writer->name);
	g_free(writer);
}

static gboolean store_piece(SgpBlobWriter *writer, GError **error)
{
	g_autoptr(GBytes) bytes = NULL;

	if (writer->piece->len == 0)
		return TRUE;
	bytes = g_byte_array_free_to_bytes(g_steal_pointer(&writer->piece));
	writer->piece = g_byte_array_new();
	if (!sgp_blob_rows_append(writer->portal, writer->name, writer->stored, bytes, error))
		return FALSE;
	writer->stored += (gint64)g_bytes_get_size(bytes);
	return TRUE;
}

static gboolean fill_piece(SgpBlobWriter *writer, const guint8 *data, gsize size, GError **error)
{
	while (size > 0) {
		gsize room = PIECE_SIZE - writer->piece->len;
		gsize part = MIN(size, room);

		g_byte_array_append(writer->piece, data, (guint)part);
		writer->end += (gint64)part;
		data += part;
		size -= part;
		if (part == room && !store_piece(writer, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_blob_writer_append:
 *
 * Returns: whether the bytes are taken; on disk after sgp_blob_writer_sync().
 */
gboolean sgp_blob_writer_append(
	SgpBlobWriter *writer, const guint8 *data, gsize size, GError **error)
{
	if (has_rows(writer->portal))
		return fill_piece(writer, data, size, error);
	while (size > 0) {
		gssize wrote = pwrite(writer->file, data, size, writer->end);

		if (wrote <= 0) {
			g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
				"writing an upload failed");
			return FALSE;
		}
		data += wrote;
		size -= (gsize)wrote;
		writer->end += wrote;
	}
	return TRUE;
}

/**
 * sgp_blob_writer_cut:
 * @size: where this writer began
 *
 * Returns: whether the upload ends there again.
 */
gboolean sgp_blob_writer_cut(SgpBlobWriter *writer, gint64 size, GError **error)
{
	g_byte_array_set_size(writer->piece, 0);
	if (has_rows(writer->portal)) {
		if (!sgp_blob_rows_truncate(writer->portal, writer->name, size, error))
			return FALSE;
	} else if (ftruncate(writer->file, size) != 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"shortening an upload failed");
		return FALSE;
	}
	writer->end = size;
	writer->stored = size;
	return TRUE;
}

/**
 * sgp_blob_writer_sync:
 *
 * Returns: whether everything that was appended survives a power cut.
 */
gboolean sgp_blob_writer_sync(SgpBlobWriter *writer, GError **error)
{
	if (has_rows(writer->portal))
		return store_piece(writer, error);
	if (fdatasync(writer->file) == 0)
		return TRUE;
	g_set_error_literal(
		error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "syncing an upload failed");
	return FALSE;
}
