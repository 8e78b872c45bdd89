/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-key-record.h"

#define NOW      G_GINT64_CONSTANT(1764000000) /* 2025-11-24 */
#define YEAR     (365 * 86400)
#define ADDRESS  "erika@kunde.example"
#define PRIMARY  "1111111111111111"
#define SUBKEY   "2222222222222222"
#define SUBKEY_2 "3333333333333333"

static void add_part(SgpKeyRecord *record, const char *id, SgpKeyAlgorithm algorithm, guint bits,
	gint64 created, gint64 expires, gboolean can_encrypt)
{
	SgpKeyPart part = { .algorithm = algorithm,
		.bits = bits,
		.created = created,
		.expires = expires,
		.can_encrypt = can_encrypt,
		.can_sign = !can_encrypt };
	g_strlcpy(part.key_id, id, sizeof(part.key_id));
	g_array_append_val(record->parts, part);
}

static SgpKeyRecord *make_record(void)
{
	SgpKeyRecord *record = sgp_key_record_new(SGP_CHANNEL_OPENPGP, "abcd");
	add_part(record, PRIMARY, SGP_KEY_ALGORITHM_CURVE, 255, NOW - YEAR, 0, FALSE);
	add_part(record, SUBKEY, SGP_KEY_ALGORITHM_CURVE, 255, NOW - YEAR, 0, TRUE);
	sgp_key_record_add_user_id(record, ADDRESS, FALSE, TRUE);
	return record;
}

static SgpKeyPart *get_part(SgpKeyRecord *record, guint n)
{
	return &g_array_index(record->parts, SgpKeyPart, n);
}

static void assert_state(SgpKeyRecord *record, SgpKeyState state, const char *detail)
{
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, ADDRESS, NOW);
	g_assert_cmpstr(sgp_key_state_get_nick(key->state), ==, sgp_key_state_get_nick(state));
	g_assert_cmpstr(key->detail, ==, detail);
	g_assert_cmpstr(key->fingerprint, ==, "ABCD");
}

static void test_good(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, ADDRESS, NOW);
	g_assert_cmpint(key->state, ==, SGP_KEY_STATE_USABLE);
	g_assert_true(key->verified);
	g_assert_cmpint(key->expires, ==, 0);
	g_assert_cmpuint(g_strv_length(key->encryption_key_ids), ==, 1);
	g_assert_cmpstr(key->encryption_key_ids[0], ==, SUBKEY);
}

static void test_not_verified(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	((SgpKeyUserId *)g_ptr_array_index(record->user_ids, 0))->is_valid = FALSE;
	assert_state(record, SGP_KEY_STATE_NOT_VERIFIED, NULL);
}

static void test_other_user_id_does_not_verify(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	((SgpKeyUserId *)g_ptr_array_index(record->user_ids, 0))->is_valid = FALSE;
	sgp_key_record_add_user_id(record, "other@kunde.example", FALSE, TRUE);
	assert_state(record, SGP_KEY_STATE_NOT_VERIFIED, NULL);
}

static void test_revoked_user_id(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	((SgpKeyUserId *)g_ptr_array_index(record->user_ids, 0))->is_revoked = TRUE;
	assert_state(record, SGP_KEY_STATE_REVOKED, "user-id");
	g_assert_false(sgp_key_record_has_address(record, ADDRESS));
	g_autoptr(SgpKey) other = sgp_key_record_judge(record, "max@kunde.example", NOW);
	g_assert_cmpint(other->state, ==, SGP_KEY_STATE_WRONG_ADDRESS);
}

static void test_expired_user_id(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	sgp_key_record_add_expired_user_id(record, "old@kunde.example");
	g_autoptr(SgpKey) old = sgp_key_record_judge(record, "old@kunde.example", NOW);
	g_assert_cmpint(old->state, ==, SGP_KEY_STATE_EXPIRED);
	g_assert_cmpstr(old->detail, ==, "user-id");
	g_assert_false(sgp_key_record_has_address(record, "old@kunde.example"));
	assert_state(record, SGP_KEY_STATE_USABLE, NULL);
	/* The same address in a user id that lives. */
	sgp_key_record_add_user_id(record, "old@kunde.example", FALSE, FALSE);
	g_autoptr(SgpKey) again = sgp_key_record_judge(record, "old@kunde.example", NOW);
	g_assert_cmpint(again->state, ==, SGP_KEY_STATE_NOT_VERIFIED);
}

