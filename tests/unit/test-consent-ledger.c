/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: what is recorded, what is refused, and that nobody rewrites it unnoticed. */
#include "sgp-consent-ledger.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-history.h"
#include "state-fixture.h"

#define NOW   ((gint64)1795504380)
#define DAY   ((gint64)86400)
#define ERIKA "erika@kunde.example"

typedef struct {
	State state;
	SgpConsentLedger *ledger;
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->ledger = sgp_consent_ledger_new(fixture->state.store, fixture->state.settings);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->ledger);
	state_teardown(&fixture->state, data);
}

static gint64 record(Fixture *fixture, SgpConsentKind kind, const char *matter)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = { .kind = kind,
		.address = "Erika <Erika@Kunde.example>",
		.matter = matter,
		.taken_by = "anna@office.example",
		.words = "Ja, gerne per E-Mail." };
	gint64 entry = sgp_consent_ledger_record(fixture->ledger, &consent, NOW, &error);
	g_assert_no_error(error);
	g_assert_cmpint(entry, >, 0);
	return entry;
}

static void add_matter(Fixture *fixture, const char *reference)
{
	g_autoptr(GError) error = NULL;
	sgp_consent_ledger_add_matter(fixture->ledger, reference, "Hagelschaden", NOW, &error);
	g_assert_no_error(error);
}

static GPtrArray *lookup(Fixture *fixture, const char *address)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *found = sgp_consent_ledger_lookup_consents(fixture->ledger, address, &error);
	g_assert_no_error(error);
	return found;
}

static void assert_verified(Fixture *fixture, gint64 expected_entries)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	gboolean holds =
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(why, ==, NULL);
	g_assert_true(holds);
	g_assert_cmpint(n_entries, ==, expected_entries);
}

static void test_record(Fixture *fixture, gconstpointer data)
{
	add_matter(fixture, "SV-1");
	gint64 phone = record(fixture, SGP_CONSENT_PHONE, "sv-1");
	record(fixture, SGP_CONSENT_LETTER, "SV-1");
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	record(fixture, SGP_CONSENT_WITHDRAWAL, NULL);
	g_autoptr(GPtrArray) found = lookup(fixture, ERIKA);
	g_assert_cmpuint(found->len, ==, 4);
	const SgpConsentFact *first = g_ptr_array_index(found, 0);
	g_assert_cmpint(first->entry, ==, phone);
	g_assert_cmpint(first->kind, ==, SGP_BASIS_PHONE);
	g_assert_cmpstr(first->matter, ==, "SV-1"); /* as it was opened */
	g_assert_cmpint(first->given, ==, NOW);
	g_assert_cmpint(first->valid_until, ==, NOW + 90 * DAY);
	const SgpConsentFact *letter = g_ptr_array_index(found, 1);
	g_assert_cmpint(letter->valid_until, ==, NOW + 180 * DAY);
	const SgpConsentFact *agreement = g_ptr_array_index(found, 2);
	g_assert_cmpint(agreement->valid_until, ==, 0);
	g_assert_false(agreement->names_plain);
	const SgpConsentFact *withdrawal = g_ptr_array_index(found, 3);
	g_assert_cmpint(withdrawal->kind, ==, SGP_BASIS_NONE);
	assert_verified(fixture, 5);
}

