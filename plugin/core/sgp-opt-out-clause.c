/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one clause: who is its verb about, and what is negated? What the author did or does himself
 * is told; what he wants of us is a request; what turns against the place where his e-mail arrives
 * is a question. Knows the roles of words only, never the words; how a sentence falls into clauses
 * is sgp-opt-out-scan's. */
#include "sgp-opt-out-clause-private.h"

#include <string.h>

void sgp_clause_add_word(SgpClause *clause, const char *word)
{
	if (clause->n == SGP_CLAUSE_MAX_WORDS)
		return;
	guint64 roles = sgp_opt_out_lexicon_lookup(word);
	/* "lieber ein Brief als eine E-Mail" */
	if ((strcmp(word, "als") == 0 || strcmp(word, "than") == 0) &&
		(clause->all & ROLE_RATHER) != 0)
		roles = ROLE_INSTEAD_OF;
	clause->roles[clause->n++] = roles;
	clause->all |= roles;
}

gboolean sgp_clause_has(const SgpClause *clause, guint64 roles)
{
	return (clause->all & roles) != 0;
}

gboolean sgp_clause_is_way(guint64 roles)
{
	return (roles & (ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL | ROLE_SECURE)) != 0;
}

/* What negates the word at: 0 nothing, ROLE_NO surely, ROLE_NONE_OF perhaps only another noun,
 * ROLE_INSTEAD_OF. */
static guint64 negation_before(const SgpClause *clause, guint at)
{
	gboolean reply_between = FALSE, is_joined = FALSE;
	for (guint i = at; i > 0; i--) {
		guint64 roles = clause->roles[i - 1];
		if ((roles & ROLE_INSTEAD_OF) != 0)
			return ROLE_INSTEAD_OF;
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0)
			return ROLE_NO;
		if ((roles & ROLE_NONE_OF) != 0)
			return at - (i - 1) <= 3 || reply_between ? ROLE_NO : ROLE_NONE_OF;
		if (sgp_clause_is_way(roles) && !is_joined)
			return 0;
		is_joined = (roles & ROLE_AND) != 0 || (is_joined && !sgp_clause_is_way(roles));
		reply_between = reply_between || (roles & (ROLE_REPLY | ROLE_SEND)) != 0;
	}
	return 0;
}

/* "per E-Mail bitte nicht", "E-Mails moechte ich keine", "per Mail bitte keine Antwort". */
static guint64 negation_after(const SgpClause *clause, guint at)
{
	gboolean is_joined = FALSE;
	for (guint i = at + 1; i < clause->n; i++) {
		guint64 roles = clause->roles[i];
		if ((roles & (ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL)) != 0 && !is_joined)
			return 0;
		is_joined = (roles & ROLE_AND) != 0 || (is_joined && !sgp_clause_is_way(roles));
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0) {
			gboolean before_way =
				(i + 1 < clause->n && sgp_clause_is_way(clause->roles[i + 1])) ||
				(i + 2 < clause->n && sgp_clause_is_way(clause->roles[i + 2]));
			return before_way ? 0 : ROLE_NO;
		}
		if ((roles & ROLE_NONE_OF) != 0) {
			gboolean ends = i + 1 == clause->n;
			gboolean of_reply =
				i + 1 < clause->n &&
				(clause->roles[i + 1] & (ROLE_REPLY | ROLE_PARTICIPLE)) != 0;
			return ends || of_reply ? ROLE_NO : ROLE_NONE_OF;
		}
	}
	return 0;
}

/* The strongest negation of any word with these roles; is_open: one of them is not negated. */
static guint64 negation_of(const SgpClause *clause, guint64 roles, gboolean *is_open)
{
	guint64 found = 0;
	*is_open = FALSE;
	for (guint i = 0; i < clause->n; i++) {
		if ((clause->roles[i] & roles) == 0)
			continue;
		guint64 negation = negation_before(clause, i);
		if (negation == 0)
			negation = negation_after(clause, i);
		found |= negation;
		if (negation == 0)
			*is_open = TRUE;
	}
	return found;
}

gboolean sgp_clause_is_past(const SgpClause *clause)
{
	return sgp_clause_has(clause, ROLE_HAVE) && sgp_clause_has(clause, ROLE_PARTICIPLE) &&
	       !sgp_clause_has(clause, ROLE_BECOMES);
}