/* What ended tells its validity no more: a newcomer may be taking a verified key's place. */
static void test_retired(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	((SgpKeyUserId *)g_ptr_array_index(record->user_ids, 0))->is_valid = FALSE;
	g_autoptr(SgpKey) living = sgp_key_record_judge(record, ADDRESS, NOW);
	g_assert_false(living->may_have_been_verified);
	get_part(record, 0)->expires = NOW;
	g_autoptr(SgpKey) expired = sgp_key_record_judge(record, ADDRESS, NOW);
	g_assert_true(expired->may_have_been_verified);
	g_assert_false(expired->verified);
}

static void test_future(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	add_part(record, SUBKEY_2, SGP_KEY_ALGORITHM_CURVE, 255, NOW + YEAR, 0, TRUE);
	g_autoptr(SgpKey) older = sgp_key_record_judge_by_clock(record, ADDRESS, NOW, NOW);
	g_assert_cmpstr(older->encryption_key_ids[0], ==, SUBKEY);
	get_part(record, 1)->is_revoked = TRUE;
	g_autoptr(SgpKey) subkey = sgp_key_record_judge_by_clock(record, ADDRESS, NOW, NOW);
	g_assert_cmpint(subkey->state, ==, SGP_KEY_STATE_NOT_YET_VALID);
	g_assert_cmpstr(subkey->detail, ==, "2026-11-24");
	get_part(record, 0)->created = NOW + 1;
	g_autoptr(SgpKey) primary = sgp_key_record_judge_by_clock(record, ADDRESS, NOW, NOW);
	g_assert_cmpint(primary->state, ==, SGP_KEY_STATE_NOT_YET_VALID);
	/* gpg goes by its own clock, whatever moment is asked about. */
	g_autoptr(SgpKey) later =
		sgp_key_record_judge_by_clock(record, ADDRESS, NOW, NOW + 2 * YEAR);
	g_assert_cmpint(later->state, ==, SGP_KEY_STATE_USABLE);
}

static void test_expired(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	get_part(record, 0)->expires = 1611187200;
	assert_state(record, SGP_KEY_STATE_EXPIRED, "2021-01-21");
	get_part(record, 0)->expires = NOW; /* the moment itself is too late */
	assert_state(record, SGP_KEY_STATE_EXPIRED, "2025-11-24");
	get_part(record, 0)->expires = NOW + 1;
	assert_state(record, SGP_KEY_STATE_USABLE, NULL);
}

static void test_expired_subkey(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	get_part(record, 1)->expires = 1611187200;
	assert_state(record, SGP_KEY_STATE_EXPIRED, "2021-01-21");
	add_part(record, SUBKEY_2, SGP_KEY_ALGORITHM_CURVE, 255, NOW - 10, NOW + YEAR, TRUE);
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, ADDRESS, NOW);
	g_assert_cmpint(key->state, ==, SGP_KEY_STATE_USABLE);
	g_assert_cmpstr(key->encryption_key_ids[0], ==, SUBKEY_2);
	g_assert_cmpint(key->expires, ==, NOW + YEAR);
}

static void test_states(void)
{
	g_autoptr(SgpKeyRecord) revoked = make_record();
	revoked->is_revoked = TRUE;
	assert_state(revoked, SGP_KEY_STATE_REVOKED, NULL);
	g_autoptr(SgpKeyRecord) disabled = make_record();
	disabled->is_disabled = TRUE;
	assert_state(disabled, SGP_KEY_STATE_DISABLED, NULL);
	g_autoptr(SgpKeyRecord) invalid = make_record();
	invalid->is_invalid = TRUE;
	assert_state(invalid, SGP_KEY_STATE_INVALID, NULL);
	g_autoptr(SgpKeyRecord) empty = sgp_key_record_new(SGP_CHANNEL_OPENPGP, "ABCD");
	assert_state(empty, SGP_KEY_STATE_INVALID, NULL);
	g_autoptr(SgpKeyRecord) subkey_revoked = make_record();
	get_part(subkey_revoked, 1)->is_revoked = TRUE;
	assert_state(subkey_revoked, SGP_KEY_STATE_REVOKED, "subkey");
	g_autoptr(SgpKeyRecord) signing_only = make_record();
	get_part(signing_only, 1)->can_encrypt = FALSE;
	assert_state(signing_only, SGP_KEY_STATE_NO_ENCRYPTION, NULL);
}

