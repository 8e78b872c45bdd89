/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-store.h"

G_BEGIN_DECLS

/* The last events of the portal, kept for staff who were not there when they came. */

/* portal_id: the portal's number of it, 0: it is our own. address, message: (nullable). An event
 * that is told again is kept once. Errors: STORAGE. */
gboolean sgp_event_log_add(SgpStore *store, gint64 portal_id, const char *kind, const char *address,
	const char *message, gint64 time, GError **error);
/* [{"id","kind","address","message","time","dismissed"}], newest first: the last 50, and before
 * them those that nobody dismissed. (transfer full) Errors: STORAGE. */
char *sgp_event_log_list_json(SgpStore *store, GError **error);
/* Somebody has seen it. Errors: STORAGE. */
gboolean sgp_event_log_dismiss(SgpStore *store, gint64 id, GError **error);

G_END_DECLS
