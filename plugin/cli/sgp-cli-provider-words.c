/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words for what was found out about a provider: nicks of core become sentences in the user's
 * language. It decides nothing, and asks nobody. */

#include "sgp-cli-provider-words.h"

#include <glib/gi18n.h>

typedef struct {
	const char *nick;
	const char *words;
} Entry;

static const Entry transports[] = {
	{ "yes", N_("verified transport encryption to every mail server") },
	{ "no", N_("no verified transport encryption") },
	{ "unknown", N_("could not be found out; please try again") },
};

static const Entry knowledges[] = {
	{ "yes", N_("yes") },
	{ "no", N_("no") },
	{ "unknown", N_("unknown") },
};

static const Entry dnssecs[] = {
	{ "secure", N_("signed and valid") },
	{ "insecure", N_("not signed") },
	{ "bogus", N_("the signature does not fit: forged, or a mistake of the provider") },
	{ "unknown", N_("no answer") },
};

static const Entry states[] = {
	{ "enforced", N_("enforced for every mail server") },
	{ "mismatch", N_("enforced, but not for every mail server") },
	{ "not-enforced", N_("a policy that enforces nothing") },
	{ "none", N_("none") },
	{ "unknown", N_("could not be looked up") },
};

static const Entry problems[] = {
	{ "no-domain", N_("There is no such domain.") },
	{ "null-mx", N_("This domain takes no mail.") },
	{ "no-mail-server", N_("This domain has no mail server.") },
	{ "too-many-mx", N_("This domain names too many mail servers.") },
	{ "address-literal", N_("For a bare IP address nothing can be verified.") },
	{ "not-enforced", N_("Not every mail server is covered by DANE or MTA-STS.") },
	{ "bogus", N_("A DNS answer is not signed as it must be.") },
	{ "dns", N_("A DNS answer did not come.") },
	{ "mta-sts", N_("The MTA-STS policy could not be fetched.") },
	{ "no-address", N_("The policy's server has no address.") },
	{ "private-address", N_("The policy's server has an address inside a private network.") },
	{ "unreachable", N_("The policy's server does not answer.") },
	{ "timeout", N_("The policy's server does not answer in time.") },
	{ "tls", N_("The certificate of the policy's server is not valid.") },
	{ "redirect", N_("The policy's server points elsewhere, which is not allowed.") },
	{ "http-status", N_("The policy's server does not have the policy.") },
	{ "content-type", N_("The policy is not plain text.") },
	{ "too-large", N_("The policy is too long.") },
	{ "syntax", N_("The policy is not well-formed.") },
	{ "ca-file", N_("The file of the setting mta-sts-ca-file cannot be read.") },
};

static const char *find(const Entry *entries, gsize n, const char *nick)
{
	for (gsize i = 0; i < n; i++) {
		if (g_strcmp0(entries[i].nick, nick) == 0)
			return _(entries[i].words);
	}
	return nick;
}

const char *sgp_cli_provider_words_get_transport(const char *nick)
{
	return find(transports, G_N_ELEMENTS(transports), nick);
}

const char *sgp_cli_provider_words_get_knowledge(const char *nick)
{
	return find(knowledges, G_N_ELEMENTS(knowledges), nick);
}

const char *sgp_cli_provider_words_get_dnssec(const char *nick)
{
	return find(dnssecs, G_N_ELEMENTS(dnssecs), nick);
}

const char *sgp_cli_provider_words_get_mta_sts(const char *nick)
{
	return find(states, G_N_ELEMENTS(states), nick);
}

const char *sgp_cli_provider_words_get_problem(const char *nick)
{
	return find(problems, G_N_ELEMENTS(problems), nick);
}
