/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-spool-cipher.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ID "01a20cc2-6755-7318-a172-26a33e716ba3"
static const guint8 KEY[SGP_SPOOL_KEY_BYTES] = { 7, 7, 7 };
static const guint8 OTHER_KEY[SGP_SPOOL_KEY_BYTES] = { 7, 7, 8 };

static int memory_of(const void *data, gsize length)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	g_assert_true(sgp_spool_write_all(fd, data, length, NULL));
	g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
	return fd;
}

static GBytes *read_all(int fd)
{
	gsize length = (gsize)lseek(fd, 0, SEEK_END);
	guint8 *data = g_malloc(length + 1);

	lseek(fd, 0, SEEK_SET);
	g_assert_cmpint(sgp_spool_read_some(fd, data, length, NULL), ==, (gssize)length);
	return g_bytes_new_take(data, length);
}

static GBytes *seal(const char *plain, gsize length)
{
	int from = memory_of(plain, length), to = memfd_create("sealed", MFD_CLOEXEC);
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_cipher_seal(KEY, ID, from, to, &error));
	g_assert_no_error(error);
	GBytes *sealed = read_all(to);

	close(from);
	close(to);
	return sealed;
}

static void test_round_trip(void)
{
	const gsize sizes[] = { 0, 1, 65535, 65536, 65537, 200000 };

	for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *plain = g_strnfill(sizes[i], 'x');
		g_autoptr(GBytes) sealed = seal(plain, sizes[i]);
		int from = memory_of(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed));
		g_autoptr(GError) error = NULL;
		int fd = sgp_spool_cipher_open(KEY, ID, from, &error);

		g_assert_no_error(error);
		g_autoptr(GBytes) again = read_all(fd);

		g_assert_cmpmem(
			g_bytes_get_data(again, NULL), g_bytes_get_size(again), plain, sizes[i]);
		g_assert_cmpuint(g_bytes_get_size(sealed), ==, sizes[i] + 5 + 12 + 16);
		close(from);
		close(fd);
	}
}

static void assert_closed(const guint8 *key, const char *id, const guint8 *data, gsize length)
{
	int from = memory_of(data, length);
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(sgp_spool_cipher_open(key, id, from, &error), ==, -1);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	close(from);
}

static void test_tampered(void)
{
	g_autofree char *plain = g_strnfill(70000, 'x');
	g_autoptr(GBytes) sealed = seal(plain, 70000);
	gsize length = 0;
	const guint8 *data = g_bytes_get_data(sealed, &length);
	const gsize places[] = { 0, 6, 17, 40000, 69999, length - 1 };

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		g_autofree guint8 *changed = g_memdup2(data, length);

		changed[places[i]] ^= 1;
		assert_closed(KEY, ID, changed, length);
	}
	assert_closed(KEY, ID, data, length - 1);
	assert_closed(KEY, ID, data, 20);
	assert_closed(OTHER_KEY, ID, data, length);
	/* One copy must not be given out as another. */
	assert_closed(KEY, "01a20cc2-6755-7318-a172-26a33e716ba4", data, length);
}

static void test_not_in_clear(void)
{
	const char *canary = "Kanarienvogel";
	g_autoptr(GBytes) sealed = seal(canary, strlen(canary));
	g_autoptr(GBytes) again = seal(canary, strlen(canary));
	gsize length = 0;
	const char *data = g_bytes_get_data(sealed, &length);

	g_assert_null(g_strstr_len(data, (gssize)length, canary));
	g_assert_false(g_bytes_equal(sealed, again));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/spool-cipher/what-goes-in-comes-out", test_round_trip);
	g_test_add_func("/spool-cipher/one-changed-bit-gives-nothing", test_tampered);
	g_test_add_func("/spool-cipher/nothing-is-in-clear", test_not_in_clear);
	return g_test_run();
}
