/* SPDX-License-Identifier: GPL-3.0-or-later */
/* By which channel: every sentence of the ladder as a small case, and its two invariants over every
 * combination of facts. */
#include "policy-fixture.h"

static SgpFacts *new_general_facts(void)
{
	SgpFacts *facts = new_facts();
	add_consent(facts, SGP_BASIS_AGREEMENT, NULL, DAY);
	return facts;
}

static SgpRecipientFacts *customer(SgpFacts *facts)
{
	return g_ptr_array_index(facts->recipients, 0);
}

static gboolean has_reason(const SgpVerdict *verdict, SgpChannel channel, const char *reason)
{
	const GPtrArray *list = first_of(verdict)->not_stronger;
	for (guint i = 0; i < list->len; i++) {
		const SgpNotStronger *one = g_ptr_array_index(list, i);
		if (one->channel == channel && g_str_equal(one->reason, reason))
			return TRUE;
	}
	return FALSE;
}

static void assert_channel(SgpFacts *taken, const char *channel, SgpAction action)
{
	g_autoptr(SgpVerdict) verdict = decide(taken);
	g_assert_cmpstr(sgp_channel_get_nick(first_of(verdict)->channel), ==, channel);
	g_assert_cmpint(verdict->action, ==, action);
	g_assert_cmpint(first_of(verdict)->channel_refusal == SGP_REFUSAL_NONE, ==,
		first_of(verdict)->channel != SGP_CHANNEL_NONE);
}

static void test_openpgp(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_NOT_VERIFIED, FALSE);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_OPENPGP);
	g_assert_cmpuint(first_of(verdict)->keys->len, ==, 1);
	g_assert_true(has_reason(verdict, SGP_CHANNEL_OPENPGP, "not-verified"));
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
}

static void test_portal(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_EXPIRED, FALSE);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_PORTAL);
	g_assert_false(first_of(verdict)->is_invitation);
	g_assert_true(has_reason(verdict, SGP_CHANNEL_OPENPGP, "expired"));
	g_assert_true(has_reason(verdict, SGP_CHANNEL_SMIME, "not-available"));
}

static void test_invitation(void)
{
	static const SgpMailboxState states[] = { SGP_MAILBOX_STATE_NONE, SGP_MAILBOX_STATE_INVITED,
		SGP_MAILBOX_STATE_EXPIRED };
	for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autoptr(SgpFacts) facts = new_general_facts();
		customer(facts)->mailbox = states[i];
		g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
		g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_PORTAL);
		g_assert_true(first_of(verdict)->is_invitation);
	}
}

static void test_no_rung(void)
{
	SgpFacts *none = new_general_facts();
	none->has_portal = FALSE;
	assert_channel(none, "none", SGP_ACTION_HOLD);
	SgpFacts *frozen = new_general_facts();
	customer(frozen)->mailbox = SGP_MAILBOX_STATE_FROZEN;
	assert_channel(frozen, "none", SGP_ACTION_HOLD);
	g_autoptr(SgpFacts) large = new_general_facts();
	large->is_too_large_for_portal = TRUE;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(large, NOW);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
	g_assert_cmpstr(
		sgp_refusal_get_nick(first_of(verdict)->channel_refusal), ==, "no-usable-channel");
	g_assert_true(has_reason(verdict, SGP_CHANNEL_PORTAL, "too-large"));
}

static void test_unknown_keys(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	customer(facts)->keys->is_known = FALSE;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_PORTAL);
	g_assert_true(has_reason(verdict, SGP_CHANNEL_OPENPGP, "unknown"));
	SgpFacts *by_class = new_general_facts();
	by_class->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(by_class)->keys->is_known = FALSE;
	customer(by_class)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(by_class, "portal", SGP_ACTION_SEND);
	SgpFacts *no_portal = new_general_facts();
	no_portal->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	no_portal->has_portal = FALSE;
	customer(no_portal)->keys->is_known = FALSE;
	customer(no_portal)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(no_portal, "none", SGP_ACTION_ASK);
}

