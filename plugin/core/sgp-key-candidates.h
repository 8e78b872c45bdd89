/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"
#include "sgp-portal-mailbox.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* A key or certificate that reached us and that nobody has accepted: apart from every keyring. */
typedef struct {
	char *addr_spec;              /* (owned) canonical: for whom it came */
	SgpKeyOrigin origin;          /* AUTOCRYPT, ATTACHMENT, SIGNATURE, WKD or PORTAL */
	gint64 first_seen, last_seen; /* seconds UTC, of the mail or the fetching */
	SgpKeyRecord *record;         /* (owned) what it says */
	GBytes *certificate;          /* (owned) the key itself, binary */
	char *bundle; /* (owned) (nullable) of a certificate: PEM, with its issuers */
} SgpKeyCandidate;

/* What is known of an address's Web Key Directory. Zero: nobody looked, or too long ago. */
typedef enum {
	SGP_WKD_STATE_UNKNOWN = 0,
	SGP_WKD_STATE_NONE,
	SGP_WKD_STATE_FOUND,
} SgpWkdState;

/* The candidates of one state directory. Thread-safe; nothing is ever fetched. */
#define SGP_TYPE_KEY_CANDIDATES (sgp_key_candidates_get_type())
G_DECLARE_FINAL_TYPE(SgpKeyCandidates, sgp_key_candidates, SGP, KEY_CANDIDATES, GObject)

SgpKeyCandidates *sgp_key_candidates_new(SgpStore *store);
/* Keeps every OpenPGP key in these bytes (armored or binary) that names this address. n_kept: (out)
 * (optional). seen: seconds UTC. The same bytes again cost nothing. Errors: INVALID (no such key in
 * them), TOO_LARGE, UNREACHABLE (gpg), STORAGE. */
gboolean sgp_key_candidates_add(SgpKeyCandidates *self, const char *addr_spec, SgpKeyOrigin origin,
	GBytes *bytes, gint64 seen, guint *n_kept, GError **error);
/* The same for one certificate (DER) of a signature that was verified; bundle: with its issuers, as
 * PEM. Errors: INVALID, STORAGE. */
gboolean sgp_key_candidates_add_certificate(SgpKeyCandidates *self, const char *addr_spec,
	GBytes *der, const char *bundle, gint64 seen, GError **error);
/* For this address, the first seen first. (transfer full) (element-type SgpKeyCandidate) NULL:
 * could not look. Errors: STORAGE. */
GPtrArray *sgp_key_candidates_lookup(SgpKeyCandidates *self, const char *addr_spec, GError **error);
/* All, by address; else as above. */
GPtrArray *sgp_key_candidates_list(SgpKeyCandidates *self, GError **error);
/* Nobody's any more: it was accepted, or the person was erased. fingerprint: (nullable) all of this
 * address. Errors: STORAGE. */
gboolean sgp_key_candidates_remove(
	SgpKeyCandidates *self, const char *addr_spec, const char *fingerprint, GError **error);

/* When the directory was asked last, and what it said; older than a day is UNKNOWN. Errors:
 * STORAGE. */
gboolean sgp_key_candidates_lookup_wkd(SgpKeyCandidates *self, const char *addr_spec, gint64 now,
	SgpWkdState *state, GError **error);
/* What the directory says now replaces what it said before. bytes: (nullable) it has none. Errors:
 * as sgp_key_candidates_add(); nothing has changed then. */
gboolean sgp_key_candidates_set_wkd(
	SgpKeyCandidates *self, const char *addr_spec, GBytes *bytes, gint64 now, GError **error);

/* What the portal shows now replaces what it showed before. verified: (nullable) (element-type
 * SgpDepositedKey) the customer signed them: origin PORTAL; claimed: (nullable) nobody did: origin
 * UNKNOWN. What is no key, or names somebody else, is left out. Errors: UNREACHABLE, STORAGE;
 * nothing has changed then. */
gboolean sgp_key_candidates_set_deposited(SgpKeyCandidates *self, const char *addr_spec,
	const GPtrArray *verified, const GPtrArray *claimed, gint64 now, GError **error);

void sgp_key_candidate_free(SgpKeyCandidate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKeyCandidate, sgp_key_candidate_free)

G_END_DECLS
