/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the spool's key lives. It owns that choice and the key's file; it encrypts nothing, and it
 * never makes a second key for a spool whose copies need the first.
 *
 * The user's own state directory has its key in the keyring: whoever gets hold of the disk or of a
 * backup reads no waiting mail. A directory that was named (--state-dir) belongs to a machine that
 * may have no keyring at all, a server's cron or a CRM: its key is a file beside the copies, mode
 * 0600. The trade-off: without a keyring it is the directory's permissions that protect waiting
 * internal mail, and who reads the whole directory as its owner reads that mail too. What is sealed
 * for customers is under their keys in either case. A key file that others can read is refused
 * (test: /spool-key/a-file-that-others-can-read-is-no-key). */

#include "sgp-spool-key.h"
#include "sgp-error.h"
#include "sgp-registration-code.h"
#include "sgp-secret-store.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_KIND "spool-key"
#define KEY_FILE ".key" /* hidden names are no copies */

/* In the keyring */

static gboolean decode_key(const char *text, guint8 *key)
{
	g_autoptr(GBytes) bytes = sgp_base64url_decode(text);
	gsize length = 0;
	const guint8 *data = bytes ? g_bytes_get_data(bytes, &length) : NULL;

	if (length != SGP_SPOOL_KEY_BYTES)
		return FALSE;
	memcpy(key, data, length);
	return TRUE;
}

/* A locked keyring is an error and not "no key": a new key would make waiting copies unreadable. */
static gboolean lookup_in_keyring(
	const char *state_dir, guint8 *key, gboolean *is_found, GError **error)
{
	g_autoptr(GError) local = NULL;
	char *text = sgp_secret_store_lookup_sync(KEY_KIND, state_dir, NULL, &local);

	*is_found = text != NULL;
	if (text && !decode_key(text, key))
		g_set_error(&local, SGP_ERROR, SGP_ERROR_FAILED,
			"the spool's key in the keyring is broken");
	if (text)
		sgp_secret_free(text);
	if (!local)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

static gboolean make_in_keyring(const char *state_dir, guint8 *key, GError **error)
{
	g_autofree char *text = NULL;
	gboolean saved;

	gcry_randomize(key, SGP_SPOOL_KEY_BYTES, GCRY_STRONG_RANDOM);
	text = sgp_base64url_encode(key, SGP_SPOOL_KEY_BYTES);
	saved = sgp_secret_store_save_sync(
		KEY_KIND, state_dir, "Siegelpost: waiting mail", text, NULL, error);
	explicit_bzero(text, strlen(text));
	return saved;
}

/* In the directory */

/* What is there is read only if nobody else could have read or written it. */
static gboolean read_key(int fd, guint8 *key, GError **error)
{
	struct stat info;

	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid() ||
		(info.st_mode & 077) != 0 || info.st_size != SGP_SPOOL_KEY_BYTES) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
			"the spool's key file is not private or not whole");
		return FALSE;
	}
	gssize n = sgp_spool_read_some(fd, key, SGP_SPOOL_KEY_BYTES, error);

	if (n >= 0 && n != SGP_SPOOL_KEY_BYTES)
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
			"the spool's key file is not private or not whole");
	return n == SGP_SPOOL_KEY_BYTES;
}

static gboolean fail_storage(GError **error)
{
	g_set_error(
		error, SGP_ERROR, SGP_ERROR_STORAGE, "the spool's key file: %s", g_strerror(errno));
	return FALSE;
}

static gboolean lookup_file(int directory, guint8 *key, gboolean *is_found, GError **error)
{
	int fd = openat(directory, KEY_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	*is_found = fd >= 0;
	if (fd < 0)
		return errno == ENOENT || fail_storage(error);
	gboolean done = read_key(fd, key, error);

	close(fd);
	return done;
}

/* Written whole before it has a name. Another process may be faster: then its key counts. The name
 * is on disk with the copies' names, by the sync that every write of the spool ends with. */
static gboolean make_file(int directory, guint8 *key, GError **error)
{
	int fd = openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);
	gboolean is_found = FALSE, done;

	if (fd < 0)
		return fail_storage(error);
	gcry_randomize(key, SGP_SPOOL_KEY_BYTES, GCRY_STRONG_RANDOM);
	done = sgp_spool_write_all(fd, key, SGP_SPOOL_KEY_BYTES, error);
	if (done && (fdatasync(fd) != 0 ||
			    linkat(AT_FDCWD, link, directory, KEY_FILE, AT_SYMLINK_FOLLOW) != 0))
		done = errno == EEXIST ? lookup_file(directory, key, &is_found, error)
				       : fail_storage(error);
	close(fd);
	return done;
}

gboolean sgp_spool_key_load(int directory, const char *state_dir, gboolean is_own,
	gboolean is_waiting, guint8 key[SGP_SPOOL_KEY_BYTES], GError **error)
{
	gboolean is_found = FALSE;

	if (!lookup_file(directory, key, &is_found, error))
		return FALSE;
	if (is_found)
		return TRUE;
	if (!is_own && !is_waiting)
		return make_file(directory, key, error);
	if (!lookup_in_keyring(state_dir, key, &is_found, error))
		return FALSE;
	if (is_found)
		return TRUE;
	return is_own ? make_in_keyring(state_dir, key, error) : make_file(directory, key, error);
}
