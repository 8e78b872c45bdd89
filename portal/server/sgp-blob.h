/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

/* Up to this size a blob lives in the database: one commit instead of a file. */
#define SGP_BLOB_INLINE_LIMIT (64 * 1024)

gboolean sgp_blob_is_name(const char *name);
char *sgp_blob_dup_path(const SgpPortal *portal, const char *name);
gboolean sgp_blob_create(const SgpPortal *portal, const char *name, GError **error);
int sgp_blob_open(const SgpPortal *portal, const char *name, int flags);
gint64 sgp_blob_get_durable_size(const SgpPortal *portal, const char *name);
char *sgp_blob_hash(const SgpPortal *portal, const char *name);
GBytes *sgp_blob_map(const SgpPortal *portal, const char *name, GError **error);
void sgp_blob_remove(const SgpPortal *portal, const char *name);

G_END_DECLS
