/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON that scripts and the composers read, and what an empty record says. */
#include <glib.h>
#include <json-glib/json-glib.h>

#include "sgp-verdict.h"

static SgpRecipientVerdict *add(
	SgpVerdict *verdict, const char *addr_spec, SgpField field, SgpChannel channel)
{
	g_autoptr(SgpAddress) address = sgp_address_new(addr_spec, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(address, field);
	one->action = SGP_ACTION_SEND;
	one->basis = SGP_BASIS_INQUIRY;
	one->basis_refusal = SGP_REFUSAL_NONE;
	one->channel = channel;
	one->channel_refusal = SGP_REFUSAL_NONE;
	g_ptr_array_add(verdict->recipients, one);
	return one;
}

static void test_zero_holds(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new("erika@kunde.example", NULL);
	g_ptr_array_add(verdict->recipients, sgp_recipient_verdict_new(address, SGP_FIELD_TO));
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
	g_assert_true(g_str_has_prefix(json, "{\"action\":\"hold\""));
	g_assert_nonnull(strstr(json, "\"refusal\":\"unknown\""));
	g_assert_nonnull(strstr(json, "\"copies\":[]"));
}

static void test_json(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	verdict->class_chosen = SGP_CONTENT_CLASS_GENERAL;
	verdict->class_found = verdict->class_effective = SGP_CONTENT_CLASS_HEALTH;
	g_ptr_array_add(verdict->class_because, g_strdup("Befund"));
	verdict->matter = g_strdup("SV-1");
	verdict->history_complete = TRUE;
	SgpRecipientVerdict *one =
		add(verdict, "erika@kunde.example", SGP_FIELD_TO, SGP_CHANNEL_OPENPGP);
	one->evidence_message_id = g_strdup("m1@kunde.example");
	one->evidence_subject = g_strdup("Police");
	one->evidence_date = 1795504380;
	one->evidence_authenticated = TRUE;
	g_ptr_array_add(one->all_bases, g_strdup("inquiry"));
	g_ptr_array_add(
		one->keys, sgp_key_new(SGP_CHANNEL_OPENPGP, "ABCD", SGP_KEY_STATE_USABLE, NULL));
	g_ptr_array_add(one->not_stronger,
		sgp_not_stronger_new(SGP_CHANNEL_OPENPGP, "1234", "expired", "2021-01-21"));
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_cmpstr(json, ==,
		"{\"action\":\"send\",\"class\":{\"chosen\":\"general\",\"found\":\"health\","
		"\"effective\":\"health\",\"because\":[\"Befund\"],\"unread\":[]},\"matter\":\"SV-"
		"1\","
		"\"recipients\":["
		"{\"address\":\"erika@kunde.example\",\"field\":\"to\",\"action\":\"send\","
		"\"basis\":{"
		"\"kind\":\"inquiry\",\"refusal\":null,\"all\":[\"inquiry\"],\"inquiries\":[],"
		"\"evidence\":{\"message_id\":\"m1@kunde.example\",\"subject\":\"Police\",\"date\":"
		"\"2026-11-24T07:13:"
		"00Z\","
		"\"authenticated\":true,\"entry\":null},\"sentence\":null,\"objection\":null,"
		"\"remedies\":[],\"offers\":[]},"
		"\"channel\":{\"kind\":\"openpgp\",\"refusal\":null,\"keys\":[\"ABCD\"],\"not_"
		"stronger\":["
		"{\"channel\":\"openpgp\",\"key\":\"1234\",\"reason\":\"expired\",\"detail\":"
		"\"2021-01-21\"}],"
		"\"invitation\":false}}],\"questions\":[],\"copies\":[{\"channel\":\"openpgp\","
		"\"recipients\":[\"erika@kunde.example\"]}],\"needs\":[],\"history_complete\":"
		"true}");
}

static void test_question_id(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	SgpQuestion *question = sgp_question_new("opt-out-unclear", "Per Post?", "a@kunde.example");
	g_ptr_array_add(verdict->questions, question);
	g_autoptr(GPtrArray) others = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(others, sgp_question_dup_id("opt-out-unclear", NULL, "a@kunde.example"));
	g_ptr_array_add(others, sgp_question_dup_id("opt-out-unclear", "", "a@kunde.example"));
	g_ptr_array_add(others, sgp_question_dup_id("opt-out-unclear", "Per Post?", NULL));
	g_ptr_array_add(
		others, sgp_question_dup_id("opt-out-unclear", "Per Post?", "b@kunde.example"));
	g_ptr_array_add(others, sgp_question_dup_id("opted-out", "Per Post?", "a@kunde.example"));
	for (guint i = 0; i < others->len; i++)
		g_assert_cmpstr(question->id, !=, g_ptr_array_index(others, i));
	g_autofree char *same =
		sgp_question_dup_id("opt-out-unclear", "Per Post?", "a@kunde.example");
	g_assert_cmpstr(question->id, ==, same);
	g_assert_true(g_str_has_prefix(same, "opt-out-unclear:"));
	g_assert_cmpuint(strlen(same), ==, strlen("opt-out-unclear:") + 16);
	g_autofree char *expected = g_strdup_printf("\"questions\":[{\"id\":\"%s\",", same);
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_nonnull(strstr(json, expected));
}

static void test_all_inquiries(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	SgpRecipientVerdict *one =
		add(verdict, "erika@kunde.example", SGP_FIELD_TO, SGP_CHANNEL_PLAIN);
	one->evidence_message_id = g_strdup("m2@kunde.example");
	g_ptr_array_add(one->all_bases, g_strdup("inquiry"));
	g_ptr_array_add(one->all_bases, g_strdup("agreement"));
	g_ptr_array_add(one->all_inquiries, g_strdup("m2@kunde.example"));
	g_ptr_array_add(one->all_inquiries, g_strdup("m1@kunde.example"));
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_nonnull(
		strstr(json, "\"all\":[\"inquiry\",\"agreement\",\"inquiry:m1@kunde.example\"],"));
}

static void test_offers(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	SgpRecipientVerdict *one =
		add(verdict, "erika@kunde.example", SGP_FIELD_TO, SGP_CHANNEL_NONE);
	g_ptr_array_add(one->remedies, g_strdup("reply-to:m1@kunde.example"));
	g_ptr_array_add(one->offers,
		sgp_inquiry_offer_new("m1@kunde.example", "Angebot \"Hausrat\"", 1795504380));
	g_ptr_array_add(one->offers, sgp_inquiry_offer_new("m2@kunde.example", NULL, 0));
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_nonnull(strstr(json,
		"\"remedies\":[\"reply-to:m1@kunde.example\"],\"offers\":["
		"{\"message_id\":\"m1@kunde.example\",\"subject\":\"Angebot \\\"Hausrat\\\"\","
		"\"date\":\"2026-11-24T07:13:00Z\"},"
		"{\"message_id\":\"m2@kunde.example\",\"subject\":null,\"date\":null}]"));
}

static char *dup_copies(const SgpVerdict *verdict)
{
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_autoptr(JsonNode) root = json_from_string(json, NULL);
	return json_to_string(json_object_get_member(json_node_get_object(root), "copies"), FALSE);
}

static void test_copies(void)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	verdict->action = SGP_ACTION_SEND;
	add(verdict, "a@kunde.example", SGP_FIELD_TO, SGP_CHANNEL_OPENPGP);
	add(verdict, "b@kunde.example", SGP_FIELD_TO, SGP_CHANNEL_PORTAL);
	add(verdict, "c@kunde.example", SGP_FIELD_CC, SGP_CHANNEL_OPENPGP);
	add(verdict, "d@kunde.example", SGP_FIELD_CC, SGP_CHANNEL_PORTAL);
	add(verdict, "e@kunde.example", SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP);
	add(verdict, "f@kunde.example", SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP);
	add(verdict, "g@office.example", SGP_FIELD_CC, SGP_CHANNEL_PLAIN);
	g_autofree char *copies = dup_copies(verdict);
	g_assert_cmpstr(copies, ==,
		"[{\"channel\":\"openpgp\",\"recipients\":[\"a@kunde.example\",\"c@kunde.example\"]"
		"},"
		"{\"channel\":\"portal\",\"recipients\":[\"b@kunde.example\"]},"
		"{\"channel\":\"portal\",\"recipients\":[\"d@kunde.example\"]},"
		"{\"channel\":\"openpgp\",\"recipients\":[\"e@kunde.example\"]},"
		"{\"channel\":\"openpgp\",\"recipients\":[\"f@kunde.example\"]},"
		"{\"channel\":\"plain\",\"recipients\":[\"g@office.example\"]}]");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func(
		"/verdict/the-other-inquiries-are-named-beside-the-evidence", test_all_inquiries);
	g_test_add_func("/verdict/a-record-that-nobody-filled-in-holds", test_zero_holds);
	g_test_add_func("/verdict/the-json-is-the-contract", test_json);
	g_test_add_func("/verdict/an-answer-is-bound-to-its-question", test_question_id);
	g_test_add_func("/verdict/an-inquiry-to-answer-has-subject-and-date", test_offers);
	g_test_add_func(
		"/verdict/visible-recipients-share-and-everybody-else-is-alone", test_copies);
	return g_test_run();
}
