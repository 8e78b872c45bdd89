/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of CMS enveloped data (RFC 5652), BER as DER. What must hold: what is read names at
 * least one reader, and a cipher as numbers and dots; a message is never taken for one to nobody;
 * where the check finds exactly the readers it names, that is no accident of their order. */
#include "sgp-cms-head.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(SgpCmsHead) head = sgp_cms_head_read(bytes, NULL);
	if (head == NULL)
		return 0;
	g_autoptr(GPtrArray) nobody = g_ptr_array_new();
	g_autoptr(GPtrArray) backwards = g_ptr_array_new();
	for (guint i = head->readers->len; i > 0; i--)
		g_ptr_array_add(backwards, g_ptr_array_index(head->readers, i - 1));
	FUZZ_HOLDS(head->readers->len > 0);
	FUZZ_HOLDS(strspn(head->cipher, "0123456789.") == strlen(head->cipher));
	FUZZ_HOLDS(!sgp_cms_head_check(head, nobody, NULL));
	FUZZ_HOLDS(sgp_cms_head_check(head, head->readers, NULL) ==
		   sgp_cms_head_check(head, backwards, NULL));
	return 0;
}
