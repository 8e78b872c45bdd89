/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HTML of mails as plain text, for the scans only: nothing of it is ever shown or sent. Owns which
 * elements are somebody else's words, and which nobody sees; never loads anything, and takes any
 * broken markup. */
#include <string.h>

#include "sgp-own-words-private.h"
#include "sgp-own-words.h"

/* Elements whose content nobody reads. */
static const char *const unseen[] = { "head", "style", "script", "title", "template", NULL };
/* Elements that have no end tag. */
static const char *const empty[] = { "br", "hr", "img", "input", "meta", "link", "col", "area",
	"base", "wbr", "source", "embed", "param", "track", NULL };
/* Elements that stand on lines of their own; cells too: glued together, "Frage" and "keine E-Mail
bitte" would be read as a request for e-mail. */
static const char *const blocks[] = { "p", "div", "br", "hr", "tr", "li", "ul", "ol", "table",
	"blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "article", "header",
	"footer", "address", "dt", "dd", "td", "th", "caption", "option", "legend", "fieldset",
	"button", "label", "figure", "figcaption", "main", "nav", "aside", "form", "details",
	"summary", "textarea", "select", NULL };
/* What mail programs write around quotes and attributions: Thunderbird, Yahoo, GMX and WEB.DE,
 * Evolution, Proton, Tutanota. Gmail's container of a quote also holds what is written below it, so
 * only its parts are looked at. */
static const char *const quotes[] = { "moz-cite-prefix", "moz-forward-container", "yahoo_quoted",
	"-x-evo-attribution", "protonmail_quote", "tutanota_quote", "name=\"quote\"",
	"name='quote'", "name=quote", "cite_prefix", NULL };
static const char *const signatures[] = { "gmail_signature", "moz-signature", "-x-evo-signature",
	"applemailsignature", "ms-outlook-mobile-signature", "k9mail-signature", "id=\"signature\"",
	"id=\"x_signature\"", "protonmail_signature_block", NULL };
/* From here on everything is quoted: Outlook in its many forms. */
static const char *const cuts[] = { "appendonsend", "divrplyfwdmsg", "olk_src_body_section",
	"mail-editor-reference-message-container", "name=\"_mailoriginal\"", "name=_mailoriginal",
	NULL };

typedef struct {
	char name[16];
	gboolean is_end, is_self_closed;
	const char *attributes; /* start, borrowed */
	gsize attributes_length;
} Tag;

/* What becomes of an element's text. */
typedef enum {
	FATE_SHOWN = 0,
	FATE_HIDDEN,  /* aside: nobody sees it */
	FATE_DROPPED, /* nowhere */
	FATE_QUOTED,  /* nowhere, and the place is marked */
} Fate;

/* An open element inside one that is not shown. */
typedef struct {
	char name[16];
	Fate fate;
} Open;

typedef struct {
	GString *out, *hidden; /* (owned) hidden: (nullable) not asked for */
	GString *aside; /* (owned) attributes and comments, a paragraph each; only with quotes */
	gboolean is_comment; /* inside one, and there is none in a comment */
	GArray *open;        /* (owned) (element-type Open) empty: all is shown */
	guint preformatted;  /* open elements that keep line breaks */
	gboolean keep_quotes;
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
	{ "ensp", " " },
	{ "emsp", " " },
	{ "thinsp", " " },
	{ "agrave", "à" },
	{ "aacute", "á" },
	{ "egrave", "è" },
	{ "ccedil", "ç" },
	{ "laquo", "«" },
	{ "raquo", "»" },
	{ "middot", "·" },
	{ "bull", "•" },
	{ "sect", "§" },
	{ "copy", "©" },
	{ "reg", "®" },
	{ "deg", "°" },
	{ "para", "¶" },
};

static gboolean is_in(const char *const *list, const char *name)
{
	return g_strv_contains(list, name);
}

