/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-store.h"

G_BEGIN_DECLS

/* The steps from one schema version to the next; NULL ends. A step that was released is never
 * edited. */
extern const char *const sgp_store_migrations[];

/* Called under the lock, after the outermost commit is on disk; it may read, and begins no
 * transaction. */
typedef void (*SgpStoreFunc)(SgpStore *self);
/* Once, when the transaction that is open now has been committed; never if it is rolled back. The
 * same function for all callers. */
void sgp_store_call_when_committed(SgpStore *self, SgpStoreFunc func);
/* Writes the whole database anew and cuts its log, so that no trace of deleted rows is left in
 * them. Not inside a transaction. Errors: STORAGE (also: somebody else is reading; try again). */
gboolean sgp_store_clean(SgpStore *self, GError **error);

/* FALSE: a page is damaged, or could not be read. Errors: STORAGE. */
gboolean sgp_store_check(SgpStore *self, GError **error);

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
