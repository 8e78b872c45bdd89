/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "sgp-error.h"
#include "sgp-spool-key.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No session bus: the machine without a keyring. */

typedef struct {
	char *path; /* (owned) */
	int directory;
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	fixture->path = g_dir_make_tmp("siegelpost-test-XXXXXX", NULL);
	fixture->directory = open(fixture->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g_assert_cmpint(fixture->directory, >=, 0);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	close(fixture->directory);
	remove_tree(fixture->path);
	g_free(fixture->path);
}

static gboolean load(
	Fixture *fixture, gboolean is_own, gboolean is_waiting, guint8 *key, GError **error)
{
	return sgp_spool_key_load(
		fixture->directory, fixture->path, is_own, is_waiting, key, error);
}

static char *dup_key_path(Fixture *fixture)
{
	return g_build_filename(fixture->path, ".key", NULL);
}

static void test_named(Fixture *fixture, gconstpointer data)
{
	guint8 key[SGP_SPOOL_KEY_BYTES] = { 0 }, again[SGP_SPOOL_KEY_BYTES] = { 0 };
	static const guint8 nothing[SGP_SPOOL_KEY_BYTES] = { 0 };
	g_autoptr(GError) error = NULL;
	g_autofree char *path = dup_key_path(fixture);
	struct stat info;

	load(fixture, FALSE, FALSE, key, &error);
	g_assert_no_error(error);
	g_assert_cmpint(memcmp(key, nothing, sizeof(key)), !=, 0);
	g_assert_cmpint(stat(path, &info), ==, 0);
	g_assert_cmpint(info.st_mode & 07777, ==, 0600);
	g_assert_cmpint(info.st_size, ==, SGP_SPOOL_KEY_BYTES);
	load(fixture, FALSE, TRUE, again, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(key, sizeof(key), again, sizeof(again));
}

static void test_own(Fixture *fixture, gconstpointer data)
{
	guint8 key[SGP_SPOOL_KEY_BYTES];
	g_autoptr(GError) error = NULL;
	g_autofree char *path = dup_key_path(fixture);

	g_assert_false(load(fixture, TRUE, FALSE, key, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_waiting(Fixture *fixture, gconstpointer data)
{
	guint8 key[SGP_SPOOL_KEY_BYTES];
	g_autoptr(GError) error = NULL;
	g_autofree char *path = dup_key_path(fixture);

	g_assert_false(load(fixture, FALSE, TRUE, key, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_readable(Fixture *fixture, gconstpointer data)
{
	static const mode_t modes[] = { 0640, 0604, 0620 };
	guint8 key[SGP_SPOOL_KEY_BYTES];
	g_autofree char *path = dup_key_path(fixture);

	g_assert_true(load(fixture, FALSE, FALSE, key, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_cmpint(chmod(path, modes[i]), ==, 0);
		g_assert_false(load(fixture, FALSE, FALSE, key, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
	}
	g_assert_cmpint(chmod(path, 0600), ==, 0);
	g_assert_true(load(fixture, FALSE, FALSE, key, NULL));
}

static void test_broken(Fixture *fixture, gconstpointer data)
{
	guint8 key[SGP_SPOOL_KEY_BYTES];
	g_autofree char *path = dup_key_path(fixture);
	g_autoptr(GError) cut = NULL;
	g_autoptr(GError) link = NULL;

	g_assert_true(load(fixture, FALSE, FALSE, key, NULL));
	g_assert_cmpint(truncate(path, SGP_SPOOL_KEY_BYTES - 1), ==, 0);
	g_assert_false(load(fixture, FALSE, FALSE, key, &cut));
	g_assert_error(cut, SGP_ERROR, SGP_ERROR_STORAGE);
	g_assert_cmpint(unlink(path), ==, 0);
	g_assert_cmpint(symlink("/dev/zero", path), ==, 0);
	g_assert_false(load(fixture, FALSE, FALSE, key, &link));
	g_assert_error(link, SGP_ERROR, SGP_ERROR_STORAGE);
}

#define N_THREADS 8

typedef struct {
	Fixture *fixture; /* (borrowed) */
	guint8 key[SGP_SPOOL_KEY_BYTES];
	gboolean is_loaded;
} Racer;

static gpointer race(gpointer data)
{
	Racer *racer = data;

	racer->is_loaded = load(racer->fixture, FALSE, FALSE, racer->key, NULL);
	return NULL;
}

static void test_race(Fixture *fixture, gconstpointer data)
{
	Racer racers[N_THREADS] = { 0 };
	GThread *threads[N_THREADS];

	for (gsize i = 0; i < N_THREADS; i++) {
		racers[i].fixture = fixture;
		threads[i] = g_thread_new("racer", race, &racers[i]);
	}
	for (gsize i = 0; i < N_THREADS; i++)
		g_thread_join(threads[i]);
	for (gsize i = 0; i < N_THREADS; i++) {
		g_assert_true(racers[i].is_loaded);
		g_assert_cmpmem(
			racers[i].key, sizeof(racers[i].key), racers[0].key, sizeof(racers[0].key));
	}
}

#define ADD(path, test) g_test_add("/spool-key/" path, Fixture, NULL, setup, test, teardown)

int main(int argc, char **argv)
{
	g_setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
	g_test_init(&argc, &argv, NULL);
	ADD("a-named-directory-keeps-its-key-in-a-private-file", test_named);
	ADD("the-users-own-directory-needs-the-keyring", test_own);
	ADD("waiting-copies-of-an-unknown-key-get-no-second-one", test_waiting);
	ADD("a-file-that-others-can-read-is-no-key", test_readable);
	ADD("a-file-that-was-cut-or-leads-elsewhere-is-no-key", test_broken);
	ADD("all-who-begin-at-once-have-the-same-key", test_race);
	return g_test_run();
}
