/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What 'siegelpost CALL --help' prints: the forms and the options of one call. It owns these words
 * and parses nothing; that each option a call takes is named here is tested
 * (tests/agent/command_line.py). */

#include "sgp-cli-help.h"

#include <glib/gi18n.h>

typedef struct {
	const char *call;
	const char *form;    /* (nullable) a new form of the call begins: what follows its name */
	const char *option;  /* (nullable) */
	const char *meaning; /* (nullable) */
} Line;

#define FORM(call, form)                                                                           \
	{                                                                                          \
		call, form, NULL, NULL                                                             \
	}
#define OPTION(call, option, meaning)                                                              \
	{                                                                                          \
		call, NULL, option, meaning                                                        \
	}

/* assess, seal and send decide alike. */
#define MAIL_OPTIONS(call)                                                                         \
	OPTION(call, "--class CLASS", N_("general, personal-insurance, health or secrecy-203")),   \
		OPTION(call, "--matter REF", N_("the matter that the mail belongs to")),           \
		OPTION(call, "--bcc ADDRESS", N_("one more blind copy; may be repeated")),         \
		OPTION(call, "--confirm ID",                                                       \
			N_("what assess says below the question with this id is so; may be "       \
			   "repeated")),                                                           \
		OPTION(call, "--overrule WHOSE=REASON",                                            \
			N_("why an objection is none; WHOSE is its id or the address, and may be " \
			   "left out where there is only one; may be repeated"))

