/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts together what is known of one person's keys: the indexes of the keyrings, the candidates,
 * and the marks of staff; and says who stands for each key. Never fetches a key from a network and
 * never chooses among keys. A keyring that could not be read is "could not look" for its own
 * protocol, and says nothing about the other. */
#include "sgp-key-lookup-private.h"

#include "sgp-error.h"
#include "sgp-key-source-gnupg.h"
#include "sgp-key-source-gpgsm.h"

#define TYPING_MS  2000
#define PATIENT_MS 30000 /* keyrings, and then issuers */
#define KEYRING_MS 20000 /* of a patient look */

G_DEFINE_TYPE(SgpKeyLookup, sgp_key_lookup, G_TYPE_OBJECT)

/* ---- looking up ---- */

/* What staff can cure stands before what they cannot. */
static int get_rank(const SgpKey *key)
{
	if (key->state == SGP_KEY_STATE_USABLE)
		return 0;
	return key->state == SGP_KEY_STATE_NOT_VERIFIED ? 1 : 2;
}

static int compare_keys(gconstpointer a, gconstpointer b)
{
	const SgpKey *one = *(SgpKey *const *)a;
	const SgpKey *other = *(SgpKey *const *)b;
	if (get_rank(one) != get_rank(other))
		return get_rank(one) - get_rank(other);
	if (one->standing != other->standing)
		return one->standing > other->standing ? -1 : 1;
	return g_strcmp0(one->fingerprint, other->fingerprint);
}

static void set_known(SgpKeyAnswer *answer, SgpChannel channel, gboolean is_known)
{
	if (channel == SGP_CHANNEL_SMIME)
		answer->is_known_smime = is_known;
	else
		answer->is_known_openpgp = is_known;
}

/* One look-up. */
typedef struct {
	SgpKeyLookup *self;
	const char *addr_spec;
	gint64 now;
	gint64 end; /* monotonic */
	SgpKeyTrust trust;
	GPtrArray *candidates; /* (owned) (nullable) could not look */
	SgpKeyAnswer *answer;
} Look;

static void add_unknown(Look *look, const SgpKeyRecord *record, GError *error)
{
	g_autoptr(GError) owned = error;
	g_debug("keys: could not look: %s", owned->message);
	set_known(look->answer, record->channel, FALSE);
	g_ptr_array_add(look->answer->keys,
		sgp_key_new(record->channel, record->fingerprint, SGP_KEY_STATE_UNKNOWN, NULL));
}

/* What the source has to ask for outside, of a key that would be used. */
void sgp_key_lookup_check(const SgpKeyRing *ring, const SgpKeyRecord *record, SgpKey *key,
	gint64 now, SgpKeyLook look, GCancellable *cancellable)
{
	sgp_key_source_check(
		sgp_key_index_get_source(ring->index), record, key, now, look, cancellable);
}

SgpKeyLook sgp_key_lookup_get_look(SgpKeyLookup *self)
{
	return self->is_patient ? SGP_KEY_LOOK_PATIENT : SGP_KEY_LOOK_TYPING;
}

gint64 sgp_key_lookup_get_end(SgpKeyLookup *self)
{
	return self->is_patient ? g_get_monotonic_time() + KEYRING_MS * (gint64)1000 : G_MAXINT64;
}

static void add_ring(Look *look, const SgpKeyRing *ring, GCancellable *cancellable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) records =
		sgp_key_index_lookup(ring->index, look->addr_spec, look->end, cancellable, &error);
	set_known(look->answer, ring->channel, records != NULL);
	if (records == NULL)
		g_debug("keys: could not look: %s", error->message);
	for (guint i = 0; records != NULL && i < records->len; i++) {
		const SgpKeyRecord *record = g_ptr_array_index(records, i);
		SgpKey *key = sgp_key_lookup_judge(look->self, record, look->addr_spec, look->now,
			&look->trust, look->candidates, &error);
		if (key == NULL) {
			add_unknown(look, record, g_steal_pointer(&error));
			continue;
		}
		sgp_key_lookup_check(ring, record, key, look->now,
			sgp_key_lookup_get_look(look->self), cancellable);
		g_ptr_array_add(look->answer->keys, key);
	}
}

