/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Registration, login and session of customers. Every answer has the same form for known and
 * unknown addresses; every guess at a password is counted by the guard before it is answered.
 * Passwords and codes never get here. */

#include "sgp-api.h"

#include "sgp-customer.h"
#include "sgp-message-store.h"
#include "sgp-scope.h"
#include "sgp-session-store.h"

#include <sodium.h>
#include <string.h>

#define QUESTION_LIMIT        1000
#define SIGNATURE_KEY_LIMIT   (16 * 1024)
#define MAILBOX_WRAP_LIMIT    (64 * 1024)
#define ROOT_WRAP_SIZE        (32 + SGP_PROTOCOL_WRAP_OVERHEAD)
#define DEVICE_COOKIE_SECONDS (G_GINT64_CONSTANT(180) * 24 * 60 * 60)

static gboolean has_size(GBytes *bytes, gsize least, gsize most)
{
	return bytes != NULL && g_bytes_get_size(bytes) >= least && g_bytes_get_size(bytes) <= most;
}

static gboolean answer_open(SgpCall *call, const char *handle, gint64 generation, GBytes *salt,
	GBytes *wrap, GError **error)
{
	JsonObject *answer = sgp_call_begin_answer(call);

	sgp_protocol_set_text(answer, "handle", handle);
	json_object_set_int_member(answer, "generation", generation);
	sgp_protocol_set_b64u(answer, "salt", salt);
	sgp_protocol_set_b64u(answer, "code_wrap", wrap);
	return sgp_api_add_roster(answer, call->database, error);
}

static gboolean open_by_address(SgpCall *call, const char *asked, GError **error)
{
	g_autofree char *address = sgp_protocol_canonical_address(asked);
	g_autofree char *handle = NULL;
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(GBytes) salt = NULL;
	g_autoptr(GBytes) wrap = NULL;
	gint64 generation = 1;

	if (address == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "This is no address.");
	handle = sgp_guard_dup_handle(call->portal->guard, address);
	sgp_call_enter_customer(call, handle);
	rows = sgp_database_query(call->database, error,
		"SELECT generation, salt, code_wrap FROM customers "
		"WHERE handle = $1 AND state = 'invited'",
		"s", handle);
	if (rows == NULL)
		return FALSE;
	/* For strangers and the registered: made from a key, so that it is the same each time
	 * (threat 9; test "known and unknown addresses answer alike"). An expired invitation is
	 * told only to whoever has the code. */
	salt = sgp_guard_dup_decoy(call->portal->guard, handle, "salt", 16);
	wrap = sgp_guard_dup_decoy(call->portal->guard, handle, "wrap",
		SGP_PROTOCOL_WRAP_PAGE + SGP_PROTOCOL_WRAP_OVERHEAD);
	if (sgp_rows_get_count(rows) == 1) {
		g_bytes_unref(salt);
		g_bytes_unref(wrap);
		generation = sgp_rows_get_integer(rows, 0, 0);
		salt = sgp_rows_dup_bytes(rows, 0, 1);
		wrap = sgp_rows_dup_bytes(rows, 0, 2);
	}
	return answer_open(call, handle, generation, salt, wrap, error);
}

