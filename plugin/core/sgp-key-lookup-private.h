/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-key-acceptance.h"
#include "sgp-key-index.h"
#include "sgp-key-lookup.h"

G_BEGIN_DECLS

/* What the files of sgp-key-lookup share. */

/* One keyring. */
typedef struct {
	SgpChannel channel;
	SgpKeyIndex *index; /* (owned) */
} SgpKeyRing;

struct _SgpKeyLookup {
	GObject parent_instance;
	SgpSettings *settings;        /* (owned) */
	char *home;                   /* (owned) (nullable) */
	GArray *rings;                /* (owned) (element-type SgpKeyRing) */
	SgpKeyAcceptance *acceptance; /* (owned) */
	SgpKeyCandidates *candidates; /* (owned) (nullable) */
	gboolean is_patient;
};

/* What the office accepts besides GnuPG's own validity ("openpgp-trust"). */
typedef struct {
	gboolean marked, wkd, portal, tofu;
	gboolean has_stale_directory; /* wkd is wanted, but nobody asked today */
} SgpKeyTrust;

/* sgp-key-lookup-judge.c */
SgpKeyTrust sgp_key_lookup_read_trust(SgpKeyLookup *self, const char *addr_spec, gint64 now);
/* Errors: could not look into what staff accepted. (transfer full) */
SgpKey *sgp_key_lookup_judge(SgpKeyLookup *self, const SgpKeyRecord *record, const char *addr_spec,
	gint64 now, const SgpKeyTrust *trust, const GPtrArray *candidates, GError **error);
SgpKey *sgp_key_lookup_judge_candidate(SgpKeyLookup *self, const SgpKeyCandidate *candidate,
	const char *addr_spec, gint64 now, const SgpKeyTrust *trust, const GPtrArray *candidates,
	GError **error);

/* sgp-key-lookup.c */
/* What the key's source has to ask for outside, of a key that would be used. */
void sgp_key_lookup_check(const SgpKeyRing *ring, const SgpKeyRecord *record, SgpKey *key,
	gint64 now, SgpKeyLook look, GCancellable *cancellable);
SgpKeyLook sgp_key_lookup_get_look(SgpKeyLookup *self); /* of one that is not the last */
/* Until when keyrings are waited for, monotonic. */
gint64 sgp_key_lookup_get_end(SgpKeyLookup *self);
/* (transfer full) */
GPtrArray *sgp_key_lookup_list_candidates(
	SgpKeyLookup *self, const char *addr_spec, GError **error);
/* One copy of this key may have come by several ways. after: (nullable) the one found before.
 * (borrowed) (nullable) */
const SgpKeyCandidate *sgp_key_lookup_find_candidate(
	const GPtrArray *candidates, const char *fingerprint, const SgpKeyCandidate *after);
/* found: (out) (borrowed) the keyring. Errors: NOT_FOUND, and those of a keyring that could not
 * look. (transfer full) */
SgpKeyRecord *sgp_key_lookup_load_record(SgpKeyLookup *self, const char *fingerprint,
	const SgpKeyRing **found, GCancellable *cancellable, GError **error);

G_END_DECLS
