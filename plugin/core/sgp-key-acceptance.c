/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the file of the keys that staff have verified: "fingerprint = addresses", 0600, written
 * aside and renamed. A file of its own rather than a local signature in the user's keyring, because
 * a signature would also be trusted by other programs, which nobody was asked about. A file that
 * cannot be read is "could not look", never "none accepted". */
#include "sgp-key-acceptance.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-error.h"

#define GROUP "accepted"

struct _SgpKeyAcceptance {
	GMutex lock;
	char *path;     /* (owned) */
	GKeyFile *file; /* (owned) (nullable) */
	struct stat status;
};

/**
 * sgp_key_acceptance_new:
 * @path: the file; it need not exist yet
 *
 * Returns: (transfer full): nothing is read yet
 */
SgpKeyAcceptance *sgp_key_acceptance_new(const char *path)
{
	SgpKeyAcceptance *self = g_new0(SgpKeyAcceptance, 1);
	g_mutex_init(&self->lock);
	self->path = g_strdup(path);
	return self;
}

void sgp_key_acceptance_free(SgpKeyAcceptance *self)
{
	if (self == NULL)
		return;
	g_clear_pointer(&self->file, g_key_file_unref);
	g_mutex_clear(&self->lock);
	g_free(self->path);
	g_free(self);
}

static gboolean set_storage_error(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "accepted keys: %s", what);
	return FALSE;
}

static gboolean is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static gboolean refresh(SgpKeyAcceptance *self, GError **error)
{
	struct stat status = { 0 };
	if (stat(self->path, &status) != 0 && errno != ENOENT)
		return set_storage_error(error, g_strerror(errno));
	if (self->file != NULL && is_same(&status, &self->status))
		return TRUE;
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autoptr(GError) local_error = NULL;
	if (status.st_ino != 0 &&
		!g_key_file_load_from_file(file, self->path, G_KEY_FILE_NONE, &local_error))
		return set_storage_error(error, local_error->message);
	g_clear_pointer(&self->file, g_key_file_unref);
	self->file = g_steal_pointer(&file);
	self->status = status;
	return TRUE;
}

static gboolean has_address(GKeyFile *file, const char *fingerprint, const char *addr_spec)
{
	g_auto(GStrv) addresses = g_key_file_get_string_list(file, GROUP, fingerprint, NULL, NULL);
	return addresses != NULL && g_strv_contains((const char *const *)addresses, addr_spec);
}

gboolean sgp_key_acceptance_lookup(SgpKeyAcceptance *self, const char *fingerprint,
	const char *addr_spec, gboolean *accepted, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	if (!refresh(self, error))
		return FALSE;
	*accepted = has_address(self->file, fingerprint, addr_spec);
	return TRUE;
}

/* Under both locks. */
static gboolean save(SgpKeyAcceptance *self, GError **error)
{
	gsize length;
	g_autofree char *text = g_key_file_to_data(self->file, &length, NULL);
	g_clear_pointer(&self->file, g_key_file_unref); /* read again: what is on disk counts */
	g_autoptr(GError) local_error = NULL;
	if (!g_file_set_contents_full(self->path, text, (gssize)length,
		    G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
		    &local_error))
		return set_storage_error(error, local_error->message);
	return TRUE;
}

static gboolean add_locked(
	SgpKeyAcceptance *self, const char *fingerprint, const char *addr_spec, GError **error)
{
	if (!refresh(self, error))
		return FALSE;
	if (has_address(self->file, fingerprint, addr_spec))
		return TRUE;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) known =
		g_key_file_get_string_list(self->file, GROUP, fingerprint, NULL, NULL);
	for (gsize i = 0; known != NULL && known[i] != NULL; i++)
		g_strv_builder_add(builder, known[i]);
	g_strv_builder_add(builder, addr_spec);
	g_auto(GStrv) all = g_strv_builder_end(builder);
	g_key_file_set_string_list(
		self->file, GROUP, fingerprint, (const char *const *)all, g_strv_length(all));
	return save(self, error);
}

/* Agent and command line may accept at the same moment; the second must not lose the first. -1:
 * error is set. */
static int lock_directory(SgpKeyAcceptance *self, GError **error)
{
	g_autofree char *directory = g_path_get_dirname(self->path);
	if (g_mkdir_with_parents(directory, 0700) != 0) {
		set_storage_error(error, g_strerror(errno));
		return -1;
	}
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		int cause = errno;
		if (fd >= 0)
			close(fd);
		set_storage_error(error, g_strerror(cause));
		return -1;
	}
	return fd;
}

gboolean sgp_key_acceptance_add(
	SgpKeyAcceptance *self, const char *fingerprint, const char *addr_spec, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	int fd = lock_directory(self, error);
	if (fd < 0)
		return FALSE;
	gboolean is_done = add_locked(self, fingerprint, addr_spec, error);
	close(fd);
	return is_done;
}

static gboolean forget_locked(SgpKeyAcceptance *self, const char *addr_spec, GError **error)
{
	if (!refresh(self, error))
		return FALSE;
	g_auto(GStrv) keys = g_key_file_get_keys(self->file, GROUP, NULL, NULL);
	gboolean is_changed = FALSE;
	for (gsize i = 0; keys != NULL && keys[i] != NULL; i++) {
		if (!has_address(self->file, keys[i], addr_spec))
			continue;
		g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
		g_auto(GStrv) known =
			g_key_file_get_string_list(self->file, GROUP, keys[i], NULL, NULL);
		for (gsize n = 0; known[n] != NULL; n++) {
			if (!g_str_equal(known[n], addr_spec))
				g_strv_builder_add(builder, known[n]);
		}
		g_auto(GStrv) rest = g_strv_builder_end(builder);
		if (rest[0] != NULL)
			g_key_file_set_string_list(self->file, GROUP, keys[i],
				(const char *const *)rest, g_strv_length(rest));
		else
			g_key_file_remove_key(self->file, GROUP, keys[i], NULL);
		is_changed = TRUE;
	}
	return !is_changed || save(self, error);
}

/* Withdraws what was accepted for this address, as an erasure asks for. */
gboolean sgp_key_acceptance_forget(SgpKeyAcceptance *self, const char *addr_spec, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	if (access(self->path, F_OK) != 0 && errno == ENOENT)
		return TRUE;
	int fd = lock_directory(self, error);
	if (fd < 0)
		return FALSE;
	gboolean is_done = forget_locked(self, addr_spec, error);
	close(fd);
	return is_done;
}
