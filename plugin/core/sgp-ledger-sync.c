/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keeps this device's ledger and the office's shared records one set. It owns the order (read, then
 * tell), how far we have read, and what happens to what does not verify: it is kept, reported and
 * tried again, and counts for nothing till then. Nothing that could not be looked at is skipped: a
 * withdrawal must not get lost because gpg was busy. Nothing here decides about a mail. */

#include "sgp-ledger-sync.h"

#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-json-private.h"
#include "sgp-ledger-sync-private.h"
#include "sgp-store-private.h"

#include <string.h>

#define POSITION      "ledger.sync.last" /* "number id" of the last record that was read */
#define RETRIED       "ledger.sync.retried"
#define RETRY_SECONDS 3600

typedef struct {
	SgpDispatcher *dispatcher; /* (borrowed) */
	SgpConsentLedger *ledger;  /* (borrowed) */
	SgpStore *store;           /* (borrowed) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	SgpLedgerSyncKeys keys;    /* staff, former owned */
	SgpLedgerSync *result;     /* (borrowed) */
	GCancellable *cancellable; /* (borrowed) (nullable) */
	gint64 now;
} Sync;

static void sync_clear(Sync *self)
{
	g_clear_object(&self->client);
	g_clear_pointer(&self->account, sgp_portal_account_free);
	g_clear_pointer(&self->keys.staff, g_hash_table_unref);
	g_clear_pointer(&self->keys.former, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Sync, sync_clear)

static void fill_keys(Sync *self)
{
	self->keys.home = self->dispatcher->home;
	self->keys.office = self->account->office_fingerprint;
	self->keys.signer = self->account->staff_fingerprint;
}

/* The roster is checked anew each time: whoever left the office vouches for no permission from then
 * on (test /ledger-sync/a-colleague-who-left-vouches-for-no-permission). */
static gboolean open_sync(Sync *self, GError **error)
{
	g_autoptr(GError) local = NULL;

	self->client = sgp_dispatcher_open_portal_sync(
		self->dispatcher, &self->account, self->cancellable, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!self->client) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
		return FALSE;
	}
	fill_keys(self);
	g_autoptr(SgpPortalOffice) office =
		sgp_portal_client_load_office_sync(self->client, self->cancellable, error);

	if (!office || !sgp_portal_office_verify(office, self->keys.home, self->keys.office,
			       self->account->roster_version, error))
		return FALSE;
	self->keys.staff = sgp_ledger_sync_load_people(office, "staff", self->keys.home, error);
	if (self->keys.staff)
		self->keys.former =
			sgp_ledger_sync_load_people(office, "former", self->keys.home, error);
	return self->keys.former != NULL;
}

/* Reading */

static gboolean load_position(Sync *self, gint64 *n, char **id, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = sgp_store_lookup_value(self->store, POSITION, &local);
	char *rest = NULL;

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	*n = text ? g_ascii_strtoll(text, &rest, 10) : 0;
	*id = g_strdup(rest ? g_strchug(rest) : "");
	return TRUE;
}

static gboolean save_position(Sync *self, gint64 n, const char *id, GError **error)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %s", n, id);

	return sgp_store_set_value(self->store, POSITION, text, error);
}

static gboolean refuse(
	Sync *self, gint64 n, const char *id, const char *entry, const char *why, GError **error)
{
	g_message("record %" G_GINT64_FORMAT " of the portal's does not count: %s", n, why);
	self->result->newly_refused++;
	return sgp_consent_ledger_set_refused(self->ledger, n, id, entry, why, error);
}

/* FALSE: it could not be looked at, and reading stops before it. */
static gboolean take(Sync *self, const SgpPortalRecord *record, GError **error)
{
	gboolean has = FALSE, is_ours = FALSE;
	const char *why = NULL;

	if (!sgp_consent_ledger_has_shared(self->ledger, record->id, &has, &is_ours, error))
		return FALSE;
	if (has)
		return !is_ours ||
		       sgp_consent_ledger_note_shared(self->ledger, record->id, record->n, error);
	if (!sgp_ledger_sync_take_record(self->ledger, &self->keys, record->id, record->entry,
		    self->now, &why, self->cancellable, error))
		return FALSE;
	if (why)
		return refuse(self, record->n, record->id, record->entry, why, error);
	self->result->received++;
	return TRUE;
}

/* Numbers have no gaps, so one that is missing was taken away (threat 26). */
static gboolean note_gap(Sync *self, gint64 from, gint64 to, GError **error)
{
	return from >= to || refuse(self, from, "", "", "missing", error);
}

/* Reads on from the record that was read last, which must still be there: a portal that was
 * restored from an older backup numbers new records like those that it lost, and a withdrawal among
 * them would never be seen (test /ledger-sync/a-portal-that-lost-records-is-read-anew). */
