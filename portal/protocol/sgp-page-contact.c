/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The only words of a page that are an office's and not the release's: whom to call, for browsers
 * without JavaScript. The server fills them in between two comments; whoever compares a page with
 * its release cuts them out again, if they are nothing but text and links to call or write. It
 * owns what may stand there, and fetches and serves nothing. */

#include "sgp-page-contact.h"

#include <string.h>

#define BEGIN_GERMAN  "<!--contact de-->"
#define BEGIN_ENGLISH "<!--contact en-->"
#define END           "<!--/contact-->"

/* The next place for a contact, behind its first comment; its end is where the second begins. */
static const char *find_place(const char *text, const char **end, gboolean *is_german)
{
	const char *german = strstr(text, BEGIN_GERMAN);
	const char *english = strstr(text, BEGIN_ENGLISH);
	const char *place = NULL;

	*is_german = german != NULL && (english == NULL || german < english);
	if (*is_german)
		place = german + strlen(BEGIN_GERMAN);
	else if (english != NULL)
		place = english + strlen(BEGIN_ENGLISH);
	*end = place != NULL ? strstr(place, END) : NULL;
	return *end != NULL ? place : NULL;
}

static GBytes *replace(GBytes *page, const char *german, const char *english)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(page, &length);
	g_autofree char *text = g_strndup(data, length);
	g_autoptr(GString) out = g_string_sized_new(length);
	const char *from = text;
	const char *end = NULL;
	const char *place = NULL;
	gboolean is_german = FALSE;

	while ((place = find_place(from, &end, &is_german)) != NULL) {
		g_string_append_len(out, from, place - from);
		g_string_append(out, is_german ? german : english);
		from = end;
	}
	g_string_append(out, from);
	return g_string_free_to_bytes(g_steal_pointer(&out));
}

/**
 * sgp_page_contact_fill:
 * @german: HTML that sgp_page_contact_cut() takes out again
 * @english: likewise
 *
 * Returns: (transfer full): @page with the contact in each place for it.
 */
GBytes *sgp_page_contact_fill(GBytes *page, const char *german, const char *english)
{
	return replace(page, german, english);
}

/* Text without an element, or a link to call or to write. A script, another address or an end of
 * <noscript> would be a page that nobody has released (threat 5). */
static gboolean is_harmless(const char *text, gsize length)
{
	static GRegex *pattern;
	static gsize once;
	g_autofree char *inner = g_strndup(text, length);

	if (g_once_init_enter(&once)) {
		pattern =
			g_regex_new("\\A[^<>]*(?:<a href=\"(?:tel|mailto):[^\"<>\\s]*\">[^<>]*</a>"
				    "[^<>]*)*\\z",
				G_REGEX_RAW, 0, NULL);
		g_once_init_leave(&once, 1);
	}
	return length <= 2000 && g_regex_match(pattern, inner, 0, NULL);
}

/**
 * sgp_page_contact_cut:
 *
 * Returns: (transfer full): @page as the release has it, without any office's contact; @page itself
 * if there is more between the comments than may be.
 */
GBytes *sgp_page_contact_cut(GBytes *page)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(page, &length);
	g_autofree char *text = g_strndup(data, length);
	const char *from = text;
	const char *end = NULL;
	const char *place = NULL;
	gboolean is_german = FALSE;

	if (length == 0 || strlen(text) != length)
		return g_bytes_ref(page);
	while ((place = find_place(from, &end, &is_german)) != NULL) {
		if (!is_harmless(place, (gsize)(end - place)))
			return g_bytes_ref(page);
		from = end;
	}
	return replace(page, "", "");
}
