/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text model's opinion of a text, by the names that sgp-opt-out-scan thinks in. Owns the one
 * copy of the model; never decides. */
#include "sgp-opt-out-model-private.h"

#include <string.h>

#include "sgp-text-model-private.h"
#include "sgp-text-model.h"
#include "sgp-text-weights.h"

/* The kinds of words that speak of ways of answering come first in opt-out-classes.tsv. */
#define N_TELLING 28
/* The places of some of them there. */
#define KIND_INBOX      2  /* the last of three that name e-mail */
#define KIND_VISIT      12 /* the last of those that name another way */
#define KIND_ELECTRONIC 17
#define KIND_RECEIVE    22
#define KIND_DISTRUST   26
#define KIND_RELATIVE   28
#define KIND_NEIGHBOUR  29
#define KIND_NOT        30
#define KIND_NO         31
#define KIND_WAS        43
#define KIND_CLOSED     49
#define KIND_BORROWED   50

static const SgpTextModel *get_model(void)
{
	static gsize ready = 0;
	static SgpTextModel *model = NULL;
	if (g_once_init_enter(&ready)) {
		model = sgp_text_model_new(
			sgp_text_weights_opt_out, sgp_text_weights_opt_out_length);
		g_once_init_leave(&ready, 1);
	}
	return model;
}

static double find(const SgpTextModel *model, const double *probabilities, const char *name)
{
	for (guint i = 0; i < sgp_text_model_get_n_labels(model); i++) {
		if (strcmp(sgp_text_model_get_label(model, i), name) == 0)
			return probabilities[i];
	}
	return 0;
}

SgpOptOutScore sgp_opt_out_model_read(const char *text)
{
	const SgpTextModel *model = get_model();
	double probabilities[SGP_TEXT_MODEL_MAX_LABELS];
	SgpOptOutScore score = { .objects = 1 };
	if (model == NULL)
		return score;
	if (sgp_text_model_read(model, text, probabilities) == 0)
		return (SgpOptOutScore){ 0 };
	score.objects = find(model, probabilities, "opted-out");
	score.asks = find(model, probabilities, "asks-for-e-mail");
	score.encrypts = find(model, probabilities, "encrypted-only");
	return score;
}

gboolean sgp_opt_out_model_tells(const char *text)
{
	const SgpTextModel *model = get_model();
	g_auto(SgpTextWords) words = { 0 };
	if (model == NULL)
		return TRUE;
	sgp_text_words_init(&words, text);
	for (guint i = 0; i < words.n; i++) {
		gsize length = 0;
		const char *word = sgp_text_words_get(&words, i, &length);
		int kind = sgp_text_model_find_class(model, word, length);
		if (kind >= 0 && kind < N_TELLING)
			return TRUE;
	}
	return FALSE;
}

SgpOptOutWord sgp_opt_out_model_find_word(const char *word, gsize length)
{
	const SgpTextModel *model = get_model();
	int kind = model != NULL ? sgp_text_model_find_class(model, word, length) : -1;
	if (kind < 0)
		return SGP_OPT_OUT_WORD_PLAIN;
	if (kind <= KIND_INBOX || kind == KIND_ELECTRONIC)
		return SGP_OPT_OUT_WORD_MAIL;
	if (kind <= KIND_VISIT)
		return SGP_OPT_OUT_WORD_OTHER_WAY;
	if (kind == KIND_NOT || kind == KIND_NO)
		return SGP_OPT_OUT_WORD_NEGATION;
	if (kind == KIND_RECEIVE || kind == KIND_WAS)
		return SGP_OPT_OUT_WORD_TOLD;
	gboolean is_foreign = kind == KIND_DISTRUST || kind == KIND_RELATIVE ||
			      kind == KIND_NEIGHBOUR || kind == KIND_CLOSED ||
			      kind == KIND_BORROWED;
	return is_foreign ? SGP_OPT_OUT_WORD_FOREIGN : SGP_OPT_OUT_WORD_PLAIN;
}
