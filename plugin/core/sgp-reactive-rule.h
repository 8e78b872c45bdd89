/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"

G_BEGIN_DECLS

/* May we write to this recipient at all (03-policy 1, seed S1 to S5)? Pure. Fills the basis part of
 * verdict, sets its action as far as the basis decides it, and adds open questions to questions.
 * matter: (nullable) the mail's. now: seconds UTC. names_plain: (out) a standing agreement that
 * holds names unencrypted mail. encrypted_only: (out) the customer asked for it. */
void sgp_reactive_rule_decide(const SgpFacts *facts, const SgpRecipientFacts *recipient,
	const char *matter, gint64 now, SgpRecipientVerdict *verdict, GPtrArray *questions,
	gboolean *names_plain, gboolean *encrypted_only);
/* Would the mail have an inquiry as its basis, as far as is known, if it answered the conversation
 * with these messages? messages: (element-type SgpMessageFact). Pure. */
gboolean sgp_reactive_rule_could_answer(
	const SgpFacts *facts, const SgpRecipientFacts *recipient, GPtrArray *messages, gint64 now);

G_END_DECLS
