/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The directory: what staff may know of an address, and the invitation of a customer. It keeps
 * wraps and escrow that it cannot open. */

#include "sgp-api.h"

#include <sodium.h>
#include <string.h>

#define ARMOR_LIMIT (64 * 1024)
#define WRAP_LIMIT  (64 * 1024)

#define CUSTOMER_COLUMNS                                                                           \
	"state, generation, language, mailbox_key, escrow, signature_key, signature_mac, "         \
	"invitation_expires"

static const char *word_of_state(const SgpRows *rows, gint64 now)
{
	const char *state = sgp_rows_get_text(rows, 0, 0);

	if (strcmp(state, "invited") == 0 && sgp_rows_get_integer(rows, 0, 7) <= now)
		return sgp_customer_state_get_word(SGP_CUSTOMER_EXPIRED);
	return state;
}

static void describe_none(JsonObject *one)
{
	static const char *const nothing[] = { "language", "mailbox_key", "escrow", "signature_key",
		"signature_mac", "invitation_expires" };

	sgp_protocol_set_text(one, "state", sgp_customer_state_get_word(SGP_CUSTOMER_NONE));
	json_object_set_int_member(one, "generation", 0);
	for (gsize i = 0; i < G_N_ELEMENTS(nothing); i++)
		json_object_set_null_member(one, nothing[i]);
}

static void describe_customer(JsonObject *one, const SgpRows *rows, gint64 now)
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

static JsonObject *lookup_one(SgpCall *call, const char *asked, GError **error)
{
	g_autofree char *address = sgp_protocol_canonical_address(asked);
	g_autofree char *handle = NULL;
	g_autoptr(SgpRows) rows = NULL;
	JsonObject *one = NULL;

	if (address == NULL) {
		sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "One of these is no address.");
		return NULL;
	}
	handle = sgp_guard_dup_handle(call->portal->guard, address);
	rows = sgp_database_query(call->database, error,
		"SELECT " CUSTOMER_COLUMNS " FROM customers WHERE handle = $1", "s", handle);
	if (rows == NULL)
		return NULL;
	one = json_object_new();
	sgp_protocol_set_text(one, "address", address);
	sgp_protocol_set_text(one, "handle", handle);
	if (sgp_rows_get_count(rows) == 0)
		describe_none(one);
	else
		describe_customer(one, rows, call->now);
	return one;
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

typedef struct {
	char *address; /* (owned) */
	gint64 generation;
	const char *language;
	const char *mailbox_key;
	const char *escrow;
	GBytes *code_wrap; /* (owned) */
	GBytes *salt;      /* (owned) */
	GBytes *auth_hash; /* (owned) */
	GBytes *digest;    /* (owned): tells the same invitation from another */
} Invitation;

static void invitation_clear(Invitation *self)
{
	g_free(self->address);
	g_clear_pointer(&self->code_wrap, g_bytes_unref);
	g_clear_pointer(&self->salt, g_bytes_unref);
	g_clear_pointer(&self->auth_hash, g_bytes_unref);
	g_clear_pointer(&self->digest, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Invitation, invitation_clear)

static gboolean has_size(GBytes *bytes, gsize least, gsize most)
{
	return bytes != NULL && g_bytes_get_size(bytes) >= least && g_bytes_get_size(bytes) <= most;
}

static void digest_text(crypto_hash_sha256_state *state, const char *text)
{
	crypto_hash_sha256_update(state, (const guint8 *)text, strlen(text) + 1);
}

static GBytes *digest_invitation(JsonObject *json)
{
	static const char *const members[] = { "address", "language", "mailbox_key", "code_wrap",
		"salt", "auth_hash", "escrow" };
	crypto_hash_sha256_state state;
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&state);
	for (gsize i = 0; i < G_N_ELEMENTS(members); i++)
		digest_text(&state, sgp_protocol_get_text(json, members[i]));
	crypto_hash_sha256_final(&state, hash);
	return g_bytes_new(hash, sizeof hash);
}

