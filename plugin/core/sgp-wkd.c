/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Web Key Directory: where a domain publishes its people's keys, and what an answer means. A
 * fetcher of our own and not gpg's: gpg leaves redirects, addresses and time to dirmngr, and calls
 * a server that does not answer "no key". Here only a 404, an answer that is no key, and a domain
 * without any host say that there is none; everything else is "could not look". Keeps nothing and
 * judges no key. */
#include "sgp-wkd.h"

#include <string.h>

#include "sgp-dns-data.h"
#include "sgp-dns.h"
#include "sgp-error.h"
#include "sgp-wkd-fetch.h"

#define HTTPS_PORT  443
#define DNS_MS      5000
#define OK          200
#define NOT_FOUND   404
#define GONE        410
#define HASH_LENGTH 32 /* digits of 5 bits */

/* ---- where ---- */

static const char Z_BASE_32[] = "ybndrfg8ejkmcpqxot1uwisza345h769";

/* 160 bits are exactly 32 digits. */
static char *dup_hash(const char *local)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
	guint8 digest[20];
	gsize size = sizeof digest;
	char *text = g_new0(char, HASH_LENGTH + 1);
	g_checksum_update(sum, (const guint8 *)local, (gssize)strlen(local));
	g_checksum_get_digest(sum, digest, &size);
	for (guint i = 0; i < HASH_LENGTH; i++) {
		guint digit = 0;
		for (guint bit = i * 5; bit < i * 5 + 5; bit++)
			digit = digit << 1 | (digest[bit / 8] >> (7 - bit % 8) & 1);
		text[i] = Z_BASE_32[digit];
	}
	return text;
}

/* A quoted local part has no agreed form to be hashed. */
static const char *find_domain(const char *addr_spec)
{
	const char *at = strrchr(addr_spec, '@');
	return at == NULL || *addr_spec == '"' || at[1] == '[' ? NULL : at + 1;
}

char *sgp_wkd_dup_host(const char *addr_spec, gboolean is_advanced)
{
	const char *domain = find_domain(addr_spec);
	if (domain == NULL)
		return NULL;
	return g_strconcat(is_advanced ? "openpgpkey." : "", domain, NULL);
}

char *sgp_wkd_dup_target(const char *addr_spec, gboolean is_advanced)
{
	const char *domain = find_domain(addr_spec);
	if (domain == NULL)
		return NULL;
	g_autofree char *local = g_strndup(addr_spec, (gsize)(domain - 1 - addr_spec));
	g_autofree char *hash = dup_hash(local);
	g_autofree char *escaped = g_uri_escape_string(local, NULL, FALSE);
	return g_strconcat("/.well-known/openpgpkey/", is_advanced ? domain : "",
		is_advanced ? "/" : "", "hu/", hash, "?l=", escaped, NULL);
}

/* ---- who answers ---- */

/* A stranger's DNS must not make this machine talk to the office's own (threat 31). */
static void take_addresses(
	const SgpDnsQuestion *question, gboolean may_be_private, GPtrArray *addresses)
{
	for (guint i = 0; i < question->data->len; i++) {
		gsize length = 0;
		const guint8 *data =
			g_bytes_get_data(g_ptr_array_index(question->data, i), &length);
		g_autoptr(GInetAddress) address = sgp_dns_data_dup_address(data, length);
		if (address != NULL && (may_be_private || sgp_dns_data_is_public(address)))
			g_ptr_array_add(addresses, g_steal_pointer(&address));
	}
}

/* NULL: could not look. has_host: (out) the name has an address at all. */
static GPtrArray *resolve(SgpSettings *settings, const char *host, gboolean *has_host,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *resolver = sgp_settings_dup_string(settings, "dns-resolver");
	g_autofree char *anchor = sgp_settings_dup_string(settings, "dns-trust-anchor");
	gboolean may_be_private = sgp_settings_get_boolean(settings, "wkd-allow-private");
	g_autoptr(SgpDns) dns = sgp_dns_new(resolver, anchor, error);
	g_autoptr(GPtrArray) questions =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_dns_question_free);
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_object_unref);
	g_ptr_array_add(questions, sgp_dns_question_new(host, SGP_DNS_TYPE_A));
	g_ptr_array_add(questions, sgp_dns_question_new(host, SGP_DNS_TYPE_AAAA));
	gint64 end = g_get_monotonic_time() + DNS_MS * (gint64)1000;
	if (dns == NULL || !sgp_dns_ask(dns, questions, end, cancellable, error))
		return NULL;
	*has_host = FALSE;
	for (guint i = 0; i < questions->len; i++) {
		const SgpDnsQuestion *question = g_ptr_array_index(questions, i);
		if (!sgp_dns_question_is_answered(question)) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
				"key directory: DNS did not answer");
			return NULL;
		}
		*has_host = *has_host || question->data->len > 0;
		take_addresses(question, may_be_private, addresses);
	}
	return g_steal_pointer(&addresses);
}

/* What the server says is final; a server that says something else has not been asked well. */
static gboolean read_answer(guint status, GBytes *body, GBytes **keys, GError **error)
{
	if (status == OK && body != NULL) {
		*keys = g_bytes_ref(body);
		return TRUE;
	}
	if (status == NOT_FOUND || status == GONE) {
		*keys = NULL;
		return TRUE;
	}
	g_set_error(
		error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "key directory: HTTP status %u", status);
	return FALSE;
}

static gboolean ask(SgpSettings *settings, const char *addr_spec, gboolean is_advanced,
	gboolean *has_host, GBytes **keys, GCancellable *cancellable, GError **error)
{
	g_autofree char *host = sgp_wkd_dup_host(addr_spec, is_advanced);
	g_autofree char *target = sgp_wkd_dup_target(addr_spec, is_advanced);
	g_autofree char *ca_file = sgp_settings_dup_string(settings, "wkd-ca-file");
	g_autoptr(GError) local = NULL;
	guint status = 0;
	*has_host = FALSE;
	if (host == NULL || target == NULL)
		return TRUE;
	g_autoptr(GPtrArray) addresses = resolve(settings, host, has_host, cancellable, error);
	if (addresses == NULL || !*has_host)
		return addresses != NULL;
	if (addresses->len == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"key directory: a private address");
		return FALSE;
	}
	g_autoptr(GBytes) body = sgp_wkd_fetch_sync(
		host, HTTPS_PORT, target, addresses, ca_file, &status, cancellable, &local);
	if (local != NULL) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	return read_answer(status, body, keys, error);
}

/**
 * sgp_wkd_lookup_sync:
 * @addr_spec: canonical
 * @keys: (out) (transfer full) (nullable): NULL where the domain publishes none
 */
gboolean sgp_wkd_lookup_sync(SgpSettings *settings, const char *addr_spec, GBytes **keys,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) found = NULL;
	gboolean has_host = FALSE;
	if (!ask(settings, addr_spec, TRUE, &has_host, &found, cancellable, error))
		return FALSE;
	/* The direct method only where there is no host for the advanced one, whatever that says.
	 */
	if (!has_host && !ask(settings, addr_spec, FALSE, &has_host, &found, cancellable, error))
		return FALSE;
	*keys = g_steal_pointer(&found);
	return TRUE;
}
