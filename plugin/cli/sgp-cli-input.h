/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* Everything, or FALSE with errno. */
gboolean sgp_cli_input_write(int fd, const char *data, gsize length);
/* One line from standard input without its end; a terminal is asked with the words, and shows
 * nothing of what is typed. Never from the command line, which other users of the machine can see.
 * (transfer full) "" at the end of the input; for sgp_secret_free(). */
char *sgp_cli_input_read_secret(const char *words);
/* Everything that fd gives, in memory: a mail in clear is never written to a disk. -1: it could not
 * be read. */
int sgp_cli_input_read(int fd);
/* TRUE: standard input ("-"), a pipe, a device: it can be read once only. */
gboolean sgp_cli_input_is_stream(const char *path);
/* The same as sgp_cli_input_read(), by name. -1: error is set. */
int sgp_cli_input_open_stream(const char *path, GError **error);
/* One mail from a file or from one of these. Errors: as sgp_mime_freeze(). (transfer full) */
SgpMail *sgp_cli_input_freeze(const char *path, GError **error);

G_END_DECLS
