/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts together what is known of one person's keys: the indexes of the keyrings, the candidates,
 * and the marks of staff; and says who stands for each key. Never fetches a key from a network and
 * never chooses among keys. A keyring that could not be read is "could not look" for its own
 * protocol, and says nothing about the other. */
#include "sgp-key-lookup.h"

#include <string.h>

#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm.h"
#include "sgp-key-acceptance.h"
#include "sgp-key-index.h"
#include "sgp-key-source-gnupg.h"
#include "sgp-key-source-gpgsm.h"

#define IMPORT_SECONDS 30

/* One keyring. */
typedef struct {
	SgpChannel channel;
	SgpKeyIndex *index; /* (owned) */
} Ring;

struct _SgpKeyLookup {
	GObject parent_instance;
	SgpSettings *settings;        /* (owned) */
	char *home;                   /* (owned) (nullable) */
	GArray *rings;                /* (owned) (element-type Ring) */
	SgpKeyAcceptance *acceptance; /* (owned) */
	SgpKeyCandidates *candidates; /* (owned) (nullable) */
};

G_DEFINE_TYPE(SgpKeyLookup, sgp_key_lookup, G_TYPE_OBJECT)

/* ---- who stands for a key ---- */

/* What the office accepts besides GnuPG's own validity ("openpgp-trust"). */
typedef struct {
	gboolean marked, wkd, portal, tofu;
	gboolean has_stale_directory; /* wkd is wanted, but nobody asked today */
} Trust;

/* What a domain published yesterday it may have taken back since: a key that leaked, a colleague
 * who left. Could not look is "not asked" too. */
static gboolean is_directory_fresh(SgpKeyLookup *self, const char *addr_spec, gint64 now)
{
	SgpWkdState state = SGP_WKD_STATE_UNKNOWN;
	g_autoptr(GError) error = NULL;
	if (self->candidates != NULL &&
		!sgp_key_candidates_lookup_wkd(self->candidates, addr_spec, now, &state, &error))
		g_debug("keys: could not look: %s", error->message);
	return state != SGP_WKD_STATE_UNKNOWN;
}

static Trust read_trust(SgpKeyLookup *self, const char *addr_spec, gint64 now)
{
	g_auto(GStrv) list = sgp_settings_dup_strv(self->settings, "openpgp-trust");
	const char *const *names = (const char *const *)list;
	if (list == NULL)
		return (Trust){ FALSE };
	gboolean is_wkd_wanted = self->candidates != NULL && g_strv_contains(names, "wkd");
	gboolean is_fresh = is_wkd_wanted && is_directory_fresh(self, addr_spec, now);
	return (Trust){
		.marked = g_strv_contains(names, "marked"),
		.wkd = is_fresh,
		.has_stale_directory = is_wkd_wanted && !is_fresh,
		.portal = g_strv_contains(names, "portal"),
		.tofu = g_strv_contains(names, "tofu"),
	};
}

static SgpKeyStanding standing_of_origin(SgpKeyOrigin origin, const Trust *trust)
{
	switch (origin) {
	case SGP_KEY_ORIGIN_AUTOCRYPT:
	case SGP_KEY_ORIGIN_ATTACHMENT:
		return trust->tofu ? SGP_KEY_STANDING_TOFU : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_WKD:
		return trust->wkd ? SGP_KEY_STANDING_WKD : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_PORTAL:
		return trust->portal ? SGP_KEY_STANDING_PORTAL : SGP_KEY_STANDING_NONE;
	case SGP_KEY_ORIGIN_UNKNOWN:
	case SGP_KEY_ORIGIN_KEYRING:
	case SGP_KEY_ORIGIN_SIGNATURE:
		return SGP_KEY_STANDING_NONE;
	}
	return SGP_KEY_STANDING_NONE;
}

/* The best that came with this very key, whichever way it came to us as well. */
static SgpKeyStanding find_standing(
	const GPtrArray *candidates, const char *fingerprint, const Trust *trust)
{
	SgpKeyStanding best = SGP_KEY_STANDING_NONE;
	for (guint i = 0; candidates != NULL && i < candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(candidates, i);
		if (g_str_equal(one->record->fingerprint, fingerprint))
			best = MAX(best, standing_of_origin(one->origin, trust));
	}
	return best;
}

