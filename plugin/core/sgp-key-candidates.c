/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that reached us and that nobody has accepted: harvested from mail, or published by a domain.
 * Owns the tables key_candidate and wkd_lookup, and how many it keeps for one address. They lie
 * apart from every keyring, so that no other program takes one for a key of the user's; whether one
 * counts for anything is the look-up's business. Fetches nothing. */
#include "sgp-key-candidates.h"

#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gnupg-listing.h"
#include "sgp-key-intake.h"
#include "sgp-store-private.h"

#include <string.h>

#define MAXIMAL_PER_ADDRESS 6 /* a flood of forged headers shall not fill the disk */
#define MAXIMAL_HOPELESS    1000
#define WKD_SECONDS         ((gint64)86400)

struct _SgpKeyCandidates {
	GObject parent_instance;
	SgpStore *store; /* (owned) */
	GMutex lock;
	GHashTable *hopeless; /* (owned) (element-type utf8) a set, under the lock */
};

G_DEFINE_TYPE(SgpKeyCandidates, sgp_key_candidates, G_TYPE_OBJECT)

void sgp_key_candidate_free(SgpKeyCandidate *self)
{
	if (self == NULL)
		return;
	g_free(self->addr_spec);
	g_free(self->bundle);
	g_clear_pointer(&self->record, sgp_key_record_unref);
	g_clear_pointer(&self->certificate, g_bytes_unref);
	g_free(self);
}

/* ---- reading ---- */

#define COLUMNS                                                                                    \
	"address, fingerprint, origin, first_seen, last_seen, listing, certificate, protocol"

/* Nobody's signature in a throw-away home, and no trust of the past, makes a candidate valid. */
static void strip_validity(SgpKeyRecord *record)
{
	for (guint i = 0; i < record->user_ids->len; i++)
		((SgpKeyUserId *)g_ptr_array_index(record->user_ids, i))->is_valid = FALSE;
}

static SgpKeyCandidate *read_row(sqlite3_stmt *statement)
{
	const char *addr_spec = sgp_store_column_text(statement, 0);
	const char *listing = sgp_store_column_text(statement, 5);
	g_autoptr(GBytes) bytes = g_bytes_new(
		sqlite3_column_blob(statement, 6), (gsize)sqlite3_column_bytes(statement, 6));
	SgpKeyRecord *record = sqlite3_column_int(statement, 7) == SGP_CHANNEL_SMIME
				       ? sgp_certificate_read(bytes)
				       : sgp_gnupg_listing_read(listing);
	if (record == NULL)
		return NULL;
	strip_validity(record);
	SgpKeyCandidate *candidate = g_new0(SgpKeyCandidate, 1);
	candidate->addr_spec = g_strdup(addr_spec);
	candidate->origin = (SgpKeyOrigin)sqlite3_column_int(statement, 2);
	candidate->first_seen = sqlite3_column_int64(statement, 3);
	candidate->last_seen = sqlite3_column_int64(statement, 4);
	candidate->record = record;
	if (record->channel == SGP_CHANNEL_SMIME)
		candidate->bundle = g_strdup(listing);
	candidate->certificate = g_steal_pointer(&bytes);
	return candidate;
}

static GPtrArray *read_rows(SgpStore *store, sqlite3_stmt *statement, GError **error)
{
	g_autoptr(GPtrArray) rows =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_candidate_free);
	GError *local = NULL;
	while (sgp_store_step(store, statement, &local)) {
		SgpKeyCandidate *candidate = read_row(statement);
		if (candidate != NULL)
			g_ptr_array_add(rows, candidate);
	}
	if (local == NULL)
		return g_steal_pointer(&rows);
	g_propagate_error(error, local);
	return NULL;
}

GPtrArray *sgp_key_candidates_lookup(SgpKeyCandidates *self, const char *addr_spec, GError **error)
{
	GPtrArray *rows = NULL;
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"SELECT " COLUMNS
		" FROM key_candidate WHERE address = ? ORDER BY first_seen, fingerprint",
		error);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, addr_spec);
		rows = read_rows(self->store, statement, error);
	}
	sgp_store_unlock(self->store);
	return rows;
}

