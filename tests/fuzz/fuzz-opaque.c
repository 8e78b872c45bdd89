/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of OPAQUE (RFC 9807) from anybody's browser: bytes that claim to be points of
 * ristretto255 (threat 37). What must hold: what is refused leaves the answer untouched; the
 * identity is refused; the same request has the same answer; a record that can be used to answer a
 * login is one. */
#include "sgp-opaque.h"

#include <sodium.h>

#include "fuzz.h"

static void check_registration(const SgpOpaqueKeys *keys, const uint8_t *data, size_t size)
{
	guint8 request[SGP_OPAQUE_REGISTRATION_REQUEST] = { 0 };
	guint8 one[SGP_OPAQUE_REGISTRATION_RESPONSE] = { 0 };
	guint8 other[SGP_OPAQUE_REGISTRATION_RESPONSE] = { 0 };
	memcpy(request, data, MIN(size, sizeof request));
	const gboolean is_point = sgp_opaque_register(keys, "handle", request, one);
	FUZZ_HOLDS(is_point == sgp_opaque_register(keys, "handle", request, other));
	FUZZ_HOLDS(memcmp(one, other, sizeof one) == 0);
	FUZZ_HOLDS(is_point || sodium_is_zero(one, sizeof one));
	FUZZ_HOLDS(!is_point || !sodium_is_zero(request, sizeof request));
}

static void check_login(const SgpOpaqueKeys *keys, const uint8_t *data, size_t size)
{
	static const SgpOpaqueNames names = { .context = "" };
	const SgpOpaqueCoins coins = { .masking_nonce = { 1 }, .keyshare_seed = { 2 } };
	guint8 record[SGP_OPAQUE_RECORD_SIZE] = { 0 };
	guint8 ke1[SGP_OPAQUE_KE1_SIZE] = { 0 };
	guint8 ke2[SGP_OPAQUE_KE2_SIZE] = { 0 };
	guint8 ke3[SGP_OPAQUE_KE3_SIZE] = { 0 };
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE] = { 0 };
	const size_t first = MIN(size, sizeof ke1);
	memcpy(ke1, data, first);
	memcpy(record, data + first, MIN(size - first, sizeof record));
	if (sgp_opaque_answer_login(
		    keys, &names, &coins, "handle", record, ke1, ke2, ke3, session_key))
		FUZZ_HOLDS(sgp_opaque_is_record(record) && !sodium_is_zero(ke1, 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static SgpOpaqueKeys keys = { .oprf_seed = { 7 }, .private_key = { 9 } };
	static gboolean is_ready;
	if (!is_ready)
		is_ready = sodium_init() >= 0 && sgp_opaque_keys_complete(&keys);
	FUZZ_HOLDS(is_ready);
	check_registration(&keys, data, size);
	check_login(&keys, data, size);
	return 0;
}