/* A key that only signs, as a portal customer's signature key: no mail was ever sealed to it, so
 * that no other key stands in its place. */
static gboolean is_for_signing_only(const SgpKeyRecord *record)
{
	for (guint i = 0; i < record->parts->len; i++)
		if (g_array_index(record->parts, SgpKeyPart, i).can_encrypt)
			return FALSE;
	return record->channel == SGP_CHANNEL_OPENPGP && record->parts->len > 0;
}

/* GnuPG's word, or the office's own. Errors: could not look into the office's own. A certificate
 * counts by its issuer alone. */
static SgpKey *judge(SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec,
	gint64 now, const Trust *trust, const GPtrArray *candidates, GError **error)
{
	gint64 clock = MAX(now, g_get_real_time() / G_USEC_PER_SEC);
	g_autoptr(SgpKey) key = sgp_key_record_judge_by_clock(record, addr_spec, now, clock);
	gboolean is_accepted = FALSE;
	key->origin = SGP_KEY_ORIGIN_KEYRING;
	if (is_for_signing_only(record)) {
		key->verified = FALSE;
		key->may_have_been_verified = FALSE;
		return g_steal_pointer(&key);
	}
	if (record->channel != SGP_CHANNEL_OPENPGP || key->verified)
		return g_steal_pointer(&key);
	if (trust->marked && !sgp_key_acceptance_lookup(self->acceptance, key->fingerprint,
				     addr_spec, &is_accepted, error))
		return NULL;
	key->verified = is_accepted;
	key->standing = is_accepted ? SGP_KEY_STANDING_VERIFIED
				    : find_standing(candidates, key->fingerprint, trust);
	if (key->state == SGP_KEY_STATE_NOT_VERIFIED && key->standing != SGP_KEY_STANDING_NONE)
		key->state = SGP_KEY_STATE_USABLE;
	return g_steal_pointer(&key);
}

static SgpKey *judge_candidate(SgpKeyLookup *self, const SgpKeyCandidate *candidate,
	const char *addr_spec, gint64 now, const Trust *trust, const GPtrArray *candidates,
	GError **error)
{
	SgpKey *key = judge(self, candidate->record, addr_spec, now, trust, candidates, error);
	if (key == NULL)
		return NULL;
	key->origin = candidate->origin;
	key->certificate = g_bytes_ref(candidate->certificate);
	/* Nobody ever used it: whatever ended here was not verified. */
	key->may_have_been_verified = key->verified;
	/* A certificate that is in no keybox: nobody asked its issuer, and nobody has to yet. */
	if (key->channel == SGP_CHANNEL_SMIME &&
		(key->state == SGP_KEY_STATE_UNKNOWN || key->state == SGP_KEY_STATE_USABLE))
		key->state = SGP_KEY_STATE_NOT_VERIFIED;
	if (key->state == SGP_KEY_STATE_NOT_VERIFIED && key->detail == NULL)
		key->detail = g_strdup("candidate");
	return key;
}

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
	Trust trust;
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
static void check(const Ring *ring, const SgpKeyRecord *record, SgpKey *key, gint64 now,
	gboolean is_last_look, GCancellable *cancellable)
{
	sgp_key_source_check(
		sgp_key_index_get_source(ring->index), record, key, now, is_last_look, cancellable);
}

static void add_ring(Look *look, const Ring *ring, GCancellable *cancellable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) records =
		sgp_key_index_lookup(ring->index, look->addr_spec, cancellable, &error);
	set_known(look->answer, ring->channel, records != NULL);
	if (records == NULL)
		g_debug("keys: could not look: %s", error->message);
	for (guint i = 0; records != NULL && i < records->len; i++) {
		const SgpKeyRecord *record = g_ptr_array_index(records, i);
		SgpKey *key = judge(look->self, record, look->addr_spec, look->now, &look->trust,
			look->candidates, &error);
		if (key == NULL) {
			add_unknown(look, record, g_steal_pointer(&error));
			continue;
		}
		check(ring, record, key, look->now, FALSE, cancellable);
		g_ptr_array_add(look->answer->keys, key);
	}
}