gboolean sgp_clause_has_wish(const SgpClause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		guint64 roles = clause->roles[i];
		if ((roles & (ROLE_ASK | ROLE_RATHER | ROLE_OBJECT | ROLE_NEEDED)) != 0 &&
			(roles & ROLE_CAN) == 0)
			return TRUE;
	}
	return FALSE;
}

/* "auf diese E-Mail", "Ihre E-Mail" */
static gboolean stands_before_mail(const SgpClause *clause, guint64 roles)
{
	for (guint i = 1; i < clause->n; i++) {
		if ((clause->roles[i] & ROLE_MAIL) != 0 && (clause->roles[i - 1] & roles) != 0)
			return TRUE;
	}
	return FALSE;
}

/* One mail that came, not e-mail as such. */
static gboolean is_about_one_mail(const SgpClause *clause)
{
	return !sgp_clause_has(clause, ROLE_MAILS) &&
	       stands_before_mail(clause, ROLE_THE | ROLE_THEIRS | ROLE_THIS);
}

gboolean sgp_clause_is_told(const SgpClause *clause)
{
	if (sgp_clause_is_past(clause))
		return TRUE;
	if (sgp_clause_has_wish(clause))
		return FALSE;
	if (sgp_clause_has(clause, ROLE_COULD))
		return TRUE;
	if (!sgp_clause_has(clause, ROLE_I))
		return FALSE;
	if (sgp_clause_has(clause, ROLE_GIVE) && !sgp_clause_has(clause, ROLE_ME))
		return TRUE;
	/* "Ich habe noch keine E-Mail von Ihnen" */
	if (sgp_clause_has(clause, ROLE_OWN) && sgp_clause_has(clause, ROLE_FROM_YOU) &&
		sgp_clause_has(clause, ROLE_NONE_OF) && !sgp_clause_has(clause, ROLE_MAILS))
		return TRUE;
	return sgp_clause_has(clause, ROLE_CAN) && sgp_clause_has(clause, ROLE_HANDLE) &&
	       is_about_one_mail(clause);
}

static gboolean is_request(const SgpClause *clause)
{
	return sgp_clause_has(clause, ROLE_ASK | ROLE_REPLY | ROLE_SEND | ROLE_OBJECT) ||
	       (clause->n <= 4 && !sgp_clause_has(clause, ROLE_I));
}

/* "nur verschluesselt", "nur ueber das Portal", "nicht unverschluesselt". */
static gboolean asks_for_encryption(const SgpClause *clause)
{
	gboolean is_open = FALSE;
	if (sgp_clause_has(clause, ROLE_INSECURE))
		return negation_of(clause, ROLE_INSECURE, &is_open) != 0;
	if (!sgp_clause_has(clause, ROLE_SECURE) || sgp_clause_is_past(clause))
		return FALSE;
	guint64 negation = negation_of(clause, ROLE_SECURE, &is_open);
	return is_open && negation == 0 &&
	       sgp_clause_has(clause, ROLE_ASK | ROLE_RATHER | ROLE_SEND | ROLE_REPLY);
}

