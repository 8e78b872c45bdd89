/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the text model knows of a text: which words, stems and kinds of words stand beside or near
 * each other, and which letters in a row; each as a hash (FNV-1a, 32 bits).
 * plugin/core/model/textmodel.py makes the same (test-text-model compares them). Never weighs any
 * of it. */
#include "sgp-text-model-private.h"

#include <string.h>

#define FNV_OFFSET 2166136261u
#define FNV_PRIME  16777619u
#define MAX_KINDS  64
#define NO_KIND    MAX_KINDS
#define AT_BEGIN   1u
#define AT_END     2u
#define STEM       5

/* The features so far, open addressing; 0 is an empty place (and no feature that is worth
 * anything). */
typedef struct {
	guint32 *places; /* (owned) */
	guint32 mask;
	guint n;
	SgpTextFeatureFunc func;
	gpointer data;
} FeatureSet;

static guint32 hash_bytes(const char *bytes, gsize length, guint32 start)
{
	for (gsize i = 0; i < length; i++)
		start = (start ^ (guchar)bytes[i]) * FNV_PRIME;
	return start;
}

static void add_feature(FeatureSet *set, guint32 feature)
{
	guint32 at = (feature * 2654435761u) & set->mask;
	while (set->places[at] != 0) {
		if (set->places[at] == feature)
			return;
		at = (at + 1) & set->mask;
	}
	set->places[at] = feature;
	set->n++;
	set->func(feature, set->data);
}

static guint32 hash_number(guint32 start, guint32 number)
{
	for (guint shift = 0; shift < 32; shift += 8)
		start = (start ^ ((number >> shift) & 255)) * FNV_PRIME;
	return start;
}

static void add_two(FeatureSet *set, char letter, guint32 one, guint32 other)
{
	guint32 start = (FNV_OFFSET ^ (guchar)letter) * FNV_PRIME;
	add_feature(set, hash_number(hash_number(start, one), other));
}

static void add_one(FeatureSet *set, char letter, guint32 one)
{
	add_feature(set, hash_number((FNV_OFFSET ^ (guchar)letter) * FNV_PRIME, one));
}

static void add_three(FeatureSet *set, char letter, guint32 one, guint32 other, guint32 third)
{
	guint32 start = (FNV_OFFSET ^ (guchar)letter) * FNV_PRIME;
	add_feature(set, hash_number(hash_number(hash_number(start, one), other), third));
}

/* Words, stems and kinds of a text, with its begin and end. */
typedef struct {
	guint32 *words, *stems, *kinds; /* (owned) */
	guint n;
} Sequence;

static void sequence_init(Sequence *sequence, const SgpTextModel *model, const SgpTextWords *words)
{
	guint n = words->n + 2;
	sequence->n = n;
	sequence->words = g_new(guint32, (gsize)n * 3);
	sequence->stems = sequence->words + n;
	sequence->kinds = sequence->stems + n;
	sequence->words[0] = sequence->stems[0] = AT_BEGIN;
	sequence->words[n - 1] = sequence->stems[n - 1] = AT_END;
	sequence->kinds[0] = MAX_KINDS + 1;
	sequence->kinds[n - 1] = MAX_KINDS + 2;
	for (guint i = 0; i < words->n; i++) {
		gsize length = 0;
		const char *word = sgp_text_words_get(words, i, &length);
		int kind = sgp_text_model_find_class(model, word, length);
		sequence->words[i + 1] = hash_bytes(word, length, FNV_OFFSET);
		sequence->stems[i + 1] = hash_bytes(word, MIN(length, STEM), FNV_OFFSET);
		sequence->kinds[i + 1] = kind >= 0 ? (guint32)kind : NO_KIND;
	}
}

/* What stands further from the word at. */
static void add_gaps(FeatureSet *set, const Sequence *sequence, guint at)
{
	const guint32 *stems = sequence->stems, *kinds = sequence->kinds;
	for (guint gap = 2; gap <= 4 && at + gap < sequence->n; gap++) {
		if (gap < 4)
			add_two(set, 's', stems[at], stems[at + gap]);
		if (kinds[at] != NO_KIND && kinds[at + gap] != NO_KIND)
			add_two(set, 'S', kinds[at], kinds[at + gap]);
		if (kinds[at + gap] != NO_KIND)
			add_two(set, 'm', stems[at], kinds[at + gap]);
		if (kinds[at] != NO_KIND)
			add_two(set, 'n', kinds[at], stems[at + gap]);
	}
}

