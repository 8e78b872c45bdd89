/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the author of a received mail wrote, as against what was quoted, forwarded, appended or
 * written by us. Owns where somebody else's words begin and end (sgp-own-words-lines knows the
 * single lines); never says what the words mean (sgp-opt-out-scan does). */
#include "sgp-own-words.h"

#include <string.h>

#include "sgp-normal-text.h"
#include "sgp-own-words-private.h"
#include "sgp-pattern-private.h"

/* A shorter sentence is not a lawyer's: "Sie sind nicht der richtige Adressat." is the author's. */
#define SHORTEST_LEGAL 60

void sgp_sentence_free(SgpSentence *self)
{
	if (self == NULL)
		return;
	g_free(self->text);
	g_free(self);
}

#define MATCHES(pattern, text)                                                                     \
	SGP_PATTERN_MATCHES(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, text)

/* The notice that the office appends to its mails, by phrases that nobody writes of himself: a
 * customer's "keine Rückantwort auf diesem Weg" must not be taken for it. */
gboolean sgp_own_words_is_own_notice(const char *sentence)
{
	/* Its headings and the points of its list. */
	if (MATCHES("^[-•*\\s]*(wie sie (eine sichere nachricht lesen k(ö|oe)nnen|darauf antworten|"
		    "sich registrieren bzw. anmelden)|wie das sichere webmail-?portal aussieht|"
		    "was sie tun k(ö|oe)nnen, wenn sie ihre? (passwort|antwort auf die "
		    "sicherheitsfrage) vergessen haben|"
		    "eine uns von ihnen per e-?mail zugesandte anfrage|"
		    "wie versenden wir e-?mails|wie k(ö|oe)nnen sie den e-?mail-versand aktiv "
		    "sch(ü|ue)tzen|erg(ä|ae)nzender risikohinweis zum e-?mail-versand|"
		    "beschreibung des securemail-verfahrens( in folgendem ablauf zeigen wir "
		    "ihnen)?)\\W*$",
		    sentence))
		return TRUE;
	/* Each of its other sentences is longer than this; most of other people's are shorter. */
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
		       "durch den einsatz eines anderen providers|"
		       "voraussetzungen erf(ü|ue)llt sein m(ü|ue)ssen, damit die sichere e-?mail|"
		       "technische fragen zu dem neuen e-?mail-? ?verfahren)",
		       sentence);
}

/* --- From bytes to lines --- */

/* UTF-8 that was called Latin-1 and converted again ("Ã¼"): the text as it was meant. NULL: it is
 * not that. (transfer full) */
static char *repair_twice_encoded(const char *text)
{
	if (strstr(text, "\xc3\x83") == NULL)
		return NULL;
	gsize length = 0;
	g_autofree char *bytes = g_convert(text, -1, "WINDOWS-1252", "UTF-8", NULL, &length, NULL);
	if (bytes == NULL || !g_utf8_validate(bytes, (gssize)length, NULL))
		return NULL;
	return g_steal_pointer(&bytes);
}

static char *normalise(const char *text)
{
	g_autofree char *limited = g_strndup(text, SGP_OWN_WORDS_MAX_TEXT);
	g_autofree char *valid = g_utf8_make_valid(limited, -1);
	g_autofree char *repaired = repair_twice_encoded(valid);
	g_autofree char *composed =
		sgp_normal_text_dup(repaired != NULL ? repaired : valid, G_NORMALIZE_NFC);
	GString *out = g_string_new(NULL);
	for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == '\r') {
			if (p[1] != '\n')
				g_string_append_c(out, '\n');
		} else if (c == '\t' || g_unichar_type(c) == G_UNICODE_SPACE_SEPARATOR) {
			g_string_append_c(out, ' ');
		} else if (c == 0x2028 || c == 0x2029 || c == 0x0b || c == 0x0c || c == 0x85) {
			g_string_append_c(out, '\n');
		} else if (c == 0x00ad || c == 0x034f || g_unichar_type(c) == G_UNICODE_FORMAT) {
			continue; /* soft hyphens, zero width characters: they hide words from a
				     reader of text */
		} else {
			g_string_append_unichar(out, c);
		}
	}
	return g_string_free(out, FALSE);
}

