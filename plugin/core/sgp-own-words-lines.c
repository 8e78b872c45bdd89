/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the mail programs that customers use write quotes, forwards and signatures, in German and
 * English: Outlook, Apple Mail, Gmail, GMX, WEB.DE, T-Online, Thunderbird, Yahoo, Proton, phones.
 * Knows single lines; never decides what becomes of them (sgp-own-words does). A pattern that an
 * author's own sentence could match is not one: what is cut away is not read. */
#include <string.h>

#include "sgp-own-words-private.h"
#include "sgp-pattern-private.h"

#define MAX_ATTRIBUTION_LINES 4
#define MAX_BLOCK_LINES       12

#define MATCHES(pattern, text)                                                                     \
	SGP_PATTERN_MATCHES(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, text)

/* Does the first character that is no blank stand in letters (lower case), or outside of ASCII,
 * where anything may be meant? What a pattern must begin with is looked at before the pattern is:
 * every line of every mail comes through here. */
static gboolean may_begin(const char *line, const char *letters)
{
	guchar first = (guchar)line[strspn(line, " ")];
	return first >= 0x80 || (first != '\0' && strchr(letters, g_ascii_tolower(first)) != NULL);
}

/* Is one of the signs (lower case, ASCII) in the text? TRUE as well where a letter outside of ASCII
 * may stand for one of ASCII (the long s, the sign of Kelvin), as it may in a pattern. What a
 * pattern cannot fit without is looked for before the pattern is tried. */
static gboolean may_hold(const char *text, const char *const *signs)
{
	g_autofree char *lower = g_ascii_strdown(text, -1);
	if (strstr(lower, "\xc5\xbf") != NULL || strstr(lower, "\xe2\x84\xaa") != NULL)
		return TRUE;
	for (guint i = 0; signs[i] != NULL; i++) {
		if (strstr(lower, signs[i]) != NULL)
			return TRUE;
	}
	return FALSE;
}

static const char *line_at(const GPtrArray *lines, guint at)
{
	return g_ptr_array_index(lines, at);
}

static gboolean is_blank(const char *line)
{
	return line[strspn(line, " ")] == '\0';
}

gboolean sgp_own_words_is_rule(const char *line)
{
	return may_begin(line, "-_=*~#+.") &&
	       MATCHES("^\\s*[-_=*~#+.\\x{2010}-\\x{2015}\\x{2500}]{3,}\\s*$", line);
}

/* --- Quotes --- */

/* ">>> Max Muster <max@...> 03.03.2026 10:11 >>>" (GroupWise) is a divider, not a quoted line. */
static gboolean is_groupwise(const char *line)
{
	return may_begin(line, ">") && MATCHES("^\\s*>>> .{3,200} >>>\\s*$", line);
}

gboolean sgp_own_words_is_quoted(const char *line)
{
	const char *start = line + strspn(line, " ");
	return (*start == '>' && !is_groupwise(line)) || (start[0] == '|' && start[1] == ' ');
}

gboolean sgp_own_words_is_quote_marked(const GPtrArray *lines, guint from)
{
	for (guint i = from; i < lines->len; i++) {
		if (!is_blank(line_at(lines, i)))
			return sgp_own_words_is_quoted(line_at(lines, i));
	}
	return FALSE;
}

/* --- "Am 12.11.2026 um 10:00 schrieb Max Muster <...>:" --- */

#define DATE_START                                                                                 \
	"\\s*(am|on|le|el|il giorno|den|op)\\s+(\\p{L}{2,12}\\.?,?\\s+)?(den\\s+|dem\\s+)?"        \
	"(\\d{1,4}|(jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)\\p{L}*)\\b"
/* "Am 3. März schrieb ich Ihnen" is the author's own sentence. */
#define WROTE                                                                                      \
	"(?<!\\bich )(?<!\\bwir )(?<!\\bi )(?<!\\bwe )"                                            \
	"\\b(schrieb|wrote|a écrit|escribió|ha scritto|geschrieben|schreef)\\b(?! (ich|wir)\\b)"

static gboolean is_attribution_of_date(const char *line)
{
	return MATCHES("^" DATE_START ".{0,300}?" WROTE ".{0,160}$", line);
}

