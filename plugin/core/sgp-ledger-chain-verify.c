/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How anybody can check that no entry of the ledger was changed, dropped, put in between, moved,
 * cut off the end or erased without a record. Names the first bad entry and what is wrong with it.
 * Never mends anything. */
#include <json-glib/json-glib.h>
#include <string.h>

#include "sgp-error.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

static const SgpLedgerHash nothing = { { 0 } };

enum {
	ENTRY,
	TIME,
	KIND,
	FIELDS,
	COMMITMENT,
	PREVIOUS,
	HASH,
	HAS_PERSONAL,
	SALT,
	ADDRESS,
	MATTER,
	PERSONAL,
	NEXT_PREVIOUS
};
/* Only when the whole chain is checked. */
enum { ERASED_BY = SGP_LEDGER_N_PROOF_COLUMNS, ERASURE_KIND, ERASURE_FIELDS };

/* A text that ends where SQLite says: what follows a zero byte would be in no hash. (nullable) */
static const char *read_text(sqlite3_stmt *row, int column)
{
	const char *text = sgp_store_column_text(row, column);
	return text != NULL && strlen(text) == (gsize)sqlite3_column_bytes(row, column) ? text
											: NULL;
}

static gboolean is_whole(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) == SQLITE_NULL || read_text(row, column) != NULL;
}

/* What is personal fits the commitment, where it is still there. */
static const char *check_personal(sqlite3_stmt *row, const SgpLedgerHash *commitment)
{
	gboolean has_commitment = !sgp_ledger_chain_is_same(commitment, &nothing);
	if (sqlite3_column_int(row, HAS_PERSONAL) == 0)
		return NULL;
	if (!has_commitment)
		return "personal-added";
	if (sqlite3_column_bytes(row, SALT) != SGP_LEDGER_SALT_SIZE || !is_whole(row, ADDRESS) ||
		!is_whole(row, MATTER) || !is_whole(row, PERSONAL))
		return "personal-changed";
	SgpLedgerHash found = sgp_ledger_chain_commit_to(sqlite3_column_blob(row, SALT),
		read_text(row, ADDRESS), read_text(row, MATTER), read_text(row, PERSONAL));
	return sgp_ledger_chain_is_same(&found, commitment) ? NULL : "personal-changed";
}

/* The entry as such. hash, commitment: what it says. */
static const char *check_itself(
	sqlite3_stmt *row, SgpLedgerHash *previous, SgpLedgerHash *hash, SgpLedgerHash *commitment)
{
	const char *kind = read_text(row, KIND), *fields = read_text(row, FIELDS);
	if (!sgp_ledger_chain_read_hash(row, COMMITMENT, commitment) ||
		!sgp_ledger_chain_read_hash(row, PREVIOUS, previous) ||
		!sgp_ledger_chain_read_hash(row, HASH, hash))
		return "damaged";
	if (kind == NULL || fields == NULL || sqlite3_column_type(row, TIME) != SQLITE_INTEGER)
		return "changed";
	SgpLedgerHash found = sgp_ledger_chain_hash(previous, sqlite3_column_int64(row, ENTRY),
		sqlite3_column_int64(row, TIME), kind, fields, commitment);
	return sgp_ledger_chain_is_same(&found, hash) ? NULL : "changed";
}

const char *sgp_ledger_chain_check_row(sqlite3_stmt *row)
{
	SgpLedgerHash previous, hash, commitment, next;
	const char *why = check_itself(row, &previous, &hash, &commitment);
	if (why == NULL)
		why = check_personal(row, &commitment);
	if (why != NULL || sqlite3_column_type(row, NEXT_PREVIOUS) == SQLITE_NULL)
		return why;
	gboolean is_followed = sgp_ledger_chain_read_hash(row, NEXT_PREVIOUS, &next) &&
			       sgp_ledger_chain_is_same(&next, &hash);
	return is_followed ? NULL : "changed";
}

/* --- Erasures --- */

