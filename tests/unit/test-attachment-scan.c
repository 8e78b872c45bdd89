/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What attachments say, and that whatever was not read is told. */
#include <string.h>

#include "sgp-attachment-scan.h"
#include "sgp-mime.h"

#define START                                                                                      \
	"From: anna@office.example\r\nTo: erika@kunde.example\r\nSubject: Unterlagen\r\n"          \
	"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"                   \
	"--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n--b\r\n"
#define END  "\r\n--b--\r\n"
#define LONG (1024 * 1024 + 1)

typedef struct {
	SgpContentClass found;
	GPtrArray *because, *unread; /* (owned) */
} Scanned;

static void scanned_clear(Scanned *self)
{
	g_clear_pointer(&self->because, g_ptr_array_unref);
	g_clear_pointer(&self->unread, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scanned, scanned_clear)

static SgpMail *freeze(const void *bytes, gsize length)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) copy = g_bytes_new(bytes, length);
	SgpMail *mail = sgp_mime_freeze_bytes(copy, &error);
	g_assert_no_error(error);
	return mail;
}

/* A mail with this one part, header and content. */
static Scanned scan(const char *part)
{
	g_autofree char *text = g_strconcat(START, part, END, NULL);
	g_autoptr(SgpMail) mail = freeze(text, strlen(text));
	Scanned result = { .because = g_ptr_array_new_with_free_func(g_free),
		.unread = g_ptr_array_new_with_free_func(g_free) };
	g_assert_cmpuint(mail->attachments->len, ==, 1);
	result.found = sgp_attachment_scan(mail, result.because, result.unread, NULL);
	return result;
}

static void assert_read(const char *part, SgpContentClass found)
{
	g_auto(Scanned) result = scan(part);
	g_assert_cmpint(result.found, ==, found);
	g_assert_cmpuint(result.unread->len, ==, 0);
}

