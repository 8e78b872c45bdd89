/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key.h"
#include "sgp-key-record.h"

G_BEGIN_DECLS

/* The only door to GPGME. Keys are named by whole fingerprints only. All calls block:
 * worker threads only. home: (nullable) GnuPG home; NULL and "" are GnuPG's own default. Secret
 * keys without a passphrase, or unlocked by the user's own gpg-agent and pinentry. Errors of all
 * calls: G_IO_ERROR_CANCELLED, UNREACHABLE (gpg or its agent did not answer), LOCKED (no
 * passphrase), FAILED; further ones where named. */

char *sgp_gpgme_dup_home(const char *home);
char *sgp_gpgme_dup_program(void);
char *sgp_gpgme_dup_gpgsm_program(void);
/* One key by fingerprint, fresh from gpg; NOT_FOUND if there is none. (transfer full) */
SgpKeyRecord *sgp_gpgme_load_record(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error);
/* The same, judged for no address in particular (so at best NOT_VERIFIED). (transfer full) */
SgpKey *sgp_gpgme_load_key(const char *home, const char *fingerprint, gint64 now,
	GCancellable *cancellable, GError **error);
/* What an armored or binary certificate says, without a keyring being touched. Errors: INVALID
 * unless it is exactly one key. (transfer full) */
SgpKeyRecord *sgp_gpgme_read_certificate(const char *home, GBytes *certificate, GError **error);
gboolean sgp_gpgme_has_secret(const char *home, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error);

/* Encrypts (and signs, if signer is given) what feed writes; out gets the OpenPGP message. No
 * compression, NO_ENCRYPT_TO, ALWAYS_TRUST to exactly these keys. feed runs in a thread of its own;
 * nothing it writes is kept in memory. After an error what out got is worthless. Errors: CONFLICT
 * (a key is not usable any more). */
typedef gboolean (*SgpGpgmeFeedFunc)(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error);
gboolean sgp_gpgme_encrypt(const char *home, const char *const *fingerprints, const char *signer,
	gboolean armor, SgpGpgmeFeedFunc feed, gpointer user_data, GOutputStream *out,
	GCancellable *cancellable, GError **error);
/* The same, and to certificates more (element-type GBytes), or one, that are in no keyring and get
 * into none (a candidate that the office trusts; a customer's MK).
 * fingerprints may be NULL. */
gboolean sgp_gpgme_encrypt_with_certificates(const char *home, const char *const *fingerprints,
	const GPtrArray *certificates, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed,
	gpointer user_data, GOutputStream *out, GCancellable *cancellable, GError **error);
gboolean sgp_gpgme_encrypt_with_certificate(const char *home, const char *const *fingerprints,
	GBytes *certificate, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed,
	gpointer user_data, GOutputStream *out, GCancellable *cancellable, GError **error);
/* Decrypts; the error is judged before the bytes are handed out (EFAIL). signer_fingerprint: (out)
 * (nullable) of the primary key, if every signature is good. */
GBytes *sgp_gpgme_decrypt(const char *home, GBytes *ciphertext, char **signer_fingerprint,
	GCancellable *cancellable, GError **error);
/* The same without ever asking for a passphrase: a locked key is an error. */
GBytes *sgp_gpgme_decrypt_quietly(
	const char *home, GBytes *ciphertext, GCancellable *cancellable, GError **error);
char *sgp_gpgme_sign_detached(
	const char *home, GBytes *data, const char *signer, GError **error); /* armored */
/* Errors: TAMPERED unless the signature is good and by signer. */
gboolean sgp_gpgme_verify_detached(
	const char *home, GBytes *data, const char *signature, const char *signer, GError **error);
char *sgp_gpgme_import(const char *home, GBytes *key,
	GError **error); /* fingerprint; exactly one key, else INVALID */
char *sgp_gpgme_export(
	const char *home, const char *fingerprint, gboolean secret, GError **error); /* armored */
/* Out of the keyring. Errors: NOT_FOUND; CONFLICT: its secret part is here, and it stays. */
gboolean sgp_gpgme_delete_public(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error);
/* Ed25519 sign + Curve25519 encrypt, v4, no passphrase, never expires. uid: "<a@b>" or "Name
 * <a@b>". Returns the fingerprint. */
char *sgp_gpgme_generate(const char *home, const char *uid, GError **error);
gboolean sgp_gpgme_certify(const char *home, const char *signer, const char *fingerprint,
	const char *user_id, gboolean local, GError **error);
gboolean sgp_gpgme_has_only_user_id(
	const char *home, GBytes *certificate, const char *user_id, gboolean *only, GError **error);
/* A throw-away home (0700, in XDG_RUNTIME_DIR or /dev/shm, never on a disk); destroyed with
 * sgp_gpgme_home_destroy (ends its agent, frees the string). For MK: generated there, exported,
 * never in the user's keyring. */
char *sgp_gpgme_home_new_temporary(GError **error);
void sgp_gpgme_home_destroy(char *home);

G_END_DECLS
