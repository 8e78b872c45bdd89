/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libemail-engine/libemail-engine.h>

G_BEGIN_DECLS

/* Tells the agent what mail there is: the summaries of all folders of all enabled accounts, in the
 * background, and later what comes and goes. No message is downloaded for it. */
#define SGP_TYPE_HISTORY_FEED (sgp_history_feed_get_type())
G_DECLARE_FINAL_TYPE(SgpHistoryFeed, sgp_history_feed, SGP, HISTORY_FEED, GObject)

SgpHistoryFeed *sgp_history_feed_new(EMailSession *session);
/* Main thread. Begins, or begins again. */
void sgp_history_feed_start(SgpHistoryFeed *self);
/* The session goes: nothing new is begun. */
void sgp_history_feed_stop(SgpHistoryFeed *self);

G_END_DECLS
