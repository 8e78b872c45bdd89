/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything together, with the real gpg and no network: what could not be had is unknown, and
 * nothing hangs. */
#include "scratch-gpg.h"
#include "sgp-assessor.h"
#include "sgp-error.h"
#include "sgp-mime.h"
#include "state-fixture.h"

#define ERIKA "erika@kunde.example"

typedef struct {
	State state;
	ScratchGpg *gpg;
	SgpHistory *history;
	SgpConsentLedger *ledger;
	SgpAssessor *assessor;
	gint64 now;
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->now = g_get_real_time() / G_USEC_PER_SEC;
	fixture->gpg = scratch_gpg_new();
	fixture->history = sgp_history_new(fixture->state.store, fixture->state.settings);
	fixture->ledger = sgp_consent_ledger_new(fixture->state.store, fixture->state.settings);
	g_autoptr(SgpKeyLookup) keys =
		sgp_key_lookup_new(fixture->state.settings, fixture->gpg->home);
	fixture->assessor = sgp_assessor_new(
		fixture->state.settings, fixture->history, fixture->ledger, keys, NULL);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->assessor);
	g_clear_object(&fixture->ledger);
	g_clear_object(&fixture->history);
	scratch_gpg_free(fixture->gpg);
	state_teardown(&fixture->state, data);
}

/* A portal that nobody answers for: a port of loopback that is bound and not listened to. */
static SgpPortalClient *new_dead_portal(GSocket **socket)
{
	*socket = g_socket_new(
		G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
	g_assert_true(g_socket_bind(*socket, any, FALSE, NULL));
	g_autoptr(GSocketAddress) bound = g_socket_get_local_address(*socket, NULL);
	g_autofree char *origin = g_strdup_printf("http://127.0.0.1:%u",
		g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
	return sgp_portal_client_new(origin, "token", NULL);
}

static void set_text(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

static void index_inquiry(Fixture *fixture, const char *message_id, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new(ERIKA, NULL));
	mail->message_id = g_strdup(message_id);
	set_text(&mail->subject, "Schaden");
	set_text(&mail->text, text);
	mail->date = fixture->now - 3600;
	sgp_history_add_mail(
		fixture->history, "/mail", SGP_FOLDER_ROLE_MAIL, message_id, mail, &error);
	g_assert_no_error(error);
}

static SgpMail *new_draft(const char *to, const char *in_reply_to)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new("anna@office.example", NULL));
	g_ptr_array_add(mail->to, sgp_address_new(to, NULL));
	if (in_reply_to != NULL)
		g_ptr_array_add(mail->in_reply_to, g_strdup(in_reply_to));
	set_text(&mail->subject, in_reply_to != NULL ? "AW: Schaden" : "Angebot");
	set_text(&mail->text, "Guten Tag");
	return mail;
}

static SgpVerdict *assess(Fixture *fixture, SgpMail *taken, const SgpAssessOptions *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = taken;
	SgpVerdict *verdict = sgp_assessor_assess_sync(
		fixture->assessor, mail, options, fixture->now, NULL, NULL, &error);
	g_assert_no_error(error);
	return verdict;
}

static const SgpRecipientVerdict *first_of(const SgpVerdict *verdict)
{
	return g_ptr_array_index(verdict->recipients, 0);
}

static void test_reply_with_key(Fixture *fixture, gconstpointer data)
{
	g_autofree char *key =
		scratch_gpg_make_key(fixture->gpg, "<" ERIKA ">", "future-default", "never");
	index_inquiry(fixture, "m1@kunde.example", "Wann kommt das Geld?");
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
	g_assert_cmpint(first_of(verdict)->basis, ==, SGP_BASIS_INQUIRY);
	g_assert_cmpint(first_of(verdict)->channel, ==, SGP_CHANNEL_OPENPGP);
	const SgpKey *taken = g_ptr_array_index(first_of(verdict)->keys, 0);
	g_assert_cmpstr(taken->fingerprint, ==, key);
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_nonnull(strstr(json, "\"message_id\":\"m1@kunde.example\""));
	g_assert_nonnull(strstr(json, "\"copies\":[{\"channel\":\"openpgp\""));
}

static void test_unasked(Fixture *fixture, gconstpointer data)
{
	index_inquiry(fixture, "m1@kunde.example", "Wann kommt das Geld?");
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, NULL), NULL);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
	g_assert_cmpint(first_of(verdict)->basis_refusal, ==, SGP_REFUSAL_NO_BASIS);
	g_assert_true(g_ptr_array_find_with_equal_func(
		first_of(verdict)->remedies, "reply-to:m1@kunde.example", g_str_equal, NULL));
	g_autofree char *json = sgp_verdict_dup_json(verdict);
	g_assert_nonnull(strstr(json,
		"\"offers\":[{\"message_id\":\"m1@kunde.example\",\"subject\":\"Schaden\","
		"\"date\":\"20"));
}

