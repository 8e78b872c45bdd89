/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* Writes the MIME of one mail's copies: what goes inside the encryption, what stands around it, and
 * plain copies. Streams; the mail is never in memory. Repeats body and parts as they were written.
 * Thread-safe once made. */
typedef struct _SgpCopyMime SgpCopyMime;

/* The sender's own copy says more: whom it went to, and how. */
typedef struct {
	const char *bcc;            /* (borrowed) (nullable) addr-specs, ", " between them */
	const char *note;           /* (borrowed) (nullable) UTF-8 lines for the reader */
	const char *const *reached; /* (borrowed) (nullable) "addr-spec; channel" for programs */
} SgpCopyExtras;

/* mail must outlive it. Errors: INVALID (a header that programs read differently), G_IO_ERROR.
 * (transfer full) */
SgpCopyMime *sgp_copy_mime_new(
	const SgpMail *mail, gboolean protect_subject, gint64 now, GError **error);
void sgp_copy_mime_free(SgpCopyMime *self);
/* Without <>; the mail's own, or a random one, the same for all copies of this writer. */
const char *sgp_copy_mime_get_message_id(const SgpCopyMime *self);

/* The entity inside an encryption: root always multipart/mixed with protected-headers="v1",
 * hp="cipher", HP-Outer, and the real header fields; never Bcc unless extras name them. */
gboolean sgp_copy_mime_write_protected(SgpCopyMime *self, const SgpCopyExtras *extras,
	GOutputStream *out, GCancellable *cancellable, GError **error);
/* The header of a sealed copy (To and Cc complete as written; Subject "[...]" if protected; no Bcc;
 * X-Siegelpost-Copy: copy_id) up to where the armor begins; and the end after it. */
gboolean sgp_copy_mime_write_pgp_head(SgpCopyMime *self, const char *copy_id, const char *boundary,
	GOutputStream *out, GError **error);
gboolean sgp_copy_mime_write_pgp_tail(const char *boundary, GOutputStream *out, GError **error);
/* The same for S/MIME, up to where the base64 begins; nothing comes after it. */
gboolean sgp_copy_mime_write_smime_head(
	SgpCopyMime *self, const char *copy_id, GOutputStream *out, GError **error);
/* The mail as it is, without Bcc unless extras name them, with X-Siegelpost-Copy. extras:
 * (nullable) for the sender's own copy; its note is left out, for the text stays as it was. */
gboolean sgp_copy_mime_write_plain(SgpCopyMime *self, const SgpCopyExtras *extras,
	const char *copy_id, GOutputStream *out, GCancellable *cancellable, GError **error);
/* A boundary that is in no mail by chance. (transfer full) */
char *sgp_copy_mime_dup_boundary(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCopyMime, sgp_copy_mime_free)

G_END_DECLS
