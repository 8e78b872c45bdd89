/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A state of the store that nobody outside sees: they are told "none". */
#define SGP_CUSTOMER_DELETED "deleted"

gboolean sgp_customer_describe(
	JsonObject *one, SgpDatabase *database, const char *handle, gint64 now, GError **error);
gboolean sgp_customer_add_keys(JsonObject *answer, SgpDatabase *database, const char *handle,
	gboolean own, GError **error);
gboolean sgp_customer_add_former_keys(
	JsonObject *answer, SgpDatabase *database, const char *handle, GError **error);

G_END_DECLS
