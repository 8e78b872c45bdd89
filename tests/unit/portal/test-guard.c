/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard with a clock of our own: how many guesses a day and account it allows, and what it
 * keeps. */

#include "sgp-guard.h"
#include "sgp-opaque.h"
#include "sgp-protocol.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#define DAY    (24 * 60 * 60)
#define HANDLE "0123456789abcdef0123456789abcdef"

typedef struct {
	char *directory; /* (owned) */
	SgpGuard *guard; /* (owned) */
	GBytes *ke1;     /* (owned): well formed, of nobody's password */
} Fixture;

static void set_up(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GError) error = NULL;
	guint8 ke1[SGP_OPAQUE_KE1_SIZE];

	fixture->directory = g_dir_make_tmp("siegelpost-guard-XXXXXX", &error);
	g_assert_no_error(error);
	fixture->guard = sgp_guard_open(fixture->directory, NULL, &error);
	g_assert_no_error(error);
	crypto_core_ristretto255_random(ke1);
	randombytes_buf(ke1 + 32, 32);
	crypto_core_ristretto255_random(ke1 + 64);
	fixture->ke1 = g_bytes_new(ke1, sizeof ke1);
}

static void tear_down(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GDir) directory = g_dir_open(fixture->directory, 0, NULL);
	const char *name = NULL;

	sgp_guard_free(fixture->guard);
	g_bytes_unref(fixture->ke1);
	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *path = g_build_filename(fixture->directory, name, NULL);

		g_unlink(path);
	}
	g_rmdir(fixture->directory);
	g_free(fixture->directory);
}

static gboolean try_at(Fixture *fixture, gint64 now, gint64 *retry_after)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) login = NULL;
	g_autoptr(GBytes) ke2 = NULL;
	gboolean allowed = sgp_guard_start_login(fixture->guard, HANDLE, NULL, fixture->ke1, NULL,
		now, &login, &ke2, retry_after, &error);

	if (!allowed)
		g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_TOO_MANY_TRIES);
	else
		g_assert_no_error(error);
	return allowed;
}

/* A guesser who always comes back as soon as the guard allows. */
static guint count_guesses(Fixture *fixture, gint64 from, gint64 until)
{
	guint guesses = 0;
	gint64 now = from;

	while (now < until) {
		gint64 retry_after = 0;

		if (try_at(fixture, now, &retry_after))
			guesses++;
		else
			now += retry_after;
	}
	return guesses;
}

static void test_guesses_a_day(Fixture *fixture, gconstpointer nothing)
{
	const gint64 start = G_GINT64_CONSTANT(20000) * DAY;

	/* 5 at once, waits of 30 s to an hour, then one an hour. */
	g_assert_cmpuint(count_guesses(fixture, start, start + DAY), <=, 36);
	g_assert_cmpuint(count_guesses(fixture, start + DAY, start + 2 * DAY), <=, 25);
}

static void test_counters_outlive_the_process(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GError) error = NULL;
	gint64 retry_after = 0;

	for (guint i = 0; i < 5; i++)
		g_assert_true(try_at(fixture, 1000, &retry_after));
	sgp_guard_free(fixture->guard);
	fixture->guard = sgp_guard_open(fixture->directory, NULL, &error);
	g_assert_no_error(error);
	g_assert_false(try_at(fixture, 1000, &retry_after));
	g_assert_cmpint(retry_after, ==, 30);
	g_assert_true(try_at(fixture, 1030, &retry_after));
	g_assert_false(try_at(fixture, 1031, &retry_after));
	g_assert_cmpint(retry_after, ==, 59);
}

/* A computer that began with the clock of ten years later, until it was set right. */
static void test_wrong_clock(Fixture *fixture, gconstpointer nothing)
{
	const gint64 now = G_GINT64_CONSTANT(20000) * DAY;
	const gint64 later = now + G_GINT64_CONSTANT(3650) * DAY;
	gint64 retry_after = 0;

	for (guint i = 0; i < 8; i++)
		try_at(fixture, later + i, &retry_after);
	g_assert_false(try_at(fixture, later + 10, &retry_after));
	/* One try, and from then on the waits are those of a clock that goes right. */
	g_assert_true(try_at(fixture, now, &retry_after));
	g_assert_false(try_at(fixture, now, &retry_after));
	g_assert_cmpint(retry_after, <=, 60 * 60);
	g_assert_cmpuint(count_guesses(fixture, now + 1, now + DAY), <=, 36);
}

