/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

char *sgp_upload_dup_owner(const SgpCall *call);
gboolean sgp_upload_load(SgpCall *call, const char *name, gint64 *length, GError **error);
void sgp_upload_add_expiry(SgpCall *call);
gboolean sgp_upload_check_version(SgpCall *call, GError **error);

G_END_DECLS