GPtrArray *sgp_key_candidates_list(SgpKeyCandidates *self, GError **error)
{
	GPtrArray *rows = NULL;
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"SELECT " COLUMNS " FROM key_candidate ORDER BY address, first_seen, fingerprint",
		error);
	if (statement != NULL)
		rows = read_rows(self->store, statement, error);
	sgp_store_unlock(self->store);
	return rows;
}

/* ---- writing; all under one transaction ---- */

/* The same bytes for the same person were read before: only seen again. */
static gboolean touch(SgpKeyCandidates *self, const char *addr_spec, const char *source,
	gint64 seen, guint *n_touched, GError **error)
{
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"UPDATE key_candidate SET last_seen = max(last_seen, ?3),"
		" first_seen = min(first_seen, ?3) WHERE address = ?1 AND source = ?2",
		error);
	gboolean is_done = FALSE;
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, addr_spec);
		sgp_store_bind_text(statement, 2, source);
		sqlite3_bind_int64(statement, 3, seen);
		is_done = sgp_store_run(self->store, statement, error);
		*n_touched = is_done ? (guint)sqlite3_changes(sqlite3_db_handle(statement)) : 0;
	}
	sgp_store_unlock(self->store);
	return is_done;
}

/* The later one is, but a revocation is for ever: whoever has the key can send the old one again.
 */
#define IS_REVOKED(listing) "substr(" listing ", 1, 6) = 'pub:r:'"
#define IS_BETTER           "(" IS_REVOKED("?7") " OR (?5 >= last_seen AND NOT " IS_REVOKED("listing") "))"

#define INSERT_SQL                                                                                 \
	"INSERT INTO key_candidate (address, fingerprint, origin, protocol, first_seen, "          \
	"last_seen,"                                                                               \
	" source, listing, certificate) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)"               \
	" ON CONFLICT (address, fingerprint, origin) DO UPDATE SET"                                \
	" first_seen = min(first_seen, ?5), last_seen = max(last_seen, ?5), source = ?6,"          \
	" listing = CASE WHEN " IS_BETTER " THEN ?7 ELSE listing END,"                             \
	" certificate = CASE WHEN " IS_BETTER " THEN ?8 ELSE certificate END"

static gboolean insert(SgpKeyCandidates *self, const SgpKeyCandidate *candidate, const char *source,
	const char *listing, GError **error)
{
	gsize size = 0;
	gconstpointer bytes = g_bytes_get_data(candidate->certificate, &size);
	sqlite3_stmt *statement = sgp_store_prepare(self->store, INSERT_SQL, error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, candidate->addr_spec);
	sgp_store_bind_text(statement, 2, candidate->record->fingerprint);
	sqlite3_bind_int(statement, 3, (int)candidate->origin);
	sqlite3_bind_int(statement, 4, (int)candidate->record->channel);
	sqlite3_bind_int64(statement, 5, candidate->last_seen);
	sgp_store_bind_text(statement, 6, source);
	sgp_store_bind_text(statement, 7, listing);
	sqlite3_bind_blob(statement, 8, bytes, (int)size, SQLITE_TRANSIENT);
	return sgp_store_run(self->store, statement, error);
}

/* The first one seen always stays: it is the one that trust on first use means, and no later mail
 * may push it out. Of the others the most recently seen stay. */
static gboolean prune(SgpKeyCandidates *self, const char *addr_spec, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"DELETE FROM key_candidate WHERE address = ?1 AND rowid IN (SELECT rowid FROM"
		" (SELECT rowid FROM key_candidate WHERE address = ?1"
		" ORDER BY first_seen, fingerprint LIMIT -1 OFFSET 1)"
		" EXCEPT SELECT rowid FROM (SELECT rowid FROM (SELECT rowid, last_seen, fingerprint"
		" FROM key_candidate WHERE address = ?1 ORDER BY first_seen, fingerprint"
		" LIMIT -1 OFFSET 1) ORDER BY last_seen DESC, fingerprint LIMIT ?2))",
		error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, addr_spec);
	sqlite3_bind_int(statement, 2, MAXIMAL_PER_ADDRESS - 1);
	return sgp_store_run(self->store, statement, error);
}