/* Numbers 128 to 159 mean Windows-1252, whatever the charset (HTML, 13.2.5.80). */
static gboolean append_number(const char *digits, GString *out)
{
	gboolean is_hex = digits[0] == 'x' || digits[0] == 'X';
	guint64 c = g_ascii_strtoull(digits + (is_hex ? 1 : 0), NULL, is_hex ? 16 : 10);
	if (c >= 0x80 && c <= 0x9f) {
		const char byte = (char)c;
		g_autofree char *text =
			g_convert(&byte, 1, "UTF-8", "WINDOWS-1252", NULL, NULL, NULL);
		g_string_append(out, text != NULL ? text : "");
		return TRUE;
	}
	if (c == 0 || c > 0x10ffff || !g_unichar_validate((gunichar)c))
		return FALSE;
	g_string_append_unichar(out, (gunichar)c);
	return TRUE;
}

/* Reads &...; at p, or what browsers take for it without the semicolon; returns the place after it,
 * or p if it is none. */
static const char *read_entity(const char *p, GString *out)
{
	gsize length = p[1] == '#' ? 1 : 0;
	while (length < 10 && g_ascii_isalnum(p[1 + length]))
		length++;
	const char *end = p + 1 + length;
	g_autofree char *name = g_strndup(p + 1, length);
	if (*end == ';')
		end++;
	if (name[0] == '#')
		return append_number(name + 1, out) ? end : p;
	for (gsize i = 0; i < G_N_ELEMENTS(entities); i++) {
		if (strcmp(entities[i].name, name) == 0) {
			g_string_append(out, entities[i].text);
			return end;
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

/* Lower case, without white space. */
static char *dup_packed(const char *attributes)
{
	char *packed = g_strdup(attributes);
	char *to = packed;
	for (const char *from = attributes; *from != '\0'; from++) {
		if (!g_ascii_isspace(*from))
			*to++ = *from;
	}
	*to = '\0';
	return packed;
}

/* Hidden by a style, or white where no other ground is named, or too small to be read: what a
 * reader does not see is not what the author told him. */
static gboolean is_hidden(const Tag *tag, const char *attributes)
{
	static const char *const marks[] = { "display:none", "mso-hide:all", "visibility:hidden",
		"font-size:0", "font-size:1px", "line-height:0", "opacity:0;", "opacity:0\"",
		"max-height:0", NULL };
	static const char *const white[] = { "\"color:#fff", ";color:#fff", "\"color:white",
		";color:white", "\"color:rgb(255,255,255)", ";color:rgb(255,255,255)",
		"color=\"#ffffff\"", "color=\"white\"", "color=white", "color=#ffffff", NULL };
	g_autofree char *packed = dup_packed(attributes);
	if (mentions(packed, marks) ||
		g_regex_match_simple("(^|\\s)hidden(\\s|=|/?>|$)", attributes, 0, 0))
		return strstr(packed, "font-size:0.") == NULL &&
		       strstr(packed, "line-height:0.") == NULL;
	return mentions(packed, white) && strstr(packed, "background") == NULL &&
	       strstr(packed, "bgcolor") == NULL && strcmp(tag->name, "a") != 0;
}

/* Gmail's and Apple's "indent" is a blockquote too, but the author's own. */
static gboolean is_indent(const char *attributes)
{
	g_autofree char *packed = dup_packed(attributes);
	return strstr(packed, "webkit-indent-blockquote") != NULL ||
	       (strstr(packed, "border:none") != NULL && strstr(packed, "type=") == NULL &&
		       strstr(packed, "quote") == NULL);
}

/* "Am ... schrieb ...:" by Gmail; the same place heads a forward, and then all is foreign. */
static gboolean is_gmail_attribution(const char *attributes, const char *content)
{
	if (strstr(attributes, "gmail_attr") == NULL)
		return FALSE;
	g_autofree char *start = g_strndup(content, strcspn(content, "<"));
	return strstr(start, "---") == NULL;
}

static Fate fate_of(Reader *reader, const Tag *tag)
{
	/* What nobody sees leaves with the mail all the same, a title as well; a style says how,
	 * not what. */
	if (reader->keep_quotes)
		return strcmp(tag->name, "style") == 0 ? FATE_DROPPED : FATE_SHOWN;
	if (is_in(unseen, tag->name))
		return FATE_DROPPED;
	g_autofree char *raw = g_strndup(tag->attributes, tag->attributes_length);
	g_autofree char *attributes = g_ascii_strdown(raw, -1);
	const char *content = tag->attributes + tag->attributes_length;
	if (strchr(attributes, '=') == NULL && strcmp(tag->name, "blockquote") != 0)
		return strstr(attributes, "hidden") != NULL && is_hidden(tag, attributes)
			       ? FATE_HIDDEN
			       : FATE_SHOWN;
	if (mentions(attributes, cuts))
		g_string_append(reader->out, "\n-----Original Message-----\n");
	if (strcmp(tag->name, "blockquote") == 0)
		return is_indent(attributes) ? FATE_SHOWN : FATE_QUOTED;
	if (mentions(attributes, quotes) || is_gmail_attribution(attributes, content))
		return FATE_QUOTED;
	if (mentions(attributes, signatures))
		return FATE_DROPPED;
	return is_hidden(tag, attributes) ? FATE_HIDDEN : FATE_SHOWN;
}

static Fate current_fate(const Reader *reader)
{
	return reader->open->len > 0 ? g_array_index(reader->open, Open, reader->open->len - 1).fate
				     : FATE_SHOWN;
}

/* Where text goes now; NULL: nowhere. */
static GString *get_out(const Reader *reader)
{
	switch (current_fate(reader)) {
	case FATE_SHOWN:
		return reader->out;
	case FATE_HIDDEN:
		return reader->hidden;
	case FATE_DROPPED:
	case FATE_QUOTED:
		return NULL;
	}
	return NULL;
}

static void break_line(Reader *reader, const Tag *tag)
{
	GString *out = get_out(reader);
	if (out == NULL)
		return;
	if (reader->keep_quotes && is_in(unseen, tag->name))
		g_string_append(out, "\n\n");
	if (!is_in(blocks, tag->name))
		return;
	g_string_append_c(out, '\n');
	if (strcmp(tag->name, "p") == 0 && tag->is_end)
		g_string_append_c(out, '\n');
}

/* An element that is not shown ends with its own end tag; elements inside it are counted, and a
 * wrong end tag closes up to its own. */
static void leave(Reader *reader, const Tag *tag)
{
	for (guint i = reader->open->len; i > 0; i--) {
		if (strcmp(g_array_index(reader->open, Open, i - 1).name, tag->name) == 0) {
			g_array_set_size(reader->open, i - 1);
			return;
		}
	}
}

static void enter(Reader *reader, const Tag *tag, Fate fate)
{
	Open open = { .fate = fate };
	g_strlcpy(open.name, tag->name, sizeof open.name);
	g_array_append_val(reader->open, open);
}

/* A paragraph has no need of an end tag: the next block ends it. */
static void end_open_paragraph(Reader *reader, const Tag *tag)
{
	if (reader->open->len == 1 && is_in(blocks, tag->name) && strcmp(tag->name, "br") != 0 &&
		strcmp(g_array_index(reader->open, Open, 0).name, "p") == 0)
		g_array_set_size(reader->open, 0);
}

static gboolean keeps_line_breaks(const Tag *tag)
{
	g_autofree char *raw = g_strndup(tag->attributes, tag->attributes_length);
	g_autofree char *packed = dup_packed(raw);
	return strcmp(tag->name, "pre") == 0 || strstr(packed, "white-space:pre") != NULL;
}

static void take_tag(Reader *reader, const Tag *tag)
{
	gboolean is_open = !tag->is_end && !tag->is_self_closed && !is_in(empty, tag->name);
	if (tag->name[0] == '\0')
		return;
	if (!tag->is_end)
		end_open_paragraph(reader, tag);
	Fate before = current_fate(reader);
	if (before != FATE_SHOWN) {
		break_line(reader, tag);
		if (tag->is_end)
			leave(reader, tag);
		else if (is_open)
			enter(reader, tag, is_in(unseen, tag->name) ? FATE_DROPPED : before);
		return;
	}
	break_line(reader, tag);
	if (tag->is_end) {
		if (strcmp(tag->name, "pre") == 0 && reader->preformatted > 0)
			reader->preformatted--;
		return;
	}
	Fate fate = fate_of(reader, tag);
	if (fate == FATE_QUOTED)
		g_string_append(reader->out, "\n>\n");
	if (fate != FATE_SHOWN && is_open)
		enter(reader, tag, fate);
	else if (keeps_line_breaks(tag))
		reader->preformatted++;
}

/* --- What leaves with the mail although nobody sees it --- */

/* "?d=Diagnose+Depression%20": its words; where it leads to (scheme and host) is none. */
static void append_link(GString *out, const char *link)
{
	const char *host = strstr(link, "://");
	const char *p = host != NULL ? host + 3 + strcspn(host + 3, "/?#") : link;
	for (; *p != '\0'; p++) {
		if (*p == '%' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
			int c = g_ascii_xdigit_value(p[1]) * 16 + g_ascii_xdigit_value(p[2]);
			g_string_append_c(out, c > ' ' ? (char)c : ' ');
			p += 2;
		} else {
			g_string_append_c(out, strchr("+/?&=#_-.;:", *p) != NULL ? ' ' : *p);
		}
	}
}

/* Every attribute that may hold words: alt, title, value, content, aria-label, data-anything.
 * Pictures inside are told by sgp_own_words_has_data(). */
static void append_attribute(Reader *reader, const char *name, const char *raw)
{
	static const char *const technical[] = { "style", "class", "id", "width", "height", "align",
		"valign", "border", "cellpadding", "cellspacing", "bgcolor", "color", "face",
		"size", "type", "rel", "target", "lang", "dir", "role", "charset", "http-equiv",
		"link", "vlink", "alink", "colspan", "rowspan", "media", NULL };
	static const char *const links[] = { "href", "src", "action", "background", "cite",
		"longdesc", "srcset", "poster", "formaction", NULL };
	g_autoptr(GString) value = g_string_new(NULL);
	for (const char *p = raw; *p != '\0';) {
		const char *after = *p == '&' ? read_entity(p, value) : p;
		if (after == p)
			g_string_append_c(value, *p++);
		else
			p = after;
	}
	if (is_in(technical, name) || g_str_has_prefix(name, "xmlns") ||
		g_ascii_strncasecmp(value->str, "data:", 5) == 0)
		return;
	g_string_append(reader->aside, "\n\n");
	if (is_in(links, name) || strstr(value->str, "://") != NULL)
		append_link(reader->aside, value->str);
	else
		g_string_append(reader->aside, value->str);
}

static void take_attributes(Reader *reader, const Tag *tag)
{
	const char *p = tag->attributes, *end = p + tag->attributes_length;
	while (p < end && *p != '>') {
		gsize length = strcspn(p, "= \t\r\n/>\"'");
		g_autofree char *given = g_strndup(p, MIN(length, (gsize)(end - p)));
		g_autofree char *name = g_ascii_strdown(given, -1);
		p += strlen(given);
		const char *equal = p;
		while (equal < end && g_ascii_isspace(*equal))
			equal++;
		if (*name == '\0' || equal >= end || *equal != '=') {
			p += *name == '\0' ? 1 : 0;
			continue;
		}
		p = equal + 1;
		while (p < end && g_ascii_isspace(*p))
			p++;
		const char quote[] = { *p, '\0' };
		gboolean is_quoted = p < end && (*p == '"' || *p == '\'');
		p += is_quoted ? 1 : 0;
		length = p < end ? strcspn(p, is_quoted ? quote : " \t\r\n>") : 0;
		g_autofree char *value = g_strndup(p, MIN(length, (gsize)(end - p)));
		append_attribute(reader, name, value);
		p += strlen(value) + (is_quoted ? 1 : 0);
	}
}

gboolean sgp_own_words_has_data(const char *html)
{
	return g_regex_match_simple("(=\\s*[\"']?|url\\(\\s*[\"']?|&quot;|,)\\s*data(:|&#0*58;|&#"
				    "x0*3a;|&colon;)[a-z]+/",
		html, G_REGEX_CASELESS | G_REGEX_RAW, 0);
}

static const char *skip_comment(const char *p)
{
	const char *end = strstr(p, "-->");
	return end != NULL ? end + 3 : p + strlen(p);
}

static void take_text(Reader *reader, const char **at)
{
	GString *out = get_out(reader);
	const char *p = *at, *after = p;
	if (out == NULL) {
		*at = p + 1;
		return;
	}
	if (*p == '&' && (after = read_entity(p, out)) != p) {
		*at = after;
		return;
	}
	gboolean is_break = *p == '\r' || *p == '\n' || *p == '\t';
	g_string_append_c(out, is_break && reader->preformatted == 0 ? ' ' : *p);
	*at = p + 1;
}

static void read_html(Reader *reader, const char *html);

/* Its words go aside; what Outlook writes into comments is markup again. */
static void take_comment(Reader *reader, const char *from, const char *end)
{
	if (reader->aside == NULL || current_fate(reader) == FATE_DROPPED)
		return;
	g_autofree char *content =
		g_strndup(from + 4, end > from + 4 ? (gsize)(end - from - 4) : 0);
	Reader inside = { .out = reader->aside,
		.aside = reader->aside,
		.open = g_array_new(FALSE, FALSE, sizeof(Open)),
		.keep_quotes = TRUE,
		.is_comment = TRUE };
	if (g_str_has_suffix(content, "-->"))
		content[strlen(content) - 3] = '\0';
	g_string_append(reader->aside, "\n\n");
	read_html(&inside, content);
	g_array_unref(inside.open);
}

static void read_html(Reader *reader, const char *html)
{
	for (const char *p = html; *p != '\0';) {
		if (g_str_has_prefix(p, "<!--")) {
			const char *end = reader->is_comment ? p + 4 : skip_comment(p);
			if (!reader->is_comment)
				take_comment(reader, p, end);
			p = end;
		} else if (*p == '<' &&
			   (g_ascii_isalpha(p[1]) || p[1] == '/' || p[1] == '!' || p[1] == '?')) {
			Tag tag;
			p = read_tag(p, &tag);
			if (reader->aside != NULL && !tag.is_end)
				take_attributes(reader, &tag);
			take_tag(reader, &tag);
		} else {
			take_text(reader, &p);
		}
	}
}

static char *run(const char *html, gboolean keep_quotes, char **hidden)
{
	Reader reader = {
		.out = g_string_new(NULL),
		.hidden = hidden != NULL ? g_string_new(NULL) : NULL,
		.open = g_array_new(FALSE, FALSE, sizeof(Open)),
		.aside = keep_quotes ? g_string_new(NULL) : NULL,
		.keep_quotes = keep_quotes,
	};
	read_html(&reader, html);
	if (reader.aside != NULL) {
		g_string_append_len(reader.out, reader.aside->str, (gssize)reader.aside->len);
		g_string_free(reader.aside, TRUE);
	}
	g_array_unref(reader.open);
	if (hidden != NULL) {
		g_autofree char *unseen_text = g_string_free(reader.hidden, FALSE);
		g_strstrip(unseen_text);
		*hidden = *unseen_text != '\0' ? g_utf8_make_valid(unseen_text, -1) : NULL;
	}
	g_autofree char *text = g_string_free(reader.out, FALSE);
	return g_utf8_make_valid(text, -1);
}

char *sgp_own_words_lines_from_html(const char *html, char **hidden)
{
	return run(html, FALSE, hidden);
}

char *sgp_own_words_text_from_html(const char *html, gboolean keep_quotes)
{
	return run(html, keep_quotes, NULL);
}
