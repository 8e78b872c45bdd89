/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-portal-account.h"
#include "sgp-portal-client.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* A customer's way into the portal: mailbox key, registration code, wrap and escrow (PROTOCOL.md).
 */
typedef struct {
	char *address; /* (owned) */
	char *code;    /* (owned) (nullable) 21 digits; NULL: the escrow cannot be opened on this
			  device */
	gint64 valid_until;
} SgpInvitation;
void sgp_invitation_free(SgpInvitation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpInvitation, sgp_invitation_free)

/* Where invitations are made. */
typedef struct {
	SgpPortalClient *client;         /* (borrowed) */
	const SgpPortalAccount *account; /* (borrowed) */
	SgpStore *store;  /* (borrowed) keeps the fingerprints of mailbox keys that were checked */
	const char *home; /* (borrowed) (nullable) GnuPG home */
	const char *language; /* (borrowed) of new customers */
} SgpInvitationContext;

/* Makes what the mailbox lacks: for state NONE a mailbox key and a code, for EXPIRED a new code for
 * the same key. INVITED: shows the code of the escrow. Any other state: NULL and no error, there is
 * nothing to invite. Worker threads only. Errors: as the portal client; LOCKED, NOT_FOUND (the
 * office key is not here), TAMPERED. (transfer full) (nullable) */
SgpInvitation *sgp_invitation_ensure_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error);
/* A new code for the same mailbox key, in the next generation, for who was invited and has not
 * registered. Errors: CONFLICT (any other state); as above. (transfer full) */
SgpInvitation *sgp_invitation_renew_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error);
/* The same for a registered or frozen customer, who was identified: identity_record is the hash
 * (hex) of the ledger's entry about that. The signature key of so far is vouched for inside the
 * new wrap, if it fits the old code. Errors: INVALID (no record); TAMPERED; as above. (transfer
 * full) */
SgpInvitation *sgp_invitation_reset_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, const char *identity_record, GCancellable *cancellable,
	GError **error);
/* Whether the mailbox key that the portal shows is the one that the office made: by the fingerprint
 * remembered here, else by the escrow, which a colleague of the roster signed. After an erasure
 * there is another key: it counts with an escrow of a later generation only. A portal that swaps
 * it is TAMPERED. */
gboolean sgp_invitation_check_mailbox_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error);
/* The customer registered: whether signature key and MAC fit the code of the escrow; then the key
 * is imported and certified locally, and so are those that a colleague vouched for at a reset.
 * Errors: TAMPERED. */
gboolean sgp_invitation_accept_registration_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error);
/* The fingerprint of the signature key that was accepted for this handle and generation. NULL and
 * no error: none was. Errors: STORAGE. (transfer full) */
char *sgp_invitation_lookup_signer(
	SgpStore *store, const char *handle, gint64 generation, GError **error);

G_END_DECLS
