/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

gboolean sgp_backup_verify_sync(SgpPortal *portal, SgpDatabase *database, GError **error);
gboolean sgp_backup_write_sync(
	SgpPortal *portal, SgpDatabase *database, const char *path, GError **error);

G_END_DECLS
