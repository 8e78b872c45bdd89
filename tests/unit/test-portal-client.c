/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hostile-portal.h"
#include "sgp-error.h"
#include "sgp-portal-client.h"

#include <glib/gstdio.h>
#include <string.h>

#define HANDLE "00112233445566778899aabbccddeeff"
#define TOKEN  "secret-device-token"

typedef struct {
	guint status;
	const char *answer;
	const char *location;
} Says;

static guint say(const char *method, const char *path, GBytes *body, char **answer, char **location,
	gpointer user_data)
{
	const Says *says = user_data;

	*answer = g_strdup(says->answer);
	*location = g_strdup(says->location);
	return says->status;
}

static GPtrArray *look_up(const Says *says, const char *const *addresses, GError **error)
{
	g_autoptr(HostilePortal) portal = hostile_portal_new(say, (gpointer)says, NULL, NULL);
	g_autoptr(SgpPortalClient) client =
		sgp_portal_client_new(hostile_portal_get_origin(portal), TOKEN, NULL);

	return sgp_portal_client_lookup_sync(client, addresses, 3000, NULL, error);
}

static void assert_refused(guint status, const char *answer, SgpError code)
{
	const Says says = { status, answer, NULL };
	const char *addresses[] = { "erika@kunde.example", NULL };
	g_autoptr(GError) error = NULL;

	g_assert_null(look_up(&says, addresses, &error));
	g_assert_error(error, SGP_ERROR, (gint)code);
}

#define ROW(address, state)                                                                        \
	"{\"address\":\"" address "\",\"handle\":\"" HANDLE "\",\"state\":\"" state                \
	"\",\"generation\":1}"

static void test_directory(void)
{
	const Says says = { 200, "{\"customers\":[" ROW("erika@kunde.example", "registered") "]}" };
	const char *addresses[] = { "erika@kunde.example", NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) found = look_up(&says, addresses, &error);

	g_assert_no_error(error);
	const SgpPortalMailbox *mailbox = g_ptr_array_index(found, 0);

	g_assert_cmpint(mailbox->state, ==, SGP_MAILBOX_STATE_REGISTERED);
	g_assert_cmpint(mailbox->generation, ==, 1);
}

/* A row about somebody else would make us encrypt to another customer's key. */
static void test_wrong_rows(void)
{
	assert_refused(
		200, "{\"customers\":[" ROW("otto@kunde.example", "none") "]}", SGP_ERROR_FAILED);
	assert_refused(200, "{\"customers\":[]}", SGP_ERROR_FAILED);
	assert_refused(200,
		"{\"customers\":[{\"address\":\"erika@kunde.example\",\"handle\":\"../x\","
		"\"state\":\"none\"}]}",
		SGP_ERROR_FAILED);
	assert_refused(200, "{\"customers\":7}", SGP_ERROR_FAILED);
	assert_refused(200, "<html>", SGP_ERROR_FAILED);
}

static void test_new_state_is_unknown(void)
{
	const Says says = { 200, "{\"customers\":[" ROW("erika@kunde.example", "sleeping") "]}" };
	const char *addresses[] = { "erika@kunde.example", NULL };
	g_autoptr(GPtrArray) found = look_up(&says, addresses, NULL);

	g_assert_cmpint(((SgpPortalMailbox *)g_ptr_array_index(found, 0))->state, ==,
		SGP_MAILBOX_STATE_UNKNOWN);
}

static void test_errors(void)
{
	assert_refused(503, "{\"code\":\"busy\"}", SGP_ERROR_UNREACHABLE);
	assert_refused(500, NULL, SGP_ERROR_UNREACHABLE);
	assert_refused(429, "{\"code\":\"too-many-tries\"}", SGP_ERROR_UNREACHABLE);
	assert_refused(401, "{\"code\":\"device-revoked\"}", SGP_ERROR_REFUSED);
	assert_refused(404, "{\"code\":\"not-found\"}", SGP_ERROR_NOT_FOUND);
	assert_refused(409, "{\"code\":\"conflict\"}", SGP_ERROR_CONFLICT);
	assert_refused(413, "{\"code\":\"too-large\"}", SGP_ERROR_TOO_LARGE);
	assert_refused(400, "{\"code\":\"bad-request\"}", SGP_ERROR_REFUSED);
}

