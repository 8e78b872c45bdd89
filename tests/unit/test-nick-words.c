/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What windows and command line share has a sentence for every nick that core can name. */
#include <glib.h>

#include "sgp-channel.h"
#include "sgp-content-class.h"
#include "sgp-key.h"
#include "sgp-nick-words.h"
#include "sgp-spool.h"
#include "sgp-stage.h"
#include "sgp-verdict.h"

typedef const char *(*Words)(const char *nick);

static void assert_words(Words words, const char *nick)
{
	const char *said = words(nick);
	if (said == NULL || *said == '\0')
		g_error("plugin/words has no sentence for “%s”", nick);
}

/* A value that an enum does not have gets the nick of its zero, so that one more value at its end
 * is found here without being named here. */
#define ADAPT(name, type)                                                                          \
	static const char *nick_of_##name(int value)                                               \
	{                                                                                          \
		return sgp_##name##_get_nick((type)value);                                         \
	}
ADAPT(channel, SgpChannel)
ADAPT(content_class, SgpContentClass)
ADAPT(key_state, SgpKeyState)
ADAPT(spool_state, SgpSpoolState)
ADAPT(stage, SgpStage)

/* but: (nullable) the one that needs none. */
static void assert_words_of(Words words, const char *(*get_nick)(int value), const char *but)
{
	int n = 0;
	for (; n == 0 || g_strcmp0(get_nick(n), get_nick(G_MAXINT)) != 0; n++)
		if (get_nick(n) != NULL && g_strcmp0(get_nick(n), but) != 0)
			assert_words(words, get_nick(n));
	g_assert_cmpint(n, >, 3);
}

static void test_enums(void)
{
	assert_words_of(sgp_nick_words_lookup_channel, nick_of_channel,
		sgp_channel_get_nick(SGP_CHANNEL_NONE));
	assert_words_of(sgp_nick_words_lookup_class, nick_of_content_class, NULL);
	assert_words_of(sgp_nick_words_lookup_spool_state, nick_of_spool_state, NULL);
	assert_words_of(
		sgp_nick_words_lookup_stage, nick_of_stage, sgp_stage_get_nick(SGP_STAGE_NONE));
	/* A usable key that was not taken is "not-preferred". */
	assert_words_of(sgp_nick_words_lookup_reason, nick_of_key_state,
		sgp_key_state_get_nick(SGP_KEY_STATE_USABLE));
}

static void test_lists(void)
{
	const char *const *reasons = sgp_not_stronger_get_reasons();
	const char *const *kinds = sgp_question_get_kinds();
	for (guint i = 0; reasons[i] != NULL; i++)
		assert_words(sgp_nick_words_lookup_reason, reasons[i]);
	for (guint i = 0; kinds[i] != NULL; i++)
		assert_words(sgp_nick_words_lookup_question, kinds[i]);
}

/* Why a copy waits, as the spool writes it; windows and command line alike. */
static void test_spool_problems(void)
{
	static const char *const problems[] = { "gone", "maybe-left", "submission-refused",
		"submission-later", "submission-unreachable" };
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++)
		assert_words(sgp_nick_words_lookup_spool_problem, problems[i]);
}

static void test_unknown(void)
{
	static const Words all[] = { sgp_nick_words_lookup_channel, sgp_nick_words_lookup_class,
		sgp_nick_words_lookup_reason, sgp_nick_words_lookup_key_detail,
		sgp_nick_words_lookup_question, sgp_nick_words_lookup_stage,
		sgp_nick_words_lookup_spool_state, sgp_nick_words_lookup_spool_problem };
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		g_assert_null(all[i](NULL));
		g_assert_null(all[i]("no-such-nick"));
	}
	g_assert_null(sgp_nick_words_lookup_channel(sgp_channel_get_nick(SGP_CHANNEL_NONE)));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/nick-words/every-value-of-core-has-a-sentence", test_enums);
	g_test_add_func("/nick-words/every-reason-and-question-has-a-sentence", test_lists);
	g_test_add_func("/nick-words/what-a-copy-waits-for-is-said", test_spool_problems);
	g_test_add_func(
		"/nick-words/a-nick-of-a-later-version-is-left-to-the-caller", test_unknown);
	return g_test_run();
}
