/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a customer does with the account itself: sessions, keys of their own, deletion. Every
 * statement names the handle of the session, so that another customer's ids lead nowhere (threat
 * 11; test "nobody ends another customer's sessions"). It checks no signature of a key: agents do.
 */

#include "sgp-api.h"

#include "sgp-account.h"
#include "sgp-blob.h"
#include "sgp-customer.h"
#include "sgp-day-limit.h"
#include "sgp-message-store.h"
#include "sgp-session-store.h"
#include "sgp-upload-sink.h"

#include <string.h>

#define KEY_LIMIT       (64 * 1024)
#define SIGNATURE_LIMIT (16 * 1024)
#define KEYS_LIMIT      5

/**
 * sgp_page_list_sessions:
 *
 * GET /p/v1/sessions, the newest first.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_list_sessions(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_session_store_list(call, error);
	JsonArray *list = NULL;

	if (rows == NULL)
		return FALSE;
	list = json_array_new();
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		g_autoptr(GBytes) hash = sgp_rows_dup_bytes(rows, i, 0);
		g_autofree char *id = sgp_session_store_dup_id(hash);
		JsonObject *one = json_object_new();

		sgp_protocol_set_text(one, "id", id);
		json_object_set_int_member(one, "created", sgp_rows_get_integer(rows, i, 1));
		json_object_set_int_member(one, "seen", sgp_rows_get_integer(rows, i, 2));
		json_object_set_boolean_member(one, "current", g_bytes_equal(hash, call->session));
		sgp_protocol_set_text(one, "client", sgp_rows_get_text(rows, i, 3));
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(sgp_call_begin_answer(call), "sessions", list);
	return TRUE;
}

static gboolean end_one(SgpCall *call, GBytes *hash, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, NULL,
			"DELETE FROM sessions WHERE token_hash = $1 AND handle = $2", "bs", hash,
			call->handle) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (g_bytes_equal(hash, call->session))
		sgp_call_set_cookie(call, SGP_SESSION_COOKIE, "", -1);
	call->status = 204;
	return TRUE;
}

/**
 * sgp_page_end_session:
 *
 * DELETE /p/v1/sessions/{id}.
 *
 * Returns: whether one of the customer's own has ended.
 */
gboolean sgp_page_end_session(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_session_store_list(call, error);

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		g_autoptr(GBytes) hash = sgp_rows_dup_bytes(rows, i, 0);
		g_autofree char *id = sgp_session_store_dup_id(hash);

		if (strcmp(id, call->params[0]) == 0)
			return end_one(call, hash, error);
	}
	return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such session.");
}

/**
 * sgp_page_end_other_sessions:
 *
 * DELETE /p/v1/sessions: all but this one.
 *
 * Returns: whether they have ended.
 */
gboolean sgp_page_end_other_sessions(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, NULL,
			"DELETE FROM sessions WHERE handle = $1 AND token_hash <> $2", "sb",
			call->handle, call->session) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	call->status = 204;
	return TRUE;
}

/**
 * sgp_page_list_keys:
 *
 * GET /p/v1/keys.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_list_keys(SgpCall *call, GError **error)
{
	return sgp_customer_add_keys(
		sgp_call_begin_answer(call), call->database, call->handle, TRUE, error);
}

static gboolean is_block(const char *text, gsize limit, const char *begin, const char *end)
{
	g_autofree char *trimmed = NULL;

	if (text == NULL || strlen(text) > limit || !g_str_has_prefix(text, begin))
		return FALSE;
	trimmed = g_strchomp(g_strdup(text));
	return g_str_has_suffix(trimmed, end);
}

/* Public parts only: a private key that somebody exports by mistake is not ours to keep (test "a
 * private key is not taken"). */
