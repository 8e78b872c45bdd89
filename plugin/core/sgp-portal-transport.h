/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-protocol.h"

G_BEGIN_DECLS

/* One request to the portal and its answer; used by sgp-portal-client only. The only file that
 * knows libsoup. Thread-safe. */
typedef struct _SgpPortalTransport SgpPortalTransport;

typedef struct {
	const char *method;
	const char *path; /* "/api/v1/office"; may carry a query */
	JsonObject *json; /* (nullable) body; or */
	GBytes *bytes;    /* (nullable) body, application/offset+octet-stream with its checksum */
	gint64 upload_length; /* tus creation: -1 for none */
	gint64 upload_offset; /* tus: -1 for none */
	gboolean is_tus;
	gboolean is_page; /* the answer is wanted as it is, not as JSON */
	guint timeout_ms; /* for the whole request, 0: 60 s */
} SgpPortalRequest;

typedef struct {
	guint status;
	gboolean has_problem;
	SgpProblem problem;
	JsonObject *json;     /* (owned) (nullable) */
	char *location;       /* (owned) (nullable) */
	gint64 upload_offset; /* -1: the answer names none */
	GBytes *page;         /* (owned) (nullable) of is_page: the decoded content */
	char *type;           /* (owned) (nullable) of is_page: Content-Type, as it came */
	gboolean is_sent_on;  /* of is_page: the browser is sent elsewhere (Refresh) */
} SgpPortalReply;

#define SGP_PORTAL_REQUEST_INIT                                                                    \
	{                                                                                          \
		.upload_length = -1, .upload_offset = -1                                           \
	}

SgpPortalTransport *sgp_portal_transport_new(
	const char *origin, const char *device_token, const char *ca_file);
/* Asks as a customer's browser would: no token, and no name of ours. */
SgpPortalTransport *sgp_portal_transport_new_browser(const char *origin, const char *ca_file);
void sgp_portal_transport_free(SgpPortalTransport *self);
const char *sgp_portal_transport_get_origin(SgpPortalTransport *self);
gboolean sgp_portal_transport_has_token(SgpPortalTransport *self);
/* Blocks. Errors: G_IO_ERROR_CANCELLED (the caller's cancellable), UNREACHABLE (no answer in time,
 * TLS), FAILED (no answer of this protocol). Any HTTP status is an answer: see
 * sgp_portal_reply_check(). (transfer full) */
SgpPortalReply *sgp_portal_transport_send_sync(SgpPortalTransport *self,
	const SgpPortalRequest *request, GCancellable *cancellable, GError **error);
void sgp_portal_reply_free(SgpPortalReply *self);
/* TRUE for 2xx; else the error that stands for what can be done about it (see sgp-portal-client.h).
 */
gboolean sgp_portal_reply_check(const SgpPortalReply *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalReply, sgp_portal_reply_free)

G_END_DECLS
