/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasing a person: nothing of him is left in any file of the state directory, his objection to
 * mail goes on, and the chain holds. */
#include <string.h>

#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-history.h"
#include "sgp-key-acceptance.h"
#include "sgp-store-private.h"
#include "state-fixture.h"

#define NOW   ((gint64)1795504380)
#define DAY   ((gint64)86400)
#define ERIKA "erika.canary@kunde.example"
#define WHO   "anna@office.example"

typedef struct {
	State state;
	SgpConsentLedger *ledger;
	SgpHistory *history;
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->ledger = sgp_consent_ledger_new(fixture->state.store, fixture->state.settings);
	fixture->history = sgp_history_new(fixture->state.store, fixture->state.settings);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->history);
	g_clear_object(&fixture->ledger);
	state_teardown(&fixture->state, data);
}

static gint64 record_at(Fixture *fixture, const char *address, SgpConsentKind kind, gint64 given)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = { .kind = kind,
		.address = address,
		.matter = kind == SGP_CONSENT_PHONE ? "SV-1" : NULL,
		.given = given,
		.taken_by = WHO,
		.words = g_str_equal(address, ERIKA) ? "CANARYWORDS ja bitte" : NULL };
	gint64 entry = sgp_consent_ledger_record(fixture->ledger, &consent, NOW, &error);
	g_assert_no_error(error);
	return entry;
}

static gint64 erase(Fixture *fixture, GError **error)
{
	return sgp_consent_ledger_erase(
		fixture->ledger, "Erika.Canary@Kunde.example", "Art. 17", WHO, NOW, error);
}

static void run_sql(Fixture *fixture, const char *sql)
{
	g_autoptr(GError) error = NULL;
	sgp_store_exec(fixture->state.store, sql, &error);
	g_assert_no_error(error);
}

static SgpMail *new_mail(const char *from, const char *message_id)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new(from, NULL));
	g_free(mail->subject);
	mail->subject = g_strdup("CANARYSUBJECT");
	g_free(mail->text);
	mail->text = g_strdup("Bitte nicht per E-Mail antworten, CANARYSENTENCE.");
	mail->message_id = g_strdup(message_id);
	mail->date = NOW - DAY;
	return mail;
}

static void add_mail(Fixture *fixture, const char *from, const char *message_id, const char *uid)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail(from, message_id);
	sgp_history_add_mail(fixture->history, "file:", SGP_FOLDER_ROLE_MAIL, uid, mail, &error);
	g_assert_no_error(error);
}

static void record_sent(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(ERIKA, NULL);
	g_autoptr(SgpMail) mail = new_mail(WHO, "canarysent@office.example");
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(address, SGP_FIELD_TO);
	one->action = SGP_ACTION_SEND;
	one->evidence_message_id = g_strdup("canarymessage@kunde.example");
	one->is_overruled = TRUE;
	one->sentence = g_strdup("CANARYSENTENCE");
	one->overrule_reason = g_strdup("CANARYREASON");
	g_ptr_array_add(one->confirmed, g_strdup("subject-changed:canaryhash"));
	g_ptr_array_add(verdict->recipients, one);
	verdict->action = SGP_ACTION_SEND;
	verdict->matter = g_strdup("SV-1");
	sgp_consent_ledger_append_sent(fixture->ledger, mail, verdict, "draft", NOW, &error);
	g_assert_no_error(error);
}

/* Everything that the state directory may know of a person. */
static void plant(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *accepted =
		g_build_filename(fixture->state.directory, "accepted-keys", NULL);
	g_autoptr(SgpKeyAcceptance) acceptance = sgp_key_acceptance_new(accepted);
	sgp_consent_ledger_add_matter(fixture->ledger, "SV-1", "Hagel", NOW, &error);
	g_assert_no_error(error);
	record_at(fixture, ERIKA, SGP_CONSENT_PHONE, NOW);
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW);
	record_at(fixture, "max@kunde.example", SGP_CONSENT_AGREEMENT, NOW);
	add_mail(fixture, ERIKA, "canarymessage@kunde.example", "/mail/canaryuid.eml");
	add_mail(fixture, "max@kunde.example", "max@kunde.example", "/mail/" ERIKA "/1.eml");
	record_sent(fixture);
	sgp_key_acceptance_add(acceptance, "AAAA", ERIKA, &error);
	sgp_key_acceptance_add(acceptance, "AAAA", "max@kunde.example", &error);
	g_assert_no_error(error);
	run_sql(fixture,
		"INSERT INTO spool_copy (id, draft, channel, is_sent, sender, state, manifest,"
		" problem, created, changed) VALUES ('c1', 'draft', 3, 0, '" WHO "', 6,"
		" 'CANARYMANIFEST', 'CANARYPROBLEM', 1, 1);"
		"INSERT INTO spool_recipient VALUES ('c1', '" ERIKA "');"
		"INSERT INTO submission_answer VALUES ('c1', '" ERIKA "', 1);"
		"INSERT INTO wkd_lookup VALUES ('" ERIKA "', 1, 1);"
		"INSERT INTO key_candidate VALUES ('" ERIKA "', 'CANARYFPR', 1, 1, 1, 1,"
		" 'CANARYSOURCE', 'uid:" ERIKA "', x'00')");
}