/* (nullable) Of several copies the best. */
static const SgpKey *find_listed(const SgpKeyAnswer *answer, const char *fingerprint)
{
	const SgpKey *best = NULL;
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		if (g_str_equal(key->fingerprint, fingerprint) &&
			(best == NULL || get_rank(key) < get_rank(best)))
			best = key;
	}
	return best;
}

/* Whether its owner can mend it by signing the same key anew: most keys that "expired" did not, but
 * for the copy in the keyring. What was taken back stays so. */
static gboolean may_be_renewed(const SgpKey *key)
{
	switch (key->state) {
	case SGP_KEY_STATE_EXPIRED:
	case SGP_KEY_STATE_NO_ENCRYPTION:
	case SGP_KEY_STATE_TOO_WEAK:
		return key->channel == SGP_CHANNEL_OPENPGP;
	case SGP_KEY_STATE_REVOKED: /* a subkey or a user id of it; without detail all of it */
		return key->channel == SGP_CHANNEL_OPENPGP && key->detail != NULL;
	case SGP_KEY_STATE_UNKNOWN:
	case SGP_KEY_STATE_USABLE:
	case SGP_KEY_STATE_DISABLED:
	case SGP_KEY_STATE_INVALID:
	case SGP_KEY_STATE_NOT_VERIFIED:
	case SGP_KEY_STATE_WRONG_ADDRESS:
	case SGP_KEY_STATE_NOT_YET_VALID:
		return FALSE;
	}
	return FALSE;
}

/* A newer copy of a key that has ended waits as any other key: the mark was for what the keyring
 * has, and whoever found an old secret key can sign it anew (threat 20; test
 * /key-candidates/a-renewed-key-waits-until-it-is-accepted). */
static void make_wait(SgpKey *copy)
{
	if (copy->state != SGP_KEY_STATE_USABLE || copy->standing != SGP_KEY_STANDING_VERIFIED)
		return;
	copy->state = SGP_KEY_STATE_NOT_VERIFIED;
	copy->standing = SGP_KEY_STANDING_NONE;
	copy->verified = FALSE;
	g_free(copy->detail);
	copy->detail = g_strdup("candidate");
}

static void add_candidates(Look *look)
{
	for (guint i = 0; i < look->candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(look->candidates, i);
		g_autoptr(GError) error = NULL;
		const SgpKey *listed = find_listed(look->answer, one->record->fingerprint);
		if (listed != NULL && !may_be_renewed(listed))
			continue;
		g_autoptr(SgpKey) key = sgp_key_lookup_judge_candidate(look->self, one,
			look->addr_spec, look->now, &look->trust, look->candidates, &error);
		if (key != NULL && listed != NULL)
			make_wait(key);
		if (key == NULL)
			add_unknown(look, one->record, g_steal_pointer(&error));
		/* Beside the one that ended, which still says that something was there before. */
		else if (listed == NULL || get_rank(key) < get_rank(listed))
			g_ptr_array_add(look->answer->keys, g_steal_pointer(&key));
	}
}

static gboolean has_verified_openpgp(const SgpKeyAnswer *answer)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		if (key->channel == SGP_CHANNEL_OPENPGP && key->state == SGP_KEY_STATE_USABLE &&
			key->standing > SGP_KEY_STANDING_WKD)
			return TRUE;
	}
	return FALSE;
}

static void look_up(Look *look, GCancellable *cancellable)
{
	SgpKeyLookup *self = look->self;
	for (guint i = 0; i < self->rings->len; i++)
		sgp_key_index_start(g_array_index(self->rings, SgpKeyRing, i).index);
	look->answer->is_known_openpgp = TRUE;
	look->answer->is_known_smime = TRUE;
	for (guint i = 0; i < self->rings->len; i++)
		add_ring(look, &g_array_index(self->rings, SgpKeyRing, i), cancellable);
	if (look->candidates != NULL)
		add_candidates(look);
	/* Where the office trusts what a domain publishes, a directory that nobody asked is "could
	 * not look". A better key makes the question needless. */
	gboolean is_missing =
		look->trust.has_stale_directory && !has_verified_openpgp(look->answer);
	if (look->candidates == NULL || is_missing)
		look->answer->is_known_openpgp = FALSE;
	look->answer->is_known = look->answer->is_known_openpgp && look->answer->is_known_smime;
	g_ptr_array_sort(look->answer->keys, compare_keys);
}