/**
 * sgp_page_open_registration:
 *
 * POST /p/v1/register/open: the code wrap, by invitation or by address.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_open_registration(SgpCall *call, GError **error)
{
	const char *address = sgp_protocol_get_text(call->json, "address");
	g_autoptr(GBytes) invitation = sgp_protocol_dup_b64u(call->json, "invitation");
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(GBytes) salt = NULL;
	g_autoptr(GBytes) wrap = NULL;

	if (address != NULL)
		return open_by_address(call, address, error);
	if (invitation == NULL)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Neither address nor invitation.");
	rows = sgp_database_query(call->database, error,
		"SELECT handle, generation, salt, code_wrap FROM customers WHERE invitation = $1 "
		"AND invitation_expires > $2 AND state = 'invited'",
		"bi", invitation, call->now);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_INVITATION_EXPIRED,
			"This invitation has been used or has expired.");
	salt = sgp_rows_dup_bytes(rows, 0, 2);
	wrap = sgp_rows_dup_bytes(rows, 0, 3);
	return answer_open(call, sgp_rows_get_text(rows, 0, 0), sgp_rows_get_integer(rows, 0, 1),
		salt, wrap, error);
}

static gboolean compare_auth(GBytes *auth, GBytes *stored)
{
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, g_bytes_get_data(auth, NULL), g_bytes_get_size(auth));
	return stored != NULL && g_bytes_get_size(stored) == sizeof hash &&
	       sodium_memcmp(hash, g_bytes_get_data(stored, NULL), sizeof hash) == 0;
}

/* Returns the handle that the code opens. Wrong proofs are neither counted nor slowed down: the
 * page sends none (a mistyped code does not open the wrap), so a counter could only be a
 * stranger's, who has handle and generation from register/open, to stop the owner with (threat 8;
 * test "a stranger without the code cannot stop a registration"). It would protect nothing either:
 * the code wrap is given to everybody who asks, so that codes can be tried without us, each at the
 * price of an Argon2id of 64 MiB and one in 2^66. */
static const char *check_code(SgpCall *call, gint64 *generation, GError **error)
{
	const char *handle = sgp_protocol_get_text(call->json, "handle");
	g_autoptr(GBytes) auth = sgp_protocol_dup_b64u(call->json, "auth");
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(GBytes) stored = NULL;

	if (!sgp_protocol_is_handle(handle) || !has_size(auth, 32, 32) ||
		!sgp_protocol_get_integer(call->json, "generation", generation)) {
		sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The registration is incomplete.");
		return NULL;
	}
	sgp_call_enter_customer(call, handle);
	rows = sgp_database_query(call->database, error,
		"SELECT auth_hash, invitation_expires FROM customers WHERE handle = $1 "
		"AND generation = $2 AND state = 'invited'",
		"si", handle, *generation);
	if (rows == NULL)
		return NULL;
	if (sgp_rows_get_count(rows) == 1)
		stored = sgp_rows_dup_bytes(rows, 0, 0);
	if (!compare_auth(auth, stored)) {
		sgp_call_refuse(error, SGP_PROBLEM_WRONG_CODE, "The code is wrong.");
		return NULL;
	}
	if (sgp_rows_get_integer(rows, 0, 1) > call->now)
		return handle;
	sgp_call_refuse(error, SGP_PROBLEM_INVITATION_EXPIRED,
		"The code is right, but the invitation has expired; the office can renew it.");
	return NULL;
}

/**
 * sgp_page_start_registration:
 *
 * POST /p/v1/register/start: OPAQUE's first half for password and answer.
 *
 * Returns: whether the code was right.
 */
gboolean sgp_page_start_registration(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) password = sgp_protocol_dup_b64u(call->json, "password_request");
	g_autoptr(GBytes) answer = sgp_protocol_dup_b64u(call->json, "answer_request");
	g_autoptr(GBytes) password_response = NULL;
	g_autoptr(GBytes) answer_response = NULL;
	const char *handle = NULL;
	gint64 generation = 0;

	if (password == NULL || answer == NULL)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The registration is incomplete.");
	handle = check_code(call, &generation, error);
	if (handle == NULL || !sgp_guard_count_registration(call->portal->guard, handle, generation,
				      call->now, &call->retry_after, error))
		return FALSE;
	password_response = sgp_guard_register(
		call->portal->guard, handle, SGP_GUARD_RECORD_PASSWORD, password, error);
	if (password_response == NULL)
		return FALSE;
	answer_response = sgp_guard_register(
		call->portal->guard, handle, SGP_GUARD_RECORD_ANSWER, answer, error);
	if (answer_response == NULL)
		return FALSE;
	sgp_protocol_set_b64u(sgp_call_begin_answer(call), "password_response", password_response);
	sgp_protocol_set_b64u(call->answer, "answer_response", answer_response);
	return TRUE;
}

