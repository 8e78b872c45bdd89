/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The questions about one provider, in three rounds (MX and MTA-STS record; addresses; TLSA), each
 * asked at once. It owns what an answer means for DANE and MTA-STS: a secure chain from the MX to
 * TLSA or nothing, and a policy only from its own server, over verified TLS, at a public address.
 * An answer that is missing or forged is unknown. It remembers policies, and concludes nothing. */
#include "sgp-provider-inquest.h"

#include <string.h>

#include "sgp-dns-data.h"
#include "sgp-error.h"
#include "sgp-mta-sts-fetch.h"
#include "sgp-provider-cache.h"

#define DNS_SECONDS   5
#define FETCH_MS      5000
#define HOSTS_AT_MOST 50
#define TTL_UNSAID    3600

typedef struct {
	SgpSettings *settings; /* (borrowed) */
	SgpStore *store;       /* (borrowed) */
	gint64 now;
	gint64 end; /* of all DNS, monotonic */
	GCancellable *cancellable;
	SgpDns *dns;               /* (owned) */
	SgpProviderReport *report; /* (owned) */
	GPtrArray *asked;          /* (owned) (element-type SgpDnsQuestion) all, for their lives */
	SgpDnsQuestion *mx;        /* (borrowed from asked) */
	SgpDnsQuestion *record;    /* (borrowed from asked) _mta-sts */
	char *policy_id;           /* (owned) (nullable) of the record */
	char *policy_host;         /* (owned) (nullable) */
	SgpDnsQuestion *policy_addresses[2]; /* (borrowed from asked) (nullable) */
} Inquest;

/* The questions about one host, borrowed from asked. */
typedef struct {
	SgpProviderHost *host;
	SgpDnsQuestion *a, *aaaa;
	SgpDnsQuestion *at_alias; /* (nullable) TLSA where the aliases lead to */
	SgpDnsQuestion *at_name;  /* (nullable) TLSA at the MX's own name */
} HostQuestions;

static void inquest_clear(Inquest *self)
{
	sgp_dns_free(self->dns);
	sgp_provider_report_free(self->report);
	g_clear_pointer(&self->asked, g_ptr_array_unref);
	g_free(self->policy_id);
	g_free(self->policy_host);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inquest, inquest_clear)

static SgpDnsQuestion *add(Inquest *self, GPtrArray *round, const char *name, SgpDnsType type)
{
	SgpDnsQuestion *question = sgp_dns_question_new(name, type);
	g_ptr_array_add(self->asked, question);
	g_ptr_array_add(round, question);
	return question;
}

static gboolean ask(Inquest *self, GPtrArray *round, GError **error)
{
	if (!sgp_dns_ask(self->dns, round, self->end, self->cancellable, error))
		return FALSE;
	for (guint i = 0; i < round->len; i++) {
		const SgpDnsQuestion *one = g_ptr_array_index(round, i);
		if (sgp_dns_question_is_answered(one))
			self->report->ttl = MIN(self->report->ttl, one->ttl);
	}
	return TRUE;
}

/* ---- the mail servers ---- */

static int compare_hosts(gconstpointer a, gconstpointer b)
{
	const SgpProviderHost *const *first = a, *const *second = b;
	if ((*first)->preference != (*second)->preference)
		return (*first)->preference < (*second)->preference ? -1 : 1;
	return strcmp((*first)->host, (*second)->host);
}

/* FALSE: there is nothing to ask on, and the report says so. */
static gboolean end_with(Inquest *self, SgpKnowledge transport, const char *problem)
{
	self->report->transport = transport;
	self->report->problem = problem;
	if (transport == SGP_KNOWLEDGE_NO) {
		self->report->dane = SGP_KNOWLEDGE_NO;
		self->report->mta_sts = SGP_MTA_STS_STATE_NONE;
	}
	g_ptr_array_set_size(self->report->hosts, 0);
	return FALSE;
}

