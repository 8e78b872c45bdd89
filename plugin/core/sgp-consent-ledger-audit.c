/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger for the data-protection officer: verification, and export by person or period with its
 * result (GDPR Art. 15). Changes nothing. The columns and members are a contract of scripts, and so
 * in English. */
#include "sgp-consent-ledger.h"

#include "sgp-consent-ledger-private.h"
#include "sgp-facts.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

/* --- Export --- */

#define EXPORT_SQL                                                                                 \
	"SELECT l.entry, l.time, l.kind, p.address, p.matter, l.fields, p.fields, x.by_entry"      \
	" FROM ledger l LEFT JOIN ledger_personal p USING (entry)"                                 \
	" LEFT JOIN ledger_erased x USING (entry)"                                                 \
	" WHERE (?1 IS NULL OR p.address = ?1 OR (l.kind = 'erasure'"                              \
	"  AND json_extract(l.fields, '$.withdrawal.mark') = ?4))"                                 \
	" AND l.time >= ?2 AND (?3 = 0 OR l.time <= ?3)"                                           \
	" ORDER BY l.entry"

static void add_parsed(JsonBuilder *out, const char *name, const char *text)
{
	g_autoptr(JsonNode) node = text != NULL ? json_from_string(text, NULL) : NULL;
	json_builder_set_member_name(out, name);
	if (node != NULL)
		json_builder_add_value(out, g_steal_pointer(&node));
	else
		json_builder_add_null_value(out);
}

static void add_row(JsonBuilder *out, sqlite3_stmt *row)
{
	gint64 erased_by = sqlite3_column_int64(row, 7);
	json_builder_begin_object(out);
	sgp_json_add_int(out, "entry", sqlite3_column_int64(row, 0));
	sgp_json_add_date(out, "time", sqlite3_column_int64(row, 1));
	sgp_json_add_text(out, "kind", sgp_store_column_text(row, 2));
	sgp_json_add_text(out, "address", sgp_store_column_text(row, 3));
	sgp_json_add_text(out, "matter", sgp_store_column_text(row, 4));
	add_parsed(out, "fields", sgp_store_column_text(row, 5));
	add_parsed(out, "personal", sgp_store_column_text(row, 6));
	json_builder_set_member_name(out, "erased_by");
	if (erased_by != 0)
		json_builder_add_int_value(out, erased_by);
	else
		json_builder_add_null_value(out);
	json_builder_end_object(out);
}

/* Quoted (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe: the words
 * in it are a stranger's. */