/* The needle as it may lie there. */
static GPtrArray *dup_forms(const char *canary)
{
	GPtrArray *forms = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	gsize length = strlen(canary);
	g_autoptr(GString) hex = g_string_new(NULL);
	g_autoptr(GByteArray) wide = g_byte_array_new();
	for (gsize i = 0; i < length; i++) {
		const guint8 unit[] = { (guint8)canary[i], 0 };
		g_string_append_printf(hex, "%02x", (guint8)canary[i]);
		g_byte_array_append(wide, unit, sizeof unit);
	}
	g_ptr_array_add(forms, g_bytes_new(canary, length));
	g_ptr_array_add(forms, g_bytes_new(hex->str, hex->len));
	g_ptr_array_add(forms, g_byte_array_free_to_bytes(g_steal_pointer(&wide)));
	/* A base64 of the text at each of the three places; the ends depend on what is around. */
	for (gsize skip = 0; skip < 3; skip++) {
		g_autofree char *padded = g_strdup_printf("%.*s%s", (int)skip, "xx", canary);
		g_autofree char *base64 =
			g_base64_encode((const guchar *)padded, strlen(padded) / 3 * 3);
		g_ptr_array_add(forms, g_bytes_new(base64 + 4, strlen(base64) - 4));
	}
	return forms;
}

static gboolean has_canary(const char *directory, const char *canary)
{
	g_autoptr(GPtrArray) forms = dup_forms(canary);
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	const char *name = NULL;
	gboolean is_found = FALSE;
	while ((name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *path = g_build_filename(directory, name, NULL);
		g_autofree char *text = NULL;
		gsize length = 0;
		if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
			is_found = is_found || has_canary(path, canary);
			continue;
		}
		if (!g_file_get_contents(path, &text, &length, NULL))
			continue;
		for (guint i = 0; i < forms->len; i++) {
			gsize size = 0;
			const void *bytes = g_bytes_get_data(g_ptr_array_index(forms, i), &size);
			if (memmem(text, length, bytes, size) != NULL) {
				g_test_message("%s: %s, form %u", name, canary, i);
				is_found = TRUE;
			}
		}
	}
	return is_found;
}

static const char *const canaries[] = { ERIKA, "erika.canary", "CANARYWORDS", "CANARYSUBJECT",
	"CANARYSENTENCE", "CANARYREASON", "canarymessage", "canarysent", "canaryhash", "canaryuid",
	"CANARYMANIFEST", "CANARYPROBLEM", "CANARYFPR", "CANARYSOURCE" };

static void test_no_trace(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	plant(fixture);
	for (gsize i = 0; i < G_N_ELEMENTS(canaries); i++)
		g_assert_true(has_canary(fixture->state.directory, canaries[i])); /* control */
	gint64 entry = erase(fixture, &error);
	g_assert_no_error(error);
	g_assert_cmpint(entry, >, 0);
	for (gsize i = 0; i < G_N_ELEMENTS(canaries); i++) {
		/* The mail of somebody else stays, with his subject; it was in a folder named for
		 * her, and so is forgotten too. */
		g_assert_false(has_canary(fixture->state.directory, canaries[i]));
	}
	g_assert_true(
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error));
	g_assert_no_error(error);
	g_autoptr(GPtrArray) kept =
		sgp_consent_ledger_lookup_consents(fixture->ledger, "max@kunde.example", &error);
	g_assert_no_error(error);
	g_assert_cmpuint(kept->len, ==, 1);
	g_assert_true(has_canary(fixture->state.directory, "max@kunde.example"));
	guint64 ids[] = { sgp_history_hash_message_id("canarymessage@kunde.example"),
		sgp_history_hash_message_id("canarysent@office.example") };
	g_autofree char *matter =
		sgp_consent_ledger_lookup_tied_matter(fixture->ledger, ids, 2, &error);
	g_assert_null(matter);
}

