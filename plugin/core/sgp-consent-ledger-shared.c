/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's side of what colleagues share: which of our records are told, in which form, and how
 * a colleague's becomes an entry here. A set of records that never change, united by their ids: two
 * devices that have the same records decide the same, in whatever order they came. Owns
 * ledger_outgoing and ledger_refused; never knows keys or the portal (sgp-ledger-sync), and adds
 * nothing that was not verified there. */
#include "sgp-consent-ledger-private.h"

#include <string.h>

#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

#define REFUSED_AT_MOST 256
#define ENROLLED        "portal.office-fingerprint"

static gboolean set_error(GError **error, SgpError code, const char *why)
{
	g_set_error_literal(error, SGP_ERROR, code, why);
	return FALSE;
}

/* --- A colleague's record becomes an entry --- */

void sgp_shared_record_add_origin(const SgpSharedRecord *self, JsonBuilder *out)
{
	json_builder_set_member_name(out, "origin");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", self->id);
	sgp_json_add_text(out, "by", self->by);
	sgp_json_add_text(out, "device", self->device);
	sgp_json_add_text(out, "signed_by", self->signed_by);
	sgp_json_add_int(out, "recorded", self->recorded);
	json_builder_end_object(out);
}

static gboolean is_kind(const SgpSharedRecord *record, const char *kind)
{
	return g_str_equal(record->kind, kind);
}

static gboolean is_matter_record(const SgpSharedRecord *record)
{
	return is_kind(record, "matter") || is_kind(record, "matter-closed");
}

/* A withdrawal is never refused for what else is wrong with it; a permission has to be one that
 * could have been recorded here. */
static gboolean check_record(const SgpSharedRecord *record, GError **error)
{
	gboolean is_bound = is_kind(record, "phone") || is_kind(record, "letter");
	gboolean has_matter = record->matter != NULL && *record->matter != '\0';
	if (is_matter_record(record))
		return has_matter || set_error(error, SGP_ERROR_INVALID, "it names no matter");
	if (!is_bound && !is_kind(record, "agreement") && !is_kind(record, "withdrawal") &&
		!is_kind(record, "erasure"))
		return set_error(error, SGP_ERROR_INVALID, "its kind is not known");
	if (record->address == NULL)
		return set_error(error, SGP_ERROR_INVALID, "it names no address");
	if (is_kind(record, "withdrawal") || is_kind(record, "erasure"))
		return TRUE;
	if (is_bound != has_matter)
		return set_error(error, SGP_ERROR_INVALID, "its matter does not fit its kind");
	if (record->given <= 0 || record->given > record->recorded || record->taken_by == NULL ||
		*record->taken_by == '\0')
		return set_error(error, SGP_ERROR_INVALID, "it proves nothing");
	return TRUE;
}

static char *dup_fields(const SgpSharedRecord *record)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_shared_record_add_origin(record, out);
	if (!is_matter_record(record)) {
		sgp_json_add_int(
			out, "given", record->given > 0 ? record->given : record->recorded);
		sgp_json_add_int(out, "valid_until", record->valid_until);
		sgp_json_add_text(out, "taken_by", record->taken_by);
		sgp_json_add_boolean(
			out, "names_plain", record->names_plain && is_kind(record, "agreement"));
	}
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static char *dup_personal(const SgpSharedRecord *record)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	if (is_kind(record, "matter")) {
		sgp_json_add_text(out, "title", record->title != NULL ? record->title : "");
	} else if (!is_matter_record(record)) {
		sgp_json_add_text(out, "words", record->words);
		sgp_json_add_text(out, "attachment_sha256", record->attachment_sha256);
	}
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

/* A matter is spelled as it was first known here: two colleagues may have opened it at once. */
static gboolean append_record(SgpConsentLedger *self, const SgpSharedRecord *record,
	const char *addr_spec, gint64 now, GError **error)
{
	GError *local = NULL;
	g_autofree char *known = record->matter != NULL ? sgp_consent_ledger_lookup_matter(
								  self, record->matter, &local)
							: NULL;
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	g_autofree char *fields = dup_fields(record);
	g_autofree char *personal = dup_personal(record);
	SgpLedgerEntry entry = {
		.kind = record->kind,
		.fields = fields,
		.address = addr_spec,
		.matter = known != NULL ? known : record->matter,
		.personal = personal,
	};
	return sgp_ledger_chain_append(sgp_consent_ledger_get_store(self), &entry, now, error) > 0;
}

