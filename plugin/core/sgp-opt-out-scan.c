/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one sentence: does it object to e-mail, ask for another way instead, ask for e-mail, or ask
 * for encryption? Works on clauses and the roles of their words (a negation binds to the way of
 * sending that it stands with), not on whole phrases. Never sees quotes or signatures
 * (sgp-own-words took them out). A wrong "unclear" costs one question, a missed objection a
 * customer: where it could be one, it says "unclear". */
#include "sgp-opt-out-scan.h"

#include <string.h>

#include "sgp-opt-out-lexicon-private.h"

#define MAX_WORDS 200

/* One clause: its words' roles, in order. */
typedef struct {
	guint roles[MAX_WORDS];
	guint n;
	guint all;
} Clause;

/* --- Folding --- */

static char *fold(const char *text)
{
	g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
	g_autofree char *lower = composed != NULL ? g_utf8_strdown(composed, -1) : g_strdup("");
	GString *out = g_string_new(NULL);
	for (const char *p = lower; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == 0xe4)
			g_string_append(out, "ae");
		else if (c == 0xf6)
			g_string_append(out, "oe");
		else if (c == 0xfc)
			g_string_append(out, "ue");
		else if (c == 0xdf)
			g_string_append(out, "ss");
		else if (c == '\'' || c == 0x2019 || c == 0x2018 || c == '*' || c == '_')
			continue;
		else if (g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION || c == 0x2212)
			g_string_append_c(out, c == 0x2013 || c == 0x2014 ? ',' : '-');
		else if (g_unichar_isalnum(c) ||
			 strchr(",:()/?!.@&", (int)(c < 128 ? c : 'x')) != NULL)
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, ' ');
	}
	return g_string_free(out, FALSE);
}

/* --- Clauses --- */

static void add_word(Clause *clause, const char *word)
{
	if (clause->n == MAX_WORDS)
		return;
	guint roles = sgp_opt_out_lexicon_lookup(word);
	/* "lieber ein Brief als eine E-Mail" */
	if ((strcmp(word, "als") == 0 || strcmp(word, "than") == 0) &&
		(clause->all & ROLE_RATHER) != 0)
		roles = ROLE_INSTEAD_OF;
	clause->roles[clause->n++] = roles;
	clause->all |= roles;
}

static gboolean has(const Clause *clause, guint roles)
{
	return (clause->all & roles) != 0;
}

/* The ways of sending; a negation does not reach past the next one. */
static gboolean is_way(guint roles)
{
	return (roles & (ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL | ROLE_SECURE)) != 0;
}

/* What negates the word at: 0 nothing, ROLE_NO surely, ROLE_NONE_OF perhaps only another noun,
 * ROLE_INSTEAD_OF. */
static guint negation_before(const Clause *clause, guint at)
{
	gboolean reply_between = FALSE, is_joined = FALSE;
	for (guint i = at; i > 0; i--) {
		guint roles = clause->roles[i - 1];
		if ((roles & ROLE_INSTEAD_OF) != 0)
			return ROLE_INSTEAD_OF;
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0)
			return ROLE_NO;
		if ((roles & ROLE_NONE_OF) != 0)
			return at - (i - 1) <= 3 || reply_between ? ROLE_NO : ROLE_NONE_OF;
		if (is_way(roles) && !is_joined)
			return 0;
		is_joined = (roles & ROLE_AND) != 0 || (is_joined && !is_way(roles));
		reply_between = reply_between || (roles & (ROLE_REPLY | ROLE_SEND)) != 0;
	}
	return 0;
}

