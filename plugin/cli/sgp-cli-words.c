/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words of the command line: the one place where codes and nicks of core become sentences in
 * the user's language. It decides nothing, and asks nobody; a nick without words is shown as it is,
 * so that nothing is hidden. */

#include "sgp-cli-words.h"

#include "sgp-nick-words.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
	const char *nick;
	const char *words;
} Entry;

static const Entry errors[] = {
	{ "failed", N_("something went wrong inside Siegelpost") },
	{ "invalid", N_("something in the input is not right") },
	{ "not-found", N_("what was named does not exist") },
	{ "unreachable", N_("the portal, the keyring or GnuPG does not answer") },
	{ "locked", N_("the keyring or a key is locked") },
	{ "not-enrolled", N_("no portal is set up") },
	{ "refused", N_("the portal or the office's rules refuse this") },
	{ "conflict", N_("something changed meanwhile") },
	{ "too-large", N_("it is too large") },
	{ "storage", N_("the disk or the database cannot be read or written") },
	{ "tampered", N_("a signature, a check sum or the ledger does not fit") },
	{ "already-done", N_("this mail was accepted before") },
	{ "cancelled", N_("it was cancelled") },
};

/* One remedy per code: what the user can do about it. */
static const Entry error_remedies[] = {
	{ "failed", N_("Run 'siegelpost doctor'; if it finds nothing, please report this.") },
	{ "invalid", N_("Correct it and try again.") },
	{ "not-found", N_("Check the name; the list commands show what there is.") },
	{ "unreachable", N_("Try again later; 'siegelpost doctor' shows what does not answer.") },
	{ "locked", N_("Unlock your keyring (log in, or open \"Passwords and Keys\"), then "
		       "try again.") },
	{ "not-enrolled", N_("Set up the portal first: siegelpost portal enroll URL") },
	{ "refused", N_("Ask the person who runs the portal or this computer.") },
	{ "conflict", N_("It was done already, or somebody was faster: look at it again.") },
	{ "too-large", N_("Send less at once, or put the attachment on paper or a data "
			  "carrier.") },
	{ "storage", N_("Check the free space and the permissions of the state directory.") },
	{ "tampered", N_("Do not go on. Tell the person who is responsible for data "
			 "protection.") },
	{ "already-done",
		N_("Do not send it again; 'siegelpost spool list --all' shows where it is.") },
	{ "cancelled", N_("Try again.") },
	{ "file", N_("Check the path and its permissions.") },
	{ "sendmail",
		N_("The copy waits in the spool, sealed: do not send the mail again. Mend the "
		   "setting sendmail-command or the mail server behind it, then: siegelpost "
		   "spool retry") },
	{ "no-recipient", N_("Put somebody into To, Cc or Bcc, or name somebody with --bcc.") },
};

/* Messages of core that a person can cause with what they type: core words them in English for
 * logs, they are told in the user's language. (test: tests/agent/command_line.py finds each of them
 * in core's sources.) */
static const char *const messages[] = {
	N_("a certificate counts by its issuer, not by acceptance"),
	N_("a field of the mail's header is there twice"),
	N_("a line of the mail's header is no field"),
	N_("a matter needs a reference of one line"),
	N_("a permission by phone or letter needs a matter"),
	N_("a portal on another machine needs https"),
	N_("a reason is required"),
	N_("a standing agreement is bound to no matter"),
	N_("an erasure needs a reason and a name"),
	N_("gpg added or hid a reader: look for group, recipient, throw-keyids in gpg.conf"),
	N_("no portal is set up"),
	N_("no such key in the keyring"),
	N_("nobody is named who took the consent"),
	N_("not a mail"),
	N_("not a whole fingerprint"),
	N_("not exactly one From address"),
	N_("not the address of a portal: https://HOST is expected"),
	N_("settings file: the group [org.siegelpost] is missing"),
	N_("a mail to this person is still waiting in the spool"),
	N_("the reason is not UTF-8"),
	N_("the setting verified-submission is not HOST:PORT"),
	N_("the spool's key file is not private or not whole"),
	N_("the reason stays, so it must not contain the address"),
	N_("the database is in use: what was deleted is not overwritten yet"),
	N_("the address has characters that are not allowed"),
	N_("the address has no @"),
	N_("the address is too long"),
	N_("the consent names no address"),
	N_("the consent would be given in the future"),
	N_("the consent would end before it was given"),
	N_("the customer's mailbox is frozen"),
	N_("the key does not name that address"),
	N_("the keyring is locked"),
	N_("the ledger knows nothing of this address"),
	N_("the mail has no From"),
	N_("the mail's header begins with a continuation"),
	N_("the mail's header has a lone CR"),
	N_("the mail's header has a zero byte"),
	N_("the mail's header is too long"),
	N_("the matter is open already"),
	N_("the part after @ is no domain"),
	N_("the part before @ has a character that needs quotes"),
	N_("the part before @ is missing or badly quoted"),
	N_("the portal did not answer in time"),
	N_("the token is for another address"),
	N_("there is more than one address"),
	N_("there is no address"),
	N_("there is no such copy in the spool"),
	N_("there is no such open matter"),
	N_("this copy has left already"),
	N_("this copy may have left"),
	N_("this copy was given up"),
	N_("this mail was sent already"),
};

