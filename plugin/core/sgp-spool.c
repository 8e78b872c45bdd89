/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of the spool: which copies were committed, how far each got, and whether one may leave.
 * It owns the states and their order; it seals nothing, sends nothing, and the files are
 * sgp-spool-files'. A copy exists once its row is committed, in the same transaction as its ledger
 * entry: files without a row are a crash's leftovers. */

#include "sgp-spool-private.h"
#include "sgp-address.h"
#include "sgp-error.h"

G_DEFINE_TYPE(SgpSpool, sgp_spool, G_TYPE_OBJECT)

const char *sgp_spool_state_get_nick(SgpSpoolState state)
{
	switch (state) {
	case SGP_SPOOL_STATE_FAILED:
		return "failed";
	case SGP_SPOOL_STATE_HELD:
		return "held";
	case SGP_SPOOL_STATE_SEALED:
		return "sealed";
	case SGP_SPOOL_STATE_UPLOADING:
		return "uploading";
	case SGP_SPOOL_STATE_UPLOADED:
		return "uploaded";
	case SGP_SPOOL_STATE_PUBLISHING:
		return "publishing";
	case SGP_SPOOL_STATE_DONE:
		return "done";
	case SGP_SPOOL_STATE_DROPPED:
		return "dropped";
	}
	return "failed";
}

SgpSpool *sgp_spool_new(SgpStore *store, GError **error)
{
	g_autoptr(SgpSpool) self = g_object_new(SGP_TYPE_SPOOL, NULL);

	self->store = g_object_ref(store);
	self->files = sgp_spool_files_new(sgp_store_get_directory(store), error);
	return self->files ? g_steal_pointer(&self) : NULL;
}

static void blob_free(SgpPortalBlob *blob)
{
	g_free(blob->upload);
	g_free(blob->sha256);
	g_free(blob);
}

void sgp_spool_entry_free(SgpSpoolEntry *self)
{
	g_free(self->id);
	g_free(self->draft_id);
	g_free(self->from);
	g_clear_pointer(&self->recipients, g_ptr_array_unref);
	g_free(self->problem);
	g_free(self->handle);
	g_free(self->manifest);
	g_clear_pointer(&self->blobs, g_ptr_array_unref);
	g_free(self);
}

/* Small helpers around one statement. The caller holds the store's lock. */

static gboolean fail_sql(SgpSpool *self, GError **error)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "the spool's table: %s",
		sqlite3_errmsg(sgp_store_lock(self->store)));
	sgp_store_unlock(self->store);
	return FALSE;
}

/* Binds by letter: s text (may be NULL), i gint64. */
static sqlite3_stmt *bind(
	SgpSpool *self, GError **error, const char *sql, const char *types, va_list values)
{
	sqlite3_stmt *statement = sgp_store_prepare(self->store, sql, error);

	for (int i = 0; statement && types[i] != '\0'; i++) {
		if (types[i] == 's')
			sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1,
				SQLITE_TRANSIENT);
		else
			sqlite3_bind_int64(statement, i + 1, va_arg(values, gint64));
	}
	return statement;
}

sqlite3_stmt *sgp_spool_query(
	SgpSpool *self, GError **error, const char *sql, const char *types, ...)
{
	va_list values;

	va_start(values, types);
	sqlite3_stmt *statement = bind(self, error, sql, types, values);

	va_end(values);
	return statement;
}

/* One change, durable: the table is the truth about what is where, also after power was lost.
 * n_changed: (out) (optional). */
gboolean sgp_spool_change(
	SgpSpool *self, int *n_changed, GError **error, const char *sql, const char *types, ...)
{
	va_list values;
	gboolean done;

	if (!sgp_store_begin(self->store, TRUE, error))
		return FALSE;
	va_start(values, types);
	sqlite3_stmt *statement = bind(self, error, sql, types, values);

	va_end(values);
	done = statement && (sqlite3_step(statement) == SQLITE_DONE || fail_sql(self, error));
	if (done && n_changed)
		*n_changed = sqlite3_changes(sgp_store_lock(self->store));
	if (done && n_changed)
		sgp_store_unlock(self->store);
	if (statement)
		sqlite3_reset(statement);
	if (!done) {
		sgp_store_rollback(self->store);
		return FALSE;
	}
	return sgp_store_commit(self->store, error);
}

