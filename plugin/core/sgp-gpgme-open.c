/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decrypts, signs and verifies by gpg. Nothing that was decrypted is handed out before the error
 * has been judged, and a signature counts for a whole fingerprint, never for a name. */
#include "sgp-gpgme-private.h"

#include <errno.h>
#include <string.h>

#define MAXIMAL_PLAIN (64u * 1024 * 1024) /* what is decrypted into memory */

/* No key, or more than one that it could be: then nobody has signed. */
static gboolean is_no_author(gpgme_error_t cause)
{
	return gpgme_err_code(cause) == GPG_ERR_EOF || gpgme_err_code(cause) == GPG_ERR_NO_PUBKEY ||
	       gpgme_err_code(cause) == GPG_ERR_AMBIGUOUS_NAME;
}

/* The primary key's fingerprint, for gpg names the subkey that signed. signer: NULL unless there is
 * a signature and every one of them is good. FALSE: gpg could not look, which is not "not signed"
 * (test /gpgme/a-signer-that-cannot-be-looked-up-is-an-error). */
static gboolean load_signer(
	gpgme_ctx_t context, gpgme_signature_t signatures, char **found, GError **error)
{
	g_autofree char *signer = NULL;
	*found = NULL;
	for (gpgme_signature_t one = signatures; one != NULL; one = one->next) {
		if (one->status != 0 || one->fpr == NULL)
			return TRUE;
		g_auto(gpgme_key_t) key = NULL;
		gpgme_error_t cause = gpgme_get_key(context, one->fpr, &key, 0);
		if (cause != 0 && !is_no_author(cause)) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
				"gpg: look up the signer: %s", gpgme_strerror(cause));
			return FALSE;
		}
		if (cause != 0 || key->fpr == NULL)
			return TRUE;
		if (signer != NULL && !g_str_equal(signer, key->fpr))
			return TRUE; /* two authors are no author */
		g_free(signer);
		signer = g_strdup(key->fpr);
	}
	*found = g_steal_pointer(&signer);
	return TRUE;
}

/* Clear text grows here, up to a limit: 10 MB of a compressed bomb would become 10 GB (threat 16;
 * test /gpgme/a-compressed-bomb-is-refused). */
typedef struct {
	GByteArray *bytes; /* (owned) */
	gboolean is_over;
} Plain;

static void plain_clear(Plain *plain)
{
	g_clear_pointer(&plain->bytes, g_byte_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plain, plain_clear)

static ssize_t write_plain(void *handle, const void *buffer, size_t size)
{
	Plain *plain = handle;
	if (size > MAXIMAL_PLAIN - plain->bytes->len) {
		plain->is_over = TRUE;
		errno = EFBIG;
		return -1;
	}
	g_byte_array_append(plain->bytes, buffer, (guint)size);
	return (ssize_t)size;
}

static gboolean judge_decryption(gpgme_ctx_t context, gpgme_error_t cause, const Plain *plain,
	GCancellable *cancellable, GError **error)
{
	gpgme_decrypt_result_t result = gpgme_op_decrypt_result(context);
	gboolean is_broken = gpgme_err_code(cause) == GPG_ERR_DECRYPT_FAILED ||
			     gpgme_err_code(cause) == GPG_ERR_NO_DATA ||
			     gpgme_err_code(cause) == GPG_ERR_BAD_DATA ||
			     (result != NULL && result->legacy_cipher_nomdc);
	if (plain->is_over) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE, "gpg: the message is too large");
		return FALSE;
	}
	if (is_broken && !g_cancellable_is_cancelled(cancellable)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "gpg: not an intact message");
		return FALSE;
	}
	return cause == 0 || sgp_gpgme_set_error(error, "decrypt", cause, cancellable);
}

static gboolean read_signer(
	gpgme_ctx_t context, const char *home, char **signer_fingerprint, GError **error)
{
	gpgme_verify_result_t verified = gpgme_op_verify_result(context);
	g_autofree char *signer = NULL;
	if (verified != NULL && verified->signatures != NULL) {
		g_auto(gpgme_ctx_t) other = sgp_gpgme_context_new(home, error);
		if (other == NULL || !load_signer(other, verified->signatures, &signer, error))
			return FALSE;
	}
	if (signer_fingerprint != NULL)
		*signer_fingerprint = g_steal_pointer(&signer);
	return TRUE;
}

