/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-content-class.h"

G_BEGIN_DECLS

/* From here on a text is protected for the model alone: train-content.py --check says what that
 * finds and what it takes for it. A false alarm costs less than a miss, so this is below zero. */
#define SGP_CONTENT_MODEL_RAISES (-0.5)
/* Below this it contradicts a finding by a word that has other meanings too. */
#define SGP_CONTENT_MODEL_DENIES (-0.6)

/* How much likelier it is that these sentences are about a person's health, insurance or secrets
 * than that they are not, as a natural logarithm. sentences: (element-type utf8) of one mail or one
 * part of a document, without our own notice. strongest: (out) (nullable) the sentence that says
 * most, borrowed. content_class: (out) the protected class it would be. Pure, thread-safe. */
double sgp_content_model_read(
	const GPtrArray *sentences, const char **strongest, SgpContentClass *content_class);
/* The words of a sentence that weigh most, at most three, as written. (transfer full) (element-type
 * utf8) */
GPtrArray *sgp_content_model_dup_words(const char *sentence);

G_END_DECLS
