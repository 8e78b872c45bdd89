/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two devices of an office and a portal that may say anything: what one records the other knows,
 * and what nobody vouches for counts for nothing. */
#include "state-fixture.h"

#include "hostile-portal.h"
#include "scratch-gpg.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-ledger-sync-private.h"
#include "sgp-ledger-sync.h"
#include "sgp-protocol.h"

#include <string.h>

#define NOW    ((gint64)1795504380)
#define ERIKA  "erika@kunde.example"
#define ORIGIN "https://portal.office.example"

typedef struct {
	char *id, *entry; /* (owned) */
} Kept;

typedef struct {
	State here, there;
	SgpDispatcher *a, *b; /* (owned) */
	ScratchGpg *gpg;      /* (owned) */
	HostilePortal *portal;
	char *office, *sabine, *otto, *stranger; /* (owned) fingerprints */
	GPtrArray *kept;                         /* (owned) (element-type Kept) */
	GBytes *roster;                          /* (owned) */
	char *signature;                         /* (owned) */
} Fixture;

static void kept_free(Kept *kept)
{
	g_free(kept->id);
	g_free(kept->entry);
	g_free(kept);
}

static void keep(Fixture *fixture, const char *id, const char *entry)
{
	Kept *kept = g_new0(Kept, 1);

	kept->id = g_strdup(id);
	kept->entry = g_strdup(entry);
	g_ptr_array_add(fixture->kept, kept);
}

static char *dup_office(Fixture *fixture)
{
	gsize length = 0;
	const guint8 *data = g_bytes_get_data(fixture->roster, &length);
	g_autofree char *roster = sgp_protocol_encode_b64u(data, length);
	g_autofree char *signature = g_strescape(fixture->signature, NULL);

	return g_strdup_printf("{\"name\":\"Office\",\"origin\":\"" ORIGIN "\",\"limits\":"
			       "{\"attachment\":1,\"message\":1},\"roster\":{\"version\":1,"
			       "\"roster\":\"%s\",\"signature\":\"%s\"}}",
		roster, signature);
}

static char *dup_page(Fixture *fixture)
{
	g_autoptr(GString) text = g_string_new("{\"entries\":[");
	guint after = (guint)hostile_portal_get_after(fixture->portal);

	for (guint i = after; i < fixture->kept->len; i++) {
		const Kept *kept = g_ptr_array_index(fixture->kept, i);
		g_autofree char *entry = g_strescape(kept->entry, NULL);

		g_string_append_printf(text,
			"%s{\"n\":%u,\"id\":\"%s\",\"device\":\"d\",\"entry\":\"%s\"}",
			i > after ? "," : "", i + 1, kept->id, entry);
	}
	g_string_append_printf(text, "],\"last\":%u}", MAX(after, fixture->kept->len));
	return g_strdup(text->str);
}

static guint take(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Fixture *fixture = user_data;

	if (g_str_equal(path, "/api/v1/office")) {
		*answer = dup_office(fixture);
		return 200;
	}
	if (g_str_equal(method, "GET")) {
		*answer = dup_page(fixture);
		return 200;
	}
	gsize length = 0;
	const char *text = g_bytes_get_data(body, &length);
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(text, length);

	keep(fixture, strrchr(path, '/') + 1, sgp_protocol_get_text(object, "entry"));
	*answer = g_strdup_printf("{\"n\":%u}", fixture->kept->len);
	return 201;
}