/* "per E-Mail bitte nicht", "E-Mails moechte ich keine", "per Mail bitte keine Antwort". */
static guint negation_after(const Clause *clause, guint at)
{
	gboolean is_joined = FALSE;
	for (guint i = at + 1; i < clause->n; i++) {
		guint roles = clause->roles[i];
		if ((roles & (ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL)) != 0 && !is_joined)
			return 0;
		is_joined = (roles & ROLE_AND) != 0 || (is_joined && !is_way(roles));
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0) {
			gboolean before_way = (i + 1 < clause->n && is_way(clause->roles[i + 1])) ||
					      (i + 2 < clause->n && is_way(clause->roles[i + 2]));
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
static guint negation_of(const Clause *clause, guint roles, gboolean *is_open)
{
	guint found = 0;
	*is_open = FALSE;
	for (guint i = 0; i < clause->n; i++) {
		if ((clause->roles[i] & roles) == 0)
			continue;
		guint negation = negation_before(clause, i);
		if (negation == 0)
			negation = negation_after(clause, i);
		found |= negation;
		if (negation == 0)
			*is_open = TRUE;
	}
	return found;
}

/* What somebody did, got or found, not what they want. */
static gboolean is_past(const Clause *clause)
{
	return has(clause, ROLE_HAVE) && has(clause, ROLE_PARTICIPLE);
}

static gboolean is_request(const Clause *clause)
{
	return has(clause, ROLE_ASK | ROLE_REPLY | ROLE_SEND | ROLE_OBJECT) ||
	       (clause->n <= 4 && !has(clause, ROLE_I));
}

/* "nur verschluesselt", "nur ueber das Portal", "nicht unverschluesselt". */
static gboolean asks_for_encryption(const Clause *clause)
{
	gboolean is_open = FALSE;
	if (has(clause, ROLE_INSECURE))
		return negation_of(clause, ROLE_INSECURE, &is_open) != 0;
	if (!has(clause, ROLE_SECURE) || is_past(clause))
		return FALSE;
	guint negation = negation_of(clause, ROLE_SECURE, &is_open);
	return is_open && negation == 0 &&
	       has(clause, ROLE_ASK | ROLE_RATHER | ROLE_SEND | ROLE_REPLY);
}

/* "auf diese E-Mail", "Ihre E-Mail" */
static gboolean stands_before_mail(const Clause *clause, guint roles)
{
	for (guint i = 1; i < clause->n; i++) {
		if ((clause->roles[i] & ROLE_MAIL) != 0 && (clause->roles[i - 1] & roles) != 0)
			return TRUE;
	}
	return FALSE;
}

/* A clause that mentions e-mail. */
static SgpOptOut read_mail_clause(const Clause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint negation = negation_of(clause, ROLE_MAIL, &is_open);
	if (has(clause, ROLE_FINE) && negation == 0)
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (negation == 0) {
		gboolean asks = has(clause, ROLE_ASK | ROLE_RATHER) && !has(clause, ROLE_IF);
		if (asks && (has(clause, ROLE_REPLY | ROLE_SEND | ROLE_FINE) || clause->n <= 4))
			return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
		return has(clause, ROLE_REPLY | ROLE_SEND | ROLE_RATHER) && !is_past(clause) &&
				       !has(clause, ROLE_IF | ROLE_ADDRESS) &&
				       (asks || clause->n <= 5)
			       ? SGP_OPT_OUT_ASKS_FOR_E_MAIL
			       : SGP_OPT_OUT_NONE;
	}
	if (has(clause, ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_AUTOMATIC))
		return SGP_OPT_OUT_NONE;
	if (stands_before_mail(clause, ROLE_THEIRS) && !has(clause, ROLE_ASK))
		return has(clause, ROLE_OBJECT) ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_ADDRESS) && !has(clause, ROLE_OBJECT))
		return has(clause, ROLE_CHANGED) ? SGP_OPT_OUT_NONE : SGP_OPT_OUT_UNCLEAR;
	/* "keine Antwort noetig", "nicht auf diese Mail antworten": could be meant either way. */
	if (has(clause, ROLE_NEEDED | ROLE_ATTACHMENT | ROLE_IF) || is_question ||
		(stands_before_mail(clause, ROLE_THIS) && has(clause, ROLE_REPLY)))
		return SGP_OPT_OUT_UNCLEAR;
	if ((negation & (ROLE_NO | ROLE_INSTEAD_OF)) == 0)
		return SGP_OPT_OUT_UNCLEAR;
	return is_request(clause) ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
}

/* A clause that mentions another way and not e-mail. */
static SgpOptOut read_other_clause(const Clause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint negation = negation_of(clause, ROLE_OTHER | ROLE_CALL, &is_open);
	if (negation != 0 && !is_open)
		return SGP_OPT_OUT_NONE;
	gboolean asks =
		has(clause, ROLE_ASK | ROLE_RATHER) || (has(clause, ROLE_REPLY) && clause->n <= 6);
	if (!asks || has(clause, ROLE_IF | ROLE_WHY | ROLE_ALSO))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_RATHER))
		return SGP_OPT_OUT_OPTED_OUT;
	if (has(clause, ROLE_REPLY) && has(clause, ROLE_OTHER))
		return is_question ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_OPTED_OUT;
	if (has(clause, ROLE_OTHER) && clause->n <= 3 && !is_question)
		return SGP_OPT_OUT_OPTED_OUT; /* "bitte per Post" */
	return has(clause, ROLE_CALL | ROLE_SEND | ROLE_REPLY) ? SGP_OPT_OUT_UNCLEAR
							       : SGP_OPT_OUT_NONE;
}

