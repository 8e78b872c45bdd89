/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-cms-head.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm.h"
#include "sgp-mime.h"
#include "sgp-sealer.h"

#include <string.h>
#include <unistd.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"
#include "sealing.h"

typedef struct {
	ScratchGpg *gpg;
	ScratchCa *ca;
	SgpSettings *settings;
	SgpKeyLookup *keys;
	SgpVerdict *verdict;
	SgpMail *mail;
	char *anna, *erika, *moritz, *carla; /* fingerprints */
} Fixture;

static char *add_person(
	Fixture *self, const char *name, const char *address, const char *key, gboolean is_own)
{
	gboolean is_curve = g_str_has_prefix(key, "ec:");
	g_autofree char *names = g_strconcat("email:", address, NULL);
	ScratchCertificate how = { .names = names,
		.key = key,
		.usage = is_curve ? "critical,digitalSignature,keyAgreement" : NULL };
	char *fingerprint = scratch_ca_make(self->ca, name, &how);
	scratch_ca_import(self->ca, self->gpg->home, name, is_own);
	return fingerprint;
}

static void set_up(Fixture *self, gconstpointer unused)
{
	self->gpg = scratch_gpg_new();
	self->ca = scratch_ca_new();
	scratch_ca_import(self->ca, self->gpg->home, "root", FALSE);
	scratch_ca_trust(self->ca, self->gpg->home);
	self->erika = add_person(self, "erika", ERIKA, "rsa:2048", FALSE);
	self->moritz = add_person(self, "moritz", MORITZ, "ec:prime256v1", FALSE);
	self->carla = add_person(self, "carla", CARLA, "rsa:2048", FALSE);
	self->settings = sgp_settings_new(NULL, NULL);
	self->keys = sgp_key_lookup_new(self->settings, self->gpg->home);
	sgp_key_lookup_set_state_directory(self->keys, self->gpg->directory);
	self->verdict = sgp_verdict_new();
	self->verdict->action = SGP_ACTION_SEND;
	self->mail = sealing_freeze();
}

/* The sender can sign: the secret key has no passphrase. */
static void set_up_with_own(Fixture *self, gconstpointer unused)
{
	set_up(self, unused);
	self->anna = add_person(self, "anna", ANNA, "rsa:2048", TRUE);
}

static void tear_down(Fixture *self, gconstpointer unused)
{
	g_clear_pointer(&self->mail, sgp_mail_unref);
	g_clear_pointer(&self->verdict, sgp_verdict_free);
	g_clear_object(&self->keys);
	g_clear_object(&self->settings);
	g_free(self->anna);
	g_free(self->erika);
	g_free(self->moritz);
	g_free(self->carla);
	scratch_ca_free(self->ca);
	scratch_gpg_free(self->gpg);
}

static GPtrArray *seal(Fixture *self, GError **error)
{
	return sgp_sealer_seal(self->mail, self->verdict, self->keys, self->settings, NULL, NULL,
		NOW, NULL, NULL, NULL, error);
}

static GPtrArray *seal_well(Fixture *self)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *copies = seal(self, &error);
	g_assert_no_error(error);
	return copies;
}

static void assert_refused(Fixture *self, SgpError code)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(seal(self, &error));
	g_assert_error(error, SGP_ERROR, (int)code);
}

static GBytes *dup_message(const SgpCopy *copy)
{
	g_autofree char *text = sealing_read_fd(copy->fd, NULL);
	const char *body = strstr(text, "\r\n\r\n");
	g_assert_nonnull(body);
	gsize length = 0;
	guchar *data = g_base64_decode(body, &length);
	return g_bytes_new_take(data, length);
}

/* The digest fits, and it is what a customer's openssl opens. */
static char *open_copy(Fixture *self, const SgpCopy *copy, const char *name)
{
	g_autoptr(GBytes) message = dup_message(copy);
	g_autofree char *sum = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, message);
	g_assert_cmpstr(sum, ==, copy->digest);
	g_autoptr(GBytes) clear = scratch_ca_run(self->ca, message,
		"openssl cms -decrypt -inform DER -inkey %s.key -recip %s.pem", name, name);
	return g_strndup(g_bytes_get_data(clear, NULL), g_bytes_get_size(clear));
}

