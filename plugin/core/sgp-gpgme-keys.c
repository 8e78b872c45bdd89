/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keyrings: reads keys out of them and out of files, makes keys, moves them in and out, certifies
 * them. Names them by whole fingerprints only (given an address, gpg matches substrings), and never
 * decides which of them is good enough. */
#include "sgp-gpgme-private.h"

#include <string.h>

#include "sgp-gnupg-listing.h"

static SgpKeyAlgorithm get_algorithm(gpgme_pubkey_algo_t algorithm)
{
	switch (algorithm) {
	case GPGME_PK_RSA:
	case GPGME_PK_RSA_E:
	case GPGME_PK_RSA_S:
		return SGP_KEY_ALGORITHM_RSA;
	case GPGME_PK_ECC:
	case GPGME_PK_ECDH:
	case GPGME_PK_ECDSA:
	case GPGME_PK_EDDSA:
		return SGP_KEY_ALGORITHM_CURVE;
	case GPGME_PK_ELG:
	case GPGME_PK_ELG_E:
		return SGP_KEY_ALGORITHM_ELGAMAL;
	case GPGME_PK_DSA:
		return SGP_KEY_ALGORITHM_DSA;
	}
	return SGP_KEY_ALGORITHM_UNKNOWN;
}

static void add_part(SgpKeyRecord *record, gpgme_subkey_t subkey)
{
	SgpKeyPart part = {
		.algorithm = get_algorithm(subkey->pubkey_algo),
		.bits = subkey->length,
		.created = subkey->timestamp,
		.expires = subkey->expires,
		.can_encrypt = subkey->can_encrypt,
		.can_sign = subkey->can_sign,
		.is_revoked = subkey->revoked,
		.is_disabled = subkey->disabled,
		.is_invalid = subkey->invalid || subkey->timestamp <= 0,
	};
	g_strlcpy(part.key_id, subkey->keyid != NULL ? subkey->keyid : "", sizeof(part.key_id));
	g_array_append_val(record->parts, part);
}

static SgpKeyRecord *record_from_key(gpgme_key_t key)
{
	if (key->fpr == NULL)
		return NULL; /* a key of a version that this gpg cannot use */
	SgpKeyRecord *record = sgp_key_record_new(SGP_CHANNEL_OPENPGP, key->fpr);
	record->is_revoked = key->revoked;
	record->is_disabled = key->disabled;
	record->is_invalid = key->invalid;
	for (gpgme_subkey_t subkey = key->subkeys; subkey != NULL; subkey = subkey->next)
		add_part(record, subkey);
	for (gpgme_user_id_t user_id = key->uids; user_id != NULL; user_id = user_id->next) {
		g_autofree char *addr_spec =
			user_id->invalid ? NULL : sgp_gnupg_listing_dup_addr_spec(user_id->uid);
		gboolean is_valid = user_id->validity == GPGME_VALIDITY_FULL ||
				    user_id->validity == GPGME_VALIDITY_ULTIMATE;
		if (addr_spec != NULL)
			sgp_key_record_add_user_id(
				record, addr_spec, user_id->revoked, is_valid && !user_id->revoked);
	}
	return record;
}

gpgme_key_t sgp_gpgme_find_key(gpgme_ctx_t context, const char *fingerprint, gboolean secret,
	GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_key_t) key = NULL;
	gulong watched = sgp_gpgme_watch(cancellable, context);
	gpgme_error_t cause = gpgme_get_key(context, fingerprint, &key, secret);
	g_cancellable_disconnect(cancellable, watched);
	gboolean is_missing = gpgme_err_code(cause) == GPG_ERR_EOF ||
			      (cause == 0 && g_ascii_strcasecmp(key->fpr, fingerprint) != 0);
	if (is_missing && !g_cancellable_is_cancelled(cancellable)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such key in the keyring");
		return NULL;
	}
	if (cause != 0 || is_missing) {
		sgp_gpgme_set_error(error, "load key", cause, cancellable);
		return NULL;
	}
	return g_steal_pointer(&key);
}

/**
 * sgp_gpgme_load_record:
 * @fingerprint: whole, of the primary key
 *
 * Returns: (transfer full): what gpg says of it at this moment; %SGP_ERROR_NOT_FOUND if none
 */
SgpKeyRecord *sgp_gpgme_load_record(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key =
		sgp_gpgme_find_key(context, fingerprint, FALSE, cancellable, error);
	return key == NULL ? NULL : record_from_key(key);
}

