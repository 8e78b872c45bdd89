/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-store.h"

G_BEGIN_DECLS

/* The steps from one schema version to the next; NULL ends. A step that was released is never
 * edited. */
extern const char *const sgp_store_migrations[];

/* One row of a statement that sgp_store_prepare() gave: TRUE if there is one; FALSE without error:
 * no more (the statement is reset then). Errors: STORAGE. */
gboolean sgp_store_step(SgpStore *self, sqlite3_stmt *statement, GError **error);
/* Runs a statement that gives no rows, and resets it. Errors: STORAGE. */
gboolean sgp_store_run(SgpStore *self, sqlite3_stmt *statement, GError **error);
/* Ends reading early. */
void sgp_store_end(sqlite3_stmt *statement);
/* Column as text; NULL stays NULL. (borrowed until the next step) */
const char *sgp_store_column_text(sqlite3_stmt *statement, int column);
/* text: (nullable) copied. */
void sgp_store_bind_text(sqlite3_stmt *statement, int index, const char *text);

G_END_DECLS
