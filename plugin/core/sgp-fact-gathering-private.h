/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"
#include "sgp-key-lookup.h"
#include "sgp-mail.h"
#include "sgp-portal-client.h"
#include "sgp-transport-probe.h"

G_BEGIN_DECLS

/* Asks the key index for every recipient, the portal for all of them, and the providers of those
 * for whom the transport rung is open, at once; what has not answered within its limit (keys 2 s,
 * portal 3 s, providers as the probe says) stays unknown. portal, probe: (nullable). mailboxes:
 * (out) (nullable) (transfer full) (element-type SgpPortalMailbox). Errors: CANCELLED only. */
gboolean sgp_fact_gathering_run(SgpFacts *facts, const SgpMail *mail, SgpKeyLookup *keys,
	SgpPortalClient *portal, SgpTransportProbe *probe, gint64 now, GPtrArray **mailboxes,
	GCancellable *cancellable, GError **error);

G_END_DECLS
