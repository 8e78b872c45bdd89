/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the portal mails for others: names and subjects are what somebody typed. Each line of the
 * input is one value. What must hold: a value never begins a line of its own in the header; all of
 * it is ASCII with CRLF, and no line is longer than SMTP takes, unless one word alone is. */
#include "sgp-letter.h"

#include "fuzz.h"

static void check_lines(const char *head, gsize longest)
{
	g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		FUZZ_HOLDS(strpbrk(lines[i], "\r\n") == NULL);
		FUZZ_HOLDS(strlen(lines[i]) <= MAX(2 * longest + 80, 998));
		for (const char *c = lines[i]; *c != '\0'; c++)
			FUZZ_HOLDS(*c >= ' ' && *c <= '~');
	}
}

static guint count_fields(const char *head)
{
	g_auto(GStrv) lines = g_strsplit(head, "\r\n", -1);
	guint n = 0;
	for (guint i = 0; lines[i] != NULL; i++)
		n += lines[i][0] != ' ' && lines[i][0] != '\0' ? 1 : 0;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(SgpLetter) letter = sgp_letter_new("a@b.example", "c@d.example");
	g_autofree char *name = fuzz_take_line(&data, &size);
	g_autofree char *subject = fuzz_take_line(&data, &size);
	g_autofree char *text = fuzz_dup_text(data, size);
	g_strdelimit(text, "\r", ' ');
	sgp_letter_add_mailbox(letter, "From", name, "a@b.example");
	sgp_letter_add_text_field(letter, "Subject", subject);
	FUZZ_HOLDS(count_fields(letter->head->str) == 2);
	check_lines(letter->head->str, strlen(name) + strlen(subject));
	const gsize before = letter->head->len;
	sgp_letter_add_quoted_printable(letter, text);
	check_lines(letter->head->str + before, 0);
	return 0;
}
