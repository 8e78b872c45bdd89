/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-delivery.h"

G_BEGIN_DECLS

/* One event of the portal's, acted upon (a registration is checked) and told to func. Errors:
 * not done, again later: the portal, keyring or gpg does not answer, or gpg failed. After many
 * failures it is told as "unchecked". */
gboolean sgp_portal_events_handle_sync(SgpDispatcher *dispatcher, const SgpPortalEvent *event,
	SgpDeliveryEventFunc func, gpointer user_data, GCancellable *cancellable, GError **error);
/* One long poll, with everything it brings; the position is kept in the store. NOT_ENROLLED without
 * a portal. */
gboolean sgp_portal_events_poll_sync(SgpDispatcher *dispatcher, SgpDeliveryEventFunc func,
	gpointer user_data, GCancellable *cancellable, GError **error);
/* One attempt at one transport copy; the delivery lock is the caller's. TRUE: taken for everybody,
 * and the spool says so. FALSE: the spool says what comes next. Errors: as
 * sgp_submission_send_sync(), CONFLICT (it may have left). */
gboolean sgp_delivery_submit_sync(SgpDispatcher *dispatcher, SgpSpoolEntry *entry, gint64 now,
	GCancellable *cancellable, GError **error);
/* {"copy":...,"recipients":[...],"problem":...} of a spool entry, for "delivered" and "held". */
char *sgp_delivery_dup_entry_json(const SgpSpoolEntry *entry);

G_END_DECLS
