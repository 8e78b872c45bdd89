/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where nicks become sentences: every channel, basis, refusal, remedy, question,
 * stage and error that the agent can name. It decides nothing and asks nobody; what it is given it
 * words, and what it does not know it names. */
#include "sgp-words.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sgp-nick-words.h"

typedef struct {
	const char *nick;
	const char *words;
} Entry;

static const Entry channels[] = {
	{ "openpgp", N_("OpenPGP, encrypted end to end") },
	{ "smime", N_("S/MIME, encrypted end to end") },
	{ "portal", N_("WebMail portal, encrypted end to end") },
	{ "transport", N_("E-mail with verified transport encryption") },
	{ "plain", N_("Plain e-mail, not encrypted") },
};

static const Entry refusals[] = {
	{ "unknown", N_("It could not be found out whether this recipient may be written to. "
			"Please wait, or try again.") },
	{ "withdrawn", N_("This customer withdrew the consent to e-mail. Please use a letter or "
			  "the phone.") },
	{ "opted-out", N_("The customer asked not to be answered by e-mail.") },
	{ "forged", N_("The inquiry seems to be forged: the check of its sender failed.") },
	{ "not-the-author", N_("The inquiry in this conversation was written by somebody else.") },
	{ "not-personal", N_("The mail being answered was sent automatically, not by a person.") },
	{ "unauthenticated",
		N_("The sender of the inquiry is not verified, and the office requires that.") },
	{ "inquiry-too-old", N_("The customer's inquiry is too old to be answered by e-mail.") },
	{ "expired", N_("The customer's permission has ended.") },
	{ "other-matter", N_("The customer's permission is for another matter.") },
	{ "no-basis", N_("This customer did not ask for e-mail. There is no inquiry, permission or "
			 "agreement.") },
	{ "no-usable-channel", N_("There is no encrypted way to this recipient.") },
};

static const Entry remedies[] = {
	{ "record-phone", N_("Phone permission…") },
	{ "record-letter", N_("Letter…") },
	{ "record-agreement", N_("Agreement…") },
	{ "reply-to", N_("Reply to an inquiry…") },
	{ "overrule", N_("Overrule…") },
	{ "retry", N_("Try again") },
	{ "enrol-portal", N_("Set up the portal…") },
	{ "close-other-matter", N_("Choose the matter…") },
	{ "choose-matter", N_("Choose the matter…") },
};

static const Entry answers[] = {
	{ "subject-changed", N_("Yes, it answers the inquiry") },
	{ "opt-out-unclear", N_("The customer wants an answer by e-mail") },
	{ "key-conflict", N_("The new key is genuine") },
	{ "matter-ambiguous", N_("Choose the matter…") },
	{ "wait", N_("Try again") },
};

static const Entry actions[] = {
	{ "send", N_("This mail can be sent.") },
	{ "ask", N_("There is a question before this mail can be sent.") },
	{ "hold", N_("This mail cannot be sent yet.") },
};

static const Entry errors[] = {
	{ "failed", N_("Something went wrong inside Siegelpost. Nothing was sent. Please tell your "
		       "administrator.") },
	{ "invalid", N_("Something in this input is not right. Please correct it and try again.") },
	{ "not-found", N_("What was asked for does not exist.") },
	{ "unreachable", N_("The portal, the keyring or GnuPG does not answer. Nothing was sent. "
			    "Please try again later.") },
	{ "locked", N_("The keyring or the key is locked. Please unlock it and try again.") },
	{ "not-enrolled",
		N_("The portal is not set up. Please enrol under Edit, Preferences, Siegelpost.") },
	{ "refused", N_("The portal or the office's rules refuse this. Nothing was sent.") },
	{ "conflict",
		N_("Something changed meanwhile. Nothing was sent. Please look again, then send "
		   "once more.") },
	{ "already-done", N_("This very mail was taken over for delivery before. Please do not "
			     "send it again; you can close this window.") },
	{ "too-large", N_("The mail is too large. Please send fewer or smaller attachments.") },
	{ "storage", N_("The disk is full or cannot be written. Nothing was sent. Please make room "
			"and try again.") },
	{ "tampered", N_("A signature or a check sum does not fit. Nothing was sent. Please tell "
			 "your administrator.") },
	{ "no-agent", N_("Siegelpost's background service cannot be reached. Mail to customers is "
			 "held until it is back.") },
	{ "cancelled", N_("Sending was cancelled. Nothing was sent.") },
	{ "redirect", N_("A mail cannot be redirected to a customer, because it cannot be sealed "
			 "that way. Please forward it instead.") },
	{ "news", N_("Siegelpost cannot seal a mail that is posted to a newsgroup.") },
};