/* former: (nullable) who left */
static void set_roster(Fixture *fixture, const char *one, const char *other, const char *former)
{
	g_autofree char *left = former ? g_strdup_printf("{\"address\":\"left@office.example\","
							 "\"fingerprint\":\"%s\"}",
						 former)
				       : g_strdup("");
	g_autofree char *text = g_strdup_printf(
		"{\"v\":1,\"version\":1,\"portal\":\"" ORIGIN "\",\"office\":\"%s\",\"staff\":["
		"{\"address\":\"sabine@office.example\",\"fingerprint\":\"%s\"},"
		"{\"address\":\"otto@office.example\",\"fingerprint\":\"%s\"}],"
		"\"former\":[%s]}",
		fixture->office, one, other, left);
	g_autoptr(GError) error = NULL;

	g_clear_pointer(&fixture->roster, g_bytes_unref);
	g_free(fixture->signature);
	fixture->roster = g_bytes_new(text, strlen(text));
	fixture->signature = sgp_gpgme_sign_detached(
		fixture->gpg->home, fixture->roster, fixture->office, &error);
	g_assert_no_error(error);
}

static SgpDispatcher *open_device(Fixture *fixture, State *state, const char *staff)
{
	const char *origin = hostile_portal_get_origin(fixture->portal);
	g_autofree char *url = g_strdup_printf("'%s'", origin);
	g_autofree char *home = g_strdup_printf("'%s'", fixture->gpg->home);
	g_autoptr(GError) error = NULL;

	state_set(state, "portal-url", url);
	state_set(state, "gnupg-home", home);
	SgpDispatcher *dispatcher = sgp_dispatcher_new(state->settings, state->directory, &error);

	g_assert_no_error(error);
	SgpStore *store = sgp_dispatcher_get_store(dispatcher);

	sgp_store_set_value(store, "portal.office-fingerprint", fixture->office, NULL);
	sgp_store_set_value(store, "portal.staff-fingerprint", staff, NULL);
	dispatcher->portal = sgp_portal_client_new(origin, "token", NULL);
	return dispatcher;
}

static char *make_key(Fixture *fixture, const char *user_id)
{
	g_autoptr(GError) error = NULL;
	char *fingerprint = sgp_gpgme_generate(fixture->gpg->home, user_id, &error);

	g_assert_no_error(error);
	return fingerprint;
}

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->here, data);
	state_setup(&fixture->there, data);
	fixture->gpg = scratch_gpg_new();
	fixture->kept = g_ptr_array_new_with_free_func((GDestroyNotify)kept_free);
	fixture->portal = hostile_portal_new(take, fixture, NULL, NULL);
	fixture->office = make_key(fixture, "Office <office@portal.office.example>");
	fixture->sabine = make_key(fixture, "<sabine@office.example>");
	fixture->otto = make_key(fixture, "<otto@office.example>");
	fixture->stranger = make_key(fixture, "<otto@office.example>");
	set_roster(fixture, fixture->sabine, fixture->otto, NULL);
	fixture->a = open_device(fixture, &fixture->here, fixture->sabine);
	fixture->b = open_device(fixture, &fixture->there, fixture->otto);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	hostile_portal_free(fixture->portal);
	g_clear_object(&fixture->a);
	g_clear_object(&fixture->b);
	scratch_gpg_free(fixture->gpg);
	g_ptr_array_unref(fixture->kept);
	g_bytes_unref(fixture->roster);
	g_free(fixture->signature);
	g_free(fixture->office);
	g_free(fixture->sabine);
	g_free(fixture->otto);
	g_free(fixture->stranger);
	state_teardown(&fixture->here, data);
	state_teardown(&fixture->there, data);
}

static SgpLedgerSync sync_at(SgpDispatcher *device, gint64 now)
{
	SgpLedgerSync result = { 0 };
	g_autoptr(GError) error = NULL;

	sgp_ledger_sync_run(device, TRUE, now, &result, NULL, &error);
	g_assert_no_error(error);
	return result;
}

static void record_at(SgpDispatcher *device, SgpConsentKind kind, gint64 given, gint64 now)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = {
		.kind = kind, .address = ERIKA, .given = given, .taken_by = "Sabine"
	};

	sgp_consent_ledger_record(sgp_dispatcher_get_ledger(device), &consent, now, &error);
	g_assert_no_error(error);
}

