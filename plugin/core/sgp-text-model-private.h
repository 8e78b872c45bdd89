/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-text-model.h"
#include "sgp-text-words-private.h"

G_BEGIN_DECLS

/* The number of the kind that a word belongs to, or -1. */
int sgp_text_model_find_class(const SgpTextModel *model, const char *word, gsize length);
/* Adds the weights of one feature. */
typedef void (*SgpTextFeatureFunc)(guint32 feature, gpointer data);
/* Calls once for each different feature of the words; returns how many there are. */
guint sgp_text_features_foreach(const SgpTextModel *model, const SgpTextWords *words,
	SgpTextFeatureFunc func, gpointer data);

G_END_DECLS