static gboolean remove_origin(
	SgpKeyCandidates *self, const char *addr_spec, SgpKeyOrigin origin, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(
		self->store, "DELETE FROM key_candidate WHERE address = ? AND origin = ?", error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, addr_spec);
	sqlite3_bind_int(statement, 2, (int)origin);
	return sgp_store_run(self->store, statement, error);
}

/* A key that does not name this person says nothing about this person. One that was revoked as a
 * whole names nobody any more, and that it did is enough: it only takes away (test
 * /key-candidates/a-revocation-that-comes-by-mail-counts). */
static gboolean is_about(const SgpKeyRecord *record, const char *addr_spec)
{
	return sgp_key_record_has_address(record, addr_spec) ||
	       (record->is_revoked && sgp_key_record_has_named(record, addr_spec));
}

/* In a transaction. */
static gboolean insert_all(SgpKeyCandidates *self, const GPtrArray *keys, const char *addr_spec,
	SgpKeyOrigin origin, const char *source, gint64 seen, guint *n_kept, GError **error)
{
	for (guint i = 0; keys != NULL && i < keys->len; i++) {
		const SgpKeyIntake *key = g_ptr_array_index(keys, i);
		if (!is_about(key->record, addr_spec))
			continue;
		SgpKeyCandidate candidate = {
			.addr_spec = (char *)addr_spec,
			.origin = origin,
			.last_seen = seen,
			.record = key->record,
			.certificate = key->certificate,
		};
		if (!insert(self, &candidate, source, key->listing, error))
			return FALSE;
		*n_kept += 1;
	}
	return prune(self, addr_spec, error);
}

static gboolean finish(SgpKeyCandidates *self, gboolean is_done, GError **error)
{
	if (is_done)
		return sgp_store_commit(self->store, error);
	sgp_store_rollback(self->store);
	return FALSE;
}

/* The same useless header is in every mail of its sender: gpg reads it once while we run. */
static gboolean is_hopeless(SgpKeyCandidates *self, const char *source)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	return g_hash_table_contains(self->hopeless, source);
}

static void note_hopeless(SgpKeyCandidates *self, const char *source)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	if (g_hash_table_size(self->hopeless) < MAXIMAL_HOPELESS)
		g_hash_table_add(self->hopeless, g_strdup(source));
}

static GPtrArray *read_keys(
	SgpKeyCandidates *self, const char *source, GBytes *bytes, GError **error)
{
	g_autoptr(GError) local = NULL;
	if (is_hopeless(self, source)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "there is no OpenPGP key");
		return NULL;
	}
	GPtrArray *keys = sgp_key_intake_read(bytes, NULL, &local);
	if (g_error_matches(local, SGP_ERROR, SGP_ERROR_INVALID))
		note_hopeless(self, source);
	if (keys == NULL)
		g_propagate_error(error, g_steal_pointer(&local));
	return keys;
}

/**
 * sgp_key_candidates_add:
 * @addr_spec: canonical: who sent it; keys that do not name this address are left out
 * @n_kept: (out) (optional)
 */
gboolean sgp_key_candidates_add(SgpKeyCandidates *self, const char *addr_spec, SgpKeyOrigin origin,
	GBytes *bytes, gint64 seen, guint *n_kept, GError **error)
{
	g_autofree char *source = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	guint n = 0;
	if (!touch(self, addr_spec, source, seen, &n, error))
		return FALSE;
	if (n == 0) {
		/* gpg runs before the transaction begins: nobody waits for it. */
		g_autoptr(GPtrArray) keys = read_keys(self, source, bytes, error);
		if (keys == NULL || !sgp_store_begin(self->store, FALSE, error))
			return FALSE;
		if (!finish(self,
			    insert_all(self, keys, addr_spec, origin, source, seen, &n, error),
			    error))
			return FALSE;
	}
	if (n == 0) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_INVALID, "the key does not name that address");
		return FALSE;
	}
	if (n_kept != NULL)
		*n_kept = n;
	return TRUE;
}

