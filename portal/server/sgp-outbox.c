/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is to be mailed, written in the transaction of its cause, so that there is never one without
 * the other. It composes and sends nothing; the mailer does. */

#include "sgp-outbox.h"

#include <string.h>

static gboolean add(SgpCall *call, const char *id, const char *kind, const char *handle,
	const char *recipient, const char *message, gint64 due, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO outbox (id, kind, handle, recipient, message, state, queued, due) "
		"VALUES ($1, $2, $3, $4, $5, 'queued', $6, $7) ON CONFLICT (id) DO NOTHING",
		"sssssii", id, kind, handle, recipient, message, call->now, due);
}

static gboolean set_notice(SgpCall *call, const char *message, const char *notice, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		"UPDATE messages SET notice = $1 WHERE id = $2", "ss", notice, message);
}

/**
 * sgp_outbox_add_notice:
 *
 * Queues the notice of a message that becomes visible: at most one per customer and interval; one
 * that still waits stands for this message too. Within the caller's transaction.
 *
 * Returns: whether it is queued.
 */
gboolean sgp_outbox_add_notice(
	SgpCall *call, const char *handle, const char *message, GError **error)
{
	g_autofree char *id = g_strconcat("notice-", message, NULL);
	g_autoptr(SgpRows) waiting = sgp_database_query(call->database, error,
		"SELECT id FROM outbox WHERE handle = $1 AND kind = 'notice' AND state = 'queued'",
		"s", handle);
	g_autoptr(SgpRows) customer = NULL;
	gint64 due = 0;

	if (waiting == NULL)
		return FALSE;
	if (sgp_rows_get_count(waiting) > 0)
		return set_notice(call, message, sgp_rows_get_text(waiting, 0, 0), error);
	customer = sgp_database_query(call->database, error,
		"SELECT address, notified FROM customers WHERE handle = $1", "s", handle);
	if (customer == NULL)
		return FALSE;
	if (sgp_rows_get_count(customer) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such customer.");
	due = sgp_rows_get_integer(customer, 0, 1) + call->portal->config->notice_seconds;
	return add(call, id, "notice", handle, sgp_rows_get_text(customer, 0, 0), message,
		       MAX(due, call->now), error) &&
	       set_notice(call, message, id, error);
}

/**
 * sgp_outbox_add_reply:
 *
 * Queues the delivery of a customer's message to the staff member. Within the caller's transaction.
 *
 * Returns: whether it is queued.
 */
gboolean sgp_outbox_add_reply(SgpCall *call, const char *handle, const char *message,
	const char *recipient, GError **error)
{
	g_autofree char *id = g_strconcat("reply-", message, NULL);

	return add(call, id, "reply", handle, recipient, message, call->now, error);
}
