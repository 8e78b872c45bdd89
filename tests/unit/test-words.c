/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whatever the agent can name is put into words: every nick that its JSON and its bus can carry is
 * taken from core and must have a sentence of its own in ui. */
#include <json-glib/json-glib.h>

#include "sgp-basis.h"
#include "sgp-channel.h"
#include "sgp-content-class.h"
#include "sgp-dispatcher.h"
#include "sgp-error.h"
#include "sgp-key.h"
#include "sgp-prepare-result.h"
#include "sgp-spool.h"
#include "sgp-stage.h"
#include "sgp-verdict.h"
#include "sgp-words.h"

#define NOBODY "no-such-nick"

typedef char *(*Words)(const char *nick);
typedef const char *(*GetNick)(int value);

/* A value that an enum does not have gets the nick of its zero, so that one more value at its end
 * is found here without being named here. */
#define ADAPT(name, type)                                                                          \
	static const char *nick_of_##name(int value)                                               \
	{                                                                                          \
		return sgp_##name##_get_nick((type)value);                                         \
	}
ADAPT(action, SgpAction)
ADAPT(basis, SgpBasis)
ADAPT(channel, SgpChannel)
ADAPT(content_class, SgpContentClass)
ADAPT(key_state, SgpKeyState)
ADAPT(portal_state, SgpPortalState)
ADAPT(prepare_status, SgpPrepareStatus)
ADAPT(refusal, SgpRefusal)
ADAPT(spool_state, SgpSpoolState)
ADAPT(stage, SgpStage)

static const char *nick_of_error(int value)
{
	g_autoptr(GError) error = g_error_new_literal(SGP_ERROR, value, "");
	return sgp_error_get_nick(error);
}

/* (element-type utf8) all nicks of an enum; values without one are left out */
static GPtrArray *nicks_of(GetNick get_nick)
{
	GPtrArray *nicks = g_ptr_array_new_with_free_func(g_free);
	for (int i = 0; i == 0 || g_strcmp0(get_nick(i), get_nick(G_MAXINT)) != 0; i++) {
		if (get_nick(i) != NULL)
			g_ptr_array_add(nicks, g_strdup(get_nick(i)));
	}
	return nicks;
}

static gboolean has_words(Words words, const char *nick)
{
	g_autofree char *is = words(nick);
	g_autofree char *nobody = words(NOBODY);
	if (is == NULL || *is == '\0')
		return FALSE;
	/* What is said of a nick that nobody knows, and of this one if it were such a nick. */
	g_autoptr(GString) unknown = g_string_new(nobody);
	g_string_replace(unknown, NOBODY, nick, 0);
	return !g_str_equal(is, unknown->str);
}

static void assert_words(Words words, const char *nick)
{
	if (!has_words(words, nick))
		g_error("ui/sgp-words.c has no sentence for “%s”", nick);
}

static void assert_words_of(Words words, GetNick get_nick)
{
	g_autoptr(GPtrArray) nicks = nicks_of(get_nick);
	g_assert_cmpuint(nicks->len, >, 1);
	for (guint i = 0; i < nicks->len; i++)
		assert_words(words, g_ptr_array_index(nicks, i));
}

static JsonObject *object_with(const char *member, const char *nick)
{
	JsonObject *object = json_object_new();
	json_object_set_string_member(object, member, nick);
	return object;
}

static char *words_of_basis(const char *kind)
{
	g_autoptr(JsonObject) basis = object_with("kind", kind);
	return sgp_words_dup_basis(basis);
}

static char *words_of_question(const char *kind)
{
	g_autoptr(JsonObject) question = object_with("kind", kind);
	return sgp_words_dup_question(question);
}

static char *words_of_reason(const char *reason)
{
	g_autoptr(JsonObject) rung = object_with("reason", reason);
	json_object_set_string_member(rung, "channel", "openpgp");
	return sgp_words_dup_not_stronger(rung);
}

