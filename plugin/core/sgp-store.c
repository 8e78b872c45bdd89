/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state directory's database: one connection, one lock, the migrations, and a cache of prepared
 * statements. Owns the file and its schema; never knows what the rows mean. */
#include "sgp-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-store-private.h"

struct _SgpStore {
	GObject parent_instance;

	char *directory;   /* (owned) */
	sqlite3 *database; /* (owned) */
	GRecMutex lock;
	GHashTable *statements; /* (owned) (element-type utf8 sqlite3_stmt) */
	guint depth;            /* of nested begins; only under the lock */
	gboolean is_durable;    /* the outermost level's */
	gboolean is_doomed;     /* an inner level was rolled back: the outermost commit fails */
	SgpStoreFunc committed; /* (nullable) to be called once the outermost level is on disk */
};

G_DEFINE_TYPE(SgpStore, sgp_store, G_TYPE_OBJECT)

static gboolean set_storage_error(GError **error, sqlite3 *database, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s: %s (%d)", what,
		database != NULL ? sqlite3_errmsg(database) : "no database",
		database != NULL ? sqlite3_extended_errcode(database) : 0);
	return FALSE;
}

static void sgp_store_finalize(GObject *object)
{
	SgpStore *self = SGP_STORE(object);
	g_hash_table_unref(self->statements);
	sqlite3_close_v2(self->database);
	g_rec_mutex_clear(&self->lock);
	g_free(self->directory);
	G_OBJECT_CLASS(sgp_store_parent_class)->finalize(object);
}

static void sgp_store_class_init(SgpStoreClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_store_finalize;
}

static void finalize_statement(gpointer statement)
{
	sqlite3_finalize(statement);
}

static void sgp_store_init(SgpStore *self)
{
	g_rec_mutex_init(&self->lock);
	self->statements =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, finalize_statement);
}

sqlite3 *sgp_store_lock(SgpStore *self)
{
	g_rec_mutex_lock(&self->lock);
	return self->database;
}

void sgp_store_unlock(SgpStore *self)
{
	g_rec_mutex_unlock(&self->lock);
}

gboolean sgp_store_exec(SgpStore *self, const char *sql, GError **error)
{
	sqlite3 *database = sgp_store_lock(self);
	gboolean done = sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
	if (!done)
		set_storage_error(error, database, "could not run a statement");
	sgp_store_unlock(self);
	return done;
}

/* May be nested: only the outermost level begins and commits; if one inner level rolls back, all is
 * rolled back. */
gboolean sgp_store_begin(SgpStore *self, gboolean is_durable, GError **error)
{
	sgp_store_lock(self);
	if (self->depth > 0 && is_durable && !self->is_durable) {
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_FAILED,
			"a durable transaction inside one that is not");
		sgp_store_unlock(self);
		return FALSE;
	}
	if (self->depth > 0) {
		self->depth++;
		return TRUE;
	}
	/* synchronous cannot change inside a transaction, so it is set before each. NORMAL in WAL
	 * mode cannot corrupt, it can only lose the last commits: right for an index that is fed
	 * again. */
	const char *pragma = is_durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
	if (!sgp_store_exec(self, pragma, error) ||
		!sgp_store_exec(self, "BEGIN IMMEDIATE", error)) {
		sgp_store_unlock(self);
		return FALSE;
	}
	self->depth = 1;
	self->is_durable = is_durable;
	self->is_doomed = FALSE;
	self->committed = NULL;
	return TRUE;
}

gboolean sgp_store_commit(SgpStore *self, GError **error)
{
	g_return_val_if_fail(self->depth > 0, FALSE);
	gboolean done = TRUE;
	if (--self->depth == 0) {
		if (self->is_doomed) {
			done = FALSE;
			g_set_error_literal(error, SGP_ERROR, SGP_ERROR_STORAGE,
				"a part of the transaction was rolled back");
		} else {
			done = sgp_store_exec(self, "COMMIT", error);
		}
		SgpStoreFunc committed = g_steal_pointer(&self->committed);
		if (!done)
			sqlite3_exec(self->database, "ROLLBACK", NULL, NULL, NULL);
		else if (committed != NULL)
			committed(self);
	}
	sgp_store_unlock(self);
	return done;
}

void sgp_store_call_when_committed(SgpStore *self, SgpStoreFunc func)
{
	g_return_if_fail(self->depth > 0);
	g_return_if_fail(self->committed == NULL || self->committed == func);
	self->committed = func;
}

