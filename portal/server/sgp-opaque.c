/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server's side of OPAQUE (RFC 9807) over ristretto255-SHA512, as arithmetic only. It owns no
 * key and no counter, does no I/O, and never learns whether a password was right: the caller
 * compares KE3. Where the RFC leaves a choice, @serenity-kit/opaque is the reference. */

#include "sgp-opaque.h"

#include <sodium.h>
#include <string.h>

#define OPRF_CONTEXT             "OPRFV1-\x00-ristretto255-SHA512"
#define PUBLIC_KEY_SIZE          32
#define MASKING_KEY_OFFSET       32
#define ENVELOPE_OFFSET          96
#define ENVELOPE_SIZE            96
#define MASKED_SIZE              (PUBLIC_KEY_SIZE + ENVELOPE_SIZE)
#define CREDENTIAL_RESPONSE_SIZE (32 + 32 + MASKED_SIZE)
#define AUTH_OFFSET              CREDENTIAL_RESPONSE_SIZE

/**
 * sgp_hkdf_sha512_extract:
 *
 * HKDF-Extract (RFC 5869) with SHA-512.
 */
void sgp_hkdf_sha512_extract(
	const void *salt, gsize salt_size, const void *input, gsize input_size, guint8 prk[64])
{
	crypto_auth_hmacsha512_state state;

	crypto_auth_hmacsha512_init(&state, salt, salt_size);
	crypto_auth_hmacsha512_update(&state, input, input_size);
	crypto_auth_hmacsha512_final(&state, prk);
	sodium_memzero(&state, sizeof state);
}

/**
 * sgp_hkdf_sha512_expand:
 * @size: bytes wanted, at most 255 × 64
 *
 * HKDF-Expand (RFC 5869) with SHA-512.
 */
void sgp_hkdf_sha512_expand(
	const guint8 prk[64], const void *info, gsize info_size, guint8 *out, gsize size)
{
	guint8 block[64];
	gsize done = 0;

	g_return_if_fail(size <= 255 * sizeof block);
	for (guint8 counter = 1; done < size; counter++) {
		crypto_auth_hmacsha512_state state;
		gsize take = MIN(size - done, sizeof block);

		crypto_auth_hmacsha512_init(&state, prk, 64);
		if (counter > 1)
			crypto_auth_hmacsha512_update(&state, block, sizeof block);
		crypto_auth_hmacsha512_update(&state, info, info_size);
		crypto_auth_hmacsha512_update(&state, &counter, 1);
		crypto_auth_hmacsha512_final(&state, block);
		sodium_memzero(&state, sizeof state);
		memcpy(out + done, block, take);
		done += take;
	}
	sodium_memzero(block, sizeof block);
}

static void hash_to_scalar(const GByteArray *input, guint8 scalar[32])
{
	/* expand_message_xmd of RFC 9380, 5.3.1, for 64 bytes: one block is enough. */
	static const guint8 zeros[128] = { 0 };
	static const guint8 length_and_zero[3] = { 0, 64, 0 };
	static const guint8 one = 1;
	static const char tag[] = "DeriveKeyPair" OPRF_CONTEXT;
	const guint8 tag_size = sizeof tag - 1;
	crypto_hash_sha512_state state;
	guint8 first[64];
	guint8 second[64];

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, zeros, sizeof zeros);
	crypto_hash_sha512_update(&state, input->data, input->len);
	crypto_hash_sha512_update(&state, length_and_zero, sizeof length_and_zero);
	crypto_hash_sha512_update(&state, (const guint8 *)tag, tag_size);
	crypto_hash_sha512_update(&state, &tag_size, 1);
	crypto_hash_sha512_final(&state, first);
	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, first, sizeof first);
	crypto_hash_sha512_update(&state, &one, 1);
	crypto_hash_sha512_update(&state, (const guint8 *)tag, tag_size);
	crypto_hash_sha512_update(&state, &tag_size, 1);
	crypto_hash_sha512_final(&state, second);
	crypto_core_ristretto255_scalar_reduce(scalar, second);
	sodium_memzero(first, sizeof first);
	sodium_memzero(second, sizeof second);
	sodium_memzero(&state, sizeof state);
}

