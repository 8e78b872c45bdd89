/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in an escrow: anybody can encrypt one to the office. What must hold: one that is read has
 * all that it needs, its salt has its length, and what it vouches for is text. */
#include "sgp-invitation-private.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *exact = g_memdup2(data, size);
	g_autoptr(GBytes) plain = g_bytes_new_static(exact, size);
	g_autoptr(SgpEscrow) escrow = sgp_escrow_parse(plain);
	if (escrow == NULL)
		return 0;
	FUZZ_HOLDS(fuzz_is_text(escrow->address) && fuzz_is_text(escrow->handle));
	FUZZ_HOLDS(fuzz_is_text(escrow->code) && fuzz_is_text(escrow->mailbox_key));
	FUZZ_HOLDS(g_bytes_get_size(escrow->salt) == SGP_ESCROW_SALT_BYTES);
	for (guint i = 0; i < escrow->former->len; i++)
		FUZZ_HOLDS(fuzz_is_text(g_ptr_array_index(escrow->former, i)));
	return 0;
}
