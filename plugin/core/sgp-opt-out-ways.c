/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads of each way of answering that a text names whether it is refused: in "bitte nicht anrufen,
 * lieber mailen" the call is, the mail is not. A model that adds up words hears mostly the refusal;
 * this hears what it belongs to. Knows only where a clause ends and which of its words negate;
 * never decides (sgp-opt-out-scan does). */
#include "sgp-opt-out-ways.h"

#include <string.h>

#include "sgp-opt-out-model-private.h"
#include "sgp-text-words-private.h"

/* A longer clause goes on as another. */
#define MAX_CLAUSE 48
/* So many words before a comma only list ways: "per Mail, per Telefon oder per Post bitte nicht".
 */
#define LISTED 3
/* And so many behind one go on with what was refused: "keine Anrufe, keine Post, Mails". */
#define GOES_ON 2

typedef struct {
	SgpOptOutWord words[MAX_CLAUSE];
	gboolean is_replaced[MAX_CLAUSE]; /* "statt eines Briefes" */
	gboolean is_instead;              /* the next way is */
	guint n;
	gboolean drops; /* "auf Briefe verzichte ich": all that it names, wherever it stands */
	gboolean is_harmless; /* "Mails stören mich nicht" */
	gboolean is_compared; /* "... als Briefe" */
	gboolean is_told;     /* "der Brief kam nicht an" refuses nothing */
	gboolean is_foreign;  /* "die Mails liest meine Frau" */
	gboolean has_negation;
	gboolean goes_on; /* with a comma after a refusal: "keine Anrufe, Mails" */
} Clause;

typedef struct {
	gboolean refuses_mail, refuses_other, names_mail, names_other;
	gboolean prefers; /* "lieber", of which the "als" has not come yet */
} Ways;

/* One word and the one behind it, "" behind the last. */
typedef struct {
	char *word, *next; /* (owned) */
} Place;

static gboolean is_one_of(const char *const *words, const char *word)
{
	return g_strv_contains(words, word);
}

