/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which of the five roles a folder has, told by its name alone. It owns the list of names, English
 * and German, as Evolution, Thunderbird, Claws Mail, Outlook, Apple Mail and the great providers
 * give them. A name that is not in the list is a folder with received mail: it looks into no
 * folder. */

#include "sgp-folder-role.h"

#include <string.h>

typedef struct {
	const char *name; /* folded: see fold() */
	SgpFolderRole role;
} Name;

static const Name names[] = {
	{ "sent", SGP_FOLDER_ROLE_SENT },
	{ "sent items", SGP_FOLDER_ROLE_SENT },
	{ "sent messages", SGP_FOLDER_ROLE_SENT },
	{ "sent mail", SGP_FOLDER_ROLE_SENT },
	{ "gesendet", SGP_FOLDER_ROLE_SENT },
	{ "gesendete objekte", SGP_FOLDER_ROLE_SENT },
	{ "gesendete elemente", SGP_FOLDER_ROLE_SENT },
	{ "gesendete nachrichten", SGP_FOLDER_ROLE_SENT },
	{ "gesendete mails", SGP_FOLDER_ROLE_SENT },
	{ "gesendete e mails", SGP_FOLDER_ROLE_SENT },
	{ "gesendete post", SGP_FOLDER_ROLE_SENT },
	{ "drafts", SGP_FOLDER_ROLE_DRAFTS },
	{ "draft", SGP_FOLDER_ROLE_DRAFTS },
	{ "entwürfe", SGP_FOLDER_ROLE_DRAFTS },
	{ "entwuerfe", SGP_FOLDER_ROLE_DRAFTS },
	{ "entwurf", SGP_FOLDER_ROLE_DRAFTS },
	{ "outbox", SGP_FOLDER_ROLE_OUTBOX },
	{ "queue", SGP_FOLDER_ROLE_OUTBOX },
	{ "unsent messages", SGP_FOLDER_ROLE_OUTBOX },
	{ "postausgang", SGP_FOLDER_ROLE_OUTBOX },
	{ "warteschlange", SGP_FOLDER_ROLE_OUTBOX },
	{ "junk", SGP_FOLDER_ROLE_JUNK },
	{ "junk e mail", SGP_FOLDER_ROLE_JUNK },
	{ "junk email", SGP_FOLDER_ROLE_JUNK },
	{ "junk mail", SGP_FOLDER_ROLE_JUNK },
	{ "spam", SGP_FOLDER_ROLE_JUNK },
	{ "spamverdacht", SGP_FOLDER_ROLE_JUNK },
	{ "spamordner", SGP_FOLDER_ROLE_JUNK },
	{ "bulk mail", SGP_FOLDER_ROLE_JUNK },
	{ "unerwünscht", SGP_FOLDER_ROLE_JUNK },
	{ "unerwünschte werbung", SGP_FOLDER_ROLE_JUNK },
	{ "trash", SGP_FOLDER_ROLE_TRASH },
	{ "bin", SGP_FOLDER_ROLE_TRASH },
	{ "deleted", SGP_FOLDER_ROLE_TRASH },
	{ "deleted items", SGP_FOLDER_ROLE_TRASH },
	{ "deleted messages", SGP_FOLDER_ROLE_TRASH },
	{ "papierkorb", SGP_FOLDER_ROLE_TRASH },
	{ "mülleimer", SGP_FOLDER_ROLE_TRASH },
	{ "gelöscht", SGP_FOLDER_ROLE_TRASH },
	{ "gelöschte elemente", SGP_FOLDER_ROLE_TRASH },
	{ "gelöschte objekte", SGP_FOLDER_ROLE_TRASH },
	{ "gelöschte nachrichten", SGP_FOLDER_ROLE_TRASH },
	{ "geloeschte elemente", SGP_FOLDER_ROLE_TRASH },
	{ "geloeschte objekte", SGP_FOLDER_ROLE_TRASH },
};

/* Reading a name */

/* "Entw&APw-rfe" (RFC 3501, 5.1.3): modified UTF-7. What cannot be decoded stays as it is. */
static char *decode_utf7(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *c = text; *c != '\0'; c++) {
		const char *end = *c == '&' ? strchr(c, '-') : NULL;

		if (!end) {
			g_string_append_c(out, *c);
			continue;
		}
		if (end == c + 1) { /* "&-" */
			g_string_append_c(out, '&');
			c = end;
			continue;
		}
		g_autofree char *base64 = g_strndup(c + 1, (gsize)(end - c - 1));
		gsize length = 0;

		g_strdelimit(base64, ",", '/');
		g_autofree char *padded =
			g_strconcat(base64, &"==="[3 - (4 - strlen(base64) % 4) % 4], NULL);
		g_autofree guchar *bytes = g_base64_decode(padded, &length);
		g_autofree char *decoded = g_convert((const char *)bytes, (gssize)(length & ~1UL),
			"UTF-8", "UTF-16BE", NULL, NULL, NULL);

		if (!decoded)
			return g_strdup(text);
		g_string_append(out, decoded);
		c = end;
	}
	return g_strdup(out->str);
}

/* "Gesendete%20Objekte" in Evolution's addresses of folders. */
static char *decode_uri(const char *text)
{
	char *decoded = g_uri_unescape_string(text, NULL);

	return decoded ? decoded : g_strdup(text);
}

/* Letter case, composed letters, and "-" or "_" in a blank's place do not count. */
static char *fold(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFC);
	g_autofree char *folded = g_utf8_casefold(composed, -1);
	char *result = g_utf8_normalize(folded, -1, G_NORMALIZE_NFC);

	g_strdelimit(result, "-_", ' ');
	return g_strstrip(result);
}

/* What the role is */

static SgpFolderRole find_role(const char *folded)
{
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_str_equal(names[i].name, folded))
			return names[i].role;
	}
	return SGP_FOLDER_ROLE_MAIL;
}

/* "\\HasNoChildren \\Sent": the attributes are told apart from names by their backslash. */
static SgpFolderRole role_of_attributes(const char *text)
{
	static const Name attributes[] = {
		{ "\\sent", SGP_FOLDER_ROLE_SENT },
		{ "\\drafts", SGP_FOLDER_ROLE_DRAFTS },
		{ "\\junk", SGP_FOLDER_ROLE_JUNK },
		{ "\\spam", SGP_FOLDER_ROLE_JUNK }, /* Gmail's, before the RFC */
		{ "\\trash", SGP_FOLDER_ROLE_TRASH },
	};
	g_auto(GStrv) words = g_strsplit_set(text, " \t()", -1);

	for (gsize n = 0; words[n]; n++) {
		for (gsize i = 0; i < G_N_ELEMENTS(attributes); i++) {
			if (g_ascii_strcasecmp(words[n], attributes[i].name) == 0)
				return attributes[i].role;
		}
	}
	return SGP_FOLDER_ROLE_MAIL;
}

SgpFolderRole sgp_folder_role_of_name(const char *name)
{
	SgpFolderRole role = SGP_FOLDER_ROLE_MAIL;

	if (name[0] == '\\' || name[0] == '(')
		return role_of_attributes(name);
	g_autofree char *unescaped = decode_uri(name);
	g_autofree char *decoded = decode_utf7(unescaped);
	g_auto(GStrv) parts = g_strsplit_set(decoded, "/.", -1);

	/* The nearest one counts: what lies in the trash's folder "Sent" was sent, too. */
	for (gsize n = g_strv_length(parts); n > 0 && role == SGP_FOLDER_ROLE_MAIL; n--) {
		g_autofree char *folded = fold(parts[n - 1]);

		role = find_role(folded);
	}
	return role;
}
