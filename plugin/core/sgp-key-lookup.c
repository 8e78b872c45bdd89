/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the index of the user's keys: read once by one listing, then asked in microseconds, read
 * again when a source's stamp changed. Looks up by whole canonical addr-specs, never by substring,
 * name or key id; never fetches a key from a network and never chooses among keys. A keyring that
 * could not be read is "could not look", and an old index is not used in its place. */
#include "sgp-key-lookup.h"

#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-key-acceptance.h"
#include "sgp-key-source-gnupg.h"

#define MAXIMAL_READINGS 3 /* of a keyring that changes while it is read */

/* What one reading of the source found. Immutable but for secrets (under the index's lock). */
typedef struct {
	gatomicrefcount refs;
	char *stamp;
	GHashTable *by_address; /* (owned) (element-type utf8 GPtrArray(SgpKeyRecord)) */
	GHashTable *secrets;    /* (owned) (element-type utf8 gboolean) by fingerprint, as asked */
} Snapshot;

struct _SgpKeyLookup {
	GObject parent_instance;
	SgpSettings *settings;        /* (owned) */
	char *home;                   /* (owned) (nullable) */
	SgpKeySource *source;         /* (owned) */
	SgpKeyAcceptance *acceptance; /* (owned) */

	GMutex lock;
	GCond changed;
	Snapshot *snapshot; /* (owned) (nullable) */
	GError *failure;    /* (owned) (nullable) of the last reading */
	guint n_readings;   /* finished ones */
	gboolean is_reading;
};

G_DEFINE_TYPE(SgpKeyLookup, sgp_key_lookup, G_TYPE_OBJECT)

