/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a certificate was revoked, by its issuer's list (CRL) or responder (OCSP), through gpgsm
 * and dirmngr. Only a real answer is "good": where nobody can be asked, where nobody answers, and
 * where gpgsm would keep quiet about a certificate that names no list, it stays unknown. Attack
 * stopped: who found somebody's card uses it up to the day it expires, because the server with the
 * list happens to be out of reach; tests/unit/test-revocation.c. Judges nothing else. */
#include "sgp-revocation.h"

#include <string.h>

#include "sgp-certificate.h"
#include "sgp-gpgsm.h"

#define GOOD_SECONDS    3600 /* dirmngr keeps lists until their own end; this is for OCSP */
#define UNKNOWN_SECONDS 20   /* then somebody may have mended it */
#define TYPING_LIMIT    (1200 * G_TIME_SPAN_MILLISECOND)
#define PATIENT_LIMIT   (10 * G_TIME_SPAN_SECOND)
#define LAST_LIMIT      (25 * G_TIME_SPAN_SECOND)
#define PROCESS_LIMIT   20 /* seconds, for one process that asks the network */
#define CLOCK_TOLERANCE 300

/* One certificate. Under the lock of its owner. */
typedef struct {
	gatomicrefcount refs;
	char *fingerprint; /* (owned) */
	SgpRevocationState state;
	gint64 now;      /* the moment that was asked about */
	gint64 answered; /* monotonic; 0: not yet */
	gint64 started;  /* monotonic, of the check that is under way */
	gboolean is_running;
} Entry;

struct _SgpRevocation {
	GObject parent_instance;
	char *home; /* (owned) (nullable) */
	GMutex lock;
	GCond changed;
	GHashTable *entries; /* (owned) (element-type utf8 Entry) */
};

/* What a thread needs. */
typedef struct {
	SgpRevocation *self; /* (owned) */
	Entry *entry;        /* (owned) */
	gboolean has_revocation_list, has_responder;
	gint64 now;
} Check;

G_DEFINE_TYPE(SgpRevocation, sgp_revocation, G_TYPE_OBJECT)

static void entry_unref(Entry *entry)
{
	if (!g_atomic_ref_count_dec(&entry->refs))
		return;
	g_free(entry->fingerprint);
	g_free(entry);
}

/* ---- asking ---- */

/* The validity that gpgsm gives with its colons: "crt:f:..." followed by "fpr:...". 'f' says that
 * the whole chain was looked at, lists included; 'r' that one of them was revoked; any other letter
 * that something was missing on the way. */
static SgpRevocationState read_listing(GBytes *listing, const char *fingerprint)
{
	gsize size = 0;
	const char *start = g_bytes_get_data(listing, &size);
	g_autofree char *text = g_strndup(start != NULL ? start : "", size);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	char validity = '\0';
	for (gsize i = 0; lines[i] != NULL; i++) {
		g_auto(GStrv) fields = g_strsplit(lines[i], ":", 11);
		if (g_strv_length(fields) < 10)
			continue;
		if (g_str_equal(fields[0], "crt") || g_str_equal(fields[0], "crs"))
			validity = *fields[1];
		if (!g_str_equal(fields[0], "fpr") ||
			g_ascii_strcasecmp(fields[9], fingerprint) != 0)
			continue;
		return validity == 'f'   ? SGP_REVOCATION_GOOD
		       : validity == 'r' ? SGP_REVOCATION_REVOKED
					 : SGP_REVOCATION_UNKNOWN;
	}
	return SGP_REVOCATION_UNKNOWN;
}

static SgpRevocationState ask(const Check *check, gboolean by_responder)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	/* Said here, because a line in the user's gpgsm.conf could switch it off. */
	g_strv_builder_add_many(builder, "--with-colons", "--with-validation",
		"--enable-crl-checks", by_responder ? "--enable-ocsp" : "--disable-ocsp", NULL);
	gint64 clock = g_get_real_time() / G_USEC_PER_SEC;
	g_autofree char *time = g_strdup_printf("%" G_GINT64_FORMAT, check->now);
	if (ABS(clock - check->now) > CLOCK_TOLERANCE)
		g_strv_builder_add_many(builder, "--faked-system-time", time, NULL);
	g_strv_builder_add_many(builder, "--list-keys", check->entry->fingerprint, NULL);
	g_auto(GStrv) options = g_strv_builder_end(builder);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) listing = sgp_gpgsm_run(
		check->self->home, (const char *const *)options, NULL, PROCESS_LIMIT, NULL, &error);
	if (listing == NULL) {
		g_debug("revocation: %s", error->message);
		return SGP_REVOCATION_UNKNOWN;
	}
	return read_listing(listing, check->entry->fingerprint);
}

/* The list first: it tells nobody whom we write to. */
static SgpRevocationState ask_all(const Check *check)
{
	SgpRevocationState state = SGP_REVOCATION_UNKNOWN;
	if (check->has_revocation_list)
		state = ask(check, FALSE);
	if (state == SGP_REVOCATION_UNKNOWN && check->has_responder)
		state = ask(check, TRUE);
	return state;
}

