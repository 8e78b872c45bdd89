/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The index: what belongs together, what is a copy of what, what must be read before anybody
 * decides. */
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-history.h"
#include "state-fixture.h"

#define NOW   ((gint64)1795504380)
#define DAY   ((gint64)86400)
#define ERIKA "erika@kunde.example"
#define ANNA  "anna@office.example"

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

static void feed(Fixture *fixture, const char *folder, SgpFolderRole role, const char *uid,
	const char *from, const char *message_id, const char *references)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_auto(GStrv) split = g_strsplit(references, " ", -1);
	for (guint i = 0; split[i] != NULL && *references != '\0'; i++) {
		guint64 id = sgp_history_hash_message_id(split[i]);
		g_array_append_val(ids, id);
	}
	SgpSummary summary = { .id = sgp_history_hash_message_id(message_id),
		.references = (guint64 *)(gpointer)ids->data,
		.n_references = ids->len,
		.from = from,
		.subject = "Schaden",
		.date = NOW - DAY,
		.received = NOW - DAY,
		.uid = uid };
	g_assert_true(
		sgp_history_add_summaries(fixture->history, folder, role, &summary, 1, &error));
	g_assert_no_error(error);
}

static void inbox(Fixture *fixture, const char *uid, const char *from, const char *message_id,
	const char *references)
{
	feed(fixture, "inbox", SGP_FOLDER_ROLE_MAIL, uid, from, message_id, references);
}

static SgpMail *new_mail(const char *from, const char *message_id, const char *text)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_unref(mail->from);
	mail->from = sgp_address_parse_list(from, NULL);
	mail->message_id = g_strdup(message_id);
	g_free(mail->text);
	mail->text = g_strdup(text);
	g_free(mail->subject);
	mail->subject = g_strdup("Schaden");
	mail->date = NOW - DAY;
	return mail;
}

static void judge(Fixture *fixture, const char *folder, const char *uid, SgpMail *taken)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = taken;
	sgp_history_judge(fixture->history, folder, uid, mail, &error);
	g_assert_no_error(error);
}

/* The messages of the conversation that a reply to message_id continues, for a mail to ERIKA. */
static GPtrArray *lookup(Fixture *fixture, const char *message_id)
{
	g_autoptr(GError) error = NULL;
	static const char *const addresses[] = { ERIKA, NULL };
	guint64 id = sgp_history_hash_message_id(message_id);
	g_ptr_array_set_size(fixture->needs, 0);
	GPtrArray *facts = sgp_history_lookup_conversation(
		fixture->history, &id, 1, addresses, fixture->needs, NULL, &error);
	g_assert_no_error(error);
	return facts;
}

static void assert_linked(Fixture *fixture, const char *from, guint expected)
{
	g_autoptr(GPtrArray) facts = lookup(fixture, from);
	g_assert_cmpuint(facts->len, ==, expected);
}

/* --- The hash --- */

static void test_hash(void)
{
	/* printf 'm1@kunde.example' | md5sum */
	g_assert_cmphex(sgp_history_hash_message_id("m1@kunde.example"), ==, 0xe9a70bebd2d01476);
	g_assert_cmphex(sgp_history_hash_message_id("<m1@kunde.example>"), ==, 0xe9a70bebd2d01476);
}

/* --- Conversations --- */

static void test_both_ways(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	feed(fixture, "sent", SGP_FOLDER_ROLE_SENT, "1", ANNA, "b", "a");
	inbox(fixture, "2", ERIKA, "c", "a b");
	assert_linked(fixture, "a", 2);
	assert_linked(fixture, "b", 2);
	assert_linked(fixture, "c", 2);
	assert_linked(fixture, "x", 0);
}

static void test_any_order(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "3", ERIKA, "d", "c");
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", ERIKA, "b", "a");
	assert_linked(fixture, "a", 2);
	inbox(fixture, "4", ERIKA, "c", "b");
	assert_linked(fixture, "a", 4);
	assert_linked(fixture, "d", 4);
}

static void test_ghosts(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "never-seen");
	inbox(fixture, "2", ERIKA, "b", "never-seen");
	assert_linked(fixture, "never-seen", 2);
	assert_linked(fixture, "a", 2);
}

