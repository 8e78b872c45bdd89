/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listing of a keyring that the command line keeps: used only where nothing changed. */
#include "sgp-key-cache.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <utime.h>

typedef struct {
	char *directory; /* (owned) */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	fixture->directory = g_dir_make_tmp("siegelpost-test-XXXXXX", NULL);
	sgp_key_cache_set_directory(fixture->directory);
	sgp_key_cache_keep("/home", "stamp 1", "pub:\n");
}

static char *dup_file(Fixture *fixture)
{
	g_autoptr(GDir) dir = g_dir_open(fixture->directory, 0, NULL);
	const char *name = g_dir_read_name(dir);
	return name != NULL ? g_build_filename(fixture->directory, name, NULL) : NULL;
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	sgp_key_cache_set_directory(fixture->directory);
	sgp_key_cache_forget();
	g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
	sgp_key_cache_set_directory(NULL);
	g_free(fixture->directory);
}

static void assert_kept(const char *name, const char *stamp, const char *expected)
{
	g_autofree char *text = sgp_key_cache_lookup(name, stamp);
	g_assert_cmpstr(text, ==, expected);
}

static void test_same_state(Fixture *fixture, gconstpointer data)
{
	assert_kept("/home", "stamp 1", "pub:\n");
	assert_kept("/home", "stamp 2", NULL);
	assert_kept("/home", "stamp", NULL);
	assert_kept("/other", "stamp 1", NULL);
	sgp_key_cache_keep("/home", "stamp 2", "");
	assert_kept("/home", "stamp 2", "");
	assert_kept("/home", "stamp 1", NULL);
}

static void test_age(Fixture *fixture, gconstpointer data)
{
	g_autofree char *path = dup_file(fixture);
	time_t now = time(NULL);
	struct utimbuf old = { now - 3700, now - 3700 }, future = { now + 600, now + 600 };
	g_assert_cmpint(utime(path, &old), ==, 0);
	assert_kept("/home", "stamp 1", NULL);
	g_assert_cmpint(utime(path, &future), ==, 0);
	assert_kept("/home", "stamp 1", NULL);
}

static void test_others(Fixture *fixture, gconstpointer data)
{
	g_autofree char *path = dup_file(fixture);
	struct stat status;
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0600);
	g_assert_cmpint(chmod(path, 0660), ==, 0);
	assert_kept("/home", "stamp 1", NULL);
}

static void test_off(Fixture *fixture, gconstpointer data)
{
	sgp_key_cache_set_directory(NULL);
	assert_kept("/home", "stamp 1", NULL);
	sgp_key_cache_keep("/home", "stamp 1", "x");
	sgp_key_cache_set_directory(fixture->directory);
	assert_kept("/home", "stamp 1", "pub:\n");
	sgp_key_cache_forget();
	assert_kept("/home", "stamp 1", NULL);
}

#define ADD(path, function) g_test_add("/key-cache/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-listing-is-used-for-the-very-state-it-was-made-of", test_same_state);
	ADD("an-old-listing-is-not-used", test_age);
	ADD("a-file-that-others-can-write-is-not-read", test_others);
	ADD("nothing-is-kept-before-a-directory-is-named", test_off);
	return g_test_run();
}
