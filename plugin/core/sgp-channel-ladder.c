/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ladder: by which channel does this person get this mail? Decides from facts alone and takes
 * the first usable rung; never looks anything up, never steps below the floor of protected mail,
 * and never steps to transport or plain past a rung that could not be looked at. */
#include "sgp-channel-ladder.h"

/* One rung, as the facts show it. Zero: could not look. */
typedef enum {
	RUNG_UNKNOWN = 0,
	RUNG_UNUSABLE,
	RUNG_USABLE,
} Rung;

typedef struct {
	const SgpFacts *facts;
	const SgpRecipientFacts *recipient;
	SgpRecipientVerdict *verdict;
	GPtrArray *questions;
	gboolean is_protected;
	gboolean has_unknown; /* a rung on the way could not be looked at */
} Ladder;

/* The usable keys of one protocol. */
typedef struct {
	SgpChannel channel;
	GPtrArray *verified, *others; /* (owned) (element-type SgpKey) */
	gboolean has_retired;         /* a verified key that cannot be used any more */
	gboolean is_first_use;        /* the others are known from mail alone */
	gboolean has_any, has_unknown;
} KeyRing;

static void lower(SgpRecipientVerdict *verdict, SgpAction action)
{
	verdict->action = MIN(verdict->action, action);
}

static void report(
	Ladder *ladder, SgpChannel channel, const char *key, const char *reason, const char *detail)
{
	g_ptr_array_add(
		ladder->verdict->not_stronger, sgp_not_stronger_new(channel, key, reason, detail));
}

/* --- End to end --- */

static void key_ring_clear(KeyRing *ring)
{
	g_ptr_array_unref(ring->verified);
	g_ptr_array_unref(ring->others);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KeyRing, key_ring_clear)

/* What stands in a header of a mail anybody can write: good enough for nobody's illness, unless the
 * office says so (test /channel-ladder/a-key-known-from-mail-alone-is-not-for-protected-mail). */
static gboolean is_good_enough(const Ladder *ladder, const SgpKey *key)
{
	switch (key->standing) {
	case SGP_KEY_STANDING_NONE:
		return key->verified;
	case SGP_KEY_STANDING_TOFU:
		return !ladder->is_protected || ladder->facts->settings.tofu_for_protected;
	case SGP_KEY_STANDING_WKD:
	case SGP_KEY_STANDING_PORTAL:
	case SGP_KEY_STANDING_VERIFIED:
		return TRUE;
	}
	return FALSE;
}

static void add_usable_key(const Ladder *ladder, KeyRing *ring, SgpKey *key)
{
	if (!is_good_enough(ladder, key))
		return;
	/* Keys come best first: of those that nobody verified only the best of them count, and
	 * those of equal standing with them. */
	const SgpKey *best = ring->others->len > 0 ? g_ptr_array_index(ring->others, 0) : key;
	if (key->verified)
		g_ptr_array_add(ring->verified, key);
	else if (key->standing == best->standing)
		g_ptr_array_add(ring->others, key);
	ring->is_first_use = best->standing == SGP_KEY_STANDING_TOFU;
}

static void add_key(const Ladder *ladder, KeyRing *ring, SgpKey *key)
{
	ring->has_any = TRUE;
	switch (key->state) {
	case SGP_KEY_STATE_USABLE:
		add_usable_key(ladder, ring, key);
		break;
	case SGP_KEY_STATE_UNKNOWN:
		ring->has_unknown = TRUE;
		break;
	case SGP_KEY_STATE_EXPIRED:
	case SGP_KEY_STATE_REVOKED:
	case SGP_KEY_STATE_DISABLED:
	case SGP_KEY_STATE_INVALID:
	case SGP_KEY_STATE_NO_ENCRYPTION:
	case SGP_KEY_STATE_TOO_WEAK:
		ring->has_retired =
			ring->has_retired || key->verified || key->may_have_been_verified;
		break;
	case SGP_KEY_STATE_NOT_YET_VALID:
	case SGP_KEY_STATE_NOT_VERIFIED:
	case SGP_KEY_STATE_WRONG_ADDRESS:
		break;
	}
}