static gboolean is_listed(const SgpKeyAnswer *answer, const char *fingerprint)
{
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);
		if (g_str_equal(key->fingerprint, fingerprint))
			return TRUE;
	}
	return FALSE;
}

static void add_candidates(Look *look)
{
	for (guint i = 0; i < look->candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(look->candidates, i);
		g_autoptr(GError) error = NULL;
		if (is_listed(look->answer, one->record->fingerprint))
			continue;
		SgpKey *key = judge_candidate(look->self, one, look->addr_spec, look->now,
			&look->trust, look->candidates, &error);
		if (key != NULL)
			g_ptr_array_add(look->answer->keys, key);
		else
			add_unknown(look, one->record, g_steal_pointer(&error));
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
		sgp_key_index_start(g_array_index(self->rings, Ring, i).index);
	look->answer->is_known_openpgp = TRUE;
	look->answer->is_known_smime = TRUE;
	for (guint i = 0; i < self->rings->len; i++)
		add_ring(look, &g_array_index(self->rings, Ring, i), cancellable);
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

static GPtrArray *lookup_candidates(SgpKeyLookup *self, const char *addr_spec, GError **error)
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
	g_autoptr(GPtrArray) candidates = lookup_candidates(self, addr_spec, &error);
	if (candidates == NULL)
		g_debug("keys: could not look: %s", error->message);
	Look look = {
		.self = self,
		.addr_spec = addr_spec,
		.now = now,
		.trust = read_trust(self, addr_spec, now),
		.candidates = candidates,
		.answer = sgp_key_answer_new(),
	};
	look_up(&look, cancellable);
	return look.answer;
}

/* The keyring that has it; those that saw it at their last reading are asked first. The error is of
 * one that could not look, before that of one that has no such key. */
static SgpKeyRecord *load_record(SgpKeyLookup *self, const char *fingerprint, const Ring **found,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) worst = NULL;
	for (guint pass = 0; pass < 2; pass++) {
		for (guint i = 0; i < self->rings->len; i++) {
			const Ring *ring = &g_array_index(self->rings, Ring, i);
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

static const SgpKeyCandidate *find_candidate(const GPtrArray *candidates, const char *fingerprint)
{
	for (guint i = 0; i < candidates->len; i++) {
		const SgpKeyCandidate *one = g_ptr_array_index(candidates, i);
		if (g_ascii_strcasecmp(one->record->fingerprint, fingerprint) == 0)
			return one;
	}
	return NULL;
}

/**
 * sgp_key_lookup_load:
 *
 * Returns: (transfer full): the key as gpg knows it now, not as the index does
 */
SgpKey *sgp_key_lookup_load(SgpKeyLookup *self, const char *fingerprint, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error)
{
	Trust trust = read_trust(self, addr_spec, now);
	g_autoptr(GError) local = NULL;
	g_autoptr(GPtrArray) candidates = lookup_candidates(self, addr_spec, error);
	if (candidates == NULL)
		return NULL;
	const Ring *ring = NULL;
	g_autoptr(SgpKeyRecord) record = load_record(self, fingerprint, &ring, cancellable, &local);
	if (record != NULL) {
		SgpKey *key = judge(self, record, addr_spec, now, &trust, candidates, error);
		if (key != NULL)
			check(ring, record, key, now, TRUE, cancellable);
		return key;
	}
	const SgpKeyCandidate *candidate = find_candidate(candidates, fingerprint);
	if (candidate == NULL || !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return judge_candidate(self, candidate, addr_spec, now, &trust, candidates, error);
}

/* ---- one's own ---- */

/* A key of one's own may be unverified by GnuPG (an imported backup): holding its secret half is
 * better proof than any signature. It has to be fit for both uses, though. */
static SgpKey *judge_own(const SgpKeyRecord *record, const char *addr_spec, gint64 now)
{
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, addr_spec, now);
	/* A certificate counts by its issuer here, too: gpgsm signs with no other. */
	gboolean is_good_enough =
		key->state == SGP_KEY_STATE_USABLE ||
		(key->state == SGP_KEY_STATE_NOT_VERIFIED && key->channel == SGP_CHANNEL_OPENPGP);
	if (!is_good_enough)
		return NULL;
	if (!sgp_key_record_can_sign(record, now))
		return NULL;
	key->state = SGP_KEY_STATE_USABLE;
	key->origin = SGP_KEY_ORIGIN_KEYRING;
	return g_steal_pointer(&key);
}

static gboolean find_best_own(const Ring *ring, const char *addr_spec, gint64 now, SgpKey **best,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) records =
		sgp_key_index_lookup(ring->index, addr_spec, cancellable, error);
	if (records == NULL)
		return FALSE;
	for (guint i = 0; i < records->len; i++) {
		g_autoptr(SgpKey) key = judge_own(g_ptr_array_index(records, i), addr_spec, now);
		gboolean is_better =
			key != NULL && (*best == NULL || (key->verified && !(*best)->verified));
		gboolean is_secret = FALSE;
		if (!is_better)
			continue;
		if (!sgp_key_index_has_secret(
			    ring->index, key->fingerprint, &is_secret, cancellable, error))
			return FALSE;
		/* A stolen card of one's own reads no more mail. An issuer that does not answer
		 * holds up nothing here: those who read the mail look for themselves. */
		if (is_secret)
			check(ring, g_ptr_array_index(records, i), key, now, FALSE, cancellable);
		if (is_secret && key->state != SGP_KEY_STATE_REVOKED) {
			key->state = SGP_KEY_STATE_USABLE;
			sgp_key_free(*best);
			*best = g_steal_pointer(&key);
		}
	}
	return TRUE;
}

/**
 * sgp_key_lookup_run_own_of:
 * @channel: OPENPGP or SMIME
 * @addr_spec: canonical, one of the user's own
 *
 * Returns: (transfer full) (nullable): NULL and no error if there is none. One that is valid by
 * itself is preferred
 */
SgpKey *sgp_key_lookup_run_own_of(SgpKeyLookup *self, SgpChannel channel, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKey) best = NULL;
	for (guint i = 0; i < self->rings->len; i++) {
		const Ring *ring = &g_array_index(self->rings, Ring, i);
		if (ring->channel == channel &&
			!find_best_own(ring, addr_spec, now, &best, cancellable, error))
			return NULL;
	}
	if (best != NULL) {
		best->verified = TRUE;
		best->standing = SGP_KEY_STANDING_VERIFIED;
	}
	return g_steal_pointer(&best);
}

SgpKey *sgp_key_lookup_run_own(SgpKeyLookup *self, const char *addr_spec, gint64 now,
	GCancellable *cancellable, GError **error)
{
	return sgp_key_lookup_run_own_of(
		self, SGP_CHANNEL_OPENPGP, addr_spec, now, cancellable, error);
}

/* ---- accepting ---- */

/* As people copy it: in groups of four, in lower case, with 0x. NULL unless it is a whole one:
 * given less, gpg finds anybody's key. (transfer full) */
static char *dup_whole_fingerprint(const char *text, GError **error)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	const char *from = g_ascii_strncasecmp(text, "0x", 2) == 0 ? text + 2 : text;
	gboolean is_whole = TRUE;
	for (const char *c = from; *c != '\0'; c++) {
		if (g_ascii_isspace(*c) || *c == ':')
			continue;
		is_whole = is_whole && g_ascii_isxdigit(*c);
		g_string_append_c(hex, g_ascii_toupper(*c));
	}
	if (is_whole && (hex->len == 40 || hex->len == 64))
		return g_strdup(hex->str);
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a whole fingerprint");
	return NULL;
}

