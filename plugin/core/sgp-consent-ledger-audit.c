/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger for the data-protection officer: export by person or period with the verification
 * result, and erasure of what is personal (GDPR Art. 15 and 17). Never changes what the chain
 * covers. */
#include "sgp-consent-ledger.h"

#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

/* --- Export --- */

#define EXPORT_SQL                                                                                 \
	"SELECT l.entry, l.time, l.kind, p.address, p.matter, l.fields, p.fields, x.by_entry"      \
	" FROM ledger l LEFT JOIN ledger_personal p USING (entry)"                                 \
	" LEFT JOIN ledger_erased x USING (entry)"                                                 \
	" WHERE (?1 IS NULL OR p.address = ?1) AND l.time >= ?2 AND (?3 = 0 OR l.time <= ?3)"      \
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

typedef struct {
	gboolean holds;
	gint64 n_entries, bad_entry;
	char *why; /* (owned) (nullable) */
} Verification;

static void verification_clear(Verification *self)
{
	g_free(self->why);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Verification, verification_clear)

static void add_verification(JsonBuilder *out, const Verification *verification)
{
	json_builder_set_member_name(out, "verification");
	json_builder_begin_object(out);
	sgp_json_add_boolean(out, "holds", verification->holds);
	sgp_json_add_int(out, "entries", verification->n_entries);
	sgp_json_add_int(out, "bad_entry", verification->bad_entry);
	sgp_json_add_text(out, "why", verification->why);
	json_builder_end_object(out);
}

static char *export_json(
	SgpStore *store, sqlite3_stmt *rows, const Verification *verification, GError **error)
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
static char *export_csv(
	SgpStore *store, sqlite3_stmt *rows, const Verification *verification, GError **error)
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
	g_autofree char *result =
		verification->holds
			? g_strdup_printf("the chain of %" G_GINT64_FORMAT " entries holds",
				  verification->n_entries)
			: g_strdup_printf("the chain is broken at entry %" G_GINT64_FORMAT ": %s",
				  verification->bad_entry, verification->why);
	g_string_append_printf(
		out, "\"\",\"\",\"verification\",\"\",\"\",\"%s\",\"\",\"\"\r\n", result);
	return g_strdup(out->str);
}

/* csv FALSE: JSON {"verification","entries":[...]}. address: (nullable) one person only. since,
 * until: seconds UTC, 0 is open. The export is made even where the chain is broken: it says so.
 * (transfer full) Errors: INVALID, STORAGE. */
char *sgp_consent_ledger_export(SgpConsentLedger *self, gboolean csv, const char *address,
	gint64 since, gint64 until, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	g_auto(Verification) verification = { 0 };
	g_autoptr(SgpAddress) canonical = NULL;
	if (address != NULL && (canonical = sgp_address_new(address, error)) == NULL)
		return NULL;
	char *text = NULL;
	sgp_store_lock(store);
	verification.holds = sgp_ledger_chain_verify(
		store, &verification.n_entries, &verification.bad_entry, &verification.why, &local);
	sqlite3_stmt *rows = local == NULL ? sgp_store_prepare(store, EXPORT_SQL, &local) : NULL;
	if (rows != NULL) {
		sgp_store_bind_text(
			rows, 1, canonical != NULL ? sgp_address_get_addr_spec(canonical) : NULL);
		sqlite3_bind_int64(rows, 2, since != 0 ? since : G_MININT64);
		sqlite3_bind_int64(rows, 3, until);
		text = csv ? export_csv(store, rows, &verification, &local)
			   : export_json(store, rows, &verification, &local);
	}
	sgp_store_unlock(store);
	if (local != NULL)
		g_propagate_error(error, local);
	return text;
}

/* --- Erasure --- */

static GArray *lookup_entries(SgpStore *store, const char *addr_spec, GError **error)
{
	GError *local = NULL;
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(gint64));
	sqlite3_stmt *rows = sgp_store_prepare(
		store, "SELECT entry FROM ledger_personal WHERE address = ? ORDER BY entry", error);
	if (rows == NULL)
		return NULL;
	sgp_store_bind_text(rows, 1, addr_spec);
	while (sgp_store_step(store, rows, &local)) {
		gint64 entry = sqlite3_column_int64(rows, 0);
		g_array_append_val(entries, entry);
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return g_steal_pointer(&entries);
}

static gint64 append_erasure(SgpStore *store, const GArray *entries, const char *reason,
	const char *by, gint64 now, GError **error)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_json_add_text(out, "by", by);
	sgp_json_add_text(out, "reason", reason);
	json_builder_set_member_name(out, "entries");
	json_builder_begin_array(out);
	for (guint i = 0; i < entries->len; i++)
		json_builder_add_int_value(out, g_array_index(entries, gint64, i));
	json_builder_end_array(out);
	json_builder_end_object(out);
	g_autofree char *fields = sgp_json_dup(out);
	SgpLedgerEntry entry = { .kind = "erasure", .fields = fields };
	return sgp_ledger_chain_append(store, &entry, now, error);
}

static gboolean erase_entry(SgpStore *store, gint64 entry, gint64 by_entry, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "INSERT INTO ledger_erased (entry, by_entry) VALUES (?, ?)", error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, entry);
	sqlite3_bind_int64(statement, 2, by_entry);
	if (!sgp_store_run(store, statement, error))
		return FALSE;
	statement = sgp_store_prepare(store, "DELETE FROM ledger_personal WHERE entry = ?", error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, entry);
	return sgp_store_run(store, statement, error);
}

static gint64 erase(SgpStore *store, const char *addr_spec, const char *reason, const char *by,
	gint64 now, GError **error)
{
	g_autoptr(GArray) entries = lookup_entries(store, addr_spec, error);
	if (entries == NULL)
		return 0;
	if (entries->len == 0) {
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_NOT_FOUND,
			"the ledger knows nothing of this address");
		return 0;
	}
	gint64 by_entry = append_erasure(store, entries, reason, by, now, error);
	for (guint i = 0; by_entry != 0 && i < entries->len; i++) {
		if (!erase_entry(store, g_array_index(entries, gint64, i), by_entry, error))
			return 0;
	}
	return by_entry;
}

/* Deletes what is personal in every entry of an address; the entries stay as "erased on ... by ...
 * because ...", and the chain holds. Returns the erasure's own entry. Errors: INVALID (no reason,
 * nobody named), NOT_FOUND, STORAGE. */
gint64 sgp_consent_ledger_erase(SgpConsentLedger *self, const char *address, const char *reason,
	const char *by, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	if (reason == NULL || *reason == '\0' || by == NULL || *by == '\0') {
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID,
			"an erasure needs a reason and a name");
		return 0;
	}
	g_autoptr(SgpAddress) canonical = sgp_address_new(address, error);
	if (canonical == NULL || !sgp_store_begin(store, TRUE, error))
		return 0;
	gint64 entry = erase(store, sgp_address_get_addr_spec(canonical), reason, by, now, error);
	if (entry == 0) {
		sgp_store_rollback(store);
		return 0;
	}
	if (!sgp_store_commit(store, error))
		return 0;
	/* Deleted cells are zeroed (secure_delete); the log that still holds the old pages is cut
	 * too. */
	if (!sgp_store_exec(store, "PRAGMA wal_checkpoint(TRUNCATE)", error))
		return 0;
	return entry;
}
