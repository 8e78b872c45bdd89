/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-portal-mailbox.h"
#include "sgp-portal-office.h"
#include "sgp-sealer.h"
#include "sgp-settings.h"

G_BEGIN_DECLS

/* The staff API of PROTOCOL.md. One object per enrolment; thread-safe; sync calls block (worker
 * threads only) and stop at their cancellable or time limit. Errors of all calls:
 * G_IO_ERROR_CANCELLED; UNREACHABLE (no answer, TLS refused, 5xx, 429: unknown, try again); REFUSED
 * (device revoked, request refused for good); NOT_FOUND; CONFLICT; TOO_LARGE; INVALID (wrong
 * token); FAILED (an answer that is not this protocol). */
#define SGP_TYPE_PORTAL_CLIENT (sgp_portal_client_get_type())
G_DECLARE_FINAL_TYPE(SgpPortalClient, sgp_portal_client, SGP, PORTAL_CLIENT, GObject)

/* device_token: (nullable) before enrolment. ca_file: (nullable): only this authority counts then.
 * Plain http is accepted for loopback addresses only. */
SgpPortalClient *sgp_portal_client_new(
	const char *origin, const char *device_token, const char *ca_file);
/* "https://host[:port]" without a path, or "http://" of a loopback address: what an origin may look
 * like. (transfer full) Errors: INVALID. */
char *sgp_portal_origin_normalize(const char *url, GError **error);
const char *sgp_portal_client_get_origin(SgpPortalClient *self);
/* FALSE after a call was answered with device-revoked. */
gboolean sgp_portal_client_is_revoked(SgpPortalClient *self);

/* (element-type SgpPortalMailbox) in the order asked; cached for 60 s and refreshed by events.
 * Errors: UNREACHABLE (unknown!), REFUSED (device revoked). */
GPtrArray *sgp_portal_client_lookup_sync(SgpPortalClient *self, const char *const *addresses,
	guint timeout_ms, GCancellable *cancellable, GError **error);
/* What lookup_sync remembers of these addresses (NULL: of all) no longer holds. */
void sgp_portal_client_forget(SgpPortalClient *self, const char *address);

/* The portal's limits in bytes, for the ladder; cached for 10 minutes. The message limit counts the
 * sealed bytes, which are a little more than the clear ones (see sgp_portal_limits_fit). Errors:
 * UNREACHABLE (unknown!), REFUSED. */
typedef struct {
	gint64 attachment;
	gint64 message;
} SgpPortalLimits;
gboolean sgp_portal_client_lookup_limits_sync(SgpPortalClient *self, guint timeout_ms,
	SgpPortalLimits *limits, GCancellable *cancellable, GError **error);
/* Whether attachments of these decoded sizes, plus body bytes of text, fit. too_large_size: (out)
 * (optional) the size that does not. */
gboolean sgp_portal_limits_fit(const SgpPortalLimits *limits, const gint64 *attachment_sizes,
	gsize n, gint64 body, gint64 *too_large_size);

SgpPortalOffice *sgp_portal_client_load_office_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error);

/* Enrolment. check: who the token is for; office_key NULL: this enrolment is the office's first and
 * has to bring key and roster. */
typedef struct {
	char *staff_address; /* (owned) */
	char *staff_name;    /* (owned) */
	char *office_name;   /* (owned) */
	char *office_origin; /* (owned) */
	char *office_key;    /* (owned) (nullable) armored */
} SgpPortalInvitation;
void sgp_portal_invitation_free(SgpPortalInvitation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalInvitation, sgp_portal_invitation_free)
SgpPortalInvitation *sgp_portal_client_check_token_sync(
	SgpPortalClient *self, const char *token, GCancellable *cancellable, GError **error);
/* device_token: the caller keeps it in the keyring, then makes a new client with it. office_key,
 * roster: (nullable) together. (transfer full) */
char *sgp_portal_client_enrol_sync(SgpPortalClient *self, const char *token,
	const char *device_name, const char *staff_key, const char *office_key,
	const SgpPortalRoster *roster, GCancellable *cancellable, GError **error);
gboolean sgp_portal_client_put_roster_sync(SgpPortalClient *self, const SgpPortalRoster *roster,
	GCancellable *cancellable, GError **error);

/* What an invitation is for. Zero: a customer's first, or one after an expired one. */
typedef enum {
	SGP_INVITING_FIRST = 0, /* PUT */
	SGP_INVITING_RENEWAL,   /* :renew-invitation: not registered yet */
	SGP_INVITING_RESET,     /* :reset: registered or frozen */
} SgpInviting;