/* Of the portal, and of a customer's mailbox. */
static const Entry states[] = {
	{ "published", N_("in the customer's mailbox") },
	{ "none", N_("none is set up") },
	{ "enrolled", N_("this device is enrolled") },
	{ "pending", N_("this device waits for a colleague's approval") },
	{ "unreachable", N_("the portal does not answer") },
	{ "locked", N_("the keyring is locked") },
	{ "revoked", N_("the portal no longer accepts this device") },
	{ "invited", N_("invited, not registered yet") },
	{ "registered", N_("registered") },
	{ "expired", N_("the invitation has ended") },
	{ "frozen", N_("the customer's mailbox is locked") },
	{ "unknown", N_("could not be looked up") },
};

/* TRANSLATORS: {address} and {id} stay as they are; so do the calls and options. */
static const Entry remedies[] = {
	{ "record-phone", N_("a permission by phone: siegelpost consent add --kind phone "
			     "--address {address} --matter REF --taken-by NAME") },
	{ "record-letter", N_("a permission by letter: siegelpost consent add --kind letter "
			      "--address {address} --matter REF --taken-by NAME") },
	{ "record-agreement", N_("a standing agreement: siegelpost consent add --kind agreement "
				 "--address {address} --taken-by NAME") },
	{ "reply-to", N_("answer the customer's inquiry <{id}> instead of writing anew") },
	{ "overrule", N_("if the sentence means something else: --overrule with the reason") },
	{ "wait", N_("wait until everything is looked up") },
	{ "retry", N_("try again") },
	{ "enrol-portal", N_("set up the portal: siegelpost portal enroll URL") },
	{ "close-other-matter", N_("name the matter: --matter REF") },
	{ "choose-matter", N_("name the matter: --matter REF") },
	{ "accept-key", N_("compare the key with the customer on the phone, then: siegelpost keys "
			   "accept {id} --address {address}") },
};

/* TRANSLATORS: {entry} is the entry's number. */
static const Entry tamperings[] = {
	{ "missing", N_("entry {entry} of the ledger is missing") },
	{ "damaged", N_("entry {entry} of the ledger is damaged and cannot be read") },
	{ "chain-broken", N_("entry {entry} of the ledger does not follow from the one before") },
	{ "changed", N_("entry {entry} of the ledger was changed") },
	{ "personal-added", N_("something personal was added to entry {entry} of the ledger") },
	{ "personal-changed", N_("what is personal in entry {entry} of the ledger was changed") },
	{ "personal-missing", N_("what is personal in entry {entry} of the ledger was deleted, and "
				 "no erasure is recorded") },
	{ "replaced", N_("entry {entry} of the ledger is not the one that stood there before") },
	{ "erasure-forged", N_("entry {entry} of the ledger is marked as erased, and no erasure "
			       "names it") },
	{ "unprotected", N_("the ledger's protection against changes was taken away") },
	{ "head-gone", N_("the head that was given is not in the ledger: something before it was "
			  "changed or cut off") },
	{ "cut-off", N_("the end of the ledger was cut off: entry {entry} should follow, or what "
			"is kept about the last entry was changed") },
};

/* (nullable) */
static const char *find(const Entry *entries, gsize n, const char *nick)
{
	for (gsize i = 0; nick && i < n; i++) {
		if (g_str_equal(entries[i].nick, nick))
			return _(entries[i].words);
	}
	return NULL;
}

static const char *words_or_nick(const char *words, const char *nick)
{
	return words ? words : nick;
}

static const char *find_or_nick(const Entry *entries, gsize n, const char *nick)
{
	return words_or_nick(find(entries, n, nick), nick);
}

static char *dup_filled(const char *words, const char *place, const char *value)
{
	GString *text = g_string_new(words);

	g_string_replace(text, place, value, 0);
	return g_string_free(text, FALSE);
}

