/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread that empties the outbox over SMTP, one mail at a time, with growing pauses after a
 * failure. The outbox is the truth: killed at any point it begins again there, and a mail that went
 * out unnoticed goes out again with the same Message-ID. */

#include "sgp-mailer.h"

#include "sgp-message-store.h"
#include "sgp-notice-mail.h"
#include "sgp-relay-mail.h"
#include "sgp-smtp.h"

#include <string.h>

#define BATCH           10
#define LONGEST_SLEEP   30
#define GIVE_UP_SECONDS (5 * 24 * 60 * 60)

typedef struct {
	const char *id;
	const char *kind;
	const char *handle;
	const char *message;
	gint64 queued;
	gint64 tries;
} Entry;

static gint64 get_pause(gint64 tries)
{
	static const gint64 pauses[] = { 5, 15, 60, 300, 900, 1800 };

	return pauses[MIN(tries, (gint64)G_N_ELEMENTS(pauses) - 1)];
}

static SgpLetter *compose(
	SgpPortal *portal, SgpDatabase *database, const Entry *entry, gint64 now, GError **error)
{
	if (strcmp(entry->kind, "notice") == 0)
		return sgp_notice_mail_compose(portal, database, entry->message, now, error);
	return sgp_relay_mail_compose(portal, database, entry->message, error);
}