static void test_enums(void)
{
	assert_words_of(sgp_words_dup_action, nick_of_action);
	assert_words_of(words_of_basis, nick_of_basis);
	assert_words_of(sgp_words_dup_refusal, nick_of_refusal);
	assert_words_of(sgp_words_dup_channel, nick_of_channel);
	assert_words_of(sgp_words_dup_class, nick_of_content_class);
	assert_words_of(sgp_words_dup_portal_state, nick_of_portal_state);
	assert_words_of(sgp_words_dup_spool_state, nick_of_spool_state);
	assert_words_of(sgp_words_dup_stage, nick_of_stage);
	assert_words_of(sgp_words_dup_error, nick_of_error);
}

static void test_reasons(void)
{
	g_autoptr(GPtrArray) states = nicks_of(nick_of_key_state);
	for (guint i = 0; i < states->len; i++) {
		const char *nick = g_ptr_array_index(states, i);
		/* A usable key that was not taken is "not-preferred". */
		if (!g_str_equal(nick, sgp_key_state_get_nick(SGP_KEY_STATE_USABLE)))
			assert_words(words_of_reason, nick);
	}
	const char *const *reasons = sgp_not_stronger_get_reasons();
	for (guint i = 0; reasons[i] != NULL; i++)
		assert_words(words_of_reason, reasons[i]);
	for (int i = SGP_CHANNEL_OPENPGP; i <= SGP_CHANNEL_PLAIN; i++)
		assert_words(sgp_words_dup_channel_short, nick_of_channel(i));
}

static void test_questions(void)
{
	const char *const *kinds = sgp_question_get_kinds();
	for (guint i = 0; kinds[i] != NULL; i++) {
		assert_words(words_of_question, kinds[i]);
		assert_words(sgp_words_dup_answer, kinds[i]);
	}
}

static void test_remedies(void)
{
	const char *const *remedies = sgp_verdict_get_remedies();
	for (guint i = 0; remedies[i] != NULL; i++) {
		/* Waiting needs no button. */
		/* A key is compared on the phone, and accepted where its fingerprint is shown. */
		gboolean has_no_button =
			g_str_equal(remedies[i], "wait") || g_str_equal(remedies[i], "accept-key");
		g_assert_true(has_words(sgp_words_dup_remedy, remedies[i]) != has_no_button);
	}
	g_assert_true(has_words(sgp_words_dup_remedy, "reply-to:m1@kunde.example"));
	g_autofree char *unknown = sgp_words_dup_remedy(NOBODY);
	g_assert_null(unknown);
}

/* What did not get through is told as an action ("hold") or as an error ("failed"). */
static void test_statuses(void)
{
	g_autoptr(GPtrArray) statuses = nicks_of(nick_of_prepare_status);
	g_assert_cmpuint(statuses->len, ==, SGP_PREPARE_COMMITTED + 1);
	for (guint i = 0; i < statuses->len; i++) {
		const char *nick = g_ptr_array_index(statuses, i);
		gboolean is_done = i == SGP_PREPARE_COMMITTED;
		g_assert_true(is_done || has_words(sgp_words_dup_action, nick) ||
			      has_words(sgp_words_dup_error, nick));
	}
	assert_words(sgp_words_dup_error, "cancelled");
}

static char *dup_inquiry(const char *json)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	return sgp_words_dup_inquiry(json_node_get_object(node));
}

static void test_inquiry(void)
{
	g_autofree char *whole =
		dup_inquiry("{\"message_id\":\"a\",\"subject\":\"Angebot Hausratversicherung\","
			    "\"date\":\"2026-11-24T07:13:00Z\"}");
	g_autofree char *undated =
		dup_inquiry("{\"message_id\":\"a\",\"subject\":\"Angebot\",\"date\":null}");
	g_autofree char *unnamed = dup_inquiry(
		"{\"message_id\":\"a\",\"subject\":null,\"date\":\"2026-11-24T07:13:00Z\"}");
	g_autofree char *blank = dup_inquiry("{\"subject\":\" \",\"date\":null}");
	g_assert_cmpstr(whole, ==, "11/24/2026  Angebot Hausratversicherung");
	g_assert_cmpstr(undated, ==, "Angebot");
	g_assert_cmpstr(unnamed, ==, "11/24/2026  (no subject)");
	g_assert_cmpstr(blank, ==, "(no subject)");
}

