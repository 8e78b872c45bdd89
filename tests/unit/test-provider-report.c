/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-provider-report.h"

#include <string.h>

/* Two hosts; every state of DANE for each, and every state of MTA-STS. */
static SgpProviderReport *new_report(
	SgpKnowledge first, SgpKnowledge second, SgpMtaStsState state, gboolean is_bogus)
{
	SgpProviderReport *report = sgp_provider_report_new("kunde.example");
	SgpProviderHost *one = sgp_provider_report_add_host(report, "mx1.kunde.example", 10);
	SgpProviderHost *two = sgp_provider_report_add_host(report, "mx2.kunde.example", 20);
	const char *policy = NULL;
	one->dane = first;
	two->dane = second;
	one->is_bogus = is_bogus;
	report->mta_sts = state;
	switch (state) {
	case SGP_MTA_STS_STATE_UNKNOWN:
	case SGP_MTA_STS_STATE_NONE:
		break;
	case SGP_MTA_STS_STATE_NOT_ENFORCED:
		policy = "version: STSv1\nmode: testing\nmax_age: 9\nmx: *.kunde.example\n";
		break;
	case SGP_MTA_STS_STATE_MISMATCH:
		policy = "version: STSv1\nmode: enforce\nmax_age: 9\nmx: mx1.kunde.example\n";
		break;
	case SGP_MTA_STS_STATE_ENFORCED:
		policy = "version: STSv1\nmode: enforce\nmax_age: 9\nmx: *.kunde.example\n";
		break;
	}
	if (policy != NULL)
		report->policy = sgp_mta_sts_policy_parse(policy, strlen(policy));
	sgp_provider_report_conclude(report);
	g_assert_cmpint(report->mta_sts, ==, state);
	return report;
}

static const SgpKnowledge all[] = { SGP_KNOWLEDGE_UNKNOWN, SGP_KNOWLEDGE_NO, SGP_KNOWLEDGE_YES };

static SgpKnowledge conclude(SgpKnowledge first, SgpKnowledge second, int state, gboolean is_bogus)
{
	g_autoptr(SgpProviderReport) report =
		new_report(first, second, (SgpMtaStsState)state, is_bogus);
	return report->transport;
}

static void test_matrix(void)
{
	for (gsize a = 0; a < G_N_ELEMENTS(all); a++) {
		for (gsize b = 0; b < G_N_ELEMENTS(all); b++) {
			for (int state = 0; state <= SGP_MTA_STS_STATE_ENFORCED; state++) {
				SgpKnowledge found = conclude(all[a], all[b], state, FALSE);
				gboolean has_dane =
					all[a] == SGP_KNOWLEDGE_YES && all[b] == SGP_KNOWLEDGE_YES;
				gboolean has_policy = state == SGP_MTA_STS_STATE_ENFORCED;
				gboolean dane_may_be =
					all[a] != SGP_KNOWLEDGE_NO && all[b] != SGP_KNOWLEDGE_NO;
				gboolean policy_may_be = state == SGP_MTA_STS_STATE_UNKNOWN;
				g_test_message("%zu %zu %d", a, b, state);
				if (has_dane || has_policy)
					g_assert_cmpint(found, ==, SGP_KNOWLEDGE_YES);
				else if (dane_may_be || policy_may_be)
					g_assert_cmpint(found, ==, SGP_KNOWLEDGE_UNKNOWN);
				else
					g_assert_cmpint(found, ==, SGP_KNOWLEDGE_NO);
			}
		}
	}
}

static void test_bogus(void)
{
	for (gsize b = 0; b < G_N_ELEMENTS(all); b++) {
		for (int state = 0; state <= SGP_MTA_STS_STATE_ENFORCED; state++)
			g_assert_cmpint(conclude(SGP_KNOWLEDGE_UNKNOWN, all[b], state, TRUE), ==,
				SGP_KNOWLEDGE_UNKNOWN);
	}
}

static void test_no_host_name(void)
{
	g_autoptr(SgpProviderReport) report = sgp_provider_report_new("kunde.example");
	static const char policy[] = "version: STSv1\nmode: enforce\nmax_age: 9\nmx: mx.a.b\n";
	sgp_provider_report_add_host(report, "mx.a.b", 0)->dane = SGP_KNOWLEDGE_NO;
	sgp_provider_report_add_host(report, "", 5)->dane = SGP_KNOWLEDGE_NO;
	report->policy = sgp_mta_sts_policy_parse(policy, strlen(policy));
	sgp_provider_report_conclude(report);
	g_assert_cmpint(report->mta_sts, ==, SGP_MTA_STS_STATE_MISMATCH);
	g_assert_cmpint(report->transport, ==, SGP_KNOWLEDGE_NO);
}

static void test_nobody_looked(void)
{
	g_autoptr(SgpProviderReport) report = sgp_provider_report_new("kunde.example");
	sgp_provider_report_conclude(report);
	g_assert_cmpint(report->transport, ==, SGP_KNOWLEDGE_UNKNOWN);
	g_assert_cmpint(report->dane, ==, SGP_KNOWLEDGE_UNKNOWN);
}

static void test_json(void)
{
	g_autoptr(SgpProviderReport) report =
		new_report(SGP_KNOWLEDGE_YES, SGP_KNOWLEDGE_NO, SGP_MTA_STS_STATE_MISMATCH, FALSE);
	report->dnssec = SGP_DNSSEC_SECURE;
	g_autofree char *json = sgp_provider_report_dup_json(report);
	g_assert_cmpstr(json, ==,
		"{\"domain\":\"kunde.example\",\"transport\":\"no\",\"problem\":\"not-enforced\","
		"\"dnssec\":\"secure\",\"dane\":\"no\",\"mx\":["
		"{\"host\":\"mx1.kunde.example\",\"preference\":10,\"dane\":\"yes\",\"tlsa\":0,"
		"\"mta_sts\":\"yes\"},"
		"{\"host\":\"mx2.kunde.example\",\"preference\":20,\"dane\":\"no\",\"tlsa\":0,"
		"\"mta_sts\":\"no\"}],"
		"\"mta_sts\":{\"state\":\"mismatch\",\"mode\":\"enforce\",\"max_age\":9,"
		"\"mx\":[\"mx1.kunde.example\"],\"cached\":false,\"problem\":null}}");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/provider-report/all-by-dane-or-all-by-policy-or-not", test_matrix);
	g_test_add_func("/provider-report/a-forged-answer-is-never-outvoted", test_bogus);
	g_test_add_func("/provider-report/a-server-without-a-name-is-covered-by-nothing",
		test_no_host_name);
	g_test_add_func("/provider-report/nobody-looked-is-unknown", test_nobody_looked);
	g_test_add_func("/provider-report/scripts-read-it-as-json", test_json);
	return g_test_run();
}