static guint count_readers(const SgpCopy *copy)
{
	g_autoptr(GBytes) message = dup_message(copy);
	g_autoptr(SgpCmsHead) head = sgp_cms_head_read(message, NULL);
	g_assert_nonnull(head);
	g_assert_cmpstr(head->cipher, ==, "2.16.840.1.101.3.4.1.42");
	return head->readers->len;
}

static gboolean is_for(Fixture *self, const SgpCopy *copy, const char *name)
{
	g_autoptr(GBytes) serial =
		scratch_ca_run(self->ca, NULL, "openssl x509 -in %s.pem -noout -serial", name);
	g_autofree char *hex = g_strndup(g_bytes_get_data(serial, NULL), g_bytes_get_size(serial));
	guint number = (guint)g_ascii_strtoull(strchr(hex, '=') + 1, NULL, 16);
	g_autoptr(GBytes) message = dup_message(copy);
	g_autoptr(SgpCmsHead) head = sgp_cms_head_read(message, NULL);
	for (guint i = 0; i < head->readers->len; i++) {
		gsize size = 0;
		const guint8 *start = g_bytes_get_data(g_ptr_array_index(head->readers, i), &size);
		if ((guint)(start[size - 2] << 8 | start[size - 1]) == number)
			return TRUE;
	}
	return FALSE;
}

static void assert_verifies(Fixture *self, const char *clear)
{
	g_autoptr(GBytes) mail = g_bytes_new(clear, strlen(clear));
	g_autoptr(GBytes) inner = scratch_ca_run(
		self->ca, mail, "openssl cms -verify -CAfile root.pem -purpose smimesign");
	g_autofree char *text = g_strndup(g_bytes_get_data(inner, NULL), g_bytes_get_size(inner));
	assert_has(text, "hp=\"cipher\"");
	g_autofree char *at = scratch_ca_dup_path(self->ca, "clear.eml", "");
	g_assert_true(g_file_set_contents(at, clear, -1, NULL));
}

static void test_smime(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	sealing_add(self->verdict, MORITZ, SGP_FIELD_CC, SGP_CHANNEL_SMIME, self->moritz);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 2);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpint(copy->channel, ==, SGP_CHANNEL_SMIME);
	g_assert_cmpuint(copy->recipients->len, ==, 2);
	g_assert_cmpuint(count_readers(copy), ==, 3);

	g_autofree char *outside = sealing_read_fd(copy->fd, NULL);
	assert_has(outside, "Subject: [...]\r\n");
	assert_has(outside, "To: Erika <" ERIKA ">, " PAUL "\r\nCc: " MORITZ "\r\n");
	assert_has(outside, copy->id);
	assert_has(outside, "Message-ID: <out@agentur.example>\r\n");
	assert_has(outside, "application/pkcs7-mime; smime-type=enveloped-data;");
	g_assert_null(strstr(outside, "Geheimer"));
	g_assert_null(strstr(outside, CARLA));

	const char *readers[] = { "erika", "moritz", "anna" };
	for (gsize i = 0; i < G_N_ELEMENTS(readers); i++) {
		g_autofree char *inside = open_copy(self, copy, readers[i]);
		assert_has(inside, "Content-Type: multipart/signed; protocol=\"application/pkcs7-"
				   "signature\";\r\n micalg=\"sha-256\"");
		assert_has(inside, " protected-headers=\"v1\"; hp=\"cipher\"\r\n");
		assert_has(inside, "\r\nSubject: Geheimer Betreff\r\n");
		assert_has(inside, "HP-Outer: Subject: [...]\r\n");
		assert_has(inside, "Sehr geehrte Frau M\xc3\xbcller\r\n");
		assert_has(inside, "AAECAwQF");
		g_assert_null(strstr(inside, CARLA));
		g_assert_null(strstr(inside, "secret-note"));
		assert_verifies(self, inside);
	}
	/* The sender's own copy is S/MIME, too, and names everybody. */
	const SgpCopy *sent = g_ptr_array_index(copies, 1);
	g_assert_true(sent->is_sent_copy);
	g_assert_cmpint(sent->channel, ==, SGP_CHANNEL_SMIME);
	g_assert_cmpuint(count_readers(sent), ==, 1);
	g_autofree char *kept = open_copy(self, sent, "anna");
	assert_has(kept, "X-Siegelpost-Reached: " ERIKA "; smime\r\n");
}