/* The withdrawal that outlives a colleague's erasure may never have come here by itself: it is
 * recorded first, and the erasure then keeps its mark. */
static gboolean keep_withdrawal(SgpConsentLedger *self, const SgpSharedRecord *erasure,
	const char *addr_spec, gint64 now, GError **error)
{
	gboolean has = FALSE, is_ours = FALSE;
	if (erasure->withdrawal_id == NULL)
		return TRUE;
	if (!sgp_consent_ledger_has_shared(self, erasure->withdrawal_id, &has, &is_ours, error))
		return FALSE;
	SgpSharedRecord withdrawal = {
		.id = erasure->withdrawal_id,
		.by = erasure->by,
		.device = erasure->device,
		.signed_by = erasure->signed_by,
		.recorded = erasure->recorded,
		.kind = "withdrawal",
		.given = erasure->withdrawal_given,
		.taken_by = erasure->taken_by,
	};
	return has || append_record(self, &withdrawal, addr_spec, now, error);
}

static gboolean add_new(
	SgpConsentLedger *self, const SgpSharedRecord *record, gint64 now, GError **error)
{
	g_autoptr(SgpAddress) address = NULL;
	if (!check_record(record, error))
		return FALSE;
	if (is_matter_record(record))
		return append_record(self, record, NULL, now, error);
	address = sgp_address_new(record->address, error);
	if (address == NULL)
		return FALSE;
	const char *addr_spec = sgp_address_get_addr_spec(address);
	if (!is_kind(record, "erasure"))
		return append_record(self, record, addr_spec, now, error);
	if (record->reason == NULL || record->taken_by == NULL)
		return set_error(error, SGP_ERROR_INVALID, "an erasure needs a reason");
	return keep_withdrawal(self, record, addr_spec, now, error) &&
	       sgp_consent_ledger_erase_shared(self, record, now, error) > 0;
}

gboolean sgp_consent_ledger_add_shared(
	SgpConsentLedger *self, const SgpSharedRecord *record, gint64 now, GError **error)
{
	gboolean has = FALSE, is_ours = FALSE;
	if (!sgp_consent_ledger_has_shared(self, record->id, &has, &is_ours, error))
		return FALSE;
	/* Told twice, it counts once; the index says so to two processes at the same time. */
	return has || add_new(self, record, now, error);
}

gboolean sgp_consent_ledger_has_shared(
	SgpConsentLedger *self, const char *id, gboolean *has, gboolean *is_ours, GError **error)
{
	GError *local = NULL;
	SgpStore *store = sgp_consent_ledger_get_store(self);
	*has = FALSE;
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(store,
		"SELECT json_extract(fields, '$.origin.id') IS NULL FROM ledger"
		" WHERE " SGP_LEDGER_IS_SHARED " AND id = ?",
		&local);
	if (row != NULL)
		sgp_store_bind_text(row, 1, id);
	if (row != NULL && sgp_store_step(store, row, &local)) {
		*has = TRUE;
		*is_ours = sqlite3_column_int(row, 0) != 0;
		sgp_store_end(row);
	}
	sgp_store_unlock(store);
	if (local == NULL)
		return TRUE;
	g_propagate_error(error, local);
	return FALSE;
}

/* --- What is told of ours --- */

void sgp_outgoing_free(SgpOutgoing *self)
{
	g_free(self->id);
	g_free(self->plain);
	g_free(self->sealed);
	g_free(self);
}

static void add_json(JsonBuilder *out, const char *name, const char *json)
{
	JsonNode *node = json != NULL ? json_from_string(json, NULL) : NULL;
	json_builder_set_member_name(out, name);
	if (node != NULL)
		json_builder_add_value(out, node);
	else
		json_builder_add_null_value(out);
}

