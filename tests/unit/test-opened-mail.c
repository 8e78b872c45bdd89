/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-inquiry-scan.h"
#include "sgp-mime.h"
#include "sgp-opened-mail.h"

#include <string.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define INNER                                                                                      \
	"From: Somebody Else <else@boese.example>\r\n"                                             \
	"Subject: Meine Police\r\n"                                                                \
	"Content-Type: multipart/mixed; boundary=i; protected-headers=\"v1\"\r\n\r\n"              \
	"--i\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n--i--\r\n"

#define OUTER                                                                                      \
	"From: Portal <portal@agentur.example>\r\n"                                                \
	"Reply-To: erika@kunde.example\r\n"                                                        \
	"To: sabine@agentur.example\r\n"                                                           \
	"Subject: [...]\r\n"                                                                       \
	"Message-ID: <one@portal.example>\r\n"                                                     \
	"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "              \
	"boundary=o\r\n\r\n"                                                                       \
	"--o\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n"                     \
	"--o\r\nContent-Type: application/octet-stream\r\n\r\n%s\r\n--o--\r\n"

static SgpMail *make_mail(ScratchGpg *gpg, const char *fingerprint, const char *words)
{
	g_autofree char *inner = g_strdup_printf(INNER, words);
	g_autofree char *armored =
		scratch_gpg_run(gpg, inner, -1, "--trust-model always -a -e -r %s", fingerprint);
	g_autofree char *text = g_strdup_printf(OUTER, armored);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(GError) error = NULL;
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, &error);

	g_assert_no_error(error);
	g_assert_true(mail->is_encrypted);
	return mail;
}

static void test_read(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key =
		scratch_gpg_make_key(gpg, "<sabine@agentur.example>", "default", "never");
	g_autoptr(SgpMail) mail =
		make_mail(gpg, key, "Vielen Dank, bitte senden Sie mir die Police.");
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(mail, gpg->home, NULL);

	g_assert_false(opened->is_encrypted);
	g_assert_cmpstr(opened->subject, ==, "Meine Police");
	g_assert_nonnull(strstr(opened->text, "die Police"));
	g_assert_cmpint(sgp_inquiry_scan_opt_out(mail, NULL), ==, SGP_OPT_OUT_UNCLEAR);
	g_assert_cmpint(sgp_inquiry_scan_opt_out(opened, NULL), ==, SGP_OPT_OUT_NONE);
}

static void test_objection(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key =
		scratch_gpg_make_key(gpg, "<sabine@agentur.example>", "default", "never");
	g_autoptr(SgpMail) mail =
		make_mail(gpg, key, "Bitte antworten Sie nicht per E-Mail, sondern per Post.");
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(mail, gpg->home, NULL);

	g_assert_cmpint(sgp_inquiry_scan_opt_out(opened, NULL), ==, SGP_OPT_OUT_OPTED_OUT);
}

static void test_author(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key =
		scratch_gpg_make_key(gpg, "<sabine@agentur.example>", "default", "never");
	g_autoptr(SgpMail) mail = make_mail(gpg, key, "Hallo");
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(mail, gpg->home, NULL);

	g_assert_cmpuint(opened->from->len, ==, 1);
	g_assert_cmpstr(sgp_address_get_addr_spec(g_ptr_array_index(opened->from, 0)), ==,
		"portal@agentur.example");
	g_assert_cmpstr(sgp_address_get_addr_spec(g_ptr_array_index(opened->reply_to, 0)), ==,
		"erika@kunde.example");
	g_assert_cmpstr(opened->message_id, ==, "one@portal.example");
	g_assert_cmpstr(sgp_mail_get_header(opened, "Subject"), ==, "[...]");
}

static void test_unreadable(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(ScratchGpg) stranger = scratch_gpg_new();
	g_autofree char *key =
		scratch_gpg_make_key(gpg, "<sabine@agentur.example>", "default", "never");
	g_autoptr(SgpMail) mail = make_mail(gpg, key, "Hallo");
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(mail, stranger->home, NULL);

	g_assert_true(opened->is_encrypted);
	g_assert_cmpint(sgp_inquiry_scan_opt_out(opened, NULL), ==, SGP_OPT_OUT_UNCLEAR);
}

/* ---- S/MIME ---- */

#define INNER_SMIME                                                                                \
	"Content-Type: text/plain; charset=utf-8\r\n\r\n"                                          \
	"Bitte antworten Sie nicht per E-Mail, sondern per Post.\r\n"

typedef struct {
	ScratchGpg *gpg;
	ScratchCa *ca;
} Smime;

