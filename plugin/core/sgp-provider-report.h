/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-dns.h"
#include "sgp-facts.h"
#include "sgp-mta-sts.h"

G_BEGIN_DECLS

/* What one MX host offers. */
typedef struct {
	char *host; /* (owned) A-labels; "" for one that is no host name */
	guint16 preference;
	SgpKnowledge dane;
	gboolean is_bogus; /* a forged or broken signature on the way to the answer */
	guint n_tlsa;      /* usable TLSA records */
	SgpKnowledge mta_sts;
} SgpProviderHost;

/* What is known of MTA-STS. Zero: could not look. */
typedef enum {
	SGP_MTA_STS_STATE_UNKNOWN = 0,
	SGP_MTA_STS_STATE_NONE,         /* no record */
	SGP_MTA_STS_STATE_NOT_ENFORCED, /* a policy in mode testing or none */
	SGP_MTA_STS_STATE_MISMATCH,     /* enforced, but it does not name every MX */
	SGP_MTA_STS_STATE_ENFORCED,
} SgpMtaStsState;

/* What was found out about one domain (03-policy 2, rung transport). */
typedef struct {
	char *domain; /* (owned) A-labels */
	SgpKnowledge transport;
	const char *problem; /* static (nullable): why not, or why unknown; a nick */
	SgpDnssec dnssec;    /* of the MX records */
	SgpKnowledge dane;
	GPtrArray *hosts; /* (owned) (element-type SgpProviderHost) by preference */
	SgpMtaStsState mta_sts;
	const char *mta_sts_problem; /* static (nullable) */
	SgpMtaStsPolicy *policy;     /* (owned) (nullable) */
	gboolean is_policy_cached;
	gint64 ttl; /* seconds for which the answer holds, as DNS says */
} SgpProviderReport;

const char *sgp_knowledge_get_nick(SgpKnowledge knowledge);   /* "yes", "no", "unknown" */
const char *sgp_mta_sts_state_get_nick(SgpMtaStsState state); /* "enforced", ... */
SgpProviderReport *sgp_provider_report_new(const char *domain);
void sgp_provider_report_free(SgpProviderReport *self);
SgpProviderHost *sgp_provider_report_add_host(
	SgpProviderReport *self, const char *host, guint16 preference);
/* Fills mta_sts, dane and transport from the hosts, the policy and what is known of it. Pure. */
void sgp_provider_report_conclude(SgpProviderReport *self);
/* (transfer full) */
char *sgp_provider_report_dup_json(const SgpProviderReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpProviderReport, sgp_provider_report_free)

G_END_DECLS