/* Does the erasure entry, which the chain covers, name this entry? */
static gboolean names_entry(const char *fields, gint64 entry)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	if (fields == NULL || !json_parser_load_from_data(parser, fields, -1, NULL))
		return FALSE;
	JsonNode *root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return FALSE;
	JsonObject *object = json_node_get_object(root);
	if (!json_object_has_member(object, "entries"))
		return FALSE;
	JsonNode *list = json_object_get_member(object, "entries");
	if (!JSON_NODE_HOLDS_ARRAY(list))
		return FALSE;
	JsonArray *entries = json_node_get_array(list);
	for (guint i = 0; i < json_array_get_length(entries); i++) {
		if (json_array_get_int_element(entries, i) == entry)
			return TRUE;
	}
	return FALSE;
}

/* What is personal is gone only where an erasure that the chain covers says so, and is gone
 * wherever one is noted. */
static const char *check_erasure(sqlite3_stmt *row, gint64 entry, const SgpLedgerHash *commitment)
{
	gboolean has_personal = sqlite3_column_int(row, HAS_PERSONAL) != 0;
	gboolean is_noted = sqlite3_column_type(row, ERASED_BY) != SQLITE_NULL;
	if (sgp_ledger_chain_is_same(commitment, &nothing))
		return is_noted ? "erasure-forged" : NULL;
	if (!is_noted)
		return has_personal ? NULL : "personal-missing";
	gboolean is_recorded =
		sqlite3_column_int64(row, ERASED_BY) > entry &&
		g_strcmp0(sgp_store_column_text(row, ERASURE_KIND), "erasure") == 0 &&
		names_entry(sgp_store_column_text(row, ERASURE_FIELDS), entry);
	if (has_personal)
		return is_recorded ? "personal-added" : "erasure-forged";
	return is_recorded ? NULL : "personal-missing";
}

/* NULL: the entry is the one that followed *head. Moves *head on. */
static const char *check_entry(sqlite3_stmt *row, gint64 expected, SgpLedgerHash *head)
{
	SgpLedgerHash previous, hash, commitment;
	gint64 entry = sqlite3_column_int64(row, ENTRY);
	if (entry != expected)
		return "missing";
	const char *why = check_itself(row, &previous, &hash, &commitment);
	/* Which of two neighbours was edited cannot be told from the link alone, so the entry whose
	 * own sum is wrong is named where there is one. */
	if (g_strcmp0(why, "damaged") != 0 && !sgp_ledger_chain_is_same(&previous, head))
		return "chain-broken";
	if (why == NULL)
		why = check_personal(row, &commitment);
	if (why == NULL)
		why = check_erasure(row, entry, &commitment);
	if (why == NULL)
		*head = hash;
	return why;
}

#define VERIFY_SQL                                                                                 \
	"SELECT " SGP_LEDGER_PROOF_COLUMNS ", x.by_entry, e.kind, e.fields"                        \
	" FROM ledger l LEFT JOIN ledger_personal p ON p.entry = l.entry"                          \
	" LEFT JOIN ledger_erased x ON x.entry = l.entry"                                          \
	" LEFT JOIN ledger e ON e.entry = x.by_entry ORDER BY l.entry"

