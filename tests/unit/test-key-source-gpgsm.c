/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-key-source-gpgsm.h"

#include <string.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define NOW   (g_get_real_time() / G_USEC_PER_SEC)
#define ERIKA "erika@kunde.example"
#define NAMED "email:" ERIKA

typedef struct {
	ScratchGpg *gpg;
	ScratchCa *ca;
	SgpKeySource *source;
} Fixture;

static void set_up(Fixture *self, gconstpointer unused)
{
	self->gpg = scratch_gpg_new();
	self->ca = scratch_ca_new();
	scratch_ca_import(self->ca, self->gpg->home, "root", FALSE);
	scratch_ca_trust(self->ca, self->gpg->home);
	self->source = sgp_key_source_gpgsm_new(self->gpg->home);
}

static void tear_down(Fixture *self, gconstpointer unused)
{
	g_clear_object(&self->source);
	scratch_ca_free(self->ca);
	scratch_gpg_free(self->gpg);
}

static char *add(Fixture *self, const char *name, ScratchCertificate how)
{
	char *fingerprint = scratch_ca_make(self->ca, name, &how);
	scratch_ca_import(self->ca, self->gpg->home, name, FALSE);
	return fingerprint;
}

/* As it is used: judged, and then asked for at its issuer. (transfer full) */
static SgpKey *look(Fixture *self, const char *fingerprint, const char *address, SgpKeyLook look)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpKeyRecord) record =
		sgp_key_source_load(self->source, fingerprint, NULL, &error);
	g_assert_no_error(error);
	SgpKey *key = sgp_key_record_judge(record, address, NOW);
	sgp_key_source_check(self->source, record, key, NOW, look, NULL);
	return key;
}

static void assert_state(
	Fixture *self, const char *fingerprint, SgpKeyState state, const char *detail)
{
	g_autoptr(SgpKey) key = look(self, fingerprint, ERIKA, SGP_KEY_LOOK_LAST);
	g_assert_cmpstr(sgp_key_state_get_nick(key->state), ==, sgp_key_state_get_nick(state));
	g_assert_cmpstr(key->detail, ==, detail);
}

static void test_good(Fixture *self, gconstpointer unused)
{
	g_autofree char *rsa = add(
		self, "rsa", (ScratchCertificate){ .names = NAMED, .purpose = "emailProtection" });
	g_autofree char *curve = add(self, "curve",
		(ScratchCertificate){ .names = NAMED,
			.key = "ec:prime256v1",
			.usage = "critical,digitalSignature,keyAgreement" });
	g_autofree char *bare =
		add(self, "bare", (ScratchCertificate){ .names = NAMED, .usage = "none" });
	g_autofree char *subject = add(self, "subject",
		(ScratchCertificate){ .subject = "/CN=Erika/emailAddress=Erika@KUNDE.example" });
	g_autofree char *several = add(self, "several",
		(ScratchCertificate){ .names = "email:other@kunde.example," NAMED,
			.purpose = "clientAuth,emailProtection" });
	g_autofree char *capital =
		add(self, "capital", (ScratchCertificate){ .names = "email:ERIKA@Kunde.Example" });
	const char *all[] = { rsa, curve, bare, subject, several, capital };
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		assert_state(self, all[i], SGP_KEY_STATE_USABLE, NULL);
		g_autoptr(SgpKey) key = look(self, all[i], ERIKA, SGP_KEY_LOOK_TYPING);
		g_assert_true(key->verified);
		g_assert_cmpint(key->channel, ==, SGP_CHANNEL_SMIME);
		g_assert_cmpint(key->expires, >, NOW);
	}
}

static void test_times(Fixture *self, gconstpointer unused)
{
	g_autofree char *past = add(self, "past",
		(ScratchCertificate){
			.names = NAMED, .start = "20200101000000Z", .end = "20210121000000Z" });
	g_autofree char *future = add(self, "future",
		(ScratchCertificate){
			.names = NAMED, .start = "20450101000000Z", .end = "20460101000000Z" });
	assert_state(self, past, SGP_KEY_STATE_EXPIRED, "2021-01-21");
	assert_state(self, future, SGP_KEY_STATE_NOT_YET_VALID, "2045-01-01");
}

