/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages as the agents see them: store, publish, look, take back; and the events that they wait
 * for. Publishing is one transaction with the notice that it causes. */

#include "sgp-api.h"

#include "sgp-blob.h"
#include "sgp-message-store.h"
#include "sgp-outbox.h"

#include <string.h>

#define EVENTS_PAGE 200

static gboolean check_customer(SgpCall *call, const char *handle, GError **error)
{
	g_autoptr(SgpRows) rows = NULL;

	if (!sgp_protocol_is_handle(handle))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The customer is missing.");
	rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM customers WHERE handle = $1 AND state <> 'deleted'", "s", handle);
	if (rows == NULL)
		return FALSE;
	return sgp_rows_get_count(rows) == 1 ||
	       sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such customer.");
}

static gboolean answer_state(SgpCall *call, const char *state, guint status)
{
	call->status = status;
	sgp_protocol_set_text(sgp_call_begin_answer(call), "state", state);
	return TRUE;
}

/**
 * sgp_api_put_message:
 *
 * PUT /api/v1/messages/{id}.
 *
 * Returns: whether the message is stored.
 */
gboolean sgp_api_put_message(SgpCall *call, GError **error)
{
	g_auto(SgpNewMessage) message = { .folder = "inbox", .staff = call->staff };
	g_autoptr(SgpTransaction) transaction = NULL;
	SgpStored stored = SGP_STORED_NOT;

	if (!sgp_new_message_read(&message, call, error))
		return FALSE;
	message.handle = sgp_protocol_get_text(call->json, "customer");
	if (!check_customer(call, message.handle, error))
		return FALSE;
	stored = sgp_message_store_check(call, &message, error);
	if (stored == SGP_STORED_NOT)
		return FALSE;
	if (stored == SGP_STORED_BEFORE)
		return answer_state(call, "stored", 200);
	transaction = sgp_transaction_begin(call->database, error);
	if (transaction == NULL)
		return FALSE;
	stored = sgp_message_store_find(call, &message, error);
	if (stored == SGP_STORED_BEFORE)
		return answer_state(call, "stored", 200);
	if (stored == SGP_STORED_NOT ||
		!sgp_message_store_insert(call, &message, "stored", 0, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_message_store_drop_small(call, &message);
	return answer_state(call, "stored", 201);
}

/* Messages belong to the office: every staff member may see their state, so that a colleague can
 * stand in. */
static SgpRows *load_message(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT m.handle, m.state, m.expires, m.read_at, o.sent FROM messages m "
		"LEFT JOIN outbox o ON o.id = m.notice WHERE m.id = $1 AND m.folder = 'inbox'",
		"s", call->params[0]);

	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such message.");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

static gboolean publish(SgpCall *call, const char *handle, gint64 expires, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		       "UPDATE messages SET state = 'published', received = $1, expires = $2 "
		       "WHERE id = $3",
		       "iis", call->now, expires, call->params[0]) &&
	       sgp_outbox_add_notice(call, handle, call->params[0], error);
}

/**
 * sgp_api_publish:
 *
 * POST /api/v1/messages/{id}:publish: visible and the notice queued, in one transaction; again is
 * the same answer and no second notice.
 *
 * Returns: whether it is published.
 */
gboolean sgp_api_publish(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) rows = transaction != NULL ? load_message(call, error) : NULL;
	gint64 retention = 0;
	gint64 expires = 0;
	const char *state = NULL;

	if (rows == NULL)
		return FALSE;
	state = sgp_rows_get_text(rows, 0, 1);
	expires = sgp_rows_get_integer(rows, 0, 2);
	if (strcmp(state, "stored") == 0) {
		retention = sgp_message_store_get_retention(call->database, error);
		expires = call->now + retention;
		if (retention < 0 ||
			!publish(call, sgp_rows_get_text(rows, 0, 0), expires, error) ||
			!sgp_transaction_commit(transaction, error))
			return FALSE;
		sgp_portal_announce_mail(call->portal);
	} else if (strcmp(state, "published") != 0) {
		return sgp_call_refuse(
			error, SGP_PROBLEM_CONFLICT, "The message was taken back or has expired.");
	}
	answer_state(call, "published", 200);
	json_object_set_int_member(call->answer, "expires", expires);
	return TRUE;
}

