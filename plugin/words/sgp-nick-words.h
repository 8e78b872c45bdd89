/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sentences for nicks, in the user's language. nick: (nullable). NULL: a nick that this version
 * does not know. The strings live as long as the program. */

const char *sgp_nick_words_lookup_channel(const char *nick); /* one word: "OpenPGP" */
const char *sgp_nick_words_lookup_class(const char *nick);
/* Why a stronger channel was not taken, or a key not used. */
const char *sgp_nick_words_lookup_reason(const char *nick);
/* What comes behind a reason about a key; dates and algorithms have no words. */
const char *sgp_nick_words_lookup_key_detail(const char *nick);
const char *sgp_nick_words_lookup_question(const char *nick);
const char *sgp_nick_words_lookup_stage(const char *nick); /* what is being done */
const char *sgp_nick_words_lookup_spool_state(const char *nick);
/* Why a copy in the spool waits, where that is no error. */
const char *sgp_nick_words_lookup_spool_problem(const char *nick);

G_END_DECLS