static gboolean read_hosts(Inquest *self)
{
	SgpProviderReport *report = self->report;
	report->dnssec = self->mx->dnssec;
	if (!sgp_dns_question_is_answered(self->mx))
		return end_with(self, SGP_KNOWLEDGE_UNKNOWN,
			self->mx->dnssec == SGP_DNSSEC_BOGUS ? "bogus" : "dns");
	if (self->mx->is_no_domain)
		return end_with(self, SGP_KNOWLEDGE_NO, "no-domain");
	for (guint i = 0; i < self->mx->data->len; i++) {
		gsize length = 0;
		const guint8 *data =
			g_bytes_get_data(g_ptr_array_index(self->mx->data, i), &length);
		g_autofree char *name = NULL;
		guint16 preference = 0;
		/* A name that is none can be no server that verifies; it must not be skipped. */
		gboolean is_host = sgp_dns_data_read_mx(data, length, &preference, &name);
		sgp_provider_report_add_host(report, is_host ? name : "", preference);
	}
	if (report->hosts->len > HOSTS_AT_MOST)
		return end_with(self, SGP_KNOWLEDGE_NO, "too-many-mx");
	const SgpProviderHost *first =
		report->hosts->len > 0 ? g_ptr_array_index(report->hosts, 0) : NULL;
	if (report->hosts->len == 1 && *first->host == '\0')
		return end_with(self, SGP_KNOWLEDGE_NO, "null-mx");
	/* No MX: the domain itself is its mail server (RFC 5321, 5.1). */
	if (report->hosts->len == 0)
		sgp_provider_report_add_host(report, report->domain, 0);
	g_ptr_array_sort(report->hosts, compare_hosts);
	return TRUE;
}

static gboolean has_address(const HostQuestions *one)
{
	return one->a->data->len + one->aaaa->data->len > 0;
}

static gboolean is_secure(const HostQuestions *one)
{
	return one->a->dnssec == SGP_DNSSEC_SECURE && one->aaaa->dnssec == SGP_DNSSEC_SECURE;
}

/* RFC 7672, 2.2: only where MX and addresses are secure is TLSA asked for at all. */
static gboolean judge_addresses(const Inquest *self, HostQuestions *one)
{
	const SgpDnsQuestion *both[] = { one->a, one->aaaa };
	if (*one->host->host == '\0' || self->mx->dnssec != SGP_DNSSEC_SECURE) {
		one->host->dane = SGP_KNOWLEDGE_NO;
		return FALSE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(both); i++)
		one->host->is_bogus = one->host->is_bogus || both[i]->dnssec == SGP_DNSSEC_BOGUS;
	if (!sgp_dns_question_is_answered(one->a) || !sgp_dns_question_is_answered(one->aaaa))
		return FALSE;
	if (!is_secure(one) || !has_address(one)) {
		one->host->dane = SGP_KNOWLEDGE_NO;
		return FALSE;
	}
	return TRUE;
}

static void add_tlsa(Inquest *self, GPtrArray *round, HostQuestions *one)
{
	const char *canonical = one->a->data->len > 0 ? one->a->canonical : one->aaaa->canonical;
	g_autofree char *at_name = g_strdup_printf("_25._tcp.%s", one->host->host);
	one->at_name = add(self, round, at_name, SGP_DNS_TYPE_TLSA);
	if (canonical != NULL && g_ascii_strcasecmp(canonical, one->host->host) != 0) {
		g_autofree char *at_alias = g_strdup_printf("_25._tcp.%s", canonical);
		one->at_alias = add(self, round, at_alias, SGP_DNS_TYPE_TLSA);
	}
}

/* UNKNOWN also where the answer is forged. */
static SgpKnowledge judge_tlsa(HostQuestions *one, const SgpDnsQuestion *tlsa)
{
	one->host->is_bogus = one->host->is_bogus || tlsa->dnssec == SGP_DNSSEC_BOGUS;
	if (!sgp_dns_question_is_answered(tlsa))
		return SGP_KNOWLEDGE_UNKNOWN;
	one->host->n_tlsa = 0;
	for (guint i = 0; tlsa->dnssec == SGP_DNSSEC_SECURE && i < tlsa->data->len; i++) {
		gsize length = 0;
		const guint8 *data = g_bytes_get_data(g_ptr_array_index(tlsa->data, i), &length);
		one->host->n_tlsa += sgp_dns_data_is_usable_tlsa(data, length);
	}
	return one->host->n_tlsa > 0 ? SGP_KNOWLEDGE_YES : SGP_KNOWLEDGE_NO;
}

/* RFC 7672, 2.2.3: first where the aliases lead to; only if nothing secure is there, the name. */
static void judge_host(HostQuestions *one)
{
	if (one->at_name == NULL)
		return;
	gboolean is_aliased = one->at_alias != NULL;
	if (is_aliased)
		one->host->dane = judge_tlsa(one, one->at_alias);
	gboolean is_settled =
		is_aliased && (one->host->dane != SGP_KNOWLEDGE_NO ||
				      (one->at_alias->data->len > 0 &&
					      one->at_alias->dnssec == SGP_DNSSEC_SECURE));
	if (!is_settled)
		one->host->dane = judge_tlsa(one, one->at_name);
}

