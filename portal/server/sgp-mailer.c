/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The thread that empties the outbox over SMTP, one mail at a time, with growing pauses after a
 * failure. The outbox is the truth: killed at any point it begins again there, and a mail that went
 * out unnoticed goes out again with the same Message-ID. */

#include "sgp-mailer.h"

#include "sgp-bounce.h"
#include "sgp-digest-mail.h"
#include "sgp-message-store.h"
#include "sgp-notice-mail.h"
#include "sgp-recovery-mail.h"
#include "sgp-recovery-queue.h"
#include "sgp-relay-mail.h"
#include "sgp-reminder.h"
#include "sgp-smtp.h"

#include <string.h>

#define BATCH           10
#define LONGEST_SLEEP   30
#define SHARED_SLEEP    2 /* another node may queue a mail, and cannot wake us */
#define GIVE_UP_SECONDS (5 * 24 * 60 * 60)
#define REMIND_SECONDS  60
#define NOTE_SECONDS    60

typedef struct {
	const char *id;
	const char *kind;
	const char *handle;
	const char *recipient;
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
	if (strcmp(entry->kind, "reminder") == 0)
		return sgp_notice_mail_compose_reminder(
			portal, database, entry->id, entry->message, now, error);
	if (strcmp(entry->kind, "digest") == 0)
		return sgp_digest_mail_compose(
			portal, database, entry->recipient, entry->message, now, error);
	if (sgp_recovery_mail_is_kind(entry->kind))
		return sgp_recovery_mail_compose(portal, database, entry->id, now, error);
	return sgp_relay_mail_compose(portal, database, entry->message, error);
}

static gboolean is_to_customer(const Entry *entry)
{
	return strcmp(entry->kind, "notice") == 0 || strcmp(entry->kind, "reminder") == 0;
}

/* Before the mail leaves: a report may be back before it is noted as sent, and one whose tag nobody
 * knows would be taken for somebody else's. */