static void append_cell(GString *out, const char *text)
{
	g_string_append(out, out->len > 0 && out->str[out->len - 1] != '\n' ? ",\"" : "\"");
	if (text != NULL && *text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		g_string_append_c(out, '\'');
	for (const char *p = text; p != NULL && *p != '\0'; p++) {
		if (*p == '"')
			g_string_append_c(out, '"');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

static void append_row(GString *out, sqlite3_stmt *row)
{
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(sqlite3_column_int64(row, 1));
	g_autofree char *time = date != NULL ? g_date_time_format_iso8601(date) : NULL;
	append_cell(out, sgp_store_column_text(row, 0));
	append_cell(out, time);
	for (int column = 2; column <= 7; column++)
		append_cell(out, sgp_store_column_text(row, column));
	g_string_append(out, "\r\n");
}

static void add_verification(JsonBuilder *out, const SgpLedgerVerification *verification)
{
	g_autofree char *head = sgp_ledger_chain_dup_hex(&verification->head);
	json_builder_set_member_name(out, "verification");
	json_builder_begin_object(out);
	sgp_json_add_boolean(out, "holds", verification->holds);
	sgp_json_add_int(out, "entries", verification->n_entries);
	sgp_json_add_int(out, "bad_entry", verification->bad_entry);
	sgp_json_add_text(out, "why", verification->why);
	sgp_json_add_text(out, "head", verification->n_entries > 0 ? head : NULL);
	json_builder_end_object(out);
}

static char *export_json(SgpStore *store, sqlite3_stmt *rows,
	const SgpLedgerVerification *verification, GError **error)
{
	GError *local = NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	add_verification(out, verification);
	json_builder_set_member_name(out, "entries");
	json_builder_begin_array(out);
	while (sgp_store_step(store, rows, &local))
		add_row(out, rows);
	json_builder_end_array(out);
	json_builder_end_object(out);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return sgp_json_dup(out);
}

/* The verification result is the last line: kind "verification", and the first bad entry's number
 * where there is one. */
static char *export_csv(SgpStore *store, sqlite3_stmt *rows,
	const SgpLedgerVerification *verification, GError **error)
{
	GError *local = NULL;
	g_autoptr(GString) out =
		g_string_new("entry,time,kind,address,matter,fields,personal,erased_by\r\n");
	while (sgp_store_step(store, rows, &local))
		append_row(out, rows);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	g_autofree char *head = sgp_ledger_chain_dup_hex(&verification->head);
	g_autofree char *result =
		verification->holds
			? g_strdup_printf("the chain of %" G_GINT64_FORMAT
					  " entries holds, head %s",
				  verification->n_entries, head)
			: g_strdup_printf("the chain is broken at entry %" G_GINT64_FORMAT ": %s",
				  verification->bad_entry, verification->why);
	g_string_append_printf(
		out, "\"\",\"\",\"verification\",\"\",\"\",\"%s\",\"\",\"\"\r\n", result);
	return g_strdup(out->str);
}

/* Who was erased is found again by what is kept of his withdrawal. (nullable) */
static char *lookup_mark(SgpStore *store, const SgpAddress *address, GError **error)
{
	g_autoptr(GPtrArray) kept =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_consent_fact_free);
	if (address == NULL || !sgp_consent_ledger_add_kept_withdrawals(
				       store, sgp_address_get_addr_spec(address), kept, error))
		return NULL;
	return kept->len > 0 ? sgp_consent_ledger_dup_mark(
				       store, sgp_address_get_addr_spec(address), error)
			     : NULL;
}

/* csv FALSE: JSON {"verification","entries":[...]}. address: (nullable) one person only. since,
 * until: seconds UTC, both belong to the period, 0 is open. The export is made even where the chain
 * is broken: it says so. (transfer full) Errors: INVALID, STORAGE. */
char *sgp_consent_ledger_export(SgpConsentLedger *self, gboolean csv, const char *address,
	gint64 since, gint64 until, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	SgpLedgerVerification verification = { 0 };
	g_autoptr(SgpAddress) canonical = NULL;
	if (address != NULL && (canonical = sgp_address_new(address, error)) == NULL)
		return NULL;
	char *text = NULL;
	sgp_store_lock(store);
	/* What is personal is exported in whatever state the ledger is. */
	g_autofree char *mark = lookup_mark(store, canonical, NULL);
	sqlite3_stmt *rows = sgp_ledger_chain_verify(store, &verification, &local)
				     ? sgp_store_prepare(store, EXPORT_SQL, &local)
				     : NULL;
	if (rows != NULL) {
		sgp_store_bind_text(
			rows, 1, canonical != NULL ? sgp_address_get_addr_spec(canonical) : NULL);
		sqlite3_bind_int64(rows, 2, since != 0 ? since : G_MININT64);
		sqlite3_bind_int64(rows, 3, until);
		sgp_store_bind_text(rows, 4, mark);
		text = csv ? export_csv(store, rows, &verification, &local)
			   : export_json(store, rows, &verification, &local);
	}
	sgp_store_unlock(store);
	if (local != NULL)
		g_propagate_error(error, local);
	return text;
}

/* --- Verification --- */

gboolean sgp_consent_ledger_verify(
	SgpConsentLedger *self, gint64 *n_entries, gint64 *bad_entry, char **why, GError **error)
{
	SgpLedgerVerification found = { 0 };
	if (!sgp_ledger_chain_verify(sgp_consent_ledger_get_store(self), &found, error))
		return FALSE;
	*n_entries = found.n_entries;
	*bad_entry = found.bad_entry;
	*why = g_strdup(found.why);
	return found.holds;
}

char *sgp_consent_ledger_dup_head(SgpConsentLedger *self, GError **error)
{
	SgpLedgerVerification found = { 0 };
	if (!sgp_ledger_chain_verify(sgp_consent_ledger_get_store(self), &found, error))
		return NULL;
	return found.n_entries > 0 ? sgp_ledger_chain_dup_hex(&found.head) : g_strdup("");
}

gint64 sgp_consent_ledger_lookup_head(SgpConsentLedger *self, const char *hex, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	gint64 entry = 0;
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(
		store, "SELECT entry FROM ledger WHERE lower(hex(hash)) = lower(?)", error);
	if (row != NULL) {
		sgp_store_bind_text(row, 1, hex);
		if (sgp_store_step(store, row, error)) {
			entry = sqlite3_column_int64(row, 0);
			sgp_store_end(row);
		}
	}
	sgp_store_unlock(store);
	return entry;
}
