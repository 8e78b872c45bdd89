/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files that stand in a text as uuencoded, base64 ("begin-base64") or yEnc blocks, quoted ones
 * too. names: (element-type utf8) gets the name of each, valid UTF-8, once for each block; at most
 * 16 of one text. text: UTF-8. Pure. */
void sgp_uuencode_find(const char *text, GPtrArray *names);
gboolean sgp_uuencode_is_in(const char *text);

G_END_DECLS
