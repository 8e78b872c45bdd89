/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-certificate.h"
#include "sgp-key-source-gpgsm.h"
#include "sgp-revocation.h"

#include <string.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define NOW (g_get_real_time() / G_USEC_PER_SEC)
/* What it takes at least where nobody gives up. */
#define WITHOUT_LIMIT (15 * G_TIME_SPAN_SECOND)

typedef struct {
	ScratchGpg *gpg;
	ScratchCa *ca;
	SgpKeySource *source;
	SgpRevocation *revocation;
	GSubprocess *responder;  /* (owned) (nullable) */
	GSocketListener *silent; /* takes connections and never answers */
	guint16 silent_port, responder_port;
} Fixture;

static guint16 get_free_port(void)
{
	g_autoptr(GSocketListener) listener = g_socket_listener_new();
	guint16 port = g_socket_listener_add_any_inet_port(listener, NULL, NULL);
	g_socket_listener_close(listener);
	return port;
}

static void set_up(Fixture *self, gconstpointer unused)
{
	self->gpg = scratch_gpg_new();
	self->ca = scratch_ca_new();
	scratch_ca_import(self->ca, self->gpg->home, "root", FALSE);
	scratch_ca_trust(self->ca, self->gpg->home);
	self->source = sgp_key_source_gpgsm_new(self->gpg->home);
	self->revocation = sgp_revocation_new(self->gpg->home);
	self->silent = g_socket_listener_new();
	self->silent_port = g_socket_listener_add_any_inet_port(self->silent, NULL, NULL);
	self->responder_port = get_free_port();
}

static void tear_down(Fixture *self, gconstpointer unused)
{
	g_clear_object(&self->silent);
	if (self->responder != NULL) {
		g_subprocess_force_exit(self->responder);
		g_subprocess_wait(self->responder, NULL, NULL);
		g_object_unref(self->responder);
	}
	g_clear_object(&self->source);
	g_clear_object(&self->revocation);
	scratch_ca_free(self->ca);
	scratch_gpg_free(self->gpg);
}

static SgpKeyRecord *add(Fixture *self, const char *name, ScratchCertificate how)
{
	how.names = "email:erika@kunde.example";
	g_autofree char *fingerprint = scratch_ca_make(self->ca, name, &how);
	scratch_ca_import(self->ca, self->gpg->home, name, FALSE);
	SgpKeyRecord *record = sgp_key_source_load(self->source, fingerprint, NULL, NULL);
	g_assert_nonnull(record);
	return record;
}

static SgpRevocationState check(Fixture *self, const SgpKeyRecord *record, SgpKeyLook look)
{
	return sgp_revocation_check(self->revocation, record, NOW, look, NULL);
}

static void test_slow(Fixture *self, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/list.crl", self->silent_port);
	g_autoptr(SgpKeyRecord) record = add(self, "slow", (ScratchCertificate){ .list = url });
	gint64 start = g_get_monotonic_time();
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_TYPING), ==, SGP_REVOCATION_UNKNOWN);
	gint64 again = g_get_monotonic_time();
	g_assert_cmpint(again - start, <, WITHOUT_LIMIT);
	/* The one that still waits is not waited for again. */
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_TYPING), ==, SGP_REVOCATION_UNKNOWN);
	g_assert_cmpint(g_get_monotonic_time() - again, <, again - start);
}

static void test_cancelled(Fixture *self, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/list.crl", self->silent_port);
	g_autoptr(SgpKeyRecord) record = add(self, "slow", (ScratchCertificate){ .list = url });
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
	gint64 start = g_get_monotonic_time();
	g_assert_cmpint(
		sgp_revocation_check(self->revocation, record, NOW, SGP_KEY_LOOK_LAST, cancellable),
		==, SGP_REVOCATION_UNKNOWN);
	g_assert_cmpint(g_get_monotonic_time() - start, <, WITHOUT_LIMIT);
}

/* Nobody can be asked any more, so the answer comes from memory; before sealing that is none. */
static void test_remembered(Fixture *self, gconstpointer unused)
{
	g_autoptr(SgpKeyRecord) record = add(self, "erika", (ScratchCertificate){ 0 });
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_GOOD);
	scratch_ca_set_offline(self->ca, TRUE);
	scratch_ca_forget(self->gpg->home);
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_TYPING), ==, SGP_REVOCATION_GOOD);
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_PATIENT), ==, SGP_REVOCATION_GOOD);
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_UNKNOWN);
}

