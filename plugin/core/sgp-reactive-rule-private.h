/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"

G_BEGIN_DECLS

/* What the ledger holds for one recipient and the mail's matter. */
typedef struct {
	const SgpConsentFact *phone, *letter, *agreement; /* newest that holds */
	gboolean is_withdrawn, has_expired, has_other_matter;
} SgpRuleConsents;

typedef struct {
	const SgpFacts *facts;
	const SgpRecipientFacts *recipient;
	const char *matter; /* (nullable) */
	const char *address, *domain;
	gint64 now;
} SgpRule;

/* Which permissions hold for this mail, and whether a withdrawal stands. Pure. */
void sgp_reactive_rule_read_consents(const SgpRule *rule, SgpRuleConsents *found);

G_END_DECLS
