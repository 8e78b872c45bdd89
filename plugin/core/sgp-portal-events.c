/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the portal tells: a customer registered, read, replied. It owns the position in the stream
 * of events, and the check of a registration, whose signature key counts only if it was made by
 * somebody who knew the code. Handling an event twice changes nothing, so the position is moved
 * after the work. */

#include "sgp-delivery-private.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-json-private.h"

#define POSITION          "portal.events.last"
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

gboolean sgp_portal_events_handle_sync(SgpDispatcher *dispatcher, const SgpPortalEvent *event,
	SgpDeliveryEventFunc func, gpointer user_data, GCancellable *cancellable, GError **error)
{
	const char *kind = event->kind;
	g_autoptr(GError) local = NULL;

	if (event->type == SGP_PORTAL_EVENT_UNKNOWN)
		return TRUE;
	if (event->type == SGP_PORTAL_EVENT_REGISTERED &&
		!accept_registration(dispatcher, event, cancellable, &local)) {
		if (g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED)) {
			/* Said aloud: somebody put a key of their own there. */
			kind = "tampered";
		} else if (g_error_matches(local, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
			   g_error_matches(local, SGP_ERROR, SGP_ERROR_LOCKED) ||
			   g_error_matches(local, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		} else {
			/* The office key is not on this device: a colleague's agent checks it. */
			g_message("a registration could not be checked here: %s", local->message);
		}
	}
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

gboolean sgp_portal_events_poll_sync(SgpDispatcher *dispatcher, SgpDeliveryEventFunc func,
	gpointer user_data, GCancellable *cancellable, GError **error)
{
	SgpStore *store = sgp_dispatcher_get_store(dispatcher);
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_open_portal_sync(dispatcher, NULL, cancellable, &local);
	gint64 position = 0, last = 0;

	if (!client) {
		if (local)
			g_propagate_error(error, g_steal_pointer(&local));
		else
			g_set_error(
				error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
		return FALSE;
	}
	if (!load_position(store, &position, error))
		return FALSE;
	g_autoptr(GPtrArray) events = sgp_portal_client_poll_events_sync(
		client, position, WAIT_SECONDS, &last, cancellable, error);

	if (!events)
		return FALSE;
	for (guint i = 0; i < events->len; i++) {
		if (!sgp_portal_events_handle_sync(dispatcher, g_ptr_array_index(events, i), func,
			    user_data, cancellable, error))
			return FALSE;
	}
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, last);

	return last == position || sgp_store_set_value(store, POSITION, text, error);
}
