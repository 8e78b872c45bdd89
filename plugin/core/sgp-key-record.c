/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a keyring says of one key, and the rule that turns it into a judgement for one address and
 * one moment. Pure: no keyring, no clock, no settings.
 * GnuPG encrypts to a 1024-bit RSA key without a word once it is told to trust it, and it has to be
 * told so for every key that staff accepted; the strength is therefore judged here. */
#include "sgp-key-record.h"

#include <string.h>

#include "sgp-certificate.h"

#define LEAST_RSA_BITS 2048

static void free_user_id(gpointer data)
{
	SgpKeyUserId *user_id = data;
	g_free(user_id->addr_spec);
	g_free(user_id);
}

/**
 * sgp_key_record_new:
 * @fingerprint: whole; kept in upper case
 *
 * Returns: (transfer full): a record without parts and user ids
 */
SgpKeyRecord *sgp_key_record_new(SgpChannel channel, const char *fingerprint)
{
	SgpKeyRecord *self = g_new0(SgpKeyRecord, 1);
	g_atomic_ref_count_init(&self->refs);
	self->channel = channel;
	self->fingerprint = g_ascii_strup(fingerprint, -1);
	self->parts = g_array_new(FALSE, TRUE, sizeof(SgpKeyPart));
	self->user_ids = g_ptr_array_new_with_free_func(free_user_id);
	return self;
}

SgpKeyRecord *sgp_key_record_ref(SgpKeyRecord *self)
{
	g_atomic_ref_count_inc(&self->refs);
	return self;
}

void sgp_key_record_unref(SgpKeyRecord *self)
{
	if (self == NULL || !g_atomic_ref_count_dec(&self->refs))
		return;
	g_free(self->fingerprint);
	g_clear_pointer(&self->certificate, sgp_certificate_free);
	g_array_unref(self->parts);
	g_ptr_array_unref(self->user_ids);
	g_free(self);
}

static SgpKeyUserId *ensure_user_id(SgpKeyRecord *self, const char *addr_spec)
{
	for (guint i = 0; i < self->user_ids->len; i++) {
		SgpKeyUserId *known = g_ptr_array_index(self->user_ids, i);
		if (g_str_equal(known->addr_spec, addr_spec))
			return known;
	}
	SgpKeyUserId *user_id = g_new0(SgpKeyUserId, 1);
	user_id->addr_spec = g_strdup(addr_spec);
	user_id->is_revoked = TRUE;
	user_id->is_expired = TRUE;
	g_ptr_array_add(self->user_ids, user_id);
	return user_id;
}

/**
 * sgp_key_record_add_user_id:
 * @addr_spec: canonical; an address that several user ids name is kept once, with the best of them
 */
void sgp_key_record_add_user_id(
	SgpKeyRecord *self, const char *addr_spec, gboolean is_revoked, gboolean is_valid)
{
	SgpKeyUserId *user_id = ensure_user_id(self, addr_spec);
	user_id->is_revoked = user_id->is_revoked && is_revoked;
	user_id->is_expired = user_id->is_expired && is_revoked;
	user_id->is_valid = user_id->is_valid || (is_valid && !is_revoked);
}

/**
 * sgp_key_record_add_expired_user_id:
 * @addr_spec: canonical; the same, for a user id whose own time is over
 */
void sgp_key_record_add_expired_user_id(SgpKeyRecord *self, const char *addr_spec)
{
	ensure_user_id(self, addr_spec)->is_revoked = FALSE;
}

static const SgpKeyUserId *lookup_user_id(const SgpKeyRecord *self, const char *addr_spec)
{
	for (guint i = 0; i < self->user_ids->len; i++) {
		const SgpKeyUserId *user_id = g_ptr_array_index(self->user_ids, i);
		if (g_str_equal(user_id->addr_spec, addr_spec))
			return user_id;
	}
	return NULL;
}

/* Whether a user id that is not revoked names exactly this canonical addr-spec. */
gboolean sgp_key_record_has_address(const SgpKeyRecord *self, const char *addr_spec)
{
	const SgpKeyUserId *user_id = lookup_user_id(self, addr_spec);
	return user_id != NULL && !user_id->is_revoked && !user_id->is_expired;
}

gboolean sgp_key_record_has_named(const SgpKeyRecord *self, const char *addr_spec)
{
	return lookup_user_id(self, addr_spec) != NULL;
}

static gboolean is_expired(const SgpKeyPart *part, gint64 now)
{
	return part->expires != 0 && part->expires <= now;
}

/* gpg uses no part that was made in the future, whatever its clock. */
static gboolean is_alive(const SgpKeyPart *part, gint64 now, gint64 clock)
{
	return !part->is_revoked && !part->is_disabled && !part->is_invalid &&
	       !is_expired(part, now) && part->created <= clock;
}

static const SgpKeyPart *get_primary(const SgpKeyRecord *self)
{
	return self->parts->len == 0 ? NULL : &g_array_index(self->parts, SgpKeyPart, 0);
}

