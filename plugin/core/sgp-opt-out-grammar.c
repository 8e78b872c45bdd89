/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one sentence by rule: does it object to e-mail, ask for another way instead, ask for
 * e-mail, or ask for encryption? Cuts it into clauses (sgp-opt-out-clause reads one) and carries
 * from one to the next what belongs to both. Knows plain words only, and is sure of those; what
 * people say around the corner is for the text model (sgp-opt-out-scan joins the two). */
#include "sgp-opt-out-grammar.h"

#include <string.h>

#include "sgp-normal-text.h"
#include "sgp-opt-out-clause-private.h"
#include "sgp-opt-out-scan.h"
#include "sgp-pattern-private.h"

/* --- Folding --- */

static char *fold(const char *text)
{
	g_autofree char *composed = sgp_normal_text_dup(text, G_NORMALIZE_ALL_COMPOSE);
	g_autofree char *lower = g_str_is_ascii(composed) ? g_ascii_strdown(composed, -1)
							  : g_utf8_strdown(composed, -1);
	GString *out = g_string_sized_new(strlen(lower) + 16);
	for (const char *p = lower; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c < 0x80 && g_ascii_isalnum((char)c))
			g_string_append_c(out, (char)c);
		else if (c == 0xe4)
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

/* --- The sentence --- */

static gboolean is_break(const char *word)
{
	static const char *const words[] = { "sondern", "aber", "jedoch", "but", "however",
		"dafuer", "vielmehr", "weil", "because", "since", "dass", "that", NULL };
	return g_strv_contains(words, word);
}

/* "Post oder E-Mail", "telefonisch oder per Mail": e-mail is one of the ways they want. */
static gboolean offers_either(const SgpClause *clause)
{
	return sgp_clause_has(clause, ROLE_MAIL) &&
	       sgp_clause_has(clause, ROLE_OTHER | ROLE_CALL) &&
	       !sgp_clause_has(clause, ROLE_NO | ROLE_NONE_OF | ROLE_INSTEAD_OF | ROLE_OBJECT);
}

typedef struct {
	SgpOptOut verdict;
	guint64 carried; /* roles of the clauses before: "ich bitte Sie," belongs to what follows */
	gboolean is_question;
	gboolean names_new_address;
	gboolean mentioned_mail;
	gboolean has_condition; /* "wenn Sie Fragen haben" */
	gboolean is_automatic;  /* a robot speaks */
	gboolean forbids;       /* "ich untersage Ihnen," and what is forbidden comes with "zu" */
	gboolean told_a_way;    /* "kam per Post," and how it did not come follows */
	gboolean refuses;       /* "ich will nicht," and what is refused comes with "dass" */
} Reading;

static void prepend_no(SgpClause *clause)
{
	if (clause->n == SGP_CLAUSE_MAX_WORDS)
		clause->n--;
	memmove(clause->roles + 1, clause->roles, clause->n * sizeof clause->roles[0]);
	clause->roles[0] = ROLE_NO;
	clause->n++;
	clause->all |= ROLE_NO;
}

/* A word that forbids by itself: untersagen, ablehnen, widersprechen; or one that allows, negated.
 */
static gboolean has_forbidding_word(const SgpClause *clause)
{
	for (guint i = 0; i < clause->n; i++) {
		guint64 roles = clause->roles[i];
		if ((roles & ROLE_OBJECT) != 0 ||
			((roles & ROLE_NO) != 0 && (roles & ROLE_ASK) != 0) ||
			((roles & ROLE_CONSENT) != 0 &&
				sgp_clause_has(clause, ROLE_NO | ROLE_NONE_OF)))
			return TRUE;
	}
	return FALSE;
}

/* "Ich schreibe keine Mails und moechte auch keine bekommen." */
static gboolean wants_none_of_them(const SgpClause *clause)
{
	if (sgp_clause_has(clause, ROLE_MAIL | ROLE_OTHER | ROLE_CALL) ||
		sgp_clause_is_told(clause) || !sgp_clause_has_wish(clause))
		return FALSE;
	for (guint i = 0; i + 1 < clause->n; i++) {
		if ((clause->roles[i] & ROLE_NONE_OF) != 0 &&
			(clause->roles[i + 1] & (ROLE_CONTACT | ROLE_SEND)) != 0)
			return TRUE;
	}
	return FALSE;
}

static void end_clause(Reading *reading, SgpClause *clause)
{
	static const guint64 carry = ROLE_ASK | ROLE_RATHER | ROLE_REPLY | ROLE_SEND;
	if (clause->n == 0)
		return;
	if (sgp_clause_has(clause, ROLE_SEND) && (clause->roles[clause->n - 1] & ROLE_TO) != 0)
		clause->all |= ROLE_SEND_TO;
	guint64 own = clause->all;
	if (reading->forbids && sgp_clause_has(clause, ROLE_TO))
		prepend_no(clause);
	reading->is_automatic = reading->is_automatic || (own & ROLE_AUTOMATIC) != 0;
	if (reading->is_automatic)
		clause->all |= ROLE_AUTOMATIC;
	gboolean names_way = sgp_clause_has(
		clause, ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_SECURE | ROLE_INSECURE);
	if (names_way)
		clause->all |= reading->carried;
	/* "Wenn Sie Fragen haben, rufen Sie mich an": with a request beside it, it counts. */
	if (reading->has_condition)
		clause->roles[0] &= ~ROLE_COMMAND;
	SgpOptOut verdict = offers_either(clause) ? SGP_OPT_OUT_NONE
						  : sgp_clause_read(clause, reading->is_question,
							    reading->names_new_address);
	if (offers_either(clause) && sgp_clause_has(clause, ROLE_ASK | ROLE_SEND | ROLE_REPLY) &&
		!sgp_clause_is_past(clause))
		verdict = SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (verdict == SGP_OPT_OUT_NONE && reading->mentioned_mail && wants_none_of_them(clause))
		verdict = SGP_OPT_OUT_UNCLEAR;
	if (reading->told_a_way &&
		!sgp_clause_has(clause, ROLE_ASK | ROLE_REPLY | ROLE_SEND | ROLE_RATHER))
		verdict = SGP_OPT_OUT_NONE;
	/* "nicht per Post, sondern per E-Mail": the second half decides what the first only denied.
	 */
	reading->verdict = sgp_opt_out_scan_combine(reading->verdict, verdict);
	/* What happened is told, not asked for: its words ask for nothing in the next clause. */
	reading->carried = sgp_clause_is_past(clause) || (own & ROLE_WORRY) != 0 ? 0 : own & carry;
	reading->mentioned_mail = reading->mentioned_mail || (own & ROLE_MAIL) != 0;
	reading->forbids = !names_way && has_forbidding_word(clause);
	reading->told_a_way = sgp_clause_is_past(clause) && names_way;
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
		guint64 roles = sgp_opt_out_lexicon_lookup(g_ptr_array_index(tokens, i));
		if ((roles & (ROLE_NO | ROLE_NONE_OF)) != 0)
			return FALSE;
		if (sgp_clause_is_way(roles))
			return TRUE;
	}
	return FALSE;
}

