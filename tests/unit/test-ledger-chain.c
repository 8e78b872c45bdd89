/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's chain against somebody who has the database, knows how the chain is made, and takes
 * his time: a chain that he wrote anew fits in itself, and is found all the same. */
#include <string.h>

#include "sgp-consent-ledger.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"
#include "state-fixture.h"

#define NOW       ((gint64)1795504380)
#define ERIKA     "erika@kunde.example"
#define N_ENTRIES 5

typedef struct {
	State state;
	SgpConsentLedger *ledger;
} Fixture;

static void run_sql(Fixture *fixture, const char *sql)
{
	g_autoptr(GError) error = NULL;
	sgp_store_exec(fixture->state.store, sql, &error);
	g_assert_no_error(error);
}

static void record(Fixture *fixture, const char *address, SgpConsentKind kind)
{
	g_autoptr(GError) error = NULL;
	SgpConsent consent = {
		.kind = kind, .address = address, .taken_by = "anna@office.example"
	};
	sgp_consent_ledger_record(fixture->ledger, &consent, NOW, &error);
	g_assert_no_error(error);
}

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->ledger = sgp_consent_ledger_new(fixture->state.store, fixture->state.settings);
	record(fixture, ERIKA, SGP_CONSENT_AGREEMENT);
	record(fixture, "max@kunde.example", SGP_CONSENT_AGREEMENT);
	record(fixture, ERIKA, SGP_CONSENT_WITHDRAWAL);
	record(fixture, "max@kunde.example", SGP_CONSENT_WITHDRAWAL);
	record(fixture, "otto@kunde.example", SGP_CONSENT_AGREEMENT);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->ledger);
	state_teardown(&fixture->state, data);
}

static void drop_triggers(Fixture *fixture)
{
	run_sql(fixture,
		"PRAGMA foreign_keys=OFF;"
		"DROP TRIGGER ledger_insert; DROP TRIGGER ledger_next; DROP TRIGGER ledger_update;"
		"DROP TRIGGER ledger_delete; DROP TRIGGER ledger_personal_insert;"
		"DROP TRIGGER ledger_personal_update; DROP TRIGGER ledger_personal_delete;"
		"DROP TRIGGER ledger_erased_insert; DROP TRIGGER ledger_erased_update;"
		"DROP TRIGGER ledger_erased_delete");
}

/* What a careful forger does last: the triggers are as they were. */
static void restore_triggers(Fixture *fixture, GPtrArray *triggers)
{
	for (guint i = 0; i < triggers->len; i++)
		run_sql(fixture, g_ptr_array_index(triggers, i));
}

static GPtrArray *dup_triggers(Fixture *fixture)
{
	GPtrArray *triggers = g_ptr_array_new_with_free_func(g_free);
	sqlite3_stmt *row = sgp_store_prepare(fixture->state.store,
		"SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'ledger%'",
		NULL);
	while (sgp_store_step(fixture->state.store, row, NULL))
		g_ptr_array_add(triggers, g_strdup(sgp_store_column_text(row, 0)));
	return triggers;
}

static void set_blob(Fixture *fixture, const char *sql, gint64 entry, const SgpLedgerHash *one,
	const SgpLedgerHash *two)
{
	sqlite3_stmt *statement = sgp_store_prepare(fixture->state.store, sql, NULL);
	sqlite3_bind_blob(statement, 1, one->bytes, sizeof one->bytes, SQLITE_TRANSIENT);
	sqlite3_bind_blob(statement, 2, two->bytes, sizeof two->bytes, SQLITE_TRANSIENT);
	sqlite3_bind_int64(statement, 3, entry);
	g_assert_true(sgp_store_run(fixture->state.store, statement, NULL));
}

/* The forger's own program: every sum from the first entry on is made anew, the note too. */
static void rewrite_chain(Fixture *fixture)
{
	SgpStore *store = fixture->state.store;
	SgpLedgerHash previous = { { 0 } };
	gint64 last = 0;
	for (gint64 entry = 1; entry <= N_ENTRIES; entry++) {
		SgpLedgerHash commitment;
		sqlite3_stmt *row = sgp_store_prepare(store,
			"SELECT time, kind, fields, commitment FROM ledger WHERE entry = ?", NULL);
		sqlite3_bind_int64(row, 1, entry);
		if (!sgp_store_step(store, row, NULL))
			break;
		g_assert_true(sgp_ledger_chain_read_hash(row, 3, &commitment));
		SgpLedgerHash hash = sgp_ledger_chain_hash(&previous, entry,
			sqlite3_column_int64(row, 0), sgp_store_column_text(row, 1),
			sgp_store_column_text(row, 2), &commitment);
		sgp_store_end(row);
		set_blob(fixture, "UPDATE ledger SET previous = ?, hash = ? WHERE entry = ?", entry,
			&previous, &hash);
		previous = hash;
		last = entry;
	}
	g_autofree char *note = sgp_ledger_chain_dup_note(last, &previous);
	g_assert_true(
		sgp_store_set_value(store, SGP_LEDGER_NOTE_NAME, last > 0 ? note : NULL, NULL));
}

