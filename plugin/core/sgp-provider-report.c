/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found out about a provider, and what follows from it: the transport rung is usable only
 * if every MX is covered, by DANE all of them or by an enforced MTA-STS policy all of them. Pure;
 * unknown stays unknown, and a forged answer is unknown, never "no" (an attacker can cause one). */
#include "sgp-provider-report.h"

#include "sgp-json-private.h"

const char *sgp_knowledge_get_nick(SgpKnowledge knowledge)
{
	switch (knowledge) {
	case SGP_KNOWLEDGE_UNKNOWN:
		return "unknown";
	case SGP_KNOWLEDGE_NO:
		return "no";
	case SGP_KNOWLEDGE_YES:
		return "yes";
	}
	return "unknown";
}

const char *sgp_mta_sts_state_get_nick(SgpMtaStsState state)
{
	switch (state) {
	case SGP_MTA_STS_STATE_UNKNOWN:
		return "unknown";
	case SGP_MTA_STS_STATE_NONE:
		return "none";
	case SGP_MTA_STS_STATE_NOT_ENFORCED:
		return "not-enforced";
	case SGP_MTA_STS_STATE_MISMATCH:
		return "mismatch";
	case SGP_MTA_STS_STATE_ENFORCED:
		return "enforced";
	}
	return "unknown";
}

static void host_free(SgpProviderHost *self)
{
	g_free(self->host);
	g_free(self);
}

SgpProviderReport *sgp_provider_report_new(const char *domain)
{
	SgpProviderReport *self = g_new0(SgpProviderReport, 1);
	self->domain = g_strdup(domain);
	self->hosts = g_ptr_array_new_with_free_func((GDestroyNotify)host_free);
	return self;
}

void sgp_provider_report_free(SgpProviderReport *self)
{
	if (self == NULL)
		return;
	g_free(self->domain);
	g_ptr_array_unref(self->hosts);
	sgp_mta_sts_policy_free(self->policy);
	g_free(self);
}

SgpProviderHost *sgp_provider_report_add_host(
	SgpProviderReport *self, const char *host, guint16 preference)
{
	SgpProviderHost *one = g_new0(SgpProviderHost, 1);
	one->host = g_strdup(host);
	one->preference = preference;
	g_ptr_array_add(self->hosts, one);
	return one;
}

/* ---- what follows ---- */

static SgpKnowledge knowledge_of_policy(SgpMtaStsState state, gboolean is_named)
{
	switch (state) {
	case SGP_MTA_STS_STATE_UNKNOWN:
		return SGP_KNOWLEDGE_UNKNOWN;
	case SGP_MTA_STS_STATE_NONE:
	case SGP_MTA_STS_STATE_NOT_ENFORCED:
		return SGP_KNOWLEDGE_NO;
	case SGP_MTA_STS_STATE_MISMATCH:
	case SGP_MTA_STS_STATE_ENFORCED:
		return is_named ? SGP_KNOWLEDGE_YES : SGP_KNOWLEDGE_NO;
	}
	return SGP_KNOWLEDGE_UNKNOWN;
}

static void conclude_mta_sts(SgpProviderReport *self)
{
	gboolean is_complete = TRUE;
	if (self->policy != NULL)
		self->mta_sts = self->policy->mode == SGP_MTA_STS_MODE_ENFORCE
					? SGP_MTA_STS_STATE_ENFORCED
					: SGP_MTA_STS_STATE_NOT_ENFORCED;
	for (guint i = 0; i < self->hosts->len; i++) {
		SgpProviderHost *host = g_ptr_array_index(self->hosts, i);
		gboolean is_named = self->policy != NULL && *host->host != '\0' &&
				    sgp_mta_sts_policy_covers(self->policy, host->host);
		host->mta_sts = knowledge_of_policy(self->mta_sts, is_named);
		is_complete = is_complete && is_named;
	}
	if (self->mta_sts == SGP_MTA_STS_STATE_ENFORCED && !is_complete)
		self->mta_sts = SGP_MTA_STS_STATE_MISMATCH;
}

