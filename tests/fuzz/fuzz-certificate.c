/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of strangers (RFC 5280): one as DER, and gpgsm's export and trust list, which hold
 * any number. What must hold: what can be read has a fingerprint, addresses in canonical form and a
 * certificate; a chain is trusted only up to a root that is on the list, and nothing is on an empty
 * one; it can be judged at any time. */
#include "sgp-address.h"
#include "sgp-certificate.h"
#include "sgp-gpgsm-listing.h"

#include "fuzz.h"

#define NOW 1780000000

static void check_record(const SgpKeyRecord *record)
{
	FUZZ_HOLDS(fuzz_is_hex(record->fingerprint, 40));
	FUZZ_HOLDS(record->certificate != NULL && record->certificate->der != NULL);
	for (guint i = 0; i < record->user_ids->len; i++) {
		const SgpKeyUserId *user_id = g_ptr_array_index(record->user_ids, i);
		g_autoptr(SgpAddress) address = sgp_address_new(user_id->addr_spec, NULL);
		FUZZ_HOLDS(address != NULL);
		FUZZ_HOLDS(strcmp(sgp_address_get_addr_spec(address), user_id->addr_spec) == 0);
		g_autoptr(SgpKey) key = sgp_certificate_judge(record, user_id->addr_spec, NOW);
		FUZZ_HOLDS(key != NULL);
	}
	g_autoptr(SgpKey) at_no_time = sgp_certificate_judge(record, NULL, G_MININT64);
	FUZZ_HOLDS(at_no_time != NULL);
}

static void check_chains(GPtrArray *records)
{
	g_autoptr(GHashTable) nobody = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	sgp_certificate_follow_chains(records, nobody);
	for (guint i = 0; i < records->len; i++) {
		const SgpKeyRecord *record = g_ptr_array_index(records, i);
		check_record(record);
		FUZZ_HOLDS(record->certificate->chain != SGP_CERTIFICATE_CHAIN_TRUSTED);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autofree char *text = fuzz_dup_raw(data, size);
	SgpKeyRecord *record = sgp_certificate_read(bytes);
	if (record != NULL) {
		g_autoptr(GPtrArray) alone =
			g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_record_unref);
		g_ptr_array_add(alone, record);
		check_record(record);
		check_chains(alone);
	}
	g_autoptr(GPtrArray) exported = sgp_gpgsm_listing_read(bytes);
	check_chains(exported);
	gboolean includes_system = FALSE;
	g_autoptr(GHashTable) roots = sgp_gpgsm_listing_read_roots(text, &includes_system);
	FUZZ_HOLDS(roots != NULL);
	return 0;
}
