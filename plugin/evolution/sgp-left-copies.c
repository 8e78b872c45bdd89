/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An empty file per copy that has left, named by its id: the shortest way from the server's
 * "accepted" to something that survives a crash. It holds nothing but the ids, and those for ninety
 * days. */
#include "sgp-left-copies.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define KEPT_SECONDS (90 * 24 * 60 * 60)
#define ID_LENGTH    36

/* The id comes out of a header field: it must not lead out of the directory. */
static gboolean is_id(const char *text)
{
	return strlen(text) == ID_LENGTH && strspn(text, "0123456789abcdef-") == ID_LENGTH;
}

static char *dup_directory(void)
{
	return g_build_filename(g_get_user_state_dir(), "siegelpost", "left", NULL);
}

gboolean sgp_left_copies_contain(const char *copy_id)
{
	g_autofree char *directory = dup_directory();
	g_autofree char *path = g_build_filename(directory, copy_id, NULL);
	return is_id(copy_id) && g_file_test(path, G_FILE_TEST_EXISTS);
}

void sgp_left_copies_add(const char *copy_id)
{
	g_autofree char *directory = dup_directory();
	g_autofree char *path = g_build_filename(directory, copy_id, NULL);
	if (!is_id(copy_id))
		return;
	g_mkdir_with_parents(directory, 0700);
	int file = g_open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0) {
		/* It has left, and that cannot be taken back: only a crash now would double it. */
		g_warning("It could not be noted that a copy has left");
		return;
	}
	fsync(file);
	close(file);
	int parent = g_open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	if (parent >= 0) {
		fsync(parent);
		close(parent);
	}
}

void sgp_left_copies_forget_old(gint64 now)
{
	g_autofree char *directory = dup_directory();
	g_autoptr(GDir) names = g_dir_open(directory, 0, NULL);
	const char *name = NULL;
	while (names != NULL && (name = g_dir_read_name(names)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		GStatBuf status;
		if (is_id(name) && g_stat(path, &status) == 0 &&
			status.st_mtime + KEPT_SECONDS < now)
			g_unlink(path);
	}
}