static void add_token(Reading *reading, SgpClause *clause, const GPtrArray *tokens, guint at)
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
		guint64 have = clause->all & ROLE_HAVE;
		end_clause(reading, clause);
		clause->all = have;
		reading->forbids = reading->refuses = FALSE;
		return;
	}
	if (is_break(word))
		end_clause(reading, clause);
	sgp_clause_add_word(clause, is_that && reading->refuses ? "nicht" : word);
}

/* "nicht mehr an diese Adresse, sondern an erika@...", "meine neue Adresse ist erika@...". */
static gboolean names_new_address(const char *folded)
{
	return strchr(folded, '@') != NULL &&
	       SGP_PATTERN_MATCHES(
		       "\\b(sondern|but|instead|stattdessen)( [\\w-]+){0,4} [\\w.-]+@|"
		       "\\b(neue?|new)( [\\w-]+)?( [\\w-]*(adresse|address|mail))?"
		       "( (ist|lautet|heisst|is|nun|jetzt|now|bitte|please))*[: ,]*[\\w.-]+@",
		       G_REGEX_DEFAULT, folded);
}

static gboolean has_condition(const GPtrArray *tokens)
{
	for (guint i = 0; i < tokens->len; i++) {
		if ((sgp_opt_out_lexicon_lookup(g_ptr_array_index(tokens, i)) & ROLE_IF) != 0)
			return TRUE;
	}
	return FALSE;
}