static void test_loops(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "b a");
	inbox(fixture, "2", ERIKA, "b", "c b");
	inbox(fixture, "3", ERIKA, "c", "a c c");
	assert_linked(fixture, "b", 3);
}

static void test_strangers(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", ERIKA, "b", ""); /* the same subject links nothing */
	assert_linked(fixture, "a", 1);
}

static void test_long(Fixture *fixture, gconstpointer data)
{
	for (int i = 0; i < 500; i++) {
		g_autofree char *uid = g_strdup_printf("%d", i);
		g_autofree char *id = g_strdup_printf("m%d", i);
		g_autofree char *reference = g_strdup_printf("m%d", i + 1);
		inbox(fixture, uid, ERIKA, id, reference);
	}
	assert_linked(fixture, "m250", 500);
}

/* --- Copies --- */

static void test_idempotent(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "1", ERIKA, "a", "");
	feed(fixture, "archive", SGP_FOLDER_ROLE_MAIL, "9", ERIKA, "a", "");
	g_assert_cmpuint(sgp_history_count(fixture->history), ==, 1);
	assert_linked(fixture, "a", 1);
}

static void test_many_at_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree SgpSummary *many = g_new0(SgpSummary, 2500);
	g_autoptr(GPtrArray) uids = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < 2500; i++) {
		char *uid = g_strdup_printf("%u", i);
		g_ptr_array_add(uids, uid);
		many[i] = (SgpSummary){ .id = sgp_history_hash_message_id(uid),
			.from = ERIKA,
			.date = NOW,
			.uid = uid };
	}
	g_assert_true(sgp_history_add_summaries(
		fixture->history, "inbox", SGP_FOLDER_ROLE_MAIL, many, 2500, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(sgp_history_count(fixture->history), ==, 2500);
	g_assert_true(sgp_history_add_summaries(
		fixture->history, "empty", SGP_FOLDER_ROLE_MAIL, NULL, 0, &error));
	g_assert_no_error(error);
}

static void test_one_good_copy(Fixture *fixture, gconstpointer data)
{
	feed(fixture, "trash", SGP_FOLDER_ROLE_TRASH, "1", ERIKA, "a", "");
	g_autoptr(GPtrArray) trashed = lookup(fixture, "a");
	g_assert_false(((SgpMessageFact *)g_ptr_array_index(trashed, 0))->is_received);
	inbox(fixture, "1", ERIKA, "a", "");
	g_autoptr(GPtrArray) both = lookup(fixture, "a");
	g_assert_true(((SgpMessageFact *)g_ptr_array_index(both, 0))->is_received);
}

static void test_own_folders(Fixture *fixture, gconstpointer data)
{
	static const SgpFolderRole roles[] = { SGP_FOLDER_ROLE_SENT, SGP_FOLDER_ROLE_DRAFTS,
		SGP_FOLDER_ROLE_OUTBOX, SGP_FOLDER_ROLE_UNKNOWN };
	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++) {
		g_autofree char *folder = g_strdup_printf("folder-%u", roles[i]);
		feed(fixture, folder, roles[i], "1", ERIKA, "a", "");
	}
	assert_linked(fixture, "a", 0);
}

static void test_same_message_id(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", "evil@evil.example", "a", "");
	inbox(fixture, "2", ERIKA, "a", "");
	inbox(fixture, "3", "x@evil.example", "a", "");
	judge(fixture, "inbox", "2", new_mail(ERIKA, "a", "Wann kommt das Geld?"));
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	guint n_hers = 0;
	for (guint i = 0; i < facts->len; i++) {
		const SgpMessageFact *fact = g_ptr_array_index(facts, i);
		n_hers += fact->is_judged && g_str_equal(fact->author, ERIKA);
	}
	g_assert_cmpuint(n_hers, ==, 1);
	g_assert_cmpuint(facts->len, ==, 3);
}

static void test_remove(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	static const char *const uids[] = { "2", "77", NULL };
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", ERIKA, "b", "a");
	inbox(fixture, "3", ERIKA, "c", "b");
	judge(fixture, "inbox", "2", new_mail(ERIKA, "b", "Hallo"));
	g_assert_true(sgp_history_remove(fixture->history, "inbox", uids, &error));
	g_assert_no_error(error);
	assert_linked(fixture, "a", 2); /* still linked through what is known by reference only */
	g_assert_cmpuint(sgp_history_count(fixture->history), ==, 2);
	inbox(fixture, "2", ERIKA, "x", ""); /* a uid that is used again is not judged */
	g_autoptr(GPtrArray) facts = lookup(fixture, "x");
	g_assert_false(((SgpMessageFact *)g_ptr_array_index(facts, 0))->is_judged);
}

