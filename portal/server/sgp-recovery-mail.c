/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two mails to a registered customer: the link for a forgotten password, which is made here and
 * nowhere else and kept as its hash, and the word that something was changed. Neither has a name,
 * an answer or a code in it. The sentences are here and not in po/, because their language is the
 * customer's, not the system's. */

#include "sgp-recovery-mail.h"

#include "sgp-session-store.h"

#include <string.h>

#define LINK_SECONDS (10 * 60)
/* A link that comes hours late only frightens. */
#define LATE_SECONDS (60 * 60)

typedef struct {
	const char *link_subject;
	const char *link; /* office, link */
	const char *changed_subject;
	const char *changed; /* office, time */
	const char *time;
	const char *never;
	const char *help; /* name, phone */
} Sentences;

static const Sentences german = {
	.link_subject = "Neues Passwort für das WebMail-Portal",
	.link = "Guten Tag,\n\n"
		"jemand hat für Ihr Postfach im WebMail-Portal (%s) ein neues Passwort angefragt. "
		"Wenn Sie das waren, öffnen Sie innerhalb von 10 Minuten diesen Link und "
		"beantworten Sie Ihre Sicherheitsfrage:\n\n"
		"    %s\n\n"
		"Wenn Sie es nicht waren, tun Sie nichts: Ohne Ihre Antwort ist der Link "
		"wertlos.\n",
	.changed_subject = "Ihr Zugang zum WebMail-Portal wurde geändert",
	.changed = "Guten Tag,\n\n"
		   "der Zugang zu Ihrem Postfach im WebMail-Portal (%s) wurde am %s geändert.\n\n"
		   "Wenn Sie das waren, ist alles in Ordnung. Wenn nicht, rufen Sie uns bitte "
		   "gleich an.\n",
	.time = "%d.%m.%Y um %H:%M Uhr (%Z)",
	.never = "\nNach Ihrem Passwort, Ihrem Registrierungscode oder der Antwort auf Ihre "
		 "Sicherheitsfrage fragen wir nie per E-Mail und nie am Telefon.\n",
	.help = "\nHilfe: %s, Telefon %s",
};

static const Sentences english = {
	.link_subject = "New password for the WebMail portal",
	.link = "Hello,\n\n"
		"somebody asked for a new password for your mailbox in the WebMail portal (%s). If "
		"it was you, open this link within 10 minutes and answer your security "
		"question:\n\n"
		"    %s\n\n"
		"If it was not you, do nothing: without your answer the link is worthless.\n",
	.changed_subject = "Your access to the WebMail portal was changed",
	.changed = "Hello,\n\n"
		   "the access to your mailbox in the WebMail portal (%s) was changed on %s.\n\n"
		   "If it was you, all is well. If not, please call us at once.\n",
	.time = "%Y-%m-%d at %H:%M (%Z)",
	.never = "\nWe never ask for your password, your registration code or the answer to your "
		 "security question, neither by e-mail nor on the phone.\n",
	.help = "\nHelp: %s, phone %s",
};

/**
 * sgp_recovery_mail_is_kind:
 *
 * Returns: whether mails of this kind are composed here.
 */
gboolean sgp_recovery_mail_is_kind(const char *kind)
{
	return strcmp(kind, "recovery") == 0 || strcmp(kind, "changed") == 0;
}

/* The token is on disk before the mail leaves. One that was made for an earlier try to send the
 * same mail stays good: that try may have reached the customer after all. */
static char *make_link(
	SgpPortal *portal, SgpDatabase *database, const char *handle, gint64 now, GError **error)
{
	g_autofree char *token = NULL;
	g_autoptr(GBytes) hash = sgp_token_new(&token);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	if (transaction == NULL ||
		!sgp_database_run(database, error, NULL,
			"INSERT INTO recovery_links (token_hash, handle, expires) "
			"VALUES ($1, $2, $3)",
			"bsi", hash, handle, now + LINK_SECONDS) ||
		!sgp_transaction_commit(transaction, error))
		return NULL;
	return g_strdup_printf("%s/recover#t=%s", portal->origin, token);
}

