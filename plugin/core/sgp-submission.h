/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The service that enforces verified TLS towards the recipients' servers (setting
 * verified-submission). */
typedef struct {
	char *host;     /* (owned) */
	guint16 port;   /* 465: TLS from the first byte; else STARTTLS */
	char *ca_file;  /* (owned) (nullable) instead of the system's authorities */
	char *user;     /* (owned) (nullable) no log-in */
	char *password; /* (owned) (nullable) overwritten when freed */
} SgpSubmissionService;

/* What the service said to one recipient. Zero: it was not asked, or did not answer. */
typedef enum {
	SGP_SUBMISSION_UNKNOWN = 0,
	SGP_SUBMISSION_ACCEPTED,
	SGP_SUBMISSION_LATER,   /* 4xx */
	SGP_SUBMISSION_REFUSED, /* 5xx */
} SgpSubmissionAnswer;

/* Called once, when everything but the end of the mail was sent: after it the mail may have left.
 * FALSE: do not send the end; nothing has left then. */
typedef gboolean (*SgpSubmissionCommitFunc)(gpointer user_data, GError **error);

/* One mail. */
typedef struct {
	const char *from;
	const char *const *recipients;  /* addr-specs, NULL-terminated */
	int fd;                         /* RFC 5322, from its beginning */
	SgpSubmissionCommitFunc commit; /* (nullable) */
	gpointer commit_data;
	SgpSubmissionAnswer *answers; /* (out) one for each recipient; ACCEPTED: it has left for
					 that one, if the call returned TRUE */
	gboolean is_open; /* (out) the end was sent, and no answer came: it may have left */
} SgpSubmissionMail;

/* setting: "HOST:PORT", "[IPv6]:PORT" or "HOST" (587). Errors: INVALID. (transfer full) */
SgpSubmissionService *sgp_submission_service_new(const char *setting, GError **error);
void sgp_submission_service_free(SgpSubmissionService *self);
/* Hands one mail to the service (RFC 5321, 6409, 3207, 4954, 8689). TRUE: taken, for those whose
 * answer is ACCEPTED. Errors: UNREACHABLE (no connection, no valid TLS, 4xx: later), REFUSED (5xx),
 * INVALID (an address that would not stay one line, a setting), LOCKED (it wants a log-in),
 * CANCELLED, what commit gave. Worker threads only. */
gboolean sgp_submission_send_sync(const SgpSubmissionService *self, SgpSubmissionMail *mail,
	GCancellable *cancellable, GError **error);
/* Connects, and logs in, without a mail. Errors: as above. */
gboolean sgp_submission_check_sync(
	const SgpSubmissionService *self, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpSubmissionService, sgp_submission_service_free)

G_END_DECLS
