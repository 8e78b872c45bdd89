/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decides what an author says about being answered by e-mail. Two read every sentence: the grammar,
 * which is sure of plain words, and the text model, which has learnt how people say it around the
 * corner; the model also reads each two neighbours and all of it, because "Ich habe kein Internet.
 * Sie haben ja meine Nummer." is said in two sentences. Never sees quotes or signatures
 * (sgp-own-words took them out). A wrong "unclear" costs one question, a missed objection a
 * customer: where it could be one, it says "unclear". The limits were chosen on writers that the
 * model had not learnt from (model/README.md). */
#include "sgp-opt-out-scan.h"

#include <string.h>

#include "sgp-opt-out-grammar.h"
#include "sgp-opt-out-model-private.h"
#include "sgp-own-words.h"

/* Objects, by the model alone: surely, and perhaps. */
#define SURELY  0.93
#define PERHAPS 0.45
/* Below it, what the grammar takes for an objection is none. */
#define HARDLY 0.30
/* From it on, what the grammar takes for an objection is one. */
#define PLAINLY 0.50
/* A sentence that objects like this is not outweighed by what the mail says besides. */
#define BESIDES 0.80
/* Asks for e-mail (which lifts an objection) or for encryption, by the model alone. */
#define ASKS     0.65
#define ENCRYPTS 0.45
/* A sentence longer than this (bytes) is read in pieces: an objection must not drown in it. */
#define MAX_PIECE 600
/* A footer is hardly ever an objection. */
#define PERHAPS_IN_FOOTER 0.90

/* --- What was found --- */

typedef struct {
	SgpOptOutScore sentences, pairs, whole; /* the highest of each */
	guint objecting, asking, encrypting;    /* which sentence that was */
	gboolean has_objection, has_question;   /* the grammar, and the model does not deny it */
	gboolean has_request, has_encryption;
	gboolean is_doubtful; /* the grammar wants it asked, whatever the model says */
	guint plain;          /* which sentence the grammar read */
	double plainly;       /* how strongly the model agrees */
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
	if (is_objection && score->objects < HARDLY)
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

static void read_piece(Findings *findings, const char *text, guint at, gboolean follows_robot)
{
	SgpOptOut verdict = sgp_opt_out_grammar_read(text);
	SgpOptOutScore score = sgp_opt_out_model_read(text);
	/* "Diese Mail wurde automatisch erstellt. Bitte antworten Sie nicht darauf." */
	if (follows_robot && verdict != SGP_OPT_OUT_OPTED_OUT)
		return;
	if (score.objects > findings->sentences.objects)
		findings->objecting = at;
	if (score.asks > findings->sentences.asks)
		findings->asking = at;
	if (score.encrypts > findings->sentences.encrypts)
		findings->encrypting = at;
	raise_score(&findings->sentences, &score);
	note_grammar(findings, verdict, &score, at);
	if (verdict != SGP_OPT_OUT_ENCRYPTED_ONLY && !findings->is_doubtful &&
		sgp_opt_out_grammar_is_doubtful(text)) {
		findings->is_doubtful = TRUE;
		findings->plain = findings->has_objection ? findings->plain : at;
	}
}

static gboolean is_about_a_robot(const char *sentence)
{
	return g_regex_match_simple("automat(isch|ic|ed)", sentence, G_REGEX_CASELESS, 0);
}

/* In a footer without a delimiter only an objection or a wish for encryption counts, and an
 * objection only as a question. */
static void read_footer(Findings *findings, const char *text, guint at)
{
	SgpOptOut verdict = sgp_opt_out_grammar_read(text);
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

static void read_pieces(Findings *findings, const char *text, guint at, gboolean follows_robot)
{
	g_autofree char *before = NULL;
	while (*text != '\0') {
		gsize length = piece_length(text);
		char *piece = g_strndup(text, length);
		read_piece(findings, piece, at, follows_robot);
		if (before != NULL) {
			g_autofree char *both = g_strconcat(before, piece, NULL);
			SgpOptOutScore score = sgp_opt_out_model_read(both);
			raise_score(&findings->sentences, &score);
		}
		g_free(before);
		before = piece;
		text += length;
	}
}

/* Two neighbours, and all of it. */
static void read_context(Findings *findings, const GPtrArray *own)
{
	g_autoptr(GString) whole = g_string_new(NULL);
	findings->pairs = (SgpOptOutScore){ 0 };
	for (guint i = 0; i < own->len; i++) {
		const char *text = g_ptr_array_index(own, i);
		g_string_append_printf(whole, "%s%s", i > 0 ? " " : "", text);
		if (i == 0 || strlen(text) > MAX_PIECE)
			continue;
		const char *before = g_ptr_array_index(own, i - 1);
		g_autofree char *both = g_strconcat(before, " ", text, NULL);
		SgpOptOutScore score = sgp_opt_out_model_read(both);
		raise_score(&findings->pairs, &score);
	}
	if (own->len < 2)
		findings->pairs = findings->sentences;
	findings->whole = own->len > 2 ? sgp_opt_out_model_read(whole->str) : findings->pairs;
}

/* --- The verdict --- */

static SgpOptOutScore mean_score(const Findings *findings)
{
	const SgpOptOutScore *one = &findings->sentences, *two = &findings->pairs,
			     *all = &findings->whole;
	return (SgpOptOutScore){
		.objects = (one->objects + two->objects + all->objects) / 3,
		.asks = (one->asks + two->asks + all->asks) / 3,
		.encrypts = (one->encrypts + two->encrypts + all->encrypts) / 3,
	};
}

/* "Lieber eine Mail als ein Anruf": what names the ways of answering, but wants e-mail, or wants it
 * encrypted. */
static gboolean is_outweighed(const Findings *findings, const SgpOptOutScore *score)
{
	gboolean is_plain = findings->has_objection && findings->plainly >= PLAINLY;
	return !is_plain && findings->sentences.objects < BESIDES &&
	       MAX(score->asks, score->encrypts) > score->objects;
}

/* An objection wins over anything else that was said, but then it is asked about. */
static SgpOptOut decide(const Findings *findings, const SgpOptOutScore *score)
{
	gboolean asks = findings->has_request || findings->sentences.asks >= ASKS;
	gboolean encrypts = findings->has_encryption || findings->sentences.encrypts >= ENCRYPTS;
	gboolean surely =
		findings->has_objection || (score->objects >= SURELY && !findings->has_question);
	gboolean perhaps = findings->has_question || score->objects >= PERHAPS;
	if ((surely || perhaps) && !is_outweighed(findings, score))
		return surely && !asks && !encrypts ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
	if (findings->is_doubtful)
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

SgpOptOut sgp_opt_out_scan_sentences(const GPtrArray *sentences, guint *decided)
{
	Findings findings = { .footer = SGP_OPT_OUT_NONE };
	g_autoptr(GPtrArray) own = g_ptr_array_new();
	gboolean follows_robot = FALSE;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		if (sentence->is_footer) {
			read_footer(&findings, sentence->text, i);
		} else {
			read_pieces(&findings, sentence->text, i, follows_robot);
			g_ptr_array_add(own, sentence->text);
		}
		follows_robot = is_about_a_robot(sentence->text);
	}
	read_context(&findings, own);
	SgpOptOutScore score = mean_score(&findings);
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