/* What the sender's own program does with it. */
static void test_gpgsm_opens(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_autoptr(GBytes) message = dup_message(g_ptr_array_index(copies, 0));
	g_autoptr(GBytes) clear = sgp_gpgsm_decrypt_quietly(self->gpg->home, message, NULL, NULL);
	g_assert_nonnull(clear);
	g_autofree char *text = g_strndup(g_bytes_get_data(clear, NULL), g_bytes_get_size(clear));
	assert_has(text, "Subject: Geheimer Betreff\r\n");
}

static void test_without_own(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 1);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpuint(count_readers(copy), ==, 1);
	g_autofree char *inside = open_copy(self, copy, "erika");
	g_assert_true(g_str_has_prefix(inside, "Content-Type: multipart/mixed; boundary="));
}

static void test_bcc(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	sealing_add(self->verdict, MORITZ, SGP_FIELD_BCC, SGP_CHANNEL_SMIME, self->moritz);
	sealing_add(self->verdict, CARLA, SGP_FIELD_BCC, SGP_CHANNEL_SMIME, self->carla);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 4);
	const char *names[] = { "erika", "moritz", "carla" };
	for (guint i = 0; i < 3; i++) {
		const SgpCopy *copy = g_ptr_array_index(copies, i);
		g_assert_cmpuint(copy->recipients->len, ==, 1);
		g_assert_cmpuint(count_readers(copy), ==, 2);
		g_assert_true(is_for(self, copy, "anna"));
		for (guint n = 0; n < 3; n++)
			g_assert_cmpint(is_for(self, copy, names[n]), ==, i == n);
		g_autofree char *outside = sealing_read_fd(copy->fd, NULL);
		g_autofree char *inside = open_copy(self, copy, names[i]);
		g_assert_null(strstr(outside, CARLA));
		g_assert_null(strstr(inside, CARLA));
	}
}

/* OpenPGP, S/MIME and plain recipients of one mail. */
static void test_mixed(Fixture *self, gconstpointer unused)
{
	g_autofree char *own G_GNUC_UNUSED =
		sgp_gpgme_generate(self->gpg->home, "Anna <" ANNA ">", NULL);
	g_autofree char *paul = sgp_gpgme_generate(self->gpg->home, "<" PAUL ">", NULL);
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	sealing_add(self->verdict, PAUL, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, paul);
	sealing_add(self->verdict, MORITZ, SGP_FIELD_CC, SGP_CHANNEL_PLAIN, NULL);
	sealing_add(self->verdict, CARLA, SGP_FIELD_BCC, SGP_CHANNEL_SMIME, self->carla);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 5);
	guint n_recipients = 0;
	for (guint i = 0; i < copies->len; i++) {
		const SgpCopy *copy = g_ptr_array_index(copies, i);
		g_autofree char *outside = sealing_read_fd(copy->fd, NULL);
		n_recipients += copy->recipients->len;
		assert_has(outside, "To: Erika <" ERIKA ">, " PAUL "\r\nCc: " MORITZ "\r\n");
		g_assert_null(strstr(outside, CARLA));
	}
	g_assert_cmpuint(n_recipients, ==, 4);
	const SgpCopy *sent = g_ptr_array_index(copies, 4);
	g_assert_true(sent->is_sent_copy);
	g_assert_cmpint(sent->channel, ==, SGP_CHANNEL_OPENPGP);
}

