/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P3, P4 and P16: the index against a bare prepared SELECT on (id, sender, conversation, date), in
 * the same run. Usage: bench-history [MESSAGES] */
#include "bench-common.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "sgp-facts.h"
#include "sgp-history.h"

/* As many mails of each customer, however many mails there are: more mails are more customers. */
#define MAILS_OF_ONE 50
#define BATCH        2000
#define LOOKUPS      2000

typedef struct {
	guint64 id, references[2];
	guint n_references;
	guint sender;
	gint64 date;
} Row;

/* Conversations of four: a customer asks, the office answers, the customer again, the office again.
 */
static Row *make_rows(guint n)
{
	guint64 state = 88172645463325252u;
	Row *rows = g_new0(Row, n);
	guint n_customers = MAX(n / MAILS_OF_ONE, 1);
	for (guint i = 0; i < n; i++) {
		guint step = i % 4;
		rows[i].id = bench_random(&state);
		rows[i].n_references = MIN(step, 2);
		for (guint r = 0; r < rows[i].n_references; r++)
			rows[i].references[r] = rows[i - r - 1].id;
		rows[i].sender = step % 2 == 0 ? i / 4 % n_customers : n_customers;
		rows[i].date = 1700000000 + i;
	}
	return rows;
}

static void feed(SgpHistory *history, const Row *rows, guint n)
{
	g_autofree SgpSummary *batch = g_new0(SgpSummary, BATCH);
	for (guint from = 0; from < n; from += BATCH) {
		guint length = MIN(BATCH, n - from);
		g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func(g_free);
		for (guint i = 0; i < length; i++) {
			const Row *row = &rows[from + i];
			char *sender = g_strdup_printf(
				"Customer %u <c%u@kunde.example>", row->sender, row->sender);
			char *uid = g_strdup_printf("%u", from + i + 1);
			g_ptr_array_add(keep, sender);
			g_ptr_array_add(keep, uid);
			batch[i] = (SgpSummary){ .id = row->id,
				.references = row->references,
				.n_references = row->n_references,
				.from = sender,
				.subject = "",
				.date = row->date,
				.received = row->date,
				.uid = uid };
		}
		g_autoptr(GError) error = NULL;
		if (!sgp_history_add_summaries(
			    history, "imap://inbox", SGP_FOLDER_ROLE_MAIL, batch, length, &error))
			g_error("%s", error->message);
	}
}

static sqlite3 *make_reference(const char *directory, const Row *rows, guint n)
{
	sqlite3 *database = NULL;
	sqlite3_stmt *insert = NULL;
	g_autofree char *path = g_build_filename(directory, "reference.sqlite", NULL);
	sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "unix");
	sqlite3_exec(database,
		"PRAGMA journal_mode=WAL; CREATE TABLE m (id INTEGER PRIMARY KEY, sender INTEGER,"
		" conversation INTEGER, date INTEGER); CREATE INDEX s ON m (sender, date);"
		"CREATE INDEX c ON m (conversation); BEGIN",
		NULL, NULL, NULL);
	sqlite3_prepare_v2(database, "INSERT INTO m VALUES (?, ?, ?, ?)", -1, &insert, NULL);
	for (guint i = 0; i < n; i++) {
		sqlite3_bind_int64(insert, 1, (gint64)rows[i].id);
		sqlite3_bind_int64(insert, 2, rows[i].sender);
		sqlite3_bind_int64(insert, 3, i / 4);
		sqlite3_bind_int64(insert, 4, rows[i].date);
		sqlite3_step(insert);
		sqlite3_reset(insert);
	}
	sqlite3_finalize(insert);
	sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
	return database;
}

static double time_select(sqlite3 *database, const char *sql, const Row *rows, guint n, int column)
{
	sqlite3_stmt *statement = NULL;
	guint64 state = 42;
	g_autofree double *samples = g_new0(double, LOOKUPS);
	sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
	for (guint i = 0; i < LOOKUPS; i++) {
		guint at = (guint)(bench_random(&state) % n) & ~3u;
		gint64 value = column == 0   ? (gint64)rows[at].id
			       : column == 1 ? rows[at].sender
					     : at / 4;
		double start = bench_now_us();
		for (int repeat = 0; repeat < 10; repeat++) {
			sqlite3_bind_int64(statement, 1, value);
			while (sqlite3_step(statement) == SQLITE_ROW)
				continue;
			sqlite3_reset(statement);
		}
		samples[i] = (bench_now_us() - start) / 10;
	}
	sqlite3_finalize(statement);
	return bench_median(samples, LOOKUPS);
}

