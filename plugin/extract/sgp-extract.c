/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a foreign file: knows its kind by its first bytes and hands it to that kind's reader.
 * Owns the text, its limit, and "there may be more", which is the answer to everything that is not
 * known. Opens nothing and asks nobody: the bytes are all it has. */
#include "sgp-extract.h"

#include <string.h>

#define SNIFF 1024

SgpExtract *sgp_extract_new(void)
{
	SgpExtract *self = g_new0(SgpExtract, 1);
	self->text = g_string_new(NULL);
	return self;
}

void sgp_extract_free(SgpExtract *self)
{
	g_string_free(self->text, TRUE);
	g_free(self);
}

gboolean sgp_extract_is_full(const SgpExtract *self)
{
	return self->text->len >= SGP_EXTRACT_MAX_TEXT;
}

/* libxml2 passes on what stands incomplete at the end of a file (tests/fuzz/corpus/extract). */
void sgp_extract_add(SgpExtract *self, const char *utf8, gssize length)
{
	gsize n = length < 0 ? strlen(utf8) : (gsize)length;
	g_autofree char *valid = NULL;
	if (!g_utf8_validate_len(utf8, n, NULL)) {
		self->is_incomplete = TRUE;
		valid = g_utf8_make_valid(utf8, (gssize)n);
		utf8 = valid;
		n = strlen(valid);
	}
	gsize room = SGP_EXTRACT_MAX_TEXT - MIN(self->text->len, SGP_EXTRACT_MAX_TEXT);
	if (n > room)
		self->is_incomplete = TRUE;
	g_string_append_len(self->text, utf8, (gssize)MIN(n, room));
}

void sgp_extract_add_char(SgpExtract *self, gunichar c)
{
	char utf8[8];
	sgp_extract_add(self, utf8, g_unichar_to_utf8(c, utf8));
}

/* Text of no kind: only UTF-8 without control characters is certain. Other bytes are shown as most
 * programs would show them, for what can be found in them, and are no "all of it". */
static void read_plain(SgpExtract *self, const char *bytes, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		guchar c = (guchar)bytes[i];
		if (c < 0x20 && strchr("\t\n\r\f", c) == NULL) {
			self->is_incomplete = TRUE;
			return;
		}
	}
	if (g_utf8_validate_len(bytes, length, NULL)) {
		sgp_extract_add(self, bytes, (gssize)length);
		return;
	}
	self->is_incomplete = TRUE;
	g_autofree char *western =
		g_convert(bytes, (gssize)length, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
	if (western != NULL)
		sgp_extract_add(self, western, -1);
}

static gboolean begins_with(const char *bytes, gsize length, const char *word)
{
	gsize n = strlen(word);
	return length >= n && g_ascii_strncasecmp(bytes, word, n) == 0;
}

static gboolean is_html(const char *bytes, gsize length)
{
	g_autofree char *head = g_ascii_strdown(bytes, (gssize)MIN(length, SNIFF));
	return strstr(head, "<!doctype html") != NULL || strstr(head, "<html") != NULL;
}

void sgp_extract_read(SgpExtract *self, const char *bytes, gsize length)
{
	const char *start = bytes;
	gsize left = length;
	if (begins_with(start, left, "\xef\xbb\xbf")) {
		start += 3;
		left -= 3;
	}
	while (left > 0 && g_ascii_isspace(*start)) {
		start++;
		left--;
	}
	if (left == 0)
		return;
	if (g_strstr_len(bytes, (gssize)MIN(length, SNIFF), "%PDF") != NULL)
		sgp_extract_read_pdf(self, bytes, length);
	else if (begins_with(bytes, length, "PK\003\004") ||
		 begins_with(bytes, length, "PK\005\006"))
		sgp_extract_read_archive(self, bytes, length);
	else if (begins_with(start, left, "{\\rtf"))
		sgp_extract_read_rtf(self, start, left);
	else if (is_html(start, left))
		sgp_extract_read_html(self, bytes, length);
	else if (begins_with(start, left, "<?xml"))
		sgp_extract_read_xml(self, start, left);
	else
		read_plain(self, start, left);
	sgp_extract_add(self, "\n", 1);
}
