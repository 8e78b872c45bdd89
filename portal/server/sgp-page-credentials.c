/* SPDX-License-Identifier: GPL-3.0-or-later */

/* New password, new answer, new printed code: by a fresh login, or by leave of a recovery. Either
 * way in one transaction with everything that must end with it. Records and wraps are stored as
 * they come: what is in them nobody here can read. */

#include "sgp-api.h"

#include "sgp-account.h"
#include "sgp-message-store.h"
#include "sgp-recovery-mail.h"
#include "sgp-session-store.h"

#include <sodium.h>
#include <string.h>

#define QUESTION_LIMIT 1000
#define ROOT_WRAP_SIZE (32 + SGP_PROTOCOL_WRAP_OVERHEAD)

/* What is to become of the account; a part that is not given stays as it is. */
typedef struct {
	char *handle;            /* (owned) */
	GBytes *change;          /* (owned) (nullable): hash of the leave */
	GBytes *password_record; /* (owned) (nullable), and so are the others */
	GBytes *password_wrap;
	GBytes *answer_record;
	GBytes *answer_wrap;
	GBytes *recovery_salt;
	GBytes *recovery_hash;
	GBytes *recovery_wrap;
	GBytes *digest;
	const char *question;
} Change;

static void change_clear(Change *self)
{
	g_free(self->handle);
	g_clear_pointer(&self->change, g_bytes_unref);
	g_clear_pointer(&self->password_record, g_bytes_unref);
	g_clear_pointer(&self->password_wrap, g_bytes_unref);
	g_clear_pointer(&self->answer_record, g_bytes_unref);
	g_clear_pointer(&self->answer_wrap, g_bytes_unref);
	g_clear_pointer(&self->recovery_salt, g_bytes_unref);
	g_clear_pointer(&self->recovery_hash, g_bytes_unref);
	g_clear_pointer(&self->recovery_wrap, g_bytes_unref);
	g_clear_pointer(&self->digest, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, change_clear)

static gboolean refuse_change(GError **error)
{
	return sgp_call_refuse(error, SGP_PROBLEM_LINK_EXPIRED,
		"The time for the change is over, or it was made already; begin again.");
}

/* A leave that was used says so by its digest: the same request again is answered again. */
static gboolean find_by_leave(
	SgpCall *call, Change *change, const char *token, gboolean *replay, GError **error)
{
	g_autoptr(GBytes) hash = sgp_token_hash(token);
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT l.handle, l.digest FROM recovery_changes l "
		"JOIN customers c ON c.handle = l.handle "
		"WHERE l.change_hash = $1 AND l.expires > $2 AND c.state = 'registered'",
		"bi", hash, call->now);
	g_autoptr(GBytes) digest = NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return refuse_change(error);
	digest = sgp_rows_dup_bytes(rows, 0, 1);
	*replay = digest != NULL && change->digest != NULL && g_bytes_equal(digest, change->digest);
	if (digest != NULL && !*replay)
		return refuse_change(error);
	change->handle = g_strdup(sgp_rows_get_text(rows, 0, 0));
	change->change = g_steal_pointer(&hash);
	sgp_call_enter_customer(call, change->handle);
	return TRUE;
}

/**
 * sgp_page_load_fresh_login:
 *
 * For what a browser that was left open must not do. The session may have been ended since it was
 * resumed, by a change that was made at the same time.
 *
 * Returns: whether the login of @call is at most ten minutes old; %SGP_PROBLEM_LOGIN_AGAIN when it
 * is older, %SGP_PROBLEM_NOT_LOGGED_IN when it is gone.
 */
gboolean sgp_page_load_fresh_login(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT created FROM sessions WHERE token_hash = $1", "b", call->session);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_LOGGED_IN, "The session has ended.");
	if (sgp_rows_get_integer(rows, 0, 0) > call->now - SGP_PROTOCOL_FRESH_SECONDS)
		return TRUE;
	return sgp_call_refuse(
		error, SGP_PROBLEM_LOGIN_AGAIN, "Log in once more before you change this.");
}

/**
 * sgp_page_check_session:
 *
 * Within the caller's transaction: a session that was ended between the look at it and the change
 * changes nothing any more. A new password that ends a thief's session would otherwise lose against
 * a change that the thief had already begun.
 *
 * Returns: whether the session of @call still is one of @handle; %SGP_PROBLEM_NOT_LOGGED_IN
 * otherwise.
 */
gboolean sgp_page_check_session(SgpCall *call, const char *handle, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM sessions WHERE token_hash = $1 AND handle = $2", "bs", call->session,
		handle);

	if (rows == NULL)
		return FALSE;
	return sgp_rows_get_count(rows) == 1 ||
	       sgp_call_refuse(error, SGP_PROBLEM_NOT_LOGGED_IN, "The session has ended.");
}