static void test_unknown_is_never_confirmed_away(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	customer(facts)->mailbox = SGP_MAILBOX_STATE_UNKNOWN;
	g_autoptr(SgpVerdict) asked = sgp_policy_decide(facts, NOW);
	const char *const confirmed[] = { question_id(asked, "wait"), "wait", NULL };
	facts->confirmed = confirmed;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_ASK);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_NONE);
	g_assert_true(has_question(verdict, "wait"));
}

/* Who may not be written to is not asked to wait for a channel. */
static void test_refused_and_unknown(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	customer(facts)->mailbox = SGP_MAILBOX_STATE_UNKNOWN;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
	g_assert_cmpuint(verdict->questions->len, ==, 0);
	g_assert_cmpstr(sgp_refusal_get_nick(first_of(verdict)->channel_refusal), ==, "unknown");
}

static void test_a_usable_key_needs_no_other_answer(void)
{
	SgpFacts *facts = new_general_facts();
	customer(facts)->keys->is_known = FALSE;
	customer(facts)->mailbox = SGP_MAILBOX_STATE_UNKNOWN;
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	assert_channel(facts, "openpgp", SGP_ACTION_SEND);
}

static void test_unknown_revocation(void)
{
	SgpFacts *facts = new_general_facts();
	facts->has_portal = FALSE;
	facts->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(facts)->transport = SGP_KNOWLEDGE_YES;
	add_key(customer(facts), SGP_CHANNEL_SMIME, SGP_KEY_STATE_UNKNOWN, FALSE);
	assert_channel(facts, "none", SGP_ACTION_ASK);
}

static void test_by_class(void)
{
	SgpFacts *transport = new_general_facts();
	transport->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(transport)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(transport, "transport", SGP_ACTION_SEND);
	SgpFacts *strict = new_general_facts();
	customer(strict)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(strict, "portal", SGP_ACTION_SEND);
	SgpFacts *unknown = new_general_facts();
	unknown->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(unknown)->transport = SGP_KNOWLEDGE_UNKNOWN;
	assert_channel(unknown, "portal", SGP_ACTION_SEND);
}

static void test_plain(void)
{
	for (int i = 0; i < 8; i++) {
		g_autoptr(SgpFacts) facts = new_general_facts();
		SgpConsentFact *agreement = g_ptr_array_index(customer(facts)->consents, 0);
		facts->has_portal = FALSE;
		facts->settings.profile =
			i & 1 ? SGP_POLICY_PROFILE_BY_CLASS : SGP_POLICY_PROFILE_STRICT;
		facts->settings.allow_plain = (i & 2) != 0;
		agreement->names_plain = (i & 4) != 0;
		g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
		g_assert_cmpint(first_of(verdict)->channel, ==,
			i == 7 ? SGP_CHANNEL_PLAIN : SGP_CHANNEL_NONE);
	}
}

static void test_protected(void)
{
	static const SgpContentClass classes[] = { SGP_CONTENT_CLASS_PERSONAL_INSURANCE,
		SGP_CONTENT_CLASS_HEALTH, SGP_CONTENT_CLASS_SECRECY_203,
		SGP_CONTENT_CLASS_UNKNOWN };
	for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
		SgpFacts *facts = new_general_facts();
		facts->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
		customer(facts)->transport = SGP_KNOWLEDGE_YES;
		facts->class_chosen = SGP_CONTENT_CLASS_GENERAL;
		facts->class_found = classes[i];
		assert_channel(facts, "portal", SGP_ACTION_SEND);
	}
}

static SgpFacts *new_weak_facts(const char *unread)
{
	SgpFacts *facts = new_general_facts();
	SgpConsentFact *agreement = g_ptr_array_index(customer(facts)->consents, 0);
	facts->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	facts->settings.allow_plain = TRUE;
	agreement->names_plain = TRUE;
	if (unread != NULL)
		g_ptr_array_add(facts->unread, g_strdup(unread));
	return facts;
}

