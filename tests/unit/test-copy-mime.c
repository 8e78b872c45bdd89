/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-copy-mime.h"
#include "sgp-error.h"
#include "sgp-mime.h"

#include <string.h>

#define NOW  G_GINT64_CONSTANT(1764000000) /* Mon, 24 Nov 2025 16:00:00 +0000 */
#define HEAD "From: anna@agentur.example\nTo: erika@kunde.example\nSubject: Geheim\n"

static SgpMail *freeze(const char *text, gsize length)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, length);
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, NULL);
	g_assert_nonnull(mail);
	return mail;
}

typedef enum { INSIDE, OUTSIDE, PLAIN } Kind;

static char *write_by(SgpCopyMime *mime, Kind kind, const SgpCopyExtras *extras)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	gboolean is_done = FALSE;
	switch (kind) {
	case INSIDE:
		is_done = sgp_copy_mime_write_protected(mime, extras, out, NULL, &error);
		break;
	case OUTSIDE:
		is_done = sgp_copy_mime_write_pgp_head(mime, "ID", "B", out, &error) &&
			  sgp_copy_mime_write_pgp_tail("B", out, &error);
		break;
	case PLAIN:
		is_done = sgp_copy_mime_write_plain(mime, extras, "ID", out, NULL, &error);
		break;
	}
	g_assert_no_error(error);
	g_assert_true(is_done);
	g_assert_true(g_output_stream_write_all(out, "", 1, NULL, NULL, NULL));
	g_assert_true(g_output_stream_close(out, NULL, NULL));
	return g_memory_output_stream_steal_data(G_MEMORY_OUTPUT_STREAM(out));
}

static char *write_copy(
	const SgpMail *mail, Kind kind, gboolean protect_subject, const SgpCopyExtras *extras)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpCopyMime) mime = sgp_copy_mime_new(mail, protect_subject, NOW, &error);
	g_assert_no_error(error);
	return write_by(mime, kind, extras);
}

static char *copy_of(const char *text, Kind kind, gboolean protect_subject)
{
	g_autoptr(SgpMail) mail = freeze(text, strlen(text));
	return write_copy(mail, kind, protect_subject, NULL);
}

static void assert_has(const char *text, const char *part, gboolean expected)
{
	gboolean found = strstr(text, part) != NULL;
	if (found != expected)
		g_test_message("%s in: %s", part, text);
	g_assert_cmpint(found, ==, expected);
}

static void test_subject(void)
{
	for (int protect = 0; protect < 2; protect++) {
		g_autofree char *outside = copy_of(HEAD "\nHallo\n", OUTSIDE, protect);
		assert_has(outside, "Subject: [...]\r\n", protect);
		assert_has(outside, "Geheim", !protect);
		g_autofree char *inside = copy_of(HEAD "\nHallo\n", INSIDE, protect);
		assert_has(inside, "\r\nSubject: Geheim\r\n", TRUE);
		assert_has(inside, "HP-Outer: Subject: [...]\r\n", protect);
		assert_has(inside, "HP-Outer: Subject: Geheim\r\n", !protect);
	}
}

/* Every copy of a mail is the same mail for threads and for the history. */
static void test_missing_fields(void)
{
	g_autoptr(SgpMail) mail = freeze(HEAD "\nHallo\n", strlen(HEAD "\nHallo\n"));
	g_autoptr(SgpCopyMime) mime = sgp_copy_mime_new(mail, TRUE, NOW, NULL);
	g_autofree char *field =
		g_strdup_printf("\r\nMessage-ID: <%s>\r\n", sgp_copy_mime_get_message_id(mime));
	assert_has(field, "@agentur.example>", TRUE);
	for (Kind kind = INSIDE; kind <= PLAIN; kind++) {
		g_autofree char *text = write_by(mime, kind, NULL);
		assert_has(text, field, TRUE);
		assert_has(text, "\r\nDate: Mon, 24 Nov 2025 16:00:00 +0000\r\n", TRUE);
	}
	/* That the same text was sent twice does not show. */
	g_autoptr(SgpCopyMime) again = sgp_copy_mime_new(mail, TRUE, NOW, NULL);
	g_assert_cmpstr(
		sgp_copy_mime_get_message_id(mime), !=, sgp_copy_mime_get_message_id(again));
}

static void test_unknown_fields(void)
{
	static const char MAIL[] =
		HEAD "Bcc: carla@kunde.example\nResent-Bcc: carla@kunde.example\n"
		     "X-Evolution-Transport: carla@kunde.example\nX-Unknown: carla@kunde.example\n"
		     "Received: for carla@kunde.example\nX-Siegelpost-Copy: forged\n"
		     "X-Siegelpost-Reached: forged\nHP-Outer: Subject: forged\n\nHallo\n";
	static const Kind KINDS[] = { INSIDE, OUTSIDE, PLAIN };
	for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++) {
		g_autofree char *text = copy_of(MAIL, KINDS[i], TRUE);
		assert_has(text, "carla", FALSE);
		assert_has(text, "forged", FALSE);
	}
}

