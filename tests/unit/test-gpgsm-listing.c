/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gpgsm-listing.h"

#include <glib/gstdio.h>
#include <string.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define ONE "082DD30F8C863E4E764C0EF62F47BDD468CA4746"
#define TWO "DA13831C7D0CC1F934D6B6FB37F48D7AF22B9645"

static void count(SgpKeyRecord *record, gpointer user_data)
{
	g_assert_cmpint(record->channel, ==, SGP_CHANNEL_SMIME);
	*(guint *)user_data += 1;
}

static void test_all(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(ScratchCa) ca = scratch_ca_new();
	g_autoptr(GError) error = NULL;
	guint n = 0;
	g_assert_true(sgp_gpgsm_listing_visit(gpg->home, count, &n, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(n, ==, 0);
	g_autofree char *keybox = g_build_filename(gpg->home, "pubring.kbx", NULL);
	g_assert_false(g_file_test(keybox, G_FILE_TEST_EXISTS)); /* looking makes none */
	for (guint i = 0; i < 3; i++) {
		g_autofree char *name = g_strdup_printf("c%u", i);
		const ScratchCertificate how = { .names = "email:erika@kunde.example" };
		g_free(scratch_ca_make(ca, name, &how));
		scratch_ca_import(ca, gpg->home, name, FALSE);
	}
	scratch_ca_import(ca, gpg->home, "root", FALSE);
	g_assert_true(sgp_gpgsm_listing_visit(gpg->home, count, &n, NULL, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(n, ==, 4);
}

static void test_beside_openpgp(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key G_GNUC_UNUSED =
		scratch_gpg_make_key(gpg, "<erika@kunde.example>", "default", "never");
	guint n = 0;
	g_assert_true(sgp_gpgsm_listing_visit(gpg->home, count, &n, NULL, NULL));
	g_assert_cmpuint(n, ==, 0);
}

static void test_damaged(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *keybox = g_build_filename(gpg->home, "pubring.kbx", NULL);
	g_autoptr(GError) error = NULL;
	guint n = 0;
	/* Not a file that could be read: "could not look" must not become "there is none". */
	g_assert_cmpint(g_mkdir(keybox, 0700), ==, 0);
	g_assert_false(sgp_gpgsm_listing_visit(gpg->home, count, &n, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
}

static void test_text_between(void)
{
	g_autoptr(ScratchCa) ca = scratch_ca_new();
	g_autoptr(GBytes) pem = scratch_ca_run(ca, NULL, "openssl x509 -in root.pem -text");
	g_autofree char *text = g_strndup(g_bytes_get_data(pem, NULL), g_bytes_get_size(pem));
	g_autofree char *twice = g_strdup_printf("Issuer ...: /CN=x\n%s\n"
						 "-----BEGIN PUBLIC KEY-----\nMAA=\n"
						 "-----END PUBLIC KEY-----\nSubject: y\n%s",
		text, text);
	g_autoptr(GBytes) exported = g_bytes_new(twice, strlen(twice));
	g_autoptr(GPtrArray) records = sgp_gpgsm_listing_read(exported);
	g_assert_cmpuint(records->len, ==, 2);
	g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
	g_autoptr(GPtrArray) none = sgp_gpgsm_listing_read(nothing);
	g_assert_cmpuint(none->len, ==, 0);
}

static void assert_roots(const char *list, gboolean has_one, gboolean has_two, gboolean is_more)
{
	gboolean includes = !is_more;
	g_autoptr(GHashTable) roots = sgp_gpgsm_listing_read_roots(list, &includes);
	g_assert_cmpint(g_hash_table_contains(roots, ONE), ==, has_one);
	g_assert_cmpint(g_hash_table_contains(roots, TWO), ==, has_two);
	g_assert_cmpint(includes, ==, is_more);
}

static void test_roots(void)
{
	assert_roots("", FALSE, FALSE, FALSE);
	assert_roots(ONE " S relax\n" TWO " *\n", TRUE, TRUE, FALSE);
	assert_roots("# " ONE " S\n!" TWO " S\n", FALSE, FALSE, FALSE);
	assert_roots(ONE " P\n", FALSE, FALSE, FALSE); /* for OpenPGP */
	assert_roots(ONE "\n", FALSE, FALSE, FALSE);
	assert_roots("08:2D:D3:0F:8C:86:3E:4E:76:4C:0E:F6:2F:47:BD:D4:68:CA:47:46 S\r\n", TRUE,
		FALSE, FALSE);
	assert_roots(
		"082dd30f8c863e4e764c0ef62f47bdd468ca4746 S\ninclude-default\n", TRUE, FALSE, TRUE);
	assert_roots(ONE "00 S\n", FALSE, FALSE, FALSE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gpgsm-listing/every-certificate-is-visited", test_all);
	g_test_add_func("/gpgsm-listing/openpgp-keys-are-somebody-else's", test_beside_openpgp);
	g_test_add_func("/gpgsm-listing/a-keybox-that-cannot-be-read-is-an-error", test_damaged);
	g_test_add_func("/gpgsm-listing/text-and-other-objects-are-skipped", test_text_between);
	g_test_add_func("/gpgsm-listing/only-roots-for-s-mime-are-trusted", test_roots);
	return g_test_run();
}
