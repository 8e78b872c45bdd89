/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-mta-sts.h"

#include <string.h>

static char *dup_id(const char *const *records)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (gsize i = 0; records[i] != NULL; i++)
		g_ptr_array_add(list, g_bytes_new(records[i], strlen(records[i])));
	return sgp_mta_sts_dup_id(list);
}

static void test_record(void)
{
	static const struct {
		const char *record, *id;
	} cases[] = {
		{ "v=STSv1; id=20160831085700Z;", "20160831085700Z" },
		{ "v=STSv1;id=1", "1" },
		{ "v=STSv1 \t; \tid=abc ;x-y.z=1:2", "abc" },
		{ "v=STSv1; ext=yes; id=2;", "2" },
		{ "v=STSv1;", NULL },
		{ "v=STSv1", NULL },
		{ "v=STSv1; id=", NULL },
		{ "v=STSv1; id=a-b;", NULL },
		{ "v=STSv1; id=a b;", NULL },
		{ "v=STSv1; id=123456789012345678901234567890123;", NULL },
		{ "v=STSv1; id=1; id=2;", NULL },
		{ "v=STSv1; nonsense; id=1", NULL },
		{ "v=STSv1;; id=1", NULL },
		{ "v=STSv1; e=a=b; id=1", NULL },
		{ "v=stsv1; id=1;", NULL },
		{ "v=STSv2; id=1;", NULL },
		{ "v=STSv11; id=1;", NULL },
		{ " v=STSv1; id=1;", NULL },
		{ "id=1; v=STSv1;", NULL },
		{ "", NULL },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		const char *records[] = { cases[i].record, NULL };
		g_autofree char *id = dup_id(records);
		g_test_message("%s", cases[i].record);
		g_assert_cmpstr(id, ==, cases[i].id);
	}
}

static void test_one_record(void)
{
	static const char *const foreign[] = { "v=spf1 -all", "v=STSv1; id=7;", "x", NULL };
	static const char *const two[] = { "v=STSv1; id=7;", "v=STSv1; id=7;", NULL };
	static const char *const broken[] = { "v=STSv1; id=7;", "v=STSv1", NULL };
	static const char *const none[] = { NULL };
	g_autofree char *id = dup_id(foreign);
	g_assert_cmpstr(id, ==, "7");
	g_assert_null(dup_id(two));
	g_assert_null(dup_id(broken));
	g_assert_null(dup_id(none));
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_ptr_array_add(list, g_bytes_new_static("v=STSv1; id=1;\0x", 16));
	g_assert_null(sgp_mta_sts_dup_id(list));
}

static SgpMtaStsPolicy *parse(const char *text)
{
	return sgp_mta_sts_policy_parse(text, strlen(text));
}

static void test_policy(void)
{
	g_autoptr(SgpMtaStsPolicy) policy =
		parse("version: STSv1\r\nmode: enforce\r\nmx: Mail.Example.COM \r\n"
		      "mx:*.example.net\r\nmax_age: 604800\r\nx-new: whatever\r\n");
	g_assert_nonnull(policy);
	g_assert_cmpint(policy->mode, ==, SGP_MTA_STS_MODE_ENFORCE);
	g_assert_cmpint(policy->max_age, ==, 604800);
	g_assert_cmpuint(policy->mx->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(policy->mx, 0), ==, "mail.example.com");
	g_autoptr(SgpMtaStsPolicy) none = parse("version: STSv1\nmode: none\nmax_age: 0");
	g_assert_nonnull(none);
	g_assert_cmpint(none->mode, ==, SGP_MTA_STS_MODE_NONE);
}

#define HEAD "version: STSv1\nmode: enforce\nmax_age: 1\n"

static void test_first_counts(void)
{
	g_autoptr(SgpMtaStsPolicy) policy = parse(
		"version: STSv1\nmode: testing\nmode: enforce\nmax_age: 5\nmax_age: 9\nmx: a.b\n");
	g_assert_nonnull(policy);
	g_assert_cmpint(policy->mode, ==, SGP_MTA_STS_MODE_TESTING);
	g_assert_cmpint(policy->max_age, ==, 5);
	g_autoptr(SgpMtaStsPolicy) year =
		parse("version: STSv1\nmode: enforce\nmax_age: 9999999999\nmx: a.b\n");
	g_assert_cmpint(year->max_age, ==, 31557600);
}