void sgp_store_rollback(SgpStore *self)
{
	g_return_if_fail(self->depth > 0);
	self->is_doomed = TRUE;
	if (--self->depth == 0) {
		self->committed = NULL;
		sqlite3_exec(self->database, "ROLLBACK", NULL, NULL, NULL);
	}
	sgp_store_unlock(self);
}

/* The lock must be held by the caller as long as the statement is used: it is shared by all
 * threads. The statement comes reset and without bindings. (transfer none) */
sqlite3_stmt *sgp_store_prepare(SgpStore *self, const char *sql, GError **error)
{
	sqlite3_stmt *statement = g_hash_table_lookup(self->statements, sql);
	if (statement != NULL) {
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
		return statement;
	}
	if (sqlite3_prepare_v3(self->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
		    NULL) != SQLITE_OK) {
		set_storage_error(error, self->database, "could not prepare a statement");
		return NULL;
	}
	g_hash_table_insert(self->statements, g_strdup(sql), statement);
	return statement;
}

void sgp_store_end(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

gboolean sgp_store_step(SgpStore *self, sqlite3_stmt *statement, GError **error)
{
	int rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		return TRUE;
	if (rc != SQLITE_DONE)
		set_storage_error(error, self->database, "could not read the state");
	sgp_store_end(statement);
	return FALSE;
}

gboolean sgp_store_run(SgpStore *self, sqlite3_stmt *statement, GError **error)
{
	int rc = sqlite3_step(statement);
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		set_storage_error(error, self->database, "could not change the state");
	sgp_store_end(statement);
	return rc == SQLITE_DONE || rc == SQLITE_ROW;
}

const char *sgp_store_column_text(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

void sgp_store_bind_text(sqlite3_stmt *statement, int index, const char *text)
{
	if (text != NULL)
		sqlite3_bind_text(statement, index, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, index);
}

char *sgp_store_lookup_value(SgpStore *self, const char *name, GError **error)
{
	char *value = NULL;
	sqlite3 *database = sgp_store_lock(self);
	sqlite3_stmt *statement =
		sgp_store_prepare(self, "SELECT value FROM value WHERE name = ?", error);
	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
		int rc = sqlite3_step(statement);
		if (rc == SQLITE_ROW)
			value = g_strdup((const char *)sqlite3_column_text(statement, 0));
		else if (rc != SQLITE_DONE)
			set_storage_error(error, database, "could not read a value");
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
	}
	sgp_store_unlock(self);
	return value;
}

/* value: (nullable) NULL removes it. */
gboolean sgp_store_set_value(SgpStore *self, const char *name, const char *value, GError **error)
{
	gboolean done = FALSE;
	sqlite3 *database = sgp_store_lock(self);
	sqlite3_stmt *statement = sgp_store_prepare(self,
		value != NULL ? "INSERT INTO value (name, value) VALUES (?1, ?2) "
				"ON CONFLICT (name) DO UPDATE SET value = ?2"
			      : "DELETE FROM value WHERE name = ?1",
		error);
	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
		if (value != NULL)
			sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
		done = sqlite3_step(statement) == SQLITE_DONE;
		if (!done)
			set_storage_error(error, database, "could not keep a value");
		sqlite3_reset(statement);
		sqlite3_clear_bindings(statement);
	}
	sgp_store_unlock(self);
	return done;
}

const char *sgp_store_get_directory(SgpStore *self)
{
	return self->directory;
}

/* --- Cleaning --- */

/* The log is cut only where nobody still reads from it: SQLite answers a busy log with a row, not
 * with an error. */
static gboolean cut_log(SgpStore *self, GError **error)
{
	sqlite3_stmt *statement = NULL;
	gboolean is_cut = sqlite3_prepare_v2(self->database, "PRAGMA wal_checkpoint(TRUNCATE)", -1,
				  &statement, NULL) == SQLITE_OK &&
			  sqlite3_step(statement) == SQLITE_ROW &&
			  sqlite3_column_int(statement, 0) == 0;
	sqlite3_finalize(statement);
	if (!is_cut)
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_STORAGE,
			"the database is in use: what was deleted is not overwritten yet");
	return is_cut;
}

