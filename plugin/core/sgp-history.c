/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The index of all mail the office knows: which messages belong together, who wrote them, where
 * their copies lie, and how the few that matter were judged. Owns the tables address, folder,
 * message, copy and judgement; keeps no text and no recipient. Which folders there are, and whether
 * each is known completely, is sgp-history-folders.c's. */
#include "sgp-history.h"

#include <string.h>

#include "sgp-error.h"
#include "sgp-history-private.h"
#include "sgp-store-private.h"

#define FEED_CHUNK 1000 /* 20 ms: whoever assesses a mail meanwhile does not wait longer */

struct _SgpHistory {
	GObject parent_instance;

	SgpStore *store;       /* (owned) */
	SgpSettings *settings; /* (owned) */
};

G_DEFINE_TYPE(SgpHistory, sgp_history, G_TYPE_OBJECT)

static void sgp_history_finalize(GObject *object)
{
	SgpHistory *self = SGP_HISTORY(object);
	g_clear_object(&self->store);
	g_clear_object(&self->settings);
	G_OBJECT_CLASS(sgp_history_parent_class)->finalize(object);
}

static void sgp_history_class_init(SgpHistoryClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_history_finalize;
}

static void sgp_history_init(SgpHistory *self)
{
}

SgpHistory *sgp_history_new(SgpStore *store, SgpSettings *settings)
{
	SgpHistory *self = g_object_new(SGP_TYPE_HISTORY, NULL);
	self->store = g_object_ref(store);
	self->settings = g_object_ref(settings);
	return self;
}

SgpStore *sgp_history_get_store(SgpHistory *self)
{
	return self->store;
}

SgpSettings *sgp_history_get_settings(SgpHistory *self)
{
	return self->settings;
}

/* First 8 bytes of the MD5, big endian: what Camel's summaries keep. Not a security property:
 * whoever forges an id gains nothing that he could not have by using the real one. message_id: with
 * or without <>. */
guint64 sgp_history_hash_message_id(const char *message_id)
{
	gsize length = strlen(message_id);
	const char *from = message_id;
	if (length >= 2 && from[0] == '<' && from[length - 1] == '>') {
		from++;
		length -= 2;
	}
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_MD5);
	g_checksum_update(sum, (const guint8 *)from, (gssize)length);
	guint8 digest[16];
	gsize size = sizeof digest;
	g_checksum_get_digest(sum, digest, &size);
	guint64 hash = 0;
	for (int i = 0; i < 8; i++)
		hash = hash << 8 | digest[i];
	return hash;
}

/* --- Small look-ups; all under the lock --- */

gint64 sgp_history_lookup_number(
	SgpStore *store, const char *sql, const char *text, gboolean *is_found, GError **error)
{
	gint64 found = 0;
	*is_found = FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(store, sql, error);
	if (statement == NULL)
		return 0;
	sgp_store_bind_text(statement, 1, text);
	if (sgp_store_step(store, statement, error)) {
		found = sqlite3_column_int64(statement, 0);
		*is_found = TRUE;
		sgp_store_end(statement);
	}
	return found;
}

/* The row of an address, made if it is new. 0 on error. */
static gint64 ensure_address(SgpStore *store, const char *addr_spec, GError **error)
{
	GError *local = NULL;
	gboolean is_found = FALSE;
	gint64 id = sgp_history_lookup_number(
		store, "SELECT id FROM address WHERE spec = ?", addr_spec, &is_found, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return 0;
	}
	if (is_found)
		return id;
	sqlite3_stmt *statement =
		sgp_store_prepare(store, "INSERT INTO address (spec) VALUES (?)", error);
	if (statement == NULL)
		return 0;
	sgp_store_bind_text(statement, 1, addr_spec);
	if (!sgp_store_run(store, statement, error))
		return 0;
	return sqlite3_last_insert_rowid(sqlite3_db_handle(statement));
}

/* The row of a folder with this role, made if it is new. A folder that a host feeds is not complete
 * until the host says so. 0 on error. */
static gint64 ensure_folder(
	SgpStore *store, const char *uri, SgpFolderRole role, gboolean is_hosted, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT INTO folder (uri, role, is_complete, is_hosted) VALUES (?1, ?2, ?3, ?4)"
		" ON CONFLICT (uri) DO UPDATE SET role = ?2 RETURNING id",
		error);
	if (statement == NULL)
		return 0;
	gint64 id = 0;
	sgp_store_bind_text(statement, 1, uri);
	sqlite3_bind_int(statement, 2, (int)role);
	sqlite3_bind_int(statement, 3, !is_hosted);
	sqlite3_bind_int(statement, 4, is_hosted);
	while (sgp_store_step(store, statement, error))
		id = sqlite3_column_int64(statement, 0);
	return id;
}

