/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The subject behind Re:, AW:, WG:, Fwd:, Antw: and their kin in other languages, and behind the
 * tags that servers and ticket systems put before it. (borrowed) the same pointer if there is none.
 */
const char *sgp_inquiry_scan_skip_reply_prefixes(const char *subject);

G_END_DECLS