static void test_one_line(void)
{
	g_autofree char *broken =
		dup_inquiry("{\"subject\":\"Eins\\n\\u202e01.01.2027\\u2028Zwei\",\"date\":null}");
	g_assert_cmpstr(broken, ==, "Eins  01.01.2027 Zwei");
}

static void test_events(void)
{
	static const char *const urgent[] = { "not-collected", "bounced", "frozen", "reset-asked",
		"device-pending", "tampered", "unchecked", "record-refused" };
	static const char *const calm[] = { "registered", "read", "replied", "recovered",
		"key-deposited", "key-removed", "deleted" };

	for (gsize i = 0; i < G_N_ELEMENTS(urgent); i++) {
		g_autofree char *words = sgp_words_dup_event(urgent[i], "erika@kunde.example");
		g_autofree char *to_do = sgp_words_dup_event_to_do(urgent[i]);

		g_assert_null(strstr(words, "does not know"));
		g_assert_null(strstr(words, "%s"));
		g_assert_nonnull(to_do);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(calm); i++) {
		g_autofree char *words = sgp_words_dup_event(calm[i], "erika@kunde.example");

		g_assert_nonnull(strstr(words, "erika@kunde.example"));
		g_assert_null(sgp_words_dup_event_to_do(calm[i]));
	}
	g_autofree char *unknown = sgp_words_dup_event("from-the-future", NULL);
	g_autofree char *nobody = sgp_words_dup_event("read", NULL);

	g_assert_nonnull(strstr(unknown, "from-the-future"));
	g_assert_nonnull(strstr(nobody, "a customer"));
}

static void test_advice(void)
{
	g_autofree char *advice = sgp_words_dup_advice("accept-key:0123ABCD");
	g_autofree char *gone = sgp_words_dup_spool_problem("gone");
	g_autofree char *other = sgp_words_dup_spool_problem("too-large");
	g_autofree char *left = sgp_words_dup_spool_problem("maybe-left");
	g_autoptr(JsonArray) names = json_array_new();

	g_assert_nonnull(strstr(advice, "0123ABCD"));
	g_assert_nonnull(strstr(advice, "siegelpost keys accept"));
	g_assert_null(sgp_words_dup_advice("retry"));
	g_assert_nonnull(strstr(gone, "no longer shows"));
	g_assert_nonnull(strstr(other, "too large"));
	g_assert_nonnull(strstr(left, "may have left"));
	g_assert_null(sgp_words_dup_unread(names));
	json_array_add_string_element(names, "Akte\n.bin");
	g_autofree char *one = sgp_words_dup_unread(names);

	g_assert_nonnull(strstr(one, "Akte .bin"));
}

int main(int argc, char **argv)
{
	g_setenv("TZ", "UTC", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/words/every-value-of-core-has-a-sentence", test_enums);
	g_test_add_func("/words/every-reason-has-a-sentence", test_reasons);
	g_test_add_func("/words/every-question-has-a-sentence-and-an-answer", test_questions);
	g_test_add_func("/words/every-remedy-has-a-button-but-waiting-and-keys", test_remedies);
	g_test_add_func("/words/every-end-of-a-job-is-told", test_statuses);
	g_test_add_func("/words/an-inquiry-is-known-by-its-date-and-subject", test_inquiry);
	g_test_add_func("/words/a-subject-stays-in-its-line", test_one_line);
	g_test_add_func("/words/every-event-has-a-sentence-and-some-a-task", test_events);
	g_test_add_func("/words/what-no-button-cures-is-said", test_advice);
	return g_test_run();
}