static void test_purposes(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate all[] = {
		{ .names = NAMED, .usage = "critical,digitalSignature" },
		{ .names = NAMED, .usage = "critical,keyAgreement" }, /* of an RSA key */
		{ .names = NAMED, .key = "ec:prime256v1", .usage = "critical,keyEncipherment" },
		{ .names = NAMED, .purpose = "clientAuth" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
		g_autofree char *name = g_strdup_printf("purpose%zu", i);
		g_autofree char *fingerprint = add(self, name, all[i]);
		assert_state(self, fingerprint, SGP_KEY_STATE_NO_ENCRYPTION, "key-usage");
	}
}

static void test_weak(Fixture *self, gconstpointer unused)
{
	g_autofree char *small =
		add(self, "small", (ScratchCertificate){ .names = NAMED, .key = "rsa:1024" });
	g_autofree char *old =
		add(self, "old", (ScratchCertificate){ .names = NAMED, .digest = "sha1" });
	assert_state(self, small, SGP_KEY_STATE_TOO_WEAK, "rsa1024");
	assert_state(self, old, SGP_KEY_STATE_TOO_WEAK, "sha1");
}

static void test_chains(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate other_root = { .subject = "/CN=Other Root",
		.constraints = "CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.list = "none",
		.issuer = "self",
		.end = "20490101000000Z" };
	const ScratchCertificate middle = { .subject = "/CN=Middle",
		.constraints = "CA:TRUE",
		.usage = "critical,keyCertSign,cRLSign",
		.end = "20490101000000Z" };
	g_autofree char *other G_GNUC_UNUSED = add(self, "other", other_root);
	g_autofree char *missing G_GNUC_UNUSED = scratch_ca_make(self->ca, "missing", &middle);
	g_autofree char *strange =
		add(self, "strange", (ScratchCertificate){ .names = NAMED, .issuer = "other" });
	g_autofree char *orphan =
		add(self, "orphan", (ScratchCertificate){ .names = NAMED, .issuer = "missing" });
	g_autofree char *own =
		add(self, "own", (ScratchCertificate){ .names = NAMED, .issuer = "self" });
	/* A customer's certificate issues nothing, whoever signed it. */
	g_autofree char *leaf G_GNUC_UNUSED = add(self, "leaf", (ScratchCertificate){ 0 });
	g_autofree char *below =
		add(self, "below", (ScratchCertificate){ .names = NAMED, .issuer = "leaf" });
	assert_state(self, strange, SGP_KEY_STATE_NOT_VERIFIED, "untrusted-root");
	assert_state(self, own, SGP_KEY_STATE_NOT_VERIFIED, "untrusted-root");
	assert_state(self, orphan, SGP_KEY_STATE_NOT_VERIFIED, "issuer-missing");
	g_autoptr(SgpKey) key = look(self, below, ERIKA, SGP_KEY_LOOK_LAST);
	g_assert_cmpint(key->state, !=, SGP_KEY_STATE_USABLE);
}

static void test_addresses(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate others[] = {
		{ .subject = "/CN=" ERIKA },
		{ .names = "email:noterika@kunde.example" },
		{ .names = "email:erika@kunde.example.evil.example" },
		{ .names = "email:erika+x@kunde.example" },
		{ .names = "URI:mailto:" ERIKA },
		{ .names = "DNS:kunde.example", .subject = "/CN=Erika <" ERIKA ">" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autofree char *name = g_strdup_printf("other%zu", i);
		g_autofree char *fingerprint = add(self, name, others[i]);
		assert_state(self, fingerprint, SGP_KEY_STATE_WRONG_ADDRESS, NULL);
	}
}

static void test_revoked(Fixture *self, gconstpointer unused)
{
	g_autofree char *fingerprint = add(self, "stolen", (ScratchCertificate){ .names = NAMED });
	assert_state(self, fingerprint, SGP_KEY_STATE_USABLE, NULL);
	scratch_ca_revoke(self->ca, "stolen");
	scratch_ca_publish(self->ca, 7);
	/* dirmngr believes a list until it ends. */
	scratch_ca_forget(self->gpg->home);
	g_autoptr(SgpKey) typing = look(self, fingerprint, ERIKA, SGP_KEY_LOOK_TYPING);
	g_assert_cmpint(typing->state, ==, SGP_KEY_STATE_USABLE); /* remembered */
	assert_state(self, fingerprint, SGP_KEY_STATE_REVOKED, NULL);
	g_autoptr(SgpKey) later = look(self, fingerprint, ERIKA, SGP_KEY_LOOK_TYPING);
	g_assert_cmpint(later->state, ==, SGP_KEY_STATE_REVOKED);
}

static void test_no_answer(Fixture *self, gconstpointer unused)
{
	g_autofree char *quiet =
		add(self, "quiet", (ScratchCertificate){ .names = NAMED, .list = "none" });
	g_autofree char *file = add(self, "file",
		(ScratchCertificate){ .names = NAMED, .list = "file:///nonexistent.crl" });
	g_autofree char *down = add(self, "down",
		(ScratchCertificate){ .names = NAMED, .list = "http://127.0.0.1:1/list.crl" });
	assert_state(self, quiet, SGP_KEY_STATE_UNKNOWN, "revocation-unknown");
	assert_state(self, file, SGP_KEY_STATE_UNKNOWN, "revocation-unknown");
	assert_state(self, down, SGP_KEY_STATE_UNKNOWN, "revocation-unknown");
}

static void test_list_comes_and_goes(Fixture *self, gconstpointer unused)
{
	g_autofree char *fingerprint = add(self, "erika", (ScratchCertificate){ .names = NAMED });
	scratch_ca_set_offline(self->ca, TRUE);
	assert_state(self, fingerprint, SGP_KEY_STATE_UNKNOWN, "revocation-unknown");
	scratch_ca_set_offline(self->ca, FALSE);
	assert_state(self, fingerprint, SGP_KEY_STATE_USABLE, NULL);
	scratch_ca_publish(self->ca, -1);
	scratch_ca_forget(self->gpg->home);
	assert_state(self, fingerprint, SGP_KEY_STATE_UNKNOWN, "revocation-unknown");
}

/* A line that an administrator once wrote for peace and quiet. */
static void test_configuration(Fixture *self, gconstpointer unused)
{
	g_autofree char *path = g_build_filename(self->gpg->home, "gpgsm.conf", NULL);
	g_assert_true(g_file_set_contents(path, "disable-crl-checks\n", -1, NULL));
	g_autofree char *fingerprint = add(self, "stolen", (ScratchCertificate){ .names = NAMED });
	scratch_ca_revoke(self->ca, "stolen");
	scratch_ca_publish(self->ca, 7);
	assert_state(self, fingerprint, SGP_KEY_STATE_REVOKED, NULL);
}

static void test_stamp(Fixture *self, gconstpointer unused)
{
	g_autofree char *first = sgp_key_source_dup_stamp(self->source);
	g_autofree char *same = sgp_key_source_dup_stamp(self->source);
	g_assert_cmpstr(first, ==, same);
	g_autofree char *fingerprint G_GNUC_UNUSED = add(self, "e", (ScratchCertificate){ 0 });
	g_autofree char *more = sgp_key_source_dup_stamp(self->source);
	g_assert_cmpstr(more, !=, first);
	g_autofree char *list = g_build_filename(self->gpg->home, "trustlist.txt", NULL);
	g_assert_true(g_file_set_contents(list, "# nobody\n", -1, NULL));
	g_autofree char *untrusted = sgp_key_source_dup_stamp(self->source);
	g_assert_cmpstr(untrusted, !=, more);
}

static void test_missing(Fixture *self, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_key_source_load(
		self->source, "0000000000000000000000000000000000000000", NULL, &error));
	g_assert_nonnull(error);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
}

#define ADD(name, test)                                                                            \
	g_test_add("/key-source-gpgsm/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-certificate-for-the-address-is-used", test_good);
	ADD("time-is-looked-at", test_times);
	ADD("a-certificate-for-another-purpose-is-not-used", test_purposes);
	ADD("a-weak-key-or-signature-is-not-used", test_weak);
	ADD("only-a-trusted-root-counts", test_chains);
	ADD("only-an-address-field-counts", test_addresses);
	ADD("a-revoked-certificate-is-not-used", test_revoked);
	ADD("no-answer-about-revocation-is-unknown", test_no_answer);
	ADD("a-list-that-comes-and-goes-is-followed", test_list_comes_and_goes);
	ADD("no-configuration-switches-revocation-off", test_configuration);
	ADD("a-change-of-keybox-or-trust-is-noticed", test_stamp);
	ADD("a-certificate-that-is-not-there-is-an-error", test_missing);
	return g_test_run();
}
