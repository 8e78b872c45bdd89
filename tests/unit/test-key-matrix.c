/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys as they are found in the wild, made by the real gpg, and what is said of each: usable, or
 * why not. One home for all of them, so that none is taken for another. */
#include "sgp-address.h"
#include "sgp-key-lookup.h"

#include <string.h>

#include "scratch-gpg.h"
#include "state-fixture.h"

#define DOMAIN "@kunde.example"

typedef struct {
	State state;
	ScratchGpg *office,
		*others;    /* (owned) the user's home, and where other people's keys are made */
	SgpKeyLookup *keys; /* (owned) */
} Fixture;

static void renew_lookup(Fixture *self)
{
	g_clear_object(&self->keys);
	self->keys = sgp_key_lookup_new(self->state.settings, self->office->home);
	sgp_key_lookup_set_state_directory(self->keys, self->state.directory);
}

static void setup(Fixture *self, gconstpointer data)
{
	state_setup(&self->state, data);
	self->office = scratch_gpg_new();
	self->others = scratch_gpg_new();
	state_set(&self->state, "openpgp-trust", "['marked', 'portal']");
	renew_lookup(self);
}

static void teardown(Fixture *self, gconstpointer data)
{
	g_clear_object(&self->keys);
	scratch_gpg_free(self->office);
	scratch_gpg_free(self->others);
	state_teardown(&self->state, data);
}

static gint64 get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* "state" or "state detail" of each key, best first, with blanks between; "none". */
static char *look_at(Fixture *self, const char *addr_spec, gint64 now)
{
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(self->keys, addr_spec, now, NULL);
	g_autoptr(GString) text = g_string_new(answer->is_known ? "" : "could-not-look ");
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		g_string_append_printf(text, "%s%s%s ", sgp_key_state_get_nick(key->state),
			key->detail != NULL ? ":" : "", key->detail != NULL ? key->detail : "");
	}
	return text->len == 0 ? g_strdup("none") : g_strndup(text->str, text->len - 1);
}

static void assert_at(Fixture *self, const char *addr_spec, gint64 now, const char *expected)
{
	g_autofree char *found = look_at(self, addr_spec, now);
	if (!g_str_equal(found, expected))
		g_error("%s is “%s”, not “%s”", addr_spec, found, expected);
}

static void assert_is(Fixture *self, const char *addr_spec, const char *expected)
{
	assert_at(self, addr_spec, get_now(), expected);
}

static void run(ScratchGpg *gpg, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void run(ScratchGpg *gpg, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	g_autofree char *text = g_strdup_vprintf(format, list);
	va_end(list);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(gpg, NULL, 0, "%s", text);
}

static void edit(ScratchGpg *gpg, const char *fingerprint, const char *commands)
{
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(gpg, commands, -1,
		"--command-fd 0 --no-tty --status-fd 1 --expert --edit-key %s", fingerprint);
}

/* A key of the office's own keyring, so that gpg itself calls it valid: what is found is then the
 * key's own fault. */
static char *make(Fixture *self, const char *name, const char *algorithm)
{
	g_autofree char *user_id = g_strdup_printf("<%s" DOMAIN ">", name);
	return scratch_gpg_make_key(self->office, user_id, algorithm, "never");
}

static char *make_with_subkey(
	Fixture *self, const char *name, const char *algorithm, const char *subkey)
{
	char *fingerprint = make(self, name, algorithm);
	run(self->office, "--quick-add-key %s %s encr never", fingerprint, subkey);
	return fingerprint;
}

static void test_algorithms(Fixture *self, gconstpointer data)
{
	static const struct {
		const char *name, *primary, *subkey, *expected;
	} CASES[] = {
		{ "rsa3072", "rsa3072", "rsa3072", "usable" },
		{ "rsa2048", "rsa2048", "rsa2048", "usable" },
		{ "rsa1024", "rsa1024", "rsa1024", "too-weak:rsa1024" },
		{ "rsa1536", "rsa2048", "rsa1536", "too-weak:rsa1536" },
		{ "weakprimary", "rsa1024", "rsa2048", "too-weak:rsa1024" },
		{ "ed25519", "ed25519", "cv25519", "usable" },
		{ "nistp256", "nistp256", "nistp256", "usable" },
		{ "nistp384", "nistp384", "nistp384", "usable" },
		{ "brainpool", "brainpoolP256r1", "brainpoolP256r1", "usable" },
		{ "dsa", "dsa1024", "rsa2048", "too-weak:dsa1024" },
		{ "elgamal", "rsa2048", "elg1024", "too-weak:elg1024" },
		{ "strongmixed", "ed25519", "rsa2048", "usable" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *key G_GNUC_UNUSED =
			make_with_subkey(self, CASES[i].name, CASES[i].primary, CASES[i].subkey);
	}
	g_autofree char *sign_only G_GNUC_UNUSED = make(self, "signonly", "ed25519");
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *address = g_strconcat(CASES[i].name, DOMAIN, NULL);
		assert_is(self, address, CASES[i].expected);
	}
	assert_is(self, "signonly" DOMAIN, "no-encryption");
}

static void revoke_primary(Fixture *self, const char *fingerprint)
{
	g_autofree char *path =
		g_strdup_printf("%s/openpgp-revocs.d/%s.rev", self->office->home, fingerprint);
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	char *from = strstr(text, ":-----BEGIN");
	g_assert_nonnull(from);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->office, from + 1, -1, "--import");
}

