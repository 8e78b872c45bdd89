/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-provider-report.h"
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* Asks DNS and, where there is an MTA-STS record, the policy's server about one domain; keeps the
 * policy. Worker threads only; 10 s at most. domain: canonical, or an address literal. Errors: as
 * sgp_transport_probe_run_sync(). (transfer full) */
SgpProviderReport *sgp_provider_inquest_run_sync(SgpSettings *settings, SgpStore *store,
	const char *domain, gint64 now, GCancellable *cancellable, GError **error);

G_END_DECLS