static void set_time(JsonObject *answer, const char *name, const SgpRows *rows, guint column)
{
	if (sgp_rows_is_null(rows, 0, column))
		json_object_set_null_member(answer, name);
	else
		json_object_set_int_member(answer, name, sgp_rows_get_integer(rows, 0, column));
}

/**
 * sgp_api_get_message:
 *
 * GET /api/v1/messages/{id}.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_get_message(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = load_message(call, error);
	JsonObject *answer = NULL;

	if (rows == NULL)
		return FALSE;
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "id", call->params[0]);
	sgp_protocol_set_text(answer, "customer", sgp_rows_get_text(rows, 0, 0));
	sgp_protocol_set_text(answer, "state", sgp_rows_get_text(rows, 0, 1));
	set_time(answer, "expires", rows, 2);
	set_time(answer, "read_at", rows, 3);
	set_time(answer, "notified_at", rows, 4);
	return TRUE;
}

/**
 * sgp_api_revoke:
 *
 * DELETE /api/v1/messages/{id}: takes the message back. Whoever has read it has read it.
 *
 * Returns: whether it is gone.
 */
gboolean sgp_api_revoke(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) rows = transaction != NULL ? load_message(call, error) : NULL;
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

	if (rows == NULL)
		return FALSE;
	if (strcmp(sgp_rows_get_text(rows, 0, 1), "expired") == 0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_CONFLICT, "The message has expired already.");
	if (!sgp_message_store_erase(call->database, call->params[0], "revoked", files, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	for (guint i = 0; i < files->len; i++)
		sgp_blob_remove(call->portal, files->pdata[i]);
	return answer_state(call, "revoked", 200);
}

static gboolean read_number(const SgpCall *call, const char *name, gint64 *value)
{
	const char *text = sgp_call_get_query(call, name);
	guint64 number = 0;

	if (text == NULL)
		return TRUE;
	if (!g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &number, NULL))
		return FALSE;
	*value = (gint64)number;
	return TRUE;
}

static void add_events(JsonObject *answer, const SgpRows *rows, gint64 last)
{
	JsonArray *list = json_array_new();

	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		JsonObject *one = json_object_new();

		last = sgp_rows_get_integer(rows, i, 0);
		json_object_set_int_member(one, "id", last);
		json_object_set_int_member(one, "time", sgp_rows_get_integer(rows, i, 1));
		sgp_protocol_set_text(one, "type", sgp_rows_get_text(rows, i, 2));
		/* A device that waits for approval is nobody's. */
		sgp_protocol_set_text(one, "customer",
			*sgp_rows_get_text(rows, i, 3) != '\0' ? sgp_rows_get_text(rows, i, 3)
							       : NULL);
		sgp_protocol_set_text(one, "address", sgp_rows_get_text(rows, i, 4));
		sgp_protocol_set_text(one, "message", sgp_rows_get_text(rows, i, 5));
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(answer, "events", list);
	json_object_set_int_member(answer, "last", last);
}

/**
 * sgp_api_get_events:
 *
 * GET /api/v1/events?after=N&wait=25: answers at once if there is something, else when there is, or
 * with nothing after @wait seconds.
 *
 * Returns: whether it was answered or is to wait.
 */
gboolean sgp_api_get_events(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = NULL;
	gint64 after = 0;
	gint64 wait = 0;

	if (!read_number(call, "after", &after) || !read_number(call, "wait", &wait))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "after and wait must be numbers.");
	rows = sgp_database_query(call->database, error,
		"SELECT id, time, type, handle, address, message FROM events WHERE id > $1 "
		"ORDER BY id LIMIT $2",
		"ii", after, (gint64)EVENTS_PAGE);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0 && wait > 0 && !call->no_more_waiting) {
		call->wait = TRUE;
		return TRUE;
	}
	add_events(sgp_call_begin_answer(call), rows, after);
	return TRUE;
}
