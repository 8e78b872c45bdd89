/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The way of one mail up to the commit point: it owns the order decide, invite, seal, write, and
 * one durable transaction of spool rows, ledger entries, history and draft-id. Before that
 * transaction nothing happened; after it nothing can be lost. It decides nothing itself, and
 * uploads nothing (sgp-delivery). */

#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-mail-head.h"
#include "sgp-mime.h"
#include "sgp-portal-device.h"
#include "sgp-sealer.h"
#include "sgp-stage.h"

#include <unistd.h>

enum { SIGNAL_PORTAL_STATE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_TYPE(SgpDispatcher, sgp_dispatcher, G_TYPE_OBJECT)

SgpDispatcher *sgp_dispatcher_new(SgpSettings *settings, const char *state_dir, GError **error)
{
	g_autoptr(SgpDispatcher) self = g_object_new(SGP_TYPE_DISPATCHER, NULL);

	self->settings = g_object_ref(settings);
	self->home = sgp_settings_dup_gnupg_home(settings);
	self->store = sgp_store_new(state_dir, error);
	self->spool = self->store ? sgp_spool_new(self->store, error) : NULL;
	if (!self->spool)
		return NULL;
	self->history = sgp_history_new(self->store, settings);
	self->ledger = sgp_consent_ledger_new(self->store, settings);
	self->keys = sgp_key_lookup_new(settings, self->home);
	sgp_key_lookup_set_state_directory(self->keys, sgp_store_get_directory(self->store));
	g_autoptr(SgpKeyCandidates) candidates = sgp_key_candidates_new(self->store);
	sgp_key_lookup_set_candidates(self->keys, candidates);
	self->assessor = sgp_assessor_new(settings, self->history, self->ledger, self->keys, NULL);
	self->probe = sgp_transport_probe_new(settings, self->store);
	sgp_assessor_set_transport_probe(self->assessor, self->probe);
	return g_steal_pointer(&self);
}

SgpSettings *sgp_dispatcher_get_settings(SgpDispatcher *self)
{
	return self->settings;
}

SgpStore *sgp_dispatcher_get_store(SgpDispatcher *self)
{
	return self->store;
}

SgpHistory *sgp_dispatcher_get_history(SgpDispatcher *self)
{
	return self->history;
}

SgpConsentLedger *sgp_dispatcher_get_ledger(SgpDispatcher *self)
{
	return self->ledger;
}

SgpKeyLookup *sgp_dispatcher_get_keys(SgpDispatcher *self)
{
	return self->keys;
}

SgpTransportProbe *sgp_dispatcher_get_transport_probe(SgpDispatcher *self)
{
	return self->probe;
}

SgpSpool *sgp_dispatcher_get_spool(SgpDispatcher *self)
{
	return self->spool;
}

gboolean sgp_dispatcher_is_internal(SgpDispatcher *self, const char *address)
{
	g_auto(GStrv) domains = sgp_settings_dup_strv(self->settings, "own-domains");
	g_auto(GStrv) addresses = sgp_settings_dup_strv(self->settings, "own-addresses");
	g_autoptr(SgpAddress) whom = sgp_address_new(address, NULL);

	for (gsize i = 0; whom && addresses[i]; i++) {
		g_autoptr(SgpAddress) own = sgp_address_new(addresses[i], NULL);

		if (own && sgp_address_equal(own, whom))
			return TRUE;
	}
	for (gsize i = 0; whom && !sgp_address_is_routed(whom) && domains[i]; i++) {
		/* An address in the domain is canonicalised as the other one was. */
		g_autofree char *sample = g_strconcat("x@", domains[i], NULL);
		g_autoptr(SgpAddress) own = sgp_address_new(sample, NULL);

		if (own && g_str_equal(sgp_address_get_domain(own), sgp_address_get_domain(whom)))
			return TRUE;
	}
	return FALSE;
}

static void report(SgpProgressFunc progress, gpointer data, SgpStage stage, guint percent)
{
	if (progress)
		progress(sgp_stage_get_nick(stage), percent, data);
}

/* A mail that programs read differently would be assessed for other people than it goes to. */
static gboolean check_header(const SgpMail *mail, GError **error)
{
	g_autoptr(SgpMailHead) head = NULL;

	if (mail->fd < 0) /* still being written */
		return TRUE;
	head = sgp_mail_head_read(mail->fd, error);
	return head && sgp_mail_head_check_people(head, error);
}

/* may_ask: see sgp_dispatcher_take_deposited_keys_sync(). */
static SgpVerdict *assess(SgpDispatcher *self, const SgpMail *mail, const SgpAssessOptions *options,
	gboolean may_ask, gint64 now, GPtrArray **mailboxes_out, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(GPtrArray) mailboxes = NULL;
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpPortalClient) portal = NULL;

