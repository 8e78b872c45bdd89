/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* More than this of one text is not read. */
#define SGP_OWN_WORDS_MAX_TEXT (256 * 1024)

/* One sentence of a mail's author. */
typedef struct {
	char *text;         /* (owned) as written, white space collapsed */
	gboolean is_footer; /* may be nobody's own word for this mail: after the closing formula,
			       among quoted text that was said to hold answers, or hidden in HTML */
} SgpSentence;

void sgp_sentence_free(SgpSentence *self);
/* What the author wrote: without quoted and forwarded text, attribution lines, signature, legal
 * footers and our own notice. (element-type SgpSentence) (transfer full) */
GPtrArray *sgp_own_words_from_text(const char *text);
/* The same for HTML. What is hidden in it (display:none, white, tiny) is a footer, last of all. */
GPtrArray *sgp_own_words_from_html(const char *html);
/* Is this sentence one of our own notice about e-mail (the seed's text), which everybody quotes
 * back to us? */
gboolean sgp_own_words_is_own_notice(const char *sentence);
/* HTML to plain text for reading; paragraphs and line breaks become newlines. keep_quotes:
 * everything that leaves with the mail, hidden or not, attributes, link targets and comments too
 * (last, a paragraph each); else without signatures, and with ">" for
 * each quote. Never fails. (transfer full) */
char *sgp_own_words_text_from_html(const char *html, gboolean keep_quotes);
/* Holds pictures or other files in "data:" links, which nobody here reads. */
gboolean sgp_own_words_has_data(const char *html);

G_END_DECLS
