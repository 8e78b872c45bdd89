/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-content-class.h"

G_BEGIN_DECLS

/* How much a term says alone. */
typedef enum {
	SGP_CONTENT_TERM_CERTAIN = 0, /* zero: it raises the class */
	SGP_CONTENT_TERM_WEAK,        /* only together with another weak one: a doctor, a pain */
	SGP_CONTENT_TERM_AMBIGUOUS,   /* has other meanings: Kinderkrankheiten, Motordiagnose */
} SgpContentTermWeight;

/* The term that a word holds. word: folded (lower case, ae for ä, no hyphens). content_class,
 * is_weak: (out) untouched if there is none; a weak term tells only together with another.
 * (borrowed) (nullable) */
const char *sgp_content_terms_find(
	const char *word, SgpContentClass *content_class, SgpContentTermWeight *weight);

typedef void (*SgpContentPhraseFunc)(
	const char *phrase, SgpContentClass content_class, gpointer user_data);
/* Calls for each phrase in words: folded, one blank between them. */
void sgp_content_terms_foreach_phrase(
	const char *words, SgpContentPhraseFunc func, gpointer user_data);

G_END_DECLS
