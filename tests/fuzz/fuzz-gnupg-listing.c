/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What gpg says of keys that strangers made (--with-colons): their user ids are any bytes. What
 * must hold: a record has a fingerprint (which gpg wrote, not the stranger), a part, and canonical
 * addresses, and can be judged at any time. */
#include "sgp-address.h"
#include "sgp-gnupg-listing.h"

#include "fuzz.h"

#define NOW 1780000000

static void check_address(const char *addr_spec)
{
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, NULL);
	FUZZ_HOLDS(address != NULL && strcmp(sgp_address_get_addr_spec(address), addr_spec) == 0);
}

static void check_record(SgpKeyRecord *record, gpointer user_data)
{
	guint *n = user_data;
	*n += 1;
	FUZZ_HOLDS(record->fingerprint != NULL);
	FUZZ_HOLDS(record->fingerprint[0] != '\0' && record->parts->len > 0);
	for (guint i = 0; i < record->user_ids->len; i++) {
		const SgpKeyUserId *user_id = g_ptr_array_index(record->user_ids, i);
		check_address(user_id->addr_spec);
		FUZZ_HOLDS(sgp_key_record_has_address(record, user_id->addr_spec) ==
			   (!user_id->is_revoked && !user_id->is_expired));
		g_autoptr(SgpKey) key = sgp_key_record_judge(record, user_id->addr_spec, NOW);
		FUZZ_HOLDS(key != NULL);
	}
	g_autoptr(SgpKey) at_no_time = sgp_key_record_judge(record, NULL, 0);
	FUZZ_HOLDS(at_no_time != NULL);
	sgp_key_record_can_sign(record, G_MAXINT64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_dup_raw(data, size);
	guint n = 0;
	sgp_gnupg_listing_visit_text(text, check_record, &n);
	g_autoptr(SgpKeyRecord) first = sgp_gnupg_listing_read(text);
	FUZZ_HOLDS((first != NULL) == (n > 0));
	g_autofree char *addr_spec = sgp_gnupg_listing_dup_addr_spec(text);
	if (addr_spec != NULL)
		check_address(addr_spec);
	return 0;
}
