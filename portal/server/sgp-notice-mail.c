/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The notice to a customer that a message waits: no subject, no name, no content, no attachment,
 * and for those who are registered not even a link (threat 13; test "the notice gives nothing
 * away"). The sentences are here and not in po/, because their language is the customer's, not the
 * system's. */

#include "sgp-notice-mail.h"

#include "sgp-protocol.h"

#include <string.h>

typedef struct {
	const char *subject;
	const char *reminder;   /* instead of the subject */
	const char *registered; /* office, address */
	const char *invited;    /* office, link, last day */
	const char *expired;    /* office */
	const char *never;
	const char *help; /* name, phone */
} Sentences;

static const Sentences german = {
	.subject = "Eine Nachricht wartet im WebMail-Portal",
	.reminder = "Erinnerung: Eine Nachricht wartet im WebMail-Portal",
	.registered =
		"Guten Tag,\n\n"
		"%s hat Ihnen geschrieben. Die Nachricht liegt verschlüsselt in Ihrem Postfach im "
		"WebMail-Portal.\n\n"
		"Um sie zu lesen, geben Sie diese Adresse in Ihren Browser ein, oder nehmen Sie "
		"Ihr "
		"Lesezeichen:\n\n"
		"    %s\n\n"
		"Diese E-Mail enthält mit Absicht weder einen Link zum Anmelden noch einen Anhang "
		"noch etwas vom Inhalt der Nachricht.\n",
	.invited = "Guten Tag,\n\n"
		   "%s hat Ihnen geschrieben. Die Nachricht liegt verschlüsselt im WebMail-Portal. "
		   "Um sie "
		   "zu lesen, richten Sie einmal Ihr Postfach ein:\n\n"
		   "    %s\n\n"
		   "Dazu brauchen Sie den Registrierungscode aus 21 Ziffern, den Sie von uns am "
		   "Telefon "
		   "oder mit der Post bekommen. Ohne ihn ist der Link wertlos. Die Einladung gilt "
		   "bis zum "
		   "%s.\n",
	.expired = "Guten Tag,\n\n"
		   "%s hat Ihnen geschrieben. Die Nachricht liegt verschlüsselt im WebMail-Portal, "
		   "aber "
		   "Ihre Einladung ist abgelaufen. Bitte melden Sie sich bei uns; Sie bekommen "
		   "dann einen "
		   "neuen Registrierungscode.\n",
	.never = "\nNach Ihrem Passwort, Ihrem Registrierungscode oder der Antwort auf Ihre "
		 "Sicherheitsfrage fragen wir nie per E-Mail und nie am Telefon.\n",
	.help = "\nHilfe: %s, Telefon %s",
};

static const Sentences english = {
	.subject = "A message is waiting in the WebMail portal",
	.reminder = "Reminder: a message is waiting in the WebMail portal",
	.registered =
		"Hello,\n\n"
		"%s has written to you. The message is encrypted in your mailbox in the WebMail "
		"portal.\n\n"
		"To read it, type this address into your browser, or use your bookmark:\n\n"
		"    %s\n\n"
		"On purpose this e-mail contains no link to log in, no attachment and nothing of "
		"the "
		"message.\n",
	.invited = "Hello,\n\n"
		   "%s has written to you. The message is encrypted in the WebMail portal. To read "
		   "it, "
		   "set up your mailbox once:\n\n"
		   "    %s\n\n"
		   "You need the registration code of 21 digits that you get from us on the phone "
		   "or by "
		   "letter. Without it the link is worthless. The invitation is valid until %s.\n",
	.expired =
		"Hello,\n\n"
		"%s has written to you. The message is encrypted in the WebMail portal, but your "
		"invitation has expired. Please contact us for a new registration code.\n",
	.never = "\nWe never ask for your password, your registration code or the answer to your "
		 "security question, neither by e-mail nor on the phone.\n",
	.help = "\nHelp: %s, phone %s",
};

static char *dup_day(gint64 when, const Sentences *sentences)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(when);

	if (sentences == &german)
		return g_date_time_format(date, "%d.%m.%Y");
	return g_date_time_format(date, "%Y-%m-%d");
}

