/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matters and consent records as lists for people and scripts: what was recorded, and what became
 * of it. Decides nothing: whether a mail may leave is sgp-reactive-rule's, from the same records.
 */
#include "sgp-consent-ledger.h"

#include <string.h>

#include "sgp-consent-ledger-private.h"
#include "sgp-json-private.h"
#include "sgp-store-private.h"

/* When a record was made: a colleague's came here later. */
#define RECORDED(row) "coalesce(json_extract(" row ".fields, '$.origin.recorded'), " row ".time)"

/* --- Matters --- */

static void add_matter_row(JsonBuilder *out, sqlite3_stmt *row)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "reference", sgp_store_column_text(row, 0));
	sgp_json_add_text(out, "title", sgp_store_column_text(row, 1));
	sgp_json_add_date(out, "opened", sqlite3_column_int64(row, 2));
	sgp_json_add_date(out, "closed", sqlite3_column_int64(row, 3));
	json_builder_end_object(out);
}

/* [{"reference","title","opened","closed"}], by reference; closed is null for an open one.
 * (transfer full) */
char *sgp_consent_ledger_list_matters_json(SgpConsentLedger *self, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_array(out);
	sgp_store_lock(store);
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"SELECT p.matter, json_extract(p.fields, '$.title'), " RECORDED(
			"l") ","
			     " (SELECT min(" RECORDED(
				     "c") ") FROM ledger_personal q JOIN ledger c USING (entry)"
					  "  WHERE q.matter = p.matter AND c.kind = "
					  "'matter-closed' AND c.id > l.id)"
					  " FROM ledger l JOIN ledger_personal p USING (entry) "
					  "WHERE l." SGP_LEDGER_IS_SHARED " AND l.id IN"
					  " (SELECT max(m.id) FROM ledger m JOIN ledger_personal r "
					  "USING (entry)"
					  "  WHERE m.kind = 'matter' GROUP BY r.matter) ORDER BY "
					  "p.matter",
		&local);
	while (statement != NULL && sgp_store_step(store, statement, &local))
		add_matter_row(out, statement);
	sgp_store_unlock(store);
	json_builder_end_array(out);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return sgp_json_dup(out);
}

/* --- Consents --- */

typedef struct {
	gint64 entry, given, valid_until;
	char *kind, *address, *matter;              /* (owned) */
	char *taken_by, *words, *attachment_sha256; /* (owned) (nullable) */
	gboolean names_plain, is_matter_closed;
	char *id;            /* (owned) */
	char *from, *device; /* (owned) (nullable) the colleague whose record it is */
	gboolean is_synced;
} Record;

static void record_free(Record *self)
{
	g_free(self->kind);
	g_free(self->address);
	g_free(self->matter);
	g_free(self->taken_by);
	g_free(self->words);
	g_free(self->attachment_sha256);
	g_free(self->id);
	g_free(self->from);
	g_free(self->device);
	g_free(self);
}

static Record *record_from_row(sqlite3_stmt *row)
{
	Record *self = g_new0(Record, 1);
	self->entry = sqlite3_column_int64(row, 0);
	self->kind = g_strdup(sgp_store_column_text(row, 1));
	self->address = g_strdup(sgp_store_column_text(row, 2));
	self->matter = g_strdup(sgp_store_column_text(row, 3));
	self->given = sqlite3_column_int64(row, 4);
	self->valid_until = sqlite3_column_int64(row, 5);
	self->taken_by = g_strdup(sgp_store_column_text(row, 6));
	self->names_plain = sqlite3_column_int(row, 7) != 0;
	self->words = g_strdup(sgp_store_column_text(row, 8));
	self->attachment_sha256 = g_strdup(sgp_store_column_text(row, 9));
	self->is_matter_closed = sqlite3_column_int(row, 10) != 0;
	self->id = g_strdup(sgp_store_column_text(row, 11));
	self->from = g_strdup(sgp_store_column_text(row, 12));
	self->device = g_strdup(sgp_store_column_text(row, 13));
	self->is_synced = sqlite3_column_int(row, 14) != 0;
	return self;
}

static gboolean is_newer(const Record *one, const Record *other)
{
	return one->given != other->given ? one->given > other->given
					  : g_strcmp0(one->id, other->id) > 0;
}

static gboolean is_kind(const Record *record, const char *kind)
{
	return g_str_equal(record->kind, kind);
}

/* The newest record of the same person that puts an end to this one: a withdrawal to everything, an
 * agreement to a withdrawal, and a renewal to its like. NULL: none. */
static const char *lookup_end(const GPtrArray *records, const Record *one, gint64 now)
{
	const char *end = NULL;
	for (guint i = 0; i < records->len; i++) {
		const Record *other = g_ptr_array_index(records, i);
		if (g_strcmp0(other->address, one->address) != 0 || !is_newer(other, one) ||
			other->given > now)
			continue;
		if (is_kind(other, "withdrawal") && !is_kind(one, "withdrawal"))
			return "withdrawn";
		if (is_kind(one, "withdrawal") &&
			(is_kind(other, "agreement") || is_kind(other, "withdrawal")))
			end = "superseded";
		else if (is_kind(other, one->kind) && g_strcmp0(other->matter, one->matter) == 0)
			end = "superseded";
	}
	return end;
}

