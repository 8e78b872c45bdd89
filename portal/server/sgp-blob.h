/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

/* Up to this size a blob lives in the database: one commit instead of a file. */
#define SGP_BLOB_INLINE_LIMIT (64 * 1024)

/* One upload's end, for one thread at a time. */
typedef struct _SgpBlobWriter SgpBlobWriter;

gboolean sgp_blob_is_name(const char *name);
gboolean sgp_blob_create(SgpPortal *portal, const char *name, GError **error);
int sgp_blob_open(SgpPortal *portal, const char *name, int flags);
gint64 sgp_blob_get_durable_size(SgpPortal *portal, const char *name);
char *sgp_blob_hash(SgpPortal *portal, const char *name, GError **error);
GBytes *sgp_blob_map(SgpPortal *portal, const char *name, GError **error);
void sgp_blob_remove(SgpPortal *portal, const char *name);
gboolean sgp_blob_is_cold(SgpPortal *portal, const char *name, gint64 before);

SgpBlobWriter *sgp_blob_writer_open(SgpPortal *portal, const char *name, gint64 *end);
void sgp_blob_writer_free(SgpBlobWriter *writer);
gboolean sgp_blob_writer_append(
	SgpBlobWriter *writer, const guint8 *data, gsize size, GError **error);
gboolean sgp_blob_writer_cut(SgpBlobWriter *writer, gint64 size, GError **error);
gboolean sgp_blob_writer_sync(SgpBlobWriter *writer, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpBlobWriter, sgp_blob_writer_free)

G_END_DECLS
