/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the weights that plugin/core/model made and adds up those of a text's features
 * (multinomial logistic regression). Knows the file; never knows what its labels are for. */
#include "sgp-text-model.h"

#include <math.h>
#include <string.h>

#include "sgp-text-model-private.h"

#define MAGIC         "SGPTEXT1"
#define DIGEST_BYTES  32
#define NAME_BYTES    24
#define HEAD_BYTES    (8 + 3 * 4 + DIGEST_BYTES)
#define LABEL_BYTES   (NAME_BYTES + 2 * 4)
#define FIXED_POINT   65536.0
#define FNV_OFFSET    2166136261u
#define FNV_PRIME     16777619u
#define SHORTEST_HEAD 3
#define SHORTEST_TAIL 4

struct _SgpTextModel {
	guint n_labels, n_features, n_words;
	char labels[SGP_TEXT_MODEL_MAX_LABELS][NAME_BYTES + 1];
	double scales[SGP_TEXT_MODEL_MAX_LABELS], biases[SGP_TEXT_MODEL_MAX_LABELS];
	const guint8 *digest; /* (not owned) */
	guint32 *features;    /* (owned) sorted */
	guint32 *first;       /* (owned) where the features begin whose upper 16 bits these are */
	guint32 *words;       /* (owned) hashes of the words that have a kind, sorted */
	const gint8 *weights; /* (not owned) n_features times n_labels */
	const guint8 *word_kinds; /* (not owned) */
};

static guint32 read_number(const guint8 *bytes)
{
	guint32 number = 0;
	memcpy(&number, bytes, sizeof number);
	return GUINT32_FROM_LE(number);
}

static guint32 *read_numbers(const guint8 *bytes, guint n)
{
	guint32 *numbers = g_new(guint32, (gsize)n + 1);
	for (guint i = 0; i < n; i++)
		numbers[i] = read_number(bytes + (gsize)i * 4);
	return numbers;
}

static void index_features(SgpTextModel *model)
{
	model->first = g_new(guint32, 65537);
	guint at = 0;
	for (guint upper = 0; upper <= 65536; upper++) {
		while (at < model->n_features && (model->features[at] >> 16) < upper)
			at++;
		model->first[upper] = at;
	}
}

SgpTextModel *sgp_text_model_new(const guint8 *bytes, gsize length)
{
	if (length < HEAD_BYTES || memcmp(bytes, MAGIC, 8) != 0)
		return NULL;
	guint n_labels = read_number(bytes + 8), n_features = read_number(bytes + 12),
	      n_words = read_number(bytes + 16);
	if (n_labels == 0 || n_labels > SGP_TEXT_MODEL_MAX_LABELS || n_features > length ||
		n_words > length)
		return NULL;
	gsize expected = HEAD_BYTES + (gsize)n_labels * LABEL_BYTES +
			 (gsize)n_features * (4 + n_labels) + (gsize)n_words * 5;
	if (length != expected)
		return NULL;
	SgpTextModel *model = g_new0(SgpTextModel, 1);
	model->n_labels = n_labels;
	model->n_features = n_features;
	model->n_words = n_words;
	model->digest = bytes + 20;
	const guint8 *at = bytes + HEAD_BYTES;
	for (guint i = 0; i < n_labels; i++, at += LABEL_BYTES) {
		memcpy(model->labels[i], at, NAME_BYTES);
		model->scales[i] = (gint32)read_number(at + NAME_BYTES) / FIXED_POINT;
		model->biases[i] = (gint32)read_number(at + NAME_BYTES + 4) / FIXED_POINT;
	}
	model->features = read_numbers(at, n_features);
	at += (gsize)n_features * 4;
	model->words = read_numbers(at, n_words);
	at += (gsize)n_words * 4;
	model->weights = (const gint8 *)at;
	model->word_kinds = at + (gsize)n_features * n_labels;
	index_features(model);
	return model;
}

void sgp_text_model_free(SgpTextModel *model)
{
	g_free(model->features);
	g_free(model->first);
	g_free(model->words);
	g_free(model);
}

guint sgp_text_model_get_n_labels(const SgpTextModel *model)
{
	return model->n_labels;
}

const char *sgp_text_model_get_label(const SgpTextModel *model, guint label)
{
	return label < model->n_labels ? model->labels[label] : "";
}

const guint8 *sgp_text_model_get_data_digest(const SgpTextModel *model)
{
	return model->digest;
}

/* --- The kinds of words --- */

static int lookup_word(const SgpTextModel *model, guint32 hash)
{
	guint from = 0, to = model->n_words;
	while (from < to) {
		guint middle = from + (to - from) / 2;
		if (model->words[middle] == hash)
			return model->word_kinds[middle];
		if (model->words[middle] < hash)
			from = middle + 1;
		else
			to = middle;
	}
	return -1;
}

static guint32 add_byte(guint32 hash, char byte)
{
	return (hash ^ (guchar)byte) * FNV_PRIME;
}

int sgp_text_model_find_class(const SgpTextModel *model, const char *word, gsize length)
{
	guint32 hashes[SGP_TEXT_MAX_LETTERS * 6 + 1];
	if (model->n_words == 0)
		return -1;
	hashes[0] = FNV_OFFSET;
	for (gsize i = 0; i < length; i++)
		hashes[i + 1] = add_byte(hashes[i], word[i]);
	int kind = lookup_word(model, hashes[length]);
	for (gsize n = length; kind < 0 && n >= SHORTEST_HEAD; n--)
		kind = lookup_word(model, add_byte(hashes[n], '*'));
	for (gsize n = length - 1; kind < 0 && length > 0 && n >= SHORTEST_TAIL; n--) {
		guint32 hash = add_byte(FNV_OFFSET, '*');
		for (gsize i = length - n; i < length; i++)
			hash = add_byte(hash, word[i]);
		kind = lookup_word(model, hash);
	}
	return kind;
}

/* --- The sum --- */

typedef struct {
	const SgpTextModel *model;
	gint32 sums[SGP_TEXT_MODEL_MAX_LABELS];
} Sum;

static void add_weights(guint32 feature, gpointer data)
{
	Sum *sum = data;
	const SgpTextModel *model = sum->model;
	guint to = model->first[(feature >> 16) + 1];
	for (guint at = model->first[feature >> 16]; at < to; at++) {
		if (model->features[at] != feature)
			continue;
		const gint8 *weights = model->weights + (gsize)at * model->n_labels;
		for (guint label = 0; label < model->n_labels; label++)
			sum->sums[label] += weights[label];
		return;
	}
}

guint sgp_text_model_read(const SgpTextModel *model, const char *text, double *probabilities)
{
	g_auto(SgpTextWords) words = { 0 };
	Sum sum = { .model = model };
	sgp_text_words_init(&words, text);
	guint n = sgp_text_features_foreach(model, &words, add_weights, &sum);
	double highest = -G_MAXDOUBLE, total = 0;
	for (guint i = 0; i < SGP_TEXT_MODEL_MAX_LABELS; i++)
		probabilities[i] = 0;
	for (guint i = 0; i < model->n_labels; i++) {
		probabilities[i] =
			model->biases[i] + model->scales[i] * sum.sums[i] / sqrt(MAX(n, 1));
		highest = MAX(highest, probabilities[i]);
	}
	for (guint i = 0; i < model->n_labels; i++) {
		probabilities[i] = exp(probabilities[i] - highest);
		total += probabilities[i];
	}
	for (guint i = 0; i < model->n_labels; i++)
		probabilities[i] /= total;
	return words.n;
}
