/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-delivery.h"

G_BEGIN_DECLS

/* Looks at the portal's pages if it is time (setting portal-pages-hours), and says aloud, once,
 * when they are not those of the release ("pages-changed"), or when nobody could look for three
 * days although it was tried ("pages-unseen"). func: (nullable) is told as of any event. Does
 * nothing without a portal. The delivery's listener calls it. */
void sgp_portal_pages_watch_sync(SgpSettings *settings, SgpStore *store, SgpDeliveryEventFunc func,
	gpointer user_data, gint64 now, GCancellable *cancellable);

G_END_DECLS
