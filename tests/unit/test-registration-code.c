/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-registration-code.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define CODE   "482113907554286019737"
#define HANDLE "00112233445566778899aabbccddeeff"

static void read_hex(const char *hex, guint8 *out, gsize length)
{
	g_assert_cmpuint(strlen(hex), ==, 2 * length);
	for (gsize i = 0; i < length; i++)
		out[i] = (guint8)(g_ascii_xdigit_value(hex[2 * i]) << 4 |
				  g_ascii_xdigit_value(hex[2 * i + 1]));
}

static void test_vectors(void)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_assert_true(
		json_parser_load_from_file(parser, SGP_TEST_SOURCE_DIR "/code-vectors.json", NULL));
	JsonObject *code = json_object_get_object_member(
		json_node_get_object(json_parser_get_root(parser)), "code");
	guint8 salt[16];
	guint8 kek[32];
	guint8 mac[32];
	read_hex(json_object_get_string_member(code, "salt"), salt, sizeof(salt));
	read_hex(json_object_get_string_member(code, "kek"), kek, sizeof(kek));
	read_hex(json_object_get_string_member(code, "mac_key"), mac, sizeof(mac));
	SgpCodeKeys keys;
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_registration_code_derive(
		json_object_get_string_member(code, "digits"), salt, &keys, &error));
	g_assert_no_error(error);
	g_assert_cmpmem(keys.kek, 32, kek, 32);
	g_assert_cmpmem(keys.mac, 32, mac, 32);
	g_assert_true(memcmp(keys.auth, kek, 32) != 0 && memcmp(keys.auth, mac, 32) != 0);
}

/* "572" has check digit 4: Damm's own example. */
static void test_check_digit(void)
{
	g_assert_true(sgp_registration_code_is_valid("000000000000000005724"));
	g_assert_true(sgp_registration_code_is_valid(CODE));
	g_assert_false(sgp_registration_code_is_valid(""));
	g_assert_false(sgp_registration_code_is_valid(CODE "0"));
	g_assert_false(sgp_registration_code_is_valid("48211390755428601973x"));
	char digits[] = CODE;
	for (gsize i = 0; i < 21; i++) {
		char right = digits[i];
		for (char wrong = '0'; wrong <= '9'; wrong++) {
			digits[i] = wrong;
			g_assert_cmpint(sgp_registration_code_is_valid(digits), ==, wrong == right);
		}
		digits[i] = right;
		if (i > 0 && digits[i] != digits[i - 1]) {
			digits[i] = digits[i - 1];
			digits[i - 1] = right;
			g_assert_false(sgp_registration_code_is_valid(digits));
			digits[i - 1] = digits[i];
			digits[i] = right;
		}
	}
}

static void test_new(void)
{
	g_autofree char *one = sgp_registration_code_new();
	g_autofree char *other = sgp_registration_code_new();
	g_assert_true(sgp_registration_code_is_valid(one));
	g_assert_cmpstr(one, !=, other);
	guint seen[10] = { 0 };
	for (guint i = 0; i < 500; i++) {
		g_autofree char *code = sgp_registration_code_new();
		for (gsize n = 0; n < 20; n++)
			seen[code[n] - '0']++;
	}
	for (gsize n = 0; n < 10; n++) { /* 1000 expected, 30 the standard deviation */
		g_assert_cmpuint(seen[n], >, 800);
		g_assert_cmpuint(seen[n], <, 1200);
	}
	g_autofree char *grouped = sgp_registration_code_dup_grouped(CODE);
	g_assert_cmpstr(grouped, ==, "482 113 907 554 286 019 737");
}

static void test_signature_key(void)
{
	SgpCodeKeys keys = { 0 };
	memset(keys.mac, 7, sizeof(keys.mac));
	g_autoptr(GBytes) key = g_bytes_new_static("key", 3);
	g_autoptr(GBytes) other = g_bytes_new_static("kex", 3);
	/* The MAC as the protocol writes it, by another implementation. */
	static const char TEXT[] = "sgp1 cs\0" HANDLE "\0"
				   "3\0"
				   "key";
	g_autoptr(GHmac) hmac = g_hmac_new(G_CHECKSUM_SHA256, keys.mac, sizeof(keys.mac));
	g_hmac_update(hmac, (const guchar *)TEXT, sizeof(TEXT) - 1);
	guint8 sum[32];
	gsize length = sizeof(sum);
	g_hmac_get_digest(hmac, sum, &length);
	g_autoptr(GBytes) mac = g_bytes_new(sum, length);
	g_autoptr(GBytes) cut = g_bytes_new(sum, length - 1);
	g_autoptr(GError) error = NULL;
	g_assert_true(
		sgp_registration_code_verify_signature_key(&keys, HANDLE, 3, key, mac, &error));
	g_assert_no_error(error);
	g_assert_false(
		sgp_registration_code_verify_signature_key(&keys, HANDLE, 4, key, mac, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_assert_false(
		sgp_registration_code_verify_signature_key(&keys, HANDLE, 3, other, mac, NULL));
	g_assert_false(
		sgp_registration_code_verify_signature_key(&keys, HANDLE, 3, key, cut, NULL));
	g_assert_false(sgp_registration_code_verify_signature_key(&keys, "", 3, key, mac, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/registration-code/known-answers", test_vectors);
	g_test_add_func("/registration-code/a-wrong-digit-or-a-swap-is-found", test_check_digit);
	g_test_add_func("/registration-code/new-codes-are-random-and-valid", test_new);
	g_test_add_func("/registration-code/a-swapped-signature-key-is-found", test_signature_key);
	return g_test_run();
}
