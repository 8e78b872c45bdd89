/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

/* What sgp-blob.h promises, for a store that several nodes share. */

gint64 sgp_blob_rows_get_size(SgpPortal *portal, const char *name);
char *sgp_blob_rows_hash(SgpPortal *portal, const char *name, GError **error);
GBytes *sgp_blob_rows_map(SgpPortal *portal, const char *name, GError **error);
gboolean sgp_blob_rows_is_whole(
	SgpDatabase *database, const char *name, gint64 size, GError **error);
void sgp_blob_rows_remove(SgpPortal *portal, const char *name);
gboolean sgp_blob_rows_append(
	SgpPortal *portal, const char *name, gint64 start, GBytes *data, GError **error);
gboolean sgp_blob_rows_truncate(SgpPortal *portal, const char *name, gint64 size, GError **error);
gboolean sgp_blob_rows_is_cold(SgpPortal *portal, const char *name, gint64 before);
gint64 sgp_blob_rows_count_orphans(SgpDatabase *database, gint64 before, GError **error);
gboolean sgp_blob_rows_remove_orphans(SgpDatabase *database, gint64 before, GError **error);

G_END_DECLS
