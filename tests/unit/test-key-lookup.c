/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-key-lookup.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define ERIKA "erika@kunde.example"

static gint64 get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static SgpKeyLookup *make_lookup(ScratchGpg *gpg, const char *trust)
{
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_assert_nonnull(settings);
	const char *list[] = { trust, NULL };
	sgp_settings_override(
		settings, "openpgp-trust", g_variant_new_strv(list, trust == NULL ? 0 : 1));
	SgpKeyLookup *lookup = sgp_key_lookup_new(settings, gpg->home);
	g_autofree char *state = g_build_filename(gpg->directory, "state", NULL);
	sgp_key_lookup_set_state_directory(lookup, state);
	return lookup;
}

static const char *get_first(SgpKeyAnswer *answer)
{
	if (!answer->is_known)
		return "could not look";
	if (answer->keys->len == 0)
		return "none";
	return sgp_key_state_get_nick(((SgpKey *)g_ptr_array_index(answer->keys, 0))->state);
}

static void assert_first(SgpKeyLookup *lookup, const char *address, const char *expected)
{
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(lookup, address, get_now(), NULL);
	g_assert_cmpstr(get_first(answer), ==, expected);
}

static void test_whole_addresses(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key G_GNUC_UNUSED =
		scratch_gpg_make_key(gpg, "<noterika@kunde.example>", "future-default", "never");
	g_autofree char *trick G_GNUC_UNUSED = scratch_gpg_make_key(
		gpg, "erika@kunde.example <mallory@evil.example>", "future-default", "never");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	assert_first(lookup, ERIKA, "none");
	assert_first(lookup, "noterika@kunde.example", "usable");
	assert_first(lookup, "mallory@evil.example", "usable");
}

static void test_reasons(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *weak =
		scratch_gpg_make_key(gpg, "<weak@kunde.example>", "rsa1024", "never");
	g_autofree char *weak_subkey G_GNUC_UNUSED =
		scratch_gpg_run(gpg, NULL, 0, "--quick-add-key %s rsa1024 encr never", weak);
	g_autofree char *signing G_GNUC_UNUSED =
		scratch_gpg_make_key(gpg, "<sign@kunde.example>", "ed25519", "never");
	g_autofree char *old G_GNUC_UNUSED = scratch_gpg_run(gpg, NULL, 0,
		"--faked-system-time 20200121T000000 --quick-generate-key '<old@kunde.example>' "
		"future-default default 2021-01-21");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	assert_first(lookup, "weak@kunde.example", "too-weak");
	assert_first(lookup, "sign@kunde.example", "no-encryption");
	assert_first(lookup, "old@kunde.example", "expired");
}

/* What would have been decided in another year cannot rest on a key of this one. */
static void test_not_made_yet(void)
{
	const gint64 YEAR = (gint64)366 * 24 * 3600;
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key G_GNUC_UNUSED =
		scratch_gpg_make_key(gpg, "<new@kunde.example>", "future-default", "never");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	assert_first(lookup, "new@kunde.example", "usable");
	g_autoptr(SgpKeyAnswer) before =
		sgp_key_lookup_run(lookup, "new@kunde.example", get_now() - 2 * YEAR, NULL);
	g_assert_cmpstr(get_first(before), ==, "not-yet-valid");
	g_autoptr(SgpKeyAnswer) after =
		sgp_key_lookup_run(lookup, "new@kunde.example", get_now() + 2 * YEAR, NULL);
	g_assert_cmpstr(get_first(after), ==, "usable");
}

/* Somebody else's key, that this keyring has no reason to trust. */
static char *import_stranger(ScratchGpg *gpg, const char *user_id)
{
	g_autoptr(ScratchGpg) other = scratch_gpg_new();
	g_autofree char *fingerprint =
		scratch_gpg_make_key(other, user_id, "future-default", "never");
	g_autofree char *key = scratch_gpg_run(other, NULL, 0, "--armor --export %s", fingerprint);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(gpg, key, -1, "--import");
	return g_steal_pointer(&fingerprint);
}

