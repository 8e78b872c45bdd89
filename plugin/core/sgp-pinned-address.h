/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A host that is known by its name (TLS checks that name) and is reached at given addresses, and at
 * no other: what was looked up and judged is what is connected to. */
#define SGP_TYPE_PINNED_ADDRESS (sgp_pinned_address_get_type())
G_DECLARE_FINAL_TYPE(SgpPinnedAddress, sgp_pinned_address, SGP, PINNED_ADDRESS, GNetworkAddress)

/* addresses: (element-type GInetAddress) copied. */
SgpPinnedAddress *sgp_pinned_address_new(
	const char *host, guint16 port, const GPtrArray *addresses);

G_END_DECLS
