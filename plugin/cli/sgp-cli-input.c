/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the command line reads: files, what can be read only once (standard input and pipes), and
 * secrets. It owns how these get into memory; what is in them is not its business. */

#include "sgp-cli-input.h"
#include "sgp-error.h"
#include "sgp-mime.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

gboolean sgp_cli_input_write(int fd, const char *data, gsize length)
{
	while (length > 0) {
		gssize n = write(fd, data, length);

		if (n < 0 && errno != EINTR)
			return FALSE;
		data += MAX(n, 0);
		length -= (gsize)MAX(n, 0);
	}
	return TRUE;
}

char *sgp_cli_input_read_secret(const char *words)
{
	struct termios old, quiet;
	gboolean is_terminal = tcgetattr(STDIN_FILENO, &old) == 0;
	char line[1024] = "";

	if (is_terminal) {
		quiet = old;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
		g_printerr("%s", words);
	}
	if (!fgets(line, sizeof(line), stdin))
		line[0] = '\0';
	if (is_terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
		g_printerr("\n");
	}
	line[strcspn(line, "\r\n")] = '\0';
	char *secret = g_strdup(line);

	explicit_bzero(line, sizeof(line));
	return secret;
}

int sgp_cli_input_read(int fd)
{
	int memory = memfd_create("siegelpost-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	g_autofree char *piece = g_malloc(65536);
	gssize n;

	while (memory >= 0 && (n = read(fd, piece, 65536)) != 0) {
		if ((n < 0 && errno != EINTR) ||
			(n > 0 && !sgp_cli_input_write(memory, piece, (gsize)n))) {
			close(memory);
			return -1;
		}
	}
	return memory;
}

gboolean sgp_cli_input_is_stream(const char *path)
{
	struct stat status;

	return g_str_equal(path, "-") ||
	       (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

int sgp_cli_input_open_stream(const char *path, GError **error)
{
	gboolean is_standard = g_str_equal(path, "-");
	int fd = is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int memory = fd >= 0 ? sgp_cli_input_read(fd) : -1;

	if (memory < 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "%s", g_strerror(errno));
	if (!is_standard && fd >= 0)
		close(fd);
	return memory;
}

SgpMail *sgp_cli_input_freeze(const char *path, GError **error)
{
	if (!sgp_cli_input_is_stream(path))
		return sgp_mime_freeze_file(path, error);
	int memory = sgp_cli_input_open_stream(path, error);
	SgpMail *mail = memory >= 0 ? sgp_mime_freeze(memory, error) : NULL;

	if (memory >= 0)
		close(memory);
	return mail;
}
