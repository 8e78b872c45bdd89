/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands for a key, and for which mail that is enough: the sentences of the policy, on facts
 * alone. */
#include "policy-fixture.h"

static SgpRecipientFacts *customer(SgpFacts *facts)
{
	return g_ptr_array_index(facts->recipients, 0);
}

/* An inquiry of the customer's, and no portal: the keys decide. */
static SgpFacts *new_key_facts(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	facts->class_chosen = SGP_CONTENT_CLASS_GENERAL;
	facts->has_portal = FALSE;
	facts->has_smime = TRUE;
	return facts;
}

static SgpKey *add_standing(
	SgpFacts *facts, SgpChannel channel, SgpKeyState state, SgpKeyStanding standing)
{
	SgpKey *key =
		add_key(customer(facts), channel, state, standing == SGP_KEY_STANDING_VERIFIED);
	key->standing = standing;
	return key;
}

static SgpKey *add_openpgp(SgpFacts *facts, SgpKeyStanding standing)
{
	return add_standing(facts, SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_USABLE, standing);
}

static void assert_action(SgpFacts *facts, SgpAction action, SgpChannel channel)
{
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(sgp_action_get_nick(verdict->action), ==, sgp_action_get_nick(action));
	g_assert_cmpstr(sgp_channel_get_nick(first_of(verdict)->channel), ==,
		sgp_channel_get_nick(channel));
}

static gboolean is_reported(
	const SgpVerdict *verdict, const char *fingerprint, const char *reason, const char *detail)
{
	const GPtrArray *list = first_of(verdict)->not_stronger;
	for (guint i = 0; i < list->len; i++) {
		const SgpNotStronger *one = g_ptr_array_index(list, i);
		if (g_strcmp0(one->key, fingerprint) == 0)
			return g_strcmp0(one->reason, reason) == 0 &&
			       g_strcmp0(one->detail, detail) == 0;
	}
	return FALSE;
}

static void test_protected(void)
{
	static const struct {
		SgpKeyStanding standing;
		SgpAction general, protected;
	} CASES[] = {
		{ SGP_KEY_STANDING_NONE, SGP_ACTION_HOLD, SGP_ACTION_HOLD },
		{ SGP_KEY_STANDING_TOFU, SGP_ACTION_SEND, SGP_ACTION_HOLD },
		{ SGP_KEY_STANDING_WKD, SGP_ACTION_SEND, SGP_ACTION_SEND },
		{ SGP_KEY_STANDING_PORTAL, SGP_ACTION_SEND, SGP_ACTION_SEND },
		{ SGP_KEY_STANDING_VERIFIED, SGP_ACTION_SEND, SGP_ACTION_SEND },
	};
	static const SgpContentClass PROTECTED[] = { SGP_CONTENT_CLASS_HEALTH,
		SGP_CONTENT_CLASS_PERSONAL_INSURANCE, SGP_CONTENT_CLASS_SECRECY_203 };
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpFacts) facts = new_key_facts();
		add_openpgp(facts, CASES[i].standing);
		assert_action(facts, CASES[i].general,
			CASES[i].general == SGP_ACTION_SEND ? SGP_CHANNEL_OPENPGP
							    : SGP_CHANNEL_NONE);
		for (gsize n = 0; n < G_N_ELEMENTS(PROTECTED); n++) {
			facts->class_chosen = PROTECTED[n];
			assert_action(facts, CASES[i].protected,
				CASES[i].protected == SGP_ACTION_SEND ? SGP_CHANNEL_OPENPGP
								      : SGP_CHANNEL_NONE);
		}
	}
}

static void test_protected_by_setting(void)
{
	g_autoptr(SgpFacts) facts = new_key_facts();
	add_openpgp(facts, SGP_KEY_STANDING_TOFU);
	facts->class_chosen = SGP_CONTENT_CLASS_HEALTH;
	facts->settings.tofu_for_protected = TRUE;
	assert_action(facts, SGP_ACTION_SEND, SGP_CHANNEL_OPENPGP);
}

static void test_reason_of_doubt(void)
{
	g_autoptr(SgpFacts) facts = new_key_facts();
	SgpKey *key = add_openpgp(facts, SGP_KEY_STANDING_TOFU);
	facts->class_chosen = SGP_CONTENT_CLASS_HEALTH;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_true(is_reported(verdict, key->fingerprint, "not-verified", "tofu"));
	g_autofree char *remedy = g_strconcat("accept-key:", key->fingerprint, NULL);
	g_assert_true(has_text(first_of(verdict)->remedies, remedy));
}

static void assert_conflict(SgpFacts *facts, gboolean is_conflict)
{
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(question_id(verdict, "key-conflict") != NULL, ==, is_conflict);
	g_assert_cmpstr(sgp_action_get_nick(verdict->action), ==, is_conflict ? "ask" : "send");
}

