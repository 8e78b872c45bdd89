/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the portal told is kept until somebody has seen it. */
#include "sgp-event-log.h"
#include "state-fixture.h"

#include <json-glib/json-glib.h>

static void add(State *state, gint64 portal_id, const char *kind)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_event_log_add(
		state->store, portal_id, kind, "erika@kunde.example", NULL, 1795504380, &error));
	g_assert_no_error(error);
}

static JsonArray *list(State *state, JsonNode **node)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = sgp_event_log_list_json(state->store, &error);

	g_assert_no_error(error);
	*node = json_from_string(json, NULL);
	return json_node_get_array(*node);
}

static gint64 get_id(JsonArray *events, guint n)
{
	return json_object_get_int_member(json_array_get_object_element(events, n), "id");
}

static void test_told_again(State *state, gconstpointer data)
{
	g_autoptr(JsonNode) node = NULL;

	add(state, 7, "frozen");
	add(state, 7, "frozen");
	add(state, 8, "read");
	JsonArray *events = list(state, &node);

	g_assert_cmpuint(json_array_get_length(events), ==, 2);
	g_assert_cmpstr(
		json_object_get_string_member(json_array_get_object_element(events, 0), "kind"), ==,
		"read");
}

static void test_dismissed(State *state, gconstpointer data)
{
	g_autoptr(JsonNode) before = NULL;
	g_autoptr(JsonNode) after = NULL;

	add(state, 1, "not-collected");
	gint64 id = get_id(list(state, &before), 0);

	g_assert_true(sgp_event_log_dismiss(state->store, id, NULL));
	/* Told again, it stays dismissed. */
	add(state, 1, "not-collected");
	JsonArray *events = list(state, &after);

	g_assert_cmpuint(json_array_get_length(events), ==, 1);
	g_assert_true(json_object_get_boolean_member(
		json_array_get_object_element(events, 0), "dismissed"));
}

static void test_limit(State *state, gconstpointer data)
{
	g_autoptr(JsonNode) first = NULL;
	g_autoptr(JsonNode) node = NULL;

	add(state, 1, "bounced");
	add(state, 2, "read");
	sgp_event_log_dismiss(state->store, get_id(list(state, &first), 0), NULL);
	for (gint64 i = 3; i < 63; i++)
		add(state, i, "read");
	JsonArray *events = list(state, &node);
	guint n = json_array_get_length(events);

	/* 60 newer ones, and the old one that nobody dismissed; the dismissed one has gone. */
	g_assert_cmpuint(n, ==, 61);
	g_assert_cmpstr(
		json_object_get_string_member(json_array_get_object_element(events, n - 1), "kind"),
		==, "bounced");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/event-log/an-event-that-is-told-again-is-kept-once", State, NULL, state_setup,
		test_told_again, state_teardown);
	g_test_add("/event-log/what-was-dismissed-stays-dismissed", State, NULL, state_setup,
		test_dismissed, state_teardown);
	g_test_add("/event-log/what-nobody-dismissed-is-kept", State, NULL, state_setup, test_limit,
		state_teardown);
	return g_test_run();
}