static void assert_found(Fixture *fixture, const char *expected_why, gint64 expected_entry)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	gboolean holds =
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(why, ==, expected_why);
	g_assert_cmpint(bad_entry, ==, expected_entry);
	g_assert_true(holds == (expected_why == NULL));
}

/* --- A chain that fits in itself --- */

typedef struct {
	const char *name, *sql;
	gint64 bad_entry;
	const char *why;
} Forgery;

static const Forgery forgeries[] = {
	{ "a-backdated-entry", "UPDATE ledger SET time = time - 86400 WHERE entry = 3", 3,
		"replaced" },
	{ "a-withdrawal-turned-into-an-agreement",
		"UPDATE ledger SET kind = 'agreement' WHERE entry = 3", 3, "replaced" },
	{ "a-dropped-entry-with-the-rest-moved-up",
		"DELETE FROM ledger_personal WHERE entry = 3; DELETE FROM ledger WHERE entry = 3;"
		"UPDATE ledger SET entry = 3 WHERE entry = 4; UPDATE ledger SET entry = 4 WHERE "
		"entry = 5;"
		"UPDATE ledger_personal SET entry = 3 WHERE entry = 4;"
		"UPDATE ledger_personal SET entry = 4 WHERE entry = 5",
		3, "replaced" },
	{ "two-entries-in-another-order",
		"UPDATE ledger SET entry = 99 WHERE entry = 2; UPDATE ledger SET entry = 2 WHERE "
		"entry = 3;"
		"UPDATE ledger SET entry = 3 WHERE entry = 99;"
		"UPDATE ledger_personal SET entry = 99 WHERE entry = 2;"
		"UPDATE ledger_personal SET entry = 2 WHERE entry = 3;"
		"UPDATE ledger_personal SET entry = 3 WHERE entry = 99",
		2, "replaced" },
	{ "a-cut-off-end",
		"DELETE FROM ledger_personal WHERE entry > 3; DELETE FROM ledger WHERE "
		"entry > 3",
		4, "cut-off" },
	{ "an-emptied-ledger", "DELETE FROM ledger_personal; DELETE FROM ledger", 1, "cut-off" },
};

static void test_forgery(Fixture *fixture, gconstpointer data)
{
	const Forgery *forgery = data;
	g_autoptr(GPtrArray) triggers = dup_triggers(fixture);
	assert_found(fixture, NULL, 0);
	drop_triggers(fixture);
	run_sql(fixture, forgery->sql);
	rewrite_chain(fixture);
	restore_triggers(fixture, triggers);
	assert_found(fixture, forgery->why, forgery->bad_entry);
	/* And it stays found, however much is recorded after it. */
	for (guint i = 0; i < N_ENTRIES; i++)
		record(fixture, "nina@kunde.example", SGP_CONSENT_AGREEMENT);
	g_autofree char *why = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	g_assert_false(
		sgp_consent_ledger_verify(fixture->ledger, &n_entries, &bad_entry, &why, NULL));
	g_assert_cmpint(bad_entry, ==, forgery->bad_entry);
}

/* --- Details of the tables around it --- */

