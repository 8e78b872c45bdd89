/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "scratch-gpg.h"
#include "sgp-deposited-keys.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-key-lookup.h"

#include <string.h>

#define ADDRESS "erika@kunde.example"
#define HANDLE  "00112233445566778899aabbccddeeff"
#define NOW     1795000000

/* A customer whose signature key was accepted, and what a portal shows of her keys. */
typedef struct {
	State state;
	ScratchGpg *gpg;           /* (owned) the office's */
	ScratchGpg *browser;       /* (owned) the customer's */
	char *signer;              /* (owned) CS */
	char *other_signer;        /* (owned) some key that is not hers */
	SgpPortalAccount *account; /* (owned) */
	SgpInvitationContext context;
	SgpKeyLookup *keys;        /* (owned) */
	SgpPortalMailbox *mailbox; /* (owned) */
} Fixture;

static void share(Fixture *fixture, const char *fingerprint)
{
	g_autofree char *text = sgp_gpgme_export(fixture->browser->home, fingerprint, FALSE, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree char *imported = sgp_gpgme_import(fixture->gpg->home, bytes, NULL);

	g_assert_cmpstr(imported, ==, fingerprint);
}

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->gpg = scratch_gpg_new();
	fixture->browser = scratch_gpg_new();
	fixture->signer =
		scratch_gpg_make_key(fixture->browser, "<" ADDRESS ">", "ed25519", "never");
	fixture->other_signer =
		scratch_gpg_make_key(fixture->browser, "<eve@evil.example>", "ed25519", "never");
	share(fixture, fixture->signer);
	share(fixture, fixture->other_signer);
	fixture->account = g_new0(SgpPortalAccount, 1);
	fixture->context = (SgpInvitationContext){ NULL, fixture->account, fixture->state.store,
		fixture->gpg->home, "de" };
	g_autofree char *pin = g_strdup_printf("%s 2", fixture->signer);
	g_autoptr(SgpKeyCandidates) candidates = sgp_key_candidates_new(fixture->state.store);

	g_assert_true(
		sgp_store_set_value(fixture->state.store, "signature-key:" HANDLE, pin, NULL));
	fixture->keys = sgp_key_lookup_new(fixture->state.settings, fixture->gpg->home);
	sgp_key_lookup_set_state_directory(fixture->keys, fixture->state.directory);
	sgp_key_lookup_set_candidates(fixture->keys, candidates);
	fixture->mailbox = sgp_portal_mailbox_new(ADDRESS, SGP_MAILBOX_STATE_REGISTERED);
	fixture->mailbox->handle = g_strdup(HANDLE);
	fixture->mailbox->generation = 2;
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	sgp_portal_mailbox_free(fixture->mailbox);
	g_object_unref(fixture->keys);
	sgp_portal_account_free(fixture->account);
	g_free(fixture->signer);
	g_free(fixture->other_signer);
	scratch_gpg_free(fixture->browser);
	scratch_gpg_free(fixture->gpg);
	state_teardown(&fixture->state, data);
}

/* An OpenPGP key of this user id, armored, in no keyring of ours. */
static char *make_key(const char *uid)
{
	g_autoptr(ScratchGpg) elsewhere = scratch_gpg_new();
	g_autofree char *fingerprint = sgp_gpgme_generate(elsewhere->home, uid, NULL);

	return sgp_gpgme_export(elsewhere->home, fingerprint, FALSE, NULL);
}

/* What the browser signs, for this handle and generation. */
static char *sign(Fixture *fixture, const char *signer, const char *handle, const char *generation,
	const char *kind, const char *key)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	const char *parts[] = { "sgp1 key", handle, generation, kind };

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		g_byte_array_append(bytes, (const guint8 *)parts[i], (guint)strlen(parts[i]) + 1);
	g_byte_array_append(bytes, (const guint8 *)key, (guint)strlen(key));
	g_autoptr(GBytes) all = g_bytes_new(bytes->data, bytes->len);
	g_autoptr(GError) error = NULL;
	char *signature = sgp_gpgme_sign_detached(fixture->browser->home, all, signer, &error);

	g_assert_no_error(error);
	return signature;
}

static void deposit(Fixture *fixture, const char *key, const char *signature)
{
	g_ptr_array_set_size(fixture->mailbox->keys, 0);
	if (key)
		g_ptr_array_add(
			fixture->mailbox->keys, sgp_deposited_key_new("openpgp", key, signature));
}

/* Returns whether something was learnt. */
static gboolean take(Fixture *fixture)
{
	gboolean is_learnt = FALSE;
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_deposited_keys_take_sync(&fixture->context,
		sgp_key_lookup_get_candidates(fixture->keys), fixture->mailbox, FALSE, NOW,
		&is_learnt, NULL, &error));
	g_assert_no_error(error);
	return is_learnt;
}