/* ---- the policy ---- */

static void read_record(Inquest *self)
{
	g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	for (guint i = 0; i < self->record->data->len; i++) {
		gsize length = 0;
		const guint8 *data =
			g_bytes_get_data(g_ptr_array_index(self->record->data, i), &length);
		GBytes *text = sgp_dns_data_dup_text(data, length);
		if (text != NULL)
			g_ptr_array_add(texts, text);
	}
	self->policy_id = sgp_mta_sts_dup_id(texts);
}

/* A policy that was once fetched binds until it ends, whatever DNS or its server say meanwhile
 * (RFC 8461, 5.1): so an attacker who came later cannot talk it away. */
static gboolean use_remembered(Inquest *self)
{
	g_autofree char *id = NULL;
	g_autofree char *text =
		sgp_provider_cache_lookup_policy(self->store, self->report->domain, self->now, &id);
	self->report->policy = text != NULL ? sgp_mta_sts_policy_parse(text, strlen(text)) : NULL;
	self->report->is_policy_cached = self->report->policy != NULL;
	return self->report->is_policy_cached &&
	       (self->policy_id == NULL || g_strcmp0(id, self->policy_id) == 0);
}

static GPtrArray *dup_policy_addresses(const Inquest *self, gboolean *is_refused)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_object_unref);
	gboolean may_be_private = sgp_settings_get_boolean(self->settings, "mta-sts-allow-private");
	for (gsize n = 0; n < G_N_ELEMENTS(self->policy_addresses); n++) {
		const SgpDnsQuestion *question = self->policy_addresses[n];
		for (guint i = 0; question != NULL && i < question->data->len; i++) {
			gsize length = 0;
			const guint8 *data =
				g_bytes_get_data(g_ptr_array_index(question->data, i), &length);
			g_autoptr(GInetAddress) address = sgp_dns_data_dup_address(data, length);
			/* A stranger's DNS must not make this machine talk to the office's own
			 * (threat 31). */
			if (address == NULL)
				continue;
			if (may_be_private || sgp_dns_data_is_public(address))
				g_ptr_array_add(list, g_steal_pointer(&address));
			else
				*is_refused = TRUE;
		}
	}
	return g_steal_pointer(&list);
}

static void keep_policy(Inquest *self, const char *text)
{
	g_autoptr(GError) error = NULL;
	/* What cannot be kept is fetched again. */
	if (!sgp_provider_cache_remember_policy(self->store, self->report->domain, self->policy_id,
		    text, self->now + self->report->policy->max_age, &error))
		g_debug("a policy is not kept: %s", error->message);
}

/* FALSE: could not look. */
static gboolean fetch_policy(Inquest *self)
{
	gboolean is_refused = FALSE;
	g_autoptr(GPtrArray) addresses = dup_policy_addresses(self, &is_refused);
	g_autofree char *ca_file = sgp_settings_dup_string(self->settings, "mta-sts-ca-file");
	if (addresses->len == 0) {
		self->report->mta_sts_problem = is_refused ? "private-address" : "no-address";
		return FALSE;
	}
	g_autoptr(GBytes) file = sgp_mta_sts_fetch_sync(self->policy_host, addresses, ca_file,
		FETCH_MS, &self->report->mta_sts_problem, self->cancellable);
	gsize length = 0;
	const char *data = file != NULL ? g_bytes_get_data(file, &length) : NULL;
	g_autoptr(SgpMtaStsPolicy) policy =
		data != NULL ? sgp_mta_sts_policy_parse(data, length) : NULL;
	if (file != NULL && policy == NULL)
		self->report->mta_sts_problem = "syntax";
	if (policy == NULL)
		return FALSE;
	g_autofree char *text = g_strndup(data, length);
	sgp_mta_sts_policy_free(self->report->policy);
	self->report->policy = g_steal_pointer(&policy);
	self->report->is_policy_cached = FALSE;
	keep_policy(self, text);
	return TRUE;
}

static void find_policy(Inquest *self)
{
	gboolean is_current = use_remembered(self);
	if (is_current || (self->policy_id != NULL && fetch_policy(self)) ||
		self->report->policy != NULL)
		return;
	if (self->policy_id == NULL && sgp_dns_question_is_answered(self->record)) {
		self->report->mta_sts = SGP_MTA_STS_STATE_NONE;
		return;
	}
	if (self->policy_id == NULL)
		self->report->mta_sts_problem =
			self->record->dnssec == SGP_DNSSEC_BOGUS ? "bogus" : "dns";
}