static void test_strength(void)
{
	static const struct {
		SgpKeyAlgorithm primary;
		guint primary_bits;
		SgpKeyAlgorithm subkey;
		guint subkey_bits;
		const char *too_weak;
	} CASES[] = {
		{ SGP_KEY_ALGORITHM_RSA, 2048, SGP_KEY_ALGORITHM_RSA, 2048, NULL },
		{ SGP_KEY_ALGORITHM_RSA, 4096, SGP_KEY_ALGORITHM_RSA, 2047, "rsa2047" },
		{ SGP_KEY_ALGORITHM_RSA, 1024, SGP_KEY_ALGORITHM_RSA, 4096, "rsa1024" },
		{ SGP_KEY_ALGORITHM_DSA, 1024, SGP_KEY_ALGORITHM_RSA, 4096, "dsa1024" },
		{ SGP_KEY_ALGORITHM_DSA, 3072, SGP_KEY_ALGORITHM_RSA, 3072, NULL },
		{ SGP_KEY_ALGORITHM_DSA, 3072, SGP_KEY_ALGORITHM_ELGAMAL, 4096, "elg4096" },
		{ SGP_KEY_ALGORITHM_UNKNOWN, 0, SGP_KEY_ALGORITHM_CURVE, 255, NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpKeyRecord) record = make_record();
		get_part(record, 0)->algorithm = CASES[i].primary;
		get_part(record, 0)->bits = CASES[i].primary_bits;
		get_part(record, 1)->algorithm = CASES[i].subkey;
		get_part(record, 1)->bits = CASES[i].subkey_bits;
		gboolean is_weak =
			CASES[i].too_weak != NULL || CASES[i].primary == SGP_KEY_ALGORITHM_UNKNOWN;
		assert_state(record, is_weak ? SGP_KEY_STATE_TOO_WEAK : SGP_KEY_STATE_USABLE,
			CASES[i].too_weak);
	}
}

/* gpg takes the newest subkey; an older strong one is no help. */
static void test_newest_subkey_counts(void)
{
	g_autoptr(SgpKeyRecord) record = make_record();
	add_part(record, SUBKEY_2, SGP_KEY_ALGORITHM_RSA, 1024, NOW - 10, 0, TRUE);
	assert_state(record, SGP_KEY_STATE_TOO_WEAK, "rsa1024");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/key-record/a-good-key-is-usable-and-names-its-subkey", test_good);
	g_test_add_func("/key-record/a-key-nobody-vouched-for-is-not-verified", test_not_verified);
	g_test_add_func("/key-record/another-user-id-does-not-vouch-for-this-one",
		test_other_user_id_does_not_verify);
	g_test_add_func("/key-record/a-revoked-user-id-names-nobody", test_revoked_user_id);
	g_test_add_func("/key-record/a-user-id-can-end-before-its-key", test_expired_user_id);
	g_test_add_func("/key-record/what-ended-may-have-been-verified", test_retired);
	g_test_add_func("/key-record/what-was-made-in-the-future-is-not-used", test_future);
	g_test_add_func("/key-record/an-expired-key-says-since-when", test_expired);
	g_test_add_func("/key-record/a-living-subkey-replaces-an-expired-one", test_expired_subkey);
	g_test_add_func("/key-record/every-other-reason-is-named", test_states);
	g_test_add_func("/key-record/weak-algorithms-are-never-used", test_strength);
	g_test_add_func(
		"/key-record/the-newest-encryption-subkey-counts", test_newest_subkey_counts);
	return g_test_run();
}