/* --- Adding --- */

typedef struct {
	SgpStore *store;
	gint64 folder;
	gint64 next_key;     /* of a new message row */
	GHashTable *senders; /* (owned) header text -> row of the address: the same people write
				again */
} Feed;

/* One row of message. */
typedef struct {
	gint64 key, sender, conversation;
	gboolean is_ghost;
} MessageRow;

/* The row of an id: the one of this sender, else a ghost, else (any other's) only the conversation
 * with key 0. FALSE: none, or error. */
static gboolean lookup_message(
	SgpStore *store, guint64 id, gint64 sender, MessageRow *row, GError **error)
{
	gboolean is_found = FALSE;
	memset(row, 0, sizeof *row);
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "SELECT key, sender, conversation FROM message WHERE id = ?", error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, (gint64)id);
	while (sgp_store_step(store, statement, error)) {
		gboolean is_ghost = sqlite3_column_type(statement, 1) == SQLITE_NULL;
		gboolean is_same = !is_ghost && sqlite3_column_int64(statement, 1) == sender;
		row->conversation = sqlite3_column_int64(statement, 2);
		if (is_same || (is_ghost && row->key == 0)) {
			row->key = sqlite3_column_int64(statement, 0);
			row->is_ghost = is_ghost;
		}
		is_found = TRUE;
		if (is_same) {
			sgp_store_end(statement);
			break;
		}
	}
	return is_found;
}

static gboolean insert_message(Feed *feed, guint64 id, const gint64 *sender, gint64 conversation,
	gint64 date, gint64 *key, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(feed->store,
		"INSERT INTO message (key, id, sender, conversation, date) VALUES (?, ?, ?, ?, ?)",
		error);
	if (statement == NULL)
		return FALSE;
	*key = feed->next_key++;
	sqlite3_bind_int64(statement, 1, *key);
	sqlite3_bind_int64(statement, 2, (gint64)id);
	if (sender != NULL)
		sqlite3_bind_int64(statement, 3, *sender);
	else
		sqlite3_bind_null(statement, 3);
	sqlite3_bind_int64(statement, 4, conversation != 0 ? conversation : *key);
	sqlite3_bind_int64(statement, 5, date);
	return sgp_store_run(feed->store, statement, error);
}

static gboolean fill_ghost(SgpStore *store, gint64 key, gint64 sender, gint64 date, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "UPDATE message SET sender = ?, date = ? WHERE key = ?", error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, sender);
	sqlite3_bind_int64(statement, 2, date);
	sqlite3_bind_int64(statement, 3, key);
	return sgp_store_run(store, statement, error);
}

static gint64 count_conversation(SgpStore *store, gint64 conversation, GError **error)
{
	gint64 count = 0;
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "SELECT count(*) FROM message WHERE conversation = ?", error);
	if (statement == NULL)
		return 0;
	sqlite3_bind_int64(statement, 1, conversation);
	if (sgp_store_step(store, statement, error)) {
		count = sqlite3_column_int64(statement, 0);
		sgp_store_end(statement);
	}
	return count;
}

/* Two conversations turn out to be one; the smaller is renamed, so that a row is renamed at most
 * log n times. */
static gint64 merge(SgpStore *store, gint64 one, gint64 other, GError **error)
{
	GError *local = NULL;
	gint64 one_count = count_conversation(store, one, &local);
	gint64 other_count = local == NULL ? count_conversation(store, other, &local) : 0;
	gint64 keep = one_count >= other_count ? one : other;
	sqlite3_stmt *statement =
		local == NULL
			? sgp_store_prepare(store,
				  "UPDATE message SET conversation = ?1 WHERE conversation = ?2",
				  &local)
			: NULL;
	if (statement == NULL) {
		g_propagate_error(error, local);
		return 0;
	}
	sqlite3_bind_int64(statement, 1, keep);
	sqlite3_bind_int64(statement, 2, keep == one ? other : one);
	return sgp_store_run(store, statement, error) ? keep : 0;
}

/* The conversation that the references lead to, merged into one; 0 if none is known, or on error.
 */