GPtrArray *sgp_key_lookup_list_candidates(SgpKeyLookup *self, const char *addr_spec, GError **error)
{
	return self->candidates != NULL
		       ? sgp_key_candidates_lookup(self->candidates, addr_spec, error)
		       : g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_candidate_free);
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
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) candidates = sgp_key_lookup_list_candidates(self, addr_spec, &error);
	if (candidates == NULL)
		g_debug("keys: could not look: %s", error->message);
	Look look = {
		.self = self,
		.addr_spec = addr_spec,
		.now = now,
		.end = sgp_key_lookup_get_end(self),
		.trust = sgp_key_lookup_read_trust(self, addr_spec, now),
		.candidates = candidates,
		.answer = sgp_key_answer_new(),
	};
	look_up(&look, cancellable);
	return look.answer;
}

/* The keyring that has it; those that saw it at their last reading are asked first. The error is of
 * one that could not look, before that of one that has no such key. */
SgpKeyRecord *sgp_key_lookup_load_record(SgpKeyLookup *self, const char *fingerprint,
	const SgpKeyRing **found, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) worst = NULL;
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < self->rings->len; i++) {
			const SgpKeyRing *ring = &g_array_index(self->rings, SgpKeyRing, i);
			SgpKeyIndex *index = ring->index;
			g_autoptr(GError) local = NULL;
			if (sgp_key_index_knows(index, fingerprint) != (pass == 0))
				continue;
			SgpKeyRecord *record = sgp_key_source_load(
				sgp_key_index_get_source(index), fingerprint, cancellable, &local);
			if (record != NULL) {
				*found = ring;
				return record;
			}
			gboolean is_worse = !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND);
			if (worst == NULL || is_worse) {
				g_clear_error(&worst);
				worst = g_steal_pointer(&local);
			}
		}
	}
	g_propagate_error(error, g_steal_pointer(&worst));
	return NULL;
}

const SgpKeyCandidate *sgp_key_lookup_find_candidate(
	const GPtrArray *candidates, const char *fingerprint, const SgpKeyCandidate *after)
{
	gboolean is_behind = after == NULL;
	for (guint i = 0; i < candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(candidates, i);
		if (is_behind && g_ascii_strcasecmp(one->record->fingerprint, fingerprint) == 0)
			return one;
		is_behind = is_behind || one == after;
	}
	return NULL;
}

/* The best copy of it among the candidates. key: (nullable) (transfer full) what the keyring has;
 * given back if none is better. NULL: could not look. */
static SgpKey *choose_copy(SgpKeyLookup *self, SgpKey *key, const char *fingerprint,
	const char *addr_spec, gint64 now, const SgpKeyTrust *trust, const GPtrArray *candidates,
	GError **error)
{
	g_autoptr(SgpKey) best = key;
	gboolean is_in_keyring = key != NULL;
	const SgpKeyCandidate *one = NULL;
	while ((one = sgp_key_lookup_find_candidate(candidates, fingerprint, one)) != NULL) {
		g_autoptr(SgpKey) copy = sgp_key_lookup_judge_candidate(
			self, one, addr_spec, now, trust, candidates, error);
		if (copy == NULL)
			return NULL;
		if (is_in_keyring)
			make_wait(copy);
		if (best != NULL && get_rank(copy) >= get_rank(best))
			continue;
		g_clear_pointer(&best, sgp_key_free);
		best = g_steal_pointer(&copy);
	}
	return g_steal_pointer(&best);
}

/**
 * sgp_key_lookup_load:
 *
 * Returns: (transfer full): the key as gpg knows it now, not as the index does
 */