static Snapshot *snapshot_new(void)
{
	Snapshot *self = g_new0(Snapshot, 1);
	g_atomic_ref_count_init(&self->refs);
	self->by_address = g_hash_table_new_full(
		g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	self->secrets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
	g_free(self->stamp);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_unref)

static void add_record(SgpKeyRecord *record, gpointer user_data)
{
	Snapshot *snapshot = user_data;
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
	SgpKeyLookup *self = data;
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
	SgpKeyLookup *self = data;
	g_mutex_lock(&self->lock);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

static Snapshot *wait_for_reading(SgpKeyLookup *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	if (!self->is_reading) {
		self->is_reading = TRUE;
		g_thread_unref(g_thread_new("sgp-keys", run_reading, g_object_ref(self)));
	}
	guint n_before = self->n_readings;
	while (self->n_readings == n_before) {
		if (g_cancellable_set_error_if_cancelled(cancellable, error))
			return NULL;
		g_cond_wait(&self->changed, &self->lock);
	}
	if (self->snapshot == NULL) {
		if (error != NULL)
			*error = g_error_copy(self->failure);
		return NULL;
	}
	return snapshot_ref(self->snapshot);
}

/* The reading goes on in a thread of its own when the caller gives up: with a big keyring and a
 * short limit no caller would ever get an answer otherwise. */
static Snapshot *ref_snapshot(SgpKeyLookup *self, GCancellable *cancellable, GError **error)
{
	g_autofree char *stamp = sgp_key_source_dup_stamp(self->source);
	g_mutex_lock(&self->lock);
	Snapshot *fresh = self->snapshot != NULL && g_str_equal(self->snapshot->stamp, stamp)
				  ? snapshot_ref(self->snapshot)
				  : NULL;
	g_mutex_unlock(&self->lock);
	if (fresh != NULL)
		return fresh;
	gulong watched = cancellable == NULL
				 ? 0
				 : g_cancellable_connect(cancellable, G_CALLBACK(wake), self, NULL);
	Snapshot *snapshot = wait_for_reading(self, cancellable, error);
	g_cancellable_disconnect(cancellable, watched);
	return snapshot;
}

static gboolean is_trusting_marked(SgpKeyLookup *self)
{
	g_auto(GStrv) trust = sgp_settings_dup_strv(self->settings, "openpgp-trust");
	return trust != NULL && g_strv_contains((const char *const *)trust, "marked");
}

/* GnuPG's word, or the office's own. Errors: could not look into the office's own. */
static SgpKey *judge(SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec,
	gint64 now, gboolean is_marked_enough, GError **error)
{
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, addr_spec, now);
	if (key->state != SGP_KEY_STATE_NOT_VERIFIED || !is_marked_enough)
		return g_steal_pointer(&key);
	gboolean is_accepted = FALSE;
	if (!sgp_key_acceptance_lookup(
		    self->acceptance, key->fingerprint, addr_spec, &is_accepted, error))
		return NULL;
	if (is_accepted) {
		key->state = SGP_KEY_STATE_USABLE;
		key->verified = TRUE;
	}
	return g_steal_pointer(&key);
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
	const SgpKey *one = *(SgpKey *const *)a;
	const SgpKey *other = *(SgpKey *const *)b;
	gboolean one_is_usable = one->state == SGP_KEY_STATE_USABLE;
	gboolean other_is_usable = other->state == SGP_KEY_STATE_USABLE;
	if (one_is_usable != other_is_usable)
		return one_is_usable ? -1 : 1;
	if (one->verified != other->verified)
		return one->verified ? -1 : 1;
	return g_strcmp0(one->fingerprint, other->fingerprint);
}

static GPtrArray *lookup_records(Snapshot *snapshot, const char *addr_spec)
{
	return g_hash_table_lookup(snapshot->by_address, addr_spec);
}

/**
 * sgp_key_lookup_run:
 * @addr_spec: canonical
 * @now: seconds UTC
 *
 * Returns: (transfer full): every key that names this address, with its reason (seed row S7)
 */
SgpKeyAnswer *sgp_key_lookup_run(
	SgpKeyLookup *self, const char *addr_spec, gint64 now, GCancellable *cancellable)
{
	SgpKeyAnswer *answer = sgp_key_answer_new();
	g_autoptr(GError) error = NULL;
	g_autoptr(Snapshot) snapshot = ref_snapshot(self, cancellable, &error);
	if (snapshot == NULL) {
		g_debug("keys: could not look: %s", error->message);
		return answer;
	}
	GPtrArray *records = lookup_records(snapshot, addr_spec);
	gboolean is_marked_enough = is_trusting_marked(self);
	answer->is_known = TRUE;
	for (guint i = 0; records != NULL && i < records->len; i++) {
		const SgpKeyRecord *record = g_ptr_array_index(records, i);
		SgpKey *key = judge(self, record, addr_spec, now, is_marked_enough, &error);
		if (key == NULL) {
			g_debug("keys: could not look: %s", error->message);
			g_clear_error(&error);
			answer->is_known = FALSE;
			key = sgp_key_new(
				record->channel, record->fingerprint, SGP_KEY_STATE_UNKNOWN, NULL);
		}
		g_ptr_array_add(answer->keys, key);
	}
	g_ptr_array_sort(answer->keys, compare_keys);
	return answer;
}

/**
 * sgp_key_lookup_load:
 *
 * Returns: (transfer full): the key as gpg knows it now, not as the index does
 */
SgpKey *sgp_key_lookup_load(SgpKeyLookup *self, const char *fingerprint, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKeyRecord) record =
		sgp_key_source_load(self->source, fingerprint, cancellable, error);
	if (record == NULL)
		return NULL;
	return judge(self, record, addr_spec, now, is_trusting_marked(self), error);
}

static gboolean has_secret(SgpKeyLookup *self, Snapshot *snapshot, const char *fingerprint,
	gboolean *is_secret, GCancellable *cancellable, GError **error)
{
	gpointer known;
	g_mutex_lock(&self->lock);
	gboolean is_known =
		g_hash_table_lookup_extended(snapshot->secrets, fingerprint, NULL, &known);
	g_mutex_unlock(&self->lock);
	if (is_known) {
		*is_secret = GPOINTER_TO_INT(known);
		return TRUE;
	}
	if (!sgp_key_source_has_secret(self->source, fingerprint, is_secret, cancellable, error))
		return FALSE;
	g_mutex_lock(&self->lock);
	g_hash_table_insert(snapshot->secrets, g_strdup(fingerprint), GINT_TO_POINTER(*is_secret));
	g_mutex_unlock(&self->lock);
	return TRUE;
}

/* A key of one's own may be unverified by GnuPG (an imported backup): holding its secret half is
 * better proof than any signature. It has to be fit for both uses, though. */