/* --- What must be asked about --- */

/* "Fragekeine E-Mail bitte": what stands before may have been a "keine". */
static gboolean follows_unknown_word(const char *text)
{
	static const char *const plain[] = { "per", "um", "von", "via", "by", "eine", "ein",
		"einer", "an", "a", "als", "auf", "mit", "with", "durch", "ueber", "through", "zur",
		"zu", "ja", "yes", "kurze", "kurzer", "kurz", "einfach", "schnelle", "immer",
		"dann", "meine", "my", "die", "der", "the", "your", "ihre", "naechste", "weitere",
		NULL };
	g_autoptr(GMatchInfo) match = NULL;
	if (!g_regex_match(SGP_PATTERN("([\\w-]+) e?mails? (bitte|please)\\b|"
				       "(?:bitte|please) ([\\w-]+) e?mails?\\W*$",
				   G_REGEX_DEFAULT),
		    text, 0, &match))
		return FALSE;
	g_autofree char *before = g_match_info_fetch(match, 1);
	g_autofree char *between = g_match_info_fetch(match, 3);
	const char *word = before != NULL && *before != '\0' ? before : between;
	return word != NULL && *word != '\0' && !g_strv_contains(plain, word) &&
	       sgp_opt_out_lexicon_lookup(word) == 0;
}

/* text: with its phrases joined. Each of the patterns has one of the two words in it. */
static gboolean has_doubt(const char *text)
{
	if (strstr(text, "mail") == NULL && strstr(text, "postfach") == NULL)
		return FALSE;
	return SGP_PATTERN_MATCHES(
		       "\\w\\w(kein|keine|keinen|keiner|nicht)( [\\w-]+){0,2} e?mail|"
		       "\\be?mails? (lese|lesen|checke) (ich|wir) (\\w+ "
		       ")?(nie|niemals|nicht|kaum|selten)\\b|"
		       "\\b(ich|wir) (lese|lesen) (\\w+ )?(nie|niemals|kaum|selten) (\\w+ "
		       ")?e?mail|"
		       "\\b(mir|uns) (ist|sind) (\\w+ )?e?mails? (\\w+ )?(zu|so) unsicher|"
		       "\\be?mails? (ist|sind) (mir|uns) (\\w+ )?(zu|so) unsicher|"
		       "\\b(mein|meine|unser|unsere|my|our) (\\w+ "
		       ")?(e?mail|postfach|mailbox)[\\w-]* "
		       "(\\w+ ){0,3}(gehackt|geknackt|kompromittiert|hacked|compromised)\\b",
		       G_REGEX_OPTIMIZE, text) ||
	       follows_unknown_word(text);
}

/* --- Both --- */

SgpOptOut sgp_opt_out_grammar_read(const char *sentence, gboolean *is_doubtful)
{
	g_autofree char *folded = fold(sentence);
	g_autofree char *text = sgp_opt_out_lexicon_join_phrases(folded);
	g_autoptr(GPtrArray) tokens = split(text);
	Reading reading = {
		.verdict = SGP_OPT_OUT_NONE,
		/* "Koennten Sie bitte ...?" asks for something, not whether. */
		.is_question = g_str_has_suffix(g_strchomp(folded), "?") &&
			       strstr(folded, "bitte") == NULL && strstr(folded, "please") == NULL,
		.names_new_address = names_new_address(folded),
		.has_condition = has_condition(tokens),
	};
	SgpClause clause = { 0 };
	for (guint i = 0; i < tokens->len; i++)
		add_token(&reading, &clause, tokens, i);
	end_clause(&reading, &clause);
	if (is_doubtful != NULL)
		*is_doubtful = has_doubt(text);
	return reading.verdict;
}
