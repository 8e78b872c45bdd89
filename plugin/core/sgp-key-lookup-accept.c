/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Staff verified a key: what the mark is put on, and what is taken into the user's keyring for it.
 * Whole fingerprints only, and only for an address that the key names. */
#include "sgp-key-lookup-private.h"

#include <string.h>

#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm.h"

#define IMPORT_SECONDS 30

/* As people copy it: in groups of four, in lower case, with 0x. NULL unless it is a whole one:
 * given less, gpg finds anybody's key. (transfer full) */
static char *dup_whole_fingerprint(const char *text, GError **error)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	const char *from = g_ascii_strncasecmp(text, "0x", 2) == 0 ? text + 2 : text;
	gboolean is_whole = TRUE;
	for (const char *c = from; *c != '\0'; c++) {
		if (g_ascii_isspace(*c) || *c == ':')
			continue;
		is_whole = is_whole && g_ascii_isxdigit(*c);
		g_string_append_c(hex, g_ascii_toupper(*c));
	}
	if (is_whole && (hex->len == 40 || hex->len == 64))
		return g_strdup(hex->str);
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a whole fingerprint");
	return NULL;
}

static gboolean set_not_named(GError **error)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "the key does not name that address");
	return FALSE;
}

static gboolean accept_record(
	SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec, GError **error)
{
	if (!sgp_key_record_has_address(record, addr_spec))
		return set_not_named(error);
	/* Whoever could mark a certificate would be an issuer that nobody watches. */
	if (record->channel != SGP_CHANNEL_OPENPGP) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"a certificate counts by its issuer, not by acceptance");
		return FALSE;
	}
	return sgp_key_acceptance_add(self->acceptance, record->fingerprint, addr_spec, error);
}

/* Into the keybox, with the issuers that came with it: whether they lead to a trusted root is
 * judged there, and no acceptance stands in for that. */
static gboolean accept_certificate(
	SgpKeyLookup *self, const SgpKeyCandidate *candidate, const char *addr_spec, GError **error)
{
	const char *options[] = { "--import", NULL };
	g_autoptr(GBytes) input = g_bytes_new(candidate->bundle, strlen(candidate->bundle));
	g_autoptr(GBytes) output =
		sgp_gpgsm_run(self->home, options, input, IMPORT_SECONDS, NULL, error);
	if (output == NULL)
		return FALSE;
	return sgp_key_candidates_remove(
		self->candidates, addr_spec, candidate->record->fingerprint, error);
}

/* Into the user's keyring, by gpg, which checks each again and puts all copies of a key together:
 * what came by mail may be newer than what the keyring has. */
static gboolean accept_copies(SgpKeyLookup *self, const GPtrArray *candidates,
	const char *fingerprint, const char *addr_spec, GError **error)
{
	const SgpKeyCandidate *one = NULL;
	while ((one = sgp_key_lookup_find_candidate(candidates, fingerprint, one)) != NULL) {
		g_autofree char *imported = sgp_gpgme_import(self->home, one->certificate, error);
		if (imported == NULL)
			return FALSE;
		if (!g_str_equal(imported, fingerprint))
			return set_not_named(error);
	}
	/* Removed last: until the mark is on disk it still waits. */
	return sgp_key_acceptance_add(self->acceptance, fingerprint, addr_spec, error) &&
	       sgp_key_candidates_remove(self->candidates, addr_spec, fingerprint, error);
}

/**
 * sgp_key_lookup_accept:
 * @fingerprint: whole
 * @addr_spec: the address that staff verified it for; the key has to name it
 */
gboolean sgp_key_lookup_accept(
	SgpKeyLookup *self, const char *fingerprint, const char *addr_spec, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, error);
	if (address == NULL)
		return FALSE;
	const char *canonical = sgp_address_get_addr_spec(address);
	g_autofree char *whole = dup_whole_fingerprint(fingerprint, error);
	g_autoptr(GPtrArray) candidates =
		whole == NULL ? NULL : sgp_key_lookup_list_candidates(self, canonical, error);
	if (candidates == NULL)
		return FALSE;
	const SgpKeyRing *ring = NULL;
	g_autoptr(SgpKeyRecord) record =
		sgp_key_lookup_load_record(self, whole, &ring, NULL, &local);
	if (record == NULL && !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	const SgpKeyCandidate *candidate = sgp_key_lookup_find_candidate(candidates, whole, NULL);
	if (candidate != NULL && candidate->record->channel == SGP_CHANNEL_OPENPGP)
		return accept_copies(self, candidates, whole, canonical, error);
	if (record != NULL)
		return accept_record(self, record, canonical, error);
	if (candidate != NULL)
		return accept_certificate(self, candidate, canonical, error);
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}
