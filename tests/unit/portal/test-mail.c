/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mail that the portal writes, and whether it may leave this host in the clear. */

#include "sgp-armor.h"
#include "sgp-json-writer.h"
#include "sgp-letter.h"
#include "sgp-protocol.h"
#include "sgp-smtp.h"

#include <string.h>

static void test_values_add_no_lines(void)
{
	g_autoptr(SgpLetter) letter = sgp_letter_new("a@b.example", "c@d.example");
	g_auto(GStrv) lines = NULL;

	sgp_letter_add_mailbox(letter, "From", "Evil\r\nBcc: x@y.example", "a@b.example");
	sgp_letter_add_mailbox(letter, "To", "a \"quoted\\ name\"", "c@d.example");
	sgp_letter_add_field(letter, "In-Reply-To", "<a@b.example>\nX-Evil: 1");
	sgp_letter_add_text_field(letter, "Subject", "Ümläut\nX-Evil: 1");
	lines = g_strsplit(letter->head->str, "\r\n", -1);
	g_assert_cmpuint(g_strv_length(lines), ==, 5);
	for (guint i = 0; i < 4; i++) {
		g_assert_null(strpbrk(lines[i], "\r\n"));
		g_assert_false(g_str_has_prefix(lines[i], "X-Evil"));
		g_assert_false(g_str_has_prefix(lines[i], "Bcc"));
	}
	g_assert_cmpstr(lines[1], ==, "To: \"a \\\"quoted\\\\ name\\\"\" <c@d.example>");
}

static void test_long_values_are_folded(void)
{
	g_autoptr(SgpLetter) letter = sgp_letter_new("a@b.example", "c@d.example");
	g_autoptr(GString) many = g_string_new(NULL);
	g_auto(GStrv) lines = NULL;

	for (guint i = 0; i < 50; i++)
		g_string_append_printf(many, "<message-%u@host.example> ", i);
	sgp_letter_add_field(letter, "References", many->str);
	lines = g_strsplit(letter->head->str, "\r\n", -1);
	g_assert_cmpuint(g_strv_length(lines), >, 10);
	for (guint i = 0; lines[i] != NULL; i++) {
		g_assert_cmpuint(strlen(lines[i]), <=, 78);
		g_assert_true(i == 0 || lines[i][0] == ' ' || lines[i][0] == '\0');
	}
}

static void test_quoted_printable(void)
{
	g_autoptr(SgpLetter) letter = sgp_letter_new("a@b.example", "c@d.example");

	sgp_letter_add_quoted_printable(letter, "ä = b \n.\nend ");
	g_assert_cmpstr(letter->head->str, ==, "=C3=A4 =3D b=20\r\n.\r\nend=20");
}

static void test_plain_only_where_allowed(void)
{
	SgpPortalConfig config = { 0 };
	static const struct {
		const char *address;
		gboolean plain;
	} cases[] = {
		{ "127.0.0.1", TRUE },
		{ "::1", TRUE },
		{ "10.0.0.1", FALSE },
		{ "192.168.1.25", FALSE },
		{ "203.0.113.5", FALSE },
		{ "0.0.0.0", FALSE },
		{ "::ffff:203.0.113.5", FALSE },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autoptr(GInetAddress) address = g_inet_address_new_from_string(cases[i].address);

		config.smtp_plain = FALSE;
		g_assert_cmpint(sgp_smtp_may_be_plain(&config, address), ==, cases[i].plain);
		config.smtp_plain = TRUE;
		g_assert_true(sgp_smtp_may_be_plain(&config, address));
	}
	config.smtp_plain = FALSE;
	g_assert_false(sgp_smtp_may_be_plain(&config, NULL));
}

static void test_json_texts(void)
{
	static const char *const texts[] = { "", "plain", "-----BEGIN\n\nx\r\n",
		"\"\\/\x01\x1f\x7f", "ä€😀", "\xe2\x80\xa8" };

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GString) json = g_string_new("{\"a\":");
		g_autoptr(JsonObject) object = NULL;

		sgp_json_writer_add_text(json, texts[i]);
		g_string_append_c(json, '}');
		object = sgp_protocol_parse_object(json->str, json->len);
		g_assert_nonnull(object);
		g_assert_cmpstr(sgp_protocol_get_text(object, "a"), ==, texts[i]);
	}
}

static void test_json_numbers(void)
{
	static const gint64 numbers[] = { 0, 7, 10, -1, 1795517000, G_MAXINT64, G_MININT64 };

	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *expected = g_strdup_printf("%" G_GINT64_FORMAT, numbers[i]);
		g_autoptr(GString) json = g_string_new("");

		sgp_json_writer_add_number(json, numbers[i]);
		g_assert_cmpstr(json->str, ==, expected);
	}
}

