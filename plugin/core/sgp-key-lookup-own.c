/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user's own key to sign with and to encrypt to: only one whose secret half is here, and none
 * that is revoked. */
#include "sgp-key-lookup-private.h"

/* A key of one's own may be unverified by GnuPG (an imported backup): holding its secret half is
 * better proof than any signature. It has to be fit for both uses, though. */
static SgpKey *judge_own(const SgpKeyRecord *record, const char *addr_spec, gint64 now)
{
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, addr_spec, now);
	/* A certificate counts by its issuer here, too: gpgsm signs with no other. */
	gboolean is_good_enough =
		key->state == SGP_KEY_STATE_USABLE ||
		(key->state == SGP_KEY_STATE_NOT_VERIFIED && key->channel == SGP_CHANNEL_OPENPGP);
	if (!is_good_enough)
		return NULL;
	if (!sgp_key_record_can_sign(record, now))
		return NULL;
	key->state = SGP_KEY_STATE_USABLE;
	key->origin = SGP_KEY_ORIGIN_KEYRING;
	return g_steal_pointer(&key);
}

static gboolean find_best_own(SgpKeyLookup *self, const SgpKeyRing *ring, const char *addr_spec,
	gint64 now, SgpKey **best, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) records = sgp_key_index_lookup(
		ring->index, addr_spec, sgp_key_lookup_get_end(self), cancellable, error);
	if (records == NULL)
		return FALSE;
	for (guint i = 0; i < records->len; i++) {
		g_autoptr(SgpKey) key = judge_own(g_ptr_array_index(records, i), addr_spec, now);
		gboolean is_better =
			key != NULL && (*best == NULL || (key->verified && !(*best)->verified));
		gboolean is_secret = FALSE;
		if (!is_better)
			continue;
		if (!sgp_key_index_has_secret(
			    ring->index, key->fingerprint, &is_secret, cancellable, error))
			return FALSE;
		/* A stolen card of one's own reads no more mail. An issuer that does not answer
		 * holds up nothing here: those who read the mail look for themselves. */
		if (is_secret)
			sgp_key_lookup_check(ring, g_ptr_array_index(records, i), key, now,
				sgp_key_lookup_get_look(self), cancellable);
		if (is_secret && key->state != SGP_KEY_STATE_REVOKED) {
			key->state = SGP_KEY_STATE_USABLE;
			sgp_key_free(*best);
			*best = g_steal_pointer(&key);
		}
	}
	return TRUE;
}

/**
 * sgp_key_lookup_run_own_of:
 * @channel: OPENPGP or SMIME
 * @addr_spec: canonical, one of the user's own
 *
 * Returns: (transfer full) (nullable): NULL and no error if there is none. One that is valid by
 * itself is preferred
 */
SgpKey *sgp_key_lookup_run_own_of(SgpKeyLookup *self, SgpChannel channel, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKey) best = NULL;
	for (guint i = 0; i < self->rings->len; i++) {
		const SgpKeyRing *ring = &g_array_index(self->rings, SgpKeyRing, i);
		if (ring->channel == channel &&
			!find_best_own(self, ring, addr_spec, now, &best, cancellable, error))
			return NULL;
	}
	if (best != NULL) {
		best->verified = TRUE;
		best->standing = SGP_KEY_STANDING_VERIFIED;
	}
	return g_steal_pointer(&best);
}

SgpKey *sgp_key_lookup_run_own(SgpKeyLookup *self, const char *addr_spec, gint64 now,
	GCancellable *cancellable, GError **error)
{
	return sgp_key_lookup_run_own_of(
		self, SGP_CHANNEL_OPENPGP, addr_spec, now, cancellable, error);
}
