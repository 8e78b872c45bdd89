/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A UUIDv7 (RFC 9562 section 5.7), lower case. now_ms: milliseconds since 1970. (transfer full) */
char *sgp_uuid7_new(gint64 now_ms);

G_END_DECLS
