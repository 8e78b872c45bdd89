/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SgpNetworkLimit SgpNetworkLimit;

SgpNetworkLimit *sgp_network_limit_new(void);
void sgp_network_limit_free(SgpNetworkLimit *limit);
gboolean sgp_network_limit_take(
	SgpNetworkLimit *limit, const char *network, gint64 now, gint64 *retry_after);

char *sgp_network_dup_name(GSocketAddress *remote, const char *forwarded);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpNetworkLimit, sgp_network_limit_free)

G_END_DECLS
