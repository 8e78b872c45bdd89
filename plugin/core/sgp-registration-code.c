/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The code that a customer is told by phone or letter, and what is derived from it (PROTOCOL.md,
 * The registration code). Holds no code, shows none to a log; the server never sees one. */
#include "sgp-registration-code.h"

#include <sodium.h>
#include <string.h>
#include <sys/random.h>

#include "sgp-error.h"

#define N_RANDOM         20
#define N_DIGITS         (N_RANDOM + 1)
#define GROUP            3
#define STRETCHED_LENGTH 64
#define PASSES           3
#define MEMORY           (64 * 1024 * 1024)

/* Damm's quasigroup of order 10: finds every single wrong digit and every swap of neighbours. */
static const guint8 DAMM[10][10] = {
	{ 0, 3, 1, 7, 5, 9, 8, 6, 4, 2 },
	{ 7, 0, 9, 2, 1, 5, 4, 8, 6, 3 },
	{ 4, 2, 0, 6, 8, 7, 1, 3, 5, 9 },
	{ 1, 7, 5, 0, 9, 8, 3, 4, 2, 6 },
	{ 6, 1, 2, 3, 0, 4, 5, 9, 7, 8 },
	{ 3, 6, 7, 4, 2, 0, 9, 5, 8, 1 },
	{ 5, 8, 6, 9, 7, 2, 0, 1, 3, 4 },
	{ 8, 9, 4, 5, 3, 6, 2, 0, 1, 7 },
	{ 9, 4, 3, 8, 6, 1, 7, 2, 0, 5 },
	{ 2, 5, 8, 1, 4, 3, 6, 7, 9, 0 },
};

static guint8 get_interim(const char *digits, gsize n)
{
	guint8 interim = 0;
	for (gsize i = 0; i < n; i++)
		interim = DAMM[interim][digits[i] - '0'];
	return interim;
}

/* Every digit equally likely: octets beyond the last whole ten are thrown away. */
static guint8 random_digit(void)
{
	guint8 octet = 255;
	while (octet >= 250)
		if (getrandom(&octet, 1, 0) != 1)
			octet = 255; /* interrupted by a signal */
	return octet % 10;
}

/**
 * sgp_registration_code_new:
 *
 * Returns: (transfer full): 20 random digits (66 bits) and a check digit
 */
char *sgp_registration_code_new(void)
{
	char *digits = g_malloc0(N_DIGITS + 1);
	for (gsize i = 0; i < N_RANDOM; i++)
		digits[i] = (char)('0' + random_digit());
	digits[N_RANDOM] = (char)('0' + get_interim(digits, N_RANDOM));
	return digits;
}

gboolean sgp_registration_code_is_valid(const char *digits)
{
	return strlen(digits) == N_DIGITS && strspn(digits, "0123456789") == N_DIGITS &&
	       get_interim(digits, N_DIGITS) == 0;
}

char *sgp_registration_code_dup_grouped(const char *digits)
{
	GString *text = g_string_new(NULL);
	for (gsize i = 0; digits[i] != '\0'; i++) {
		if (i > 0 && i % GROUP == 0)
			g_string_append_c(text, ' ');
		g_string_append_c(text, digits[i]);
	}
	return g_string_free(text, FALSE);
}

/* HKDF-Expand (RFC 5869) with SHA-512, for one block or less. */
static void expand(const guint8 prk[64], const char *info, guint8 out[32])
{
	guint8 block[crypto_auth_hmacsha512_BYTES];
	const guint8 counter = 1;
	crypto_auth_hmacsha512_state state;
	crypto_auth_hmacsha512_init(&state, prk, 64);
	crypto_auth_hmacsha512_update(&state, (const guint8 *)info, strlen(info));
	crypto_auth_hmacsha512_update(&state, &counter, 1);
	crypto_auth_hmacsha512_final(&state, block);
	memcpy(out, block, 32);
	sodium_memzero(block, sizeof(block));
}

/**
 * sgp_registration_code_derive:
 * @digits: a valid code
 * @salt: of the invitation
 * @out: (out caller-allocates): untouched on failure
 *
 * Argon2id with 64 MiB, so that 66 bits are enough against a server that tries codes. Errors:
 * INVALID
 */
gboolean sgp_registration_code_derive(
	const char *digits, const guint8 salt[16], SgpCodeKeys *out, GError **error)
{
	guint8 stretched[STRETCHED_LENGTH];
	guint8 prk[crypto_auth_hmacsha512_BYTES];
	if (!sgp_registration_code_is_valid(digits)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a registration code");
		return FALSE;
	}
	if (sodium_init() < 0 || crypto_pwhash(stretched, sizeof(stretched), digits, N_DIGITS, salt,
					 PASSES, MEMORY, crypto_pwhash_ALG_ARGON2ID13) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "not enough memory for Argon2id");
		return FALSE;
	}
	crypto_auth_hmacsha512_state state;
	crypto_auth_hmacsha512_init(
		&state, (const guint8 *)"", 0); /* HKDF-Extract with an empty salt */
	crypto_auth_hmacsha512_update(&state, stretched, sizeof(stretched));
	crypto_auth_hmacsha512_final(&state, prk);
	expand(prk, "sgp1 code kek", out->kek);
	expand(prk, "sgp1 code mac", out->mac);
	expand(prk, "sgp1 code auth", out->auth);
	sodium_memzero(stretched, sizeof(stretched));
	sodium_memzero(prk, sizeof(prk));
	return TRUE;
}

/**
 * sgp_registration_code_verify_signature_key:
 * @signature_key: CS, binary
 *
 * A server that swaps the customer's signature key cannot make this MAC: it never knew the code.
 * Errors: TAMPERED
 */
gboolean sgp_registration_code_verify_signature_key(const SgpCodeKeys *keys, const char *handle,
	gint64 generation, GBytes *signature_key, GBytes *mac, GError **error)
{
	static const char PREFIX[] = "sgp1 cs";
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, generation);
	gsize size;
	const guint8 *start = g_bytes_get_data(signature_key, &size);
	guint8 expected[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;
	crypto_auth_hmacsha256_init(&state, keys->mac, sizeof(keys->mac));
	crypto_auth_hmacsha256_update(&state, (const guint8 *)PREFIX, sizeof(PREFIX));
	crypto_auth_hmacsha256_update(&state, (const guint8 *)handle, strlen(handle) + 1);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)number, strlen(number) + 1);
	crypto_auth_hmacsha256_update(&state, start, size);
	crypto_auth_hmacsha256_final(&state, expected);
	gsize mac_size;
	const guint8 *mac_start = g_bytes_get_data(mac, &mac_size);
	if (mac_size != sizeof(expected) ||
		sodium_memcmp(expected, mac_start, sizeof(expected)) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"the signature key is not the one made with the code");
		return FALSE;
	}
	return TRUE;
}
