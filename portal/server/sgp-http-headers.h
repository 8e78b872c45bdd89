/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

void sgp_http_headers_secure(
	SoupMessageHeaders *headers, const SgpPortal *portal, gboolean is_immutable);

G_END_DECLS
