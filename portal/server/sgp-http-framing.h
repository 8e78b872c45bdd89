/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

gboolean sgp_http_framing_settle(SoupServerMessage *message);

G_END_DECLS
