/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The directory: what staff may know of an address, and the invitation of a customer. It keeps
 * wraps and escrow that it cannot open. */

#include "sgp-api.h"

#include "sgp-customer.h"
#include "sgp-invitation.h"

#include <string.h>

static JsonObject *lookup_one(SgpCall *call, const char *asked, GError **error)
{
	g_autofree char *address = sgp_protocol_canonical_address(asked);
	g_autofree char *handle = NULL;
	JsonObject *one = NULL;

	if (address == NULL) {
		sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "One of these is no address.");
		return NULL;
	}
	handle = sgp_guard_dup_handle(call->portal->guard, address);
	one = json_object_new();
	sgp_protocol_set_text(one, "address", address);
	sgp_protocol_set_text(one, "handle", handle);
	if (sgp_customer_describe(one, call->database, handle, call->now, error))
		return one;
	json_object_unref(one);
	return NULL;
}

/**
 * sgp_api_lookup:
 *
 * POST /api/v1/directory:lookup: what the portal knows of these addresses, in the order asked.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_lookup(SgpCall *call, GError **error)
{
	JsonNode *node =
		call->json != NULL ? json_object_get_member(call->json, "addresses") : NULL;
	JsonArray *asked = NULL;
	g_autoptr(JsonArray) list = json_array_new();

	if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "No addresses.");
	asked = json_node_get_array(node);
	if (json_array_get_length(asked) > SGP_PROTOCOL_LOOKUP_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "At most 100 addresses at a time.");
	for (guint i = 0; i < json_array_get_length(asked); i++) {
		JsonNode *element = json_array_get_element(asked, i);
		JsonObject *one = NULL;

		if (!JSON_NODE_HOLDS_VALUE(element) ||
			json_node_get_value_type(element) != G_TYPE_STRING)
			return sgp_call_refuse(
				error, SGP_PROBLEM_BAD_REQUEST, "One of these is no address.");
		one = lookup_one(call, json_node_get_string(element), error);
		if (one == NULL)
			return FALSE;
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(
		sgp_call_begin_answer(call), "customers", g_steal_pointer(&list));
	return TRUE;
}

/* What is stored decides: nothing, the same, an invitation that the next one replaces, or a clash.
 */
static gboolean may_invite(const SgpInvitation *given, const SgpRows *stored)
{
	const char *state = NULL;

	if (sgp_rows_get_count(stored) == 0)
		return given->generation == 1;
	state = sgp_rows_get_text(stored, 0, 0);
	return given->generation == sgp_rows_get_integer(stored, 0, 1) + 1 &&
	       (strcmp(state, "invited") == 0 || strcmp(state, SGP_CUSTOMER_DELETED) == 0);
}

/**
 * sgp_api_put_customer:
 *
 * PUT /api/v1/customers/{handle}: invites a customer, or invites them anew with the next
 * generation.
 *
 * Returns: whether the invitation is stored.
 */
gboolean sgp_api_put_customer(SgpCall *call, GError **error)
{
	g_auto(SgpInvitation) given = { 0 };
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) stored = NULL;

	if (!sgp_invitation_read(call, &given, error))
		return FALSE;
	transaction = sgp_transaction_begin(call->database, error);
	stored = transaction != NULL ? sgp_invitation_load(call, error) : NULL;
	if (stored == NULL)
		return FALSE;
	if (sgp_invitation_is_stored(call, &given, stored))
		return TRUE;
	if (!may_invite(&given, stored))
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"This customer has been invited or has registered meanwhile; look again.");
	call->status = 201;
	return sgp_invitation_store(call, &given, error) &&
	       sgp_transaction_commit(transaction, error);
}