static void test_revocations(Fixture *self, gconstpointer data)
{
	g_autofree char *whole = make(self, "revoked", "future-default");
	revoke_primary(self, whole);
	g_autofree char *subkey = make(self, "subkeyrevoked", "future-default");
	edit(self->office, subkey, "key 1\nrevkey\ny\n0\n\ny\nsave\n");
	g_autofree char *one_of_two = make(self, "oneoftwo", "future-default");
	run(self->office, "--quick-add-key %s cv25519 encr never", one_of_two);
	edit(self->office, one_of_two, "key 1\nrevkey\ny\n0\n\ny\nsave\n");
	g_autofree char *user_id = make(self, "oldname", "future-default");
	run(self->office, "--quick-add-uid %s '<newname" DOMAIN ">'", user_id);
	run(self->office, "--quick-revoke-uid %s '<oldname" DOMAIN ">'", user_id);
	g_autofree char *disabled = make(self, "disabled", "future-default");
	edit(self->office, disabled, "disable\nsave\n");
	assert_is(self, "revoked" DOMAIN, "revoked");
	assert_is(self, "subkeyrevoked" DOMAIN, "revoked:subkey");
	assert_is(self, "oneoftwo" DOMAIN, "usable");
	assert_is(self, "oldname" DOMAIN, "revoked:user-id");
	assert_is(self, "newname" DOMAIN, "usable");
	assert_is(self, "disabled" DOMAIN, "disabled");
}

static void test_dates(Fixture *self, gconstpointer data)
{
	run(self->office, "--faked-system-time 20200121T000000 --quick-generate-key "
			  "'<expired" DOMAIN ">' future-default default 2021-01-21");
	run(self->office, "--faked-system-time 20200121T000000 --quick-generate-key "
			  "'<oldsubkey" DOMAIN ">' ed25519 default never");
	g_autofree char *list = scratch_gpg_run(
		self->office, NULL, 0, "--with-colons --list-keys '<oldsubkey" DOMAIN ">'");
	char *line = strstr(list, "\nfpr:::::::::");
	g_assert_nonnull(line);
	g_autofree char *old = g_strndup(line + strlen("\nfpr:::::::::"), 40);
	run(self->office,
		"--faked-system-time 20200121T000000 --quick-add-key %s cv25519 encr 2021-01-21",
		old);
	assert_is(self, "expired" DOMAIN, "expired:2021-01-21");
	assert_is(self, "oldsubkey" DOMAIN, "expired:2021-01-21");
	/* A new subkey beside the one that ended. */
	run(self->office, "--quick-add-key %s cv25519 encr never", old);
	assert_is(self, "oldsubkey" DOMAIN, "usable");
	run(self->office, "--faked-system-time 20600121T000000 --quick-generate-key "
			  "'<future" DOMAIN ">' future-default default never");
	assert_is(self, "future" DOMAIN, "not-yet-valid:2060-01-21");
	/* The moment that is asked about counts for what ends. */
	g_autofree char *next = make(self, "ends", "future-default");
	run(self->office, "--quick-set-expire %s 2y", next);
	run(self->office, "--quick-set-expire %s 2y '*'", next);
	assert_is(self, "ends" DOMAIN, "usable");
	g_autofree char *later = look_at(self, "ends" DOMAIN, get_now() + (gint64)3 * 366 * 86400);
	g_assert_true(g_str_has_prefix(later, "expired:"));
}

/* A key of somebody else's, without or with somebody's word for it. */
static char *import(Fixture *self, const char *user_id)
{
	g_autofree char *fingerprint =
		scratch_gpg_make_key(self->others, user_id, "future-default", "never");
	g_autofree char *key =
		scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", fingerprint);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(self->office, key, -1, "--import");
	return g_steal_pointer(&fingerprint);
}