/* Kinds and order of what a device knows of Erika, newest last, as the rule sees it. */
static char *describe(SgpDispatcher *device)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) facts = sgp_consent_ledger_lookup_consents(
		sgp_dispatcher_get_ledger(device), ERIKA, &error);
	g_autoptr(GString) text = g_string_new(NULL);
	const SgpConsentFact *newest = NULL;

	g_assert_no_error(error);
	for (guint i = 0; i < facts->len; i++) {
		const SgpConsentFact *fact = g_ptr_array_index(facts, i);

		if (!newest || sgp_consent_fact_is_newer(fact, newest))
			newest = fact;
	}
	g_string_append_printf(text, "%u newest %s %d", facts->len, newest ? newest->id : "-",
		newest ? (int)newest->kind : -1);
	return g_strdup(text->str);
}

static void assert_same(Fixture *fixture)
{
	g_autofree char *one = describe(fixture->a);
	g_autofree char *other = describe(fixture->b);

	g_assert_cmpstr(one, ==, other);
}

static guint count_facts(SgpDispatcher *device)
{
	g_autofree char *text = describe(device);

	return (guint)g_ascii_strtoull(text, NULL, 10);
}

static void test_both_ways(Fixture *fixture, gconstpointer data)
{
	record_at(fixture->a, SGP_CONSENT_AGREEMENT, NOW - 100, NOW);
	record_at(fixture->b, SGP_CONSENT_WITHDRAWAL, NOW - 100, NOW + 5);
	g_assert_cmpuint(sync_at(fixture->a, NOW + 10).sent, ==, 1);
	SgpLedgerSync b = sync_at(fixture->b, NOW + 10);

	g_assert_cmpuint(b.sent, ==, 1);
	g_assert_cmpuint(b.received, ==, 1);
	g_assert_cmpuint(sync_at(fixture->a, NOW + 20).received, ==, 1);
	/* Given at the same time: both say that the withdrawal, recorded later, is newer. */
	assert_same(fixture);
	g_assert_cmpuint(count_facts(fixture->a), ==, 2);
	SgpLedgerSync again = sync_at(fixture->a, NOW + 30);

	g_assert_cmpuint(again.sent + again.received + again.waiting + again.refused, ==, 0);
}

static void test_origin(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	record_at(fixture->a, SGP_CONSENT_AGREEMENT, 0, NOW);
	g_autofree char *before = sgp_consent_ledger_list_json(
		sgp_dispatcher_get_ledger(fixture->a), NULL, NULL, NOW, &error);

	g_assert_nonnull(strstr(before, "\"synced\":false"));
	sync_at(fixture->a, NOW);
	sync_at(fixture->b, NOW);
	g_autofree char *ours = sgp_consent_ledger_list_json(
		sgp_dispatcher_get_ledger(fixture->a), NULL, NULL, NOW, &error);
	g_autofree char *theirs = sgp_consent_ledger_list_json(
		sgp_dispatcher_get_ledger(fixture->b), NULL, NULL, NOW, &error);

	g_assert_nonnull(strstr(ours, "\"synced\":true"));
	g_assert_nonnull(strstr(theirs, "\"from\":\"sabine@office.example\""));
	/* What the portal keeps says nothing. */
	g_assert_null(strstr(((Kept *)g_ptr_array_index(fixture->kept, 0))->entry, "erika"));
}

/* Sealed by whom the test likes; the portal shows it. more: members, with a comma before. */
static void forge_more(Fixture *fixture, const char *signer, const char *office, const char *kind,
	const char *more)
{
	static guint n = 0;
	g_autofree char *id = g_strdup_printf("019a0000-0000-7000-8000-%012u", ++n);
	g_autofree char *plain =
		g_strdup_printf("{\"id\":\"%s\",\"kind\":\"%s\",\"recorded\":%" G_GINT64_FORMAT
				",\"address\":\"" ERIKA "\",\"fields\":{\"given\":%" G_GINT64_FORMAT
				",\"taken_by\":\"X\",\"by\":\"X\",\"reason\":\"Art. 17\"}"
				",\"personal\":{}%s}",
			id, kind, NOW, NOW, more);
	SgpOutgoing record = { .id = id, .plain = plain };
	SgpLedgerSyncKeys keys = { .home = fixture->gpg->home, .office = office, .signer = signer };
	g_autoptr(GError) error = NULL;
	g_autofree char *sealed = sgp_ledger_sync_seal_record(&keys, &record, NULL, &error);

	g_assert_no_error(error);
	keep(fixture, id, sealed);
}