static gboolean is_public_key(const char *kind, const char *key)
{
	if (key == NULL || strstr(key, "PRIVATE KEY") != NULL)
		return FALSE;
	if (g_strcmp0(kind, "openpgp") == 0)
		return is_block(key, KEY_LIMIT, "-----BEGIN PGP PUBLIC KEY BLOCK-----",
			"-----END PGP PUBLIC KEY BLOCK-----");
	return g_strcmp0(kind, "smime") == 0 &&
	       is_block(key, KEY_LIMIT, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
}

static gboolean check_key(SgpCall *call, GError **error)
{
	const char *key = sgp_protocol_get_text(call->json, "key");
	const char *signature = sgp_protocol_get_text(call->json, "signature");
	g_autofree char *hash = NULL;

	if (key != NULL && strlen(key) > KEY_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "A key may have 64 KiB at most.");
	if (!is_public_key(sgp_protocol_get_text(call->json, "kind"), key) ||
		!is_block(signature, SIGNATURE_LIMIT, "-----BEGIN PGP SIGNATURE-----",
			"-----END PGP SIGNATURE-----"))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"This is not a signed public key or certificate.");
	hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
	return strcmp(hash, call->params[0]) == 0 ||
	       sgp_call_refuse(
		       error, SGP_PROBLEM_BAD_REQUEST, "The id is not the SHA-256 of the key.");
}

static gboolean insert_key(SgpCall *call, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		       "INSERT INTO deposited_keys (handle, id, kind, content, signature, "
		       "deposited, generation) SELECT handle, $2, $3, $4, $5, $6, generation "
		       "FROM customers WHERE handle = $1 AND state = 'registered'",
		       "sssssi", call->handle, call->params[0],
		       sgp_protocol_get_text(call->json, "kind"),
		       sgp_protocol_get_text(call->json, "key"),
		       sgp_protocol_get_text(call->json, "signature"), call->now) &&
	       sgp_event_add(call->database, call->now, "key-deposited", call->handle, NULL, error);
}

static gboolean answer_stored(SgpCall *call, guint status)
{
	call->status = status;
	json_object_set_boolean_member(sgp_call_begin_answer(call), "stored", TRUE);
	return TRUE;
}

/* Signed anew by the signature key of after the reset. */
static gboolean confirm_key(SgpCall *call, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		       "UPDATE deposited_keys SET signature = $1, deposited = $2, generation = "
		       "(SELECT c.generation FROM customers c WHERE c.handle = $3) "
		       "WHERE handle = $3 AND id = $4",
		       "siss", sgp_protocol_get_text(call->json, "signature"), call->now,
		       call->handle, call->params[0]) &&
	       sgp_event_add(call->database, call->now, "key-deposited", call->handle, NULL, error);
}

/* What becomes of a key that comes in. */
typedef enum {
	KEY_REFUSED = 0,
	KEY_IS_NEW,
	KEY_IS_THERE,
	KEY_IS_FORMER, /* deposited before a reset: it waits to be confirmed */
} KeyStanding;

/* The same again is no error, and no second event. */
static KeyStanding find_standing(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT k.kind, k.signature, c.generation - k.generation FROM deposited_keys k "
		"JOIN customers c ON c.handle = k.handle WHERE k.handle = $1 AND k.id = $2",
		"ss", call->handle, call->params[0]);
	gboolean same_kind = FALSE;

	if (rows == NULL)
		return KEY_REFUSED;
	if (sgp_rows_get_count(rows) == 0)
		return KEY_IS_NEW;
	same_kind = strcmp(sgp_rows_get_text(rows, 0, 0),
			    sgp_protocol_get_text(call->json, "kind")) == 0;
	if (same_kind && strcmp(sgp_rows_get_text(rows, 0, 1),
				 sgp_protocol_get_text(call->json, "signature")) == 0)
		return KEY_IS_THERE;
	if (same_kind && sgp_rows_get_integer(rows, 0, 2) > 0)
		return KEY_IS_FORMER;
	sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
		"This key is here with another signature; remove it first.");
	return KEY_REFUSED;
}

