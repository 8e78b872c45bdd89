/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger's records mean for one mail: permissions for its matter, agreements, and the
 * withdrawal that refuses them until something newer is recorded. Pure; never decides whether the
 * mail may be written (sgp-reactive-rule does). */
#include "sgp-reactive-rule-private.h"

static gboolean is_newer(const SgpConsentFact *one, const SgpConsentFact *other)
{
	return other == NULL || sgp_consent_fact_is_newer(one, other);
}

static gboolean is_valid(const SgpRule *rule, const SgpConsentFact *consent)
{
	return !consent->is_matter_closed &&
	       (consent->valid_until == 0 || rule->now <= consent->valid_until);
}

static const SgpConsentFact *newest_withdrawal(const SgpRule *rule)
{
	const SgpConsentFact *newest = NULL;
	for (guint i = 0; i < rule->recipient->consents->len; i++) {
		const SgpConsentFact *consent = g_ptr_array_index(rule->recipient->consents, i);
		if (consent->kind == SGP_BASIS_NONE && consent->given <= rule->now &&
			is_newer(consent, newest))
			newest = consent;
	}
	return newest;
}

static const SgpConsentFact **slot_of(SgpRuleConsents *found, SgpBasis kind)
{
	switch (kind) {
	case SGP_BASIS_PHONE:
		return &found->phone;
	case SGP_BASIS_LETTER:
		return &found->letter;
	case SGP_BASIS_AGREEMENT:
		return &found->agreement;
	case SGP_BASIS_NONE:
	case SGP_BASIS_INTERNAL:
	case SGP_BASIS_PARTNER:
	case SGP_BASIS_INQUIRY:
		return NULL;
	}
	return NULL;
}

/* Only records newer than the newest withdrawal count; one that holds for this mail lifts it. */
void sgp_reactive_rule_read_consents(const SgpRule *rule, SgpRuleConsents *found)
{
	const SgpConsentFact *withdrawal = newest_withdrawal(rule);
	for (guint i = 0; i < rule->recipient->consents->len; i++) {
		const SgpConsentFact *consent = g_ptr_array_index(rule->recipient->consents, i);
		const SgpConsentFact **slot = slot_of(found, consent->kind);
		if (slot == NULL || consent->given > rule->now ||
			(withdrawal != NULL && !is_newer(consent, withdrawal)))
			continue;
		gboolean bound = consent->kind != SGP_BASIS_AGREEMENT;
		gboolean fits = !bound || g_strcmp0(consent->matter, rule->matter) == 0;
		if (!is_valid(rule, consent)) {
			if (fits || rule->matter == NULL)
				found->has_expired = TRUE;
		} else if (!fits || (bound && rule->matter == NULL)) {
			found->has_other_matter = TRUE;
		} else if (is_newer(consent, *slot)) {
			*slot = consent;
		}
	}
	found->is_withdrawn = withdrawal != NULL && found->phone == NULL && found->letter == NULL &&
			      found->agreement == NULL;
}
