/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decides what an author says about being answered by e-mail. Two read the sentences: the grammar,
 * which is sure of plain words, and the text model, which has learnt how people say it around the
 * corner. The model reads those that speak of ways of answering at all, each with its neighbours
 * and all of them together, because "Ich habe kein Internet. Sie haben ja meine Nummer." is said in
 * two sentences; what else a long mail tells does not drown them. Never sees quotes or signatures
 * (sgp-own-words took them out). A wrong "unclear" costs one question, a missed objection a
 * customer: where it could be one, it says "unclear". The limits were chosen on writers that the
 * model had not learnt from (model/README.md). */
#include "sgp-opt-out-scan.h"

#include <math.h>
#include <string.h>

#include "sgp-opt-out-grammar.h"
#include "sgp-opt-out-model-private.h"
#include "sgp-opt-out-ways.h"
#include "sgp-own-words.h"
#include "sgp-pattern-private.h"

/* Objects, by the model alone: surely, and perhaps. */
#define SURELY  0.93
#define PERHAPS 0.20
/* In a long mail one sentence sounds like it by chance: of the logarithm of sentences. */
#define PER_SENTENCE 0.10
/* Where no sentence speaks of ways of answering, half of what the model says counts. */
#define UNTOLD 0.5
/* Below it, what the grammar takes for an objection is none. */
#define HARDLY 0.30
/* From it on, what the grammar takes for an objection is one. */
#define PLAINLY 0.50
/* A sentence that objects like this is not outweighed by what the mail says besides. */
#define BESIDES 0.80
/* From it on it is asked about, however much more it sounds like a wish for e-mail. */
#define CONCEDED 0.40
/* Where only ways other than e-mail are refused, nothing below it is an objection to e-mail. */
#define BY_FAR 0.98
/* Asks for e-mail (which lifts an objection) or for encryption, by the model alone. */
#define ASKS     0.65
#define ENCRYPTS 0.45
/* A sentence longer than this (bytes) is read in pieces: an objection must not drown in it. */
#define MAX_PIECE 600
/* A footer is hardly ever an objection. */
#define PERHAPS_IN_FOOTER 0.90

/* --- What was found --- */

/* A sentence that is no footer. */
typedef struct {
	const char *text; /* (borrowed) */
	gboolean tells;   /* is read by the model alone and together with the others that do */
} OwnSentence;

typedef struct {
	SgpOptOutScore sentences, pairs, whole; /* the highest of each */
	double share;                           /* of what the model says that counts */
	guint n;                                /* sentences */
	guint objecting, asking, encrypting;    /* which sentence that was */
	gboolean has_objection, has_question;   /* the grammar, and the model does not deny it */
	gboolean has_request, has_encryption;
	gboolean is_doubtful;    /* the grammar wants it asked, whatever the model says */
	gboolean refuses_others; /* only ways other than e-mail are refused */
	guint plain;             /* which sentence the grammar read */
	double plainly;          /* how strongly the model agrees */
	SgpOptOut footer;
	guint footer_at;
} Findings;

static void raise_score(SgpOptOutScore *highest, const SgpOptOutScore *score)
{
	highest->objects = MAX(highest->objects, score->objects);
	highest->asks = MAX(highest->asks, score->asks);
	highest->encrypts = MAX(highest->encrypts, score->encrypts);
}

static void note_grammar(
	Findings *findings, SgpOptOut verdict, const SgpOptOutScore *score, guint at)
{
	gboolean is_objection = verdict == SGP_OPT_OUT_OPTED_OUT || verdict == SGP_OPT_OUT_UNCLEAR;
	gboolean is_outvoted =
		score->objects < CONCEDED && MAX(score->asks, score->encrypts) > score->objects;
	if (is_objection && (score->objects < HARDLY || is_outvoted))
		return;
	/* An objection is shown rather than a question. */
	gboolean is_first = verdict == SGP_OPT_OUT_OPTED_OUT && !findings->has_objection;
	gboolean is_weaker = verdict == SGP_OPT_OUT_UNCLEAR && findings->has_objection;
	if (is_objection && !is_weaker && (is_first || score->objects > findings->plainly)) {
		findings->plain = at;
		findings->plainly = score->objects;
	}
	findings->has_objection = findings->has_objection || verdict == SGP_OPT_OUT_OPTED_OUT;
	findings->has_question = findings->has_question || verdict == SGP_OPT_OUT_UNCLEAR;
	findings->has_request = findings->has_request || (verdict == SGP_OPT_OUT_ASKS_FOR_E_MAIL &&
								 score->asks > score->objects);
	findings->has_encryption =
		findings->has_encryption ||
		(verdict == SGP_OPT_OUT_ENCRYPTED_ONLY && score->encrypts > score->objects);
}