static const Forgery details[] = {
	{ "a-trigger-taken-away", "DROP TRIGGER ledger_personal_update", 0, "unprotected" },
	{ "a-trigger-that-refuses-nothing",
		"DROP TRIGGER ledger_update; CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger "
		"BEGIN SELECT 1; END",
		0, "unprotected" },
	{ "an-erasure-that-is-only-noted", "INSERT INTO ledger_erased VALUES (2, 4)", 2,
		"erasure-forged" },
	{ "text-behind-a-zero-byte",
		"DROP TRIGGER ledger_update; UPDATE ledger SET fields = fields || char(0) || 'x' "
		"WHERE entry = 2",
		2, "changed" },
	{ "a-time-that-is-text",
		"DROP TRIGGER ledger_update; UPDATE ledger SET time = 'x' WHERE entry = 2", 2,
		"changed" },
	{ "a-person-without-an-entry",
		"PRAGMA foreign_keys=OFF; INSERT INTO ledger_personal SELECT 77, salt, address, "
		"matter, fields FROM ledger_personal WHERE entry = 1",
		77, "personal-added" },
	{ "an-entry-repeated",
		"PRAGMA foreign_keys=OFF; DROP TRIGGER ledger_next; INSERT INTO ledger SELECT 6, "
		"time, kind, fields, commitment, previous, hash FROM ledger WHERE entry = 5",
		6, "chain-broken" },
	{ "a-fork",
		"DROP TRIGGER ledger_next; INSERT INTO ledger SELECT 6, time, kind, fields, "
		"zeroblob(32), hash, randomblob(32) FROM ledger WHERE entry = 3",
		6, "chain-broken" },
	{ "commitments-that-changed-places",
		"DROP TRIGGER ledger_update; UPDATE ledger SET commitment = (SELECT commitment "
		"FROM ledger WHERE entry = 2) WHERE entry = 4",
		4, "changed" },
	{ "a-changed-note", "UPDATE value SET value = '5 00' WHERE name = 'ledger.head'", 6,
		"cut-off" },
};

static void test_detail(Fixture *fixture, gconstpointer data)
{
	const Forgery *detail = data;
	run_sql(fixture, detail->sql);
	assert_found(fixture, detail->why, detail->bad_entry);
}

/* Erased by another erasure than the one that says so, and not erased at all. */
static void test_erased_by(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	sgp_consent_ledger_erase(fixture->ledger, ERIKA, "Antrag", "anna", NOW, &error);
	g_assert_no_error(error);
	sgp_consent_ledger_erase(
		fixture->ledger, "max@kunde.example", "Antrag", "anna", NOW, &error);
	g_assert_no_error(error);
	assert_found(fixture, NULL, 0);
	g_autoptr(GPtrArray) triggers = dup_triggers(fixture);
	drop_triggers(fixture);
	run_sql(fixture, "UPDATE ledger_erased SET by_entry = 7 WHERE entry = 3");
	assert_found(fixture, "personal-missing", 3);
	run_sql(fixture, "UPDATE ledger_erased SET by_entry = 6 WHERE entry = 3");
	run_sql(fixture, "DELETE FROM ledger_erased WHERE entry = 2");
	assert_found(fixture, "personal-missing", 2);
	run_sql(fixture, "INSERT INTO ledger_erased VALUES (2, 7)");
	restore_triggers(fixture, triggers);
	assert_found(fixture, NULL, 0);
}