static gint64 query_number(SgpSpool *self, const char *sql)
{
	gint64 number = -1;

	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_spool_query(self, NULL, sql, "");

	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	if (statement)
		sqlite3_reset(statement);
	sgp_store_unlock(self->store);
	return number;
}

/* Writing and committing */

static gboolean write_copy(SgpSpool *self, const SgpCopy *copy, GError **error)
{
	/* What is in clear inside lies on disk under the spool's key only. */
	if (copy->channel == SGP_CHANNEL_PLAIN || copy->channel == SGP_CHANNEL_TRANSPORT)
		return sgp_spool_files_write_plain(self->files, copy->id, copy->fd, error);
	if (copy->channel != SGP_CHANNEL_PORTAL)
		return sgp_spool_files_write(self->files, copy->id, copy->fd, error);
	for (guint n = 0; n < copy->blobs->len; n++) {
		const SgpBlob *blob = g_ptr_array_index(copy->blobs, n);
		g_autofree char *name = g_strdup_printf("%s.%u", copy->id, n);

		if (!sgp_spool_files_write(self->files, name, blob->fd, error))
			return FALSE;
	}
	return TRUE;
}

gboolean sgp_spool_write(SgpSpool *self, GPtrArray *copies, const char *draft_id, GError **error)
{
	for (guint i = 0; i < copies->len; i++) {
		if (!write_copy(self, g_ptr_array_index(copies, i), error))
			return FALSE;
	}
	return sgp_spool_files_sync(self->files, error);
}

void sgp_spool_discard(SgpSpool *self, GPtrArray *copies)
{
	for (guint i = 0; i < copies->len; i++) {
		const SgpCopy *copy = g_ptr_array_index(copies, i);

		sgp_spool_files_remove(self->files, copy->id);
	}
}

static const char *find_handle(const SgpCopy *copy, GPtrArray *mailboxes)
{
	const char *address = sgp_address_get_addr_spec(g_ptr_array_index(copy->recipients, 0));

	for (guint i = 0; mailboxes && i < mailboxes->len; i++) {
		const SgpPortalMailbox *mailbox = g_ptr_array_index(mailboxes, i);

		if (g_str_equal(mailbox->address, address))
			return mailbox->handle;
	}
	return NULL;
}

static gboolean insert_details(SgpSpool *self, const SgpCopy *copy, GError **error)
{
	for (guint i = 0; i < copy->recipients->len; i++) {
		const char *address =
			sgp_address_get_addr_spec(g_ptr_array_index(copy->recipients, i));

		if (!sgp_spool_change(self, NULL, error,
			    "INSERT OR IGNORE INTO spool_recipient (copy, address) VALUES (?, ?)",
			    "ss", copy->id, address))
			return FALSE;
	}
	for (guint n = 0; copy->blobs && n < copy->blobs->len; n++) {
		const SgpBlob *blob = g_ptr_array_index(copy->blobs, n);

		if (!sgp_spool_change(self, NULL, error,
			    "INSERT INTO spool_blob (copy, n, size, sha256) VALUES (?, ?, ?, ?)",
			    "siis", copy->id, (gint64)n, blob->size, blob->sha256))
			return FALSE;
	}
	return TRUE;
}

static gboolean insert_copy(SgpSpool *self, const SgpCopy *copy, const char *draft_id,
	GPtrArray *mailboxes, gint64 now, GError **error)
{
	const char *handle =
		copy->channel == SGP_CHANNEL_PORTAL ? find_handle(copy, mailboxes) : NULL;

	if (copy->channel == SGP_CHANNEL_PORTAL && !handle) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "a portal copy without a mailbox");
		return FALSE;
	}
	return sgp_spool_change(self, NULL, error,
		       "INSERT INTO spool_copy (id, draft, channel, is_sent, sender, state, "
		       "digest, handle,"
		       " manifest, created, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		       "ssiisisssii", copy->id, draft_id, (gint64)copy->channel,
		       (gint64)copy->is_sent_copy, copy->from, (gint64)SGP_SPOOL_STATE_SEALED,
		       copy->digest, handle, copy->manifest, now, now) &&
	       insert_details(self, copy, error);
}

