/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads an X.509 certificate, and judges for one address and one moment whether mail may be
 * encrypted to it. Pure: no keybox, no network, no clock. The common name never counts: everybody
 * can have a certificate for the name "erika@kunde.example" (RFC 8550 section 3; test
 * /certificate/a-common-name-is-no-address). */
#include "sgp-certificate.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "sgp-address.h"

#define LEAST_RSA_BITS   2048
#define LEAST_CURVE_BITS 224
#define LEAST_SECURITY   100 /* bits of a signature: SHA-1 has 63, SHA-224 has 112 */
#define SMTP_UTF8        "1.3.6.1.5.5.7.8.9"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)

void sgp_certificate_free(SgpCertificate *self)
{
	if (self == NULL)
		return;
	g_clear_pointer(&self->der, g_bytes_unref);
	g_free(self->weakness);
	g_free(self);
}

/* ---- addresses ---- */

static void add_address(SgpKeyRecord *record, const guint8 *data, int length)
{
	/* A zero byte inside would make one address out of two. */
	if (data == NULL || length <= 0 || memchr(data, '\0', (gsize)length) != NULL ||
		!g_utf8_validate((const char *)data, length, NULL))
		return;
	g_autofree char *text = g_strndup((const char *)data, (gsize)length);
	if (strpbrk(text, "<>, \t\r\n") != NULL || strchr(text, '@') == NULL)
		return;
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
	if (address != NULL)
		sgp_key_record_add_user_id(
			record, sgp_address_get_addr_spec(address), FALSE, FALSE);
}

static gboolean is_smtp_utf8(const OTHERNAME *name)
{
	char oid[64];
	return OBJ_obj2txt(oid, sizeof(oid), name->type_id, 1) > 0 && g_str_equal(oid, SMTP_UTF8) &&
	       name->value->type == V_ASN1_UTF8STRING;
}

static void add_alternative_names(SgpKeyRecord *record, X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *text = NULL;
		if (name->type == GEN_EMAIL)
			text = name->d.rfc822Name;
		else if (name->type == GEN_OTHERNAME && is_smtp_utf8(name->d.otherName))
			text = name->d.otherName->value->value.utf8string; /* RFC 9598 */
		if (text != NULL)
			add_address(record, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
	}
	GENERAL_NAMES_free(names);
}

static void add_subject_addresses(SgpKeyRecord *record, X509 *x509)
{
	const X509_NAME *subject = X509_get_subject_name(x509);
	int at = -1;
	while ((at = X509_NAME_get_index_by_NID(
			(X509_NAME *)subject, NID_pkcs9_emailAddress, at)) >= 0) {
		const ASN1_STRING *text =
			X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
		add_address(record, ASN1_STRING_get0_data(text), ASN1_STRING_length(text));
	}
}

/* ---- what the key may do ---- */

static gint64 read_time(const ASN1_TIME *time)
{
	struct tm parts;
	if (ASN1_TIME_to_tm(time, &parts) != 1)
		return 0;
	g_autoptr(GDateTime) date = g_date_time_new_utc(parts.tm_year + 1900, parts.tm_mon + 1,
		parts.tm_mday, parts.tm_hour, parts.tm_min, MIN(parts.tm_sec, 59));
	return date == NULL ? 0 : g_date_time_to_unix(date);
}

static SgpKeyAlgorithm get_algorithm(EVP_PKEY *key)
{
	/* Others (RSASSA-PSS only, Edwards curves) cannot be encrypted to by the programs that are
	 * in use. */
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return SGP_KEY_ALGORITHM_RSA;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) >= LEAST_CURVE_BITS)
		return SGP_KEY_ALGORITHM_CURVE;
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_DSA ? SGP_KEY_ALGORITHM_DSA
							 : SGP_KEY_ALGORITHM_UNKNOWN;
}

/* RFC 8550 section 4.4.4: without the extension any purpose. */
static gboolean is_for_mail(X509 *x509)
{
	int critical = 0;
	EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(x509, NID_ext_key_usage, &critical, NULL);
	/* -1: there is none. Anything else without a value is one that cannot be read. */
	if (usages == NULL)
		return critical == -1;
	gboolean is_found = FALSE;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++) {
		int usage = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));
		is_found |= usage == NID_email_protect || usage == NID_anyExtendedKeyUsage;
	}
	sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
	return is_found;
}