static gboolean read_from(
	Sync *self, gint64 position, const char *id, gboolean *is_other, GError **error)
{
	gint64 last = position > 0 ? position - 1 : 0;
	gboolean is_first = position > 0;

	*is_other = FALSE;
	while (TRUE) {
		g_autoptr(GPtrArray) page = sgp_portal_client_list_records_sync(
			self->client, last, self->cancellable, error);

		if (!page)
			return FALSE;
		const SgpPortalRecord *head = page->len > 0 ? g_ptr_array_index(page, 0) : NULL;

		if (is_first && (!head || head->n != position || !g_str_equal(head->id, id))) {
			*is_other = TRUE;
			return TRUE;
		}
		for (guint i = is_first ? 1 : 0; i < page->len; i++) {
			const SgpPortalRecord *record = g_ptr_array_index(page, i);
			gint64 before =
				i > 0 ? ((SgpPortalRecord *)g_ptr_array_index(page, i - 1))->n
				      : last;

			if (!note_gap(self, before + 1, record->n, error) ||
				!take(self, record, error) ||
				!save_position(self, record->n, record->id, error))
				return FALSE;
		}
		is_first = FALSE;
		if (page->len == 0)
			return TRUE;
		last = ((SgpPortalRecord *)g_ptr_array_index(page, page->len - 1))->n;
	}
}

static gboolean read_new(Sync *self, GError **error)
{
	g_autofree char *id = NULL;
	gint64 position = 0;
	gboolean is_other = FALSE;

	if (!load_position(self, &position, &id, error) ||
		!read_from(self, position, id, &is_other, error))
		return FALSE;
	if (!is_other)
		return TRUE;
	g_message("the portal lost consent records that it had; all are read and told anew");
	self->result->was_reset = TRUE;
	return sgp_consent_ledger_offer_again(self->ledger, error) &&
	       read_from(self, 0, "", &is_other, error);
}

/* A roster that names a new colleague, or a spool that is empty now, makes good what did not verify
 * before. */
static gboolean retry_refused(Sync *self, gboolean is_thorough, GError **error)
{
	g_autofree char *text = sgp_store_lookup_value(self->store, RETRIED, NULL);
	g_autofree char *stamp = g_strdup_printf("%" G_GINT64_FORMAT, self->now);
	gint64 age = text ? self->now - g_ascii_strtoll(text, NULL, 10) : G_MAXINT64;
	g_autoptr(GPtrArray) refused = sgp_consent_ledger_list_refused(self->ledger, error);

	if (!refused)
		return FALSE;
	if (!is_thorough && age >= 0 && age < RETRY_SECONDS)
		return TRUE;
	for (guint i = 0; i < refused->len; i++) {
		const SgpRefusedRecord *one = g_ptr_array_index(refused, i);
		const char *why = NULL;

		if (one->entry[0] == '\0')
			continue;
		if (!sgp_ledger_sync_take_record(self->ledger, &self->keys, one->id, one->entry,
			    self->now, &why, self->cancellable, error) ||
			!sgp_consent_ledger_set_refused(
				self->ledger, one->n, one->id, one->entry, why, error))
			return FALSE;
		if (!why)
			self->result->received++;
	}
	return sgp_store_set_value(self->store, RETRIED, stamp, error);
}

/* Telling */

/* What was sealed once goes again as the same bytes, so that the portal sees one record. */
static gboolean ensure_sealed(Sync *self, SgpOutgoing *record, gboolean *was_secret, GError **error)
{
	if (record->sealed)
		return TRUE;
	g_autofree char *sealed =
		sgp_ledger_sync_seal_record(&self->keys, record, self->cancellable, error);

	if (!sealed)
		return FALSE;
	record->sealed = sgp_consent_ledger_keep_sealed(self->ledger, record->entry, sealed, error);
	*was_secret = *was_secret || strstr(record->plain, "\"erasure\":{") != NULL;
	return record->sealed != NULL;
}

static GPtrArray *seal_all(Sync *self, GError **error)
{
	g_autoptr(GPtrArray) records = sgp_consent_ledger_list_outgoing(self->ledger, error);
	gboolean was_secret = FALSE;

	for (guint i = 0; records && i < records->len; i++) {
		if (!ensure_sealed(self, g_ptr_array_index(records, i), &was_secret, error))
			return NULL;
	}
	/* A colleague's erasure waited for this. */
	if (records && !sgp_consent_ledger_finish_erasures(self->ledger, self->now, error))
		return NULL;
	/* Whom an erasure was about stood in a row that is gone now: its page too. */
	if (records && was_secret && !sgp_store_clean(self->store, error))
		return NULL;
	return g_steal_pointer(&records);
}