/* PUT /api/v1/customers/{handle} and its relatives: what an invitation consists of. */
typedef struct {
	const char *handle, *address, *language;
	gint64 generation;
	const char *mailbox_key; /* armored public key */
	GBytes *code_wrap, *salt, *auth_hash;
	const char *escrow; /* armored */
	SgpInviting inviting;
	const char *identity_record; /* (nullable) hex: of RESET only */
} SgpPortalCustomer;
gboolean sgp_portal_client_put_customer_sync(SgpPortalClient *self,
	const SgpPortalCustomer *customer, gint64 *expires, GCancellable *cancellable,
	GError **error);

/* One blob: create once, then send from the offset that the server names until it is complete. */
char *sgp_portal_client_create_upload_sync(
	SgpPortalClient *self, gint64 size, GCancellable *cancellable, GError **error); /* id */
/* -1 and NOT_FOUND: expired or used up, create another. */
gint64 sgp_portal_client_lookup_offset_sync(
	SgpPortalClient *self, const char *upload, GCancellable *cancellable, GError **error);
/* Sends the rest of fd (its own position does not matter) in pieces of at most 4 MiB, each with its
 * checksum. progress: (nullable) bytes that the server has on disk. */
typedef void (*SgpUploadFunc)(gint64 sent, gpointer user_data);
gboolean sgp_portal_client_upload_sync(SgpPortalClient *self, const char *upload, int fd,
	gint64 size, SgpUploadFunc progress, gpointer user_data, GCancellable *cancellable,
	GError **error);

typedef struct {
	char *upload; /* (owned) */
	gint64 size;
	char *sha256; /* (owned) hex */
} SgpPortalBlob;
/* Stores; visible only after publish. Both are idempotent. blobs: array of n. */
gboolean sgp_portal_client_put_message_sync(SgpPortalClient *self, const char *id,
	const char *handle, const char *manifest, const SgpPortalBlob *blobs, gsize n,
	GCancellable *cancellable, GError **error);
gboolean sgp_portal_client_publish_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error);

/* How far a message got, so that nothing is stored twice after a crash. */
typedef enum {
	SGP_PORTAL_MESSAGE_UNKNOWN = 0,
	SGP_PORTAL_MESSAGE_NONE,
	SGP_PORTAL_MESSAGE_STORED,
	SGP_PORTAL_MESSAGE_PUBLISHED,
	SGP_PORTAL_MESSAGE_GONE, /* revoked or expired */
} SgpPortalMessageState;
gboolean sgp_portal_client_lookup_message_sync(SgpPortalClient *self, const char *id,
	SgpPortalMessageState *state, GCancellable *cancellable, GError **error);

typedef enum {
	SGP_PORTAL_EVENT_UNKNOWN = 0, /* a newer server's: ignored */
	SGP_PORTAL_EVENT_REGISTERED,
	SGP_PORTAL_EVENT_READ,
	SGP_PORTAL_EVENT_REPLIED,
	SGP_PORTAL_EVENT_BOUNCED,
	SGP_PORTAL_EVENT_FROZEN,
	SGP_PORTAL_EVENT_RESET_ASKED,
	SGP_PORTAL_EVENT_RECOVERED,
	SGP_PORTAL_EVENT_KEY_DEPOSITED,
	SGP_PORTAL_EVENT_KEY_REMOVED,
	SGP_PORTAL_EVENT_DELETED,
	SGP_PORTAL_EVENT_NOT_COLLECTED,
	SGP_PORTAL_EVENT_DEVICE_PENDING,
} SgpPortalEventType;

typedef struct {
	gint64 id;
	gint64 time;
	SgpPortalEventType type;
	char *kind;     /* (owned) the word as it came */
	char *customer; /* (owned) handle */
	char *address;  /* (owned) */
	char *message;  /* (owned) (nullable) */
} SgpPortalEvent;
void sgp_portal_event_free(SgpPortalEvent *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalEvent, sgp_portal_event_free)
/* Long poll. (element-type SgpPortalEvent), maybe empty; last: (out) pass it as after the next
 * time. */
GPtrArray *sgp_portal_client_poll_events_sync(SgpPortalClient *self, gint64 after,
	guint wait_seconds, gint64 *last, GCancellable *cancellable, GError **error);

G_END_DECLS
