/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Erasing one person (GDPR Art. 17): what is personal in the ledger's entries, and whatever else
 * the state directory knows of the address - how mails were judged, who wrote them, matters tied to
 * them, recipients in the spool, keys that were found or accepted. The entries stay, as "erased on
 * ... by ... because ...", and the chain holds. All of it in one transaction, then the database is
 * written anew. Never erases what still has to be delivered, and never lets an erasure lift a
 * withdrawal (sgp-consent-ledger-mark). */
#include "sgp-consent-ledger.h"

#include <string.h>

#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-history.h"
#include "sgp-json-private.h"
#include "sgp-key-acceptance.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-spool.h"
#include "sgp-store-private.h"

/* The erasure is recorded, but old pages may still hold what was deleted. */
#define UNCLEAN_NAME "ledger.unclean"
/* Withdrawals that a colleague's erasure spared until they are sealed: "12:15,13:15", the entry and
 * the erasure's. Nobody's address. */
#define SPARED_NAME "ledger.spared"

G_STATIC_ASSERT(SGP_SPOOL_STATE_DONE == 6 && SGP_SPOOL_STATE_DROPPED == 7);

static gboolean set_error(GError **error, SgpError code, const char *why)
{
	g_set_error_literal(error, SGP_ERROR, code, why);
	return FALSE;
}

/* Of whom, and up to when; see ENTRIES_SQL. */
typedef struct {
	const char *addr_spec;
	const gint64 *until; /* (nullable) */
} Scope;

static void bind(sqlite3_stmt *statement, const Scope *scope)
{
	int n = sqlite3_bind_parameter_count(statement);
	if (n > 0)
		sgp_store_bind_text(statement, 1, scope->addr_spec);
	if (n > 1 && scope->until != NULL)
		sqlite3_bind_int64(statement, 2, *scope->until);
}

/* Runs a statement in which ?1 is the address and ?2 up to when, NULL for all. n: (nullable) rows
 * that it changed are added. */
static gboolean run(SgpStore *store, const char *sql, const Scope *scope, gint64 *n, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store, sql, error);
	if (statement == NULL)
		return FALSE;
	bind(statement, scope);
	if (!sgp_store_run(store, statement, error))
		return FALSE;
	if (n != NULL)
		*n += sqlite3_changes(sqlite3_db_handle(statement));
	return TRUE;
}

/* The first number that a query about the address gives; 0: none, or error. */
static gint64 query(SgpStore *store, const char *sql, const Scope *scope, GError **error)
{
	gint64 number = 0;
	sqlite3_stmt *row = sgp_store_prepare(store, sql, error);
	if (row == NULL)
		return 0;
	bind(row, scope);
	if (sgp_store_step(store, row, error)) {
		number = sqlite3_column_int64(row, 0);
		sgp_store_end(row);
	}
	return number;
}

/* --- What else is known of the person --- */