static void test_unread(void)
{
	SgpFacts *read = new_weak_facts(NULL);
	customer(read)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(read, "transport", SGP_ACTION_SEND);
	g_autoptr(SgpFacts) unread = new_weak_facts("a.pdf");
	customer(unread)->transport = SGP_KNOWLEDGE_YES;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(unread, NOW);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_PORTAL);
	g_assert_true(has_reason(verdict, SGP_CHANNEL_TRANSPORT, "unread-attachment"));
	g_assert_cmpint(verdict->class_effective, ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_true(has_text(verdict->unread, "a.pdf"));
	SgpFacts *plain = new_weak_facts(NULL);
	plain->has_portal = FALSE;
	assert_channel(plain, "plain", SGP_ACTION_SEND);
	SgpFacts *nothing = new_weak_facts("a.pdf");
	nothing->has_portal = FALSE;
	assert_channel(nothing, "none", SGP_ACTION_HOLD);
	/* Where nothing weak is allowed anyway, nothing changes. */
	g_autoptr(SgpFacts) strict = new_weak_facts("a.pdf");
	strict->settings.profile = SGP_POLICY_PROFILE_STRICT;
	g_autoptr(SgpVerdict) same = sgp_policy_decide(strict, NOW);
	g_assert_cmpint(first_of(same)->channel, ==, SGP_CHANNEL_PORTAL);
	g_assert_false(has_reason(same, SGP_CHANNEL_TRANSPORT, "unread-attachment"));
}

static void test_class_is_only_raised(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	facts->class_chosen = SGP_CONTENT_CLASS_SECRECY_203;
	g_autoptr(SgpVerdict) chosen = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(chosen->class_effective, ==, SGP_CONTENT_CLASS_SECRECY_203);
	facts->class_chosen = SGP_CONTENT_CLASS_UNKNOWN;
	facts->class_found = SGP_CONTENT_CLASS_HEALTH;
	g_autoptr(SgpVerdict) found = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(found->class_effective, ==, SGP_CONTENT_CLASS_HEALTH);
}

static void test_encrypted_only(void)
{
	SgpFacts *facts = new_facts();
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_ENCRYPTED_ONLY);
	facts->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(facts)->transport = SGP_KNOWLEDGE_YES;
	assert_channel(facts, "portal", SGP_ACTION_SEND);
}

/* What she wrote last month, in another conversation, and what could not be looked up. */
static void test_encrypted_only_elsewhere(void)
{
	static const SgpKnowledge known[] = { SGP_KNOWLEDGE_NO, SGP_KNOWLEDGE_YES,
		SGP_KNOWLEDGE_UNKNOWN };
	for (guint i = 0; i < G_N_ELEMENTS(known); i++) {
		SgpFacts *facts = new_facts();
		facts->is_reply = FALSE;
		facts->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
		facts->settings.allow_plain = TRUE;
		facts->has_portal = FALSE;
		add_consent(facts, SGP_BASIS_AGREEMENT, NULL, DAY)->names_plain = TRUE;
		customer(facts)->wants_encryption = known[i];
		g_autoptr(SgpVerdict) verdict = decide(facts);
		g_assert_cmpint(first_of(verdict)->channel, ==,
			known[i] == SGP_KNOWLEDGE_NO ? SGP_CHANNEL_PLAIN : SGP_CHANNEL_NONE);
	}
}

static void test_both_protocols(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	SgpMessageFact *inquiry = add_message(facts, ERIKA, DAY);
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, FALSE);
	SgpKey *certificate =
		add_key(customer(facts), SGP_CHANNEL_SMIME, SGP_KEY_STATE_USABLE, FALSE);
	facts->settings.prefer_protocol = SGP_CHANNEL_OPENPGP;
	g_autoptr(SgpVerdict) preferred = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(preferred)->channel, ==, SGP_CHANNEL_OPENPGP);
	certificate->verified = TRUE;
	g_autoptr(SgpVerdict) verified = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(verified)->channel, ==, SGP_CHANNEL_SMIME);
	inquiry->protocol = SGP_CHANNEL_OPENPGP;
	g_autoptr(SgpVerdict) asked = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(asked)->channel, ==, SGP_CHANNEL_OPENPGP);
	g_assert_true(has_reason(asked, SGP_CHANNEL_SMIME, "not-preferred"));
}