static gboolean derive_private_key(const guint8 seed[32], const char *info, guint8 scalar[32])
{
	/* DeriveKeyPair of RFC 9497, 3.2.1. */
	g_autoptr(GByteArray) input = g_byte_array_new();
	gsize info_size = strlen(info);
	guint8 length[2] = { (guint8)(info_size >> 8), (guint8)info_size };
	gboolean found = FALSE;

	g_byte_array_append(input, seed, 32);
	g_byte_array_append(input, length, 2);
	g_byte_array_append(input, (const guint8 *)info, (guint)info_size);
	for (guint counter = 0; counter < 256 && !found; counter++) {
		guint8 byte = (guint8)counter;

		g_byte_array_append(input, &byte, 1);
		hash_to_scalar(input, scalar);
		found = !sodium_is_zero(scalar, 32);
		g_byte_array_set_size(input, input->len - 1);
	}
	sodium_memzero(input->data, input->len);
	return found;
}

static gboolean derive_oprf_key(
	const SgpOpaqueKeys *keys, const char *credential_identifier, guint8 scalar[32])
{
	g_autofree char *info = g_strconcat(credential_identifier, "OprfKey", NULL);
	guint8 seed[32];
	gboolean found = FALSE;

	sgp_hkdf_sha512_expand(keys->oprf_seed, info, strlen(info), seed, sizeof seed);
	found = derive_private_key(seed, "OPAQUE-DeriveKeyPair", scalar);
	sodium_memzero(seed, sizeof seed);
	return found;
}

static gboolean evaluate(const SgpOpaqueKeys *keys, const char *credential_identifier,
	const guint8 blinded[32], guint8 evaluated[32])
{
	guint8 scalar[32];
	gboolean good = FALSE;

	/* Refuses encodings that are not canonical, and the identity (threat 37: such points would
	 * answer the same whatever the key; test /opaque/a-bad-point-is-refused). */
	good = derive_oprf_key(keys, credential_identifier, scalar) &&
	       crypto_scalarmult_ristretto255(evaluated, scalar, blinded) == 0;
	sodium_memzero(scalar, sizeof scalar);
	return good;
}

/**
 * sgp_opaque_keys_generate:
 * @keys: (out): a fresh seed and key pair
 */
void sgp_opaque_keys_generate(SgpOpaqueKeys *keys)
{
	randombytes_buf(keys->oprf_seed, sizeof keys->oprf_seed);
	crypto_core_ristretto255_scalar_random(keys->private_key);
	sgp_opaque_keys_complete(keys);
}

/**
 * sgp_opaque_keys_complete:
 *
 * Computes the public key of @keys.
 *
 * Returns: whether the private key is a usable scalar.
 */
gboolean sgp_opaque_keys_complete(SgpOpaqueKeys *keys)
{
	return crypto_scalarmult_ristretto255_base(keys->public_key, keys->private_key) == 0;
}

/**
 * sgp_opaque_register:
 * @credential_identifier: names the record
 *
 * CreateRegistrationResponse of RFC 9807, 5.2.2.
 *
 * Returns: %FALSE if @request is not a group element; @response is then useless.
 */
gboolean sgp_opaque_register(const SgpOpaqueKeys *keys, const char *credential_identifier,
	const guint8 request[SGP_OPAQUE_REGISTRATION_REQUEST],
	guint8 response[SGP_OPAQUE_REGISTRATION_RESPONSE])
{
	if (!evaluate(keys, credential_identifier, request, response))
		return FALSE;
	memcpy(response + 32, keys->public_key, PUBLIC_KEY_SIZE);
	return TRUE;
}

/**
 * sgp_opaque_coins_draw:
 * @coins: (out): fresh randomness for one answer
 */
void sgp_opaque_coins_draw(SgpOpaqueCoins *coins)
{
	randombytes_buf(coins, sizeof *coins);
}

/**
 * sgp_opaque_is_record:
 *
 * Returns: whether the client's public key in @record is a group element, as a login will need.
 */
gboolean sgp_opaque_is_record(const guint8 record[SGP_OPAQUE_RECORD_SIZE])
{
	return crypto_core_ristretto255_is_valid_point(record) == 1 &&
	       !sodium_is_zero(record, PUBLIC_KEY_SIZE);
}