static gboolean check_entries(SgpStore *store, SgpLedgerVerification *out, GError **error)
{
	GError *local = NULL;
	sqlite3_stmt *rows = sgp_store_prepare(store, VERIFY_SQL, error);
	if (rows == NULL)
		return FALSE;
	while (out->why == NULL && sgp_store_step(store, rows, &local)) {
		out->why = check_entry(rows, out->n_entries + 1, &out->head);
		if (out->why == NULL)
			out->n_entries++;
	}
	if (out->why != NULL) {
		sgp_store_end(rows);
		out->bad_entry = out->n_entries + 1;
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}

/* --- Around the chain --- */

/* The first number that a query gives, 0 for none. */
static gint64 query_number(SgpStore *store, const char *sql, GError **error)
{
	gint64 number = 0;
	sqlite3_stmt *row = sgp_store_prepare(store, sql, error);
	if (row != NULL && sgp_store_step(store, row, error)) {
		number = sqlite3_column_int64(row, 0);
		sgp_store_end(row);
	}
	return number;
}

/* The end is noted beside the chain: cutting it off alone is noticed too. A ledger without an entry
 * has no note. */
static const char *check_note(
	SgpStore *store, gint64 last, const SgpLedgerHash *hash, GError **error)
{
	GError *local = NULL;
	g_autofree char *note = sgp_store_lookup_value(store, SGP_LEDGER_NOTE_NAME, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return "cut-off";
	}
	g_autofree char *expected = sgp_ledger_chain_dup_note(last, hash);
	if (last == 0 && note == NULL)
		return NULL;
	return g_strcmp0(note, expected) == 0 ? NULL : "cut-off";
}

/* The triggers that refuse UPDATE and DELETE, by name; somebody who took one away meant to change
 * something, or did and changed it back. */
static const char *check_triggers(SgpStore *store, GError **error)
{
	static const char sql[] =
		"SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
		" AND sql LIKE '%RAISE(ABORT, %' AND name IN ('ledger_insert', 'ledger_next',"
		" 'ledger_update', 'ledger_delete', 'ledger_personal_insert',"
		" 'ledger_personal_update', 'ledger_personal_delete', 'ledger_erased_insert',"
		" 'ledger_erased_update', 'ledger_erased_delete')";
	return query_number(store, sql, error) == 10 ? NULL : "unprotected";
}

static void note_first(SgpLedgerVerification *out, const char *why, gint64 entry)
{
	if (why == NULL || (out->why != NULL && out->bad_entry != 0 && out->bad_entry <= entry))
		return;
	out->why = why;
	out->bad_entry = entry;
}

static gboolean look_around(SgpStore *store, SgpLedgerVerification *out, GError **error)
{
	GError *local = NULL;
	gint64 bad = 0;
	if (out->why == NULL)
		note_first(out, check_note(store, out->n_entries, &out->head, &local),
			out->n_entries + 1);
	const char *why = local == NULL ? sgp_ledger_heads_check(store, &bad, &local) : NULL;
	note_first(out, why, bad);
	if (local == NULL && out->why == NULL) {
		bad = query_number(store,
			"SELECT min(entry) FROM (SELECT entry FROM ledger_personal UNION ALL"
			" SELECT entry FROM ledger_erased) WHERE entry NOT IN (SELECT entry FROM "
			"ledger)",
			&local);
		note_first(out, bad != 0 ? "personal-added" : NULL, bad);
	}
	if (local == NULL && out->why == NULL) {
		out->why = check_triggers(store, &local);
		out->bad_entry = 0;
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}

gboolean sgp_ledger_chain_verify(SgpStore *store, SgpLedgerVerification *out, GError **error)
{
	SgpLedgerVerification found = { 0 };
	sgp_store_lock(store);
	gboolean done = check_entries(store, &found, error) && look_around(store, &found, error);
	sgp_store_unlock(store);
	if (!done)
		return FALSE;
	found.holds = found.why == NULL;
	*out = found;
	return TRUE;
}

/* --- The quick look --- */

#define END_SQL                                                                                    \
	"SELECT entry, hash, (SELECT count(*) FROM ledger),"                                       \
	" (SELECT value FROM value WHERE name = '" SGP_LEDGER_NOTE_NAME "')"                       \
	" FROM ledger ORDER BY entry DESC LIMIT 1"

static gboolean is_end_whole(SgpStore *store, gint64 *n_entries, GError **error)
{
	SgpLedgerHash hash;
	GError *local = NULL;
	gboolean holds = FALSE;
	sqlite3_stmt *row = sgp_store_prepare(store, END_SQL, error);
	if (row == NULL)
		return FALSE;
	*n_entries = 0;
	if (sgp_store_step(store, row, &local)) {
		*n_entries = sqlite3_column_int64(row, 0);
		if (*n_entries == sqlite3_column_int64(row, 2) &&
			sgp_ledger_chain_read_hash(row, 1, &hash)) {
			g_autofree char *note = sgp_ledger_chain_dup_note(*n_entries, &hash);
			holds = g_strcmp0(note, sgp_store_column_text(row, 3)) == 0;
		}
		sgp_store_end(row);
	} else if (local == NULL) {
		g_autofree char *note = sgp_store_lookup_value(store, SGP_LEDGER_NOTE_NAME, &local);
		holds = note == NULL;
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return holds;
}

gboolean sgp_ledger_chain_check_end(SgpStore *store, gint64 *n_entries, GError **error)
{
	GError *local = NULL;
	gboolean is_there = FALSE;
	gboolean holds = is_end_whole(store, n_entries, &local) &&
			 sgp_ledger_heads_check_last(store, &is_there, &local) && is_there;
	if (local != NULL)
		g_propagate_error(error, local);
	else if (!holds)
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"the ledger's end is not what was noted");
	return holds && local == NULL;
}
