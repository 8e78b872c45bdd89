/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML of mails as plain text, for the scans only: nothing of it is ever shown or sent. Owns which
 * elements are somebody else's words; never loads anything, and takes any broken markup. */
#include "sgp-own-words.h"

#include <string.h>

/* Elements whose content nobody reads. */
static const char *const unseen[] = { "head", "style", "script", "title", "template", NULL };
/* Elements that have no end tag. */
static const char *const empty[] = { "br", "hr", "img", "input", "meta", "link", "col", "area",
	"base", "wbr", "source", "embed", "param", "track", NULL };
/* Elements that stand on lines of their own. */
static const char *const blocks[] = { "p", "div", "br", "hr", "tr", "li", "ul", "ol", "table",
	"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "header",
	"footer", "address", "dt", "dd", NULL };
/* What mail programs write around quotes, forwards and signatures: Gmail, Thunderbird, Outlook,
 * Apple Mail, Yahoo, GMX, Evolution. */
static const char *const foreign[] = { "gmail_quote", "gmail_attr", "gmail_signature",
	"moz-cite-prefix", "moz-forward-container", "moz-signature", "divrplyfwdmsg",
	"yahoo_quoted", "x_gmail_quote", "-x-evo-signature", "-x-evo-attribution",
	"protonmail_quote", "tutanota_quote", "applemailsignature", "ms-outlook-mobile-signature",
	NULL };
/* From here on everything is quoted. */
static const char *const cuts[] = { "appendonsend", "divrplyfwdmsg", "olk_src_body_section",
	"mail-editor-reference-message-container", NULL };

typedef struct {
	char name[16];
	gboolean is_end, is_self_closed;
	const char *attributes; /* start, borrowed */
	gsize attributes_length;
} Tag;

typedef struct {
	GString *out;
	GPtrArray *dropped; /* (owned) (element-type utf8) open elements inside a dropped one */
	gboolean keep_quotes, is_cut;
} Reader;

static const struct {
	const char *name;
	const char *text;
} entities[] = {
	{ "amp", "&" },
	{ "lt", "<" },
	{ "gt", ">" },
	{ "quot", "\"" },
	{ "apos", "'" },
	{ "nbsp", " " },
	{ "auml", "ä" },
	{ "ouml", "ö" },
	{ "uuml", "ü" },
	{ "Auml", "Ä" },
	{ "Ouml", "Ö" },
	{ "Uuml", "Ü" },
	{ "szlig", "ß" },
	{ "shy", "" },
	{ "ndash", "–" },
	{ "mdash", "—" },
	{ "rsquo", "’" },
	{ "lsquo", "‘" },
	{ "bdquo", "„" },
	{ "ldquo", "“" },
	{ "rdquo", "”" },
	{ "hellip", "…" },
	{ "euro", "€" },
	{ "eacute", "é" },
	{ "zwnj", "" },
	{ "zwj", "" },
};

static gboolean is_in(const char *const *list, const char *name)
{
	return g_strv_contains(list, name);
}

/* Reads &...; at p; returns the place after it, or p if it is none. */
static const char *read_entity(const char *p, GString *out)
{
	const char *end = memchr(p, ';', strnlen(p, 12));
	if (end == NULL)
		return p;
	g_autofree char *name = g_strndup(p + 1, end - p - 1);
	if (name[0] == '#') {
		gboolean is_hex = name[1] == 'x' || name[1] == 'X';
		guint64 c = g_ascii_strtoull(name + (is_hex ? 2 : 1), NULL, is_hex ? 16 : 10);
		if (c == 0 || c > 0x10ffff || !g_unichar_validate((gunichar)c))
			return p;
		g_string_append_unichar(out, (gunichar)c);
		return end + 1;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(entities); i++) {
		if (strcmp(entities[i].name, name) == 0) {
			g_string_append(out, entities[i].text);
			return end + 1;
		}
	}
	return p;
}

/* The place after the tag's ">", quotes respected. */
static const char *find_tag_end(const char *p)
{
	char quote = '\0';
	for (; *p != '\0'; p++) {
		if (quote != '\0')
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '>')
			return p + 1;
	}
	return p;
}

