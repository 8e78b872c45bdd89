/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Throw-away GnuPG homes in memory. Owns the directory and the agent that gpg starts for it;
 * nothing of them reaches a disk. */
#include "sgp-gpgme-private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * sgp_gpgme_home_new_temporary:
 *
 * A private key lives in it for a moment, so it is memory, not a disk: XDG_RUNTIME_DIR, which the
 * system keeps in a tmpfs of the user's own, else /dev/shm; never the cache directory that GLib
 * would fall back to.
 *
 * Returns: (transfer full): its path; sgp_gpgme_home_destroy() ends it
 */
char *sgp_gpgme_home_new_temporary(GError **error)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");
	gboolean has_runtime = runtime != NULL && g_file_test(runtime, G_FILE_TEST_IS_DIR);
	g_autofree char *path =
		g_build_filename(has_runtime ? runtime : "/dev/shm", "siegelpost-XXXXXX", NULL);
	if (g_mkdtemp_full(path, 0700) == NULL) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "temporary home");
		return NULL;
	}
	return g_steal_pointer(&path);
}

static void remove_directory(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		struct stat status;
		if (lstat(inner, &status) == 0 && S_ISDIR(status.st_mode))
			remove_directory(inner);
		else
			unlink(inner);
	}
	rmdir(path);
}

/**
 * sgp_gpgme_home_destroy:
 * @home: (transfer full) (nullable): from sgp_gpgme_home_new_temporary()
 *
 * Ends the agent that gpg left running for it, and removes it.
 */
void sgp_gpgme_home_destroy(char *home)
{
	if (home == NULL)
		return;
	const char *gpgconf = gpgme_get_dirinfo("gpgconf-name");
	const char *arguments[] = { gpgconf != NULL ? gpgconf : "gpgconf", "--homedir", home,
		"--kill", "all", NULL };
	g_autoptr(GSubprocess) process = g_subprocess_newv(arguments,
		G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	if (process != NULL)
		g_subprocess_wait(process, NULL, NULL);
	sgp_gpgme_forget_home(home);
	remove_directory(home);
	g_free(home);
}
