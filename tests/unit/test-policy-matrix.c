/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every combination of keys, certificates, portal, provider, class, profile and basis through the
 * one decision, and a hundred thousand random mails: protected mail never leaves below the floor,
 * what nobody could look at never opens a weak channel, and knowing more never takes a rung away
 * (threat 25). */
#include "policy-fixture.h"

/* --- What there is --- */

typedef struct {
	gboolean is_known;
	guint n_keys;
	struct {
		SgpKeyState state;
		SgpKeyStanding standing;
	} keys[2];
} Keys;

#define USABLE(standing)                                                                           \
	{                                                                                          \
		SGP_KEY_STATE_USABLE, SGP_KEY_STANDING_##standing                                  \
	}
#define BAD(state)                                                                                 \
	{                                                                                          \
		SGP_KEY_STATE_##state, SGP_KEY_STANDING_VERIFIED                                   \
	}

/* The first is the unknown; the second an answer that is incomplete. */
static const Keys openpgp_cases[] = {
	{ FALSE, 0, { { 0 } } },
	{ TRUE, 1, { { SGP_KEY_STATE_UNKNOWN, SGP_KEY_STANDING_VERIFIED } } },
	{ TRUE, 0, { { 0 } } },
	{ TRUE, 1, { USABLE(VERIFIED) } },
	{ TRUE, 1, { USABLE(PORTAL) } },
	{ TRUE, 1, { USABLE(WKD) } },
	{ TRUE, 1, { USABLE(TOFU) } },
	{ TRUE, 1, { USABLE(NONE) } },
	{ TRUE, 1, { BAD(EXPIRED) } },
	{ TRUE, 1, { BAD(REVOKED) } },
	{ TRUE, 1, { BAD(DISABLED) } },
	{ TRUE, 1, { BAD(INVALID) } },
	{ TRUE, 1, { BAD(NO_ENCRYPTION) } },
	{ TRUE, 1, { BAD(TOO_WEAK) } },
	{ TRUE, 1, { BAD(NOT_VERIFIED) } },
	{ TRUE, 1, { BAD(WRONG_ADDRESS) } },
	{ TRUE, 1, { BAD(NOT_YET_VALID) } },
	{ TRUE, 2, { USABLE(VERIFIED), USABLE(PORTAL) } },
	{ TRUE, 2, { BAD(EXPIRED), USABLE(PORTAL) } },
	{ TRUE, 2, { USABLE(TOFU), USABLE(TOFU) } },
};

static const Keys smime_cases[] = {
	{ FALSE, 0, { { 0 } } },
	{ TRUE, 1, { { SGP_KEY_STATE_UNKNOWN, SGP_KEY_STANDING_VERIFIED } } },
	{ TRUE, 0, { { 0 } } },
	{ TRUE, 1, { USABLE(VERIFIED) } },
	{ TRUE, 1, { BAD(REVOKED) } },
	{ TRUE, 2, { BAD(EXPIRED), USABLE(VERIFIED) } },
};

typedef enum {
	PORTAL_UNKNOWN = 0,
	PORTAL_UNREGISTERED,
	PORTAL_INVITED,
	PORTAL_EXPIRED,
	PORTAL_REGISTERED,
	PORTAL_FROZEN,
	PORTAL_TOO_LARGE,
	PORTAL_NOT_CONFIGURED, /* known beforehand: no answer to a look-up */
	N_PORTALS,
} Portal;

static const SgpContentClass classes[] = { SGP_CONTENT_CLASS_UNKNOWN, SGP_CONTENT_CLASS_GENERAL,
	SGP_CONTENT_CLASS_PERSONAL_INSURANCE, SGP_CONTENT_CLASS_HEALTH,
	SGP_CONTENT_CLASS_SECRECY_203 };

typedef enum {
	WHY_NOT = 0,
	WHY_INQUIRY,
	WHY_ENCRYPTED_ONLY,
	WHY_PHONE,
	WHY_LETTER,
	WHY_AGREEMENT,
	WHY_PLAIN_AGREEMENT,
	WHY_PARTNER,
	WHY_INTERNAL_NEVER,
	WHY_INTERNAL_IF_POSSIBLE,
	WHY_INTERNAL_ALWAYS,
	N_WHYS,
} Why;

#define N_TRANSPORTS 3

/* One combination, as places in the lists above. */
typedef struct {
	guint openpgp, smime;
	guint content_class, why;
	gboolean is_by_class, allows_plain;
} Combination;

/* --- Facts --- */

