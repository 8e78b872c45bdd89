/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "b64u" of PROTOCOL.md: RFC 4648 section 5 without padding. */
char *sgp_base64url_encode(const guint8 *data, gsize length);
GBytes *sgp_base64url_decode(const char *text); /* NULL if it is none */

G_END_DECLS