static gboolean read_invitation(SgpCall *call, Invitation *self, GError **error)
{
	g_autofree char *handle = NULL;

	self->address =
		sgp_protocol_canonical_address(sgp_protocol_get_text(call->json, "address"));
	self->language = sgp_protocol_get_text(call->json, "language");
	self->mailbox_key = sgp_protocol_get_text(call->json, "mailbox_key");
	self->escrow = sgp_protocol_get_text(call->json, "escrow");
	self->code_wrap = sgp_protocol_dup_b64u(call->json, "code_wrap");
	self->salt = sgp_protocol_dup_b64u(call->json, "salt");
	self->auth_hash = sgp_protocol_dup_b64u(call->json, "auth_hash");
	if (self->address == NULL || self->mailbox_key == NULL || self->escrow == NULL ||
		!sgp_protocol_get_integer(call->json, "generation", &self->generation) ||
		(g_strcmp0(self->language, "de") != 0 && g_strcmp0(self->language, "en") != 0) ||
		strlen(self->mailbox_key) > ARMOR_LIMIT || strlen(self->escrow) > ARMOR_LIMIT ||
		!has_size(self->salt, 16, 16) || !has_size(self->auth_hash, 32, 32) ||
		!has_size(self->code_wrap, SGP_PROTOCOL_WRAP_PAGE + SGP_PROTOCOL_WRAP_OVERHEAD,
			WRAP_LIMIT) ||
		(g_bytes_get_size(self->code_wrap) - SGP_PROTOCOL_WRAP_OVERHEAD) %
				SGP_PROTOCOL_WRAP_PAGE !=
			0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The invitation is incomplete.");
	handle = sgp_guard_dup_handle(call->portal->guard, self->address);
	if (g_strcmp0(handle, call->params[0]) != 0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The handle belongs to another address.");
	self->digest = digest_invitation(call->json);
	return TRUE;
}

static gboolean store_invitation(
	SgpCall *call, const Invitation *given, GBytes *token, gint64 expires, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO customers (handle, address, state, generation, language, mailbox_key, "
		"escrow, salt, invited_digest, invitation, invitation_expires, code_wrap, "
		"auth_hash, "
		"created) VALUES ($1, $2, 'invited', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
		"$13) "
		"ON CONFLICT (handle) DO UPDATE SET generation = $3, language = $4, "
		"mailbox_key = $5, escrow = $6, salt = $7, invited_digest = $8, invitation = $9, "
		"invitation_expires = $10, code_wrap = $11, auth_hash = $12",
		"ssisssbbbibbi", call->params[0], given->address, given->generation,
		given->language, given->mailbox_key, given->escrow, given->salt, given->digest,
		token, expires, given->code_wrap, given->auth_hash, call->now);
}

static gboolean answer_invited(SgpCall *call, GBytes *token, gint64 expires)
{
	JsonObject *answer = sgp_call_begin_answer(call);

	sgp_protocol_set_text(answer, "state", "invited");
	sgp_protocol_set_b64u(answer, "invitation", token);
	json_object_set_int_member(answer, "expires", expires);
	return TRUE;
}

static gint64 load_invitation_seconds(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows =
		sgp_database_query(database, error, "SELECT invitation_days FROM office", "");

	if (rows == NULL)
		return -1;
	return sgp_rows_get_count(rows) == 1 ? sgp_rows_get_integer(rows, 0, 0) * 24 * 60 * 60 : 0;
}

/* What is stored decides: nothing, the same, an invitation that the next one replaces, or a clash.
 */
static gboolean replace_invitation(
	SgpCall *call, const Invitation *given, const SgpRows *stored, GError **error)
{
	gboolean any = sgp_rows_get_count(stored) == 1;
	gint64 generation = any ? sgp_rows_get_integer(stored, 0, 1) : 0;
	gint64 seconds = load_invitation_seconds(call->database, error);
	g_autoptr(GBytes) token = NULL;
	guint8 random[16];

	if (seconds < 0)
		return FALSE;
	if (any && generation == given->generation) {
		g_autoptr(GBytes) digest = sgp_rows_dup_bytes(stored, 0, 2);

		if (g_bytes_equal(digest, given->digest) && !sgp_rows_is_null(stored, 0, 3)) {
			token = sgp_rows_dup_bytes(stored, 0, 3);
			return answer_invited(call, token, sgp_rows_get_integer(stored, 0, 4));
		}
	}
	if (given->generation != generation + 1 ||
		(any && strcmp(sgp_rows_get_text(stored, 0, 0), "invited") != 0))
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"This customer has been invited or has registered meanwhile; look again.");
	randombytes_buf(random, sizeof random);
	token = g_bytes_new(random, sizeof random);
	call->status = 201;
	return store_invitation(call, given, token, call->now + seconds, error) &&
	       answer_invited(call, token, call->now + seconds);
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
	g_auto(Invitation) given = { 0 };
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) stored = NULL;

	if (!read_invitation(call, &given, error))
		return FALSE;
	transaction = sgp_transaction_begin(call->database, error);
	if (transaction == NULL)
		return FALSE;
	stored = sgp_database_query(call->database, error,
		"SELECT state, generation, invited_digest, invitation, invitation_expires "
		"FROM customers WHERE handle = $1",
		"s", call->params[0]);
	return stored != NULL && replace_invitation(call, &given, stored, error) &&
	       sgp_transaction_commit(transaction, error);
}