/* Whether a part of it can sign now; that the secret half is at hand is another question. */
gboolean sgp_key_record_can_sign(const SgpKeyRecord *self, gint64 now)
{
	const SgpKeyPart *primary = get_primary(self);
	if (primary == NULL || self->is_revoked || self->is_disabled || self->is_invalid ||
		!is_alive(primary, now, G_MAXINT64))
		return FALSE;
	for (guint i = 0; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		if (part->can_sign && is_alive(part, now, G_MAXINT64))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_strong_for_encryption(const SgpKeyPart *part)
{
	switch (part->algorithm) {
	case SGP_KEY_ALGORITHM_RSA:
		return part->bits >= LEAST_RSA_BITS;
	case SGP_KEY_ALGORITHM_CURVE:
		return TRUE;
	case SGP_KEY_ALGORITHM_UNKNOWN:
	case SGP_KEY_ALGORITHM_ELGAMAL:
	case SGP_KEY_ALGORITHM_DSA:
		return FALSE;
	}
	return FALSE;
}

/* The primary key vouches for its subkeys: who breaks a weak one can add a subkey of their own. */
static gboolean is_strong_primary(const SgpKeyPart *part)
{
	if (part->algorithm == SGP_KEY_ALGORITHM_DSA)
		return part->bits >= LEAST_RSA_BITS;
	return is_strong_for_encryption(part);
}

static char *dup_algorithm(const SgpKeyPart *part)
{
	switch (part->algorithm) {
	case SGP_KEY_ALGORITHM_RSA:
		return g_strdup_printf("rsa%u", part->bits);
	case SGP_KEY_ALGORITHM_CURVE:
		return g_strdup_printf("ecc%u", part->bits);
	case SGP_KEY_ALGORITHM_ELGAMAL:
		return g_strdup_printf("elg%u", part->bits);
	case SGP_KEY_ALGORITHM_DSA:
		return g_strdup_printf("dsa%u", part->bits);
	case SGP_KEY_ALGORITHM_UNKNOWN:
		return NULL;
	}
	return NULL;
}

static char *dup_date(gint64 time)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);
	return date == NULL ? NULL : g_date_time_format(date, "%Y-%m-%d");
}

/* The part that gpg will take: the newest living subkey for encryption, else the primary key. Only
 * this one counts: a strong old subkey is no help if gpg takes a weak new one. */
static const SgpKeyPart *find_encryption_part(const SgpKeyRecord *self, gint64 now, gint64 clock)
{
	const SgpKeyPart *newest = NULL;
	for (guint i = 1; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		if (part->can_encrypt && is_alive(part, now, clock) &&
			(newest == NULL || part->created > newest->created))
			newest = part;
	}
	const SgpKeyPart *primary = get_primary(self);
	if (newest == NULL && primary->can_encrypt && is_alive(primary, now, clock))
		newest = primary;
	return newest;
}

/* No part encrypts now. The one that came nearest says why. */
static SgpKeyState find_reason(
	const SgpKeyRecord *self, gint64 now, gint64 clock, gint64 *when, const char **detail)
{
	gint64 ended = 0, begins = 0;
	gboolean is_revoked = FALSE;
	for (guint i = 0; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		gboolean is_future = part->created > clock;
		if (!part->can_encrypt || (part->is_invalid && !is_future) || part->is_disabled)
			continue;
		is_revoked = is_revoked || part->is_revoked;
		if (part->is_revoked)
			continue;
		if (is_expired(part, now))
			ended = MAX(ended, part->expires);
		else if (is_future)
			begins = begins == 0 ? part->created : MIN(begins, part->created);
	}
	*when = begins != 0 ? begins : ended;
	if (begins != 0)
		return SGP_KEY_STATE_NOT_YET_VALID;
	if (ended != 0)
		return SGP_KEY_STATE_EXPIRED;
	*detail = is_revoked ? "subkey" : NULL;
	return is_revoked ? SGP_KEY_STATE_REVOKED : SGP_KEY_STATE_NO_ENCRYPTION;
}

static SgpKey *refuse(const SgpKeyRecord *self, SgpKeyState state, char *detail)
{
	g_autofree char *owned = detail;
	return sgp_key_new(self->channel, self->fingerprint, state, owned);
}

/* What ended or is wrong with the key as a whole. NULL: nothing. */
static SgpKey *refuse_whole(const SgpKeyRecord *self, gint64 now, gint64 clock)
{
	const SgpKeyPart *primary = get_primary(self);
	if (primary == NULL)
		return refuse(self, SGP_KEY_STATE_INVALID, NULL);
	if (self->is_revoked || primary->is_revoked)
		return refuse(self, SGP_KEY_STATE_REVOKED, NULL);
	if (self->is_disabled || primary->is_disabled)
		return refuse(self, SGP_KEY_STATE_DISABLED, NULL);
	if (is_expired(primary, now))
		return refuse(self, SGP_KEY_STATE_EXPIRED, dup_date(primary->expires));
	/* gpg calls it invalid too, for its signatures are of the future as well. */
	if (primary->created > clock)
		return refuse(self, SGP_KEY_STATE_NOT_YET_VALID, dup_date(primary->created));
	if (self->is_invalid || primary->is_invalid)
		return refuse(self, SGP_KEY_STATE_INVALID, NULL);
	return NULL;
}