static void note_score(Findings *findings, const SgpOptOutScore *score, guint at)
{
	if (score->objects > findings->sentences.objects)
		findings->objecting = at;
	if (score->asks > findings->sentences.asks)
		findings->asking = at;
	if (score->encrypts > findings->sentences.encrypts)
		findings->encrypting = at;
	raise_score(&findings->sentences, score);
}

static void read_piece(
	Findings *findings, const char *text, guint at, gboolean tells, gboolean follows_robot)
{
	gboolean is_doubtful = FALSE;
	SgpOptOut verdict = sgp_opt_out_grammar_read(text, &is_doubtful);
	SgpOptOutScore score = { 0 };
	/* "Diese Mail wurde automatisch erstellt. Bitte antworten Sie nicht darauf." */
	if (follows_robot && verdict != SGP_OPT_OUT_OPTED_OUT)
		return;
	if (tells || verdict != SGP_OPT_OUT_NONE)
		score = sgp_opt_out_model_read(text);
	if (tells)
		note_score(findings, &score, at);
	note_grammar(findings, verdict, &score, at);
	if (verdict != SGP_OPT_OUT_ENCRYPTED_ONLY && !findings->is_doubtful && is_doubtful) {
		findings->is_doubtful = TRUE;
		findings->plain = findings->has_objection ? findings->plain : at;
	}
}

static gboolean is_about_a_robot(const char *sentence)
{
	return SGP_PATTERN_MATCHES(
		"automat(isch|ic|ed)", G_REGEX_CASELESS | G_REGEX_OPTIMIZE, sentence);
}

/* In a footer without a delimiter only an objection or a wish for encryption counts, and an
 * objection only as a question. */
static void read_footer(Findings *findings, const char *text, guint at)
{
	SgpOptOut verdict = sgp_opt_out_grammar_read(text, NULL);
	SgpOptOutScore score = sgp_opt_out_model_read(text);
	if ((verdict == SGP_OPT_OUT_OPTED_OUT && score.objects >= HARDLY) ||
		score.objects >= PERHAPS_IN_FOOTER)
		verdict = SGP_OPT_OUT_UNCLEAR;
	else if (verdict != SGP_OPT_OUT_ENCRYPTED_ONLY)
		return;
	if (findings->footer == SGP_OPT_OUT_NONE || verdict == SGP_OPT_OUT_UNCLEAR) {
		findings->footer = verdict;
		findings->footer_at = at;
	}
}

/* --- The pieces --- */

/* Where a piece of the text ends: at most MAX_PIECE bytes on, at a blank if there is one. */
static gsize piece_length(const char *text)
{
	gsize length = strlen(text);
	if (length <= MAX_PIECE)
		return length;
	for (gsize at = MAX_PIECE; at > MAX_PIECE / 2; at--) {
		if (text[at] == ' ')
			return at;
	}
	length = MAX_PIECE;
	while (((guchar)text[length] & 0xc0) == 0x80)
		length--;
	return length;
}

static void read_pieces(
	Findings *findings, const OwnSentence *sentence, guint at, gboolean follows_robot)
{
	const char *text = sentence->text;
	g_autofree char *before = NULL;
	while (*text != '\0') {
		gsize length = piece_length(text);
		char *piece = g_strndup(text, length);
		read_piece(findings, piece, at, sentence->tells, follows_robot);
		if (before != NULL && sentence->tells) {
			g_autofree char *both = g_strconcat(before, piece, NULL);
			SgpOptOutScore score = sgp_opt_out_model_read(both);
			raise_score(&findings->sentences, &score);
		}
		g_free(before);
		before = piece;
		text += length;
	}
}

