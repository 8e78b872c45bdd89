/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the author of a received mail wrote, as against what was quoted, forwarded, appended or
 * written by us. Owns where somebody else's words begin; never says what the words mean
 * (sgp-opt-out-scan does). */
#include "sgp-own-words.h"

#include <string.h>

#define MAX_ATTRIBUTION_LINES 4
#define MAX_TEXT              (256 * 1024)

void sgp_sentence_free(SgpSentence *self)
{
	if (self == NULL)
		return;
	g_free(self->text);
	g_free(self);
}

/* Compiled once; the patterns are ours, so they compile. */
static gboolean matches(GRegex **regex, const char *pattern, const char *text)
{
	static GMutex lock;
	g_mutex_lock(&lock);
	if (*regex == NULL)
		*regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
	g_mutex_unlock(&lock);
	return g_regex_match(*regex, text, 0, NULL);
}

#define MATCHES(pattern, text)                                                                     \
	({                                                                                         \
		static GRegex *regex_;                                                             \
		matches(&regex_, pattern, text);                                                   \
	})

/* --- Lines that are somebody else's, or where they begin --- */

static gboolean is_quoted(const char *line)
{
	return MATCHES("^\\s*(>|\\|\\s|&gt;)", line);
}

/* "Am 12.11.2026 um 10:00 schrieb Max Muster <...>:", "On ... wrote:", "Max Muster schrieb am
 * ...:", "Le ... a écrit :" */
static gboolean is_attribution(const char *line)
{
	return MATCHES("^\\s*(am|on|le|el|il|den)\\s.{4,300}\\b(schrieb|wrote|a écrit|escribió|ha "
		       "scritto)\\b.{0,160}:?\\s*$",
		       line) ||
	       MATCHES("^\\s*.{2,160}\\b(schrieb|wrote)\\b.{0,20}\\b(am|on|um)\\b.{4,80}:\\s*$",
		       line) ||
	       MATCHES("^\\s*(\\S+ ){1,4}<[^>]+@[^>]+>\\s*(schrieb|wrote|hat "
		       ".{4,80}geschrieben).{0,80}:\\s*$",
		       line);
}

/* "-----Ursprüngliche Nachricht-----" and its kin: all that follows was written by others. */
static gboolean is_separator(const char *line)
{
	return MATCHES("^\\s*[-_*=]{2,}\\s*(urspr(ü|ue)ngliche "
		       "(nachricht|e-?mail)|originalnachricht|original.?(message|nachricht|mail)|"
		       "weitergeleitete (nachricht|e-?mail)|forwarded (message|mail|by)|begin "
		       "forwarded message|"
		       "reply message|antwort an|end of message)",
		       line) ||
	       MATCHES("^\\s*(begin forwarded message|anfang der weitergeleiteten "
		       "(nachricht|e-mail)|"
		       "gesendet: |original message)\\s*:?\\s*$",
		       line);
}

static gboolean is_header_of(const char *line, const char *names)
{
	g_autofree char *pattern = g_strdup_printf("^\\s*\\*?(%s)\\*?\\s?:", names);
	return g_regex_match_simple(pattern, line, G_REGEX_CASELESS, 0);
}

/* Outlook's block: From: with Sent: or Date:, To: and Subject: right below. */
static gboolean is_outlook_block(GPtrArray *lines, guint at)
{
	if (!is_header_of(g_ptr_array_index(lines, at), "von|from"))
		return FALSE;
	int others = 0;
	for (guint i = at + 1; i < lines->len && i < at + 8; i++) {
		const char *line = g_ptr_array_index(lines, i);
		if (is_header_of(line, "gesendet|sent|datum|date|an|to|cc|kopie|betreff|subject"))
			others++;
	}
	return others >= 2;
}

static gboolean is_signature_start(const char *line)
{
	return strcmp(line, "-- ") == 0 || strcmp(line, "--") == 0 ||
	       MATCHES("^\\s*(von meinem "
		       "(iphone|ipad|handy|smartphone|android|mobil|samsung|huawei|tablet)|"
		       "gesendet (von|mit|über|aus) |sent from (my|outlook|mail|yahoo)|get outlook "
		       "for|"
		       "diese nachricht wurde von meinem|outlook für (ios|android))",
		       line);
}

