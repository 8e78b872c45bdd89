/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* The state directory's database (state.sqlite, 0600, WAL, VFS "unix"), its migrations, and one
 * lock. History, ledger, matters and spool live in it. Migration and version stamp commit together;
 * a newer version than ours is refused (SGP_ERROR_STORAGE). */
#define SGP_TYPE_STORE (sgp_store_get_type())
G_DECLARE_FINAL_TYPE(SgpStore, sgp_store, SGP, STORE, GObject)

/* state_dir is made (0700) if missing; NULL is $XDG_DATA_HOME/siegelpost. */
SgpStore *sgp_store_new(const char *state_dir, GError **error);
const char *sgp_store_get_directory(SgpStore *self);
/* The connection, locked for the caller until sgp_store_unlock(); recursive. is_durable:
 * synchronous=FULL for what is done in between (ledger, spool). */
sqlite3 *sgp_store_lock(SgpStore *self);
void sgp_store_unlock(SgpStore *self);
gboolean sgp_store_exec(
	SgpStore *self, const char *sql, GError **error); /* locked by the caller or not */
gboolean sgp_store_begin(
	SgpStore *self, gboolean is_durable, GError **error); /* takes the lock, BEGIN IMMEDIATE */
gboolean sgp_store_commit(SgpStore *self, GError **error);    /* gives it back */
void sgp_store_rollback(SgpStore *self);
sqlite3_stmt *sgp_store_prepare(SgpStore *self, const char *sql,
	GError **error); /* cached by text; reset and bound by the caller, not finalised */
/* small named values: "draft:<id>" => state, "portal.events.last", accepted keys ... */
char *sgp_store_lookup_value(
	SgpStore *self, const char *name, GError **error); /* NULL and no error: none */
gboolean sgp_store_set_value(SgpStore *self, const char *name, const char *value, GError **error);

G_END_DECLS