gboolean sgp_spool_commit(SgpSpool *self, GPtrArray *copies, const char *draft_id,
	GPtrArray *mailboxes, gint64 now, GError **error)
{
	int n_changed = 0;

	if (!sgp_spool_change(self, &n_changed, error,
		    "INSERT OR IGNORE INTO spool_draft (draft, committed) VALUES (?, ?)", "si",
		    draft_id, now))
		return FALSE;
	if (n_changed == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_ALREADY_DONE, "this mail was sent already");
		return FALSE;
	}
	for (guint i = 0; i < copies->len; i++) {
		if (!insert_copy(
			    self, g_ptr_array_index(copies, i), draft_id, mailboxes, now, error))
			return FALSE;
	}
	return TRUE;
}

/* Reading */

#define COLUMNS SGP_SPOOL_COLUMNS

char *sgp_spool_dup_column(sqlite3_stmt *statement, int column)
{
	return g_strdup((const char *)sqlite3_column_text(statement, column));
}

static SgpSpoolEntry *read_entry(sqlite3_stmt *statement)
{
	SgpSpoolEntry *entry = g_new0(SgpSpoolEntry, 1);

	entry->id = sgp_spool_dup_column(statement, 0);
	entry->draft_id = sgp_spool_dup_column(statement, 1);
	entry->channel = (SgpChannel)sqlite3_column_int(statement, 2);
	entry->is_sent_copy = sqlite3_column_int(statement, 3) != 0;
	entry->from = sgp_spool_dup_column(statement, 4);
	entry->state = (SgpSpoolState)sqlite3_column_int(statement, 5);
	entry->created = sqlite3_column_int64(statement, 6);
	entry->tries = (guint)sqlite3_column_int(statement, 7);
	entry->problem = sgp_spool_dup_column(statement, 8);
	entry->handle = sgp_spool_dup_column(statement, 9);
	entry->manifest = sgp_spool_dup_column(statement, 10);
	entry->recipients = g_ptr_array_new_with_free_func(g_free);
	entry->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)blob_free);
	return entry;
}

static gboolean read_details(SgpSpool *self, SgpSpoolEntry *entry, GError **error)
{
	sqlite3_stmt *statement = sgp_spool_query(self, error,
		"SELECT address FROM spool_recipient WHERE copy = ? ORDER BY address", "s",
		entry->id);

	while (statement && sqlite3_step(statement) == SQLITE_ROW)
		g_ptr_array_add(entry->recipients, sgp_spool_dup_column(statement, 0));
	if (!statement)
		return FALSE;
	sqlite3_reset(statement);
	statement = sgp_spool_query(self, error,
		"SELECT size, sha256, upload FROM spool_blob WHERE copy = ? ORDER BY n", "s",
		entry->id);
	while (statement && sqlite3_step(statement) == SQLITE_ROW) {
		SgpPortalBlob *blob = g_new0(SgpPortalBlob, 1);

		blob->size = sqlite3_column_int64(statement, 0);
		blob->sha256 = sgp_spool_dup_column(statement, 1);
		blob->upload = sgp_spool_dup_column(statement, 2);
		g_ptr_array_add(entry->blobs, blob);
	}
	if (statement)
		sqlite3_reset(statement);
	return statement != NULL;
}

/* Takes the prepared statement's rows. (element-type SgpSpoolEntry) */
GPtrArray *sgp_spool_read_entries(SgpSpool *self, sqlite3_stmt *statement, GError **error)
{
	g_autoptr(GPtrArray) entries =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_spool_entry_free);
	int result = SQLITE_DONE;

	if (!statement)
		return NULL;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW)
		g_ptr_array_add(entries, read_entry(statement));
	sqlite3_reset(statement);
	if (result != SQLITE_DONE) {
		fail_sql(self, error);
		return NULL;
	}
	for (guint i = 0; i < entries->len; i++) {
		if (!read_details(self, g_ptr_array_index(entries, i), error))
			return NULL;
	}
	return g_steal_pointer(&entries);
}

GPtrArray *sgp_spool_load_pending(SgpSpool *self, const char *draft_id, GError **error)
{
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_spool_query(self, error,
		"SELECT " COLUMNS " FROM spool_copy WHERE state = ? AND NOT " SGP_SPOOL_CARRIED
		" AND (?2 IS NULL OR draft = ?2) ORDER BY created, id",
		"is", (gint64)SGP_SPOOL_STATE_SEALED, draft_id);
	GPtrArray *entries = sgp_spool_read_entries(self, statement, error);

	sgp_store_unlock(self->store);
	return entries;
}