static void test_acceptance(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key = import_stranger(gpg, "Erika <Erika@Kunde.EXAMPLE>");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, "marked");
	g_autoptr(GError) error = NULL;
	assert_first(lookup, ERIKA, "not-verified");
	g_assert_false(sgp_key_lookup_accept(lookup, key, "max@kunde.example", &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	assert_first(lookup, ERIKA, "not-verified");
	g_assert_true(sgp_key_lookup_accept(lookup, key, ERIKA, &error));
	g_assert_no_error(error);
	assert_first(lookup, ERIKA, "usable");
	/* Another process sees it; one that does not trust marks does not. */
	g_autoptr(SgpKeyLookup) other = make_lookup(gpg, "marked");
	assert_first(other, ERIKA, "usable");
	g_autoptr(SgpKeyLookup) strict = make_lookup(gpg, NULL);
	assert_first(strict, ERIKA, "not-verified");
	g_autofree char *path = g_build_filename(gpg->directory, "state", "accepted-keys", NULL);
	struct stat status;
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void test_unreadable_acceptance(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key = import_stranger(gpg, "<erika@kunde.example>");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, "marked");
	g_assert_true(sgp_key_lookup_accept(lookup, key, ERIKA, NULL));
	g_autofree char *path = g_build_filename(gpg->directory, "state", "accepted-keys", NULL);
	g_assert_true(g_file_set_contents(path, "not a key file", -1, NULL));
	assert_first(lookup, ERIKA, "could not look");
}

static void test_changes_are_seen(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	assert_first(lookup, ERIKA, "none");
	g_autofree char *key = import_stranger(gpg, "<erika@kunde.example>");
	assert_first(lookup, ERIKA, "not-verified");
	g_autofree char *trusted = g_strdup_printf("%s:6:\n", key);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(gpg, trusted, -1, "--import-ownertrust");
	assert_first(lookup, ERIKA, "usable");
	g_autofree char *gone G_GNUC_UNUSED =
		scratch_gpg_run(gpg, NULL, 0, "--delete-keys %s", key);
	assert_first(lookup, ERIKA, "none");
}

/* GPGME takes both for a keyring with fewer keys. */
static void test_damaged(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key G_GNUC_UNUSED = import_stranger(gpg, "<max@kunde.example>");
	g_autofree char *other G_GNUC_UNUSED = import_stranger(gpg, "<erika@kunde.example>");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	assert_first(lookup, ERIKA, "not-verified");
	g_autofree char *path = g_build_filename(gpg->home, "pubring.kbx", NULL);
	g_autofree char *bytes = NULL;
	gsize length;
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	g_assert_true(g_file_set_contents(path, bytes, (gssize)length - 100, NULL));
	assert_first(lookup, ERIKA, "could not look");
	assert_first(lookup, "nobody@kunde.example", "could not look");
	g_assert_true(g_file_set_contents(path, "noise", -1, NULL));
	assert_first(lookup, ERIKA, "could not look");
	g_assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
	assert_first(lookup, ERIKA, "not-verified");
}

/* A gpgsm that cannot run: certificates are unknown, and OpenPGP keys are what they are. */
static void test_protocols_apart(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key G_GNUC_UNUSED =
		scratch_gpg_make_key(gpg, "<erika@kunde.example>", "future-default", "never");
	g_autofree char *path = g_build_filename(gpg->home, "gpgsm.conf", NULL);
	g_autoptr(ScratchCa) ca = scratch_ca_new();
	scratch_ca_import(ca, gpg->home, "root", FALSE);
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	g_autoptr(SgpKeyAnswer) before = sgp_key_lookup_run(lookup, ERIKA, get_now(), NULL);
	g_assert_true(before->is_known);
	g_assert_true(g_file_set_contents(path, "debug-level nonsense\n", -1, NULL));
	g_autoptr(SgpKeyLookup) other = make_lookup(gpg, NULL);
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(other, ERIKA, get_now(), NULL);
	g_assert_false(answer->is_known);
	g_assert_true(sgp_key_answer_is_known(answer, SGP_CHANNEL_OPENPGP));
	g_assert_false(sgp_key_answer_is_known(answer, SGP_CHANNEL_SMIME));
	g_assert_cmpuint(answer->keys->len, ==, 1);
	const SgpKey *found = g_ptr_array_index(answer->keys, 0);
	g_assert_cmpint(found->state, ==, SGP_KEY_STATE_USABLE);
	g_assert_cmpint(found->standing, ==, SGP_KEY_STANDING_VERIFIED);
}

static void test_own(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *stranger G_GNUC_UNUSED = import_stranger(gpg, "<anna@agentur.example>");
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpKey) none =
		sgp_key_lookup_run_own(lookup, "anna@agentur.example", get_now(), NULL, &error);
	g_assert_no_error(error);
	g_assert_null(none);
	g_autofree char *own =
		scratch_gpg_make_key(gpg, "Anna <anna@agentur.example>", "future-default", "never");
	g_autoptr(SgpKey) key =
		sgp_key_lookup_run_own(lookup, "anna@agentur.example", get_now(), NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(key);
	g_assert_cmpstr(key->fingerprint, ==, own);
}

static void test_cancelled(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(SgpKeyLookup) lookup = make_lookup(gpg, NULL);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(lookup, ERIKA, get_now(), cancellable);
	g_assert_false(answer->is_known);
	assert_first(lookup, ERIKA, "none"); /* and waits for the reading that is on its way */
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/key-lookup/addresses-match-whole-or-not-at-all", test_whole_addresses);
	g_test_add_func("/key-lookup/every-key-that-is-not-used-says-why", test_reasons);
	g_test_add_func("/key-lookup/a-key-of-today-was-not-there-years-ago", test_not_made_yet);
	g_test_add_func("/key-lookup/staff-can-accept-a-key-for-its-address", test_acceptance);
	g_test_add_func("/key-lookup/an-unreadable-acceptance-is-could-not-look",
		test_unreadable_acceptance);
	g_test_add_func("/key-lookup/a-changed-keyring-is-read-again", test_changes_are_seen);
	g_test_add_func("/key-lookup/a-damaged-keyring-is-could-not-look", test_damaged);
	g_test_add_func("/key-lookup/a-broken-gpgsm-hides-no-openpgp-key", test_protocols_apart);
	g_test_add_func("/key-lookup/an-own-key-has-its-secret-half-here", test_own);
	g_test_add_func(
		"/key-lookup/a-cancelled-look-up-does-not-lose-the-reading", test_cancelled);
	return g_test_run();
}