static void add_part(SgpKeyRecord *record, X509 *x509)
{
	EVP_PKEY *key = X509_get0_pubkey(x509);
	SgpKeyPart part = {
		.created = read_time(X509_get0_notBefore(x509)),
		.expires = read_time(X509_get0_notAfter(x509)),
		.is_invalid = key == NULL || (X509_get_extension_flags(x509) & EXFLAG_INVALID) != 0,
	};
	part.is_invalid |= part.created == 0 || part.expires == 0;
	if (key != NULL) {
		part.algorithm = get_algorithm(key);
		part.bits = (guint)EVP_PKEY_get_bits(key);
	}
	guint32 usage = X509_get_key_usage(x509); /* all bits, if there is no such extension */
	gboolean is_curve = part.algorithm == SGP_KEY_ALGORITHM_CURVE;
	gboolean is_mail = is_for_mail(x509);
	part.can_encrypt =
		is_mail && (usage & (is_curve ? KU_KEY_AGREEMENT : KU_KEY_ENCIPHERMENT)) != 0;
	part.can_sign = is_mail && (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
	gsize length = strlen(record->fingerprint);
	g_strlcpy(part.key_id, record->fingerprint + length - 16, sizeof(part.key_id));
	g_array_append_val(record->parts, part);
}

/* ---- where its revocation is told ---- */

static gboolean is_fetchable(const GENERAL_NAME *name)
{
	if (name->type != GEN_URI)
		return FALSE;
	const ASN1_STRING *uri = name->d.uniformResourceIdentifier;
	g_autofree char *text =
		g_strndup((const char *)ASN1_STRING_get0_data(uri), (gsize)ASN1_STRING_length(uri));
	g_autofree char *scheme = g_uri_parse_scheme(text);
	static const char *const KNOWN[] = { "http", "https", "ldap", "ldaps", NULL };
	g_autofree char *lower = scheme == NULL ? NULL : g_ascii_strdown(scheme, -1);
	return lower != NULL && g_strv_contains(KNOWN, lower);
}

static gboolean has_revocation_list(X509 *x509)
{
	gboolean is_found = FALSE;
	STACK_OF(DIST_POINT) *points =
		X509_get_ext_d2i(x509, NID_crl_distribution_points, NULL, NULL);
	for (int i = 0; points != NULL && i < sk_DIST_POINT_num(points); i++) {
		const DIST_POINT *point = sk_DIST_POINT_value(points, i);
		if (point->distpoint == NULL || point->distpoint->type != 0)
			continue;
		GENERAL_NAMES *names = point->distpoint->name.fullname;
		for (int n = 0; n < sk_GENERAL_NAME_num(names); n++)
			is_found |= is_fetchable(sk_GENERAL_NAME_value(names, n));
	}
	CRL_DIST_POINTS_free(points);
	return is_found;
}

static gboolean has_responder(X509 *x509)
{
	gboolean is_found = FALSE;
	AUTHORITY_INFO_ACCESS *infos = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
	for (int i = 0; infos != NULL && i < sk_ACCESS_DESCRIPTION_num(infos); i++) {
		const ACCESS_DESCRIPTION *info = sk_ACCESS_DESCRIPTION_value(infos, i);
		is_found |=
			OBJ_obj2nid(info->method) == NID_ad_OCSP && is_fetchable(info->location);
	}
	AUTHORITY_INFO_ACCESS_free(infos);
	return is_found;
}

/* ---- strength ---- */

/* What is weak in it: its key, or how its issuer signed it. Who breaks either makes a certificate
 * of their own for the same address. */
static char *dup_weakness(X509 *x509, const SgpKeyPart *part, gboolean is_own_root)
{
	int digest = NID_undef;
	int security = 0;
	if (part->algorithm == SGP_KEY_ALGORITHM_RSA && part->bits < LEAST_RSA_BITS)
		return g_strdup_printf("rsa%u", part->bits);
	if (part->algorithm == SGP_KEY_ALGORITHM_DSA)
		return g_strdup_printf("dsa%u", part->bits);
	/* That a root signed itself proves nothing; it is trusted by its fingerprint. */
	if (is_own_root)
		return NULL;
	if (X509_get_signature_info(x509, &digest, NULL, &security, NULL) == 1 &&
		security >= LEAST_SECURITY)
		return NULL;
	return digest == NID_undef ? g_strdup("signature")
				   : g_ascii_strdown(OBJ_nid2sn(digest), -1);
}

static SgpCertificate *certificate_new(X509 *x509, const SgpKeyPart *part, GBytes *der)
{
	SgpCertificate *self = g_new0(SgpCertificate, 1);
	self->der = g_bytes_ref(der);
	self->starts = part->created;
	self->expires = part->expires;
	self->is_own_root = (X509_get_extension_flags(x509) & EXFLAG_SS) != 0;
	self->weakness = dup_weakness(x509, part, self->is_own_root);
	self->has_revocation_list = has_revocation_list(x509);
	self->has_responder = has_responder(x509);
	return self;
}

/**
 * sgp_certificate_read:
 * @der: one certificate
 *
 * Returns: (transfer full) (nullable): what it says, its chain not looked at
 */
SgpKeyRecord *sgp_certificate_read(GBytes *der)
{
	gsize size = 0;
	const guint8 *start = g_bytes_get_data(der, &size);
	const guint8 *at = start;
	g_autoptr(X509) x509 = size > G_MAXINT ? NULL : d2i_X509(NULL, &at, (long)size);
	ERR_clear_error();
	if (x509 == NULL || at != start + size)
		return NULL;
	g_autofree char *fingerprint = g_compute_checksum_for_bytes(G_CHECKSUM_SHA1, der);
	SgpKeyRecord *record = sgp_key_record_new(SGP_CHANNEL_SMIME, fingerprint);
	add_part(record, x509);
	add_alternative_names(record, x509);
	add_subject_addresses(record, x509);
	const SgpKeyPart *part = &g_array_index(record->parts, SgpKeyPart, 0);
	record->is_invalid = part->is_invalid;
	record->certificate = certificate_new(x509, part, der);
	ERR_clear_error();
	return record;
}

/* ---- the judgement ---- */

static SgpKey *refuse(const SgpKeyRecord *record, SgpKeyState state, const char *detail)
{
	return sgp_key_new(record->channel, record->fingerprint, state, detail);
}

static SgpKey *refuse_by_date(const SgpKeyRecord *record, SgpKeyState state, gint64 time)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(time);
	g_autofree char *text = date == NULL ? NULL : g_date_time_format(date, "%Y-%m-%d");
	return refuse(record, state, text);
}