static void test_opt_out(Fixture *fixture, gconstpointer data)
{
	index_inquiry(
		fixture, "m1@kunde.example", "Wo ist das Geld? Bitte nicht per E-Mail antworten.");
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(first_of(verdict)->basis_refusal, ==, SGP_REFUSAL_OPTED_OUT);
	g_assert_cmpstr(first_of(verdict)->sentence, ==, "Bitte nicht per E-Mail antworten.");
}

static void test_needs(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpSummary summary = { .id = sgp_history_hash_message_id("m1@kunde.example"),
		.from = ERIKA,
		.date = fixture->now - 3600,
		.uid = "17" };
	sgp_history_add_summaries(
		fixture->history, "imap://inbox", SGP_FOLDER_ROLE_MAIL, &summary, 1, &error);
	sgp_history_set_folder_complete(fixture->history, "imap://inbox", TRUE, &error);
	g_assert_no_error(error);
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(first_of(verdict)->basis_refusal, ==, SGP_REFUSAL_UNKNOWN);
	g_assert_cmpuint(verdict->needs->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(verdict->needs, 0), ==, "imap://inbox#17");
}

static void test_dead_portal(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GSocket) socket = NULL;
	g_autoptr(SgpPortalClient) portal = new_dead_portal(&socket);
	index_inquiry(fixture, "m1@kunde.example", "Wann kommt das Geld?");
	sgp_assessor_set_portal(fixture->assessor, portal);
	gint64 start = g_get_monotonic_time();
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 4 * G_USEC_PER_SEC);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_ASK);
	g_assert_cmpint(first_of(verdict)->channel_refusal, ==, SGP_REFUSAL_UNKNOWN);
	sgp_assessor_set_portal(fixture->assessor, NULL);
	g_autoptr(SgpVerdict) none = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(none->action, ==, SGP_ACTION_HOLD);
	g_assert_cmpint(first_of(none)->channel_refusal, ==, SGP_REFUSAL_NO_USABLE_CHANNEL);
}

/* Nobody has looked at the provider: with a submission service named, the rung is unknown, and
 * nothing is sent in clear past it. Without one there is nothing to look at. */
static void test_transport(Fixture *fixture, gconstpointer data)
{
	index_inquiry(fixture, "m1@kunde.example", "Wann kommt das Geld?");
	state_set(&fixture->state, "policy-profile", "'by-class'");
	g_autoptr(SgpVerdict) none = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(first_of(none)->channel_refusal, ==, SGP_REFUSAL_NO_USABLE_CHANNEL);
	state_set(&fixture->state, "verified-submission", "'relay.office.example:587'");
	g_autoptr(SgpVerdict) named = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(first_of(named)->channel_refusal, ==, SGP_REFUSAL_UNKNOWN);
	g_assert_cmpint(named->action, ==, SGP_ACTION_ASK);
}

/* A gpg home that cannot be read is not one without keys. */
static void test_broken_keyring(Fixture *fixture, gconstpointer data)
{
	g_autofree char *ring = g_build_filename(fixture->gpg->home, "pubring.kbx", NULL);
	g_assert_true(g_file_set_contents(
		ring, "this is no keybox at all, not even a short one", -1, NULL));
	index_inquiry(fixture, "m1@kunde.example", "Wann kommt das Geld?");
	g_autoptr(SgpVerdict) verdict = assess(fixture, new_draft(ERIKA, "m1@kunde.example"), NULL);
	g_assert_cmpint(first_of(verdict)->channel_refusal, ==, SGP_REFUSAL_UNKNOWN);
}

static void test_phone_by_subject(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *key =
		scratch_gpg_make_key(fixture->gpg, "<" ERIKA ">", "future-default", "never");
	g_assert_nonnull(key);
	sgp_consent_ledger_add_matter(fixture->ledger, "SV-1", "Hagel", fixture->now, &error);
	SgpConsent consent = { .kind = SGP_CONSENT_PHONE,
		.address = ERIKA,
		.matter = "SV-1",
		.taken_by = "anna@office.example" };
	sgp_consent_ledger_record(fixture->ledger, &consent, fixture->now, &error);
	g_assert_no_error(error);
	SgpMail *draft = new_draft(ERIKA, NULL);
	set_text(&draft->subject, "Ihr Hagelschaden (SV-1)");
	g_autoptr(SgpVerdict) verdict = assess(fixture, draft, NULL);
	g_assert_cmpstr(verdict->matter, ==, "SV-1");
	g_assert_cmpint(first_of(verdict)->basis, ==, SGP_BASIS_PHONE);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
	SgpAssessOptions other = { .matter = "SV-2" };
	draft = new_draft(ERIKA, NULL);
	set_text(&draft->subject, "Ihr Hagelschaden (SV-1)");
	g_autoptr(SgpVerdict) refused = assess(fixture, draft, &other);
	g_assert_cmpint(first_of(refused)->basis_refusal, ==, SGP_REFUSAL_OTHER_MATTER);
}

