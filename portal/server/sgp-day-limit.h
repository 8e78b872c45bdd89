/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

gboolean sgp_day_limit_check_mail(SgpCall *call, gint64 size, GError **error);
gboolean sgp_day_limit_check_keys(SgpCall *call, GError **error);

G_END_DECLS
