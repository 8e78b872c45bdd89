/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-inquiry-scan.h"
#include "sgp-mime.h"
#include "sgp-opened-mail.h"

#include <string.h>

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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/opened-mail/the-author's-words-are-read", test_read);
	g_test_add_func("/opened-mail/an-objection-inside-is-found", test_objection);
	g_test_add_func("/opened-mail/the-outer-header-says-who-wrote", test_author);
	g_test_add_func("/opened-mail/what-cannot-be-opened-is-unclear", test_unreadable);
	return g_test_run();
}