/* "Max Muster <max@...> schrieb am ...:", "... hat am ... geschrieben:" */
static gboolean is_attribution_of_name(const char *line)
{
	return MATCHES("^\\s*[^!?]{2,160}\\b(schrieb|wrote)\\b(?! (ich|wir)\\b).{0,20}"
		       "\\b(am|on|um)\\b.{4,80}:\\s*$",
		       line) ||
	       MATCHES("^\\s*(\\S+ ){0,4}<[^>]+@[^>]+>\\s*(schrieb|wrote|hat "
		       ".{4,80}geschrieben).{0,80}:\\s*$",
		       line) ||
	       MATCHES("^\\s*[\\p{L} .,'\"()-]{2,80} (schrieb|wrote):\\s*$", line);
}

static gboolean is_sure_attribution(const char *line)
{
	return MATCHES(":\\s*$", line) && MATCHES("@|\\b\\d{1,2}[:.]\\d{2}\\b(?!\\.?\\d)", line);
}

static gboolean has_wrote(const char *line)
{
	return strstr(line, "schrieb") != NULL || strstr(line, "wrote") != NULL ||
	       strstr(line, "écrit") != NULL || strstr(line, "escribi") != NULL ||
	       strstr(line, "scritto") != NULL || strstr(line, "schreef") != NULL;
}

/* A name that goes on in the next line is short, and no sentence of its own. */
static gboolean may_go_on(const char *line)
{
	guint n_words = 0;
	for (const char *p = line; *p != '\0' && n_words < 10; p += strcspn(p, " ")) {
		p += strspn(p, " ");
		n_words += *p != '\0';
	}
	return (may_begin(line, "aolied") && MATCHES("^" DATE_START, line)) ||
	       (n_words < 10 && !MATCHES("[.!?;:]\\s*$", line));
}

guint sgp_own_words_count_attribution(const GPtrArray *lines, guint at, gboolean *is_sure)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	*is_sure = FALSE;
	for (guint n = 0; n < MAX_ATTRIBUTION_LINES && at + n < lines->len; n++) {
		const char *line = line_at(lines, at + n);
		if (is_blank(line) || sgp_own_words_is_quoted(line))
			break;
		g_string_append_printf(joined, "%s%s", n > 0 ? " " : "", line);
		if (!has_wrote(joined->str)) {
			if (n == 0 && !may_go_on(line))
				break;
			continue;
		}
		/* "... schrieb Max Muster" / "<max@...>:" goes on in the next line. */
		gboolean is_one =
			is_attribution_of_date(joined->str) || is_attribution_of_name(joined->str);
		if (is_one && (MATCHES(":\\s*$", joined->str) ||
				      sgp_own_words_is_quote_marked(lines, at + n + 1))) {
			*is_sure = is_sure_attribution(joined->str);
			return n + 1;
		}
	}
	return 0;
}

/* --- "-----Ursprüngliche Nachricht-----", and the block below it --- */

static gboolean is_separator(const char *line)
{
	if (!may_begin(line, ">-_*=~uowfbrna"))
		return FALSE;
	return is_groupwise(line) ||
	       MATCHES("^\\s*[-_*=~\\x{2010}-\\x{2015}\\x{2500}]{2,}\\s*"
		       "(urspr(ü|ue)ngliche (nachricht|e-?mail)|original-?(nachricht|mail)|"
		       "originale nachricht|original.?(message|nachricht|mail)|"
		       "weitergeleitete (nachricht|e-?mail)|forwarded (message|mail|by)|begin "
		       "forwarded message|reply message|antwort an|nachricht von)",
		       line) ||
	       MATCHES("^\\s*(begin forwarded message|anfang der weitergeleiteten "
		       "(nachricht|e-?mail)|original message|urspr(ü|ue)ngliche nachricht|"
		       "weitergeleitete nachricht)\\s*:?\\s*$",
		       line);
}

typedef enum {
	FIELD_OTHER = 0,
	FIELD_FROM = 1 << 0,
	FIELD_DATE = 1 << 1,
	FIELD_TO = 1 << 2,
	FIELD_SUBJECT = 1 << 3,
} Field;

