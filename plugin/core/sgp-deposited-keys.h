/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-invitation.h"
#include "sgp-key-candidates.h"

G_BEGIN_DECLS

/* Looks at what the portal says that this customer deposited, if that has changed since, and keeps
 * it as candidates: what the customer's accepted signature key signed with origin PORTAL, the rest
 * as keys that nobody vouches for. What is not shown any more is forgotten. may_ask: a registration
 * that nobody has checked yet is checked now, for which gpg may ask for a passphrase. is_learnt:
 * (out) the candidates have changed. Worker threads only. Errors: UNREACHABLE, LOCKED, CANCELLED,
 * STORAGE: nothing has changed then. */
gboolean sgp_deposited_keys_take_sync(const SgpInvitationContext *context,
	SgpKeyCandidates *candidates, const SgpPortalMailbox *mailbox, gboolean may_ask, gint64 now,
	gboolean *is_learnt, GCancellable *cancellable, GError **error);

G_END_DECLS
