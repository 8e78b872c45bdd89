/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What anybody may ask for by address: a mailed link, or help. The request is noted for every
 * address alike, and who it is, is looked up later by the mailer's thread: so neither form nor time
 * of the answer tells (threat 9; test "known and unknown addresses take the same time"). It sends
 * nothing itself. */

#include "sgp-recovery-queue.h"

#include "sgp-message-store.h"

#include <string.h>

#define BATCH       50
#define DAY         (G_GINT64_CONSTANT(24) * 60 * 60)
#define LINKS_A_DAY 3
/* The work that a known address causes must not fall into the time of the next request. */
#define DELAY_SECONDS 1

/**
 * sgp_recovery_queue_add:
 * @language: "de" or "en"
 *
 * The same work whoever @handle is. Asking again before somebody has looked is the same request.
 *
 * Returns: whether it is noted.
 */
gboolean sgp_recovery_queue_add(
	SgpCall *call, const char *handle, const char *kind, const char *language, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, NULL,
			"INSERT INTO recovery_requests (handle, kind, language, due) "
			"VALUES ($1, $2, $3, $4) ON CONFLICT (handle, kind) DO UPDATE SET "
			"language = $3",
			"sssi", handle, kind, language, call->now + DELAY_SECONDS) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_portal_announce_mail(call->portal);
	return TRUE;
}

static gboolean queue_link(SgpDatabase *database, const char *handle, const char *address,
	const char *language, gint64 now, GError **error)
{
	g_autofree char *name = g_uuid_string_random();
	g_autofree char *id = g_strconcat("recovery-", name, NULL);
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT COUNT(*) FROM outbox WHERE handle = $1 AND kind = 'recovery' "
		"AND queued > $2",
		"si", handle, now - DAY);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_integer(rows, 0, 0) >= LINKS_A_DAY)
		return TRUE;
	return sgp_database_run(database, error, NULL,
		"INSERT INTO outbox (id, kind, handle, recipient, message, state, queued, due, "
		"language) VALUES ($1, 'recovery', $2, $3, $4, 'queued', $5, $5, $6)",
		"ssssis", id, handle, address, name, now, language);
}

static gboolean note_help(
	SgpDatabase *database, const char *handle, gint64 now, gboolean *event, GError **error)
{
	gint64 changed = 0;

	if (!sgp_database_run(database, error, &changed,
		    "UPDATE customers SET reset_asked = $1 WHERE handle = $2 "
		    "AND (reset_asked IS NULL OR reset_asked <= $3)",
		    "isi", now, handle, now - DAY))
		return FALSE;
	*event = *event || changed == 1;
	return changed != 1 || sgp_event_add(database, now, "reset-asked", handle, NULL, error);
}

static gboolean work_off(SgpDatabase *database, const SgpRows *requests, guint i, gint64 now,
	gboolean *event, GError **error)
{
	const char *handle = sgp_rows_get_text(requests, i, 0);
	const char *kind = sgp_rows_get_text(requests, i, 1);
	g_autoptr(SgpRows) rows = NULL;
	const char *state = NULL;

	if (!sgp_database_run(database, error, NULL,
		    "DELETE FROM recovery_requests WHERE handle = $1 AND kind = $2", "ss", handle,
		    kind))
		return FALSE;
	rows = sgp_database_query(database, error,
		"SELECT state, address FROM customers WHERE handle = $1", "s", handle);
	if (rows == NULL || sgp_rows_get_count(rows) == 0)
		return rows != NULL;
	state = sgp_rows_get_text(rows, 0, 0);
	if (strcmp(kind, SGP_RECOVERY_QUEUE_LINK) == 0)
		return strcmp(state, "registered") != 0 ||
		       queue_link(database, handle, sgp_rows_get_text(rows, 0, 1),
			       sgp_rows_get_text(requests, i, 2), now, error);
	/* Whoever is frozen can only get in by staff. */
	return (strcmp(state, "registered") != 0 && strcmp(state, "frozen") != 0) ||
	       note_help(database, handle, now, event, error);
}

static gboolean find_next(SgpDatabase *database, gint64 *next, GError **error)
{
	g_autoptr(SgpRows) rows =
		sgp_database_query(database, error, "SELECT MIN(due) FROM recovery_requests", "");

	if (rows == NULL)
		return FALSE;
	*next = sgp_rows_is_null(rows, 0, 0) ? G_MAXINT64 : sgp_rows_get_integer(rows, 0, 0);
	return TRUE;
}

/**
 * sgp_recovery_queue_work:
 * @next: (out): when there is something to do again
 *
 * Looks who the requests that are due are of, and queues mails and events for those who exist.
 *
 * Returns: whether that is on disk.
 */
gboolean sgp_recovery_queue_work(
	SgpPortal *portal, SgpDatabase *database, gint64 *next, GError **error)
{
	gint64 now = sgp_portal_get_time();
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) requests = NULL;
	gboolean event = FALSE;

	if (!find_next(database, next, error))
		return FALSE;
	if (*next > now)
		return TRUE;
	transaction = sgp_transaction_begin(database, error);
	if (transaction == NULL)
		return FALSE;
	requests = sgp_database_query(database, error,
		"SELECT handle, kind, language FROM recovery_requests WHERE due <= $1 "
		"ORDER BY due LIMIT $2",
		"ii", now, (gint64)BATCH);
	for (guint i = 0; requests != NULL && i < sgp_rows_get_count(requests); i++) {
		if (!work_off(database, requests, i, now, &event, error))
			return FALSE;
	}
	if (requests == NULL || !sgp_transaction_commit(transaction, error))
		return FALSE;
	if (event)
		sgp_portal_announce_event(portal);
	return find_next(database, next, error);
}
