/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an agency sells stands below its name: "Leben | Unfall | Kranken". That tells nothing of the
 * mail above. Decides which lines are that, and only that: a line that says anything else is
 * content, and above the closing such a list may name a customer's contracts. */
#include "sgp-content-signature.h"

#include <string.h>

/* Fewer branches may be an afterthought about a contract. */
#define FEWEST      3
#define LONGEST     300 /* bytes of a line that is looked at */
#define MAX_CLOSING 120 /* bytes of a closing, with the branches behind it */

gboolean sgp_content_signature_is_closing(const char *line)
{
	static GRegex *regex;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		regex = g_regex_new(
			"^[\\s\\-–—]*(--|"
			"(mit|viele|beste|freundliche|herzliche|sch(ö|oe)ne|liebe)\\b.{0,25}"
			"\\bgr(ü|u|ue)(ß|ss)|"
			"gr(ü|u|ue)(ß|ss)e?\\b|"
			"(mfg|lg|vg)\\b|"
			"(kind|best|warm|many)( \\w+)? (regards|wishes|thanks)\\b|"
			"(regards|sincerely|yours (sincerely|faithfully|truly))\\b|"
			"(ihre? )?(\\w{0,12}agentur|versicherungsb(ü|ue)ro|team) )",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	return strlen(line) <= MAX_CLOSING && g_regex_match(regex, line, 0, NULL);
}

static guint count(const char *line, GRegex *regex)
{
	guint n = 0;
	g_autoptr(GMatchInfo) match = NULL;
	for (g_regex_match(regex, line, 0, &match); g_match_info_matches(match);
		g_match_info_next(match, NULL))
		n++;
	return n;
}

gboolean sgp_content_signature_is_list(const char *line)
{
	static GRegex *branch, *word;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		branch = g_regex_new(
			"\\b(kranken(voll|zusatz|versicherung(en)?)?|leben(sversicherung(en)?)?|"
			"unfall(versicherung(en)?)?|renten?|(alters)?vorsorge|"
			"berufsunf(ä|ae)higkeit|pflege|zahnzusatz|zusatzversicherung(en)?|"
			"sach(versicherung(en)?)?|kfz|hausrat|haftpflicht|wohngeb(ä|ae)ude|"
			"rechtsschutz|komposit|gewerbe|reise|gesundheit|verm(ö|oe)gen|finanzen|"
			"bausparen|life|health|accident|motor|property|pensions?|casualty|"
			"liability|travel|home|auto|bu|haus|immobilien|"
			"unfallschutz|krankenzusatz)\\b",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		/* "Ihre Agentur für ... und mehr an Ihrer Seite" says nothing. */
		word = g_regex_new("\\b(?!(ihre?|wir|sie|für|fuer|und|mehr|an|zu|agentur|partner|"
				   "berate?n|versichern|ihrer|seite|your|for|and|more|agency)\\b)"
				   "\\p{L}+",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	if (strlen(line) > LONGEST)
		return FALSE;
	guint n_branches = count(line, branch);
	return n_branches >= FEWEST && 2 * n_branches >= count(line, word);
}
