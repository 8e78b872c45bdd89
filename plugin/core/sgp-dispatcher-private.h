/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-dispatcher.h"
#include "sgp-invitation.h"

G_BEGIN_DECLS

struct _SgpDispatcher {
	GObject parent_instance;
	SgpSettings *settings;    /* (owned) */
	SgpStore *store;          /* (owned) */
	SgpHistory *history;      /* (owned) */
	SgpConsentLedger *ledger; /* (owned) */
	SgpKeyLookup *keys;       /* (owned) */
	SgpAssessor *assessor;    /* (owned) */
	SgpSpool *spool;          /* (owned) */
	SgpTransportProbe *probe; /* (owned) */
	char *home;               /* (owned) (nullable) GnuPG home */

	GMutex lock;
	SgpPortalClient *portal; /* (owned) (nullable) with a token */
	SgpPortalState portal_state;
	gint64 roster_until; /* monotonic: verified, and names us */
};

/* Makes every portal recipient's mailbox ready for sealing: invited, its key checked. mailboxes:
 * (element-type SgpPortalMailbox) (inout) fresh ones are put in. account: (out) of the portal.
 * invitations get what is to be shown. */
gboolean sgp_dispatcher_ready_mailboxes_sync(SgpDispatcher *self, const SgpVerdict *verdict,
	GPtrArray **mailboxes, SgpPortalAccount **account, GPtrArray *invitations,
	GCancellable *cancellable, GError **error);
void sgp_dispatcher_fill_context(SgpDispatcher *self, SgpPortalClient *client,
	const SgpPortalAccount *account, char **language, SgpInvitationContext *context);

G_END_DECLS
