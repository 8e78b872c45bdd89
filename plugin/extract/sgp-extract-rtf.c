/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of RTF: control words, groups, umlauts in their three ways of writing. There is no kept
 * library for it in Debian, and the grammar is small. Owns which destinations are no text; a
 * picture or an object inside may say anything. */
#include "sgp-extract.h"

#include <stdlib.h>
#include <string.h>

#define MAX_GROUPS 256

typedef struct {
	gboolean is_dropped; /* its text is nobody's words */
	int n_fallback;      /* \uc: characters after \u that repeat it for old readers */
} Group;

typedef struct {
	SgpExtract *extract; /* (borrowed) */
	const char *p, *end;
	Group groups[MAX_GROUPS];
	guint depth;
	guint n_skip;   /* fallback characters that are still to come */
	GString *bytes; /* (owned) \'hh in a row, in the code page */
	int code_page;
	gunichar surrogate; /* the first half, 0 if none */
	gboolean is_starred;
} Reader;

static Group *top(Reader *self)
{
	return &self->groups[self->depth];
}

static void flush(Reader *self)
{
	if (self->bytes->len == 0)
		return;
	char name[16];
	g_snprintf(name, sizeof name, "CP%d", self->code_page);
	g_autofree char *text = g_convert(
		self->bytes->str, (gssize)self->bytes->len, "UTF-8", name, NULL, NULL, NULL);
	if (text != NULL)
		sgp_extract_add(self->extract, text, -1);
	else
		self->extract->is_incomplete = TRUE;
	g_string_truncate(self->bytes, 0);
}

static void add_byte(Reader *self, guchar c)
{
	if (self->n_skip > 0)
		self->n_skip--;
	else if (!top(self)->is_dropped)
		g_string_append_c(self->bytes, (char)c);
}

static void add_unicode(Reader *self, int value)
{
	gunichar c = (gunichar)(value < 0 ? value + 65536 : value);
	self->n_skip = (guint)top(self)->n_fallback;
	if (c >= 0xd800 && c < 0xdc00) {
		self->surrogate = c;
		return;
	}
	if (c >= 0xdc00 && c < 0xe000 && self->surrogate != 0)
		c = 0x10000 + ((self->surrogate - 0xd800) << 10) + (c - 0xdc00);
	self->surrogate = 0;
	if (top(self)->is_dropped || !g_unichar_validate(c) || c == 0)
		return;
	flush(self);
	sgp_extract_add_char(self->extract, c);
}

static gboolean is_word(const char *word, const char *const *words)
{
	return g_strv_contains(words, word);
}

/* What follows in this group is no text. */
static gboolean is_no_text(const Reader *self, const char *word)
{
	static const char *const dropped[] = { "fonttbl", "colortbl", "stylesheet", "listtable",
		"listoverridetable", "rsidtbl", "generator", "themedata", "colorschememapping",
		"latentstyles", "datastore", "xmlnstbl", "fldinst", "pict", "objdata", "object",
		"filetbl", "revtbl", "mmathPr", "pgptbl", NULL };
	/* Starred ones that are text all the same: text boxes, comments. */
	static const char *const kept[] = { "shpinst", "annotation", "atnid", "atnauthor",
		"footnote", "shptxt", "shppict", "bkmkstart", "bkmkend", "ftnsep", "company",
		"manager", NULL };
	return is_word(word, dropped) || (self->is_starred && !is_word(word, kept));
}

