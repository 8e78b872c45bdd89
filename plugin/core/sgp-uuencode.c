/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files inside the text itself, as mails carried them before MIME and as Outlook and scripts still
 * write them: uuencode, begin-base64, yEnc. Finds where one begins and what it is called; never
 * decodes it. Without this a diagnosis in such a block would leave as general mail, because to the
 * readers of words it is no word (test: /attachment-scan/a-uuencoded-file-is-not-read). */
#include "sgp-uuencode.h"

#include <string.h>

#include "sgp-pattern-private.h"

#define MAX_FILES 16
#define MAX_NAME  200 /* bytes */
#define MAX_BYTES 45  /* of one uuencoded line */
/* Where the first line is broken, the end may still be seen. */
#define MAX_LINES 20000

/* Quote marks and blanks in front of a line are not the block's. */
static const char *skip_marks(const char *line)
{
	return line + strspn(line, "> |\t");
}

/* A length, and as many letters as that takes; blanks at the end may be lost on the way. */
static gboolean is_encoded(const char *line)
{
	gsize length = strcspn(line, "\r");
	guint n = length > 0 ? (guint)(guchar)line[0] - ' ' : 0;
	if (n == 0 || n > MAX_BYTES)
		return FALSE;
	gsize expected = 1 + (gsize)(n + 2) / 3 * 4;
	for (gsize i = 0; i < length; i++) {
		if (line[i] < ' ' || line[i] > '`')
			return FALSE;
	}
	return length + 3 >= expected && length <= expected + 2;
}

static gboolean is_base64(const char *line)
{
	gsize length = strcspn(line, "\r");
	return length >= 4 &&
	       strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
		       length;
}

static gboolean is_end(const char *line)
{
	return strncmp(line, "end", 3) == 0 && line[3 + strspn(line + 3, " \t\r")] == '\0';
}

/* "begin 644 Befund.pdf" is also how a sentence may begin: a line of the file follows, or its end
 * does. */
static gboolean is_block(char *const *lines, guint from)
{
	if (lines[from] != NULL) {
		const char *line = skip_marks(lines[from]);
		if (is_encoded(lines[from]) || is_encoded(line) || is_base64(line))
			return TRUE;
	}
	for (guint i = from; lines[i] != NULL && i < from + MAX_LINES; i++) {
		if (is_end(skip_marks(lines[i])))
			return TRUE;
	}
	return FALSE;
}

/* (transfer full) (nullable) */
static char *dup_name(const char *line)
{
	g_autoptr(GMatchInfo) match = NULL;
	GRegex *begin = SGP_PATTERN("^(?:begin(?:-base64)? [0-7]{3,4} (\\S.*?)|"
				    "=ybegin .*?\\bname=(.+?))\\s*$",
		G_REGEX_OPTIMIZE);
	if (line[0] != 'b' && line[0] != '=')
		return NULL;
	if (!g_regex_match(begin, line, 0, &match))
		return NULL;
	g_autofree char *name = g_match_info_fetch(match, 1);
	if (name == NULL || *name == '\0') {
		g_free(name);
		name = g_match_info_fetch(match, 2);
	}
	g_autofree char *limited = g_strndup(name, MAX_NAME);
	return g_utf8_make_valid(limited, -1);
}

void sgp_uuencode_find(const char *text, GPtrArray *names)
{
	guint n = 0;
	if (strstr(text, "begin") == NULL)
		return;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL && n < MAX_FILES; i++) {
		const char *line = skip_marks(lines[i]);
		g_autofree char *name = dup_name(line);
		if (name == NULL || (line[0] == 'b' && !is_block(lines, i + 1)))
			continue;
		g_ptr_array_add(names, g_steal_pointer(&name));
		n++;
	}
}

gboolean sgp_uuencode_is_in(const char *text)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	sgp_uuencode_find(text, names);
	return names->len > 0;
}
