/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-submission.h"

G_BEGIN_DECLS

/* One SMTP conversation, as a client: lines out, replies in, TLS in between. */
typedef struct _SgpSmtpSession SgpSmtpSession;

/* What EHLO offered. */
typedef struct {
	gboolean has_starttls, has_8bitmime, has_smtputf8, has_requiretls, has_size;
	gboolean has_plain, has_login; /* AUTH */
} SgpSmtpOffer;

/* Connects and greets; TLS verified unless the other end is this machine. Errors: as
 * sgp_submission_send_sync(). (transfer full) */
SgpSmtpSession *sgp_smtp_session_open(
	const SgpSubmissionService *service, GCancellable *cancellable, GError **error);
/* Says QUIT if the conversation is in order, and closes. */
void sgp_smtp_session_free(SgpSmtpSession *self);
const SgpSmtpOffer *sgp_smtp_session_get_offer(const SgpSmtpSession *self);
gboolean sgp_smtp_session_is_encrypted(const SgpSmtpSession *self);
/* Sends a line (without its end) and reads the reply: its code, 0 on error. line: (nullable) only
 * read. text: (out) (optional) (transfer full) its last line. */
guint sgp_smtp_session_say(SgpSmtpSession *self, const char *line, char **text, GError **error);
gboolean sgp_smtp_session_write(
	SgpSmtpSession *self, const void *data, gsize length, GError **error);
/* How long one read, and the rest of the conversation, may take from now on. seconds. */
void sgp_smtp_session_set_patience(SgpSmtpSession *self, guint seconds);
/* UNREACHABLE for 4xx, REFUSED for 5xx, FAILED for nonsense; FALSE always. No text of the server's
 * gets into the message: it may quote addresses. */
gboolean sgp_smtp_session_fail(guint code, const char *what, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpSmtpSession, sgp_smtp_session_free)

G_END_DECLS
