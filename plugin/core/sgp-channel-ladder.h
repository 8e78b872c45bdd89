/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"

G_BEGIN_DECLS

/* By which channel (03-policy 2, seed S6 to S11)? Pure. Fills the channel part of verdict
 * (verdict->basis is set already), lowers its action where the channel demands it, adds open
 * questions. is_protected: for this recipient. names_plain: a standing agreement names unencrypted
 * mail. */
void sgp_channel_ladder_decide(const SgpFacts *facts, const SgpRecipientFacts *recipient,
	gboolean is_protected, gboolean names_plain, SgpRecipientVerdict *verdict,
	GPtrArray *questions);

G_END_DECLS
