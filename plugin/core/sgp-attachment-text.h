/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* The text of one attachment that is no plain text (PDF, office files, archives), as the program
 * siegelpost-extract reads it in a process of its own. n: index in mail->attachments. deadline:
 * monotonic time in microseconds at which it is given up. is_whole: (out) FALSE: there may be more
 * than what is returned, also where the program is missing, crashed or ran into a limit. What was
 * read once in this process is known by its SHA-256 and not read again. Blocks; worker threads
 * only. NULL: nothing could be read. (transfer full) (nullable) */
char *sgp_attachment_text_dup(const SgpMail *mail, guint n, gint64 deadline,
	GCancellable *cancellable, gboolean *is_whole);

G_END_DECLS
