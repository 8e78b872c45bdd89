/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-dispatcher.h"
#include "sgp-portal-client-care.h"

G_BEGIN_DECLS

/* The office's devices: this one, which may have to wait for a colleague's approval, and those of
 * others, which it may approve. Worker threads only. */

/* Right after an enrolment: asks the portal whether this device has to wait, and remembers it.
 * Errors: as the portal client; STORAGE. */
gboolean sgp_portal_device_note_enrolled_sync(SgpPortalClient *client, SgpStore *store,
	gboolean *is_pending, GCancellable *cancellable, GError **error);
/* Whether this device waits, as last heard. */
gboolean sgp_portal_device_is_pending(SgpStore *store);
/* TRUE: this device is approved. If it waited and a colleague has approved it meanwhile, the office
 * key that came with that is taken into the keyring; it has to be the one that was pinned, and
 * signed with it. Errors: REFUSED (still waits, or revoked), TAMPERED; as the portal client. */
gboolean sgp_portal_device_ensure_sync(SgpPortalClient *client, const SgpPortalAccount *account,
	SgpStore *store, const char *home, GCancellable *cancellable, GError **error);

/* {"devices":[{"id","staff","name","created","state","fingerprint"|null}]}. Errors: as the portal
 * client, NOT_ENROLLED. (transfer full) */
char *sgp_portal_device_list_json_sync(
	SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error);
/* Gives a waiting device the office key and its place in the roster. fingerprint: whole, of its
 * staff key, as its owner read it out: a portal that shows a key of its own gets nothing. Errors:
 * INVALID (another fingerprint), NOT_FOUND (no such device; the office key is not here), CONFLICT
 * (it does not wait), TAMPERED; as the portal client. */
gboolean sgp_portal_device_approve_sync(SgpDispatcher *dispatcher, const char *id,
	const char *fingerprint, GCancellable *cancellable, GError **error);
/* At once; its key leaves the roster, unless another device has the same. Errors: as above; the
 * device may be revoked then, and its key still in the roster: call again. */
gboolean sgp_portal_device_revoke_sync(
	SgpDispatcher *dispatcher, const char *id, GCancellable *cancellable, GError **error);

G_END_DECLS