SgpKey *sgp_key_lookup_load(SgpKeyLookup *self, const char *fingerprint, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error)
{
	SgpKeyTrust trust = sgp_key_lookup_read_trust(self, addr_spec, now);
	g_autoptr(GError) local = NULL;
	g_autoptr(GPtrArray) candidates = sgp_key_lookup_list_candidates(self, addr_spec, error);
	if (candidates == NULL)
		return NULL;
	const SgpKeyRing *ring = NULL;
	g_autoptr(SgpKeyRecord) record =
		sgp_key_lookup_load_record(self, fingerprint, &ring, cancellable, &local);
	g_autoptr(SgpKey) key = NULL;
	if (record != NULL) {
		key = sgp_key_lookup_judge(self, record, addr_spec, now, &trust, candidates, error);
		if (key == NULL)
			return NULL;
		sgp_key_lookup_check(ring, record, key, now, SGP_KEY_LOOK_LAST, cancellable);
		if (!may_be_renewed(key))
			return g_steal_pointer(&key);
	} else if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND) ||
		   sgp_key_lookup_find_candidate(candidates, fingerprint, NULL) == NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return choose_copy(self, g_steal_pointer(&key), fingerprint, addr_spec, now, &trust,
		candidates, error);
}

/* ---- the object ---- */

void sgp_key_lookup_set_state_directory(SgpKeyLookup *self, const char *directory)
{
	g_autofree char *path = g_build_filename(directory, "accepted-keys", NULL);
	sgp_key_acceptance_free(self->acceptance);
	self->acceptance = sgp_key_acceptance_new(path);
}

void sgp_key_lookup_set_candidates(SgpKeyLookup *self, SgpKeyCandidates *candidates)
{
	g_set_object(&self->candidates, candidates);
}

SgpKeyCandidates *sgp_key_lookup_get_candidates(SgpKeyLookup *self)
{
	return self->candidates;
}

void sgp_key_lookup_set_patient(SgpKeyLookup *self)
{
	self->is_patient = TRUE;
}

guint sgp_key_lookup_get_patience(SgpKeyLookup *self)
{
	return self->is_patient ? PATIENT_MS : TYPING_MS;
}

gboolean sgp_key_lookup_has_smime(SgpKeyLookup *self)
{
	for (guint i = 0; i < self->rings->len; i++)
		if (g_array_index(self->rings, SgpKeyRing, i).channel == SGP_CHANNEL_SMIME)
			return TRUE;
	return FALSE;
}

const char *sgp_key_lookup_get_home(SgpKeyLookup *self)
{
	return self->home;
}

/* source: (transfer full) */
static void add_source(SgpKeyLookup *self, SgpChannel channel, SgpKeySource *source)
{
	SgpKeyRing ring = { .channel = channel, .index = sgp_key_index_new(source) };
	g_array_append_val(self->rings, ring);
	g_object_unref(source);
}

static void clear_ring(gpointer data)
{
	SgpKeyRing *ring = data;
	g_clear_object(&ring->index);
}

static void sgp_key_lookup_finalize(GObject *object)
{
	SgpKeyLookup *self = SGP_KEY_LOOKUP(object);
	g_clear_object(&self->settings);
	g_clear_object(&self->candidates);
	g_clear_pointer(&self->rings, g_array_unref);
	g_clear_pointer(&self->acceptance, sgp_key_acceptance_free);
	g_free(self->home);
	G_OBJECT_CLASS(sgp_key_lookup_parent_class)->finalize(object);
}

static void sgp_key_lookup_class_init(SgpKeyLookupClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_lookup_finalize;
}

static void sgp_key_lookup_init(SgpKeyLookup *self)
{
	self->rings = g_array_new(FALSE, FALSE, sizeof(SgpKeyRing));
	g_array_set_clear_func(self->rings, clear_ring);
}

/**
 * sgp_key_lookup_new:
 * @gnupg_home: (nullable)
 *
 * Returns: (transfer full): a look-up that reads the keyrings when it is first asked
 */
SgpKeyLookup *sgp_key_lookup_new(SgpSettings *settings, const char *gnupg_home)
{
	SgpKeyLookup *self = g_object_new(SGP_TYPE_KEY_LOOKUP, NULL);
	self->settings = g_object_ref(settings);
	self->home = gnupg_home != NULL && *gnupg_home != '\0' ? g_strdup(gnupg_home) : NULL;
	add_source(self, SGP_CHANNEL_OPENPGP, sgp_key_source_gnupg_new(self->home));
	add_source(self, SGP_CHANNEL_SMIME, sgp_key_source_gpgsm_new(self->home));
	g_autofree char *directory = g_build_filename(g_get_user_data_dir(), "siegelpost", NULL);
	sgp_key_lookup_set_state_directory(self, directory);
	return self;
}