/* Nodes' clocks differ by seconds; going from one to the other gives no guesses. */
static void test_two_clocks(Fixture *fixture, gconstpointer nothing)
{
	const gint64 now = G_GINT64_CONSTANT(20000) * DAY;
	gint64 retry_after = 0;
	guint guesses = 0;

	for (gint64 second = 0; second < 60 * 60; second++) {
		guesses += try_at(fixture, now + second + 20, &retry_after) ? 1 : 0;
		guesses += try_at(fixture, now + second, &retry_after) ? 1 : 0;
	}
	g_assert_cmpuint(guesses, <=, 5 + 8);
}

static void test_malformed_is_counted(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GBytes) identity =
		g_bytes_new_take(g_malloc0(SGP_OPAQUE_KE1_SIZE), SGP_OPAQUE_KE1_SIZE);
	gint64 retry_after = 0;

	for (guint i = 0; i < 5; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GBytes) login = NULL;
		g_autoptr(GBytes) ke2 = NULL;

		g_assert_false(sgp_guard_start_login(fixture->guard, HANDLE, NULL, identity, NULL,
			1000, &login, &ke2, &retry_after, &error));
		g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST);
		g_assert_null(ke2);
	}
	g_assert_false(try_at(fixture, 1000, &retry_after));
}

static void test_fake_account_never_gets_in(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) login = NULL;
	g_autoptr(GBytes) ke2 = NULL;
	g_autoptr(GBytes) finish = g_bytes_new_take(g_malloc0(64), 64);
	gint64 retry_after = 0;

	g_assert_true(sgp_guard_start_login(fixture->guard, HANDLE, NULL, fixture->ke1, NULL, 1000,
		&login, &ke2, &retry_after, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(g_bytes_get_size(ke2), ==, SGP_OPAQUE_KE2_SIZE);
	g_assert_null(sgp_guard_finish_login(fixture->guard, login, finish, 1000, &error));
	g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_WRONG_PASSWORD);
}

static int compare_times(gconstpointer a, gconstpointer b)
{
	gint64 one = *(const gint64 *)a;
	gint64 two = *(const gint64 *)b;

	return (one > two) - (one < two);
}

static gint64 measure(Fixture *fixture, GBytes *record, guint turn)
{
	g_autofree char *handle = g_strdup_printf("%032x", turn);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) login = NULL;
	g_autoptr(GBytes) ke2 = NULL;
	struct timespec before;
	struct timespec after;
	gint64 retry_after = 0;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	sgp_guard_start_login(fixture->guard, handle, record, fixture->ke1, NULL, 1000, &login,
		&ke2, &retry_after, &error);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	g_assert_no_error(error);
	return (gint64)(after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec;
}

/* By how much the work for a known account differs from that for a stranger, in parts of a
 * thousand. */
static gint64 compare_work(Fixture *fixture, GBytes *record, guint round)
{
	const guint turns = 400;
	g_autofree gint64 *known = g_new(gint64, turns);
	g_autofree gint64 *unknown = g_new(gint64, turns);

	for (guint i = 0; i < turns; i++) {
		known[i] = measure(fixture, record, 2 * (round * turns + i));
		unknown[i] = measure(fixture, NULL, 2 * (round * turns + i) + 1);
	}
	qsort(known, turns, sizeof *known, compare_times);
	qsort(unknown, turns, sizeof *unknown, compare_times);
	/* The lower quarter: what the work costs, whatever else the machine does. */
	return ABS(known[turns / 4] - unknown[turns / 4]) * 1000 / known[turns / 4];
}

