/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Strings of JSON, straight into a buffer. json-glib builds every answer but the long list of
 * messages, where its copies and its character by character escaping cost most of the request. */

#include "sgp-json-writer.h"

#include <string.h>

#define LONGEST 6 /* \u001f */

/* Sixteen characters in one go, by what GCC and Clang make of it on every processor. */
typedef guint8 Block __attribute__((vector_size(16)));

static gboolean needs_escape(char c)
{
	return (guchar)c < ' ' || c == '"' || c == '\\' || c == 127;
}

/* How many of the sixteen are plain before the first that is not. */
static gsize count_in_block(const char *text)
{
	guint64 halves[2];
	Block block;

	memcpy(&block, text, sizeof block);
	block = (Block)((block < ' ') | (block == '"') | (block == '\\') | (block == 127));
	memcpy(halves, &block, sizeof halves);
	if (halves[0] != 0)
		return (gsize)__builtin_ctzll(GUINT64_FROM_LE(halves[0])) / 8;
	if (halves[1] != 0)
		return 8 + (gsize)__builtin_ctzll(GUINT64_FROM_LE(halves[1])) / 8;
	return sizeof block;
}

/* Ciphertext in armor is nothing but plain characters and line ends. */
static gsize count_plain(const char *text, gsize size)
{
	gsize count = 0;

	while (count + sizeof(Block) <= size) {
		gsize found = count_in_block(text + count);

		count += found;
		if (found < sizeof(Block))
			return count;
	}
	while (count < size && !needs_escape(text[count]))
		count++;
	return count;
}

static void make_room(GString *out, gsize size)
{
	gsize length = out->len;

	if (out->allocated_len - length > size)
		return;
	g_string_set_size(out, length + size);
	out->len = length;
}

/* There is room for the longest. */
static void add_escaped(GString *out, char c)
{
	static const char digits[] = "0123456789abcdef";

	out->str[out->len++] = '\\';
	if (c == '\n') {
		out->str[out->len++] = 'n';
	} else if (c == '"' || c == '\\') {
		out->str[out->len++] = c;
	} else {
		memcpy(out->str + out->len, "u00", 3);
		out->str[out->len + 3] = digits[(guchar)c >> 4];
		out->str[out->len + 4] = digits[(guchar)c & 15];
		out->len += 5;
	}
}

/**
 * sgp_json_writer_add_number:
 *
 * Appends a number.
 */
void sgp_json_writer_add_number(GString *out, gint64 number)
{
	guint64 left = number < 0 ? -(guint64)number : (guint64)number;
	char text[24];
	gsize start = sizeof text;

	do {
		text[--start] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (number < 0)
		text[--start] = '-';
	g_string_append_len(out, text + start, (gssize)(sizeof text - start));
}

/**
 * sgp_json_writer_add_text:
 * @text: (nullable): valid UTF-8; %NULL becomes null
 *
 * Appends a JSON string with its quotes (RFC 8259, section 7).
 */
void sgp_json_writer_add_text(GString *out, const char *text)
{
	gsize left = 0;

	if (text == NULL) {
		g_string_append(out, "null");
		return;
	}
	left = strlen(text);
	g_string_append_c(out, '"');
	while (left > 0) {
		gsize plain = count_plain(text, left);

		make_room(out, left + LONGEST);
		memcpy(out->str + out->len, text, plain);
		out->len += plain;
		text += plain;
		left -= plain;
		if (left > 0) {
			add_escaped(out, *text);
			text++;
			left--;
		}
	}
	g_string_append_c(out, '"');
}
