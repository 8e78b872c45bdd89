/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state's database: private, whole or not at all, and never older software over newer state. */
#include <sys/stat.h>

#include "sgp-error.h"
#include "sgp-store-private.h"
#include "state-fixture.h"

static void test_private(State *state, gconstpointer data)
{
	static const char *const names[] = { "state.sqlite", "state.sqlite-wal",
		"state.sqlite-shm" };
	g_assert_true(sgp_store_set_value(state->store, "a", "b", NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		struct stat info;
		g_autofree char *path = g_build_filename(state->directory, names[i], NULL);
		g_assert_cmpint(stat(path, &info), ==, 0);
		g_assert_cmphex(info.st_mode & 07777, ==, 0600);
	}
}

static void test_made_private(State *state, gconstpointer data)
{
	struct stat info;
	g_autofree char *path = g_build_filename(state->directory, "a", "b", NULL);
	g_autoptr(SgpStore) store = sgp_store_new(path, NULL);
	g_assert_nonnull(store);
	g_assert_cmpint(stat(path, &info), ==, 0);
	g_assert_cmphex(info.st_mode & 07777, ==, 0700);
}

static void test_symlink(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *other = g_build_filename(state->directory, "other", NULL);
	g_autofree char *link = g_build_filename(other, "state.sqlite", NULL);
	g_autofree char *real = g_build_filename(state->directory, "state.sqlite", NULL);
	g_assert_cmpint(g_mkdir(other, 0700), ==, 0);
	g_assert_cmpint(symlink(real, link), ==, 0);
	g_assert_null(sgp_store_new(other, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

static void test_values(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_store_lookup_value(state->store, "a", &error));
	g_assert_no_error(error);
	g_assert_true(sgp_store_set_value(state->store, "a", "1", &error));
	g_assert_true(sgp_store_set_value(state->store, "a", "2", &error));
	g_autofree char *value = sgp_store_lookup_value(state->store, "a", &error);
	g_assert_cmpstr(value, ==, "2");
	g_assert_true(sgp_store_set_value(state->store, "a", NULL, &error));
	g_assert_null(sgp_store_lookup_value(state->store, "a", &error));
	g_assert_no_error(error);
}

static void test_rollback(State *state, gconstpointer data)
{
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	g_assert_true(sgp_store_set_value(state->store, "a", "1", NULL));
	sgp_store_rollback(state->store);
	g_assert_null(sgp_store_lookup_value(state->store, "a", NULL));
}

static void test_nested_rollback(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	g_assert_true(sgp_store_set_value(state->store, "a", "1", NULL));
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	sgp_store_rollback(state->store);
	g_assert_false(sgp_store_commit(state->store, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
	g_assert_null(sgp_store_lookup_value(state->store, "a", NULL));
	g_assert_true(sgp_store_set_value(state->store, "a", "2", NULL)); /* usable afterwards */
}

/* What must survive a power cut cannot be promised inside what need not. */
static void test_durable_inside(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_store_begin(state->store, FALSE, NULL));
	g_assert_false(sgp_store_begin(state->store, TRUE, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_FAILED);
	g_assert_true(sgp_store_commit(state->store, NULL));
}

static void test_newer(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_store_exec(state->store, "PRAGMA user_version = 999", NULL));
	g_assert_null(sgp_store_new(state->directory, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

static void test_garbage(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *other = g_build_filename(state->directory, "other", NULL);
	g_autofree char *path = g_build_filename(other, "state.sqlite", NULL);
	g_assert_cmpint(g_mkdir(other, 0700), ==, 0);
	g_assert_true(g_file_set_contents(
		path, "this is no database, and it is long enough to be told apart", -1, NULL));
	g_assert_null(sgp_store_new(other, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

static void test_two_processes(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpStore) other = sgp_store_new(state->directory, &error);
	g_assert_no_error(error);
	g_assert_true(sgp_store_set_value(state->store, "a", "1", NULL));
	g_autofree char *value = sgp_store_lookup_value(other, "a", NULL);
	g_assert_cmpstr(value, ==, "1");
}

static gpointer count_up(gpointer data)
{
	State *state = data;
	for (int i = 0; i < 50; i++) {
		g_assert_true(sgp_store_begin(state->store, FALSE, NULL));
		g_autofree char *value = sgp_store_lookup_value(state->store, "n", NULL);
		g_autofree char *next = g_strdup_printf("%d", value != NULL ? atoi(value) + 1 : 1);
		g_assert_true(sgp_store_set_value(state->store, "n", next, NULL));
		g_assert_true(sgp_store_commit(state->store, NULL));
	}
	return NULL;
}

static void test_threads(State *state, gconstpointer data)
{
	GThread *threads[4];
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("counter", count_up, state);
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	g_autofree char *value = sgp_store_lookup_value(state->store, "n", NULL);
	g_assert_cmpstr(value, ==, "200");
}

static guint n_calls;

static void count_call(SgpStore *store)
{
	n_calls++;
}

static void test_called_when_committed(State *state, gconstpointer data)
{
	n_calls = 0;
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	sgp_store_call_when_committed(state->store, count_call);
	g_assert_true(sgp_store_commit(state->store, NULL));
	g_assert_cmpuint(n_calls, ==, 0); /* the outer one may still be rolled back */
	g_assert_true(sgp_store_commit(state->store, NULL));
	g_assert_cmpuint(n_calls, ==, 1);
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	sgp_store_call_when_committed(state->store, count_call);
	sgp_store_rollback(state->store);
	g_assert_true(sgp_store_begin(state->store, TRUE, NULL));
	g_assert_true(sgp_store_commit(state->store, NULL));
	g_assert_cmpuint(n_calls, ==, 1);
}

static void test_check(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_store_check(state->store, &error));
	g_assert_no_error(error);
	/* A page that belongs to nobody any more. */
	g_assert_true(sgp_store_exec(state->store,
		"PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name = 'value';"
		"PRAGMA writable_schema=RESET",
		NULL));
	g_assert_false(sgp_store_check(state->store, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

#define ADD(path, function)                                                                        \
	g_test_add("/store/" path, State, NULL, state_setup, function, state_teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("nobody-else-may-read-it", test_private);
	ADD("a-missing-directory-is-made-for-its-owner-only", test_made_private);
	ADD("a-link-is-not-followed", test_symlink);
	ADD("a-value-is-kept-changed-and-removed", test_values);
	ADD("a-rollback-leaves-nothing", test_rollback);
	ADD("a-rollback-inside-rolls-all-back", test_nested_rollback);
	ADD("a-durable-part-needs-a-durable-whole", test_durable_inside);
	ADD("a-newer-state-is-refused", test_newer);
	ADD("what-is-no-database-is-refused", test_garbage);
	ADD("two-processes-see-the-same", test_two_processes);
	ADD("threads-take-turns", test_threads);
	ADD("who-waits-for-a-commit-hears-of-no-other", test_called_when_committed);
	ADD("a-damaged-database-is-noticed", test_check);
	return g_test_run();
}