static const Entry leave_reasons[] = {
	{ "not-sealed",
		N_("This mail to a customer did not come out of Siegelpost's seal. It stays here. "
		   "Please write it in a mail window of its own and send it from there.") },
	{ "not-committed", N_("This sealed mail is not known to Siegelpost. It stays here. Please "
			      "send it anew.") },
	{ "changed", N_("This sealed mail was changed after it was sealed. It stays here. Please "
			"send it anew.") },
	{ "other-recipients", N_("This sealed mail was addressed to other recipients. It stays "
				 "here. Please send it anew.") },
	{ "no-agent", N_("Siegelpost's background service cannot be reached. The mail stays here "
			 "until it is back.") },
};

static const Entry portal_states[] = {
	{ "none", N_("No portal is set up.") },
	{ "enrolled", N_("This computer is enrolled at the portal.") },
	{ "unreachable", N_("The portal does not answer at the moment. Mail waits here, sealed, "
			    "and is uploaded later.") },
	{ "locked", N_("The keyring is locked. Please unlock it.") },
	{ "pending", N_("This computer waits to be let in. Please ask a colleague or your "
			"administrator to approve it.") },
	{ "revoked", N_("The portal no longer accepts this computer. Please ask your administrator "
			"for a new token.") },
};

/* What the portal told: %s is the customer. first: for the list; the second part, where there is
 * one, is what somebody has to do, and such an event is shown in the main window too. */
static const struct {
	const char *kind;
	const char *words;
	const char *to_do; /* (nullable) */
} events[] = {
	{ "registered", N_("%s registered at the portal."), NULL },
	{ "read", N_("%s read a message."), NULL },
	{ "replied", N_("%s replied; the answer comes to the inbox as a mail."), NULL },
	{ "not-collected", N_("%s has not collected a message in spite of two reminders."),
		N_("Please send a letter.") },
	{ "bounced", N_("The portal's notice to %s came back."),
		N_("Please check the address with the customer on the phone.") },
	{ "frozen", N_("The mailbox of %s is locked after too many wrong tries."),
		N_("Please call the customer, check who it is, and renew the access.") },
	{ "reset-asked", N_("%s cannot answer the security question and asks for help."),
		N_("Please call the customer, check who it is, and renew the access.") },
	{ "recovered", N_("%s chose a new password."), NULL },
	{ "key-deposited", N_("%s deposited a key for end-to-end encryption."), NULL },
	{ "key-removed", N_("%s removed a deposited key."), NULL },
	{ "deleted", N_("%s deleted the mailbox at the portal."), NULL },
	{ "device-pending", N_("A new computer of %s waits to be let in at the portal."),
		N_("Please ask the colleague whether it is theirs, compare the fingerprint on the "
		   "phone, and let it in.") },
	{ "tampered",
		N_("The registration of %s does not match the code: somebody else may have "
		   "put a key there."),
		N_("Please write nothing confidential there, and tell your administrator at "
		   "once.") },
	{ "unchecked", N_("The registration of %s could not be checked here."),
		N_("Until it is, replies cannot be verified. Please tell your administrator.") },
	{ "pages-changed",
		N_("The portal serves other pages than those of the release: somebody may have "
		   "changed the program that customers get."),
		N_("Please tell your administrator at once (\"siegelpost doctor\" says what "
		   "differs). Until then no customer should log in there.") },
	{ "pages-unseen",
		N_("For three days nobody could look at the pages that the portal serves."),
		N_("Please tell your administrator (\"siegelpost doctor\" says why).") },
	{ "record-refused",
		N_("A consent record from the portal does not verify. It does not count."),
		N_("Please tell your administrator (\"siegelpost ledger sync\" says which).") },
};

static const Entry profiles[] = {
	{ "strict", N_("Strict: always end to end, or by the portal") },
	{ "by-class", N_("By content: general mail may use verified transport encryption") },
};

static const char *find_words(const Entry *entries, gsize n, const char *nick)
{
	if (nick == NULL)
		return NULL;
	for (gsize i = 0; i < n; i++)
		if (g_str_equal(entries[i].nick, nick))
			return _(entries[i].words);
	return NULL;
}

/* words: (nullable): none is known for the nick. */
static char *dup_or_name(const char *words, const char *nick)
{
	if (words != NULL)
		return g_strdup(words);
	/* Translators: %s is an internal word for something this version cannot put into words. */
	return g_strdup_printf(
		_("Something this version does not know (%s)."), nick != NULL ? nick : "?");
}