static void test_two_certificates(Fixture *self, gconstpointer unused)
{
	g_autofree char *second = add_person(self, "second", ERIKA, "rsa:2048", FALSE);
	SgpRecipientVerdict *one =
		sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	g_ptr_array_add(
		one->keys, sgp_key_new(SGP_CHANNEL_SMIME, second, SGP_KEY_STATE_USABLE, NULL));
	g_autoptr(GPtrArray) copies = seal_well(self);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpuint(count_readers(copy), ==, 2);
	g_autofree char *inside G_GNUC_UNUSED = open_copy(self, copy, "second");
}

static void test_revoked_meanwhile(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	scratch_ca_revoke(self->ca, "erika");
	scratch_ca_publish(self->ca, 7);
	assert_refused(self, SGP_ERROR_CONFLICT);
}

static void test_no_answer(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	scratch_ca_set_offline(self->ca, TRUE);
	assert_refused(self, SGP_ERROR_UNREACHABLE);
}

static void test_wrong_person(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->carla);
	assert_refused(self, SGP_ERROR_CONFLICT);
}

/* Whoever stole one's card reads no copy, and nobody is told that it signed. */
static void test_own_revoked(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	scratch_ca_revoke(self->ca, "anna");
	scratch_ca_publish(self->ca, 7);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 1);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpuint(count_readers(copy), ==, 1);
	g_assert_false(is_for(self, copy, "anna"));
}

/* gpgsm would not sign with it; the mail leaves all the same. */
static void test_own_untrusted(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate how = { .names = "email:" ANNA, .issuer = "self" };
	g_free(scratch_ca_make(self->ca, "homemade", &how));
	scratch_ca_import(self->ca, self->gpg->home, "homemade", TRUE);
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 1);
	g_assert_cmpuint(count_readers(g_ptr_array_index(copies, 0)), ==, 1);
}

/* The user's own configuration changes neither cipher nor digest. */
static void test_configuration(Fixture *self, gconstpointer unused)
{
	g_autofree char *path = g_build_filename(self->gpg->home, "gpgsm.conf", NULL);
	g_autofree char *text =
		g_strdup_printf("cipher-algo 3DES\ndigest-algo SHA1\nencrypt-to %s\n", self->carla);
	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_SMIME, self->erika);
	g_autoptr(GPtrArray) copies = seal_well(self);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpuint(count_readers(copy), ==, 2);
	g_autofree char *inside = open_copy(self, copy, "erika");
	assert_verifies(self, inside);
	g_autoptr(GBytes) signature =
		scratch_ca_run(self->ca, NULL, "openssl cms -cmsout -print -in clear.eml -noout");
	g_autofree char *print =
		g_strndup(g_bytes_get_data(signature, NULL), g_bytes_get_size(signature));
	assert_has(print, "sha256");
	g_assert_null(strstr(print, "algorithm: sha1 "));
}

#define ADD(name, set, test) g_test_add("/sealer-smime/" name, Fixture, NULL, set, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("visible-recipients-share-a-signed-copy", set_up_with_own, test_smime);
	ADD("gpgsm-opens-what-was-sealed", set_up_with_own, test_gpgsm_opens);
	ADD("without-an-own-certificate-nothing-is-kept", set_up, test_without_own);
	ADD("each-blind-recipient-gets-a-copy-alone", set_up_with_own, test_bcc);
	ADD("every-recipient-of-a-mixed-mail-gets-one-copy", set_up, test_mixed);
	ADD("two-certificates-of-one-person-are-both-used", set_up, test_two_certificates);
	ADD("a-certificate-revoked-meanwhile-is-a-conflict", set_up, test_revoked_meanwhile);
	ADD("without-an-answer-about-revocation-nothing-is-sealed", set_up, test_no_answer);
	ADD("the-certificate-of-somebody-else-is-a-conflict", set_up, test_wrong_person);
	ADD("an-own-certificate-that-was-revoked-is-not-used", set_up_with_own, test_own_revoked);
	ADD("an-own-certificate-that-nobody-trusts-is-not-used", set_up, test_own_untrusted);
	ADD("no-configuration-changes-cipher-digest-or-readers", set_up_with_own,
		test_configuration);
	return g_test_run();
}
