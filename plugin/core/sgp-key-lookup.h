/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-candidates.h"
#include "sgp-key.h"
#include "sgp-settings.h"

G_BEGIN_DECLS

/* Every OpenPGP key and certificate that is known of a person: those of the user's keyrings (one
 * index per SgpKeySource, refreshed when its files change), and the candidates. Thread-safe. */
#define SGP_TYPE_KEY_LOOKUP (sgp_key_lookup_get_type())
G_DECLARE_FINAL_TYPE(SgpKeyLookup, sgp_key_lookup, SGP, KEY_LOOKUP, GObject)

/* gnupg_home: (nullable) NULL and "" are GnuPG's own default. */
SgpKeyLookup *sgp_key_lookup_new(SgpSettings *settings, const char *gnupg_home);
/* Where acceptances are kept ("accepted-keys" in it); until it is called:
 * $XDG_DATA_HOME/siegelpost. Call before the first look-up. */
void sgp_key_lookup_set_state_directory(SgpKeyLookup *self, const char *directory);
/* The candidates, and where they are kept. Until it is called there are none. Call before the first
 * look-up. */
void sgp_key_lookup_set_candidates(SgpKeyLookup *self, SgpKeyCandidates *candidates);
SgpKeyCandidates *sgp_key_lookup_get_candidates(SgpKeyLookup *self); /* (nullable) (borrowed) */
/* Nobody types, and the process ends with its answer: a keyring that is slow to read and an issuer
 * that is slow to answer are waited for, half a minute at most. Until it is called, a look waits
 * for keyrings until it is cancelled, and for issuers little over a second. Call before the first
 * look-up. */
void sgp_key_lookup_set_patient(SgpKeyLookup *self);
/* For how many milliseconds a mail's assessment should wait for its looks. */
guint sgp_key_lookup_get_patience(SgpKeyLookup *self);
/* Certificates are looked at as well. */
gboolean sgp_key_lookup_has_smime(SgpKeyLookup *self);
const char *sgp_key_lookup_get_home(SgpKeyLookup *self); /* (nullable) as given */
/* Keys and certificates for exactly this address, usable ones first, each with its reason. Never
 * fails: "could not look" is told by sgp_key_answer_is_known(). May read the keyring the first time
 * (blocks; call from a worker). A cancelled call leaves the reading going on, for the next one.
 * now: seconds UTC. (transfer full) */
SgpKeyAnswer *sgp_key_lookup_run(
	SgpKeyLookup *self, const char *addr_spec, gint64 now, GCancellable *cancellable);
/* One key as gpg knows it at this moment, judged for this address: the last look before sealing.
 * Errors: NOT_FOUND, UNREACHABLE, STORAGE. (transfer full) */
SgpKey *sgp_key_lookup_load(SgpKeyLookup *self, const char *fingerprint, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error);
/* The secret key to sign and encrypt to oneself with; NULL and no error if there is none. (transfer
 * full) */
SgpKey *sgp_key_lookup_run_own(SgpKeyLookup *self, const char *addr_spec, gint64 now,
	GCancellable *cancellable, GError **error);
/* The same for one protocol. */
SgpKey *sgp_key_lookup_run_own_of(SgpKeyLookup *self, SgpChannel channel, const char *addr_spec,
	gint64 now, GCancellable *cancellable, GError **error);
/* Staff verified it: marks FPR for ADDRESS, in the key file "accepted-keys" of the state directory.
 * A candidate goes into the user's keyring first. On disk when it returns. A certificate counts by
 * its issuer: one that is a candidate is taken into the keyring, and that is all. Errors: NOT_FOUND
 * (no such key with that address), INVALID, REFUSED (a certificate of the keyring), UNREACHABLE,
 * STORAGE. */
gboolean sgp_key_lookup_accept(
	SgpKeyLookup *self, const char *fingerprint, const char *addr_spec, GError **error);

G_END_DECLS
