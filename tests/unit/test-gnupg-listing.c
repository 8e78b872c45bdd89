/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-gnupg-listing.h"

#include <string.h>

#include "scratch-gpg.h"

static void test_user_ids(void)
{
	static const struct {
		const char *user_id, *addr_spec;
	} CASES[] = {
		{ "Erika <Erika@Kunde.Example>", "erika@kunde.example" },
		{ "Dr. M\xc3\xbcller, Erika (privat) <erika@kunde.example>",
			"erika@kunde.example" },
		{ "erika@kunde.example", "erika@kunde.example" },
		{ "<erika@kunde.example>", "erika@kunde.example" },
		{ "erika@kunde.example <mallory@evil.example>", "mallory@evil.example" },
		{ "<erika@kunde.example> <mallory@evil.example>", NULL },
		{ "<mallory@evil.example> erika@kunde.example", NULL },
		{ "Erika <erika@kunde.example", NULL },
		{ "Erika <erika@kunde.example, mallory@evil.example>", NULL },
		{ "Erika <erika@kunde.example> ", NULL },
		{ "mallory erika@kunde.example", NULL },
		{ "Erika", NULL },
		{ "<>", NULL },
		{ "<", NULL },
		{ "", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *found = sgp_gnupg_listing_dup_addr_spec(CASES[i].user_id);
		g_assert_cmpstr(found, ==, CASES[i].addr_spec);
	}
}

static void keep(SgpKeyRecord *record, gpointer user_data)
{
	g_ptr_array_add(user_data, sgp_key_record_ref(record));
}

static void test_records(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *fingerprint =
		scratch_gpg_make_key(gpg, "Erika: <erika@kunde.example>", "future-default", "2y");
	g_autofree char *second G_GNUC_UNUSED = scratch_gpg_run(
		gpg, NULL, 0, "--quick-add-uid %s '<zweite@kunde.example>'", fingerprint);
	g_autoptr(GPtrArray) records =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_record_unref);
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_gnupg_listing_visit("gpg", gpg->home, keep, records, NULL, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(records->len, ==, 1);
	const SgpKeyRecord *record = g_ptr_array_index(records, 0);
	g_assert_cmpstr(record->fingerprint, ==, fingerprint);
	g_assert_true(sgp_key_record_has_address(record, "erika@kunde.example"));
	g_assert_true(sgp_key_record_has_address(record, "zweite@kunde.example"));
	g_assert_cmpuint(record->parts->len, ==, 2);
	const SgpKeyPart *primary = &g_array_index(record->parts, SgpKeyPart, 0);
	const SgpKeyPart *subkey = &g_array_index(record->parts, SgpKeyPart, 1);
	g_assert_true(g_str_has_suffix(fingerprint, primary->key_id));
	g_assert_cmpint(primary->algorithm, ==, SGP_KEY_ALGORITHM_CURVE);
	g_assert_true(primary->can_sign && !primary->can_encrypt);
	g_assert_true(subkey->can_encrypt && !subkey->can_sign);
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_assert_cmpint(primary->created, <=, now);
	g_assert_cmpint(primary->expires, >, now + 700 * 86400);
	g_assert_cmpint(primary->expires, <, now + 740 * 86400);
}

static void assert_unreachable(const char *program, const char *home)
{
	g_autoptr(GPtrArray) records =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_record_unref);
	g_autoptr(GError) error = NULL;
	g_assert_false(sgp_gnupg_listing_visit(program, home, keep, records, NULL, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
}

static void test_failures(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	assert_unreachable("/nonexistent/gpg", gpg->home);
	assert_unreachable("false", gpg->home);
	g_autofree char *missing = g_build_filename(gpg->directory, "missing", NULL);
	assert_unreachable("gpg", missing);
}

/* The error: NULL if there is none. */
static GError *ask_for_secret(ScratchGpg *gpg, const char *fingerprint, gboolean *has_secret)
{
	GError *error = NULL;
	gboolean is_asked = sgp_gnupg_listing_has_secret(
		"gpg", gpg->home, fingerprint, has_secret, NULL, &error);
	g_assert_true(is_asked == (error == NULL));
	return error;
}

static void test_secrets(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *own =
		scratch_gpg_make_key(gpg, "<own@office.example>", "future-default", "never");
	g_autofree char *configuration = g_build_filename(gpg->home, "gpg.conf", NULL);
	gboolean has_secret = FALSE;
	g_assert_no_error(ask_for_secret(gpg, own, &has_secret));
	g_assert_true(has_secret);
	/* A long key id is not a name for anything. */
	g_assert_no_error(ask_for_secret(gpg, own + 24, &has_secret));
	g_assert_false(has_secret);
	has_secret = TRUE;
	g_assert_no_error(
		ask_for_secret(gpg, "0000000000000000000000000000000000000000", &has_secret));
	g_assert_false(has_secret);
	scratch_gpg_end_agent(gpg);
	g_assert_true(g_file_set_contents(configuration, "agent-program /bin/false\n", -1, NULL));
	g_autoptr(GError) error = ask_for_secret(gpg, own, &has_secret);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gnupg-listing/a-user-id-names-one-address-or-nobody", test_user_ids);
	g_test_add_func("/gnupg-listing/a-key-is-read-with-all-its-parts", test_records);
	g_test_add_func("/gnupg-listing/a-gpg-that-fails-is-not-an-empty-keyring", test_failures);
	g_test_add_func("/gnupg-listing/an-agent-that-is-down-is-not-no-key", test_secrets);
	return g_test_run();
}
