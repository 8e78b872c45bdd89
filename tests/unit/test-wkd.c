/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a domain publishes keys, and what a server that a stranger names can do to us: nothing. */
#include "sgp-wkd.h"

#include <gio/gio.h>
#include <string.h>

#include "scratch-http.h"
#include "sgp-error.h"
#include "sgp-wkd-fetch.h"
#include "state-fixture.h"

#define HOST "openpgpkey.kunde.example"

static void test_places(void)
{
	/* The draft's own example. */
	g_autofree char *advanced = sgp_wkd_dup_target("joe.doe@example.org", TRUE);
	g_assert_cmpstr(advanced, ==,
		"/.well-known/openpgpkey/example.org/hu/"
		"iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=joe.doe");
	g_autofree char *direct = sgp_wkd_dup_target("joe.doe@example.org", FALSE);
	g_assert_cmpstr(direct, ==,
		"/.well-known/openpgpkey/hu/iy9q119eutrkn8s1mk4r39qejnbu3n5q?l=joe.doe");
	g_autofree char *host = sgp_wkd_dup_host("joe.doe@example.org", TRUE);
	g_assert_cmpstr(host, ==, "openpgpkey.example.org");
	g_autofree char *own_host = sgp_wkd_dup_host("joe.doe@example.org", FALSE);
	g_assert_cmpstr(own_host, ==, "example.org");
	/* Nothing of an address leaves its place in the query. */
	g_autofree char *tricky = sgp_wkd_dup_target("a&b=c?d/e#f%@example.org", FALSE);
	g_assert_nonnull(tricky);
	g_assert_true(g_str_has_suffix(tricky, "?l=a%26b%3Dc%3Fd%2Fe%23f%25"));
	g_assert_null(sgp_wkd_dup_target("\"a b\"@example.org", TRUE));
	g_assert_null(sgp_wkd_dup_host("joe@[192.0.2.1]", FALSE));
}

typedef struct {
	State state;
	SoupServer *server;      /* (owned) */
	GSocketService *service; /* (owned) */
	GMainContext *context;   /* (owned) of the server's thread */
	GMainLoop *loop;         /* (owned) */
	GThread *thread;         /* (owned) */
	GPtrArray *addresses;    /* (owned) (element-type GInetAddress) */
	char *certificate;       /* (owned) path */
	guint16 port;
	gint n_requests;
} Fixture;

static void serve(SoupServer *server, SoupServerMessage *message, const char *path,
	GHashTable *query, gpointer data)
{
	Fixture *self = data;
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(message);
	g_atomic_int_inc(&self->n_requests);
	if (g_str_equal(path, "/key")) {
		soup_server_message_set_status(message, 200, NULL);
		soup_server_message_set_response(
			message, "application/octet-stream", SOUP_MEMORY_STATIC, "key", 3);
	} else if (g_str_equal(path, "/elsewhere")) {
		soup_server_message_set_redirect(message, 302, "/key");
	} else if (g_str_equal(path, "/endless")) {
		soup_message_headers_set_encoding(headers, SOUP_ENCODING_CHUNKED);
		soup_server_message_set_status(message, 200, NULL);
		g_autofree char *much = g_strnfill(1024 * 1024, 'x');
		soup_message_body_append(soup_server_message_get_response_body(message),
			SOUP_MEMORY_COPY, much, 1024 * 1024);
	} else if (g_str_equal(path, "/silent")) {
		soup_server_message_pause(message);
	} else {
		soup_server_message_set_status(message, path[1] == '5' ? 500 : 404, NULL);
	}
}

