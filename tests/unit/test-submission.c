/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-submission.h"
#include "smtp-server.h"

#define TEXT "To: erika@kunde.example\r\nSubject: Kanarienvogel\r\n\r\n.Punkt\r\nEnde\r\n"

typedef struct {
	State state;
	SmtpServer *server;            /* (owned) */
	SgpSubmissionService *service; /* (owned) */
	char *certificate;             /* (owned) */
	const char *when, *answer;     /* the server's answer to lines that begin so */
	const char *also, *also_answer;
	SgpSubmissionAnswer answers[4];
	const char *recipients[4];
	SgpSubmissionMail mail;
	guint n_commits;
	gboolean is_dropped;
} Fixture;

static const char *answer(const char *line, gpointer user_data)
{
	Fixture *fixture = user_data;
	if (fixture->when != NULL && g_str_has_prefix(line, fixture->when))
		return fixture->answer;
	if (fixture->also != NULL && g_str_has_prefix(line, fixture->also))
		return fixture->also_answer;
	return NULL;
}

static gboolean on_commit(gpointer user_data, GError **error)
{
	Fixture *fixture = user_data;
	fixture->n_commits++;
	if (fixture->is_dropped)
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "given up");
	return !fixture->is_dropped;
}

static void set_text(Fixture *fixture, const char *text)
{
	if (fixture->mail.fd > 0)
		close(fixture->mail.fd);
	fixture->mail.fd = memfd_create("mail", MFD_CLOEXEC);
	g_assert_cmpint(write(fixture->mail.fd, text, strlen(text)), ==, (gssize)strlen(text));
}

static void setup(Fixture *fixture, gconstpointer data)
{
	gboolean has_tls = data != NULL;
	state_setup(&fixture->state, data);
	fixture->certificate = smtp_server_dup_certificate(fixture->state.directory, "server",
		(data == NULL || g_str_equal(data, "tls")) ? "DNS:localhost,IP:127.0.0.1"
							   : (const char *)data);
	fixture->server = smtp_server_new(has_tls ? fixture->certificate : NULL, answer, fixture);
	g_autofree char *setting =
		g_strdup_printf("127.0.0.1:%u", smtp_server_get_port(fixture->server));
	fixture->service = sgp_submission_service_new(setting, NULL);
	fixture->service->ca_file = has_tls ? g_strdup(fixture->certificate) : NULL;
	fixture->recipients[0] = "erika@kunde.example";
	fixture->recipients[1] = "olaf@kunde.example";
	fixture->mail.from = "sabine@office.example";
	fixture->mail.recipients = fixture->recipients;
	fixture->mail.answers = fixture->answers;
	fixture->mail.commit = on_commit;
	fixture->mail.commit_data = fixture;
	set_text(fixture, TEXT);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	smtp_server_free(fixture->server);
	sgp_submission_service_free(fixture->service);
	close(fixture->mail.fd);
	g_free(fixture->certificate);
	state_teardown(&fixture->state, data);
}

static gboolean send(Fixture *fixture, int code)
{
	g_autoptr(GError) error = NULL;
	gboolean done = sgp_submission_send_sync(fixture->service, &fixture->mail, NULL, &error);
	if (code < 0)
		g_assert_no_error(error);
	else
		g_assert_error(error, SGP_ERROR, code);
	return done;
}

static void assert_heard(Fixture *fixture, const char *words, gboolean is_expected)
{
	g_autofree char *heard = smtp_server_dup_heard(fixture->server);
	if ((strstr(heard, words) != NULL) != is_expected)
		g_error("%s '%s' in:\n%s", is_expected ? "no" : "there is", words, heard);
}

static void test_sends(Fixture *fixture, gconstpointer data)
{
	g_assert_true(send(fixture, -1));
	g_assert_cmpuint(fixture->n_commits, ==, 1);
	g_assert_cmpint(fixture->answers[0], ==, SGP_SUBMISSION_ACCEPTED);
	g_assert_cmpint(fixture->answers[1], ==, SGP_SUBMISSION_ACCEPTED);
	assert_heard(fixture, "MAIL FROM:<sabine@office.example>\n", TRUE);
	assert_heard(fixture, "RCPT TO:<erika@kunde.example>\nRCPT TO:<olaf@kunde.example>\nDATA\n",
		TRUE);
	assert_heard(fixture, "\n..Punkt\nEnde\n.\nQUIT\n", TRUE);
}

