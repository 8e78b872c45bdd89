/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-splitter.h"

static void add(SgpVerdict *verdict, const char *address, SgpField field, SgpChannel channel)
{
	g_autoptr(SgpAddress) parsed = sgp_address_new(address, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(parsed, field);
	one->action = SGP_ACTION_SEND;
	one->channel = channel;
	g_ptr_array_add(verdict->recipients, one);
}

/* One line per copy, so that a test reads as its expectation. */
static char *describe(const SgpVerdict *verdict, SgpChannel own_channel)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) plans = sgp_splitter_split(verdict, own_channel, &error);
	g_assert_no_error(error);
	GString *text = g_string_new(NULL);
	for (guint i = 0; i < plans->len; i++) {
		const SgpCopyPlan *plan = g_ptr_array_index(plans, i);
		g_string_append_printf(
			text, "%s%s:", i > 0 ? "; " : "", sgp_channel_get_nick(plan->channel));
		if (plan->is_sent_copy)
			g_string_append(text, " sent");
		for (guint n = 0; n < plan->recipients->len; n++) {
			const SgpRecipientVerdict *one = g_ptr_array_index(plan->recipients, n);
			g_string_append_printf(
				text, " %.1s", sgp_address_get_addr_spec(one->address));
		}
	}
	return g_string_free(text, FALSE);
}

static void test_mixed(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_OPENPGP);
	add(verdict, "b@x.example", SGP_FIELD_CC, SGP_CHANNEL_OPENPGP);
	add(verdict, "c@x.example", SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP);
	add(verdict, "d@x.example", SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP);
	add(verdict, "e@x.example", SGP_FIELD_TO, SGP_CHANNEL_PORTAL);
	add(verdict, "f@x.example", SGP_FIELD_BCC, SGP_CHANNEL_PORTAL);
	add(verdict, "g@x.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
	add(verdict, "h@x.example", SGP_FIELD_CC, SGP_CHANNEL_PLAIN);
	add(verdict, "i@x.example", SGP_FIELD_BCC, SGP_CHANNEL_PLAIN);
	g_autofree char *text = describe(verdict, SGP_CHANNEL_OPENPGP);
	g_assert_cmpstr(text, ==,
		"openpgp: a b; openpgp: c; openpgp: d; portal: e; portal: f; plain: g h; plain: i; "
		"openpgp: sent");
	g_autofree char *without = describe(verdict, SGP_CHANNEL_NONE);
	g_assert_false(g_str_has_suffix(without, "sent"));
}

static void test_two_protocols(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_SMIME);
	add(verdict, "b@x.example", SGP_FIELD_CC, SGP_CHANNEL_OPENPGP);
	add(verdict, "c@x.example", SGP_FIELD_CC, SGP_CHANNEL_SMIME);
	add(verdict, "d@x.example", SGP_FIELD_BCC, SGP_CHANNEL_SMIME);
	g_autofree char *text = describe(verdict, SGP_CHANNEL_SMIME);
	g_assert_cmpstr(text, ==, "smime: a c; openpgp: b; smime: d; smime: sent");
	g_autofree char *without = describe(verdict, SGP_CHANNEL_NONE);
	g_assert_cmpstr(without, ==, "smime: a c; openpgp: b; smime: d");
}

static void test_plain_only(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	verdict->class_effective = SGP_CONTENT_CLASS_GENERAL;
	add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
	g_autofree char *with = describe(verdict, SGP_CHANNEL_OPENPGP);
	g_assert_cmpstr(with, ==, "plain: a; plain: sent");
	g_autofree char *without = describe(verdict, SGP_CHANNEL_NONE);
	g_assert_cmpstr(without, ==, "plain: a; plain: sent");
}

static void test_protected_within(void)
{
	static const SgpContentClass CLASSES[] = { SGP_CONTENT_CLASS_UNKNOWN,
		SGP_CONTENT_CLASS_PERSONAL_INSURANCE, SGP_CONTENT_CLASS_HEALTH,
		SGP_CONTENT_CLASS_SECRECY_203 };
	for (gsize i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
		g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
		verdict->action = SGP_ACTION_SEND;
		verdict->class_effective = CLASSES[i];
		add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
		g_autofree char *with = describe(verdict, SGP_CHANNEL_OPENPGP);
		g_assert_cmpstr(with, ==, "plain: a; openpgp: sent");
		g_autofree char *without = describe(verdict, SGP_CHANNEL_NONE);
		g_assert_cmpstr(without, ==, "plain: a; plain: sent");
	}
}

static void test_transport(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_TRANSPORT);
	add(verdict, "b@x.example", SGP_FIELD_CC, SGP_CHANNEL_TRANSPORT);
	add(verdict, "c@x.example", SGP_FIELD_BCC, SGP_CHANNEL_TRANSPORT);
	add(verdict, "d@x.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
	g_autofree char *with = describe(verdict, SGP_CHANNEL_OPENPGP);
	g_assert_cmpstr(with, ==, "transport: a b; transport: c; plain: d; openpgp: sent");
	g_autofree char *without = describe(verdict, SGP_CHANNEL_NONE);
	g_assert_cmpstr(without, ==, "transport: a b; transport: c; plain: d; plain: sent");
	add(verdict, "e@x.example", SGP_FIELD_TO, SGP_CHANNEL_PORTAL);
	g_autofree char *mixed = describe(verdict, SGP_CHANNEL_NONE);
	g_assert_false(g_str_has_suffix(mixed, "sent"));
}

static void assert_refused(const SgpVerdict *verdict, SgpError code)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_splitter_split(verdict, SGP_CHANNEL_OPENPGP, &error));
	g_assert_error(error, SGP_ERROR, (int)code);
}

static void test_refused(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	assert_refused(verdict, SGP_ERROR_REFUSED); /* nobody */
	add(verdict, "a@x.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
	SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, 0);
	verdict->action = SGP_ACTION_ASK;
	assert_refused(verdict, SGP_ERROR_REFUSED);
	verdict->action = SGP_ACTION_SEND;
	one->action = SGP_ACTION_HOLD;
	assert_refused(verdict, SGP_ERROR_REFUSED);
	one->action = SGP_ACTION_SEND;
	static const SgpChannel NEVER[] = { SGP_CHANNEL_NONE };
	for (gsize i = 0; i < G_N_ELEMENTS(NEVER); i++) {
		one->channel = NEVER[i];
		assert_refused(verdict, SGP_ERROR_FAILED);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/splitter/the-visible-share-and-each-bcc-is-alone", test_mixed);
	g_test_add_func("/splitter/each-protocol-has-a-copy-of-its-own", test_two_protocols);
	g_test_add_func(
		"/splitter/a-mail-within-the-office-is-kept-as-it-was-sent", test_plain_only);
	g_test_add_func("/splitter/what-is-protected-is-kept-sealed-even-within-the-office",
		test_protected_within);
	g_test_add_func(
		"/splitter/transport-is-shared-as-mail-and-each-bcc-is-alone", test_transport);
	g_test_add_func("/splitter/what-is-not-decided-is-not-split", test_refused);
	return g_test_run();
}
