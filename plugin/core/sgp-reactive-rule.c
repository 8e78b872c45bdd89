/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reactive rule: may we write to this person at all? Decides from facts alone, for one
 * recipient; never looks anything up, never knows the time by itself, and never takes "could not
 * look" for "there is none". */
#include "sgp-reactive-rule.h"

#include <string.h>

#include "sgp-reactive-rule-private.h"

#define DAY                ((gint64)86400)
#define CLOCK_SKEW         DAY /* a customer's clock may be ahead of ours */
#define MAX_REPLY_REMEDIES 10

/* What the conversation holds for one recipient. */
typedef struct {
	const SgpMessageFact *inquiry; /* the newest that qualifies */
	GPtrArray *inquiries;          /* (owned) (element-type SgpMessageFact) all that qualify */
	gboolean is_pending;           /* a message that could matter was not judged */
	gboolean has_other_author;
	gboolean has_own_message;
	gboolean has_forged, has_not_personal, has_unauthenticated, has_too_old;
	gboolean has_undated;  /* no Date, no Received: nobody knows how old it is */
	GPtrArray *objections; /* (owned) (element-type SgpMessageFact) since the last request for
				  e-mail, clear or not; oldest first */
	gboolean encrypted_only;
} Conversation;

static void conversation_clear(Conversation *self)
{
	g_clear_pointer(&self->inquiries, g_ptr_array_unref);
	g_clear_pointer(&self->objections, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Conversation, conversation_clear)

/* --- The conversation --- */

static const char *domain_of(const char *addr_spec)
{
	const char *at = strrchr(addr_spec, '@');
	return at != NULL ? at + 1 : addr_spec;
}

static gboolean in_list(GStrv list, const char *item)
{
	return list != NULL && g_strv_contains((const char *const *)list, item);
}

static gboolean is_relay(const SgpRule *rule, const SgpMessageFact *message)
{
	return in_list(rule->facts->settings.inquiry_relays, message->author);
}

/* Relays may well stand in our own domain: what they pass on was not written by us. */
static gboolean is_ours(const SgpRule *rule, const SgpMessageFact *message)
{
	const SgpPolicySettings *settings = &rule->facts->settings;
	return !is_relay(rule, message) &&
	       (in_list(settings->own_addresses, message->author) ||
		       in_list(settings->own_domains, domain_of(message->author)));
}

/* Reply-To can be set by whoever writes; it counts only where From's own domain, or a relay,
 * vouches for it. */
static gboolean is_written_by_recipient(const SgpRule *rule, const SgpMessageFact *message)
{
	gboolean relayed = is_relay(rule, message);
	if (!relayed && strcmp(message->author, rule->address) == 0)
		return TRUE;
	if (message->reply_to == NULL || !in_list(message->reply_to, rule->address))
		return FALSE;
	if (relayed)
		return g_strv_length(message->reply_to) == 1;
	for (guint i = 0; message->reply_to[i] != NULL; i++) {
		if (strcmp(domain_of(message->reply_to[i]), domain_of(message->author)) != 0)
			return FALSE;
	}
	return TRUE;
}

/* Not read yet: could it turn out to be the recipient's? */
static gboolean could_be_recipients(const SgpRule *rule, const SgpMessageFact *message)
{
	return is_relay(rule, message) || strcmp(domain_of(message->author), rule->domain) == 0;
}

static gboolean is_too_old(const SgpRule *rule, const SgpMessageFact *message)
{
	int days = rule->facts->settings.inquiry_valid_days;
	if (days <= 0)
		return FALSE;
	return rule->now - message->date > days * DAY;
}

/* Conditions 1 and 3 to 5 of an inquiry; who wrote it is known already, the objections are weighed
 * later. */
static void weigh_inquiry(const SgpRule *rule, const SgpMessageFact *message, Conversation *found)
{
	if (!message->is_received || message->date > rule->now + CLOCK_SKEW)
		return;
	if (message->authentication == SGP_AUTHENTICATION_FAIL) {
		found->has_forged = TRUE;
	} else if (message->not_personal != NULL) {
		found->has_not_personal = TRUE;
	} else if (rule->facts->settings.require_authenticated_inquiry &&
		   message->authentication != SGP_AUTHENTICATION_PASS) {
		found->has_unauthenticated = TRUE;
	} else if (message->date == 0 && rule->facts->settings.inquiry_valid_days > 0) {
		/* Neither young nor old: "could not look" is not "too old". Where age does not
		 * matter, it is a basis (test:
		 * /reactive-rule/an-inquiry-without-a-date-is-unknown). */
		found->has_undated = TRUE;
	} else if (is_too_old(rule, message)) {
		found->has_too_old = TRUE;
	} else {
		g_ptr_array_add(found->inquiries, (gpointer)message);
		if (found->inquiry == NULL || message->date > found->inquiry->date)
			found->inquiry = message;
	}
}

/* A request for e-mail opens a door: it counts from where an inquiry would count, and from nowhere
 * else (not from Junk, and not unsigned where the office wants it signed). */
static gboolean may_lift(const SgpRule *rule, const SgpMessageFact *message)
{
	return message->is_received && (!rule->facts->settings.require_authenticated_inquiry ||
					       message->authentication == SGP_AUTHENTICATION_PASS);
}

/* What a message says about being answered by e-mail. What may not be its author's own deliberate
 * words (a forgery, an automatic mail) cannot lift an objection, and can at most raise the
 * question. */
static SgpOptOut weigh_words(const SgpRule *rule, const SgpMessageFact *message)
{
	gboolean is_doubtful =
		message->authentication == SGP_AUTHENTICATION_FAIL || message->not_personal != NULL;
	if (!is_doubtful && message->opt_out == SGP_OPT_OUT_ASKS_FOR_E_MAIL &&
		!may_lift(rule, message))
		return SGP_OPT_OUT_NONE;
	if (!is_doubtful)
		return message->opt_out;
	switch (message->opt_out) {
	case SGP_OPT_OUT_OPTED_OUT:
		return SGP_OPT_OUT_UNCLEAR;
	case SGP_OPT_OUT_UNCLEAR:
	case SGP_OPT_OUT_NONE:
	case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
	case SGP_OPT_OUT_ENCRYPTED_ONLY:
		return SGP_OPT_OUT_NONE;
	}
	return SGP_OPT_OUT_UNCLEAR;
}

/* When it was said. An objection without a date is the newest of all, a request for e-mail without
 * one the oldest. */
static gint64 date_of_words(const SgpRule *rule, const SgpMessageFact *message)
{
	if (message->date != 0)
		return message->date;
	return weigh_words(rule, message) == SGP_OPT_OUT_ASKS_FOR_E_MAIL ? 0 : G_MAXINT64;
}

/* Oldest first; at the same moment the objection comes last, so that it stands. */
static gint compare_words(gconstpointer a, gconstpointer b, gpointer user_data)
{
	const SgpRule *rule = user_data;
	const SgpMessageFact *one = *(SgpMessageFact *const *)a;
	const SgpMessageFact *other = *(SgpMessageFact *const *)b;
	gint64 one_date = date_of_words(rule, one), other_date = date_of_words(rule, other);
	if (one_date != other_date)
		return one_date < other_date ? -1 : 1;
	gboolean one_asks = weigh_words(rule, one) == SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	gboolean other_asks = weigh_words(rule, other) == SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	return other_asks - one_asks;
}

/* An objection holds until its author asks for e-mail again; a later mail that says nothing does
 * not lift it. */
static void weigh_objections(const SgpRule *rule, GPtrArray *mine, Conversation *found)
{
	g_ptr_array_sort_with_data(mine, compare_words, (gpointer)rule);
	for (guint i = 0; i < mine->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(mine, i);
		switch (weigh_words(rule, message)) {
		case SGP_OPT_OUT_OPTED_OUT:
		case SGP_OPT_OUT_UNCLEAR:
			g_ptr_array_add(found->objections, (gpointer)message);
			break;
		case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
			g_ptr_array_set_size(found->objections, 0);
			break;
		case SGP_OPT_OUT_ENCRYPTED_ONLY:
			found->encrypted_only = TRUE;
			break;
		case SGP_OPT_OUT_NONE:
			break;
		}
	}
}

/* Written by several, or by nobody who can be read: nobody's inquiry. An objection that the
 * recipient signed with others may well be hers (test:
 * /reactive-rule/an-objection-of-several-authors-asks). */
static void read_shared(
	const SgpRule *rule, const SgpMessageFact *message, GPtrArray *mine, Conversation *found)
{
	if (!message->is_judged)
		found->is_pending = TRUE;
	else if (in_list(message->authors, rule->address))
		g_ptr_array_add(mine, (gpointer)message);
	if (message->is_received)
		found->has_other_author = TRUE;
}

static void read_conversation(const SgpRule *rule, Conversation *found)
{
	g_autoptr(GPtrArray) mine = g_ptr_array_new();
	for (guint i = 0; i < rule->facts->messages->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(rule->facts->messages, i);
		if (message->author == NULL) {
			read_shared(rule, message, mine, found);
			continue;
		}
		if (is_ours(rule, message))
			continue;
		if (!message->is_judged) {
			if (could_be_recipients(rule, message))
				found->is_pending = TRUE;
			else if (message->is_received)
				found->has_other_author = TRUE;
		} else if (is_written_by_recipient(rule, message)) {
			found->has_own_message = found->has_own_message || message->is_received;
			g_ptr_array_add(mine, (gpointer)message);
			weigh_inquiry(rule, message, found);
		} else if (message->is_received && message->not_personal == NULL) {
			found->has_other_author = TRUE;
		}
	}
	weigh_objections(rule, mine, found);
}

/* A consent given after an objection lifts it; an older one does not. */
static gboolean is_lifted(
	const SgpRule *rule, const SgpRuleConsents *consents, const SgpMessageFact *objection)
{
	const SgpConsentFact *all[] = { consents->phone, consents->letter, consents->agreement };
	for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
		if (all[i] != NULL && all[i]->given > date_of_words(rule, objection))
			return TRUE;
	}
	return FALSE;
}