static void assert_record_refused(Fixture *fixture, SgpConsent consent)
{
	g_autoptr(GError) error = NULL;
	if (consent.address == NULL)
		consent.address = ERIKA;
	g_assert_cmpint(sgp_consent_ledger_record(fixture->ledger, &consent, NOW, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	add_matter(fixture, "SV-1");
	add_matter(fixture, "SV-2");
	sgp_consent_ledger_close_matter(fixture->ledger, "SV-2", NOW, &error);
	g_assert_no_error(error);
	const char *anna = "anna@office.example";
	assert_record_refused(fixture, (SgpConsent){ .kind = SGP_CONSENT_PHONE, .taken_by = anna });
	assert_record_refused(fixture,
		(SgpConsent){ .kind = SGP_CONSENT_LETTER, .taken_by = anna, .matter = "" });
	assert_record_refused(fixture,
		(SgpConsent){ .kind = SGP_CONSENT_PHONE, .taken_by = anna, .matter = "SV-9" });
	assert_record_refused(fixture,
		(SgpConsent){ .kind = SGP_CONSENT_PHONE, .taken_by = anna, .matter = "SV-2" });
	assert_record_refused(fixture, (SgpConsent){ .kind = SGP_CONSENT_PHONE, .matter = "SV-1" });
	assert_record_refused(fixture, (SgpConsent){ .kind = SGP_CONSENT_PHONE,
					       .taken_by = anna,
					       .matter = "SV-1",
					       .given = NOW + 1 });
	assert_record_refused(fixture, (SgpConsent){ .kind = SGP_CONSENT_PHONE,
					       .taken_by = anna,
					       .matter = "SV-1",
					       .given = NOW,
					       .valid_until = NOW - 1 });
	assert_record_refused(fixture,
		(SgpConsent){ .kind = SGP_CONSENT_AGREEMENT, .taken_by = anna, .matter = "SV-1" });
	assert_record_refused(fixture,
		(SgpConsent){
			.kind = SGP_CONSENT_AGREEMENT, .taken_by = anna, .address = "erika" });
	assert_record_refused(fixture, (SgpConsent){ .kind = SGP_CONSENT_AGREEMENT,
					       .taken_by = anna,
					       .attachment_sha256 = "abc" });
	assert_verified(fixture, 3);
}

static void test_matters(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	add_matter(fixture, "SV-2026-00417");
	add_matter(fixture, "Hagel Meier");
	g_assert_cmpint(
		sgp_consent_ledger_add_matter(fixture->ledger, "sv-2026-00417", NULL, NOW, &error),
		==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_clear_error(&error);
	g_autoptr(GPtrArray) found = sgp_consent_ledger_lookup_matters_in(
		fixture->ledger, "AW: [sv-2026-00417] hagel meier, SV-2026-004171", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(found->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(found, 0), ==, "SV-2026-00417");
	g_assert_cmpstr(g_ptr_array_index(found, 1), ==, "Hagel Meier");
	g_autoptr(GPtrArray) none = sgp_consent_ledger_lookup_matters_in(
		fixture->ledger, "AW: SV-2026-004171 oder XSV-2026-00417", &error);
	g_assert_cmpuint(none->len, ==, 0);
	g_assert_cmpint(
		sgp_consent_ledger_close_matter(fixture->ledger, "SV-9", NOW, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
}

static void test_closing_ends(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	add_matter(fixture, "SV-1");
	record(fixture, SGP_CONSENT_PHONE, "SV-1");
	sgp_consent_ledger_close_matter(fixture->ledger, "SV-1", NOW, &error);
	g_assert_no_error(error);
	add_matter(fixture, "SV-1"); /* opened again: the old record stays ended */
	record(fixture, SGP_CONSENT_PHONE, "SV-1");
	g_autoptr(GPtrArray) found = lookup(fixture, ERIKA);
	g_assert_true(((SgpConsentFact *)g_ptr_array_index(found, 0))->is_matter_closed);
	g_assert_false(((SgpConsentFact *)g_ptr_array_index(found, 1))->is_matter_closed);
	g_autofree char *list = sgp_consent_ledger_list_matters_json(fixture->ledger, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(list, "\"closed\":null"));
}

/* --- Tampering --- */

static void test_triggers(Fixture *fixture, gconstpointer data)
{
	static const char *const statements[] = {
		"UPDATE ledger SET time = 0",
		"DELETE FROM ledger",
		"UPDATE ledger_personal SET address = 'x@kunde.example'",
		"DELETE FROM ledger_personal",
		"UPDATE ledger_erased SET by_entry = 1",
		"DELETE FROM ledger_erased",
		"INSERT OR REPLACE INTO ledger SELECT * FROM ledger",
		"INSERT OR REPLACE INTO ledger_personal SELECT * FROM ledger_personal",
		"INSERT OR REPLACE INTO ledger_erased SELECT * FROM ledger_erased",
		"UPDATE OR REPLACE ledger SET entry = entry + 1",
	};
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	record(fixture, SGP_CONSENT_WITHDRAWAL, NULL);
	sgp_consent_ledger_erase(
		fixture->ledger, ERIKA, "Antrag", "anna@office.example", NOW, NULL);
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(sgp_store_exec(fixture->state.store, statements[i], &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
	}
	assert_verified(fixture, 4);
}

/* Somebody with the database file and time: triggers dropped, one thing changed. */
typedef struct {
	const char *name, *sql;
	gint64 bad_entry;
	const char *why;
} Tamper;

#define NO_TRIGGERS                                                                                \
	"PRAGMA foreign_keys=OFF; DROP TRIGGER ledger_update; DROP TRIGGER ledger_delete;"         \
	"DROP TRIGGER ledger_personal_update; DROP TRIGGER ledger_personal_delete;"                \
	"DROP TRIGGER ledger_erased_update; DROP TRIGGER ledger_erased_delete;"

static const Tamper tampers[] = {
	{ "a-changed-time", "UPDATE ledger SET time = time - 1 WHERE entry = 2", 2, "changed" },
	{ "a-changed-kind", "UPDATE ledger SET kind = 'letter' WHERE entry = 2", 2, "changed" },
	{ "changed-fields",
		"UPDATE ledger SET fields = replace(fields, 'anna', 'otto') WHERE entry = 2", 2,
		"changed" },
	{ "a-changed-hash", "UPDATE ledger SET hash = zeroblob(32) WHERE entry = 2", 2, "changed" },
	{ "a-changed-previous-hash", "UPDATE ledger SET previous = zeroblob(32) WHERE entry = 2", 2,
		"chain-broken" },
	{ "a-short-hash", "UPDATE ledger SET hash = x'00' WHERE entry = 3", 3, "damaged" },
	{ "a-changed-commitment", "UPDATE ledger SET commitment = zeroblob(32) WHERE entry = 2", 2,
		"changed" },
	{ "a-changed-address",
		"UPDATE ledger_personal SET address = 'x@kunde.example' WHERE entry = 2", 2,
		"personal-changed" },
	{ "a-changed-matter", "UPDATE ledger_personal SET matter = 'SV-2' WHERE entry = 2", 2,
		"personal-changed" },
	{ "changed-words", "UPDATE ledger_personal SET fields = '{}' WHERE entry = 3", 3,
		"personal-changed" },
	{ "a-changed-salt", "UPDATE ledger_personal SET salt = zeroblob(16) WHERE entry = 3", 3,
		"personal-changed" },
	{ "swapped-persons",
		"UPDATE ledger_personal SET entry = 99 WHERE entry = 2;"
		"UPDATE ledger_personal SET entry = 2 WHERE entry = 3;"
		"UPDATE ledger_personal SET entry = 3 WHERE entry = 99",
		2, "personal-changed" },
	{ "a-deleted-person", "DELETE FROM ledger_personal WHERE entry = 2", 2,
		"personal-missing" },
	{ "an-erasure-that-nobody-recorded",
		"INSERT INTO ledger_erased VALUES (2, 4); DELETE FROM ledger_personal WHERE entry "
		"= 2",
		2, "personal-missing" },
	{ "a-deleted-entry",
		"DELETE FROM ledger WHERE entry = 2; DELETE FROM ledger_personal WHERE entry = 2",
		2, "missing" },
	{ "a-deleted-first-entry", "DELETE FROM ledger WHERE entry = 1", 1, "missing" },
	{ "a-cut-off-end",
		"DELETE FROM ledger WHERE entry = 4; DELETE FROM ledger_personal WHERE entry = 4",
		4, "cut-off" },
	{ "everything-deleted", "DELETE FROM ledger; DELETE FROM ledger_personal", 1, "cut-off" },
	{ "an-entry-added-by-hand",
		"INSERT INTO ledger SELECT 5, time, kind, fields, commitment, hash, hash FROM "
		"ledger WHERE entry = 4",
		5, "changed" },
	{ "a-person-added-to-an-erasure",
		"INSERT INTO ledger_personal SELECT 99, salt, address, matter, fields FROM "
		"ledger_personal"
		" WHERE entry = 2; UPDATE ledger_personal SET entry = 5 WHERE entry = 99;"
		"INSERT INTO ledger SELECT 5, time, kind, fields, zeroblob(32), hash, hash FROM "
		"ledger WHERE entry = 4",
		5, "changed" },
};

static void test_tamper(Fixture *fixture, gconstpointer data)
{
	const Tamper *tamper = data;
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	add_matter(fixture, "SV-1");
	record(fixture, SGP_CONSENT_PHONE, "SV-1");
	record(fixture, SGP_CONSENT_LETTER, "SV-1");
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	assert_verified(fixture, 4);
	sgp_store_exec(fixture->state.store, NO_TRIGGERS, &error);
	g_assert_no_error(error);
	sgp_store_exec(fixture->state.store, tamper->sql, &error);
	g_assert_no_error(error);
	gboolean holds =
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error);
	g_assert_no_error(error);
	g_assert_false(holds);
	g_assert_cmpstr(why, ==, tamper->why);
	g_assert_cmpint(bad_entry, ==, tamper->bad_entry);
}

/* --- Erasure and export --- */

static gboolean file_contains(const char *path, const char *text)
{
	g_autofree char *contents = NULL;
	gsize length = 0;
	if (!g_file_get_contents(path, &contents, &length, NULL))
		return FALSE;
	return memmem(contents, length, text, strlen(text)) != NULL;
}

static void test_erase(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *database =
		g_build_filename(fixture->state.directory, "state.sqlite", NULL);
	g_autofree char *log = g_strconcat(database, "-wal", NULL);
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	record(fixture, SGP_CONSENT_WITHDRAWAL, NULL);
	SgpConsent other = { .kind = SGP_CONSENT_AGREEMENT,
		.address = "max@kunde.example",
		.taken_by = "anna@office.example" };
	sgp_consent_ledger_record(fixture->ledger, &other, NOW, &error);
	g_assert_no_error(error);
	g_assert_true(file_contains(log, ERIKA) || file_contains(database, ERIKA));
	gint64 entry = sgp_consent_ledger_erase(fixture->ledger, "Erika@kunde.example",
		"Antrag vom 24.11.", "anna@office.example", NOW, &error);
	g_assert_no_error(error);
	g_assert_cmpint(entry, ==, 4);
	g_autoptr(GPtrArray) gone = lookup(fixture, ERIKA);
	g_assert_cmpuint(gone->len, ==, 1); /* that she wants no mail, and nothing else */
	g_assert_cmpint(((SgpConsentFact *)g_ptr_array_index(gone, 0))->kind, ==, SGP_BASIS_NONE);
	g_autoptr(GPtrArray) kept = lookup(fixture, "max@kunde.example");
	g_assert_cmpuint(kept->len, ==, 1);
	assert_verified(fixture, 4);
	g_assert_false(file_contains(database, ERIKA));
	g_assert_false(file_contains(log, ERIKA));
	g_autofree char *export =
		sgp_consent_ledger_export(fixture->ledger, FALSE, NULL, 0, 0, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(export, "\"erased_by\":4"));
	g_assert_cmpint(
		sgp_consent_ledger_erase(fixture->ledger, ERIKA, "x", "y", NOW, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
	g_clear_error(&error);
	g_assert_cmpint(sgp_consent_ledger_erase(
				fixture->ledger, "max@kunde.example", "", "y", NOW, &error),
		==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* Somebody deletes one more person and says that the erasure meant him too. */
static void test_erasure_names_its_entries(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	SgpConsent other = { .kind = SGP_CONSENT_WITHDRAWAL,
		.address = "max@kunde.example",
		.taken_by = "anna@office.example" };
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	sgp_consent_ledger_record(fixture->ledger, &other, NOW, &error);
	sgp_consent_ledger_erase(
		fixture->ledger, ERIKA, "Antrag", "anna@office.example", NOW, &error);
	g_assert_no_error(error);
	assert_verified(fixture, 3);
	sgp_store_exec(fixture->state.store,
		"INSERT INTO ledger_erased VALUES (2, 3); DELETE FROM ledger_personal WHERE entry "
		"= 2",
		&error);
	g_assert_no_error(error); /* the triggers believe it */
	g_assert_false(
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error));
	g_assert_cmpstr(why, ==, "personal-missing");
	g_assert_cmpint(bad_entry, ==, 2);
}

static void test_export(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = { .kind = SGP_CONSENT_AGREEMENT,
		.address = "max@kunde.example",
		.taken_by = "=anna",
		.words = "Sie \"dürfen\"" };
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	sgp_consent_ledger_record(fixture->ledger, &consent, NOW + DAY, &error);
	g_assert_no_error(error);
	g_autofree char *csv =
		sgp_consent_ledger_export(fixture->ledger, TRUE, "max@kunde.example", 0, 0, &error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(csv, "\"max@kunde.example\""));
	g_assert_null(strstr(csv, ERIKA));
	g_assert_nonnull(strstr(csv, "the chain of 2 entries holds, head "));
	g_autofree char *early =
		sgp_consent_ledger_export(fixture->ledger, FALSE, NULL, 0, NOW, &error);
	g_assert_null(strstr(early, "max@kunde.example"));
	g_assert_nonnull(strstr(early, ERIKA));
	g_assert_nonnull(strstr(early, "\"holds\":true"));
}

/* --- Sent mails --- */

static SgpVerdict *new_verdict(SgpAction action)
{
	SgpVerdict *verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(ERIKA, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(address, SGP_FIELD_TO);
	one->action = action;
	one->basis = SGP_BASIS_INQUIRY;
	one->basis_refusal = SGP_REFUSAL_NONE;
	one->channel = SGP_CHANNEL_PORTAL;
	one->channel_refusal = SGP_REFUSAL_NONE;
	one->evidence_message_id = g_strdup("m1@kunde.example");
	g_ptr_array_add(one->not_stronger,
		sgp_not_stronger_new(SGP_CHANNEL_OPENPGP, "ABCD", "expired", "2021-01-21"));
	g_ptr_array_add(verdict->recipients, one);
	verdict->action = action;
	verdict->matter = g_strdup("SV-1");
	return verdict;
}

static SgpMail *new_mail(void)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new("anna@office.example", NULL));
	g_free(mail->subject);
	mail->subject = g_strdup("GEHEIMER BETREFF");
	g_free(mail->text);
	mail->text = g_strdup("GEHEIMER TEXT");
	mail->message_id = g_strdup("a1@office.example");
	g_ptr_array_add(mail->in_reply_to, g_strdup("m1@kunde.example"));
	return mail;
}

static void test_sent(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail();
	g_autoptr(SgpVerdict) verdict = new_verdict(SGP_ACTION_SEND);
	g_assert_true(sgp_consent_ledger_append_sent(
		fixture->ledger, mail, verdict, "draft-1", NOW, &error));
	g_assert_no_error(error);
	g_autofree char *export =
		sgp_consent_ledger_export(fixture->ledger, FALSE, ERIKA, 0, 0, &error);
	g_assert_nonnull(strstr(export, "\"kind\":\"sent\""));
	g_assert_nonnull(strstr(export, "2021-01-21"));
	g_assert_nonnull(strstr(export, "m1@kunde.example"));
	g_assert_null(strstr(export, "GEHEIM"));
	guint64 ids[] = { sgp_history_hash_message_id("x@y"),
		sgp_history_hash_message_id("<m1@kunde.example>") };
	g_autofree char *matter =
		sgp_consent_ledger_lookup_tied_matter(fixture->ledger, ids, 2, &error);
	g_assert_cmpstr(matter, ==, "SV-1");
	assert_verified(fixture, 1);
}

static void test_held_is_not_sent(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail();
	g_autoptr(SgpVerdict) verdict = new_verdict(SGP_ACTION_ASK);
	g_assert_false(sgp_consent_ledger_append_sent(
		fixture->ledger, mail, verdict, "draft-1", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	assert_verified(fixture, 0);
}

static void test_rollback(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail();
	g_autoptr(SgpVerdict) verdict = new_verdict(SGP_ACTION_SEND);
	g_assert_true(sgp_store_begin(fixture->state.store, TRUE, &error));
	g_assert_true(sgp_consent_ledger_append_sent(
		fixture->ledger, mail, verdict, "draft-1", NOW, &error));
	sgp_store_rollback(fixture->state.store);
	assert_verified(fixture, 0);
	record(fixture, SGP_CONSENT_AGREEMENT, NULL);
	assert_verified(fixture, 1);
}

#define ADD(path, function)                                                                        \
	g_test_add("/consent-ledger/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-record-is-found-by-its-address", test_record);
	ADD("a-record-that-proves-nothing-is-refused", test_refused);
	ADD("a-matter-is-found-in-a-subject-as-a-word", test_matters);
	ADD("closing-a-matter-ends-its-records", test_closing_ends);
	ADD("the-database-refuses-update-and-delete", test_triggers);
	for (gsize i = 0; i < G_N_ELEMENTS(tampers); i++) {
		g_autofree char *path =
			g_strconcat("/consent-ledger/verify-names-", tampers[i].name, NULL);
		g_test_add(path, Fixture, &tampers[i], setup, test_tamper, teardown);
	}
	ADD("an-erasure-leaves-the-chain-and-no-person", test_erase);
	ADD("an-erasure-covers-only-the-entries-it-names", test_erasure_names_its_entries);
	ADD("an-export-is-by-person-or-period-and-verified", test_export);
	ADD("a-sent-mail-is-an-entry-without-subject-or-text", test_sent);
	ADD("a-held-mail-is-never-recorded-as-sent", test_held_is_not_sent);
	ADD("a-rolled-back-entry-was-never-there", test_rollback);
	return g_test_run();
}
