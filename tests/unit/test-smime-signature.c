/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates out of signed mail: only with a good signature, only the author's own, and believed
 * by nobody until the keybox can follow their issuers. */
#include "sgp-error.h"
#include "sgp-key-harvest.h"
#include "sgp-key-lookup.h"
#include "sgp-mime.h"
#include "sgp-smime-signature.h"

#include <string.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"
#include "state-fixture.h"

#define ERIKA "erika@kunde.example"
#define HEAD                                                                                       \
	"From: Erika <" ERIKA ">\nTo: s@office.example\nSubject: Frage\n"                          \
	"Date: Sun, 23 Nov 2025 09:00:00 +0000\n"
#define TEXT "Content-Type: text/plain; charset=utf-8\r\n\r\nWas kostet das?\r\n"

typedef struct {
	State state;
	ScratchCa *ca;                /* (owned) */
	ScratchGpg *gpg;              /* (owned) the office's */
	SgpKeyCandidates *candidates; /* (owned) */
	SgpKeyLookup *keys;           /* (owned) */
	char *erika;                  /* (owned) fingerprint of her certificate */
} Fixture;

static void setup(Fixture *self, gconstpointer data)
{
	state_setup(&self->state, data);
	self->ca = scratch_ca_new();
	self->gpg = scratch_gpg_new();
	self->candidates = sgp_key_candidates_new(self->state.store);
	self->keys = sgp_key_lookup_new(self->state.settings, self->gpg->home);
	sgp_key_lookup_set_state_directory(self->keys, self->state.directory);
	sgp_key_lookup_set_candidates(self->keys, self->candidates);
	ScratchCertificate how = { .subject = "/CN=Erika", .names = "email:" ERIKA };
	self->erika = scratch_ca_make(self->ca, "erika", &how);
	scratch_ca_publish(self->ca, 30);
}

static void teardown(Fixture *self, gconstpointer data)
{
	g_clear_object(&self->keys);
	g_clear_object(&self->candidates);
	scratch_ca_forget(self->gpg->home);
	scratch_gpg_free(self->gpg);
	scratch_ca_free(self->ca);
	g_free(self->erika);
	state_teardown(&self->state, data);
}

/* The signed mail as openssl writes it. options: "-nodetach", ... */
static char *sign(Fixture *self, const char *name, const char *options)
{
	g_autoptr(GBytes) input = g_bytes_new_static(TEXT, strlen(TEXT));
	g_autoptr(GBytes) output = scratch_ca_run(self->ca, input,
		"openssl cms -sign -md sha256 -signer %s.pem -inkey %s.key -certfile root.pem "
		"-outform SMIME %s",
		name, name, options);
	gsize size = 0;
	const char *text = g_bytes_get_data(output, &size);
	g_autofree char *signed_part = g_strndup(text, size);
	return g_strconcat(HEAD, signed_part, NULL);
}

static SgpMail *freeze(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	return mail;
}

static guint harvest(Fixture *self, const char *text)
{
	g_autoptr(SgpMail) mail = freeze(text);
	return sgp_key_harvest(self->candidates, self->state.settings, mail);
}

static gboolean is_signed(const char *text)
{
	g_autoptr(SgpMail) mail = freeze(text);
	g_autoptr(SgpSmimeSignature) signature = sgp_smime_signature_read(mail);
	return signature != NULL;
}

static char *look(Fixture *self)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(self->keys, ERIKA, now, NULL);
	if (answer->keys->len != 1)
		return g_strdup_printf("%u keys", answer->keys->len);
	const SgpKey *key = g_ptr_array_index(answer->keys, 0);
	g_assert_cmpint(key->channel, ==, SGP_CHANNEL_SMIME);
	return g_strdup_printf(
		"%s %s", sgp_key_state_get_nick(key->state), sgp_key_origin_get_nick(key->origin));
}

static void assert_looks(Fixture *self, const char *expected)
{
	g_autofree char *found = look(self);
	g_assert_cmpstr(found, ==, expected);
}

static void test_detached(Fixture *self, gconstpointer data)
{
	g_autofree char *mail = sign(self, "erika", "");
	g_assert_nonnull(strstr(mail, "multipart/signed"));
	g_assert_cmpuint(harvest(self, mail), ==, 1);
	assert_looks(self, "not-verified signature");
	g_autoptr(GPtrArray) all = sgp_key_candidates_list(self->candidates, NULL);
	const SgpKeyCandidate *one = g_ptr_array_index(all, 0);
	g_assert_cmpstr(one->record->fingerprint, ==, self->erika);
	/* The same mail with other line ends, as mbox files have it. */
	g_auto(GStrv) lines = g_strsplit(mail, "\r\n", -1);
	g_autofree char *unix_mail = g_strjoinv("\n", lines);
	g_assert_true(is_signed(unix_mail));
}

static void test_opaque(Fixture *self, gconstpointer data)
{
	g_autofree char *mail = sign(self, "erika", "-nodetach");
	g_assert_nonnull(strstr(mail, "pkcs7-mime"));
	g_assert_true(is_signed(mail));
}

static void test_tampered(Fixture *self, gconstpointer data)
{
	g_autofree char *mail = sign(self, "erika", "");
	char *word = strstr(mail, "kostet");
	g_assert_nonnull(word);
	word[0] = 'K';
	g_assert_false(is_signed(mail));
	g_assert_cmpuint(harvest(self, mail), ==, 0);
	assert_looks(self, "0 keys");
}

