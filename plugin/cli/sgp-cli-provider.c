/* SPDX-License-Identifier: GPL-3.0-or-later */

/* provider: what a recipient's provider offers, asked of the network now. It owns how that is told
 * to a person; what it means for a mail is the ladder's business. */

#include "sgp-cli.h"
#include "sgp-cli-provider-words.h"
#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-transport-probe.h"

#include <string.h>

/* A domain as people write it: with an umlaut, a dot at the end, or a whole address before it. */
static char *dup_domain(const char *text, GError **error)
{
	g_autofree char *mailbox =
		strchr(text, '@') ? g_strdup(text) : g_strconcat("x@", text, NULL);
	g_autoptr(SgpAddress) address = sgp_address_new(mailbox, error);

	return address ? g_strdup(sgp_address_get_domain(address)) : NULL;
}

static void print_hosts(const SgpProviderReport *report)
{
	for (guint i = 0; i < report->hosts->len; i++) {
		const SgpProviderHost *host = g_ptr_array_index(report->hosts, i);

		/* TRANSLATORS: a mail server, its preference, and yes, no or unknown twice. */
		g_print(_("  %s (%u): DANE %s, MTA-STS %s\n"), host->host, host->preference,
			sgp_cli_provider_words_get_knowledge(sgp_knowledge_get_nick(host->dane)),
			sgp_cli_provider_words_get_knowledge(
				sgp_knowledge_get_nick(host->mta_sts)));
	}
}

static void print_report(const SgpProviderReport *report)
{
	const char *nick = report->problem;

	g_print("%s: %s\n", report->domain,
		sgp_cli_provider_words_get_transport(sgp_knowledge_get_nick(report->transport)));
	if (nick)
		g_print("  %s\n", sgp_cli_provider_words_get_problem(nick));
	print_hosts(report);
	g_print("  DNSSEC: %s\n",
		sgp_cli_provider_words_get_dnssec(sgp_dnssec_get_nick(report->dnssec)));
	if (report->hosts->len == 0)
		return;
	g_print("  MTA-STS: %s\n",
		sgp_cli_provider_words_get_mta_sts(sgp_mta_sts_state_get_nick(report->mta_sts)));
	if (report->mta_sts_problem)
		g_print("  %s\n", sgp_cli_provider_words_get_problem(report->mta_sts_problem));
}

SgpExit sgp_cli_provider(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	g_autoptr(GError) error = NULL;
	g_autofree char *domain = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("provider: DOMAIN is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	domain = dup_domain(argv[1], &error);
	g_autoptr(SgpProviderReport) report =
		domain ? sgp_transport_probe_run_sync(
				 sgp_dispatcher_get_transport_probe(self->dispatcher), domain,
				 self->now, NULL, &error)
		       : NULL;

	if (!report)
		return sgp_cli_fail(error);
	if (self->is_json) {
		g_autofree char *json = sgp_provider_report_dup_json(report);

		g_print("%s\n", json);
	} else {
		print_report(report);
	}
	if (report->transport == SGP_KNOWLEDGE_UNKNOWN)
		return sgp_cli_fail_nick(
			"unreachable", _("what the provider offers could not be found out"));
	return SGP_EXIT_DONE;
}
