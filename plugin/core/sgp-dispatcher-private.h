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
/* As sgp_dispatcher_open_portal_sync(), but without a portal it is NOT_ENROLLED. account: (out)
 * (optional). */
SgpPortalClient *sgp_dispatcher_need_portal_sync(
	SgpDispatcher *self, SgpPortalAccount **account, GCancellable *cancellable, GError **error);
/* This device is approved, and the roster is the office's and names us. Errors: REFUSED, TAMPERED;
 * as the portal client. */
gboolean sgp_dispatcher_check_roster_sync(SgpDispatcher *self, SgpPortalClient *client,
	SgpPortalAccount *account, GCancellable *cancellable, GError **error);
/* is_fresh: what was remembered does not count. address: canonical. */
SgpPortalMailbox *sgp_dispatcher_lookup_mailbox_sync(SgpPortalClient *client, const char *address,
	gboolean is_fresh, GCancellable *cancellable, GError **error);
/* What these customers deposited is looked at and kept as candidates. may_ask: a passphrase may be
 * asked for, to accept a signature key that was not yet. TRUE: something was learnt; assess again.
 */
gboolean sgp_dispatcher_take_deposited_keys_sync(SgpDispatcher *self, const GPtrArray *mailboxes,
	gboolean may_ask, gint64 now, GCancellable *cancellable);
void sgp_dispatcher_fill_context(SgpDispatcher *self, SgpPortalClient *client,
	const SgpPortalAccount *account, char **language, SgpInvitationContext *context);

G_END_DECLS