static gboolean find_account(SgpCall *call, Change *change, gboolean *replay, GError **error)
{
	const char *token = sgp_protocol_get_text(call->json, "change");

	*replay = FALSE;
	if (call->json == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The change is missing.");
	if (token != NULL)
		return find_by_leave(call, change, token, replay, error);
	if (!sgp_session_store_resume(call, error) || !sgp_page_load_fresh_login(call, error))
		return FALSE;
	change->handle = g_strdup(call->handle);
	return TRUE;
}

static gboolean evaluate(SgpCall *call, const char *handle, SgpGuardRecord which, GBytes *request,
	const char *name, GError **error)
{
	g_autoptr(GBytes) response = NULL;

	if (request == NULL)
		return TRUE;
	response = sgp_guard_register(call->portal->guard, handle, which, request, error);
	if (response == NULL)
		return FALSE;
	sgp_protocol_set_b64u(call->answer, name, response);
	return TRUE;
}

/**
 * sgp_page_start_credentials:
 *
 * POST /p/v1/credentials/start: OPAQUE's first half for a new password, a new answer or both.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_start_credentials(SgpCall *call, GError **error)
{
	g_auto(Change) change = { 0 };
	g_autoptr(GBytes) password = NULL;
	g_autoptr(GBytes) answer = NULL;
	gboolean replay = FALSE;

	if (!find_account(call, &change, &replay, error))
		return FALSE;
	password = sgp_protocol_dup_b64u(call->json, "password_request");
	answer = sgp_protocol_dup_b64u(call->json, "answer_request");
	if (password == NULL && answer == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "There is no request.");
	if (!sgp_guard_count_change(
		    call->portal->guard, change.handle, call->now, &call->retry_after, error))
		return FALSE;
	sgp_call_begin_answer(call);
	return evaluate(call, change.handle, SGP_GUARD_RECORD_PASSWORD, password,
		       "password_response", error) &&
	       evaluate(call, change.handle, SGP_GUARD_RECORD_ANSWER, answer, "answer_response",
		       error);
}

static gboolean is_given(SgpCall *call, const char *name)
{
	return !sgp_protocol_is_null(call->json, name);
}

static gboolean is_root_wrap(GBytes *wrap)
{
	return wrap != NULL && g_bytes_get_size(wrap) == ROOT_WRAP_SIZE;
}

static gboolean has_size(GBytes *bytes, gsize size)
{
	return bytes != NULL && g_bytes_get_size(bytes) == size;
}

static gboolean read_password(SgpCall *call, Change *change)
{
	if (!is_given(call, "password_record") && !is_given(call, "password_wrap"))
		return TRUE;
	change->password_record = sgp_protocol_dup_b64u(call->json, "password_record");
	change->password_wrap = sgp_protocol_dup_b64u(call->json, "password_wrap");
	return sgp_guard_is_record(change->password_record) && is_root_wrap(change->password_wrap);
}

static gboolean read_answer(SgpCall *call, Change *change)
{
	if (!is_given(call, "answer_record") && !is_given(call, "answer_wrap") &&
		!is_given(call, "question"))
		return TRUE;
	change->answer_record = sgp_protocol_dup_b64u(call->json, "answer_record");
	change->answer_wrap = sgp_protocol_dup_b64u(call->json, "answer_wrap");
	change->question = sgp_protocol_get_text(call->json, "question");
	return sgp_guard_is_record(change->answer_record) && is_root_wrap(change->answer_wrap) &&
	       change->question != NULL && *change->question != '\0' &&
	       strlen(change->question) <= QUESTION_LIMIT;
}

static gboolean read_code(SgpCall *call, Change *change)
{
	JsonNode *node = json_object_get_member(call->json, "recovery");
	JsonObject *code = NULL;

	if (!is_given(call, "recovery"))
		return TRUE;
	if (!JSON_NODE_HOLDS_OBJECT(node))
		return FALSE;
	code = json_node_get_object(node);
	change->recovery_salt = sgp_protocol_dup_b64u(code, "salt");
	change->recovery_hash = sgp_protocol_dup_b64u(code, "auth_hash");
	change->recovery_wrap = sgp_protocol_dup_b64u(code, "wrap");
	return has_size(change->recovery_salt, 16) &&
	       has_size(change->recovery_hash, crypto_hash_sha256_BYTES) &&
	       is_root_wrap(change->recovery_wrap);
}

/* All parts in one statement each, none that is half given. A recovery is for a forgotten password:
 * without a new one it changes nothing. */
static gboolean read_change(SgpCall *call, Change *change, GError **error)
{
	if (read_password(call, change) && read_answer(call, change) && read_code(call, change) &&
		(change->password_record != NULL ||
			(change->change == NULL &&
				(change->answer_record != NULL || change->recovery_wrap != NULL))))
		return TRUE;
	return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The change is incomplete.");
}

static gboolean hash_body(SgpCall *call, Change *change, GError **error)
{
	guint8 hash[crypto_hash_sha256_BYTES];

	if (call->body == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The change is missing.");
	crypto_hash_sha256(hash, g_bytes_get_data(call->body, NULL), g_bytes_get_size(call->body));
	change->digest = g_bytes_new(hash, sizeof hash);
	return TRUE;
}

/* COALESCE: what is not given stays. */
static gboolean update_account(SgpCall *call, const Change *change, GError **error)
{
	gint64 changed = 0;

	if (!sgp_database_run(call->database, error, &changed,
		    "UPDATE customers SET password_record = COALESCE($1, password_record), "
		    "password_wrap = COALESCE($2, password_wrap), "
		    "answer_record = COALESCE($3, answer_record), "
		    "answer_wrap = COALESCE($4, answer_wrap), question = COALESCE($5, question), "
		    "recovery_salt = COALESCE($6, recovery_salt), "
		    "recovery_hash = COALESCE($7, recovery_hash), "
		    "recovery_wrap = COALESCE($8, recovery_wrap) "
		    "WHERE handle = $9 AND state = 'registered'",
		    "bbbbsbbbs", change->password_record, change->password_wrap,
		    change->answer_record, change->answer_wrap, change->question,
		    change->recovery_salt, change->recovery_hash, change->recovery_wrap,
		    change->handle))
		return FALSE;
	return changed == 1 ||
	       sgp_call_refuse(error, SGP_PROBLEM_NOT_LOGGED_IN, "The account was closed.");
}

/* A new password ends every other way in: who knew the old one, or holds a link, is out. */
static gboolean end_other_ways(SgpCall *call, const Change *change, GError **error)
{
	g_autoptr(GBytes) nobody = g_bytes_new_static("", 0);
	GBytes *session = call->session != NULL ? call->session : nobody;
	GBytes *leave = change->change != NULL ? change->change : nobody;

	if (change->password_record == NULL)
		return TRUE;
	return sgp_database_run(call->database, error, NULL,
		       "DELETE FROM sessions WHERE handle = $1 AND token_hash <> $2", "sb",
		       change->handle, session) &&
	       sgp_database_run(call->database, error, NULL,
		       "DELETE FROM recovery_changes WHERE handle = $1 AND change_hash <> $2", "sb",
		       change->handle, leave) &&
	       sgp_database_run(call->database, error, NULL,
		       "DELETE FROM recovery_links WHERE handle = $1", "s", change->handle) &&
	       sgp_account_add_chore(
		       call->database, change->handle, SGP_GUARD_FORGET_EPISODES, error);
}

/* Of two at a time with the same leave, the second finds it used. */
static gboolean use_leave(SgpCall *call, const Change *change, GError **error)
{
	gint64 changed = 0;

	if (change->change == NULL)
		return TRUE;
	if (!sgp_database_run(call->database, error, &changed,
		    "UPDATE recovery_changes SET digest = $1 WHERE change_hash = $2 "
		    "AND digest IS NULL",
		    "bb", change->digest, change->change))
		return FALSE;
	return changed == 1 ? sgp_event_add(call->database, call->now, "recovered", change->handle,
				      NULL, error)
			    : refuse_change(error);
}

static gboolean store(SgpCall *call, const Change *change, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autofree char *name = sgp_protocol_encode_hex(g_bytes_get_data(change->digest, NULL), 16);

	if (transaction == NULL ||
		(change->change == NULL && !sgp_page_check_session(call, change->handle, error)) ||
		!use_leave(call, change, error) || !update_account(call, change, error) ||
		!end_other_ways(call, change, error) ||
		!sgp_recovery_mail_add_changed(call, change->handle, name, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_account_do_chores(call->portal, call->database);
	sgp_portal_announce_mail(call->portal);
	if (change->change != NULL)
		sgp_portal_announce_event(call->portal);
	return TRUE;
}

static void answer_changed(SgpCall *call, const Change *change)
{
	JsonArray *list = json_array_new();

	if (change->password_record != NULL)
		json_array_add_string_element(list, "password");
	if (change->answer_record != NULL)
		json_array_add_string_element(list, "answer");
	if (change->recovery_wrap != NULL)
		json_array_add_string_element(list, "recovery");
	json_object_set_array_member(sgp_call_begin_answer(call), "changed", list);
}

/**
 * sgp_page_finish_credentials:
 *
 * POST /p/v1/credentials/finish: all of it or nothing.
 *
 * Returns: whether it is changed.
 */
gboolean sgp_page_finish_credentials(SgpCall *call, GError **error)
{
	g_auto(Change) change = { 0 };
	gboolean replay = FALSE;

	if (!hash_body(call, &change, error) || !find_account(call, &change, &replay, error) ||
		!read_change(call, &change, error) || (!replay && !store(call, &change, error)))
		return FALSE;
	answer_changed(call, &change);
	return TRUE;
}
