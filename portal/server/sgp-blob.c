/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ciphertext as files, one for each upload, under names that nobody chose. It knows no message and
 * no owner, and never renames: a file belongs to whatever row names it. */

#include "sgp-blob.h"

#include "sgp-protocol.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define NAME_LENGTH 32
#define READ_SIZE   (1024 * 1024)

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

/**
 * sgp_blob_dup_path:
 *
 * Returns: (transfer full): where the file is.
 */
char *sgp_blob_dup_path(const SgpPortal *portal, const char *name)
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
gboolean sgp_blob_create(const SgpPortal *portal, const char *name, GError **error)
{
	g_autofree char *path = sgp_blob_dup_path(portal, name);
	g_autofree char *folder = g_path_get_dirname(path);
	gboolean fresh = g_mkdir(folder, 0700) == 0;
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

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
int sgp_blob_open(const SgpPortal *portal, const char *name, int flags)
{
	g_autofree char *path = sgp_blob_dup_path(portal, name);

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
gint64 sgp_blob_get_durable_size(const SgpPortal *portal, const char *name)
{
	int file = sgp_blob_open(portal, name, O_RDWR);
	gint64 size = -1;

	if (file < 0)
		return -1;
	if (fdatasync(file) == 0)
		size = lseek(file, 0, SEEK_END);
	close(file);
	return size;
}

/**
 * sgp_blob_hash:
 *
 * Returns: (transfer full) (nullable): SHA-256 of the file in hexadecimal, or %NULL if it cannot be
 * read.
 */
char *sgp_blob_hash(const SgpPortal *portal, const char *name)
{
	int file = sgp_blob_open(portal, name, O_RDONLY);
	g_autofree guint8 *buffer = g_malloc(READ_SIZE);
	guint8 hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state state;
	gssize got = 0;

	if (file < 0)
		return NULL;
	crypto_hash_sha256_init(&state);
	while ((got = read(file, buffer, READ_SIZE)) > 0)
		crypto_hash_sha256_update(&state, buffer, (gsize)got);
	close(file);
	if (got < 0)
		return NULL;
	crypto_hash_sha256_final(&state, hash);
	return sgp_protocol_encode_hex(hash, sizeof hash);
}

/**
 * sgp_blob_map:
 *
 * Returns: (transfer full) (nullable): the file's content, mapped, so that its size costs no memory
 * of ours; blobs never shrink once a message names them.
 */
GBytes *sgp_blob_map(const SgpPortal *portal, const char *name, GError **error)
{
	g_autofree char *path = sgp_blob_dup_path(portal, name);
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, NULL);

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
void sgp_blob_remove(const SgpPortal *portal, const char *name)
{
	g_autofree char *path = sgp_blob_dup_path(portal, name);

	g_unlink(path);
}
