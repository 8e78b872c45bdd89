/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

const SgpRoute *sgp_router_find(
	const char *method, const char *path, char *params[2], gboolean *other_method);

G_END_DECLS
