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

/* Copies that the agent carries itself, to the portal or to the submission service: no mail program
 * ever gets them. */
#define SGP_SPOOL_CARRIED "(channel IN (3, 4))"
G_STATIC_ASSERT(SGP_CHANNEL_PORTAL == 3 && SGP_CHANNEL_TRANSPORT == 4);
#define SGP_SPOOL_WAITING SGP_SPOOL_CARRIED " AND state IN (2, 3, 4, 5)"
G_STATIC_ASSERT(SGP_SPOOL_STATE_SEALED == 2 && SGP_SPOOL_STATE_PUBLISHING == 5);

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