static const char *get_state(const GPtrArray *records, const Record *one, gint64 now)
{
	const char *end = lookup_end(records, one, now);
	if (one->is_matter_closed)
		return "closed";
	if (g_strcmp0(end, "withdrawn") == 0)
		return end;
	if (one->valid_until != 0 && now > one->valid_until)
		return "expired";
	return end != NULL ? end : "valid";
}

static void add_record(JsonBuilder *out, const Record *record, const char *state)
{
	json_builder_begin_object(out);
	sgp_json_add_int(out, "entry", record->entry);
	sgp_json_add_text(out, "kind", record->kind);
	sgp_json_add_text(out, "address", record->address);
	sgp_json_add_text(out, "matter", record->matter);
	sgp_json_add_date(out, "given", record->given);
	sgp_json_add_date(out, "valid_until", record->valid_until);
	sgp_json_add_text(out, "taken_by", record->taken_by);
	sgp_json_add_boolean(out, "names_plain", record->names_plain);
	sgp_json_add_text(out, "words", record->words);
	sgp_json_add_text(out, "attachment_sha256", record->attachment_sha256);
	sgp_json_add_boolean(out, "matter_closed", record->is_matter_closed);
	sgp_json_add_text(out, "state", state);
	sgp_json_add_text(out, "id", record->id);
	sgp_json_add_text(out, "from", record->from);
	sgp_json_add_text(out, "device", record->device);
	sgp_json_add_boolean(out, "synced", record->is_synced);
	json_builder_end_object(out);
}

#define LIST_SQL                                                                                   \
	"SELECT l.entry, l.kind, p.address, p.matter, json_extract(l.fields, '$.given'),"          \
	" json_extract(l.fields, '$.valid_until'), json_extract(l.fields, '$.taken_by'),"          \
	" json_extract(l.fields, '$.names_plain'), json_extract(p.fields, '$.words'),"             \
	" json_extract(p.fields, '$.attachment_sha256'),"                                          \
	" EXISTS (SELECT 1 FROM ledger_personal q JOIN ledger c USING (entry)"                     \
	"  WHERE q.matter = p.matter AND c.kind = 'matter-closed' AND c.id > l.id), l.id,"         \
	" json_extract(l.fields, '$.origin.by'),"                                                  \
	" json_extract(l.fields, '$.origin.device'),"                                              \
	" json_extract(l.fields, '$.origin.id') IS NOT NULL OR coalesce(o.n, 0) > 0"               \
	" FROM ledger_personal p JOIN ledger l USING (entry)"                                      \
	" LEFT JOIN ledger_outgoing o USING (entry)"                                               \
	" WHERE l.kind IN ('phone', 'letter', 'agreement', 'withdrawal')"                          \
	" AND (?1 IS NULL OR p.address = ?1) ORDER BY l.entry"

static GPtrArray *load_records(SgpStore *store, const SgpAddress *address, GError **error)
{
	GError *local = NULL;
	g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func((GDestroyNotify)record_free);
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(store, LIST_SQL, &local);
	if (row != NULL)
		sgp_store_bind_text(
			row, 1, address != NULL ? sgp_address_get_addr_spec(address) : NULL);
	while (row != NULL && sgp_store_step(store, row, &local))
		g_ptr_array_add(records, record_from_row(row));
	sgp_store_unlock(store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return g_steal_pointer(&records);
}

static gboolean is_matter(const Record *record, const char *folded)
{
	if (folded == NULL)
		return TRUE;
	g_autofree char *own = record->matter != NULL ? g_utf8_casefold(record->matter, -1) : NULL;
	return g_strcmp0(own, folded) == 0;
}

/* Of one person: all his records decide about each of them. */
static void add_records(JsonBuilder *out, const GPtrArray *records, const char *matter, gint64 now)
{
	g_autofree char *trimmed =
		matter != NULL ? g_strstrip(g_utf8_make_valid(matter, -1)) : NULL;
	g_autofree char *folded = trimmed != NULL ? g_utf8_casefold(trimmed, -1) : NULL;
	g_autoptr(GHashTable) by_address = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)g_ptr_array_unref);
	for (guint i = 0; i < records->len; i++) {
		Record *record = g_ptr_array_index(records, i);
		GPtrArray *same = g_hash_table_lookup(by_address, record->address);
		if (same == NULL) {
			same = g_ptr_array_new();
			g_hash_table_insert(by_address, record->address, same);
		}
		g_ptr_array_add(same, record);
	}
	for (guint i = 0; i < records->len; i++) {
		const Record *record = g_ptr_array_index(records, i);
		const GPtrArray *same = g_hash_table_lookup(by_address, record->address);
		if (is_matter(record, folded))
			add_record(out, record, get_state(same, record, now));
	}
}

char *sgp_consent_ledger_list_json(
	SgpConsentLedger *self, const char *address, const char *matter, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	g_autoptr(SgpAddress) canonical = NULL;
	if (address != NULL && (canonical = sgp_address_new(address, error)) == NULL)
		return NULL;
	g_autoptr(GPtrArray) records = load_records(store, canonical, error);
	if (records == NULL)
		return NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_array(out);
	add_records(out, records, matter, now);
	json_builder_end_array(out);
	return sgp_json_dup(out);
}