static void test_several_keys(void)
{
	g_autoptr(SgpFacts) facts = new_general_facts();
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	add_key(customer(facts), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpuint(first_of(verdict)->keys->len, ==, 2);
}

static void test_key_conflict(void)
{
	SgpFacts *beside = new_general_facts();
	add_key(customer(beside), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	add_key(customer(beside), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, FALSE);
	assert_asks(beside, "key-conflict");
	SgpFacts *instead = new_general_facts();
	add_key(customer(instead), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_EXPIRED, TRUE);
	add_key(customer(instead), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, FALSE);
	assert_asks(instead, "key-conflict");
	g_autoptr(SgpFacts) answered = new_general_facts();
	SgpKey *old = add_key(customer(answered), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	add_key(customer(answered), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, FALSE);
	g_autoptr(SgpVerdict) asked = sgp_policy_decide(answered, NOW);
	const char *const confirmed[] = { question_id(asked, "key-conflict"), NULL };
	answered->confirmed = confirmed;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(answered, NOW);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
	g_assert_cmpuint(first_of(verdict)->keys->len, ==, 1);
	const SgpKey *taken = g_ptr_array_index(first_of(verdict)->keys, 0);
	g_assert_cmpstr(taken->fingerprint, ==, old->fingerprint);
	/* A second new key is another question. */
	add_key(customer(answered), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, FALSE);
	g_autoptr(SgpVerdict) second = sgp_policy_decide(answered, NOW);
	g_assert_cmpint(second->action, ==, SGP_ACTION_ASK);
}

static SgpFacts *new_internal_facts(SgpInternalEncryption mode)
{
	SgpFacts *facts = new_facts();
	g_ptr_array_set_size(facts->recipients, 0);
	add_recipient(facts, "anna@office.example");
	facts->settings.internal_encryption = mode;
	facts->class_found = SGP_CONTENT_CLASS_HEALTH;
	return facts;
}

static void test_internal(void)
{
	assert_channel(new_internal_facts(SGP_INTERNAL_ENCRYPTION_NEVER), "plain", SGP_ACTION_SEND);
	assert_channel(
		new_internal_facts(SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE), "plain", SGP_ACTION_SEND);
	assert_channel(new_internal_facts(SGP_INTERNAL_ENCRYPTION_ALWAYS), "none", SGP_ACTION_HOLD);
	SgpFacts *unknown = new_internal_facts(SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE);
	customer(unknown)->keys->is_known = FALSE;
	assert_channel(unknown, "none", SGP_ACTION_ASK);
	SgpFacts *possible = new_internal_facts(SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE);
	add_key(customer(possible), SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, TRUE);
	assert_channel(possible, "openpgp", SGP_ACTION_SEND);
	/* A portal would be no rung for a colleague: nobody is sent to set one up. */
	SgpFacts *alone = new_internal_facts(SGP_INTERNAL_ENCRYPTION_ALWAYS);
	alone->has_portal = FALSE;
	g_autoptr(SgpVerdict) held = decide(alone);
	g_assert_cmpuint(first_of(held)->remedies->len, ==, 0);
}

static void test_nobody(void)
{
	SgpFacts *facts = new_facts();
	g_ptr_array_set_size(facts->recipients, 0);
	g_autoptr(SgpVerdict) verdict = decide(facts);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
}

/* --- Every combination --- */

typedef struct {
	int openpgp, smime; /* 0 unknown, 1 none, 2 usable */
	int portal;         /* 0 unknown, 1 frozen, 2 registered, 3 none is configured */
	int transport;      /* 0 unknown, 1 no, 2 yes */
	gboolean by_class, allow_plain, names_plain, confirms_all;
	SgpContentClass content_class;
} Combination;

static void put_keys(SgpRecipientFacts *one, SgpChannel channel, int state)
{
	if (state == 2)
		add_key(one, channel, SGP_KEY_STATE_USABLE, TRUE);
	else if (state == 0)
		add_key(one, channel, SGP_KEY_STATE_UNKNOWN, FALSE);
}

/* Yes to everything that can be asked about her. */
static const char *const *get_all_confirmed(void)
{
	static const char *const kinds[] = { "wait", "key-conflict", "subject-changed",
		"opt-out-unclear", "matter-ambiguous", "unknown" };
	static char *ids[G_N_ELEMENTS(kinds) + 1];
	for (gsize i = 0; ids[i] == NULL && i < G_N_ELEMENTS(kinds); i++)
		ids[i] = sgp_question_dup_id(kinds[i], NULL, ERIKA);
	return (const char *const *)ids;
}

static SgpFacts *facts_of(const Combination *combination)
{
	static const SgpMailboxState states[] = { SGP_MAILBOX_STATE_UNKNOWN,
		SGP_MAILBOX_STATE_FROZEN, SGP_MAILBOX_STATE_REGISTERED, SGP_MAILBOX_STATE_UNKNOWN };
	SgpFacts *facts = new_general_facts();
	SgpConsentFact *agreement = g_ptr_array_index(customer(facts)->consents, 0);
	put_keys(customer(facts), SGP_CHANNEL_OPENPGP, combination->openpgp);
	put_keys(customer(facts), SGP_CHANNEL_SMIME, combination->smime);
	facts->has_smime = TRUE;
	facts->has_portal = combination->portal != 3;
	customer(facts)->mailbox = states[combination->portal];
	customer(facts)->transport = (SgpKnowledge)combination->transport;
	facts->settings.profile =
		combination->by_class ? SGP_POLICY_PROFILE_BY_CLASS : SGP_POLICY_PROFILE_STRICT;
	facts->settings.allow_plain = combination->allow_plain;
	agreement->names_plain = combination->names_plain;
	facts->class_found = combination->content_class;
	facts->confirmed = combination->confirms_all ? get_all_confirmed() : NULL;
	return facts;
}

static SgpChannel channel_of(const Combination *combination)
{
	g_autoptr(SgpVerdict) verdict = decide(facts_of(combination));
	const SgpRecipientVerdict *one = first_of(verdict);
	/* Nothing leaves without a channel. */
	g_assert_true(one->channel != SGP_CHANNEL_NONE || verdict->action != SGP_ACTION_SEND);
	return one->channel;
}

typedef void (*CombinationFunc)(const Combination *combination);

static void for_each_combination(CombinationFunc func)
{
	for (int bits = 0; bits < 16; bits++) {
		for (int facts = 0; facts < 3 * 3 * 4 * 3; facts++) {
			for (int content_class = 0; content_class < 5; content_class++) {
				Combination combination = {
					.openpgp = facts % 3,
					.smime = facts / 3 % 3,
					.portal = facts / 9 % 4,
					.transport = facts / 36,
					.by_class = (bits & 1) != 0,
					.allow_plain = (bits & 2) != 0,
					.names_plain = (bits & 4) != 0,
					.confirms_all = (bits & 8) != 0,
					.content_class = (SgpContentClass)content_class,
				};
				func(&combination);
			}
		}
	}
}

static gboolean is_strong(SgpChannel channel)
{
	return channel == SGP_CHANNEL_OPENPGP || channel == SGP_CHANNEL_SMIME ||
	       channel == SGP_CHANNEL_PORTAL;
}

static void check_floor(const Combination *combination)
{
	SgpChannel channel = channel_of(combination);
	gboolean may_be_weak =
		combination->by_class && combination->content_class == SGP_CONTENT_CLASS_GENERAL;
	g_assert_true(channel == SGP_CHANNEL_NONE || is_strong(channel) || may_be_weak);
	if (channel == SGP_CHANNEL_PLAIN)
		g_assert_true(combination->allow_plain && combination->names_plain);
	/* No weak rung past one that could not be looked at. */
	if (channel == SGP_CHANNEL_TRANSPORT || channel == SGP_CHANNEL_PLAIN)
		g_assert_true(combination->openpgp == 1 && combination->smime == 1);
	if (channel == SGP_CHANNEL_PLAIN)
		g_assert_true(combination->transport == 1 && combination->portal != 0);
}

static void test_never_below_the_floor(void)
{
	for_each_combination(check_floor);
}

/* The place on the profile's own ladder; no channel is the last. */
static int place_of(SgpChannel channel)
{
	switch (channel) {
	case SGP_CHANNEL_OPENPGP:
	case SGP_CHANNEL_SMIME:
		return 0;
	case SGP_CHANNEL_TRANSPORT:
		return 1;
	case SGP_CHANNEL_PORTAL:
		return 2;
	case SGP_CHANNEL_PLAIN:
		return 3;
	case SGP_CHANNEL_NONE:
		return 4;
	}
	return 4;
}

static void assert_not_weaker(const Combination *before, const Combination *after)
{
	SgpChannel was = channel_of(before), is = channel_of(after);
	g_assert_cmpint(place_of(is), <=, place_of(was));
	/* Under strict, and for protected content, a sealed mail stays sealed. */
	if (!before->by_class || before->content_class != SGP_CONTENT_CLASS_GENERAL)
		g_assert_true(!is_strong(was) || is_strong(is));
}

/* Every unknown fact answered in every way. */
static void check_knowledge(const Combination *combination)
{
	for (int answer = 1; answer <= 2; answer++) {
		Combination keys = *combination, certificates = *combination, probe = *combination;
		keys.openpgp = certificates.smime = probe.transport = answer;
		if (combination->openpgp == 0)
			assert_not_weaker(combination, &keys);
		if (combination->smime == 0)
			assert_not_weaker(combination, &certificates);
		if (combination->transport == 0)
			assert_not_weaker(combination, &probe);
	}
	Combination mailbox = *combination;
	for (mailbox.portal = 1; combination->portal == 0 && mailbox.portal <= 2; mailbox.portal++)
		assert_not_weaker(combination, &mailbox);
}

static void test_knowledge_never_weakens(void)
{
	for_each_combination(check_knowledge);
}

static void check_confirmation(const Combination *combination)
{
	Combination confirmed = *combination;
	confirmed.confirms_all = TRUE;
	g_assert_cmpint(channel_of(combination), ==, channel_of(&confirmed));
}

static void test_no_confirmation_changes_a_rung(void)
{
	for_each_combination(check_confirmation);
}

#define ADD(path, function) g_test_add_func("/channel-ladder/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-usable-key-wins-and-the-others-are-told", test_openpgp);
	ADD("without-a-key-the-portal", test_portal);
	ADD("a-customer-who-is-not-registered-is-invited", test_invitation);
	ADD("without-a-rung-the-mail-is-held", test_no_rung);
	ADD("an-unknown-key-never-steps-down", test_unknown_keys);
	ADD("unknown-is-never-confirmed-away", test_unknown_is_never_confirmed_away);
	ADD("a-refused-recipient-is-held-whatever-the-channel", test_refused_and_unknown);
	ADD("a-usable-key-needs-no-other-answer", test_a_usable_key_needs_no_other_answer);
	ADD("an-unknown-revocation-is-unknown", test_unknown_revocation);
	ADD("by-class-general-mail-may-take-verified-transport", test_by_class);
	ADD("plain-needs-the-profile-the-setting-and-the-agreement", test_plain);
	ADD("protected-mail-has-no-weak-rung", test_protected);
	ADD("a-mail-with-something-unread-has-no-weak-rung", test_unread);
	ADD("the-scan-only-raises-the-class", test_class_is_only_raised);
	ADD("encrypted-only-makes-every-mail-protected", test_encrypted_only);
	ADD("encrypted-only-of-another-conversation-counts", test_encrypted_only_elsewhere);
	ADD("of-two-protocols-the-inquirys-then-the-verified", test_both_protocols);
	ADD("keys-of-equal-standing-are-all-used", test_several_keys);
	ADD("a-key-that-replaces-a-verified-one-asks", test_key_conflict);
	ADD("internal-mail-is-plain-unless-told", test_internal);
	ADD("a-mail-to-nobody-is-held", test_nobody);
	ADD("never-below-the-floor-whatever-the-facts", test_never_below_the_floor);
	ADD("more-knowledge-never-weakens-a-channel", test_knowledge_never_weakens);
	ADD("no-confirmation-changes-a-rung", test_no_confirmation_changes_a_rung);
	return g_test_run();
}
