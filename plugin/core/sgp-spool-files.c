/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The spool's files: made without a name, written, synced, and only then given a name, so that a
 * crash leaves whole files or none. It owns the directory, its locks and the key for internal plain
 * copies; which file belongs to a committed mail is the database's business. */

#include "sgp-spool-files.h"
#include "sgp-error.h"
#include "sgp-spool-cipher.h"
#include "sgp-spool-key.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLAIN       ".plain"
#define PIECE_BYTES (1024 * 1024)

struct _SgpSpoolFiles {
	char *path;  /* (owned) */
	char *scope; /* (owned) the state directory: names the key in the keyring */
	int directory;
	int lock; /* shared while we live: nobody else takes our unnamed or uncommitted files for
		     orphans */
	GMutex key_lock;
	guint8 key[SGP_SPOOL_KEY_BYTES];
	gboolean has_key;
};

static gboolean fail_storage(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s: %s", what, g_strerror(errno));
	return FALSE;
}

SgpSpoolFiles *sgp_spool_files_new(const char *state_dir, GError **error)
{
	SgpSpoolFiles *self = g_new0(SgpSpoolFiles, 1);

	g_mutex_init(&self->key_lock);
	self->path = g_build_filename(state_dir, "spool", NULL);
	self->scope = g_canonicalize_filename(state_dir, NULL);
	self->directory = self->lock = -1;
	if (g_mkdir_with_parents(self->path, 0700) == 0) {
		self->directory = open(self->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		self->lock = openat(
			self->directory, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (self->lock < 0 || flock(self->lock, LOCK_SH) != 0) {
		fail_storage(error, "cannot open the spool");
		sgp_spool_files_free(self);
		return NULL;
	}
	return self;
}

void sgp_spool_files_free(SgpSpoolFiles *self)
{
	if (self->directory >= 0)
		close(self->directory);
	if (self->lock >= 0)
		close(self->lock);
	explicit_bzero(self->key, sizeof(self->key));
	g_mutex_clear(&self->key_lock);
	g_free(self->path);
	g_free(self->scope);
	g_free(self);
}

/* Writing */

static int open_unnamed(SgpSpoolFiles *self, GError **error)
{
	int fd = openat(self->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fail_storage(error, "cannot write to the spool");
	return fd;
}

static gboolean name_file(SgpSpoolFiles *self, int fd, const char *name, GError **error)
{
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", fd);

	if (fdatasync(fd) != 0 ||
		linkat(AT_FDCWD, link, self->directory, name, AT_SYMLINK_FOLLOW) != 0)
		return fail_storage(error, "cannot write to the spool");
	return TRUE;
}

static gboolean copy_bytes(int from, int to, GError **error)
{
	g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
	gssize n;

	if (lseek(from, 0, SEEK_SET) < 0)
		return fail_storage(error, "cannot read a copy");
	while ((n = sgp_spool_read_some(from, piece, PIECE_BYTES, error)) > 0) {
		if (!sgp_spool_write_all(to, piece, (gsize)n, error))
			return FALSE;
	}
	return n == 0;
}

gboolean sgp_spool_files_write(SgpSpoolFiles *self, const char *name, int fd, GError **error)
{
	int to = open_unnamed(self, error);
	gboolean done = to >= 0 && copy_bytes(fd, to, error) && name_file(self, to, name, error);

	if (to >= 0)
		close(to);
	return done;
}

/* The key for internal plain copies */

/* TRUE: copies lie here under a key that exists. */
static gboolean has_plain_copies(SgpSpoolFiles *self, gboolean *has, GError **error)
{
	g_autoptr(GDir) dir = g_dir_open(self->path, 0, NULL);
	const char *name;

	*has = FALSE;
	if (!dir)
		return fail_storage(error, "cannot read the spool");
	while (!*has && (name = g_dir_read_name(dir)))
		*has = g_str_has_suffix(name, PLAIN);
	return TRUE;
}

/* A symbolic link or a ".." must not make the user's own directory look like another one. */
static gboolean is_own_directory(const char *state_dir)
{
	g_autofree char *own = g_build_filename(g_get_user_data_dir(), "siegelpost", NULL);
	struct stat one, other;

	return stat(own, &one) == 0 && stat(state_dir, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static gboolean load_key(SgpSpoolFiles *self, GError **error)
{
	gboolean is_waiting = FALSE;

	return has_plain_copies(self, &is_waiting, error) &&
	       sgp_spool_key_load(self->directory, self->scope, is_own_directory(self->scope),
		       is_waiting, self->key, error);
}

static gboolean ensure_key(SgpSpoolFiles *self, GError **error)
{
	g_mutex_lock(&self->key_lock);
	if (!self->has_key)
		self->has_key = load_key(self, error);
	gboolean has_key = self->has_key;

	g_mutex_unlock(&self->key_lock);
	return has_key;
}

gboolean sgp_spool_files_write_plain(
	SgpSpoolFiles *self, const char *copy_id, int fd, GError **error)
{
	g_autofree char *name = g_strconcat(copy_id, PLAIN, NULL);
	int to = ensure_key(self, error) ? open_unnamed(self, error) : -1;
	gboolean done = to >= 0 && sgp_spool_cipher_seal(self->key, copy_id, fd, to, error) &&
			name_file(self, to, name, error);

	if (to >= 0)
		close(to);
	return done;
}

gboolean sgp_spool_files_sync(SgpSpoolFiles *self, GError **error)
{
	return fsync(self->directory) == 0 || fail_storage(error, "cannot write to the spool");
}

/* Reading */

int sgp_spool_files_open(SgpSpoolFiles *self, const char *name, GError **error)
{
	int fd = openat(self->directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		fail_storage(error, "a sealed copy is missing in the spool");
	return fd;
}

int sgp_spool_files_open_plain(SgpSpoolFiles *self, const char *copy_id, GError **error)
{
	g_autofree char *name = g_strconcat(copy_id, PLAIN, NULL);
	int from = ensure_key(self, error) ? sgp_spool_files_open(self, name, error) : -1;
	int memory = from >= 0 ? sgp_spool_cipher_open(self->key, copy_id, from, error) : -1;

	if (from >= 0)
		close(from);
	return memory;
}

/* Removing */

/* Read from the directory, not counted up: a crash between two removals leaves a gap. */
void sgp_spool_files_remove(SgpSpoolFiles *self, const char *copy_id)
{
	g_autoptr(GDir) dir = g_dir_open(self->path, 0, NULL);
	gsize length = strlen(copy_id);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		gboolean is_of_copy = g_str_has_prefix(name, copy_id) &&
				      (name[length] == '\0' || name[length] == '.');

		if (is_of_copy)
			unlinkat(self->directory, name, 0);
	}
}

GPtrArray *sgp_spool_files_list(SgpSpoolFiles *self, GError **error)
{
	g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(self->path, 0, NULL);
	const char *name;

	if (!dir) {
		fail_storage(error, "cannot read the spool");
		return NULL;
	}
	while ((name = g_dir_read_name(dir))) {
		const char *dot = strchr(name, '.');
		char *id = dot ? g_strndup(name, (gsize)(dot - name)) : g_strdup(name);

		/* Names begin with the copy's id; ".lock" does not. */
		if (id[0] == '\0' || g_ptr_array_find_with_equal_func(ids, id, g_str_equal, NULL))
			g_free(id);
		else
			g_ptr_array_add(ids, id);
	}
	return g_steal_pointer(&ids);
}

/* Locks */

gboolean sgp_spool_files_try_exclusive(SgpSpoolFiles *self)
{
	/* Converting gives the shared lock up for a moment: after a failure it has to be taken
	 * again. */
	if (flock(self->lock, LOCK_EX | LOCK_NB) == 0)
		return TRUE;
	sgp_spool_files_release_exclusive(self);
	return FALSE;
}

void sgp_spool_files_release_exclusive(SgpSpoolFiles *self)
{
	while (flock(self->lock, LOCK_SH) != 0 && errno == EINTR)
		continue;
}

int sgp_spool_files_lock_delivery(SgpSpoolFiles *self, GError **error)
{
	int fd = openat(
		self->directory, ".delivery", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
		if (errno == EINTR)
			continue;
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		fail_storage(error, "cannot lock the spool");
	return fd;
}
