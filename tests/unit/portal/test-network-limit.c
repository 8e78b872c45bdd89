/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How often one network may knock, on a clock of our own, and which network it is. */

#include "sgp-network-limit.h"

static guint take_all(SgpNetworkLimit *limit, const char *network, gint64 now, gint64 *retry_after)
{
	guint taken = 0;

	while (taken < 1000 && sgp_network_limit_take(limit, network, now, retry_after))
		taken++;
	return taken;
}

static void test_limit(void)
{
	g_autoptr(SgpNetworkLimit) limit = sgp_network_limit_new();
	gint64 retry_after = 0;

	g_assert_cmpuint(take_all(limit, "a", 1000, &retry_after), ==, 120);
	g_assert_cmpint(retry_after, ==, 5);
	g_assert_cmpuint(take_all(limit, "a", 1004, &retry_after), ==, 0);
	g_assert_cmpint(retry_after, ==, 1);
	g_assert_cmpuint(take_all(limit, "b", 1004, &retry_after), ==, 120);
	g_assert_cmpuint(take_all(limit, "a", 1005, &retry_after), ==, 1);
	g_assert_cmpuint(take_all(limit, "a", 1019, &retry_after), ==, 2);
	g_assert_cmpint(retry_after, ==, 1);
	/* Who was quiet for long has no more than at the first time. */
	g_assert_cmpuint(take_all(limit, "a", 1000000, &retry_after), ==, 120);
}

static void test_many(void)
{
	g_autoptr(SgpNetworkLimit) limit = sgp_network_limit_new();
	gint64 retry_after = 0;
	guint taken = 0;

	for (guint i = 0; i < 20000; i++) {
		g_autofree char *network = g_strdup_printf("%u", i);

		g_assert_true(sgp_network_limit_take(limit, network, 1000, &retry_after));
	}
	for (guint i = 20000; i < 21000; i++) {
		g_autofree char *network = g_strdup_printf("%u", i);

		taken += sgp_network_limit_take(limit, network, 1000, &retry_after) ? 1 : 0;
	}
	g_assert_cmpuint(taken, ==, 120);
	/* When the others have been quiet there is room again. */
	g_assert_cmpuint(take_all(limit, "new", 1000 + 600, &retry_after), ==, 120);
}

static void assert_name(const char *remote, const char *forwarded, const char *expected)
{
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string(remote, 1234);
	g_autofree char *name = sgp_network_dup_name(address, forwarded);

	g_assert_cmpstr(name, ==, expected);
}

static void test_names(void)
{
	assert_name("203.0.113.7", NULL, "203.0.113.7");
	assert_name("2001:db8:1:2::1", NULL, "/64:20010db800010002");
	assert_name("2001:db8:1:2:ffff::", NULL, "/64:20010db800010002");
	assert_name("2001:db8:1:3::1", NULL, "/64:20010db800010003");
	/* A proxy on this computer is believed, and only the word that it wrote itself. */
	assert_name("127.0.0.1", NULL, NULL);
	assert_name("::1", NULL, NULL);
	assert_name("127.0.0.1", "203.0.113.7", "203.0.113.7");
	assert_name("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7");
	/* As proxies write it that listen for both, or tell the port too. */
	assert_name("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7");
	assert_name("127.0.0.1", "203.0.113.7:51234", "203.0.113.7");
	assert_name("127.0.0.1", "2001:db8:1:2::1", "/64:20010db800010002");
	assert_name("127.0.0.1", "[2001:db8:1:2::1]", "/64:20010db800010002");
	assert_name("127.0.0.1", "[2001:db8:1:2::1]:51234", "/64:20010db800010002");
	/* Nobody is uncounted for being told in words that nobody understands. */
	assert_name("127.0.0.1", "203.0.113.7, nobody", "others");
	assert_name("127.0.0.1", "unknown", "others");
	assert_name("127.0.0.1", "", "others");
	assert_name("203.0.113.7", "198.51.100.1", "203.0.113.7");
	g_assert_null(sgp_network_dup_name(NULL, "203.0.113.7"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func(
		"/network-limit/a-hundred-and-twenty-and-then-one-in-five-seconds", test_limit);
	g_test_add_func("/network-limit/many-networks-share-what-is-left", test_many);
	g_test_add_func("/network-limit/a-network-is-what-one-customer-has", test_names);
	return g_test_run();
}