/* --- The decision --- */

static void add_consent_remedies(SgpRecipientVerdict *verdict)
{
	sgp_recipient_verdict_add_remedy(verdict, "record-phone");
	sgp_recipient_verdict_add_remedy(verdict, "record-letter");
	sgp_recipient_verdict_add_remedy(verdict, "record-agreement");
}

/* Whoever is answering this mail already is not cured by answering it. */
static gboolean is_in_conversation(const SgpRule *rule, const char *message_id)
{
	for (guint i = 0; i < rule->facts->messages->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(rule->facts->messages, i);
		if (g_strcmp0(message->message_id, message_id) == 0)
			return TRUE;
	}
	return FALSE;
}

static void add_reply_remedies(const SgpRule *rule, SgpRecipientVerdict *verdict)
{
	const GPtrArray *recent = rule->recipient->recent;
	for (guint i = 0; i < recent->len && verdict->offers->len < MAX_REPLY_REMEDIES; i++) {
		const SgpInquiryOffer *offer = g_ptr_array_index(recent, i);
		if (is_in_conversation(rule, offer->message_id))
			continue;
		g_autofree char *remedy = g_strconcat("reply-to:", offer->message_id, NULL);
		sgp_recipient_verdict_add_remedy(verdict, remedy);
		g_ptr_array_add(verdict->offers, sgp_inquiry_offer_copy(offer));
	}
}