static gboolean set_not_named(GError **error)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "the key does not name that address");
	return FALSE;
}

static gboolean accept_record(
	SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec, GError **error)
{
	if (!sgp_key_record_has_address(record, addr_spec))
		return set_not_named(error);
	/* Whoever could mark a certificate would be an issuer that nobody watches. */
	if (record->channel != SGP_CHANNEL_OPENPGP) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"a certificate counts by its issuer, not by acceptance");
		return FALSE;
	}
	return sgp_key_acceptance_add(self->acceptance, record->fingerprint, addr_spec, error);
}

/* Into the keybox, with the issuers that came with it: whether they lead to a trusted root is
 * judged there, and no acceptance stands in for that. */
static gboolean accept_certificate(
	SgpKeyLookup *self, const SgpKeyCandidate *candidate, const char *addr_spec, GError **error)
{
	const char *options[] = { "--import", NULL };
	g_autoptr(GBytes) input = g_bytes_new(candidate->bundle, strlen(candidate->bundle));
	g_autoptr(GBytes) output =
		sgp_gpgsm_run(self->home, options, input, IMPORT_SECONDS, NULL, error);
	if (output == NULL)
		return FALSE;
	return sgp_key_candidates_remove(
		self->candidates, addr_spec, candidate->record->fingerprint, error);
}