/* "Mit freundlichen Grüßen": what comes after it is often a footer. */
static gboolean is_closing(const char *line)
{
	return MATCHES(
		"^\\s*(mit (sehr )?(freundlich\\w*|best\\w*|herzlich\\w*|lieb\\w*|vielen) "
		"gr(ü|ue)(ß|ss)\\w*|"
		"(viele|beste|liebe|herzliche|schöne|freundliche|sonnige) "
		"gr(ü|ue)(ß|ss)\\w*|gr(u|ü|ue)(ß|ss)e?|"
		"mfg|lg|vg|bg|hochachtungsvoll|(with )?(best|kind|warm|many)( \\w+)? "
		"(regards|wishes|thanks)|"
		"regards|sincerely|yours (sincerely|faithfully|truly)|cheers|best|"
		"vielen dank und (viele|beste|freundliche|liebe) gr(ü|ue)(ß|ss)\\w*)[\\s,.!]*"
		"([\\p{Lu}][\\w.-]*\\s*){0,4}$",
		line);
}

static gboolean is_postscript(const char *line)
{
	return MATCHES("^\\s*(p\\.?\\s?p?\\.?\\s?s\\b\\.?|nachtrag|n\\.b\\.|übrigens|ergänzung)\\s*"
		       "[:.,-]?",
		line);
}

/* The notice that the office appends to its mails, by phrases that nobody writes of himself: a
 * customer's "keine Rückantwort auf diesem Weg" must not be taken for it. */
gboolean sgp_own_words_is_own_notice(const char *sentence)
{
	/* Each of its sentences is longer than this; most of other people's are shorter. */
	return strlen(sentence) >= 60 &&
	       MATCHES("(reaktive\\w* e-?mail-?kommunikation|nutzen wir e-?mails "
		       "ausschlie(ß|ss)lich|"
		       "sollten sie bei einer anfrage per e-?mail keine|so weisen sie uns bitte in "
		       "ihrer "
		       "e-?mail|"
		       "telefonat, in dem sie uns die beantwortung dieses konkreten vorgangs|"
		       "wenn sie uns darin ausdr(ü|ue)cklich um die antwort|"
		       "st(ä|ae)rkste verf(ü|ue)gbare verschl(ü|ue)sselungsart|mit uns "
		       "insbesondere eine "
		       "ende-zu-ende|"
		       "in unser webmail-?portal einstellen|durch den einsatz des webmail-?portals|"
		       "evtl. nicht durchgehenden verschl(ü|ue)sselung|e-?mails in bezug auf "
		       "personenversicherungen|"
		       "durch den einsatz eines anderen providers)",
		       sentence);
}

/* Sentences that a lawyer wrote for every mail. */
static gboolean is_legal_footer(const char *sentence)
{
	return MATCHES(
		"((irrt(ü|ue)mlich|versehentlich) erhalten|unbefugte\\w* (kopieren|weitergabe)|"
		"nicht der (richtige |beabsichtigte )?(adressat|empf(ä|ae)nger)|intended recipient|"
		"received this (e-?mail|message) in error|unauthori[sz]ed (copying|use|disclosure)|"
		"environment before "
		"printing|(drucken|ausdruck).{0,60}umwelt|umwelt.{0,60}(drucken|ausdruck)|"
		"sitz der gesellschaft|amtsgericht .{2,30} hrb|registered office)",
		sentence);
}

/* Could be a lawyer's, could be the author's: an objection in it is a question. */
static gboolean is_perhaps_footer(const char *sentence)
{
	return MATCHES("(vertrauliche (und|informationen)|confidential|privileged|rechtlich "
		       "gesch(ü|ue)tzt|"
		       "viren ?(frei|gepr(ü|ue)ft)|virus.?(free|checked))",
		sentence);
}

/* --- From lines to sentences --- */

static char *normalise(const char *text)
{
	g_autofree char *limited = g_strndup(text, MAX_TEXT);
	g_autofree char *valid = g_utf8_make_valid(limited, -1);
	g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFC);
	GString *out = g_string_new(NULL);
	for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == '\r') {
			if (p[1] != '\n')
				g_string_append_c(out, '\n');
		} else if (c == 0x00a0 || c == 0x202f || c == 0x2007 || c == '\t') {
			g_string_append_c(out, ' ');
		} else if (c == 0x2028 || c == 0x2029) {
			g_string_append_c(out, '\n');
		} else if (c == 0x00ad || g_unichar_type(c) == G_UNICODE_FORMAT) {
			continue; /* soft hyphens, zero width characters: they hide words from a
				     reader of text */
		} else {
			g_string_append_unichar(out, c);
		}
	}
	return g_string_free(out, FALSE);
}

/* The first line after an attribution that is not empty is marked as quoted: then own words may
 * follow below the quote. */
static gboolean is_quote_marked(GPtrArray *lines, guint after)
{
	for (guint i = after; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);
		if (*line != '\0' && strspn(line, " ") != strlen(line))
			return is_quoted(line);
	}
	return FALSE;
}

