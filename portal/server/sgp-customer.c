/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the portal knows of one customer, as JSON: for the directory, the list of customers and the
 * customer's own pages. It reads and changes nothing. */

#include "sgp-customer.h"

#include "sgp-protocol.h"

#include <string.h>

static gboolean is_known(const SgpRows *rows)
{
	return sgp_rows_get_count(rows) == 1 &&
	       strcmp(sgp_rows_get_text(rows, 0, 0), SGP_CUSTOMER_DELETED) != 0;
}

static const char *word_of_state(const SgpRows *rows, gint64 now)
{
	const char *state = sgp_rows_get_text(rows, 0, 0);

	if (strcmp(state, "invited") == 0 && sgp_rows_get_integer(rows, 0, 7) <= now)
		return sgp_customer_state_get_word(SGP_CUSTOMER_EXPIRED);
	return state;
}

/* A deleted one is none, but the next invitation counts on from its generation. */
static void describe_none(JsonObject *one, gint64 generation)
{
	static const char *const nothing[] = { "language", "mailbox_key", "escrow", "signature_key",
		"signature_mac", "invitation_expires" };

	sgp_protocol_set_text(one, "state", sgp_customer_state_get_word(SGP_CUSTOMER_NONE));
	json_object_set_int_member(one, "generation", generation);
	for (gsize i = 0; i < G_N_ELEMENTS(nothing); i++)
		json_object_set_null_member(one, nothing[i]);
}

static void describe_known(JsonObject *one, const SgpRows *rows, gint64 now)
{
	g_autoptr(GBytes) signature_key = sgp_rows_dup_bytes(rows, 0, 5);
	g_autoptr(GBytes) signature_mac = sgp_rows_dup_bytes(rows, 0, 6);

	sgp_protocol_set_text(one, "state", word_of_state(rows, now));
	json_object_set_int_member(one, "generation", sgp_rows_get_integer(rows, 0, 1));
	sgp_protocol_set_text(one, "language", sgp_rows_get_text(rows, 0, 2));
	sgp_protocol_set_text(one, "mailbox_key", sgp_rows_get_text(rows, 0, 3));
	sgp_protocol_set_text(one, "escrow", sgp_rows_get_text(rows, 0, 4));
	sgp_protocol_set_b64u(one, "signature_key", signature_key);
	sgp_protocol_set_b64u(one, "signature_mac", signature_mac);
	if (sgp_rows_is_null(rows, 0, 7))
		json_object_set_null_member(one, "invitation_expires");
	else
		json_object_set_int_member(
			one, "invitation_expires", sgp_rows_get_integer(rows, 0, 7));
}

/**
 * sgp_customer_describe:
 *
 * Adds everything but address and handle.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_customer_describe(
	JsonObject *one, SgpDatabase *database, const char *handle, gint64 now, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT state, generation, language, mailbox_key, escrow, signature_key, "
		"signature_mac, invitation_expires FROM customers WHERE handle = $1",
		"s", handle);

	if (rows == NULL)
		return FALSE;
	if (is_known(rows))
		describe_known(one, rows, now);
	else
		describe_none(
			one, sgp_rows_get_count(rows) == 1 ? sgp_rows_get_integer(rows, 0, 1) : 0);
	/* Whoever does not exist has none of these either. */
	return sgp_customer_add_keys(one, database, handle, FALSE, error) &&
	       sgp_customer_add_former_keys(one, database, handle, error);
}

/**
 * sgp_customer_add_keys:
 * @own: for the customer: with the ids by which they are deleted, and whether they wait since a
 * reset to be confirmed. Agents find that out for themselves, by the signature
 *
 * Adds "keys": what the customer deposited, in that order.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_customer_add_keys(
	JsonObject *answer, SgpDatabase *database, const char *handle, gboolean own, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT k.id, k.kind, k.content, k.signature, k.deposited, "
		"c.generation - k.generation FROM deposited_keys k "
		"JOIN customers c ON c.handle = k.handle "
		"WHERE k.handle = $1 ORDER BY k.deposited, k.id",
		"s", handle);
	JsonArray *list = NULL;

	if (rows == NULL)
		return FALSE;
	list = json_array_new();
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		JsonObject *one = json_object_new();

		if (own) {
			sgp_protocol_set_text(one, "id", sgp_rows_get_text(rows, i, 0));
			json_object_set_boolean_member(
				one, "former", sgp_rows_get_integer(rows, i, 5) > 0);
		}
		sgp_protocol_set_text(one, "kind", sgp_rows_get_text(rows, i, 1));
		sgp_protocol_set_text(one, "key", sgp_rows_get_text(rows, i, 2));
		sgp_protocol_set_text(one, "signature", sgp_rows_get_text(rows, i, 3));
		json_object_set_int_member(one, "deposited", sgp_rows_get_integer(rows, i, 4));
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(answer, "keys", list);
	return TRUE;
}

/**
 * sgp_customer_add_former_keys:
 *
 * Adds "former_signature_keys": of the registrations before the present one, the oldest first.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_customer_add_former_keys(
	JsonObject *answer, SgpDatabase *database, const char *handle, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT signature_key FROM former_signature_keys WHERE handle = $1 "
		"ORDER BY generation",
		"s", handle);
	JsonArray *list = NULL;

	if (rows == NULL)
		return FALSE;
	list = json_array_new();
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		g_autoptr(GBytes) key = sgp_rows_dup_bytes(rows, i, 0);
		g_autofree char *text = sgp_protocol_encode_b64u(
			g_bytes_get_data(key, NULL), g_bytes_get_size(key));

		json_array_add_string_element(list, text);
	}
	json_object_set_array_member(answer, "former_signature_keys", list);
	return TRUE;
}
