/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is told to people goes to a terminal, and words of foreign mails are in it: a sentence, a
 * subject, an attachment's name. It owns that they are only read there, never obeyed; it words
 * nothing. */

#include "sgp-cli-terminal.h"

#include <stdio.h>

/* C0 and DEL, and C1 as UTF-8 writes it: they move the cursor, colour, or clear what was said
 * before, so that a held mail looks like one that may leave (threat 32; test:
 * tests/agent/stranger.py, "a mail's words do nothing to the terminal"). */
static char *dup_harmless(const char *text)
{
	GString *out = g_string_new(NULL);

	for (const guchar *p = (const guchar *)text; *p != '\0'; p++) {
		gboolean is_c1 = p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f;
		gboolean is_c0 = (*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7f;

		g_string_append_c(out, is_c0 || is_c1 ? '?' : (char)*p);
		p += is_c1 ? 1 : 0;
	}
	return g_string_free(out, FALSE);
}

/* In the terminal's own letters, as GLib does without us. */
static void write_text(FILE *to, const char *text)
{
	g_autofree char *harmless = dup_harmless(text);
	const char *charset = NULL;
	gboolean is_utf8 = g_get_console_charset(&charset);
	g_autofree char *converted = is_utf8 ? NULL
					     : g_convert_with_fallback(harmless, -1, charset,
						       "UTF-8", "?", NULL, NULL, NULL);

	fputs(converted ? converted : harmless, to);
	fflush(to);
}

static void print(const char *text)
{
	write_text(stdout, text);
}

static void print_error(const char *text)
{
	write_text(stderr, text);
}

void sgp_cli_terminal_guard(void)
{
	g_set_print_handler(print);
	g_set_printerr_handler(print_error);
}
