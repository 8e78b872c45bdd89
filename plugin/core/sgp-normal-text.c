/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Normal forms of Unicode, piece by piece. Owns where a text may be cut without changing its normal
 * form; g_utf8_normalize() does the rest, but moves all that follows for each character that it
 * composes, and sorts a run of marks by exchanging neighbours: a mail of 256 KiB of marks would
 * keep it busy for a minute, and so would a long letter whose umlauts are written in two characters
 * (test: /normal-text/what-is-long-is-not-slow). */
#include "sgp-normal-text.h"

#include <string.h>

#define PIECE 2   /* characters; then the next good place is taken */
#define MOST  256 /* then any (Unicode's stream-safe text has at most 30 marks in a row) */

/* What a Latin, Greek or Cyrillic letter with marks is made of stays together: nothing composes
 * with an ASCII character before it, and marks have a class. */
static const char *find_cut(const char *from)
{
	const char *p = from;
	for (guint n = 0; *p != '\0'; n++) {
		if (n >= PIECE && ((guchar)*p < 0x80 || n >= MOST ||
					  g_unichar_combining_class(g_utf8_get_char(p)) == 0))
			return p;
		p = g_utf8_next_char(p);
	}
	return p;
}

/* ASCII is its own normal form, but for its last character, which a mark may follow. */
static gsize plain_length(const char *from)
{
	gsize length = 0;
	while (from[length] != '\0' && (guchar)from[length] < 0x80)
		length++;
	return from[length] == '\0' || length == 0 ? length : length - 1;
}

char *sgp_normal_text_dup(const char *text, GNormalizeMode mode)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *normal = g_string_sized_new(strlen(valid) + 16);
	for (const char *from = valid; *from != '\0';) {
		gsize length = plain_length(from);
		g_string_append_len(normal, from, (gssize)length);
		from += length;
		if (*from == '\0')
			break;
		const char *to = find_cut(from);
		g_autofree char *piece = g_utf8_normalize(from, to - from, mode);
		g_string_append(normal, piece);
		from = to;
	}
	return g_string_free(normal, FALSE);
}
