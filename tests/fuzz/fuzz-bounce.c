/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mail that came back to the portal, or says so. What must hold: a tag has the form of ours and
 * stands in the mail, which says "failed"; without its NUL-free start nothing more is read of it.
 */
#include "sgp-bounce.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *exact = g_memdup2(data, size);
	g_autofree char *tag = sgp_bounce_read_report(exact, size);
	if (tag == NULL)
		return 0;
	g_autofree char *text = fuzz_dup_raw(data, size);
	g_autofree char *lower = g_ascii_strdown(text, -1);
	FUZZ_HOLDS(strlen(tag) == 20 && strspn(tag, "0123456789abcdef") == 20);
	FUZZ_HOLDS(strstr(text, tag) != NULL);
	FUZZ_HOLDS(strstr(lower, "multipart/report") != NULL && strstr(lower, "failed") != NULL);
	return 0;
}
