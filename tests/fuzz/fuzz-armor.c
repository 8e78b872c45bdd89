/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The armored message that the office hands to the portal to be mailed on. What must hold: what is
 * let through is ASCII, begins and ends as it has to, and has no other line that begins with "-",
 * so that it cannot end the MIME part it is put into; and one message is not two. */
#include "sgp-armor.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *exact = g_memdup2(data, size);
	guint dashes = 0;
	if (!sgp_armor_is_message(exact, size))
		return 0;
	for (size_t i = 0; i < size; i++) {
		FUZZ_HOLDS(
			(data[i] >= ' ' && data[i] <= '~') || data[i] == '\r' || data[i] == '\n');
		if (data[i] == '-' && (i == 0 || data[i - 1] == '\n'))
			dashes++;
	}
	FUZZ_HOLDS(dashes == 2);
	FUZZ_HOLDS(g_str_has_prefix(exact, "-----BEGIN PGP MESSAGE-----"));
	g_autofree char *twice = g_malloc(2 * size);
	memcpy(twice, data, size);
	memcpy(twice + size, data, size);
	FUZZ_HOLDS(!sgp_armor_is_message(twice, 2 * size));
	return 0;
}
