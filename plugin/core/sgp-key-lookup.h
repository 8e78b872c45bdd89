/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key.h"
#include "sgp-settings.h"

G_BEGIN_DECLS

/* The key index: every OpenPGP key (and certificate) of the user's keyrings, read once, keyed by whole addr-spec, refreshed when the keybox
 * changes (09 P1). Thread-safe. Sources are SgpKeySource objects (gnupg now; gpgsm later). */
#define SGP_TYPE_KEY_LOOKUP (sgp_key_lookup_get_type())
G_DECLARE_FINAL_TYPE(SgpKeyLookup, sgp_key_lookup, SGP, KEY_LOOKUP, GObject)

/* gnupg_home: (nullable) NULL is GnuPG's own default. */
SgpKeyLookup *sgp_key_lookup_new(SgpSettings *settings, const char *gnupg_home);
/* Keys and certificates for exactly this address, usable ones first, each with its reason. Never fails: "could not look" is
 * is_known FALSE. May read the keyring the first time (blocks; call from a worker). now: seconds UTC. (transfer full) */
SgpKeyAnswer *sgp_key_lookup_run(SgpKeyLookup *self, const char *addr_spec, gint64 now, GCancellable *cancellable);
/* The secret key to sign and encrypt to oneself with; NULL and no error if there is none. (transfer full) */
SgpKey *sgp_key_lookup_run_own(SgpKeyLookup *self, const char *addr_spec, gint64 now, GCancellable *cancellable, GError **error);
/* Staff verified it: locally marks FPR for ADDRESS (kept in the settings' state, see .c). Errors: NOT_FOUND, STORAGE. */
gboolean sgp_key_lookup_accept(SgpKeyLookup *self, const char *fingerprint, const char *addr_spec, GError **error);

G_END_DECLS
