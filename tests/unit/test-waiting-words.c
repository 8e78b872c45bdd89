/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-waiting-words.h"

#include <string.h>

static void test_waits(void)
{
	static const char *const states[] = { "unreachable", "locked", "revoked", "none" };

	for (gsize i = 0; i < G_N_ELEMENTS(states); i++) {
		g_autofree char *one = sgp_waiting_words_dup(1, states[i]);
		g_autofree char *two = sgp_waiting_words_dup(2, states[i]);

		g_assert_nonnull(strstr(one, "1 sealed mail waits"));
		g_assert_nonnull(strstr(two, "2 sealed mails wait"));
	}
}

static void test_nothing(void)
{
	g_assert_null(sgp_waiting_words_dup(0, "unreachable"));
	g_assert_null(sgp_waiting_words_dup(3, "enrolled"));
	g_assert_null(sgp_waiting_words_dup(3, NULL));
}

static void test_held(void)
{
	g_autofree char *one = sgp_waiting_words_dup_held(1);

	g_assert_nonnull(strstr(one, "could not be delivered"));
	g_assert_null(sgp_waiting_words_dup_held(0));
}

static void test_could_not_look(void)
{
	g_autofree char *count = sgp_waiting_words_dup_count(G_MAXUINT);
	g_autofree char *held = sgp_waiting_words_dup_held(G_MAXUINT);

	g_assert_nonnull(strstr(count, "cannot be told"));
	g_assert_cmpstr(held, ==, count);
	g_assert_null(sgp_waiting_words_dup(G_MAXUINT, "unreachable"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/waiting-words/a-portal-that-is-away-is-said", test_waits);
	g_test_add_func("/waiting-words/mails-on-their-way-are-no-news", test_nothing);
	g_test_add_func("/waiting-words/what-needs-a-person-is-said", test_held);
	g_test_add_func("/waiting-words/could-not-look-is-no-number", test_could_not_look);
	return g_test_run();
}
