/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SGP_TEXT_MAX_WORDS   2000
#define SGP_TEXT_MAX_LETTERS 24

/* The words of a text as the text model sees them. */
typedef struct {
	char *bytes;      /* (owned) one after the other */
	guint32 *offsets; /* (owned) n + 1 of them */
	guint n;
} SgpTextWords;

/* Lower case, ä as ae, ß as ss, no accents, hyphens or apostrophes, letters that only look Latin
 * made Latin; a number is 0, an address @, the marks , ! ? : . are words. */
void sgp_text_words_init(SgpTextWords *words, const char *text);
void sgp_text_words_clear(SgpTextWords *words);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpTextWords, sgp_text_words_clear)

const char *sgp_text_words_get(const SgpTextWords *words, guint at, gsize *length);

G_END_DECLS
