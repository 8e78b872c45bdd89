/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which ways of answering a text refuses: only others than e-mail, or not only those. */
#include <glib.h>
#include <string.h>

#include "sgp-opt-out-model-private.h"
#include "sgp-opt-out-ways.h"

static void assert_ways(const char *const *texts, gboolean is_only_others)
{
	for (guint i = 0; texts[i] != NULL; i++) {
		if (sgp_opt_out_ways_refuses_others(texts[i]) != is_only_others)
			g_error("%s", texts[i]);
	}
}

static void test_only_others(void)
{
	static const char *const texts[] = {
		"Bitte nicht per Post, sondern per E-Mail.",
		"Rufen Sie mich bitte nicht an. Eine Mail lese ich zwischendurch.",
		"Lieber kurz gemailt als lang telefoniert.",
		"Statt eines Briefes hätte ich gern eine Mail.",
		"Auf Briefe verzichte ich, mailen Sie mir.",
		"Nutzen Sie bitte diese E-Mail und nicht meine Postanschrift.",
		"Mails stören mich nicht, aber rufen Sie nicht an.",
		"Ich habe nichts gegen Mails, aber bitte keine Anrufe.",
		"I mog koane Anrufe ned, a Mail langt ma.",
		"Please don't ring, send an e-mail instead of a letter.",
		NULL,
	};
	assert_ways(texts, TRUE);
}

static void test_not_only_others(void)
{
	static const char *const texts[] = {
		"",
		"Meine Mailadresse hat sich geändert.",
		"Bitte keine Anrufe.",
		"Bitte keine Anrufe und keine Mails.",
		"Bitte nicht per E-Mail, sondern per Post.",
		"Lieber ein Brief als eine Mail.",
		"Rufen Sie nicht an, schreiben Sie mir keine Mail, schicken Sie einen Brief.",
		"Nicht anrufen, sondern einen Brief schicken, meine Mails liest der Chef.",
		"Keine Mails. Können Sie nicht einfach anrufen?",
		"Diese Adresse ist nicht für Antworten; maßgeblich ist der Postweg.",
		"Die Mail liest meine Frau, bitte auf keinen Fall hier schreiben.",
		"Per Mail und Telefon möchte ich nicht kontaktiert werden.",
		"Per Mail, per Telefon oder per Post bitte nicht.",
		"Keine Anrufe, Mails.",
		"Der Brief kam nicht an. Diese Mailadresse gehört mir.",
		"Rufen Sie nicht an. Die Mails liest meine Frau.",
		"Nicht nur per Post, bitte auch per Mail.",
		"email no good for me please phone",
		"No letters, no e-mails.",
		NULL,
	};
	assert_ways(texts, FALSE);
}

static void test_a_long_clause(void)
{
	g_autoptr(GString) text = g_string_new("Bitte nicht ");
	for (guint i = 0; i < 3000; i++)
		g_string_append(text, "per Post oder ");
	g_assert_false(sgp_opt_out_ways_refuses_others(text->str));
	g_assert_false(sgp_opt_out_ways_refuses_others("\xff\xfe\x80 M\xc3"));
}

/* The places of the kinds in opt-out-classes.tsv. */
static void assert_word(const char *word, SgpOptOutWord expected)
{
	g_assert_cmpint(sgp_opt_out_model_find_word(word, strlen(word)), ==, expected);
}

static void test_words(void)
{
	assert_word("mail", SGP_OPT_OUT_WORD_MAIL);
	assert_word("mailadresse", SGP_OPT_OUT_WORD_MAIL);
	assert_word("postfach", SGP_OPT_OUT_WORD_MAIL);
	assert_word("elektronisch", SGP_OPT_OUT_WORD_MAIL);
	assert_word("post", SGP_OPT_OUT_WORD_OTHER_WAY);
	assert_word("anrufen", SGP_OPT_OUT_WORD_OTHER_WAY);
	assert_word("besuch", SGP_OPT_OUT_WORD_OTHER_WAY);
	assert_word("filiale", SGP_OPT_OUT_WORD_PLAIN);
	assert_word("nicht", SGP_OPT_OUT_WORD_NEGATION);
	assert_word("keine", SGP_OPT_OUT_WORD_NEGATION);
	assert_word("lieber", SGP_OPT_OUT_WORD_PLAIN);
	assert_word("rechnung", SGP_OPT_OUT_WORD_PLAIN);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/opt-out-ways/only-ways-other-than-e-mail", test_only_others);
	g_test_add_func("/opt-out-ways/e-mail-too-or-another-instead", test_not_only_others);
	g_test_add_func("/opt-out-ways/a-long-clause-is-no-wish", test_a_long_clause);
	g_test_add_func("/opt-out-ways/kinds-of-words-have-their-places", test_words);
	return g_test_run();
}
