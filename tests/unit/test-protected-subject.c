/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-protected-subject.h"

#define RECIPIENT(channel, subject)                                                                \
	"{\"basis\":{\"kind\":\"inquiry\",\"evidence\":{\"subject\":" subject "}},"                \
	"\"channel\":{\"kind\":\"" channel "\"}}"

static char *ask(const char *recipients, const char *subject)
{
	g_autofree char *json = g_strdup_printf("{\"recipients\":[%s]}", recipients);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonNode) node = json_from_string(json, &error);

	g_assert_no_error(error);
	return sgp_protected_subject_dup(json_node_get_object(node), subject);
}

static void test_restored(void)
{
	g_autofree char *fresh = ask(RECIPIENT("portal", "\"Meine Police\""), "Re: [...]");
	g_autofree char *again = ask(RECIPIENT("openpgp", "\"Re: Meine Police\""), "AW: [...]");

	g_assert_cmpstr(fresh, ==, "Re: Meine Police");
	g_assert_cmpstr(again, ==, "Re: Meine Police");
}

static void test_own_words(void)
{
	g_assert_null(ask(RECIPIENT("portal", "\"Meine Police\""), "Re: Police"));
	g_assert_null(ask(RECIPIENT("portal", "\"Meine Police\""), "[...]"));
	g_assert_null(ask(RECIPIENT("portal", "\"Meine Police\""), ""));
}

static void test_clear_copy(void)
{
	g_assert_null(ask(RECIPIENT("portal", "\"Meine Police\"") "," RECIPIENT("plain", "null"),
		"Re: [...]"));
	g_assert_null(ask(RECIPIENT("transport", "\"Meine Police\""), "Re: [...]"));
	g_assert_null(
		ask("{\"basis\":{\"evidence\":{\"subject\":\"x\"}},\"channel\":{\"kind\":null}}",
			"Re: [...]"));
}

static void test_not_known(void)
{
	g_assert_null(ask(RECIPIENT("portal", "null"), "Re: [...]"));
	g_assert_null(ask(RECIPIENT("portal", "\"[...]\""), "Re: [...]"));
	g_assert_null(ask(
		"{\"basis\":{\"evidence\":null},\"channel\":{\"kind\":\"portal\"}}", "Re: [...]"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/protected-subject/an-answer-gets-the-real-subject", test_restored);
	g_test_add_func("/protected-subject/staff's-own-words-stay", test_own_words);
	g_test_add_func("/protected-subject/no-copy-in-clear-gets-it", test_clear_copy);
	g_test_add_func("/protected-subject/what-is-not-known-is-not-made-up", test_not_known);
	return g_test_run();
}
