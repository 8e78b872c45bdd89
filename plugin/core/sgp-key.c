/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of one key or certificate for one address. A plain record: never looks a key up,
 * never judges one. */
#include "sgp-key.h"

/* A new record, owned by the caller. fingerprint: whole, upper-case hex. detail: (nullable). */
SgpKey *sgp_key_new(
	SgpChannel channel, const char *fingerprint, SgpKeyState state, const char *detail)
{
	SgpKey *self = g_new0(SgpKey, 1);
	self->channel = channel;
	self->fingerprint = g_strdup(fingerprint);
	self->state = state;
	self->detail = g_strdup(detail);
	return self;
}

SgpKey *sgp_key_copy(const SgpKey *self)
{
	SgpKey *copy = sgp_key_new(self->channel, self->fingerprint, self->state, self->detail);
	copy->expires = self->expires;
	copy->verified = self->verified;
	copy->may_have_been_verified = self->may_have_been_verified;
	copy->standing = self->standing;
	copy->origin = self->origin;
	copy->certificate = self->certificate != NULL ? g_bytes_ref(self->certificate) : NULL;
	copy->encryption_key_ids = g_strdupv(self->encryption_key_ids);
	return copy;
}

void sgp_key_free(SgpKey *self)
{
	if (self == NULL)
		return;
	g_free(self->fingerprint);
	g_free(self->detail);
	g_strfreev(self->encryption_key_ids);
	g_clear_pointer(&self->certificate, g_bytes_unref);
	g_free(self);
}

const char *sgp_key_state_get_nick(SgpKeyState state)
{
	switch (state) {
	case SGP_KEY_STATE_UNKNOWN:
		return "unknown";
	case SGP_KEY_STATE_USABLE:
		return "usable";
	case SGP_KEY_STATE_EXPIRED:
		return "expired";
	case SGP_KEY_STATE_REVOKED:
		return "revoked";
	case SGP_KEY_STATE_DISABLED:
		return "disabled";
	case SGP_KEY_STATE_INVALID:
		return "invalid";
	case SGP_KEY_STATE_NO_ENCRYPTION:
		return "no-encryption";
	case SGP_KEY_STATE_TOO_WEAK:
		return "too-weak";
	case SGP_KEY_STATE_NOT_VERIFIED:
		return "not-verified";
	case SGP_KEY_STATE_WRONG_ADDRESS:
		return "wrong-address";
	case SGP_KEY_STATE_NOT_YET_VALID:
		return "not-yet-valid";
	}
	return "unknown";
}

const char *sgp_key_standing_get_nick(SgpKeyStanding standing)
{
	switch (standing) {
	case SGP_KEY_STANDING_NONE:
		return "none";
	case SGP_KEY_STANDING_TOFU:
		return "tofu";
	case SGP_KEY_STANDING_WKD:
		return "wkd";
	case SGP_KEY_STANDING_PORTAL:
		return "portal";
	case SGP_KEY_STANDING_VERIFIED:
		return "verified";
	}
	return "none";
}

const char *sgp_key_origin_get_nick(SgpKeyOrigin origin)
{
	switch (origin) {
	case SGP_KEY_ORIGIN_UNKNOWN:
		return "unknown";
	case SGP_KEY_ORIGIN_KEYRING:
		return "keyring";
	case SGP_KEY_ORIGIN_AUTOCRYPT:
		return "autocrypt";
	case SGP_KEY_ORIGIN_ATTACHMENT:
		return "attachment";
	case SGP_KEY_ORIGIN_SIGNATURE:
		return "signature";
	case SGP_KEY_ORIGIN_WKD:
		return "wkd";
	case SGP_KEY_ORIGIN_PORTAL:
		return "portal";
	}
	return "unknown";
}

SgpKeyAnswer *sgp_key_answer_new(void)
{
	SgpKeyAnswer *self = g_new0(SgpKeyAnswer, 1);
	self->keys = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_free);
	return self;
}

void sgp_key_answer_free(SgpKeyAnswer *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->keys);
	g_free(self);
}

gboolean sgp_key_answer_is_known(const SgpKeyAnswer *self, SgpChannel channel)
{
	return self->is_known || (channel == SGP_CHANNEL_OPENPGP && self->is_known_openpgp) ||
	       (channel == SGP_CHANNEL_SMIME && self->is_known_smime);
}
