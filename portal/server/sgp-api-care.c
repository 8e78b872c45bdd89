/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What staff do with customers: renew, reset, freeze, erase, list; and keep a message longer. The
 * portal cannot know whether a customer was who they said, so it asks for the record of that check
 * and keeps its hash (threat 14). */

#include "sgp-api.h"

#include "sgp-account.h"
#include "sgp-customer.h"
#include "sgp-invitation.h"
#include "sgp-message-store.h"

#include <string.h>

#define CUSTOMERS_PAGE 100
#define DAY            (G_GINT64_CONSTANT(24) * 60 * 60)
#define MAXIMAL_DAYS   3650

static gboolean refuse_state(GError **error)
{
	return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
		"The customer's state does not allow this, or has changed; look again.");
}

static gboolean is_state(const SgpRows *stored, const char *one, const char *other)
{
	const char *state =
		sgp_rows_get_count(stored) == 1 ? sgp_rows_get_text(stored, 0, 0) : NULL;

	return g_strcmp0(state, one) == 0 || g_strcmp0(state, other) == 0;
}

/* Both re-wrap the mailbox key that is there: another one would make everything unreadable. */
static gboolean may_follow(const SgpInvitation *given, const SgpRows *stored)
{
	return given->generation == sgp_rows_get_integer(stored, 0, 1) + 1 &&
	       strcmp(sgp_rows_get_text(stored, 0, 5), given->mailbox_key) == 0;
}

/**
 * sgp_api_renew_invitation:
 *
 * POST /api/v1/customers/{handle}:renew-invitation: a new code for who has not registered yet.
 *
 * Returns: whether the customer is invited anew.
 */
gboolean sgp_api_renew_invitation(SgpCall *call, GError **error)
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
	if (!is_state(stored, "invited", NULL) || !may_follow(&given, stored))
		return refuse_state(error);
	return sgp_invitation_store(call, &given, error) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean was_reset(SgpCall *call, const char *record, gboolean *same, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM customers WHERE handle = $1 AND identity_record = $2", "ss",
		call->params[0], record);

	if (rows == NULL)
		return FALSE;
	*same = sgp_rows_get_count(rows) == 1;
	return TRUE;
}

/**
 * sgp_api_reset:
 *
 * POST /api/v1/customers/{handle}:reset: a new code for the same mailbox; nothing of the mail is
 * lost, and nobody who was in stays in.
 *
 * Returns: whether the customer is invited anew.
 */
gboolean sgp_api_reset(SgpCall *call, GError **error)
{
	const char *record = sgp_protocol_get_text(call->json, "identity_record");
	g_auto(SgpInvitation) given = { 0 };
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) stored = NULL;
	gboolean same = FALSE;

	if (!sgp_protocol_is_sha256_hex(record))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The record of how the customer was identified is missing.");
	if (!sgp_invitation_read(call, &given, error))
		return FALSE;
	transaction = sgp_transaction_begin(call->database, error);
	stored = transaction != NULL ? sgp_invitation_load(call, error) : NULL;
	if (stored == NULL || !was_reset(call, record, &same, error))
		return FALSE;
	if (same && sgp_invitation_is_stored(call, &given, stored))
		return TRUE;
	if (!is_state(stored, "registered", "frozen") || !may_follow(&given, stored))
		return refuse_state(error);
	if (!sgp_account_reset(call->database, call->params[0], record, error) ||
		!sgp_invitation_store(call, &given, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_account_do_chores(call->portal, call->database);
	return TRUE;
}

static gboolean answer_state(SgpCall *call, const char *state)
{
	sgp_protocol_set_text(sgp_call_begin_answer(call), "state", state);
	return TRUE;
}

/**
 * sgp_api_freeze:
 *
 * POST /api/v1/customers/{handle}:freeze: nobody gets in, and those who are in are out.
 *
 * Returns: whether the account is frozen.
 */
gboolean sgp_api_freeze(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) stored = transaction != NULL ? sgp_invitation_load(call, error) : NULL;
	gboolean frozen = FALSE;

	if (stored == NULL)
		return FALSE;
	if (!is_state(stored, "registered", "frozen"))
		return refuse_state(error);
	/* No event: it is staff who do it. */
	return sgp_account_freeze(
		       call->database, call->now, call->params[0], NULL, &frozen, error) &&
	       sgp_transaction_commit(transaction, error) && answer_state(call, "frozen");
}

/**
 * sgp_api_unfreeze:
 *
 * POST /api/v1/customers/{handle}:unfreeze: as before, with all tries again.
 *
 * Returns: whether the customer can log in.
 */