static void add_keys(SgpRecipientFacts *one, SgpChannel channel, const Keys *keys)
{
	for (guint i = 0; i < keys->n_keys; i++) {
		SgpKey *key = add_key(one, channel, keys->keys[i].state,
			keys->keys[i].standing == SGP_KEY_STANDING_VERIFIED);
		key->standing = keys->keys[i].standing;
	}
}

static void set_keys(SgpFacts *facts, SgpRecipientFacts *one, const Combination *at)
{
	const Keys *openpgp = &openpgp_cases[at->openpgp], *smime = &smime_cases[at->smime];
	add_keys(one, SGP_CHANNEL_OPENPGP, openpgp);
	add_keys(one, SGP_CHANNEL_SMIME, smime);
	one->keys->is_known_openpgp = openpgp->is_known;
	one->keys->is_known_smime = smime->is_known;
	one->keys->is_known = openpgp->is_known && smime->is_known;
	facts->has_smime = TRUE;
}

static void set_portal(SgpFacts *facts, SgpRecipientFacts *one, Portal portal)
{
	static const SgpMailboxState states[] = { SGP_MAILBOX_STATE_UNKNOWN, SGP_MAILBOX_STATE_NONE,
		SGP_MAILBOX_STATE_INVITED, SGP_MAILBOX_STATE_EXPIRED, SGP_MAILBOX_STATE_REGISTERED,
		SGP_MAILBOX_STATE_FROZEN, SGP_MAILBOX_STATE_REGISTERED, SGP_MAILBOX_STATE_UNKNOWN };
	one->mailbox = states[portal];
	facts->has_portal = portal != PORTAL_NOT_CONFIGURED;
	facts->is_too_large_for_portal = portal == PORTAL_TOO_LARGE;
}

static const char *address_of(Why why)
{
	if (why == WHY_PARTNER)
		return "x@insurer.example";
	return why >= WHY_INTERNAL_NEVER ? "anna@office.example" : ERIKA;
}

static void set_why(SgpFacts *facts, Why why)
{
	static const SgpInternalEncryption modes[] = { SGP_INTERNAL_ENCRYPTION_NEVER,
		SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE, SGP_INTERNAL_ENCRYPTION_ALWAYS };
	switch (why) {
	case WHY_NOT:
	case WHY_PARTNER:
		return;
	case WHY_INQUIRY:
		add_message(facts, ERIKA, DAY);
		return;
	case WHY_ENCRYPTED_ONLY:
		add_words(facts, ERIKA, DAY, SGP_OPT_OUT_ENCRYPTED_ONLY);
		return;
	case WHY_PHONE:
	case WHY_LETTER:
		facts->matter_chosen = g_strdup("SV-1");
		add_consent(
			facts, why == WHY_PHONE ? SGP_BASIS_PHONE : SGP_BASIS_LETTER, "SV-1", DAY);
		return;
	case WHY_AGREEMENT:
	case WHY_PLAIN_AGREEMENT:
		add_consent(facts, SGP_BASIS_AGREEMENT, NULL, DAY)->names_plain =
			why == WHY_PLAIN_AGREEMENT;
		return;
	case WHY_INTERNAL_NEVER:
	case WHY_INTERNAL_IF_POSSIBLE:
	case WHY_INTERNAL_ALWAYS:
		facts->settings.internal_encryption = modes[why - WHY_INTERNAL_NEVER];
		return;
	case N_WHYS:
		return;
	}
}

static SgpFacts *facts_of(const Combination *at)
{
	SgpFacts *facts = new_facts();
	g_ptr_array_set_size(facts->recipients, 0);
	SgpRecipientFacts *one = add_recipient(facts, address_of(at->why));
	set_keys(facts, one, at);
	facts->class_found = classes[at->content_class];
	facts->settings.profile =
		at->is_by_class ? SGP_POLICY_PROFILE_BY_CLASS : SGP_POLICY_PROFILE_STRICT;
	facts->settings.allow_plain = at->allows_plain;
	set_why(facts, at->why);
	return facts;
}

/* --- What must hold of every decision --- */

static gboolean is_end_to_end(SgpChannel channel)
{
	return channel == SGP_CHANNEL_OPENPGP || channel == SGP_CHANNEL_SMIME;
}

static gboolean is_weak(SgpChannel channel)
{
	return channel == SGP_CHANNEL_TRANSPORT || channel == SGP_CHANNEL_PLAIN;
}

