/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an author says about being answered by e-mail. What must hold: a clear objection stays one,
 * or becomes a question, whatever follows it in the mail, for nothing that an attacker (or a
 * customer's signature) appends may turn it into "nothing was said"; the words that decided are
 * UTF-8; what two sentences say together does not hang on their order; and the model's likelihoods
 * are likelihoods. */
#include "sgp-opt-out-scan.h"
#include "sgp-text-model.h"
#include "sgp-text-weights.h"

#include <math.h>

#include "fuzz.h"

#define OBJECTION "Bitte antworten Sie mir nicht per E-Mail."

static void check_model(const char *text)
{
	static SgpTextModel *model;
	double probabilities[SGP_TEXT_MODEL_MAX_LABELS];
	double sum = 0;
	if (model == NULL)
		model = sgp_text_model_new(
			sgp_text_weights_opt_out, sgp_text_weights_opt_out_length);
	FUZZ_HOLDS(model != NULL);
	sgp_text_model_read(model, text, probabilities);
	for (guint i = 0; i < sgp_text_model_get_n_labels(model); i++) {
		FUZZ_HOLDS(probabilities[i] >= 0 && probabilities[i] <= 1.0000001);
		sum += probabilities[i];
	}
	FUZZ_HOLDS(fabs(sum - 1) < 0.0001);
}

static void check_objection_stays(const char *text)
{
	g_autofree char *mail = g_strconcat(OBJECTION "\n\n", text, NULL);
	g_autofree char *sentence = NULL;
	const SgpOptOut said = sgp_inquiry_scan_opt_out_text("Frage", mail, &sentence);
	FUZZ_HOLDS(said == SGP_OPT_OUT_OPTED_OUT || said == SGP_OPT_OUT_UNCLEAR);
	FUZZ_HOLDS(fuzz_is_text(sentence));
}

static void check_combine(SgpOptOut one, SgpOptOut other)
{
	FUZZ_HOLDS(sgp_opt_out_scan_combine(one, other) == sgp_opt_out_scan_combine(other, one));
	FUZZ_HOLDS(sgp_opt_out_scan_combine(one, one) == one);
	FUZZ_HOLDS(sgp_opt_out_get_nick(one) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_dup_text(data, size);
	g_autofree char *sentence = NULL;
	const SgpOptOut alone = sgp_opt_out_scan_sentence(text);
	const SgpOptOut mail = sgp_inquiry_scan_opt_out_text(text, text, &sentence);
	FUZZ_HOLDS(sentence == NULL || fuzz_is_text(sentence));
	check_combine(alone, mail);
	check_objection_stays(text);
	check_model(text);
	return 0;
}
