/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A thief with the database tries a thousand passwords, the right one among them. He sees which it
 * is if he has the guard's file too, and sees nothing without (threat 2). */

#include "sgp-guard.h"
#include "sgp-opaque.h"
#include "sgp-protocol.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#define HANDLE    "0123456789abcdef0123456789abcdef"
#define CONTEXT   "OPRFV1-\x00-ristretto255-SHA512"
#define GROUP_TAG "HashToGroup-" CONTEXT
#define PASSWORDS 1000
#define RIGHT     617

static void hash(guint8 out[64], const void *first, ...)
{
	crypto_hash_sha512_state state;
	va_list parts;

	crypto_hash_sha512_init(&state);
	va_start(parts, first);
	for (const void *part = first; part != NULL; part = va_arg(parts, const void *))
		crypto_hash_sha512_update(&state, part, va_arg(parts, gsize));
	va_end(parts);
	crypto_hash_sha512_final(&state, out);
}

/* hash_to_ristretto255 of RFC 9380, appendix B, for RFC 9497. */
static void hash_to_group(const char *password, guint8 point[32])
{
	static const guint8 zeros[128] = { 0 };
	const guint8 tag_size = sizeof GROUP_TAG - 1;
	guint8 first[64];
	guint8 second[64];

	hash(first, zeros, sizeof zeros, password, strlen(password), "\x00\x40\x00", (gsize)3,
		GROUP_TAG, (gsize)tag_size, &tag_size, (gsize)1, NULL);
	hash(second, first, sizeof first, "\x01", (gsize)1, GROUP_TAG, (gsize)tag_size, &tag_size,
		(gsize)1, NULL);
	crypto_core_ristretto255_from_hash(point, second);
}

/* Finalize of RFC 9497 and the masking key of RFC 9807, with no stretching: the thief's best case.
 */
static void masking_key_of(const char *password, const guint8 element[32], guint8 masking_key[64])
{
	gsize length = strlen(password);
	guint8 sizes[2] = { (guint8)(length >> 8), (guint8)length };
	guint8 output[128];
	guint8 randomized[64];

	hash(output, sizes, (gsize)2, password, length, "\x00\x20", (gsize)2, element, (gsize)32,
		"Finalize", (gsize)8, NULL);
	memcpy(output + 64, output, 64);
	sgp_hkdf_sha512_extract("", 0, output, sizeof output, randomized);
	sgp_hkdf_sha512_expand(randomized, "MaskingKey", 10, masking_key, 64);
}

static void test_vector(void)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	JsonObject *vector = NULL;
	JsonObject *inputs = NULL;
	SgpOpaqueKeys keys;
	guint8 point[32];
	guint8 response[64];
	guint8 masking_key[64];
	char password[26] = { 0 };
	g_autofree char *hex = NULL;

	g_assert_true(json_parser_load_from_file(
		parser, SGP_TEST_DATA "/opaque-rfc9807-vectors.json", NULL));
	vector = json_array_get_object_element(
		json_object_get_array_member(
			json_node_get_object(json_parser_get_root(parser)), "vectors"),
		0);
	inputs = json_object_get_object_member(vector, "inputs");
	sodium_hex2bin(keys.oprf_seed, 64, sgp_protocol_get_text(inputs, "oprf_seed"), 128, NULL,
		NULL, NULL);
	sodium_hex2bin((guint8 *)password, 25, sgp_protocol_get_text(inputs, "password"), 50, NULL,
		NULL, NULL);
	hash_to_group(password, point);
	g_assert_true(sgp_opaque_register(&keys, "1234", point, response));
	masking_key_of(password, response, masking_key);
	hex = sgp_protocol_encode_hex(masking_key, 64);
	g_assert_cmpstr(hex, ==,
		sgp_protocol_get_text(
			json_object_get_object_member(vector, "intermediates"), "masking_key"));
}

static void register_right(SgpGuard *guard, const char *password, guint8 stored[64])
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) request = NULL;
	g_autoptr(GBytes) response = NULL;
	guint8 point[32];
	guint8 blind[32];
	guint8 inverse[32];
	guint8 blinded[32];
	guint8 element[32];

	hash_to_group(password, point);
	crypto_core_ristretto255_scalar_random(blind);
	g_assert_cmpint(crypto_core_ristretto255_scalar_invert(inverse, blind), ==, 0);
	g_assert_cmpint(crypto_scalarmult_ristretto255(blinded, blind, point), ==, 0);
	request = g_bytes_new(blinded, sizeof blinded);
	response = sgp_guard_register(guard, HANDLE, SGP_GUARD_RECORD_PASSWORD, request, &error);
	g_assert_no_error(error);
	g_assert_cmpint(
		crypto_scalarmult_ristretto255(element, inverse, g_bytes_get_data(response, NULL)),
		==, 0);
	masking_key_of(password, element, stored);
}

static char *dup_password(guint i)
{
	return g_strdup_printf("correct horse battery %u", i);
}

/* How many of the passwords fit what the database holds, under the keys that the thief has; and
 * which. */
static guint count_matches(const SgpOpaqueKeys *keys, const guint8 stored[64], guint *which)
{
	guint matches = 0;

	for (guint i = 0; i < PASSWORDS; i++) {
		g_autofree char *password = dup_password(i);
		guint8 point[32];
		guint8 response[64];
		guint8 masking_key[64];

		hash_to_group(password, point);
		g_assert_true(sgp_opaque_register(keys, HANDLE "/pw", point, response));
		masking_key_of(password, response, masking_key);
		if (memcmp(masking_key, stored, 64) == 0) {
			matches++;
			*which = i;
		}
	}
	return matches;
}

static void remove_directory(const char *path)
{
	g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
	const char *name = NULL;

	while ((name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		g_unlink(file);
	}
	g_rmdir(path);
}

static void test_thief(void)
{
	g_autofree char *directory = g_dir_make_tmp("siegelpost-guess-XXXXXX", NULL);
	g_autofree char *key_path = g_build_filename(directory, "guard.key", NULL);
	g_autofree char *password = dup_password(RIGHT);
	g_autofree char *key_file = NULL;
	g_autoptr(SgpGuard) guard = sgp_guard_open(directory, NULL, NULL);
	SgpOpaqueKeys keys;
	gsize length = 0;
	guint8 stored[64];
	guint which = 0;

	g_assert_nonnull(guard);
	register_right(guard, password, stored);

	sgp_opaque_keys_generate(&keys);
	g_assert_cmpuint(count_matches(&keys, stored, &which), ==, 0);

	g_assert_true(g_file_get_contents(key_path, &key_file, &length, NULL));
	memcpy(keys.oprf_seed, key_file + strlen("siegelpost guard 1\n"), SGP_OPAQUE_SEED_SIZE);
	g_assert_cmpuint(count_matches(&keys, stored, &which), ==, 1);
	g_assert_cmpuint(which, ==, RIGHT);
	remove_directory(directory);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	g_test_add_func("/guess/the-thief-computes-as-the-rfc-does", test_vector);
	g_test_add_func("/guess/the-database-alone-tells-no-password-from-another", test_thief);
	return g_test_run();
}