static void test_resent(Fixture *fixture, gconstpointer data)
{
	SgpMail *draft = new_draft("otto@office.example", NULL);
	g_ptr_array_add(draft->headers, g_strdup("Resent-To"));
	g_ptr_array_add(draft->headers, g_strdup("Erika <" ERIKA ">"));
	g_autoptr(SgpVerdict) verdict = assess(fixture, draft, NULL);
	g_assert_cmpuint(verdict->recipients->len, ==, 2);
	g_assert_cmpint(first_of(verdict)->basis, ==, SGP_BASIS_INTERNAL);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
}

static void test_class(Fixture *fixture, gconstpointer data)
{
	SgpMail *draft = new_draft("otto@office.example", NULL);
	set_text(&draft->text, "Anbei der Befund, ICD-10 M54.5.");
	SgpAssessOptions options = { .class_chosen = SGP_CONTENT_CLASS_GENERAL };
	g_autoptr(SgpVerdict) verdict = assess(fixture, draft, &options);
	g_assert_cmpint(verdict->class_effective, ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_cmpint(verdict->class_chosen, ==, SGP_CONTENT_CLASS_GENERAL);
}

static SgpMail *parse(const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	return mail;
}

static void test_attachment(Fixture *fixture, gconstpointer data)
{
	SgpMail *mail = parse(
		"From: anna@office.example\r\nTo: otto@office.example\r\nSubject: Akte\r\n"
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
		"--b\r\nContent-Type: text/plain\r\n\r\nSiehe Anhang.\r\n"
		"--b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; "
		"filename=a.csv\r\nContent-Transfer-Encoding: base64\r\n\r\n"
		"QmVmdW5kO1ByZWlzCg==\r\n--b--\r\n");
	g_autoptr(SgpVerdict) verdict = assess(fixture, mail, NULL);
	g_assert_cmpint(verdict->class_effective, ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_cmpstr(g_ptr_array_index(verdict->class_because, 0), ==, "Befund");
	g_assert_cmpuint(verdict->unread->len, ==, 0);
}

/* In a draft the attachments are names: what is in them is not known yet. */
static void test_draft_with_attachment(Fixture *fixture, gconstpointer data)
{
	SgpMail *draft = new_draft("otto@office.example", NULL);
	g_ptr_array_add(draft->attachments,
		sgp_mail_attachment_new("a.csv", "application/octet-stream", NULL, 7));
	g_autoptr(SgpVerdict) verdict = assess(fixture, draft, NULL);
	g_assert_cmpint(verdict->class_effective, ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_cmpuint(verdict->unread->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(verdict->unread, 0), ==, "a.csv");
}

static void test_cancelled(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(SgpMail) draft = new_draft(ERIKA, NULL);
	g_cancellable_cancel(cancellable);
	g_assert_null(sgp_assessor_assess_sync(
		fixture->assessor, draft, NULL, fixture->now, NULL, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

#define ADD(path, function) g_test_add("/assessor/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-reply-to-an-inquiry-takes-the-key", test_reply_with_key);
	ADD("a-mail-nobody-asked-for-is-held-with-remedies", test_unasked);
	ADD("an-opt-out-is-shown-with-its-words", test_opt_out);
	ADD("what-must-be-read-first-is-told", test_needs);
	ADD("a-portal-that-does-not-answer-is-unknown", test_dead_portal);
	ADD("a-provider-that-nobody-looked-at-is-unknown", test_transport);
	ADD("a-keyring-that-cannot-be-read-is-unknown", test_broken_keyring);
	ADD("a-phone-permission-is-found-by-the-subject", test_phone_by_subject);
	ADD("resent-recipients-are-asked-about-too", test_resent);
	ADD("the-scan-raises-the-class", test_class);
	ADD("the-text-of-an-attachment-counts", test_attachment);
	ADD("what-is-attached-to-a-draft-is-not-read-yet", test_draft_with_attachment);
	ADD("a-cancelled-assessment-is-no-verdict", test_cancelled);
	return g_test_run();
}