gboolean sgp_api_unfreeze(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) stored = transaction != NULL ? sgp_invitation_load(call, error) : NULL;

	if (stored == NULL)
		return FALSE;
	if (!is_state(stored, "registered", "frozen"))
		return refuse_state(error);
	if (is_state(stored, "frozen", NULL)) {
		if (!sgp_database_run(call->database, error, NULL,
			    "UPDATE customers SET state = 'registered' WHERE handle = $1", "s",
			    call->params[0]) ||
			!sgp_account_add_chore(
				call->database, call->params[0], SGP_GUARD_FORGET_TRIES, error) ||
			!sgp_transaction_commit(transaction, error))
			return FALSE;
		sgp_account_do_chores(call->portal, call->database);
	}
	return answer_state(call, "registered");
}

/**
 * sgp_api_erase:
 *
 * POST /api/v1/customers/{handle}:erase: as the customer's own deletion; again is the same answer.
 *
 * Returns: whether the account is gone.
 */
gboolean sgp_api_erase(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) stored = sgp_invitation_load(call, error);

	if (stored == NULL)
		return FALSE;
	if (sgp_rows_get_count(stored) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such customer.");
	if (!sgp_page_erase(call, call->params[0], error))
		return FALSE;
	return answer_state(call, sgp_customer_state_get_word(SGP_CUSTOMER_NONE));
}

static void set_time(
	JsonObject *one, const char *name, const SgpRows *rows, guint row, guint column)
{
	if (sgp_rows_is_null(rows, row, column))
		json_object_set_null_member(one, name);
	else
		json_object_set_int_member(one, name, sgp_rows_get_integer(rows, row, column));
}

static JsonObject *describe_row(SgpCall *call, const SgpRows *rows, guint i, GError **error)
{
	JsonObject *one = json_object_new();

	sgp_protocol_set_text(one, "handle", sgp_rows_get_text(rows, i, 0));
	sgp_protocol_set_text(one, "address", sgp_rows_get_text(rows, i, 1));
	set_time(one, "registered", rows, i, 2);
	set_time(one, "seen", rows, i, 3);
	json_object_set_int_member(one, "unread", sgp_rows_get_integer(rows, i, 4));
	set_time(one, "oldest_unread", rows, i, 5);
	if (sgp_customer_describe(
		    one, call->database, sgp_rows_get_text(rows, i, 0), call->now, error))
		return one;
	json_object_unref(one);
	return NULL;
}

/**
 * sgp_api_list_customers:
 *
 * GET /api/v1/customers?after=handle: in the order of handles, 100 a page.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_list_customers(SgpCall *call, GError **error)
{
	const char *after = sgp_call_get_query(call, "after");
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(JsonArray) list = json_array_new();

	if (after != NULL && *after != '\0' && !sgp_protocol_is_handle(after))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "after is no handle.");
	rows = sgp_database_query(call->database, error,
		"SELECT c.handle, c.address, c.registered, c.seen, COUNT(m.id), MIN(m.received) "
		"FROM customers c LEFT JOIN messages m ON m.handle = c.handle "
		"AND m.folder = 'inbox' AND m.state = 'published' AND m.read_at IS NULL "
		"AND m.expires > $2 WHERE c.handle > $1 AND c.state <> 'deleted' "
		"GROUP BY c.handle, c.address, c.registered, c.seen ORDER BY c.handle LIMIT $3",
		"sii", after != NULL ? after : "", call->now, (gint64)CUSTOMERS_PAGE);
	for (guint i = 0; rows != NULL && i < sgp_rows_get_count(rows); i++) {
		JsonObject *one = describe_row(call, rows, i, error);

		if (one == NULL)
			return FALSE;
		json_array_add_object_element(list, one);
	}
	if (rows == NULL)
		return FALSE;
	json_object_set_array_member(
		sgp_call_begin_answer(call), "customers", g_steal_pointer(&list));
	return TRUE;
}

/**
 * sgp_api_extend:
 *
 * POST /api/v1/messages/{id}:extend: so many days more than it has now; ten years from today at
 * most.
 *
 * Returns: whether the message is kept that long.
 */
gboolean sgp_api_extend(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) rows = NULL;
	gint64 days = 0;
	gint64 expires = 0;

	if (!sgp_protocol_get_integer(call->json, "days", &days) || days < 1 || days > MAXIMAL_DAYS)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "days must be between 1 and 3650.");
	transaction = sgp_transaction_begin(call->database, error);
	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(call->database, error,
		"SELECT state, expires FROM messages WHERE id = $1 AND folder = 'inbox'", "s",
		call->params[0]);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such message.");
	if (strcmp(sgp_rows_get_text(rows, 0, 0), "published") != 0 ||
		sgp_rows_get_integer(rows, 0, 1) <= call->now)
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"The message is not published, was taken back or has expired.");
	expires =
		MIN(sgp_rows_get_integer(rows, 0, 1) + days * DAY, call->now + MAXIMAL_DAYS * DAY);
	if (!sgp_database_run(call->database, error, NULL,
		    "UPDATE messages SET expires = $1 WHERE id = $2", "is", expires,
		    call->params[0]) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	json_object_set_int_member(sgp_call_begin_answer(call), "expires", expires);
	return TRUE;
}
