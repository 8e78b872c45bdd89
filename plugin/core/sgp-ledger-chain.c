/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's hash chain: how an entry is bound to the one before it, and how anybody can check
 * that none was changed, dropped, put in between or cut off the end. Owns the tables ledger and
 * ledger_personal; never knows what an entry means.
 *
 * hash(n) = SHA-256("siegelpost ledger 1" 00 hash(n-1) entry time kind 00 fields 00 commitment),
 * numbers as 64-bit big endian; commitment = SHA-256("siegelpost personal 1" 00 salt address matter
 * personal), each text with a length before it. The salt makes a commitment to few possible values
 * (an address, a matter) worthless once it is erased. */
#include "sgp-ledger-chain-private.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/random.h>

#include "sgp-error.h"
#include "sgp-store-private.h"

#define HEAD_NAME "ledger.head"

typedef struct {
	guint8 bytes[SGP_LEDGER_HASH_SIZE];
} Hash;

static void update_number(GChecksum *sum, gint64 number)
{
	guint64 big = GUINT64_TO_BE((guint64)number);
	g_checksum_update(sum, (const guint8 *)&big, sizeof big);
}

/* With its final zero: no two lists of texts look the same. */
static void update_text(GChecksum *sum, const char *text)
{
	g_checksum_update(sum, (const guint8 *)text, (gssize)strlen(text) + 1);
}

/* NULL and "" differ. */
static void update_nullable(GChecksum *sum, const char *text)
{
	update_number(sum, text != NULL ? (gint64)strlen(text) : -1);
	if (text != NULL)
		g_checksum_update(sum, (const guint8 *)text, (gssize)strlen(text));
}

static Hash finish(GChecksum *sum)
{
	Hash hash;
	gsize length = sizeof hash.bytes;
	g_checksum_get_digest(sum, hash.bytes, &length);
	return hash;
}

static Hash commit_to(
	const guint8 *salt, const char *address, const char *matter, const char *personal)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	update_text(sum, "siegelpost personal 1");
	g_checksum_update(sum, salt, SGP_LEDGER_SALT_SIZE);
	update_nullable(sum, address);
	update_nullable(sum, matter);
	update_nullable(sum, personal);
	return finish(sum);
}

static Hash hash_entry(const Hash *previous, gint64 entry, gint64 time, const char *kind,
	const char *fields, const Hash *commitment)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	update_text(sum, "siegelpost ledger 1");
	g_checksum_update(sum, previous->bytes, sizeof previous->bytes);
	update_number(sum, entry);
	update_number(sum, time);
	update_text(sum, kind);
	update_text(sum, fields);
	g_checksum_update(sum, commitment->bytes, sizeof commitment->bytes);
	return finish(sum);
}

static gboolean read_hash(sqlite3_stmt *statement, int column, Hash *hash)
{
	if (sqlite3_column_bytes(statement, column) != sizeof hash->bytes)
		return FALSE;
	memcpy(hash->bytes, sqlite3_column_blob(statement, column), sizeof hash->bytes);
	return TRUE;
}

static char *dup_head(gint64 entry, const Hash *hash)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text, "%" G_GINT64_FORMAT " ", entry);
	for (gsize i = 0; i < sizeof hash->bytes; i++)
		g_string_append_printf(text, "%02x", hash->bytes[i]);
	return g_strdup(text->str);
}

/* --- Appending --- */

static gboolean load_last(SgpStore *store, gint64 *entry, Hash *hash, GError **error)
{
	GError *local = NULL;
	*entry = 0;
	memset(hash, 0, sizeof *hash);
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "SELECT entry, hash FROM ledger ORDER BY entry DESC LIMIT 1", error);
	if (statement == NULL)
		return FALSE;
	if (sgp_store_step(store, statement, &local)) {
		*entry = sqlite3_column_int64(statement, 0);
		gboolean is_whole = read_hash(statement, 1, hash);
		sgp_store_end(statement);
		if (!is_whole) {
			g_set_error_literal(error, SGP_ERROR, SGP_ERROR_TAMPERED,
				"the ledger's last entry is damaged");
			return FALSE;
		}
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}

