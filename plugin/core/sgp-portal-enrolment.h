/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-lookup.h"
#include "sgp-portal-account.h"
#include "sgp-portal-client.h"
#include "sgp-sealer.h"
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

#define SGP_SECRET_DEVICE_TOKEN                                                                    \
	"device-token" /* kind in sgp-secret-store; scope: the portal's origin */

/* Enrols this device: checks the token and the keyring first, makes the keys that are missing (the
 * office's at its first enrolment, the staff member's if GnuPG has none), signs the roster, and
 * puts the device token into the keyring. Stages for progress: "checking", "making-keys",
 * "enrolling". Worker thread only. address: (nullable) the staff member's, to be sure that the
 * token is for them. Errors: INVALID (URL, token, somebody else's token), LOCKED and UNREACHABLE
 * (keyring, portal, gpg), CONFLICT (a colleague was faster: again), REFUSED, TAMPERED. (transfer
 * full) */
SgpPortalAccount *sgp_portal_enrolment_run_sync(const char *url, const char *token,
	const char *address, SgpSettings *settings, SgpStore *store, SgpKeyLookup *keys, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
	GError **error);

G_END_DECLS