/* One host without it is enough for no; else one that nobody knows of for unknown. */
static SgpKnowledge conclude_dane(const SgpProviderReport *self, gboolean *is_bogus)
{
	SgpKnowledge dane = SGP_KNOWLEDGE_YES;
	for (guint i = 0; i < self->hosts->len; i++) {
		const SgpProviderHost *host = g_ptr_array_index(self->hosts, i);
		*is_bogus = *is_bogus || host->is_bogus;
		if (host->dane == SGP_KNOWLEDGE_NO)
			dane = SGP_KNOWLEDGE_NO;
		else if (host->dane == SGP_KNOWLEDGE_UNKNOWN && dane == SGP_KNOWLEDGE_YES)
			dane = SGP_KNOWLEDGE_UNKNOWN;
	}
	return dane;
}

void sgp_provider_report_conclude(SgpProviderReport *self)
{
	gboolean is_bogus = FALSE;
	if (self->hosts->len == 0)
		return;
	conclude_mta_sts(self);
	self->dane = conclude_dane(self, &is_bogus);
	if (self->dane == SGP_KNOWLEDGE_YES) {
		self->transport = SGP_KNOWLEDGE_YES;
		return;
	}
	/* DANE comes first (RFC 8461, 2): a forged answer is not outvoted by a policy. */
	if (is_bogus) {
		self->problem = "bogus";
		return;
	}
	if (self->mta_sts == SGP_MTA_STS_STATE_ENFORCED) {
		self->transport = SGP_KNOWLEDGE_YES;
	} else if (self->dane == SGP_KNOWLEDGE_UNKNOWN) {
		self->problem = "dns";
	} else if (self->mta_sts == SGP_MTA_STS_STATE_UNKNOWN) {
		self->problem = "mta-sts";
	} else {
		self->transport = SGP_KNOWLEDGE_NO;
		self->problem = "not-enforced";
	}
}

/* ---- JSON ---- */

static void add_host(JsonBuilder *out, const SgpProviderHost *host)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "host", host->host);
	sgp_json_add_int(out, "preference", host->preference);
	sgp_json_add_text(out, "dane", sgp_knowledge_get_nick(host->dane));
	sgp_json_add_int(out, "tlsa", host->n_tlsa);
	sgp_json_add_text(out, "mta_sts", sgp_knowledge_get_nick(host->mta_sts));
	json_builder_end_object(out);
}

static void add_policy(JsonBuilder *out, const SgpProviderReport *self)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	json_builder_set_member_name(out, "mta_sts");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "state", sgp_mta_sts_state_get_nick(self->mta_sts));
	sgp_json_add_text(out, "mode",
		self->policy != NULL ? sgp_mta_sts_mode_get_nick(self->policy->mode) : NULL);
	sgp_json_add_int(out, "max_age", self->policy != NULL ? self->policy->max_age : 0);
	sgp_json_add_texts(out, "mx", self->policy != NULL ? self->policy->mx : none);
	sgp_json_add_boolean(out, "cached", self->is_policy_cached);
	sgp_json_add_text(out, "problem", self->mta_sts_problem);
	json_builder_end_object(out);
}

char *sgp_provider_report_dup_json(const SgpProviderReport *self)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_json_add_text(out, "domain", self->domain);
	sgp_json_add_text(out, "transport", sgp_knowledge_get_nick(self->transport));
	sgp_json_add_text(out, "problem", self->problem);
	sgp_json_add_text(out, "dnssec", sgp_dnssec_get_nick(self->dnssec));
	sgp_json_add_text(out, "dane", sgp_knowledge_get_nick(self->dane));
	json_builder_set_member_name(out, "mx");
	json_builder_begin_array(out);
	for (guint i = 0; i < self->hosts->len; i++)
		add_host(out, g_ptr_array_index(self->hosts, i));
	json_builder_end_array(out);
	add_policy(out, self);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}