/* A clause that mentions e-mail. */
static SgpOptOut read_mail_clause(const SgpClause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint64 negation = negation_of(clause, ROLE_MAIL, &is_open);
	if (sgp_clause_has(clause, ROLE_FINE) && negation == 0)
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (negation == 0) {
		gboolean asks = sgp_clause_has(clause, ROLE_ASK | ROLE_RATHER) &&
				!sgp_clause_has(clause, ROLE_IF);
		if (asks && (sgp_clause_has(clause, ROLE_REPLY | ROLE_SEND | ROLE_FINE) ||
				    (clause->n <= 4 && !sgp_clause_has(clause, ROLE_HAVE))))
			return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
		return sgp_clause_has(clause, ROLE_REPLY | ROLE_SEND | ROLE_RATHER) &&
				       !sgp_clause_is_past(clause) &&
				       !sgp_clause_has(clause, ROLE_IF | ROLE_ADDRESS) &&
				       (asks || clause->n <= 5)
			       ? SGP_OPT_OUT_ASKS_FOR_E_MAIL
			       : SGP_OPT_OUT_NONE;
	}
	if (sgp_clause_has(clause, ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (sgp_clause_has(clause, ROLE_AUTOMATIC))
		return SGP_OPT_OUT_NONE;
	if (sgp_clause_has(clause, ROLE_WORRY) && !sgp_clause_has(clause, ROLE_REPLY | ROLE_SEND))
		return SGP_OPT_OUT_NONE;
	if (stands_before_mail(clause, ROLE_THEIRS) && !sgp_clause_has(clause, ROLE_ASK)) {
		/* "Ihre E-Mails lese ich nicht" */
		gboolean ignores = sgp_clause_has(clause, ROLE_MAILS) &&
				   sgp_clause_has(clause, ROLE_I) &&
				   sgp_clause_has(clause, ROLE_READ);
		return sgp_clause_has(clause, ROLE_OBJECT) || ignores ? SGP_OPT_OUT_UNCLEAR
								      : SGP_OPT_OUT_NONE;
	}
	if (sgp_clause_has(clause, ROLE_ADDRESS) && !sgp_clause_has(clause, ROLE_OBJECT))
		return sgp_clause_has(clause, ROLE_CHANGED) ? SGP_OPT_OUT_NONE
							    : SGP_OPT_OUT_UNCLEAR;
	/* "keine Antwort noetig", "nicht auf diese Mail antworten": could be meant either way. */
	if (sgp_clause_has(clause, ROLE_NEEDED | ROLE_ATTACHMENT | ROLE_IF) || is_question ||
		(stands_before_mail(clause, ROLE_THIS) && sgp_clause_has(clause, ROLE_REPLY)))
		return SGP_OPT_OUT_UNCLEAR;
	if ((negation & (ROLE_NO | ROLE_INSTEAD_OF)) == 0)
		return SGP_OPT_OUT_UNCLEAR;
	/* "Ich kann keine E-Mails lesen": nor could he read ours, but he does not say so. */
	if (sgp_clause_has(clause, ROLE_I) && !sgp_clause_has_wish(clause))
		return SGP_OPT_OUT_UNCLEAR;
	return is_request(clause) ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
}

/* "diese Adresse", "meine E-Mail-Adresse"; "meine Adresse" alone is where somebody lives. */
static gboolean names_own_address(const SgpClause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		gboolean is_mail = (clause->roles[i] & ROLE_MAIL) != 0;
		guint at = i;
		if ((clause->roles[i] & ROLE_ADDRESS) == 0)
			continue;
		if (!is_mail && at > 0 && (clause->roles[at - 1] & ROLE_MAIL) != 0) {
			is_mail = TRUE;
			at--;
		}
		guint64 before = at > 0 ? clause->roles[at - 1] : 0;
		if ((before & ROLE_DETERMINER) != 0 && (is_mail || (before & ROLE_MINE) == 0))
			return TRUE;
	}
	return FALSE;
}

/* "die alte Adresse", but not "keine neuen Nachrichten". */
static gboolean is_about_change(const SgpClause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		guint64 next = i + 1 < clause->n ? clause->roles[i + 1] : 0;
		if ((clause->roles[i] & ROLE_CHANGED) != 0 &&
			(next & (ROLE_CONTACT | ROLE_REPLY | ROLE_MAILS)) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Does the clause turn against what comes to the place where the author's e-mail arrives, or say
 * that nobody reads there? It may be another place that he wants it at: never more than a
 * question. */
static gboolean closes_the_place(const SgpClause *clause)
{
	static const guint64 verbs = ROLE_SEND | ROLE_REPLY | ROLE_CONTACT | ROLE_READ;
	gboolean is_address = names_own_address(clause);
	gboolean is_place = is_address || sgp_clause_has(clause, ROLE_PLACE);
	if (sgp_clause_has(clause, ROLE_AUTOMATIC | ROLE_WHY) || is_about_change(clause))
		return FALSE;
	if (is_address && sgp_clause_has(clause, ROLE_DELETE))
		return TRUE;
	if (!sgp_clause_has(clause, ROLE_NO | ROLE_NONE_OF | ROLE_OBJECT))
		return FALSE;
	if (is_place)
		return sgp_clause_has(clause, ROLE_ASK | verbs);
	return sgp_clause_has(clause, ROLE_HERE) &&
	       (sgp_clause_has(clause, verbs) ||
		       (sgp_clause_has(clause, ROLE_NOTHING) && sgp_clause_has(clause, ROLE_ASK) &&
			       !sgp_clause_has(clause, ROLE_I)));
}

/* "Ich habe kein Internet" */
static gboolean lacks_what_mail_needs(const SgpClause *clause)
{
	for (guint i = 1; i < clause->n; i++) {
		guint64 before = clause->roles[i - 1] | (i > 1 ? clause->roles[i - 2] : 0);
		if ((clause->roles[i] & ROLE_NET) != 0 && (before & ROLE_NONE_OF) != 0)
			return sgp_clause_has(clause, ROLE_OWN) &&
			       sgp_clause_has(clause, ROLE_I | ROLE_ME);
	}
	return FALSE;
}

/* A clause that mentions another way and not e-mail. */
static SgpOptOut read_other_clause(const SgpClause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint64 negation = negation_of(clause, ROLE_OTHER | ROLE_CALL, &is_open);
	if (negation != 0 && !is_open)
		return SGP_OPT_OUT_NONE;
	gboolean asks = sgp_clause_has(clause, ROLE_ASK | ROLE_RATHER) ||
			(sgp_clause_has(clause, ROLE_REPLY) && clause->n <= 6);
	/* "Rufen Sie an." */
	gboolean is_command = (clause->roles[0] & ROLE_COMMAND) != 0 &&
			      (sgp_clause_has(clause, ROLE_ME) || clause->n <= 3);
	if ((!asks && !is_command) || sgp_clause_has(clause, ROLE_IF | ROLE_WHY | ROLE_ALSO))
		return SGP_OPT_OUT_NONE;
	if (sgp_clause_has(clause, ROLE_RATHER))
		return SGP_OPT_OUT_OPTED_OUT;
	if (sgp_clause_has(clause, ROLE_REPLY) && sgp_clause_has(clause, ROLE_OTHER))
		return is_question ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_OPTED_OUT;
	if (sgp_clause_has(clause, ROLE_OTHER) && clause->n <= 3 && !is_question)
		return SGP_OPT_OUT_OPTED_OUT; /* "bitte per Post" */
	return sgp_clause_has(clause, ROLE_CALL | ROLE_SEND | ROLE_REPLY) ? SGP_OPT_OUT_UNCLEAR
									  : SGP_OPT_OUT_NONE;
}

/* A clause that names no way at all. */
static SgpOptOut read_bare_clause(const SgpClause *clause)
{
	gboolean is_open = FALSE;
	if (sgp_clause_has(clause, ROLE_AUTOMATIC | ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (sgp_clause_has(clause, ROLE_REPLY) && negation_of(clause, ROLE_REPLY, &is_open) != 0)
		return SGP_OPT_OUT_UNCLEAR;
	gboolean shall_end = sgp_clause_has(clause, ROLE_MORE) &&
			     sgp_clause_has(clause, ROLE_ASK) &&
			     !sgp_clause_has(clause, ROLE_ATTACHMENT | ROLE_ADDRESS);
	if (shall_end && negation_of(clause, ROLE_SEND | ROLE_CONTACT, &is_open) != 0)
		return SGP_OPT_OUT_UNCLEAR;
	if (lacks_what_mail_needs(clause))
		return SGP_OPT_OUT_UNCLEAR;
	if (sgp_clause_has(clause, ROLE_POSTAL_MAIL) &&
		sgp_clause_has(clause, ROLE_ASK | ROLE_REPLY | ROLE_RATHER))
		return SGP_OPT_OUT_UNCLEAR;
	gboolean sends_to =
		sgp_clause_has(clause, ROLE_SEND_TO) && !sgp_clause_has(clause, ROLE_IF);
	return sends_to && sgp_clause_has(clause, ROLE_ASK | ROLE_SEND) ? SGP_OPT_OUT_UNCLEAR
									: SGP_OPT_OUT_NONE;
}

static SgpOptOut read_ways(const SgpClause *clause, gboolean is_question)
{
	if (sgp_clause_has(clause, ROLE_MAIL))
		return read_mail_clause(clause, is_question);
	if (sgp_clause_has(clause, ROLE_OTHER | ROLE_CALL))
		return read_other_clause(clause, is_question);
	return read_bare_clause(clause);
}

SgpOptOut sgp_clause_read(const SgpClause *clause, gboolean is_question, gboolean names_new_address)
{
	if (sgp_clause_is_told(clause) || sgp_clause_has(clause, ROLE_ADVERT))
		return SGP_OPT_OUT_NONE;
	if (asks_for_encryption(clause))
		return SGP_OPT_OUT_ENCRYPTED_ONLY;
	SgpOptOut verdict = read_ways(clause, is_question);
	if (!closes_the_place(clause) || verdict == SGP_OPT_OUT_OPTED_OUT)
		return verdict;
	return names_new_address ? SGP_OPT_OUT_NONE : SGP_OPT_OUT_UNCLEAR;
}