/**
 * sgp_key_candidates_add_certificate:
 * @addr_spec: canonical: whose signature it made; a certificate that does not name it is refused
 * @der: one X.509 certificate
 * @bundle: PEM of it and its issuers
 */
gboolean sgp_key_candidates_add_certificate(SgpKeyCandidates *self, const char *addr_spec,
	GBytes *der, const char *bundle, gint64 seen, GError **error)
{
	g_autofree char *source = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, der);
	g_autoptr(SgpKeyRecord) record = sgp_certificate_read(der);
	if (record == NULL || !sgp_key_record_has_address(record, addr_spec)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_INVALID, "the key does not name that address");
		return FALSE;
	}
	SgpKeyCandidate candidate = {
		.addr_spec = (char *)addr_spec,
		.origin = SGP_KEY_ORIGIN_SIGNATURE,
		.last_seen = seen,
		.record = record,
		.certificate = der,
	};
	if (!sgp_store_begin(self->store, FALSE, error))
		return FALSE;
	return finish(self,
		insert(self, &candidate, source, bundle, error) && prune(self, addr_spec, error),
		error);
}

gboolean sgp_key_candidates_remove(
	SgpKeyCandidates *self, const char *addr_spec, const char *fingerprint, GError **error)
{
	gboolean is_done = FALSE;
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"DELETE FROM key_candidate WHERE address = ?1"
		" AND (?2 IS NULL OR fingerprint = ?2)",
		error);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, addr_spec);
		sgp_store_bind_text(statement, 2, fingerprint);
		is_done = sgp_store_run(self->store, statement, error);
	}
	sgp_store_unlock(self->store);
	return is_done;
}

/* ---- what the directories said ---- */

gboolean sgp_key_candidates_lookup_wkd(SgpKeyCandidates *self, const char *addr_spec, gint64 now,
	SgpWkdState *state, GError **error)
{
	GError *local = NULL;
	SgpWkdState found = SGP_WKD_STATE_UNKNOWN;
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"SELECT is_found FROM wkd_lookup WHERE address = ?1 AND asked > ?2 - ?3"
		" AND asked <= ?2 + ?3",
		&local);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, addr_spec);
		sqlite3_bind_int64(statement, 2, now);
		sqlite3_bind_int64(statement, 3, WKD_SECONDS);
		if (sgp_store_step(self->store, statement, &local)) {
			found = sqlite3_column_int(statement, 0) != 0 ? SGP_WKD_STATE_FOUND
								      : SGP_WKD_STATE_NONE;
			sgp_store_end(statement);
		}
	}
	sgp_store_unlock(self->store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	*state = found;
	return TRUE;
}

static gboolean set_asked(SgpKeyCandidates *self, const char *addr_spec, gboolean is_found,
	gint64 now, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"INSERT OR REPLACE INTO wkd_lookup (address, asked, is_found) VALUES (?, ?, ?)",
		error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, addr_spec);
	sqlite3_bind_int64(statement, 2, now);
	sqlite3_bind_int(statement, 3, is_found);
	return sgp_store_run(self->store, statement, error);
}

/**
 * sgp_key_candidates_set_wkd:
 * @bytes: (nullable): what the directory sent; bytes without a key of this address are none
 */