/**
 * sgp_opaque_fake_record:
 * @secret: made from a key and the account's handle, so that an account always has the same one
 *
 * The record that answers for an unknown account (RFC 9807, 10.9): a key pair that nobody holds, a
 * random masking key, an envelope of zeros.
 *
 * Returns: whether it could be made.
 */
gboolean sgp_opaque_fake_record(const guint8 secret[64], guint8 record[SGP_OPAQUE_RECORD_SIZE])
{
	guint8 seed[32];
	guint8 scalar[32];

	sgp_hkdf_sha512_expand(secret, "sgp1 fake key", 13, seed, sizeof seed);
	sgp_hkdf_sha512_expand(secret, "sgp1 fake mask", 14, record + MASKING_KEY_OFFSET, 64);
	memset(record + ENVELOPE_OFFSET, 0, ENVELOPE_SIZE);
	return derive_private_key(seed, "OPAQUE-DeriveDiffieHellmanKeyPair", scalar) &&
	       crypto_scalarmult_ristretto255_base(record, scalar) == 0;
}

static void hash_sized(crypto_hash_sha512_state *state, const void *data, gsize size)
{
	guint8 length[2] = { (guint8)(size >> 8), (guint8)size };

	crypto_hash_sha512_update(state, length, 2);
	crypto_hash_sha512_update(state, data, size);
}

static void derive_secret(const guint8 prk[64], const char *label, const guint8 *context,
	guint8 context_size, guint8 out[64])
{
	/* Expand-Label of RFC 9807, 6.4.1. */
	g_autoptr(GByteArray) info = g_byte_array_new();
	guint8 head[3] = { 0, 64, (guint8)(7 + strlen(label)) };

	g_byte_array_append(info, head, 3);
	g_byte_array_append(info, (const guint8 *)"OPAQUE-", 7);
	g_byte_array_append(info, (const guint8 *)label, (guint)strlen(label));
	g_byte_array_append(info, &context_size, 1);
	if (context_size > 0)
		g_byte_array_append(info, context, context_size);
	sgp_hkdf_sha512_expand(prk, info->data, info->len, out, 64);
}

static void write_credential_response(const SgpOpaqueKeys *keys, const SgpOpaqueCoins *coins,
	const guint8 record[SGP_OPAQUE_RECORD_SIZE], guint8 ke2[SGP_OPAQUE_KE2_SIZE])
{
	guint8 *masked = ke2 + 64;
	guint8 info[32 + 21];
	guint8 pad[MASKED_SIZE];

	memcpy(ke2 + 32, coins->masking_nonce, 32);
	memcpy(info, coins->masking_nonce, 32);
	memcpy(info + 32, "CredentialResponsePad", 21);
	sgp_hkdf_sha512_expand(record + MASKING_KEY_OFFSET, info, sizeof info, pad, sizeof pad);
	memcpy(masked, keys->public_key, PUBLIC_KEY_SIZE);
	memcpy(masked + PUBLIC_KEY_SIZE, record + ENVELOPE_OFFSET, ENVELOPE_SIZE);
	for (gsize i = 0; i < MASKED_SIZE; i++)
		masked[i] ^= pad[i];
	sodium_memzero(pad, sizeof pad);
}

static gboolean agree(const SgpOpaqueKeys *keys, const guint8 keyshare_secret[32],
	const guint8 client_public_key[32], const guint8 client_keyshare[32], guint8 prk[64])
{
	guint8 shared[96];
	gboolean good = FALSE;

	good = crypto_scalarmult_ristretto255(shared, keyshare_secret, client_keyshare) == 0 &&
	       crypto_scalarmult_ristretto255(shared + 32, keys->private_key, client_keyshare) ==
		       0 &&
	       crypto_scalarmult_ristretto255(shared + 64, keyshare_secret, client_public_key) == 0;
	if (good)
		sgp_hkdf_sha512_extract("", 0, shared, sizeof shared, prk);
	sodium_memzero(shared, sizeof shared);
	return good;
}

