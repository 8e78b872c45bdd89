/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-store.h"

G_BEGIN_DECLS

/* Portal customers' signature keys in the user's keyring: taken in at the registration, gone with
 * an erasure. Worker threads only. home: (nullable) as for sgp_gpgme. */

/* Takes one public key (binary or armored) in and remembers that it came by this mailbox, unless it
 * was in the keyring before. Returns the fingerprint. Errors: as sgp_gpgme_import(), STORAGE.
 * (transfer full) */
char *sgp_customer_keys_import(SgpStore *store, const char *home, const char *handle, GBytes *key,
	GCancellable *cancellable, GError **error);
/* The mailbox is no more: what came by it leaves the keyring. Errors: STORAGE, UNREACHABLE; call
 * again then. */
gboolean sgp_customer_keys_forget(SgpStore *store, const char *home, const char *handle,
	GCancellable *cancellable, GError **error);

G_END_DECLS