static SgpKey *judge_chain(const SgpKeyRecord *record, const char *addr_spec)
{
	switch (record->certificate->chain) {
	case SGP_CERTIFICATE_CHAIN_UNKNOWN:
		return refuse(record, SGP_KEY_STATE_UNKNOWN, NULL);
	case SGP_CERTIFICATE_CHAIN_INCOMPLETE:
		return refuse(record, SGP_KEY_STATE_NOT_VERIFIED, "issuer-missing");
	case SGP_CERTIFICATE_CHAIN_UNTRUSTED:
		return refuse(record, SGP_KEY_STATE_NOT_VERIFIED, "untrusted-root");
	case SGP_CERTIFICATE_CHAIN_BROKEN:
		return refuse(record, SGP_KEY_STATE_INVALID, "chain");
	case SGP_CERTIFICATE_CHAIN_TRUSTED:
		break;
	}
	if (addr_spec == NULL)
		return refuse(record, SGP_KEY_STATE_NOT_VERIFIED, NULL);
	SgpKey *key = refuse(record, SGP_KEY_STATE_USABLE, NULL);
	key->verified = TRUE;
	key->standing = SGP_KEY_STANDING_VERIFIED;
	key->expires = record->certificate->expires;
	return key;
}

/**
 * sgp_certificate_judge:
 * @addr_spec: (nullable): the canonical address
 * @now: seconds UTC
 *
 * Returns: (transfer full): the judgement; a certificate that is good in itself is
 * %SGP_KEY_STATE_USABLE only until its issuer was asked
 */
SgpKey *sgp_certificate_judge(const SgpKeyRecord *record, const char *addr_spec, gint64 now)
{
	const SgpCertificate *self = record->certificate;
	const SgpKeyPart *part = &g_array_index(record->parts, SgpKeyPart, 0);
	if (record->is_revoked)
		return refuse(record, SGP_KEY_STATE_REVOKED, NULL);
	if (record->is_invalid)
		return refuse(record, SGP_KEY_STATE_INVALID, NULL);
	if (self->expires <= now)
		return refuse_by_date(record, SGP_KEY_STATE_EXPIRED, self->expires);
	if (self->starts > now)
		return refuse_by_date(record, SGP_KEY_STATE_NOT_YET_VALID, self->starts);
	if (!part->can_encrypt)
		return refuse(record, SGP_KEY_STATE_NO_ENCRYPTION, "key-usage");
	if (self->weakness != NULL)
		return refuse(record, SGP_KEY_STATE_TOO_WEAK, self->weakness);
	if (part->algorithm == SGP_KEY_ALGORITHM_UNKNOWN)
		return refuse(record, SGP_KEY_STATE_TOO_WEAK, "algorithm");
	if (addr_spec != NULL && !sgp_key_record_has_address(record, addr_spec))
		return refuse(record, SGP_KEY_STATE_WRONG_ADDRESS, NULL);
	return judge_chain(record, addr_spec);
}