/* A mail that was sealed and has not left cannot lose its recipient. */
static gboolean check_spool(SgpStore *store, const Scope *scope, GError **error)
{
	GError *local = NULL;
	gint64 n = query(store,
		"SELECT count(*) FROM spool_recipient r JOIN spool_copy c ON c.id = r.copy"
		" WHERE r.address = ?1 AND c.state NOT IN (6, 7)"
		" AND (?2 IS NULL OR c.created <= ?2)",
		scope, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return n == 0 || set_error(error, SGP_ERROR_CONFLICT,
				 "a mail to this person is still waiting in the spool");
}

/* Mails of this person, and our own ones to him: whatever is kept about them. Other people's mails
 * whose judgement names him lose that judgement; they are judged anew when they are needed. What is
 * newer than a colleague's erasure is about somebody who has written again since: it stays (test
 * /consent-ledger-erase/a-colleague-s-erasure-spares-what-came-later). A key that was accepted has
 * no time: forgotten, it is asked for again. */
#define SINCE(column) " AND (?2 IS NULL OR " column " <= ?2)"
static const char *const history_statements[] = {
	"CREATE TEMP TABLE IF NOT EXISTS erased_copy (folder INTEGER, uid TEXT, message INTEGER)",
	"DELETE FROM temp.erased_copy",
	"INSERT INTO temp.erased_copy SELECT c.folder, c.uid, c.message FROM copy c"
	" JOIN message m ON m.key = c.message JOIN address a ON a.id = m.sender"
	" WHERE a.spec = ?1" SINCE("m.date"),
	"INSERT INTO temp.erased_copy SELECT c.folder, c.uid, c.message FROM copy c"
	" JOIN message m ON m.key = c.message WHERE instr(lower(c.uid), ?1) > 0" SINCE("m.date"),
};
static const char *const history_deletions[] = {
	"DELETE FROM matter_tie WHERE message IN (SELECT m.id FROM message m"
	" JOIN temp.erased_copy e ON e.message = m.key)",
	"DELETE FROM judgement WHERE (folder, uid) IN (SELECT folder, uid FROM temp.erased_copy)"
	" OR (instr(lower(message_id || char(10) || coalesce(sentence, '') || char(10) || reply_to"
	" || char(10) || subject || char(10) || authentications), ?1) > 0" SINCE("date") ")",
	"DELETE FROM copy WHERE (folder, uid) IN (SELECT folder, uid FROM temp.erased_copy)",
	"UPDATE message SET sender = NULL, date = 0"
	" WHERE sender IN (SELECT id FROM address WHERE spec = ?1)" SINCE("date"),
	"UPDATE message SET sender = NULL WHERE key IN (SELECT message FROM temp.erased_copy)"
	" AND NOT EXISTS (SELECT 1 FROM copy c WHERE c.message = message.key)",
	"DELETE FROM address WHERE spec = ?1"
	" AND NOT EXISTS (SELECT 1 FROM message m WHERE m.sender = address.id)",
	"DELETE FROM submission_answer WHERE address = ?1 AND (?2 IS NULL OR NOT EXISTS"
	" (SELECT 1 FROM spool_copy c WHERE c.id = copy AND c.created > ?2))",
	"DELETE FROM spool_recipient WHERE address = ?1 AND (?2 IS NULL OR NOT EXISTS"
	" (SELECT 1 FROM spool_copy c WHERE c.id = copy AND c.created > ?2))",
	"UPDATE spool_copy SET problem = NULL, handle = NULL, manifest = NULL WHERE state IN (6, 7)"
	" AND NOT EXISTS (SELECT 1 FROM spool_recipient r WHERE r.copy = id)",
	"DELETE FROM key_candidate WHERE (address = ?1 OR instr(lower(listing), ?1) > 0)" SINCE(
		"last_seen"),
	"DELETE FROM wkd_lookup WHERE address = ?1" SINCE("asked"),
	"DELETE FROM portal_event WHERE address = ?1" SINCE("time"),
};

static gboolean erase_elsewhere(SgpStore *store, const Scope *scope, gint64 *n, GError **error)
{
	for (gsize i = 0; i < G_N_ELEMENTS(history_statements); i++) {
		if (!run(store, history_statements[i], scope, NULL, error))
			return FALSE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(history_deletions); i++) {
		if (!run(store, history_deletions[i], scope, n, error))
			return FALSE;
	}
	return run(store, "DELETE FROM temp.erased_copy", scope, NULL, error);
}

/* --- The ledger --- */

typedef struct {
	const char *addr_spec, *reason, *by;
	gint64 now;
	const SgpSharedRecord *shared; /* (nullable) a colleague's erasure, told by the portal */
} Erasure;

static gboolean add_tie(GArray *ids, const char *message_id)
{
	guint64 id = message_id != NULL ? sgp_history_hash_message_id(message_id) : 0;
	if (message_id != NULL)
		g_array_append_val(ids, id);
	return message_id != NULL;
}

/* ?2: up to when; NULL: all. A colleague who erased knew nothing of what was recorded later: that
 * stays. So does our own withdrawal that nobody else has heard of and that is not sealed yet: it
 * could not be told any more (test
 * /consent-ledger-erase/a-colleague-s-erasure-spares-what-is-newer-or-untold). */
#define ENTRIES_SQL                                                                                \
	"SELECT p.entry, json_extract(p.fields, '$.message_id'),"                                  \
	" json_extract(p.fields, '$.evidence') FROM ledger_personal p JOIN ledger l USING (entry)" \
	" LEFT JOIN ledger_outgoing o USING (entry) WHERE p.address = ?1 AND (?2 IS NULL OR ("     \
	"coalesce(json_extract(l.fields, '$.origin.recorded'), l.time) <= ?2"                      \
	" AND (l.kind != 'withdrawal' OR json_extract(l.fields, '$.origin.id') IS NOT NULL"        \
	" OR o.n IS NOT NULL OR o.sealed IS NOT NULL))) ORDER BY p.entry"

/* Its entries, and the mails that these tie to a matter. */
static GArray *lookup_entries(
	SgpStore *store, const Erasure *erasure, GArray *message_ids, GError **error)
{
	GError *local = NULL;
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(gint64));
	sqlite3_stmt *rows = sgp_store_prepare(store, ENTRIES_SQL, error);
	if (rows == NULL)
		return NULL;
	sgp_store_bind_text(rows, 1, erasure->addr_spec);
	if (erasure->shared != NULL)
		sqlite3_bind_int64(rows, 2, erasure->shared->recorded);
	while (sgp_store_step(store, rows, &local)) {
		gint64 entry = sqlite3_column_int64(rows, 0);
		g_array_append_val(entries, entry);
		add_tie(message_ids, sgp_store_column_text(rows, 1));
		add_tie(message_ids, sgp_store_column_text(rows, 2));
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return g_steal_pointer(&entries);
}

/* Those that ENTRIES_SQL spares for now: untold and not sealed. */
#define SPARED_SQL                                                                                 \
	"SELECT p.entry FROM ledger_personal p JOIN ledger l USING (entry)"                        \
	" LEFT JOIN ledger_outgoing o USING (entry) WHERE p.address = ?1 AND l.time <= ?2"         \
	" AND l.kind = 'withdrawal' AND json_extract(l.fields, '$.origin.id') IS NULL"             \
	" AND o.n IS NULL AND o.sealed IS NULL ORDER BY p.entry"

static gboolean note_spared(
	SgpStore *store, const Erasure *erasure, gint64 by_entry, GError **error)
{
	GError *local = NULL;
	g_autofree char *known = sgp_store_lookup_value(store, SPARED_NAME, &local);
	g_autoptr(GString) all = g_string_new(known);
	sqlite3_stmt *rows = local == NULL ? sgp_store_prepare(store, SPARED_SQL, &local) : NULL;
	if (rows != NULL) {
		sgp_store_bind_text(rows, 1, erasure->addr_spec);
		sqlite3_bind_int64(rows, 2, erasure->shared->recorded);
	}
	while (rows != NULL && sgp_store_step(store, rows, &local))
		g_string_append_printf(all, "%s%" G_GINT64_FORMAT ":%" G_GINT64_FORMAT,
			all->len > 0 ? "," : "", (gint64)sqlite3_column_int64(rows, 0), by_entry);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return all->len == 0 || sgp_store_set_value(store, SPARED_NAME, all->str, error);
}

static gboolean untie(SgpStore *store, const GArray *message_ids, GError **error)
{
	for (guint i = 0; i < message_ids->len; i++) {
		sqlite3_stmt *statement =
			sgp_store_prepare(store, "DELETE FROM matter_tie WHERE message = ?", error);
		if (statement == NULL)
			return FALSE;
		sqlite3_bind_int64(statement, 1, g_array_index(message_ids, gint64, i));
		if (!sgp_store_run(store, statement, error))
			return FALSE;
	}
	return TRUE;
}

/* The withdrawal that has to outlive the erasure: the newest one, unless a newer agreement lifted
 * it. A permission for one matter lifts it for that one only, and is erased itself. NULL: none. */
static const SgpConsentFact *find_standing_withdrawal(const GPtrArray *facts)
{
	const SgpConsentFact *withdrawal = NULL, *agreement = NULL;
	for (guint i = 0; i < facts->len; i++) {
		const SgpConsentFact *one = g_ptr_array_index(facts, i);
		const SgpConsentFact **newest = one->kind == SGP_BASIS_NONE        ? &withdrawal
						: one->kind == SGP_BASIS_AGREEMENT ? &agreement
										   : NULL;
		if (newest != NULL && (*newest == NULL || sgp_consent_fact_is_newer(one, *newest)))
			*newest = one;
	}
	if (withdrawal == NULL || agreement == NULL)
		return withdrawal;
	return sgp_consent_fact_is_newer(agreement, withdrawal) ? NULL : withdrawal;
}

static gboolean add_withdrawal(SgpStore *store, JsonBuilder *out, const SgpConsentFact *withdrawal,
	const char *addr_spec, GError **error)
{
	if (withdrawal == NULL)
		return TRUE;
	g_autofree char *mark = sgp_consent_ledger_dup_mark(store, addr_spec, error);
	if (mark == NULL)
		return FALSE;
	json_builder_set_member_name(out, "withdrawal");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "mark", mark);
	sgp_json_add_int(out, "given", withdrawal->given);
	sgp_json_add_int(out, "entry", withdrawal->entry);
	sgp_json_add_text(out, "id", withdrawal->id);
	json_builder_end_object(out);
	return TRUE;
}