/* Mallory signs well, in Erika's name. */
static void test_other_author(Fixture *self, gconstpointer data)
{
	ScratchCertificate how = { .subject = "/CN=" ERIKA, .names = "email:mallory@evil.example" };
	g_autofree char *mallory G_GNUC_UNUSED = scratch_ca_make(self->ca, "mallory", &how);
	/* Erika's own certificate goes with it, but her key did not sign. */
	g_autofree char *mail = sign(self, "mallory", "-certfile erika.pem");
	g_assert_true(is_signed(mail));
	g_assert_cmpuint(harvest(self, mail), ==, 0);
	assert_looks(self, "0 keys");
}

static void test_two_signers(Fixture *self, gconstpointer data)
{
	ScratchCertificate how = { .subject = "/CN=Max", .names = "email:max@kunde.example" };
	g_autofree char *max G_GNUC_UNUSED = scratch_ca_make(self->ca, "max", &how);
	g_autofree char *mail = sign(self, "erika", "-signer max.pem -inkey max.key");
	g_assert_false(is_signed(mail));
}

static void test_acceptance(Fixture *self, gconstpointer data)
{
	g_autofree char *mail = sign(self, "erika", "");
	g_autoptr(GError) error = NULL;
	harvest(self, mail);
	g_assert_true(sgp_key_lookup_accept(self->keys, self->erika, ERIKA, &error));
	g_assert_no_error(error);
	/* Its root came with it, and is nobody's trusted root for that. */
	assert_looks(self, "not-verified keyring");
	g_assert_false(sgp_key_lookup_accept(self->keys, self->erika, ERIKA, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	scratch_ca_trust(self->ca, self->gpg->home);
	g_autofree char *after = look(self);
	g_assert_true(g_str_has_suffix(after, " keyring"));
	g_assert_false(g_str_has_prefix(after, "not-verified"));
}

static void test_parts(void)
{
	const char *body =
		"preamble\n--b\nA: b\n\ntext\n--bx is no delimiter\n--b  \nsecond\n--b--\n";
	g_autoptr(GBytes) part = sgp_smime_signature_dup_part(body, strlen(body), "b", 0);
	gsize size = 0;
	g_assert_nonnull(part);
	const char *text = g_bytes_get_data(part, &size);
	const char *expected = "A: b\r\n\r\ntext\r\n--bx is no delimiter";
	g_assert_cmpmem(text, size, expected, strlen(expected));
	g_autoptr(GBytes) second = sgp_smime_signature_dup_part(body, strlen(body), "b", 1);
	g_assert_nonnull(second);
	text = g_bytes_get_data(second, &size);
	g_assert_cmpmem(text, size, "second", 6);
	g_assert_null(sgp_smime_signature_dup_part(body, strlen(body), "b", 2));
	g_assert_null(sgp_smime_signature_dup_part("--b\ntext\n", 9, "b", 0));
	g_assert_null(sgp_smime_signature_dup_part("", 0, "b", 0));
	/* A zero byte is no blank. */
	g_assert_null(sgp_smime_signature_dup_part("--b\0\ntext\n--b--\n", 16, "b", 0));
	static const char *const TYPES[][2] = {
		{ "multipart/signed; boundary=abc; micalg=x", "abc" },
		{ "multipart/signed; micalg=\"a;boundary=no\"; BOUNDARY=\"a b;c\"", "a b;c" },
		{ "multipart/signed; protocol=x;\r\n\tboundary = \"b\"", "b" },
		{ "multipart/signed; boundaryx=abc", NULL },
		{ "multipart/signed; boundary=", NULL },
		{ "multipart/signed", NULL },
		{ "multipart/signed; \"", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(TYPES); i++) {
		g_autofree char *found = sgp_smime_signature_dup_boundary(TYPES[i][0]);
		g_assert_cmpstr(found, ==, TYPES[i][1]);
	}
}

static void test_noise(void)
{
	static const char ALPHABET[] = "--b\r\n;=\" xboundary";
	g_autoptr(GRand) rand = g_rand_new_with_seed(33);
	for (guint i = 0; i < 20000; i++) {
		char text[48];
		gsize length = (gsize)g_rand_int_range(rand, 0, sizeof text - 1);
		for (gsize n = 0; n < length; n++)
			text[n] = ALPHABET[g_rand_int_range(rand, 0, sizeof ALPHABET - 1)];
		text[length] = '\0';
		g_autofree char *exact = g_memdup2(text, length + 1);
		g_autoptr(GBytes) part = sgp_smime_signature_dup_part(exact, length, "b", 0);
		g_autofree char *boundary = sgp_smime_signature_dup_boundary(exact);
		g_assert_true(part == NULL || strstr(exact, "--b") != NULL);
		g_assert_true(boundary == NULL || strstr(exact, "boundary") != NULL);
	}
}

#define ADD(name, func) g_test_add("/smime-signature/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-good-signature-brings-its-certificate", test_detached);
	ADD("an-opaque-signature-counts-as-well", test_opaque);
	ADD("a-changed-word-spoils-it", test_tampered);
	ADD("somebody-elses-signature-brings-nothing", test_other_author);
	ADD("two-signers-are-no-author", test_two_signers);
	ADD("a-certificate-is-taken-in-and-judged-by-its-issuer", test_acceptance);
	g_test_add_func("/smime-signature/the-signed-part-is-found-to-the-byte", test_parts);
	g_test_add_func("/smime-signature/noise-is-no-part", test_noise);
	return g_test_run();
}
