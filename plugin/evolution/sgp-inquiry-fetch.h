/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libemail-engine/libemail-engine.h>

G_BEGIN_DECLS

/* Fetches the messages that a verdict needs ("folder-uri#uid") and hands them to the agent to be
 * judged, in a thread. What cannot be fetched is left out: the agent then keeps it as unknown. */
void sgp_inquiry_fetch_async(EMailSession *session, const char *const *needs,
	GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* How many were judged; -1 if it was cancelled. */
int sgp_inquiry_fetch_finish(GAsyncResult *result, GError **error);

G_END_DECLS
