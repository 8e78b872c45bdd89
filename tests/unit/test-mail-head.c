/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-mail-head.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static SgpMailHead *read_head(const char *text, gsize length, GError **error)
{
	int fd = memfd_create("test", MFD_CLOEXEC);
	g_assert_cmpint(write(fd, text, length), ==, (gssize)length);
	SgpMailHead *head = sgp_mail_head_read(fd, error);
	close(fd);
	return head;
}

static void test_fields(void)
{
	static const char TEXT[] = "From: a@b.example\nTo: c@d.example,\n\te@f.example\r\n"
				   "subject:x\r\n\r\nBody\r\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMailHead) head = read_head(TEXT, sizeof(TEXT) - 1, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(head->fields->len, ==, 3);
	g_assert_cmpstr(
		sgp_mail_head_lookup(head, "to")->raw, ==, "To: c@d.example,\r\n\te@f.example\r\n");
	g_assert_cmpstr(sgp_mail_head_lookup(head, "Subject")->name, ==, "subject");
	g_assert_null(sgp_mail_head_lookup(head, "Bcc"));
	g_assert_cmpint(head->body, ==, (gint64)(strstr(TEXT, "Body") - TEXT));
	g_assert_cmpint(head->size, ==, sizeof(TEXT) - 1);
}

static void test_no_body(void)
{
	static const char TEXT[] = "From: a@b.example\r\n";
	g_autoptr(SgpMailHead) head = read_head(TEXT, sizeof(TEXT) - 1, NULL);
	g_assert_cmpuint(head->fields->len, ==, 1);
	g_assert_cmpint(head->body, ==, head->size);
}

static void test_long(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < 9000; i++)
		g_string_append_printf(text, "X-%u: %u\r\n", i, i);
	g_string_append(text, "\r\nBody");
	g_autoptr(SgpMailHead) head = read_head(text->str, text->len, NULL);
	g_assert_cmpuint(head->fields->len, ==, 9000);
	g_assert_cmpint(head->body, ==, (gint64)text->len - 4);
	g_autoptr(GString) endless = g_string_new(NULL);
	while (endless->len < 2 * 1024 * 1024)
		g_string_append(endless, "X: y\r\n");
	g_autoptr(GError) error = NULL;
	g_assert_null(read_head(endless->str, endless->len, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* Within the time of a test: copying a field for each of its lines would take minutes. */
static void test_many_lines(void)
{
	g_autoptr(GString) text = g_string_new("X: a\n");
	while (text->len < 1000 * 1000)
		g_string_append(text, " \n");
	g_autoptr(SgpMailHead) head = read_head(text->str, text->len, NULL);
	g_assert_nonnull(head);
	g_assert_cmpuint(head->fields->len, ==, 1);
	g_assert_cmpuint(strlen(sgp_mail_head_lookup(head, "X")->raw), >, text->len);
}

static void test_empty(void)
{
	g_autoptr(SgpMailHead) nothing = read_head("", 0, NULL);
	g_assert_nonnull(nothing);
	g_assert_cmpuint(nothing->fields->len, ==, 0);
	g_assert_cmpint(nothing->body, ==, 0);
}

#define BAD(text)                                                                                  \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}

static void test_refused(void)
{
	static const struct {
		const char *text;
		gsize length;
	} CASES[] = {
		BAD("From: a@b.example\rBcc: c@d.example\r\n\r\nx"),
		BAD("From: a@b.example\r\nTo: x\0Bcc: y\r\n\r\nx"),
		BAD(" folded: x\r\n\r\nx"),
		BAD("From a@b.example Tue\r\n folded: x\r\n\r\nx"),
		BAD("From: a@b.example\r\nno colon here\r\n\r\nx"),
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(read_head(CASES[i].text, CASES[i].length, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	}
}

static void test_outgoing(void)
{
	static const struct {
		const char *text;
		gboolean is_good;
	} CASES[] = {
		{ "From: a@b.example\r\nTo: A <c@d.example>,\r\n b@c.example\r\n\r\nx", TRUE },
		{ "From: a@b.example\r\nTo: c@d.example\r\nTo: e@f.example\r\n\r\nx", FALSE },
		{ "From: a@b.example\r\nBcc: not an address at all\r\n\r\nx", FALSE },
		{ "From: a@b.example, c@d.example\r\nTo: e@f.example\r\n\r\nx", FALSE },
		{ "To: e@f.example\r\n\r\nx", FALSE },
		{ "From: a@b.example\r\nResent-To: x@y.example\r\n\r\nx", TRUE },
		{ "From: a@b.example\r\nSubject: a\r\nSubject: b\r\n\r\nx", FALSE },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpMailHead) head = read_head(CASES[i].text, strlen(CASES[i].text), NULL);
		g_assert_nonnull(head);
		g_autoptr(GError) error = NULL;
		g_test_message("case %" G_GSIZE_FORMAT, i);
		g_assert_cmpint(sgp_mail_head_check_people(head, &error), ==, CASES[i].is_good);
		if (!CASES[i].is_good)
			g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail-head/fields-stay-as-they-were-written", test_fields);
	g_test_add_func("/mail-head/a-mail-may-have-no-body", test_no_body);
	g_test_add_func("/mail-head/a-long-header-is-read-an-endless-one-is-not", test_long);
	g_test_add_func("/mail-head/a-field-may-have-many-lines", test_many_lines);
	g_test_add_func("/mail-head/an-empty-file-has-an-empty-header", test_empty);
	g_test_add_func("/mail-head/what-programs-cut-differently-is-refused", test_refused);
	g_test_add_func("/mail-head/what-goes-out-reads-the-same-everywhere", test_outgoing);
	return g_test_run();
}
