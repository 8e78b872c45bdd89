/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-copy-mime.h"
#include "sgp-legacy-display.h"
#include "sgp-mime.h"

#include <string.h>

#define HEAD                                                                                       \
	"From: anna@agentur.example\nTo: erika@kunde.example\n"                                    \
	"Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?= =?utf-8?q?_=3D415?=\n"                               \
	"Date: Mon, 24 Nov 2025 16:00:00 +0100\nMIME-Version: 1.0\n"
#define SUBJECT "Gr\xc3\xb6\xc3\x9f\x65 =415"
#define ASCII   "Groesse =415"

static SgpMail *freeze(const char *text)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, NULL);
	g_assert_nonnull(mail);
	return mail;
}

/* What a reader finds in the encryption. */
static SgpMail *open_entity(const char *text, gboolean is_marked)
{
	g_autoptr(SgpMail) mail = freeze(text);
	g_autoptr(SgpCopyMime) mime = sgp_copy_mime_new(mail, TRUE, 0, NULL);
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_copy_mime_write_protected(mime, NULL, out, NULL, &error));
	g_assert_no_error(error);
	GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM(out);
	g_autofree char *entity = g_strndup(g_memory_output_stream_get_data(memory),
		g_memory_output_stream_get_data_size(memory));
	g_assert_cmpint(strstr(entity, "hp-legacy-display=\"1\"") != NULL, ==, is_marked);
	SgpMail *inner = freeze(entity);
	g_assert_false(inner->is_undecodable);
	return inner;
}

static void test_plain(void)
{
	static const struct {
		const char *body, *subject;
	} CASES[] = {
		{ "Content-Type: text/plain; charset=utf-8\n"
		  "Content-Transfer-Encoding: 8bit\n\nHallo\n",
			SUBJECT },
		{ "Content-Type: text/plain; charset=utf-8\n"
		  "Content-Transfer-Encoding: quoted-printable\n\nHallo\n",
			SUBJECT },
		{ "Content-Type: text/plain; charset=utf-8\n"
		  "Content-Transfer-Encoding: base64\n\nSGFsbG8NCg==\n",
			SUBJECT },
		{ "Content-Type: text/plain; charset=us-ascii\n\nHallo\n", ASCII },
		{ "Content-Transfer-Encoding: 7bit\nContent-Type: text/plain;\n"
		  "\tcharset=\"utf-8\"\nContent-Language: de\n\nHallo\n",
			ASCII },
		{ "Content-Type: text/plain; charset=iso-8859-1\n"
		  "Content-Transfer-Encoding: quoted-printable\n\nHallo\n",
			ASCII },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *text = g_strconcat(HEAD, CASES[i].body, NULL);
		g_autoptr(SgpMail) inner = open_entity(text, TRUE);
		g_auto(GStrv) lines = g_strsplit(inner->text, "\r\n", -1);
		g_assert_true(g_str_has_prefix(lines[0], "Subject:"));
		g_assert_cmpstr(g_strstrip(lines[0] + strlen("Subject:")), ==, CASES[i].subject);
		g_assert_cmpstr(lines[1], ==, "");
		g_assert_cmpstr(lines[2], ==, "Hallo");
	}
}

/* Base64 of any length goes on where ours ends. */
static void test_base64(void)
{
	for (gsize n = 1; n < 100; n++) {
		g_autofree char *subject = g_strnfill(n, 'x');
		g_autofree char *text =
			g_strdup_printf("From: a@b.example\nSubject: %s\n"
					"Content-Type: text/plain; charset=utf-8\n"
					"Content-Transfer-Encoding: base64\n\nSGFsbG8NCg==\n",
				subject);
		g_autoptr(SgpMail) inner = open_entity(text, TRUE);
		g_assert_true(g_str_has_suffix(inner->text, "x\r\n\r\nHallo\r\n"));
	}
}

