/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns a throw-away GnuPG home for a test. */
#include "scratch-gpg.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static void remove_tree(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name;
	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *inner = g_build_filename(path, name, NULL);
		if (g_file_test(inner, G_FILE_TEST_IS_DIR) &&
			!g_file_test(inner, G_FILE_TEST_IS_SYMLINK))
			remove_tree(inner);
		else
			g_unlink(inner);
	}
	g_rmdir(path);
}

ScratchGpg *scratch_gpg_new(void)
{
	ScratchGpg *self = g_new0(ScratchGpg, 1);
	/* A short path: a socket's name has 108 bytes. */
	self->directory = g_dir_make_tmp("sgpt-XXXXXX", NULL);
	g_assert_nonnull(self->directory);
	self->home = g_build_filename(self->directory, "gnupg", NULL);
	g_assert_cmpint(g_mkdir(self->home, 0700), ==, 0);
	return self;
}

void scratch_gpg_end_agent(ScratchGpg *self)
{
	const char *arguments[] = { "gpgconf", "--homedir", self->home, "--kill", "all", NULL };
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	if (process != NULL)
		g_subprocess_wait(process, NULL, NULL);
}

/* Whether anybody works in this home: named by his arguments. */
static gboolean kill_users(const char *home)
{
	g_autoptr(GDir) processes = g_dir_open("/proc", 0, NULL);
	const char *name;
	gboolean has_found = FALSE;
	while (processes != NULL && (name = g_dir_read_name(processes)) != NULL) {
		pid_t pid = (pid_t)g_ascii_strtoll(name, NULL, 10);
		g_autofree char *path = g_build_filename("/proc", name, "cmdline", NULL);
		g_autofree char *words = NULL;
		gsize size = 0;
		if (pid <= 1 || pid == getpid() || !g_file_get_contents(path, &words, &size, NULL))
			continue;
		if (memmem(words, size, home, strlen(home)) != NULL)
			has_found = kill(pid, SIGKILL) == 0 || has_found;
	}
	return has_found;
}

void scratch_gpg_free(ScratchGpg *self)
{
	if (self == NULL)
		return;
	scratch_gpg_end_agent(self);
	/* One that a call which was given up had just begun to start has no socket yet to be told
	 * by. */
	for (int i = 0; i < 1000 && kill_users(self->home); i++)
		g_thread_yield();
	remove_tree(self->directory);
	g_free(self->directory);
	g_free(self->home);
	g_free(self);
}

char *scratch_gpg_run(ScratchGpg *self, const char *input, gssize length, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	g_autofree char *text = g_strdup_vprintf(format, list);
	va_end(list);
	g_autofree char *command = g_strdup_printf("gpg --homedir %s --batch --yes --quiet "
						   "--pinentry-mode loopback --passphrase '' %s",
		self->home, text);
	g_auto(GStrv) arguments = NULL;
	g_assert_true(g_shell_parse_argv(command, NULL, &arguments, NULL));
	g_autoptr(GSubprocess) process = g_subprocess_newv((const char *const *)arguments,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL);
	g_assert_nonnull(process);
	const char *given = input != NULL ? input : "";
	g_autoptr(GBytes) bytes = g_bytes_new(given, length < 0 ? strlen(given) : (gsize)length);
	g_autoptr(GBytes) output = NULL;
	g_assert_true(g_subprocess_communicate(process, bytes, NULL, &output, NULL, NULL));
	if (!g_subprocess_get_successful(process))
		g_test_message("failed: %s", command);
	g_assert_true(g_subprocess_get_successful(process));
	gsize size;
	const char *start = g_bytes_get_data(output, &size);
	return g_strndup(start != NULL ? start : "", size);
}

char *scratch_gpg_make_key(
	ScratchGpg *self, const char *user_id, const char *algorithm, const char *expiry)
{
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(self, NULL, 0,
		"--quick-generate-key '%s' %s default %s", user_id, algorithm, expiry);
	g_autofree char *list =
		scratch_gpg_run(self, NULL, 0, "--with-colons --list-keys '=%s'", user_id);
	g_auto(GStrv) lines = g_strsplit(list, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], ":", -1);
		if (g_str_equal(fields[0] != NULL ? fields[0] : "", "fpr"))
			return g_strdup(fields[9]);
	}
	g_assert_not_reached();
}
