/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mail as text: header fields (RFC 5322, RFC 2047) and quoted-printable. It writes what it is given
 * so that no value can begin a line of its own, and knows neither notices nor replies. */

#include "sgp-letter.h"

#include <string.h>

#define WORD_BYTES 42
#define LINE_CHARS 72

/**
 * sgp_letter_new:
 *
 * Returns: (transfer full): an empty mail with its envelope.
 */
SgpLetter *sgp_letter_new(const char *sender, const char *recipient)
{
	SgpLetter *letter = g_new0(SgpLetter, 1);

	letter->sender = g_strdup(sender);
	letter->recipient = g_strdup(recipient);
	letter->head = g_string_new(NULL);
	letter->tail = g_string_new(NULL);
	return letter;
}

/**
 * sgp_letter_free:
 * @letter: (transfer full) (nullable):
 */
void sgp_letter_free(SgpLetter *letter)
{
	if (letter == NULL)
		return;
	g_free(letter->sender);
	g_free(letter->recipient);
	g_free(letter->envelope_id);
	g_string_free(letter->head, TRUE);
	g_string_free(letter->tail, TRUE);
	g_clear_pointer(&letter->body, g_bytes_unref);
	g_free(letter);
}

/**
 * sgp_letter_add_field:
 * @value: ASCII; control characters become blanks (threat 32)
 *
 * Adds a field, folded at blanks.
 */
void sgp_letter_add_field(SgpLetter *letter, const char *name, const char *value)
{
	gsize column = strlen(name) + 2;
	g_auto(GStrv) words = NULL;
	g_autofree char *clean = g_strdup(value);

	for (char *c = clean; *c != '\0'; c++) {
		if (g_ascii_iscntrl(*c))
			*c = ' ';
	}
	words = g_strsplit(clean, " ", -1);
	g_string_append_printf(letter->head, "%s:", name);
	for (guint i = 0; words[i] != NULL; i++) {
		gsize length = strlen(words[i]);

		if (length == 0)
			continue;
		if (i > 0 && column + length > LINE_CHARS) {
			g_string_append(letter->head, "\r\n");
			column = 0;
		}
		g_string_append_printf(letter->head, " %s", words[i]);
		column += length + 1;
	}
	g_string_append(letter->head, "\r\n");
}

static gboolean is_plain(const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~')
			return FALSE;
	}
	return TRUE;
}

static char *encode_words(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *from = text;

	while (*from != '\0') {
		const char *to = from;
		g_autofree char *base64 = NULL;

		while (*to != '\0' && g_utf8_next_char(to) - from <= WORD_BYTES)
			to = g_utf8_next_char(to);
		base64 = g_base64_encode((const guint8 *)from, (gsize)(to - from));
		g_string_append_printf(out, "%s=?UTF-8?B?%s?=", out->len > 0 ? " " : "", base64);
		from = to;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *quote(const char *text)
{
	g_autoptr(GString) out = g_string_new("\"");

	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *c);
	}
	g_string_append_c(out, '"');
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/**
 * sgp_letter_add_mailbox:
 * @display: UTF-8, anything
 * @address: canonical
 *
 * Adds a field with one mailbox.
 */
void sgp_letter_add_mailbox(
	SgpLetter *letter, const char *name, const char *display, const char *address)
{
	g_autofree char *phrase = is_plain(display) ? quote(display) : encode_words(display);
	g_autofree char *value = g_strdup_printf("%s <%s>", phrase, address);

	sgp_letter_add_field(letter, name, value);
}

/**
 * sgp_letter_add_text_field:
 * @text: UTF-8, anything
 *
 * Adds a field of free text, such as Subject.
 */
void sgp_letter_add_text_field(SgpLetter *letter, const char *name, const char *text)
{
	g_autofree char *value = is_plain(text) ? g_strdup(text) : encode_words(text);

	sgp_letter_add_field(letter, name, value);
}

/**
 * sgp_letter_add_date:
 * @when: seconds since 1970
 *
 * Adds the Date field, in UTC and whatever the locale says.
 */
void sgp_letter_add_date(SgpLetter *letter, gint64 when)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(when);
	g_autofree char *text = g_strdup_printf("%s, %d %s %04d %02d:%02d:%02d +0000",
		days[g_date_time_get_day_of_week(date) - 1], g_date_time_get_day_of_month(date),
		months[g_date_time_get_month(date) - 1], g_date_time_get_year(date),
		g_date_time_get_hour(date), g_date_time_get_minute(date),
		g_date_time_get_second(date));

	sgp_letter_add_field(letter, "Date", text);
}

static void append_byte(GString *out, guchar byte, gboolean last, gsize *column)
{
	char encoded[4];
	gboolean literal = (byte > ' ' && byte <= '~' && byte != '=') || (byte == ' ' && !last);

	if (literal)
		g_snprintf(encoded, sizeof encoded, "%c", byte);
	else
		g_snprintf(encoded, sizeof encoded, "=%02X", byte);
	if (*column + strlen(encoded) > LINE_CHARS) {
		g_string_append(out, "=\r\n");
		*column = 0;
	}
	g_string_append(out, encoded);
	*column += strlen(encoded);
}

/**
 * sgp_letter_add_quoted_printable:
 * @text: UTF-8 with \n at the ends of lines
 *
 * Adds text to the end of the head (RFC 2045, 6.7).
 */
void sgp_letter_add_quoted_printable(SgpLetter *letter, const char *text)
{
	gsize column = 0;

	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\n') {
			g_string_append(letter->head, "\r\n");
			column = 0;
			continue;
		}
		append_byte(letter->head, (guchar)*c, c[1] == '\n' || c[1] == '\0', &column);
	}
}