static void assert_unread(const char *part, const char *name)
{
	g_auto(Scanned) result = scan(part);
	g_assert_cmpint(result.found, ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_cmpuint(result.unread->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(result.unread, 0), ==, name);
}

/* A text attachment in base64. */
static char *dup_text_part(const char *type, const void *bytes, gsize length)
{
	g_autofree char *code = g_base64_encode(bytes, length);
	return g_strdup_printf("Content-Type: %s\r\nContent-Disposition: attachment; "
			       "filename=a.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n%s",
		type, code);
}

static char *dup_utf16_part(const char *type, const char *charset)
{
	gsize length = 0;
	g_autofree char *text =
		g_convert("Der Befund liegt bei.", -1, charset, "UTF-8", NULL, &length, NULL);
	return dup_text_part(type, text, length);
}

static void test_text(void)
{
	const char *health = "Befund;Preis", *general = "Hagel;Preis";
	g_autofree char *csv = dup_text_part("text/csv", health, strlen(health));
	g_autofree char *hail = dup_text_part("text/csv", general, strlen(general));
	assert_read(csv, SGP_CONTENT_CLASS_HEALTH);
	assert_read(hail, SGP_CONTENT_CLASS_GENERAL);
}

static void test_charset(void)
{
	g_autofree char *marked = dup_utf16_part("text/plain", "UTF-16");
	g_autofree char *labelled = dup_utf16_part("text/plain; charset=utf-16le", "UTF-16LE");
	const char *words = "Erkrankung der Gef\xe4\xdf\x65, Befund";
	g_autofree char *western =
		dup_text_part("text/plain; charset=iso-8859-1", words, strlen(words));
	assert_read(marked, SGP_CONTENT_CLASS_HEALTH);
	assert_read(labelled, SGP_CONTENT_CLASS_HEALTH);
	assert_read(western, SGP_CONTENT_CLASS_HEALTH);
}

static void test_doubtful_charset(void)
{
	g_autofree char *liar = dup_utf16_part("text/plain; charset=utf-8", "UTF-16LE");
	g_autofree char *mute = dup_utf16_part("text/plain", "UTF-16BE");
	g_autofree char *unknown = dup_text_part("text/plain; charset=x-none", "Hagel", 5);
	assert_unread(liar, "a.txt");
	assert_unread(mute, "a.txt");
	assert_unread(unknown, "a.txt");
	assert_unread("Content-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n"
		      "Content-Transfer-Encoding: x-none\r\n\r\nHagel",
		"a.txt");
}

static void test_long_text(void)
{
	g_autofree char *words = g_strnfill(LONG, 'a');
	g_autofree char *part = dup_text_part("text/plain", words, LONG);
	assert_unread(part, "a.txt");
	memcpy(words, "Befund ", 7);
	g_autofree char *health = dup_text_part("text/plain", words, LONG);
	assert_read(health, SGP_CONTENT_CLASS_HEALTH);
}

static void test_other_files(void)
{
	assert_unread("Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF-1.4", "a.pdf");
	assert_unread("Content-Type: image/png\r\n\r\nPNG", "image/png");
	assert_read("Content-Type: text/rtf; name=a.rtf\r\n\r\n{\\rtf1 Gef\\'e4\\'dfe}",
		SGP_CONTENT_CLASS_GENERAL);
	assert_read("Content-Type: text/rtf; name=a.rtf\r\n\r\n{\\rtf1 Bef\\'75nd}",
		SGP_CONTENT_CLASS_HEALTH);
}

/* A picture in the markup itself shows a diagnosis as well as one that is attached. */
static void test_picture_in_html(void)
{
	static const char *const pictures[] = {
		"<img src=\"data:image/png;base64,iVBORw0K\">",
		"<img src = data&#58;image/png;base64,iVBORw0K>",
		"<div style=\"background:url(data:image/png;base64,iVBORw0K)\"></div>",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(pictures); i++) {
		g_autoptr(SgpMail) mail = sgp_mail_new();
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
		mail->html = g_strdup(pictures[i]);
		sgp_attachment_scan(mail, because, unread, NULL);
		g_assert_cmpuint(unread->len, ==, 1);
		g_autofree char *part =
			dup_text_part("text/html; charset=utf-8", pictures[i], strlen(pictures[i]));
		assert_unread(part, "a.txt");
	}
}

#define ATTACHED                                                                                   \
	"Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=a.eml\r\n\r\n"  \
	"From: erika@kunde.example\r\n"

static void test_attached_mail(void)
{
	assert_read(
		ATTACHED "Subject: Frage\r\n\r\nDer Befund liegt bei.", SGP_CONTENT_CLASS_HEALTH);
	assert_read(ATTACHED "Subject: Befund\r\n\r\nHallo.", SGP_CONTENT_CLASS_HEALTH);
	assert_read(ATTACHED "Subject: Frage\r\n\r\nHagel.", SGP_CONTENT_CLASS_GENERAL);
	assert_read(ATTACHED "Content-Type: multipart/mixed; boundary=c\r\n\r\n"
			     "--c\r\nContent-Type: message/rfc822\r\n\r\n"
			     "Subject: =?utf-8?q?Bef=75nd?=\r\n\r\nHallo.\r\n--c--",
		SGP_CONTENT_CLASS_HEALTH);
}

static void test_unread_in_attached_mail(void)
{
	assert_unread(ATTACHED "Content-Type: text/plain; charset=x-none\r\n\r\nHagel.", "a.eml");
	assert_unread(ATTACHED "\r\n-----BEGIN PGP MESSAGE-----\r\n\r\n", "a.eml");
	assert_unread(ATTACHED "Content-Type: multipart/mixed; boundary=c\r\n\r\n"
			       "--c\r\nContent-Type: application/pdf; name=in.pdf\r\n\r\n"
			       "%PDF\r\n--c--",
		"in.pdf");
}

/* Mails in mails: read to a depth, and told where it ends. */
static void test_depth(void)
{
	g_autoptr(GString) part = g_string_new("Subject: Befund\r\n\r\nHallo.");
	for (guint i = 0; i < 8; i++)
		g_string_prepend(part, "Date: \r\nContent-Type: message/rfc822\r\n\r\n");
	assert_read(part->str, SGP_CONTENT_CLASS_HEALTH);
	g_string_prepend(part, "Date: \r\nContent-Type: message/rfc822\r\n\r\n");
	assert_unread(part->str, "message/rfc822");
}

static void test_large_mail(void)
{
	g_autofree char *words = g_strnfill(73 * 1024 * 1024, 'a');
	g_autofree char *text = g_strconcat(START,
		"Content-Type: text/csv; name=a.csv\r\n\r\nHagel;Preis\r\n--b\r\n"
		"Content-Type: application/pdf; name=a.pdf\r\n\r\n",
		words, END, NULL);
	g_autoptr(SgpMail) mail = freeze(text, strlen(text));
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
	g_assert_cmpint(
		sgp_attachment_scan(mail, because, unread, NULL), ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_cmpuint(unread->len, ==, 2);
}

static void test_many(void)
{
	g_autoptr(GString) text = g_string_new(START);
	for (guint i = 0; i < 70; i++)
		g_string_append(text, "Content-Type: text/csv; name=a.csv\r\n\r\nHagel\r\n--b\r\n");
	g_string_append(text, "Content-Type: text/csv; name=b.csv\r\n\r\nBefund" END);
	g_autoptr(SgpMail) mail = freeze(text->str, text->len);
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
	sgp_attachment_scan(mail, because, unread, NULL);
	g_assert_cmpuint(unread->len, ==, 71 - 64);
	g_assert_cmpstr(g_ptr_array_index(unread, 6), ==, "b.csv");
}

static void test_uuencoded(void)
{
	static const char *const texts[] = {
		"text/plain\r\n\r\nAnbei.\r\n\r\nbegin 644 befund.txt\r\n#0V%T\r\n`\r\nend\r\n",
		"text/html\r\n\r\n<p>Anbei.</p><pre>begin 644 "
		"befund.txt\r\n#0V%T\r\n`\r\nend</pre>",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autofree char *bytes =
			g_strconcat("From: anna@office.example\r\nTo: erika@kunde.example\r\n"
				    "MIME-Version: 1.0\r\nContent-Type: ",
				texts[i], NULL);
		g_autoptr(SgpMail) mail = freeze(bytes, strlen(bytes));
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
		sgp_attachment_scan(mail, because, unread, NULL);
		g_assert_cmpuint(unread->len, ==, 1);
		g_assert_cmpstr(g_ptr_array_index(unread, 0), ==, "befund.txt");
	}
	assert_unread("Content-Type: text/plain; name=a.txt\r\n\r\nHagel.\r\n"
		      "begin 644 b.txt\r\n#0V%T\r\n`\r\nend\r\n",
		"a.txt");
	assert_read("Content-Type: text/plain; name=a.txt\r\n\r\nWe begin 644 metres up.\r\n",
		SGP_CONTENT_CLASS_GENERAL);
}

#define ADD(path, function) g_test_add_func("/attachment-scan/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-text-is-read", test_text);
	ADD("a-text-is-read-by-its-charset", test_charset);
	ADD("a-doubtful-charset-is-not-read", test_doubtful_charset);
	ADD("a-long-text-is-not-read", test_long_text);
	ADD("rich-text-is-read-and-pictures-are-not", test_other_files);
	ADD("an-attached-mail-is-read-like-a-mail", test_attached_mail);
	ADD("what-an-attached-mail-hides-is-told", test_unread_in_attached_mail);
	ADD("mails-in-mails-are-read-to-a-depth", test_depth);
	ADD("a-large-mail-is-not-read", test_large_mail);
	ADD("what-comes-after-many-is-told", test_many);
	ADD("a-picture-in-the-markup-is-not-read", test_picture_in_html);
	ADD("a-uuencoded-file-is-not-read", test_uuencoded);
	return g_test_run();
}