static gboolean join_references(
	Feed *feed, const SgpSummary *summary, gint64 *conversation, GError **error)
{
	for (gsize i = 0; i < summary->n_references; i++) {
		GError *local = NULL;
		MessageRow row;
		gboolean is_found =
			summary->references[i] != summary->id &&
			lookup_message(feed->store, summary->references[i], -1, &row, &local);
		if (local == NULL && is_found) {
			if (*conversation == 0)
				*conversation = row.conversation;
			else if (*conversation != row.conversation)
				*conversation =
					merge(feed->store, *conversation, row.conversation, &local);
		}
		if (local != NULL) {
			g_propagate_error(error, local);
			return FALSE;
		}
	}
	return TRUE;
}

/* What is only known by reference gets a row too: it is where two replies to a mail that we never
 * saw meet. */
static gboolean add_ghosts(
	Feed *feed, const SgpSummary *summary, gint64 conversation, GError **error)
{
	for (gsize i = 0; i < summary->n_references; i++) {
		GError *local = NULL;
		MessageRow row;
		gint64 key = 0;
		if (!lookup_message(feed->store, summary->references[i], -1, &row, &local) &&
			local == NULL)
			insert_message(
				feed, summary->references[i], NULL, conversation, 0, &key, &local);
		if (local != NULL) {
			g_propagate_error(error, local);
			return FALSE;
		}
	}
	return TRUE;
}

/* Makes sure that the message has a row, and links it. */
static gboolean add_message(
	Feed *feed, const SgpSummary *summary, gint64 sender, gint64 *key, GError **error)
{
	GError *local = NULL;
	MessageRow row;
	gint64 conversation = 0;
	gint64 date = summary->date != 0 && summary->received != 0
			      ? MIN(summary->date, summary->received)
			      : MAX(summary->date, summary->received);
	if (!join_references(feed, summary, &conversation, error))
		return FALSE;
	gboolean is_found = lookup_message(feed->store, summary->id, sender, &row, &local);
	if (local == NULL && is_found && conversation != 0 && row.conversation != conversation)
		conversation = merge(feed->store, conversation, row.conversation, &local);
	else if (is_found)
		conversation = row.conversation;
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	*key = row.key;
	gboolean done = TRUE;
	if (row.key == 0)
		done = insert_message(feed, summary->id, &sender, conversation, date, key, error);
	else if (row.is_ghost)
		done = fill_ghost(feed->store, row.key, sender, date, error);
	return done && add_ghosts(feed, summary, conversation != 0 ? conversation : *key, error);
}

static gint64 lookup_copy(Feed *feed, const char *uid, GError **error)
{
	gint64 message = 0;
	sqlite3_stmt *statement = sgp_store_prepare(
		feed->store, "SELECT message FROM copy WHERE folder = ? AND uid = ?", error);
	if (statement == NULL)
		return 0;
	sqlite3_bind_int64(statement, 1, feed->folder);
	sgp_store_bind_text(statement, 2, uid);
	if (sgp_store_step(feed->store, statement, error)) {
		message = sqlite3_column_int64(statement, 0);
		sgp_store_end(statement);
	}
	return message;
}

static gboolean run_for_copy(SgpStore *store, const char *sql, gint64 folder, const char *uid,
	gint64 message, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store, sql, error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, folder);
	sgp_store_bind_text(statement, 2, uid);
	if (message != 0)
		sqlite3_bind_int64(statement, 3, message);
	return sgp_store_run(store, statement, error);
}

/* A message without a copy is known by reference only from now on. */
#define FORGET_SQL                                                                                 \
	"UPDATE message SET sender = NULL WHERE key = ?1 AND"                                      \
	" NOT EXISTS (SELECT 1 FROM copy WHERE message = ?1)"

static gboolean forget_message(SgpStore *store, gint64 key, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store, FORGET_SQL, error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, key);
	return sgp_store_run(store, statement, error);
}

