/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of one decision as plain records. Owns their memory and the exact comparisons with the
 * office's lists; never looks anything up and never decides. A record that nobody filled in says
 * "unknown" everywhere. */
#include "sgp-facts.h"

SgpFacts *sgp_facts_new(void)
{
	SgpFacts *self = g_new0(SgpFacts, 1);
	self->class_because = g_ptr_array_new_with_free_func(g_free);
	self->unread = g_ptr_array_new_with_free_func(g_free);
	self->matters_in_subject = g_ptr_array_new_with_free_func(g_free);
	self->messages = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_message_fact_free);
	self->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_recipient_facts_free);
	return self;
}

void sgp_policy_settings_clear(SgpPolicySettings *self)
{
	g_clear_pointer(&self->own_domains, g_strfreev);
	g_clear_pointer(&self->own_addresses, g_strfreev);
	g_clear_pointer(&self->partners, g_strfreev);
	g_clear_pointer(&self->inquiry_relays, g_strfreev);
}

void sgp_facts_free(SgpFacts *self)
{
	if (self == NULL)
		return;
	sgp_policy_settings_clear(&self->settings);
	g_ptr_array_unref(self->class_because);
	g_ptr_array_unref(self->unread);
	g_free(self->matter_chosen);
	g_free(self->matter_tied);
	g_ptr_array_unref(self->matters_in_subject);
	g_ptr_array_unref(self->messages);
	g_ptr_array_unref(self->recipients);
	g_free(self);
}

SgpMessageFact *sgp_message_fact_new(void)
{
	return g_new0(SgpMessageFact, 1);
}

void sgp_message_fact_free(SgpMessageFact *self)
{
	if (self == NULL)
		return;
	g_free(self->message_id);
	g_free(self->author);
	g_strfreev(self->authors);
	g_strfreev(self->reply_to);
	g_free(self->not_personal);
	g_free(self->sentence);
	g_free(self->subject);
	g_free(self);
}

SgpConsentFact *sgp_consent_fact_new(void)
{
	return g_new0(SgpConsentFact, 1);
}

void sgp_consent_fact_free(SgpConsentFact *self)
{
	if (self == NULL)
		return;
	g_free(self->matter);
	g_free(self->id);
	g_free(self);
}

gboolean sgp_consent_fact_is_newer(const SgpConsentFact *self, const SgpConsentFact *other)
{
	int order;
	if (self->given != other->given)
		return self->given > other->given;
	order = g_strcmp0(self->id, other->id);
	return order != 0 ? order > 0 : self->entry > other->entry;
}

SgpRecipientFacts *sgp_recipient_facts_new(SgpAddress *address, SgpField field)
{
	SgpRecipientFacts *self = g_new0(SgpRecipientFacts, 1);
	self->address = sgp_address_ref(address);
	self->field = field;
	self->consents = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_consent_fact_free);
	self->keys = sgp_key_answer_new();
	self->recent = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_inquiry_offer_free);
	return self;
}

void sgp_recipient_facts_free(SgpRecipientFacts *self)
{
	if (self == NULL)
		return;
	sgp_address_unref(self->address);
	g_ptr_array_unref(self->consents);
	sgp_key_answer_free(self->keys);
	g_ptr_array_unref(self->recent);
	g_free(self);
}

static gboolean contains(const char *const *list, const char *item)
{
	return list != NULL && item != NULL && g_strv_contains(list, item);
}

gboolean sgp_facts_is_confirmed(
	const SgpFacts *self, const char *kind, const char *detail, const char *address)
{
	g_autofree char *id = sgp_question_dup_id(kind, detail, address);
	return contains(self->confirmed, id);
}

const char *sgp_facts_get_overrule_reason(const SgpFacts *self, const char *objection_id)
{
	if (self->overrules == NULL || objection_id == NULL)
		return NULL;
	const char *reason = g_hash_table_lookup(self->overrules, objection_id);
	return reason != NULL && *reason != '\0' ? reason : NULL;
}

/* A domain vouches for its own people only: "kunde%example.net@" it is the way to somebody else's.
 * An address that the administrator named as a whole is meant as it is (threat: relaying past the
 * rule; test /reactive-rule/an-address-that-leads-on-is-outside). */
gboolean sgp_policy_settings_is_internal(const SgpPolicySettings *self, const SgpAddress *address)
{
	return (!sgp_address_is_routed(address) && contains((const char *const *)self->own_domains,
							   sgp_address_get_domain(address))) ||
	       contains((const char *const *)self->own_addresses,
		       sgp_address_get_addr_spec(address));
}

gboolean sgp_policy_settings_is_partner(const SgpPolicySettings *self, const SgpAddress *address)
{
	return (!sgp_address_is_routed(address) && contains((const char *const *)self->partners,
							   sgp_address_get_domain(address))) ||
	       contains((const char *const *)self->partners, sgp_address_get_addr_spec(address));
}
