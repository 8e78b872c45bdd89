/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Transactions that wait for each other become durable together, and fail together. */

#include "sgp-sqlite-writer-private.h"

#include <glib/gstdio.h>

/* A thread that commits a turn which another thread began. */
typedef struct {
	SgpSqliteTurn *turn;
	GThread *thread; /* (owned) */
	gint returned;   /* atomic */
	gboolean good;
} Commit;

typedef struct {
	char *directory;             /* (owned) */
	char *path;                  /* (owned) */
	SgpSqliteWriter *writer;     /* (owned) */
	SgpSqliteConnection *reader; /* (owned) */
	Commit first;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GError) error = NULL;

	fixture->directory = g_dir_make_tmp("sgp-writer-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->path = g_build_filename(fixture->directory, "a.db", NULL);
	fixture->writer = sgp_sqlite_writer_ref(fixture->path);
	fixture->reader = sgp_sqlite_connection_open(fixture->path, &error);
	g_assert_no_error(error);
	sgp_sqlite_connection_execute(fixture->reader,
		"CREATE TABLE parents (id INTEGER PRIMARY KEY); "
		"CREATE TABLE rows (id INTEGER PRIMARY KEY, parent INTEGER "
		"REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED)",
		&error);
	g_assert_no_error(error);
}

static void tear_down(Fixture *fixture, gconstpointer nothing)
{
	static const char *const names[] = { "a.db", "a.db-wal", "a.db-shm" };

	sgp_sqlite_connection_free(fixture->reader);
	sgp_sqlite_writer_unref(fixture->writer);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(fixture->directory, names[i], NULL);

		g_unlink(path);
	}
	g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
	g_free(fixture->directory);
	g_free(fixture->path);
}

static int count_rows(Fixture *fixture)
{
	sqlite3_stmt *statement =
		sgp_sqlite_connection_prepare(fixture->reader, "SELECT COUNT(*) FROM rows", NULL);
	int count = -1;

	g_assert_nonnull(statement);
	if (sqlite3_step(statement) == SQLITE_ROW)
		count = sqlite3_column_int(statement, 0);
	sqlite3_reset(statement);
	return count;
}

static SgpSqliteTurn *begin(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	SgpSqliteTurn *turn = sgp_sqlite_writer_begin(fixture->writer, &error);

	g_assert_no_error(error);
	g_assert_nonnull(turn);
	return turn;
}

static void insert(SgpSqliteTurn *turn, const char *values)
{
	g_autofree char *sql = g_strdup_printf("INSERT INTO rows VALUES (%s)", values);
	g_autoptr(GError) error = NULL;

	sgp_sqlite_connection_execute(sgp_sqlite_turn_get_connection(turn), sql, &error);
	g_assert_no_error(error);
}

static gpointer run_commit(gpointer data)
{
	Commit *commit = data;

	commit->good = sgp_sqlite_turn_commit(g_steal_pointer(&commit->turn), NULL);
	g_atomic_int_set(&commit->returned, 1);
	return NULL;
}

static gpointer run_begin(gpointer fixture)
{
	return begin(fixture);
}

/* Two turns in one group: another thread is about to commit the first one, which has this row; the
 * second is open, and it is what is returned. */
static SgpSqliteTurn *begin_two(Fixture *fixture, const char *first_row)
{
	Commit *first = &fixture->first;
	GThread *beginning = NULL;

	first->turn = begin(fixture);
	insert(first->turn, first_row);
	beginning = g_thread_new("begin", run_begin, fixture);
	while (sgp_sqlite_writer_count_waiting(fixture->writer) == 0)
		g_thread_yield();
	first->thread = g_thread_new("commit", run_commit, first);
	return g_thread_join(beginning);
}

/* Whether the first one's commit was one. */
static gboolean end_first(Fixture *fixture)
{
	g_thread_join(fixture->first.thread);
	return fixture->first.good;
}

