/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a subject is about, and whether two subjects have anything in common. Pure; never decides
 * what a changed subject means (sgp-reactive-rule does). */
#include <string.h>

#include "sgp-inquiry-scan-private.h"
#include "sgp-inquiry-scan.h"
#include "sgp-normal-text.h"

/* English, German, Scandinavian, Dutch, French, Italian, Spanish, Polish, Turkish, Czech. A prefix
 * may count ("Re[2]:") and may stand apart from its colon, as the French do it. */
#define PREFIX                                                                                     \
	"(re|aw|wg|fw|fwd|antw|antwort|sv|vs|vl|tr|rv|ref|res|enc|rif|odp|ynt|ilt|doorst|wtr|pd|"  \
	"i|r|bls|weitergeleitet|forwarded|weiterleitung)\\.?"                                      \
	"\\s*(\\[\\d+\\]|\\(\\d+\\)|\\^?\\d{1,2})?\\s*[:：]"
#define SERVER_TAG                                                                                 \
	"(\\[(extern|external|ext|intern|spam)\\]|\\*+\\s*spam\\s*\\*+|\\{spam\\??\\})\\s*:?"
#define TICKET                                                                                     \
	"([\\[(]\\s*(ticket|case|vorgang|fall|anfrage|request|vorgangsnummer)?"                    \
	"[ :#.-]*(nr\\.?|no\\.?|id)?[ :#]*\\d+\\s*[\\])]|"                                         \
	"\\b(ticket|case|vorgang)\\s*(nr\\.?|no\\.?|id)?\\s*[:#]\\s*\\d+)"

static GRegex *get_prefixes(void)
{
	static GRegex *regex;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		regex = g_regex_new("^\\s*((" PREFIX "|" SERVER_TAG "|" TICKET ")[\\s\\x{a0}]*)+",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	return regex;
}

static GRegex *get_tickets(void)
{
	static GRegex *regex;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		regex = g_regex_new(TICKET, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	return regex;
}

const char *sgp_inquiry_scan_skip_reply_prefixes(const char *subject)
{
	g_autoptr(GMatchInfo) match = NULL;
	int end = 0;
	if (g_utf8_validate(subject, -1, NULL) &&
		g_regex_match(get_prefixes(), subject, 0, &match) &&
		g_match_info_fetch_pos(match, 0, NULL, &end))
		return subject + end;
	return subject;
}

/* Short numbers and years stand in subjects that have nothing to do with each other. */
static gboolean is_common_number(const char *word)
{
	gsize length = strlen(word);
	gboolean is_number = strspn(word, "0123456789") == length;
	gboolean is_year =
		length == 4 && (g_str_has_prefix(word, "19") || g_str_has_prefix(word, "20"));
	return is_number && (length < 4 || is_year);
}

static gboolean says_nothing(const char *word)
{
	static const char *const words[] = { "der", "die", "das", "den", "dem", "des", "ein",
		"eine", "einen", "einer", "und", "oder", "zu", "zum", "zur", "von", "vom", "für",
		"fuer", "mit", "im", "in", "am", "an", "auf", "aus", "bei", "ihr", "ihre", "ihrer",
		"ihrem", "ihren", "mein", "meine", "meiner", "meinem", "meinen", "unser", "unsere",
		"wg", "wegen", "betr", "betreff", "betrifft", "ist", "nr", "the", "a", "an", "of",
		"to", "for", "and", "or", "in", "on", "at", "my", "your", "our", "re", "about",
		"is", "with", "from", "aw", "fwd", "fw", NULL };
	return is_common_number(word) || g_utf8_strlen(word, -1) < 2 ||
	       g_strv_contains(words, word);
}

static char *fold(const char *subject)
{
	g_autofree char *valid = g_utf8_make_valid(subject, -1);
	g_autofree char *bare = g_regex_replace_literal(
		get_tickets(), sgp_inquiry_scan_skip_reply_prefixes(valid), -1, 0, " ", 0, NULL);
	g_autofree char *composed =
		sgp_normal_text_dup(bare != NULL ? bare : valid, G_NORMALIZE_NFC);
	return g_utf8_casefold(composed, -1);
}

GStrv sgp_inquiry_scan_subject_words(const char *subject)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *folded = fold(subject);
	g_autoptr(GString) word = g_string_new(NULL);
	for (const char *p = folded;; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		gboolean joins = (c == '-' || c == '/' || c == '.') && word->len > 0 &&
				 g_unichar_isalnum(g_utf8_get_char(g_utf8_next_char(p)));
		if (c != 0 && (g_unichar_isalnum(c) || joins)) {
			g_string_append_unichar(word, c);
			continue;
		}
		if (word->len > 0 && !says_nothing(word->str))
			g_ptr_array_add(words, g_strdup(word->str));
		g_string_truncate(word, 0);
		if (c == 0)
			break;
	}
	g_ptr_array_add(words, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* Equal, or of one stem: "Schaden" and "Schadensmeldung". */
static gboolean words_share(const char *one, const char *other)
{
	if (strcmp(one, other) == 0)
		return TRUE;
	gsize n = 0;
	while (one[n] != '\0' && one[n] == other[n])
		n++;
	return n >= 6 && !g_ascii_isdigit(one[0]);
}

gboolean sgp_inquiry_scan_subjects_share(const char *one, const char *other)
{
	g_auto(GStrv) ours = sgp_inquiry_scan_subject_words(one);
	g_auto(GStrv) theirs = sgp_inquiry_scan_subject_words(other);
	/* An emptied subject ("AW:") was not changed to something else: it says nothing, and where
	 * nothing is said nobody is asked (test:
	 * /inquiry-scan/a-subject-changes-when-it-shares-nothing). */
	if (ours[0] == NULL || theirs[0] == NULL)
		return TRUE;
	for (guint i = 0; ours[i] != NULL; i++) {
		for (guint j = 0; theirs[j] != NULL; j++) {
			if (words_share(ours[i], theirs[j]))
				return TRUE;
		}
	}
	return FALSE;
}
