/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One sentence of a mail's author. */
typedef struct {
	char *text;         /* (owned) as written, white space collapsed */
	gboolean is_footer; /* after the closing formula: may be a footer that nobody wrote for this
			       mail */
} SgpSentence;

void sgp_sentence_free(SgpSentence *self);
/* What the author wrote: without quoted and forwarded text, attribution lines, signature, legal
 * footers and our own notice. (element-type SgpSentence) (transfer full) */
GPtrArray *sgp_own_words_from_text(const char *text);
/* Is this sentence one of our own notice about e-mail (the seed's text), which everybody quotes
 * back to us? */
gboolean sgp_own_words_is_own_notice(const char *sentence);
/* HTML to plain text for reading: without blockquotes and the quoting, signature and hidden
 * elements of known mail programs; paragraphs and line breaks become newlines. keep_quotes:
 * everything that would be shown. Never fails. (transfer full) */
char *sgp_own_words_text_from_html(const char *html, gboolean keep_quotes);

G_END_DECLS