/* The bearer token goes to the portal that was enrolled, and to nobody it points to. */
static void test_no_redirect(void)
{
	const Says honest = { 200, "{\"customers\":[" ROW("erika@kunde.example", "none") "]}" };
	g_autoptr(HostilePortal) elsewhere = hostile_portal_new(say, (gpointer)&honest, NULL, NULL);
	g_autofree char *target =
		g_strconcat(hostile_portal_get_origin(elsewhere), "/api/v1/directory:lookup", NULL);
	const guint statuses[] = { 301, 302, 303, 307, 308 };

	for (gsize i = 0; i < G_N_ELEMENTS(statuses); i++) {
		const Says says = { statuses[i], NULL, target };
		const char *addresses[] = { "erika@kunde.example", NULL };
		g_autoptr(GError) error = NULL;

		g_assert_null(look_up(&says, addresses, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_FAILED);
	}
	g_assert_cmpuint(hostile_portal_count(elsewhere), ==, 0);
}

static void test_long_answer(void)
{
	g_autofree char *endless = g_strnfill(9 * 1024 * 1024, ' ');

	assert_refused(200, endless, SGP_ERROR_FAILED);
}

static void test_revoked(void)
{
	const Says says = { 401, "{\"code\":\"device-revoked\"}", NULL };
	g_autoptr(HostilePortal) portal = hostile_portal_new(say, (gpointer)&says, NULL, NULL);
	g_autoptr(SgpPortalClient) client =
		sgp_portal_client_new(hostile_portal_get_origin(portal), TOKEN, NULL);

	g_assert_false(sgp_portal_client_is_revoked(client));
	g_assert_null(sgp_portal_client_load_office_sync(client, NULL, NULL));
	g_assert_true(sgp_portal_client_is_revoked(client));
}

static void test_without_token(void)
{
	const Says says = { 200, "{}", NULL };
	g_autoptr(HostilePortal) portal = hostile_portal_new(say, (gpointer)&says, NULL, NULL);
	g_autoptr(SgpPortalClient) client =
		sgp_portal_client_new(hostile_portal_get_origin(portal), NULL, NULL);
	const char *addresses[] = { "erika@kunde.example", NULL };
	g_autoptr(GError) error = NULL;

	g_assert_null(sgp_portal_client_lookup_sync(client, addresses, 3000, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_LOCKED);
	g_assert_cmpuint(hostile_portal_count(portal), ==, 0);
}

/* Accepts connections, and says one byte a second: a socket's own time limit would never end it. */
static gpointer drip(gpointer listener)
{
	g_autoptr(GSocketConnection) connection =
		g_socket_listener_accept(listener, NULL, NULL, NULL);
	GOutputStream *out =
		connection ? g_io_stream_get_output_stream(G_IO_STREAM(connection)) : NULL;
	const char *head = "HTTP/1.1 200 OK\r\nX-Slow: xxxxxxxxxxxxxxxx";

	for (gsize i = 0; out && head[i] != '\0'; i++) {
		GPollFD nothing = { -1, 0, 0 };

		if (!g_output_stream_write_all(out, head + i, 1, NULL, NULL, NULL))
			break;
		g_poll(&nothing, 0, 100); /* slow is what it is for */
	}
	return NULL;
}

static void test_time_limit(void)
{
	g_autoptr(GSocketListener) listener = g_socket_listener_new();
	guint16 port = g_socket_listener_add_any_inet_port(listener, NULL, NULL);
	g_autofree char *origin = g_strdup_printf("http://127.0.0.1:%u", port);
	g_autoptr(SgpPortalClient) client = sgp_portal_client_new(origin, TOKEN, NULL);
	GThread *thread = g_thread_new("drip", drip, listener);
	const char *addresses[] = { "erika@kunde.example", NULL };
	g_autoptr(GError) error = NULL;
	gint64 begun = g_get_monotonic_time();

	g_assert_null(sgp_portal_client_lookup_sync(client, addresses, 500, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_assert_cmpint(g_get_monotonic_time() - begun, <, 3 * G_USEC_PER_SEC);
	g_thread_join(thread);
}

static void test_cancelled(void)
{
	const Says says = { 200, "{}", NULL };
	g_autoptr(HostilePortal) portal = hostile_portal_new(say, (gpointer)&says, NULL, NULL);
	g_autoptr(SgpPortalClient) client =
		sgp_portal_client_new(hostile_portal_get_origin(portal), TOKEN, NULL);
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;

	g_cancellable_cancel(cancellable);
	g_assert_null(sgp_portal_client_load_office_sync(client, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A certificate that nobody signed is refused, and taken where the office named it as its
 * authority. */
static void test_tls(void)
{
	g_autofree char *dir = g_dir_make_tmp("sgp-test-XXXXXX", NULL);
	g_autofree char *certificate = g_build_filename(dir, "cert.pem", NULL);
	g_autofree char *key = g_build_filename(dir, "key.pem", NULL);
	g_autofree char *command =
		g_strdup_printf("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
				"-nodes -keyout %s -out %s"
				" -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost",
			key, certificate);
	const Says says = { 401, "{\"code\":\"device-revoked\"}", NULL };
	g_autoptr(GError) error = NULL;
	int status = 1;

	g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	g_autoptr(HostilePortal) portal =
		hostile_portal_new(say, (gpointer)&says, certificate, key);
	const char *origin = hostile_portal_get_origin(portal);
	g_autoptr(SgpPortalClient) doubting = sgp_portal_client_new(origin, TOKEN, NULL);
	g_autoptr(SgpPortalClient) trusting = sgp_portal_client_new(origin, TOKEN, certificate);

	g_assert_null(sgp_portal_client_load_office_sync(doubting, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_assert_cmpuint(hostile_portal_count(portal), ==, 0);
	g_clear_error(&error);
	g_assert_null(sgp_portal_client_load_office_sync(trusting, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_assert_cmpuint(hostile_portal_count(portal), ==, 1);
	g_unlink(certificate);
	g_unlink(key);
	g_rmdir(dir);
}

static void test_origin(void)
{
	static const struct {
		const char *url;
		const char *origin;
	} cases[] = {
		{ "https://Portal.Office.example", "https://portal.office.example" },
		{ "https://portal.office.example/", "https://portal.office.example" },
		{ "https://portal.office.example:8443", "https://portal.office.example:8443" },
		{ "http://127.0.0.1:8480", "http://127.0.0.1:8480" },
		{ "http://[::1]:8480", "http://[::1]:8480" },
		{ "http://localhost", "http://localhost" },
		{ "http://portal.office.example", NULL },
		{ "http://127.0.0.1.evil.example", NULL },
		{ "https://portal.office.example/x", NULL },
		{ "https://u@portal.office.example", NULL },
		{ "https://portal.office.example?x", NULL },
		{ "ftp://portal.office.example", NULL },
		{ "portal.office.example", NULL },
		{ "", NULL },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *origin = sgp_portal_origin_normalize(cases[i].url, NULL);

		g_assert_cmpstr(origin, ==, cases[i].origin);
	}
}

static void test_limits(void)
{
	const gint64 megabyte = 1024 * 1024;
	const SgpPortalLimits limits = { 50 * megabyte, 100 * megabyte };
	const gint64 fits[] = { 49 * megabyte, 49 * megabyte };
	const gint64 one_too_large[] = { megabyte, 60 * megabyte };
	const gint64 together_too_large[] = { 40 * megabyte, 40 * megabyte, 30 * megabyte };
	const gint64 at_the_limit[] = { 50 * megabyte };
	gint64 size = 0;

	g_assert_true(sgp_portal_limits_fit(&limits, fits, 2, 1000, &size));
	g_assert_cmpint(size, ==, 0);
	g_assert_false(sgp_portal_limits_fit(&limits, one_too_large, 2, 1000, &size));
	g_assert_cmpint(size, ==, 60 * megabyte);
	g_assert_false(sgp_portal_limits_fit(&limits, together_too_large, 3, 1000, NULL));
	/* Sealed it is larger than the limit: said before, not after the upload. */
	g_assert_false(sgp_portal_limits_fit(&limits, at_the_limit, 1, 1000, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/portal-client/a-mailbox-is-read", test_directory);
	g_test_add_func("/portal-client/rows-about-others-are-refused", test_wrong_rows);
	g_test_add_func(
		"/portal-client/a-state-that-we-do-not-know-is-unknown", test_new_state_is_unknown);
	g_test_add_func("/portal-client/an-error-is-what-can-be-done-about-it", test_errors);
	g_test_add_func("/portal-client/no-redirect-is-followed", test_no_redirect);
	g_test_add_func("/portal-client/an-endless-answer-ends", test_long_answer);
	g_test_add_func("/portal-client/a-revoked-device-knows-it", test_revoked);
	g_test_add_func("/portal-client/without-its-token-it-asks-nobody", test_without_token);
	g_test_add_func("/portal-client/a-dripping-server-ends-in-time", test_time_limit);
	g_test_add_func("/portal-client/cancelled-is-cancelled", test_cancelled);
	g_test_add_func("/portal-client/tls-is-verified", test_tls);
	g_test_add_func("/portal-client/an-origin-is-https-or-loopback", test_origin);
	g_test_add_func("/portal-client/limits-count-the-sealed-bytes", test_limits);
	return g_test_run();
}
