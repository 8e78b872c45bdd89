/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Follows certificates up to a root that the user or the system trusts (RFC 5280 section 6), by the
 * certificates of the keybox alone. Fetches nothing, knows no clock: it writes down from when to
 * when the whole chain holds, and the judgement compares. gpgsm looks at the chain once more when
 * it asks for revocation. */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "sgp-certificate.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509_STORE, X509_STORE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509_STORE_CTX, X509_STORE_CTX_free)

/* All certificates of one reading. */
typedef struct {
	X509_STORE *store;    /* (owned) the roots that are trusted */
	STACK_OF(X509) * all; /* (owned) the other issuers */
	GHashTable *by_x509;  /* (owned) X509 → SgpKeyRecord, both borrowed */
} Forest;

static X509 *parse(const SgpKeyRecord *record)
{
	gsize size = 0;
	const guint8 *at = g_bytes_get_data(record->certificate->der, &size);
	return d2i_X509(NULL, &at, (long)size);
}

static SgpCertificateChain get_chain(int error)
{
	switch (error) {
	case X509_V_OK:
		return SGP_CERTIFICATE_CHAIN_TRUSTED;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return SGP_CERTIFICATE_CHAIN_INCOMPLETE;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_CERT_UNTRUSTED:
		return SGP_CERTIFICATE_CHAIN_UNTRUSTED;
	}
	return SGP_CERTIFICATE_CHAIN_BROKEN; /* an open list of some hundred */
}

/* What the issuers add: their time, their weakness, and whether they can be revoked. */
static void take_issuers(const Forest *forest, SgpCertificate *self, STACK_OF(X509) * chain)
{
	self->is_chain_revocable = TRUE;
	for (int i = 1; i < sk_X509_num(chain); i++) {
		X509 *x509 = sk_X509_value(chain, i);
		const SgpKeyRecord *issuer = g_hash_table_lookup(forest->by_x509, x509);
		if (issuer == NULL) /* cannot be: all of them are ours */
			continue;
		const SgpKeyPart *part = &g_array_index(issuer->parts, SgpKeyPart, 0);
		self->starts = MAX(self->starts, part->created);
		self->expires = MIN(self->expires, part->expires);
		if (self->weakness == NULL)
			self->weakness = g_strdup(issuer->certificate->weakness);
		gboolean is_revocable = issuer->certificate->has_revocation_list ||
					issuer->certificate->has_responder;
		if (!issuer->certificate->is_own_root && !is_revocable)
			self->is_chain_revocable = FALSE;
	}
}

static void follow(const Forest *forest, SgpKeyRecord *record, X509 *x509)
{
	SgpCertificate *self = record->certificate;
	g_autoptr(X509_STORE_CTX) context = X509_STORE_CTX_new();
	if (context == NULL || X509_STORE_CTX_init(context, forest->store, x509, forest->all) != 1)
		return; /* stays unknown */
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
	X509_VERIFY_PARAM_set_auth_level(param, 0); /* a weakness has a reason of its own */
	X509_verify_cert(context);
	self->chain = get_chain(X509_STORE_CTX_get_error(context));
	if (self->chain == SGP_CERTIFICATE_CHAIN_TRUSTED)
		take_issuers(forest, self, X509_STORE_CTX_get0_chain(context));
	ERR_clear_error();
}

/**
 * sgp_certificate_follow_chains:
 * @records: (element-type SgpKeyRecord): the whole keybox; each gets its chain
 * @roots: (element-type utf8): fingerprints that are trusted
 */
void sgp_certificate_follow_chains(GPtrArray *records, GHashTable *roots)
{
	g_autoptr(X509_STORE) store = X509_STORE_new();
	Forest forest = { store, sk_X509_new_null(), g_hash_table_new(NULL, NULL) };
	g_autoptr(GPtrArray) parsed = g_ptr_array_new();
	for (guint i = 0; i < records->len; i++) {
		SgpKeyRecord *record = g_ptr_array_index(records, i);
		X509 *x509 = parse(record);
		g_ptr_array_add(parsed, x509);
		if (x509 == NULL)
			continue;
		g_hash_table_insert(forest.by_x509, x509, record);
		if (g_hash_table_contains(roots, record->fingerprint))
			X509_STORE_add_cert(store, x509);
		else if (X509_check_ca(x509) != 0) /* others issue nothing */
			sk_X509_push(forest.all, x509);
	}
	for (guint i = 0; i < records->len; i++)
		if (g_ptr_array_index(parsed, i) != NULL)
			follow(&forest, g_ptr_array_index(records, i),
				g_ptr_array_index(parsed, i));
	sk_X509_free(forest.all);
	g_hash_table_unref(forest.by_x509);
	for (guint i = 0; i < parsed->len; i++)
		X509_free(g_ptr_array_index(parsed, i));
}
