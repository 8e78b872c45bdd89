/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* g_utf8_normalize() for texts of strangers: in time that grows with their length only. text:
 * UTF-8, what is none of it is replaced. What it cuts apart is no text of any language: more than
 * 256 characters without one that begins something new. Pure. (transfer full) */
char *sgp_normal_text_dup(const char *text, GNormalizeMode mode);

G_END_DECLS
