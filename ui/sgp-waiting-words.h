/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What staff should know of mails that the portal has not got yet, in one or two sentences; NULL if
 * there is nothing to say: none wait, or they are just on their way. n_waiting and portal_state
 * (nullable) as the agent's properties say. (transfer full) (nullable) */
char *sgp_waiting_words_dup(guint n_waiting, const char *portal_state);
/* How many wait, for the preferences; G_MAXUINT: could not look. (transfer full) */
char *sgp_waiting_words_dup_count(guint n_waiting);
/* The same of mails that nothing delivers any more until a person does something. (transfer full)
 * (nullable) */
char *sgp_waiting_words_dup_held(guint n_held);

G_END_DECLS
