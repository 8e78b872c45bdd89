/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-config.h"

G_BEGIN_DECLS

gboolean sgp_admin_run_sync(
	SgpPortal *portal, const SgpAdminOptions *options, int argc, char **argv, GError **error);

G_END_DECLS
