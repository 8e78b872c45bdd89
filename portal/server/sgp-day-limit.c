/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How much one customer may cause in 24 hours, so that a password in the wrong hands, or a program,
 * fills neither the disk nor the staff's inbox (threat 16; tests "a customer's mails have a limit a
 * day" and "changes of keys have a limit a day"). Far more than people need. It only counts. */

#include "sgp-day-limit.h"

#define DAY_SECONDS (G_GINT64_CONSTANT(24) * 60 * 60)
#define MAILS       100
#define FULL_MAILS  10 /* of the largest size, together */
#define KEY_CHANGES 40

static gboolean refuse(SgpCall *call, gint64 oldest, const char *why, GError **error)
{
	call->retry_after = MAX(oldest + DAY_SECONDS - call->now, G_GINT64_CONSTANT(1));
	return sgp_call_refuse(error, SGP_PROBLEM_TOO_MANY_TRIES, why);
}

/**
 * sgp_day_limit_check_mail:
 * @size: bytes of the mail that is to be sent
 *
 * Within the caller's transaction, which sends it: of many at once none goes over the limit.
 *
 * Returns: whether the customer may send one more.
 */
gboolean sgp_day_limit_check_mail(SgpCall *call, gint64 size, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT), "
		"COALESCE(MIN(received), $2) FROM messages "
		"WHERE handle = $1 AND folder = 'sent' AND received > $2",
		"si", call->handle, call->now - DAY_SECONDS);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_integer(rows, 0, 0) < MAILS &&
		sgp_rows_get_integer(rows, 0, 1) + size <=
			FULL_MAILS * call->portal->config->message_limit)
		return TRUE;
	return refuse(call, sgp_rows_get_integer(rows, 0, 2),
		"That is as much as one customer may send in a day.", error);
}

/**
 * sgp_day_limit_check_keys:
 *
 * Each change is an event that every agent of the office reads. Within the caller's transaction.
 *
 * Returns: whether the customer may deposit or remove one more key.
 */
gboolean sgp_day_limit_check_keys(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT COUNT(*), COALESCE(MIN(time), $2) FROM events "
		"WHERE handle = $1 AND time > $2 AND type IN ('key-deposited', 'key-removed')",
		"si", call->handle, call->now - DAY_SECONDS);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_integer(rows, 0, 0) < KEY_CHANGES)
		return TRUE;
	return refuse(call, sgp_rows_get_integer(rows, 0, 1),
		"That is as often as keys may change in a day.", error);
}