static void read_pairs(Findings *findings, const GArray *own)
{
	findings->pairs = (SgpOptOutScore){ 0 };
	for (guint i = 1; i < own->len; i++) {
		const OwnSentence *before = &g_array_index(own, OwnSentence, i - 1),
				  *here = &g_array_index(own, OwnSentence, i);
		if (strlen(here->text) > MAX_PIECE || (!before->tells && !here->tells))
			continue;
		g_autofree char *both = g_strconcat(before->text, " ", here->text, NULL);
		SgpOptOutScore score = sgp_opt_out_model_read(both);
		raise_score(&findings->pairs, &score);
	}
	if (own->len < 2)
		findings->pairs = findings->sentences;
}

static SgpOptOutScore read_whole(const Findings *findings, const GArray *own)
{
	g_autoptr(GString) whole = g_string_new(NULL);
	guint n = 0;
	for (guint i = 0; i < own->len; i++) {
		const OwnSentence *sentence = &g_array_index(own, OwnSentence, i);
		if (!sentence->tells)
			continue;
		g_string_append(whole, n++ > 0 ? " " : "");
		g_string_append(whole, sentence->text);
	}
	return n > 1 ? sgp_opt_out_model_read(whole->str) : findings->sentences;
}

/* From here on it is perhaps an objection, by the model alone. */
static double get_limit(const Findings *findings)
{
	return PERHAPS + PER_SENTENCE * log(MAX(1, findings->n));
}

/* Two neighbours, and all of it. Of most mails the sentences and the whole already say that no two
 * neighbours, whatever they say, could make it an objection: then these, which are most of the
 * reading, need not be read (the mean is only asked for that). */
static void read_context(Findings *findings, const GArray *own)
{
	const double certain = 1;
	if (own->len <= 2) {
		read_pairs(findings, own);
		findings->whole = findings->pairs;
		return;
	}
	findings->whole = read_whole(findings, own);
	double highest = (findings->sentences.objects + certain + findings->whole.objects) / 3;
	if (findings->has_objection || findings->has_question ||
		findings->share * highest >= get_limit(findings))
		read_pairs(findings, own);
}

/* All of it together: what one sentence refuses, another may ask for. */
static gboolean refuses_others(const GArray *own)
{
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < own->len; i++)
		g_string_append_printf(all, "%s . ", g_array_index(own, OwnSentence, i).text);
	return sgp_opt_out_ways_refuses_others(all->str);
}

/* --- The verdict --- */

static SgpOptOutScore mean_score(const Findings *findings)
{
	const SgpOptOutScore *one = &findings->sentences, *two = &findings->pairs,
			     *all = &findings->whole;
	return (SgpOptOutScore){
		.objects = findings->share * (one->objects + two->objects + all->objects) / 3,
		.asks = (one->asks + two->asks + all->asks) / 3,
		.encrypts = (one->encrypts + two->encrypts + all->encrypts) / 3,
	};
}

/* "Lieber eine Mail als ein Anruf": what names the ways of answering, but wants e-mail, or wants it
 * encrypted. A plain request for e-mail ("Bitte keine Anrufe. Antworten Sie per Mail.") wins over
 * what only sounds like an objection to something. */
static gboolean is_outweighed(const Findings *findings, const SgpOptOutScore *score)
{
	gboolean is_plain = findings->has_objection && findings->plainly >= PLAINLY;
	if (findings->refuses_others)
		return score->objects < BY_FAR &&
		       !(findings->has_objection && findings->plainly >= BY_FAR);
	gboolean is_requested =
		findings->has_request && !findings->has_objection && !findings->has_question;
	return !is_plain && findings->sentences.objects < BESIDES &&
	       score->objects < (is_requested ? PLAINLY : CONCEDED) &&
	       (is_requested || MAX(score->asks, score->encrypts) > score->objects);
}

/* An objection wins over anything else that was said, but then it is asked about. */
static SgpOptOut decide(const Findings *findings, const SgpOptOutScore *score)
{
	gboolean asks = findings->has_request || findings->sentences.asks >= ASKS;
	gboolean encrypts = findings->has_encryption || findings->sentences.encrypts >= ENCRYPTS;
	gboolean surely =
		findings->has_objection || (score->objects >= SURELY && !findings->has_question);
	gboolean perhaps = findings->has_question || score->objects >= get_limit(findings);
	if ((surely || perhaps) && !is_outweighed(findings, score))
		return surely && !asks && !encrypts ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
	if (findings->is_doubtful && !findings->refuses_others)
		return SGP_OPT_OUT_UNCLEAR;
	if (encrypts)
		return SGP_OPT_OUT_ENCRYPTED_ONLY;
	return asks ? SGP_OPT_OUT_ASKS_FOR_E_MAIL : SGP_OPT_OUT_NONE;
}