/* The nick, first that fits (03-policy, Settled cases), where nothing holds. */
static SgpRefusal choose_refusal(const SgpRule *rule, const Conversation *conversation,
	const SgpRuleConsents *consents, gboolean is_unknown)
{
	if (conversation->inquiry != NULL && is_unknown)
		return SGP_REFUSAL_UNKNOWN;
	if (conversation->has_forged)
		return SGP_REFUSAL_FORGED;
	/* "Somebody else's" can only be said once everything in the conversation is known. */
	if (conversation->has_other_author && !conversation->has_own_message && !is_unknown)
		return SGP_REFUSAL_NOT_THE_AUTHOR;
	if (conversation->has_not_personal)
		return conversation->has_other_author && !is_unknown ? SGP_REFUSAL_NOT_THE_AUTHOR
								     : SGP_REFUSAL_NOT_PERSONAL;
	if (conversation->has_unauthenticated)
		return SGP_REFUSAL_UNAUTHENTICATED;
	if (conversation->has_too_old)
		return SGP_REFUSAL_INQUIRY_TOO_OLD;
	if (consents->has_expired)
		return SGP_REFUSAL_EXPIRED;
	if (consents->has_other_matter)
		return SGP_REFUSAL_OTHER_MATTER;
	return is_unknown || conversation->has_undated ? SGP_REFUSAL_UNKNOWN : SGP_REFUSAL_NO_BASIS;
}