int sgp_spool_open_mail(SgpSpool *self, const SgpSpoolEntry *entry, GError **error)
{
	return entry->channel == SGP_CHANNEL_PLAIN || entry->channel == SGP_CHANNEL_TRANSPORT
		       ? sgp_spool_files_open_plain(self->files, entry->id, error)
		       : sgp_spool_files_open(self->files, entry->id, error);
}

SgpSpoolEntry *sgp_spool_load(SgpSpool *self, const char *copy_id, GError **error)
{
	sgp_store_lock(self->store);
	g_autoptr(GPtrArray) entries = sgp_spool_read_entries(self,
		sgp_spool_query(self, error, "SELECT " COLUMNS " FROM spool_copy WHERE id = ?", "s",
			copy_id),
		error);

	sgp_store_unlock(self->store);
	if (entries && entries->len == 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND,
			"there is no such copy in the spool");
	return entries && entries->len > 0 ? g_ptr_array_steal_index(entries, 0) : NULL;
}

#define WAITING        SGP_SPOOL_WAITING
#define NEEDS_A_PERSON "state IN (0, 1)"
G_STATIC_ASSERT(SGP_SPOOL_STATE_FAILED == 0 && SGP_SPOOL_STATE_HELD == 1);

SgpSpoolEntry *sgp_spool_load_due(SgpSpool *self, gint64 now, gint64 *next_due, GError **error)
{
	sgp_store_lock(self->store);
	g_autoptr(GPtrArray) entries = sgp_spool_read_entries(self,
		sgp_spool_query(self, error,
			"SELECT " COLUMNS " FROM spool_copy WHERE " WAITING
			" AND due <= ? ORDER BY due, created, id"
			" LIMIT 1",
			"i", now),
		error);

	sgp_store_unlock(self->store);
	if (entries && entries->len > 0)
		return g_ptr_array_steal_index(entries, 0);
	if (entries)
		*next_due = MAX(
			0, query_number(self,
				   "SELECT coalesce(min(due), 0) FROM spool_copy WHERE " WAITING));
	return NULL;
}

int sgp_spool_open_blob(SgpSpool *self, const char *copy_id, guint n, GError **error)
{
	g_autofree char *name = g_strdup_printf("%s.%u", copy_id, n);

	return sgp_spool_files_open(self->files, name, error);
}

guint sgp_spool_count_waiting(SgpSpool *self)
{
	gint64 n = query_number(self, "SELECT count(*) FROM spool_copy WHERE " WAITING);

	return n < 0 ? G_MAXUINT : (guint)n; /* could not look: not "none" */
}

guint sgp_spool_count_held(SgpSpool *self)
{
	gint64 n = query_number(self, "SELECT count(*) FROM spool_copy WHERE " NEEDS_A_PERSON);

	return n < 0 ? G_MAXUINT : (guint)n;
}

gboolean sgp_spool_is_empty(SgpSpool *self)
{
	return sgp_spool_count_waiting(self) == 0;
}

gboolean sgp_spool_is_committed_draft(SgpSpool *self, const char *draft_id, GError **error)
{
	gboolean found = FALSE;

	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_spool_query(
		self, error, "SELECT 1 FROM spool_draft WHERE draft = ?", "s", draft_id);

	if (statement) {
		found = sqlite3_step(statement) == SQLITE_ROW;
		sqlite3_reset(statement);
	}
	sgp_store_unlock(self->store);
	return found;
}

/* Changing */

static gboolean change_one(SgpSpool *self, int n_changed, GError **error)
{
	if (n_changed == 1)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "there is no such copy in the spool");
	return FALSE;
}

gboolean sgp_spool_begin_hand_over(SgpSpool *self, const char *copy_id, gint64 now, GError **error)
{
	int n = 0;

	return sgp_spool_change(self, &n, error,
		       "UPDATE spool_copy SET state = ?, problem = NULL, changed = ? WHERE id = ? "
		       "AND NOT " SGP_SPOOL_CARRIED " AND state = ?",
		       "iisi", (gint64)SGP_SPOOL_STATE_PUBLISHING, now, copy_id,
		       (gint64)SGP_SPOOL_STATE_SEALED) &&
	       change_one(self, n, error);
}