static void forge(Fixture *fixture, const char *signer, const char *office, const char *kind)
{
	forge_more(fixture, signer, office, kind, "");
}

static void test_stranger(Fixture *fixture, gconstpointer data)
{
	forge(fixture, fixture->stranger, fixture->office, "agreement");
	forge(fixture, fixture->otto, fixture->office, "agreement"); /* the fake is good */
	SgpLedgerSync result = sync_at(fixture->a, NOW);

	g_assert_cmpuint(result.received, ==, 1);
	g_assert_cmpuint(result.refused, ==, 1);
	g_assert_cmpuint(count_facts(fixture->a), ==, 1);
	g_autofree char *refused = sgp_ledger_sync_dup_refused_json(fixture->a, NULL);

	g_assert_nonnull(strstr(refused, "\"why\":\"stranger\""));
}

static void test_left(Fixture *fixture, gconstpointer data)
{
	set_roster(fixture, fixture->sabine, fixture->stranger, fixture->otto);
	forge(fixture, fixture->otto, fixture->office, "agreement");
	g_assert_cmpuint(sync_at(fixture->a, NOW).refused, ==, 1);
	g_assert_cmpuint(count_facts(fixture->a), ==, 0);
	g_autofree char *refused = sgp_ledger_sync_dup_refused_json(fixture->a, NULL);

	g_assert_nonnull(strstr(refused, "\"why\":\"former\""));
	/* It is not lost: once the roster names him again, it counts. */
	set_roster(fixture, fixture->sabine, fixture->otto, NULL);
	SgpLedgerSync result = sync_at(fixture->a, NOW + 1);

	g_assert_cmpuint(result.received, ==, 1);
	g_assert_cmpuint(result.refused, ==, 0);
	g_assert_cmpuint(count_facts(fixture->a), ==, 1);
}

static void test_left_withdrawal(Fixture *fixture, gconstpointer data)
{
	set_roster(fixture, fixture->sabine, fixture->stranger, fixture->otto);
	forge(fixture, fixture->otto, fixture->office, "withdrawal");
	SgpLedgerSync result = sync_at(fixture->a, NOW);

	g_assert_cmpuint(result.received, ==, 1);
	g_assert_cmpuint(result.refused, ==, 0);
	g_assert_cmpuint(count_facts(fixture->a), ==, 1);
}

static void test_left_erasure(Fixture *fixture, gconstpointer data)
{
	record_at(fixture->a, SGP_CONSENT_AGREEMENT, NOW - 100, NOW - 50);
	set_roster(fixture, fixture->sabine, fixture->stranger, fixture->otto);
	forge_more(fixture, fixture->otto, fixture->office, "erasure",
		",\"erasure\":{\"address\":\"" ERIKA "\",\"given\":1795504370,"
		"\"withdrawal\":\"019a0000-0000-7000-8000-aaaaaaaaaaaa\"}");
	g_assert_cmpuint(sync_at(fixture->a, NOW).refused, ==, 1);
	/* Nothing was erased, and the withdrawal is the newest. */
	g_autofree char *known = describe(fixture->a);

	g_assert_cmpstr(known, ==, "2 newest 019a0000-0000-7000-8000-aaaaaaaaaaaa 0");
}