static KeyRing read_keys(const Ladder *ladder, SgpChannel channel)
{
	const SgpRecipientFacts *recipient = ladder->recipient;
	KeyRing ring = { channel, g_ptr_array_new(), g_ptr_array_new() };
	for (guint i = 0; i < recipient->keys->keys->len; i++) {
		SgpKey *key = g_ptr_array_index(recipient->keys->keys, i);
		if (key->channel == channel)
			add_key(ladder, &ring, key);
	}
	return ring;
}

static gboolean is_usable(const KeyRing *ring)
{
	return ring->verified->len + ring->others->len > 0;
}

static Rung rung_of_keys(const Ladder *ladder, const KeyRing *ring)
{
	if (is_usable(ring))
		return RUNG_USABLE;
	gboolean is_known = sgp_key_answer_is_known(ladder->recipient->keys, ring->channel);
	return is_known && !ring->has_unknown ? RUNG_UNUSABLE : RUNG_UNKNOWN;
}

/* The protocol of the inquiry that is answered, NONE if it was not encrypted. */
static SgpChannel protocol_of_inquiry(const Ladder *ladder)
{
	for (guint i = 0; i < ladder->facts->messages->len; i++) {
		const SgpMessageFact *message = g_ptr_array_index(ladder->facts->messages, i);
		if (message->message_id != NULL &&
			g_strcmp0(message->message_id, ladder->verdict->evidence_message_id) == 0)
			return message->protocol;
	}
	return SGP_CHANNEL_NONE;
}

/* Both work: the protocol of the inquiry, else the better verified, else what is preferred. */
static SgpChannel choose_protocol(
	const Ladder *ladder, const KeyRing *openpgp, const KeyRing *smime)
{
	if (!is_usable(smime))
		return SGP_CHANNEL_OPENPGP;
	if (!is_usable(openpgp))
		return SGP_CHANNEL_SMIME;
	SgpChannel asked = protocol_of_inquiry(ladder);
	if (asked == SGP_CHANNEL_OPENPGP || asked == SGP_CHANNEL_SMIME)
		return asked;
	if ((openpgp->verified->len > 0) != (smime->verified->len > 0))
		return openpgp->verified->len > 0 ? SGP_CHANNEL_OPENPGP : SGP_CHANNEL_SMIME;
	return ladder->facts->settings.prefer_protocol == SGP_CHANNEL_SMIME ? SGP_CHANNEL_SMIME
									    : SGP_CHANNEL_OPENPGP;
}

/* All of them, so that an answer about one new key covers no second one. */
static char *dup_fingerprints(const GPtrArray *keys)
{
	g_autoptr(GString) list = g_string_new(NULL);
	for (guint i = 0; i < keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(keys, i);
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", key->fingerprint);
	}
	return g_string_free(g_steal_pointer(&list), FALSE);
}

/* Keys of equal standing are all used. A new key beside or instead of a verified one may be an
 * attacker's: somebody has to look, and until then the mail waits. */
static void take_keys(Ladder *ladder, const KeyRing *ring)
{
	const GPtrArray *chosen = ring->verified->len > 0 ? ring->verified : ring->others;
	for (guint i = 0; i < chosen->len; i++)
		g_ptr_array_add(ladder->verdict->keys, sgp_key_copy(g_ptr_array_index(chosen, i)));
	gboolean is_conflict =
		(ring->others->len > 0 && (ring->verified->len > 0 || ring->has_retired)) ||
		/* Of two keys that mail alone knows, one is not the customer's. */
		(ring->verified->len == 0 && ring->is_first_use && ring->others->len > 1);
	if (!is_conflict)
		return;
	g_autofree char *newcomers = dup_fingerprints(ring->others);
	const char *address = sgp_address_get_addr_spec(ladder->recipient->address);
	if (sgp_facts_is_confirmed(ladder->facts, "key-conflict", newcomers, address)) {
		g_ptr_array_add(ladder->verdict->confirmed, g_strdup("key-conflict"));
		return;
	}
	lower(ladder->verdict, SGP_ACTION_ASK);
	g_ptr_array_add(ladder->questions, sgp_question_new("key-conflict", newcomers, address));
}