static void test_no_policy(void)
{
	static const char *const bad[] = {
		"",
		"\n",
		"hello\n",
		HEAD, /* enforces for nobody */
		"mode: enforce\nmax_age: 1\nmx: a.b\n",
		"version: STSv2\nmode: enforce\nmax_age: 1\nmx: a.b\n",
		"version: STSv1\nmax_age: 1\nmx: a.b\n",
		"version: STSv1\nmode: enforce\nmx: a.b\n",
		"version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a.b\n",
		"version: STSv1\nmode: enforced\nmax_age: 1\nmx: a.b\n",
		"version: STSv1\nmode: enforce\nmax_age: -1\nmx: a.b\n",
		"version: STSv1\nmode: enforce\nmax_age: 12345678901\nmx: a.b\n",
		"version: STSv1\nmode: enforce\nmax_age: 0x10\nmx: a.b\n",
		"version: STSv1\nmode: enforce\nmax_age:\nmx: a.b\n",
		HEAD "mx: *\n",
		HEAD "mx: *.\n",
		HEAD "mx: a.*.b\n",
		HEAD "mx: *.*.b\n",
		HEAD "mx: a*.b\n",
		HEAD "mx: a..b\n",
		HEAD "mx: .b\n",
		HEAD "mx: b.\n",
		HEAD "mx: a.b, c.d\n",
		HEAD "mx: a b\n",
		HEAD "mx:\n",
		HEAD "mx: a.b\nno colon\n",
		HEAD "mx: a.b\n: x\n",
		"<html>version: STSv1\nmode: enforce\nmax_age: 1\nmx: a.b\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_test_message("%s", bad[i]);
		g_assert_null(parse(bad[i]));
	}
	g_assert_null(sgp_mta_sts_policy_parse(HEAD "mx: a.b\n\0", sizeof(HEAD "mx: a.b\n")));
}

static void test_covers(void)
{
	g_autoptr(SgpMtaStsPolicy) policy = parse(HEAD "mx: mail.example.com\nmx: *.example.net\n");
	g_assert_true(sgp_mta_sts_policy_covers(policy, "mail.example.com"));
	g_assert_true(sgp_mta_sts_policy_covers(policy, "MAIL.example.COM"));
	g_assert_true(sgp_mta_sts_policy_covers(policy, "mx1.Example.net"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, "example.net"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, "a.b.example.net"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, ".example.net"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, "xmail.example.com"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, "mail.example.com.evil.example"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, "evilexample.net"));
	g_assert_false(sgp_mta_sts_policy_covers(policy, ""));
}

/* Each byte of a good record and policy changed to each of some others: no crash, and whatever is
 * taken for a policy keeps its promises. */
static void test_mutations(void)
{
	static const char good[] = "version: STSv1\nmode: enforce\nmx: *.a.b\nmax_age: 86400\n";
	static const char bytes[] = { '\0', '\n', '\r', ' ', ':', '*', '.', ';', '=', '0', 'a',
		'\x80' };
	for (gsize at = 0; at < sizeof(good) - 1; at++) {
		for (gsize i = 0; i < G_N_ELEMENTS(bytes); i++) {
			g_autofree char *text = g_strdup(good);
			text[at] = bytes[i];
			g_autoptr(SgpMtaStsPolicy) policy =
				sgp_mta_sts_policy_parse(text, sizeof(good) - 1);
			if (policy == NULL)
				continue;
			g_assert_cmpint(policy->max_age, >=, 0);
			g_assert_cmpint(policy->max_age, <=, 31557600);
			g_assert_true(policy->mode == SGP_MTA_STS_MODE_NONE || policy->mx->len > 0);
			g_assert_false(sgp_mta_sts_policy_covers(policy, "mx.evil.example"));
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mta-sts/a-record-is-one-version-and-one-id", test_record);
	g_test_add_func("/mta-sts/there-is-exactly-one-record", test_one_record);
	g_test_add_func("/mta-sts/a-policy-is-read-as-it-is-written", test_policy);
	g_test_add_func("/mta-sts/of-two-fields-the-first-counts", test_first_counts);
	g_test_add_func("/mta-sts/what-is-not-well-formed-is-no-policy", test_no_policy);
	g_test_add_func("/mta-sts/a-star-is-one-left-most-label", test_covers);
	g_test_add_func("/mta-sts/no-changed-byte-widens-a-policy", test_mutations);
	return g_test_run();
}