static void begin_transcript(crypto_hash_sha512_state *transcript, const SgpOpaqueKeys *keys,
	const SgpOpaqueNames *names, const guint8 *client_public_key, const guint8 *ke1,
	const guint8 *ke2)
{
	const char *context = names != NULL && names->context != NULL ? names->context : "";
	const char *client = names != NULL ? names->client_identity : NULL;
	const char *server = names != NULL ? names->server_identity : NULL;

	crypto_hash_sha512_init(transcript);
	crypto_hash_sha512_update(transcript, (const guint8 *)"OPAQUEv1-", 9);
	hash_sized(transcript, context, strlen(context));
	if (client != NULL)
		hash_sized(transcript, client, strlen(client));
	else
		hash_sized(transcript, client_public_key, PUBLIC_KEY_SIZE);
	crypto_hash_sha512_update(transcript, ke1, SGP_OPAQUE_KE1_SIZE);
	if (server != NULL)
		hash_sized(transcript, server, strlen(server));
	else
		hash_sized(transcript, keys->public_key, PUBLIC_KEY_SIZE);
	crypto_hash_sha512_update(transcript, ke2, CREDENTIAL_RESPONSE_SIZE + 64);
}

static void confirm(crypto_hash_sha512_state *transcript, const guint8 prk[64], guint8 mac[64],
	guint8 expected_ke3[64], guint8 session_key[64])
{
	crypto_hash_sha512_state copy = *transcript;
	guint8 digest[64];
	guint8 handshake[64];
	guint8 key[64];

	crypto_hash_sha512_final(&copy, digest);
	derive_secret(prk, "HandshakeSecret", digest, 64, handshake);
	derive_secret(prk, "SessionKey", digest, 64, session_key);
	derive_secret(handshake, "ServerMAC", NULL, 0, key);
	sgp_hkdf_sha512_extract(key, 64, digest, 64, mac);
	crypto_hash_sha512_update(transcript, mac, 64);
	crypto_hash_sha512_final(transcript, digest);
	derive_secret(handshake, "ClientMAC", NULL, 0, key);
	sgp_hkdf_sha512_extract(key, 64, digest, 64, expected_ke3);
	sodium_memzero(handshake, sizeof handshake);
	sodium_memzero(key, sizeof key);
}

/**
 * sgp_opaque_answer_login:
 * @names: (nullable): %NULL for Siegelpost's own use
 * @record: the account's, or a fake one
 * @ke2: (out): the answer
 * @expected_ke3: (out): what a client that knows the password will send
 * @session_key: (out): shared with that client
 *
 * GenerateKE2 of RFC 9807, 6.3.2.2 with 6.4.4. The work does not depend on whether @record is fake.
 *
 * Returns: %FALSE if a point in @ke1 or @record is not a group element.
 */
gboolean sgp_opaque_answer_login(const SgpOpaqueKeys *keys, const SgpOpaqueNames *names,
	const SgpOpaqueCoins *coins, const char *credential_identifier,
	const guint8 record[SGP_OPAQUE_RECORD_SIZE], const guint8 ke1[SGP_OPAQUE_KE1_SIZE],
	guint8 ke2[SGP_OPAQUE_KE2_SIZE], guint8 expected_ke3[SGP_OPAQUE_KE3_SIZE],
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE])
{
	crypto_hash_sha512_state transcript;
	guint8 keyshare_secret[32];
	guint8 prk[64];
	gboolean good = FALSE;

	if (!evaluate(keys, credential_identifier, ke1, ke2))
		return FALSE;
	write_credential_response(keys, coins, record, ke2);
	memcpy(ke2 + AUTH_OFFSET, coins->server_nonce, 32);
	good = derive_private_key(coins->keyshare_seed, "OPAQUE-DeriveDiffieHellmanKeyPair",
		       keyshare_secret) &&
	       crypto_scalarmult_ristretto255_base(ke2 + AUTH_OFFSET + 32, keyshare_secret) == 0 &&
	       agree(keys, keyshare_secret, record, ke1 + 64, prk);
	sodium_memzero(keyshare_secret, sizeof keyshare_secret);
	if (!good)
		return FALSE;
	begin_transcript(&transcript, keys, names, record, ke1, ke2);
	confirm(&transcript, prk, ke2 + AUTH_OFFSET + 64, expected_ke3, session_key);
	sodium_memzero(prk, sizeof prk);
	return TRUE;
}