gboolean sgp_spool_hold_interrupted(SgpSpool *self, gint64 now, GError **error)
{
	return sgp_spool_change(self, NULL, error,
		"UPDATE spool_copy SET state = ?, problem = 'maybe-left', changed = ? WHERE "
		"NOT " SGP_SPOOL_CARRIED " AND state = ?",
		"iii", (gint64)SGP_SPOOL_STATE_HELD, now, (gint64)SGP_SPOOL_STATE_PUBLISHING);
}

gboolean sgp_spool_take_over(SgpSpool *self, const char *copy_id, gint64 now, GError **error)
{
	int n = 0;

	if (!sgp_spool_change(self, &n, error,
		    "UPDATE spool_copy SET state = ?, problem = NULL, changed = ? WHERE id = ? AND "
		    "NOT " SGP_SPOOL_CARRIED " AND state IN (?, ?, ?)",
		    "iisiii", (gint64)SGP_SPOOL_STATE_DONE, now, copy_id,
		    (gint64)SGP_SPOOL_STATE_SEALED, (gint64)SGP_SPOOL_STATE_PUBLISHING,
		    (gint64)SGP_SPOOL_STATE_DONE) ||
		!change_one(self, n, error))
		return FALSE;
	sgp_spool_files_remove(self->files, copy_id);
	return TRUE;
}

gboolean sgp_spool_set_upload(
	SgpSpool *self, const char *copy_id, guint n, const char *upload, GError **error)
{
	return sgp_spool_change(self, NULL, error,
		"UPDATE spool_blob SET upload = ? WHERE copy = ? AND n = ?", "ssi", upload, copy_id,
		(gint64)n);
}

/* A copy that is done or that a person gave up stays so, whoever still works on it (test
 * /spool/a-dropped-copy-goes-nowhere). */
#define UNFINISHED "state NOT IN (6, 7)"
G_STATIC_ASSERT(SGP_SPOOL_STATE_DONE == 6 && SGP_SPOOL_STATE_DROPPED == 7);

static gboolean change_unfinished(
	SgpSpool *self, const char *copy_id, int n_changed, GError **error)
{
	if (n_changed == 1)
		return TRUE;
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(self, copy_id, error);

	if (entry)
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "%s",
			entry->state == SGP_SPOOL_STATE_DROPPED ? "this copy was given up"
								: "this copy has left already");
	return FALSE;
}

gboolean sgp_spool_set_state(SgpSpool *self, const char *copy_id, SgpSpoolState state,
	const char *problem, gint64 now, GError **error)
{
	int n = 0;

	return sgp_spool_change(self, &n, error,
		       "UPDATE spool_copy SET state = ?, problem = ?, changed = ? WHERE id = ? "
		       "AND " UNFINISHED,
		       "isis", (gint64)state, problem, now, copy_id) &&
	       change_unfinished(self, copy_id, n, error);
}

gboolean sgp_spool_postpone(
	SgpSpool *self, const char *copy_id, const char *problem, gint64 due, GError **error)
{
	int n = 0;

	return sgp_spool_change(self, &n, error,
		       "UPDATE spool_copy SET tries = tries + 1, due = ?, problem = ? WHERE id = ? "
		       "AND " UNFINISHED,
		       "iss", due, problem, copy_id) &&
	       change_unfinished(self, copy_id, n, error);
}

gboolean sgp_spool_finish(SgpSpool *self, const char *copy_id, gint64 now, GError **error)
{
	int n = 0;

	if (!sgp_spool_change(self, &n, error,
		    "UPDATE spool_copy SET state = ?, problem = NULL, manifest = NULL, changed = ? "
		    "WHERE id = ? AND " UNFINISHED,
		    "iis", (gint64)SGP_SPOOL_STATE_DONE, now, copy_id) ||
		!change_unfinished(self, copy_id, n, error))
		return FALSE;
	sgp_spool_files_remove(self->files, copy_id);
	return TRUE;
}

int sgp_spool_lock_delivery(SgpSpool *self, GError **error)
{
	return sgp_spool_files_lock_delivery(self->files, error);
}

static void sgp_spool_finalize(GObject *object)
{
	SgpSpool *self = SGP_SPOOL(object);

	g_clear_pointer(&self->files, sgp_spool_files_free);
	g_clear_object(&self->store);
	G_OBJECT_CLASS(sgp_spool_parent_class)->finalize(object);
}

static void sgp_spool_class_init(SgpSpoolClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_spool_finalize;
}

static void sgp_spool_init(SgpSpool *self)
{
}