#define ALTERNATIVE(html)                                                                          \
	HEAD "Content-Type: multipart/mixed; boundary=o\n\n\n--o\n"                                \
	     "Content-Type: multipart/alternative; boundary=i\n\n\n--i\n"                          \
	     "Content-Type: text/plain; charset=utf-8\n\nHallo\n--i\n" html "\n--i--\n\n"          \
	     "--o\nContent-Type: text/plain; name=a.txt\n"                                         \
	     "Content-Disposition: attachment; filename=a.txt\n\nAnhang\n--o--\n"

static void test_html(void)
{
	g_autoptr(SgpMail) inner =
		open_entity(ALTERNATIVE("Content-Type: text/html; charset=utf-8\n\n"
					"<html><body class=\"x\"><p>Hallo</p></body></html>"),
			TRUE);
	g_assert_cmpstr(inner->html, ==,
		"<html><body class=\"x\">\r\n<div class=\"header-protection-legacy-display\"><pre>"
		"Subject: Gr&#246;&#223;e =415</pre></div>\r\n<p>Hallo</p></body></html>");
	g_assert_true(g_str_has_prefix(inner->text, "Subject: " ASCII "\r\n\r\nHallo"));
	g_assert_cmpuint(inner->attachments->len, ==, 1);
	SgpMailAttachment *attachment = g_ptr_array_index(inner->attachments, 0);
	g_assert_cmpint(attachment->size, ==, 6); /* nothing is added to an attachment */

	g_autoptr(SgpMail) quoted = open_entity(
		ALTERNATIVE("Content-Type: text/html; charset=utf-8\n"
			    "Content-Transfer-Encoding: quoted-printable\n\n"
			    "<body style=3D\"color:=\nred\"><p>Gr=C3=BC=C3=9Fe</p></body>"),
		TRUE);
	g_assert_cmpstr(quoted->html, ==,
		"<body style=\"color:red\"><div class=\"header-protection-legacy-display\"><pre>"
		"Subject: Gr&#246;&#223;e =415</pre></div><p>Gr\xc3\xbc\xc3\x9f\x65</p></body>");

	g_autoptr(SgpMail) fragment = open_entity(
		ALTERNATIVE("Content-Type: text/html; charset=utf-8\n\n<p>Hallo</p>"), TRUE);
	g_assert_cmpstr(fragment->html, ==, "<p>Hallo</p>");
}

/* Without it rather than with a broken part or signature. */
static void test_left_alone(void)
{
	static const char *const CASES[] = {
		HEAD "\nHallo\n", /* no Content-Type to mark */
		HEAD "Content-Type: multipart/signed; boundary=o; micalg=pgp-sha512;\n"
		     " protocol=\"application/pgp-signature\"\n\n--o\n"
		     "Content-Type: text/plain\n\nHallo\n--o\n"
		     "Content-Type: application/pgp-signature\n\nx\n--o--\n",
		HEAD "Content-Type: text/plain; charset=utf-8\n"
		     "Content-Disposition: attachment; filename=x\n\nHallo\n",
		"From: a@b.example\nContent-Type: text/plain; charset=utf-8\n\nHallo\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpMail) inner = open_entity(CASES[i], FALSE);
		g_assert_null(strstr(inner->text, "Subject"));
	}
}

static void test_order(void)
{
	g_autoptr(SgpMail) mail = freeze(ALTERNATIVE(
		"Content-Type: text/html; charset=utf-8\n\n<html><body><p>x</p></body></html>"));
	g_autoptr(GPtrArray) insertions = sgp_legacy_display_plan(mail);
	g_assert_cmpuint(insertions->len, ==, 4);
	for (guint i = 1; i < insertions->len; i++) {
		const SgpInsertion *one = g_ptr_array_index(insertions, i - 1);
		const SgpInsertion *next = g_ptr_array_index(insertions, i);
		g_assert_cmpint(one->offset, <, next->offset);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/legacy-display/the-text-begins-with-its-hidden-subject", test_plain);
	g_test_add_func("/legacy-display/base64-goes-on-after-it", test_base64);
	g_test_add_func("/legacy-display/html-shows-it-inside-its-body", test_html);
	g_test_add_func("/legacy-display/what-cannot-be-added-to-is-left-alone", test_left_alone);
	g_test_add_func("/legacy-display/insertions-are-in-order", test_order);
	return g_test_run();
}
