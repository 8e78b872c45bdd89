/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal-client.h"

G_BEGIN_DECLS

/* The calls by which staff look after customers, messages and devices. Errors: as all calls of the
 * portal client. */

/* verb: "freeze", "unfreeze" or "erase". state: (out) afterwards. */
gboolean sgp_portal_client_change_customer_sync(SgpPortalClient *self, const char *handle,
	const char *verb, SgpMailboxState *state, GCancellable *cancellable, GError **error);
/* Notices come in it from now on. language: "de" or "en". */
gboolean sgp_portal_client_set_language_sync(SgpPortalClient *self, const char *handle,
	const char *language, GCancellable *cancellable, GError **error);
/* All customers, page by page, as the portal describes them (GET /api/v1/customers). (transfer
 * full) (element-type JsonObject) */
GPtrArray *sgp_portal_client_list_customers_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error);
/* expires: (out) seconds UTC. */
gboolean sgp_portal_client_extend_message_sync(SgpPortalClient *self, const char *id, gint64 days,
	gint64 *expires, GCancellable *cancellable, GError **error);
gboolean sgp_portal_client_revoke_message_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error);

/* One device of the office. */
typedef struct {
	char *id;    /* (owned) */
	char *staff; /* (owned) address */
	char *name;  /* (owned) (nullable) of the device */
	gint64 created;
	char *state;     /* (owned) "pending", "approved", "revoked" */
	char *staff_key; /* (owned) (nullable) armored, as the portal shows it */
} SgpPortalDevice;
void sgp_portal_device_free(SgpPortalDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalDevice, sgp_portal_device_free)

/* (transfer full) (element-type SgpPortalDevice) */
GPtrArray *sgp_portal_client_list_devices_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error);
/* office_secret: armored, encrypted to the device's staff key. */
gboolean sgp_portal_client_approve_device_sync(SgpPortalClient *self, const char *id,
	const char *office_secret, const SgpPortalRoster *roster, GCancellable *cancellable,
	GError **error);
gboolean sgp_portal_client_revoke_device_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error);
/* The caller's own device. state: (out) (transfer full); office_secret: (out) (transfer full)
 * (nullable) armored. */
gboolean sgp_portal_client_load_own_device_sync(SgpPortalClient *self, char **id, char **state,
	char **office_secret, GCancellable *cancellable, GError **error);

G_END_DECLS
