/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-base64url.h"
#include "sgp-error.h"
#include "sgp-uuid7.h"
#include "sgp-wrap.h"

#include <string.h>

#define HANDLE "00112233445566778899aabbccddeeff"

static const guint8 KEY[32] = { 1, 2, 3 };
static const guint8 OTHER_KEY[32] = { 1, 2, 4 };

static GBytes *seal(void)
{
	g_autoptr(GBytes) plain = g_bytes_new_static("geheim", 6);
	g_autoptr(GError) error = NULL;
	GBytes *wrap = sgp_wrap_seal(KEY, "code", HANDLE, 1, plain, &error);
	g_assert_no_error(error);
	return wrap;
}

static void test_round_trip(void)
{
	g_autoptr(GBytes) wrap = seal();
	g_autoptr(GBytes) again = seal();
	g_assert_cmpuint(g_bytes_get_size(wrap), ==, 12 + 6 + 16);
	g_assert_false(g_bytes_equal(wrap, again)); /* the nonce is never the same */
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = sgp_wrap_open(KEY, "code", HANDLE, 1, wrap, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), "geheim", 6);
}

/* Made by Python's "cryptography" with the associated data of PROTOCOL.md. */
static void test_known_answer(void)
{
	g_autoptr(GBytes) wrap =
		sgp_base64url_decode("AAECAwQFBgcICQoL4qq59Yf6zzv1ZpB7Zqf_j5uijiPw0w");
	g_assert_nonnull(wrap);
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) plain = sgp_wrap_open(KEY, "code", HANDLE, 1, wrap, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), "geheim", 6);
}

static void assert_closed(
	const guint8 *key, const char *kind, const char *handle, gint64 generation, GBytes *wrap)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_wrap_open(key, kind, handle, generation, wrap, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_bound(void)
{
	g_autoptr(GBytes) wrap = seal();
	assert_closed(OTHER_KEY, "code", HANDLE, 1, wrap);
	assert_closed(KEY, "mailbox", HANDLE, 1, wrap);
	assert_closed(KEY, "code", "10112233445566778899aabbccddeeff", 1, wrap);
	assert_closed(KEY, "code", HANDLE, 2, wrap);
	gsize size;
	const guint8 *start = g_bytes_get_data(wrap, &size);
	for (gsize i = 0; i < size; i++) {
		g_autofree guint8 *copy = g_memdup2(start, size);
		copy[i] ^= 1;
		g_autoptr(GBytes) changed = g_bytes_new(copy, size);
		assert_closed(KEY, "code", HANDLE, 1, changed);
	}
	g_autoptr(GBytes) cut = g_bytes_new(start, 27);
	assert_closed(KEY, "code", HANDLE, 1, cut);
}

static void test_uuid7(void)
{
	g_autofree char *id = sgp_uuid7_new(G_GINT64_CONSTANT(0x017f22e279b0));
	g_assert_cmpuint(strlen(id), ==, 36);
	g_assert_true(g_str_has_prefix(id, "017f22e2-79b0-7")); /* the example of RFC 9562 */
	g_assert_nonnull(strchr("89ab", id[19]));
	g_autofree char *other = sgp_uuid7_new(G_GINT64_CONSTANT(0x017f22e279b0));
	g_assert_cmpstr(id, !=, other);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wrap/what-was-wrapped-opens", test_round_trip);
	g_test_add_func("/wrap/known-answer", test_known_answer);
	g_test_add_func("/wrap/nothing-else-opens", test_bound);
	g_test_add_func("/wrap/ids-are-uuid7", test_uuid7);
	return g_test_run();
}
