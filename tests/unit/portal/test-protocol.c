/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What comes from outside is what PROTOCOL.md says, or it is refused. */

#include "sgp-protocol.h"

#include <string.h>

static void test_addresses(void)
{
	static const struct {
		const char *given;
		const char *canonical; /* NULL: refused */
	} cases[] = {
		{ "kunde@example.net", "kunde@example.net" },
		{ "Kunde@Example.NET", "kunde@example.net" },
		{ "ÄRGER@Bücher.example", "ärger@xn--bcher-kva.example" },
		{ "u\xcc\x88@example.net", "ü@example.net" },
		{ "a+b.c@sub.example.net", "a+b.c@sub.example.net" },
		{ "o'neill@example.net", "o'neill@example.net" },
		{ NULL, NULL },
		{ "", NULL },
		{ "@example.net", NULL },
		{ "kunde", NULL },
		{ "kunde@", NULL },
		{ "a@b@c.example", NULL },
		{ "a b@example.net", NULL },
		{ "a@exa mple.net", NULL },
		{ "a\r\nBcc: x@y.example", NULL },
		{ "a@example.net\n", NULL },
		{ "<a@example.net>", NULL },
		{ "a@example.net>", NULL },
		{ "\"a\"@example.net", NULL },
		{ "a@[127.0.0.1]", NULL },
		{ ".a@example.net", NULL },
		{ "a..b@example.net", NULL },
		{ "a@example..net", NULL },
		{ "a@-example.net", NULL },
		{ "a\xff@example.net", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *got = sgp_protocol_canonical_address(cases[i].given);

		g_assert_cmpstr(got, ==, cases[i].canonical);
	}
}

static void test_b64u(void)
{
	static const char *const bad[] = { "A", "AB", "AAB", "AA=", "AA==", "A A", "+A", "/A",
		"A\n", "AAAAA" };

	for (gsize i = 0; i < 70; i++) {
		g_autofree guint8 *data = g_malloc0(i + 1);
		g_autofree char *text = NULL;
		g_autoptr(GBytes) back = NULL;

		memset(data, 0xfb, i);
		text = sgp_protocol_encode_b64u(data, i);
		back = sgp_protocol_decode_b64u(text);
		g_assert_nonnull(back);
		g_assert_cmpmem(data, i, g_bytes_get_data(back, NULL), g_bytes_get_size(back));
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_null(sgp_protocol_decode_b64u(bad[i]));
	g_assert_null(sgp_protocol_decode_b64u(NULL));
}

static void test_names(void)
{
	g_assert_true(sgp_protocol_is_uuid7("01890000-0000-7000-8000-000000000000"));
	g_assert_false(sgp_protocol_is_uuid7("01890000-0000-4000-8000-000000000000"));
	g_assert_false(sgp_protocol_is_uuid7("01890000-0000-7000-c000-000000000000"));
	g_assert_false(sgp_protocol_is_uuid7("01890000-0000-7000-8000-00000000000A"));
	g_assert_false(sgp_protocol_is_uuid7("01890000-0000-7000-8000-000000000000 "));
	g_assert_false(sgp_protocol_is_handle("0123"));
	g_assert_true(sgp_protocol_is_message_id("<a.b-c@d.example>"));
	g_assert_false(sgp_protocol_is_message_id("<a@b>\r\nX: y"));
	g_assert_false(sgp_protocol_is_message_id("<a@b> <c@d>"));
	g_assert_false(sgp_protocol_is_message_id("<ab>"));
}

static void test_problems(void)
{
	for (guint i = 0; i <= SGP_PROBLEM_BUSY; i++) {
		SgpProblem problem = (SgpProblem)i;

		g_assert_cmpint(sgp_problem_from_code(sgp_problem_get_code(problem)), ==, problem);
		g_assert_cmpuint(sgp_problem_get_status(problem), >=, 400);
	}
	g_assert_cmpint(sgp_problem_from_code("unheard-of"), ==, SGP_PROBLEM_INTERNAL);
	g_assert_cmpint(sgp_customer_state_from_word("unheard-of"), ==, SGP_CUSTOMER_UNKNOWN);
	g_assert_cmpint(sgp_customer_state_from_word("none"), ==, SGP_CUSTOMER_NONE);
}

static void test_json(void)
{
	static const char hidden[] = "{\"a\":1}\0{\"a\":2}";
	g_autoptr(JsonObject) object = sgp_protocol_parse_object("{\"a\":1,\"b\":\"x\"}", 15);
	gint64 number = 7;

	g_assert_nonnull(object);
	g_assert_true(sgp_protocol_get_integer(object, "a", &number));
	g_assert_cmpint(number, ==, 1);
	g_assert_false(sgp_protocol_get_integer(object, "b", &number));
	g_assert_null(sgp_protocol_get_text(object, "a"));
	g_assert_cmpstr(sgp_protocol_get_text(object, "b"), ==, "x");
	g_assert_true(sgp_protocol_is_null(object, "c"));
	g_assert_null(sgp_protocol_parse_object(hidden, sizeof hidden - 1));
	g_assert_null(sgp_protocol_parse_object("[]", 2));
	g_assert_null(sgp_protocol_parse_object("{\"a\":\"\xff\"}", 9));
	g_assert_null(sgp_protocol_parse_object("", 0));
}

static void test_json_of_strangers(void)
{
	static const char *const bad[] = { "{\"a\":1}{\"a\":2}", "1{\"a\":1}", "[1]{\"a\":1}",
		"{\"a\":1} x", "{\"a\":1}}", "}{", "{\"a\":1", "{\"a\":\"}", "{/* x */\"a\":1}",
		"{\"a\":1} // x", "{'a':1}", "{\"a\":'x'}", "{a:1}", "{\"a\":#x\n1}", "{\"a\":0x1}",
		"{\"a\":$1}" };
	static const char *const good[] = { " {\"a\":\"}{ // \\\"\"}\r\n", "{\"a\":[{},[]]}",
		"{}" };
	g_autoptr(GString) deep = g_string_new("{\"a\":");

	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
		g_assert_null(sgp_protocol_parse_object(bad[i], strlen(bad[i])));
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		JsonObject *object = sgp_protocol_parse_object(good[i], strlen(good[i]));

		g_assert_nonnull(object);
		json_object_unref(object);
	}
	while (deep->len < 1000 * 1000)
		g_string_append_c(deep, '[');
	g_assert_null(sgp_protocol_parse_object(deep->str, deep->len));
	/* What json-glib takes for a string must not hide the depth of what follows. */
	g_string_assign(deep, "{'\"':");
	for (guint i = 0; i < 1000; i++)
		g_string_append_c(deep, '[');
	for (guint i = 0; i < 1000; i++)
		g_string_append_c(deep, ']');
	g_string_append(deep, ",'\"':1}");
	g_assert_null(sgp_protocol_parse_object(deep->str, deep->len));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/protocol/an-address-has-one-canonical-form-or-none", test_addresses);
	g_test_add_func("/protocol/one-value-has-one-base64url-text", test_b64u);
	g_test_add_func("/protocol/names-have-one-form", test_names);
	g_test_add_func("/protocol/every-problem-has-its-own-code", test_problems);
	g_test_add_func("/protocol/a-body-is-one-json-object-and-nothing-behind-it", test_json);
	g_test_add_func("/protocol/no-body-is-two-objects-or-without-end", test_json_of_strangers);
	return g_test_run();
}
