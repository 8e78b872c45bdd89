/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a line of a received mail is, by how mail programs write. lines: (element-type utf8)
 * normalised, without line ends. */

/* Marked as somebody else's, or a place where our HTML reader left out a quote. */
gboolean sgp_own_words_is_quoted(const char *line);
/* The first line from here that is not empty is marked. */
gboolean sgp_own_words_is_quote_marked(const GPtrArray *lines, guint from);
/* How many lines from here are "... schrieb am ...:", 0 if none. is_sure: it names time or address
 * and ends with a colon; else only a marked quote below it makes it one. */
guint sgp_own_words_count_attribution(const GPtrArray *lines, guint at, gboolean *is_sure);
/* How many lines from here say that a former or forwarded mail follows, 0 if none:
 * "-----Ursprüngliche Nachricht-----", and the block of Von:, Gesendet:, An:, Betreff:. */
guint sgp_own_words_count_divider(const GPtrArray *lines, guint at);
/* "-- ": all that follows is a signature. */
gboolean sgp_own_words_is_signature(const char *line);
/* "Von meinem iPhone gesendet": what follows may be a footer. */
gboolean sgp_own_words_is_device_line(const char *line);
/* "Mit freundlichen Grüßen": what comes after it is often a footer. */
gboolean sgp_own_words_is_closing(const char *line);
gboolean sgp_own_words_is_postscript(const char *line);
/* Dashes, underscores and the like, and nothing else. */
gboolean sgp_own_words_is_rule(const char *line);
/* "Meine Antworten stehen unten im Text": there are own words among those of others. */
gboolean sgp_own_words_announces_inline(const char *sentence);
/* A sentence that a lawyer or a scanner wrote for every mail. */
gboolean sgp_own_words_is_legal(const char *sentence);
/* Could be a lawyer's, could be the author's. */
gboolean sgp_own_words_is_perhaps_legal(const char *sentence);

/* HTML as lines of text: quotes are lines ">", signatures are left out. hidden: (out) (nullable)
 * what nobody sees; NULL if there is none. (transfer full) */
char *sgp_own_words_lines_from_html(const char *html, char **hidden);

G_END_DECLS
