/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trained model makes of a mail: all of it, and its strongest sentence, so that one quiet
 * phrase in a long mail is heard. Owns how the two are weighed; plugin/core/model/train-content.py
 * weighs them alike and says how good that is. Never keeps or logs what it read. */
#include "sgp-content-model.h"

#include <math.h>
#include <string.h>

#include "sgp-text-model-private.h"
#include "sgp-text-weights.h"

#define SHORTEST  12 /* bytes of a sentence that is read alone */
#define WHOLE     0.6
#define ALONE     1.5
#define UNTOLD    2.0
#define HINTED    1.0
#define N_STRONG  21 /* kinds of words that mean one thing; first in content-classes.tsv */
#define N_TELLING 27 /* with those that have other meanings too; they follow */
#define MAX_WORDS 3
#define TELLING   0.5 /* of a word's weight, to be shown beside the strongest */

#define LONGEST       400 /* characters of a sentence that are weighed word by word */
#define SHORTEST_WORD 2
#define READ_ALONE    1.0 /* what a word says without the others counts as much as what it adds */

static const SgpTextModel *get_model(void)
{
	static gsize ready = 0;
	static SgpTextModel *model;
	if (g_once_init_enter(&ready)) {
		model = sgp_text_model_new(
			sgp_text_weights_content, sgp_text_weights_content_length);
		g_once_init_leave(&ready, 1);
	}
	return model;
}

/* The model's labels, in its order. */
typedef enum {
	LABEL_GENERAL = 0,
	LABEL_HEALTH,
	LABEL_PERSON,
	LABEL_SECRECY,
} Label;

/* Is there a word of a kind that tells? Without one, what the model hears is the tone of a mail;
 * with words that have other meanings too, half of it is. */
static double get_doubt(const char *text)
{
	const SgpTextModel *model = get_model();
	double doubt = UNTOLD;
	g_auto(SgpTextWords) words = { 0 };
	sgp_text_words_init(&words, text);
	for (guint i = 0; model != NULL && i < words.n; i++) {
		gsize length = 0;
		const char *word = sgp_text_words_get(&words, i, &length);
		int kind = sgp_text_model_find_class(model, word, length);
		if (kind >= 0 && kind < N_STRONG)
			return 0;
		if (kind >= 0 && kind < N_TELLING)
			doubt = HINTED;
	}
	return doubt;
}

/* No words: nothing was found by it, which the lists of sgp-content-terms still may. */
static double read_odds(const char *text, double *likely)
{
	const SgpTextModel *model = get_model();
	g_return_val_if_fail(model != NULL, SGP_CONTENT_MODEL_RAISES);
	sgp_text_model_read(model, text, likely);
	double any = likely[LABEL_HEALTH] + likely[LABEL_PERSON] + likely[LABEL_SECRECY];
	return log(MAX(any, 1e-12)) - log(MAX(likely[LABEL_GENERAL], 1e-12));
}

static SgpContentClass choose_class(const double *likely)
{
	if (likely[LABEL_HEALTH] >= MAX(likely[LABEL_PERSON], likely[LABEL_SECRECY]))
		return SGP_CONTENT_CLASS_HEALTH;
	return likely[LABEL_PERSON] >= likely[LABEL_SECRECY] ? SGP_CONTENT_CLASS_PERSONAL_INSURANCE
							     : SGP_CONTENT_CLASS_SECRECY_203;
}

double sgp_content_model_read(
	const GPtrArray *sentences, const char **strongest, SgpContentClass *content_class)
{
	double likely[SGP_TEXT_MODEL_MAX_LABELS] = { 0 },
	       of_best[SGP_TEXT_MODEL_MAX_LABELS] = { 0 };
	double highest = -INFINITY;
	g_autoptr(GString) all = g_string_new(NULL);
	*strongest = NULL;
	for (guint i = 0; i < sentences->len; i++) {
		const char *sentence = g_ptr_array_index(sentences, i);
		g_string_append_printf(all, "%s%s", i > 0 ? " " : "", sentence);
		double odds = strlen(sentence) < SHORTEST ? -INFINITY : read_odds(sentence, likely);
		if (odds > highest) {
			highest = odds;
			*strongest = sentence;
			memcpy(of_best, likely, sizeof of_best);
		}
	}
	double whole = read_odds(all->str, likely);
	if (*strongest == NULL) {
		highest = whole;
		*strongest = sentences->len > 0 ? g_ptr_array_index(sentences, 0) : "";
		memcpy(of_best, likely, sizeof of_best);
	}
	*content_class = choose_class(of_best);
	return MAX(WHOLE * whole + (1 - WHOLE) * highest, highest - ALONE) - get_doubt(all->str);
}

typedef struct {
	char *word; /* (owned) */
	double odds;
} Weighed;

static void weighed_clear(gpointer data)
{
	g_free(((Weighed *)data)->word);
}

static int compare_weighed(gconstpointer one, gconstpointer other)
{
	double a = ((const Weighed *)one)->odds, b = ((const Weighed *)other)->odds;
	return a < b ? 1 : a > b ? -1 : 0;
}

/* What the sentence loses without each of its words. */
static void weigh_words(GArray *found, const char *sentence)
{
	double likely[SGP_TEXT_MODEL_MAX_LABELS];
	g_autofree char *limited =
		g_utf8_substring(sentence, 0, MIN(LONGEST, g_utf8_strlen(sentence, -1)));
	g_auto(GStrv) words = g_strsplit_set(limited, " \t,;:.!?()\"/<>[]", -1);
	double all = read_odds(limited, likely);
	for (guint i = 0; words[i] != NULL; i++) {
		if (g_utf8_strlen(words[i], -1) < SHORTEST_WORD)
			continue;
		g_autoptr(GString) rest = g_string_new(NULL);
		for (guint k = 0; words[k] != NULL; k++)
			g_string_append_printf(rest, "%s ", k == i ? "" : words[k]);
		Weighed one = { .odds = all - read_odds(rest->str, likely) +
					READ_ALONE * read_odds(words[i], likely) };
		one.word = g_strdup(words[i]);
		g_array_append_val(found, one);
	}
	g_array_sort(found, compare_weighed);
}

GPtrArray *sgp_content_model_dup_words(const char *sentence)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Weighed));
	g_array_set_clear_func(found, weighed_clear);
	weigh_words(found, sentence);
	for (guint i = 0; i < found->len && words->len < MAX_WORDS; i++) {
		const Weighed *one = &g_array_index(found, Weighed, i);
		gboolean is_known =
			g_ptr_array_find_with_equal_func(words, one->word, g_str_equal, NULL);
		/* The strongest is always told, whatever it weighs. */
		if (!is_known && (words->len == 0 || one->odds > TELLING))
			g_ptr_array_add(words, g_strdup(one->word));
	}
	return words;
}