static gint64 append_erasure(SgpStore *store, const Erasure *erasure, const GArray *entries,
	const SgpConsentFact *withdrawal, GError **error)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	if (erasure->shared != NULL)
		sgp_shared_record_add_origin(erasure->shared, out);
	sgp_json_add_text(out, "by", erasure->by);
	sgp_json_add_text(out, "reason", erasure->reason);
	json_builder_set_member_name(out, "entries");
	json_builder_begin_array(out);
	for (guint i = 0; i < entries->len; i++)
		json_builder_add_int_value(out, g_array_index(entries, gint64, i));
	json_builder_end_array(out);
	if (!add_withdrawal(store, out, withdrawal, erasure->addr_spec, error))
		return 0;
	json_builder_end_object(out);
	g_autofree char *fields = sgp_json_dup(out);
	SgpLedgerEntry entry = { .kind = "erasure", .fields = fields };
	return sgp_ledger_chain_append(store, &entry, erasure->now, error);
}

/* What was sealed for the colleagues and has not left is about this person too. But a withdrawal
 * goes out even so where the erasure is a colleague's (?2), which does not tell of it. */
#define END_OUTGOING_SQL                                                                           \
	"INSERT INTO ledger_outgoing (entry, n) VALUES (?1, 0) ON CONFLICT (entry) DO UPDATE"      \
	" SET plain = NULL, sealed = NULL, n = coalesce(n, 0) WHERE ?2 = 0 OR n IS NOT NULL"       \
	" OR NOT EXISTS (SELECT 1 FROM ledger l WHERE l.entry = ?1 AND l.kind = 'withdrawal')"

