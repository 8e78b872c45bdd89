/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reaches us in mail waits apart from every keyring, and counts for nothing by itself. */
#include "sgp-error.h"
#include "sgp-key-harvest.h"
#include "sgp-key-lookup.h"
#include "sgp-mime.h"

#include <string.h>

#include "scratch-gpg.h"
#include "state-fixture.h"

#define ERIKA "erika@kunde.example"
#define SEEN  G_GINT64_CONSTANT(1763888400) /* 2025-11-23 */
#define HEADER                                                                                     \
	"From: Erika <" ERIKA ">\nTo: s@office.example\nSubject: Frage\n"                          \
	"Date: Sun, 23 Nov 2025 09:00:00 +0000\n"

typedef struct {
	State state;
	ScratchGpg *office, *customer; /* (owned) */
	SgpKeyCandidates *candidates;  /* (owned) */
	SgpKeyLookup *keys;            /* (owned) */
} Fixture;

static void setup(Fixture *self, gconstpointer data)
{
	state_setup(&self->state, data);
	self->office = scratch_gpg_new();
	self->customer = scratch_gpg_new();
	self->candidates = sgp_key_candidates_new(self->state.store);
	self->keys = sgp_key_lookup_new(self->state.settings, self->office->home);
	sgp_key_lookup_set_state_directory(self->keys, self->state.directory);
	sgp_key_lookup_set_candidates(self->keys, self->candidates);
	state_set(&self->state, "openpgp-trust", "['marked', 'portal']");
}

static void teardown(Fixture *self, gconstpointer data)
{
	g_clear_object(&self->keys);
	g_clear_object(&self->candidates);
	scratch_gpg_free(self->office);
	scratch_gpg_free(self->customer);
	state_teardown(&self->state, data);
}

static gint64 get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static GBytes *export_key(ScratchGpg *gpg, const char *fingerprint)
{
	char *armored = scratch_gpg_run(gpg, NULL, 0, "--armor --export %s", fingerprint);
	return g_bytes_new_take(armored, strlen(armored));
}

/* Base64 as a header has it: the armor without its first lines and its check sum. */
static char *dup_header(ScratchGpg *gpg, const char *addr, const char *fingerprint)
{
	g_autofree char *armored =
		scratch_gpg_run(gpg, NULL, 0, "--armor --export %s", fingerprint);
	char *from = strstr(armored, "\n\n");
	char *to = strstr(armored, "\n=");
	g_assert_true(from != NULL && to != NULL);
	*to = '\0';
	g_auto(GStrv) lines = g_strsplit(from + 2, "\n", -1);
	g_autofree char *keydata = g_strjoinv("\n ", lines);
	return g_strdup_printf("Autocrypt: addr=%s; keydata=\n %s\n", addr, keydata);
}

static guint harvest(Fixture *self, const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	return sgp_key_harvest(self->candidates, self->state.settings, mail);
}

static guint harvest_header(Fixture *self, const char *extra, const char *autocrypt)
{
	g_autofree char *text = g_strconcat(HEADER, extra, autocrypt, "\nWas kostet das?\n", NULL);
	return harvest(self, text);
}

/* "state detail standing" of the first key for an address; "none". */
static char *look(Fixture *self, const char *addr_spec)
{
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(self->keys, addr_spec, get_now(), NULL);
	g_assert_true(answer->is_known);
	if (answer->keys->len == 0)
		return g_strdup("none");
	const SgpKey *key = g_ptr_array_index(answer->keys, 0);
	return g_strdup_printf("%s %s %s", sgp_key_state_get_nick(key->state),
		key->detail != NULL ? key->detail : "-", sgp_key_standing_get_nick(key->standing));
}

static void assert_key(Fixture *self, const char *addr_spec, const char *expected)
{
	g_autofree char *found = look(self, addr_spec);
	g_assert_cmpstr(found, ==, expected);
}

static char *make_key(Fixture *self, const char *user_id)
{
	return scratch_gpg_make_key(self->customer, user_id, "future-default", "never");
}

static void test_harvest(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_assert_cmpuint(harvest_header(self, "", header), ==, 1);
	assert_key(self, ERIKA, "not-verified candidate none");
	g_autoptr(GPtrArray) all = sgp_key_candidates_list(self->candidates, NULL);
	g_assert_cmpuint(all->len, ==, 1);
	const SgpKeyCandidate *one = g_ptr_array_index(all, 0);
	g_assert_cmpstr(one->record->fingerprint, ==, key);
	g_assert_cmpint(one->origin, ==, SGP_KEY_ORIGIN_AUTOCRYPT);
	g_assert_cmpint(one->last_seen, ==, SEEN);
	/* The user's keyring knows nothing of it. */
	g_autofree char *list = scratch_gpg_run(self->office, NULL, 0, "--with-colons --list-keys");
	g_assert_null(strstr(list, "pub:"));
}

