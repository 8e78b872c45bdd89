/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The daily mail to the staff: numbers only, no customer, no subject, no link, since it travels as
 * any mail does. In both languages, because the portal knows none of the staff's. */

#include "sgp-digest-mail.h"

#include "sgp-protocol.h"

typedef struct {
	const char *german;
	const char *english;
	const char *sql;
} Number;

static const Number numbers[] = {
	{ "Nachrichten, die noch niemand gelesen hat", "messages that nobody has read yet",
		"SELECT COUNT(*) FROM messages WHERE folder = 'inbox' AND state = 'published' "
		"AND read_at IS NULL" },
	{ "davon nach zwei Erinnerungen nicht abgeholt (bitte einen Brief schicken)",
		"of these not collected after two reminders (please send a letter)",
		"SELECT COUNT(*) FROM messages WHERE folder = 'inbox' AND state = 'published' "
		"AND read_at IS NULL AND reminders_over = 2" },
	{ "davon unzustellbar benachrichtigt", "of these with a notice that came back",
		"SELECT COUNT(*) FROM messages WHERE folder = 'inbox' AND state = 'published' "
		"AND read_at IS NULL AND reminders_over = 1" },
	{ "Einladungen, die noch offen sind", "invitations still open",
		"SELECT COUNT(*) FROM customers WHERE state = 'invited'" },
	{ "gesperrte Postfächer", "frozen mailboxes",
		"SELECT COUNT(*) FROM customers WHERE state = 'frozen'" },
	{ "Geräte, die auf Freigabe warten", "devices that wait for approval",
		"SELECT COUNT(*) FROM devices WHERE state = 'pending' AND revoked = 0" },
};

static char *dup_text(SgpDatabase *database, GError **error)
{
	g_autoptr(GString) german = g_string_new("Stand im WebMail-Portal:\n\n");
	g_autoptr(GString) english = g_string_new("State of the WebMail portal:\n\n");

	for (gsize i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autoptr(SgpRows) rows = sgp_database_query(database, error, numbers[i].sql, "");

		if (rows == NULL)
			return NULL;
		g_string_append_printf(german, "%6" G_GINT64_FORMAT "  %s\n",
			sgp_rows_get_integer(rows, 0, 0), numbers[i].german);
		g_string_append_printf(english, "%6" G_GINT64_FORMAT "  %s\n",
			sgp_rows_get_integer(rows, 0, 0), numbers[i].english);
	}
	return g_strconcat(german->str, "\n", english->str, NULL);
}

/**
 * sgp_digest_mail_compose:
 * @day: YYYY-MM-DD
 *
 * Returns: (transfer full) (nullable): the mail, or %NULL on error.
 */
SgpLetter *sgp_digest_mail_compose(SgpPortal *portal, SgpDatabase *database, const char *recipient,
	const char *day, gint64 now, GError **error)
{
	g_autoptr(SgpRows) office =
		sgp_database_query(database, error, "SELECT name, portal_address FROM office", "");
	g_autofree char *text = office != NULL ? dup_text(database, error) : NULL;
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *digest = NULL;
	g_autofree char *id = NULL;
	SgpLetter *letter = NULL;

	if (text == NULL)
		return NULL;
	if (sgp_rows_get_count(office) == 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND,
			"the portal is not set up");
		return NULL;
	}
	digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, recipient, -1);
	id = g_strdup_printf("<digest.%s.%.16s@%s>", day, digest, host);
	letter = sgp_letter_new(sgp_rows_get_text(office, 0, 1), recipient);
	sgp_letter_add_mailbox(letter, "From", sgp_rows_get_text(office, 0, 0), letter->sender);
	sgp_letter_add_field(letter, "To", recipient);
	sgp_letter_add_text_field(letter, "Subject", "WebMail-Portal: Stand des Tages");
	sgp_letter_add_date(letter, now);
	sgp_letter_add_field(letter, "Message-ID", id);
	sgp_letter_add_field(letter, "Auto-Submitted", "auto-generated");
	sgp_letter_add_field(letter, "MIME-Version", "1.0");
	sgp_letter_add_field(letter, "Content-Type", "text/plain; charset=utf-8");
	sgp_letter_add_field(letter, "Content-Transfer-Encoding", "quoted-printable");
	g_string_append(letter->head, "\r\n");
	sgp_letter_add_quoted_printable(letter, text);
	return letter;
}
