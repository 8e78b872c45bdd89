/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* The only file that knows GMime. Parsing of foreign bytes, and streaming serialisation of what is sealed. */

/* Parses an RFC 5322 mail from fd (dup'ed; seekable). Bcc is read from the header; extra Bcc may be added by the caller.
 * Errors: SGP_ERROR_INVALID (not a mail at all), G_IO_ERROR. */
SgpMail *sgp_mime_freeze(int fd, GError **error);
SgpMail *sgp_mime_freeze_bytes(GBytes *bytes, GError **error); /* copies into a memfd */
SgpMail *sgp_mime_freeze_file(const char *path, GError **error);

/* Writes the cleartext MIME entity that goes inside an encryption: header protection (protected-headers="v1", hp="cipher", HP-Outer; root always
 * multipart/mixed; real Subject, From, To, Cc, Date, Message-ID, In-Reply-To, References inside; never Bcc), then the mail's parts; attachments without base64 (8bit/binary)
 * where allowed. Streams; never the whole mail in memory. */
gboolean sgp_mime_write_protected(const SgpMail *mail, const char *legacy_note, GOutputStream *out, GCancellable *cancellable, GError **error);

/* The outer part of a sealed copy: header fields of the mail (To and Cc complete as written unless for_bcc; Subject "[...]" if protect_subject; no Bcc;
 * X-Siegelpost-Copy: copy_id), Content-Type multipart/encrypted, up to the point where the armored data starts; and the end after it. (transfer full) */
gboolean sgp_mime_write_pgp_head(const SgpMail *mail, const char *copy_id, gboolean protect_subject, const char *boundary, GOutputStream *out, GError **error);
gboolean sgp_mime_write_pgp_tail(const char *boundary, GOutputStream *out, GError **error);
/* A plain copy for internal recipients: the mail as it is, without Bcc, with X-Siegelpost-Copy. */
gboolean sgp_mime_write_plain(const SgpMail *mail, const char *copy_id, GOutputStream *out, GCancellable *cancellable, GError **error);
/* One attachment's decoded bytes. n: index in mail->attachments. */
gboolean sgp_mime_write_attachment(const SgpMail *mail, guint n, GOutputStream *out, GCancellable *cancellable, GError **error);

G_END_DECLS