static gboolean tell_all(Sync *self, GError **error)
{
	g_autoptr(GPtrArray) records = seal_all(self, error);

	for (guint i = 0; records && i < records->len; i++) {
		const SgpOutgoing *record = g_ptr_array_index(records, i);
		g_autoptr(GError) local = NULL;
		gint64 n = 0;

		if (record->sealed[0] == '\0') /* erased meanwhile */
			continue;
		if (sgp_portal_client_put_record_sync(self->client, record->id, record->sealed, &n,
			    self->cancellable, &local)) {
			if (!sgp_consent_ledger_note_shared(self->ledger, record->id, n, error))
				return FALSE;
			self->result->sent++;
		} else if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_CONFLICT)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		/* Conflict: it was told before, from a ledger that was brought back; reading shows
		 * it. */
	}
	return records != NULL;
}

static void count(Sync *self)
{
	g_autoptr(GPtrArray) outgoing = sgp_consent_ledger_list_outgoing(self->ledger, NULL);
	g_autoptr(GPtrArray) refused = sgp_consent_ledger_list_refused(self->ledger, NULL);

	self->result->waiting = outgoing ? outgoing->len : G_MAXUINT;
	self->result->refused = refused ? refused->len : G_MAXUINT;
}

static gboolean check_office_key(Sync *self, GError **error)
{
	gboolean is_here = FALSE;

	if (!sgp_gpgme_has_secret(
		    self->keys.home, self->keys.office, &is_here, self->cancellable, error))
		return FALSE;
	if (!is_here)
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED,
			"the office key is not on this device yet");
	return is_here;
}

/* What we have to tell is sealed first, so that an erasure that is read next takes nothing from it;
 * where that fails, the erasure leaves an untold withdrawal alone. What was refused is tried even
 * when nothing new can be read: it may be what stops reading. */
static gboolean read_all(Sync *self, gboolean is_thorough, GError **error)
{
	g_autoptr(GError) unsealed = NULL;
	g_autoptr(GPtrArray) sealed = seal_all(self, &unsealed);

	if (!sealed)
		g_message("our records cannot be sealed yet: %s", unsealed->message);
	if (!check_office_key(self, error))
		return FALSE;
	gboolean is_read = read_new(self, error);

	return retry_refused(self, is_thorough, is_read ? error : NULL) && is_read;
}

gboolean sgp_ledger_sync_run(SgpDispatcher *dispatcher, gboolean is_thorough, gint64 now,
	SgpLedgerSync *result, GCancellable *cancellable, GError **error)
{
	g_auto(Sync) self = { .dispatcher = dispatcher,
		.ledger = sgp_dispatcher_get_ledger(dispatcher),
		.store = sgp_dispatcher_get_store(dispatcher),
		.result = result,
		.cancellable = cancellable,
		.now = now };
	g_autoptr(GError) unread = NULL;

	memset(result, 0, sizeof *result);
	gboolean done = open_sync(&self, error);

	/* What we have to tell does not wait for what we cannot read: a withdrawal above all. */
	if (done && !read_all(&self, is_thorough, &unread))
		g_message("shared records wait to be read: %s", unread->message);
	done = done && tell_all(&self, error);
	count(&self);
	if (done && unread) {
		g_propagate_error(error, g_steal_pointer(&unread));
		return FALSE;
	}
	return done;
}

gboolean sgp_ledger_sync_seal(SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error)
{
	SgpLedgerSync result = { 0 };
	g_autoptr(GError) local = NULL;
	g_auto(Sync) self = { .dispatcher = dispatcher,
		.ledger = sgp_dispatcher_get_ledger(dispatcher),
		.store = sgp_dispatcher_get_store(dispatcher),
		.result = &result,
		.cancellable = cancellable };

	self.account = sgp_portal_account_lookup(
		sgp_dispatcher_get_settings(dispatcher), self.store, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!self.account)
		return TRUE;
	fill_keys(&self);
	g_autoptr(GPtrArray) sealed = seal_all(&self, error);

	return sealed != NULL;
}

char *sgp_ledger_sync_dup_refused_json(SgpDispatcher *dispatcher, GError **error)
{
	g_autoptr(GPtrArray) refused =
		sgp_consent_ledger_list_refused(sgp_dispatcher_get_ledger(dispatcher), error);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!refused)
		return NULL;
	json_builder_begin_array(out);
	for (guint i = 0; i < refused->len; i++) {
		const SgpRefusedRecord *one = g_ptr_array_index(refused, i);

		json_builder_begin_object(out);
		sgp_json_add_int(out, "n", one->n);
		sgp_json_add_text(out, "id", one->id[0] != '\0' ? one->id : NULL);
		sgp_json_add_text(out, "why", one->why);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
	return sgp_json_dup(out);
}
