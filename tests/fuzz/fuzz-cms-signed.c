/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A message with a signature around it, as anybody's mail program made it. What must hold: its
 * content stands in it, and there is nothing of nothing. */
#include "sgp-cms-signed.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *exact = g_memdup2(data, size);
	g_autoptr(GBytes) message = g_bytes_new_static(exact, size);
	g_autoptr(GBytes) content = sgp_cms_signed_dup_content(message);
	FUZZ_HOLDS(content == NULL || g_bytes_get_size(content) < size);
	return 0;
}
