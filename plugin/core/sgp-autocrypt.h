/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads the value of one Autocrypt header (Autocrypt Level 1, 2.1), unfolded or not. addr_spec:
 * canonical; the header has to name exactly this address. NULL: it is no valid header, or not this
 * person's. The key in it is foreign bytes still. Pure. (transfer full) (nullable) */
GBytes *sgp_autocrypt_dup_key(const char *value, const char *addr_spec);

G_END_DECLS