/* A clause that names no way at all. */
static SgpOptOut read_bare_clause(const Clause *clause)
{
	gboolean is_open = FALSE;
	if (has(clause, ROLE_AUTOMATIC | ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_REPLY) && negation_of(clause, ROLE_REPLY, &is_open) != 0)
		return SGP_OPT_OUT_UNCLEAR;
	if (has(clause, ROLE_POSTAL_MAIL) && has(clause, ROLE_ASK | ROLE_REPLY | ROLE_RATHER))
		return SGP_OPT_OUT_UNCLEAR;
	gboolean sends_to = has(clause, ROLE_SEND_TO) && !has(clause, ROLE_IF);
	return sends_to && has(clause, ROLE_ASK | ROLE_SEND) ? SGP_OPT_OUT_UNCLEAR
							     : SGP_OPT_OUT_NONE;
}

static SgpOptOut read_clause(const Clause *clause, gboolean is_question)
{
	if (is_past(clause))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_ADVERT))
		return SGP_OPT_OUT_NONE;
	if (asks_for_encryption(clause))
		return SGP_OPT_OUT_ENCRYPTED_ONLY;
	if (has(clause, ROLE_MAIL))
		return read_mail_clause(clause, is_question);
	if (has(clause, ROLE_OTHER | ROLE_CALL))
		return read_other_clause(clause, is_question);
	return read_bare_clause(clause);
}

/* --- The sentence --- */

static gboolean is_break(const char *word)
{
	static const char *const words[] = { "sondern", "aber", "jedoch", "but", "however",
		"dafuer", "vielmehr", "weil", "because", "since", "dass", "that", NULL };
	return g_strv_contains(words, word);
}

/* "Post oder E-Mail", "telefonisch oder per Mail": e-mail is one of the ways they want. */
static gboolean offers_either(const Clause *clause)
{
	return has(clause, ROLE_MAIL) && has(clause, ROLE_OTHER | ROLE_CALL) &&
	       !has(clause, ROLE_NO | ROLE_NONE_OF | ROLE_INSTEAD_OF | ROLE_OBJECT);
}

typedef struct {
	SgpOptOut verdict;
	guint carried; /* roles of the clauses before: "ich bitte Sie," belongs to what follows */
	gboolean is_question;
	gboolean is_automatic; /* a robot speaks */
	gboolean forbids;      /* "ich untersage Ihnen," and what is forbidden comes with "zu" */
	gboolean told_a_way;   /* "kam per Post," and how it did not come follows */
	gboolean refuses;      /* "ich will nicht," and what is refused comes with "dass" */
} Reading;

static void prepend_no(Clause *clause)
{
	if (clause->n == MAX_WORDS)
		clause->n--;
	memmove(clause->roles + 1, clause->roles, clause->n * sizeof clause->roles[0]);
	clause->roles[0] = ROLE_NO;
	clause->n++;
	clause->all |= ROLE_NO;
}

/* A word that forbids by itself: untersagen, ablehnen, widersprechen. */
static gboolean has_forbidding_word(const Clause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		guint roles = clause->roles[i];
		if ((roles & ROLE_OBJECT) != 0 ||
			((roles & ROLE_NO) != 0 && (roles & ROLE_ASK) != 0))
			return TRUE;
	}
	return FALSE;
}

static void end_clause(Reading *reading, Clause *clause)
{
	static const guint carry = ROLE_ASK | ROLE_RATHER | ROLE_REPLY | ROLE_SEND;
	if (clause->n == 0)
		return;
	if (has(clause, ROLE_SEND) && (clause->roles[clause->n - 1] & ROLE_TO) != 0)
		clause->all |= ROLE_SEND_TO;
	guint own = clause->all;
	if (reading->forbids && has(clause, ROLE_TO))
		prepend_no(clause);
	reading->is_automatic = reading->is_automatic || (own & ROLE_AUTOMATIC) != 0;
	if (reading->is_automatic)
		clause->all |= ROLE_AUTOMATIC;
	gboolean names_way =
		has(clause, ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_SECURE | ROLE_INSECURE);
	if (names_way)
		clause->all |= reading->carried;
	SgpOptOut verdict = offers_either(clause) ? SGP_OPT_OUT_NONE
						  : read_clause(clause, reading->is_question);
	if (offers_either(clause) && has(clause, ROLE_ASK | ROLE_SEND | ROLE_REPLY) &&
		!is_past(clause))
		verdict = SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (reading->told_a_way && !has(clause, ROLE_ASK | ROLE_REPLY | ROLE_SEND | ROLE_RATHER))
		verdict = SGP_OPT_OUT_NONE;
	/* "nicht per Post, sondern per E-Mail": the second half decides what the first only denied.
	 */
	reading->verdict = sgp_opt_out_scan_combine(reading->verdict, verdict);
	/* What happened is told, not asked for: its words ask for nothing in the next clause. */
	reading->carried = is_past(clause) ? 0 : own & carry;
	reading->forbids = !names_way && has_forbidding_word(clause);
	reading->told_a_way = is_past(clause) && names_way;
	reading->refuses =
		!names_way && (own & (ROLE_NO | ROLE_OBJECT)) != 0 && (own & ROLE_ASK) != 0;
	memset(clause, 0, sizeof *clause);
}