static void trust_owner(Fixture *self, const char *fingerprint, int level)
{
	g_autofree char *text = g_strdup_printf("%s:%d:\n", fingerprint, level);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->office, text, -1, "--import-ownertrust");
}

static void test_validity(Fixture *self, gconstpointer data)
{
	g_autofree char *own = scratch_gpg_make_key(
		self->office, "<own@office.example>", "future-default", "never");
	g_autofree char *unknown G_GNUC_UNUSED = import(self, "<unknown" DOMAIN ">");
	g_autofree char *full = import(self, "<full" DOMAIN ">");
	run(self->office, "--default-key %s --quick-lsign-key %s", own, full);
	g_autofree char *ultimate = import(self, "<ultimate" DOMAIN ">");
	trust_owner(self, ultimate, 6);
	/* One marginal introducer is not enough for gpg, and so not for us. */
	g_autofree char *introducer = import(self, "<introducer" DOMAIN ">");
	run(self->office, "--default-key %s --quick-lsign-key %s", own, introducer);
	trust_owner(self, introducer, 4);
	g_autofree char *marginal = scratch_gpg_make_key(
		self->others, "<marginal" DOMAIN ">", "future-default", "never");
	run(self->others, "--default-key %s --quick-sign-key %s", introducer, marginal);
	g_autofree char *key =
		scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", marginal);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(self->office, key, -1, "--import");
	g_autofree char *never = import(self, "<never" DOMAIN ">");
	trust_owner(self, never, 2);
	assert_is(self, "unknown" DOMAIN, "not-verified");
	assert_is(self, "full" DOMAIN, "usable");
	assert_is(self, "ultimate" DOMAIN, "usable");
	assert_is(self, "marginal" DOMAIN, "not-verified");
	assert_is(self, "never" DOMAIN, "not-verified");
	/* Only the user id that was signed is verified. */
	g_autofree char *two =
		scratch_gpg_make_key(self->others, "<first" DOMAIN ">", "future-default", "never");
	run(self->others, "--quick-add-uid %s '<second" DOMAIN ">'", two);
	g_autofree char *both = scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", two);
	g_autofree char *also G_GNUC_UNUSED = scratch_gpg_run(self->office, both, -1, "--import");
	run(self->office, "--default-key %s --quick-lsign-key %s '<first" DOMAIN ">'", own, two);
	assert_is(self, "first" DOMAIN, "usable");
	assert_is(self, "second" DOMAIN, "not-verified");
}

static void test_several(Fixture *self, gconstpointer data)
{
	g_autofree char *first = make(self, "two", "future-default");
	g_autofree char *user_id = g_strdup("Two <two" DOMAIN ">");
	g_autofree char *second =
		scratch_gpg_make_key(self->office, user_id, "future-default", "never");
	g_autofree char *third G_GNUC_UNUSED = import(self, "Three <two" DOMAIN ">");
	g_assert_cmpstr(first, !=, second);
	assert_is(self, "two" DOMAIN, "usable usable not-verified");
	revoke_primary(self, first);
	assert_is(self, "two" DOMAIN, "usable not-verified revoked");
}

static void test_look_alikes(Fixture *self, gconstpointer data)
{
	static const char *const USER_IDS[] = {
		"<notbob" DOMAIN ">",
		"<bob" DOMAIN ".evil.example>",
		"Evil <bob+x" DOMAIN ">",
		"bob" DOMAIN " <mallory@evil.example>",
		"Bob (bob" DOMAIN ") <comment@evil.example>",
		"Bob bob" DOMAIN " without brackets",
		"<bob@k\xd0\xb5kunde.example>", /* a Cyrillic letter more */
		"<bob@kund\xd0\xb5.example>",   /* a Cyrillic letter instead */
		"<b\xd0\xbe"
		"b" DOMAIN ">",
		"Only a name",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(USER_IDS); i++) {
		run(self->office,
			"--allow-freeform-uid --quick-generate-key '%s' ed25519 default never",
			USER_IDS[i]);
	}
	assert_is(self, "bob" DOMAIN, "none");
	assert_is(self, "mallory@evil.example", "no-encryption");
	assert_is(self, "comment@evil.example", "no-encryption");
	assert_is(self, "notbob" DOMAIN, "no-encryption");
	assert_is(self, "bob+x" DOMAIN, "no-encryption");
}

