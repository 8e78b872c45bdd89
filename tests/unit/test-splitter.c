/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-splitter.h"

/* A mail that may go: "To openpgp a" for each recipient, whose first letter names the address. */
static SgpVerdict *verdict_for(const char *const *recipients)
{
	SgpVerdict *verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	for (gsize i = 0; recipients[i] != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(recipients[i], " ", 3);
		g_autofree char *text = g_strconcat(words[2], "@x.example", NULL);
		g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
		SgpRecipientVerdict *one =
			sgp_recipient_verdict_new(address, words[0][0] == 'T'   ? SGP_FIELD_TO
							   : words[0][0] == 'C' ? SGP_FIELD_CC
										: SGP_FIELD_BCC);
		one->action = SGP_ACTION_SEND;
		g_assert_true(sgp_channel_from_nick(words[1], &one->channel));
		g_ptr_array_add(verdict->recipients, one);
	}
	return verdict;
}

#define VERDICT_FOR(...) verdict_for((const char *const[]){ __VA_ARGS__, NULL })

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

static void assert_split(const SgpVerdict *verdict, SgpChannel own_channel, const char *expected)
{
	g_autofree char *text = describe(verdict, own_channel);
	g_assert_cmpstr(text, ==, expected);
}

static void test_mixed(void)
{
	g_autoptr(SgpVerdict) verdict =
		VERDICT_FOR("To openpgp a", "Cc openpgp b", "Bcc openpgp c", "Bcc openpgp d",
			"To portal e", "Bcc portal f", "To plain g", "Cc plain h", "Bcc plain i");
	assert_split(verdict, SGP_CHANNEL_OPENPGP,
		"openpgp: a b; openpgp: c; openpgp: d; portal: e; portal: f; plain: g h; plain: i; "
		"openpgp: sent");
	assert_split(verdict, SGP_CHANNEL_NONE,
		"openpgp: a b; openpgp: c; openpgp: d; portal: e; portal: f; plain: g h; plain: i");
}

static void test_two_protocols(void)
{
	g_autoptr(SgpVerdict) verdict =
		VERDICT_FOR("To smime a", "Cc openpgp b", "Cc smime c", "Bcc smime d");
	assert_split(verdict, SGP_CHANNEL_SMIME, "smime: a c; openpgp: b; smime: d; smime: sent");
	assert_split(verdict, SGP_CHANNEL_NONE, "smime: a c; openpgp: b; smime: d");
}

static void test_plain_only(void)
{
	g_autoptr(SgpVerdict) verdict = VERDICT_FOR("To plain a");
	verdict->class_effective = SGP_CONTENT_CLASS_GENERAL;
	assert_split(verdict, SGP_CHANNEL_OPENPGP, "plain: a; plain: sent");
	assert_split(verdict, SGP_CHANNEL_NONE, "plain: a; plain: sent");
}

static void test_protected_within(void)
{
	static const SgpContentClass CLASSES[] = { SGP_CONTENT_CLASS_UNKNOWN,
		SGP_CONTENT_CLASS_PERSONAL_INSURANCE, SGP_CONTENT_CLASS_HEALTH,
		SGP_CONTENT_CLASS_SECRECY_203 };
	for (gsize i = 0; i < G_N_ELEMENTS(CLASSES); i++) {
		g_autoptr(SgpVerdict) verdict = VERDICT_FOR("To plain a");
		verdict->class_effective = CLASSES[i];
		assert_split(verdict, SGP_CHANNEL_OPENPGP, "plain: a; openpgp: sent");
		assert_split(verdict, SGP_CHANNEL_NONE, "plain: a; plain: sent");
	}
}

static void test_transport(void)
{
	g_autoptr(SgpVerdict) verdict =
		VERDICT_FOR("To transport a", "Cc transport b", "Bcc transport c", "To plain d");
	assert_split(verdict, SGP_CHANNEL_OPENPGP,
		"transport: a b; transport: c; plain: d; openpgp: sent");
	assert_split(
		verdict, SGP_CHANNEL_NONE, "transport: a b; transport: c; plain: d; plain: sent");
	g_autoptr(SgpVerdict) mixed = VERDICT_FOR(
		"To transport a", "Cc transport b", "Bcc transport c", "To plain d", "To portal e");
	assert_split(mixed, SGP_CHANNEL_NONE, "transport: a b; transport: c; plain: d; portal: e");
}

static void assert_refused(const SgpVerdict *verdict, SgpError code)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_splitter_split(verdict, SGP_CHANNEL_OPENPGP, &error));
	g_assert_error(error, SGP_ERROR, (int)code);
}

static void test_refused(void)
{
	g_autoptr(SgpVerdict) nobody = sgp_verdict_new();
	nobody->action = SGP_ACTION_SEND;
	assert_refused(nobody, SGP_ERROR_REFUSED);
	g_autoptr(SgpVerdict) verdict = VERDICT_FOR("To plain a");
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
