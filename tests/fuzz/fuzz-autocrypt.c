/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Autocrypt header of a received mail (Autocrypt Level 1). What must hold: a key comes only
 * from a header that names exactly the author, so the same header gives nobody else a key; and it
 * is never empty. */
#include "sgp-autocrypt.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *value = fuzz_dup_raw(data, size);
	g_autoptr(GBytes) key = sgp_autocrypt_dup_key(value, "erika@kunde.example");
	if (key == NULL)
		return 0;
	g_autoptr(GBytes) others = sgp_autocrypt_dup_key(value, "max@kunde.example");
	FUZZ_HOLDS(g_bytes_get_size(key) > 0 && g_bytes_get_size(key) <= size);
	FUZZ_HOLDS(others == NULL);
	FUZZ_HOLDS(strcasestr(value, "erika@kunde.example") != NULL || strchr(value, '"') != NULL);
	return 0;
}
