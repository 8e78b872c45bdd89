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
	return self;
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
