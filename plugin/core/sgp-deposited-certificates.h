/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-portal-mailbox.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* The certificates that this customer deposited and signed are in the user's keybox when it
 * returns, and those that came that way before and are signed no more are not. A certificate counts
 * by its issuer all the same: this spares staff the acceptance, and nothing else. verified:
 * (nullable) (element-type SgpDepositedKey) what the customer's key signed; NULL: the mailbox is no
 * more. is_done: (out) FALSE if there are some, and no gpgsm here. home: (nullable). Worker threads
 * only. Errors: CANCELLED, UNREACHABLE, STORAGE; call again then. */
gboolean sgp_deposited_certificates_sync(SgpStore *store, const char *home,
	const SgpPortalMailbox *mailbox, const GPtrArray *verified, gboolean *is_done,
	GCancellable *cancellable, GError **error);
/* All of a mailbox that is no more. */
gboolean sgp_deposited_certificates_forget(SgpStore *store, const char *home, const char *handle,
	GCancellable *cancellable, GError **error);

G_END_DECLS