static void test_reused_uid(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	inbox(fixture, "1", ERIKA, "b", "");
	g_autoptr(GPtrArray) facts = lookup(fixture, "b");
	g_assert_cmpuint(facts->len, ==, 1);
	g_assert_false(((SgpMessageFact *)g_ptr_array_index(facts, 0))->is_judged);
}

/* --- Folders --- */

static void test_complete(Fixture *fixture, gconstpointer data)
{
	static const char *const folders[] = { "inbox", "sent", NULL };
	g_assert_true(sgp_history_is_complete(fixture->history)); /* no host */
	g_assert_true(sgp_history_set_folders(fixture->history, folders, NULL));
	g_assert_false(sgp_history_is_complete(fixture->history));
	sgp_history_set_folder_complete(fixture->history, "inbox", TRUE, NULL);
	g_assert_false(sgp_history_is_complete(fixture->history));
	sgp_history_set_folder_complete(fixture->history, "sent", TRUE, NULL);
	g_assert_true(sgp_history_is_complete(fixture->history));
	inbox(fixture, "1", ERIKA, "a", "");
	g_assert_true(sgp_history_is_complete(fixture->history));
	sgp_history_set_folder_complete(fixture->history, "inbox", FALSE, NULL);
	g_assert_false(sgp_history_is_complete(fixture->history));
}

static void test_forgotten_folder(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	static const char *const folders[] = { "inbox", NULL };
	inbox(fixture, "1", ERIKA, "a", "");
	feed(fixture, "old", SGP_FOLDER_ROLE_MAIL, "1", ERIKA, "b", "a");
	g_autoptr(SgpMail) added = new_mail(ERIKA, "c", "Hallo");
	g_ptr_array_add(added->references, g_strdup("a"));
	sgp_history_add_mail(fixture->history, "/mail", SGP_FOLDER_ROLE_MAIL, "1", added, &error);
	g_assert_no_error(error);
	assert_linked(fixture, "a", 3);
	g_assert_true(sgp_history_set_folders(fixture->history, folders, &error));
	g_assert_no_error(error);
	assert_linked(fixture, "a", 2); /* what "history add" gave stays */
}

/* --- Needs and judgements --- */

static void test_needs(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", "max@other.example", "b", "a");
	inbox(fixture, "3", "colleague@kunde.example", "c", "a");
	feed(fixture, "sent", SGP_FOLDER_ROLE_SENT, "1", ANNA, "d", "a");
	feed(fixture, "junk", SGP_FOLDER_ROLE_JUNK, "1", ERIKA, "e", "a");
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	g_assert_nonnull(facts);
	g_assert_cmpuint(fixture->needs->len, ==, 3);
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 0), ==, "inbox#1");
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 1), ==, "inbox#3");
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 2), ==, "junk#1");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	g_autoptr(GPtrArray) again = lookup(fixture, "a");
	g_assert_nonnull(again);
	g_assert_cmpuint(fixture->needs->len, ==, 2);
}

static void test_needs_one_copy(Fixture *fixture, gconstpointer data)
{
	feed(fixture, "trash", SGP_FOLDER_ROLE_TRASH, "5", ERIKA, "a", "");
	inbox(fixture, "1", ERIKA, "a", "");
	feed(fixture, "archive", SGP_FOLDER_ROLE_MAIL, "9", ERIKA, "a", "");
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	g_assert_nonnull(facts);
	g_assert_cmpuint(fixture->needs->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 0), !=, "trash#5");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	g_autoptr(GPtrArray) judged = lookup(fixture, "a");
	g_assert_cmpuint(fixture->needs->len, ==, 0);
	g_assert_cmpuint(judged->len, ==, 1);
}

