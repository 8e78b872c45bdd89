/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-channel.h"
#include "sgp-content-class.h"
#include "sgp-inquiry-scan.h"
#include "sgp-key.h"

G_BEGIN_DECLS

/* What happened, as a sentence in the user's language: the message of core where it is known word
 * for word, else what its code means, with the message behind it. nick: of the code. (transfer
 * full) */
char *sgp_cli_words_dup_error(const char *nick, const char *message);
/* What the user can do about a code. */
const char *sgp_cli_words_get_error_remedy(const char *nick);

const char *sgp_cli_words_get_class(SgpContentClass content_class);
const char *sgp_cli_words_get_channel(SgpChannel channel);
const char *sgp_cli_words_get_key_state(SgpKeyState state);
/* What a key's reason says more closely, where that is a nick; else the text itself, a date. */
const char *sgp_cli_words_get_key_detail(const char *detail);
const char *sgp_cli_words_get_origin(SgpKeyOrigin origin);
const char *sgp_cli_words_get_opt_out(SgpOptOut opt_out);
/* Nicks that this version has no words for are returned as they are. */
const char *sgp_cli_words_get_reason(const char *nick);
const char *sgp_cli_words_get_question(const char *nick);
/* Why a copy waits: an error's nick, or what staff wrote. */
const char *sgp_cli_words_get_problem(const char *text);
/* What is being done, while it takes time. */
const char *sgp_cli_words_get_stage(const char *nick);
const char *sgp_cli_words_get_state(const char *nick);
/* A remedy of a verdict, as what to call. (transfer full) */
char *sgp_cli_words_dup_remedy(const char *nick, const char *address);
/* What the ledger's verification found at an entry. (transfer full) */
char *sgp_cli_words_dup_tampering(const char *nick, gint64 entry);

G_END_DECLS