/* dirmngr asks responders only where its own configuration allows it. */
static void allow_responders(Fixture *self)
{
	g_autofree char *path = g_build_filename(self->gpg->home, "dirmngr.conf", NULL);
	g_assert_true(g_file_set_contents(path, "allow-ocsp\n", -1, NULL));
	scratch_ca_forget(self->gpg->home);
}

static void start_responder(Fixture *self)
{
	g_autofree char *port = g_strdup_printf("%u", self->responder_port);
	g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
	g_subprocess_launcher_set_cwd(launcher, self->ca->directory);
	self->responder = g_subprocess_launcher_spawn(launcher, NULL, "openssl", "ocsp", "-index",
		"index.txt", "-CA", "root.pem", "-rsigner", "root.pem", "-rkey", "root.key",
		"-port", port, "-ndays", "1", NULL);
	g_assert_nonnull(self->responder);
	/* "ACCEPT 0.0.0.0:1234 PID=1" says that it listens. */
	char line[256] = "";
	g_assert_cmpint(g_input_stream_read(g_subprocess_get_stdout_pipe(self->responder), line,
				sizeof(line) - 1, NULL, NULL),
		>, 0);
}

static void test_responder(Fixture *self, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/", self->responder_port);
	const ScratchCertificate how = { .list = "none", .responder = url };
	g_autoptr(SgpKeyRecord) good = add(self, "good", how);
	g_autoptr(SgpKeyRecord) stolen = add(self, "stolen", how);
	scratch_ca_revoke(self->ca, "stolen");
	allow_responders(self);
	g_assert_cmpint(
		check(self, good, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_UNKNOWN); /* it is down */
	start_responder(self);
	g_assert_cmpint(check(self, good, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_GOOD);
	g_assert_cmpint(check(self, stolen, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_REVOKED);
}

static void test_responder_in_place_of_list(Fixture *self, gconstpointer unused)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/", self->responder_port);
	g_autoptr(SgpKeyRecord) record = add(self, "both",
		(ScratchCertificate){ .list = "http://127.0.0.1:1/list.crl", .responder = url });
	allow_responders(self);
	start_responder(self);
	g_assert_cmpint(check(self, record, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_GOOD);
}

/* An issuer that was revoked takes its certificates with it. */
static void test_issuer(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate middle = { .subject = "/CN=Middle",
		.constraints = "CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.end = "20490101000000Z" };
	const ScratchCertificate quiet = { .subject = "/CN=Quiet",
		.constraints = "CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.end = "20490101000000Z",
		.list = "none" };
	g_autoptr(SgpKeyRecord) issuer = add(self, "middle", middle);
	g_autoptr(SgpKeyRecord) silent = add(self, "quiet", quiet);
	g_autoptr(SgpKeyRecord) below =
		add(self, "below", (ScratchCertificate){ .issuer = "quiet" });
	g_assert_false(below->certificate->is_chain_revocable);
	g_assert_cmpint(check(self, below, SGP_KEY_LOOK_LAST), ==, SGP_REVOCATION_UNKNOWN);
	scratch_ca_revoke(self->ca, "middle");
	scratch_ca_publish(self->ca, 7);
	g_autoptr(SgpKeyRecord) child =
		add(self, "child", (ScratchCertificate){ .issuer = "middle" });
	g_assert_true(child->certificate->is_chain_revocable);
	g_assert_cmpint(check(self, child, SGP_KEY_LOOK_LAST), !=, SGP_REVOCATION_GOOD);
}

#define ADD(name, test) g_test_add("/revocation/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-server-that-hangs-does-not-hold-up-typing", test_slow);
	ADD("whoever-cancels-need-not-wait", test_cancelled);
	ADD("an-answer-is-remembered", test_remembered);
	ADD("a-responder-is-asked", test_responder);
	ADD("a-responder-answers-where-the-list-cannot-be-had", test_responder_in_place_of_list);
	ADD("issuers-are-asked-about-too", test_issuer);
	return g_test_run();
}