SgpKey *sgp_gpgme_load_key(const char *home, const char *fingerprint, gint64 now,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKeyRecord) record =
		sgp_gpgme_load_record(home, fingerprint, cancellable, error);
	return record == NULL ? NULL : sgp_key_record_judge(record, NULL, now);
}

/* How many keys are listed, and what the last one says. */
static gpgme_error_t read_listed(gpgme_ctx_t context, guint *n_keys, SgpKeyRecord **last)
{
	gpgme_error_t cause = 0;
	while (cause == 0) {
		g_auto(gpgme_key_t) key = NULL;
		cause = gpgme_op_keylist_next(context, &key);
		if (cause != 0)
			break;
		g_clear_pointer(last, sgp_key_record_unref);
		*last = record_from_key(key);
		*n_keys += 1;
	}
	return gpgme_err_code(cause) == GPG_ERR_EOF ? 0 : cause;
}

/**
 * sgp_gpgme_read_certificate:
 * @certificate: one transferable public key, armored or binary
 *
 * Returns: (transfer full): what it says; %SGP_ERROR_INVALID unless it is exactly one key
 */
SgpKeyRecord *sgp_gpgme_read_certificate(const char *home, GBytes *certificate, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_data_t) data = sgp_gpgme_data_from_bytes(certificate);
	g_autoptr(SgpKeyRecord) record = NULL;
	guint n_keys = 0;
	gpgme_error_t cause = gpgme_op_keylist_from_data_start(context, data, 0);
	if (cause == 0)
		cause = read_listed(context, &n_keys, &record);
	if (cause != 0) {
		sgp_gpgme_set_error(error, "read certificate", cause, NULL);
		return NULL;
	}
	if (n_keys != 1 || record == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one OpenPGP key");
		return NULL;
	}
	return g_steal_pointer(&record);
}

/**
 * sgp_gpgme_has_only_user_id:
 * @certificate: one transferable public key, armored or binary
 * @only: (out): whether it has one user id, exactly this
 *
 * Errors: INVALID: no key in there, which is also what a gpg that fails looks like
 */
gboolean sgp_gpgme_has_only_user_id(
	const char *home, GBytes *certificate, const char *user_id, gboolean *only, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_auto(gpgme_data_t) data = sgp_gpgme_data_from_bytes(certificate);
	g_auto(gpgme_key_t) key = NULL;
	gpgme_error_t cause = gpgme_op_keylist_from_data_start(context, data, 0);
	if (cause == 0)
		cause = gpgme_op_keylist_next(context, &key);
	if (cause != 0 || key == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not an OpenPGP key");
		return FALSE;
	}
	*only = key->uids != NULL && key->uids->next == NULL &&
		g_strcmp0(key->uids->uid, user_id) == 0;
	return TRUE;
}

/**
 * sgp_gpgme_has_secret:
 * @has_secret: (out): whether the secret half is at hand (in the agent, or on a card)
 */
gboolean sgp_gpgme_has_secret(const char *home, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *program = sgp_gpgme_dup_program();
	return sgp_gnupg_listing_has_secret(
		program, home, fingerprint, has_secret, cancellable, error);
}

/* ---- making and moving keys ---- */

static const char *get_only_fingerprint(gpgme_import_result_t result)
{
	const char *only = NULL;
	if (result == NULL)
		return NULL;
	for (gpgme_import_status_t one = result->imports; one != NULL; one = one->next) {
		/* Public and secret half of one key are two entries. */
		if (one->result != 0 || one->fpr == NULL ||
			(only != NULL && !g_str_equal(only, one->fpr)))
			return NULL;
		only = one->fpr;
	}
	return only;
}

/**
 * sgp_gpgme_import:
 * @key: one key, armored or binary, public or secret
 *
 * Returns: (transfer full): its fingerprint. Errors: INVALID unless it is exactly one usable key;
 * what was imported by then stays (look with sgp_gpgme_read_certificate() first)
 */
char *sgp_gpgme_import(const char *home, GBytes *key, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_data_t) data = sgp_gpgme_data_from_bytes(key);
	gpgme_error_t cause = gpgme_op_import(context, data);
	if (cause != 0 && gpgme_err_code(cause) != GPG_ERR_NO_DATA) {
		sgp_gpgme_set_error(error, "import", cause, NULL);
		return NULL;
	}
	const char *fingerprint = get_only_fingerprint(gpgme_op_import_result(context));
	if (fingerprint == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one OpenPGP key");
		return NULL;
	}
	return g_ascii_strup(fingerprint, -1);
}