/* --- From lines to sentences --- */

/* One paragraph of own words. */
typedef struct {
	GPtrArray *sentences; /* (element-type SgpSentence) */
	GString *paragraph;
	gboolean is_footer;
	gboolean is_legal;         /* in this paragraph a lawyer has spoken */
	gboolean announces_inline; /* there are answers among the quoted lines */
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

/* "am 3. März": a day, not the end of a sentence. */
static gboolean is_day(const char *start, const char *dot)
{
	return dot > start && g_ascii_isdigit(dot[-1]) &&
	       MATCHES("^\\. (jan|feb|mär|mar|apr|mai|jun|jul|aug|sep|okt|nov|dez)", dot);
}

static void end_sentence(Writer *writer, const char *from, gsize length)
{
	g_autofree char *raw = g_strndup(from, length);
	g_strstrip(raw);
	if (*raw == '\0' || sgp_own_words_is_own_notice(raw))
		return;
	if (sgp_own_words_is_legal(raw) && (writer->is_footer || strlen(raw) >= SHORTEST_LEGAL)) {
		writer->is_legal = TRUE;
		return;
	}
	writer->announces_inline = writer->announces_inline || sgp_own_words_announces_inline(raw);
	writer->is_legal = writer->is_legal || sgp_own_words_is_perhaps_legal(raw);
	SgpSentence *sentence = g_new0(SgpSentence, 1);
	sentence->text = g_strdup(raw);
	sentence->is_footer = writer->is_footer || writer->is_legal;
	g_ptr_array_add(writer->sentences, sentence);
}

static void end_paragraph(Writer *writer)
{
	const char *from = writer->paragraph->str;
	for (const char *p = from; *p != '\0'; p++) {
		gboolean is_end = strchr(".!?;", *p) != NULL &&
				  (p[1] == ' ' || p[1] == '\0' || strchr(".!?", p[1]) != NULL);
		if (!is_end || (*p == '.' && (is_abbreviation(from, p) || is_day(from, p))))
			continue;
		while (strchr(".!?;", p[1]) != NULL && p[1] != '\0')
			p++;
		end_sentence(writer, from, p + 1 - from);
		from = p + 1;
	}
	end_sentence(writer, from, strlen(from));
	g_string_truncate(writer->paragraph, 0);
	writer->is_legal = FALSE;
}

/* A list item, or a line that can hardly go on in the next one, is a paragraph of its own. */
static gboolean starts_item(const char *line)
{
	const char *first = line + strspn(line, " ");
	return (g_ascii_isdigit(*first) || (guchar)*first >= 0x80 || *first == '-' ||
		       *first == '*') &&
	       MATCHES("^\\s*([-*•–·]|\\d{1,2}[.)])\\s", line);
}

static void begin_footer(Writer *writer)
{
	end_paragraph(writer);
	writer->is_footer = TRUE;
}

static void add_line(Writer *writer, const char *line)
{
	g_autofree char *stripped = g_strstrip(g_strdup(line));
	if (*stripped == '\0' || starts_item(line))
		end_paragraph(writer);
	if (sgp_own_words_is_closing(stripped) || sgp_own_words_is_device_line(stripped)) {
		/* "Grüße," on top greets: what follows it is the mail. */
		if (writer->sentences->len > 0 || writer->paragraph->len > 0)
			begin_footer(writer);
		return;
	}
	if (sgp_own_words_is_rule(stripped)) {
		end_paragraph(writer);
		return;
	}
	if (sgp_own_words_is_postscript(stripped)) {
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

/* --- Whose lines they are --- */

/* From here on others speak. Where answers were announced, they are somewhere in it, and whatever
 * looks like an objection there is a question. */
static void end_own_words(Writer *writer, const GPtrArray *lines, guint from)
{
	end_paragraph(writer);
	if (!writer->announces_inline)
		return;
	for (guint i = from; i < lines->len; i++) {
		writer->is_footer = TRUE;
		if (sgp_own_words_is_quoted(g_ptr_array_index(lines, i)))
			end_paragraph(writer);
		else
			add_line(writer, g_ptr_array_index(lines, i));
	}
	end_paragraph(writer);
}

/* How many lines from here are somebody else's head of a quote, 0: none. is_end: it is not marked
 * below, so all the rest is his. */
static guint count_foreign_head(const GPtrArray *lines, guint at, gboolean *is_end)
{
	guint n = sgp_own_words_count_divider(lines, at);
	gboolean is_sure = n > 0;
	if (n == 0)
		n = sgp_own_words_count_attribution(lines, at, &is_sure);
	gboolean is_marked = n > 0 && sgp_own_words_is_quote_marked(lines, at + n);
	*is_end = n > 0 && !is_marked && is_sure;
	return is_marked || *is_end ? n : 0;
}

/* Words below a marked quote are the author's again, whatever stood above it. */
static void read_lines(Writer *writer, const GPtrArray *lines)
{
	gboolean is_signature = FALSE;
	for (guint i = 0; i < lines->len; i++) {
		const char *line = g_ptr_array_index(lines, i);
		gboolean is_end = FALSE;
		guint n = 0;
		if (line[strspn(line, " ")] == '\0') {
			end_paragraph(writer);
		} else if (sgp_own_words_is_quoted(line)) {
			end_paragraph(writer);
			writer->is_footer = is_signature = FALSE;
		} else if ((n = count_foreign_head(lines, i, &is_end)) > 0) {
			if (is_end) {
				end_own_words(writer, lines, i + n);
				return;
			}
			end_paragraph(writer);
			i += n - 1;
		} else if (sgp_own_words_is_signature(line)) {
			end_paragraph(writer);
			is_signature = TRUE;
		} else if (!is_signature) {
			add_line(writer, line);
		}
	}
	end_paragraph(writer);
}

static void read_text(Writer *writer, const char *text)
{
	g_autofree char *normalised = normalise(text);
	g_auto(GStrv) split = g_strsplit(normalised, "\n", -1);
	g_autoptr(GPtrArray) lines = g_ptr_array_new();
	for (guint i = 0; split[i] != NULL; i++)
		g_ptr_array_add(lines, split[i]);
	read_lines(writer, lines);
}

static Writer new_writer(void)
{
	Writer writer = {
		.sentences = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_sentence_free),
		.paragraph = g_string_new(NULL),
	};
	return writer;
}

GPtrArray *sgp_own_words_from_text(const char *text)
{
	Writer writer = new_writer();
	read_text(&writer, text);
	g_string_free(writer.paragraph, TRUE);
	return writer.sentences;
}

GPtrArray *sgp_own_words_from_html(const char *html)
{
	g_autofree char *hidden = NULL;
	g_autofree char *text = sgp_own_words_lines_from_html(html, &hidden);
	Writer writer = new_writer();
	read_text(&writer, text);
	/* Nobody saw it: it asks for nothing, but an objection in it is a question (test:
	 * /own-words). */
	if (hidden != NULL) {
		g_autoptr(GPtrArray) unseen = sgp_own_words_from_text(hidden);
		for (guint i = 0; i < unseen->len; i++) {
			SgpSentence *sentence = g_ptr_array_index(unseen, i);
			sentence->is_footer = TRUE;
		}
		g_ptr_array_extend_and_steal(writer.sentences, g_steal_pointer(&unseen));
	}
	g_string_free(writer.paragraph, TRUE);
	return writer.sentences;
}
