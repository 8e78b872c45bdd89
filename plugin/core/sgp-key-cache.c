/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gpg checks every self-signature anew whenever it lists a keyring: 250 ms for 100 keys made with
 * it. The command line, which lives for one call, keeps the listing and uses it as long as the
 * keyring's files and gpg itself look as they did, for an hour at most, because what gpg says of a
 * key may also change with time alone. Only decides what is worth asking for: the keys that are
 * chosen are loaded from gpg itself before anything is sealed to them. Holds public keys' addresses
 * and no secret; a file that others could have written is not read. */
#include "sgp-key-cache.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC          "siegelpost keys 1\n"
#define PREFIX         "keys-"
#define MAXIMAL_AGE    3600 /* seconds */
#define MAXIMAL_LENGTH (64 * 1024 * 1024)

static char *directory; /* (owned) (nullable) set before any thread starts */

void sgp_key_cache_set_directory(const char *path)
{
	g_free(directory);
	directory = g_strdup(path);
}

static char *dup_path(const char *name)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, name, -1);
	g_autofree char *file = g_strdup_printf(PREFIX "%.32s", sum);
	return g_build_filename(directory, file, NULL);
}

/* Ours, for nobody else, and not from the future. */
static gboolean is_trusted(int fd, struct stat *status)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	return fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_uid == geteuid() &&
	       (status->st_mode & 077) == 0 && status->st_size <= MAXIMAL_LENGTH &&
	       status->st_mtime <= now && now - status->st_mtime < MAXIMAL_AGE;
}

static char *read_whole(int fd, gsize length)
{
	g_autofree char *text = g_malloc(length + 1);
	gsize n = 0;
	while (n < length) {
		gssize got = read(fd, text + n, length - n);
		if (got <= 0)
			return NULL;
		n += (gsize)got;
	}
	text[length] = '\0';
	return strlen(text) == length ? g_steal_pointer(&text) : NULL;
}

/* Name and stamp stand in front, so that no two of them share what is kept. */
static char *dup_head(const char *name, const char *stamp)
{
	return g_strdup_printf(MAGIC "%s\n%s\n\n", name, stamp);
}

char *sgp_key_cache_lookup(const char *name, const char *stamp)
{
	struct stat status;
	if (directory == NULL)
		return NULL;
	g_autofree char *path = dup_path(name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	g_autofree char *text =
		is_trusted(fd, &status) ? read_whole(fd, (gsize)status.st_size) : NULL;
	close(fd);
	g_autofree char *head = dup_head(name, stamp);
	return text != NULL && g_str_has_prefix(text, head) ? g_strdup(text + strlen(head)) : NULL;
}

void sgp_key_cache_keep(const char *name, const char *stamp, const char *text)
{
	if (directory == NULL || g_mkdir_with_parents(directory, 0700) != 0)
		return;
	g_autofree char *path = dup_path(name);
	g_autofree char *head = dup_head(name, stamp);
	g_autofree char *whole = g_strconcat(head, text, NULL);
	g_autoptr(GError) error = NULL;
	if (!g_file_set_contents_full(
		    path, whole, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
		g_debug("the listing of keys is not kept: %s", error->message);
}

void sgp_key_cache_forget(void)
{
	g_autoptr(GDir) dir = directory != NULL ? g_dir_open(directory, 0, NULL) : NULL;
	const char *name = NULL;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		if (g_str_has_prefix(name, PREFIX))
			g_unlink(path);
	}
}