static const Line lines[] = {
	FORM("assess", "MAIL.eml"),
	MAIL_OPTIONS("assess"),
	FORM("seal", "MAIL.eml --out DIR"),
	OPTION("seal", "--out DIR", N_("a new or an empty directory for the sealed copies")),
	MAIL_OPTIONS("seal"),
	FORM("send", "MAIL.eml"),
	OPTION("send", "--draft-id ID", N_("the same mail is accepted once under this id")),
	MAIL_OPTIONS("send"),
	FORM("sendmail", "[-t] [-i] [-f ADDRESS] [ADDRESS...]"),
	OPTION("sendmail", "-t", N_("to everybody named in To, Cc and Bcc")),
	OPTION("sendmail", "-i", N_("a line with a dot alone does not end the mail")),
	OPTION("sendmail", "-f ADDRESS", N_("who sends a mail that has no From")),
	FORM("history", "add PATH..."),
	OPTION("history", "--folder NAME",
		N_("the folder's name; sent, drafts, outbox, junk and trash count as such, in "
		   "German too")),
	FORM("history", "search"),
	OPTION("history", "--from ADDRESS", N_("mails of this person")),
	OPTION("history", "--message-id ID", N_("one mail")),
	OPTION("history", "--conversation ID", N_("the mails that belong together with this one")),
	FORM("scan", "PATH..."),
	FORM("keys", "lookup ADDRESS"),
	OPTION("keys", "--wkd",
		N_("ask the domain's key directory too, whatever the settings say")),
	FORM("keys", "candidates"),
	FORM("keys", "accept FINGERPRINT"),
	OPTION("keys", "--address ADDRESS", N_("whose key it was found to be")),
	FORM("provider", "DOMAIN"),
	FORM("matter", "add REF"),
	OPTION("matter", "--title TEXT", N_("the matter's title")),
	FORM("matter", "close REF"),
	FORM("matter", "list"),
	FORM("consent", "add"),
	OPTION("consent", "--kind KIND", N_("phone, letter, agreement or withdrawal")),
	OPTION("consent", "--address ADDRESS", N_("whose it is")),
	OPTION("consent", "--matter REF", N_("for phone and letter: the matter")),
	OPTION("consent", "--given DATE", N_("when it was given; default: now")),
	OPTION("consent", "--valid-until DATE", N_("when it ends")),
	OPTION("consent", "--taken-by NAME", N_("who of the staff took it")),
	OPTION("consent", "--words TEXT",
		N_("the customer's words, or the letter's date and sign")),
	OPTION("consent", "--attachment FILE", N_("the scan of the letter; its check sum is kept")),
	OPTION("consent", "--names-plain", N_("the agreement names mail without encryption")),
	FORM("consent", "list"),
	OPTION("consent", "--address ADDRESS", N_("of this person only")),
	OPTION("consent", "--matter REF", N_("of this matter only")),
	FORM("ledger", "verify"),
	OPTION("ledger", "--head HASH", N_("a head that was kept elsewhere must be in the chain")),
	FORM("ledger", "export"),
	OPTION("ledger", "--format FORMAT", N_("csv or json")),
	OPTION("ledger", "--address ADDRESS", N_("about this person only")),
	OPTION("ledger", "--since DATE", N_("from this date on")),
	OPTION("ledger", "--until DATE", N_("up to this date, which belongs to it")),
	FORM("ledger", "erase"),
	OPTION("ledger", "--address ADDRESS", N_("whose personal data are deleted")),
	OPTION("ledger", "--reason TEXT", N_("why; this is recorded")),
	FORM("ledger", "sync"),
	FORM("spool", "list"),
	OPTION("spool", "--all", N_("what has left or was given up, too")),
	FORM("spool", "retry [ID]"),
	FORM("spool", "drop ID"),
	OPTION("spool", "--reason TEXT", N_("why; this is recorded")),
	FORM("portal", "enroll URL"),
	OPTION("portal", "--address ADDRESS", N_("the staff's address")),
	OPTION("portal", "--token-file FILE", N_("the enrolment token; default: it is asked for")),
	FORM("portal", "status"),
	FORM("portal", "customer ADDRESS"),
	OPTION("portal", "--renew", N_("a new registration code; the customer has not registered")),
	OPTION("portal", "--reset",
		N_("a new registration code for a customer who cannot log in any more")),
	OPTION("portal", "--checked-by NAME", N_("with --reset: who identified the customer")),
	OPTION("portal", "--how TEXT", N_("with --reset: how; this is recorded")),
	OPTION("portal", "--freeze", N_("nobody can log in to the mailbox")),
	OPTION("portal", "--unfreeze", N_("the customer can log in again")),
	OPTION("portal", "--erase", N_("delete the mailbox with everything in it")),
	OPTION("portal", "--reason TEXT", N_("with --erase: why; this is recorded")),
	OPTION("portal", "--language de|en", N_("the language of the portal's notices to them")),
	FORM("portal", "customers"),
	FORM("portal", "message ID"),
	OPTION("portal", "--extend DAYS", N_("keep the message so much longer")),
	OPTION("portal", "--revoke", N_("take the message back")),
	FORM("portal", "devices"),
	FORM("portal", "approve DEVICE"),
	OPTION("portal", "--fingerprint HEX",
		N_("of the device's key, as its owner reads it out; without: shows it")),
	FORM("portal", "revoke-device DEVICE"),
	FORM("submission", "password"),
	OPTION("submission", "--password-file FILE",
		N_("the password's file; default: it is asked for")),
	FORM("submission", "check"),
	FORM("doctor", ""),
};

static void print_globals(void)
{
	g_print("%s\n", _("With every call:"));
	g_print("    %-24s %s\n", "--state-dir DIR",
		_("work on this directory, without the user's agent"));
	g_print("    %-24s %s\n", "--settings FILE",
		_("a key file with the group [org.siegelpost], over the settings"));
	g_print("    %-24s %s\n", "--now TIME", _("the clock, as 2026-11-24T08:00:00Z"));
	g_print("    %-24s %s\n", "--json", _("the answer as JSON"));
}

gboolean sgp_cli_print_call_help(const char *call)
{
	gboolean is_known = FALSE;

	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		const Line *line = &lines[i];

		if (!g_str_equal(line->call, call))
			continue;
		is_known = TRUE;
		if (line->form)
			g_print("siegelpost %s %s\n", call, line->form);
		else
			g_print("    %-24s %s\n", line->option, _(line->meaning));
	}
	if (is_known)
		print_globals();
	return is_known;
}
