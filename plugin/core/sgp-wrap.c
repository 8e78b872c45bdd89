/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals and opens the wraps of the portal's protocol. The associated data binds a wrap to its kind,
 * its customer and its generation: a server that hands out another customer's wrap, or an older one
 * of the same customer, gives something that does not open. */
#include "sgp-wrap.h"

#include <gcrypt.h>
#include <sodium.h>
#include <string.h>

#include "sgp-error.h"

#define NONCE_LENGTH 12
#define TAG_LENGTH   16
#define KEY_LENGTH   32

static GByteArray *make_associated_data(const char *kind, const char *handle, gint64 generation)
{
	static const char PREFIX[] = "sgp1 wrap";
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, generation);
	GByteArray *data = g_byte_array_new();
	g_byte_array_append(data, (const guint8 *)PREFIX, sizeof(PREFIX));
	g_byte_array_append(data, (const guint8 *)kind, (guint)strlen(kind) + 1);
	g_byte_array_append(data, (const guint8 *)handle, (guint)strlen(handle) + 1);
	g_byte_array_append(data, (const guint8 *)number, (guint)strlen(number)); /* no zero */
	return data;
}

static gcry_error_t open_cipher(gcry_cipher_hd_t *cipher, const guint8 *key, const guint8 *nonce,
	const char *kind, const char *handle, gint64 generation)
{
	g_autoptr(GByteArray) data = make_associated_data(kind, handle, generation);
	gcry_error_t cause = gcry_cipher_open(cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0);
	if (cause != 0)
		return cause;
	cause = gcry_cipher_setkey(*cipher, key, KEY_LENGTH);
	if (cause == 0)
		cause = gcry_cipher_setiv(*cipher, nonce, NONCE_LENGTH);
	if (cause == 0)
		cause = gcry_cipher_authenticate(*cipher, data->data, data->len);
	return cause;
}

/**
 * sgp_wrap_seal:
 * @plain: padded by the caller where the protocol says so
 *
 * Returns: (transfer full): nonce, ciphertext and tag
 */
GBytes *sgp_wrap_seal(const guint8 key[32], const char *kind, const char *handle, gint64 generation,
	GBytes *plain, GError **error)
{
	gsize size;
	const guint8 *start = g_bytes_get_data(plain, &size);
	gsize total = NONCE_LENGTH + size + TAG_LENGTH;
	g_autofree guint8 *wrap = g_malloc(total);
	randombytes_buf(wrap, NONCE_LENGTH);
	gcry_cipher_hd_t cipher = NULL;
	gcry_error_t cause = open_cipher(&cipher, key, wrap, kind, handle, generation);
	if (cause == 0)
		cause = gcry_cipher_encrypt(cipher, wrap + NONCE_LENGTH, size, start, size);
	if (cause == 0)
		cause = gcry_cipher_gettag(cipher, wrap + NONCE_LENGTH + size, TAG_LENGTH);
	gcry_cipher_close(cipher);
	if (cause != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "wrap: %s", gcry_strerror(cause));
		return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&wrap), total);
}

/**
 * sgp_wrap_open:
 *
 * Returns: (transfer full): the clear text. Errors: TAMPERED (another key, kind, customer or
 * generation, or changed bytes)
 */
GBytes *sgp_wrap_open(const guint8 key[32], const char *kind, const char *handle, gint64 generation,
	GBytes *wrap, GError **error)
{
	gsize total;
	const guint8 *start = g_bytes_get_data(wrap, &total);
	if (total < NONCE_LENGTH + TAG_LENGTH) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "the wrap is too short");
		return NULL;
	}
	gsize size = total - NONCE_LENGTH - TAG_LENGTH;
	g_autofree guint8 *plain = g_malloc(size + 1);
	gcry_cipher_hd_t cipher = NULL;
	gcry_error_t cause = open_cipher(&cipher, key, start, kind, handle, generation);
	if (cause == 0)
		cause = gcry_cipher_decrypt(cipher, plain, size, start + NONCE_LENGTH, size);
	if (cause == 0)
		cause = gcry_cipher_checktag(cipher, start + NONCE_LENGTH + size, TAG_LENGTH);
	gcry_cipher_close(cipher);
	if (cause != 0) { /* what was decrypted so far is not looked at by anybody */
		sodium_memzero(plain, size);
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "the wrap does not open");
		return NULL;
	}
	return g_bytes_new_take(g_steal_pointer(&plain), size);
}