/* To be typed, so without "https://", which browsers add. */
static const char *get_typed_address(const SgpPortal *portal)
{
	return g_str_has_prefix(portal->origin, "https://") ? portal->origin + strlen("https://")
							    : portal->origin;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static char *dup_text(
	const SgpPortal *portal, const SgpRows *rows, const Sentences *sentences, gint64 now)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GBytes) invitation = sgp_rows_dup_bytes(rows, 0, 3);
	g_autofree char *day = NULL;
	g_autofree char *token = NULL;
	g_autofree char *link = NULL;
	const char *office = sgp_rows_get_text(rows, 0, 5);
	const char *hours = sgp_rows_get_text(rows, 0, 9);

	if (strcmp(sgp_rows_get_text(rows, 0, 2), "invited") != 0) {
		g_string_append_printf(
			text, sentences->registered, office, get_typed_address(portal));
	} else if (invitation == NULL || sgp_rows_get_integer(rows, 0, 4) <= now) {
		g_string_append_printf(text, sentences->expired, office);
	} else {
		token = sgp_protocol_encode_b64u(
			g_bytes_get_data(invitation, NULL), g_bytes_get_size(invitation));
		link = g_strdup_printf("%s/register#i=%s", portal->origin, token);
		day = dup_day(sgp_rows_get_integer(rows, 0, 4), sentences);
		g_string_append_printf(text, sentences->invited, office, link, day);
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

static SgpLetter *compose(
	SgpPortal *portal, const SgpRows *rows, const char *id, gint64 now, gboolean reminds)
{
	const Sentences *sentences =
		strcmp(sgp_rows_get_text(rows, 0, 1), "en") == 0 ? &english : &german;
	SgpLetter *letter =
		sgp_letter_new(sgp_rows_get_text(rows, 0, 6), sgp_rows_get_text(rows, 0, 0));
	g_autofree char *text = dup_text(portal, rows, sentences, now);

	sgp_letter_add_mailbox(letter, "From", sgp_rows_get_text(rows, 0, 5), letter->sender);
	sgp_letter_add_field(letter, "To", letter->recipient);
	sgp_letter_add_text_field(
		letter, "Subject", reminds ? sentences->reminder : sentences->subject);
	sgp_letter_add_date(letter, now);
	sgp_letter_add_field(letter, "Message-ID", id);
	sgp_letter_add_field(letter, "Auto-Submitted", "auto-generated");
	sgp_letter_add_field(letter, "Content-Language", sentences == &english ? "en" : "de");
	sgp_letter_add_field(letter, "MIME-Version", "1.0");
	sgp_letter_add_field(letter, "Content-Type", "text/plain; charset=utf-8");
	sgp_letter_add_field(letter, "Content-Transfer-Encoding", "quoted-printable");
	g_string_append(letter->head, "\r\n");
	sgp_letter_add_quoted_printable(letter, text);
	return letter;
}

/* @unread: only while the customer has something to read. */
static SgpRows *load(SgpDatabase *database, const char *message, gboolean unread, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT c.address, c.language, c.state, c.invitation, c.invitation_expires, "
		"o.name, o.portal_address, o.support_name, o.support_phone, o.support_hours, "
		"o.support_mail "
		"FROM messages m JOIN customers c ON c.handle = m.handle CROSS JOIN office o "
		"WHERE m.id = $1 AND ($2 = 0 OR (c.state IN ('invited', 'registered') AND EXISTS "
		"(SELECT 1 FROM messages u WHERE u.handle = m.handle AND u.folder = 'inbox' "
		"AND u.state = 'published' AND u.read_at IS NULL)))",
		"si", message, (gint64)unread);

	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND,
			"the message to be announced is gone");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

/**
 * sgp_notice_mail_compose:
 * @message: id of the message that caused it; only its id goes into the mail
 *
 * Returns: (transfer full) (nullable): the mail, or %NULL on error.
 */
SgpLetter *sgp_notice_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *message, gint64 now, GError **error)
{
	g_autoptr(SgpRows) rows = load(database, message, FALSE, error);
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *id = g_strdup_printf("<notice.%s@%s>", message, host);

	return rows != NULL ? compose(portal, rows, id, now, FALSE) : NULL;
}

/**
 * sgp_notice_mail_compose_reminder:
 * @entry: id in the outbox
 * @message: id of a message of the customer
 *
 * Returns: (transfer full) (nullable): the mail, or %NULL on error; %SGP_PROBLEM_NOT_FOUND if the
 * customer has read everything meanwhile.
 */
SgpLetter *sgp_notice_mail_compose_reminder(SgpPortal *portal, SgpDatabase *database,
	const char *entry, const char *message, gint64 now, GError **error)
{
	g_autoptr(SgpRows) rows = load(database, message, TRUE, error);
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *id = g_strdup_printf("<%s@%s>", entry, host);

	return rows != NULL ? compose(portal, rows, id, now, TRUE) : NULL;
}