static void refuse(const SgpRule *rule, SgpRecipientVerdict *verdict, SgpRefusal refusal)
{
	verdict->action = SGP_ACTION_HOLD;
	verdict->basis = SGP_BASIS_NONE;
	verdict->basis_refusal = refusal;
	switch (refusal) {
	case SGP_REFUSAL_UNKNOWN:
		sgp_recipient_verdict_add_remedy(verdict, "wait");
		sgp_recipient_verdict_add_remedy(verdict, "retry");
		break;
	case SGP_REFUSAL_OPTED_OUT:
		sgp_recipient_verdict_add_remedy(verdict, "overrule");
		add_consent_remedies(verdict);
		break;
	case SGP_REFUSAL_OTHER_MATTER:
		sgp_recipient_verdict_add_remedy(verdict, "close-other-matter");
		add_consent_remedies(verdict);
		add_reply_remedies(rule, verdict);
		break;
	case SGP_REFUSAL_WITHDRAWN:
		add_consent_remedies(verdict);
		break;
	case SGP_REFUSAL_FORGED:
	case SGP_REFUSAL_NOT_THE_AUTHOR:
	case SGP_REFUSAL_NOT_PERSONAL:
	case SGP_REFUSAL_UNAUTHENTICATED:
	case SGP_REFUSAL_INQUIRY_TOO_OLD:
	case SGP_REFUSAL_EXPIRED:
	case SGP_REFUSAL_NO_BASIS:
		add_consent_remedies(verdict);
		add_reply_remedies(rule, verdict);
		break;
	case SGP_REFUSAL_NONE:
	case SGP_REFUSAL_NO_USABLE_CHANNEL:
		break;
	}
}

static void ask(const SgpRule *rule, SgpRecipientVerdict *verdict, GPtrArray *questions,
	const char *kind, const char *detail)
{
	if (sgp_facts_is_confirmed(rule->facts, kind, detail, rule->address)) {
		if (!g_ptr_array_find_with_equal_func(verdict->confirmed, kind, g_str_equal, NULL))
			g_ptr_array_add(verdict->confirmed, g_strdup(kind));
		return;
	}
	verdict->action = SGP_ACTION_ASK;
	g_ptr_array_add(questions, sgp_question_new(kind, detail, rule->address));
}

/* Re: of something else. Only the subjects that were read can be compared: none of them says
 * anything, nothing is asked. */
static gboolean has_changed_subject(const SgpFacts *facts)
{
	gboolean has_other = FALSE;
	for (guint i = 0; i < facts->messages->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(facts->messages, i);
		if (!message->is_judged || message->subject == NULL)
			continue;
		g_auto(GStrv) words = sgp_inquiry_scan_subject_words(message->subject);
		if (words[0] == NULL)
			continue;
		if (sgp_inquiry_scan_subjects_share(facts->subject, message->subject))
			return FALSE;
		has_other = TRUE;
	}
	return has_other;
}

static gint compare_newest_first(gconstpointer a, gconstpointer b)
{
	const SgpMessageFact *one = *(SgpMessageFact *const *)a;
	const SgpMessageFact *other = *(SgpMessageFact *const *)b;
	return one->date == other->date ? 0 : one->date > other->date ? -1 : 1;
}

static void hold_by_inquiry(SgpRecipientVerdict *verdict, const Conversation *conversation)
{
	const SgpMessageFact *inquiry = conversation->inquiry;
	g_ptr_array_add(verdict->all_bases, g_strdup(sgp_basis_get_nick(SGP_BASIS_INQUIRY)));
	verdict->basis = SGP_BASIS_INQUIRY;
	verdict->evidence_message_id = g_strdup(inquiry->message_id);
	verdict->evidence_subject = g_strdup(inquiry->subject);
	verdict->evidence_date = inquiry->date;
	verdict->evidence_authenticated = inquiry->authentication == SGP_AUTHENTICATION_PASS;
	g_ptr_array_sort(conversation->inquiries, compare_newest_first);
	for (guint i = 0; i < conversation->inquiries->len; i++) {
		const SgpMessageFact *other = g_ptr_array_index(conversation->inquiries, i);
		if (other->message_id != NULL)
			g_ptr_array_add(verdict->all_inquiries, g_strdup(other->message_id));
	}
}