static gboolean is_taken(const Ladder *ladder, const SgpKey *key)
{
	for (guint i = 0; i < ladder->verdict->keys->len; i++) {
		const SgpKey *taken = g_ptr_array_index(ladder->verdict->keys, i);
		if (g_strcmp0(taken->fingerprint, key->fingerprint) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Every key that was looked at and is not used, with its reason. */
static void report_keys(Ladder *ladder)
{
	for (guint i = 0; i < ladder->recipient->keys->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(ladder->recipient->keys->keys, i);
		if (is_taken(ladder, key))
			continue;
		gboolean is_usable_key = key->state == SGP_KEY_STATE_USABLE;
		gboolean is_doubtful = is_usable_key && !is_good_enough(ladder, key);
		const char *reason = is_doubtful     ? "not-verified"
				     : is_usable_key ? "not-preferred"
						     : sgp_key_state_get_nick(key->state);
		report(ladder, key->channel, key->fingerprint, reason,
			is_doubtful ? sgp_key_standing_get_nick(key->standing) : key->detail);
	}
}

static void report_no_keys(Ladder *ladder, const KeyRing *openpgp, const KeyRing *smime)
{
	const SgpKeyAnswer *keys = ladder->recipient->keys;
	if (!sgp_key_answer_is_known(keys, SGP_CHANNEL_OPENPGP))
		report(ladder, SGP_CHANNEL_OPENPGP, NULL, "unknown", NULL);
	else if (!openpgp->has_any)
		report(ladder, SGP_CHANNEL_OPENPGP, NULL, "no-key", NULL);
	if (!ladder->facts->has_smime)
		report(ladder, SGP_CHANNEL_SMIME, NULL, "not-available", NULL);
	else if (!sgp_key_answer_is_known(keys, SGP_CHANNEL_SMIME))
		report(ladder, SGP_CHANNEL_SMIME, NULL, "unknown", NULL);
	else if (!smime->has_any)
		report(ladder, SGP_CHANNEL_SMIME, NULL, "no-certificate", NULL);
}

/* A key that only waits to be looked at: staff can cure that. */
static void offer_acceptance(Ladder *ladder)
{
	for (guint i = 0; i < ladder->recipient->keys->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(ladder->recipient->keys->keys, i);
		gboolean is_waiting =
			key->state == SGP_KEY_STATE_NOT_VERIFIED ||
			(key->state == SGP_KEY_STATE_USABLE && !is_good_enough(ladder, key));
		/* A certificate of the keybox lacks its issuer, not its acceptance. */
		if (!is_waiting || (key->channel != SGP_CHANNEL_OPENPGP &&
					   key->origin != SGP_KEY_ORIGIN_SIGNATURE))
			continue;
		g_autofree char *remedy = g_strconcat("accept-key:", key->fingerprint, NULL);
		sgp_recipient_verdict_add_remedy(ladder->verdict, remedy);
	}
}

static Rung try_end_to_end(Ladder *ladder)
{
	g_auto(KeyRing) openpgp = read_keys(ladder, SGP_CHANNEL_OPENPGP);
	g_auto(KeyRing) smime = read_keys(ladder, SGP_CHANNEL_SMIME);
	Rung rung = MAX(rung_of_keys(ladder, &openpgp), rung_of_keys(ladder, &smime));
	if (rung == RUNG_USABLE) {
		SgpChannel protocol = choose_protocol(ladder, &openpgp, &smime);
		ladder->verdict->channel = protocol;
		take_keys(ladder, protocol == SGP_CHANNEL_OPENPGP ? &openpgp : &smime);
		report_keys(ladder);
		return RUNG_USABLE;
	}
	/* One protocol without keys does not make the other known. */
	if (rung_of_keys(ladder, &openpgp) == RUNG_UNKNOWN ||
		rung_of_keys(ladder, &smime) == RUNG_UNKNOWN)
		rung = RUNG_UNKNOWN;
	report_keys(ladder);
	report_no_keys(ladder, &openpgp, &smime);
	offer_acceptance(ladder);
	return rung;
}

/* --- The other rungs --- */

static Rung try_portal(Ladder *ladder)
{
	const SgpFacts *facts = ladder->facts;
	if (!facts->has_portal) {
		report(ladder, SGP_CHANNEL_PORTAL, NULL, "not-enrolled", NULL);
		return RUNG_UNUSABLE;
	}
	if (facts->is_too_large_for_portal) {
		report(ladder, SGP_CHANNEL_PORTAL, NULL, "too-large", NULL);
		return RUNG_UNUSABLE;
	}
	switch (ladder->recipient->mailbox) {
	case SGP_MAILBOX_STATE_UNKNOWN:
		report(ladder, SGP_CHANNEL_PORTAL, NULL, "unknown", NULL);
		return RUNG_UNKNOWN;
	case SGP_MAILBOX_STATE_FROZEN:
		report(ladder, SGP_CHANNEL_PORTAL, NULL, "frozen", NULL);
		return RUNG_UNUSABLE;
	case SGP_MAILBOX_STATE_NONE:
	case SGP_MAILBOX_STATE_INVITED:
	case SGP_MAILBOX_STATE_EXPIRED:
		ladder->verdict->is_invitation = TRUE;
		return RUNG_USABLE;
	case SGP_MAILBOX_STATE_REGISTERED:
		return RUNG_USABLE;
	}
	return RUNG_UNKNOWN;
}

static Rung try_transport(Ladder *ladder)
{
	switch (ladder->recipient->transport) {
	case SGP_KNOWLEDGE_YES:
		return RUNG_USABLE;
	case SGP_KNOWLEDGE_NO:
		report(ladder, SGP_CHANNEL_TRANSPORT, NULL, "not-available", NULL);
		return RUNG_UNUSABLE;
	case SGP_KNOWLEDGE_UNKNOWN:
		report(ladder, SGP_CHANNEL_TRANSPORT, NULL, "unknown", NULL);
		return RUNG_UNKNOWN;
	}
	return RUNG_UNKNOWN;
}

static void settle(Ladder *ladder, SgpChannel channel)
{
	ladder->verdict->channel = channel;
	ladder->verdict->channel_refusal = SGP_REFUSAL_NONE;
}

/* No rung: because there is none, or because we could not look. "wait" cannot be confirmed away:
 * the next assessment looks again. */
static void settle_without(Ladder *ladder)
{
	ladder->verdict->channel = SGP_CHANNEL_NONE;
	if (ladder->has_unknown) {
		ladder->verdict->channel_refusal = SGP_REFUSAL_UNKNOWN;
		sgp_recipient_verdict_add_remedy(ladder->verdict, "wait");
		sgp_recipient_verdict_add_remedy(ladder->verdict, "retry");
		if (ladder->verdict->action == SGP_ACTION_HOLD)
			return;
		lower(ladder->verdict, SGP_ACTION_ASK);
		g_ptr_array_add(ladder->questions,
			sgp_question_new("wait", NULL,
				sgp_address_get_addr_spec(ladder->recipient->address)));
		return;
	}
	ladder->verdict->channel_refusal = SGP_REFUSAL_NO_USABLE_CHANNEL;
	lower(ladder->verdict, SGP_ACTION_HOLD);
	/* Colleagues have no mailbox there. */
	if (!ladder->facts->has_portal && ladder->verdict->basis != SGP_BASIS_INTERNAL)
		sgp_recipient_verdict_add_remedy(ladder->verdict, "enrol-portal");
}

/* Mail inside the own mail system. */
static void decide_internal(Ladder *ladder)
{
	SgpInternalEncryption mode = ladder->facts->settings.internal_encryption;
	Rung rung = RUNG_UNUSABLE;
	switch (mode) {
	case SGP_INTERNAL_ENCRYPTION_NEVER:
		settle(ladder, SGP_CHANNEL_PLAIN);
		return;
	case SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE:
	case SGP_INTERNAL_ENCRYPTION_ALWAYS:
		rung = try_end_to_end(ladder);
		break;
	}
	ladder->has_unknown = rung == RUNG_UNKNOWN;
	if (rung == RUNG_USABLE)
		settle(ladder, ladder->verdict->channel);
	else if (rung == RUNG_UNUSABLE && mode == SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE)
		settle(ladder, SGP_CHANNEL_PLAIN);
	else
		settle_without(ladder);
}

/* by-class, general content only: transport stands before the portal. Never past an unknown
 * end-to-end rung. */
static gboolean try_step_to_transport(Ladder *ladder)
{
	Rung rung = try_transport(ladder);
	if (rung == RUNG_USABLE && !ladder->has_unknown) {
		settle(ladder, SGP_CHANNEL_TRANSPORT);
		return TRUE;
	}
	ladder->has_unknown = ladder->has_unknown || rung == RUNG_UNKNOWN;
	return FALSE;
}

static void decide_outside(Ladder *ladder, gboolean is_protected, gboolean names_plain)
{
	/* The floor of seed row S9: for protected content, and under "strict" for all, the weak
	 * rungs are not on the ladder at all. No confirmation and no setting is looked at. */
	gboolean is_by_class =
		!is_protected && ladder->facts->settings.profile == SGP_POLICY_PROFILE_BY_CLASS;
	/* Whatever nobody read may be a diagnosis (tests
	 * /channel-ladder/a-mail-with-something-unread- has-no-weak-rung, /attachment-scan). */
	gboolean has_weak_rungs = is_by_class && ladder->facts->unread->len == 0;
	Rung rung = try_end_to_end(ladder);
	if (rung == RUNG_USABLE) {
		settle(ladder, ladder->verdict->channel);
		return;
	}
	ladder->has_unknown = rung == RUNG_UNKNOWN;
	if (is_by_class && !has_weak_rungs)
		report(ladder, SGP_CHANNEL_TRANSPORT, NULL, "unread-attachment", NULL);
	if (has_weak_rungs && try_step_to_transport(ladder))
		return;
	rung = try_portal(ladder);
	if (rung == RUNG_USABLE) {
		settle(ladder, SGP_CHANNEL_PORTAL);
		return;
	}
	ladder->has_unknown = ladder->has_unknown || rung == RUNG_UNKNOWN;
	if (has_weak_rungs && !ladder->has_unknown && names_plain &&
		ladder->facts->settings.allow_plain)
		settle(ladder, SGP_CHANNEL_PLAIN);
	else
		settle_without(ladder);
}

void sgp_channel_ladder_decide(const SgpFacts *facts, const SgpRecipientFacts *recipient,
	gboolean is_protected, gboolean names_plain, SgpRecipientVerdict *verdict,
	GPtrArray *questions)
{
	Ladder ladder = {
		.facts = facts,
		.recipient = recipient,
		.verdict = verdict,
		.questions = questions,
		.is_protected = is_protected,
	};
	if (verdict->basis == SGP_BASIS_INTERNAL)
		decide_internal(&ladder);
	else
		decide_outside(&ladder, is_protected, names_plain);
}
