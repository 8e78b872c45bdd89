/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libunbound: asks DNS through the system's forwarder and validates here,
 * from a trust anchor on. It reads what libunbound's own validation says and never the AD bit,
 * which whoever is in between can set (test: tests/agent/provider.py, "an answer that nobody
 * signed ..."). It never takes "no answer" for "there is none". */
#include "sgp-dns.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unbound.h>

#include "sgp-error.h"

#define DEFAULT_ANCHOR "/usr/share/dns/root.key"
#define CLASS_IN       1
#define RCODE_NOERROR  0
#define RCODE_NXDOMAIN 3
#define POLL_MS        100
#define CHECK_SECONDS  5

struct _SgpDns {
	struct ub_ctx *context; /* (owned) */
	char *anchored;         /* (owned) the name that the trust anchor is for */
};

/* What one asynchronous question needs. */
typedef struct {
	SgpDnsQuestion *question; /* (borrowed) */
	guint *n_pending;         /* (borrowed) */
	int id;
	gboolean is_done;
} Pending;

const char *sgp_dnssec_get_nick(SgpDnssec dnssec)
{
	switch (dnssec) {
	case SGP_DNSSEC_UNKNOWN:
		return "unknown";
	case SGP_DNSSEC_BOGUS:
		return "bogus";
	case SGP_DNSSEC_INSECURE:
		return "insecure";
	case SGP_DNSSEC_SECURE:
		return "secure";
	}
	return "unknown";
}

SgpDnsQuestion *sgp_dns_question_new(const char *name, SgpDnsType type)
{
	SgpDnsQuestion *self = g_new0(SgpDnsQuestion, 1);
	self->name = g_strdup(name);
	self->type = type;
	self->data = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	return self;
}

void sgp_dns_question_free(SgpDnsQuestion *self)
{
	if (self == NULL)
		return;
	g_free(self->name);
	g_free(self->canonical);
	g_ptr_array_unref(self->data);
	g_free(self);
}

gboolean sgp_dns_question_is_answered(const SgpDnsQuestion *self)
{
	return self->dnssec == SGP_DNSSEC_INSECURE || self->dnssec == SGP_DNSSEC_SECURE;
}

/* ---- the resolver ---- */

static gboolean check(int result, SgpError code, const char *what, GError **error)
{
	if (result == UB_NOERROR)
		return TRUE;
	g_set_error(error, SGP_ERROR, code, "%s: %s", what, ub_strerror(result));
	return FALSE;
}

static gboolean set_options(struct ub_ctx *context, GError **error)
{
	/* libunbound answers "no such name" for test. and home.arpa. by itself, where an office's
	 * resolver may know better; and it asks no forwarder on this machine, where systemd's is.
	 * ub_ctx_zone_remove() is no way to change that: it finalises the context, and whatever is
	 * set later is lost. */
	static const char *const options[][2] = {
		{ "local-zone:", "test. nodefault" },
		{ "local-zone:", "home.arpa. nodefault" },
		{ "do-not-query-localhost:", "no" },
		{ "use-syslog:", "no" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(options); i++) {
		if (!check(ub_ctx_set_option(context, options[i][0], options[i][1]),
			    SGP_ERROR_FAILED, options[i][0], error))
			return FALSE;
	}
	ub_ctx_debugout(context, NULL);
	return TRUE;
}

/* The owner of the file's first record. */
static char *dup_anchored(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++) {
		gsize length = strcspn(lines[i], " \t;");
		if (length > 0)
			return g_strndup(lines[i], length);
	}
	return g_strdup(".");
}

/* Without an anchor everything would pass for "proven to be unsigned", which is a lie. */
static gboolean set_anchor(SgpDns *self, const char *path, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) local = NULL;
	if (!g_file_get_contents(path, &text, NULL, &local)) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_STORAGE, "trust anchor: %s", local->message);
		return FALSE;
	}
	if (strstr(text, "DNSKEY") == NULL && strstr(text, "DS") == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "no trust anchor for DNSSEC");
		return FALSE;
	}
	self->anchored = dup_anchored(text);
	return check(
		ub_ctx_add_ta_file(self->context, path), SGP_ERROR_INVALID, "trust anchor", error);
}

SgpDns *sgp_dns_new(const char *resolver, const char *anchor, GError **error)
{
	g_autoptr(SgpDns) self = g_new0(SgpDns, 1);
	gboolean has_resolver = resolver != NULL && *resolver != '\0';
	gboolean has_anchor = anchor != NULL && *anchor != '\0';
	self->context = ub_ctx_create();
	if (self->context == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "no DNS resolver");
		return NULL;
	}
	if (!set_options(self->context, error) ||
		!set_anchor(self, has_anchor ? anchor : DEFAULT_ANCHOR, error))
		return NULL;
	int result = has_resolver ? ub_ctx_set_fwd(self->context, resolver)
				  : ub_ctx_resolvconf(self->context, NULL);
	if (!check(result, SGP_ERROR_INVALID, "dns-resolver", error) ||
		!check(ub_ctx_async(self->context, 1), SGP_ERROR_FAILED, "DNS", error))
		return NULL;
	return g_steal_pointer(&self);
}