/* Whoever is not in the ledger may be in the history all the same. */
static void test_history_only(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	add_mail(fixture, ERIKA, "canarymessage@kunde.example", "1");
	g_assert_cmpint(erase(fixture, &error), ==, 1);
	g_assert_no_error(error);
	g_assert_false(has_canary(fixture->state.directory, "erika.canary"));
	g_assert_cmpint(erase(fixture, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
}

static GPtrArray *lookup(Fixture *fixture)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *found = sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error);
	g_assert_no_error(error);
	return found;
}

static void test_withdrawal_goes_on(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW - 3 * DAY);
	gint64 withdrawal = record_at(fixture, ERIKA, SGP_CONSENT_WITHDRAWAL, NOW - 2 * DAY);
	gint64 entry = erase(fixture, &error);
	g_assert_no_error(error);
	g_assert_false(has_canary(fixture->state.directory, "erika.canary"));
	g_autoptr(GPtrArray) found = lookup(fixture);
	g_assert_cmpuint(found->len, ==, 1);
	const SgpConsentFact *fact = g_ptr_array_index(found, 0);
	g_assert_cmpint(fact->kind, ==, SGP_BASIS_NONE);
	g_assert_cmpint(fact->given, ==, NOW - 2 * DAY);
	g_assert_cmpint(fact->entry, ==, withdrawal);
	/* Asked what is known of her, the office can tell that. */
	g_autofree char *export =
		sgp_consent_ledger_export(fixture->ledger, FALSE, ERIKA, 0, 0, &error);
	g_assert_no_error(error);
	g_autofree char *mine = g_strdup_printf("\"entry\":%d,", (int)entry);
	g_assert_nonnull(strstr(export, mine));
	g_autofree char *other = sgp_consent_ledger_export(
		fixture->ledger, FALSE, "otto@kunde.example", 0, 0, &error);
	g_assert_null(strstr(other, mine));
	/* Once more: what is kept stays kept. */
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW);
	erase(fixture, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) again = lookup(fixture);
	g_assert_cmpuint(again->len, ==, 1);
}

static void test_lifted_withdrawal(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	record_at(fixture, ERIKA, SGP_CONSENT_WITHDRAWAL, NOW - 2 * DAY);
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW - DAY);
	erase(fixture, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) found = lookup(fixture);
	g_assert_cmpuint(found->len, ==, 0);
}

/* A permission for one matter lifts it for that matter only, and is gone now. */
static void test_partly_lifted_withdrawal(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	sgp_consent_ledger_add_matter(fixture->ledger, "SV-1", "Hagel", NOW, &error);
	record_at(fixture, ERIKA, SGP_CONSENT_WITHDRAWAL, NOW - 2 * DAY);
	record_at(fixture, ERIKA, SGP_CONSENT_PHONE, NOW - DAY);
	erase(fixture, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) found = lookup(fixture);
	g_assert_cmpuint(found->len, ==, 1);
}