static void test_no_persons_mail(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_autofree char *other = dup_header(self->customer, "max@kunde.example", key);
	g_autofree char *twice = g_strconcat(header, header, NULL);
	g_assert_cmpuint(harvest_header(self, "List-Id: <l.example>\n", header), ==, 0);
	g_assert_cmpuint(harvest_header(self, "Auto-Submitted: auto-replied\n", header), ==, 0);
	g_assert_cmpuint(harvest_header(self, "Precedence: bulk\n", header), ==, 0);
	g_assert_cmpuint(harvest_header(self, "", other), ==, 0);
	g_assert_cmpuint(harvest_header(self, "", twice), ==, 0);
	g_assert_cmpuint(harvest_header(self,
				 "Authentication-Results: mx.office.example; dmarc=fail\n", header),
		==, 0);
	assert_key(self, ERIKA, "none");
	g_assert_cmpuint(
		harvest_header(self, "Authentication-Results: other.example; dmarc=fail\n", header),
		==, 1);
}

static void test_several_authors(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_autofree char *text = g_strconcat(
		"From: " ERIKA ", max@kunde.example\nSubject: x\n", header, "\nGuten Tag\n", NULL);
	g_assert_cmpuint(harvest(self, text), ==, 0);
}

/* The address of the header is the author's, but the key in it is somebody else's. */
static void test_key_of_another(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Mallory <mallory@evil.example>");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_assert_cmpuint(harvest_header(self, "", header), ==, 0);
	assert_key(self, ERIKA, "none");
	assert_key(self, "mallory@evil.example", "none");
}

static void test_attachment(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *other G_GNUC_UNUSED = make_key(self, "Max <max@kunde.example>");
	g_autofree char *both = scratch_gpg_run(self->customer, NULL, 0, "--armor --export");
	g_autofree char *text = g_strconcat(HEADER
		"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
		"Content-Type: text/plain\n\nAnbei.\n--b\nContent-Type: application/pgp-keys; "
		"name=k.asc\nContent-Disposition: attachment; filename=k.asc\n\n",
		both, "\n--b--\n", NULL);
	g_assert_cmpuint(harvest(self, text), ==, 1);
	assert_key(self, ERIKA, "not-verified candidate none");
	assert_key(self, "max@kunde.example", "none");
	g_autoptr(GPtrArray) found = sgp_key_candidates_lookup(self->candidates, ERIKA, NULL);
	const SgpKeyCandidate *one = g_ptr_array_index(found, 0);
	g_assert_cmpstr(one->record->fingerprint, ==, key);
}

/* People attach the wrong file. */
static void test_secret_key(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *secret =
		scratch_gpg_run(self->customer, NULL, 0, "--armor --export-secret-keys %s", key);
	g_autoptr(GBytes) bytes = g_bytes_new(secret, strlen(secret));
	sgp_key_candidates_add(
		self->candidates, ERIKA, SGP_KEY_ORIGIN_ATTACHMENT, bytes, SEEN, NULL, NULL);
	g_autoptr(GPtrArray) found = sgp_key_candidates_lookup(self->candidates, ERIKA, NULL);
	for (guint i = 0; i < found->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(found, i);
		const guint8 *start = g_bytes_get_data(one->certificate, NULL);
		/* RFC 9580 section 4.2: tag 6, in the old or the new form; a secret key is 5. */
		g_assert_true((start[0] & 0xfc) == 0x98 || start[0] == 0xc6);
	}
}

