/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A trained linear model of short texts: which of its labels fits? The weights are made by
 * plugin/core/model and are part of the program. */
typedef struct _SgpTextModel SgpTextModel;

/* No model has more labels. */
#define SGP_TEXT_MODEL_MAX_LABELS 8

/* bytes: the file, borrowed, must outlive the model. NULL: it is not one, or it is cut off.
 * (transfer full) (nullable) */
SgpTextModel *sgp_text_model_new(const guint8 *bytes, gsize length);
void sgp_text_model_free(SgpTextModel *model);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpTextModel, sgp_text_model_free)

guint sgp_text_model_get_n_labels(const SgpTextModel *model);
/* "" for a label that there is not. */
const char *sgp_text_model_get_label(const SgpTextModel *model, guint label);
/* SHA-256 of the data that the weights were made from, 32 bytes. */
const guint8 *sgp_text_model_get_data_digest(const SgpTextModel *model);

/* How likely each label is, 0 to 1, together 1. text: UTF-8; the first 2000 words count.
 * probabilities: (out) (array of SGP_TEXT_MODEL_MAX_LABELS), zero beyond the labels there are.
 * Returns the number of words read; 0 says that the probabilities tell nothing of this text.
 * Pure, thread-safe. */
guint sgp_text_model_read(const SgpTextModel *model, const char *text, double *probabilities);

G_END_DECLS
