/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the portal said about one customer. A plain record: never asks the portal (sgp-portal-client
 * does). */
#include "sgp-portal-mailbox.h"

/* A new record, owned by the caller. address: canonical addr-spec. */
SgpPortalMailbox *sgp_portal_mailbox_new(const char *address, SgpMailboxState state)
{
	SgpPortalMailbox *self = g_new0(SgpPortalMailbox, 1);
	self->address = g_strdup(address);
	self->state = state;
	self->keys = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_deposited_key_free);
	return self;
}

SgpDepositedKey *sgp_deposited_key_new(const char *kind, const char *key, const char *signature)
{
	SgpDepositedKey *self = g_new0(SgpDepositedKey, 1);
	self->kind = g_strdup(kind);
	self->key = g_strdup(key);
	self->signature = g_strdup(signature);
	return self;
}

SgpDepositedKey *sgp_deposited_key_copy(const SgpDepositedKey *self)
{
	return sgp_deposited_key_new(self->kind, self->key, self->signature);
}

void sgp_deposited_key_free(SgpDepositedKey *self)
{
	g_free(self->kind);
	g_free(self->key);
	g_free(self->signature);
	g_free(self);
}

void sgp_portal_mailbox_free(SgpPortalMailbox *self)
{
	if (self == NULL)
		return;
	g_free(self->address);
	g_free(self->handle);
	g_free(self->language);
	g_free(self->mailbox_key);
	g_free(self->escrow);
	g_free(self->signature_key);
	g_free(self->signature_mac);
	g_ptr_array_unref(self->keys);
	g_free(self);
}

const char *sgp_mailbox_state_get_nick(SgpMailboxState state)
{
	switch (state) {
	case SGP_MAILBOX_STATE_UNKNOWN:
		return "unknown";
	case SGP_MAILBOX_STATE_NONE:
		return "none";
	case SGP_MAILBOX_STATE_INVITED:
		return "invited";
	case SGP_MAILBOX_STATE_EXPIRED:
		return "expired";
	case SGP_MAILBOX_STATE_REGISTERED:
		return "registered";
	case SGP_MAILBOX_STATE_FROZEN:
		return "frozen";
	}
	return "unknown";
}

gboolean sgp_mailbox_state_from_nick(const char *nick, SgpMailboxState *out)
{
	for (int i = SGP_MAILBOX_STATE_UNKNOWN; i <= SGP_MAILBOX_STATE_FROZEN; i++) {
		if (g_strcmp0(nick, sgp_mailbox_state_get_nick((SgpMailboxState)i)) == 0) {
			*out = (SgpMailboxState)i;
			return TRUE;
		}
	}
	return FALSE;
}