static gboolean note_sent(SgpDatabase *database, const Entry *entry, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE outbox SET state = 'sent', sent = $1 WHERE id = $2", "is", now,
		       entry->id) &&
	       (strcmp(entry->kind, "notice") != 0 ||
		       sgp_database_run(database, error, NULL,
			       "UPDATE customers SET notified = $1 WHERE handle = $2", "is", now,
			       entry->handle)) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean note_later(SgpDatabase *database, const Entry *entry, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE outbox SET tries = tries + 1, due = $1 WHERE id = $2", "is",
		       now + get_pause(entry->tries), entry->id) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean note_never(
	SgpPortal *portal, SgpDatabase *database, const Entry *entry, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	if (transaction == NULL ||
		!sgp_database_run(database, error, NULL,
			"UPDATE outbox SET state = 'failed', tries = tries + 1 WHERE id = $1", "s",
			entry->id) ||
		!sgp_event_add(database, now, "bounced", entry->handle, entry->message, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_portal_announce_event(portal);
	return TRUE;
}

static gboolean note(SgpPortal *portal, SgpDatabase *database, const Entry *entry,
	SgpSmtpResult result, gint64 now, GError **error)
{
	switch (result) {
	case SGP_SMTP_SENT:
		return note_sent(database, entry, now, error);
	case SGP_SMTP_NEVER:
		return note_never(portal, database, entry, now, error);
	case SGP_SMTP_LATER:
		if (now - entry->queued > GIVE_UP_SECONDS)
			return note_never(portal, database, entry, now, error);
		return note_later(database, entry, now, error);
	}
	g_return_val_if_reached(FALSE);
}

static gboolean send_one(
	SgpPortal *portal, SgpDatabase *database, const Entry *entry, GError **error)
{
	static const char *const words[] = { "later", "sent", "never" };
	gint64 now = sgp_portal_get_time();
	g_autoptr(GError) problem = NULL;
	g_autoptr(SgpLetter) letter = compose(portal, database, entry, now, &problem);
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *helo =
		g_hostname_is_ip_address(host) ? g_strdup_printf("[%s]", host) : g_strdup(host);
	SgpSmtpResult result = SGP_SMTP_LATER;

	if (letter != NULL)
		result = sgp_smtp_send_sync(portal->config, helo, letter, &problem);
	else if (g_error_matches(problem, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND))
		result = SGP_SMTP_NEVER;
	g_printerr("mail kind=%s id=%s tries=%" G_GINT64_FORMAT " result=%s%s%s%s\n", entry->kind,
		entry->message, entry->tries + 1, words[result],
		problem != NULL ? " because=\"" : "", problem != NULL ? problem->message : "",
		problem != NULL ? "\"" : "");
	return note(portal, database, entry, result, sgp_portal_get_time(), error);
}

static gboolean send_due(SgpPortal *portal, SgpDatabase *database, gboolean *more, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT id, kind, handle, message, queued, tries FROM outbox "
		"WHERE state = 'queued' AND due <= $1 ORDER BY due LIMIT $2",
		"ii", sgp_portal_get_time(), (gint64)BATCH);

	if (rows == NULL)
		return FALSE;
	*more = sgp_rows_get_count(rows) == BATCH;
	for (guint i = 0; i < sgp_rows_get_count(rows) && !g_atomic_int_get(&portal->stopping);
		i++) {
		Entry entry = {
			.id = sgp_rows_get_text(rows, i, 0),
			.kind = sgp_rows_get_text(rows, i, 1),
			.handle = sgp_rows_get_text(rows, i, 2),
			.message = sgp_rows_get_text(rows, i, 3),
			.queued = sgp_rows_get_integer(rows, i, 4),
			.tries = sgp_rows_get_integer(rows, i, 5),
		};

		if (!send_one(portal, database, &entry, error))
			return FALSE;
	}
	return TRUE;
}

/* When the next mail is due, in seconds from now. */
static gint64 get_sleep(SgpDatabase *database)
{
	g_autoptr(SgpRows) rows = sgp_database_query(
		database, NULL, "SELECT MIN(due) FROM outbox WHERE state = 'queued'", "");
	gint64 left = LONGEST_SLEEP;

	if (rows != NULL && !sgp_rows_is_null(rows, 0, 0))
		left = sgp_rows_get_integer(rows, 0, 0) - sgp_portal_get_time();
	return CLAMP(left, 1, LONGEST_SLEEP);
}

static void rest(SgpPortal *portal, gint64 seconds)
{
	gint64 until = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	g_mutex_lock(&portal->mail_lock);
	while (!portal->mail_waiting && !g_atomic_int_get(&portal->stopping) &&
		g_cond_wait_until(&portal->mail_cond, &portal->mail_lock, until))
		continue;
	portal->mail_waiting = FALSE;
	g_mutex_unlock(&portal->mail_lock);
}

static gpointer run(gpointer data)
{
	SgpPortal *portal = data;
	g_autoptr(GError) opening = NULL;
	SgpDatabase *database = sgp_portal_borrow_database(portal, &opening);

	if (database == NULL)
		g_printerr("error mailer=\"%s\"\n", opening->message);
	while (database != NULL && !g_atomic_int_get(&portal->stopping)) {
		g_autoptr(GError) error = NULL;
		gboolean more = FALSE;

		if (portal->config->smtp != NULL && !send_due(portal, database, &more, &error))
			g_printerr("error mailer=\"%s\"\n", error->message);
		if (!more)
			rest(portal, get_sleep(database));
	}
	sgp_portal_return_database(portal, database);
	return NULL;
}

/**
 * sgp_mailer_start:
 *
 * Returns: (transfer full): the mailer's thread, for sgp_mailer_stop().
 */
GThread *sgp_mailer_start(SgpPortal *portal)
{
	if (portal->config->smtp == NULL)
		g_printerr(
			"warning no mail server is configured; notices and replies stay queued\n");
	return g_thread_new("mailer", run, portal);
}

/**
 * sgp_mailer_stop:
 * @thread: (transfer full): finishes the mail it is at, 60 seconds at most
 */
void sgp_mailer_stop(SgpPortal *portal, GThread *thread)
{
	g_mutex_lock(&portal->mail_lock);
	g_atomic_int_set(&portal->stopping, 1);
	g_cond_signal(&portal->mail_cond);
	g_mutex_unlock(&portal->mail_lock);
	g_thread_join(thread);
}
