/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A forgotten password: a mailed link, then the answer or the printed code, then leave for one
 * change. What a stranger may learn or burn is the same for every address; every try is counted by
 * the guard before it is evaluated. No GET does anything here. */

#include "sgp-api.h"

#include "sgp-account.h"
#include "sgp-customer.h"
#include "sgp-recovery-queue.h"
#include "sgp-session-store.h"

#include <sodium.h>
#include <string.h>

#define CHANGE_SECONDS (15 * 60)
#define SECRET_SIZE    32

/* What a step works on that sgp_call_repeat() may run again. */
typedef struct {
	char *handle;     /* (owned) (nullable) */
	const char *link; /* the link's token */
	GBytes *recovery; /* (borrowed) (nullable) */
	GBytes *auth;     /* (borrowed) (nullable): proof of the printed code */
	GBytes *record;   /* (owned) (nullable): the answer's */
	SgpGuardRecovery what;
	gboolean by_code;
	gboolean right;
} Attempt;

static void attempt_clear(Attempt *self)
{
	g_free(self->handle);
	g_clear_pointer(&self->record, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Attempt, attempt_clear)

static gboolean has_size(GBytes *bytes, gsize size)
{
	return bytes != NULL && g_bytes_get_size(bytes) == size;
}

static gboolean accept(SgpCall *call)
{
	call->status = 202;
	sgp_call_begin_answer(call);
	return TRUE;
}

static gboolean ask(SgpCall *call, const char *kind, const char *language, GError **error)
{
	g_autofree char *address =
		sgp_protocol_canonical_address(sgp_protocol_get_text(call->json, "address"));
	g_autofree char *handle = NULL;

	if (address == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "This is no address.");
	handle = sgp_guard_dup_handle(call->portal->guard, address);
	sgp_call_enter_customer(call, handle);
	return sgp_recovery_queue_add(call, handle, kind, language, error) && accept(call);
}

/**
 * sgp_page_request_recovery:
 *
 * POST /p/v1/recover/request: a link by mail, if there is somebody to mail it to.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_request_recovery(SgpCall *call, GError **error)
{
	const char *language = sgp_protocol_get_text(call->json, "language");

	if (g_strcmp0(language, "de") != 0 && g_strcmp0(language, "en") != 0)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The language is missing.");
	return ask(call, SGP_RECOVERY_QUEUE_LINK, language, error);
}

/**
 * sgp_page_ask_for_help:
 *
 * POST /p/v1/recover/help: "I do not know the answer" becomes an event for staff.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_ask_for_help(SgpCall *call, GError **error)
{
	return ask(call, SGP_RECOVERY_QUEUE_HELP, "de", error);
}

static gboolean refuse_link(GError **error)
{
	return sgp_call_refuse(error, SGP_PROBLEM_LINK_EXPIRED,
		"This link was used already or is older than ten minutes; ask for a new one.");
}

static gboolean refuse_too_many(GError **error)
{
	return sgp_call_refuse(error, SGP_PROBLEM_TOO_MANY_TRIES,
		"There were too many tries; the office can help.");
}

/* Committed before anything else, so that of two at a time one gets it. */
static gboolean use_link(SgpCall *call, gpointer data, GError **error)
{
	Attempt *attempt = data;
	g_autoptr(GBytes) hash = sgp_token_hash(attempt->link);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(call->database, error,
		"SELECT l.handle FROM recovery_links l JOIN customers c ON c.handle = l.handle "
		"WHERE l.token_hash = $1 AND l.expires > $2 AND c.state = 'registered'",
		"bi", hash, call->now);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return refuse_link(error);
	if (!sgp_database_run(call->database, error, NULL,
		    "DELETE FROM recovery_links WHERE token_hash = $1", "b", hash) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	attempt->handle = g_strdup(sgp_rows_get_text(rows, 0, 0));
	return TRUE;
}

static gboolean freeze(SgpCall *call, const char *handle, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	gboolean frozen = FALSE;

	if (transaction == NULL ||
		!sgp_account_freeze(call->database, call->now, handle, "frozen", &frozen, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (frozen)
		sgp_portal_announce_event(call->portal);
	return TRUE;
}

/* Whether the try may go on. The guard is the truth: an account whose tries are used up freezes
 * now, even if the portal was killed when it was to freeze before. */
static gboolean may_go_on(SgpCall *call, gpointer data, GError **error)
{
	const Attempt *attempt = data;

	switch (attempt->what) {
	case SGP_GUARD_RECOVERY_COUNTED:
		return TRUE;
	case SGP_GUARD_RECOVERY_UNKNOWN:
		return refuse_link(error);
	case SGP_GUARD_RECOVERY_OVER:
		return refuse_too_many(error);
	case SGP_GUARD_RECOVERY_EXHAUSTED:
		return freeze(call, attempt->handle, error) && refuse_too_many(error);
	}
	return refuse_link(error);
}

static gboolean answer_open(SgpCall *call, gpointer data, GError **error)
{
	const Attempt *attempt = data;
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT generation, question, recovery_salt FROM customers WHERE handle = $1 "
		"AND state = 'registered'",
		"s", attempt->handle);
	g_autoptr(GBytes) salt = NULL;
	JsonObject *answer = NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return refuse_link(error);
	salt = sgp_rows_dup_bytes(rows, 0, 2);
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_b64u(answer, "recovery", attempt->recovery);
	sgp_protocol_set_text(answer, "handle", attempt->handle);
	json_object_set_int_member(answer, "generation", sgp_rows_get_integer(rows, 0, 0));
	sgp_protocol_set_text(answer, "question", sgp_rows_get_text(rows, 0, 1));
	sgp_protocol_set_b64u(answer, "recovery_salt", salt);
	return TRUE;
}

/**
 * sgp_page_open_recovery:
 *
 * POST /p/v1/recover/open: uses the link up and begins an episode.
 *
 * Returns: whether it has begun.
 */
gboolean sgp_page_open_recovery(SgpCall *call, GError **error)
{
	g_auto(Attempt) attempt = { .link = sgp_protocol_get_text(call->json, "token") };
	g_autoptr(GBytes) recovery = NULL;
	guint8 random[SECRET_SIZE];

	if (attempt.link == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The token is missing.");
	if (!sgp_call_repeat(call, use_link, &attempt, error))
		return FALSE;
	sgp_call_enter_customer(call, attempt.handle);
	randombytes_buf(random, sizeof random);
	recovery = g_bytes_new(random, sizeof random);
	attempt.recovery = recovery;
	return sgp_guard_begin_recovery(call->portal->guard, attempt.handle, recovery, call->now,
		       &attempt.what, &call->retry_after, error) &&
	       sgp_call_repeat(call, may_go_on, &attempt, error) &&
	       sgp_call_repeat(call, answer_open, &attempt, error);
}

/* The try is counted once; whatever the portal's store does then, it is not counted again. */
static gboolean count_try(SgpCall *call, Attempt *attempt, GError **error)
{
	if (!sgp_guard_count_recovery(call->portal->guard, attempt->recovery, call->now,
		    &attempt->what, &attempt->handle, error))
		return FALSE;
	if (attempt->handle != NULL)
		sgp_call_enter_customer(call, attempt->handle);
	return sgp_call_repeat(call, may_go_on, attempt, error);
}

static gboolean load_record(SgpCall *call, gpointer data, GError **error)
{
	Attempt *attempt = data;
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT answer_record FROM customers WHERE handle = $1 AND state = 'registered'",
		"s", attempt->handle);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 1)
		attempt->record = sgp_rows_dup_bytes(rows, 0, 0);
	return TRUE;
}

/**
 * sgp_page_start_recovery:
 *
 * POST /p/v1/recover/start: KE2 over the answer's record.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_start_recovery(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) recovery = sgp_protocol_dup_b64u(call->json, "recovery");
	g_autoptr(GBytes) request = sgp_protocol_dup_b64u(call->json, "request");
	g_auto(Attempt) attempt = { .recovery = recovery };
	g_autoptr(GBytes) login = NULL;
	g_autoptr(GBytes) response = NULL;

	if (!has_size(recovery, SECRET_SIZE) || request == NULL)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The recovery is incomplete.");
	if (!count_try(call, &attempt, error) ||
		!sgp_call_repeat(call, load_record, &attempt, error) ||
		!sgp_guard_start_recovery(call->portal->guard, attempt.handle, attempt.record,
			request, call->now, &login, &response, error))
		return FALSE;
	sgp_protocol_set_b64u(sgp_call_begin_answer(call), "login", login);
	sgp_protocol_set_b64u(call->answer, "response", response);
	return TRUE;
}

/* Which wrap the customer can open: the one of the answer, or the one of the printed code. */
static SgpRows *load_account(SgpCall *call, const char *handle, gboolean by_code, GError **error)
{
	if (by_code)
		return sgp_database_query(call->database, error,
			"SELECT address, generation, language, mailbox_wrap, recovery_wrap "
			"FROM customers WHERE handle = $1 AND state = 'registered' "
			"AND recovery_wrap IS NOT NULL",
			"s", handle);
	return sgp_database_query(call->database, error,
		"SELECT address, generation, language, mailbox_wrap, answer_wrap FROM customers "
		"WHERE handle = $1 AND state = 'registered'",
		"s", handle);
}

static gboolean refuse_proof(gboolean by_code, GError **error)
{
	if (by_code)
		return sgp_call_refuse(error, SGP_PROBLEM_WRONG_CODE, "The code is wrong.");
	return sgp_call_refuse(error, SGP_PROBLEM_WRONG_ANSWER, "The answer is wrong.");
}

static gboolean describe_account(
	SgpCall *call, const char *handle, const SgpRows *rows, const char *change, GError **error)
{
	JsonObject *answer = sgp_call_begin_answer(call);
	g_autoptr(GBytes) mailbox_wrap = sgp_rows_dup_bytes(rows, 0, 3);
	g_autoptr(GBytes) root_wrap = sgp_rows_dup_bytes(rows, 0, 4);

	sgp_protocol_set_text(answer, "handle", handle);
	sgp_protocol_set_text(answer, "address", sgp_rows_get_text(rows, 0, 0));
	json_object_set_int_member(answer, "generation", sgp_rows_get_integer(rows, 0, 1));
	sgp_protocol_set_text(answer, "language", sgp_rows_get_text(rows, 0, 2));
	sgp_protocol_set_b64u(answer, "mailbox_wrap", mailbox_wrap);
	sgp_protocol_set_b64u(answer, "root_wrap", root_wrap);
	sgp_protocol_set_text(answer, "change", change);
	return sgp_api_add_roster(answer, call->database, error);
}

/* The proof was right: the wraps, and leave for one change of the password. */
static gboolean let_in(SgpCall *call, const char *handle, gboolean by_code, GError **error)
{
	g_autofree char *change = NULL;
	g_autoptr(GBytes) hash = sgp_token_new(&change);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) rows =
		transaction != NULL ? load_account(call, handle, by_code, error) : NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return refuse_proof(by_code, error);
	return sgp_database_run(call->database, error, NULL,
		       "INSERT INTO recovery_changes (change_hash, handle, expires) "
		       "VALUES ($1, $2, $3)",
		       "bsi", hash, handle, call->now + CHANGE_SECONDS) &&
	       describe_account(call, handle, rows, change, error) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean keep_out(SgpCall *call, const char *handle, gboolean by_code, GError **error)
{
	gboolean exhausted = FALSE;

	if (handle != NULL &&
		(!sgp_guard_is_exhausted(call->portal->guard, handle, &exhausted, error) ||
			(exhausted && !freeze(call, handle, error))))
		return FALSE;
	return refuse_proof(by_code, error);
}

static gboolean conclude(SgpCall *call, gpointer data, GError **error)
{
	const Attempt *attempt = data;

	return attempt->right ? let_in(call, attempt->handle, attempt->by_code, error)
			      : keep_out(call, attempt->handle, attempt->by_code, error);
}

/**
 * sgp_page_finish_recovery:
 *
 * POST /p/v1/recover/finish.
 *
 * Returns: whether the answer was right.
 */
gboolean sgp_page_finish_recovery(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) login = sgp_protocol_dup_b64u(call->json, "login");
	g_autoptr(GBytes) finish = sgp_protocol_dup_b64u(call->json, "finish");
	g_auto(Attempt) attempt = { 0 };

	if (login == NULL || finish == NULL)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The recovery is incomplete.");
	/* The guard has used the login up: from here on only the store's part is repeated. */
	if (!sgp_guard_finish_recovery(call->portal->guard, login, finish, call->now,
		    &attempt.handle, &attempt.right, error))
		return FALSE;
	if (attempt.handle != NULL)
		sgp_call_enter_customer(call, attempt.handle);
	return sgp_call_repeat(call, conclude, &attempt, error);
}

/* Compared in constant time, also with nothing: who has no printed code has a wrong one. */
static gboolean compare_code(SgpCall *call, gpointer data, GError **error)
{
	Attempt *attempt = data;
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT recovery_hash FROM customers WHERE handle = $1 AND state = 'registered' "
		"AND recovery_hash IS NOT NULL",
		"s", attempt->handle);
	g_autoptr(GBytes) stored = NULL;
	guint8 hash[crypto_hash_sha256_BYTES];

	if (rows == NULL)
		return FALSE;
	stored = sgp_rows_get_count(rows) == 1 ? sgp_rows_dup_bytes(rows, 0, 0)
					       : sgp_guard_dup_decoy(call->portal->guard,
							 attempt->handle, "code", sizeof hash);
	crypto_hash_sha256(
		hash, g_bytes_get_data(attempt->auth, NULL), g_bytes_get_size(attempt->auth));
	attempt->right = has_size(stored, sizeof hash) &&
			 sodium_memcmp(hash, g_bytes_get_data(stored, NULL), sizeof hash) == 0;
	return TRUE;
}

/**
 * sgp_page_recover_by_code:
 *
 * POST /p/v1/recover/code: the printed code instead of the answer.
 *
 * Returns: whether the code was right.
 */
gboolean sgp_page_recover_by_code(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) recovery = sgp_protocol_dup_b64u(call->json, "recovery");
	g_autoptr(GBytes) auth = sgp_protocol_dup_b64u(call->json, "auth");
	g_auto(Attempt) attempt = { .recovery = recovery, .auth = auth, .by_code = TRUE };

	if (!has_size(recovery, SECRET_SIZE) || !has_size(auth, 32))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The recovery is incomplete.");
	return count_try(call, &attempt, error) &&
	       sgp_call_repeat(call, compare_code, &attempt, error) &&
	       (!attempt.right ||
		       sgp_guard_reward_recovery(call->portal->guard, attempt.handle, error)) &&
	       sgp_call_repeat(call, conclude, &attempt, error);
}