	if (!check_header(mail, error))
		return NULL;
	portal = sgp_dispatcher_open_portal_sync(self, NULL, cancellable, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	sgp_assessor_set_portal(self->assessor, portal);
	g_autoptr(SgpVerdict) verdict = sgp_assessor_assess_sync(
		self->assessor, mail, options, now, &mailboxes, cancellable, error);

	if (verdict && sgp_dispatcher_take_deposited_keys_sync(
			       self, mailboxes, may_ask, now, cancellable)) {
		g_clear_pointer(&verdict, sgp_verdict_free);
		g_clear_pointer(&mailboxes, g_ptr_array_unref);
		verdict = sgp_assessor_assess_sync(
			self->assessor, mail, options, now, &mailboxes, cancellable, error);
	}
	if (verdict && mailboxes_out)
		*mailboxes_out = g_steal_pointer(&mailboxes);
	return g_steal_pointer(&verdict);
}

SgpVerdict *sgp_dispatcher_assess_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, GPtrArray **mailboxes_out,
	GCancellable *cancellable, GError **error)
{
	return assess(self, mail, options, FALSE, now, mailboxes_out, cancellable, error);
}

static SgpPrepareStatus status_of_action(SgpAction action)
{
	switch (action) {
	case SGP_ACTION_HOLD:
		return SGP_PREPARE_HOLD;
	case SGP_ACTION_ASK:
		return SGP_PREPARE_ASK;
	case SGP_ACTION_SEND:
		return SGP_PREPARE_COMMITTED;
	}
	return SGP_PREPARE_HOLD;
}

/* Decides and seals. mailboxes: (out) for the spool's rows. */
static SgpPrepareResult *decide_and_seal(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, GPtrArray **mailboxes,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPrepareResult) result = sgp_prepare_result_new();
	g_autoptr(SgpPortalAccount) account = NULL;
	SgpSealPortal portal = { NULL };

	report(progress, progress_data, SGP_STAGE_DECIDING, 0);
	result->verdict = assess(self, mail, options, TRUE, now, mailboxes, cancellable, error);
	if (!result->verdict)
		return NULL;
	if (sgp_dispatcher_ask_key_directories_sync(self, result->verdict, now, cancellable)) {
		sgp_verdict_free(result->verdict);
		g_clear_pointer(mailboxes, g_ptr_array_unref);
		result->verdict = sgp_dispatcher_assess_sync(
			self, mail, options, now, mailboxes, cancellable, error);
		if (!result->verdict)
			return NULL;
	}
	result->status = status_of_action(result->verdict->action);
	if (result->status != SGP_PREPARE_COMMITTED)
		return g_steal_pointer(&result);
	report(progress, progress_data, SGP_STAGE_DECIDING, 50);
	if (!sgp_dispatcher_ready_mailboxes_sync(self, result->verdict, mailboxes, &account,
		    result->invitations, cancellable, error))
		return NULL;
	if (account) {
		portal.origin = account->origin;
		portal.office_fingerprint = account->office_fingerprint;
		portal.staff_fingerprint = account->staff_fingerprint;
	}
	report(progress, progress_data, SGP_STAGE_SEALING, 0);
	result->copies = sgp_sealer_seal(mail, result->verdict, self->keys, self->settings,
		account ? &portal : NULL, *mailboxes, now, progress, progress_data, cancellable,
		error);
	return result->copies ? g_steal_pointer(&result) : NULL;
}

SgpPrepareResult *sgp_dispatcher_seal_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, SgpProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) mailboxes = NULL;

	return decide_and_seal(
		self, mail, options, now, &mailboxes, progress, progress_data, cancellable, error);
}

/* Our own sent mails, for conversations that go on before (or without) a host feeding its sent
 * folder. */
#define SENT_FOLDER "siegelpost:sent"

/* The commit point: spool rows, ledger, history, and the draft-id that is used up, or none of them.
 */
