/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dispatcher's dealings with the portal before sealing: opening the client, inviting customers,
 * and checking what the portal shows (roster, mailbox keys) against what the office made. It fails
 * closed: a mailbox whose key cannot be checked is not sealed to. */

#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-portal-customer.h"
#include "sgp-portal-device.h"
#include "sgp-portal-enrolment.h"
#include "sgp-secret-store.h"

#define ROSTER_SECONDS    3600
#define LOOKUP_TIMEOUT_MS (15 * 1000)

const char *sgp_portal_state_get_nick(SgpPortalState state)
{
	switch (state) {
	case SGP_PORTAL_STATE_NONE:
		return "none";
	case SGP_PORTAL_STATE_UNREACHABLE:
		return "unreachable";
	case SGP_PORTAL_STATE_LOCKED:
		return "locked";
	case SGP_PORTAL_STATE_REVOKED:
		return "revoked";
	case SGP_PORTAL_STATE_ENROLLED:
		return "enrolled";
	case SGP_PORTAL_STATE_PENDING:
		return "pending";
	}
	return "none";
}

SgpPortalState sgp_dispatcher_get_portal_state(SgpDispatcher *self)
{
	g_mutex_lock(&self->lock);
	SgpPortalState state = self->portal_state;

	g_mutex_unlock(&self->lock);
	return state;
}

void sgp_dispatcher_forget_portal(SgpDispatcher *self)
{
	g_mutex_lock(&self->lock);
	g_clear_object(&self->portal);
	self->roster_until = 0;
	g_mutex_unlock(&self->lock);
}

/* A client with the token of the keyring, or without one if the keyring does not give it: such a
 * client answers LOCKED. */
static SgpPortalClient *open_client(SgpDispatcher *self, const SgpPortalAccount *account,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *ca_file = sgp_settings_dup_string(self->settings, "portal-ca-file");
	g_autoptr(GError) local = NULL;
	char *token = sgp_secret_store_lookup_sync(
		SGP_SECRET_DEVICE_TOKEN, account->origin, cancellable, &local);
	SgpPortalClient *client;

	if (g_error_matches(local, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	client = sgp_portal_client_new(account->origin, token, ca_file);
	if (!token) {
		g_autoptr(GError) locked =
			g_error_new(SGP_ERROR, SGP_ERROR_LOCKED, "no device token");

		sgp_dispatcher_note_portal(self, locked);
		return client;
	}
	sgp_secret_free(token);
	g_mutex_lock(&self->lock);
	g_set_object(&self->portal, client);
	if (self->portal_state == SGP_PORTAL_STATE_NONE ||
		self->portal_state == SGP_PORTAL_STATE_LOCKED)
		self->portal_state = SGP_PORTAL_STATE_ENROLLED;
	g_mutex_unlock(&self->lock);
	return client;
}

SgpPortalClient *sgp_dispatcher_open_portal_sync(SgpDispatcher *self,
	SgpPortalAccount **account_out, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalAccount) account =
		sgp_portal_account_lookup(self->settings, self->store, error);
	SgpPortalClient *client = NULL;

	if (!account)
		return NULL;
	g_mutex_lock(&self->lock);
	if (self->portal &&
		g_str_equal(sgp_portal_client_get_origin(self->portal), account->origin))
		client = g_object_ref(self->portal);
	g_mutex_unlock(&self->lock);
	if (!client)
		client = open_client(self, account, cancellable, error);
	if (client && account_out)
		*account_out = g_steal_pointer(&account);
	return client;
}

void sgp_dispatcher_fill_context(SgpDispatcher *self, SgpPortalClient *client,
	const SgpPortalAccount *account, char **language, SgpInvitationContext *context)
{
	*language = sgp_settings_dup_string(self->settings, "customer-language");
	context->client = client;
	context->account = account;
	context->store = self->store;
	context->home = self->home;
	context->language = *language;
}

SgpPortalClient *sgp_dispatcher_need_portal_sync(
	SgpDispatcher *self, SgpPortalAccount **account, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	SgpPortalClient *client =
		sgp_dispatcher_open_portal_sync(self, account, cancellable, &local);

	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	else if (!client)
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
	return client;
}

/* The roster is the office's, and names us: else no customer's browser would show what we seal.
 * Remembers the newest version, so that a server cannot go back to one that lists somebody who
 * left. */
gboolean sgp_dispatcher_check_roster_sync(SgpDispatcher *self, SgpPortalClient *client,
	SgpPortalAccount *account, GCancellable *cancellable, GError **error)
{
	g_mutex_lock(&self->lock);
	gboolean fresh = self->roster_until > g_get_monotonic_time();

	g_mutex_unlock(&self->lock);
	if (fresh)
		return TRUE;
	if (!sgp_portal_device_ensure_sync(
		    client, account, self->store, self->home, cancellable, error))
		return FALSE;
	g_autoptr(SgpPortalOffice) office =
		sgp_portal_client_load_office_sync(client, cancellable, error);

	if (!office || !sgp_portal_office_verify(office, self->home, account->office_fingerprint,
			       account->roster_version, error))
		return FALSE;
	if (!sgp_portal_office_has_staff(office, account->staff_fingerprint)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"the office's roster does not name this key");
		return FALSE;
	}
	if (office->roster->version > account->roster_version) {
		account->roster_version = office->roster->version;
		if (!sgp_portal_account_save(account, NULL, self->settings, self->store, error))
			return FALSE;
	}
	g_mutex_lock(&self->lock);
	self->roster_until = g_get_monotonic_time() + (gint64)ROSTER_SECONDS * G_USEC_PER_SEC;
	g_mutex_unlock(&self->lock);
	return TRUE;
}