static guint field_of(const char *line)
{
	if (strchr(line, ':') == NULL)
		return FIELD_OTHER;
	if (MATCHES("^\\s*\\*?(von|from|absender|de)\\s?\\*?\\s?:", line))
		return FIELD_FROM;
	if (MATCHES("^\\s*\\*?(gesendet|sent|datum|date|gesendet am|sent on)\\s?\\*?\\s?:", line))
		return FIELD_DATE;
	if (MATCHES("^\\s*\\*?(an|to|cc|kopie|empf(ä|ae)nger|antwort an|reply-to)\\s?\\*?\\s?:",
		    line))
		return FIELD_TO;
	return MATCHES("^\\s*\\*?(betreff|subject|thema)\\s?\\*?\\s?:", line) ? FIELD_SUBJECT
									      : FIELD_OTHER;
}

/* Outlook's block: From:, Sent:, To:, Subject:, in any order. A journey "Von: Köln, An: Bonn,
 * Datum: ..." names no subject, and nobody's address. Returns the place after it, 0 if none. */
static guint find_block_end(const GPtrArray *lines, guint at)
{
	guint seen = 0, end = 0;
	gboolean has_address = FALSE;
	if (field_of(line_at(lines, at)) == FIELD_OTHER)
		return 0;
	for (guint i = at; i < lines->len && i < at + MAX_BLOCK_LINES; i++) {
		guint field = field_of(line_at(lines, i));
		if (field == FIELD_OTHER)
			continue;
		has_address = has_address ||
			      (field == FIELD_FROM && strchr(line_at(lines, i), '@') != NULL);
		seen |= field;
		end = i + 1;
	}
	gboolean is_block =
		(seen & FIELD_FROM) != 0 && (seen & (FIELD_DATE | FIELD_TO)) != 0 &&
		((seen & FIELD_SUBJECT) != 0 ||
			(has_address && (seen & FIELD_DATE) != 0 && (seen & FIELD_TO) != 0));
	return is_block ? end : 0;
}

guint sgp_own_words_count_divider(const GPtrArray *lines, guint at)
{
	guint end = find_block_end(lines, at);
	if (end > 0)
		return end - at;
	if (!is_separator(line_at(lines, at)))
		return 0;
	for (guint i = at + 1; i < lines->len && i < at + 4; i++) {
		end = find_block_end(lines, i);
		if (end > 0)
			return end - at;
	}
	return 1;
}

/* --- Signatures and footers --- */

gboolean sgp_own_words_is_signature(const char *line)
{
	return strcmp(line, "-- ") == 0 || strcmp(line, "--") == 0;
}

gboolean sgp_own_words_is_device_line(const char *line)
{
	if (!may_begin(line, "vgfshdmo") || g_utf8_strlen(line, -1) > 120)
		return FALSE;
	return MATCHES(
		"^\\s*von mein(em|er) \\S+( \\S+){0,5} (gesendet|geschickt|verschickt|"
		"versandt)\\W*$|"
		"^\\s*(gesendet|versendet|verschickt|geschrieben) (von|mit|über|aus|vom|via) "
		"(meinem?r?|der|outlook|yahoo|proton|spark|bluemail|blue mail|mail|gmx|web|"
		"telekom|t-online|k-9|samsung|iphone|ipad|android|windows|edison|canary|"
		"fairemail|posteo|freenet|1&1|apple)\\b|"
		"^\\s*(von|from) (outlook|yahoo|gmx|web\\.de|proton)\\b.{0,60}"
		"(gesendet|senden|sent)\\W*$|"
		"^\\s*sent (from|via|with|using) (my|the|outlook|mail|yahoo|proton|"
		"bluemail|blackberry|samsung|spark|gmx|k-9|iphone|ipad|android)\\b|"
		"^\\s*(get|holen? sie sich|hol(e)? dir|download) (outlook|bluemail|yahoo|"
		"proton)\\b|"
		"^\\s*diese (nachricht|e-?mail|mail) wurde (von|mit|vom) .{2,90}"
		"(gesendet|verschickt|versendet|geschrieben|gesandt)\\W*$|"
		"^\\s*mit (proton mail|bluemail|k-9 mail|fairemail|gmx|web\\.de|freenet)\\b"
		".{0,60}gesendet|"
		"^\\s*outlook für (ios|android)|"
		"^\\s*virenfrei\\.|^\\s*virus-free\\.",
		line);
}