static char *dup_time(gint64 when, const Sentences *sentences)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(when);

	return g_date_time_format(date, sentences->time);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *dup_text(SgpPortal *portal, SgpDatabase *database, const SgpRows *rows,
	const Sentences *sentences, gint64 now, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *detail = NULL;
	const char *office = sgp_rows_get_text(rows, 0, 5);
	const char *hours = sgp_rows_get_text(rows, 0, 9);

	if (strcmp(sgp_rows_get_text(rows, 0, 0), "recovery") == 0) {
		detail = make_link(portal, database, sgp_rows_get_text(rows, 0, 1), now, error);
		if (detail == NULL)
			return NULL;
		g_string_append_printf(text, sentences->link, office, detail);
	} else {
		detail = dup_time(sgp_rows_get_integer(rows, 0, 4), sentences);
		g_string_append_printf(text, sentences->changed, office, detail);
	}
	g_string_append(text, sentences->never);
	g_string_append_printf(text, sentences->help, sgp_rows_get_text(rows, 0, 7),
		sgp_rows_get_text(rows, 0, 8));
	if (hours != NULL && *hours != '\0')
		g_string_append_printf(text, " (%s)", hours);
	g_string_append_printf(text, ", %s\n", sgp_rows_get_text(rows, 0, 10));
	return g_string_free(g_steal_pointer(&text), FALSE);
}
#pragma GCC diagnostic pop

static SgpLetter *begin(SgpPortal *portal, const SgpRows *rows, const char *id,
	const Sentences *sentences, gint64 now)
{
	gboolean link = strcmp(sgp_rows_get_text(rows, 0, 0), "recovery") == 0;
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *name = g_strdup_printf("<%s@%s>", id, host);
	SgpLetter *letter =
		sgp_letter_new(sgp_rows_get_text(rows, 0, 6), sgp_rows_get_text(rows, 0, 2));

	sgp_letter_add_mailbox(letter, "From", sgp_rows_get_text(rows, 0, 5), letter->sender);
	sgp_letter_add_field(letter, "To", letter->recipient);
	sgp_letter_add_text_field(
		letter, "Subject", link ? sentences->link_subject : sentences->changed_subject);
	sgp_letter_add_date(letter, now);
	sgp_letter_add_field(letter, "Message-ID", name);
	sgp_letter_add_field(letter, "Auto-Submitted", "auto-generated");
	sgp_letter_add_field(letter, "Content-Language", sentences == &english ? "en" : "de");
	sgp_letter_add_field(letter, "MIME-Version", "1.0");
	sgp_letter_add_field(letter, "Content-Type", "text/plain; charset=utf-8");
	sgp_letter_add_field(letter, "Content-Transfer-Encoding", "quoted-printable");
	g_string_append(letter->head, "\r\n");
	return letter;
}

static gboolean is_too_late(const SgpRows *rows, gint64 now)
{
	return strcmp(sgp_rows_get_text(rows, 0, 0), "recovery") == 0 &&
	       sgp_rows_get_integer(rows, 0, 4) < now - LATE_SECONDS;
}

/**
 * sgp_recovery_mail_compose:
 * @id: of the outbox
 *
 * A link is for the registered only. That something was changed is told to a frozen account too:
 * whoever changed it may have had it frozen.
 *
 * Returns: (transfer full) (nullable): the mail, or %NULL on error; %SGP_PROBLEM_NOT_FOUND if it is
 * not to be sent any more.
 */
SgpLetter *sgp_recovery_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *id, gint64 now, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT m.kind, m.handle, m.recipient, m.language, m.queued, o.name, "
		"o.portal_address, o.support_name, o.support_phone, o.support_hours, "
		"o.support_mail FROM outbox m JOIN customers c ON c.handle = m.handle "
		"CROSS JOIN office o WHERE m.id = $1 "
		"AND (m.kind <> 'recovery' OR c.state = 'registered')",
		"s", id);
	g_autoptr(SgpLetter) letter = NULL;
	g_autofree char *text = NULL;
	const Sentences *sentences = &german;

	if (rows == NULL)
		return NULL;
	if (sgp_rows_get_count(rows) == 0 || is_too_late(rows, now)) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND,
			"the mail has become pointless");
		return NULL;
	}
	if (g_strcmp0(sgp_rows_get_text(rows, 0, 3), "en") == 0)
		sentences = &english;
	letter = begin(portal, rows, id, sentences, now);
	text = dup_text(portal, database, rows, sentences, now, error);
	if (text == NULL)
		return NULL;
	sgp_letter_add_quoted_printable(letter, text);
	return g_steal_pointer(&letter);
}

/**
 * sgp_recovery_mail_add_changed:
 * @name: tells this change from others; the same one again is one mail
 *
 * Queues the word to the customer that something was changed. Within the caller's transaction.
 *
 * Returns: whether it is queued.
 */
gboolean sgp_recovery_mail_add_changed(
	SgpCall *call, const char *handle, const char *name, GError **error)
{
	g_autofree char *id = g_strconcat("changed-", name, NULL);

	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO outbox (id, kind, handle, recipient, message, state, queued, due, "
		"language) SELECT $1, 'changed', handle, address, $2, 'queued', $3, $3, language "
		"FROM customers WHERE handle = $4 ON CONFLICT (id) DO NOTHING",
		"ssis", id, name, call->now, handle);
}