static void set_up_smime(Smime *self, gconstpointer unused)
{
	const ScratchCertificate own = { .names = "email:sabine@agentur.example" };
	const ScratchCertificate erika = { .names = "email:erika@kunde.example" };

	self->gpg = scratch_gpg_new();
	self->ca = scratch_ca_new();
	g_free(scratch_ca_make(self->ca, "sabine", &own));
	g_free(scratch_ca_make(self->ca, "erika", &erika));
	scratch_ca_import(self->ca, self->gpg->home, "sabine", TRUE);
}

static void tear_down_smime(Smime *self, gconstpointer unused)
{
	scratch_ca_free(self->ca);
	scratch_gpg_free(self->gpg);
}

/* Runs openssl cms over a mail body; what comes out is MIME again. */
static GBytes *wrap(Smime *self, GBytes *body, const char *options)
{
	return scratch_ca_run(self->ca, body, "openssl cms %s", options);
}

static void assert_objection(Smime *self, GBytes *body, gboolean is_closed)
{
	static const char HEADER[] = "From: Erika <erika@kunde.example>\n"
				     "To: sabine@agentur.example\nSubject: Antwort\n"
				     "Message-ID: <one@kunde.example>\n";
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autoptr(GBytes) bytes = NULL;
	g_autoptr(SgpMail) mail = NULL;
	g_autoptr(SgpMail) opened = NULL;

	g_byte_array_append(text, (const guint8 *)HEADER, sizeof(HEADER) - 1);
	g_byte_array_append(text, g_bytes_get_data(body, NULL), (guint)g_bytes_get_size(body));
	bytes = g_byte_array_free_to_bytes(g_steal_pointer(&text));
	mail = sgp_mime_freeze_bytes(bytes, NULL);
	g_assert_nonnull(mail);
	g_assert_cmpint(mail->is_encrypted, ==, is_closed);
	opened = sgp_opened_mail_read(mail, self->gpg->home, NULL);
	g_assert_false(opened->is_encrypted);
	g_assert_cmpstr(opened->subject, ==, "Antwort");
	g_assert_cmpint(sgp_inquiry_scan_opt_out(opened, NULL), ==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_nonnull(strstr(sgp_mail_get_header(opened, "Content-Type"), "pkcs7"));
}

static void test_smime(Smime *self, gconstpointer unused)
{
	g_autoptr(GBytes) words = g_bytes_new_static(INNER_SMIME, strlen(INNER_SMIME));
	g_autoptr(GBytes) encrypted = wrap(self, words, "-encrypt -aes256 erika.pem sabine.pem");
	g_autoptr(GBytes) clear = wrap(self, words, "-sign -signer erika.pem -inkey erika.key");
	g_autoptr(GBytes) opaque =
		wrap(self, words, "-sign -nodetach -signer erika.pem -inkey erika.key");
	g_autoptr(GBytes) both = wrap(self, opaque, "-encrypt -aes256 sabine.pem");
	g_autoptr(GBytes) clear_inside = wrap(self, clear, "-encrypt -aes256 sabine.pem");

	assert_objection(self, encrypted, TRUE);
	assert_objection(self, clear, FALSE);
	assert_objection(self, opaque, TRUE);
	assert_objection(self, both, TRUE);
	assert_objection(self, clear_inside, TRUE);
}

static void test_smime_unreadable(Smime *self, gconstpointer unused)
{
	g_autoptr(GBytes) words = g_bytes_new_static(INNER_SMIME, strlen(INNER_SMIME));
	g_autoptr(GBytes) encrypted = wrap(self, words, "-encrypt -aes256 erika.pem");
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(encrypted, NULL);
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(mail, self->gpg->home, NULL);

	g_assert_true(opened->is_encrypted);
	g_assert_cmpint(sgp_inquiry_scan_opt_out(opened, NULL), ==, SGP_OPT_OUT_UNCLEAR);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/opened-mail/the-author's-words-are-read", test_read);
	g_test_add_func("/opened-mail/an-objection-inside-is-found", test_objection);
	g_test_add_func("/opened-mail/the-outer-header-says-who-wrote", test_author);
	g_test_add_func("/opened-mail/what-cannot-be-opened-is-unclear", test_unreadable);
	g_test_add("/opened-mail/s-mime-is-read-however-it-is-wrapped", Smime, NULL, set_up_smime,
		test_smime, tear_down_smime);
	g_test_add("/opened-mail/s-mime-for-somebody-else-is-unclear", Smime, NULL, set_up_smime,
		test_smime_unreadable, tear_down_smime);
	return g_test_run();
}
