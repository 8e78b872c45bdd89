/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

gboolean sgp_janitor_sweep_sync(SgpPortal *portal, gint64 now, GError **error);
gint64 sgp_janitor_count_orphans(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error);

G_END_DECLS
