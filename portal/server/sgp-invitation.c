/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An invitation on its way into the store: the same body invites, renews and resets. It checks the
 * form of wraps that it cannot open, and decides nothing about who may be invited. */

#include "sgp-invitation.h"

#include <sodium.h>
#include <string.h>

#define ARMOR_LIMIT (64 * 1024)
#define WRAP_LIMIT  (64 * 1024)

/**
 * sgp_invitation_clear:
 *
 * Frees what @self owns.
 */
void sgp_invitation_clear(SgpInvitation *self)
{
	g_free(self->address);
	g_clear_pointer(&self->code_wrap, g_bytes_unref);
	g_clear_pointer(&self->salt, g_bytes_unref);
	g_clear_pointer(&self->auth_hash, g_bytes_unref);
	g_clear_pointer(&self->digest, g_bytes_unref);
}

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

/**
 * sgp_invitation_read:
 *
 * Reads the body of the requests that invite, and checks its form.
 *
 * Returns: whether it is whole, and belongs to the handle in the path.
 */
gboolean sgp_invitation_read(SgpCall *call, SgpInvitation *self, GError **error)
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

static gboolean store(
	SgpCall *call, const SgpInvitation *given, GBytes *token, gint64 expires, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO customers (handle, address, state, generation, language, mailbox_key, "
		"escrow, salt, invited_digest, invitation, invitation_expires, code_wrap, "
		"auth_hash, created) VALUES ($1, $2, 'invited', $3, $4, $5, $6, $7, $8, $9, $10, "
		"$11, $12, $13) ON CONFLICT (handle) DO UPDATE SET address = $2, "
		"state = 'invited', generation = $3, language = $4, mailbox_key = $5, "
		"escrow = $6, salt = $7, invited_digest = $8, invitation = $9, "
		"invitation_expires = $10, code_wrap = $11, auth_hash = $12, "
		"created = CASE WHEN customers.created = 0 THEN $13 ELSE customers.created END",
		"ssisssbbbibbi", call->params[0], given->address, given->generation,
		given->language, given->mailbox_key, given->escrow, given->salt, given->digest,
		token, expires, given->code_wrap, given->auth_hash, call->now);
}

static void answer(SgpCall *call, GBytes *token, gint64 expires)
{
	JsonObject *object = sgp_call_begin_answer(call);

	sgp_protocol_set_text(object, "state", "invited");
	sgp_protocol_set_b64u(object, "invitation", token);
	json_object_set_int_member(object, "expires", expires);
}

static gint64 load_seconds(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows =
		sgp_database_query(database, error, "SELECT invitation_days FROM office", "");

	if (rows == NULL)
		return -1;
	return sgp_rows_get_count(rows) == 1 ? sgp_rows_get_integer(rows, 0, 0) * 24 * 60 * 60 : 0;
}

/**
 * sgp_invitation_store:
 *
 * Stores it under a new token and makes that the answer. Within the caller's transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_invitation_store(SgpCall *call, const SgpInvitation *given, GError **error)
{
	gint64 seconds = load_seconds(call->database, error);
	g_autoptr(GBytes) token = NULL;
	guint8 random[16];

	if (seconds < 0)
		return FALSE;
	randombytes_buf(random, sizeof random);
	token = g_bytes_new(random, sizeof random);
	if (!store(call, given, token, call->now + seconds, error))
		return FALSE;
	answer(call, token, call->now + seconds);
	return TRUE;
}

/**
 * sgp_invitation_is_stored:
 * @stored: of sgp_invitation_load()
 *
 * The answer of the first time may have been lost on its way (threat 30).
 *
 * Returns: whether the very same was stored before; then it is the answer.
 */
gboolean sgp_invitation_is_stored(SgpCall *call, const SgpInvitation *given, const SgpRows *stored)
{
	g_autoptr(GBytes) digest = NULL;
	g_autoptr(GBytes) token = NULL;

	if (sgp_rows_get_count(stored) == 0 || sgp_rows_is_null(stored, 0, 3) ||
		sgp_rows_get_integer(stored, 0, 1) != given->generation)
		return FALSE;
	digest = sgp_rows_dup_bytes(stored, 0, 2);
	if (!g_bytes_equal(digest, given->digest))
		return FALSE;
	token = sgp_rows_dup_bytes(stored, 0, 3);
	answer(call, token, sgp_rows_get_integer(stored, 0, 4));
	return TRUE;
}

/**
 * sgp_invitation_load:
 *
 * Returns: (transfer full) (nullable): state, generation, digest, token, expiry and mailbox key of
 * the customer in the path, in one row or none.
 */
SgpRows *sgp_invitation_load(SgpCall *call, GError **error)
{
	return sgp_database_query(call->database, error,
		"SELECT state, generation, invited_digest, invitation, invitation_expires, "
		"mailbox_key FROM customers WHERE handle = $1",
		"s", call->params[0]);
}
