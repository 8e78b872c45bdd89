/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff read about customers, computers and waiting mail: nothing that can happen is without a
 * sentence. */
#include "sgp-care-words.h"
#include "sgp-portal-mailbox.h"
#include "sgp-spool.h"
#include "sgp-words.h"

#include <string.h>

#define UNKNOWN "does not know"

static JsonObject *parse(const char *json, JsonNode **node)
{
	*node = json_from_string(json, NULL);
	g_assert_nonnull(*node);
	return json_node_get_object(*node);
}

/* The list that the portal and the agents agreed upon. (transfer full) */
static char **load_event_kinds(void)
{
	g_autofree char *path =
		g_build_filename(SGP_TEST_SOURCE_DIR, "../../portal/protocol/openapi.yaml", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;

	g_file_get_contents(path, &text, NULL, &error);
	g_assert_no_error(error);
	const char *begin = strstr(text, "enum: [registered, read,");

	g_assert_nonnull(begin);
	begin += strlen("enum: [");
	g_autofree char *list = g_strndup(begin, (gsize)(strchr(begin, ']') - begin));
	char **kinds = g_strsplit(list, ",", -1);

	for (char **one = kinds; *one; one++)
		g_strstrip(*one);
	return kinds;
}

static void test_events(void)
{
	static const char *const local[] = { "tampered", "unchecked", "record-refused",
		"pages-changed", "pages-unseen", NULL };
	g_auto(GStrv) kinds = load_event_kinds();

	g_assert_cmpuint(g_strv_length(kinds), >=, 12);
	for (gsize i = 0; kinds[i]; i++) {
		g_autofree char *words = sgp_words_dup_event(kinds[i], "erika@kunde.example");

		g_assert_null(strstr(words, UNKNOWN));
		g_assert_nonnull(strstr(words, "erika@kunde.example"));
	}
	for (gsize i = 0; local[i]; i++) {
		g_autofree char *words = sgp_words_dup_event(local[i], NULL);
		g_autofree char *to_do = sgp_words_dup_event_to_do(local[i]);

		g_assert_null(strstr(words, UNKNOWN));
		g_assert_nonnull(to_do);
	}
}

static void test_states(void)
{
	static const char *const devices[] = { "pending", "approved", "revoked" };

	for (SgpMailboxState state = 0; state <= SGP_MAILBOX_STATE_FROZEN; state++) {
		g_autofree char *words =
			sgp_care_words_dup_customer_state(sgp_mailbox_state_get_nick(state));

		g_assert_null(strstr(words, UNKNOWN));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(devices); i++) {
		g_autofree char *words = sgp_care_words_dup_device_state(devices[i]);

		g_assert_null(strstr(words, UNKNOWN));
	}
	g_autofree char *future = sgp_care_words_dup_customer_state("sleeping");

	g_assert_nonnull(strstr(future, "sleeping"));
}

static void test_customer(void)
{
	g_autoptr(JsonNode) node = NULL, bare = NULL;
	g_autofree char *words = sgp_care_words_dup_customer(
		parse("{\"state\":\"invited\",\"invitation_expires\":1795504380,\"unread\":2,"
		      "\"oldest_unread\":1795504380,\"keys\":1}",
			&node));
	g_autofree char *none = sgp_care_words_dup_customer(
		parse("{\"state\":\"registered\",\"invitation_expires\":null,\"unread\":null,"
		      "\"oldest_unread\":null,\"keys\":0}",
			&bare));

	g_assert_cmpstr(words, ==,
		"invited, not registered yet, code valid until 11/24/2026, 2 unread messages since "
		"11/24/2026, 1 deposited key");
	g_assert_cmpstr(none, ==, "registered");
}

static void test_copies(void)
{
	static const char *const problems[] = { "unreachable", "gone", "refused", "too-large",
		"conflict", "storage", "locked", "not-enrolled", "failed", "tampered" };

	for (SgpSpoolState state = 0; state <= SGP_SPOOL_STATE_DROPPED; state++)
		for (gsize i = 0; i < G_N_ELEMENTS(problems); i++) {
			g_autoptr(JsonNode) node = NULL;
			g_autofree char *json = g_strdup_printf(
				"{\"state\":\"%s\",\"problem\":\"%s\",\"created\":1795504380}",
				sgp_spool_state_get_nick(state), problems[i]);
			g_autofree char *words = sgp_care_words_dup_copy_state(parse(json, &node));

			g_assert_null(strstr(words, UNKNOWN));
			g_assert_nonnull(strstr(words, "11/24/2026"));
		}
	g_autoptr(JsonNode) copy = NULL;
	g_autofree char *line = sgp_care_words_dup_copy(
		parse("{\"recipients\":[\"a@x.example\",\"b@x.example\"],\"channel\":\"portal\"}",
			&copy));

	g_assert_cmpstr(line, ==, "a@x.example, b@x.example (Portal)");
}

static void test_fingerprint(void)
{
	g_autofree char *shown =
		sgp_care_words_dup_fingerprint("0123456789ABCDEF0123456789ABCDEF01234567");

	g_assert_cmpstr(shown, ==, "0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567");
}

static void test_errors(void)
{
	g_autoptr(GError) away = g_dbus_error_new_for_dbus_error(
		"org.siegelpost.Error.Unreachable", "the portal does not answer");
	g_autoptr(GError) gone = g_dbus_error_new_for_dbus_error(
		"org.freedesktop.DBus.Error.ServiceUnknown", "nobody");
	g_autofree char *words = sgp_care_words_dup_error(away);
	g_autofree char *other = sgp_care_words_dup_error(gone);

	/* It may have been done all the same: nobody says that nothing was. */
	g_assert_null(strstr(words, "Nothing"));
	g_assert_nonnull(strstr(words, "look again"));
	g_assert_nonnull(strstr(other, "background service"));
}

static void test_no_way(void)
{
	g_autoptr(JsonNode) node = NULL;
	g_autofree char *words = sgp_words_dup_way(
		parse("{\"kind\":null,\"refusal\":\"no-usable-channel\",\"not_stronger\":["
		      "{\"channel\":\"openpgp\",\"key\":null,\"reason\":\"no-key\",\"detail\":null}"
		      ","
		      "{\"channel\":\"portal\",\"key\":null,\"reason\":\"frozen\",\"detail\":null}]"
		      "}",
			&node),
		FALSE);

	g_assert_cmpstr(words, ==,
		"There is no encrypted way to this recipient. Portal: the customer's mailbox is "
		"locked");
}

static void test_plain(void)
{
	g_autoptr(JsonNode) node = NULL;
	JsonObject *plain = parse("{\"kind\":\"plain\",\"refusal\":null}", &node);
	g_autofree char *outside = sgp_words_dup_way(plain, FALSE);
	g_autofree char *inside = sgp_words_dup_way(plain, TRUE);

	g_assert_cmpstr(outside, ==, "Plain e-mail, not encrypted");
	g_assert_cmpstr(inside, ==, "Plain e-mail inside the office");
}

int main(int argc, char **argv)
{
	g_setenv("TZ", "UTC", TRUE);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/care-words/every-event-has-a-sentence", test_events);
	g_test_add_func("/care-words/every-state-has-a-sentence", test_states);
	g_test_add_func("/care-words/a-customer-in-one-line", test_customer);
	g_test_add_func("/care-words/every-problem-of-a-waiting-mail-is-told", test_copies);
	g_test_add_func("/care-words/a-fingerprint-is-read-in-fours", test_fingerprint);
	g_test_add_func("/care-words/no-answer-is-not-nothing-done", test_errors);
	g_test_add_func("/care-words/no-way-names-what-is-wrong-with-the-portal", test_no_way);
	g_test_add_func("/care-words/plain-mail-to-a-customer-is-not-called-internal", test_plain);
	return g_test_run();
}