static void assert_floor(const SgpFacts *facts, const SgpVerdict *verdict,
	const SgpRecipientVerdict *one, gboolean is_encrypted_only)
{
	gboolean is_protected = sgp_content_class_is_protected(verdict->class_effective) ||
				facts->unread->len > 0 || is_encrypted_only;
	gboolean is_strict = facts->settings.profile == SGP_POLICY_PROFILE_STRICT;
	if (one->basis == SGP_BASIS_INTERNAL)
		g_assert_true(one->channel != SGP_CHANNEL_TRANSPORT &&
			      one->channel != SGP_CHANNEL_PORTAL);
	else if (is_protected || is_strict)
		g_assert_false(is_weak(one->channel));
}

/* A rung of a weak kind is taken only where everything above it was looked at. */
static void assert_nothing_unknown_above(
	const SgpRecipientFacts *facts, const SgpRecipientVerdict *one)
{
	if (!is_weak(one->channel) || one->basis == SGP_BASIS_INTERNAL)
		return;
	g_assert_true(facts->keys->is_known_openpgp && facts->keys->is_known_smime);
	for (guint i = 0; i < facts->keys->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(facts->keys->keys, i);
		g_assert_cmpint(key->state, !=, SGP_KEY_STATE_UNKNOWN);
	}
	if (one->channel == SGP_CHANNEL_PLAIN)
		g_assert_cmpint(facts->transport, !=, SGP_KNOWLEDGE_UNKNOWN);
}

static void assert_has_reason(const SgpRecipientVerdict *one)
{
	if (one->action == SGP_ACTION_SEND) {
		g_assert_cmpint(one->basis, !=, SGP_BASIS_NONE);
		g_assert_cmpint(one->channel, !=, SGP_CHANNEL_NONE);
		return;
	}
	if (one->basis == SGP_BASIS_NONE)
		g_assert_cmpint(one->basis_refusal, !=, SGP_REFUSAL_NONE);
	if (one->channel == SGP_CHANNEL_NONE)
		g_assert_cmpint(one->channel_refusal, !=, SGP_REFUSAL_NONE);
	if (one->action == SGP_ACTION_HOLD)
		g_assert_true(one->remedies->len > 0 || one->not_stronger->len > 0);
}

static void assert_one(
	const SgpFacts *facts, const SgpVerdict *verdict, guint n, gboolean is_encrypted_only)
{
	const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, n);
	const SgpRecipientFacts *asked = g_ptr_array_index(facts->recipients, n);
	g_assert_true(sgp_address_equal(one->address, asked->address));
	g_assert_cmpint(one->field, ==, asked->field);
	g_assert_true(one->channel >= SGP_CHANNEL_NONE && one->channel <= SGP_CHANNEL_PLAIN);
	g_assert_true(is_end_to_end(one->channel) == (one->keys->len > 0));
	g_assert_cmpint(verdict->action, <=, one->action);
	assert_floor(facts, verdict, one, is_encrypted_only);
	assert_nothing_unknown_above(asked, one);
	assert_has_reason(one);
}

/* --- The matrix --- */

/* How far up this mail's own ladder; 0: on none. Under by-class, transport stands above the portal.
 */
static guint rank_of(const Combination *at, SgpChannel channel)
{
	switch (channel) {
	case SGP_CHANNEL_NONE:
		return 0;
	case SGP_CHANNEL_PLAIN:
		return 1;
	case SGP_CHANNEL_PORTAL:
		return 2;
	case SGP_CHANNEL_TRANSPORT:
		return at->is_by_class ? 3 : 0;
	case SGP_CHANNEL_OPENPGP:
	case SGP_CHANNEL_SMIME:
		return 4;
	}
	return 0;
}

typedef guint8 Ranks[G_N_ELEMENTS(openpgp_cases)][G_N_ELEMENTS(smime_cases)][N_PORTALS]
		    [N_TRANSPORTS];

/* Portal and provider are changed in place: making the facts anew costs more than deciding. */
static void fill_keys(const Combination *at, Ranks ranks)
{
	g_autoptr(SgpFacts) facts = facts_of(at);
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	for (guint portal = 0; portal < N_PORTALS; portal++) {
		set_portal(facts, one, (Portal)portal);
		for (guint transport = 0; transport < N_TRANSPORTS; transport++) {
			one->transport = (SgpKnowledge)transport;
			g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
			g_assert_cmpuint(verdict->recipients->len, ==, 1);
			assert_one(facts, verdict, 0, at->why == WHY_ENCRYPTED_ONLY);
			ranks[at->openpgp][at->smime][portal][transport] =
				(guint8)rank_of(at, first_of(verdict)->channel);
		}
	}
}

static void fill(Combination at, Ranks ranks)
{
	for (at.openpgp = 0; at.openpgp < G_N_ELEMENTS(openpgp_cases); at.openpgp++)
		for (at.smime = 0; at.smime < G_N_ELEMENTS(smime_cases); at.smime++)
			fill_keys(&at, ranks);
}