/* Every page once; a broken one is named by SQLite. */
gboolean sgp_store_check(SgpStore *self, GError **error)
{
	sqlite3_stmt *statement = NULL;
	sgp_store_lock(self);
	gboolean is_whole = sqlite3_prepare_v2(self->database, "PRAGMA quick_check(1)", -1,
				    &statement, NULL) == SQLITE_OK &&
			    sqlite3_step(statement) == SQLITE_ROW &&
			    g_strcmp0(sgp_store_column_text(statement, 0), "ok") == 0;
	sqlite3_finalize(statement);
	sgp_store_unlock(self);
	if (!is_whole)
		g_set_error_literal(
			error, SGP_ERROR, SGP_ERROR_STORAGE, "the state database is damaged");
	return is_whole;
}

/* secure_delete zeroes a deleted cell, but a page that was rearranged before may still hold a copy
 * of it between its cells, and so may the log: the whole file is written anew, and the log is cut.
 * Test: /consent-ledger-erase/an-erasure-leaves-no-trace-in-any-file. */
gboolean sgp_store_clean(SgpStore *self, GError **error)
{
	sgp_store_lock(self);
	gboolean done = self->depth == 0;
	if (!done)
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the state cannot be cleaned inside a transaction");
	done = done && sgp_store_exec(self, "PRAGMA synchronous=FULL; VACUUM", error) &&
	       cut_log(self, error);
	sgp_store_unlock(self);
	return done;
}

/* --- Opening --- */

static gboolean read_version(sqlite3 *database, int *version, GError **error)
{
	sqlite3_stmt *statement = NULL;
	gboolean done = sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL) ==
				SQLITE_OK &&
			sqlite3_step(statement) == SQLITE_ROW;
	if (done)
		*version = sqlite3_column_int(statement, 0);
	else
		set_storage_error(error, database, "could not read the state's version");
	sqlite3_finalize(statement);
	return done;
}

/* A step and its stamp commit together, so a crash between two steps leaves a whole older state.
 * The version is read inside the transaction: two processes may open a new directory at once. */
static gboolean migrate(SgpStore *self, GError **error)
{
	int newest = (int)g_strv_length((GStrv)sgp_store_migrations);
	for (;;) {
		if (!sgp_store_begin(self, TRUE, error))
			return FALSE;
		int version = 0;
		if (!read_version(self->database, &version, error)) {
			sgp_store_rollback(self);
			return FALSE;
		}
		if (version >= newest) {
			sgp_store_rollback(self);
			if (version == newest)
				return TRUE;
			g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
				"the state was written by a newer version (%d, ours is %d)",
				version, newest);
			return FALSE;
		}
		g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %d", version + 1);
		if (!sgp_store_exec(self, sgp_store_migrations[version], error) ||
			!sgp_store_exec(self, stamp, error)) {
			sgp_store_rollback(self);
			return FALSE;
		}
		if (!sgp_store_commit(self, error))
			return FALSE;
	}
}

/* SQLite gives -wal and -shm the mode of the database: so it is made here first, for nobody else to
 * read. */
static gboolean make_private_file(const char *path, GError **error)
{
	int fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fchmod(fd, 0600) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
			"could not open the state database: %s", g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return FALSE;
	}
	close(fd);
	return TRUE;
}

static gboolean open_database(SgpStore *self, GError **error)
{
	g_autofree char *path = g_build_filename(self->directory, "state.sqlite", NULL);
	if (!make_private_file(path, error))
		return FALSE;
	/* VFS "unix": a host's library may have put its own in front, which reports commits as done
	 * before they are on disk. */
	int rc = sqlite3_open_v2(path, &self->database,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, "unix");
	if (rc != SQLITE_OK)
		return set_storage_error(
			error, self->database, "could not open the state database");
	sqlite3_busy_timeout(self->database, 5000);
	return sgp_store_exec(self,
		"PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
		"PRAGMA mmap_size=268435456; PRAGMA cache_size=-16384; PRAGMA trusted_schema=OFF;"
		"PRAGMA secure_delete=ON",
		error);
}

SgpStore *sgp_store_new(const char *state_dir, GError **error)
{
	g_autoptr(SgpStore) self = g_object_new(SGP_TYPE_STORE, NULL);
	self->directory = state_dir != NULL
				  ? g_strdup(state_dir)
				  : g_build_filename(g_get_user_data_dir(), "siegelpost", NULL);
	if (g_mkdir_with_parents(self->directory, 0700) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
			"could not make the state directory: %s", g_strerror(errno));
		return NULL;
	}
	if (!open_database(self, error) || !migrate(self, error))
		return NULL;
	return g_steal_pointer(&self);
}
