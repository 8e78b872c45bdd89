/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

#define SGP_SESSION_COOKIE "siegelpost"
#define SGP_DEVICE_COOKIE  "siegelpost-device"

GBytes *sgp_token_new(char **text);
GBytes *sgp_token_hash(const char *text);

gboolean sgp_session_store_end_previous(SgpCall *call, GError **error);
gboolean sgp_session_store_begin(SgpCall *call, const char *handle, GError **error);
gboolean sgp_session_store_resume(SgpCall *call, GError **error);
gboolean sgp_session_store_end(SgpCall *call, GError **error);
SgpRows *sgp_session_store_list(SgpCall *call, GError **error);
char *sgp_session_store_dup_id(GBytes *token_hash);
gint64 sgp_session_store_get_idle_left(SgpCall *call, GError **error);
gboolean sgp_session_store_find_device(SgpCall *call, GError **error);
gboolean sgp_session_store_sweep(SgpDatabase *database, gint64 now, GError **error);

G_END_DECLS
