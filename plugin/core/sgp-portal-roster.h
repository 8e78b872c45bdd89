/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal-office.h"

G_BEGIN_DECLS

/* Rosters that this device makes: for whoever holds the office key. */

/* One staff member with one key. (transfer full) */
JsonObject *sgp_portal_roster_entry_new(
	const char *address, const char *name, const char *fingerprint, const char *key);
/* The entries of a roster that was verified, without this key. fingerprint: (nullable). (transfer
 * full) */
JsonArray *sgp_portal_roster_dup_staff(const SgpPortalRoster *self, const char *fingerprint);
/* The name under which the roster knows this address. (nullable) (transfer full) */
char *sgp_portal_roster_dup_name(const SgpPortalRoster *self, const char *address);
/* Who left: their keys still vouch for what they sealed before, and for nothing that is sent.
 * (transfer full) */
JsonArray *sgp_portal_roster_dup_former(const SgpPortalRoster *self);
/* Every key that the verified roster names, of staff and of who left, into the keyring: without
 * them nothing that colleagues sealed can be checked. Errors: UNREACHABLE. */
gboolean sgp_portal_roster_take_keys(
	const SgpPortalRoster *self, const char *home, GCancellable *cancellable, GError **error);
/* Whether the verified roster names this key, as staff's or as that of somebody who left. */
gboolean sgp_portal_roster_knows(const SgpPortalRoster *self, const char *fingerprint);
/* staff: (transfer full); former: (transfer full) (nullable). Errors: as sgp_gpgme_sign_detached().
 * (transfer full) */
SgpPortalRoster *sgp_portal_roster_sign(const char *home, const char *origin,
	const char *office_fingerprint, JsonArray *staff, JsonArray *former, gint64 version,
	GError **error);

G_END_DECLS
