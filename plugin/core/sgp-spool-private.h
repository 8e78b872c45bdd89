/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-spool.h"
#include "sgp-spool-files.h"

G_BEGIN_DECLS

struct _SgpSpool {
	GObject parent_instance;
	SgpStore *store;      /* (owned) */
	SgpSpoolFiles *files; /* (owned) */
};

#define SGP_SPOOL_COLUMNS                                                                          \
	"id, draft, channel, is_sent, sender, state, created, tries, problem, handle, manifest"

/* types: one letter per bound value, s text (may be NULL) or i gint64. The store is locked by the
 * caller. */
sqlite3_stmt *sgp_spool_query(
	SgpSpool *self, GError **error, const char *sql, const char *types, ...);
/* One change, durable. n_changed: (out) (optional). */
gboolean sgp_spool_change(
	SgpSpool *self, int *n_changed, GError **error, const char *sql, const char *types, ...);
/* Takes the rows of SGP_SPOOL_COLUMNS; a NULL statement is an error that is set already. */
GPtrArray *sgp_spool_read_entries(SgpSpool *self, sqlite3_stmt *statement, GError **error);
char *sgp_spool_dup_column(sqlite3_stmt *statement, int column);

G_END_DECLS