static void hold_by_consent(
	SgpRecipientVerdict *verdict, SgpBasis basis, const SgpConsentFact *consent)
{
	if (consent == NULL)
		return;
	g_ptr_array_add(verdict->all_bases, g_strdup(sgp_basis_get_nick(basis)));
	if (verdict->basis != SGP_BASIS_NONE)
		return;
	verdict->basis = basis;
	verdict->evidence_entry = consent->entry;
	verdict->evidence_date = consent->given;
}

/* The first in this order is shown and recorded, all are listed. */
static void collect_bases(const Conversation *conversation, const SgpRuleConsents *consents,
	SgpRecipientVerdict *verdict)
{
	if (conversation->inquiry != NULL)
		hold_by_inquiry(verdict, conversation);
	hold_by_consent(verdict, SGP_BASIS_PHONE, consents->phone);
	hold_by_consent(verdict, SGP_BASIS_LETTER, consents->letter);
	hold_by_consent(verdict, SGP_BASIS_AGREEMENT, consents->agreement);
}

static void show_objection(const SgpRule *rule, SgpRecipientVerdict *verdict,
	const SgpMessageFact *objection, const char *reason)
{
	g_free(verdict->sentence);
	g_free(verdict->objection_id);
	g_free(verdict->overrule_reason);
	verdict->sentence = g_strdup(objection->sentence);
	verdict->objection_id =
		sgp_question_dup_id("opted-out", objection->sentence, rule->address);
	verdict->overrule_reason = g_strdup(reason);
	verdict->is_overruled = reason != NULL;
}

/* The newest objection that nothing newer lifts, and that staff did not read otherwise in writing;
 * FALSE: there is none, and unclear (element-type SgpMessageFact) has what must be asked about. The
 * reason is bound to this person and this sentence, so that one written for Erika's words lets
 * nothing out to whoever is added afterwards, nor past what she wrote since or before (tests:
 * /reactive-rule/a-written-reason-covers-one-persons-one-sentence, -leaves-her-other-sentence). */
static gboolean has_standing_objection(const SgpRule *rule, const Conversation *conversation,
	const SgpRuleConsents *consents, SgpRecipientVerdict *verdict, GPtrArray *unclear)
{
	for (guint i = conversation->objections->len; i > 0; i--) {
		const SgpMessageFact *one = g_ptr_array_index(conversation->objections, i - 1);
		if (is_lifted(rule, consents, one))
			continue;
		if (weigh_words(rule, one) == SGP_OPT_OUT_UNCLEAR) {
			g_ptr_array_add(unclear, (gpointer)one);
			continue;
		}
		g_autofree char *id =
			sgp_question_dup_id("opted-out", one->sentence, rule->address);
		const char *reason = sgp_facts_get_overrule_reason(rule->facts, id);
		if (reason == NULL || !verdict->is_overruled)
			show_objection(rule, verdict, one, reason);
		if (reason == NULL)
			return TRUE;
	}
	return FALSE;
}

/* Each sentence once. */
static void ask_about_words(const SgpRule *rule, SgpRecipientVerdict *verdict, GPtrArray *questions,
	const GPtrArray *unclear)
{
	g_autoptr(GHashTable) asked = g_hash_table_new(g_str_hash, g_str_equal);
	for (guint i = 0; i < unclear->len; i++) {
		const SgpMessageFact *one = g_ptr_array_index(unclear, i);
		if (g_hash_table_add(asked, one->sentence != NULL ? one->sentence : (char *)""))
			ask(rule, verdict, questions, "opt-out-unclear", one->sentence);
	}
}