/* Into the user's keyring, by gpg, which checks it again. */
static gboolean accept_candidate(
	SgpKeyLookup *self, const SgpKeyCandidate *candidate, const char *addr_spec, GError **error)
{
	g_autofree char *fingerprint = NULL;
	switch (candidate->record->channel) {
	case SGP_CHANNEL_OPENPGP:
		fingerprint = sgp_gpgme_import(self->home, candidate->certificate, error);
		if (fingerprint == NULL)
			return FALSE;
		if (!g_str_equal(fingerprint, candidate->record->fingerprint))
			return set_not_named(error);
		/* Removed last: until the mark is on disk it still waits. */
		return sgp_key_acceptance_add(self->acceptance, fingerprint, addr_spec, error) &&
		       sgp_key_candidates_remove(self->candidates, addr_spec, fingerprint, error);
	case SGP_CHANNEL_SMIME:
		return accept_certificate(self, candidate, addr_spec, error);
	case SGP_CHANNEL_NONE:
	case SGP_CHANNEL_PORTAL:
	case SGP_CHANNEL_TRANSPORT:
	case SGP_CHANNEL_PLAIN:
		break;
	}
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "a key of no protocol");
	return FALSE;
}

/**
 * sgp_key_lookup_accept:
 * @fingerprint: whole
 * @addr_spec: the address that staff verified it for; the key has to name it
 */
gboolean sgp_key_lookup_accept(
	SgpKeyLookup *self, const char *fingerprint, const char *addr_spec, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, error);
	if (address == NULL)
		return FALSE;
	const char *canonical = sgp_address_get_addr_spec(address);
	g_autofree char *whole = dup_whole_fingerprint(fingerprint, error);
	if (whole == NULL)
		return FALSE;
	const Ring *ring = NULL;
	g_autoptr(SgpKeyRecord) record = load_record(self, whole, &ring, NULL, &local);
	if (record != NULL)
		return accept_record(self, record, canonical, error);
	g_autoptr(GPtrArray) candidates = lookup_candidates(self, canonical, error);
	if (candidates == NULL)
		return FALSE;
	const SgpKeyCandidate *candidate = find_candidate(candidates, whole);
	if (candidate == NULL || !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return accept_candidate(self, candidate, canonical, error);
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

gboolean sgp_key_lookup_has_smime(SgpKeyLookup *self)
{
	for (guint i = 0; i < self->rings->len; i++)
		if (g_array_index(self->rings, Ring, i).channel == SGP_CHANNEL_SMIME)
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
	Ring ring = { .channel = channel, .index = sgp_key_index_new(source) };
	g_array_append_val(self->rings, ring);
	g_object_unref(source);
}

static void clear_ring(gpointer data)
{
	Ring *ring = data;
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
	self->rings = g_array_new(FALSE, FALSE, sizeof(Ring));
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