static void test_conflicts(void)
{
	static const struct {
		SgpKeyState state;
		SgpKeyStanding old, new;
		gboolean is_conflict;
	} CASES[] = {
		/* beside a verified one */
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_WKD, TRUE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_TOFU, TRUE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_PORTAL, TRUE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_VERIFIED,
			FALSE },
		/* instead of one that ended */
		{ SGP_KEY_STATE_EXPIRED, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_WKD, TRUE },
		{ SGP_KEY_STATE_REVOKED, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_TOFU, TRUE },
		{ SGP_KEY_STATE_EXPIRED, SGP_KEY_STANDING_VERIFIED, SGP_KEY_STANDING_VERIFIED,
			FALSE },
		/* nobody verified the other one */
		{ SGP_KEY_STATE_NOT_VERIFIED, SGP_KEY_STANDING_NONE, SGP_KEY_STANDING_WKD, FALSE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_WKD, SGP_KEY_STANDING_WKD, FALSE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_TOFU, SGP_KEY_STANDING_TOFU, TRUE },
		{ SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_PORTAL, SGP_KEY_STANDING_TOFU, FALSE },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpFacts) facts = new_key_facts();
		add_standing(facts, SGP_CHANNEL_OPENPGP, CASES[i].state, CASES[i].old);
		add_openpgp(facts, CASES[i].new);
		assert_conflict(facts, CASES[i].is_conflict);
	}
}

/* GnuPG does not say any more whether a key that ended had been verified. */
static void test_unknown_past(void)
{
	g_autoptr(SgpFacts) facts = new_key_facts();
	SgpKey *old = add_standing(
		facts, SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_EXPIRED, SGP_KEY_STANDING_NONE);
	add_openpgp(facts, SGP_KEY_STANDING_WKD);
	assert_conflict(facts, FALSE);
	old->may_have_been_verified = TRUE;
	assert_conflict(facts, TRUE);
}

/* A candidate that nobody accepted makes no noise beside a verified key. */
static void test_candidate_beside(void)
{
	g_autoptr(SgpFacts) facts = new_key_facts();
	add_openpgp(facts, SGP_KEY_STANDING_VERIFIED);
	SgpKey *candidate = add_standing(
		facts, SGP_CHANNEL_OPENPGP, SGP_KEY_STATE_NOT_VERIFIED, SGP_KEY_STANDING_NONE);
	candidate->detail = g_strdup("candidate");
	assert_conflict(facts, FALSE);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_true(is_reported(verdict, candidate->fingerprint, "not-verified", "candidate"));
	g_assert_cmpuint(first_of(verdict)->keys->len, ==, 1);
}

static void test_best_standing(void)
{
	g_autoptr(SgpFacts) facts = new_key_facts();
	add_openpgp(facts, SGP_KEY_STANDING_PORTAL);
	add_openpgp(facts, SGP_KEY_STANDING_PORTAL);
	SgpKey *weaker = add_openpgp(facts, SGP_KEY_STANDING_WKD);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpuint(first_of(verdict)->keys->len, ==, 2);
	g_assert_true(is_reported(verdict, weaker->fingerprint, "not-preferred", NULL));
}

/* One protocol whose keyring cannot be read says nothing about the other. */
static void test_protocols_apart(void)
{
	g_autoptr(SgpFacts) certificate = new_key_facts();
	customer(certificate)->keys->is_known = FALSE;
	customer(certificate)->keys->is_known_smime = TRUE;
	add_standing(
		certificate, SGP_CHANNEL_SMIME, SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_VERIFIED);
	assert_action(certificate, SGP_ACTION_SEND, SGP_CHANNEL_SMIME);

	g_autoptr(SgpFacts) key = new_key_facts();
	customer(key)->keys->is_known = FALSE;
	customer(key)->keys->is_known_openpgp = TRUE;
	add_openpgp(key, SGP_KEY_STANDING_VERIFIED);
	assert_action(key, SGP_ACTION_SEND, SGP_CHANNEL_OPENPGP);

	/* But what is not known is not "none": no step to a weaker rung. */
	g_autoptr(SgpFacts) neither = new_key_facts();
	neither->settings.profile = SGP_POLICY_PROFILE_BY_CLASS;
	customer(neither)->transport = SGP_KNOWLEDGE_YES;
	customer(neither)->keys->is_known = FALSE;
	customer(neither)->keys->is_known_openpgp = TRUE;
	assert_action(neither, SGP_ACTION_ASK, SGP_CHANNEL_NONE);
	customer(neither)->keys->is_known_smime = TRUE;
	assert_action(neither, SGP_ACTION_SEND, SGP_CHANNEL_TRANSPORT);
}

#define ADD(name, func) g_test_add_func("/key-standing/" name, func)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-key-known-from-mail-alone-is-not-for-protected-mail", test_protected);
	ADD("the-administrator-may-say-otherwise", test_protected_by_setting);
	ADD("a-doubtful-key-says-why-and-what-cures-it", test_reason_of_doubt);
	ADD("a-newcomer-beside-or-instead-of-a-verified-key-asks", test_conflicts);
	ADD("what-ended-is-taken-for-verified", test_unknown_past);
	ADD("a-candidate-beside-a-verified-key-asks-nothing", test_candidate_beside);
	ADD("all-keys-of-the-best-standing-are-used", test_best_standing);
	ADD("one-protocol-says-nothing-about-the-other", test_protocols_apart);
	return g_test_run();
}