/* Every character at every place of a block, beside others that need an escape or none. */
static void test_json_texts_at_every_place(void)
{
	static const char *const beside[] = { "abcdefghijklmnopqrstuvwxyzabcdefghijklmn",
		"\"bcdefg\nijklmno\\qrstuvwxyzabcdefghijklmn", "ääääääääääääääääääää" };

	for (gsize i = 0; i < G_N_ELEMENTS(beside); i++) {
		for (guint c = 1; c < 128; c++) {
			for (guint place = 0; place < 40; place += i == 2 ? 2 : 1) {
				g_autofree char *text = g_strdup(beside[i]);
				g_autoptr(GString) json = g_string_new("{\"a\":");
				g_autoptr(JsonObject) object = NULL;

				text[place] = (char)c;
				if (i == 2)
					text[place + 1] = (char)c;
				sgp_json_writer_add_text(json, text);
				g_string_append_c(json, '}');
				g_assert_cmpuint(json->len, ==, strlen(json->str));
				for (gsize k = 0; k < json->len; k++)
					g_assert_true(
						(guchar)json->str[k] >= ' ' && json->str[k] != 127);
				object = sgp_protocol_parse_object(json->str, json->len);
				g_assert_nonnull(object);
				g_assert_cmpstr(sgp_protocol_get_text(object, "a"), ==, text);
			}
		}
	}
}

#define ARMOR(content) "-----BEGIN PGP MESSAGE-----\n" content "-----END PGP MESSAGE-----"

static void test_armor_is_taken(void)
{
	static const char *const good[] = {
		ARMOR("\nAAAA\n"),
		ARMOR("\nAAAA\n") "\n",
		ARMOR("\nAAAA\n") "\r\n\r\n",
		"-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n=AAAA\r\n-----END PGP MESSAGE-----\r\n",
		ARMOR("Version: GnuPG v2\nComment: anything\n\nAA+/\nAA==\n=AAAA\n"),
		ARMOR("\nAAA\nA\n"),
		ARMOR("\nAAA=\n"),
	};

	for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
		g_assert_true(sgp_armor_is_message(good[i], strlen(good[i])));
}

static void test_armor_is_nothing_else(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"-----BEGIN PGP MESSAGE-----",
		ARMOR(""),
		ARMOR("\n"),
		ARMOR("\n=AAAA\n"),
		ARMOR("AAAA\n"),
		ARMOR("\nAAA\n"),
		ARMOR("\nA===\n"),
		ARMOR("\nAA==\nAAAA\n"),
		ARMOR("\nA=AA\n"),
		ARMOR("\nAAAA\n=AAAA\n=AAAA\n"),
		ARMOR("\nAAAA\n=AAAA\nAAAA\n"),
		ARMOR("\nAAAA\n=AA=A\n"),
		ARMOR("\nAAAA\n\nAAAA\n"),
		ARMOR("\nAAAA\n--siegelpost-1\n"),
		ARMOR("\nAAAA\n--\n"),
		ARMOR("--x: y\n\nAAAA\n"),
		ARMOR("Content-Type: text/html\n\nAAAA\n"),
		ARMOR("Comment: \n\nAAAA\n"),
		ARMOR("Comment: \x01\n\nAAAA\n"),
		ARMOR("\nAAAA \n"),
		ARMOR("\nAAAA\r\r\n"),
		ARMOR("\nAA\rAA\n"),
		ARMOR("\n.AAA\n"),
		"\n" ARMOR("\nAAAA\n"),
		ARMOR("\nAAAA\n") "x",
		ARMOR("\nAAAA\n") "\n" ARMOR("\nAAAA\n"),
		ARMOR("\nAAAA\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n"),
		"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----",
	};

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_test_message("%" G_GSIZE_FORMAT, i);
		g_assert_false(sgp_armor_is_message(bad[i], strlen(bad[i])));
	}
	g_assert_false(sgp_armor_is_message(ARMOR("\nAA\0A\n"), sizeof ARMOR("\nAA\0A\n") - 1));
}

static void test_armor_lines_are_short(void)
{
	for (gsize length = 72; length <= 80; length += 4) {
		g_autofree char *line = g_strnfill(length, 'A');
		g_autofree char *text = g_strdup_printf(ARMOR("\n%s\n"), line);

		g_assert_cmpint(sgp_armor_is_message(text, strlen(text)), ==, length <= 76);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mail/no-value-begins-a-line-of-its-own", test_values_add_no_lines);
	g_test_add_func("/mail/long-fields-are-folded", test_long_values_are_folded);
	g_test_add_func("/mail/quoted-printable-keeps-every-byte", test_quoted_printable);
	g_test_add_func("/mail/off-this-host-only-with-tls", test_plain_only_where_allowed);
	g_test_add_func("/mail/json-texts-come-back-as-they-were", test_json_texts);
	g_test_add_func("/mail/json-numbers-are-written-whole", test_json_numbers);
	g_test_add_func("/mail/json-texts-come-back-wherever-an-escape-stands",
		test_json_texts_at_every_place);
	g_test_add_func("/mail/an-armored-message-can-be-carried", test_armor_is_taken);
	g_test_add_func("/mail/nothing-else-can-be-carried", test_armor_is_nothing_else);
	g_test_add_func("/mail/lines-of-armor-are-short", test_armor_lines_are_short);
	return g_test_run();
}
