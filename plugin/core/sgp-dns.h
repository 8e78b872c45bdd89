/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What DNSSEC says of an answer. Zero: nothing was heard, or nobody could tell. */
typedef enum {
	SGP_DNSSEC_UNKNOWN = 0,
	SGP_DNSSEC_BOGUS, /* it should be signed, and is not rightly: somebody is in between, or the
			     zone is broken */
	SGP_DNSSEC_INSECURE, /* proven: nobody signs here */
	SGP_DNSSEC_SECURE,
} SgpDnssec;

typedef enum {
	SGP_DNS_TYPE_NONE = 0,
	SGP_DNS_TYPE_A = 1,
	SGP_DNS_TYPE_MX = 15,
	SGP_DNS_TYPE_TXT = 16,
	SGP_DNS_TYPE_AAAA = 28,
	SGP_DNS_TYPE_TLSA = 52,
} SgpDnsType;

/* A question and, once it was asked, its answer. INSECURE and SECURE: it was answered, also with
 * "there is none" (data is empty then). */
typedef struct {
	char *name; /* (owned) A-labels */
	SgpDnsType type;
	SgpDnssec dnssec;
	gboolean is_no_domain; /* the name does not exist at all */
	char *canonical;       /* (owned) (nullable) where aliases lead to, in lower case */
	gint64 ttl;            /* seconds, of the answer or of its absence */
	GPtrArray *data;       /* (owned) (element-type GBytes) */
} SgpDnsQuestion;

const char *sgp_dnssec_get_nick(SgpDnssec dnssec); /* "secure", "insecure", "bogus", "unknown" */
SgpDnsQuestion *sgp_dns_question_new(const char *name, SgpDnsType type);
void sgp_dns_question_free(SgpDnsQuestion *self);
gboolean sgp_dns_question_is_answered(const SgpDnsQuestion *self);

/* A validating resolver that forwards to another one. Not thread-safe: one for each thread. */
typedef struct _SgpDns SgpDns;

/* resolver: "IP" or "IP@PORT", empty for the system's. anchor: a file with the trust anchor, empty
 * for Debian's of the root. Errors: INVALID (a setting), STORAGE (no anchor), FAILED. (transfer
 * full) */
SgpDns *sgp_dns_new(const char *resolver, const char *anchor, GError **error);
void sgp_dns_free(SgpDns *self);
/* Asks for what the trust anchor is about: SECURE where the resolver passes DNSSEC on. */
SgpDnssec sgp_dns_check(SgpDns *self, GCancellable *cancellable, GError **error);
/* Asks all at once (element-type SgpDnsQuestion), until answered or until end (monotonic
 * microseconds): what was not answered stays UNKNOWN. Errors: FAILED, CANCELLED. */
gboolean sgp_dns_ask(SgpDns *self, const GPtrArray *questions, gint64 end,
	GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpDns, sgp_dns_free)

G_END_DECLS