/* Every unknown, replaced by everything that a look-up could have answered. */
static void assert_knowledge_never_weakens(Ranks ranks)
{
	for (guint o = 0; o < G_N_ELEMENTS(openpgp_cases); o++)
		for (guint s = 0; s < G_N_ELEMENTS(smime_cases); s++)
			for (guint p = 0; p < N_PORTALS; p++)
				for (guint t = 0; t < N_TRANSPORTS; t++) {
					guint known = ranks[o][s][p][t];
					g_assert_cmpuint(ranks[0][s][p][t], <=, known);
					g_assert_cmpuint(ranks[o][0][p][t], <=, known);
					g_assert_cmpuint(ranks[o][s][p][0], <=, known);
					if (o >= 2)
						g_assert_cmpuint(ranks[1][s][p][t], <=, known);
					if (s >= 2)
						g_assert_cmpuint(ranks[o][1][p][t], <=, known);
					if (p != PORTAL_NOT_CONFIGURED)
						g_assert_cmpuint(ranks[o][s][0][t], <=, known);
				}
}

static void test_matrix(gconstpointer data)
{
	Combination at = { .why = GPOINTER_TO_UINT(data) };
	for (at.content_class = 0; at.content_class < G_N_ELEMENTS(classes); at.content_class++) {
		for (guint bits = 0; bits < 4; bits++) {
			Ranks ranks;
			at.is_by_class = (bits & 1) != 0;
			at.allows_plain = (bits & 2) != 0;
			fill(at, ranks);
			assert_knowledge_never_weakens(ranks);
		}
	}
}

/* --- Random mails --- */

#define N_RANDOM 100000

static guint below(GRand *dice, guint n)
{
	return (guint)g_rand_int_range(dice, 0, (gint32)n);
}

static void add_random_recipient(GRand *dice, SgpFacts *facts)
{
	static const char *const people[] = { ERIKA, "max@kunde.example", "otto@other.example",
		"anna@office.example", "x@insurer.example" };
	SgpRecipientFacts *one = add_recipient(facts, people[below(dice, G_N_ELEMENTS(people))]);
	Combination at = { .openpgp = below(dice, G_N_ELEMENTS(openpgp_cases)),
		.smime = below(dice, G_N_ELEMENTS(smime_cases)) };
	set_keys(facts, one, &at);
	one->field = (SgpField)below(dice, 3);
	one->mailbox = (SgpMailboxState)below(dice, SGP_MAILBOX_STATE_FROZEN + 1);
	one->transport = (SgpKnowledge)below(dice, N_TRANSPORTS);
	one->has_consents = below(dice, 10) > 0;
	one->wants_encryption = (SgpKnowledge)below(dice, SGP_KNOWLEDGE_YES + 1);
	for (guint n = below(dice, 3); n > 0; n--) {
		static const SgpBasis kinds[] = { SGP_BASIS_NONE, SGP_BASIS_PHONE, SGP_BASIS_LETTER,
			SGP_BASIS_AGREEMENT };
		SgpConsentFact *consent = sgp_consent_fact_new();
		consent->entry = n;
		consent->kind = kinds[below(dice, G_N_ELEMENTS(kinds))];
		consent->matter = below(dice, 2) > 0 ? g_strdup("SV-1") : NULL;
		consent->given = NOW - (gint64)below(dice, 400) * DAY;
		consent->names_plain = below(dice, 2) > 0;
		consent->is_matter_closed = below(dice, 5) == 0;
		g_ptr_array_add(one->consents, consent);
	}
}

static void add_random_messages(GRand *dice, SgpFacts *facts)
{
	static const char *const authors[] = { ERIKA, "max@kunde.example", "otto@other.example",
		"anna@office.example" };
	for (guint n = below(dice, 5); n > 0; n--) {
		SgpMessageFact *message = add_words(facts,
			authors[below(dice, G_N_ELEMENTS(authors))], (gint64)below(dice, 500) * DAY,
			(SgpOptOut)below(dice, SGP_OPT_OUT_OPTED_OUT + 1));
		message->is_judged = below(dice, 8) > 0;
		message->is_received = below(dice, 6) > 0;
		message->authentication =
			(SgpAuthentication)below(dice, SGP_AUTHENTICATION_FAIL + 1);
		message->not_personal = below(dice, 6) == 0 ? g_strdup("report") : NULL;
	}
}

