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

/* FNV_PRIME to the fourth: what hash_number() does to a number of one byte, at once. */
#define FNV_PRIME_4 (FNV_PRIME * FNV_PRIME * FNV_PRIME * FNV_PRIME)

/* The features so far, open addressing; 0 is an empty place (and no feature that is worth
 * anything). */
typedef struct {
	guint32 *places; /* (borrowed) from the thread's room */
	guint32 *taken;  /* (borrowed) which places are not empty, n of them */
	guint32 mask;
	guint n;
	SgpTextFeatureFunc func;
	gpointer data;
} FeatureSet;

/* One for each thread that reads: every sentence needs one, and only the places that were taken are
 * emptied again. */
typedef struct {
	guint32 *places; /* (owned) all empty between two texts */
	guint32 *taken;  /* (owned) */
	gsize size;
} Room;

static void room_free(gpointer data)
{
	Room *room = data;
	g_free(room->places);
	g_free(room->taken);
	g_free(room);
}

static Room *get_room(gsize size)
{
	static GPrivate rooms = G_PRIVATE_INIT(room_free);
	Room *room = g_private_get(&rooms);
	if (room == NULL) {
		room = g_new0(Room, 1);
		g_private_set(&rooms, room);
	}
	if (room->size < size) {
		g_free(room->places);
		g_free(room->taken);
		room->places = g_new0(guint32, size);
		room->taken = g_new(guint32, size);
		room->size = size;
	}
	return room;
}

static guint32 hash_bytes(const char *bytes, gsize length, guint32 start)
{
	for (gsize i = 0; i < length; i++)
		start = (start ^ (guchar)bytes[i]) * FNV_PRIME;
	return start;
}

static inline void add_feature(FeatureSet *set, guint32 feature)
{
	guint32 at = (feature * 2654435761u) & set->mask;
	while (set->places[at] != 0) {
		if (set->places[at] == feature)
			return;
		at = (at + 1) & set->mask;
	}
	set->places[at] = feature;
	set->taken[set->n++] = at;
	set->func(feature, set->data);
}

static inline guint32 hash_letter(char letter)
{
	return (FNV_OFFSET ^ (guchar)letter) * FNV_PRIME;
}

static inline guint32 hash_number(guint32 start, guint32 number)
{
	for (guint shift = 0; shift < 32; shift += 8)
		start = (start ^ ((number >> shift) & 255)) * FNV_PRIME;
	return start;
}

/* The same for a number below 256, as all kinds are. */
static inline guint32 hash_kind(guint32 start, guint32 kind)
{
	return (start ^ kind) * FNV_PRIME_4;
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
	guint32 near = hash_number(hash_letter('s'), stems[at]);
	guint32 beside = hash_number(hash_letter('m'), stems[at]);
	guint32 both = hash_kind(hash_letter('S'), kinds[at]);
	guint32 before = hash_kind(hash_letter('n'), kinds[at]);
	for (guint gap = 2; gap <= 4 && at + gap < sequence->n; gap++) {
		guint32 kind = kinds[at + gap];
		if (gap < 4)
			add_feature(set, hash_number(near, stems[at + gap]));
		if (kinds[at] != NO_KIND && kind != NO_KIND)
			add_feature(set, hash_kind(both, kind));
		if (kind != NO_KIND)
			add_feature(set, hash_kind(beside, kind));
		if (kinds[at] != NO_KIND)
			add_feature(set, hash_number(before, stems[at + gap]));
	}
}

static void add_sequence(FeatureSet *set, const Sequence *sequence)
{
	const guint32 *words = sequence->words, *stems = sequence->stems, *kinds = sequence->kinds;
	for (guint i = 0; i < sequence->n; i++) {
		if (i > 0 && i + 1 < sequence->n) {
			add_feature(set, hash_number(hash_letter('1'), words[i]));
			add_feature(set, hash_kind(hash_letter('A'), kinds[i]));
		}
		if (i + 1 < sequence->n) {
			guint32 two = hash_number(hash_letter('2'), words[i]);
			guint32 stem = hash_number(hash_letter('q'), stems[i]);
			guint32 kind = hash_kind(hash_letter('B'), kinds[i]);
			guint32 word = hash_number(hash_letter('M'), words[i]);
			guint32 after = hash_kind(hash_letter('N'), kinds[i]);
			add_feature(set, hash_number(two, words[i + 1]));
			add_feature(set, hash_number(stem, stems[i + 1]));
			add_feature(set, hash_kind(kind, kinds[i + 1]));
			add_feature(set, hash_kind(word, kinds[i + 1]));
			add_feature(set, hash_number(after, words[i + 1]));
		}
		if (i + 2 < sequence->n) {
			guint32 word = hash_number(hash_letter('3'), words[i]);
			guint32 kind = hash_kind(hash_letter('C'), kinds[i]);
			word = hash_number(word, words[i + 1]);
			kind = hash_kind(kind, kinds[i + 1]);
			add_feature(set, hash_number(word, words[i + 2]));
			add_feature(set, hash_kind(kind, kinds[i + 2]));
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
			add_feature(set, hash_kind(hash_kind(hash_letter('D'), before), kind));
		if (before_that != NO_KIND)
			add_feature(set,
				hash_kind(
					hash_kind(hash_kind(hash_letter('E'), before_that), before),
					kind));
		before_that = before;
		before = kind;
		if (kind < MAX_KINDS)
			is_present[kind] = TRUE;
	}
	for (guint i = 0; i < MAX_KINDS; i++) {
		for (guint j = i + 1; is_present[i] && j < MAX_KINDS; j++) {
			if (is_present[j])
				add_feature(set, hash_kind(hash_kind(hash_letter('P'), i), j));
		}
	}
}

static void add_letters(FeatureSet *set, const SgpTextWords *words)
{
	char word[SGP_TEXT_MAX_LETTERS * 6 + 2];
	const guint32 start = hash_letter('c');
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
	Room *room = get_room(size);
	FeatureSet set = { .places = room->places,
		.taken = room->taken,
		.mask = (guint32)size - 1,
		.func = func,
		.data = data };
	Sequence sequence = { 0 };
	sequence_init(&sequence, model, words);
	add_sequence(&set, &sequence);
	add_kinds(&set, &sequence);
	add_letters(&set, words);
	g_free(sequence.words);
	for (guint i = 0; i < set.n; i++)
		room->places[set.taken[i]] = 0;
	return set.n;
}
