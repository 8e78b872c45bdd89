/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What gpgsm exports of certificates that strangers made, and a trust list. What must hold: a
 * record has a fingerprint and canonical addresses and can be judged at any time; a root is a whole
 * fingerprint. */
#include "sgp-address.h"
#include "sgp-gpgsm-listing.h"

#include "fuzz.h"

#define NOW 1780000000

static void check_record(const SgpKeyRecord *record)
{
	FUZZ_HOLDS(fuzz_is_hex(record->fingerprint, 40));
	for (guint i = 0; i < record->user_ids->len; i++) {
		const SgpKeyUserId *user_id = g_ptr_array_index(record->user_ids, i);
		g_autoptr(SgpAddress) address = sgp_address_new(user_id->addr_spec, NULL);
		g_autoptr(SgpKey) key = sgp_key_record_judge(record, user_id->addr_spec, NOW);
		FUZZ_HOLDS(address != NULL && key != NULL);
		FUZZ_HOLDS(strcmp(sgp_address_get_addr_spec(address), user_id->addr_spec) == 0);
	}
	g_autoptr(SgpKey) at_no_time = sgp_key_record_judge(record, NULL, 0);
	FUZZ_HOLDS(at_no_time != NULL);
	sgp_key_record_can_sign(record, G_MAXINT64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(GPtrArray) records = sgp_gpgsm_listing_read(bytes);
	for (guint i = 0; i < records->len; i++)
		check_record(g_ptr_array_index(records, i));
	g_autofree char *text = fuzz_dup_raw(data, size);
	gboolean includes_system = FALSE;
	g_autoptr(GHashTable) roots = sgp_gpgsm_listing_read_roots(text, &includes_system);
	GHashTableIter iter;
	gpointer root;
	g_hash_table_iter_init(&iter, roots);
	while (g_hash_table_iter_next(&iter, &root, NULL))
		FUZZ_HOLDS(fuzz_is_hex(root, 40));
	return 0;
}
