/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key.h"

G_BEGIN_DECLS

/* The only file that knows GPGME. Keys are named by whole fingerprints only. All calls block: worker threads only.
 * home: (nullable) GnuPG home. Secret keys without a passphrase, or unlocked by the user's own gpg-agent and pinentry. */

/* Visits every public key of the keyring. state does not know of trust settings yet: NOT_VERIFIED where validity < full. addresses: canonical addr-specs of the valid user ids. */
typedef void (*SgpGpgmeKeyFunc)(const SgpKey *key, const char *const *addresses, gboolean has_secret, gpointer user_data);
gboolean sgp_gpgme_visit_keys(const char *home, gint64 now, SgpGpgmeKeyFunc func, gpointer user_data, GCancellable *cancellable, GError **error);
/* One key by fingerprint, fresh from gpg; NOT_FOUND if there is none. */
SgpKey *sgp_gpgme_load_key(const char *home, const char *fingerprint, gint64 now, GCancellable *cancellable, GError **error);

/* Encrypts (and signs, if signer is given) what feed writes; out gets the OpenPGP message. No compression, NO_ENCRYPT_TO, ALWAYS_TRUST to exactly these keys. */
typedef gboolean (*SgpGpgmeFeedFunc)(GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error);
gboolean sgp_gpgme_encrypt(const char *home, const char *const *fingerprints, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed, gpointer user_data,
	GOutputStream *out, GCancellable *cancellable, GError **error);
/* Decrypts; the error is judged before the bytes are handed out (EFAIL). signer_fingerprint: (out) (nullable) of a good signature. */
GBytes *sgp_gpgme_decrypt(const char *home, GBytes *ciphertext, char **signer_fingerprint, GCancellable *cancellable, GError **error);
char *sgp_gpgme_sign_detached(const char *home, GBytes *data, const char *signer, GError **error); /* armored */
/* Errors: TAMPERED unless the signature is good and by signer. */
gboolean sgp_gpgme_verify_detached(const char *home, GBytes *data, const char *signature, const char *signer, GError **error);
char *sgp_gpgme_import(const char *home, GBytes *key, GError **error); /* fingerprint; exactly one key, else INVALID */
char *sgp_gpgme_export(const char *home, const char *fingerprint, gboolean secret, GError **error); /* armored */
/* Ed25519 sign + Curve25519 encrypt, v4, no passphrase, never expires. uid: "<a@b>" or "Name <a@b>". Returns the fingerprint. */
char *sgp_gpgme_generate(const char *home, const char *uid, GError **error);
gboolean sgp_gpgme_certify(const char *home, const char *signer, const char *fingerprint, gboolean local, GError **error);
/* A throw-away home (0700, in XDG_RUNTIME_DIR); destroyed with sgp_gpgme_home_destroy (ends its agent). For MK: generated there, exported, never in the user's keyring. */
char *sgp_gpgme_home_new_temporary(GError **error);
void sgp_gpgme_home_destroy(char *home);
/* Key ids (16 hex) of all PKESK packets, and whether exactly one SEIPD follows and nothing else. Works on armored and binary. Errors: TAMPERED. (transfer full) */
GStrv sgp_openpgp_packets_check(GInputStream *message, GError **error);

G_END_DECLS