/* Columns: entry, id, kind, time, address, matter, fields, personal, plain, sealed. */
static SgpOutgoing *outgoing_from_row(sqlite3_stmt *row)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	SgpOutgoing *self = g_new0(SgpOutgoing, 1);
	self->entry = sqlite3_column_int64(row, 0);
	self->id = g_strdup(sgp_store_column_text(row, 1));
	self->sealed = g_strdup(sgp_store_column_text(row, 9));
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", self->id);
	sgp_json_add_text(out, "kind", sgp_store_column_text(row, 2));
	sgp_json_add_int(out, "recorded", sqlite3_column_int64(row, 3));
	sgp_json_add_text(out, "address", sgp_store_column_text(row, 4));
	sgp_json_add_text(out, "matter", sgp_store_column_text(row, 5));
	add_json(out, "fields", sgp_store_column_text(row, 6));
	add_json(out, "personal", sgp_store_column_text(row, 7));
	add_json(out, "erasure", sgp_store_column_text(row, 8));
	json_builder_end_object(out);
	self->plain = sgp_json_dup(out);
	return self;
}

/* An erased record has nothing left to tell, and neither has an erasure that nobody is waiting to
 * hear of (it was made before there was a portal). */
#define OUTGOING_SQL                                                                               \
	"SELECT l.entry, l.id, l.kind, l.time, p.address, p.matter, l.fields, p.fields, o.plain,"  \
	" o.sealed FROM ledger l LEFT JOIN ledger_personal p USING (entry)"                        \
	" LEFT JOIN ledger_outgoing o USING (entry)"                                               \
	" WHERE l." SGP_LEDGER_IS_SHARED " AND json_extract(l.fields, '$.origin.id') IS NULL"      \
	" AND o.n IS NULL AND (p.entry IS NOT NULL OR o.plain IS NOT NULL OR o.sealed IS NOT "     \
	"NULL)"                                                                                    \
	" ORDER BY l.entry"

GPtrArray *sgp_consent_ledger_list_outgoing(SgpConsentLedger *self, GError **error)
{
	GError *local = NULL;
	SgpStore *store = sgp_consent_ledger_get_store(self);
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_outgoing_free);
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(store, OUTGOING_SQL, &local);
	while (row != NULL && sgp_store_step(store, row, &local))
		g_ptr_array_add(found, outgoing_from_row(row));
	sgp_store_unlock(store);
	if (local == NULL)
		return g_steal_pointer(&found);
	g_propagate_error(error, local);
	return NULL;
}

/* One statement in a transaction of its own; text, number and more are bound in this order. */
static gboolean write_row(
	SgpStore *store, const char *sql, gint64 number, const char *const *texts, GError **error)
{
	if (!sgp_store_begin(store, TRUE, error))
		return FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(store, sql, error);
	if (statement != NULL) {
		int n = 1;
		sqlite3_bind_int64(statement, n++, number);
		for (gsize i = 0; texts[i] != NULL; i++)
			sgp_store_bind_text(statement, n++, texts[i]);
	}
	if (statement != NULL && sgp_store_run(store, statement, error))
		return sgp_store_commit(store, error);
	sgp_store_rollback(store);
	return FALSE;
}

char *sgp_consent_ledger_keep_sealed(
	SgpConsentLedger *self, gint64 entry, const char *sealed, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	const char *texts[] = { sealed, NULL };
	char *kept = NULL;
	/* n: an erasure may have ended it meanwhile. */
	if (!write_row(store,
		    "INSERT INTO ledger_outgoing (entry, sealed) VALUES (?1, ?2)"
		    " ON CONFLICT (entry) DO UPDATE SET sealed = coalesce(sealed, ?2), plain = NULL"
		    " WHERE n IS NULL",
		    entry, texts, error))
		return NULL;
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(
		store, "SELECT coalesce(sealed, '') FROM ledger_outgoing WHERE entry = ?", error);
	if (row != NULL) {
		sqlite3_bind_int64(row, 1, entry);
		if (sgp_store_step(store, row, error)) {
			kept = g_strdup(sgp_store_column_text(row, 0));
			sgp_store_end(row);
		}
	}
	sgp_store_unlock(store);
	return kept;
}

gboolean sgp_consent_ledger_note_shared(
	SgpConsentLedger *self, const char *id, gint64 n, GError **error)
{
	const char *texts[] = { id, NULL };
	return write_row(sgp_consent_ledger_get_store(self),
		"INSERT INTO ledger_outgoing (n, entry) SELECT ?1, entry FROM ledger"
		" WHERE " SGP_LEDGER_IS_SHARED " AND id = ?2"
		" ON CONFLICT (entry) DO UPDATE SET n = ?1, plain = NULL",
		n, texts, error);
}

