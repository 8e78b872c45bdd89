/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judgements age: what an older reading said is not the last word where the mail can be read again.
 */
#include "sgp-facts.h"
#include "sgp-history.h"
#include "sgp-store-private.h"
#include "state-fixture.h"

#define NOW   ((gint64)1795504380)
#define DAY   ((gint64)86400)
#define ERIKA "erika@kunde.example"

typedef struct {
	State state;
	SgpHistory *history;
	GPtrArray *needs; /* of the last question */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->history = sgp_history_new(fixture->state.store, fixture->state.settings);
	fixture->needs = g_ptr_array_new_with_free_func(g_free);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_ptr_array_unref(fixture->needs);
	g_clear_object(&fixture->history);
	state_teardown(&fixture->state, data);
}

static SgpMail *new_mail(const char *from, const char *text)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_unref(mail->from);
	mail->from = sgp_address_parse_list(from, NULL);
	mail->message_id = g_strdup("a");
	g_free(mail->text);
	mail->text = g_strdup(text);
	mail->date = NOW - DAY;
	return mail;
}

/* A mail program names it, and hands its bytes over. */
static void feed(Fixture *fixture, const char *from)
{
	g_autoptr(GError) error = NULL;
	SgpSummary summary = {
		.id = sgp_history_hash_message_id("a"), .from = from, .date = NOW - DAY, .uid = "1"
	};
	sgp_history_add_summaries(
		fixture->history, "inbox", SGP_FOLDER_ROLE_MAIL, &summary, 1, &error);
	g_assert_no_error(error);
}

static void judge(Fixture *fixture, SgpMail *taken)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = taken;
	sgp_history_judge(fixture->history, "inbox", "1", mail, &error);
	g_assert_no_error(error);
}

/* "history add" */
static void add(Fixture *fixture, SgpMail *taken)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = taken;
	sgp_history_add_mail(fixture->history, "file:", SGP_FOLDER_ROLE_MAIL, "1", mail, &error);
	g_assert_no_error(error);
}

static void pretend(Fixture *fixture, const char *sql)
{
	g_autoptr(GError) error = NULL;
	sgp_store_lock(fixture->state.store);
	sgp_store_exec(fixture->state.store, sql, &error);
	sgp_store_unlock(fixture->state.store);
	g_assert_no_error(error);
}

static SgpMessageFact *lookup_one(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	static const char *const addresses[] = { ERIKA, NULL };
	guint64 id = sgp_history_hash_message_id("a");
	g_ptr_array_set_size(fixture->needs, 0);
	g_autoptr(GPtrArray) facts = sgp_history_lookup_conversation(
		fixture->history, &id, 1, addresses, fixture->needs, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(facts->len, ==, 1);
	return g_ptr_array_steal_index(facts, 0);
}

static void assert_opt_out(Fixture *fixture, SgpOptOut expected)
{
	SgpMessageFact *fact = lookup_one(fixture);
	g_assert_true(fact->is_judged);
	g_assert_cmpint(fact->opt_out, ==, expected);
	g_assert_cmpuint(fixture->needs->len, ==, 0);
	sgp_message_fact_free(fact);
}

static void test_older_reading(Fixture *fixture, gconstpointer data)
{
	feed(fixture, ERIKA);
	judge(fixture, new_mail(ERIKA, "Bitte nicht per E-Mail antworten."));
	assert_opt_out(fixture, SGP_OPT_OUT_OPTED_OUT);
	/* It had found nothing. */
	pretend(fixture, "UPDATE judgement SET version = version - 1, opt_out = 1");
	SgpMessageFact *old = lookup_one(fixture);
	g_assert_false(old->is_judged);
	g_assert_cmpuint(fixture->needs->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 0), ==, "inbox#1");
	sgp_message_fact_free(old);
	judge(fixture, new_mail(ERIKA, "Bitte nicht per E-Mail antworten."));
	assert_opt_out(fixture, SGP_OPT_OUT_OPTED_OUT);
}

static void test_added_mail(Fixture *fixture, gconstpointer data)
{
	add(fixture, new_mail(ERIKA, "Bitte nicht per E-Mail antworten."));
	pretend(fixture, "UPDATE judgement SET version = 0");
	assert_opt_out(fixture, SGP_OPT_OUT_OPTED_OUT);
	/* Adding it again reads it again. */
	pretend(fixture, "UPDATE judgement SET opt_out = 1");
	add(fixture, new_mail(ERIKA, "Bitte nicht per E-Mail antworten."));
	assert_opt_out(fixture, SGP_OPT_OUT_OPTED_OUT);
}

static void test_newer_reading(Fixture *fixture, gconstpointer data)
{
	add(fixture, new_mail(ERIKA, "Hallo"));
	assert_opt_out(fixture, SGP_OPT_OUT_NONE);
	pretend(fixture, "UPDATE judgement SET version = 1000000, opt_out = 4");
	add(fixture, new_mail(ERIKA, "Hallo"));
	assert_opt_out(fixture, SGP_OPT_OUT_OPTED_OUT);
}

static void test_several_authors(Fixture *fixture, gconstpointer data)
{
	feed(fixture, ERIKA ", max@kunde.example");
	SgpMessageFact *unread = lookup_one(fixture);
	g_assert_false(unread->is_judged);
	g_assert_cmpuint(fixture->needs->len, ==, 1);
	sgp_message_fact_free(unread);
	judge(fixture, new_mail(ERIKA ", max@kunde.example", "Bitte nicht per E-Mail."));
	SgpMessageFact *fact = lookup_one(fixture);
	g_assert_null(fact->author);
	g_assert_true(g_strv_contains((const char *const *)fact->authors, ERIKA));
	g_assert_cmpuint(g_strv_length(fact->authors), ==, 2);
	g_assert_cmpuint(fixture->needs->len, ==, 0);
	sgp_message_fact_free(fact);
}

#define ADD(path, function)                                                                        \
	g_test_add("/history-judge/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-judgement-of-an-older-reading-is-made-again", test_older_reading);
	ADD("a-judgement-without-its-mail-stays", test_added_mail);
	ADD("an-older-program-replaces-no-newer-judgement", test_newer_reading);
	ADD("a-mail-of-several-authors-is-read", test_several_authors);
	return g_test_run();
}
