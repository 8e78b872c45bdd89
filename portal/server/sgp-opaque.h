/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sizes of RFC 9807 for ristretto255-SHA512, 3DH, HKDF- and HMAC-SHA512. */
#define SGP_OPAQUE_SEED_SIZE             64
#define SGP_OPAQUE_KEY_SIZE              32
#define SGP_OPAQUE_REGISTRATION_REQUEST  32
#define SGP_OPAQUE_REGISTRATION_RESPONSE 64
#define SGP_OPAQUE_RECORD_SIZE           192
#define SGP_OPAQUE_KE1_SIZE              96
#define SGP_OPAQUE_KE2_SIZE              320
#define SGP_OPAQUE_KE3_SIZE              64
#define SGP_OPAQUE_SESSION_KEY_SIZE      64

typedef struct {
	guint8 oprf_seed[SGP_OPAQUE_SEED_SIZE];
	guint8 private_key[SGP_OPAQUE_KEY_SIZE];
	guint8 public_key[SGP_OPAQUE_KEY_SIZE];
} SgpOpaqueKeys;

/* What RFC 9807 draws at random for one KE2. */
typedef struct {
	guint8 masking_nonce[32];
	guint8 server_nonce[32];
	guint8 keyshare_seed[32];
} SgpOpaqueCoins;

/* The names that both sides agreed on; all empty in Siegelpost, set by the RFC's vectors. */
typedef struct {
	const char *context;
	const char *client_identity; /* (nullable): the client's public key stands in */
	const char *server_identity; /* (nullable): the server's public key stands in */
} SgpOpaqueNames;

void sgp_opaque_keys_generate(SgpOpaqueKeys *keys);
gboolean sgp_opaque_keys_complete(SgpOpaqueKeys *keys);

gboolean sgp_opaque_register(const SgpOpaqueKeys *keys, const char *credential_identifier,
	const guint8 request[SGP_OPAQUE_REGISTRATION_REQUEST],
	guint8 response[SGP_OPAQUE_REGISTRATION_RESPONSE]);

void sgp_opaque_coins_draw(SgpOpaqueCoins *coins);
gboolean sgp_opaque_answer_login(const SgpOpaqueKeys *keys, const SgpOpaqueNames *names,
	const SgpOpaqueCoins *coins, const char *credential_identifier,
	const guint8 record[SGP_OPAQUE_RECORD_SIZE], const guint8 ke1[SGP_OPAQUE_KE1_SIZE],
	guint8 ke2[SGP_OPAQUE_KE2_SIZE], guint8 expected_ke3[SGP_OPAQUE_KE3_SIZE],
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE]);
gboolean sgp_opaque_is_record(const guint8 record[SGP_OPAQUE_RECORD_SIZE]);
gboolean sgp_opaque_fake_record(const guint8 secret[64], guint8 record[SGP_OPAQUE_RECORD_SIZE]);

void sgp_hkdf_sha512_extract(
	const void *salt, gsize salt_size, const void *input, gsize input_size, guint8 prk[64]);
void sgp_hkdf_sha512_expand(
	const guint8 prk[64], const void *info, gsize info_size, guint8 *out, gsize size);

G_END_DECLS
