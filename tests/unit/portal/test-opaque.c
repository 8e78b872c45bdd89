/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The server's side of OPAQUE against the vectors of RFC 9807. */

#include "sgp-opaque.h"
#include "sgp-protocol.h"

#include <sodium.h>
#include <string.h>

static JsonArray *vectors;

static void take(JsonObject *group, const char *name, guint8 *out, gsize size)
{
	const char *text = sgp_protocol_get_text(group, name);
	gsize length = 0;

	g_assert_nonnull(text);
	g_assert_cmpint(sodium_hex2bin(out, size, text, strlen(text), NULL, &length, NULL), ==, 0);
	g_assert_cmpuint(length, ==, size);
}

static char *take_text(JsonObject *group, const char *name)
{
	const char *text = sgp_protocol_get_text(group, name);
	char *out = NULL;
	gsize length = 0;

	if (text == NULL)
		return NULL;
	out = g_malloc0(strlen(text) / 2 + 1);
	g_assert_cmpint(sodium_hex2bin((guint8 *)out, strlen(text) / 2, text, strlen(text), NULL,
				&length, NULL),
		==, 0);
	return out;
}

static void expect(JsonObject *group, const char *name, const guint8 *data, gsize size)
{
	g_autofree char *hex = sgp_protocol_encode_hex(data, size);

	g_assert_cmpstr(hex, ==, sgp_protocol_get_text(group, name));
}

static void take_keys(JsonObject *inputs, SgpOpaqueKeys *keys)
{
	guint8 given[32];

	take(inputs, "oprf_seed", keys->oprf_seed, sizeof keys->oprf_seed);
	take(inputs, "server_private_key", keys->private_key, sizeof keys->private_key);
	g_assert_true(sgp_opaque_keys_complete(keys));
	take(inputs, "server_public_key", given, sizeof given);
	g_assert_cmpmem(given, sizeof given, keys->public_key, sizeof keys->public_key);
}

static void take_coins(JsonObject *inputs, SgpOpaqueCoins *coins)
{
	take(inputs, "masking_nonce", coins->masking_nonce, 32);
	take(inputs, "server_nonce", coins->server_nonce, 32);
	take(inputs, "server_keyshare_seed", coins->keyshare_seed, 32);
}

static void test_vector(gconstpointer data)
{
	JsonObject *vector = json_array_get_object_element(vectors, GPOINTER_TO_UINT(data));
	JsonObject *config = json_object_get_object_member(vector, "config");
	JsonObject *inputs = json_object_get_object_member(vector, "inputs");
	JsonObject *outputs = json_object_get_object_member(vector, "outputs");
	gboolean fake = strcmp(sgp_protocol_get_text(config, "Fake"), "True") == 0;
	g_autofree char *context = take_text(config, "Context");
	g_autofree char *client = take_text(inputs, "client_identity");
	g_autofree char *server = take_text(inputs, "server_identity");
	g_autofree char *identifier = take_text(inputs, "credential_identifier");
	SgpOpaqueNames names = { context, client, server };
	SgpOpaqueKeys keys;
	SgpOpaqueCoins coins;
	guint8 record[SGP_OPAQUE_RECORD_SIZE] = { 0 };
	guint8 ke1[SGP_OPAQUE_KE1_SIZE];
	guint8 ke2[SGP_OPAQUE_KE2_SIZE];
	guint8 ke3[SGP_OPAQUE_KE3_SIZE];
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE];

	take_keys(inputs, &keys);
	take_coins(inputs, &coins);
	if (fake) {
		take(inputs, "client_public_key", record, 32);
		take(inputs, "masking_key", record + 32, 64);
		take(inputs, "KE1", ke1, sizeof ke1);
	} else {
		take(outputs, "registration_upload", record, sizeof record);
		take(outputs, "KE1", ke1, sizeof ke1);
	}
	g_assert_true(sgp_opaque_answer_login(
		&keys, &names, &coins, identifier, record, ke1, ke2, ke3, session_key));
	expect(outputs, "KE2", ke2, sizeof ke2);
	if (!fake) {
		expect(outputs, "KE3", ke3, sizeof ke3);
		expect(outputs, "session_key", session_key, sizeof session_key);
	}
}

static void test_registration(void)
{
	JsonObject *vector = json_array_get_object_element(vectors, 0);
	JsonObject *inputs = json_object_get_object_member(vector, "inputs");
	JsonObject *outputs = json_object_get_object_member(vector, "outputs");
	g_autofree char *identifier = take_text(inputs, "credential_identifier");
	SgpOpaqueKeys keys;
	guint8 request[32];
	guint8 response[64];

	take_keys(inputs, &keys);
	take(outputs, "registration_request", request, sizeof request);
	g_assert_true(sgp_opaque_register(&keys, identifier, request, response));
	expect(outputs, "registration_response", response, sizeof response);
}

static void test_bad_points(void)
{
	SgpOpaqueKeys keys;
	guint8 point[32] = { 0 };
	guint8 response[64];

	sgp_opaque_keys_generate(&keys);
	g_assert_false(sgp_opaque_register(&keys, "a/pw", point, response));
	memset(point, 0xff, sizeof point);
	g_assert_false(sgp_opaque_register(&keys, "a/pw", point, response));
	/* The generator, once as it is encoded and once with the sign bit that no encoder sets. */
	point[0] = 1;
	memset(point + 1, 0, 31);
	g_assert_false(sgp_opaque_register(&keys, "a/pw", point, response));
}

static void test_fake_record_is_stable(void)
{
	guint8 secret[64];
	guint8 one[SGP_OPAQUE_RECORD_SIZE];
	guint8 two[SGP_OPAQUE_RECORD_SIZE];

	memset(secret, 7, sizeof secret);
	g_assert_true(sgp_opaque_fake_record(secret, one));
	g_assert_true(sgp_opaque_fake_record(secret, two));
	g_assert_cmpmem(one, sizeof one, two, sizeof two);
	g_assert_true(sgp_opaque_is_record(one));
	secret[0] = 8;
	g_assert_true(sgp_opaque_fake_record(secret, two));
	g_assert_true(memcmp(one, two, sizeof one) != 0);
	g_assert_true(memcmp(one + 32, two + 32, 64) != 0);
}

int main(int argc, char **argv)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GError) error = NULL;
	guint length = 0;

	g_test_init(&argc, &argv, NULL);
	g_assert_cmpint(sodium_init(), >=, 0);
	json_parser_load_from_file(parser, SGP_TEST_DATA "/opaque-rfc9807-vectors.json", &error);
	g_assert_no_error(error);
	vectors = json_object_get_array_member(
		json_node_get_object(json_parser_get_root(parser)), "vectors");
	length = json_array_get_length(vectors);
	g_assert_cmpuint(length, ==, 3);
	for (guint i = 0; i < length; i++) {
		g_autofree char *path = g_strdup_printf("/opaque/rfc-9807-login-vector-%u", i + 1);

		g_test_add_data_func(path, GUINT_TO_POINTER(i), test_vector);
	}
	g_test_add_func("/opaque/rfc-9807-registration-vector", test_registration);
	g_test_add_func("/opaque/a-bad-point-is-refused", test_bad_points);
	g_test_add_func("/opaque/an-unknown-account-always-has-the-same-record",
		test_fake_record_is_stable);
	return g_test_run();
}
