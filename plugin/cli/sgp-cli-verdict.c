/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A verdict in words, for a terminal. It owns the sentences of the command line; it decides
 * nothing. */

#include "sgp-cli-mail.h"
#include "sgp-cli-words.h"

static const char *say_action(SgpAction action)
{
	switch (action) {
	case SGP_ACTION_HOLD:
		return _("held");
	case SGP_ACTION_ASK:
		return _("a question is open");
	case SGP_ACTION_SEND:
		return _("may leave");
	}
	return _("held");
}

static const char *say_channel(const SgpRecipientVerdict *recipient)
{
	switch (recipient->channel) {
	case SGP_CHANNEL_NONE:
		return _("no channel");
	case SGP_CHANNEL_OPENPGP:
		return _("encrypted with OpenPGP");
	case SGP_CHANNEL_SMIME:
		return _("encrypted with S/MIME");
	case SGP_CHANNEL_PORTAL:
		return _("through the WebMail portal");
	case SGP_CHANNEL_TRANSPORT:
		return _("over verified transport encryption");
	case SGP_CHANNEL_PLAIN:
		return recipient->basis == SGP_BASIS_INTERNAL ? _("plain, inside the office")
							      : _("not encrypted, as was agreed");
	}
	return _("no channel");
}

static const char *say_basis(SgpBasis basis)
{
	switch (basis) {
	case SGP_BASIS_NONE:
		return _("no reason to write");
	case SGP_BASIS_INTERNAL:
		return _("a colleague");
	case SGP_BASIS_PARTNER:
		return _("a partner");
	case SGP_BASIS_INQUIRY:
		return _("answers an inquiry");
	case SGP_BASIS_PHONE:
		return _("permitted by phone");
	case SGP_BASIS_LETTER:
		return _("asked for by letter");
	case SGP_BASIS_AGREEMENT:
		return _("standing agreement");
	}
	return _("no reason to write");
}

static const char *say_refusal(SgpRefusal refusal)
{
	switch (refusal) {
	case SGP_REFUSAL_UNKNOWN:
		return _("it could not be found out now");
	case SGP_REFUSAL_NONE:
		return "";
	case SGP_REFUSAL_WITHDRAWN:
		return _("the permission was withdrawn");
	case SGP_REFUSAL_OPTED_OUT:
		return _("does not want an answer by e-mail");
	case SGP_REFUSAL_FORGED:
		return _("the check of the inquiry's sender failed: it may be forged");
	case SGP_REFUSAL_NOT_THE_AUTHOR:
		return _("the inquiry is somebody else's");
	case SGP_REFUSAL_NOT_PERSONAL:
		return _("the mail being answered was sent automatically or to a list");
	case SGP_REFUSAL_UNAUTHENTICATED:
		return _("nobody vouches for the inquiry's sender");
	case SGP_REFUSAL_INQUIRY_TOO_OLD:
		return _("the inquiry is too old");
	case SGP_REFUSAL_EXPIRED:
		return _("the permission has ended");
	case SGP_REFUSAL_OTHER_MATTER:
		return _("the permission is for another matter");
	case SGP_REFUSAL_NO_BASIS:
		return _("no inquiry and no permission");
	case SGP_REFUSAL_NO_USABLE_CHANNEL:
		return _("no channel that is safe enough");
	}
	return "";
}

static void print_stronger(const SgpRecipientVerdict *recipient)
{
	for (guint i = 0; i < recipient->not_stronger->len; i++) {
		const SgpNotStronger *rung = g_ptr_array_index(recipient->not_stronger, i);

		g_print("    %s: %s%s%s%s%s\n", sgp_cli_words_get_channel(rung->channel),
			sgp_cli_words_get_reason(rung->reason), rung->detail ? ", " : "",
			rung->detail ? sgp_cli_words_get_key_detail(rung->detail) : "",
			rung->key ? ", " : "", rung->key ? rung->key : "");
	}
}

