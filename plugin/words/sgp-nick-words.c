/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sentences that windows and command line have in common: one for every nick that core can name
 * in them. It decides nothing; what it does not know it says, and leaves it to the caller to name
 * the nick. */

#include "sgp-nick-words.h"

#include <glib/gi18n-lib.h>

typedef struct {
	const char *nick;
	const char *words;
} Entry;

static const Entry channels[] = {
	{ "openpgp", N_("OpenPGP") },
	{ "smime", N_("S/MIME") },
	{ "portal", N_("Portal") },
	{ "transport", N_("Transport encryption") },
	{ "plain", N_("Plain e-mail") },
};

static const Entry classes[] = {
	{ "general", N_("General (property, liability, motor)") },
	{ "personal-insurance", N_("Personal insurance (health, life, accident)") },
	{ "health", N_("Health data") },
	{ "secrecy-203", N_("Professional secrecy (§ 203 StGB)") },
	{ "unknown", N_("Not chosen yet") },
};

static const Entry reasons[] = {
	{ "expired", N_("expired") },
	{ "revoked", N_("revoked") },
	{ "disabled", N_("disabled") },
	{ "too-weak", N_("too weak") },
	{ "not-verified", N_("not verified yet") },
	{ "wrong-address", N_("made out to another address") },
	{ "not-yet-valid", N_("not valid yet") },
	{ "no-key", N_("no key is known") },
	{ "no-certificate", N_("no certificate is known") },
	{ "no-encryption", N_("the key cannot encrypt") },
	{ "not-preferred", N_("another key was preferred") },
	{ "not-available", N_("not available here") },
	{ "invalid", N_("the key is damaged") },
	{ "conflict", N_("a new key contradicts a verified one") },
	{ "unknown", N_("could not be looked up") },
	{ "not-enrolled", N_("the portal is not set up") },
	{ "unreachable", N_("the portal does not answer") },
	{ "frozen", N_("the customer's mailbox is locked") },
	{ "too-large", N_("the mail is too large") },
	{ "not-allowed", N_("not allowed by the office's rules") },
	{ "class", N_("not allowed for this kind of content") },
	{ "unread-attachment", N_("an attachment could not be read") },
};

/* What comes behind a reason about a key; dates and algorithms are shown as they are. */
static const Entry key_details[] = {
	{ "candidate", N_("nobody has accepted it yet") },
	{ "tofu", N_("known from mail alone") },
	{ "subkey", N_("the part for encryption") },
	{ "user-id", N_("the entry with this address") },
	{ "revocation-unknown", N_("its issuer could not be asked whether it was revoked") },
	{ "untrusted-root", N_("its issuer is not trusted here") },
	{ "issuer-missing", N_("the certificate of its issuer is missing") },
	{ "key-usage", N_("it was made for another purpose") },
	{ "chain", N_("its issuers do not fit together") },
};

static const Entry questions[] = {
	{ "subject-changed", N_("The subject has nothing in common with the conversation. Does "
				"this mail still answer the inquiry?") },
	{ "opt-out-unclear", N_("The customer may have asked not to be answered by e-mail. Please "
				"read the sentence.") },
	{ "key-conflict",
		N_("There is a new key that contradicts a verified one. Is the new key genuine?") },
	{ "matter-ambiguous", N_("The subject names more than one matter. Please choose one.") },
	{ "wait", N_("Not everything could be looked up yet. Please wait, or try again.") },
};

static const Entry stages[] = {
	{ "deciding", N_("Checking the recipients") },
	{ "sealing", N_("Encrypting") },
	{ "spooling", N_("Saving the sealed mail") },
	{ "uploading", N_("Uploading to the portal") },
	{ "checking", N_("Checking the portal") },
	{ "making-keys", N_("Making the keys") },
	{ "enrolling", N_("Enrolling at the portal") },
};

static const Entry spool_states[] = {
	{ "sealed", N_("sealed, waits to leave") },
	{ "uploading", N_("is being uploaded") },
	{ "uploaded", N_("uploaded") },
	{ "publishing", N_("on its way; it may have left") },
	{ "held", N_("held; needs a person") },
	{ "failed", N_("failed; needs a person") },
	{ "done", N_("done") },
	{ "dropped", N_("given up") },
};

static const Entry spool_problems[] = {
	{ "gone", N_("The portal no longer shows this message: it was withdrawn, or its time is "
		     "over. Please find out whether the customer read it.") },
	{ "maybe-left", N_("it may have left already: ask the recipient before you send it again "
			   "or give it up") },
	{ "sendmail", N_("the sendmail command did not take it") },
	{ "submission-refused", N_("the submission service refuses it") },
	{ "submission-later", N_("the submission service wants it later") },
	{ "submission-unreachable", N_("the submission service does not answer") },
};

static const char *lookup(const Entry *entries, gsize n, const char *nick)
{
	for (gsize i = 0; nick != NULL && i < n; i++)
		if (g_str_equal(entries[i].nick, nick))
			return _(entries[i].words);
	return NULL;
}

#define LOOKUP(table, nick) lookup(table, G_N_ELEMENTS(table), nick)

const char *sgp_nick_words_lookup_channel(const char *nick)
{
	return LOOKUP(channels, nick);
}

const char *sgp_nick_words_lookup_class(const char *nick)
{
	return LOOKUP(classes, nick);
}

const char *sgp_nick_words_lookup_reason(const char *nick)
{
	return LOOKUP(reasons, nick);
}

const char *sgp_nick_words_lookup_key_detail(const char *nick)
{
	return LOOKUP(key_details, nick);
}

const char *sgp_nick_words_lookup_question(const char *nick)
{
	return LOOKUP(questions, nick);
}

const char *sgp_nick_words_lookup_stage(const char *nick)
{
	return LOOKUP(stages, nick);
}

const char *sgp_nick_words_lookup_spool_state(const char *nick)
{
	return LOOKUP(spool_states, nick);
}

const char *sgp_nick_words_lookup_spool_problem(const char *nick)
{
	return LOOKUP(spool_problems, nick);
}