static void take_word(Reader *self, const char *word, gboolean has_value, int value)
{
	static const char *const breaks[] = { "par", "line", "page", "row", "sect", "column",
		NULL };
	static const char *const blanks[] = { "tab", "cell", "nestcell", "emspace", "enspace",
		NULL };
	if (is_no_text(self, word))
		top(self)->is_dropped = TRUE;
	if (strcmp(word, "object") == 0 || strcmp(word, "pict") == 0)
		self->extract->is_incomplete = TRUE;
	self->is_starred = FALSE;
	if (strcmp(word, "u") == 0 && has_value) {
		add_unicode(self, value);
		return;
	}
	if (strcmp(word, "bin") == 0 && value > 0) {
		self->p += MIN((gsize)value, (gsize)(self->end - self->p));
		return;
	}
	flush(self);
	if (strcmp(word, "uc") == 0)
		top(self)->n_fallback = CLAMP(value, 0, 16);
	else if (strcmp(word, "ansicpg") == 0 && value > 0)
		self->code_page = value;
	else if (top(self)->is_dropped)
		return;
	else if (is_word(word, breaks))
		sgp_extract_add(self->extract, "\n", 1);
	else if (is_word(word, blanks))
		sgp_extract_add(self->extract, " ", 1);
}

static void read_word(Reader *self)
{
	char word[33];
	gsize n = 0;
	while (self->p < self->end && g_ascii_isalpha(*self->p)) {
		if (n < sizeof word - 1)
			word[n++] = *self->p;
		self->p++;
	}
	word[n] = '\0';
	char digits[12];
	gsize m = 0;
	if (self->p < self->end && *self->p == '-')
		digits[m++] = *self->p++;
	while (self->p < self->end && g_ascii_isdigit(*self->p)) {
		if (m < sizeof digits - 2)
			digits[m++] = *self->p;
		self->p++;
	}
	digits[m] = '\0';
	if (self->p < self->end && *self->p == ' ')
		self->p++;
	long value = strtol(digits, NULL, 10);
	take_word(self, word, m > 0, (int)CLAMP(value, G_MININT + 1, G_MAXINT));
}

static void read_control(Reader *self)
{
	char c = *self->p;
	if (g_ascii_isalpha(c)) {
		read_word(self);
		return;
	}
	self->p++;
	if (c == '\'' && self->end - self->p >= 2) {
		int high = g_ascii_xdigit_value(self->p[0]), low = g_ascii_xdigit_value(self->p[1]);
		self->p += 2;
		if (high >= 0 && low >= 0)
			add_byte(self, (guchar)(high * 16 + low));
	} else if (c == '*') {
		self->is_starred = TRUE;
	} else if (strchr("\\{}", c) != NULL) {
		add_byte(self, (guchar)c);
	} else if (c == '~' || c == '\n' || c == '\r') {
		add_byte(self, ' ');
	} else if (c == '_') {
		add_byte(self, '-');
	}
}

static gboolean open_group(Reader *self)
{
	if (self->depth + 1 >= MAX_GROUPS)
		return FALSE;
	self->groups[self->depth + 1] = self->groups[self->depth];
	self->depth++;
	return TRUE;
}

void sgp_extract_read_rtf(SgpExtract *self, const char *bytes, gsize length)
{
	g_autoptr(GString) pending = g_string_new(NULL);
	g_autofree Reader *reader = g_new0(Reader, 1);
	*reader = (Reader){ .extract = self,
		.p = bytes,
		.end = bytes + length,
		.bytes = pending,
		.code_page = 1252,
		.groups[0].n_fallback = 1 };
	while (reader->p < reader->end && !sgp_extract_is_full(self)) {
		char c = *reader->p++;
		if (c == '\\' && reader->p < reader->end) {
			read_control(reader);
		} else if (c == '{') {
			flush(reader);
			reader->n_skip = 0;
			if (!open_group(reader))
				break;
		} else if (c == '}') {
			flush(reader);
			reader->n_skip = 0;
			if (reader->depth == 0)
				break;
			reader->depth--;
		} else if (strchr("\r\n", c) == NULL) {
			add_byte(reader, (guchar)c);
		}
	}
	flush(reader);
	/* It ends where its first group ends. */
	if (reader->depth > 0 || sgp_extract_is_full(self))
		self->is_incomplete = TRUE;
}