static void test_spellings(Fixture *self, gconstpointer data)
{
	static const struct {
		const char *user_id, *mailbox;
	} CASES[] = {
		{ "Anna <Anna.Muster@Kunde.EXAMPLE>", "anna.muster@kunde.example" },
		{ "anna2" DOMAIN, "ANNA2@KUNDE.example" },
		{ "Anna <tag+auto" DOMAIN ">", "tag+auto" DOMAIN },
		{ "Anna \"x\" (y: z) <colon" DOMAIN ">", "colon" DOMAIN },
		{ "M\xc3\xbcller <m@m\xc3\xbcller.example>", "m@xn--mller-kva.example" },
		{ "Zo\xc3\xab <zoe\xcc\x88" DOMAIN ">", "zo\xc3\xab" DOMAIN },
		{ "<\"a b\"" DOMAIN ">", "\"a b\"" DOMAIN },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *quoted = g_shell_quote(CASES[i].user_id);
		run(self->office,
			"--allow-freeform-uid --quick-generate-key %s ed25519 default never",
			quoted);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(SgpAddress) address = sgp_address_new(CASES[i].mailbox, &error);
		g_assert_no_error(error);
		const char *expected =
			strchr(CASES[i].mailbox, ' ') != NULL ? "none" : "no-encryption";
		assert_is(self, sgp_address_get_addr_spec(address), expected);
	}
}

/* What people export of their keys, when they export too little. */
static void test_partial_exports(Fixture *self, gconstpointer data)
{
	g_autofree char *key = scratch_gpg_make_key(
		self->others, "<partial" DOMAIN ">", "future-default", "never");
	g_autofree char *whole = scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", key);
	edit(self->others, key, "key 1\ndelkey\ny\nsave\n");
	g_autofree char *without =
		scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", key);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->office, without, -1, "--import");
	assert_is(self, "partial" DOMAIN, "no-encryption");
	/* The rest comes later, with another export. */
	g_autofree char *more G_GNUC_UNUSED = scratch_gpg_run(self->office, whole, -1, "--import");
	assert_is(self, "partial" DOMAIN, "not-verified");
}

/* An own key whose primary half lies in a safe: its subkeys still sign and decrypt. */
static void test_own_subkeys_only(Fixture *self, gconstpointer data)
{
	g_autofree char *own =
		scratch_gpg_make_key(self->others, "<own@office.example>", "ed25519", "never");
	run(self->others, "--quick-add-key %s cv25519 encr never", own);
	run(self->others, "--quick-add-key %s ed25519 sign never", own);
	g_autofree char *subkeys =
		scratch_gpg_run(self->others, NULL, 0, "--armor --export-secret-subkeys %s", own);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->office, subkeys, -1, "--import");
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpKey) key =
		sgp_key_lookup_run_own(self->keys, "own@office.example", get_now(), NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(key);
	g_assert_cmpstr(key->fingerprint, ==, own);
}

/* A mark cures doubt about whose key it is, and nothing else. */
static void test_marks(Fixture *self, gconstpointer data)
{
	g_autofree char *doubtful = import(self, "<marked" DOMAIN ">");
	g_autofree char *weak =
		scratch_gpg_make_key(self->others, "<weak" DOMAIN ">", "rsa1024", "never");
	run(self->others, "--quick-add-key %s rsa1024 encr never", weak);
	g_autofree char *text = scratch_gpg_run(self->others, NULL, 0, "--armor --export %s", weak);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(self->office, text, -1, "--import");
	g_assert_true(sgp_key_lookup_accept(self->keys, doubtful, "marked" DOMAIN, NULL));
	g_assert_true(sgp_key_lookup_accept(self->keys, weak, "weak" DOMAIN, NULL));
	assert_is(self, "marked" DOMAIN, "usable");
	assert_is(self, "weak" DOMAIN, "too-weak:rsa1024");
	state_set(&self->state, "openpgp-trust", "['portal']");
	assert_is(self, "marked" DOMAIN, "not-verified");
}

#define ADD(name, func) g_test_add("/key-matrix/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("each-algorithm-is-usable-or-says-that-it-is-weak", test_algorithms);
	ADD("what-was-revoked-or-disabled-says-so", test_revocations);
	ADD("what-ended-or-has-not-begun-says-when", test_dates);
	ADD("only-full-validity-counts-and-for-its-user-id-only", test_validity);
	ADD("several-keys-of-one-person-are-all-told", test_several);
	ADD("a-look-alike-is-nobody", test_look_alikes);
	ADD("one-address-has-many-spellings", test_spellings);
	ADD("a-key-without-its-subkey-cannot-encrypt", test_partial_exports);
	ADD("an-own-key-may-keep-its-primary-half-elsewhere", test_own_subkeys_only);
	ADD("a-mark-cures-doubt-and-nothing-else", test_marks);
	return g_test_run();
}
