/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include <string.h>

#include "sgp-error.h"
#include "sgp-spool-answers.h"
#include "sgp-uuid7.h"

#define NOW G_GINT64_CONSTANT(1800000000)

/* One transport copy for three people: its rows, as they are once it was committed. */
typedef struct {
	State state;
	SgpSpool *spool;      /* (owned) */
	SgpSpoolEntry *entry; /* (owned) */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	static const char *const people[] = { "a@kunde.example", "b@kunde.example",
		"c@kunde.example" };
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_free);
	SgpCopy *copy = g_new0(SgpCopy, 1);
	state_setup(&fixture->state, data);
	fixture->spool = sgp_spool_new(fixture->state.store, NULL);
	copy->id = sgp_uuid7_new(g_get_real_time() / 1000);
	copy->channel = SGP_CHANNEL_TRANSPORT;
	copy->from = g_strdup("sabine@office.example");
	copy->digest = g_strdup("aa");
	copy->fd = -1;
	copy->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	for (gsize i = 0; i < G_N_ELEMENTS(people); i++)
		g_ptr_array_add(copy->recipients, sgp_address_new(people[i], NULL));
	g_ptr_array_add(copies, copy);
	g_assert_true(sgp_store_begin(fixture->state.store, TRUE, NULL));
	g_assert_true(sgp_spool_commit(fixture->spool, copies, "d1", NULL, NOW, NULL));
	g_assert_true(sgp_store_commit(fixture->state.store, NULL));
	fixture->entry = sgp_spool_load(fixture->spool, copy->id, NULL);
	g_assert_nonnull(fixture->entry);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	sgp_spool_entry_free(fixture->entry);
	g_clear_object(&fixture->spool);
	state_teardown(&fixture->state, data);
}

static void note(Fixture *fixture, const char *address, SgpSubmissionAnswer answer)
{
	const char *const people[] = { address, NULL };
	g_autoptr(GError) error = NULL;
	sgp_spool_note_answers(fixture->spool, fixture->entry->id, people, &answer, &error);
	g_assert_no_error(error);
}

static void assert_answered(Fixture *fixture, SgpSubmissionAnswer answer, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found =
		sgp_spool_load_answered(fixture->spool, fixture->entry, answer, &error);
	g_assert_no_error(error);
	g_autoptr(GString) letters = g_string_new(NULL);
	for (guint i = 0; i < found->len; i++)
		g_string_append_len(letters, g_ptr_array_index(found, i), 1);
	g_assert_cmpstr(letters->str, ==, expected);
}

static void test_left(Fixture *fixture, gconstpointer data)
{
	assert_answered(fixture, SGP_SUBMISSION_UNKNOWN, "abc");
	note(fixture, "a@kunde.example", SGP_SUBMISSION_ACCEPTED);
	note(fixture, "b@kunde.example", SGP_SUBMISSION_REFUSED);
	note(fixture, "c@kunde.example", SGP_SUBMISSION_LATER);
	assert_answered(fixture, SGP_SUBMISSION_UNKNOWN, "bc");
	assert_answered(fixture, SGP_SUBMISSION_ACCEPTED, "a");
	assert_answered(fixture, SGP_SUBMISSION_REFUSED, "b");
	note(fixture, "b@kunde.example", SGP_SUBMISSION_ACCEPTED);
	assert_answered(fixture, SGP_SUBMISSION_UNKNOWN, "c");
	assert_answered(fixture, SGP_SUBMISSION_REFUSED, "");
}

static void test_accepted_stays(Fixture *fixture, gconstpointer data)
{
	note(fixture, "a@kunde.example", SGP_SUBMISSION_ACCEPTED);
	note(fixture, "a@kunde.example", SGP_SUBMISSION_REFUSED);
	note(fixture, "a@kunde.example", SGP_SUBMISSION_UNKNOWN);
	assert_answered(fixture, SGP_SUBMISSION_ACCEPTED, "a");
}

static void test_list(Fixture *fixture, gconstpointer data)
{
	note(fixture, "a@kunde.example", SGP_SUBMISSION_ACCEPTED);
	note(fixture, "b@kunde.example", SGP_SUBMISSION_REFUSED);
	g_autofree char *json = sgp_spool_list_json(fixture->spool, NULL);
	g_assert_nonnull(strstr(json, "\"reached\":[\"a@kunde.example\"]"));
	g_assert_nonnull(strstr(json, "\"refused\":[\"b@kunde.example\"]"));
}

static void test_agents_alone(Fixture *fixture, gconstpointer data)
{
	static const char *const people[] = { "a@kunde.example", "b@kunde.example",
		"c@kunde.example", NULL };
	g_autoptr(GPtrArray) pending = sgp_spool_load_pending(fixture->spool, NULL, NULL);
	g_autoptr(GError) error = NULL;
	g_autofree char *reason = NULL;
	gint64 next_due = 0;
	g_assert_cmpuint(pending->len, ==, 0);
	g_assert_false(sgp_spool_take_over(fixture->spool, fixture->entry->id, NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
	g_assert_false(sgp_spool_may_leave(
		fixture->spool, fixture->entry->id, "aa", people, &reason, NULL));
	g_assert_cmpstr(reason, ==, "not-committed");
	g_autoptr(SgpSpoolEntry) due = sgp_spool_load_due(fixture->spool, NOW, &next_due, NULL);
	g_assert_cmpstr(due->id, ==, fixture->entry->id);
	g_assert_cmpuint(sgp_spool_count_waiting(fixture->spool), ==, 1);
	g_assert_false(sgp_spool_is_empty(fixture->spool));
}

static void test_maybe_left(Fixture *fixture, gconstpointer data)
{
	const char *id = fixture->entry->id;
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_spool_set_state(
		fixture->spool, id, SGP_SPOOL_STATE_PUBLISHING, NULL, NOW, NULL));
	g_assert_false(sgp_spool_drop(fixture->spool, id, "told by phone", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_assert_true(sgp_spool_set_state(
		fixture->spool, id, SGP_SPOOL_STATE_HELD, "maybe-left", NOW, NULL));
	g_assert_cmpuint(sgp_spool_count_held(fixture->spool), ==, 1);
	g_assert_true(sgp_spool_retry(fixture->spool, NULL, NOW, NULL));
	g_autoptr(SgpSpoolEntry) held = sgp_spool_load(fixture->spool, id, NULL);
	g_assert_cmpint(held->state, ==, SGP_SPOOL_STATE_HELD);
	g_assert_true(sgp_spool_retry(fixture->spool, id, NOW, NULL));
	g_autoptr(SgpSpoolEntry) again = sgp_spool_load(fixture->spool, id, NULL);
	g_assert_cmpint(again->state, ==, SGP_SPOOL_STATE_SEALED);
	g_assert_true(sgp_spool_drop(fixture->spool, id, "told by phone", NOW, NULL));
}

#define ADD(name, func) g_test_add("/spool-answers/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("who-has-it-is-not-asked-again", test_left);
	ADD("once-accepted-it-has-left", test_accepted_stays);
	ADD("a-person-sees-who-has-it-and-who-refused", test_list);
	ADD("no-mail-program-gets-a-transport-copy", test_agents_alone);
	ADD("what-may-have-left-waits-for-a-person", test_maybe_left);
	return g_test_run();
}
