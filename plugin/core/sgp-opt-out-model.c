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