static gboolean note_tag(
	SgpPortal *portal, SgpDatabase *database, const Entry *entry, GError **error)
{
	g_autofree char *tag = sgp_bounce_dup_tag(portal, entry->id);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_database_run(database, error, NULL, "UPDATE outbox SET tag = $1 WHERE id = $2",
		       "ss", tag, entry->id) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean note_sent(SgpDatabase *database, const Entry *entry, gint64 now, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE outbox SET state = 'sent', sent = $1 WHERE id = $2", "is", now,
		       entry->id) &&
	       (!is_to_customer(entry) ||
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
		!sgp_bounce_note(
			database, now, entry->kind, entry->handle, entry->message, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_portal_announce_event(portal);
	return TRUE;
}

/* What is not worth a mail any more: everything was read meanwhile. */
static gboolean note_gone(SgpDatabase *database, const Entry *entry, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE outbox SET state = 'cancelled' WHERE id = $1", "s", entry->id) &&
	       sgp_transaction_commit(transaction, error);
}

static gboolean note_once(SgpPortal *portal, SgpDatabase *database, const Entry *entry,
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

/* A mail that went out and is not noted goes out again: so with patience, until a standby has taken
 * over or whoever was in the way is gone (test "one notice though both have a mailer"). */
static gboolean note(SgpPortal *portal, SgpDatabase *database, const Entry *entry,
	SgpSmtpResult result, GError **error)
{
	gint64 until = g_get_monotonic_time() + NOTE_SECONDS * G_USEC_PER_SEC;

	for (;;) {
		g_autoptr(GError) problem = NULL;

		if (note_once(portal, database, entry, result, sgp_portal_get_time(), &problem))
			return TRUE;
		if (!database->can_repeat || g_atomic_int_get(&portal->stopping) ||
			g_get_monotonic_time() > until) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		g_usleep(g_random_int_range(20000, 200000));
	}
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

	if (letter != NULL) {
		/* Somebody was in the way: the mail stays queued, and its turn comes again. */
		if (!note_tag(portal, database, entry, &problem)) {
			if (database->can_repeat)
				return TRUE;
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		sgp_bounce_prepare(portal, letter, entry->id);
		result = sgp_smtp_send_sync(portal->config, helo, letter, &problem);
	} else if (g_error_matches(problem, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND)) {
		if (strcmp(entry->kind, "reminder") == 0)
			return note_gone(database, entry, error);
		result = SGP_SMTP_NEVER;
	}
	g_printerr("mail kind=%s id=%s tries=%" G_GINT64_FORMAT " result=%s%s%s%s\n", entry->kind,
		entry->message, entry->tries + 1, words[result],
		problem != NULL ? " because=\"" : "", problem != NULL ? problem->message : "",
		problem != NULL ? "\"" : "");
	return note(portal, database, entry, result, error);
}

/* A mail may take a minute. If the connection was lost meanwhile, another node leads and has the
 * rest of what was read here. */
static gboolean is_still_ours(
	SgpDatabase *database, const Entry *entry, gboolean *ours, GError **error)
{
	g_autoptr(SgpRows) rows = NULL;

	if (!sgp_database_lead(database, "mailer", ours, error))
		return FALSE;
	if (!*ours)
		return TRUE;
	rows = sgp_database_query(database, error,
		"SELECT 1 FROM outbox WHERE id = $1 AND state = 'queued'", "s", entry->id);
	*ours = rows != NULL && sgp_rows_get_count(rows) == 1;
	return rows != NULL;
}

static gboolean send_due(SgpPortal *portal, SgpDatabase *database, gboolean *more, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT id, kind, handle, message, queued, tries, recipient FROM outbox "
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
			.recipient = sgp_rows_get_text(rows, i, 6),
		};
		gboolean ours = FALSE;

		if (!is_still_ours(database, &entry, &ours, error) ||
			(ours && !send_one(portal, database, &entry, error)))
			return FALSE;
	}
	return TRUE;
}

/* One node at a time: two would send the same mail twice. */
static gboolean send_as_leader(
	SgpPortal *portal, SgpDatabase *database, gint64 *reminded, gboolean *more, GError **error)
{
	gint64 now = sgp_portal_get_time();
	gboolean leads = FALSE;

	if (!sgp_database_lead(database, "mailer", &leads, error))
		return FALSE;
	if (leads && (now < *reminded || now - *reminded >= REMIND_SECONDS)) {
		if (!sgp_reminder_queue_due_sync(portal, database, now, error))
			return FALSE;
		*reminded = now;
	}
	return !leads || send_due(portal, database, more, error);
}

/* Until somebody who asked for a link or for help is looked for. */
static gint64 work_off_requests(SgpPortal *portal, SgpDatabase *database)
{
	g_autoptr(GError) error = NULL;
	gint64 next = 0;

	if (sgp_recovery_queue_work(portal, database, &next, &error))
		return MAX(next - sgp_portal_get_time(), G_GINT64_CONSTANT(1));
	/* Another node did it at the same time: no news. */
	if (!database->can_repeat)
		g_printerr("error mailer=\"%s\"\n", error->message);
	return 1;
}

/* When the next mail is due, in seconds from now. */
static gint64 get_sleep(const SgpPortal *portal, SgpDatabase *database)
{
	gint64 longest = portal->config->database != NULL ? SHARED_SLEEP : LONGEST_SLEEP;
	g_autoptr(SgpRows) rows = sgp_database_query(
		database, NULL, "SELECT MIN(due) FROM outbox WHERE state = 'queued'", "");
	gint64 left = longest;

	if (rows != NULL && !sgp_rows_is_null(rows, 0, 0))
		left = sgp_rows_get_integer(rows, 0, 0) - sgp_portal_get_time();
	return CLAMP(left, 1, longest);
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
	SgpDatabase *database = NULL;
	gint64 reminded = 0;

	while (!g_atomic_int_get(&portal->stopping)) {
		g_autoptr(GError) error = NULL;
		gboolean more = FALSE;
		gint64 pause = 1;

		/* The store may be away when we begin; it is asked until it is back. */
		if (database == NULL)
			database = sgp_portal_borrow_database(portal, &error);
		if (database == NULL ||
			(portal->config->smtp != NULL &&
				!send_as_leader(portal, database, &reminded, &more, &error)))
			g_printerr("error mailer=\"%s\"\n", error->message);
		if (database != NULL)
			pause = work_off_requests(portal, database);
		if (!more)
			rest(portal,
				database != NULL ? MIN(pause, get_sleep(portal, database)) : 1);
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
