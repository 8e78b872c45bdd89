/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-dns-data.h"

#include <string.h>

#define MX(bytes) (const guint8 *)bytes, sizeof(bytes) - 1

static void test_mx(void)
{
	guint16 preference = 0;
	char *host = NULL;
	g_assert_true(sgp_dns_data_read_mx(MX("\x01\x02\x02mX\x07"
					      "example\0"),
		&preference, &host));
	g_assert_cmpuint(preference, ==, 258);
	g_assert_cmpstr(host, ==, "mx.example");
	g_clear_pointer(&host, g_free);
	g_assert_true(sgp_dns_data_read_mx(MX("\0\0\0"), &preference, &host));
	g_assert_cmpstr(host, ==, "");
	g_clear_pointer(&host, g_free);
}

static void test_bad_mx(void)
{
	static const struct {
		const char *data;
		gsize length;
	} bad[] = {
		{ "", 0 },
		{ "\0\x0a", 2 },
		{ "\0\x0a\x02mx", 5 },    /* no end */
		{ "\0\x0a\x09mx\0", 6 },  /* longer than there is */
		{ "\0\x0a\xc0\x0c", 4 },  /* a pointer */
		{ "\0\x0a\x02mx\0x", 7 }, /* something behind */
		{ "\0\x0a\x05"
		  "a.b.c\0",
			9 }, /* dots inside a label */
		{ "\0\x0a\x03"
		  "a\0b\0",
			7 }, /* a zero inside */
		{ "\0\x0a\x03"
		  "a b\0",
			7 },
		{ "\0\x0a\x01*\0", 5 },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		guint16 preference = 0;
		char *host = NULL;
		g_test_message("%zu", i);
		g_assert_false(sgp_dns_data_read_mx(
			(const guint8 *)bad[i].data, bad[i].length, &preference, &host));
		g_assert_null(host);
	}
}

static void test_text(void)
{
	g_autoptr(GBytes) text = sgp_dns_data_dup_text(MX("\x03v=S\x00\x04TSv1"));
	gsize length = 0;
	const char *data = g_bytes_get_data(text, &length);
	g_assert_cmpmem(data, length, "v=STSv1", 7);
	g_assert_null(sgp_dns_data_dup_text(MX("\x04v=S")));
	g_assert_null(sgp_dns_data_dup_text(MX("")));
}

static void test_tlsa(void)
{
	struct {
		guint8 usage, selector, matching;
		gsize rest;
		gboolean is_usable;
	} cases[] = {
		{ 3, 1, 1, 32, TRUE },
		{ 3, 0, 1, 32, TRUE },
		{ 2, 0, 1, 32, TRUE },
		{ 2, 1, 2, 64, TRUE },
		{ 3, 1, 0, 200, TRUE },
		{ 0, 1, 1, 32, FALSE },
		{ 1, 1, 1, 32, FALSE },
		{ 4, 1, 1, 32, FALSE },
		{ 255, 0, 1, 32, FALSE },
		{ 3, 2, 1, 32, FALSE },
		{ 3, 1, 3, 32, FALSE },
		{ 3, 1, 1, 31, FALSE },
		{ 3, 1, 1, 33, FALSE },
		{ 3, 1, 2, 32, FALSE },
		{ 3, 1, 1, 0, FALSE },
		{ 3, 1, 0, 0, FALSE },
		{ 3, 1, 0, 2, FALSE },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		guint8 data[256] = { cases[i].usage, cases[i].selector, cases[i].matching, 0x30 };
		g_test_message("%zu", i);
		g_assert_cmpint(sgp_dns_data_is_usable_tlsa(data, 3 + cases[i].rest), ==,
			cases[i].is_usable);
	}
	guint8 no_der[16] = { 3, 1, 0, 0x04 };
	g_assert_false(sgp_dns_data_is_usable_tlsa(no_der, sizeof(no_der)));
	g_assert_false(sgp_dns_data_is_usable_tlsa(no_der, 2));
}

static void test_public(void)
{
	static const char *const inside[] = { "127.0.0.1", "10.1.2.3", "172.16.0.1",
		"172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
		"224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1",
		"fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8",
		"64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "2001::1" };
	static const char *const outside[] = { "8.8.8.8", "172.32.0.1", "100.128.0.1", "193.0.0.1",
		"223.255.255.255", "2a00:1450:4001::1", "2001:4860:4860::8888",
		"64:ff9b::808:808" };
	for (gsize i = 0; i < G_N_ELEMENTS(inside); i++) {
		g_autoptr(GInetAddress) address = g_inet_address_new_from_string(inside[i]);
		g_test_message("%s", inside[i]);
		g_assert_false(sgp_dns_data_is_public(address));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
		g_autoptr(GInetAddress) address = g_inet_address_new_from_string(outside[i]);
		g_test_message("%s", outside[i]);
		g_assert_true(sgp_dns_data_is_public(address));
	}
}

static void test_address(void)
{
	g_autoptr(GInetAddress) four = sgp_dns_data_dup_address(MX("\xc0\0\x02\x01"));
	g_autofree char *text = g_inet_address_to_string(four);
	g_assert_cmpstr(text, ==, "192.0.2.1");
	g_assert_null(sgp_dns_data_dup_address(MX("\xc0\0\x02")));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/dns-data/an-mx-is-a-preference-and-a-host", test_mx);
	g_test_add_func("/dns-data/what-is-no-host-name-is-none", test_bad_mx);
	g_test_add_func("/dns-data/strings-are-joined", test_text);
	g_test_add_func("/dns-data/only-tlsa-records-for-smtp-are-usable", test_tlsa);
	g_test_add_func("/dns-data/inside-is-not-public", test_public);
	g_test_add_func("/dns-data/an-address-has-its-length", test_address);
	return g_test_run();
}