static void test_lost_mark_key(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	record_at(fixture, ERIKA, SGP_CONSENT_WITHDRAWAL, NOW);
	erase(fixture, &error);
	g_assert_no_error(error);
	run_sql(fixture, "DELETE FROM value WHERE name = 'ledger.mark-key'");
	g_assert_null(sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_waiting_mail(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	plant(fixture);
	run_sql(fixture, "UPDATE spool_copy SET state = 2");
	g_assert_cmpint(erase(fixture, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_assert_true(has_canary(fixture->state.directory, "CANARYWORDS"));
}

static void test_reason_names_nobody(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW);
	g_assert_cmpint(sgp_consent_ledger_erase(fixture->ledger, ERIKA,
				"Antrag von Erika.Canary@kunde.example", WHO, NOW, &error),
		==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* Another process reads while the erasure runs: it is recorded, and finished by the next call. */
static void test_finished_later(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpStore) reader = sgp_store_new(fixture->state.directory, &error);
	g_assert_no_error(error);
	record_at(fixture, ERIKA, SGP_CONSENT_AGREEMENT, NOW);
	g_assert_true(sgp_store_exec(reader, "BEGIN; SELECT * FROM ledger", &error));
	sqlite3_busy_timeout(sgp_store_lock(fixture->state.store), 50);
	sgp_store_unlock(fixture->state.store);
	g_assert_cmpint(erase(fixture, &error), ==, 0);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
	g_clear_error(&error);
	g_assert_true(sgp_store_exec(reader, "COMMIT", &error));
	g_assert_cmpint(erase(fixture, &error), ==, 2);
	g_assert_no_error(error);
	g_assert_false(has_canary(fixture->state.directory, "erika.canary"));
}

static void add_entry(Fixture *fixture, SgpConsentKind kind, gint64 now)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = { .kind = kind, .address = ERIKA, .given = now, .taken_by = WHO };
	g_assert_cmpint(sgp_consent_ledger_record(fixture->ledger, &consent, now, &error), >, 0);
	g_assert_no_error(error);
}

static SgpSharedRecord colleague_s_erasure(void)
{
	return (SgpSharedRecord){ .id = "019a0000-0000-7000-8000-000000000001",
		.by = "otto@office.example",
		.device = "d",
		.signed_by = "F",
		.recorded = NOW,
		.kind = "erasure",
		.address = ERIKA,
		.reason = "Art. 17",
		.taken_by = "otto" };
}

/* Erased at NOW: the agreement before goes, ours that is untold and what came later stay. */
static void test_shared_spares(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpSharedRecord erasure = colleague_s_erasure();
	add_entry(fixture, SGP_CONSENT_AGREEMENT, NOW - 2);
	add_entry(fixture, SGP_CONSENT_WITHDRAWAL, NOW - 1);
	add_entry(fixture, SGP_CONSENT_AGREEMENT, NOW + 1);
	add_entry(fixture, SGP_CONSENT_WITHDRAWAL, NOW + 2);
	g_assert_true(sgp_consent_ledger_add_shared(fixture->ledger, &erasure, NOW + 5, &error));
	g_assert_no_error(error);
	g_autoptr(GPtrArray) waiting = sgp_consent_ledger_list_outgoing(fixture->ledger, &error);
	g_assert_cmpuint(waiting->len, ==, 3);
	for (guint i = 0; i < waiting->len; i++) {
		const SgpOutgoing *one = g_ptr_array_index(waiting, i);
		g_assert_cmpint(one->entry, ==, i + 2);
		g_assert_nonnull(strstr(one->plain, ERIKA));
	}
}

static gint64 count_rows(Fixture *fixture, const char *sql)
{
	g_autoptr(GError) error = NULL;
	gint64 n = 0;
	sqlite3_stmt *row = sgp_store_prepare(fixture->state.store, sql, &error);
	g_assert_no_error(error);
	if (sgp_store_step(fixture->state.store, row, &error)) {
		n = sqlite3_column_int64(row, 0);
		sgp_store_end(row);
	}
	g_assert_no_error(error);
	return n;
}

static void add_dated_mail(Fixture *fixture, const char *id, const char *uid, gint64 date)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = new_mail(ERIKA, id);
	mail->date = date;
	sgp_history_add_mail(fixture->history, "file:", SGP_FOLDER_ROLE_MAIL, uid, mail, &error);
	g_assert_no_error(error);
}

/* She has written again since: that mail, and what the portal told of it, are about now. */
static void test_shared_spares_later(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpSharedRecord erasure = colleague_s_erasure();
	add_dated_mail(fixture, "before@kunde.example", "1", NOW - DAY);
	add_dated_mail(fixture, "after@kunde.example", "2", NOW + DAY);
	run_sql(fixture,
		"INSERT INTO portal_event (kind, address, time) VALUES ('read', '" ERIKA
		"', 1795504379), ('read', '" ERIKA "', 1795504381);"
		"INSERT INTO wkd_lookup VALUES ('" ERIKA "', 1795504381, 0);"
		"INSERT INTO spool_copy (id, draft, channel, is_sent, sender, state, created, "
		"changed)"
		" VALUES ('old', 'd', 0, 0, 's', 6, 1795504379, 0), ('new', 'd', 0, 0, 's', 1,"
		" 1795504381, 0);"
		"INSERT INTO spool_recipient VALUES ('old', '" ERIKA "'), ('new', '" ERIKA "');");
	g_assert_true(
		sgp_consent_ledger_add_shared(fixture->ledger, &erasure, NOW + 2 * DAY, &error));
	g_assert_no_error(error);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM copy"), ==, 1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM copy WHERE uid = '2'"), ==, 1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM judgement"), ==, 1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM message m JOIN address a"
					    " ON a.id = m.sender WHERE a.spec = '" ERIKA "'"),
		==, 1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM portal_event"), ==, 1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM wkd_lookup"), ==, 1);
	g_assert_cmpint(
		count_rows(fixture, "SELECT count(*) FROM spool_recipient WHERE copy = 'new'"), ==,
		1);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM spool_recipient"), ==, 1);
	/* Our own erasure knows no later. */
	run_sql(fixture, "UPDATE spool_copy SET state = 6");
	erase(fixture, &error);
	g_assert_no_error(error);
	g_assert_false(has_canary(fixture->state.directory, "erika.canary"));
}