static gboolean erase_entry(
	SgpStore *store, gint64 entry, gint64 by_entry, gboolean is_shared, GError **error)
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
	if (!sgp_store_run(store, statement, error))
		return FALSE;
	statement = sgp_store_prepare(store, END_OUTGOING_SQL, error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, entry);
	sqlite3_bind_int(statement, 2, is_shared);
	return sgp_store_run(store, statement, error);
}

/* --- Together --- */

static gint64 erase(SgpConsentLedger *self, const Erasure *erasure, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	g_autoptr(GArray) message_ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	gint64 n_elsewhere = 0;
	Scope scope = { erasure->addr_spec,
		erasure->shared != NULL ? &erasure->shared->recorded : NULL };
	if (!check_spool(store, &scope, error))
		return 0;
	g_autoptr(GPtrArray) facts =
		sgp_consent_ledger_lookup_consents(self, erasure->addr_spec, error);
	g_autoptr(GArray) entries =
		facts != NULL ? lookup_entries(store, erasure, message_ids, error) : NULL;
	if (entries == NULL || !untie(store, message_ids, error) ||
		!erase_elsewhere(store, &scope, &n_elsewhere, error))
		return 0;
	/* A colleague's is written down even so: told again, it erases nothing that is newer. */
	if (entries->len == 0 && n_elsewhere == 0 && erasure->shared == NULL) {
		set_error(error, SGP_ERROR_NOT_FOUND, "the ledger knows nothing of this address");
		return 0;
	}
	const SgpConsentFact *withdrawal =
		entries->len > 0 ? find_standing_withdrawal(facts) : NULL;
	gint64 by_entry = append_erasure(store, erasure, entries, withdrawal, error);
	for (guint i = 0; by_entry != 0 && i < entries->len; i++) {
		if (!erase_entry(store, g_array_index(entries, gint64, i), by_entry,
			    erasure->shared != NULL, error))
			return 0;
	}
	if (by_entry != 0 && erasure->shared != NULL &&
		!note_spared(store, erasure, by_entry, error))
		return 0;
	if (by_entry != 0 && erasure->shared == NULL &&
		!sgp_consent_ledger_tell_erasure(
			store, by_entry, erasure->addr_spec, withdrawal, error))
		return 0;
	g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, by_entry);
	return by_entry != 0 && sgp_store_set_value(store, UNCLEAN_NAME, number, error) ? by_entry
											: 0;
}

