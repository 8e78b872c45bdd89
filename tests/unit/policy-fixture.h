/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "sgp-policy.h"

/* Facts for the pure rule: one office, one customer, a clock that stands still. */

#define NOW   ((gint64)1795504380) /* 2026-11-24 */
#define DAY   ((gint64)86400)
#define ERIKA "erika@kunde.example"

static inline GStrv strv_of(const char *item)
{
	const char *items[] = { item, NULL };
	return g_strdupv((GStrv)items);
}

static inline SgpRecipientFacts *add_recipient(SgpFacts *facts, const char *addr_spec)
{
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, NULL);
	SgpRecipientFacts *one = sgp_recipient_facts_new(address, SGP_FIELD_TO);
	one->has_consents = TRUE;
	one->keys->is_known = TRUE;
	one->mailbox = SGP_MAILBOX_STATE_REGISTERED;
	one->transport = SGP_KNOWLEDGE_NO;
	one->wants_encryption = SGP_KNOWLEDGE_NO;
	g_ptr_array_add(facts->recipients, one);
	return one;
}

/* A reply to ERIKA, everything known, nothing there, a portal configured. */
static inline SgpFacts *new_facts(void)
{
	SgpFacts *facts = sgp_facts_new();
	facts->settings.inquiry_valid_days = 365;
	facts->settings.internal_encryption = SGP_INTERNAL_ENCRYPTION_NEVER;
	facts->settings.own_domains = strv_of("office.example");
	facts->settings.own_addresses = strv_of("boss@private.example");
	facts->settings.partners = strv_of("insurer.example");
	facts->settings.inquiry_relays = strv_of("form@office.example");
	facts->subject = "AW: Schaden";
	facts->is_reply = TRUE;
	facts->history_complete = TRUE;
	facts->class_found = SGP_CONTENT_CLASS_GENERAL;
	facts->has_portal = TRUE;
	add_recipient(facts, ERIKA);
	return facts;
}

static inline SgpMessageFact *add_message(SgpFacts *facts, const char *author, gint64 age)
{
	SgpMessageFact *message = sgp_message_fact_new();
	message->author = g_strdup(author);
	message->message_id = g_strdup_printf("m%u@kunde.example", facts->messages->len);
	message->is_judged = TRUE;
	message->is_received = TRUE;
	message->opt_out = SGP_OPT_OUT_NONE;
	message->subject = g_strdup("Schaden");
	message->date = NOW - age;
	g_ptr_array_add(facts->messages, message);
	return message;
}

static inline SgpMessageFact *add_words(
	SgpFacts *facts, const char *author, gint64 age, SgpOptOut opt_out)
{
	SgpMessageFact *message = add_message(facts, author, age);
	message->opt_out = opt_out;
	message->sentence = g_strdup("Bitte nicht per E-Mail.");
	return message;
}

static inline SgpConsentFact *add_consent(
	SgpFacts *facts, SgpBasis kind, const char *matter, gint64 age)
{
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	SgpConsentFact *consent = sgp_consent_fact_new();
	consent->entry = one->consents->len + 1;
	consent->kind = kind;
	consent->matter = g_strdup(matter);
	consent->given = NOW - age;
	g_ptr_array_add(one->consents, consent);
	return consent;
}

static inline SgpKey *add_key(
	SgpRecipientFacts *one, SgpChannel channel, SgpKeyState state, gboolean verified)
{
	g_autofree char *fingerprint = g_strdup_printf("%040u", one->keys->keys->len + 1);
	SgpKey *key = sgp_key_new(channel, fingerprint, state, NULL);
	key->verified = verified;
	key->standing = verified ? SGP_KEY_STANDING_VERIFIED : SGP_KEY_STANDING_PORTAL;
	g_ptr_array_add(one->keys->keys, key);
	return key;
}

/* Decides, and takes the facts. */
static inline SgpVerdict *decide(SgpFacts *taken)
{
	g_autoptr(SgpFacts) facts = taken;
	return sgp_policy_decide(facts, NOW);
}

static inline const SgpRecipientVerdict *first_of(const SgpVerdict *verdict)
{
	return g_ptr_array_index(verdict->recipients, 0);
}

static inline gboolean has_text(const GPtrArray *list, const char *text)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)list, text, g_str_equal, NULL);
}

/* The id of the first open question of this kind; NULL: there is none. */
static inline const char *question_id(const SgpVerdict *verdict, const char *kind)
{
	for (guint i = 0; i < verdict->questions->len; i++) {
		const SgpQuestion *question = g_ptr_array_index(verdict->questions, i);
		if (g_strcmp0(question->kind, kind) == 0)
			return question->id;
	}
	return NULL;
}

static inline gboolean has_question(const SgpVerdict *verdict, const char *kind)
{
	return question_id(verdict, kind) != NULL;
}

/* A written reason for one objection. (transfer full) */
static inline GHashTable *overrule(const char *objection_id, const char *reason)
{
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_hash_table_insert(table, g_strdup(objection_id), g_strdup(reason));
	return table;
}

/* The facts are taken; the mail is held with this refusal and no basis is named. */
static inline void assert_refused(SgpFacts *taken, const char *nick)
{
	g_autoptr(SgpVerdict) verdict = decide(taken);
	const SgpRecipientVerdict *one = first_of(verdict);
	g_assert_cmpstr(sgp_refusal_get_nick(one->basis_refusal), ==, nick);
	g_assert_cmpstr(sgp_basis_get_nick(one->basis), ==, NULL);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
}

static inline void assert_basis(SgpFacts *taken, const char *nick)
{
	g_autoptr(SgpVerdict) verdict = decide(taken);
	const SgpRecipientVerdict *one = first_of(verdict);
	g_assert_cmpstr(sgp_refusal_get_nick(one->basis_refusal), ==, NULL);
	g_assert_cmpstr(sgp_basis_get_nick(one->basis), ==, nick);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
}

/* The mail waits for an answer to this question, and goes once it was answered with yes. */
static inline void assert_asks(SgpFacts *taken, const char *kind)
{
	g_autoptr(SgpFacts) facts = taken;
	g_autoptr(SgpVerdict) asked = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(asked->action, ==, SGP_ACTION_ASK);
	g_assert_true(has_question(asked, kind));
	const char *const confirmed[] = { question_id(asked, kind), NULL };
	facts->confirmed = confirmed;
	g_autoptr(SgpVerdict) answered = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(answered->action, ==, SGP_ACTION_SEND);
	g_assert_cmpuint(answered->questions->len, ==, 0);
	g_assert_true(has_text(first_of(answered)->confirmed, kind));
}