static void decide_for_customer(const SgpRule *rule, SgpRecipientVerdict *verdict,
	GPtrArray *questions, gboolean *names_plain, gboolean *encrypted_only)
{
	g_auto(Conversation) conversation = { 0 };
	SgpRuleConsents consents = { 0 };
	gboolean is_reply = rule->facts->is_reply;
	g_autoptr(GPtrArray) unclear = g_ptr_array_new();
	conversation.inquiries = g_ptr_array_new();
	conversation.objections = g_ptr_array_new();
	if (is_reply)
		read_conversation(rule, &conversation);
	sgp_reactive_rule_read_consents(rule, &consents);
	/* "Only by way of the portal" was said to the office, not to one conversation: without the
	 * look into the others, a new mail under an agreement would leave plain (test:
	 * /channel-ladder/encrypted-only-of-another-conversation-counts). */
	*encrypted_only = conversation.encrypted_only ||
			  rule->recipient->wants_encryption != SGP_KNOWLEDGE_NO;
	*names_plain = consents.agreement != NULL && consents.agreement->names_plain;
	gboolean is_unknown =
		!rule->recipient->has_consents ||
		(is_reply && (!rule->facts->history_complete || conversation.is_pending));
	gboolean is_opted_out =
		has_standing_objection(rule, &conversation, &consents, verdict, unclear);
	if (verdict->sentence == NULL && unclear->len > 0)
		verdict->sentence =
			g_strdup(((SgpMessageFact *)g_ptr_array_index(unclear, 0))->sentence);

	if (consents.is_withdrawn) {
		refuse(rule, verdict, SGP_REFUSAL_WITHDRAWN);
		return;
	}
	if (is_opted_out) {
		refuse(rule, verdict, SGP_REFUSAL_OPTED_OUT);
		return;
	}
	if (!is_unknown)
		collect_bases(&conversation, &consents, verdict);
	if (verdict->basis == SGP_BASIS_NONE) {
		refuse(rule, verdict, choose_refusal(rule, &conversation, &consents, is_unknown));
		/* Waiting gives an inquiry no date; asking its author does. */
		if (verdict->basis_refusal == SGP_REFUSAL_UNKNOWN && !is_unknown)
			add_consent_remedies(verdict);
		return;
	}
	verdict->basis_refusal = SGP_REFUSAL_NONE;
	verdict->action = SGP_ACTION_SEND;
	ask_about_words(rule, verdict, questions, unclear);
	if (verdict->basis == SGP_BASIS_INQUIRY && verdict->all_bases->len == 1 &&
		has_changed_subject(rule->facts))
		ask(rule, verdict, questions, "subject-changed", rule->facts->subject);
}

static void accept(SgpRecipientVerdict *verdict, SgpBasis basis)
{
	verdict->action = SGP_ACTION_SEND;
	verdict->basis = basis;
	verdict->basis_refusal = SGP_REFUSAL_NONE;
	g_ptr_array_add(verdict->all_bases, g_strdup(sgp_basis_get_nick(basis)));
}

static SgpRule make_rule(
	const SgpFacts *facts, const SgpRecipientFacts *recipient, const char *matter, gint64 now)
{
	SgpRule rule = {
		.facts = facts,
		.recipient = recipient,
		.matter = matter,
		.address = sgp_address_get_addr_spec(recipient->address),
		.domain = sgp_address_get_domain(recipient->address),
		.now = now,
	};
	return rule;
}

/* As if the mail were an answer there: the same decision, so that what is offered as a cure is one.
 * What is not known yet is not refused. */
gboolean sgp_reactive_rule_could_answer(
	const SgpFacts *facts, const SgpRecipientFacts *recipient, GPtrArray *messages, gint64 now)
{
	SgpFacts answer = *facts; /* borrows all that is in it */
	gboolean names_plain = FALSE, encrypted_only = FALSE;
	answer.is_reply = TRUE;
	answer.messages = messages;
	SgpRule rule = make_rule(&answer, recipient, NULL, now);
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_question_free);
	SgpRecipientVerdict *verdict = sgp_recipient_verdict_new(recipient->address, SGP_FIELD_TO);
	decide_for_customer(&rule, verdict, questions, &names_plain, &encrypted_only);
	gboolean could = verdict->basis == SGP_BASIS_INQUIRY ||
			 verdict->basis_refusal == SGP_REFUSAL_UNKNOWN;
	sgp_recipient_verdict_free(verdict);
	return could;
}

void sgp_reactive_rule_decide(const SgpFacts *facts, const SgpRecipientFacts *recipient,
	const char *matter, gint64 now, SgpRecipientVerdict *verdict, GPtrArray *questions,
	gboolean *names_plain, gboolean *encrypted_only)
{
	*names_plain = FALSE;
	*encrypted_only = FALSE;
	if (sgp_policy_settings_is_internal(&facts->settings, recipient->address)) {
		accept(verdict, SGP_BASIS_INTERNAL);
		return;
	}
	if (sgp_policy_settings_is_partner(&facts->settings, recipient->address)) {
		accept(verdict, SGP_BASIS_PARTNER);
		return;
	}
	SgpRule rule = make_rule(facts, recipient, matter, now);
	decide_for_customer(&rule, verdict, questions, names_plain, encrypted_only);
}
