/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON and the small forms of the portal's protocol: the office reads what a portal says, the
 * portal what anybody says. What must hold: an object's texts are UTF-8; base64url has one text per
 * value; whatever passes as a message id, handle or address can stand in a header line and add
 * nothing to it. */
#include "sgp-protocol.h"

#include "fuzz.h"

static void check_member(JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
	gint64 number = 0;
	const char *text = sgp_protocol_get_text(object, name);
	g_autoptr(GBytes) bytes = sgp_protocol_dup_b64u(object, name);
	FUZZ_HOLDS(text == NULL || fuzz_is_text(text));
	FUZZ_HOLDS(bytes == NULL || text != NULL);
	FUZZ_HOLDS(!(sgp_protocol_get_integer(object, name, &number) && text != NULL));
	sgp_protocol_is_null(object, name);
}

static void check_forms(const char *text)
{
	g_autoptr(GBytes) bytes = sgp_protocol_decode_b64u(text);
	if (bytes != NULL) {
		gsize length = 0;
		const guint8 *data = g_bytes_get_data(bytes, &length);
		g_autofree char *again = sgp_protocol_encode_b64u(data, length);
		FUZZ_HOLDS(strcmp(again, text) == 0);
	}
	const gboolean is_word = sgp_protocol_is_message_id(text) || sgp_protocol_is_handle(text) ||
				 sgp_protocol_is_uuid7(text) || sgp_protocol_is_sha256_hex(text);
	FUZZ_HOLDS(!is_word || strpbrk(text, " \t\r\n") == NULL);
	g_autofree char *address = sgp_protocol_canonical_address(text);
	if (address == NULL)
		return;
	g_autofree char *again = sgp_protocol_canonical_address(address);
	FUZZ_HOLDS(strpbrk(address, " \t\r\n<>,;") == NULL);
	FUZZ_HOLDS(g_strcmp0(address, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *exact = g_memdup2(data, size);
	g_autofree char *text = fuzz_dup_raw(data, size);
	JsonObject *object = sgp_protocol_parse_object(exact, size);
	if (object != NULL) {
		json_object_foreach_member(object, check_member, NULL);
		json_object_unref(object);
	}
	sgp_problem_from_code(text);
	sgp_customer_state_from_word(text);
	check_forms(text);
	return 0;
}