static void test_encrypts(Fixture *fixture, gconstpointer data)
{
	smtp_server_offer(fixture->server, "250-REQUIRETLS\r\n");
	g_assert_true(send(fixture, -1));
	g_autofree char *heard = smtp_server_dup_heard(fixture->server);
	const char *tls = strstr(heard, "[tls]");
	g_assert_nonnull(tls);
	g_assert_nonnull(strstr(tls, "MAIL FROM:<sabine@office.example> REQUIRETLS\n"));
	g_assert_nonnull(strstr(tls, "Kanarienvogel"));
}

/* No authority for its certificate: nobody knows who that is. */
static void test_wrong_certificate(Fixture *fixture, gconstpointer data)
{
	g_free(fixture->service->ca_file);
	fixture->service->ca_file =
		smtp_server_dup_certificate(fixture->state.directory, "another", "IP:127.0.0.1");
	fixture->service->user = g_strdup("sabine");
	fixture->service->password = g_strdup("geheim");
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "MAIL", FALSE);
	assert_heard(fixture, "AUTH", FALSE);
}

static void test_wrong_name(Fixture *fixture, gconstpointer data)
{
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "STARTTLS", TRUE);
	assert_heard(fixture, "MAIL", FALSE);
}

static void test_no_tls(Fixture *fixture, gconstpointer data)
{
	fixture->when = "EHLO";
	fixture->answer = "250-test\r\n250 AUTH PLAIN\r\n";
	fixture->service->user = g_strdup("sabine");
	fixture->service->password = g_strdup("geheim");
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "MAIL", FALSE);
	assert_heard(fixture, "AUTH", FALSE);
	fixture->when = "STARTTLS";
	fixture->answer = "454 not now\r\n";
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "Kanarienvogel", FALSE);
}

static void test_words_before_tls(Fixture *fixture, gconstpointer data)
{
	fixture->when = "STARTTLS";
	fixture->answer = "220 go on\r\n250-test\r\n250 AUTH PLAIN\r\n";
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "MAIL", FALSE);
}

static void test_logs_in(Fixture *fixture, gconstpointer data)
{
	smtp_server_offer(fixture->server, "250-AUTH LOGIN PLAIN\r\n");
	fixture->service->user = g_strdup("sabine");
	g_assert_false(send(fixture, SGP_ERROR_LOCKED));
	fixture->service->password = g_strdup("geheim");
	g_assert_true(send(fixture, -1));
	assert_heard(fixture, "AUTH PLAIN AHNhYmluZQBnZWhlaW0=\n", TRUE);
	fixture->when = "AUTH";
	fixture->answer = "535 no\r\n";
	g_assert_false(send(fixture, SGP_ERROR_REFUSED));
}

static void test_logs_in_stepwise(Fixture *fixture, gconstpointer data)
{
	smtp_server_offer(fixture->server, "250-AUTH LOGIN\r\n");
	fixture->service->user = g_strdup("sabine");
	fixture->service->password = g_strdup("geheim");
	fixture->when = "AUTH LOGIN";
	fixture->answer = "334 VXNlcm5hbWU6\r\n";
	fixture->also = "c2FiaW5l";
	fixture->also_answer = "334 UGFzc3dvcmQ6\r\n";
	g_assert_false(send(fixture, SGP_ERROR_FAILED)); /* 250 is no answer to a password */
	assert_heard(fixture, "AUTH LOGIN\nc2FiaW5l\nZ2VoZWlt\n", TRUE);
}

static void test_one_refused(Fixture *fixture, gconstpointer data)
{
	fixture->when = "RCPT TO:<olaf";
	fixture->answer = "550 5.1.1 no such user\r\n";
	fixture->recipients[2] = "otto@kunde.example";
	fixture->also = "RCPT TO:<otto";
	fixture->also_answer = "450 later\r\n";
	g_assert_true(send(fixture, -1));
	g_assert_cmpint(fixture->answers[0], ==, SGP_SUBMISSION_ACCEPTED);
	g_assert_cmpint(fixture->answers[1], ==, SGP_SUBMISSION_REFUSED);
	g_assert_cmpint(fixture->answers[2], ==, SGP_SUBMISSION_LATER);
}