static gboolean insert_entry(SgpStore *store, const SgpLedgerEntry *entry, gint64 number,
	gint64 now, const Hash *commitment, const Hash *previous, const Hash *hash, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT INTO ledger (entry, time, kind, fields, commitment, previous, hash)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)",
		error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_int64(statement, 2, now);
	sgp_store_bind_text(statement, 3, entry->kind);
	sgp_store_bind_text(statement, 4, entry->fields);
	sqlite3_bind_blob(statement, 5, commitment->bytes, sizeof commitment->bytes, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 6, previous->bytes, sizeof previous->bytes, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 7, hash->bytes, sizeof hash->bytes, SQLITE_STATIC);
	return sgp_store_run(store, statement, error);
}

static gboolean insert_personal(SgpStore *store, const SgpLedgerEntry *entry, gint64 number,
	const guint8 *salt, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT INTO ledger_personal (entry, salt, address, matter, fields)"
		" VALUES (?, ?, ?, ?, ?)",
		error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, number);
	sqlite3_bind_blob(statement, 2, salt, SGP_LEDGER_SALT_SIZE, SQLITE_STATIC);
	sgp_store_bind_text(statement, 3, entry->address);
	sgp_store_bind_text(statement, 4, entry->matter);
	sgp_store_bind_text(statement, 5, entry->personal);
	return sgp_store_run(store, statement, error);
}

static gint64 append(SgpStore *store, const SgpLedgerEntry *entry, gint64 now, GError **error)
{
	gint64 last = 0;
	Hash previous, commitment = { { 0 } };
	guint8 salt[SGP_LEDGER_SALT_SIZE];
	if (!load_last(store, &last, &previous, error))
		return 0;
	if (entry->personal != NULL) {
		if (getrandom(salt, sizeof salt, 0) != (gssize)sizeof salt) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "no random numbers: %s",
				g_strerror(errno));
			return 0;
		}
		commitment = commit_to(salt, entry->address, entry->matter, entry->personal);
	}
	gint64 number = last + 1;
	Hash hash = hash_entry(&previous, number, now, entry->kind, entry->fields, &commitment);
	g_autofree char *head = dup_head(number, &hash);
	if (!insert_entry(store, entry, number, now, &commitment, &previous, &hash, error) ||
		(entry->personal != NULL && !insert_personal(store, entry, number, salt, error)) ||
		!sgp_store_set_value(store, HEAD_NAME, head, error))
		return 0;
	return number;
}

gint64 sgp_ledger_chain_append(
	SgpStore *store, const SgpLedgerEntry *entry, gint64 now, GError **error)
{
	if (!sgp_store_begin(store, TRUE, error))
		return 0;
	gint64 number = append(store, entry, now, error);
	if (number == 0) {
		sgp_store_rollback(store);
		return 0;
	}
	return sgp_store_commit(store, error) ? number : 0;
}

/* --- Verifying --- */

