/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard's keys: a 0600 file of their own, made once and never written again. It counts nothing
 * and answers nobody. */

#include "sgp-guard-private.h"

#include "sgp-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAGIC "siegelpost guard 1\n"

gboolean sgp_guard_fail(GError **error, const char *what)
{
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "guard: %s", what);
	return FALSE;
}

gboolean sgp_guard_write_keys(const char *path, const char *directory, GError **error)
{
	g_autofree char *aside = g_strconcat(path, ".new", NULL);
	g_autoptr(GByteArray) content = g_byte_array_new();
	SgpOpaqueKeys keys;
	guint8 enumeration_key[SGP_GUARD_ENUMERATION_SIZE];
	int folder = -1;
	int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean good = FALSE;

	if (file < 0)
		return sgp_guard_fail(error, "the key file cannot be written");
	sgp_opaque_keys_generate(&keys);
	randombytes_buf(enumeration_key, sizeof enumeration_key);
	g_byte_array_append(content, (const guint8 *)KEY_FILE_MAGIC, sizeof KEY_FILE_MAGIC - 1);
	g_byte_array_append(content, keys.oprf_seed, sizeof keys.oprf_seed);
	g_byte_array_append(content, keys.private_key, sizeof keys.private_key);
	g_byte_array_append(content, enumeration_key, sizeof enumeration_key);
	good = write(file, content->data, content->len) == (gssize)content->len && fsync(file) == 0;
	close(file);
	sodium_memzero(content->data, content->len);
	sodium_memzero(&keys, sizeof keys);
	sodium_memzero(enumeration_key, sizeof enumeration_key);
	/* link, not rename: of two first starts at once, one must lose and read the other's. */
	good = good && (link(aside, path) == 0 || errno == EEXIST);
	unlink(aside);
	folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = good && folder >= 0 && fsync(folder) == 0;
	if (folder >= 0)
		close(folder);
	return good || sgp_guard_fail(error, "the key file cannot be written");
}

/* The service manager keeps others away from these by an access list, which looks like rights of
 * the group. */
static gboolean is_credential(const char *path)
{
	const char *credentials = g_getenv("CREDENTIALS_DIRECTORY");

	return credentials != NULL && g_str_has_prefix(path, credentials);
}

gboolean sgp_guard_read_keys(SgpGuard *guard, const char *path, GError **error)
{
	const gsize magic = sizeof KEY_FILE_MAGIC - 1;
	const gsize size =
		magic + SGP_OPAQUE_SEED_SIZE + SGP_OPAQUE_KEY_SIZE + SGP_GUARD_ENUMERATION_SIZE;
	g_autofree char *content = NULL;
	GStatBuf status;
	gsize length = 0;
	gboolean good = FALSE;

	if (g_stat(path, &status) != 0 || ((status.st_mode & 077) != 0 && !is_credential(path)))
		return sgp_guard_fail(
			error, "the key file is missing, or others may read it (chmod 600)");
	if (!g_file_get_contents(path, &content, &length, error))
		return FALSE;
	good = length == size && memcmp(content, KEY_FILE_MAGIC, magic) == 0;
	if (good) {
		const char *from = content + magic;

		memcpy(guard->keys.oprf_seed, from, SGP_OPAQUE_SEED_SIZE);
		from += SGP_OPAQUE_SEED_SIZE;
		memcpy(guard->keys.private_key, from, SGP_OPAQUE_KEY_SIZE);
		from += SGP_OPAQUE_KEY_SIZE;
		memcpy(guard->enumeration_key, from, SGP_GUARD_ENUMERATION_SIZE);
		good = sgp_opaque_keys_complete(&guard->keys);
	}
	sodium_memzero(content, length);
	return good || sgp_guard_fail(error, "the key file is damaged");
}