/* Mailboxes */

SgpPortalMailbox *sgp_dispatcher_lookup_mailbox_sync(SgpPortalClient *client, const char *address,
	gboolean is_fresh, GCancellable *cancellable, GError **error)
{
	const char *addresses[] = { address, NULL };

	if (is_fresh)
		sgp_portal_client_forget(client, address);
	g_autoptr(GPtrArray) found = sgp_portal_client_lookup_sync(
		client, addresses, LOOKUP_TIMEOUT_MS, cancellable, error);

	return found && found->len == 1 ? g_ptr_array_steal_index(found, 0) : NULL;
}

/* Invites where that is missing. A colleague who was faster is fine: their invitation is taken. */
static gboolean ensure_invited(const SgpInvitationContext *context, SgpPortalMailbox **mailbox,
	GPtrArray *invitations, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpInvitation) invitation =
		sgp_invitation_ensure_sync(context, *mailbox, cancellable, &local);
	gboolean was_shown = (*mailbox)->state == SGP_MAILBOX_STATE_INVITED;
	gboolean is_late = g_error_matches(local, SGP_ERROR, SGP_ERROR_CONFLICT);

	if (local && !is_late) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!invitation && !is_late) /* registered */
		return TRUE;
	if (!was_shown) {
		SgpPortalMailbox *fresh = sgp_dispatcher_lookup_mailbox_sync(
			context->client, (*mailbox)->address, TRUE, cancellable, error);

		if (!fresh)
			return FALSE;
		sgp_portal_mailbox_free(*mailbox);
		*mailbox = fresh;
	}
	if (is_late) {
		g_clear_error(&local);
		invitation = sgp_invitation_ensure_sync(context, *mailbox, cancellable, &local);
	}
	if (local) { /* sealed mail that nobody can invite for would lie there unread */
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (invitation) /* else: registered meanwhile */
		g_ptr_array_add(invitations, g_steal_pointer(&invitation));
	return TRUE;
}

static SgpPortalMailbox *ready_one(const SgpInvitationContext *context, const char *address,
	GPtrArray *invitations, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalMailbox) mailbox = sgp_dispatcher_lookup_mailbox_sync(
		context->client, address, FALSE, cancellable, error);

	if (!mailbox)
		return NULL;
	if (mailbox->state == SGP_MAILBOX_STATE_UNKNOWN) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the portal does not say how the mailbox is");
		return NULL;
	}
	if (mailbox->state == SGP_MAILBOX_STATE_FROZEN) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_REFUSED, "the customer's mailbox is frozen");
		return NULL;
	}
	if (!ensure_invited(context, &mailbox, invitations, cancellable, error) ||
		!sgp_invitation_check_mailbox_sync(context, mailbox, cancellable, error))
		return NULL;
	return g_steal_pointer(&mailbox);
}

