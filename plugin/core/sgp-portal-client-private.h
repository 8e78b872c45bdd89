/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal-client.h"
#include "sgp-portal-transport.h"

G_BEGIN_DECLS

/* One authorised call whose answer is 2xx; LOCKED without a device token. For the two files of the
 * client only. (transfer full) */
SgpPortalReply *sgp_portal_client_call(SgpPortalClient *self, const SgpPortalRequest *request,
	GCancellable *cancellable, GError **error);

G_END_DECLS
