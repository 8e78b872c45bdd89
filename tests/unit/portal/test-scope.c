/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The seals by which PostgreSQL knows whose rows a request is about (sql/postgres/004-rights.sql;
 * that it believes no other is said in tests/portal/test_rights.py). */

#include "sgp-scope.h"

static void test_known_answer(void)
{
	static const guint8 secret[32] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
		17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31 };
	g_autoptr(GBytes) key = g_bytes_new_static(secret, sizeof secret);
	g_autofree char *sealed = sgp_scope_seal(key, SGP_SCOPE_OFFICE);

	/* Computed by another program: sha256(key + sha256(key + b"office")). */
	g_assert_cmpstr(sealed, ==,
		"0b2adc24f6a0736d608ea5560766337941239dc4473700a1528064edf732a353:office");
}

static void test_each_its_own(void)
{
	g_autoptr(GBytes) key = g_bytes_new_static("0123456789abcdef0123456789abcdef", 32);
	g_autoptr(GBytes) other_key = g_bytes_new_static("0123456789abcdef0123456789abcdeF", 32);
	g_autofree char *one = sgp_scope_dup_customer("a");
	g_autofree char *other = sgp_scope_dup_customer("b");
	g_autofree char *sealed_one = sgp_scope_seal(key, one);
	g_autofree char *sealed_other = sgp_scope_seal(key, other);
	g_autofree char *sealed_elsewhere = sgp_scope_seal(other_key, one);

	g_assert_cmpstr(one, ==, "customer/a");
	g_assert_cmpint(g_ascii_strncasecmp(sealed_one, sealed_other, 64), !=, 0);
	g_assert_cmpint(g_ascii_strncasecmp(sealed_one, sealed_elsewhere, 64), !=, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/scope/a-seal-is-what-the-store-computes", test_known_answer);
	g_test_add_func("/scope/each-scope-and-key-has-a-seal-of-its-own", test_each_its_own);
	return g_test_run();
}