/* How many lines from here are one attribution, 0 if none: mail programs fold it. */
static guint count_attribution(GPtrArray *lines, guint at)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	for (guint n = 0; n < MAX_ATTRIBUTION_LINES && at + n < lines->len; n++) {
		const char *line = g_ptr_array_index(lines, at + n);
		if (*line == '\0' || is_quoted(line))
			break;
		g_string_append_printf(joined, "%s%s", n > 0 ? " " : "", line);
		if (is_attribution(joined->str))
			return n + 1;
	}
	return 0;
}

/* One paragraph of own words. */
typedef struct {
	GPtrArray *sentences; /* (element-type SgpSentence) */
	GString *paragraph;
	gboolean is_footer;
} Writer;

static gboolean is_abbreviation(const char *start, const char *dot)
{
	static const char *const known[] = { "z", "b", "d", "h", "u", "a", "nr", "tel", "ca", "bzw",
		"evtl", "ggf", "str", "dr", "hr", "fr", "mr", "mrs", "e", "s", "g", "inkl", "vs",
		"usw", "max", "min", "st", NULL };
	const char *from = dot;
	while (from > start && g_ascii_isalpha(from[-1]))
		from--;
	g_autofree char *word = g_ascii_strdown(from, dot - from);
	return dot - from > 0 && g_strv_contains(known, word) && dot[1] != '\0';
}

static void end_sentence(Writer *writer, const char *from, gsize length)
{
	g_autofree char *raw = g_strndup(from, length);
	g_strstrip(raw);
	if (*raw == '\0' || is_legal_footer(raw) || sgp_own_words_is_own_notice(raw))
		return;
	SgpSentence *sentence = g_new0(SgpSentence, 1);
	sentence->text = g_strdup(raw);
	sentence->is_footer = writer->is_footer || is_perhaps_footer(raw);
	g_ptr_array_add(writer->sentences, sentence);
}

static void end_paragraph(Writer *writer)
{
	const char *from = writer->paragraph->str;
	for (const char *p = from; *p != '\0'; p++) {
		gboolean is_end = strchr(".!?;", *p) != NULL &&
				  (p[1] == ' ' || p[1] == '\0' || strchr(".!?", p[1]) != NULL);
		if (!is_end || (*p == '.' && is_abbreviation(from, p)))
			continue;
		while (strchr(".!?;", p[1]) != NULL && p[1] != '\0')
			p++;
		end_sentence(writer, from, p + 1 - from);
		from = p + 1;
	}
	end_sentence(writer, from, strlen(from));
	g_string_truncate(writer->paragraph, 0);
}

/* A list item, or a line that can hardly go on in the next one, is a paragraph of its own. */
static gboolean starts_item(const char *line)
{
	return MATCHES("^\\s*([-*•–·]|\\d{1,2}[.)])\\s", line);
}

static void add_line(Writer *writer, const char *line)
{
	g_autofree char *stripped = g_strstrip(g_strdup(line));
	if (*stripped == '\0' || starts_item(line))
		end_paragraph(writer);
	if (is_closing(stripped)) {
		end_paragraph(writer);
		writer->is_footer = TRUE;
		return;
	}
	if (is_postscript(stripped)) {
		end_paragraph(writer);
		writer->is_footer = FALSE;
	}
	if (writer->paragraph->len > 0)
		g_string_append_c(writer->paragraph, ' ');
	g_string_append(writer->paragraph, stripped);
	/* Short lines of a footer or an address are not one sentence. */
	if (writer->is_footer && g_utf8_strlen(stripped, -1) < 50)
		end_paragraph(writer);
}

/* In a postscript after the closing formula the next blank line ends it only if nothing own
 * follows; kept simple: it stays own until a signature begins. */
GPtrArray *sgp_own_words_from_text(const char *text)
{
	g_autofree char *normalised = normalise(text);
	g_auto(GStrv) split = g_strsplit(normalised, "\n", -1);
	g_autoptr(GPtrArray) lines = g_ptr_array_new();
	for (guint i = 0; split[i] != NULL; i++)
		g_ptr_array_add(lines, split[i]);
	Writer writer = {
		.sentences = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_sentence_free),
		.paragraph = g_string_new(NULL),
	};
	for (guint i = 0; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);
		if (is_quoted(line)) {
			end_paragraph(&writer);
			continue;
		}
		if (is_separator(line) || is_signature_start(line) || is_outlook_block(lines, i))
			break;
		guint n = count_attribution(lines, i);
		if (n > 0) {
			end_paragraph(&writer);
			if (!is_quote_marked(lines, i + n))
				break;
			i += n - 1;
			writer.is_footer = FALSE;
			continue;
		}
		add_line(&writer, line);
	}
	end_paragraph(&writer);
	g_string_free(writer.paragraph, TRUE);
	return writer.sentences;
}
