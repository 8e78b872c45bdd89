/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who counts as the same person: 03-policy's rule about addr-specs, as sentences. */
#include <glib.h>

#include "sgp-address.h"
#include "sgp-error.h"

static void assert_canonical(const char *mailbox, const char *expected)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(mailbox, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(sgp_address_get_addr_spec(address), ==, expected);
}

static void assert_invalid(const char *mailbox)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(mailbox, &error);
	g_assert_null(address);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

static void test_literal(void)
{
	assert_invalid("root@[192.0.2.1\".\"@evil.example]");
	assert_invalid("root@[a,b@evil.example]");
	assert_invalid("root@[a\\b]");
	assert_invalid("root@[]");
	assert_canonical("root@[192.0.2.1]", "root@[192.0.2.1]");
}

static void test_case_never_counts(void)
{
	assert_canonical("Erika@Kunde.EXAMPLE", "erika@kunde.example");
	assert_canonical("ÄRZTIN@kunde.example", "ärztin@kunde.example");
}

static void test_nothing_else_is_folded(void)
{
	assert_canonical("erika+auto@kunde.example", "erika+auto@kunde.example");
	assert_canonical("e.rika@gmail.com", "e.rika@gmail.com");
	/* U+0130 has "i" as its lower case, but it is another letter. */
	assert_canonical("\xc4\xb0ris@kunde.example", "\xc4\xb0ris@kunde.example");
}

static void test_domains_are_a_labels(void)
{
	assert_canonical("info@Bücher.example", "info@xn--bcher-kva.example");
	assert_canonical("info@xn--BCHER-kva.example", "info@xn--bcher-kva.example");
	/* IDNA 2008 keeps the sharp s: strasse.example is somebody else's domain. */
	assert_canonical("info@straße.example", "info@xn--strae-oqa.example");
	assert_canonical("info@bu\xcc\x88"
			 "cher.example",
		"info@xn--bcher-kva.example");
	assert_canonical("info@kunde.example.", "info@kunde.example");
	assert_canonical("root@[192.0.2.1]", "root@[192.0.2.1]");
	assert_canonical("root@[IPv6:2001:DB8::1]", "root@[ipv6:2001:db8::1]");
}

static void test_a_local_part_is_composed_and_unquoted(void)
{
	assert_canonical("a\xcc\x88rztin@kunde.example", "\xc3\xa4rztin@kunde.example");
	assert_canonical("\"erika\"@kunde.example", "erika@kunde.example");
	assert_canonical("\"er\\ika\"@kunde.example", "erika@kunde.example");
	assert_canonical("\"Erika M\"@kunde.example", "\"erika m\"@kunde.example");
	assert_canonical("\"a\\\"b\"@kunde.example", "\"a\\\"b\"@kunde.example");
	assert_canonical("\"a@b\"@kunde.example", "\"a@b\"@kunde.example");
}

static void test_a_display_name_never_counts(void)
{
	assert_canonical("\"boss@office.example\" <x@evil.example>", "x@evil.example");
	assert_canonical("boss@office.example <x@evil.example>", "x@evil.example");
	assert_canonical("GmbH <x@kunde.example>", "x@kunde.example");
	assert_canonical("erika@kunde.example (boss@office.example)", "erika@kunde.example");
	assert_canonical("=?utf-8?q?Erika?= <erika@kunde.example>", "erika@kunde.example");
}

static void test_what_readers_disagree_on_is_refused(void)
{
	assert_invalid("<a@kunde.example> <b@evil.example>");
	assert_invalid("<a@kunde.example");
	assert_invalid("<a@kunde.example><b@evil.example>");
	assert_invalid("a@kunde.example, b@kunde.example");
	assert_invalid("a b@kunde.example");
	assert_invalid("a@b@kunde.example");
}

static void test_what_is_no_address_is_refused(void)
{
	assert_invalid("");
	assert_invalid("erika");
	assert_invalid("@kunde.example");
	assert_invalid("erika@");
	assert_invalid("erika@.example");
	assert_invalid("erika@kunde..example");
	assert_invalid("erika@kun de.example");
	assert_invalid("erika@[192.0.2.1");
	assert_invalid("erika@kunde.example\r\nBcc: x@evil.example");
	assert_invalid("eri\xe2\x80\x8bka@kunde.example"); /* zero width space */
	assert_invalid("erika@kunde.example\xff");
	g_autofree char *local = g_strnfill(400, 'a');
	g_autofree char *text = g_strconcat(local, "@kunde.example", NULL);
	assert_invalid(text);
}