static void test_same_work(Fixture *fixture, gconstpointer nothing)
{
	guint8 *data = g_malloc(SGP_OPAQUE_RECORD_SIZE);
	g_autoptr(GBytes) record = NULL;
	guint8 secret[64];
	gint64 difference = G_MAXINT64;

	randombytes_buf(secret, sizeof secret);
	g_assert_true(sgp_opaque_fake_record(secret, data));
	record = g_bytes_new_take(data, SGP_OPAQUE_RECORD_SIZE);
	/* One multiplication more or less is 50 thousandths; noise is 20, and not three times. */
	for (guint round = 0; round < 3 && difference >= 30; round++)
		difference = MIN(difference, compare_work(fixture, record, round));
	g_assert_cmpint(difference, <, 30);
}

static void test_handles(Fixture *fixture, gconstpointer nothing)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *one = sgp_guard_dup_handle(fixture->guard, "a@b.example");
	g_autofree char *two = sgp_guard_dup_handle(fixture->guard, "a@c.example");
	g_autofree char *again = NULL;

	g_assert_true(sgp_protocol_is_handle(one));
	g_assert_cmpstr(one, !=, two);
	sgp_guard_free(fixture->guard);
	fixture->guard = sgp_guard_open(fixture->directory, NULL, &error);
	g_assert_no_error(error);
	again = sgp_guard_dup_handle(fixture->guard, "a@b.example");
	g_assert_cmpstr(one, ==, again);
}

static void test_key_file(Fixture *fixture, gconstpointer nothing)
{
	g_autofree char *path = g_build_filename(fixture->directory, "guard.key", NULL);
	g_autoptr(GError) error = NULL;
	GStatBuf status;

	g_assert_cmpint(g_stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0600);
	g_assert_cmpint(g_chmod(path, 0640), ==, 0);
	g_assert_null(sgp_guard_open(fixture->directory, NULL, &error));
	g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL);
	g_clear_error(&error);
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_null(sgp_guard_open(fixture->directory, NULL, &error));
	g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static gboolean begin_registration(Fixture *fixture, gint64 generation, gint64 now, gint64 *wait)
{
	g_autoptr(GError) error = NULL;
	gboolean allowed =
		sgp_guard_count_registration(fixture->guard, HANDLE, generation, now, wait, &error);

	if (!allowed)
		g_assert_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_TOO_MANY_TRIES);
	return allowed;
}

static void test_registrations(Fixture *fixture, gconstpointer nothing)
{
	gint64 wait = 0;

	for (guint i = 0; i < 5; i++)
		g_assert_true(begin_registration(fixture, 1, 1000, &wait));
	g_assert_false(begin_registration(fixture, 1, 1000, &wait));
	g_assert_cmpint(wait, ==, 30);
	g_assert_true(begin_registration(fixture, 2, 1000, &wait));
	g_assert_true(begin_registration(fixture, 1, 1030, &wait));
	g_assert_false(begin_registration(fixture, 1, 1031, &wait));
	g_assert_cmpint(wait, ==, 59);
	for (guint i = 0; i < 50; i++)
		begin_registration(fixture, 1, 1030 + (gint64)i * DAY, &wait);
	g_assert_true(begin_registration(fixture, 1, 1030 + 49 * DAY + 60 * 60, &wait));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
#define ADD(path, function) g_test_add(path, Fixture, NULL, set_up, function, tear_down)
	ADD("/guard/guesses-a-day-are-few", test_guesses_a_day);
	ADD("/guard/counters-outlive-the-process", test_counters_outlive_the_process);
	ADD("/guard/a-clock-that-was-wrong-keeps-nobody-out-for-years", test_wrong_clock);
	ADD("/guard/two-clocks-give-no-guesses", test_two_clocks);
	ADD("/guard/a-malformed-request-is-counted-too", test_malformed_is_counted);
	ADD("/guard/an-account-that-does-not-exist-never-gets-in", test_fake_account_never_gets_in);
	ADD("/guard/known-and-unknown-accounts-cost-the-same-work", test_same_work);
	ADD("/guard/an-address-always-has-the-same-handle", test_handles);
	ADD("/guard/a-key-that-others-may-read-or-that-is-gone-is-refused", test_key_file);
	ADD("/guard/registrations-begun-again-and-again-wait-an-hour-at-most", test_registrations);
#undef ADD
	return g_test_run();
}
