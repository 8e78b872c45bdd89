/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* Parses foreign bytes, and finds the places in them that a sealed copy changes. GMime is known
 * behind this header only. */

/* Parses an RFC 5322 mail from fd (reopened, so fd's offset is left alone; seekable). The mail's
 * bytes cannot change any more: a memfd with MFD_ALLOW_SEALING is sealed against writing where it
 * is, anything else (a file, a memfd that somebody has mapped) is copied into memory. Bcc is read
 * from the header; extra Bcc may be added by the caller. Whatever could not be read reliably
 * (unknown charset, broken or truncated MIME, too deep) sets is_undecodable, never "nothing was
 * there". Errors: SGP_ERROR_INVALID (not a mail at all), G_IO_ERROR. */
SgpMail *sgp_mime_freeze(int fd, GError **error);
SgpMail *sgp_mime_freeze_bytes(GBytes *bytes, GError **error); /* copies into a memfd */
SgpMail *sgp_mime_freeze_file(const char *path, GError **error);

/* One attachment's decoded bytes. n: index in mail->attachments. Streams. */
gboolean sgp_mime_write_attachment(const SgpMail *mail, guint n, GOutputStream *out,
	GCancellable *cancellable, GError **error);

/* The text of a text attachment as UTF-8, by its charset. is_certain: (out) all of it, and the
 * bytes are what they say they are; else it is only how most programs would show it. NULL: it
 * cannot be had, or is no single part. (transfer full) */
char *sgp_mime_dup_attachment_text(const SgpMail *mail, guint n, gboolean *is_certain);

/* SHA-256 (hex) over the decoded parts, for plain copies: see SgpCopy. (transfer full) */
char *sgp_mime_dup_content_digest(const SgpMail *mail, GError **error);
/* For a copy: the mail with its binary attachments in base64, so that nobody on the way changes
 * them. encoded: (out) (nullable) NULL: there are none, the mail stays as it is. Errors: INVALID,
 * G_IO_ERROR. */
gboolean sgp_mime_encode_binary(const SgpMail *mail, SgpMail **encoded, GError **error);
/* The bytes are still those that were frozen: they are sealed. Errors: CONFLICT. */
gboolean sgp_mime_check_unchanged(const SgpMail *mail, GError **error);

/* How a text part's bytes are written. Zero: in a way that we do not add to. */
typedef enum {
	SGP_MIME_TEXT_OTHER = 0,
	SGP_MIME_TEXT_AS_IS,
	SGP_MIME_TEXT_QUOTED,
	SGP_MIME_TEXT_BASE64,
} SgpMimeTextEncoding;

/* A body text as it stands in the mail's bytes. */
typedef struct {
	gint64 type_end;     /* where a parameter can be added to its Content-Type; -1: nowhere */
	gint64 content, end; /* its bytes; end may be cut */
	SgpMimeTextEncoding encoding;
	gboolean is_html;
	gboolean is_utf8; /* or ASCII */
	gboolean is_8bit;
} SgpMimeText;

/* The first plain and the first HTML text that a reader sees, if they begin in the first megabyte
 * and nothing signs them. (transfer full) (element-type SgpMimeText) */
GArray *sgp_mime_find_texts(const SgpMail *mail);

G_END_DECLS