static void test_lists_and_groups_are_flattened(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) all = sgp_address_parse_list(
		"Erika <erika@kunde.example>,, \"Muster, Max\" <max@kunde.example>;"
		" Team: a@office.example, B <b@office.example>; (end) c@office.example",
		&error);
	g_assert_no_error(error);
	g_assert_cmpuint(all->len, ==, 5);
	g_assert_cmpstr(sgp_address_get_name(g_ptr_array_index(all, 1)), ==, "Muster, Max");
	g_assert_cmpstr(
		sgp_address_get_addr_spec(g_ptr_array_index(all, 2)), ==, "a@office.example");
	g_assert_cmpstr(
		sgp_address_get_addr_spec(g_ptr_array_index(all, 4)), ==, "c@office.example");
	g_autoptr(GPtrArray) none = sgp_address_parse_list("undisclosed-recipients:;", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(none->len, ==, 0);
	g_autoptr(GPtrArray) empty = sgp_address_parse_list("", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(empty->len, ==, 0);
}

static void test_text_can_be_read_back(void)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new_with_name(
		"erika@kunde.example", "Muster, \"Eri\" \\ Erika", &error);
	g_assert_no_error(error);
	g_autofree char *text = sgp_address_dup_text(address);
	g_autoptr(SgpAddress) again = sgp_address_new(text, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(sgp_address_get_name(again), ==, "Muster, \"Eri\" \\ Erika");
	g_assert_true(sgp_address_equal(address, again));
	g_assert_cmpuint(sgp_address_hash(address), ==, sgp_address_hash(again));
	g_assert_cmpstr(sgp_address_get_domain(again), ==, "kunde.example");
}

static void test_name_is_one_line(void)
{
	g_autoptr(SgpAddress) address =
		sgp_address_new_with_name("erika@kunde.example", "Erika\r\nBcc: x@y.example", NULL);
	g_assert_nonnull(address);
	g_autofree char *text = sgp_address_dup_text(address);
	g_assert_null(strpbrk(text, "\r\n"));
}

static void test_routed(void)
{
	static const struct {
		const char *text;
		gboolean is_routed;
	} CASES[] = {
		{ "kunde@example.net", FALSE },
		{ "kunde+x=y/z@example.net", FALSE },
		{ "\"kunde meier\"@example.net", FALSE },
		{ "kunde%example.net@office.example", TRUE },
		{ "example.net!kunde@office.example", TRUE },
		{ "\"kunde@example.net\"@office.example", TRUE },
		{ "\"kunde%example.net\"@office.example", TRUE },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autoptr(SgpAddress) address = sgp_address_new(CASES[i].text, NULL);
		g_assert_nonnull(address);
		g_assert_cmpint(sgp_address_is_routed(address), ==, CASES[i].is_routed);
	}
}

static void test_backslash(void)
{
	g_autoptr(GPtrArray) list = sgp_address_parse_list(
		"\"Erika\\\\\" <erika@kunde.example>, \"Max\" <max@kunde.example>", NULL);
	g_assert_nonnull(list);
	g_assert_cmpuint(list->len, ==, 2);
	const SgpAddress *erika = g_ptr_array_index(list, 0);
	g_assert_cmpstr(sgp_address_get_name(erika), ==, "Erika\\");
	g_assert_cmpstr(sgp_address_get_addr_spec(erika), ==, "erika@kunde.example");
	g_autofree char *text = sgp_address_dup_text(erika);
	assert_canonical(text, "erika@kunde.example");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/address/a-literal-is-a-number", test_literal);
	g_test_add_func("/address/letter-case-never-counts", test_case_never_counts);
	g_test_add_func("/address/nothing-else-is-folded", test_nothing_else_is_folded);
	g_test_add_func("/address/domains-are-lower-case-a-labels", test_domains_are_a_labels);
	g_test_add_func("/address/a-local-part-is-composed-and-unquoted",
		test_a_local_part_is_composed_and_unquoted);
	g_test_add_func("/address/a-display-name-never-counts", test_a_display_name_never_counts);
	g_test_add_func("/address/what-readers-disagree-on-is-refused",
		test_what_readers_disagree_on_is_refused);
	g_test_add_func(
		"/address/what-is-no-address-is-refused", test_what_is_no_address_is_refused);
	g_test_add_func(
		"/address/lists-and-groups-are-flattened", test_lists_and_groups_are_flattened);
	g_test_add_func("/address/text-can-be-read-back", test_text_can_be_read_back);
	g_test_add_func("/address/a-name-may-end-with-a-backslash", test_backslash);
	g_test_add_func("/address/a-name-is-one-line", test_name_is_one_line);
	g_test_add_func("/address/a-local-part-may-lead-on", test_routed);
	return g_test_run();
}
