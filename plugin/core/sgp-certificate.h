/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"

G_BEGIN_DECLS

/* How far up its issuers a certificate can be followed. Zero: nobody looked. */
typedef enum {
	SGP_CERTIFICATE_CHAIN_UNKNOWN = 0,
	SGP_CERTIFICATE_CHAIN_INCOMPLETE, /* an issuer is not in the keybox */
	SGP_CERTIFICATE_CHAIN_UNTRUSTED,  /* it ends at a root that nobody trusts */
	SGP_CERTIFICATE_CHAIN_BROKEN,     /* a signature or a constraint does not fit */
	SGP_CERTIFICATE_CHAIN_TRUSTED,
} SgpCertificateChain;

/* What a certificate says besides its parts and addresses (RFC 5280). Filled by its maker, then
 * immutable. */
struct _SgpCertificate {
	GBytes *der;                  /* (owned) */
	SgpCertificateChain chain;    /* whether it ends at a trusted root */
	gint64 starts;                /* of the whole chain, the latest */
	gint64 expires;               /* of the whole chain, the earliest */
	char *weakness;               /* (owned) (nullable) "sha1", "rsa1024": in the chain */
	gboolean has_revocation_list; /* the certificate names one */
	gboolean has_responder;       /* it names an OCSP responder */
	gboolean is_chain_revocable;  /* so does each one of its issuers but the root */
	gboolean is_own_root;         /* signed by itself */
};

/* A record of what this certificate says; its chain is not looked at. NULL: it cannot be read.
 * (transfer full) */
SgpKeyRecord *sgp_certificate_read(GBytes *der);
/* The rule of 03-policy ("A usable key") but for revocation, which sgp_key_source_check() asks for.
 * addr_spec: (nullable) as for sgp_key_record_judge(). (transfer full) */
SgpKey *sgp_certificate_judge(const SgpKeyRecord *record, const char *addr_spec, gint64 now);
void sgp_certificate_free(SgpCertificate *self);

/* Looks for the issuers of every certificate among the others, up to one of the roots that are
 * trusted, and writes down what it found. records: (element-type SgpKeyRecord) nobody else has them
 * yet. roots: SHA-1 fingerprints, upper-case hex. */
void sgp_certificate_follow_chains(GPtrArray *records, GHashTable *roots);

G_END_DECLS