/* What a person knows an inquiry by, below the remedy that names its Message-ID. */
static void print_offer(const SgpRecipientVerdict *recipient, const char *nick)
{
	for (guint i = 0; i < recipient->offers->len; i++) {
		const SgpInquiryOffer *offer = g_ptr_array_index(recipient->offers, i);
		g_autofree char *its_nick = g_strconcat("reply-to:", offer->message_id, NULL);
		g_autoptr(GDateTime) date = g_date_time_new_from_unix_local(offer->date);
		g_autofree char *day = date ? g_date_time_format(date, "%F") : NULL;

		if (g_str_equal(its_nick, nick))
			g_print("        %s  %s\n", day ? day : "",
				offer->subject ? offer->subject : "");
	}
}

static void print_recipient(const SgpRecipientVerdict *recipient)
{
	const char *address = sgp_address_get_addr_spec(recipient->address);
	gboolean has_channel = recipient->channel != SGP_CHANNEL_NONE;

	if (recipient->basis_refusal != SGP_REFUSAL_NONE)
		g_print(_("%s: %s; %s\n"), address, say_action(recipient->action),
			say_refusal(recipient->basis_refusal));
	else
		g_print(_("%s: %s; %s, %s\n"), address, say_action(recipient->action),
			say_basis(recipient->basis),
			has_channel ? say_channel(recipient)
				    : say_refusal(recipient->channel_refusal));
	if (recipient->sentence)
		g_print(_("    it says: \"%s\"\n"), recipient->sentence);
	if (recipient->basis_refusal == SGP_REFUSAL_OPTED_OUT && recipient->objection_id)
		g_print(_("    whoever reads it otherwise: --overrule %s=REASON\n"),
			recipient->objection_id);
	print_stronger(recipient);
	for (guint i = 0; i < recipient->remedies->len; i++) {
		const char *nick = g_ptr_array_index(recipient->remedies, i);
		g_autofree char *remedy = sgp_cli_words_dup_remedy(nick, address);

		if (!g_str_equal(nick, "overrule")) /* said above, with the objection's id */
			g_print(_("    what would help: %s\n"), remedy);
		print_offer(recipient, nick);
	}
}

/* When --confirm is the answer. NULL: it is none, for a matter has to be named, and what could not
 * be looked up must be waited for. */
static const char *say_condition(const char *kind)
{
	if (g_str_equal(kind, "subject-changed"))
		return _("if it does:");
	if (g_str_equal(kind, "opt-out-unclear"))
		return _("if an answer by e-mail is wanted:");
	if (g_str_equal(kind, "key-conflict"))
		return _("if it is:");
	return NULL;
}

static void print_question(const SgpQuestion *question)
{
	const char *condition = say_condition(question->kind);

	g_print(_("Open question: %s\n"), sgp_cli_words_get_question(question->kind));
	if (question->detail)
		g_print(_("    it is about: \"%s\"\n"), question->detail);
	if (condition)
		g_print("    %s --confirm %s\n", condition, question->id);
	else if (g_str_equal(question->kind, "matter-ambiguous"))
		g_print("    %s\n", _("name the matter: --matter REF"));
}

void sgp_cli_print_verdict(const SgpVerdict *verdict)
{
	g_print(_("The mail: %s. Class: %s.\n"), say_action(verdict->action),
		sgp_cli_words_get_class(verdict->class_effective));
	for (guint i = 0; i < verdict->class_because->len; i++)
		g_print(_("    because of: %s\n"),
			(const char *)g_ptr_array_index(verdict->class_because, i));
	for (guint i = 0; i < verdict->unread->len; i++)
		g_print(_("    not read, so nothing weak is used: %s\n"),
			(const char *)g_ptr_array_index(verdict->unread, i));
	for (guint i = 0; i < verdict->recipients->len; i++)
		print_recipient(g_ptr_array_index(verdict->recipients, i));
	for (guint i = 0; i < verdict->questions->len; i++)
		print_question(g_ptr_array_index(verdict->questions, i));
	if (!verdict->history_complete)
		g_print(_("The history is still being read.\n"));
}
