/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What staff do with a customer of the portal, from the order to the portal's yes. It owns the
 * order of the steps: what has to be written down is in the ledger before the portal hears of it.
 * It decides nothing about who may do what, and never shows a code twice that was not asked for. */

#include "sgp-portal-customer.h"
#include "sgp-consent-ledger-care.h"
#include "sgp-customer-keys.h"
#include "sgp-deposited-certificates.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-portal-client-care.h"
#include "sgp-protocol.h"

#define DAYS_AT_MOST 3650

typedef struct {
	SgpDispatcher *dispatcher;     /* (borrowed) */
	const SgpCustomerOrder *order; /* (borrowed) */
	gint64 now;
	GCancellable *cancellable; /* (borrowed) (nullable) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	SgpPortalMailbox *mailbox; /* (owned) fresh */
} Act;

static void act_clear(Act *self)
{
	g_clear_object(&self->client);
	g_clear_pointer(&self->account, sgp_portal_account_free);
	g_clear_pointer(&self->mailbox, sgp_portal_mailbox_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Act, act_clear)

char *sgp_portal_customer_dup_json(
	const char *address, SgpMailboxState state, const char *code, gint64 valid_until)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", address);
	sgp_json_add_text(out, "state", sgp_mailbox_state_get_nick(state));
	sgp_json_add_text(out, "code", code);
	sgp_json_add_int(out, "valid_until", valid_until);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static gboolean begin(Act *self, GError **error)
{
	g_autoptr(SgpAddress) whom = sgp_address_new(self->order->address, error);

	if (!whom)
		return FALSE;
	self->client = sgp_dispatcher_need_portal_sync(
		self->dispatcher, &self->account, self->cancellable, error);
	self->mailbox = self->client ? sgp_dispatcher_lookup_mailbox_sync(self->client,
					       sgp_address_get_addr_spec(whom), TRUE,
					       self->cancellable, error)
				     : NULL;
	if (!self->mailbox)
		return FALSE;
	if (self->mailbox->state == SGP_MAILBOX_STATE_UNKNOWN) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the portal does not say how the mailbox is");
		return FALSE;
	}
	if (self->mailbox->state == SGP_MAILBOX_STATE_NONE) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "there is no such customer");
		return FALSE;
	}
	return TRUE;
}

static char *answer_invitation(const Act *self, const SgpInvitation *invitation)
{
	return invitation ? sgp_portal_customer_dup_json(self->mailbox->address,
				    SGP_MAILBOX_STATE_INVITED, invitation->code,
				    invitation->valid_until)
			  : NULL;
}

static char *renew(Act *self, GError **error)
{
	g_autofree char *language = NULL;
	SgpInvitationContext context;

	if (!sgp_dispatcher_check_roster_sync(
		    self->dispatcher, self->client, self->account, self->cancellable, error))
		return NULL;
	sgp_dispatcher_fill_context(
		self->dispatcher, self->client, self->account, &language, &context);
	if (self->mailbox->language)
		context.language = self->mailbox->language;
	g_autoptr(SgpInvitation) invitation =
		sgp_invitation_renew_sync(&context, self->mailbox, self->cancellable, error);

	return answer_invitation(self, invitation);
}

/* Before the ledger's entry: a check that leads to nothing should not be on record for a mailbox
 * that nobody can reset. */
static gboolean can_reset(const Act *self, GError **error)
{
	if (self->mailbox->state == SGP_MAILBOX_STATE_REGISTERED ||
		self->mailbox->state == SGP_MAILBOX_STATE_FROZEN)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT,
		"only a registered customer's access can be reset");
	return FALSE;
}

static char *reset(Act *self, GError **error)
{
	g_autofree char *language = NULL;
	g_autofree char *record = NULL;
	SgpInvitationContext context;

	if (!can_reset(self, error) ||
		!sgp_dispatcher_check_roster_sync(
			self->dispatcher, self->client, self->account, self->cancellable, error))
		return NULL;
	record = sgp_consent_ledger_record_identity_check(self->dispatcher->ledger,
		self->mailbox->address, self->order->by, self->order->words, self->now, error);
	if (!record)
		return NULL;
	sgp_dispatcher_fill_context(
		self->dispatcher, self->client, self->account, &language, &context);
	if (self->mailbox->language)
		context.language = self->mailbox->language;
	g_autoptr(SgpInvitation) invitation = sgp_invitation_reset_sync(
		&context, self->mailbox, record, self->cancellable, error);

	return answer_invitation(self, invitation);
}

static char *change(Act *self, const char *verb, GError **error)
{
	SgpMailboxState state = SGP_MAILBOX_STATE_UNKNOWN;

	if (!sgp_portal_client_change_customer_sync(
		    self->client, self->mailbox->handle, verb, &state, self->cancellable, error))
		return NULL;
	return sgp_portal_customer_dup_json(self->mailbox->address, state, NULL, 0);
}