static double time_conversation(SgpHistory *history, const Row *rows, guint n)
{
	guint64 state = 42;
	g_autofree double *samples = g_new0(double, LOOKUPS);
	for (guint i = 0; i < LOOKUPS; i++) {
		guint at = (guint)(bench_random(&state) % n) & ~3u;
		g_autofree char *address = g_strdup_printf("c%u@kunde.example", rows[at].sender);
		const char *const addresses[] = { address, NULL };
		double start = bench_now_us();
		for (int repeat = 0; repeat < 10; repeat++) {
			g_autoptr(GPtrArray) needs = g_ptr_array_new_with_free_func(g_free);
			g_autoptr(GPtrArray) facts = sgp_history_lookup_conversation(
				history, &rows[at].id, 1, addresses, needs, NULL, NULL);
			if (facts->len != 4)
				g_error("a conversation of %u", facts->len);
		}
		samples[i] = (bench_now_us() - start) / 10;
	}
	return bench_median(samples, LOOKUPS);
}

static double time_recent(SgpHistory *history, const Row *rows, guint n)
{
	guint64 state = 42;
	g_autofree double *samples = g_new0(double, LOOKUPS);
	for (guint i = 0; i < LOOKUPS; i++) {
		guint at = (guint)(bench_random(&state) % n) & ~3u;
		g_autofree char *address = g_strdup_printf("c%u@kunde.example", rows[at].sender);
		double start = bench_now_us();
		for (int repeat = 0; repeat < 10; repeat++) {
			g_autoptr(GPtrArray) recent = sgp_history_lookup_recent_inquiries(
				history, address, 0, G_MAXINT64, NULL, NULL);
		}
		samples[i] = (bench_now_us() - start) / 10;
	}
	return bench_median(samples, LOOKUPS);
}

static void print_lookups(SgpHistory *history, sqlite3 *reference, const Row *rows, guint n)
{
	double by_id = time_select(reference, "SELECT * FROM m WHERE id = ?", rows, n, 0);
	double by_sender = time_select(reference,
		"SELECT * FROM m WHERE sender = ? ORDER BY date DESC LIMIT 50", rows, n, 1);
	double by_conversation =
		time_select(reference, "SELECT * FROM m WHERE conversation = ?", rows, n, 2);
	bench_line("P3 conversation from a Message-ID, with copies",
		time_conversation(history, rows, n), "us", by_id + by_conversation, "<= 2",
		"bare SELECTs");
	bench_line("P3 by sender, newest 50, with copies", time_recent(history, rows, n), "us",
		by_sender, "<= 2", "bare SELECT");
}

int main(int argc, char **argv)
{
	guint n = argc > 1 ? (guint)atoi(argv[1]) : 1000000;
	struct stat info;
	char *directory = bench_scratch_new();
	g_autofree char *path = g_build_filename(directory, "state.sqlite", NULL);
	g_autoptr(SgpStore) store = sgp_store_new(directory, NULL);
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_autoptr(SgpHistory) history = sgp_history_new(store, settings);
	g_autofree Row *rows = make_rows(n);
	double start = bench_now_us();
	sqlite3 *reference = make_reference(directory, rows, n);
	double bare = bench_now_us() - start;
	start = bench_now_us();
	feed(history, rows, n);
	double ours = bench_now_us() - start;
	sgp_store_exec(store, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
	stat(path, &info);
	bench_line("P4 one of a mail program's summaries", ours / n, "us", bare / n, "",
		"bare INSERT");
	bench_line("P4 bytes per message, of summaries", (double)info.st_size / n, "B", 200, "<= 1",
		"200 bytes");
	print_lookups(history, reference, rows, n);
	sqlite3_close(reference);
	g_clear_object(&history);
	g_clear_object(&store);
	bench_scratch_free(directory);
	return 0;
}