static guint deciding_sentence(const Findings *findings, SgpOptOut verdict)
{
	switch (verdict) {
	case SGP_OPT_OUT_OPTED_OUT:
	case SGP_OPT_OUT_UNCLEAR:
		return findings->has_objection || findings->has_question || findings->is_doubtful
			       ? findings->plain
			       : findings->objecting;
	case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
		return findings->asking;
	case SGP_OPT_OUT_ENCRYPTED_ONLY:
		return findings->encrypting;
	case SGP_OPT_OUT_NONE:
		return 0;
	}
	return 0;
}

/* (transfer full) (element-type OwnSentence) */
static GArray *collect_own(Findings *findings, const GPtrArray *sentences)
{
	GArray *own = g_array_new(FALSE, FALSE, sizeof(OwnSentence));
	gboolean tells = FALSE;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		OwnSentence one = { .text = sentence->text };
		if (sentence->is_footer)
			continue;
		one.tells = sgp_opt_out_model_tells(one.text);
		tells = tells || one.tells;
		g_array_append_val(own, one);
	}
	for (guint i = 0; i < own->len && !tells; i++)
		g_array_index(own, OwnSentence, i).tells = TRUE;
	findings->share = tells ? 1 : UNTOLD;
	findings->n = own->len;
	return own;
}

SgpOptOut sgp_opt_out_scan_sentences(const GPtrArray *sentences, guint *decided)
{
	Findings findings = { .footer = SGP_OPT_OUT_NONE };
	g_autoptr(GArray) own = collect_own(&findings, sentences);
	guint n = 0;
	gboolean follows_robot = FALSE;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		if (sentence->is_footer) {
			read_footer(&findings, sentence->text, i);
		} else {
			read_pieces(
				&findings, &g_array_index(own, OwnSentence, n++), i, follows_robot);
		}
		follows_robot = is_about_a_robot(sentence->text);
	}
	read_context(&findings, own);
	SgpOptOutScore score = mean_score(&findings);
	if (findings.has_objection || findings.has_question || findings.is_doubtful ||
		score.objects >= PERHAPS)
		findings.refuses_others = refuses_others(own);
	SgpOptOut verdict = decide(&findings, &score);
	guint at = deciding_sentence(&findings, verdict);
	if (findings.footer != SGP_OPT_OUT_NONE) {
		SgpOptOut both = sgp_opt_out_scan_combine(verdict, findings.footer);
		if (both != verdict)
			at = findings.footer_at;
		verdict = both;
	}
	if (decided != NULL && verdict != SGP_OPT_OUT_NONE)
		*decided = at;
	return verdict;
}

SgpOptOut sgp_opt_out_scan_sentence(const char *sentence)
{
	SgpSentence only = { .text = (char *)sentence };
	g_autoptr(GPtrArray) sentences = g_ptr_array_new();
	g_ptr_array_add(sentences, &only);
	return sgp_opt_out_scan_sentences(sentences, NULL);
}

SgpOptOut sgp_opt_out_scan_combine(SgpOptOut one, SgpOptOut other)
{
	if (one == other || other == SGP_OPT_OUT_NONE)
		return one;
	if (one == SGP_OPT_OUT_NONE)
		return other;
	/* Two different things were said. An objection stays one unless e-mail is asked for as
	 * well. */
	gboolean has_objection = one == SGP_OPT_OUT_OPTED_OUT || other == SGP_OPT_OUT_OPTED_OUT;
	gboolean has_unclear = one == SGP_OPT_OUT_UNCLEAR || other == SGP_OPT_OUT_UNCLEAR;
	gboolean has_request =
		one == SGP_OPT_OUT_ASKS_FOR_E_MAIL || other == SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (has_objection)
		return has_unclear ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
	if (has_unclear && has_request)
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	return has_unclear ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_ENCRYPTED_ONLY;
}