static GBytes *decrypt(gpgme_ctx_t context, const char *home, GBytes *ciphertext,
	char **signer_fingerprint, GCancellable *cancellable, GError **error)
{
	struct gpgme_data_cbs callbacks = { .write = write_plain };
	g_auto(Plain) plain = { g_byte_array_new(), FALSE };
	g_auto(gpgme_data_t) cipher = sgp_gpgme_data_from_bytes(ciphertext);
	g_auto(gpgme_data_t) sink = NULL;
	gpgme_data_new_from_cbs(&sink, &callbacks, &plain);
	gulong watched = sgp_gpgme_watch(cancellable, context);
	gpgme_error_t cause = gpgme_op_decrypt_verify(context, cipher, sink);
	g_cancellable_disconnect(cancellable, watched);
	if (!judge_decryption(context, cause, &plain, cancellable, error) ||
		!read_signer(context, home, signer_fingerprint, error))
		return NULL;
	return g_byte_array_free_to_bytes(g_steal_pointer(&plain.bytes));
}

/**
 * sgp_gpgme_decrypt:
 * @signer_fingerprint: (out) (nullable) (transfer full)
 *
 * A failed decryption has filled its buffer with clear text already; it is judged before anybody
 * sees it (EFAIL; no message without integrity protection gets through).
 *
 * Returns: (transfer full): the clear text, at most 64 MiB. Errors: TAMPERED (not intact, or no
 * OpenPGP message), TOO_LARGE, UNREACHABLE (also: gpg cannot look up who signed)
 */
GBytes *sgp_gpgme_decrypt(const char *home, GBytes *ciphertext, char **signer_fingerprint,
	GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	return context == NULL
		       ? NULL
		       : decrypt(context, home, ciphertext, signer_fingerprint, cancellable, error);
}

/**
 * sgp_gpgme_decrypt_quietly:
 *
 * The same for a background job: a key whose passphrase would have to be asked for is an error, and
 * no pinentry appears over somebody's work.
 */
GBytes *sgp_gpgme_decrypt_quietly(
	const char *home, GBytes *ciphertext, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	GBytes *plain = NULL;
	if (context == NULL)
		return NULL;
	gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_CANCEL);
	plain = decrypt(context, home, ciphertext, NULL, cancellable, error);
	gpgme_set_pinentry_mode(context, GPGME_PINENTRY_MODE_DEFAULT);
	return plain;
}

/**
 * sgp_gpgme_sign_detached:
 *
 * Returns: (transfer full): an armored detached signature over exactly these bytes
 */
char *sgp_gpgme_sign_detached(const char *home, GBytes *data, const char *signer, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key = sgp_gpgme_find_key(context, signer, TRUE, NULL, error);
	if (key == NULL)
		return NULL;
	gpgme_set_armor(context, 1);
	g_auto(gpgme_data_t) plain = sgp_gpgme_data_from_bytes(data);
	g_auto(gpgme_data_t) signature = NULL;
	gpgme_error_t cause = gpgme_data_new(&signature);
	if (cause == 0)
		cause = gpgme_signers_add(context, key);
	if (cause == 0)
		cause = gpgme_op_sign(context, plain, signature, GPGME_SIG_MODE_DETACH);
	if (cause != 0) {
		sgp_gpgme_set_error(error, "sign", cause, NULL);
		return NULL;
	}
	return sgp_gpgme_text_from_data(&signature);
}

/**
 * sgp_gpgme_verify_detached:
 * @signer: fingerprint of the primary key that has to have signed
 *
 * Errors: TAMPERED (no signature, a bad one, somebody else's), UNREACHABLE (cannot look)
 */
gboolean sgp_gpgme_verify_detached(
	const char *home, GBytes *data, const char *signature, const char *signer, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_autoptr(GBytes) signature_bytes = g_bytes_new_static(signature, strlen(signature));
	g_auto(gpgme_data_t) signature_data = sgp_gpgme_data_from_bytes(signature_bytes);
	g_auto(gpgme_data_t) signed_data = sgp_gpgme_data_from_bytes(data);
	gpgme_error_t cause = gpgme_op_verify(context, signature_data, signed_data, NULL);
	gpgme_verify_result_t result = gpgme_op_verify_result(context);
	g_autofree char *found = NULL;
	if (cause == 0 && result != NULL) {
		g_auto(gpgme_ctx_t) other = sgp_gpgme_context_new(home, error);
		if (other == NULL || !load_signer(other, result->signatures, &found, error))
			return FALSE;
	}
	if (cause != 0 && gpgme_err_code(cause) != GPG_ERR_NO_DATA &&
		gpgme_err_code(cause) != GPG_ERR_BAD_DATA)
		return sgp_gpgme_set_error(error, "verify", cause, NULL);
	if (found == NULL || g_ascii_strcasecmp(found, signer) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "the signature does not fit");
		return FALSE;
	}
	return TRUE;
}