/* A uid that names another message now was used again: what was judged was the other one. */
static gboolean add_copy(Feed *feed, const char *uid, gint64 message, GError **error)
{
	GError *local = NULL;
	gint64 known = lookup_copy(feed, uid, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	if (known == message)
		return TRUE;
	if (known != 0 &&
		!run_for_copy(feed->store, "DELETE FROM judgement WHERE folder = ? AND uid = ?",
			feed->folder, uid, 0, error))
		return FALSE;
	if (!run_for_copy(feed->store,
		    "INSERT OR REPLACE INTO copy (folder, uid, message) VALUES (?, ?, ?)",
		    feed->folder, uid, message, error))
		return FALSE;
	return known == 0 || forget_message(feed->store, known, error);
}

/* The row of the one author; *sender 0 where there is not exactly one that can be read. */
static gboolean find_sender(Feed *feed, const char *from, gint64 *sender, GError **error)
{
	*sender = 0;
	if (from == NULL)
		return TRUE;
	gint64 *cached = g_hash_table_lookup(feed->senders, from);
	if (cached != NULL) {
		*sender = *cached;
		return TRUE;
	}
	g_autoptr(GPtrArray) authors = sgp_address_parse_list(from, NULL);
	if (authors != NULL && authors->len == 1) {
		*sender = ensure_address(feed->store,
			sgp_address_get_addr_spec(g_ptr_array_index(authors, 0)), error);
		if (*sender == 0)
			return FALSE;
	}
	g_hash_table_insert(feed->senders, g_strdup(from), g_memdup2(sender, sizeof *sender));
	return TRUE;
}

static gboolean add_summary(Feed *feed, const SgpSummary *summary, GError **error)
{
	gint64 sender = 0, message = 0;
	return find_sender(feed, summary->from, &sender, error) &&
	       add_message(feed, summary, sender, &message, error) &&
	       add_copy(feed, summary->uid, message, error);
}

static gboolean add_all(SgpHistory *self, const char *folder, SgpFolderRole role,
	gboolean is_hosted, const SgpSummary *summaries, gsize n, GError **error)
{
	GError *local = NULL;
	gboolean is_found = FALSE;
	Feed feed = { .store = self->store };
	feed.folder = ensure_folder(self->store, folder, role, is_hosted, error);
	if (feed.folder == 0)
		return FALSE;
	feed.next_key = sgp_history_lookup_number(self->store,
		"SELECT coalesce(max(key), 0) + 1 FROM message", NULL, &is_found, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	g_autoptr(GHashTable) senders =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	feed.senders = senders;
	for (gsize i = 0; i < n; i++) {
		if (!add_summary(&feed, &summaries[i], error))
			return FALSE;
	}
	return TRUE;
}

gboolean sgp_history_add_copies(SgpHistory *self, const char *folder, SgpFolderRole role,
	gboolean is_hosted, const SgpSummary *summaries, gsize n, GError **error)
{
	if (!sgp_store_begin(self->store, FALSE, error))
		return FALSE;
	if (!add_all(self, folder, role, is_hosted, summaries, n, error)) {
		sgp_store_rollback(self->store);
		return FALSE;
	}
	return sgp_store_commit(self->store, error);
}

gboolean sgp_history_add_summaries(SgpHistory *self, const char *folder, SgpFolderRole role,
	const SgpSummary *summaries, gsize n, GError **error)
{
	/* An empty folder is made known as well. */
	gsize from = 0;
	do {
		gsize length = MIN(n - from, FEED_CHUNK);
		const SgpSummary *first = n > 0 ? &summaries[from] : NULL;
		if (!sgp_history_add_copies(self, folder, role, TRUE, first, length, error))
			return FALSE;
		from += length;
	} while (from < n);
	return TRUE;
}

/* --- Removing --- */

static gboolean remove_copy(SgpStore *store, gint64 folder, const char *uid, GError **error)
{
	GError *local = NULL;
	Feed feed = { .store = store, .folder = folder };
	gint64 message = lookup_copy(&feed, uid, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return message == 0 ||
	       (run_for_copy(store, "DELETE FROM judgement WHERE folder = ? AND uid = ?", folder,
			uid, 0, error) &&
		       run_for_copy(store, "DELETE FROM copy WHERE folder = ? AND uid = ?", folder,
			       uid, 0, error) &&
		       forget_message(store, message, error));
}

static gboolean remove_all(
	SgpStore *store, const char *folder, const char *const *uids, GError **error)
{
	GError *local = NULL;
	gboolean is_found = FALSE;
	gint64 id = sgp_history_lookup_number(
		store, "SELECT id FROM folder WHERE uri = ?", folder, &is_found, &local);
	for (guint i = 0; local == NULL && is_found && uids[i] != NULL; i++)
		remove_copy(store, id, uids[i], &local);
	if (local == NULL)
		return TRUE;
	g_propagate_error(error, local);
	return FALSE;
}

/* Unknown folders and uids are fine: they are not there already. */
gboolean sgp_history_remove(
	SgpHistory *self, const char *folder, const char *const *uids, GError **error)
{
	if (!sgp_store_begin(self->store, FALSE, error))
		return FALSE;
	if (!remove_all(self->store, folder, uids, error)) {
		sgp_store_rollback(self->store);
		return FALSE;
	}
	return sgp_store_commit(self->store, error);
}