static SgpFacts *random_facts(GRand *dice)
{
	SgpFacts *facts = new_facts();
	g_ptr_array_set_size(facts->recipients, 0);
	facts->settings.profile = (SgpPolicyProfile)below(dice, 2);
	facts->settings.allow_plain = below(dice, 2) > 0;
	facts->settings.internal_encryption = (SgpInternalEncryption)below(dice, 3);
	facts->settings.require_authenticated_inquiry = below(dice, 2) > 0;
	facts->class_chosen = classes[below(dice, G_N_ELEMENTS(classes))];
	facts->class_found = classes[below(dice, G_N_ELEMENTS(classes))];
	facts->history_complete = below(dice, 8) > 0;
	facts->is_reply = below(dice, 4) > 0;
	facts->has_portal = below(dice, 4) > 0;
	facts->is_too_large_for_portal = below(dice, 8) == 0;
	facts->matter_chosen = below(dice, 2) > 0 ? g_strdup("SV-1") : NULL;
	if (below(dice, 10) == 0)
		g_ptr_array_add(facts->unread, g_strdup("scan.xyz"));
	for (guint n = below(dice, 4) + 1; n > 0; n--)
		add_random_recipient(dice, facts);
	add_random_messages(dice, facts);
	return facts;
}

static gboolean said_encrypted_only(const SgpFacts *facts, const SgpRecipientVerdict *one)
{
	for (guint i = 0; facts->is_reply && i < facts->messages->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(facts->messages, i);
		if (message->is_judged && message->opt_out == SGP_OPT_OUT_ENCRYPTED_ONLY &&
			message->not_personal == NULL &&
			message->authentication != SGP_AUTHENTICATION_FAIL &&
			g_strcmp0(message->author, sgp_address_get_addr_spec(one->address)) == 0)
			return one->basis != SGP_BASIS_INTERNAL && one->basis != SGP_BASIS_PARTNER;
	}
	return FALSE;
}

static void assert_all(const SgpFacts *facts, const SgpVerdict *verdict)
{
	g_assert_cmpuint(verdict->recipients->len, ==, facts->recipients->len);
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		const SgpRecipientFacts *asked = g_ptr_array_index(facts->recipients, i);
		gboolean is_customer =
			one->basis != SGP_BASIS_INTERNAL && one->basis != SGP_BASIS_PARTNER;
		assert_one(facts, verdict, i,
			said_encrypted_only(facts, one) ||
				(is_customer && asked->wants_encryption != SGP_KNOWLEDGE_NO));
	}
}

/* Somebody says yes to everything that is asked, and overrules everything that can be. */
static void say_yes(SgpFacts *facts, const SgpVerdict *verdict, GPtrArray *ids, GHashTable *reasons)
{
	for (guint i = 0; i < verdict->questions->len; i++) {
		const SgpQuestion *question = g_ptr_array_index(verdict->questions, i);
		g_ptr_array_add(ids, question->id);
	}
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		if (one->objection_id != NULL)
			g_hash_table_insert(reasons, one->objection_id, (gpointer) "Ich will.");
	}
	g_ptr_array_add(ids, NULL);
	facts->confirmed = (const char *const *)ids->pdata;
	facts->overrules = reasons;
}

static void test_random(void)
{
	g_autoptr(GRand) dice = g_rand_new_with_seed(20261124);
	for (guint n = 0; n < N_RANDOM; n++) {
		g_autoptr(SgpFacts) facts = random_facts(dice);
		g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
		g_autoptr(GPtrArray) ids = g_ptr_array_new();
		g_autoptr(GHashTable) reasons = g_hash_table_new(g_str_hash, g_str_equal);
		assert_all(facts, verdict);
		say_yes(facts, verdict, ids, reasons);
		g_autoptr(SgpVerdict) answered = sgp_policy_decide(facts, NOW);
		assert_all(facts, answered);
	}
}

int main(int argc, char **argv)
{
	static const char *const whys[N_WHYS] = { "without-a-basis", "by-inquiry",
		"by-inquiry-encrypted-only", "by-phone", "by-letter", "by-agreement",
		"by-agreement-that-names-plain", "to-a-partner", "to-a-colleague-never-encrypted",
		"to-a-colleague-encrypted-if-possible", "to-a-colleague-always-encrypted" };
	g_test_init(&argc, &argv, NULL);
	for (guint why = 0; why < N_WHYS; why++) {
		g_autofree char *path = g_strconcat(
			"/policy-matrix/nothing-leaves-below-the-floor/", whys[why], NULL);
		g_test_add_data_func(path, GUINT_TO_POINTER(why), test_matrix);
	}
	g_test_add_func("/policy-matrix/no-random-mail-leaves-below-the-floor", test_random);
	return g_test_run();
}
