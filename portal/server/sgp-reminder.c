/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is to be reminded: customers of messages that wait unread for a week and for two, then the
 * staff; and once a day the staff, in numbers. It queues, once for each cause, and sends nothing.
 */

#include "sgp-reminder.h"

#include "sgp-message-store.h"

#define DAY       (G_GINT64_CONSTANT(24) * 60 * 60)
#define PAGE      200
#define MAX_TRIES 5

/* $1: a week ago, $2: two weeks ago. After a long standstill the second reminder still comes a week
 * after the first. */
#define IS_DUE                                                                                     \
	"folder = 'inbox' AND state = 'published' AND read_at IS NULL AND reminders_over = 0 "     \
	"AND ((reminded = 0 AND received <= $1) "                                                  \
	"OR (reminded = 1 AND received <= $2 AND reminded_at <= $1))"

/* One mail for all that is unread; a notice or reminder that still waits stands for it too. */
static gboolean queue_reminder(
	SgpPortal *portal, SgpDatabase *database, const char *handle, gint64 now, GError **error)
{
	gint64 week = now - 7 * DAY;
	gint64 weeks = now - 14 * DAY;
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	g_autoptr(SgpRows) rows = NULL;
	g_autofree char *id = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(database, error,
		"SELECT id, reminded FROM messages WHERE " IS_DUE " AND handle = $3 "
		"ORDER BY received, id LIMIT 1",
		"iis", week, weeks, handle);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return TRUE;
	id = g_strdup_printf("reminder-%" G_GINT64_FORMAT "-%s",
		sgp_rows_get_integer(rows, 0, 1) + 1, sgp_rows_get_text(rows, 0, 0));
	return sgp_database_run(database, error, NULL,
		       "INSERT INTO outbox (id, kind, handle, recipient, message, state, queued, "
		       "due) SELECT $1, 'reminder', handle, address, $2, 'queued', $3, "
		       "CASE WHEN notified + $4 > $3 THEN notified + $4 ELSE $3 END "
		       "FROM customers WHERE handle = $5 AND NOT EXISTS (SELECT 1 FROM outbox o "
		       "WHERE o.handle = $5 AND o.state = 'queued' "
		       "AND o.kind IN ('notice', 'reminder')) ON CONFLICT (id) DO NOTHING",
		       "ssiis", id, sgp_rows_get_text(rows, 0, 0), now,
		       portal->config->notice_seconds, handle) &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE messages SET reminded = reminded + 1, reminded_at = $4 "
		       "WHERE " IS_DUE " AND handle = $3",
		       "iisi", week, weeks, handle, now) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean queue_reminders(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT DISTINCT handle FROM messages WHERE " IS_DUE " AND EXISTS "
		"(SELECT 1 FROM customers c WHERE c.handle = messages.handle "
		"AND c.state IN ('invited', 'registered')) LIMIT $3",
		"iii", now - 7 * DAY, now - 14 * DAY, (gint64)PAGE);

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		if (!queue_reminder(portal, database, sgp_rows_get_text(rows, i, 0), now, error))
			return FALSE;
	}
	return TRUE;
}

/* A day after the second reminder: a letter may still come before an invitation runs out. */
static gboolean give_up(SgpDatabase *database, gint64 now, guint *given, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(database, error,
		"SELECT id, handle FROM messages WHERE folder = 'inbox' AND state = 'published' "
		"AND read_at IS NULL AND reminders_over = 0 AND reminded >= 2 "
		"AND reminded_at <= $1 ORDER BY received, id LIMIT $2",
		"ii", now - DAY, (gint64)PAGE);
	if (rows == NULL)
		return FALSE;
	*given = sgp_rows_get_count(rows);
	for (guint i = 0; i < *given; i++) {
		const char *id = sgp_rows_get_text(rows, i, 0);

		if (!sgp_database_run(database, error, NULL,
			    "UPDATE messages SET reminders_over = 2 WHERE id = $1", "s", id) ||
			!sgp_event_add(database, now, "not-collected",
				sgp_rows_get_text(rows, i, 1), id, error))
			return FALSE;
	}
	return sgp_transaction_commit(transaction, error);
}

/* One mail for each staff member and day, at the hour that the administrator set, local time. */
static gboolean queue_digests(SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(GDateTime) local = g_date_time_new_from_unix_local(now);
	g_autofree char *day = g_date_time_format(local, "%Y-%m-%d");
	g_autofree char *prefix = g_strdup_printf("digest-%s-", day);
	int minute = g_date_time_get_hour(local) * 60 + g_date_time_get_minute(local);
	g_autoptr(SgpTransaction) transaction = NULL;

	if (portal->config->digest_minute < 0 || minute < portal->config->digest_minute)
		return TRUE;
	transaction = sgp_transaction_begin(database, error);
	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "INSERT INTO outbox (id, kind, handle, recipient, message, state, queued, "
		       "due) SELECT $1 || s.address, 'digest', '', s.address, $2, 'queued', $3, $3 "
		       "FROM staff s WHERE EXISTS (SELECT 1 FROM devices d "
		       "WHERE d.staff = s.address AND d.revoked = 0 AND d.state = 'approved') "
		       "ON CONFLICT (id) DO NOTHING",
		       "ssi", prefix, day, now) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean queue_all(
	SgpPortal *portal, SgpDatabase *database, gint64 now, guint *given, GError **error)
{
	return queue_reminders(portal, database, now, error) &&
	       give_up(database, now, given, error) && queue_digests(portal, database, now, error);
}

/**
 * sgp_reminder_queue_due_sync:
 * @now: seconds since 1970
 *
 * Queues what is due, for one thread of one node at a time.
 *
 * Returns: whether everything could be looked at.
 */
gboolean sgp_reminder_queue_due_sync(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	guint given = 0;

	for (guint tries = 1;; tries++) {
		g_autoptr(GError) problem = NULL;

		if (queue_all(portal, database, now, &given, &problem))
			break;
		if (tries == MAX_TRIES || !database->can_repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
	}
	if (given > 0)
		sgp_portal_announce_event(portal);
	return TRUE;
}