static gpointer run_check(gpointer data)
{
	Check *check = data;
	SgpRevocation *self = check->self;
	SgpRevocationState state = ask_all(check);
	g_mutex_lock(&self->lock);
	check->entry->state = state;
	check->entry->now = check->now;
	check->entry->answered = g_get_monotonic_time();
	check->entry->is_running = FALSE;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
	entry_unref(check->entry);
	g_free(check);
	g_object_unref(self);
	return NULL;
}

/* ---- remembering ---- */

static Entry *get_entry(SgpRevocation *self, const char *fingerprint)
{
	Entry *entry = g_hash_table_lookup(self->entries, fingerprint);
	if (entry != NULL)
		return entry;
	entry = g_new0(Entry, 1);
	g_atomic_ref_count_init(&entry->refs);
	entry->fingerprint = g_strdup(fingerprint);
	g_hash_table_insert(self->entries, entry->fingerprint, entry);
	return entry;
}

static gboolean is_fresh(const Entry *entry, gint64 now)
{
	gint64 seconds = entry->state == SGP_REVOCATION_UNKNOWN ? UNKNOWN_SECONDS : GOOD_SECONDS;
	gint64 age = g_get_monotonic_time() - entry->answered;
	return entry->answered != 0 && age < seconds * G_TIME_SPAN_SECOND &&
	       ABS(now - entry->now) < seconds;
}

static void start(SgpRevocation *self, Entry *entry, const SgpCertificate *certificate, gint64 now)
{
	Check *check = g_new0(Check, 1);
	check->self = g_object_ref(self);
	check->entry = entry;
	g_atomic_ref_count_inc(&entry->refs);
	check->has_revocation_list = certificate->has_revocation_list;
	check->has_responder = certificate->has_responder;
	check->now = now;
	entry->is_running = TRUE;
	entry->started = g_get_monotonic_time();
	g_thread_unref(g_thread_new("sgp-revocation", run_check, check));
}

static void wake(GCancellable *cancellable, gpointer data)
{
	SgpRevocation *self = data;
	g_mutex_lock(&self->lock);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

/* Under the lock. The limit counts from when the check began, so that one server that hangs slows
 * down one look and not each of them. */
static void wait_for_answer(
	SgpRevocation *self, const Entry *entry, gint64 limit, GCancellable *cancellable)
{
	gint64 until = entry->started + limit;
	while (entry->is_running && !g_cancellable_is_cancelled(cancellable))
		if (!g_cond_wait_until(&self->changed, &self->lock, until))
			return;
}

static gint64 get_limit(SgpKeyLook look)
{
	switch (look) {
	case SGP_KEY_LOOK_TYPING:
		return TYPING_LIMIT;
	case SGP_KEY_LOOK_PATIENT:
		return PATIENT_LIMIT;
	case SGP_KEY_LOOK_LAST:
		return LAST_LIMIT;
	}
	return TYPING_LIMIT;
}

static SgpRevocationState check_now(SgpRevocation *self, const SgpKeyRecord *record, gint64 now,
	SgpKeyLook look, GCancellable *cancellable)
{
	gboolean is_last_look = look == SGP_KEY_LOOK_LAST;
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&self->lock);
	Entry *entry = get_entry(self, record->fingerprint);
	if (!is_last_look && !entry->is_running && is_fresh(entry, now))
		return entry->state;
	gint64 asked = g_get_monotonic_time();
	if (!entry->is_running)
		start(self, entry, record->certificate, now);
	wait_for_answer(self, entry, get_limit(look), cancellable);
	/* An answer from before is none before sealing. */
	gboolean is_answer = !entry->is_running && is_fresh(entry, now) &&
			     (!is_last_look || entry->answered >= asked);
	return is_answer ? entry->state : SGP_REVOCATION_UNKNOWN;
}

/**
 * sgp_revocation_check:
 * @record: of a certificate whose chain is trusted
 *
 * Returns: %SGP_REVOCATION_GOOD only if its issuers could be asked and did not revoke it
 */
SgpRevocationState sgp_revocation_check(SgpRevocation *self, const SgpKeyRecord *record, gint64 now,
	SgpKeyLook look, GCancellable *cancellable)
{
	const SgpCertificate *certificate = record->certificate;
	g_return_val_if_fail(certificate != NULL, SGP_REVOCATION_UNKNOWN);
	/* gpgsm calls a certificate good that names neither list nor responder. */
	if (!certificate->is_chain_revocable ||
		(!certificate->has_revocation_list && !certificate->has_responder))
		return SGP_REVOCATION_UNKNOWN;
	gulong watched = cancellable == NULL
				 ? 0
				 : g_cancellable_connect(cancellable, G_CALLBACK(wake), self, NULL);
	SgpRevocationState state = check_now(self, record, now, look, cancellable);
	g_cancellable_disconnect(cancellable, watched);
	return state;
}

static void sgp_revocation_finalize(GObject *object)
{
	SgpRevocation *self = SGP_REVOCATION(object);
	g_hash_table_unref(self->entries);
	g_free(self->home);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	G_OBJECT_CLASS(sgp_revocation_parent_class)->finalize(object);
}

static void sgp_revocation_class_init(SgpRevocationClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_revocation_finalize;
}

static void sgp_revocation_init(SgpRevocation *self)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->entries =
		g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)entry_unref);
}

SgpRevocation *sgp_revocation_new(const char *home)
{
	SgpRevocation *self = g_object_new(SGP_TYPE_REVOCATION, NULL);
	self->home = g_strdup(home);
	return self;
}
