/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a keyring says of one key, and the rule that turns it into a judgement for one address and
 * one moment . Pure: no keyring, no clock, no settings.
 * GnuPG encrypts to a 1024-bit RSA key without a word once it is told to trust it, and it has to be
 * told so for every key that staff accepted; the strength is therefore judged here. */
#include "sgp-key-record.h"

#include <string.h>

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
	g_array_unref(self->parts);
	g_ptr_array_unref(self->user_ids);
	g_free(self);
}

/**
 * sgp_key_record_add_user_id:
 * @addr_spec: canonical; an address that several user ids name is kept once, with the best of them
 */
void sgp_key_record_add_user_id(
	SgpKeyRecord *self, const char *addr_spec, gboolean is_revoked, gboolean is_valid)
{
	for (guint i = 0; i < self->user_ids->len; i++) {
		SgpKeyUserId *known = g_ptr_array_index(self->user_ids, i);
		if (g_str_equal(known->addr_spec, addr_spec)) {
			known->is_revoked = known->is_revoked && is_revoked;
			known->is_valid = known->is_valid || is_valid;
			return;
		}
	}
	SgpKeyUserId *user_id = g_new0(SgpKeyUserId, 1);
	user_id->addr_spec = g_strdup(addr_spec);
	user_id->is_revoked = is_revoked;
	user_id->is_valid = is_valid;
	g_ptr_array_add(self->user_ids, user_id);
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
	return user_id != NULL && !user_id->is_revoked;
}

static gboolean is_expired(const SgpKeyPart *part, gint64 now)
{
	return part->expires != 0 && part->expires <= now;
}

static gboolean is_alive(const SgpKeyPart *part, gint64 now)
{
	return !part->is_revoked && !part->is_disabled && !part->is_invalid &&
	       !is_expired(part, now);
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
		!is_alive(primary, now))
		return FALSE;
	for (guint i = 0; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		if (part->can_sign && is_alive(part, now))
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
static const SgpKeyPart *find_encryption_part(const SgpKeyRecord *self, gint64 now)
{
	const SgpKeyPart *newest = NULL;
	for (guint i = 1; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		if (part->can_encrypt && is_alive(part, now) &&
			(newest == NULL || part->created > newest->created))
			newest = part;
	}
	const SgpKeyPart *primary = get_primary(self);
	if (newest == NULL && primary->can_encrypt && is_alive(primary, now))
		newest = primary;
	return newest;
}

/* When the last of the encryption subkeys ended that would otherwise do; 0 if there is none. */
static gint64 find_last_expiry(const SgpKeyRecord *self)
{
	gint64 last = 0;
	for (guint i = 0; i < self->parts->len; i++) {
		const SgpKeyPart *part = &g_array_index(self->parts, SgpKeyPart, i);
		if (part->can_encrypt && !part->is_revoked && !part->is_invalid)
			last = MAX(last, part->expires);
	}
	return last;
}

static SgpKey *refuse(const SgpKeyRecord *self, SgpKeyState state, char *detail)
{
	g_autofree char *owned = detail;
	return sgp_key_new(self->channel, self->fingerprint, state, owned);
}

static SgpKey *judge_address(const SgpKeyRecord *self, const char *addr_spec, SgpKey *key)
{
	const SgpKeyUserId *user_id = addr_spec == NULL ? NULL : lookup_user_id(self, addr_spec);
	if (addr_spec != NULL && (user_id == NULL || user_id->is_revoked)) {
		key->state = SGP_KEY_STATE_WRONG_ADDRESS;
		return key;
	}
	key->verified = user_id != NULL && user_id->is_valid;
	key->state = key->verified ? SGP_KEY_STATE_USABLE : SGP_KEY_STATE_NOT_VERIFIED;
	return key;
}

/**
 * sgp_key_record_judge:
 * @addr_spec: (nullable): the canonical address; without one nothing is verified
 * @now: seconds UTC
 *
 * Whether mail for this address may be encrypted to this key, by what the keyring says. What the
 * office accepts besides GnuPG's own validity is the look-up's business: here such a key is
 * %SGP_KEY_STATE_NOT_VERIFIED.
 *
 * Returns: (transfer full): the judgement, with the key id that a message to this key must name
 */
SgpKey *sgp_key_record_judge(const SgpKeyRecord *self, const char *addr_spec, gint64 now)
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
	if (self->is_invalid || primary->is_invalid)
		return refuse(self, SGP_KEY_STATE_INVALID, NULL);
	const SgpKeyPart *part = find_encryption_part(self, now);
	if (part == NULL) {
		gint64 last = find_last_expiry(self);
		return last != 0 && last <= now
			       ? refuse(self, SGP_KEY_STATE_EXPIRED, dup_date(last))
			       : refuse(self, SGP_KEY_STATE_NO_ENCRYPTION, NULL);
	}
	if (!is_strong_primary(primary))
		return refuse(self, SGP_KEY_STATE_TOO_WEAK, dup_algorithm(primary));
	if (!is_strong_for_encryption(part))
		return refuse(self, SGP_KEY_STATE_TOO_WEAK, dup_algorithm(part));

	SgpKey *key = sgp_key_new(self->channel, self->fingerprint, SGP_KEY_STATE_UNKNOWN, NULL);
	key->expires = part->expires;
	if (primary->expires != 0 && (key->expires == 0 || primary->expires < key->expires))
		key->expires = primary->expires;
	const char *ids[] = { part->key_id, NULL };
	key->encryption_key_ids = g_strdupv((char **)ids);
	return judge_address(self, addr_spec, key);
}
