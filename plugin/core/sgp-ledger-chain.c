/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger's hash chain: how an entry is bound to the one before it. Owns the tables ledger and
 * ledger_personal and what an entry's hash covers; never knows what an entry means, and judges
 * nothing (sgp-ledger-chain-verify).
 *
 * hash(n) = SHA-256("siegelpost ledger 1" 00 hash(n-1) entry time kind 00 fields 00 commitment),
 * numbers as 64-bit big endian; commitment = SHA-256("siegelpost personal 1" 00 salt address matter
 * personal), each text with a length before it. The salt makes a commitment to few possible values
 * (an address, a matter) worthless once it is erased. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "sgp-error.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

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

static SgpLedgerHash finish(GChecksum *sum)
{
	SgpLedgerHash hash;
	gsize length = sizeof hash.bytes;
	g_checksum_get_digest(sum, hash.bytes, &length);
	return hash;
}

SgpLedgerHash sgp_ledger_chain_commit_to(
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

SgpLedgerHash sgp_ledger_chain_hash(const SgpLedgerHash *previous, gint64 entry, gint64 time,
	const char *kind, const char *fields, const SgpLedgerHash *commitment)
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

gboolean sgp_ledger_chain_read_hash(sqlite3_stmt *statement, int column, SgpLedgerHash *hash)
{
	if (sqlite3_column_type(statement, column) != SQLITE_BLOB ||
		sqlite3_column_bytes(statement, column) != sizeof hash->bytes)
		return FALSE;
	memcpy(hash->bytes, sqlite3_column_blob(statement, column), sizeof hash->bytes);
	return TRUE;
}

gboolean sgp_ledger_chain_is_same(const SgpLedgerHash *a, const SgpLedgerHash *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *sgp_ledger_chain_dup_hex(const SgpLedgerHash *hash)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; i < sizeof hash->bytes; i++)
		g_string_append_printf(text, "%02x", hash->bytes[i]);
	return g_strdup(text->str);
}

char *sgp_ledger_chain_dup_note(gint64 entry, const SgpLedgerHash *hash)
{
	g_autofree char *hex = sgp_ledger_chain_dup_hex(hash);
	return g_strdup_printf("%" G_GINT64_FORMAT " %s", entry, hex);
}

/* --- Appending --- */

static gboolean load_last(SgpStore *store, gint64 *entry, SgpLedgerHash *hash, GError **error)
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
		gboolean is_whole = sgp_ledger_chain_read_hash(statement, 1, hash);
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
	gint64 now, const SgpLedgerHash *commitment, const SgpLedgerHash *previous,
	const SgpLedgerHash *hash, GError **error)
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
	SgpLedgerHash previous, commitment = { { 0 } };
	guint8 salt[SGP_LEDGER_SALT_SIZE];
	if (!load_last(store, &last, &previous, error))
		return 0;
	if (entry->personal != NULL) {
		if (getrandom(salt, sizeof salt, 0) != (gssize)sizeof salt) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "no random numbers: %s",
				g_strerror(errno));
			return 0;
		}
		commitment = sgp_ledger_chain_commit_to(
			salt, entry->address, entry->matter, entry->personal);
	}
	gint64 number = last + 1;
	SgpLedgerHash hash = sgp_ledger_chain_hash(
		&previous, number, now, entry->kind, entry->fields, &commitment);
	g_autofree char *note = sgp_ledger_chain_dup_note(number, &hash);
	if (!insert_entry(store, entry, number, now, &commitment, &previous, &hash, error) ||
		(entry->personal != NULL && !insert_personal(store, entry, number, salt, error)) ||
		!sgp_store_set_value(store, SGP_LEDGER_NOTE_NAME, note, error))
		return 0;
	sgp_store_call_when_committed(store, sgp_ledger_heads_write);
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