static SgpKey *refuse_encryption(const SgpKeyRecord *self, gint64 now, gint64 clock)
{
	const SgpKeyPart *primary = get_primary(self);
	const SgpKeyPart *part = find_encryption_part(self, now, clock);
	if (part == NULL) {
		gint64 when = 0;
		const char *detail = NULL;
		SgpKeyState state = find_reason(self, now, clock, &when, &detail);
		return refuse(self, state, when != 0 ? dup_date(when) : g_strdup(detail));
	}
	if (!is_strong_primary(primary))
		return refuse(self, SGP_KEY_STATE_TOO_WEAK, dup_algorithm(primary));
	if (!is_strong_for_encryption(part))
		return refuse(self, SGP_KEY_STATE_TOO_WEAK, dup_algorithm(part));
	return NULL;
}

static SgpKey *refuse_user_id(const SgpKeyRecord *self, const SgpKeyUserId *user_id)
{
	if (user_id == NULL)
		return refuse(self, SGP_KEY_STATE_WRONG_ADDRESS, NULL);
	if (user_id->is_revoked)
		return refuse(self, SGP_KEY_STATE_REVOKED, g_strdup("user-id"));
	if (user_id->is_expired)
		return refuse(self, SGP_KEY_STATE_EXPIRED, g_strdup("user-id"));
	return NULL;
}

static SgpKey *accept(const SgpKeyRecord *self, gint64 now, gint64 clock)
{
	const SgpKeyPart *primary = get_primary(self);
	const SgpKeyPart *part = find_encryption_part(self, now, clock);
	SgpKey *key = refuse(self, SGP_KEY_STATE_NOT_VERIFIED, NULL);
	key->expires = part->expires;
	if (primary->expires != 0 && (key->expires == 0 || primary->expires < key->expires))
		key->expires = primary->expires;
	const char *ids[] = { part->key_id, NULL };
	key->encryption_key_ids = g_strdupv((char **)ids);
	return key;
}

/* GnuPG tells the validity of no key that ended: what was verified once looks like any other. */
static gboolean hides_validity(SgpKeyState state)
{
	switch (state) {
	case SGP_KEY_STATE_EXPIRED:
	case SGP_KEY_STATE_REVOKED:
		return TRUE;
	case SGP_KEY_STATE_UNKNOWN:
	case SGP_KEY_STATE_USABLE:
	case SGP_KEY_STATE_DISABLED:
	case SGP_KEY_STATE_INVALID:
	case SGP_KEY_STATE_NO_ENCRYPTION:
	case SGP_KEY_STATE_TOO_WEAK:
	case SGP_KEY_STATE_NOT_VERIFIED:
	case SGP_KEY_STATE_WRONG_ADDRESS:
	case SGP_KEY_STATE_NOT_YET_VALID:
		return FALSE;
	}
	return FALSE;
}

/* A certificate counts by its issuer; it has rules of its own. */
static SgpKey *judge_certificate(const SgpKeyRecord *self, const char *addr_spec, gint64 now)
{
	SgpKey *key = sgp_certificate_judge(self, addr_spec, now);
	if (key->verified)
		key->standing = SGP_KEY_STANDING_VERIFIED;
	return key;
}

/**
 * sgp_key_record_judge_by_clock:
 * @addr_spec: (nullable): the canonical address; without one nothing is verified
 * @now: seconds UTC, for everything that ends
 * @clock: seconds UTC, for everything that begins: gpg refuses what its own clock calls future,
 *   whatever moment is asked about
 *
 * Whether mail for this address may be encrypted to this key, by what the keyring says. What the
 * office accepts besides GnuPG's own validity is the look-up's business: here such a key is
 * %SGP_KEY_STATE_NOT_VERIFIED.
 *
 * Returns: (transfer full): the judgement, with the key id that a message to this key must name
 */
SgpKey *sgp_key_record_judge_by_clock(
	const SgpKeyRecord *self, const char *addr_spec, gint64 now, gint64 clock)
{
	const SgpKeyUserId *user_id = addr_spec == NULL ? NULL : lookup_user_id(self, addr_spec);
	if (self->certificate != NULL)
		return judge_certificate(self, addr_spec, now);
	SgpKey *key = refuse_whole(self, now, clock);
	if (key == NULL && addr_spec != NULL)
		key = refuse_user_id(self, user_id);
	if (key == NULL)
		key = refuse_encryption(self, now, clock);
	if (key == NULL)
		key = accept(self, now, clock);
	key->verified = user_id != NULL && user_id->is_valid;
	key->may_have_been_verified = key->verified || hides_validity(key->state);
	key->standing = key->verified ? SGP_KEY_STANDING_VERIFIED : SGP_KEY_STANDING_NONE;
	if (key->verified && key->state == SGP_KEY_STATE_NOT_VERIFIED)
		key->state = SGP_KEY_STATE_USABLE;
	return key;
}

SgpKey *sgp_key_record_judge(const SgpKeyRecord *self, const char *addr_spec, gint64 now)
{
	return sgp_key_record_judge_by_clock(self, addr_spec, now, G_MAXINT64);
}
