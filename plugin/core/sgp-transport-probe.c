/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a provider is asked, and what is kept of the answer. It owns the memory of answers and of
 * failures, and that one domain is asked about once at a time; how it is asked about is
 * sgp-provider-inquest's, what follows from it sgp-provider-report's. It sends no mail. */
#include "sgp-transport-probe.h"

#include "sgp-provider-cache.h"
#include "sgp-provider-inquest.h"

#define TTL_AT_LEAST  300
#define TTL_AT_MOST   86400
#define PATIENCE_MS   2500
#define RETRY_SECONDS 30 /* after a failure, monotonic */

struct _SgpTransportProbe {
	GObject parent_instance;
	SgpSettings *settings; /* (owned) */
	SgpStore *store;       /* (owned) */
	guint patience_ms;
	GMutex lock;
	GCond changed;
	GHashTable *running; /* (owned) under the lock: domains that are being asked about */
	GHashTable
		*failed; /* (owned) under the lock: domain -> gint64*, monotonic end of silence */
};

G_DEFINE_FINAL_TYPE(SgpTransportProbe, sgp_transport_probe, G_TYPE_OBJECT)

static void sgp_transport_probe_finalize(GObject *object)
{
	SgpTransportProbe *self = SGP_TRANSPORT_PROBE(object);
	g_clear_object(&self->settings);
	g_clear_object(&self->store);
	g_clear_pointer(&self->running, g_hash_table_unref);
	g_clear_pointer(&self->failed, g_hash_table_unref);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	G_OBJECT_CLASS(sgp_transport_probe_parent_class)->finalize(object);
}

static void sgp_transport_probe_class_init(SgpTransportProbeClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_transport_probe_finalize;
}

static void sgp_transport_probe_init(SgpTransportProbe *self)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->patience_ms = PATIENCE_MS;
	self->running = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->failed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

SgpTransportProbe *sgp_transport_probe_new(SgpSettings *settings, SgpStore *store)
{
	SgpTransportProbe *self = g_object_new(SGP_TYPE_TRANSPORT_PROBE, NULL);
	self->settings = g_object_ref(settings);
	self->store = g_object_ref(store);
	return self;
}

void sgp_transport_probe_set_patience(SgpTransportProbe *self, guint milliseconds)
{
	self->patience_ms = milliseconds;
}

guint sgp_transport_probe_get_patience(SgpTransportProbe *self)
{
	return self->patience_ms;
}

SgpKnowledge sgp_transport_probe_get_known(SgpTransportProbe *self, const char *domain, gint64 now)
{
	/* user@[192.0.2.1]: no MX, no name, nothing that could be verified. */
	if (*domain == '[')
		return SGP_KNOWLEDGE_NO;
	return sgp_provider_cache_lookup(self->store, domain, now);
}

/* ---- asking ---- */

static void remember(SgpTransportProbe *self, const SgpProviderReport *report, gint64 now)
{
	g_autoptr(GError) error = NULL;
	gint64 ttl = CLAMP(report->ttl, TTL_AT_LEAST, TTL_AT_MOST);
	if (report->transport == SGP_KNOWLEDGE_UNKNOWN)
		return;
	/* A memory that cannot be written costs a look-up, nothing else. */
	if (!sgp_provider_cache_remember(
		    self->store, report->domain, report->transport, now, now + ttl, &error))
		g_debug("the provider's answer is not kept: %s", error->message);
}

SgpProviderReport *sgp_transport_probe_run_sync(SgpTransportProbe *self, const char *domain,
	gint64 now, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpProviderReport) report = sgp_provider_inquest_run_sync(
		self->settings, self->store, domain, now, cancellable, error);
	if (report == NULL)
		return NULL;
	remember(self, report, now);
	return g_steal_pointer(&report);
}

/* ---- once for all who wait ---- */

static gboolean is_silent(SgpTransportProbe *self, const char *domain)
{
	const gint64 *end = g_hash_table_lookup(self->failed, domain);
	return end != NULL && g_get_monotonic_time() < *end;
}

static void note_end(SgpTransportProbe *self, const char *domain, SgpKnowledge answer)
{
	g_mutex_lock(&self->lock);
	g_hash_table_remove(self->running, domain);
	g_hash_table_remove(self->failed, domain);
	if (answer == SGP_KNOWLEDGE_UNKNOWN) {
		gint64 *end = g_new(gint64, 1);
		*end = g_get_monotonic_time() + RETRY_SECONDS * G_USEC_PER_SEC;
		g_hash_table_insert(self->failed, g_strdup(domain), end);
	}
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

/* TRUE: the caller is the one who asks. FALSE: somebody has just asked, or failed a moment ago. */
static gboolean begin(SgpTransportProbe *self, const char *domain)
{
	gboolean has_waited = FALSE;
	g_mutex_lock(&self->lock);
	while (g_hash_table_contains(self->running, domain)) {
		has_waited = TRUE;
		g_cond_wait(&self->changed, &self->lock);
	}
	gboolean is_ours = !has_waited && !is_silent(self, domain);
	if (is_ours)
		g_hash_table_add(self->running, g_strdup(domain));
	g_mutex_unlock(&self->lock);
	return is_ours;
}

SgpKnowledge sgp_transport_probe_lookup_sync(
	SgpTransportProbe *self, const char *domain, gint64 now, GCancellable *cancellable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpProviderReport) report = NULL;
	SgpKnowledge answer = sgp_transport_probe_get_known(self, domain, now);
	if (answer != SGP_KNOWLEDGE_UNKNOWN)
		return answer;
	if (!begin(self, domain))
		return sgp_transport_probe_get_known(self, domain, now);
	report = sgp_transport_probe_run_sync(self, domain, now, cancellable, &error);
	if (report == NULL)
		g_message("the provider cannot be looked up: %s", error->message);
	answer = report != NULL ? report->transport : SGP_KNOWLEDGE_UNKNOWN;
	note_end(self, domain, answer);
	return answer;
}

SgpDnssec sgp_transport_probe_check_resolver_sync(
	SgpTransportProbe *self, GCancellable *cancellable, GError **error)
{
	g_autofree char *resolver = sgp_settings_dup_string(self->settings, "dns-resolver");
	g_autofree char *anchor = sgp_settings_dup_string(self->settings, "dns-trust-anchor");
	g_autoptr(SgpDns) dns = sgp_dns_new(resolver, anchor, error);
	if (dns == NULL)
		return SGP_DNSSEC_UNKNOWN;
	return sgp_dns_check(dns, cancellable, error);
}