static void test_spared_goes_when_sealed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	SgpSharedRecord erasure = colleague_s_erasure();
	g_autoptr(SgpAddress) address = sgp_address_new(ERIKA, NULL);
	add_entry(fixture, SGP_CONSENT_WITHDRAWAL, NOW - 1);
	g_assert_true(sgp_consent_ledger_add_shared(fixture->ledger, &erasure, NOW + 5, &error));
	g_assert_no_error(error);
	g_assert_true(sgp_consent_ledger_finish_erasures(fixture->ledger, NOW + 6, &error));
	g_assert_no_error(error);
	g_assert_cmpint(count_rows(fixture, "SELECT count(*) FROM ledger_personal WHERE entry = 1"),
		==, 1); /* it cannot be told yet */
	g_autofree char *kept =
		sgp_consent_ledger_keep_sealed(fixture->ledger, 1, "SEALED", &error);
	g_assert_cmpstr(kept, ==, "SEALED");
	for (guint i = 0; i < 2; i++) {
		g_assert_true(sgp_consent_ledger_finish_erasures(fixture->ledger, NOW + 7, &error));
		g_assert_no_error(error);
	}
	g_assert_false(has_canary(fixture->state.directory, "erika.canary"));
	g_assert_cmpint(
		count_rows(fixture, "SELECT count(*) FROM ledger WHERE kind = 'erasure'"), ==, 2);
	/* It still goes out, still refuses, and the chain holds. */
	g_autoptr(GPtrArray) waiting = sgp_consent_ledger_list_outgoing(fixture->ledger, &error);
	g_assert_cmpuint(waiting->len, ==, 1);
	g_assert_cmpstr(((SgpOutgoing *)g_ptr_array_index(waiting, 0))->sealed, ==, "SEALED");
	g_autoptr(GPtrArray) facts =
		sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error);
	g_assert_cmpuint(facts->len, >=, 1);
	g_assert_cmpint(((SgpConsentFact *)g_ptr_array_index(facts, 0))->kind, ==, SGP_BASIS_NONE);
	gint64 n_entries = 0, bad_entry = 0;
	g_autofree char *why = NULL;
	g_assert_true(
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error));
	g_assert_no_error(error);
	g_assert_null(why);
}

#define ADD(path, function)                                                                        \
	g_test_add("/consent-ledger-erase/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("an-erasure-leaves-no-trace-in-any-file", test_no_trace);
	ADD("an-erasure-reaches-who-is-only-in-the-history", test_history_only);
	ADD("an-erased-withdrawal-still-refuses", test_withdrawal_goes_on);
	ADD("a-withdrawal-that-was-lifted-is-erased", test_lifted_withdrawal);
	ADD("a-withdrawal-that-was-lifted-for-one-matter-is-kept", test_partly_lifted_withdrawal);
	ADD("a-lost-key-of-the-marks-is-no-permission", test_lost_mark_key);
	ADD("a-person-whose-mail-waits-is-not-erased", test_waiting_mail);
	ADD("an-erasure-does-not-write-down-whom-it-erased", test_reason_names_nobody);
	ADD("an-erasure-that-was-disturbed-is-finished-later", test_finished_later);
	ADD("a-colleague-s-erasure-spares-what-is-newer-or-untold", test_shared_spares);
	ADD("a-colleague-s-erasure-spares-what-came-later", test_shared_spares_later);
	ADD("a-withdrawal-that-was-spared-goes-when-it-is-sealed", test_spared_goes_when_sealed);
	return g_test_run();
}