static gboolean commit(SgpDispatcher *self, const SgpMail *mail, const SgpPrepareResult *result,
	GPtrArray *mailboxes, const char *draft_id, gint64 now, GError **error)
{
	if (!sgp_store_begin(self->store, TRUE, error))
		return FALSE;
	if (!sgp_spool_commit(self->spool, result->copies, draft_id, mailboxes, now, error) ||
		!sgp_consent_ledger_append_sent(
			self->ledger, mail, result->verdict, draft_id, now, error) ||
		!sgp_history_add_mail(
			self->history, SENT_FOLDER, SGP_FOLDER_ROLE_SENT, draft_id, mail, error)) {
		sgp_store_rollback(self->store);
		return FALSE;
	}
	return sgp_store_commit(self->store, error);
}

static gboolean check_draft(SgpDispatcher *self, const char *draft_id, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (draft_id[0] == '\0')
		g_set_error(&local, SGP_ERROR, SGP_ERROR_INVALID, "a mail without a draft-id");
	else if (sgp_spool_is_committed_draft(self->spool, draft_id, &local))
		g_set_error(
			&local, SGP_ERROR, SGP_ERROR_ALREADY_DONE, "this mail was sent already");
	if (!local)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

SgpPrepareResult *sgp_dispatcher_prepare_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, const char *draft_id, gint64 now, SgpProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPrepareResult) result = NULL;
	g_autoptr(GPtrArray) mailboxes = NULL;

	if (!check_draft(self, draft_id, error))
		return NULL;
	result = decide_and_seal(
		self, mail, options, now, &mailboxes, progress, progress_data, cancellable, error);
	if (!result || result->status != SGP_PREPARE_COMMITTED)
		return g_steal_pointer(&result);
	report(progress, progress_data, SGP_STAGE_SPOOLING, 0);
	gboolean done = sgp_spool_write(self->spool, result->copies, draft_id, error);

	if (done)
		report(progress, progress_data, SGP_STAGE_SPOOLING, 90);
	/* The last moment at which Cancel means that nothing happened. */
	done = done && !g_cancellable_set_error_if_cancelled(cancellable, error) &&
	       commit(self, mail, result, mailboxes, draft_id, now, error);
	if (!done) {
		sgp_spool_discard(self->spool, result->copies);
		return NULL;
	}
	report(progress, progress_data, SGP_STAGE_SPOOLING, 100);
	return g_steal_pointer(&result);
}

void sgp_dispatcher_note_portal(SgpDispatcher *self, const GError *error)
{
	SgpPortalState state = SGP_PORTAL_STATE_ENROLLED;
	gboolean changed;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (g_error_matches(error, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
		g_error_matches(error, SGP_ERROR, SGP_ERROR_FAILED))
		state = SGP_PORTAL_STATE_UNREACHABLE;
	else if (g_error_matches(error, SGP_ERROR, SGP_ERROR_LOCKED))
		state = SGP_PORTAL_STATE_LOCKED;
	else if (g_error_matches(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED))
		state = SGP_PORTAL_STATE_NONE;
	if ((state == SGP_PORTAL_STATE_ENROLLED) && sgp_portal_device_is_pending(self->store))
		state = SGP_PORTAL_STATE_PENDING;
	g_mutex_lock(&self->lock);
	if (self->portal && sgp_portal_client_is_revoked(self->portal))
		state = SGP_PORTAL_STATE_REVOKED;
	changed = self->portal_state != state;
	self->portal_state = state;
	g_mutex_unlock(&self->lock);
	if (changed)
		g_signal_emit(self, signals[SIGNAL_PORTAL_STATE_CHANGED], 0);
}

static void sgp_dispatcher_finalize(GObject *object)
{
	SgpDispatcher *self = SGP_DISPATCHER(object);

	g_clear_object(&self->assessor);
	g_clear_object(&self->probe);
	g_clear_object(&self->keys);
	g_clear_object(&self->ledger);
	g_clear_object(&self->history);
	g_clear_object(&self->spool);
	g_clear_object(&self->portal);
	g_clear_object(&self->store);
	g_clear_object(&self->settings);
	g_free(self->home);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(sgp_dispatcher_parent_class)->finalize(object);
}

static void sgp_dispatcher_class_init(SgpDispatcherClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_dispatcher_finalize;
	/* ::portal-state-changed: in the thread that noticed. */
	signals[SIGNAL_PORTAL_STATE_CHANGED] = g_signal_new("portal-state-changed",
		SGP_TYPE_DISPATCHER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_dispatcher_init(SgpDispatcher *self)
{
	g_mutex_init(&self->lock);
}
