/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "sgp-error.h"
#include "sgp-provider-cache.h"
#include "sgp-transport-probe.h"

#define NOW G_GINT64_CONSTANT(1800000000)

/* Nobody answers at the address of the resolver: a socket that is bound and never read. */
typedef struct {
	State state;
	GSocket *silence;         /* (owned) */
	SgpTransportProbe *probe; /* (owned) */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string("127.0.0.1", 0);
	state_setup(&fixture->state, data);
	fixture->silence = g_socket_new(
		G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
	g_assert_true(g_socket_bind(fixture->silence, any, FALSE, NULL));
	g_autoptr(GSocketAddress) bound = g_socket_get_local_address(fixture->silence, NULL);
	g_autofree char *resolver = g_strdup_printf(
		"'127.0.0.1@%u'", g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound)));
	state_set(&fixture->state, "dns-resolver", resolver);
	fixture->probe = sgp_transport_probe_new(fixture->state.settings, fixture->state.store);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->probe);
	g_clear_object(&fixture->silence);
	state_teardown(&fixture->state, data);
}

static void remember(Fixture *fixture, const char *domain, SgpKnowledge answer, gint64 until)
{
	g_autoptr(GError) error = NULL;
	sgp_provider_cache_remember(fixture->state.store, domain, answer, NOW, until, &error);
	g_assert_no_error(error);
}

static void test_remembers(Fixture *fixture, gconstpointer data)
{
	remember(fixture, "ja.example", SGP_KNOWLEDGE_YES, NOW + 300);
	remember(fixture, "nein.example", SGP_KNOWLEDGE_NO, NOW + 300);
	SgpTransportProbe *probe = fixture->probe;
	g_assert_cmpint(
		sgp_transport_probe_get_known(probe, "ja.example", NOW), ==, SGP_KNOWLEDGE_YES);
	g_assert_cmpint(sgp_transport_probe_lookup_sync(probe, "nein.example", NOW + 299, NULL), ==,
		SGP_KNOWLEDGE_NO);
	g_assert_cmpint(sgp_transport_probe_get_known(probe, "ja.example", NOW + 300), ==,
		SGP_KNOWLEDGE_UNKNOWN);
	g_assert_cmpint(sgp_transport_probe_get_known(probe, "ja.example", NOW - 1), ==,
		SGP_KNOWLEDGE_UNKNOWN);
	g_assert_cmpint(sgp_transport_probe_get_known(probe, "x.ja.example", NOW), ==,
		SGP_KNOWLEDGE_UNKNOWN);
}

static void test_forgets(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *id = NULL;
	remember(fixture, "alt.example", SGP_KNOWLEDGE_YES, NOW - 1);
	sgp_provider_cache_remember_policy(
		fixture->state.store, "sts.example", "1", "text", NOW + 10, &error);
	g_assert_no_error(error);
	g_autofree char *text =
		sgp_provider_cache_lookup_policy(fixture->state.store, "sts.example", NOW, &id);
	g_assert_cmpstr(text, ==, "text");
	g_assert_cmpstr(id, ==, "1");
	g_autofree char *ended = sgp_provider_cache_lookup_policy(
		fixture->state.store, "sts.example", NOW + 10, &id);
	g_assert_null(ended);
	remember(fixture, "neu.example", SGP_KNOWLEDGE_NO, NOW + 10);
	g_assert_cmpint(sgp_provider_cache_lookup(fixture->state.store, "alt.example", NOW - 2), ==,
		SGP_KNOWLEDGE_UNKNOWN);
}

static void test_literal(Fixture *fixture, gconstpointer data)
{
	g_assert_cmpint(sgp_transport_probe_get_known(fixture->probe, "[192.0.2.1]", NOW), ==,
		SGP_KNOWLEDGE_NO);
	g_assert_cmpint(sgp_transport_probe_get_known(fixture->probe, "[ipv6:2001:db8::1]", NOW),
		==, SGP_KNOWLEDGE_NO);
}

static gpointer look(gpointer user_data)
{
	Fixture *fixture = user_data;
	return GINT_TO_POINTER(
		sgp_transport_probe_lookup_sync(fixture->probe, "kunde.example", NOW, NULL));
}

/* Eight threads, one look of at most five seconds, and silence for a while after it. */
static void test_silent(Fixture *fixture, gconstpointer data)
{
	GThread *threads[8];
	gint64 start = g_get_monotonic_time();
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("look", look, fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(threads); i++)
		g_assert_cmpint(
			GPOINTER_TO_INT(g_thread_join(threads[i])), ==, SGP_KNOWLEDGE_UNKNOWN);
	g_assert_cmpint(g_get_monotonic_time() - start, <, 12 * G_USEC_PER_SEC);
	start = g_get_monotonic_time();
	g_assert_cmpint(GPOINTER_TO_INT(look(fixture)), ==, SGP_KNOWLEDGE_UNKNOWN);
	g_assert_cmpint(g_get_monotonic_time() - start, <, G_USEC_PER_SEC);
}

static void test_cancelled(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_autoptr(GError) error = NULL;
	g_cancellable_cancel(cancellable);
	g_autoptr(SgpProviderReport) report = sgp_transport_probe_run_sync(
		fixture->probe, "kunde.example", NOW, cancellable, &error);
	g_assert_null(report);
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void test_settings(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) other = NULL;
	state_set(&fixture->state, "dns-resolver", "'nonsense'");
	g_assert_null(
		sgp_transport_probe_run_sync(fixture->probe, "kunde.example", NOW, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	state_set(&fixture->state, "dns-trust-anchor", "'/nonexistent'");
	g_assert_null(
		sgp_transport_probe_run_sync(fixture->probe, "kunde.example", NOW, NULL, &other));
	g_assert_error(other, SGP_ERROR, SGP_ERROR_STORAGE);
}

#define ADD(name, func) g_test_add("/transport-probe/" name, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("an-answer-holds-until-it-ends", test_remembers);
	ADD("what-has-ended-is-forgotten", test_forgets);
	ADD("an-address-literal-is-a-no", test_literal);
	ADD("a-silent-resolver-is-asked-once-and-not-waited-for-again", test_silent);
	ADD("cancelled-is-cancelled", test_cancelled);
	ADD("a-wrong-setting-is-an-error-not-an-answer", test_settings);
	return g_test_run();
}
