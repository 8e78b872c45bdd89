/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The grammar of an ASCII-armored OpenPGP message (RFC 9580, 6.2), and nothing of what is inside.
 * It reads line by line, whatever the size, and forgives nothing: what it lets through goes into a
 * mail that is not ours to open. */

#include "sgp-armor.h"

#include <string.h>

#define HEAD       "-----BEGIN PGP MESSAGE-----"
#define TAIL       "-----END PGP MESSAGE-----"
#define BASE64     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define LINE_LIMIT 76
#define CRC_LENGTH 5 /* with the "=" before it */

typedef struct {
	const char *next;
	const char *end;
	const char *line; /* without its end */
	gsize length;
} Lines;

static gboolean take_line(Lines *self)
{
	const char *newline = NULL;

	if (self->next == self->end)
		return FALSE;
	newline = memchr(self->next, '\n', (gsize)(self->end - self->next));
	self->line = self->next;
	self->length = (gsize)((newline != NULL ? newline : self->end) - self->line);
	self->next = newline != NULL ? newline + 1 : self->end;
	if (self->length > 0 && self->line[self->length - 1] == '\r')
		self->length--;
	return TRUE;
}

static gboolean is_line(const Lines *self, const char *text)
{
	return self->length == strlen(text) && memcmp(self->line, text, self->length) == 0;
}

static gboolean is_header(const Lines *self)
{
	static const char *const keys[] = { "Version: ", "Comment: " };
	gboolean known = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++) {
		gsize size = strlen(keys[i]);

		known = known || (self->length > size && memcmp(self->line, keys[i], size) == 0);
	}
	for (gsize i = 0; i < self->length; i++)
		known = known && self->line[i] >= ' ' && self->line[i] <= '~';
	return known && self->length <= LINE_LIMIT;
}

static gsize count_base64(const char *text, gsize length)
{
	gsize count = 0;

	while (count < length && text[count] != '\0' && strchr(BASE64, text[count]) != NULL)
		count++;
	return count;
}

static gboolean is_checksum(const Lines *self)
{
	return self->length == CRC_LENGTH && self->line[0] == '=' &&
	       count_base64(self->line + 1, CRC_LENGTH - 1) == CRC_LENGTH - 1;
}

/* Reads to the end of the base64; the line after it is the current one then. */
static gboolean take_body(Lines *self)
{
	gsize total = 0;
	gsize padding = 0;

	while (take_line(self) && !is_line(self, TAIL) && !is_checksum(self)) {
		gsize count = count_base64(self->line, self->length);

		/* Padding ends the data: no second message behind the first. */
		if (count == 0 || self->length > LINE_LIMIT || padding > 0)
			return FALSE;
		padding = self->length - count;
		if (padding > 2 || memcmp(self->line + count, "==", padding) != 0)
			return FALSE;
		total += self->length;
	}
	return total > 0 && total % 4 == 0;
}

/**
 * sgp_armor_is_message:
 * @data: any bytes
 *
 * Returns: whether @data is exactly one armored message: its first and last line, header lines that
 * say nothing, an empty line, base64, at most one checksum; nothing before and only empty lines
 * behind. No line of such a text can begin a MIME part: only its first and last begin with "--".
 */
gboolean sgp_armor_is_message(const char *data, gsize size)
{
	Lines lines = { .next = data, .end = size > 0 ? data + size : data };

	if (!take_line(&lines) || !is_line(&lines, HEAD))
		return FALSE;
	while (take_line(&lines) && lines.length > 0) {
		if (!is_header(&lines))
			return FALSE;
	}
	if (lines.length > 0 || !take_body(&lines))
		return FALSE;
	if (is_checksum(&lines) && !take_line(&lines))
		return FALSE;
	if (!is_line(&lines, TAIL))
		return FALSE;
	while (take_line(&lines)) {
		if (lines.length > 0)
			return FALSE;
	}
	return TRUE;
}