gboolean sgp_own_words_is_closing(const char *line)
{
	return may_begin(line, "mgvblhsfwkrycd") &&
	       MATCHES("^\\s*(?!gr(ü|ue)(ß|ss) (gott|sie|dich|euch|eich|di|ihnen)\\b)(mit (sehr "
		       ")?(freundlich\\w*|best\\w*|herzlich\\w*|lieb\\w*|vielen) "
		       "(gr(ü|ue)(ß|ss)\\w*|gru(ß|ss))|"
		       "((ganz )?(viele|beste|liebe|herzliche|schöne|freundliche|sonnige)n?) "
		       "gr(ü|ue)(ß|ss)\\w*|(viele[nr]?|lieben?|schönen?|besten|freundlichen) "
		       "gru(ß|ss)|gr(u|ü|ue)(ß|ss)e?|"
		       "mfg|lg|vg|bg|hochachtungsvoll|herzlichst|(with )?(best|kind|warm|many)"
		       "( \\w+)? (regards|wishes|thanks)|"
		       "regards|sincerely|yours (sincerely|faithfully|truly)|cheers|best|"
		       "(vielen |herzlichen |besten )?dank(e)? (und|&) (viele|beste|freundliche|"
		       "liebe|schöne)? ?gr(u|ü|ue)(ß|ss)\\w*)[\\s,.!]*"
		       "(?-i:\\p{Lu}[\\w.-]*[\\s,]*){0,4}$",
		       line);
}

gboolean sgp_own_words_is_postscript(const char *line)
{
	return may_begin(line, "pne") &&
	       MATCHES("^\\s*(p\\.?\\s?p?\\.?\\s?s\\b\\.?|nachtrag|n\\.b\\.|übrigens|ergänzung)\\s*"
		       "[:.,-]?",
		       line);
}

gboolean sgp_own_words_announces_inline(const char *sentence)
{
	static const char *const signs[] = { "antwort", "kommentar", "anmerkung", "answer",
		"comment", "repl", "schreib", "inline", "im text", "rot", "blau", "see ", NULL };
	return may_hold(sentence, signs) &&
	       MATCHES("\\b(meine|unsere|my|our) (antwort(en)?|kommentare?|anmerkung(en)?|"
		       "answers?|comments?|replies|reply)\\b.{0,40}\\b(unten|im text|inline|rot|"
		       "blau|grün|fett|kursiv|dazwischen|below|in red|in blue|in bold)\\b|"
		       "\\b(antworte|schreibe|kommentiere) (ich )?.{0,30}\\b(im text|inline|direkt "
		       "(unter|in) (ihr|dein))|"
		       "\\b(siehe|s\\.) (inline|im text|rot|blau)\\b|"
		       "\\b(answered|replied|answers|comments|see) (inline|in red|in blue)\\b",
		       sentence);
}

gboolean sgp_own_words_is_legal(const char *sentence)
{
	static const char *const signs[] = { "erhalten", "kopieren", "weitergabe", "adressat",
		"empf", "recipient", "in error", "unauthori", "environment", "umwelt", "sitz der",
		"amtsgericht", "registered", "viren", NULL };
	return may_hold(sentence, signs) &&
	       MATCHES("((irrt(ü|ue)mlich|versehentlich) erhalten|"
		       "unbefugte\\w* (kopieren|weitergabe)|unerlaubte\\w* kopieren|"
		       "nicht der (richtige|beabsichtigte|vorgesehene)? ?"
		       "(adressat|empf(ä|ae)nger)|intended recipient|"
		       "received this (e-?mail|message|communication) in error|"
		       "unauthori[sz]ed (copying|use|disclosure)|"
		       "environment before printing|consider the environment|"
		       "(drucken|ausdruck).{0,60}umwelt|umwelt.{0,60}(drucken|ausdruck)|"
		       "sitz der gesellschaft|amtsgericht .{2,30} hrb|registered office|"
		       "von avast .{0,40}viren|auf viren (geprüft|untersucht))",
		       sentence);
}

gboolean sgp_own_words_is_perhaps_legal(const char *sentence)
{
	static const char *const signs[] = { "vertraulich", "confidential", "privileged",
		"rechtlich", "viren", "virus", NULL };
	return may_hold(sentence, signs) &&
	       MATCHES("(vertrauliche (und|informationen)|\\bconfidential\\b|privileged|rechtlich "
		       "gesch(ü|ue)tzt|viren ?(frei|gepr(ü|ue)ft)|virus.?(free|checked))",
		       sentence);
}