static gboolean is_room(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) others = sgp_database_query(call->database, error,
		"SELECT COUNT(*) FROM deposited_keys WHERE handle = $1", "s", call->handle);

	if (others == NULL)
		return FALSE;
	return sgp_rows_get_integer(others, 0, 0) < KEYS_LIMIT ||
	       sgp_call_refuse(
		       error, SGP_PROBLEM_TOO_LARGE, "There are five keys already; remove one.");
}

/**
 * sgp_page_put_key:
 *
 * PUT /p/v1/keys/{id}: a key of the customer's own, for mail that needs no portal; or one of before
 * a reset, confirmed.
 *
 * Returns: whether it is stored.
 */
gboolean sgp_page_put_key(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = NULL;
	KeyStanding standing = KEY_REFUSED;

	if (!check_key(call, error))
		return FALSE;
	transaction = sgp_transaction_begin(call->database, error);
	standing = transaction != NULL && sgp_page_check_session(call, call->handle, error)
			   ? find_standing(call, error)
			   : KEY_REFUSED;
	switch (standing) {
	case KEY_REFUSED:
		return FALSE;
	case KEY_IS_THERE:
		return answer_stored(call, 200);
	case KEY_IS_NEW:
		if (!is_room(call, error) || !sgp_day_limit_check_keys(call, error) ||
			!insert_key(call, error))
			return FALSE;
		break;
	case KEY_IS_FORMER:
		if (!sgp_day_limit_check_keys(call, error) || !confirm_key(call, error))
			return FALSE;
		break;
	}
	if (!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_portal_announce_event(call->portal);
	return answer_stored(call, standing == KEY_IS_NEW ? 201 : 200);
}

/**
 * sgp_page_delete_key:
 *
 * DELETE /p/v1/keys/{id}: again is no error.
 *
 * Returns: whether it is gone.
 */
gboolean sgp_page_delete_key(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	gint64 changed = 0;

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, &changed,
			"DELETE FROM deposited_keys WHERE handle = $1 AND id = $2", "ss",
			call->handle, call->params[0]) ||
		(changed == 1 && !sgp_event_add(call->database, call->now, "key-removed",
					 call->handle, NULL, error)) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (changed == 1)
		sgp_portal_announce_event(call->portal);
	call->status = 204;
	return TRUE;
}

/**
 * sgp_page_erase:
 *
 * Deletes the account of @handle and its files: the customer's own deletion, and the staff's. Again
 * is no error.
 *
 * Returns: whether it is gone.
 */
gboolean sgp_page_erase(SgpCall *call, const char *handle, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM customers WHERE handle = $1 AND state <> 'deleted'", "s", handle);
	if (rows == NULL || sgp_rows_get_count(rows) == 0)
		return rows != NULL;
	/* The staff's deletion comes without a session. */
	if (call->session != NULL && !sgp_page_check_session(call, handle, error))
		return FALSE;
	if (!sgp_account_delete(call->database, call->now, handle, files, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	for (guint i = 0; i < files->len; i++) {
		sgp_upload_sink_supersede(files->pdata[i]);
		sgp_blob_remove(call->portal, files->pdata[i]);
	}
	sgp_account_do_chores(call->portal, call->database);
	sgp_portal_announce_event(call->portal);
	return TRUE;
}

/**
 * sgp_page_delete_account:
 *
 * POST /p/v1/account/delete: names the handle, so that nothing happens by mistake.
 *
 * Returns: whether the account is gone.
 */
gboolean sgp_page_delete_account(SgpCall *call, GError **error)
{
	if (g_strcmp0(sgp_protocol_get_text(call->json, "handle"), call->handle) != 0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The handle is not the account's own.");
	if (!sgp_page_load_fresh_login(call, error) || !sgp_page_erase(call, call->handle, error))
		return FALSE;
	sgp_call_set_cookie(call, SGP_SESSION_COOKIE, "", -1);
	sgp_call_set_cookie(call, SGP_DEVICE_COOKIE, "", -1);
	call->status = 204;
	return TRUE;
}