static gboolean is_word_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 || c == '@' || c == '&';
}

/* The words and the marks between clauses (as ","). (transfer full) (element-type utf8) */
static GPtrArray *split(const char *text)
{
	GPtrArray *tokens = g_ptr_array_new_with_free_func(g_free);
	for (const char *p = text; *p != '\0';) {
		if (!is_word_char(*p)) {
			if (strchr(",:()!?", *p) != NULL)
				g_ptr_array_add(tokens, g_strdup(","));
			p++;
			continue;
		}
		const char *from = p;
		while (*p != '\0' && (is_word_char(*p) || *p == '.') &&
			!(*p == '.' && !is_word_char(p[1])))
			p++;
		char *word = g_strndup(from, p - from);
		/* An address or a web page is a name, not a word. */
		if (strchr(word, '@') != NULL || strchr(word, '.') != NULL)
			g_free(word);
		else
			g_ptr_array_add(tokens, word);
	}
	return tokens;
}

/* "und" joins two ways of sending ("per Mail und Telefon"), or it begins another statement. */
static gboolean joins_ways(const GPtrArray *tokens, guint at)
{
	for (guint i = at + 1; i <= at + 2 && i < tokens->len; i++) {
		guint roles = sgp_opt_out_lexicon_lookup(g_ptr_array_index(tokens, i));
		if ((roles & (ROLE_NO | ROLE_NONE_OF)) != 0)
			return FALSE;
		if (is_way(roles))
			return TRUE;
	}
	return FALSE;
}

static void add_token(Reading *reading, Clause *clause, const GPtrArray *tokens, guint at)
{
	const char *word = g_ptr_array_index(tokens, at);
	gboolean is_that = strcmp(word, "dass") == 0 || strcmp(word, "that") == 0;
	if (strcmp(word, ",") == 0) {
		end_clause(reading, clause);
		return;
	}
	gboolean is_and =
		(sgp_opt_out_lexicon_lookup(word) & ROLE_AND) != 0 && !joins_ways(tokens, at);
	if (is_and && strcmp(word, "noch") != 0 && strcmp(word, "nor") != 0) {
		/* "Ich habe geschrieben und nichts gehoert": the auxiliary belongs to both. */
		guint have = clause->all & ROLE_HAVE;
		end_clause(reading, clause);
		clause->all = have;
		reading->forbids = reading->refuses = FALSE;
		return;
	}
	if (is_break(word))
		end_clause(reading, clause);
	add_word(clause, is_that && reading->refuses ? "nicht" : word);
}

SgpOptOut sgp_opt_out_scan_sentence(const char *sentence)
{
	g_autofree char *folded = fold(sentence);
	g_autofree char *text = sgp_opt_out_lexicon_join_phrases(folded);
	g_autoptr(GPtrArray) tokens = split(text);
	Reading reading = {
		.verdict = SGP_OPT_OUT_NONE,
		/* "Koennten Sie bitte ...?" asks for something, not whether. */
		.is_question = g_str_has_suffix(g_strchomp(folded), "?") &&
			       strstr(folded, "bitte") == NULL && strstr(folded, "please") == NULL,
	};
	Clause clause = { 0 };
	for (guint i = 0; i < tokens->len; i++)
		add_token(&reading, &clause, tokens, i);
	end_clause(&reading, &clause);
	return reading.verdict;
}

SgpOptOut sgp_opt_out_scan_combine(SgpOptOut one, SgpOptOut other)
{
	if (one == other || other == SGP_OPT_OUT_NONE)
		return one;
	if (one == SGP_OPT_OUT_NONE)
		return other;
	/* Two different things were said. An objection stays one unless e-mail is asked for as
	 * well. */
	gboolean has_objection = one == SGP_OPT_OUT_OPTED_OUT || other == SGP_OPT_OUT_OPTED_OUT;
	gboolean has_unclear = one == SGP_OPT_OUT_UNCLEAR || other == SGP_OPT_OUT_UNCLEAR;
	gboolean has_request =
		one == SGP_OPT_OUT_ASKS_FOR_E_MAIL || other == SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (has_objection)
		return has_unclear ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
	if (has_unclear && has_request)
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	return has_unclear ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_ENCRYPTED_ONLY;
}
