/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the portal tells: a customer registered, read, replied. It owns the position in the stream
 * of events, and the check of a registration, whose signature key counts only if it was made by
 * somebody who knew the code. Handling an event twice changes nothing, so the position is moved
 * after the work. */

#include "sgp-customer-keys.h"
#include "sgp-delivery-private.h"
#include "sgp-deposited-certificates.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-event-log.h"
#include "sgp-gpgme.h"
#include "sgp-json-private.h"
#include "sgp-portal-device.h"

#define POSITION          "portal.events.last"
#define TRIES             "portal.events.tries"
#define TRIES_AT_MOST     8 /* five minutes, at the listener's pace */
#define WAIT_SECONDS      25
#define LOOKUP_TIMEOUT_MS (15 * 1000)

static char *event_json(const SgpPortalEvent *event)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", event->address);
	sgp_json_add_text(out, "message", event->message);
	sgp_json_add_int(out, "time", event->time);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

char *sgp_delivery_dup_entry_json(const SgpSpoolEntry *entry)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "copy", entry->id);
	sgp_json_add_texts(out, "recipients", entry->recipients);
	sgp_json_add_text(out, "state", sgp_spool_state_get_nick(entry->state));
	sgp_json_add_text(out, "problem", entry->problem);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static gboolean accept_registration(SgpDispatcher *dispatcher, const SgpPortalEvent *event,
	GCancellable *cancellable, GError **error)
{
	const char *addresses[] = { event->address, NULL };
	g_autoptr(SgpPortalAccount) account = NULL;
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_open_portal_sync(dispatcher, &account, cancellable, error);
	g_autofree char *language = NULL;
	SgpInvitationContext context;

	if (!client || !event->address)
		return client != NULL;
	sgp_portal_client_forget(client, event->address);
	g_autoptr(GPtrArray) found = sgp_portal_client_lookup_sync(
		client, addresses, LOOKUP_TIMEOUT_MS, cancellable, error);

	if (!found)
		return FALSE;
	const SgpPortalMailbox *mailbox = g_ptr_array_index(found, 0);

	if (mailbox->state != SGP_MAILBOX_STATE_REGISTERED)
		return TRUE; /* reset or frozen meanwhile: another event says so */
	sgp_dispatcher_fill_context(dispatcher, client, account, &language, &context);
	return sgp_invitation_accept_registration_sync(&context, mailbox, cancellable, error);
}

/* Whether gpg answers at all, and then whether the office key is in this keyring. A gpg whose agent
 * died lists no secret keys and calls that success: only while it shows our own one does "not
 * there" count. */
static gboolean look_for_office_key(
	SgpDispatcher *dispatcher, gboolean *is_here, GCancellable *cancellable)
{
	g_autoptr(SgpPortalAccount) account = sgp_portal_account_lookup(
		sgp_dispatcher_get_settings(dispatcher), dispatcher->store, NULL);
	gboolean is_working = FALSE;

	return account &&
	       sgp_gpgme_has_secret(dispatcher->home, account->staff_fingerprint, &is_working,
		       cancellable, NULL) &&
	       is_working &&
	       sgp_gpgme_has_secret(
		       dispatcher->home, account->office_fingerprint, is_here, cancellable, NULL);
}

