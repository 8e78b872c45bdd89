/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _SgpHttpListener SgpHttpListener;

SgpHttpListener *sgp_http_listener_start(
	SoupServer *soup, const SgpPortalConfig *config, GError **error);
char *sgp_http_listener_dup_address(const SgpHttpListener *listener);
void sgp_http_listener_free(SgpHttpListener *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpHttpListener, sgp_http_listener_free)

G_END_DECLS