static void add_sequence(FeatureSet *set, const Sequence *sequence)
{
	const guint32 *words = sequence->words, *stems = sequence->stems, *kinds = sequence->kinds;
	for (guint i = 0; i < sequence->n; i++) {
		if (i > 0 && i + 1 < sequence->n) {
			add_one(set, '1', words[i]);
			add_one(set, 'A', kinds[i]);
		}
		if (i + 1 < sequence->n) {
			add_two(set, '2', words[i], words[i + 1]);
			add_two(set, 'q', stems[i], stems[i + 1]);
			add_two(set, 'B', kinds[i], kinds[i + 1]);
			add_two(set, 'M', words[i], kinds[i + 1]);
			add_two(set, 'N', kinds[i], words[i + 1]);
		}
		if (i + 2 < sequence->n) {
			add_three(set, '3', words[i], words[i + 1], words[i + 2]);
			add_three(set, 'C', kinds[i], kinds[i + 1], kinds[i + 2]);
		}
		add_gaps(set, sequence, i);
	}
}

/* The kinds alone: in a row, however many other words stand between them, and any two together. */
static void add_kinds(FeatureSet *set, const Sequence *sequence)
{
	gboolean is_present[MAX_KINDS] = { FALSE };
	guint32 before = NO_KIND, before_that = NO_KIND;
	for (guint i = 0; i < sequence->n; i++) {
		guint32 kind = sequence->kinds[i];
		if (kind == NO_KIND)
			continue;
		if (before != NO_KIND)
			add_two(set, 'D', before, kind);
		if (before_that != NO_KIND)
			add_three(set, 'E', before_that, before, kind);
		before_that = before;
		before = kind;
		if (kind < MAX_KINDS)
			is_present[kind] = TRUE;
	}
	for (guint i = 0; i < MAX_KINDS; i++) {
		for (guint j = i + 1; is_present[i] && j < MAX_KINDS; j++) {
			if (is_present[j])
				add_two(set, 'P', i, j);
		}
	}
}

static void add_letters(FeatureSet *set, const SgpTextWords *words)
{
	char word[SGP_TEXT_MAX_LETTERS * 6 + 2];
	const guint32 start = (FNV_OFFSET ^ (guchar)'c') * FNV_PRIME;
	for (guint i = 0; i < words->n; i++) {
		gsize length = 0;
		const char *from = sgp_text_words_get(words, i, &length);
		word[0] = '<';
		memcpy(word + 1, from, length);
		word[length + 1] = '>';
		length += 2;
		for (gsize at = 0; at + 3 <= length; at++) {
			guint32 hash = hash_bytes(word + at, 3, start);
			add_feature(set, hash);
			for (gsize end = at + 3; end < length && end < at + 5; end++) {
				hash = hash_bytes(word + end, 1, hash);
				add_feature(set, hash);
			}
		}
	}
}

guint sgp_text_features_foreach(const SgpTextModel *model, const SgpTextWords *words,
	SgpTextFeatureFunc func, gpointer data)
{
	/* At most 29 for each place, three for each byte, and the pairs of kinds. */
	gsize most = (gsize)(words->n + 2) * 32 +
		     (gsize)(words->offsets[words->n] + words->n * 2) * 3 +
		     (gsize)MIN(words->n, MAX_KINDS) * MIN(words->n, MAX_KINDS);
	gsize size = 1024;
	while (size < most + most / 4)
		size *= 2;
	FeatureSet set = { .places = g_new0(guint32, size),
		.mask = (guint32)size - 1,
		.func = func,
		.data = data };
	Sequence sequence = { 0 };
	sequence_init(&sequence, model, words);
	add_sequence(&set, &sequence);
	add_kinds(&set, &sequence);
	add_letters(&set, words);
	g_free(sequence.words);
	g_free(set.places);
	return set.n;
}