static void test_acceptance(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_autoptr(GError) error = NULL;
	harvest_header(self, "", header);
	g_assert_false(
		sgp_key_lookup_accept(self->keys, key + 24, ERIKA, &error)); /* a long key id */
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_false(sgp_key_lookup_accept(self->keys, key, "max@kunde.example", &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_autofree char *small = g_ascii_strdown(key, -1);
	g_assert_true(sgp_key_lookup_accept(self->keys, small, "Erika@Kunde.example", &error));
	g_assert_no_error(error);
	assert_key(self, ERIKA, "usable - verified");
	g_autoptr(SgpKey) loaded =
		sgp_key_lookup_load(self->keys, key, ERIKA, get_now(), NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(loaded->origin, ==, SGP_KEY_ORIGIN_KEYRING);
	g_assert_null(loaded->certificate);
}

static void test_trust_on_first_use(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autofree char *header = dup_header(self->customer, ERIKA, key);
	g_autoptr(GError) error = NULL;
	harvest_header(self, "", header);
	state_set(&self->state, "openpgp-trust", "['tofu']");
	assert_key(self, ERIKA, "usable - tofu");
	g_autoptr(SgpKey) loaded =
		sgp_key_lookup_load(self->keys, key, ERIKA, get_now(), NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpint(loaded->state, ==, SGP_KEY_STATE_USABLE);
	g_assert_nonnull(loaded->certificate);
	state_set(&self->state, "openpgp-trust", "['marked', 'portal', 'wkd']");
	g_autoptr(SgpKey) again =
		sgp_key_lookup_load(self->keys, key, ERIKA, get_now(), NULL, &error);
	g_assert_cmpint(again->state, ==, SGP_KEY_STATE_NOT_VERIFIED);
}

/* The first one seen stays, whatever is sent afterwards. */
static void test_flood(Fixture *self, gconstpointer data)
{
	g_autofree char *first = make_key(self, "Erika <" ERIKA ">");
	g_autoptr(GBytes) bytes = export_key(self->customer, first);
	g_assert_true(sgp_key_candidates_add(
		self->candidates, ERIKA, SGP_KEY_ORIGIN_AUTOCRYPT, bytes, SEEN, NULL, NULL));
	g_autofree char *last = NULL;
	for (guint i = 1; i <= 9; i++) {
		g_autofree char *user_id = g_strdup_printf("Erika %u <" ERIKA ">", i);
		g_free(last);
		last = make_key(self, user_id);
		g_autoptr(GBytes) more = export_key(self->customer, last);
		g_assert_true(sgp_key_candidates_add(self->candidates, ERIKA,
			SGP_KEY_ORIGIN_AUTOCRYPT, more, SEEN + i, NULL, NULL));
	}
	g_autoptr(GPtrArray) found = sgp_key_candidates_lookup(self->candidates, ERIKA, NULL);
	g_assert_cmpuint(found->len, ==, 6);
	const SgpKeyCandidate *oldest = g_ptr_array_index(found, 0);
	const SgpKeyCandidate *newest = g_ptr_array_index(found, found->len - 1);
	g_assert_cmpstr(oldest->record->fingerprint, ==, first);
	g_assert_cmpstr(newest->record->fingerprint, ==, last);
}

static void test_no_key(Fixture *self, gconstpointer data)
{
	static const char *const TEXTS[] = {
		"", "noise", "<html>404</html>",
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"
	};
	for (gsize i = 0; i < G_N_ELEMENTS(TEXTS); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new_static(TEXTS[i], strlen(TEXTS[i]));
		g_autoptr(GError) error = NULL;
		g_assert_false(sgp_key_candidates_add(self->candidates, ERIKA,
			SGP_KEY_ORIGIN_ATTACHMENT, bytes, SEEN, NULL, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	}
	g_autofree char *large = g_strnfill(600 * 1024, 'A');
	g_autoptr(GBytes) bytes = g_bytes_new_static(large, 600 * 1024);
	g_autoptr(GError) error = NULL;
	g_assert_false(sgp_key_candidates_add(
		self->candidates, ERIKA, SGP_KEY_ORIGIN_ATTACHMENT, bytes, SEEN, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE);
}

/* A user id packet without a signature of the key itself. */
static void test_glued_user_id(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Mallory <mallory@evil.example>");
	g_autofree char *armored =
		scratch_gpg_run(self->customer, NULL, 0, "--armor --export %s", key);
	g_autofree char *path = g_build_filename(self->customer->directory, "key", NULL);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->customer, NULL, 0, "--output %s --export %s", path, key);
	g_autofree char *bytes = NULL;
	gsize length = 0;
	g_assert_true(g_file_get_contents(path, &bytes, &length, NULL));
	GByteArray *glued = g_byte_array_new();
	g_byte_array_append(glued, (const guint8 *)bytes, (guint)length);
	const char *user_id = "Erika <" ERIKA ">";
	guint8 head[] = { 0xcd, (guint8)strlen(user_id) };
	g_byte_array_append(glued, head, sizeof head);
	g_byte_array_append(glued, (const guint8 *)user_id, head[1]);
	g_autoptr(GBytes) all = g_byte_array_free_to_bytes(glued);
	g_autoptr(GError) error = NULL;
	g_assert_false(sgp_key_candidates_add(
		self->candidates, ERIKA, SGP_KEY_ORIGIN_ATTACHMENT, all, SEEN, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	assert_key(self, ERIKA, "none");
}

static void test_directory(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autoptr(GBytes) bytes = export_key(self->customer, key);
	g_autoptr(GBytes) page = g_bytes_new_static("<html>", 6);
	gint64 now = get_now();
	state_set(&self->state, "openpgp-trust", "['wkd']");
	/* Nobody asked: where directories are trusted, that is "could not look". */
	g_autoptr(SgpKeyAnswer) unknown = sgp_key_lookup_run(self->keys, ERIKA, now, NULL);
	g_assert_false(unknown->is_known);
	g_assert_false(sgp_key_answer_is_known(unknown, SGP_CHANNEL_OPENPGP));
	g_assert_true(sgp_key_answer_is_known(unknown, SGP_CHANNEL_SMIME));
	g_assert_true(sgp_key_candidates_set_wkd(self->candidates, ERIKA, bytes, now, NULL));
	assert_key(self, ERIKA, "usable - wkd");
	/* A day later nobody knows any more. */
	g_autoptr(SgpKeyAnswer) later = sgp_key_lookup_run(self->keys, ERIKA, now + 90000, NULL);
	g_assert_false(later->is_known);
	/* What it says now replaces what it said. A page at that place is no key. */
	g_assert_true(sgp_key_candidates_set_wkd(self->candidates, ERIKA, page, now, NULL));
	assert_key(self, ERIKA, "none");
	g_assert_true(sgp_key_candidates_set_wkd(self->candidates, ERIKA, bytes, now, NULL));
	g_assert_true(sgp_key_candidates_set_wkd(self->candidates, ERIKA, NULL, now, NULL));
	assert_key(self, ERIKA, "none");
}

/* A domain's key counts for nothing where the office does not trust directories. */
static void test_directory_untrusted(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autoptr(GBytes) bytes = export_key(self->customer, key);
	g_assert_true(sgp_key_candidates_set_wkd(self->candidates, ERIKA, bytes, get_now(), NULL));
	assert_key(self, ERIKA, "not-verified candidate none");
}

static void import_and_accept(Fixture *self, const char *fingerprint)
{
	g_autoptr(GBytes) key = export_key(self->customer, fingerprint);
	g_autoptr(GError) error = NULL;
	gsize size = 0;
	const char *start = g_bytes_get_data(key, &size);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->office, start, (gssize)size, "--import");
	sgp_key_lookup_accept(self->keys, fingerprint, ERIKA, &error);
	g_assert_no_error(error);
}

static void add(Fixture *self, GBytes *key, SgpKeyOrigin origin, gint64 seen)
{
	g_autoptr(GError) error = NULL;
	sgp_key_candidates_add(self->candidates, ERIKA, origin, key, seen, NULL, &error);
	g_assert_no_error(error);
}

static SgpKeyState load_state(Fixture *self, const char *fingerprint)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpKey) key =
		sgp_key_lookup_load(self->keys, fingerprint, ERIKA, get_now(), NULL, &error);
	g_assert_no_error(error);
	return key->state;
}

/* The keyring does not know of it yet; whoever stole the key goes on sending the old one. */
static void test_revocation(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autoptr(GBytes) before = export_key(self->customer, key);
	import_and_accept(self, key);
	assert_key(self, ERIKA, "usable - verified");
	g_autofree char *path =
		g_strdup_printf("%s/openpgp-revocs.d/%s.rev", self->customer->home, key);
	g_autofree char *text = NULL;
	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	char *from = strstr(text, ":-----BEGIN");
	g_assert_nonnull(from);
	g_autofree char *none G_GNUC_UNUSED =
		scratch_gpg_run(self->customer, from + 1, -1, "--import");
	g_autoptr(GBytes) revoked = export_key(self->customer, key);
	add(self, revoked, SGP_KEY_ORIGIN_ATTACHMENT, SEEN);
	assert_key(self, ERIKA, "revoked - verified");
	g_assert_cmpint(load_state(self, key), ==, SGP_KEY_STATE_REVOKED);
	add(self, before, SGP_KEY_ORIGIN_ATTACHMENT, SEEN + 60);
	add(self, before, SGP_KEY_ORIGIN_AUTOCRYPT, SEEN + 60);
	assert_key(self, ERIKA, "revoked - verified");
	g_assert_cmpint(load_state(self, key), ==, SGP_KEY_STATE_REVOKED);
}

/* The same key with a later end. */
static void test_renewal(Fixture *self, gconstpointer data)
{
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(self->customer, NULL, 0,
		"--faked-system-time 20200121T000000 --quick-generate-key '<" ERIKA
		">' future-default default 2021-01-21");
	g_autofree char *list =
		scratch_gpg_run(self->customer, NULL, 0, "--with-colons --list-keys");
	char *line = strstr(list, "\nfpr:::::::::");
	g_assert_nonnull(line);
	g_autofree char *key = g_strndup(line + strlen("\nfpr:::::::::"), 40);
	g_autoptr(GBytes) ended = export_key(self->customer, key);
	import_and_accept(self, key);
	add(self, ended, SGP_KEY_ORIGIN_AUTOCRYPT, SEEN - 60);
	assert_key(self, ERIKA, "expired 2021-01-21 verified");
	g_autofree char *whole G_GNUC_UNUSED =
		scratch_gpg_run(self->customer, NULL, 0, "--quick-set-expire %s 2y", key);
	g_autofree char *parts G_GNUC_UNUSED =
		scratch_gpg_run(self->customer, NULL, 0, "--quick-set-expire %s 2y '*'", key);
	g_autoptr(GBytes) renewed = export_key(self->customer, key);
	add(self, renewed, SGP_KEY_ORIGIN_ATTACHMENT, SEEN);
	assert_key(self, ERIKA, "not-verified candidate none");
	g_assert_cmpint(load_state(self, key), ==, SGP_KEY_STATE_NOT_VERIFIED);
	state_set(&self->state, "openpgp-trust", "['tofu']");
	assert_key(self, ERIKA, "usable - tofu");
	g_assert_cmpint(load_state(self, key), ==, SGP_KEY_STATE_USABLE);
	state_set(&self->state, "openpgp-trust", "['marked']");
	g_autoptr(GError) error = NULL;
	sgp_key_lookup_accept(self->keys, key, ERIKA, &error);
	g_assert_no_error(error);
	/* Now it is in the keyring. */
	g_autoptr(GPtrArray) waiting = sgp_key_candidates_lookup(self->candidates, ERIKA, NULL);
	g_assert_cmpuint(waiting->len, ==, 0);
	assert_key(self, ERIKA, "usable - verified");
}

static void test_removal(Fixture *self, gconstpointer data)
{
	g_autofree char *key = make_key(self, "Erika <" ERIKA ">");
	g_autoptr(GBytes) bytes = export_key(self->customer, key);
	g_assert_true(sgp_key_candidates_add(
		self->candidates, ERIKA, SGP_KEY_ORIGIN_AUTOCRYPT, bytes, SEEN, NULL, NULL));
	g_assert_true(sgp_key_candidates_remove(self->candidates, ERIKA, NULL, NULL));
	assert_key(self, ERIKA, "none");
}

#define ADD(name, func) g_test_add("/key-candidates/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-header-becomes-a-candidate-and-no-more", test_harvest);
	ADD("only-a-persons-own-mail-brings-keys", test_no_persons_mail);
	ADD("a-mail-of-two-authors-brings-no-key", test_several_authors);
	ADD("a-key-that-does-not-name-its-sender-is-left", test_key_of_another);
	ADD("an-attached-key-is-a-candidate-for-its-sender", test_attachment);
	ADD("a-secret-key-is-never-kept", test_secret_key);
	ADD("staff-can-accept-a-candidate", test_acceptance);
	ADD("first-use-counts-only-where-the-office-says-so", test_trust_on_first_use);
	ADD("a-flood-does-not-push-out-the-first-one", test_flood);
	ADD("what-is-no-key-is-said-to-be-none", test_no_key);
	ADD("a-user-id-that-was-glued-on-does-not-count", test_glued_user_id);
	ADD("a-domains-answer-holds-for-a-day", test_directory);
	ADD("a-domains-key-counts-only-where-domains-are-trusted", test_directory_untrusted);
	ADD("a-revocation-that-comes-by-mail-counts", test_revocation);
	ADD("a-renewed-key-waits-until-it-is-accepted", test_renewal);
	ADD("a-candidate-can-be-forgotten", test_removal);
	return g_test_run();
}