/* A copy that turned out forged does not speak for another one. */
static void test_forged_copy(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", ERIKA, "a", "");
	SgpMail *forged = new_mail(ERIKA, "a", "Hallo");
	g_ptr_array_add(forged->headers, g_strdup("Authentication-Results"));
	g_ptr_array_add(forged->headers, g_strdup("mx.office.example; dmarc=fail"));
	judge(fixture, "inbox", "1", forged);
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	g_assert_nonnull(facts);
	g_assert_cmpuint(fixture->needs->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 0), ==, "inbox#2");
	judge(fixture, "inbox", "2", new_mail(ERIKA, "a", "Hallo"));
	g_autoptr(GPtrArray) both = lookup(fixture, "a");
	g_assert_cmpuint(fixture->needs->len, ==, 0);
	g_assert_cmpuint(both->len, ==, 2);
}

static void test_judgement(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", ERIKA, "a", "");
	SgpMail *mail =
		new_mail("Erika <Erika@kunde.example>", "a", "Bitte nicht per E-Mail antworten.");
	g_ptr_array_add(mail->reply_to, sgp_address_new("max@kunde.example", NULL));
	g_ptr_array_add(mail->headers, g_strdup("Authentication-Results"));
	g_ptr_array_add(mail->headers, g_strdup("mx.office.example; dmarc=pass"));
	judge(fixture, "inbox", "1", mail);
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	const SgpMessageFact *fact = g_ptr_array_index(facts, 0);
	g_assert_true(fact->is_judged);
	g_assert_cmpint(fact->opt_out, ==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpstr(fact->sentence, ==, "Bitte nicht per E-Mail antworten.");
	g_assert_cmpstr(fact->message_id, ==, "a");
	g_assert_cmpstr(fact->author, ==, ERIKA);
	g_assert_cmpstr(fact->reply_to[0], ==, "max@kunde.example");
	g_assert_cmpint(fact->authentication, ==, SGP_AUTHENTICATION_PASS);
	g_assert_cmpint(fact->date, ==, NOW - DAY);
	g_autofree char *json = sgp_history_search_json(fixture->history, NULL, "<a>", NULL, NULL);
	g_assert_nonnull(strstr(json, "\"opt_out\":\"opted-out\""));
}

/* Settings change; what was read does not have to be read again. */
static void test_trust_changes(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", "form@kunde.example", "a", "");
	SgpMail *mail = new_mail("form@kunde.example", "a", "Hallo");
	g_ptr_array_add(mail->headers, g_strdup("Auto-Submitted"));
	g_ptr_array_add(mail->headers, g_strdup("auto-generated"));
	g_ptr_array_add(mail->headers, g_strdup("Authentication-Results"));
	g_ptr_array_add(mail->headers, g_strdup("mx.new.example; dmarc=fail"));
	judge(fixture, "inbox", "1", mail);
	g_autoptr(GPtrArray) before = lookup(fixture, "a");
	const SgpMessageFact *was = g_ptr_array_index(before, 0);
	g_assert_cmpstr(was->not_personal, ==, "auto-submitted");
	g_assert_cmpint(was->authentication, ==, SGP_AUTHENTICATION_UNKNOWN);
	state_set(&fixture->state, "inquiry-relays", "['form@kunde.example']");
	state_set(&fixture->state, "authserv-ids", "['mx.new.example']");
	g_autoptr(GPtrArray) after = lookup(fixture, "a");
	const SgpMessageFact *is = g_ptr_array_index(after, 0);
	g_assert_cmpstr(is->not_personal, ==, NULL);
	g_assert_cmpint(is->authentication, ==, SGP_AUTHENTICATION_FAIL);
}

static void test_judge_unknown(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail(ERIKA, "a", "Hallo");
	g_assert_false(sgp_history_judge(fixture->history, "inbox", "1", mail, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
}

/* The summary was wrong about the author: the bytes are right. */
static void test_judge_corrects(Fixture *fixture, gconstpointer data)
{
	inbox(fixture, "1", "max@kunde.example", "a", "");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	g_autoptr(GPtrArray) facts = lookup(fixture, "a");
	g_assert_cmpuint(facts->len, ==, 1);
	g_assert_cmpstr(((SgpMessageFact *)g_ptr_array_index(facts, 0))->author, ==, ERIKA);
	g_assert_cmpuint(sgp_history_count(fixture->history), ==, 1);
}

static void test_recent(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	inbox(fixture, "1", ERIKA, "a", "");
	inbox(fixture, "2", ERIKA, "b", "");
	inbox(fixture, "3", ERIKA, "c", "");
	inbox(fixture, "4", "max@kunde.example", "d", "");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	judge(fixture, "inbox", "2", new_mail(ERIKA, "b", "Bitte nicht per E-Mail antworten."));
	g_autoptr(GPtrArray) recent = sgp_history_lookup_recent_inquiries(
		fixture->history, ERIKA, NOW - 90 * DAY, NOW, fixture->needs, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(recent->len, ==, 1);
	const SgpInquiryOffer *offer = g_ptr_array_index(recent, 0);
	g_assert_cmpstr(offer->message_id, ==, "a");
	g_assert_cmpstr(offer->subject, ==, "Schaden");
	g_assert_cmpint(offer->date, ==, NOW - DAY);
	g_assert_cmpuint(fixture->needs->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(fixture->needs, 0), ==, "inbox#3");
	g_autoptr(GPtrArray) none = sgp_history_lookup_recent_inquiries(
		fixture->history, ERIKA, NOW, NOW + DAY, NULL, &error);
	g_assert_cmpuint(none->len, ==, 0);
}

static void test_search(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	inbox(fixture, "1", ERIKA, "a", "z");
	g_autofree char *from = sgp_history_search_json(
		fixture->history, "Erika@kunde.example", NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(from, "\"uid\":\"1\""));
	g_autofree char *conversation =
		sgp_history_search_json(fixture->history, NULL, NULL, "<z>", &error);
	g_assert_nonnull(strstr(conversation, "\"uid\":\"1\""));
	g_assert_nonnull(strstr(conversation, "\"folder\":null"));
	g_assert_null(sgp_history_search_json(fixture->history, ERIKA, "a", NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* Another process has the same state open. */
static void test_persists(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	inbox(fixture, "1", ERIKA, "a", "");
	judge(fixture, "inbox", "1", new_mail(ERIKA, "a", "Hallo"));
	g_autoptr(SgpStore) store = sgp_store_new(fixture->state.directory, &error);
	g_assert_no_error(error);
	g_autoptr(SgpHistory) other = sgp_history_new(store, fixture->state.settings);
	g_assert_cmpuint(sgp_history_count(other), ==, 1);
}

#define ADD(path, function) g_test_add("/history/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/history/a-message-id-hashes-as-camel-does", test_hash);
	ADD("a-conversation-is-linked-both-ways", test_both_ways);
	ADD("the-order-of-arrival-does-not-matter", test_any_order);
	ADD("replies-to-a-mail-that-nobody-saw-belong-together", test_ghosts);
	ADD("a-loop-is-one-conversation", test_loops);
	ADD("a-subject-links-nothing", test_strangers);
	ADD("a-long-chain-fed-backwards-is-one-conversation", test_long);
	ADD("feeding-twice-changes-nothing", test_idempotent);
	ADD("many-are-fed-at-once-or-none", test_many_at_once);
	ADD("one-good-copy-counts", test_one_good_copy);
	ADD("our-own-folders-hold-no-inquiries", test_own_folders);
	ADD("a-foreign-mail-with-the-same-id-displaces-nothing", test_same_message_id);
	ADD("a-removed-message-is-known-by-reference", test_remove);
	ADD("a-uid-that-is-used-again-is-judged-again", test_reused_uid);
	ADD("complete-is-what-the-host-fed-completely", test_complete);
	ADD("a-folder-that-is-not-named-is-forgotten", test_forgotten_folder);
	ADD("only-what-could-matter-is-needed", test_needs);
	ADD("one-copy-is-read-and-not-the-one-in-the-trash", test_needs_one_copy);
	ADD("a-forged-copy-does-not-speak-for-another", test_forged_copy);
	ADD("a-judgement-is-kept", test_judgement);
	ADD("whom-we-trust-is-asked-when-it-matters", test_trust_changes);
	ADD("nothing-is-judged-that-is-not-there", test_judge_unknown);
	ADD("the-bytes-correct-the-summary", test_judge_corrects);
	ADD("recent-inquiries-are-those-that-could-be-answered", test_recent);
	ADD("search-tells-what-is-known", test_search);
	ADD("the-index-outlives-its-process", test_persists);
	return g_test_run();
}
