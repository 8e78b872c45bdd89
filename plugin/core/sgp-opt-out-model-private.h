/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How likely a text is an objection, asks for e-mail, or for encryption; 0 to 1. */
typedef struct {
	double objects, asks, encrypts;
} SgpOptOutScore;

/* Pure, thread-safe. Without usable weights everything is an objection: that asks. */
SgpOptOutScore sgp_opt_out_model_read(const char *text);
/* Has the text a word that speaks of ways of answering (mail, paper, telephone, to write, to read,
 * ...)? TRUE without usable weights. Pure, thread-safe. */
gboolean sgp_opt_out_model_tells(const char *text);

/* What a word is about, as opt-out-classes.tsv says. */
typedef enum {
	SGP_OPT_OUT_WORD_PLAIN = 0, /* anything else */
	SGP_OPT_OUT_WORD_MAIL,      /* names e-mail, an address or a mailbox */
	SGP_OPT_OUT_WORD_OTHER_WAY, /* names another way of answering */
	SGP_OPT_OUT_WORD_NEGATION,
	SGP_OPT_OUT_WORD_TOLD,    /* tells what was, or what came */
	SGP_OPT_OUT_WORD_FOREIGN, /* others who read it, what is closed, borrowed or not trusted */
} SgpOptOutWord;

/* word: folded as sgp_text_words_init() folds. Pure, thread-safe. */
SgpOptOutWord sgp_opt_out_model_find_word(const char *word, gsize length);

G_END_DECLS