static void test_together(Fixture *fixture, gconstpointer nothing)
{
	SgpSqliteTurn *second = begin_two(fixture, "1, NULL");

	insert(second, "2, NULL");
	/* The first one is not on disk yet, and nobody has been told that it is. */
	g_assert_cmpint(count_rows(fixture), ==, 0);
	g_assert_false(g_atomic_int_get(&fixture->first.returned));
	g_assert_true(sgp_sqlite_turn_commit(second, NULL));
	g_assert_cmpint(count_rows(fixture), ==, 2);
	g_assert_true(end_first(fixture));
}

static void test_undo_of_one(Fixture *fixture, gconstpointer nothing)
{
	SgpSqliteTurn *second = begin_two(fixture, "1, NULL");

	insert(second, "2, NULL");
	g_assert_true(sgp_sqlite_turn_roll_back(second));
	/* Whoever saw the first one's row waited until it was on disk. */
	g_assert_cmpint(count_rows(fixture), ==, 1);
	g_assert_true(end_first(fixture));
}

static void test_failure_of_all(Fixture *fixture, gconstpointer nothing)
{
	/* There is no such parent: the commit fails. */
	SgpSqliteTurn *second = begin_two(fixture, "1, 4711");

	insert(second, "2, NULL");
	g_assert_false(sgp_sqlite_turn_commit(second, NULL));
	g_assert_false(end_first(fixture));
	g_assert_cmpint(count_rows(fixture), ==, 0);
	second = begin(fixture);
	insert(second, "3, NULL");
	g_assert_true(sgp_sqlite_turn_commit(second, NULL));
	g_assert_cmpint(count_rows(fixture), ==, 1);
}

static void test_witness_of_a_failure(Fixture *fixture, gconstpointer nothing)
{
	SgpSqliteTurn *second = begin_two(fixture, "1, 4711");

	g_assert_false(sgp_sqlite_turn_roll_back(second));
	g_assert_false(end_first(fixture));
}

static void test_undo_of_everything(Fixture *fixture, gconstpointer nothing)
{
	SgpSqliteTurn *second = begin_two(fixture, "1, NULL");

	/* As SQLite does by itself when the disk is full. */
	g_assert_false(sgp_sqlite_connection_execute(sgp_sqlite_turn_get_connection(second),
		"INSERT OR ROLLBACK INTO rows VALUES (1, NULL)", NULL));
	g_assert_false(sgp_sqlite_turn_roll_back(second));
	g_assert_false(end_first(fixture));
	g_assert_cmpint(count_rows(fixture), ==, 0);
}

static void test_undo_alone(Fixture *fixture, gconstpointer nothing)
{
	SgpSqliteTurn *turn = begin(fixture);

	insert(turn, "1, NULL");
	g_assert_true(sgp_sqlite_turn_roll_back(turn));
	g_assert_cmpint(count_rows(fixture), ==, 0);
	turn = begin(fixture);
	insert(turn, "1, NULL");
	g_assert_true(sgp_sqlite_turn_commit(turn, NULL));
	g_assert_cmpint(count_rows(fixture), ==, 1);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(Fixture *fixture, gconstpointer nothing);
	} tests[] = {
		{ "/sqlite-writer/those-who-wait-become-durable-together", test_together },
		{ "/sqlite-writer/one-may-undo-without-the-others", test_undo_of_one },
		{ "/sqlite-writer/a-commit-that-fails-fails-for-all", test_failure_of_all },
		{ "/sqlite-writer/who-saw-what-was-lost-is-told", test_witness_of_a_failure },
		{ "/sqlite-writer/what-the-store-undid-is-undone-for-all",
			test_undo_of_everything },
		{ "/sqlite-writer/alone-one-undoes-everything", test_undo_alone },
	};

	g_test_init(&argc, &argv, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(tests); i++)
		g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].function, tear_down);
	return g_test_run();
}