static const char *read_tag(const char *p, Tag *tag)
{
	memset(tag, 0, sizeof *tag);
	const char *end = find_tag_end(p + 1);
	p++;
	tag->is_end = *p == '/';
	if (tag->is_end)
		p++;
	gsize n = 0;
	while (g_ascii_isalnum(*p) && n + 1 < sizeof tag->name)
		tag->name[n++] = g_ascii_tolower(*p++);
	while (g_ascii_isalnum(*p))
		p++;
	tag->attributes = p;
	tag->attributes_length = end > p ? (gsize)(end - p) : 0;
	tag->is_self_closed = end - p >= 2 && end[-1] == '>' && end[-2] == '/';
	return end;
}

static gboolean mentions(const char *attributes, const char *const *words)
{
	for (guint i = 0; words[i] != NULL; i++) {
		if (strstr(attributes, words[i]) != NULL)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_hidden(const char *attributes)
{
	g_autofree char *packed = g_strdup(attributes);
	char *to = packed;
	for (const char *from = attributes; *from != '\0'; from++) {
		if (!g_ascii_isspace(*from))
			*to++ = *from;
	}
	*to = '\0';
	return strstr(packed, "display:none") != NULL || strstr(packed, "mso-hide:all") != NULL;
}

static gboolean is_dropped(Reader *reader, const Tag *tag)
{
	if (is_in(unseen, tag->name))
		return TRUE;
	g_autofree char *raw = g_strndup(tag->attributes, tag->attributes_length);
	g_autofree char *attributes = g_ascii_strdown(raw, -1);
	if (is_hidden(attributes))
		return TRUE;
	if (reader->keep_quotes)
		return FALSE;
	if (mentions(attributes, cuts))
		reader->is_cut = TRUE;
	return strcmp(tag->name, "blockquote") == 0 || mentions(attributes, foreign);
}

static void break_line(Reader *reader, const Tag *tag)
{
	if (reader->dropped->len > 0 || !is_in(blocks, tag->name))
		return;
	g_string_append_c(reader->out, '\n');
	if (strcmp(tag->name, "p") == 0 && tag->is_end)
		g_string_append_c(reader->out, '\n');
}

/* A dropped element ends with its own end tag; elements inside it are counted, and a wrong end tag
 * closes up to its own. */
static void leave(Reader *reader, const Tag *tag)
{
	for (guint i = reader->dropped->len; i > 0; i--) {
		if (strcmp(g_ptr_array_index(reader->dropped, i - 1), tag->name) == 0) {
			g_ptr_array_set_size(reader->dropped, (int)i - 1);
			return;
		}
	}
}

static void take_tag(Reader *reader, const Tag *tag)
{
	gboolean is_open = !tag->is_end && !tag->is_self_closed && !is_in(empty, tag->name);
	if (tag->name[0] == '\0')
		return;
	if (reader->dropped->len > 0) {
		if (tag->is_end)
			leave(reader, tag);
		else if (is_open)
			g_ptr_array_add(reader->dropped, g_strdup(tag->name));
		return;
	}
	break_line(reader, tag);
	if (!tag->is_end && is_dropped(reader, tag) && is_open)
		g_ptr_array_add(reader->dropped, g_strdup(tag->name));
}

static const char *skip_comment(const char *p)
{
	const char *end = strstr(p, "-->");
	return end != NULL ? end + 3 : p + strlen(p);
}

char *sgp_own_words_text_from_html(const char *html, gboolean keep_quotes)
{
	Reader reader = {
		.out = g_string_new(NULL),
		.dropped = g_ptr_array_new_with_free_func(g_free),
		.keep_quotes = keep_quotes,
	};
	for (const char *p = html; *p != '\0' && !reader.is_cut;) {
		if (g_str_has_prefix(p, "<!--")) {
			p = skip_comment(p);
		} else if (*p == '<' &&
			   (g_ascii_isalpha(p[1]) || p[1] == '/' || p[1] == '!' || p[1] == '?')) {
			Tag tag;
			p = read_tag(p, &tag);
			take_tag(&reader, &tag);
		} else if (reader.dropped->len > 0) {
			p++;
		} else if (*p == '&') {
			const char *after = read_entity(p, reader.out);
			if (after == p)
				g_string_append_c(reader.out, *p++);
			else
				p = after;
		} else {
			g_string_append_c(reader.out, strchr("\r\n\t", *p) != NULL ? ' ' : *p);
			p++;
		}
	}
	g_ptr_array_unref(reader.dropped);
	g_autofree char *text = g_string_free(reader.out, FALSE);
	return g_utf8_make_valid(text, -1);
}