/* ---- the rounds ---- */

/* FALSE without error: the report is complete. */
static gboolean ask_first(Inquest *self, GError **error)
{
	g_autoptr(GPtrArray) round = g_ptr_array_new();
	g_autofree char *record = g_strdup_printf("_mta-sts.%s", self->report->domain);
	self->mx = add(self, round, self->report->domain, SGP_DNS_TYPE_MX);
	self->record = add(self, round, record, SGP_DNS_TYPE_TXT);
	if (!ask(self, round, error) || !read_hosts(self))
		return FALSE;
	read_record(self);
	return TRUE;
}

static gboolean ask_hosts(Inquest *self, HostQuestions *hosts, GError **error)
{
	GPtrArray *list = self->report->hosts;
	g_autoptr(GPtrArray) second = g_ptr_array_new();
	g_autoptr(GPtrArray) third = g_ptr_array_new();
	for (guint i = 0; i < list->len; i++) {
		hosts[i].host = g_ptr_array_index(list, i);
		const char *name =
			*hosts[i].host->host != '\0' ? hosts[i].host->host : self->report->domain;
		hosts[i].a = add(self, second, name, SGP_DNS_TYPE_A);
		hosts[i].aaaa = add(self, second, name, SGP_DNS_TYPE_AAAA);
	}
	if (self->policy_id != NULL) {
		self->policy_host = g_strdup_printf("mta-sts.%s", self->report->domain);
		self->policy_addresses[0] = add(self, second, self->policy_host, SGP_DNS_TYPE_A);
		self->policy_addresses[1] = add(self, second, self->policy_host, SGP_DNS_TYPE_AAAA);
	}
	if (!ask(self, second, error))
		return FALSE;
	for (guint i = 0; i < list->len; i++) {
		if (judge_addresses(self, &hosts[i]))
			add_tlsa(self, third, &hosts[i]);
	}
	return ask(self, third, error);
}

/* A domain with neither MX nor address takes no mail. */
static gboolean takes_no_mail(const Inquest *self, const HostQuestions *hosts)
{
	return self->mx->data->len == 0 && sgp_dns_question_is_answered(hosts[0].a) &&
	       sgp_dns_question_is_answered(hosts[0].aaaa) && !has_address(&hosts[0]);
}

static gboolean run(Inquest *self, GError **error)
{
	g_autoptr(GError) local = NULL;
	if (!ask_first(self, &local)) {
		if (local == NULL)
			return TRUE;
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_autofree HostQuestions *hosts = g_new0(HostQuestions, self->report->hosts->len + 1);
	if (!ask_hosts(self, hosts, error))
		return FALSE;
	for (guint i = 0; i < self->report->hosts->len; i++)
		judge_host(&hosts[i]);
	if (takes_no_mail(self, hosts)) {
		end_with(self, SGP_KNOWLEDGE_NO, "no-mail-server");
		return TRUE;
	}
	find_policy(self);
	if (self->report->policy != NULL)
		self->report->ttl = MIN(self->report->ttl, self->report->policy->max_age);
	sgp_provider_report_conclude(self->report);
	return !g_cancellable_set_error_if_cancelled(self->cancellable, error);
}

SgpProviderReport *sgp_provider_inquest_run_sync(SgpSettings *settings, SgpStore *store,
	const char *domain, gint64 now, GCancellable *cancellable, GError **error)
{
	g_autofree char *resolver = sgp_settings_dup_string(settings, "dns-resolver");
	g_autofree char *anchor = sgp_settings_dup_string(settings, "dns-trust-anchor");
	g_auto(Inquest) self = {
		.settings = settings,
		.store = store,
		.now = now,
		.end = g_get_monotonic_time() + DNS_SECONDS * G_USEC_PER_SEC,
		.cancellable = cancellable,
		.report = sgp_provider_report_new(domain),
	};
	self.asked = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_dns_question_free);
	self.report->ttl = TTL_UNSAID;
	if (*domain == '[') {
		end_with(&self, SGP_KNOWLEDGE_NO, "address-literal");
		return g_steal_pointer(&self.report);
	}
	self.dns = sgp_dns_new(resolver, anchor, error);
	if (self.dns == NULL || !run(&self, error))
		return NULL;
	return g_steal_pointer(&self.report);
}