typedef struct {
	GBytes *password_record; /* (owned), and so are the others */
	GBytes *answer_record;
	GBytes *password_wrap;
	GBytes *answer_wrap;
	GBytes *mailbox_wrap;
	GBytes *signature_key;
	GBytes *signature_mac;
	GBytes *digest;
	const char *question;
	const char *language;
} Registration;

static void registration_clear(Registration *self)
{
	g_clear_pointer(&self->password_record, g_bytes_unref);
	g_clear_pointer(&self->answer_record, g_bytes_unref);
	g_clear_pointer(&self->password_wrap, g_bytes_unref);
	g_clear_pointer(&self->answer_wrap, g_bytes_unref);
	g_clear_pointer(&self->mailbox_wrap, g_bytes_unref);
	g_clear_pointer(&self->signature_key, g_bytes_unref);
	g_clear_pointer(&self->signature_mac, g_bytes_unref);
	g_clear_pointer(&self->digest, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Registration, registration_clear)

static GBytes *hash_body(GBytes *body)
{
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, g_bytes_get_data(body, NULL), g_bytes_get_size(body));
	return g_bytes_new(hash, sizeof hash);
}

static gboolean read_registration(SgpCall *call, Registration *self, GError **error)
{
	JsonObject *json = call->json;

	self->password_record = sgp_protocol_dup_b64u(json, "password_record");
	self->answer_record = sgp_protocol_dup_b64u(json, "answer_record");
	self->password_wrap = sgp_protocol_dup_b64u(json, "password_wrap");
	self->answer_wrap = sgp_protocol_dup_b64u(json, "answer_wrap");
	self->mailbox_wrap = sgp_protocol_dup_b64u(json, "mailbox_wrap");
	self->signature_key = sgp_protocol_dup_b64u(json, "signature_key");
	self->signature_mac = sgp_protocol_dup_b64u(json, "signature_mac");
	self->question = sgp_protocol_get_text(json, "question");
	self->language = sgp_protocol_get_text(json, "language");
	if (sgp_guard_is_record(self->password_record) &&
		sgp_guard_is_record(self->answer_record) &&
		has_size(self->password_wrap, ROOT_WRAP_SIZE, ROOT_WRAP_SIZE) &&
		has_size(self->answer_wrap, ROOT_WRAP_SIZE, ROOT_WRAP_SIZE) &&
		has_size(self->mailbox_wrap, SGP_PROTOCOL_WRAP_PAGE + SGP_PROTOCOL_WRAP_OVERHEAD,
			MAILBOX_WRAP_LIMIT) &&
		has_size(self->signature_key, 32, SIGNATURE_KEY_LIMIT) &&
		has_size(self->signature_mac, 32, 32) && self->question != NULL &&
		*self->question != '\0' && strlen(self->question) <= QUESTION_LIMIT &&
		(g_strcmp0(self->language, "de") == 0 || g_strcmp0(self->language, "en") == 0)) {
		self->digest = hash_body(call->body);
		return TRUE;
	}
	return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The registration is incomplete.");
}

/* The answer of the first time got lost on its way: the same bytes again are the same registration.
 */
static gboolean is_replay(
	SgpCall *call, const Registration *given, gboolean *replay, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM customers WHERE handle = $1 AND registered_digest = $2", "sb",
		sgp_protocol_get_text(call->json, "handle"), given->digest);

	if (rows == NULL)
		return FALSE;
	*replay = sgp_rows_get_count(rows) == 1;
	return TRUE;
}