static gpointer run_server(gpointer data)
{
	Fixture *self = data;
	g_main_context_push_thread_default(self->context);
	g_main_loop_run(self->loop);
	scratch_http_close(self->server, self->service, self->context);
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

static void make_certificate(Fixture *self)
{
	self->certificate = g_build_filename(self->state.directory, "tls.pem", NULL);
	g_autofree char *key = g_build_filename(self->state.directory, "tls.key", NULL);
	const char *arguments[] = { "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
		"ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=" HOST,
		"-addext", "subjectAltName=DNS:" HOST, "-keyout", key, "-out", self->certificate,
		NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
	g_assert_no_error(error);
	g_assert_true(g_subprocess_wait_check(process, NULL, &error));
	g_autoptr(GTlsCertificate) certificate =
		g_tls_certificate_new_from_files(self->certificate, key, &error);
	g_assert_no_error(error);
	soup_server_set_tls_certificate(self->server, certificate);
}

static void setup(Fixture *self, gconstpointer data)
{
	state_setup(&self->state, data);
	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	g_main_context_push_thread_default(self->context);
	self->server = soup_server_new(NULL, NULL);
	make_certificate(self);
	soup_server_add_handler(self->server, NULL, serve, self, NULL);
	self->service = scratch_http_listen(self->server, &self->port);
	g_main_context_pop_thread_default(self->context);
	self->thread = g_thread_new("server", run_server, self);
	self->addresses = g_ptr_array_new_with_free_func(g_object_unref);
	g_ptr_array_add(self->addresses, g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4));
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

static void teardown(Fixture *self, gconstpointer data)
{
	/* From inside the loop: it may not have begun to run yet. */
	g_autoptr(GSource) source = g_idle_source_new();
	g_source_set_callback(source, quit, self->loop, NULL);
	g_source_attach(source, self->context);
	g_thread_join(self->thread);
	g_clear_object(&self->server);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_ptr_array_unref(self->addresses);
	g_free(self->certificate);
	state_teardown(&self->state, data);
}

/* "200 key", "404", "error 7". */
static char *fetch(Fixture *self, const char *host, const char *target, const char *ca_file)
{
	guint status = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) body = sgp_wkd_fetch_sync(
		host, self->port, target, self->addresses, ca_file, &status, NULL, &error);
	if (error != NULL) {
		g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
		g_assert_null(body);
		return g_strdup("unreachable");
	}
	gsize size = 0;
	const char *text = body != NULL ? g_bytes_get_data(body, &size) : "";
	return g_strdup_printf("%u %.*s", status, (int)size, text);
}

static void assert_fetch(Fixture *self, const char *target, const char *expected)
{
	g_autofree char *found = fetch(self, HOST, target, self->certificate);
	g_assert_cmpstr(found, ==, expected);
}

static void test_fetch(Fixture *self, gconstpointer data)
{
	assert_fetch(self, "/key?l=x", "200 key");
	assert_fetch(self, "/nobody", "404 ");
	assert_fetch(self, "/5", "500 ");
}

static void test_redirect(Fixture *self, gconstpointer data)
{
	assert_fetch(self, "/elsewhere", "302 ");
	g_assert_cmpint(g_atomic_int_get(&self->n_requests), ==, 1);
}

static void test_endless(Fixture *self, gconstpointer data)
{
	assert_fetch(self, "/endless", "unreachable");
}

static void test_silent(Fixture *self, gconstpointer data)
{
	gint64 start = g_get_monotonic_time();
	assert_fetch(self, "/silent", "unreachable");
	g_assert_cmpint(g_get_monotonic_time() - start, <, 15 * G_USEC_PER_SEC);
}

static void test_certificate(Fixture *self, gconstpointer data)
{
	g_autofree char *unknown_issuer = fetch(self, HOST, "/key", NULL);
	g_assert_cmpstr(unknown_issuer, ==, "unreachable");
	g_autofree char *other_name =
		fetch(self, "openpgpkey.other.example", "/key", self->certificate);
	g_assert_cmpstr(other_name, ==, "unreachable");
	g_assert_cmpint(g_atomic_int_get(&self->n_requests), ==, 0);
}

static void test_cancelled(Fixture *self, gconstpointer data)
{
	guint status = 0;
	g_autoptr(GError) error = NULL;
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
	g_assert_null(sgp_wkd_fetch_sync(HOST, self->port, "/key", self->addresses,
		self->certificate, &status, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A resolver that nobody listens on: no answer is no "there is none". */
static void test_no_resolver(Fixture *self, gconstpointer data)
{
	g_autoptr(GBytes) keys = NULL;
	g_autoptr(GError) error = NULL;
	state_set(&self->state, "dns-resolver", "'127.0.0.1@9'");
	g_assert_false(sgp_wkd_lookup_sync(
		self->state.settings, "erika@kunde.example", &keys, NULL, &error));
	g_assert_nonnull(error);
	g_assert_null(keys);
}

#define ADD(name, func) g_test_add("/wkd-fetch/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/wkd/an-address-has-its-place", test_places);
	ADD("an-answer-is-told-with-its-status", test_fetch);
	ADD("a-redirect-is-not-followed", test_redirect);
	ADD("an-endless-answer-is-no-answer", test_endless);
	ADD("a-silent-server-is-left", test_silent);
	ADD("only-the-domains-own-certificate-counts", test_certificate);
	ADD("the-caller-can-leave", test_cancelled);
	ADD("no-resolver-is-could-not-look", test_no_resolver);
	return g_test_run();
}
