/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

#define SGP_RECOVERY_QUEUE_LINK "link"
#define SGP_RECOVERY_QUEUE_HELP "help"

gboolean sgp_recovery_queue_add(
	SgpCall *call, const char *handle, const char *kind, const char *language, GError **error);
gboolean sgp_recovery_queue_work(
	SgpPortal *portal, SgpDatabase *database, gint64 *next, GError **error);

G_END_DECLS