static void test_all_refused(Fixture *fixture, gconstpointer data)
{
	fixture->when = "RCPT";
	fixture->answer = "550-5.1.1 no\r\n550 never\r\n";
	g_assert_false(send(fixture, SGP_ERROR_REFUSED));
	assert_heard(fixture, "DATA", FALSE);
	fixture->also = "RCPT TO:<erika";
	fixture->when = NULL;
	fixture->also_answer = "450 later\r\n";
	fixture->recipients[1] = NULL;
	g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
	assert_heard(fixture, "Kanarienvogel", FALSE);
	g_assert_cmpuint(fixture->n_commits, ==, 0);
}

static void test_after_the_end(Fixture *fixture, gconstpointer data)
{
	static const struct {
		const char *answer;
		int code;
		gboolean is_open;
	} cases[] = {
		{ "451 4.7.1 TLS is required\r\n", SGP_ERROR_UNREACHABLE, FALSE },
		{ "554 5.7.1 no\r\n", SGP_ERROR_REFUSED, FALSE },
		{ "", SGP_ERROR_UNREACHABLE, TRUE },
		{ "nonsense\r\n", SGP_ERROR_FAILED, TRUE },
		{ "999 what\r\n", SGP_ERROR_FAILED, TRUE },
	};
	fixture->when = ".";
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		fixture->answer = cases[i].answer;
		g_assert_false(send(fixture, cases[i].code));
		g_assert_cmpint(fixture->mail.is_open, ==, cases[i].is_open);
		g_assert_cmpuint(fixture->n_commits, ==, i + 1);
	}
	fixture->answer = "252 2.0.0 taken\r\n"; /* not 250, but taken: not once more */
	g_assert_true(send(fixture, -1));
	g_assert_false(fixture->mail.is_open);
}

static void test_before_the_end(Fixture *fixture, gconstpointer data)
{
	static const char *const lines[] = { "EHLO", "MAIL", "RCPT", "DATA" };
	fixture->answer = "";
	for (gsize i = 0; i < G_N_ELEMENTS(lines); i++) {
		fixture->when = lines[i];
		g_assert_false(send(fixture, SGP_ERROR_UNREACHABLE));
		g_assert_false(fixture->mail.is_open);
	}
	g_assert_cmpuint(fixture->n_commits, ==, 0);
}

static void test_dropped(Fixture *fixture, gconstpointer data)
{
	fixture->is_dropped = TRUE;
	g_assert_false(send(fixture, SGP_ERROR_REFUSED));
	g_assert_false(fixture->mail.is_open);
	assert_heard(fixture, "\n.\n", FALSE);
}

static void test_smuggling(Fixture *fixture, gconstpointer data)
{
	set_text(fixture, "Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@example.org>\r.\rb\r\n.\r\nc");
	g_assert_true(send(fixture, -1));
	assert_heard(
		fixture, "\na\n..\nMAIL FROM:<evil@example.org>\n..\nb\n..\nc\n.\nQUIT\n", TRUE);
}

static void test_addresses(Fixture *fixture, gconstpointer data)
{
	static const char *const bad[] = { "a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example",
		"a@b.example> NOTIFY=NEVER", "", "\"a@b.example", "a\n@b.example" };
	fixture->recipients[1] = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		fixture->recipients[0] = bad[i];
		g_assert_false(send(fixture, SGP_ERROR_INVALID));
	}
	fixture->recipients[0] = "\"a b\\\" >\"@kunde.example";
	g_assert_true(send(fixture, -1));
	assert_heard(fixture, "RCPT TO:<\"a b\\\" >\"@kunde.example>\n", TRUE);
}

static void test_characters(Fixture *fixture, gconstpointer data)
{
	set_text(fixture, "Subject: x\r\n\r\nGr\xc3\xbc\xc3\x9f"
			  "e\r\n");
	g_assert_true(send(fixture, -1));
	assert_heard(fixture, "BODY=8BITMIME\n", TRUE);
	assert_heard(fixture, "SMTPUTF8", FALSE);
	set_text(fixture, "Subject: Gr\xc3\xbc\xc3\x9f"
			  "e\r\n\r\nx\r\n");
	g_assert_false(send(fixture, SGP_ERROR_REFUSED));
	smtp_server_offer(fixture->server, "250-SMTPUTF8\r\n");
	g_assert_true(send(fixture, -1));
	assert_heard(fixture, "BODY=8BITMIME SMTPUTF8\n", TRUE);
	fixture->when = "EHLO";
	fixture->answer = "250 test\r\n";
	g_assert_false(send(fixture, SGP_ERROR_REFUSED));
}