gboolean sgp_dispatcher_ready_mailboxes_sync(SgpDispatcher *self, const SgpVerdict *verdict,
	GPtrArray **mailboxes, SgpPortalAccount **account, GPtrArray *invitations,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) ready =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_mailbox_free);
	g_autoptr(SgpPortalClient) client = NULL;
	g_autofree char *language = NULL;
	SgpInvitationContext context;

	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *recipient = g_ptr_array_index(verdict->recipients, i);
		SgpPortalMailbox *mailbox;

		if (recipient->channel != SGP_CHANNEL_PORTAL)
			continue;
		if (!client) {
			client = sgp_dispatcher_need_portal_sync(self, account, cancellable, error);
			if (!client || !sgp_dispatcher_check_roster_sync(
					       self, client, *account, cancellable, error))
				return FALSE;
			sgp_dispatcher_fill_context(self, client, *account, &language, &context);
		}
		mailbox = ready_one(&context, sgp_address_get_addr_spec(recipient->address),
			invitations, cancellable, error);
		if (!mailbox)
			return FALSE;
		g_ptr_array_add(ready, mailbox);
	}
	g_clear_pointer(mailboxes, g_ptr_array_unref);
	*mailboxes = g_steal_pointer(&ready);
	return TRUE;
}

/* For people */

char *sgp_dispatcher_dup_customer_json_sync(
	SgpDispatcher *self, const char *address, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpAddress) whom = sgp_address_new(address, error);
	g_autoptr(SgpPortalAccount) account = NULL;
	g_autoptr(SgpPortalClient) client =
		whom ? sgp_dispatcher_need_portal_sync(self, &account, cancellable, error) : NULL;
	g_autoptr(SgpPortalMailbox) mailbox =
		client ? sgp_dispatcher_lookup_mailbox_sync(
				 client, sgp_address_get_addr_spec(whom), TRUE, cancellable, error)
		       : NULL;
	g_autoptr(SgpInvitation) invitation = NULL;
	g_autoptr(GError) local = NULL;
	g_autofree char *language = NULL;
	SgpInvitationContext context;

	if (!mailbox)
		return NULL;
	sgp_dispatcher_fill_context(self, client, account, &language, &context);
	if (mailbox->state == SGP_MAILBOX_STATE_INVITED) {
		invitation = sgp_invitation_ensure_sync(&context, mailbox, cancellable, &local);
		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
	}
	return sgp_portal_customer_dup_json(mailbox->address, mailbox->state,
		invitation ? invitation->code : NULL, mailbox->invitation_expires);
}

/* office: (nullable) the portal did not answer: null, so that an old contact is not shown as the
 * present one. */
static void add_support(JsonBuilder *out, const SgpPortalOffice *office)
{
	json_builder_set_member_name(out, "support");
	if (!office) {
		json_builder_add_null_value(out);
		return;
	}
	json_builder_begin_object(out);
	sgp_json_add_text(out, "name", office->support.name);
	sgp_json_add_text(out, "phone", office->support.phone);
	sgp_json_add_text(out, "hours", office->support.hours);
	sgp_json_add_text(out, "mail", office->support.mail);
	json_builder_end_object(out);
}

char *sgp_dispatcher_dup_portal_json_sync(
	SgpDispatcher *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpPortalAccount) account = NULL;
	g_autoptr(SgpPortalOffice) office = NULL;
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_open_portal_sync(self, &account, cancellable, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	if (client) {
		g_autoptr(GError) waits = NULL;

		/* Approved meanwhile? What else is wrong is told by the next question. */
		if (!sgp_portal_device_ensure_sync(
			    client, account, self->store, self->home, cancellable, &waits))
			g_debug("portal: %s", waits->message);
		office = sgp_portal_client_load_office_sync(client, cancellable, &local);
		if (g_error_matches(local, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
			g_propagate_error(error, g_steal_pointer(&local));
			return NULL;
		}
		sgp_dispatcher_note_portal(self, local);
	}
	SgpPortalState state =
		client ? sgp_dispatcher_get_portal_state(self) : SGP_PORTAL_STATE_NONE;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "state", sgp_portal_state_get_nick(state));
	sgp_json_add_text(out, "origin", account ? account->origin : NULL);
	sgp_json_add_text(out, "office", account ? account->office_name : NULL);
	sgp_json_add_text(out, "staff", account ? account->staff_address : NULL);
	sgp_json_add_text(out, "fingerprint", account ? account->office_fingerprint : NULL);
	sgp_json_add_text(out, "staff_fingerprint", account ? account->staff_fingerprint : NULL);
	add_support(out, office);
	sgp_json_add_int(out, "waiting", sgp_spool_count_waiting(self->spool));
	json_builder_end_object(out);
	return sgp_json_dup(out);
}