void sgp_dns_free(SgpDns *self)
{
	if (self == NULL)
		return;
	if (self->context != NULL)
		ub_ctx_delete(self->context);
	g_free(self->anchored);
	g_free(self);
}

/* ---- questions ---- */

static void take_result(SgpDnsQuestion *question, const struct ub_result *result)
{
	if (result->bogus)
		question->dnssec = SGP_DNSSEC_BOGUS;
	else if (result->rcode != RCODE_NOERROR && result->rcode != RCODE_NXDOMAIN)
		question->dnssec = SGP_DNSSEC_UNKNOWN;
	else
		question->dnssec = result->secure ? SGP_DNSSEC_SECURE : SGP_DNSSEC_INSECURE;
	if (!sgp_dns_question_is_answered(question))
		return;
	question->is_no_domain = result->rcode == RCODE_NXDOMAIN;
	question->ttl = result->ttl;
	if (result->canonname != NULL) {
		question->canonical = g_ascii_strdown(result->canonname, -1);
		gsize length = strlen(question->canonical);
		if (length > 1 && question->canonical[length - 1] == '.')
			question->canonical[length - 1] = '\0';
	}
	for (int i = 0; result->havedata && result->data[i] != NULL; i++)
		g_ptr_array_add(
			question->data, g_bytes_new(result->data[i], (gsize)result->len[i]));
}

static void on_answer(void *user_data, int error, struct ub_result *result)
{
	Pending *pending = user_data;
	pending->is_done = TRUE;
	(*pending->n_pending)--;
	if (error == UB_NOERROR && result != NULL)
		take_result(pending->question, result);
	ub_resolve_free(result);
}

static gboolean wait_for_answers(
	SgpDns *self, const guint *n_pending, gint64 end, GCancellable *cancellable, GError **error)
{
	while (*n_pending > 0) {
		gint64 left_ms = (end - g_get_monotonic_time()) / 1000;
		struct pollfd ready = { .fd = ub_fd(self->context), .events = POLLIN };
		if (g_cancellable_set_error_if_cancelled(cancellable, error))
			return FALSE;
		if (left_ms <= 0)
			return TRUE;
		int n = poll(&ready, 1, (int)MIN(left_ms, POLL_MS));
		if (n > 0 && !check(ub_process(self->context), SGP_ERROR_FAILED, "DNS", error))
			return FALSE;
		if (n < 0 && errno != EINTR) {
			g_set_error(
				error, SGP_ERROR, SGP_ERROR_FAILED, "DNS: %s", g_strerror(errno));
			return FALSE;
		}
	}
	return TRUE;
}

gboolean sgp_dns_ask(SgpDns *self, const GPtrArray *questions, gint64 end,
	GCancellable *cancellable, GError **error)
{
	g_autofree Pending *pending = g_new0(Pending, questions->len + 1);
	guint n_pending = 0;
	gboolean done = TRUE;
	for (guint i = 0; done && i < questions->len; i++) {
		Pending *one = &pending[i];
		one->question = g_ptr_array_index(questions, i);
		one->n_pending = &n_pending;
		one->is_done = TRUE;
		done = check(ub_resolve_async(self->context, one->question->name,
				     (int)one->question->type, CLASS_IN, one, on_answer, &one->id),
			SGP_ERROR_FAILED, "DNS", error);
		one->is_done = !done;
		n_pending += done;
	}
	done = done && wait_for_answers(self, &n_pending, end, cancellable, error);
	/* A late answer must find nobody: what it would be written to ends with this call. */
	for (guint i = 0; i < questions->len; i++) {
		if (pending[i].question != NULL && !pending[i].is_done)
			ub_cancel(self->context, pending[i].id);
	}
	return done;
}

SgpDnssec sgp_dns_check(SgpDns *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_dns_question_free);
	SgpDnsQuestion *question = sgp_dns_question_new(self->anchored, SGP_DNS_TYPE_MX);
	gint64 end = g_get_monotonic_time() + CHECK_SECONDS * G_USEC_PER_SEC;
	g_ptr_array_add(questions, question);
	if (!sgp_dns_ask(self, questions, end, cancellable, error))
		return SGP_DNSSEC_UNKNOWN;
	return question->dnssec;
}