/* Does the erasure entry, which the chain covers, name this entry? */
static gboolean names_entry(const char *fields, gint64 entry)
{
	g_autoptr(JsonParser) parser = json_parser_new_immutable();
	if (!json_parser_load_from_data(parser, fields, -1, NULL))
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

#define VERIFY_SQL                                                                                 \
	"SELECT l.entry, l.time, l.kind, l.fields, l.commitment, l.previous, l.hash,"              \
	" p.entry IS NOT NULL, p.salt, p.address, p.matter, p.fields, e.kind, e.fields"            \
	" FROM ledger l LEFT JOIN ledger_personal p ON p.entry = l.entry"                          \
	" LEFT JOIN ledger_erased x ON x.entry = l.entry LEFT JOIN ledger e ON e.entry = "         \
	"x.by_entry"                                                                               \
	" ORDER BY l.entry"

/* NULL: what is personal in this entry is as it was recorded, or was erased by an entry that says
 * so. */
static const char *check_personal(sqlite3_stmt *row, gint64 entry, const Hash *commitment)
{
	static const Hash none = { { 0 } };
	gboolean has_commitment = memcmp(commitment, &none, sizeof none) != 0;
	gboolean has_personal = sqlite3_column_int(row, 7) != 0;
	if (!has_commitment)
		return has_personal ? "personal-added" : NULL;
	if (has_personal) {
		if (sqlite3_column_bytes(row, 8) != SGP_LEDGER_SALT_SIZE)
			return "personal-changed";
		Hash found = commit_to(sqlite3_column_blob(row, 8), sgp_store_column_text(row, 9),
			sgp_store_column_text(row, 10), sgp_store_column_text(row, 11));
		return memcmp(&found, commitment, sizeof found) == 0 ? NULL : "personal-changed";
	}
	gboolean is_erased = g_strcmp0(sgp_store_column_text(row, 12), "erasure") == 0 &&
			     names_entry(sgp_store_column_text(row, 13), entry);
	return is_erased ? NULL : "personal-missing";
}

/* NULL: the entry is the one that followed *previous. Moves *previous on. */
static const char *check_entry(sqlite3_stmt *row, gint64 expected, Hash *previous)
{
	Hash commitment, before, hash;
	gint64 entry = sqlite3_column_int64(row, 0);
	const char *kind = sgp_store_column_text(row, 2), *fields = sgp_store_column_text(row, 3);
	if (entry != expected)
		return "missing";
	if (kind == NULL || fields == NULL || !read_hash(row, 4, &commitment) ||
		!read_hash(row, 5, &before) || !read_hash(row, 6, &hash))
		return "damaged";
	if (memcmp(&before, previous, sizeof before) != 0)
		return "chain-broken";
	Hash found = hash_entry(
		previous, entry, sqlite3_column_int64(row, 1), kind, fields, &commitment);
	if (memcmp(&found, &hash, sizeof found) != 0)
		return "changed";
	*previous = hash;
	return check_personal(row, entry, &commitment);
}

/* The head is kept beside the chain: cutting off the end alone is noticed too. */
static const char *check_head(SgpStore *store, gint64 last, const Hash *hash, GError **error)
{
	GError *local = NULL;
	g_autofree char *head = sgp_store_lookup_value(store, HEAD_NAME, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return "unknown";
	}
	g_autofree char *expected = dup_head(last, hash);
	if (last == 0 && head == NULL)
		return NULL;
	return g_strcmp0(head, expected) == 0 ? NULL : "cut-off";
}

static gboolean verify(
	SgpStore *store, gint64 *n_entries, gint64 *bad_entry, const char **reason, GError **error)
{
	GError *local = NULL;
	Hash previous = { { 0 } };
	sqlite3_stmt *statement = sgp_store_prepare(store, VERIFY_SQL, error);
	if (statement == NULL)
		return FALSE;
	while (*reason == NULL && sgp_store_step(store, statement, &local)) {
		*reason = check_entry(statement, *n_entries + 1, &previous);
		if (*reason == NULL)
			(*n_entries)++;
	}
	if (*reason != NULL)
		sgp_store_end(statement);
	if (local == NULL && *reason == NULL)
		*reason = check_head(store, *n_entries, &previous, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	*bad_entry = *reason != NULL ? *n_entries + 1 : 0;
	return *reason == NULL;
}

gboolean sgp_ledger_chain_verify(
	SgpStore *store, gint64 *n_entries, gint64 *bad_entry, char **why, GError **error)
{
	gint64 count = 0, bad = 0;
	const char *reason = NULL;
	GError *local = NULL;
	sgp_store_lock(store);
	gboolean holds = verify(store, &count, &bad, &reason, &local);
	sgp_store_unlock(store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	*n_entries = count;
	*bad_entry = bad;
	*why = g_strdup(reason);
	return holds;
}
