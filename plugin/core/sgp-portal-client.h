/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-portal-mailbox.h"
#include "sgp-sealer.h"
#include "sgp-settings.h"

G_BEGIN_DECLS

/* The staff API of PROTOCOL.md. One object per enrolment; thread-safe; sync calls block (worker threads only) and stop at their cancellable or time limit. */
#define SGP_TYPE_PORTAL_CLIENT (sgp_portal_client_get_type())
G_DECLARE_FINAL_TYPE(SgpPortalClient, sgp_portal_client, SGP, PORTAL_CLIENT, GObject)

/* device_token: (nullable) before enrolment. ca_file: (nullable). */
SgpPortalClient *sgp_portal_client_new(const char *origin, const char *device_token, const char *ca_file);
/* (element-type SgpPortalMailbox) in the order asked; cached for 60 s and refreshed by events. Errors: UNREACHABLE (unknown!), REFUSED (device revoked). */
GPtrArray *sgp_portal_client_lookup_sync(SgpPortalClient *self, const char *const *addresses, guint timeout_ms, GCancellable *cancellable, GError **error);

G_END_DECLS