static char *erase(Act *self, GError **error)
{
	if (!sgp_consent_ledger_record_erasure(self->dispatcher->ledger, self->mailbox->address,
		    self->order->by ? self->order->by : self->account->staff_address,
		    self->order->words, self->now, error))
		return NULL;
	g_autofree char *json = change(self, "erase", error);

	/* What they deposited was the mailbox's. */
	if (!json ||
		!sgp_key_candidates_set_deposited(
			sgp_key_lookup_get_candidates(self->dispatcher->keys),
			self->mailbox->address, NULL, NULL, self->now, error) ||
		!sgp_customer_keys_forget(self->dispatcher->store, self->dispatcher->home,
			self->mailbox->handle, self->cancellable, error) ||
		!sgp_deposited_certificates_forget(self->dispatcher->store, self->dispatcher->home,
			self->mailbox->handle, self->cancellable, error))
		return NULL;
	return g_steal_pointer(&json);
}

/* The language of notices, as the customer asked for it. */
static char *set_language(Act *self, GError **error)
{
	const char *language = self->order->words;

	if (g_strcmp0(language, "de") != 0 && g_strcmp0(language, "en") != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "the language must be de or en");
		return NULL;
	}
	if (!sgp_portal_client_set_language_sync(
		    self->client, self->mailbox->handle, language, self->cancellable, error))
		return NULL;
	return sgp_portal_customer_dup_json(self->mailbox->address, self->mailbox->state, NULL, 0);
}

char *sgp_portal_customer_act_sync(SgpDispatcher *dispatcher, const SgpCustomerOrder *order,
	gint64 now, GCancellable *cancellable, GError **error)
{
	g_auto(Act) self = { dispatcher, order, now, cancellable };

	if (!begin(&self, error))
		return NULL;
	switch (order->action) {
	case SGP_CUSTOMER_ACTION_RENEW:
		return renew(&self, error);
	case SGP_CUSTOMER_ACTION_RESET:
		return reset(&self, error);
	case SGP_CUSTOMER_ACTION_FREEZE:
		return change(&self, "freeze", error);
	case SGP_CUSTOMER_ACTION_UNFREEZE:
		return change(&self, "unfreeze", error);
	case SGP_CUSTOMER_ACTION_ERASE:
		return erase(&self, error);
	case SGP_CUSTOMER_ACTION_LANGUAGE:
		return set_language(&self, error);
	case SGP_CUSTOMER_ACTION_UNKNOWN:
		break;
	}
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "nothing was asked for");
	return NULL;
}

/* The list, as the portal tells it; only members that are known here are passed on. */
static void add_customer(JsonBuilder *out, JsonObject *one)
{
	static const char *const texts[] = { "address", "handle", "state", "language" };
	static const char *const numbers[] = { "registered", "seen", "unread", "oldest_unread",
		"invitation_expires" };
	JsonNode *keys = json_object_get_member(one, "keys");
	gint64 value;

	json_builder_begin_object(out);
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		sgp_json_add_text(out, texts[i], sgp_protocol_get_text(one, texts[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		json_builder_set_member_name(out, numbers[i]);
		if (sgp_protocol_get_integer(one, numbers[i], &value))
			json_builder_add_int_value(out, value);
		else
			json_builder_add_null_value(out);
	}
	sgp_json_add_int(out, "keys",
		keys && JSON_NODE_HOLDS_ARRAY(keys)
			? json_array_get_length(json_node_get_array(keys))
			: 0);
	json_builder_end_object(out);
}

char *sgp_portal_customer_list_json_sync(
	SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_need_portal_sync(dispatcher, NULL, cancellable, error);
	g_autoptr(GPtrArray) list =
		client ? sgp_portal_client_list_customers_sync(client, cancellable, error) : NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!list)
		return NULL;
	json_builder_begin_object(out);
	json_builder_set_member_name(out, "customers");
	json_builder_begin_array(out);
	for (guint i = 0; i < list->len; i++)
		add_customer(out, g_ptr_array_index(list, i));
	json_builder_end_array(out);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static gboolean check_message(const char *id, gint64 days, GError **error)
{
	if (g_uuid_string_is_valid(id) && days >= 0 && days <= DAYS_AT_MOST)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "no message's id, or too many days");
	return FALSE;
}

char *sgp_portal_customer_change_message_sync(SgpDispatcher *dispatcher, const char *id,
	gint64 days, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalClient) client =
		check_message(id, days, error)
			? sgp_dispatcher_need_portal_sync(dispatcher, NULL, cancellable, error)
			: NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	gint64 expires = 0;

	if (!client)
		return NULL;
	if (days > 0 ? !sgp_portal_client_extend_message_sync(
			       client, id, days, &expires, cancellable, error)
		     : !sgp_portal_client_revoke_message_sync(client, id, cancellable, error))
		return NULL;
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", id);
	sgp_json_add_text(out, "state", days > 0 ? "published" : "revoked");
	if (days > 0)
		sgp_json_add_int(out, "expires", expires);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}