static void test_next(Fixture *fixture, gconstpointer data)
{
	static const char *const statements[] = {
		"INSERT INTO ledger SELECT 7, time, kind, fields, commitment, hash, hash FROM "
		"ledger WHERE entry = 5",
		"INSERT INTO ledger SELECT 6, time, kind, fields, commitment, previous, hash FROM "
		"ledger WHERE entry = 5",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_false(sgp_store_exec(fixture->state.store, statements[i], &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
	}
	assert_found(fixture, NULL, 0);
}

/* --- Heads --- */

/* The machine stopped between the commit and its note: the next append notes both. */
static void test_heads_behind(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = g_build_filename(fixture->state.directory, "ledger.heads", NULL);
	g_autofree char *text = NULL;
	gsize length = 0;
	g_assert_true(g_file_get_contents(path, &text, &length, NULL));
	/* Half of the last line is there. */
	g_assert_true(g_file_set_contents(path, text, (gssize)length - 20, NULL));
	assert_found(fixture, NULL, 0);
	record(fixture, ERIKA, SGP_CONSENT_AGREEMENT);
	assert_found(fixture, NULL, 0);
	g_autofree char *after = NULL;
	g_assert_true(g_file_get_contents(path, &after, NULL, NULL));
	g_assert_nonnull(strstr(after, "\n5 "));
	g_assert_nonnull(strstr(after, "\n6 "));
	g_assert_cmpint(g_unlink(path), ==, 0); /* as in a state directory of before */
	assert_found(fixture, NULL, 0);
	record(fixture, ERIKA, SGP_CONSENT_AGREEMENT);
	g_assert_true(g_file_test(path, G_FILE_TEST_IS_REGULAR));
	run_sql(fixture, "DROP TRIGGER ledger_update; UPDATE ledger SET time = 1 WHERE entry = 1");
	assert_found(fixture, "changed", 1);
}

static void test_head_kept_elsewhere(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *head = sgp_consent_ledger_dup_head(fixture->ledger, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(strlen(head), ==, 64);
	record(fixture, ERIKA, SGP_CONSENT_AGREEMENT);
	g_autofree char *upper = g_ascii_strup(head, -1);
	g_assert_cmpint(
		sgp_consent_ledger_lookup_head(fixture->ledger, upper, &error), ==, N_ENTRIES);
	head[0] = head[0] == '0' ? '1' : '0';
	g_assert_cmpint(sgp_consent_ledger_lookup_head(fixture->ledger, head, &error), ==, 0);
	g_assert_no_error(error);
}

static void test_rolled_back(Fixture *fixture, gconstpointer data)
{
	g_autofree char *path = g_build_filename(fixture->state.directory, "ledger.heads", NULL);
	g_autofree char *before = NULL, *after = NULL;
	g_assert_true(g_file_get_contents(path, &before, NULL, NULL));
	g_assert_true(sgp_store_begin(fixture->state.store, TRUE, NULL));
	record(fixture, ERIKA, SGP_CONSENT_AGREEMENT);
	sgp_store_rollback(fixture->state.store);
	g_assert_true(g_file_get_contents(path, &after, NULL, NULL));
	g_assert_cmpstr(before, ==, after);
	assert_found(fixture, NULL, 0);
}

/* --- Decisions --- */

static const char *const written_into[] = {
	"UPDATE ledger SET kind = 'agreement' WHERE entry = 3",
	"UPDATE ledger SET fields = json_set(fields, '$.given', 1) WHERE entry = 3",
	"UPDATE ledger_personal SET address = 'x@kunde.example' WHERE entry = 3",
	"DELETE FROM ledger_personal WHERE entry = 3; DELETE FROM ledger WHERE entry = 3",
	"DELETE FROM ledger_personal WHERE entry > 2; DELETE FROM ledger WHERE entry > 2;"
	"UPDATE value SET value = (SELECT entry || ' ' || lower(hex(hash)) FROM ledger WHERE "
	"entry = 2) WHERE name = 'ledger.head'",
};

static void test_fails_closed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) before =
		sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(before->len, ==, 2);
	drop_triggers(fixture);
	run_sql(fixture, data);
	/* A new process, which has not looked yet. */
	g_autoptr(SgpConsentLedger) ledger =
		sgp_consent_ledger_new(fixture->state.store, fixture->state.settings);
	g_assert_null(sgp_consent_ledger_lookup_consents(ledger, ERIKA, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

/* One that has looked, and trusts nothing that it uses. */
static void test_used_records(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GPtrArray) before =
		sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error);
	g_assert_nonnull(before);
	drop_triggers(fixture);
	run_sql(fixture,
		"UPDATE ledger SET fields = json_set(fields, '$.given', 1) WHERE entry = 3");
	g_assert_null(sgp_consent_ledger_lookup_consents(fixture->ledger, ERIKA, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void add_cases(const char *prefix, const Forgery *cases, gsize n,
	void (*test)(Fixture *fixture, gconstpointer data))
{
	for (gsize i = 0; i < n; i++) {
		g_autofree char *path = g_strconcat(prefix, cases[i].name, NULL);
		g_test_add(path, Fixture, &cases[i], setup, test, teardown);
	}
}

#define ADD(path, function)                                                                        \
	g_test_add("/ledger-chain/" path, Fixture, NULL, setup, function, teardown)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add_cases("/ledger-chain/a-rewritten-chain-does-not-hide-", forgeries,
		G_N_ELEMENTS(forgeries), test_forgery);
	add_cases("/ledger-chain/verify-names-", details, G_N_ELEMENTS(details), test_detail);
	ADD("verify-names-a-changed-erasure", test_erased_by);
	ADD("the-database-refuses-an-entry-that-does-not-follow", test_next);
	ADD("heads-that-are-behind-are-caught-up", test_heads_behind);
	ADD("a-head-kept-elsewhere-is-found-in-the-chain", test_head_kept_elsewhere);
	ADD("a-rolled-back-entry-is-not-noted", test_rolled_back);
	for (gsize i = 0; i < G_N_ELEMENTS(written_into); i++) {
		g_autofree char *path = g_strdup_printf(
			"/ledger-chain/nobody-leans-on-a-ledger-that-was-written-into/%zu", i);
		g_test_add(path, Fixture, written_into[i], setup, test_fails_closed, teardown);
	}
	ADD("a-record-is-checked-each-time-it-is-used", test_used_records);
	return g_test_run();
}
