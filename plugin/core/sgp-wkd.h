/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-settings.h"

G_BEGIN_DECLS

/* Where a domain publishes the key of one address (draft-koch-openpgp-webkey-service). Pure. NULL:
 * such an address has no place there. (transfer full) (nullable) */
char *sgp_wkd_dup_host(const char *addr_spec, gboolean is_advanced);
char *sgp_wkd_dup_target(const char *addr_spec, gboolean is_advanced);

/* Asks the address's own domain for its key: the advanced method where the domain has the host
 * "openpgpkey", else the direct one. keys: (out) (transfer full) (nullable) what the domain
 * published, foreign bytes still; NULL: it publishes none. Tells the domain whom one is about to
 * write to, so only for people who may be written to, and never while typing. Settings:
 * wkd-ca-file, wkd-allow-private, dns-resolver, dns-trust-anchor. Worker threads only. Errors:
 * UNREACHABLE (nobody, or nobody verified, answered), CANCELLED. */
gboolean sgp_wkd_lookup_sync(SgpSettings *settings, const char *addr_spec, GBytes **keys,
	GCancellable *cancellable, GError **error);

G_END_DECLS
