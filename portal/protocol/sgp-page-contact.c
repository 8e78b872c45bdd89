/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The only words of a page that are an office's and not the release's: whom to call, for browsers
 * without JavaScript. The server fills them in between two comments; whoever compares a page with
 * its release cuts them out again, if they are nothing but text and links to call or write. It
 * owns what may stand there, and fetches and serves nothing. */

#include "sgp-page-contact.h"

#include <string.h>

#define BEGIN         "<!--contact "
#define BEGIN_GERMAN  BEGIN "de-->"
#define BEGIN_ENGLISH BEGIN "en-->" /* as long */
#define END           "<!--/contact-->"

/* The next place for a contact, behind its first comment; its end is where the second begins. Each
 * byte is looked at once, however many places whoever serves the page made. */
static const char *find_place(const char *text, const char **end, gboolean *is_german)
{
	for (const char *at = strstr(text, BEGIN); at != NULL; at = strstr(at + 1, BEGIN)) {
		const char *place = at + strlen(BEGIN_GERMAN);

		*is_german = g_str_has_prefix(at, BEGIN_GERMAN);
		if (!*is_german && !g_str_has_prefix(at, BEGIN_ENGLISH))
			continue;
		*end = strstr(place, END);
		return *end != NULL ? place : NULL;
	}
	return NULL;
}

/* Nothing is NULL to GBytes. */
static char *dup_text(GBytes *page)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(page, &length);

	return g_strndup(length > 0 ? data : "", length);
}

static GBytes *replace(GBytes *page, const char *german, const char *english)
{
	g_autofree char *text = dup_text(page);
	g_autoptr(GString) out = g_string_sized_new(g_bytes_get_size(page));
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
	g_autofree char *text = dup_text(page);
	const char *from = text;
	const char *end = NULL;
	const char *place = NULL;
	gboolean is_german = FALSE;

	if (strlen(text) != g_bytes_get_size(page))
		return g_bytes_ref(page);
	while ((place = find_place(from, &end, &is_german)) != NULL) {
		if (!is_harmless(place, (gsize)(end - place)))
			return g_bytes_ref(page);
		from = end;
	}
	return replace(page, "", "");
}