/**
 * sgp_gpgme_export:
 * @secret: the secret key too; of a key without a passphrase, else gpg asks for it
 *
 * Returns: (transfer full): the armored key. Errors: NOT_FOUND
 */
char *sgp_gpgme_export(const char *home, const char *fingerprint, gboolean secret, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	g_auto(gpgme_key_t) key = sgp_gpgme_find_key(context, fingerprint, secret, NULL, error);
	if (key == NULL)
		return NULL;
	gpgme_set_armor(context, 1);
	g_auto(gpgme_data_t) data = NULL;
	gpgme_error_t cause = gpgme_data_new(&data);
	if (cause == 0)
		cause = gpgme_op_export(
			context, key->fpr, secret ? GPGME_EXPORT_MODE_SECRET : 0, data);
	if (cause != 0) {
		sgp_gpgme_set_error(error, "export", cause, NULL);
		return NULL;
	}
	g_autofree char *text = sgp_gpgme_text_from_data(&data);
	if (*text == '\0') {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "nothing was exported");
		return NULL;
	}
	return g_steal_pointer(&text);
}

/**
 * sgp_gpgme_delete_public:
 *
 * Removes the public key, and never one whose secret part is there.
 *
 * Errors: NOT_FOUND, CONFLICT (a secret part)
 */
gboolean sgp_gpgme_delete_public(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_auto(gpgme_key_t) key =
		sgp_gpgme_find_key(context, fingerprint, FALSE, cancellable, error);
	if (key == NULL)
		return FALSE;
	gpgme_error_t cause = gpgme_op_delete_ext(context, key, GPGME_DELETE_FORCE);
	if (gpgme_err_code(cause) == GPG_ERR_CONFLICT) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT,
			"a key with its secret part is not removed");
		return FALSE;
	}
	return cause == 0 ? TRUE : sgp_gpgme_set_error(error, "delete", cause, cancellable);
}

/**
 * sgp_gpgme_generate:
 * @uid: "<a@b>" or "Name <a@b>"
 *
 * Makes the kind of key that GnuPG 2.2 and OpenPGP.js both use: v4, Ed25519 and Curve25519.
 *
 * Returns: (transfer full): its fingerprint
 */
char *sgp_gpgme_generate(const char *home, const char *uid, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return NULL;
	guint flags = GPGME_CREATE_NOPASSWD | GPGME_CREATE_NOEXPIRE;
	gpgme_error_t cause = gpgme_op_createkey(context, uid, "ed25519", 0, 0, NULL,
		flags | GPGME_CREATE_FORCE | GPGME_CREATE_SIGN | GPGME_CREATE_CERT);
	gpgme_genkey_result_t result = gpgme_op_genkey_result(context);
	if (cause != 0 || result == NULL || result->fpr == NULL) {
		sgp_gpgme_set_error(error, "make key", cause, NULL);
		return NULL;
	}
	g_autofree char *fingerprint = g_ascii_strup(result->fpr, -1);
	g_auto(gpgme_key_t) key = sgp_gpgme_find_key(context, fingerprint, FALSE, NULL, error);
	if (key == NULL)
		return NULL;
	cause = gpgme_op_createsubkey(context, key, "cv25519", 0, 0, flags | GPGME_CREATE_ENCR);
	if (cause != 0) {
		sgp_gpgme_set_error(error, "make subkey", cause, NULL);
		return NULL;
	}
	return g_steal_pointer(&fingerprint);
}

/**
 * sgp_gpgme_certify:
 * @user_id: (nullable): exactly this one; %NULL: all that the key has
 * @local: the signature is not exported
 *
 * The signer says that these user ids of this key are its owner's.
 */
gboolean sgp_gpgme_certify(const char *home, const char *signer, const char *fingerprint,
	const char *user_id, gboolean local, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return FALSE;
	g_auto(gpgme_key_t) signing = sgp_gpgme_find_key(context, signer, TRUE, NULL, error);
	if (signing == NULL)
		return FALSE;
	g_auto(gpgme_key_t) key = sgp_gpgme_find_key(context, fingerprint, FALSE, NULL, error);
	if (key == NULL)
		return FALSE;
	gpgme_error_t cause = gpgme_signers_add(context, signing);
	if (cause == 0)
		cause = gpgme_op_keysign(context, key, user_id, 0,
			GPGME_KEYSIGN_NOEXPIRE | (local ? GPGME_KEYSIGN_LOCAL : 0));
	return cause == 0 ? TRUE : sgp_gpgme_set_error(error, "certify", cause, NULL);
}
