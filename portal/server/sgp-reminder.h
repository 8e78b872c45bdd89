/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

gboolean sgp_reminder_queue_due_sync(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error);

G_END_DECLS
