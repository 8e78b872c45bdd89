/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what one source of keys holds: read once by one listing, then asked in microseconds, read
 * again when the source's stamp changed. Looks up by whole canonical addr-specs, never by
 * substring, name or key id; judges nothing. A source that could not be read is "could not look",
 * and an old reading is not used in its place. */
#include "sgp-key-index.h"

#include "sgp-error.h"

#define MAXIMAL_READINGS 3 /* of a keyring that changes while it is read */

/* What one reading of the source found. Immutable but for secrets (under the index's lock). */
typedef struct {
	gatomicrefcount refs;
	char *stamp;
	GHashTable *by_address; /* (owned) (element-type utf8 GPtrArray(SgpKeyRecord)) */
	GHashTable *secrets;    /* (owned) (element-type utf8 gboolean) by fingerprint, as asked */
	GHashTable *fingerprints; /* (owned) (element-type utf8) a set */
} Snapshot;

struct _SgpKeyIndex {
	GObject parent_instance;
	SgpKeySource *source; /* (owned) */

	GMutex lock;
	GCond changed;
	Snapshot *snapshot; /* (owned) (nullable) */
	GError *failure;    /* (owned) (nullable) of the last reading */
	guint n_readings;   /* finished ones */
	gboolean is_reading;
};

G_DEFINE_TYPE(SgpKeyIndex, sgp_key_index, G_TYPE_OBJECT)

static Snapshot *snapshot_new(void)
{
	Snapshot *self = g_new0(Snapshot, 1);
	g_atomic_ref_count_init(&self->refs);
	self->by_address = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	self->secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->fingerprints = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	return self;
}

static Snapshot *snapshot_ref(Snapshot *self)
{
	g_atomic_ref_count_inc(&self->refs);
	return self;
}

static void snapshot_unref(Snapshot *self)
{
	if (self == NULL || !g_atomic_ref_count_dec(&self->refs))
		return;
	g_hash_table_unref(self->by_address);
	g_hash_table_unref(self->secrets);
	g_hash_table_unref(self->fingerprints);
	g_free(self->stamp);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_unref)

static void add_record(SgpKeyRecord *record, gpointer user_data)
{
	Snapshot *snapshot = user_data;
	g_hash_table_add(snapshot->fingerprints, g_strdup(record->fingerprint));
	for (guint i = 0; i < record->user_ids->len; i++) {
		const SgpKeyUserId *user_id = g_ptr_array_index(record->user_ids, i);
		GPtrArray *records = g_hash_table_lookup(snapshot->by_address, user_id->addr_spec);
		if (records == NULL) {
			records = g_ptr_array_new_with_free_func(
				(GDestroyNotify)sgp_key_record_unref);
			g_hash_table_insert(
				snapshot->by_address, g_strdup(user_id->addr_spec), records);
		}
		g_ptr_array_add(records, sgp_key_record_ref(record));
	}
}

/* The stamp is taken before and after: gpg itself writes its trust database while it lists, and
 * somebody may import a key. If it never rests, the older stamp makes the next look-up read again.
 */
static Snapshot *read_source(SgpKeySource *source, GError **error)
{
	g_autoptr(Snapshot) snapshot = NULL;
	for (guint i = 0; i < MAXIMAL_READINGS; i++) {
		g_autofree char *before = sgp_key_source_dup_stamp(source);
		g_clear_pointer(&snapshot, snapshot_unref);
		snapshot = snapshot_new();
		if (!sgp_key_source_visit(source, add_record, snapshot, NULL, error))
			return NULL;
		g_autofree char *after = sgp_key_source_dup_stamp(source);
		snapshot->stamp = g_steal_pointer(&before);
		if (g_str_equal(snapshot->stamp, after))
			break;
	}
	return g_steal_pointer(&snapshot);
}

static gpointer run_reading(gpointer data)
{
	SgpKeyIndex *self = data;
	GError *error = NULL;
	Snapshot *snapshot = read_source(self->source, &error);
	g_mutex_lock(&self->lock);
	g_clear_pointer(&self->snapshot, snapshot_unref);
	g_clear_error(&self->failure);
	self->snapshot = snapshot;
	self->failure = error;
	self->n_readings += 1;
	self->is_reading = FALSE;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
	g_object_unref(self);
	return NULL;
}

