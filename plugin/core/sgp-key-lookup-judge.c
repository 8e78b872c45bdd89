/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who stands for a key: GnuPG's own validity, a mark of staff, or what the office trusts besides. A
 * certificate counts by its issuer alone. It asks nobody outside. */
#include "sgp-key-lookup-private.h"

/* What a domain published yesterday it may have taken back since: a key that leaked, a colleague
 * who left. Could not look is "not asked" too. */
static gboolean is_directory_fresh(SgpKeyLookup *self, const char *addr_spec, gint64 now)
{
	SgpWkdState state = SGP_WKD_STATE_UNKNOWN;
	g_autoptr(GError) error = NULL;
	if (self->candidates != NULL &&
		!sgp_key_candidates_lookup_wkd(self->candidates, addr_spec, now, &state, &error))
		g_debug("keys: could not look: %s", error->message);
	return state != SGP_WKD_STATE_UNKNOWN;
}

SgpKeyTrust sgp_key_lookup_read_trust(SgpKeyLookup *self, const char *addr_spec, gint64 now)
{
	g_auto(GStrv) list = sgp_settings_dup_strv(self->settings, "openpgp-trust");
	const char *const *names = (const char *const *)list;
	if (list == NULL)
		return (SgpKeyTrust){ FALSE };
	gboolean is_wkd_wanted = self->candidates != NULL && g_strv_contains(names, "wkd");
	gboolean is_fresh = is_wkd_wanted && is_directory_fresh(self, addr_spec, now);
	return (SgpKeyTrust){
		.marked = g_strv_contains(names, "marked"),
		.wkd = is_fresh,
		.has_stale_directory = is_wkd_wanted && !is_fresh,
		.portal = g_strv_contains(names, "portal"),
		.tofu = g_strv_contains(names, "tofu"),
	};
}

static SgpKeyStanding standing_of_origin(SgpKeyOrigin origin, const SgpKeyTrust *trust)
{
	switch (origin) {
	case SGP_KEY_ORIGIN_AUTOCRYPT:
	case SGP_KEY_ORIGIN_ATTACHMENT:
		return trust->tofu ? SGP_KEY_STANDING_TOFU : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_WKD:
		return trust->wkd ? SGP_KEY_STANDING_WKD : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_PORTAL:
		return trust->portal ? SGP_KEY_STANDING_PORTAL : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_UNKNOWN:
	case SGP_KEY_ORIGIN_KEYRING:
	case SGP_KEY_ORIGIN_SIGNATURE:
		return SGP_KEY_STANDING_NONE;
	}
	return SGP_KEY_STANDING_NONE;
}

/* The best that came with this very key, whichever way it came to us as well. */
static SgpKeyStanding find_standing(
	const GPtrArray *candidates, const char *fingerprint, const SgpKeyTrust *trust)
{
	SgpKeyStanding best = SGP_KEY_STANDING_NONE;
	for (guint i = 0; candidates != NULL && i < candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(candidates, i);
		if (g_str_equal(one->record->fingerprint, fingerprint))
			best = MAX(best, standing_of_origin(one->origin, trust));
	}
	return best;
}

/* The key's owner took it back, and only the copy that came to us says so yet. */
static gboolean is_revoked_elsewhere(const GPtrArray *candidates, const char *fingerprint)
{
	for (guint i = 0; candidates != NULL && i < candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(candidates, i);
		if (one->record->is_revoked && g_str_equal(one->record->fingerprint, fingerprint))
			return TRUE;
	}
	return FALSE;
}

/* A key that only signs, as a portal customer's signature key: no mail was ever sealed to it, so
 * that no other key stands in its place. */
static gboolean is_for_signing_only(const SgpKeyRecord *record)
{
	for (guint i = 0; i < record->parts->len; i++)
		if (g_array_index(record->parts, SgpKeyPart, i).can_encrypt)
			return FALSE;
	return record->channel == SGP_CHANNEL_OPENPGP && record->parts->len > 0;
}

/* Later than this nothing can have been made. A keyring keeps no history: whoever asks about a day
 * that is not long gone (--now) is answered by what it holds today, for its validity and its
 * revocations are of today as well. Long ago the key was not there. */
#define KEYRING_OF_TODAY ((gint64)366 * 24 * 3600)

static gint64 get_clock(gint64 now)
{
	gint64 today = g_get_real_time() / G_USEC_PER_SEC;
	return today - now > KEYRING_OF_TODAY ? now : MAX(now, today);
}

/* GnuPG's word, or the office's own. Errors: could not look into the office's own. A certificate
 * counts by its issuer alone. */
SgpKey *sgp_key_lookup_judge(SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec,
	gint64 now, const SgpKeyTrust *trust, const GPtrArray *candidates, GError **error)
{
	g_autoptr(SgpKey) key =
		sgp_key_record_judge_by_clock(record, addr_spec, now, get_clock(now));
	gboolean is_accepted = FALSE;
	key->origin = SGP_KEY_ORIGIN_KEYRING;
	if (is_for_signing_only(record)) {
		key->verified = FALSE;
		key->may_have_been_verified = FALSE;
		return g_steal_pointer(&key);
	}
	if (record->channel == SGP_CHANNEL_OPENPGP &&
		is_revoked_elsewhere(candidates, record->fingerprint)) {
		key->state = SGP_KEY_STATE_REVOKED;
		g_clear_pointer(&key->detail, g_free);
	}
	if (record->channel != SGP_CHANNEL_OPENPGP || key->verified)
		return g_steal_pointer(&key);
	if (trust->marked && !sgp_key_acceptance_lookup(self->acceptance, key->fingerprint,
				     addr_spec, &is_accepted, error))
		return NULL;
	key->verified = is_accepted;
	key->standing = is_accepted ? SGP_KEY_STANDING_VERIFIED
				    : find_standing(candidates, key->fingerprint, trust);
	if (key->state == SGP_KEY_STATE_NOT_VERIFIED && key->standing != SGP_KEY_STANDING_NONE)
		key->state = SGP_KEY_STATE_USABLE;
	return g_steal_pointer(&key);
}

SgpKey *sgp_key_lookup_judge_candidate(SgpKeyLookup *self, const SgpKeyCandidate *candidate,
	const char *addr_spec, gint64 now, const SgpKeyTrust *trust, const GPtrArray *candidates,
	GError **error)
{
	SgpKey *key = sgp_key_lookup_judge(
		self, candidate->record, addr_spec, now, trust, candidates, error);
	if (key == NULL)
		return NULL;
	key->origin = candidate->origin;
	key->certificate = g_bytes_ref(candidate->certificate);
	/* Nobody ever used it: whatever ended here was not verified. */
	key->may_have_been_verified = key->verified;
	/* A certificate that is in no keybox: nobody asked its issuer, and nobody has to yet. */
	if (key->channel == SGP_CHANNEL_SMIME &&
		(key->state == SGP_KEY_STATE_UNKNOWN || key->state == SGP_KEY_STATE_USABLE))
		key->state = SGP_KEY_STATE_NOT_VERIFIED;
	if (key->state == SGP_KEY_STATE_NOT_VERIFIED && key->detail == NULL)
		key->detail = g_strdup("candidate");
	return key;
}