static gboolean begins_with_one_of(const char *const *beginnings, const char *word)
{
	for (guint i = 0; beginnings[i] != NULL; i++) {
		if (g_str_has_prefix(word, beginnings[i]))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_comparison(const char *word)
{
	return g_str_equal(word, "als") || g_str_equal(word, "than");
}

static gboolean ends_clause(const char *word)
{
	static const char *const words[] = { ",", ".", "!", "?", ":", "sondern", "aber", "but",
		"weil", "denn", "because", "dafuer", "da", "dass", "damit", NULL };
	return is_one_of(words, word) || is_comparison(word);
}

static gboolean prefers(const char *word)
{
	static const char *const words[] = { "lieber", "besser", "rather", "eher", "prefer",
		"better", NULL };
	return is_one_of(words, word);
}

/* What it names is not to come. */
static gboolean drops(const char *word)
{
	static const char *const beginnings[] = { "verzicht", "absehen", "abzusehen", "unterlass",
		"sparen", "erspar", "widersprech", "ablehn", "lehne", "entbehrlich", "entfall",
		"dispense", "stop", "skip", "avoid", "abschaff", NULL };
	return begins_with_one_of(beginnings, word);
}

static gboolean is_harmless(const char *word)
{
	static const char *const beginnings[] = { "stoer", "bother", NULL };
	return begins_with_one_of(beginnings, word);
}

/* "nichts gegen Mails", "nicht nur per Post", "können Sie nicht einfach anrufen", "e-mail is no
 * good, phone me" negate no way. */
static gboolean negates(const Place *place, SgpOptOutWord kind)
{
	static const char *const elsewhere[] = { "ohne", "null", "zero", "nein", "statt", "anstatt",
		NULL };
	static const char *const lifted[] = { "gegen", "dagegen", "nur", "only", "good", "use",
		"einfach", "eenfach", "lieber", "vielleicht", NULL };
	return kind == SGP_OPT_OUT_WORD_NEGATION && !is_one_of(elsewhere, place->word) &&
	       !is_one_of(lifted, place->next);
}

static gboolean is_instead(const Place *place)
{
	static const char *const words[] = { "statt", "anstatt", "anstelle", NULL };
	return is_one_of(words, place->word) ||
	       (g_str_equal(place->word, "instead") && g_str_equal(place->next, "of"));
}

static gboolean is_way(SgpOptOutWord word)
{
	return word == SGP_OPT_OUT_WORD_MAIL || word == SGP_OPT_OUT_WORD_OTHER_WAY;
}

/* A negation holds for the ways behind it; with none behind it ("rufen Sie mich nicht an"), for
 * those before. */
static gboolean is_refused(const Clause *clause, guint at)
{
	gboolean has_way_since = FALSE, is_negated_before = FALSE, is_negated_after = FALSE;
	if (clause->drops || clause->is_replaced[at])
		return TRUE;
	for (guint i = 0; i < at; i++) {
		if (clause->words[i] == SGP_OPT_OUT_WORD_NEGATION)
			is_negated_before = TRUE;
	}
	for (guint i = clause->n; i-- > at + 1;) {
		has_way_since = has_way_since || is_way(clause->words[i]);
		if (clause->words[i] == SGP_OPT_OUT_WORD_NEGATION && !has_way_since)
			is_negated_after = TRUE;
	}
	return !clause->is_harmless && (is_negated_before || is_negated_after);
}

static void note_way(Ways *ways, const Clause *clause, gboolean is_mail, gboolean is_refused)
{
	if (is_mail) {
		ways->refuses_mail = ways->refuses_mail || is_refused || clause->is_foreign;
		ways->names_mail = ways->names_mail || !is_refused;
	} else if (!is_refused) {
		ways->names_other = TRUE;
	} else if (!clause->is_told) {
		ways->refuses_other = TRUE;
	}
}

static void end_clause(Ways *ways, Clause *clause, gboolean prefers_one)
{
	gboolean is_less = clause->is_compared && ways->prefers, has_way = FALSE;
	gboolean goes_on = clause->goes_on && clause->n <= GOES_ON;
	for (guint i = 0; i < clause->n; i++) {
		if (!is_way(clause->words[i]))
			continue;
		has_way = TRUE;
		note_way(ways, clause, clause->words[i] == SGP_OPT_OUT_WORD_MAIL,
			is_less || goes_on || is_refused(clause, i));
	}
	ways->prefers = (ways->prefers && !(is_less && has_way)) || prefers_one;
	*clause = (Clause){ .n = 0 };
}

static gboolean has_way(const Clause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		if (is_way(clause->words[i]))
			return TRUE;
	}
	return FALSE;
}

/* "per Mail und Telefon nicht" refuses both; "und nicht per Post" begins a clause. */
static gboolean is_break(const Clause *clause, const Place *place)
{
	static const char *const ands[] = { "und", "and", NULL };
	if (clause->n == MAX_CLAUSE)
		return TRUE;
	if (is_one_of(ands, place->word))
		return sgp_opt_out_model_find_word(place->next, strlen(place->next)) ==
		       SGP_OPT_OUT_WORD_NEGATION;
	if (g_str_equal(place->word, ",") && clause->n <= LISTED && has_way(clause))
		return clause->has_negation;
	return ends_clause(place->word);
}

static char *dup_word(const SgpTextWords *words, guint at)
{
	gsize length = 0;
	if (at >= words->n)
		return g_strdup("");
	const char *word = sgp_text_words_get(words, at, &length);
	return g_strndup(word, length);
}

static void add_word(Clause *clause, const Place *place)
{
	SgpOptOutWord kind = sgp_opt_out_model_find_word(place->word, strlen(place->word));
	/* "hier schreiben" is no letter. */
	if (g_str_equal(place->word, "schreiben"))
		kind = SGP_OPT_OUT_WORD_PLAIN;
	if (negates(place, kind))
		kind = SGP_OPT_OUT_WORD_NEGATION;
	else if (kind == SGP_OPT_OUT_WORD_NEGATION)
		kind = SGP_OPT_OUT_WORD_PLAIN;
	clause->is_replaced[clause->n] = is_way(kind) && clause->is_instead;
	clause->is_instead = is_instead(place) || (clause->is_instead && !is_way(kind));
	clause->words[clause->n++] = kind;
	clause->has_negation = clause->has_negation || kind == SGP_OPT_OUT_WORD_NEGATION;
	clause->is_told = clause->is_told || kind == SGP_OPT_OUT_WORD_TOLD;
	clause->is_foreign = clause->is_foreign || kind == SGP_OPT_OUT_WORD_FOREIGN;
	clause->drops = clause->drops || drops(place->word);
	clause->is_harmless = clause->is_harmless || is_harmless(place->word);
}

gboolean sgp_opt_out_ways_refuses_others(const char *text)
{
	Ways ways = { 0 };
	Clause clause = { 0 };
	gboolean prefers_one = FALSE;
	g_auto(SgpTextWords) words = { 0 };
	g_autofree char *plain = g_strdelimit(g_strdup(text), ";", '.');
	sgp_text_words_init(&words, plain);
	for (guint i = 0; i < words.n; i++) {
		g_autofree char *word = dup_word(&words, i);
		g_autofree char *next = dup_word(&words, i + 1);
		Place place = { .word = word, .next = next };
		if (is_break(&clause, &place)) {
			gboolean goes_on = clause.has_negation && g_str_equal(word, ",");
			end_clause(&ways, &clause, prefers_one);
			prefers_one = FALSE;
			clause.is_compared = is_comparison(word);
			clause.goes_on = goes_on;
		}
		if (!ends_clause(word)) {
			add_word(&clause, &place);
			prefers_one = prefers_one || prefers(word);
		}
	}
	end_clause(&ways, &clause, prefers_one);
	return ways.refuses_other && ways.names_mail && !ways.refuses_mail && !ways.names_other;
}