/* The reason and the name stay for ever, so they must not say whom it was about. Test:
 * /consent-ledger-erase/an-erasure-does-not-write-down-whom-it-erased. */
static gboolean check_erasure(const Erasure *erasure, GError **error)
{
	if (!g_utf8_validate(erasure->reason, -1, NULL) || !g_utf8_validate(erasure->by, -1, NULL))
		return set_error(error, SGP_ERROR_INVALID, "the reason is not UTF-8");
	g_autofree char *reason = g_utf8_strdown(erasure->reason, -1);
	g_autofree char *by = g_utf8_strdown(erasure->by, -1);
	if (strstr(reason, erasure->addr_spec) != NULL || strstr(by, erasure->addr_spec) != NULL)
		return set_error(error, SGP_ERROR_INVALID,
			"the reason stays, so it must not contain the address");
	return TRUE;
}

static gboolean forget_accepted_keys(SgpStore *store, const char *addr_spec, GError **error)
{
	g_autofree char *path =
		g_build_filename(sgp_store_get_directory(store), "accepted-keys", NULL);
	g_autoptr(SgpKeyAcceptance) acceptance = sgp_key_acceptance_new(path);
	return sgp_key_acceptance_forget(acceptance, addr_spec, error);
}

/* What an earlier erasure could not overwrite, because somebody was reading, is overwritten now. */
static gint64 lookup_unclean(SgpStore *store, GError **error)
{
	g_autofree char *text = sgp_store_lookup_value(store, UNCLEAN_NAME, error);
	return text != NULL ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static gboolean clean(SgpStore *store, GError **error)
{
	return sgp_store_clean(store, error) &&
	       sgp_store_set_value(store, UNCLEAN_NAME, NULL, error);
}

/* Deletes what is personal in every entry of an address, and what else is known of it. Returns the
 * erasure's own entry. Errors: INVALID (no reason, nobody named, the reason names the person),
 * CONFLICT (a mail to this person waits in the spool), NOT_FOUND, TAMPERED, STORAGE; with the last
 * it may be recorded, and is finished by calling it again. */
static gint64 run_erasure(SgpConsentLedger *self, const char *address, const char *reason,
	const char *by, const SgpSharedRecord *shared, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	if (reason == NULL || *reason == '\0' || by == NULL || *by == '\0') {
		set_error(error, SGP_ERROR_INVALID, "an erasure needs a reason and a name");
		return 0;
	}
	g_autoptr(SgpAddress) canonical = sgp_address_new(address, error);
	if (canonical == NULL)
		return 0;
	Erasure erasure = { sgp_address_get_addr_spec(canonical), reason, by, now, shared };
	/* First, because it is a file: done twice it does no harm. */
	if (!check_erasure(&erasure, error) ||
		!forget_accepted_keys(store, erasure.addr_spec, error) ||
		!sgp_store_begin(store, TRUE, error))
		return 0;
	gint64 entry = erase(self, &erasure, &local);
	if (entry == 0)
		sgp_store_rollback(store);
	else if (!sgp_store_commit(store, error))
		return 0;
	if (g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		entry = lookup_unclean(store, NULL);
		if (entry != 0)
			g_clear_error(&local);
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return 0;
	}
	return clean(store, error) ? entry : 0;
}

gint64 sgp_consent_ledger_erase(SgpConsentLedger *self, const char *address, const char *reason,
	const char *by, gint64 now, GError **error)
{
	return run_erasure(self, address, reason, by, NULL, now, error);
}

gint64 sgp_consent_ledger_erase_shared(
	SgpConsentLedger *self, const SgpSharedRecord *record, gint64 now, GError **error)
{
	return run_erasure(
		self, record->address, record->reason, record->taken_by, record, now, error);
}

/* --- What a colleague's erasure had to spare --- */

/* Whether the entry is sealed by now; then: whom it is about, and who erased him and why. */
#define SEALED_SQL                                                                                 \
	"SELECT p.address, json_extract(e.fields, '$.by'), json_extract(e.fields, '$.reason')"     \
	" FROM ledger_personal p JOIN ledger_outgoing o USING (entry) JOIN ledger e ON e.entry = " \
	"?2"                                                                                       \
	" WHERE p.entry = ?1 AND (o.sealed IS NOT NULL OR o.n IS NOT NULL)"

typedef struct {
	char *address, *by, *reason; /* (owned) */
} Spared;

static void spared_clear(Spared *self)
{
	g_free(self->address);
	g_free(self->by);
	g_free(self->reason);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Spared, spared_clear)

static gboolean load_spared(
	SgpStore *store, gint64 entry, gint64 by_entry, Spared *spared, GError **error)
{
	GError *local = NULL;
	sqlite3_stmt *row = sgp_store_prepare(store, SEALED_SQL, error);
	if (row == NULL)
		return FALSE;
	sqlite3_bind_int64(row, 1, entry);
	sqlite3_bind_int64(row, 2, by_entry);
	if (sgp_store_step(store, row, &local)) {
		spared->address = g_strdup(sgp_store_column_text(row, 0));
		spared->by = g_strdup(sgp_store_column_text(row, 1));
		spared->reason = g_strdup(sgp_store_column_text(row, 2));
		sgp_store_end(row);
	}
	if (local != NULL)
		g_propagate_error(error, local);
	return local == NULL;
}

/* As an erasure of our own that has nothing to tell: the colleague told it. What was sealed still
 * goes out (END_OUTGOING_SQL), and the withdrawal stays by its mark. */
static gboolean erase_spared(
	SgpConsentLedger *self, gint64 entry, const Spared *spared, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	Erasure erasure = { spared->address, spared->reason, spared->by, now, NULL };
	g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(gint64));
	g_autoptr(GPtrArray) facts =
		sgp_consent_ledger_lookup_consents(self, spared->address, error);
	if (facts == NULL)
		return FALSE;
	g_array_append_val(entries, entry);
	gint64 by_entry =
		append_erasure(store, &erasure, entries, find_standing_withdrawal(facts), error);
	return by_entry != 0 && erase_entry(store, entry, by_entry, TRUE, error);
}