static void test_left_many(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpConsentLedger *ledger = sgp_dispatcher_get_ledger(fixture->a);

	for (gint64 n = 1000; n < 1256; n++)
		g_assert_true(sgp_consent_ledger_set_refused(
			ledger, n, "x", "", n < 1255 ? "former" : "damaged", &error));
	for (gint64 n = 2000; n < 2255; n++)
		g_assert_true(
			sgp_consent_ledger_set_refused(ledger, n, "x", "", "damaged", &error));
	g_assert_false(sgp_consent_ledger_set_refused(ledger, 3000, "x", "", "damaged", &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	/* What has its place keeps it, and a colleague's needs none. */
	g_assert_true(sgp_consent_ledger_set_refused(ledger, 2000, "x", "", "stranger", &error));
	set_roster(fixture, fixture->sabine, fixture->stranger, fixture->otto);
	forge(fixture, fixture->otto, fixture->office, "agreement");
	forge(fixture, fixture->stranger, fixture->office, "withdrawal");
	g_assert_cmpuint(sync_at(fixture->a, NOW).received, ==, 1);
}

/* Told by nobody when a colleague's erasure comes: what we know ourselves is told all the same. */
static void test_erasure_and_untold(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	record_at(fixture->a, SGP_CONSENT_AGREEMENT, NOW - 100, NOW);
	sync_at(fixture->a, NOW);
	sync_at(fixture->b, NOW);
	record_at(fixture->b, SGP_CONSENT_WITHDRAWAL, NOW - 50, NOW + 1); /* older */
	sgp_consent_ledger_erase(
		sgp_dispatcher_get_ledger(fixture->a), ERIKA, "Art. 17", "sabine", NOW + 2, &error);
	g_assert_no_error(error);
	record_at(fixture->b, SGP_CONSENT_WITHDRAWAL, NOW + 3, NOW + 3); /* newer */
	sync_at(fixture->a, NOW + 4);
	g_assert_cmpuint(sync_at(fixture->b, NOW + 5).sent, ==, 2);
	g_assert_cmpuint(sync_at(fixture->a, NOW + 6).received, ==, 2);
	g_autofree char *list = sgp_consent_ledger_list_json(
		sgp_dispatcher_get_ledger(fixture->b), NULL, NULL, NOW + 7, &error);

	g_assert_nonnull(strstr(list, "withdrawal"));
	g_assert_null(strstr(list, "\"kind\":\"agreement\""));
	g_assert_cmpuint(count_facts(fixture->a), ==, 2);
	g_autofree char *here = describe(fixture->a);
	g_autofree char *there = describe(fixture->b);

	g_assert_cmpstr(strchr(here, ' '), ==, strchr(there, ' ')); /* the same is newest */
}

static void test_replay(Fixture *fixture, gconstpointer data)
{
	record_at(fixture->b, SGP_CONSENT_AGREEMENT, 0, NOW);
	sync_at(fixture->b, NOW);
	const Kept *real = g_ptr_array_index(fixture->kept, 0);
	g_autofree char *entry = g_strdup(real->entry);
	g_autofree char *id = g_strdup(real->id);

	keep(fixture, id, entry);
	keep(fixture, "019a0000-0000-7000-8000-0123456789ab", entry);
	SgpLedgerSync result = sync_at(fixture->a, NOW);

	g_assert_cmpuint(result.received, ==, 1);
	g_assert_cmpuint(result.refused, ==, 1); /* the one under another name */
	g_assert_cmpuint(count_facts(fixture->a), ==, 1);
}

static void test_truncated(Fixture *fixture, gconstpointer data)
{
	record_at(fixture->b, SGP_CONSENT_AGREEMENT, 0, NOW);
	sync_at(fixture->b, NOW);
	Kept *real = g_ptr_array_index(fixture->kept, 0);

	real->entry[strlen(real->entry) / 2] = '\0';
	forge(fixture, fixture->otto, fixture->office, "withdrawal");
	SgpLedgerSync result = sync_at(fixture->a, NOW);

	g_assert_cmpuint(result.refused, ==, 1);
	g_assert_cmpuint(result.received, ==, 1); /* the withdrawal behind it is not dropped */
}

static void test_lost(Fixture *fixture, gconstpointer data)
{
	record_at(fixture->a, SGP_CONSENT_AGREEMENT, 0, NOW);
	record_at(fixture->a, SGP_CONSENT_AGREEMENT, 0, NOW);
	sync_at(fixture->a, NOW);
	sync_at(fixture->a, NOW);
	g_ptr_array_set_size(fixture->kept, 0); /* an empty backup was brought back */
	record_at(fixture->b, SGP_CONSENT_WITHDRAWAL, 0, NOW + 1);
	sync_at(fixture->b, NOW + 1);
	SgpLedgerSync result = sync_at(fixture->a, NOW + 2);

	g_assert_true(result.was_reset);
	g_assert_cmpuint(result.received, ==, 1);
	g_assert_cmpuint(result.sent, ==, 2);
	sync_at(fixture->b, NOW + 3);
	assert_same(fixture);
	g_assert_cmpuint(count_facts(fixture->b), ==, 3);
}

static void test_erasure(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	record_at(fixture->a, SGP_CONSENT_AGREEMENT, 0, NOW);
	sync_at(fixture->a, NOW);
	sync_at(fixture->b, NOW);
	/* Never told: it goes out with the erasure alone. */
	record_at(fixture->a, SGP_CONSENT_WITHDRAWAL, 0, NOW + 1);
	sgp_consent_ledger_erase(
		sgp_dispatcher_get_ledger(fixture->a), ERIKA, "Art. 17", "sabine", NOW + 2, &error);
	g_assert_no_error(error);
	sync_at(fixture->a, NOW + 3);
	sync_at(fixture->b, NOW + 4);
	g_autofree char *list = sgp_consent_ledger_list_json(
		sgp_dispatcher_get_ledger(fixture->b), NULL, NULL, NOW + 5, &error);

	g_assert_cmpstr(list, ==, "[]");
	g_assert_cmpuint(count_facts(fixture->b), ==, 1); /* the withdrawal's mark */
	assert_same(fixture);
	gint64 n_entries = 0, bad_entry = 0;
	g_autofree char *why = NULL;

	g_assert_true(sgp_consent_ledger_verify(
		sgp_dispatcher_get_ledger(fixture->b), &n_entries, &bad_entry, &why, &error));
	/* Told again, it does not erase what came later. */
	record_at(fixture->b, SGP_CONSENT_AGREEMENT, NOW + 6, NOW + 6);
	sgp_store_set_value(sgp_dispatcher_get_store(fixture->b), "ledger.sync.last", NULL, NULL);
	sync_at(fixture->b, NOW + 7);
	g_assert_cmpuint(count_facts(fixture->b), ==, 2);
}

#define ADD(path, func) g_test_add("/ledger-sync/" path, Fixture, NULL, setup, func, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("what-two-devices-record-both-know-in-the-same-order", test_both_ways);
	ADD("a-record-says-whose-it-is-and-whether-it-was-shared", test_origin);
	ADD("a-stranger-vouches-for-nothing", test_stranger);
	ADD("a-colleague-who-left-vouches-for-no-permission", test_left);
	ADD("a-withdrawal-by-a-colleague-who-left-counts", test_left_withdrawal);
	ADD("an-erasure-by-a-colleague-who-left-only-tells-its-withdrawal", test_left_erasure);
	ADD("many-records-of-a-colleague-who-left-do-not-stop-reading", test_left_many);
	ADD("a-record-that-is-told-again-counts-once", test_replay);
	ADD("a-truncated-record-does-not-hide-the-next", test_truncated);
	ADD("a-portal-that-lost-records-is-read-anew", test_lost);
	ADD("an-erasure-reaches-the-colleagues-and-keeps-the-withdrawal", test_erasure);
	ADD("a-colleague-s-erasure-does-not-silence-our-withdrawal", test_erasure_and_untold);
	return g_test_run();
}