/* The one key that can encrypt and is looked at for this customer, CS aside. NULL: none. */
static SgpKey *find_key(Fixture *fixture)
{
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(
		fixture->keys, ADDRESS, g_get_real_time() / G_USEC_PER_SEC, NULL);
	SgpKey *found = NULL;

	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);

		if (g_strcmp0(key->fingerprint, fixture->signer) == 0)
			continue;
		g_assert_null(found);
		found = sgp_key_copy(key);
	}
	return found;
}

static void assert_not_verified(Fixture *fixture)
{
	g_autoptr(SgpKey) key = find_key(fixture);

	g_assert_nonnull(key);
	g_assert_cmpint(key->state, ==, SGP_KEY_STATE_NOT_VERIFIED);
	g_assert_cmpint(key->standing, ==, SGP_KEY_STANDING_NONE);
}

static void test_signed(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Erika <" ADDRESS ">");
	g_autofree char *signature = sign(fixture, fixture->signer, HANDLE, "2", "openpgp", key);

	deposit(fixture, key, signature);
	g_assert_true(take(fixture));
	g_autoptr(SgpKey) found = find_key(fixture);

	g_assert_cmpint(found->state, ==, SGP_KEY_STATE_USABLE);
	g_assert_cmpint(found->standing, ==, SGP_KEY_STANDING_PORTAL);
	g_assert_cmpint(found->origin, ==, SGP_KEY_ORIGIN_PORTAL);
	g_assert_nonnull(found->certificate);
	/* The same again is no news. */
	g_assert_false(take(fixture));
	/* The office may not want such keys. */
	state_set(&fixture->state, "openpgp-trust", "['marked']");
	assert_not_verified(fixture);
}

/* A key of its own: unsigned, signed by somebody else, with her signature of another key, of
 * another customer's, of the time before a reset, or of another kind. */
static void test_swapped(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Erika <" ADDRESS ">");
	g_autofree char *mine = make_key("Erika <" ADDRESS ">");
	g_autofree char *signatures[] = {
		NULL,
		g_strdup("-----BEGIN PGP SIGNATURE-----\n\nxxxx\n-----END PGP SIGNATURE-----\n"),
		sign(fixture, fixture->other_signer, HANDLE, "2", "openpgp", key),
		sign(fixture, fixture->signer, HANDLE, "2", "openpgp", mine),
		sign(fixture, fixture->signer, "ff112233445566778899aabbccddeeff", "2", "openpgp",
			key),
		sign(fixture, fixture->signer, HANDLE, "1", "openpgp", key),
		sign(fixture, fixture->signer, HANDLE, "2", "smime", key),
	};

	for (gsize i = 0; i < G_N_ELEMENTS(signatures); i++) {
		deposit(fixture, key, signatures[i]);
		g_assert_true(take(fixture));
		assert_not_verified(fixture);
		g_clear_pointer(&signatures[i], g_free);
	}
}

static void test_removed(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Erika <" ADDRESS ">");
	g_autofree char *signature = sign(fixture, fixture->signer, HANDLE, "2", "openpgp", key);

	deposit(fixture, key, signature);
	take(fixture);
	deposit(fixture, NULL, NULL);
	g_assert_true(take(fixture));
	g_assert_null(find_key(fixture));
}

/* After a reset, and before the new registration was checked, nobody signs for her. */
static void test_other_generation(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Erika <" ADDRESS ">");
	g_autofree char *signature = sign(fixture, fixture->signer, HANDLE, "3", "openpgp", key);

	fixture->mailbox->generation = 3;
	deposit(fixture, key, signature);
	g_assert_true(take(fixture));
	assert_not_verified(fixture);
}

static void test_frozen(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Erika <" ADDRESS ">");
	g_autofree char *signature = sign(fixture, fixture->signer, HANDLE, "2", "openpgp", key);

	deposit(fixture, key, signature);
	take(fixture);
	fixture->mailbox->state = SGP_MAILBOX_STATE_FROZEN;
	g_assert_true(take(fixture));
	assert_not_verified(fixture);
	/* Could not look: what was known stays. */
	fixture->mailbox->state = SGP_MAILBOX_STATE_UNKNOWN;
	g_assert_false(take(fixture));
}

static void test_somebody_else(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key = make_key("Eve <eve@evil.example>");
	g_autofree char *signature = sign(fixture, fixture->signer, HANDLE, "2", "openpgp", key);

	deposit(fixture, key, signature);
	take(fixture);
	g_assert_null(find_key(fixture));
	deposit(fixture, "no key at all", signature);
	take(fixture);
	g_assert_null(find_key(fixture));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/deposited-keys/" name, Fixture, NULL, setup, func, teardown)
	ADD("a-key-that-the-customer-signed-is-usable", test_signed);
	ADD("a-key-of-the-portal-s-own-is-no-channel", test_swapped);
	ADD("a-key-that-was-removed-is-forgotten", test_removed);
	ADD("a-signature-counts-for-its-generation", test_other_generation);
	ADD("a-frozen-customer-s-key-does-not-count", test_frozen);
	ADD("a-key-that-names-somebody-else-is-left-out", test_somebody_else);
#undef ADD
	return g_test_run();
}