/* RFC 3834: two answering machines would write to each other for ever. */
static void test_automatic(void)
{
	static const char MAIL[] = HEAD "Auto-Submitted: auto-generated\nPrecedence: bulk\n"
					"X-Auto-Response-Suppress: All\n\nHallo\n";
	static const Kind KINDS[] = { INSIDE, OUTSIDE, PLAIN };
	for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++) {
		g_autofree char *text = copy_of(MAIL, KINDS[i], TRUE);
		assert_has(text, "\r\nAuto-Submitted: auto-generated\r\n", TRUE);
		assert_has(text, "\r\nPrecedence: bulk\r\n", TRUE);
		assert_has(text, "\r\nX-Auto-Response-Suppress: All\r\n", TRUE);
	}
}

/* Line ends on both sides of every border between two readings. */
static void test_line_ends(void)
{
	for (gsize shift = 0; shift < 6; shift++) {
		g_autoptr(GString) text = g_string_new(HEAD "\n");
		gsize body = text->len;
		for (gsize i = 0; i < 65530 + shift; i++)
			g_string_append_c(text, 'x');
		g_string_append(text, "\r\n\n\r\n\r\r\ny\nz");
		for (gsize i = 0; i < 65530; i++)
			g_string_append_c(text, i % 3 == 0 ? '\r' : '\n');
		g_autoptr(GRegex) feeds = g_regex_new("(?<!\r)\n", G_REGEX_RAW, 0, NULL);
		g_autofree char *expected =
			g_regex_replace_literal(feeds, text->str + body, -1, 0, "\r\n", 0, NULL);
		g_autoptr(SgpMail) mail = freeze(text->str, text->len);
		g_autofree char *plain = write_copy(mail, PLAIN, TRUE, NULL);
		g_assert_true(g_str_equal(strstr(plain, "\r\n\r\n") + 4, expected));
	}
}

static void test_sent_copy(void)
{
	static const char *const REACHED[] = { "a@b.example; portal", NULL };
	SgpCopyExtras extras = { "carla@kunde.example", "Wer\nund wie", REACHED };
	g_autoptr(SgpMail) mail = freeze(HEAD "\nHallo\n", strlen(HEAD "\nHallo\n"));
	g_autofree char *text = write_copy(mail, INSIDE, TRUE, &extras);
	assert_has(text, "\r\nBcc: carla@kunde.example\r\n", TRUE);
	assert_has(text, "X-Siegelpost-Reached: a@b.example; portal\r\n", TRUE);
	assert_has(text, "Hallo\r\n", TRUE);
	assert_has(text, "\r\n\r\nWer\r\nund wie\r\n--", TRUE);
}

/* As it was sent: the text is not touched, and the header says the rest. */
static void test_plain_sent_copy(void)
{
	static const char *const REACHED[] = { "a@b.example; plain", NULL };
	SgpCopyExtras extras = { "carla@b.example", "Wer\nund wie", REACHED };
	g_autoptr(SgpMail) mail = freeze(HEAD "\nHallo\n", strlen(HEAD "\nHallo\n"));
	g_autofree char *text = write_copy(mail, PLAIN, TRUE, &extras);
	assert_has(text, "\r\nBcc: carla@b.example\r\n", TRUE);
	assert_has(text, "\r\nX-Siegelpost-Reached: a@b.example; plain\r\n", TRUE);
	assert_has(text, "und wie", FALSE);
	g_assert_true(g_str_has_suffix(text, "\r\n\r\nHallo\r\n"));
}

/* Who is named by whom it was redirected reads why it came. */
static void test_redirected(void)
{
	static const char MAIL[] =
		HEAD "Resent-From: s@b.example\nResent-To: t@b.example\n"
		     "Resent-Bcc: carla@b.example\nResent-Date: Mon, 23 Nov 2026 10:00:00 +0000\n"
		     "\nHallo\n";
	static const Kind KINDS[] = { INSIDE, OUTSIDE, PLAIN };
	for (gsize i = 0; i < G_N_ELEMENTS(KINDS); i++) {
		g_autofree char *text = copy_of(MAIL, KINDS[i], TRUE);
		assert_has(text, "\r\nResent-To: t@b.example\r\n", TRUE);
		assert_has(text, "\r\nResent-From: s@b.example\r\n", TRUE);
		assert_has(text, "carla", FALSE);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/copy-mime/the-subject-is-outside-only-if-it-may", test_subject);
	g_test_add_func("/copy-mime/all-copies-are-the-same-mail", test_missing_fields);
	g_test_add_func("/copy-mime/an-automatic-mail-says-that-it-is-one", test_automatic);
	g_test_add_func("/copy-mime/an-unknown-field-leaves-in-no-copy", test_unknown_fields);
	g_test_add_func(
		"/copy-mime/every-line-ends-in-crlf-and-nothing-else-changes", test_line_ends);
	g_test_add_func("/copy-mime/the-senders-own-copy-says-whom-it-reached", test_sent_copy);
	g_test_add_func(
		"/copy-mime/the-senders-own-copy-in-clear-says-it-too", test_plain_sent_copy);
	g_test_add_func("/copy-mime/a-redirected-mail-names-its-new-readers-but-no-blind-copy",
		test_redirected);
	return g_test_run();
}