char *sgp_cli_words_dup_error(const char *nick, const char *message)
{
	const char *words = find(errors, G_N_ELEMENTS(errors), nick);

	for (gsize i = 0; i < G_N_ELEMENTS(messages); i++) {
		if (g_str_equal(messages[i], message))
			return g_strdup(_(messages[i]));
	}
	return g_strdup_printf("%s (%s)", words ? words : _(errors[0].words), message);
}

const char *sgp_cli_words_get_error_remedy(const char *nick)
{
	const char *words = find(error_remedies, G_N_ELEMENTS(error_remedies), nick);

	return words ? words : _(error_remedies[0].words);
}

const char *sgp_cli_words_get_class(SgpContentClass content_class)
{
	const char *nick = sgp_content_class_get_nick(content_class);

	return words_or_nick(sgp_nick_words_lookup_class(nick), nick);
}

const char *sgp_cli_words_get_channel(SgpChannel channel)
{
	const char *words = sgp_nick_words_lookup_channel(sgp_channel_get_nick(channel));

	return words ? words : _("no channel");
}

const char *sgp_cli_words_get_key_state(SgpKeyState state)
{
	if (state == SGP_KEY_STATE_USABLE)
		return _("usable");
	return sgp_cli_words_get_reason(sgp_key_state_get_nick(state));
}

const char *sgp_cli_words_get_key_detail(const char *detail)
{
	return words_or_nick(sgp_nick_words_lookup_key_detail(detail), detail);
}

const char *sgp_cli_words_get_origin(SgpKeyOrigin origin)
{
	switch (origin) {
	case SGP_KEY_ORIGIN_UNKNOWN:
		return _("of unknown origin");
	case SGP_KEY_ORIGIN_KEYRING:
		return _("from the keyring");
	case SGP_KEY_ORIGIN_AUTOCRYPT:
		return _("from the header of a mail");
	case SGP_KEY_ORIGIN_ATTACHMENT:
		return _("attached to a mail");
	case SGP_KEY_ORIGIN_SIGNATURE:
		return _("from a signed mail");
	case SGP_KEY_ORIGIN_WKD:
		return _("from the domain's key directory");
	case SGP_KEY_ORIGIN_PORTAL:
		return _("deposited in the portal");
	}
	return _("of unknown origin");
}

const char *sgp_cli_words_get_opt_out(SgpOptOut opt_out)
{
	switch (opt_out) {
	case SGP_OPT_OUT_UNCLEAR:
		return _("perhaps not wanted");
	case SGP_OPT_OUT_NONE:
		return _("nothing is said about it");
	case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
		return _("asked for");
	case SGP_OPT_OUT_ENCRYPTED_ONLY:
		return _("only encrypted");
	case SGP_OPT_OUT_OPTED_OUT:
		return _("not wanted");
	}
	return _("perhaps not wanted");
}

const char *sgp_cli_words_get_reason(const char *nick)
{
	return words_or_nick(sgp_nick_words_lookup_reason(nick), nick);
}

const char *sgp_cli_words_get_question(const char *nick)
{
	return words_or_nick(sgp_nick_words_lookup_question(nick), nick);
}

const char *sgp_cli_words_get_problem(const char *text)
{
	const char *words = sgp_nick_words_lookup_spool_problem(text);

	return words ? words : find_or_nick(errors, G_N_ELEMENTS(errors), text);
}

const char *sgp_cli_words_get_stage(const char *nick)
{
	return words_or_nick(sgp_nick_words_lookup_stage(nick), nick);
}

const char *sgp_cli_words_get_state(const char *nick)
{
	const char *words = sgp_nick_words_lookup_spool_state(nick);

	return words ? words : find_or_nick(states, G_N_ELEMENTS(states), nick);
}

char *sgp_cli_words_dup_remedy(const char *nick, const char *address)
{
	if (g_str_has_prefix(nick, "reply-to:"))
		return dup_filled(find(remedies, G_N_ELEMENTS(remedies), "reply-to"), "{id}",
			nick + strlen("reply-to:"));
	if (g_str_has_prefix(nick, "accept-key:")) {
		g_autofree char *words =
			dup_filled(find(remedies, G_N_ELEMENTS(remedies), "accept-key"), "{id}",
				nick + strlen("accept-key:"));
		return dup_filled(words, "{address}", address);
	}
	return dup_filled(
		find_or_nick(remedies, G_N_ELEMENTS(remedies), nick), "{address}", address);
}

char *sgp_cli_words_dup_tampering(const char *nick, gint64 entry)
{
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, entry);

	return dup_filled(
		find_or_nick(tamperings, G_N_ELEMENTS(tamperings), nick), "{entry}", number);
}