gboolean sgp_consent_ledger_offer_again(SgpConsentLedger *self, GError **error)
{
	const char *texts[] = { NULL };
	return write_row(sgp_consent_ledger_get_store(self),
		"UPDATE ledger_outgoing SET n = NULL WHERE n > ?1", 0, texts, error);
}

/* The address stands here only until the erasure is sealed for the office, which takes no network;
 * the entry itself never has it. */
gboolean sgp_consent_ledger_tell_erasure(SgpStore *store, gint64 entry, const char *addr_spec,
	const SgpConsentFact *withdrawal, GError **error)
{
	GError *local = NULL;
	g_autofree char *office = sgp_store_lookup_value(store, ENROLLED, &local);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	if (office == NULL)
		return TRUE;
	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", addr_spec);
	sgp_json_add_text(out, "withdrawal", withdrawal != NULL ? withdrawal->id : NULL);
	sgp_json_add_int(out, "given", withdrawal != NULL ? withdrawal->given : 0);
	json_builder_end_object(out);
	g_autofree char *plain = sgp_json_dup(out);
	const char *texts[] = { plain, NULL };
	return write_row(store, "INSERT INTO ledger_outgoing (entry, plain) VALUES (?1, ?2)", entry,
		texts, error);
}

/* --- What does not verify --- */

void sgp_refused_record_free(SgpRefusedRecord *self)
{
	g_free(self->id);
	g_free(self->entry);
	g_free(self->why);
	g_free(self);
}

GPtrArray *sgp_consent_ledger_list_refused(SgpConsentLedger *self, GError **error)
{
	GError *local = NULL;
	SgpStore *store = sgp_consent_ledger_get_store(self);
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_refused_record_free);
	sgp_store_lock(store);
	sqlite3_stmt *row = sgp_store_prepare(
		store, "SELECT n, id, entry, why FROM ledger_refused ORDER BY n", &local);
	while (row != NULL && sgp_store_step(store, row, &local)) {
		SgpRefusedRecord *one = g_new0(SgpRefusedRecord, 1);
		one->n = sqlite3_column_int64(row, 0);
		one->id = g_strdup(sgp_store_column_text(row, 1));
		one->entry = g_strdup(sgp_store_column_text(row, 2));
		one->why = g_strdup(sgp_store_column_text(row, 3));
		g_ptr_array_add(found, one);
	}
	sgp_store_unlock(store);
	if (local == NULL)
		return g_steal_pointer(&found);
	g_propagate_error(error, local);
	return NULL;
}

/* Room is kept for some only: a portal that sends rubbish without end is stopped there, and what
 * comes after is read once somebody has looked into it. What a colleague recorded who has left is
 * no rubbish and takes no room, and neither does one that has its place already: else reading would
 * stop for good (test /ledger-sync/many-records-of-a-colleague-who-left-do-not-stop-reading). */
static gboolean has_room(SgpConsentLedger *self, gint64 n, GError **error)
{
	guint taken = 0;
	g_autoptr(GPtrArray) refused = sgp_consent_ledger_list_refused(self, error);
	if (refused == NULL)
		return FALSE;
	for (guint i = 0; i < refused->len; i++) {
		const SgpRefusedRecord *one = g_ptr_array_index(refused, i);
		if (one->n == n)
			return TRUE;
		taken += !g_str_equal(one->why, SGP_REFUSED_FORMER);
	}
	return taken < REFUSED_AT_MOST ||
	       set_error(error, SGP_ERROR_TAMPERED,
		       "the portal shows too many records that do not verify");
}

gboolean sgp_consent_ledger_set_refused(SgpConsentLedger *self, gint64 n, const char *id,
	const char *entry, const char *why, GError **error)
{
	const char *none[] = { NULL };
	const char *texts[] = { id, entry, why, NULL };
	SgpStore *store = sgp_consent_ledger_get_store(self);
	if (why == NULL)
		return write_row(store, "DELETE FROM ledger_refused WHERE n = ?1", n, none, error);
	return (g_str_equal(why, SGP_REFUSED_FORMER) || has_room(self, n, error)) &&
	       write_row(store,
		       "INSERT INTO ledger_refused (n, id, entry, why) VALUES (?1, ?2, ?3, ?4)"
		       " ON CONFLICT (n) DO UPDATE SET id = ?2, entry = ?3, why = ?4",
		       n, texts, error);
}