static SgpKey *judge_own(const SgpKeyRecord *record, const char *addr_spec, gint64 now)
{
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, addr_spec, now);
	if (key->state != SGP_KEY_STATE_USABLE && key->state != SGP_KEY_STATE_NOT_VERIFIED)
		return NULL;
	if (!sgp_key_record_can_sign(record, now))
		return NULL;
	key->state = SGP_KEY_STATE_USABLE;
	return g_steal_pointer(&key);
}

/**
 * sgp_key_lookup_run_own:
 * @addr_spec: canonical, one of the user's own
 *
 * Returns: (transfer full) (nullable): NULL and no error if there is none. One that GnuPG calls
 * valid is preferred
 */
SgpKey *sgp_key_lookup_run_own(SgpKeyLookup *self, const char *addr_spec, gint64 now,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(Snapshot) snapshot = ref_snapshot(self, cancellable, error);
	if (snapshot == NULL)
		return NULL;
	GPtrArray *records = lookup_records(snapshot, addr_spec);
	g_autoptr(SgpKey) best = NULL;
	for (guint i = 0; records != NULL && i < records->len; i++) {
		g_autoptr(SgpKey) key = judge_own(g_ptr_array_index(records, i), addr_spec, now);
		gboolean is_better =
			key != NULL && (best == NULL || (key->verified && !best->verified));
		gboolean is_secret = FALSE;
		if (!is_better)
			continue;
		if (!has_secret(self, snapshot, key->fingerprint, &is_secret, cancellable, error))
			return NULL;
		if (is_secret) {
			sgp_key_free(best);
			best = g_steal_pointer(&key);
		}
	}
	if (best != NULL)
		best->verified = TRUE;
	return g_steal_pointer(&best);
}

/**
 * sgp_key_lookup_accept:
 * @fingerprint: whole
 * @addr_spec: the address that staff verified it for; the key has to name it
 */
gboolean sgp_key_lookup_accept(
	SgpKeyLookup *self, const char *fingerprint, const char *addr_spec, GError **error)
{
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, error);
	if (address == NULL)
		return FALSE;
	g_autoptr(SgpKeyRecord) record =
		sgp_key_source_load(self->source, fingerprint, NULL, error);
	if (record == NULL)
		return FALSE;
	const char *canonical = sgp_address_get_addr_spec(address);
	if (!sgp_key_record_has_address(record, canonical)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND,
			"the key does not name that address");
		return FALSE;
	}
	return sgp_key_acceptance_add(self->acceptance, record->fingerprint, canonical, error);
}

/* ---- the object ---- */

void sgp_key_lookup_set_state_directory(SgpKeyLookup *self, const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "accepted-keys", NULL);
	sgp_key_acceptance_free(self->acceptance);
	self->acceptance = sgp_key_acceptance_new(path);
}

const char *sgp_key_lookup_get_home(SgpKeyLookup *self)
{
	return self->home;
}

static void sgp_key_lookup_finalize(GObject *object)
{
	SgpKeyLookup *self = SGP_KEY_LOOKUP(object);
	g_clear_object(&self->settings);
	g_clear_object(&self->source);
	g_clear_pointer(&self->acceptance, sgp_key_acceptance_free);
	g_clear_pointer(&self->snapshot, snapshot_unref);
	g_clear_error(&self->failure);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	g_free(self->home);
	G_OBJECT_CLASS(sgp_key_lookup_parent_class)->finalize(object);
}

static void sgp_key_lookup_class_init(SgpKeyLookupClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_lookup_finalize;
}

static void sgp_key_lookup_init(SgpKeyLookup *self)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
}

/**
 * sgp_key_lookup_new:
 * @gnupg_home: (nullable)
 *
 * Returns: (transfer full): an index that reads the keyring when it is first asked
 */
SgpKeyLookup *sgp_key_lookup_new(SgpSettings *settings, const char *gnupg_home)
{
	SgpKeyLookup *self = g_object_new(SGP_TYPE_KEY_LOOKUP, NULL);
	self->settings = g_object_ref(settings);
	self->home = gnupg_home != NULL && *gnupg_home != '\0' ? g_strdup(gnupg_home) : NULL;
	self->source = sgp_key_source_gnupg_new(self->home);
	g_autofree char *directory = g_build_filename(g_get_user_data_dir(), "siegelpost", NULL);
	sgp_key_lookup_set_state_directory(self, directory);
	return self;
}