static gboolean store_registration(SgpCall *call, const Registration *given, const char *handle,
	gint64 generation, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	gint64 changed = 0;

	/* The code wrap, the proof and the invitation go in the same transaction: a code is good
	 * for one registration, whoever else holds it. */
	if (transaction == NULL ||
		!sgp_database_run(call->database, error, &changed,
			"UPDATE customers SET state = 'registered', password_record = $1, "
			"answer_record = $2, question = $3, password_wrap = $4, answer_wrap = $5, "
			"mailbox_wrap = $6, signature_key = $7, signature_mac = $8, language = $9, "
			"registered = $10, registered_digest = $11, code_wrap = NULL, "
			"auth_hash = NULL, invitation = NULL, invitation_expires = NULL "
			"WHERE handle = $12 AND generation = $13 AND state = 'invited'",
			"bbsbbbbbsibsi", given->password_record, given->answer_record,
			given->question, given->password_wrap, given->answer_wrap,
			given->mailbox_wrap, given->signature_key, given->signature_mac,
			given->language, call->now, given->digest, handle, generation))
		return FALSE;
	if (changed != 1)
		return sgp_call_refuse(error, SGP_PROBLEM_WRONG_CODE, "The code was used already.");
	/* None of a registration before a reset comes to life again. */
	if (!sgp_database_run(call->database, error, NULL, "DELETE FROM sessions WHERE handle = $1",
		    "s", handle) ||
		!sgp_event_add(call->database, call->now, "registered", handle, NULL, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_portal_announce_event(call->portal);
	return TRUE;
}

/**
 * sgp_page_finish_registration:
 *
 * POST /p/v1/register/finish.
 *
 * Returns: whether the customer is registered.
 */
gboolean sgp_page_finish_registration(SgpCall *call, GError **error)
{
	g_auto(Registration) given = { 0 };
	const char *handle = NULL;
	gint64 generation = 0;
	gboolean replay = FALSE;

	if (!read_registration(call, &given, error) || !is_replay(call, &given, &replay, error))
		return FALSE;
	if (!replay) {
		handle = check_code(call, &generation, error);
		if (handle == NULL || !store_registration(call, &given, handle, generation, error))
			return FALSE;
	}
	json_object_set_boolean_member(sgp_call_begin_answer(call), "registered", TRUE);
	return TRUE;
}

static GBytes *dup_device(const SgpCall *call)
{
	g_autofree char *cookie = sgp_call_dup_cookie(call, SGP_DEVICE_COOKIE);

	return sgp_protocol_decode_b64u(cookie);
}

/**
 * sgp_page_start_login:
 *
 * POST /p/v1/login/start: KE2 for everybody, a useless one for accounts that do not exist.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_start_login(SgpCall *call, GError **error)
{
	g_autofree char *address =
		sgp_protocol_canonical_address(sgp_protocol_get_text(call->json, "address"));
	g_autoptr(GBytes) request = sgp_protocol_dup_b64u(call->json, "request");
	g_autoptr(GBytes) device = dup_device(call);
	g_autofree char *handle = NULL;
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(GBytes) record = NULL;
	g_autoptr(GBytes) login = NULL;
	g_autoptr(GBytes) response = NULL;

	if (address == NULL || request == NULL)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Address or login request is missing.");
	handle = sgp_guard_dup_handle(call->portal->guard, address);
	sgp_call_enter_customer(call, handle);
	rows = sgp_database_query(call->database, error,
		"SELECT password_record FROM customers WHERE handle = $1 AND state = 'registered'",
		"s", handle);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 1)
		record = sgp_rows_dup_bytes(rows, 0, 0);
	if (!sgp_guard_start_login(call->portal->guard, handle, record, request, device, call->now,
		    &login, &response, &call->retry_after, error))
		return FALSE;
	sgp_protocol_set_b64u(sgp_call_begin_answer(call), "login", login);
	sgp_protocol_set_b64u(call->answer, "response", response);
	return TRUE;
}

static gboolean answer_login(SgpCall *call, const char *handle, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT address, generation, password_wrap, mailbox_wrap, language FROM customers "
		"WHERE handle = $1 AND state = 'registered'",
		"s", handle);
	g_autoptr(GBytes) password_wrap = NULL;
	g_autoptr(GBytes) mailbox_wrap = NULL;
	JsonObject *answer = NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_WRONG_PASSWORD, "Address or password is wrong.");
	password_wrap = sgp_rows_dup_bytes(rows, 0, 2);
	mailbox_wrap = sgp_rows_dup_bytes(rows, 0, 3);
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "handle", handle);
	sgp_protocol_set_text(answer, "address", sgp_rows_get_text(rows, 0, 0));
	json_object_set_int_member(answer, "generation", sgp_rows_get_integer(rows, 0, 1));
	sgp_protocol_set_b64u(answer, "password_wrap", password_wrap);
	sgp_protocol_set_b64u(answer, "mailbox_wrap", mailbox_wrap);
	sgp_protocol_set_text(answer, "language", sgp_rows_get_text(rows, 0, 4));
	return sgp_customer_add_former_keys(answer, call->database, handle, error) &&
	       sgp_api_add_roster(answer, call->database, error);
}

static gboolean begin_session(SgpCall *call, gpointer data, GError **error)
{
	const SgpGuardLogin *login = data;

	/* It may be another customer's, in a browser that two people use. */
	sgp_call_enter(call, SGP_SCOPE_DOOR);
	if (!sgp_session_store_end_previous(call, error))
		return FALSE;
	sgp_call_enter_customer(call, login->handle);
	return answer_login(call, login->handle, error) &&
	       sgp_session_store_begin(call, login->handle, error);
}

/**
 * sgp_page_finish_login:
 *
 * POST /p/v1/login/finish: the wraps, and a session.
 *
 * Returns: whether the password was right.
 */
gboolean sgp_page_finish_login(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) name = sgp_protocol_dup_b64u(call->json, "login");
	g_autoptr(GBytes) finish = sgp_protocol_dup_b64u(call->json, "finish");
	g_autoptr(SgpGuardLogin) login = NULL;
	g_autofree char *device = NULL;

	if (name == NULL || finish == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The login is incomplete.");
	login = sgp_guard_finish_login(call->portal->guard, name, finish, call->now, error);
	/* The guard has used the login up: from here on only the store's part is repeated. */
	if (login == NULL || !sgp_call_repeat(call, begin_session, login, error))
		return FALSE;
	device = sgp_protocol_encode_b64u(login->device, sizeof login->device);
	sgp_call_set_cookie(call, SGP_DEVICE_COOKIE, device, DEVICE_COOKIE_SECONDS);
	return TRUE;
}

/**
 * sgp_page_log_out:
 *
 * POST /p/v1/logout.
 *
 * Returns: whether the session has ended.
 */
gboolean sgp_page_log_out(SgpCall *call, GError **error)
{
	if (!sgp_session_store_end(call, error))
		return FALSE;
	call->status = 204;
	return TRUE;
}

/**
 * sgp_page_get_session:
 *
 * GET /p/v1/session: does not count as activity, so that a page may ask.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_get_session(SgpCall *call, GError **error)
{
	gint64 left = sgp_session_store_get_idle_left(call, error);
	g_autoptr(SgpRows) rows = NULL;
	JsonObject *answer = NULL;

	if (left < 0)
		return FALSE;
	rows = sgp_database_query(call->database, error,
		"SELECT address, language FROM customers WHERE handle = $1", "s", call->handle);
	if (rows == NULL || sgp_rows_get_count(rows) == 0)
		return rows != NULL &&
		       sgp_call_refuse(error, SGP_PROBLEM_NOT_LOGGED_IN, "Log in first.");
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "handle", call->handle);
	sgp_protocol_set_text(answer, "address", sgp_rows_get_text(rows, 0, 0));
	json_object_set_int_member(answer, "idle_seconds_left", left);
	sgp_protocol_set_text(answer, "language", sgp_rows_get_text(rows, 0, 1));
	return TRUE;
}