/* How often the check of this registration failed, now included. */
static gint64 count_failure(SgpStore *store, gint64 id)
{
	g_autofree char *text = sgp_store_lookup_value(store, TRIES, NULL);
	char *rest = NULL;
	gint64 last = text ? g_ascii_strtoll(text, &rest, 10) : 0;
	gint64 tries = text && last == id ? g_ascii_strtoll(rest, NULL, 10) + 1 : 1;
	g_autofree char *more =
		g_strdup_printf("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, id, tries);

	sgp_store_set_value(store, TRIES, more, NULL);
	return tries;
}

/* What is told of a registration whose check failed; NULL: nothing yet, the check is made again.
 * A gpg that dies says many things, "no data" and "no key" among them, so its word counts only
 * while it still answers. "registered" is never said of a key that could be checked here and was
 * not: whoever makes gpg fail at the right moment could else put a key of his own there (test
 * /events/a-registration-that-gpg-cannot-check-is-not-announced). The tries have an end, for a
 * customer could choose a key that makes gpg fail, and keep all later events from the office. */
static const char *judge_failure(SgpDispatcher *dispatcher, const SgpPortalEvent *event,
	const GError *failed, GCancellable *cancellable)
{
	gboolean is_here = TRUE, is_tampered;

	if (g_error_matches(failed, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
		g_error_matches(failed, SGP_ERROR, SGP_ERROR_LOCKED) ||
		g_error_matches(failed, SGP_ERROR, SGP_ERROR_NOT_ENROLLED) ||
		g_error_matches(failed, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return NULL;
	gint64 tries = count_failure(dispatcher->store, event->id);
	gboolean answers = look_for_office_key(dispatcher, &is_here, cancellable);

	is_tampered = g_error_matches(failed, SGP_ERROR, SGP_ERROR_TAMPERED);
	if (answers && !is_here && g_error_matches(failed, SGP_ERROR, SGP_ERROR_CONFLICT)) {
		g_message("a registration is checked by a colleague's agent: %s", failed->message);
		return event->kind;
	}
	/* Said aloud: somebody put a key of their own there. */
	if (is_tampered && answers && tries > 1)
		return "tampered";
	return tries < TRIES_AT_MOST ? NULL : "unchecked";
}

gboolean sgp_portal_events_handle_sync(SgpDispatcher *dispatcher, const SgpPortalEvent *event,
	SgpDeliveryEventFunc func, gpointer user_data, GCancellable *cancellable, GError **error)
{
	const char *kind = event->kind;
	g_autoptr(GError) local = NULL;

	if (event->type == SGP_PORTAL_EVENT_UNKNOWN)
		return TRUE;
	if (event->type == SGP_PORTAL_EVENT_REGISTERED &&
		!accept_registration(dispatcher, event, cancellable, &local)) {
		if (!local)
			g_set_error(
				&local, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
		kind = judge_failure(dispatcher, event, local, cancellable);
		if (!kind) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
	}
	/* Whoever deleted the mailbox, the customer or a colleague. */
	if (event->type == SGP_PORTAL_EVENT_DELETED && event->customer &&
		!(sgp_customer_keys_forget(dispatcher->store, dispatcher->home, event->customer,
			  cancellable, error) &&
			sgp_deposited_certificates_forget(dispatcher->store, dispatcher->home,
				event->customer, cancellable, error)))
		return FALSE;
	/* Kept before it is told: whoever is to see it may not be there. */
	if (!sgp_event_log_add(sgp_dispatcher_get_store(dispatcher), event->id, kind,
		    event->address, event->message, event->time, error))
		return FALSE;
	if (func) {
		g_autofree char *detail = event_json(event);

		func(kind, detail, user_data);
	}
	return TRUE;
}

static gboolean load_position(SgpStore *store, gint64 *position, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = sgp_store_lookup_value(store, POSITION, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	*position = text ? g_ascii_strtoll(text, NULL, 10) : 0;
	return TRUE;
}

static gboolean set_position(SgpStore *store, gint64 *position, gint64 to, GError **error)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, to);

	if (to == *position)
		return TRUE;
	*position = to;
	return sgp_store_set_value(store, POSITION, text, error);
}

gboolean sgp_portal_events_poll_sync(SgpDispatcher *dispatcher, SgpDeliveryEventFunc func,
	gpointer user_data, GCancellable *cancellable, GError **error)
{
	SgpStore *store = sgp_dispatcher_get_store(dispatcher);
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpPortalAccount) account = NULL;
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_open_portal_sync(dispatcher, &account, cancellable, &local);
	gint64 position = 0, last = 0;

	if (!client) {
		if (local)
			g_propagate_error(error, g_steal_pointer(&local));
		else
			g_set_error(
				error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
		return FALSE;
	}
	/* A device that waits for its approval asks whether it has come, at the listener's pace. */
	if (!sgp_portal_device_ensure_sync(
		    client, account, store, dispatcher->home, cancellable, error) ||
		!load_position(store, &position, error))
		return FALSE;
	g_autoptr(GPtrArray) events = sgp_portal_client_poll_events_sync(
		client, position, WAIT_SECONDS, &last, cancellable, error);

	if (!events)
		return FALSE;
	for (guint i = 0; i < events->len; i++) {
		const SgpPortalEvent *event = g_ptr_array_index(events, i);

		/* One by one: what was told is not told again because a later one failed. */
		if (!sgp_portal_events_handle_sync(
			    dispatcher, event, func, user_data, cancellable, error) ||
			!set_position(store, &position, MAX(position, event->id), error))
			return FALSE;
	}
	/* Backwards too: a portal that was restored from a backup counts on from there. */
	return set_position(store, &position, last, error);
}