static void test_endless(Fixture *fixture, gconstpointer data)
{
	g_autofree char *line = g_strnfill(5000, 'x');
	g_autofree char *long_line = g_strdup_printf("250 %s\r\n", line);
	g_autoptr(GString) many = g_string_new(NULL);
	for (guint i = 0; i < 200; i++)
		g_string_append(many, "250-x\r\n");
	fixture->when = "EHLO";
	fixture->answer = long_line;
	g_assert_false(send(fixture, SGP_ERROR_FAILED));
	fixture->answer = many->str;
	g_assert_false(send(fixture, SGP_ERROR_FAILED));
}

/* "000" must neither be taken for silence without a reason nor for the end of the mail. */
static void test_no_code(Fixture *fixture, gconstpointer data)
{
	static const char *const answers[] = { "000 ok\r\n", "150 ok\r\n", "650 ok\r\n" };
	for (gsize i = 0; i < G_N_ELEMENTS(answers); i++) {
		fixture->when = "MAIL";
		fixture->answer = answers[i];
		g_assert_false(send(fixture, SGP_ERROR_FAILED));
		g_assert_false(fixture->mail.is_open);
		fixture->when = ".";
		g_assert_false(send(fixture, SGP_ERROR_FAILED));
		g_assert_true(fixture->mail.is_open);
	}
}

static void test_settings(void)
{
	static const struct {
		const char *setting, *host;
		guint16 port;
	} good[] = { { "smtp.office.example:2525", "smtp.office.example", 2525 },
		{ " smtp.office.example ", "smtp.office.example", 587 },
		{ "[2001:db8::1]:465", "2001:db8::1", 465 } };
	static const char *const bad[] = { "", "  ", ":25", "host:0", "host:99999", "host:x" };
	for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
		g_autoptr(SgpSubmissionService) one =
			sgp_submission_service_new(good[i].setting, NULL);
		g_assert_nonnull(one);
		g_assert_cmpstr(one->host, ==, good[i].host);
		g_assert_cmpuint(one->port, ==, good[i].port);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(SgpSubmissionService) one = sgp_submission_service_new(bad[i], &error);
		g_assert_null(one);
		g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	}
}

#define ADD(name, tls, func)                                                                       \
	g_test_add("/submission/" name, Fixture, tls ? "tls" : NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/submission/a-setting-is-a-host-and-a-port", test_settings);
	ADD("a-mail-is-handed-over-once-and-whole", FALSE, test_sends);
	ADD("tls-comes-first-and-is-required-onwards", TRUE, test_encrypts);
	ADD("a-stranger's-certificate-gets-nothing", TRUE, test_wrong_certificate);
	g_test_add("/submission/a-certificate-for-another-name-gets-nothing", Fixture,
		"IP:127.0.0.2,DNS:mx.example.org", setup, test_wrong_name, teardown);
	ADD("no-mail-and-no-password-without-tls", TRUE, test_no_tls);
	ADD("words-before-tls-are-an-attack", TRUE, test_words_before_tls);
	ADD("it-logs-in-inside-tls", TRUE, test_logs_in);
	ADD("it-logs-in-step-by-step", TRUE, test_logs_in_stepwise);
	ADD("one-refused-recipient-does-not-stop-the-others", FALSE, test_one_refused);
	ADD("nobody-accepted-nothing-sent", FALSE, test_all_refused);
	ADD("after-the-end-only-an-answer-is-certain", FALSE, test_after_the_end);
	ADD("before-the-end-nothing-has-left", FALSE, test_before_the_end);
	ADD("given-up-at-the-last-moment-it-does-not-leave", FALSE, test_dropped);
	ADD("no-line-of-the-mail-ends-it", FALSE, test_smuggling);
	ADD("an-address-is-one-path", FALSE, test_addresses);
	ADD("what-the-service-cannot-take-is-not-sent", FALSE, test_characters);
	ADD("an-endless-answer-is-cut-off", FALSE, test_endless);
	ADD("a-code-that-is-none-is-no-answer", FALSE, test_no_code);
	return g_test_run();
}
