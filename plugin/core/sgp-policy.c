/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one decision for a mail: matter, class, then for each recipient the reactive rule and the
 * ladder, and the worst of all for the mail. Pure; never looks anything up, and never lets one
 * recipient's answer stand for another's. */
#include "sgp-policy.h"

#include "sgp-channel-ladder.h"
#include "sgp-reactive-rule.h"

/* The matter that staff chose; else the one this conversation was tied to; else the one in the
 * subject. */
static char *choose_matter(const SgpFacts *facts, gboolean *is_ambiguous)
{
	*is_ambiguous = FALSE;
	if (facts->matter_chosen != NULL)
		return g_strdup(facts->matter_chosen);
	if (facts->matter_tied != NULL)
		return g_strdup(facts->matter_tied);
	if (facts->matters_in_subject->len == 1)
		return g_strdup(g_ptr_array_index(facts->matters_in_subject, 0));
	*is_ambiguous = facts->matters_in_subject->len > 1;
	return NULL;
}

/* The scan can only raise what staff chose. What could not be read counts as protected, whatever
 * was chosen. */
static SgpContentClass choose_class(const SgpFacts *facts)
{
	if (facts->class_found == SGP_CONTENT_CLASS_UNKNOWN &&
		!sgp_content_class_is_protected(facts->class_chosen))
		return SGP_CONTENT_CLASS_UNKNOWN;
	if (facts->class_chosen == SGP_CONTENT_CLASS_UNKNOWN ||
		facts->class_chosen == SGP_CONTENT_CLASS_GENERAL)
		return facts->class_found;
	return facts->class_chosen;
}

static void fill_class(const SgpFacts *facts, SgpVerdict *verdict)
{
	verdict->class_chosen = facts->class_chosen;
	verdict->class_found = facts->class_found;
	verdict->class_effective = choose_class(facts);
	for (guint i = 0; i < facts->class_because->len; i++)
		g_ptr_array_add(verdict->class_because,
			g_strdup(g_ptr_array_index(facts->class_because, i)));
	for (guint i = 0; i < facts->unread->len; i++)
		g_ptr_array_add(verdict->unread, g_strdup(g_ptr_array_index(facts->unread, i)));
}

static void decide_recipient(
	const SgpFacts *facts, const SgpRecipientFacts *recipient, gint64 now, SgpVerdict *verdict)
{
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(recipient->address, recipient->field);
	g_ptr_array_add(verdict->recipients, one);
	gboolean names_plain = FALSE, encrypted_only = FALSE;
	sgp_reactive_rule_decide(facts, recipient, verdict->matter, now, one, verdict->questions,
		&names_plain, &encrypted_only);
	gboolean is_protected =
		encrypted_only || sgp_content_class_is_protected(verdict->class_effective);
	sgp_channel_ladder_decide(
		facts, recipient, is_protected, names_plain, one, verdict->questions);
}

static gboolean has_customer(const SgpVerdict *verdict)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		if (one->basis != SGP_BASIS_INTERNAL && one->basis != SGP_BASIS_PARTNER)
			return TRUE;
	}
	return FALSE;
}

/* Two matters in the subject: nobody can say which permission is meant, so a person says it (by
 * choosing one). */
static void ask_for_matter(const SgpFacts *facts, SgpVerdict *verdict)
{
	g_autoptr(GString) detail = g_string_new(NULL);
	for (guint i = 0; i < facts->matters_in_subject->len; i++)
		g_string_append_printf(detail, "%s%s", i > 0 ? ", " : "",
			(char *)g_ptr_array_index(facts->matters_in_subject, i));
	if (sgp_facts_is_confirmed(facts, "matter-ambiguous", detail->str, NULL))
		return;
	g_ptr_array_add(
		verdict->questions, sgp_question_new("matter-ambiguous", detail->str, NULL));
	for (guint i = 0; i < verdict->recipients->len; i++) {
		SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		/* Held only because the mail names no one matter: choosing one may cure it. */
		if (one->basis_refusal == SGP_REFUSAL_OTHER_MATTER &&
			one->channel != SGP_CHANNEL_NONE)
			one->action = SGP_ACTION_ASK;
		else if (one->basis != SGP_BASIS_INTERNAL && one->basis != SGP_BASIS_PARTNER)
			one->action = MIN(one->action, SGP_ACTION_ASK);
	}
}

SgpVerdict *sgp_policy_decide(const SgpFacts *facts, gint64 now)
{
	SgpVerdict *verdict = sgp_verdict_new();
	gboolean is_ambiguous = FALSE;
	verdict->matter = choose_matter(facts, &is_ambiguous);
	verdict->history_complete = facts->history_complete;
	fill_class(facts, verdict);
	for (guint i = 0; i < facts->recipients->len; i++)
		decide_recipient(facts, g_ptr_array_index(facts->recipients, i), now, verdict);
	if (is_ambiguous && has_customer(verdict))
		ask_for_matter(facts, verdict);
	/* A mail to nobody stays what an empty verdict says: held. */
	if (verdict->recipients->len > 0)
		verdict->action = SGP_ACTION_SEND;
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		verdict->action = MIN(verdict->action, one->action);
	}
	return verdict;
}