/* rest: gets what is still to wait. erased: (out) */
static gboolean finish_one(SgpConsentLedger *self, const char *pair, GString *rest,
	gboolean *erased, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	const char *colon = strchr(pair, ':');
	gint64 entry = g_ascii_strtoll(pair, NULL, 10);
	gint64 by_entry = colon != NULL ? g_ascii_strtoll(colon + 1, NULL, 10) : 0;
	g_auto(Spared) spared = { 0 };
	GError *local = NULL;
	Scope scope = { NULL, NULL };
	g_autofree char *sql = g_strdup_printf(
		"SELECT count(*) FROM ledger_personal WHERE entry = %" G_GINT64_FORMAT, entry);
	gint64 n = query(store, sql, &scope, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	if (n == 0) /* erased by somebody else meanwhile */
		return TRUE;
	if (!load_spared(store, entry, by_entry, &spared, error))
		return FALSE;
	if (spared.address == NULL) {
		g_string_append_printf(rest, "%s%s", rest->len > 0 ? "," : "", pair);
		return TRUE;
	}
	*erased = TRUE;
	return erase_spared(self, entry, &spared, now, error);
}

static gboolean finish_all(
	SgpConsentLedger *self, const char *text, gboolean *erased, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	g_auto(GStrv) pairs = g_strsplit(text, ",", -1);
	g_autoptr(GString) rest = g_string_new(NULL);
	for (guint i = 0; pairs[i] != NULL; i++) {
		if (!finish_one(self, pairs[i], rest, erased, now, error))
			return FALSE;
	}
	return sgp_store_set_value(store, SPARED_NAME, rest->len > 0 ? rest->str : NULL, error);
}

gboolean sgp_consent_ledger_finish_erasures(SgpConsentLedger *self, gint64 now, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	gboolean erased = FALSE;
	g_autofree char *text = sgp_store_lookup_value(store, SPARED_NAME, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	if (text == NULL || *text == '\0')
		return TRUE;
	if (!sgp_store_begin(store, TRUE, error))
		return FALSE;
	if (!finish_all(self, text, &erased, now, error)) {
		sgp_store_rollback(store);
		return FALSE;
	}
	return sgp_store_commit(store, error) && (!erased || clean(store, error));
}