gboolean sgp_key_candidates_set_wkd(
	SgpKeyCandidates *self, const char *addr_spec, GBytes *bytes, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) keys = NULL;
	g_autofree char *source =
		bytes != NULL ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes) : NULL;
	g_autoptr(GError) local = NULL;
	guint n = 0;
	if (bytes != NULL)
		keys = sgp_key_intake_read(bytes, NULL, &local);
	/* A page about gardens at that place is an answer: there is no key. gpg that does not run
	 * is none. */
	if (local != NULL && !g_error_matches(local, SGP_ERROR, SGP_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!sgp_store_begin(self->store, FALSE, error))
		return FALSE;
	return finish(self,
		remove_origin(self, addr_spec, SGP_KEY_ORIGIN_WKD, error) &&
			insert_all(self, keys, addr_spec, SGP_KEY_ORIGIN_WKD, source, now, &n,
				error) &&
			set_asked(self, addr_spec, n > 0, now, error),
		error);
}

/* ---- what customers deposited ---- */

/* One deposited key, read by gpg or as a certificate; (transfer full) (element-type SgpKeyIntake),
 * empty if it is none. NULL: could not read. */
static GPtrArray *read_deposited(const SgpDepositedKey *key, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(key->key, strlen(key->key));
	g_autoptr(GError) local = NULL;
	GPtrArray *keys = NULL;
	if (g_str_equal(key->kind, "smime"))
		return sgp_key_intake_read_certificate(key->key);
	keys = sgp_key_intake_read(bytes, NULL, &local);
	if (keys != NULL)
		return keys;
	if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_INVALID) &&
		!g_error_matches(local, SGP_ERROR, SGP_ERROR_TOO_LARGE)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_intake_free);
}

/* (transfer full) (element-type GPtrArray) in the order of list: gpg runs before the transaction.
 */
static GPtrArray *read_all_deposited(const GPtrArray *list, GError **error)
{
	g_autoptr(GPtrArray) all =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; list != NULL && i < list->len; i++) {
		GPtrArray *keys = read_deposited(g_ptr_array_index(list, i), error);
		if (keys == NULL)
			return NULL;
		g_ptr_array_add(all, keys);
	}
	return g_steal_pointer(&all);
}

static gboolean insert_deposited(SgpKeyCandidates *self, const GPtrArray *all,
	const char *addr_spec, SgpKeyOrigin origin, gint64 now, GError **error)
{
	guint n = 0;
	if (!remove_origin(self, addr_spec, origin, error))
		return FALSE;
	for (guint i = 0; i < all->len; i++)
		if (!insert_all(self, g_ptr_array_index(all, i), addr_spec, origin, "portal", now,
			    &n, error))
			return FALSE;
	return TRUE;
}

gboolean sgp_key_candidates_set_deposited(SgpKeyCandidates *self, const char *addr_spec,
	const GPtrArray *verified, const GPtrArray *claimed, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) good = read_all_deposited(verified, error);
	g_autoptr(GPtrArray) others = good != NULL ? read_all_deposited(claimed, error) : NULL;
	if (others == NULL || !sgp_store_begin(self->store, FALSE, error))
		return FALSE;
	return finish(self,
		insert_deposited(self, good, addr_spec, SGP_KEY_ORIGIN_PORTAL, now, error) &&
			insert_deposited(
				self, others, addr_spec, SGP_KEY_ORIGIN_UNKNOWN, now, error),
		error);
}

/* ---- the object ---- */

static void sgp_key_candidates_finalize(GObject *object)
{
	SgpKeyCandidates *self = SGP_KEY_CANDIDATES(object);
	g_clear_object(&self->store);
	g_hash_table_unref(self->hopeless);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(sgp_key_candidates_parent_class)->finalize(object);
}

static void sgp_key_candidates_class_init(SgpKeyCandidatesClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_candidates_finalize;
}

static void sgp_key_candidates_init(SgpKeyCandidates *self)
{
	g_mutex_init(&self->lock);
	self->hopeless = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

SgpKeyCandidates *sgp_key_candidates_new(SgpStore *store)
{
	SgpKeyCandidates *self = g_object_new(SGP_TYPE_KEY_CANDIDATES, NULL);
	self->store = g_object_ref(store);
	return self;
}