static char *dup_words(const Entry *entries, gsize n, const char *nick)
{
	return dup_or_name(find_words(entries, n, nick), nick);
}

#define WORDS(table, nick) dup_words(table, G_N_ELEMENTS(table), nick)

static const char *get_string(JsonObject *object, const char *member)
{
	if (object == NULL || !json_object_has_member(object, member))
		return NULL;
	JsonNode *node = json_object_get_member(object, member);
	if (!JSON_NODE_HOLDS_VALUE(node) || json_node_get_value_type(node) != G_TYPE_STRING)
		return NULL;
	return json_node_get_string(node);
}

static JsonObject *get_object(JsonObject *object, const char *member)
{
	if (object == NULL || !json_object_has_member(object, member))
		return NULL;
	JsonNode *node = json_object_get_member(object, member);
	return JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

char *sgp_words_dup_channel(const char *nick)
{
	if (nick == NULL || g_str_equal(nick, "none"))
		return g_strdup(_("No way yet"));
	return WORDS(channels, nick);
}

char *sgp_words_dup_channel_short(const char *nick)
{
	return dup_or_name(sgp_nick_words_lookup_channel(nick), nick);
}

char *sgp_words_dup_class(const char *nick)
{
	return dup_or_name(sgp_nick_words_lookup_class(nick), nick);
}

char *sgp_words_dup_date(const char *iso)
{
	if (iso == NULL)
		return NULL;
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autoptr(GDateTime) then = g_date_time_new_from_iso8601(iso, utc);
	if (then == NULL) {
		char *end = NULL;
		gint64 seconds = g_ascii_strtoll(iso, &end, 10);
		if (end == iso || *end != '\0')
			return g_strdup(iso);
		then = g_date_time_new_from_unix_utc(seconds);
	}
	if (then == NULL)
		return g_strdup(iso);
	g_autoptr(GDateTime) local = g_date_time_to_local(then);
	/* Translators: a date, for strftime: day, month, year. */
	return g_date_time_format(local, _("%m/%d/%Y"));
}

/* "customer's inquiry of 01.02.2026", or without the date where the evidence has none. */
static char *dup_inquiry(JsonObject *evidence)
{
	g_autofree char *date = sgp_words_dup_date(get_string(evidence, "date"));
	gboolean authenticated = evidence != NULL && json_object_get_boolean_member_with_default(
							     evidence, "authenticated", FALSE);
	if (date == NULL)
		return g_strdup(_("Answers the customer's inquiry"));
	if (!authenticated)
		return g_strdup_printf(
			_("Answers the customer's inquiry of %s (sender not verified)"), date);
	return g_strdup_printf(_("Answers the customer's inquiry of %s"), date);
}

static char *dup_consent(const char *with_date, const char *without, JsonObject *evidence)
{
	g_autofree char *date = sgp_words_dup_date(get_string(evidence, "date"));
	if (date == NULL)
		return g_strdup(without);
	GString *text = g_string_new(with_date);
	g_string_replace(text, "{date}", date, 1);
	return g_string_free(text, FALSE);
}

static char *dup_basis_kind(const char *kind, JsonObject *evidence)
{
	if (g_str_equal(kind, "internal"))
		return g_strdup(_("Colleague in the office"));
	if (g_str_equal(kind, "partner"))
		return g_strdup(_("Partner of the office"));
	if (g_str_equal(kind, "inquiry"))
		return dup_inquiry(evidence);
	if (g_str_equal(kind, "phone"))
		return dup_consent(_("Permitted on the phone on {date}"),
			_("Permitted on the phone"), evidence);
	if (g_str_equal(kind, "letter"))
		return dup_consent(
			_("Asked for by letter of {date}"), _("Asked for by letter"), evidence);
	if (g_str_equal(kind, "agreement"))
		return dup_consent(
			_("Standing agreement of {date}"), _("Standing agreement"), evidence);
	return dup_words(refusals, 0, kind);
}

char *sgp_words_dup_basis(JsonObject *basis)
{
	const char *refusal = get_string(basis, "refusal");
	const char *kind = get_string(basis, "kind");
	if (refusal == NULL && kind != NULL)
		return dup_basis_kind(kind, get_object(basis, "evidence"));
	g_autofree char *words = sgp_words_dup_refusal(refusal != NULL ? refusal : "unknown");
	const char *sentence = get_string(basis, "sentence");
	if (sentence == NULL)
		return g_steal_pointer(&words);
	/* Translators: first a sentence of ours, then what the customer wrote. */
	return g_strdup_printf(_("%s The customer wrote: “%s”"), words, sentence);
}

/* Everybody has the portal as a way, so it is what is wrong there that is told with the refusal;
 * the keys that are missing stand behind "Why?". */
static char *dup_no_way(JsonObject *channel, const char *refusal)
{
	g_autofree char *words = sgp_words_dup_refusal(refusal);
	JsonNode *node = json_object_get_member(channel, "not_stronger");
	JsonArray *rungs =
		node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	for (guint i = 0; rungs != NULL && i < json_array_get_length(rungs); i++) {
		JsonObject *rung = json_array_get_object_element(rungs, i);
		if (g_strcmp0(get_string(rung, "channel"), "portal") != 0)
			continue;
		g_autofree char *why = sgp_words_dup_not_stronger(rung);
		return g_strdup_printf("%s %s", words, why);
	}
	return g_steal_pointer(&words);
}

char *sgp_words_dup_way(JsonObject *channel, gboolean is_internal)
{
	const char *refusal = get_string(channel, "refusal");
	if (refusal != NULL && g_str_equal(refusal, "unknown"))
		return g_strdup(_("It could not be found out which way is open."));
	if (refusal != NULL)
		return dup_no_way(channel, refusal);
	const char *kind = get_string(channel, "kind");
	if (is_internal && g_strcmp0(kind, "plain") == 0)
		return g_strdup(_("Plain e-mail inside the office"));
	g_autofree char *words = sgp_words_dup_channel(kind);
	gboolean invitation = channel != NULL && json_object_get_boolean_member_with_default(
							 channel, "invitation", FALSE);
	if (invitation)
		return g_strdup_printf(_("%s (not registered yet: you get a code)"), words);
	return g_steal_pointer(&words);
}

char *sgp_words_dup_not_stronger(JsonObject *rung)
{
	g_autofree char *channel = sgp_words_dup_channel_short(get_string(rung, "channel"));
	const char *reason = get_string(rung, "reason");
	const char *detail = get_string(rung, "detail");
	const char *key = get_string(rung, "key");
	g_autofree char *known = dup_or_name(sgp_nick_words_lookup_reason(reason), reason);
	g_autoptr(GString) text = g_string_new(channel);
	if (key != NULL) {
		gsize length = strlen(key);
		/* Translators: %s are the last digits of a key's fingerprint. */
		g_string_append_printf(text, _(", key …%s"), length > 8 ? key + length - 8 : key);
	}
	g_string_append_printf(text, ": %s", known);
	const char *more = sgp_nick_words_lookup_key_detail(detail);
	if (detail != NULL && *detail != '\0')
		g_string_append_printf(text, " (%s)", more != NULL ? more : detail);
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *sgp_words_dup_refusal(const char *nick)
{
	return WORDS(refusals, nick);
}

char *sgp_words_dup_remedy(const char *nick)
{
	if (nick == NULL || g_str_equal(nick, "wait"))
		return NULL;
	if (g_str_has_prefix(nick, "reply-to:"))
		nick = "reply-to";
	const char *words = find_words(remedies, G_N_ELEMENTS(remedies), nick);
	return g_strdup(words); /* what this version cannot do it does not offer */
}

/* A customer wrote it: line breaks would make it look like several inquiries, and marks that turn
 * the direction of writing would make it read otherwise than it is
 * (test: /words/a-subject-stays-in-its-line). */
static char *dup_one_line(const char *text)
{
	g_autoptr(GString) line = g_string_new(NULL);
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	for (const char *at = valid; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		GUnicodeType type = g_unichar_type(c);
		gboolean is_mark = type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
				   type == G_UNICODE_LINE_SEPARATOR ||
				   type == G_UNICODE_PARAGRAPH_SEPARATOR;
		g_string_append_unichar(line, is_mark ? ' ' : c);
	}
	return g_strstrip(g_string_free(g_steal_pointer(&line), FALSE));
}

char *sgp_words_dup_inquiry(JsonObject *offer)
{
	const char *subject = get_string(offer, "subject");
	g_autofree char *date = sgp_words_dup_date(get_string(offer, "date"));
	g_autofree char *line = subject != NULL ? dup_one_line(subject) : g_strdup("");
	const char *title = *line != '\0' ? line : _("(no subject)");
	return date != NULL ? g_strdup_printf("%s  %s", date, title) : g_strdup(title);
}

char *sgp_words_dup_question(JsonObject *question)
{
	const char *detail = get_string(question, "detail");
	const char *kind = get_string(question, "kind");
	g_autofree char *words = dup_or_name(sgp_nick_words_lookup_question(kind), kind);
	if (detail == NULL || *detail == '\0')
		return g_steal_pointer(&words);
	return g_strdup_printf(_("%s “%s”"), words, detail);
}

char *sgp_words_dup_answer(const char *kind)
{
	const char *words = find_words(answers, G_N_ELEMENTS(answers), kind);
	return g_strdup(words != NULL ? words : _("Yes, send it"));
}

char *sgp_words_dup_action(const char *nick)
{
	return WORDS(actions, nick);
}

char *sgp_words_dup_stage(const char *nick)
{
	if (nick == NULL || *nick == '\0')
		return g_strdup(_("Starting"));
	return dup_or_name(sgp_nick_words_lookup_stage(nick), nick);
}

char *sgp_words_dup_error(const char *nick)
{
	return WORDS(errors, nick != NULL ? nick : "failed");
}

char *sgp_words_dup_error_of(const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return sgp_words_dup_error("cancelled");
	g_autofree char *remote = g_dbus_error_get_remote_error(error);
	const char *prefix = "org.siegelpost.Error.";
	if (remote == NULL || !g_str_has_prefix(remote, prefix))
		return sgp_words_dup_error("no-agent");
	/* "NotFound" becomes "not-found" */
	g_autoptr(GString) nick = g_string_new(NULL);
	for (const char *c = remote + strlen(prefix); *c != '\0'; c++) {
		if (g_ascii_isupper(*c) && nick->len > 0)
			g_string_append_c(nick, '-');
		g_string_append_c(nick, g_ascii_tolower(*c));
	}
	return sgp_words_dup_error(nick->str);
}

char *sgp_words_dup_may_leave(const char *reason)
{
	return WORDS(leave_reasons, reason);
}

char *sgp_words_dup_portal_state(const char *nick)
{
	return WORDS(portal_states, nick);
}

char *sgp_words_dup_spool_state(const char *nick)
{
	return dup_or_name(sgp_nick_words_lookup_spool_state(nick), nick);
}

char *sgp_words_dup_spool_problem(const char *nick)
{
	const char *words = sgp_nick_words_lookup_spool_problem(nick);
	return words != NULL ? g_strdup(words) : sgp_words_dup_error(nick);
}

char *sgp_words_dup_event(const char *kind, const char *address)
{
	const char *who = address != NULL && *address != '\0' ? address : _("a customer");
	for (gsize i = 0; kind != NULL && i < G_N_ELEMENTS(events); i++) {
		if (!g_str_equal(events[i].kind, kind))
			continue;
		g_autofree char *line = dup_one_line(who);
		g_autoptr(GString) text = g_string_new(_(events[i].words));
		g_string_replace(text, "%s", line, 1);
		return g_string_free(g_steal_pointer(&text), FALSE);
	}
	return dup_words(NULL, 0, kind);
}

char *sgp_words_dup_event_to_do(const char *kind)
{
	for (gsize i = 0; kind != NULL && i < G_N_ELEMENTS(events); i++)
		if (g_str_equal(events[i].kind, kind))
			return events[i].to_do != NULL ? g_strdup(_(events[i].to_do)) : NULL;
	return NULL;
}

char *sgp_words_dup_moment(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(seconds);
	if (time == NULL)
		return g_strdup("?");
	/* Translators: a date with its time, for strftime. */
	return g_date_time_format(time, _("%m/%d/%Y %H:%M"));
}

char *sgp_words_dup_advice(const char *nick)
{
	static const char prefix[] = "accept-key:";
	if (nick == NULL || !g_str_has_prefix(nick, prefix))
		return NULL;
	/* Translators: %s is the fingerprint of a key. */
	return g_strdup_printf(
		_("A new key was seen for this customer (%s). Before it is used, an administrator "
		  "or a colleague has to compare the fingerprint with the customer on the phone, "
		  "and accept it with \"siegelpost keys accept\"."),
		nick + strlen(prefix));
}

char *sgp_words_dup_unread(JsonArray *names)
{
	guint n = names != NULL ? json_array_get_length(names) : 0;
	g_autoptr(GString) list = g_string_new(NULL);
	for (guint i = 0; i < n; i++) {
		g_autofree char *line = dup_one_line(json_array_get_string_element(names, i));
		g_autofree char *quoted = g_strdup_printf(_("“%s”"), line);
		g_string_append_printf(list, "%s%s", i > 0 ? ", " : "", quoted);
	}
	if (n == 0)
		return NULL;
	return g_strdup_printf(
		g_dngettext(GETTEXT_PACKAGE,
			"The attachment %s could not be read, so its content was not "
			"checked.",
			"The attachments %s could not be read, so their content was "
			"not checked.",
			n),
		list->str);
}

char *sgp_words_dup_profile(const char *nick)
{
	return WORDS(profiles, nick);
}
