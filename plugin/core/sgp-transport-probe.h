/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-provider-report.h"
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* Finds out whether every MX of a domain accepts verified TLS: DANE (RFC 7672) or MTA-STS enforced
 * (RFC 8461). A forecast: what enforces it is the submission service. Thread-safe. Settings:
 * dns-resolver, dns-trust-anchor, mta-sts-ca-file, mta-sts-allow-private. */
#define SGP_TYPE_TRANSPORT_PROBE (sgp_transport_probe_get_type())
G_DECLARE_FINAL_TYPE(SgpTransportProbe, sgp_transport_probe, SGP, TRANSPORT_PROBE, GObject)

SgpTransportProbe *sgp_transport_probe_new(SgpSettings *settings, SgpStore *store);
/* How long an assessment waits for a look-up; before the first one. 2.5 s, for somebody who types;
 * a program that ends with its answer would never learn of a slow provider, and waits longer. */
void sgp_transport_probe_set_patience(SgpTransportProbe *self, guint milliseconds);
guint sgp_transport_probe_get_patience(SgpTransportProbe *self);
/* What is remembered; UNKNOWN: ask sgp_transport_probe_lookup_sync(). No network; an address
 * literal is NO. domain: canonical, as sgp_address_get_domain(). */
SgpKnowledge sgp_transport_probe_get_known(SgpTransportProbe *self, const char *domain, gint64 now);
/* The same, and if nothing is remembered the network is asked (10 s at most), once for all who wait
 * for the same domain. What failed is not tried again for half a minute. Worker threads only. */
SgpKnowledge sgp_transport_probe_lookup_sync(
	SgpTransportProbe *self, const char *domain, gint64 now, GCancellable *cancellable);
/* Whether the resolver passes DNSSEC on: SECURE if so. Errors: as sgp_transport_probe_run_sync().
 */
SgpDnssec sgp_transport_probe_check_resolver_sync(
	SgpTransportProbe *self, GCancellable *cancellable, GError **error);
/* Asks the network now, and remembers. Worker threads only. Errors: INVALID, STORAGE (a setting,
 * the trust anchor), FAILED, CANCELLED; what the network does not tell is UNKNOWN in the report.
 * (transfer full) */
SgpProviderReport *sgp_transport_probe_run_sync(SgpTransportProbe *self, const char *domain,
	gint64 now, GCancellable *cancellable, GError **error);

G_END_DECLS