static void wake(GCancellable *cancellable, gpointer data)
{
	SgpKeyIndex *self = data;
	g_mutex_lock(&self->lock);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

/* Under the lock. */
static void start_reading(SgpKeyIndex *self)
{
	if (self->is_reading)
		return;
	self->is_reading = TRUE;
	g_thread_unref(g_thread_new("sgp-keys", run_reading, g_object_ref(self)));
}

/* Under the lock. FALSE: it is late. */
static gboolean wait_for_change(SgpKeyIndex *self, gint64 end)
{
	if (end != G_MAXINT64)
		return g_cond_wait_until(&self->changed, &self->lock, end);
	g_cond_wait(&self->changed, &self->lock);
	return TRUE;
}

static Snapshot *wait_for_reading(
	SgpKeyIndex *self, gint64 end, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	start_reading(self);
	guint n_before = self->n_readings;
	while (self->n_readings == n_before) {
		if (g_cancellable_set_error_if_cancelled(cancellable, error))
			return NULL;
		if (!wait_for_change(self, end) && self->n_readings == n_before) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
				"the keyring was not read in time");
			return NULL;
		}
	}
	if (self->snapshot == NULL) {
		if (error != NULL)
			*error = g_error_copy(self->failure);
		return NULL;
	}
	return snapshot_ref(self->snapshot);
}

static Snapshot *ref_fresh(SgpKeyIndex *self)
{
	g_autofree char *stamp = sgp_key_source_dup_stamp(self->source);
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	gboolean is_fresh = self->snapshot != NULL && g_str_equal(self->snapshot->stamp, stamp);
	return is_fresh ? snapshot_ref(self->snapshot) : NULL;
}

/* The reading goes on in a thread of its own when the caller gives up: with a big keyring and a
 * short limit no caller would ever get an answer otherwise. */
static Snapshot *ref_snapshot(
	SgpKeyIndex *self, gint64 end, GCancellable *cancellable, GError **error)
{
	Snapshot *fresh = ref_fresh(self);
	if (fresh != NULL)
		return fresh;
	gulong watched = cancellable == NULL
				 ? 0
				 : g_cancellable_connect(cancellable, G_CALLBACK(wake), self, NULL);
	Snapshot *snapshot = wait_for_reading(self, end, cancellable, error);
	g_cancellable_disconnect(cancellable, watched);
	return snapshot;
}

void sgp_key_index_start(SgpKeyIndex *self)
{
	g_autoptr(Snapshot) fresh = ref_fresh(self);
	if (fresh != NULL)
		return;
	g_mutex_lock(&self->lock);
	start_reading(self);
	g_mutex_unlock(&self->lock);
}

/**
 * sgp_key_index_lookup:
 * @addr_spec: canonical
 *
 * Returns: (transfer full) (element-type SgpKeyRecord): every key that names it; %NULL: could not
 * look
 */
GPtrArray *sgp_key_index_lookup(SgpKeyIndex *self, const char *addr_spec, gint64 end,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(Snapshot) snapshot = ref_snapshot(self, end, cancellable, error);
	if (snapshot == NULL)
		return NULL;
	GPtrArray *found = g_hash_table_lookup(snapshot->by_address, addr_spec);
	return found != NULL ? g_ptr_array_ref(found)
			     : g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_record_unref);
}

gboolean sgp_key_index_knows(SgpKeyIndex *self, const char *fingerprint)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	return self->snapshot != NULL &&
	       g_hash_table_contains(self->snapshot->fingerprints, fingerprint);
}

/**
 * sgp_key_index_has_secret:
 * @has_secret: (out)
 */
gboolean sgp_key_index_has_secret(SgpKeyIndex *self, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error)
{
	gpointer known = NULL;
	g_autoptr(Snapshot) snapshot = ref_snapshot(self, G_MAXINT64, cancellable, error);
	if (snapshot == NULL)
		return FALSE;
	g_mutex_lock(&self->lock);
	gboolean is_known =
		g_hash_table_lookup_extended(snapshot->secrets, fingerprint, NULL, &known);
	g_mutex_unlock(&self->lock);
	if (is_known) {
		*has_secret = GPOINTER_TO_INT(known);
		return TRUE;
	}
	if (!sgp_key_source_has_secret(self->source, fingerprint, has_secret, cancellable, error))
		return FALSE;
	g_mutex_lock(&self->lock);
	g_hash_table_insert(snapshot->secrets, g_strdup(fingerprint), GINT_TO_POINTER(*has_secret));
	g_mutex_unlock(&self->lock);
	return TRUE;
}

SgpKeySource *sgp_key_index_get_source(SgpKeyIndex *self)
{
	return self->source;
}

static void sgp_key_index_finalize(GObject *object)
{
	SgpKeyIndex *self = SGP_KEY_INDEX(object);
	g_clear_object(&self->source);
	g_clear_pointer(&self->snapshot, snapshot_unref);
	g_clear_error(&self->failure);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	G_OBJECT_CLASS(sgp_key_index_parent_class)->finalize(object);
}

static void sgp_key_index_class_init(SgpKeyIndexClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_index_finalize;
}

static void sgp_key_index_init(SgpKeyIndex *self)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
}

/**
 * sgp_key_index_new:
 *
 * Returns: (transfer full): nothing is read yet
 */
SgpKeyIndex *sgp_key_index_new(SgpKeySource *source)
{
	SgpKeyIndex *self = g_object_new(SGP_TYPE_KEY_INDEX, NULL);
	self->source = g_object_ref(source);
	return self;
}
