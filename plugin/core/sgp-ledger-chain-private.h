/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-store.h"

G_BEGIN_DECLS

#define SGP_LEDGER_HASH_SIZE 32
#define SGP_LEDGER_SALT_SIZE 16

typedef struct {
	guint8 bytes[SGP_LEDGER_HASH_SIZE];
} SgpLedgerHash;

/* One entry to be appended. What is personal is kept aside, so that it can be erased. */
typedef struct {
	const char *kind;
	const char *fields;   /* JSON, not personal: covered by the chain as it stands */
	const char *address;  /* (nullable) personal */
	const char *matter;   /* (nullable) personal */
	const char *personal; /* (nullable) JSON, personal; NULL: the entry has nothing personal */
} SgpLedgerEntry;

/* What a look at the whole chain found. */
typedef struct {
	gboolean holds;
	gint64 n_entries;   /* good ones, from the first on */
	gint64 bad_entry;   /* the first bad one; 0: none, or it is not about one entry */
	const char *why;    /* (nullable) nick */
	SgpLedgerHash head; /* of the last good entry */
} SgpLedgerVerification;

/* Appends in a durable transaction of its own (or inside the caller's). Returns the entry's number,
 * 0 on error. Errors: STORAGE. */
gint64 sgp_ledger_chain_append(
	SgpStore *store, const SgpLedgerEntry *entry, gint64 now, GError **error);
/* TRUE: it was looked at, see out->holds. Errors: STORAGE. */
gboolean sgp_ledger_chain_verify(SgpStore *store, SgpLedgerVerification *out, GError **error);
/* Quick, for every decision that leans on the ledger: no entry is missing, its last one is whole,
 * and is what was noted in the database and beside it. Under the lock. Errors: TAMPERED, STORAGE.
 */
gboolean sgp_ledger_chain_check_end(SgpStore *store, gint64 *n_entries, GError **error);

/* Columns that show whether one entry is as it was recorded; the caller's own come after them. l:
 * the entry, p: what is personal. */
#define SGP_LEDGER_PROOF_COLUMNS                                                                   \
	"l.entry, l.time, l.kind, l.fields, l.commitment, l.previous, l.hash,"                     \
	" p.entry IS NOT NULL, p.salt, p.address, p.matter, p.fields,"                             \
	" (SELECT n.previous FROM ledger n WHERE n.entry = l.entry + 1)"
#define SGP_LEDGER_N_PROOF_COLUMNS 13
/* A row with the columns above. NULL: as it was recorded, and so the next one says; else a nick. */
const char *sgp_ledger_chain_check_row(sqlite3_stmt *row);

/* --- Between the chain's files --- */

SgpLedgerHash sgp_ledger_chain_commit_to(
	const guint8 *salt, const char *address, const char *matter, const char *personal);
SgpLedgerHash sgp_ledger_chain_hash(const SgpLedgerHash *previous, gint64 entry, gint64 time,
	const char *kind, const char *fields, const SgpLedgerHash *commitment);
gboolean sgp_ledger_chain_read_hash(sqlite3_stmt *statement, int column, SgpLedgerHash *hash);
gboolean sgp_ledger_chain_is_same(const SgpLedgerHash *a, const SgpLedgerHash *b);
char *sgp_ledger_chain_dup_hex(const SgpLedgerHash *hash);
/* What the database notes about its last entry. */
char *sgp_ledger_chain_dup_note(gint64 entry, const SgpLedgerHash *hash);
#define SGP_LEDGER_NOTE_NAME "ledger.head"

/* --- The heads, noted beside the database (sgp-ledger-chain-heads) --- */

/* Notes every entry that is not noted yet. Call when the append is committed. */
void sgp_ledger_heads_write(SgpStore *store);
/* NULL: every head that was noted is in the chain; else a nick, and the first entry that is not.
 * Under the lock. */
const char *sgp_ledger_heads_check(SgpStore *store, gint64 *bad_entry, GError **error);
/* The newest note only. Errors: STORAGE. */
gboolean sgp_ledger_heads_check_last(SgpStore *store, gboolean *is_there, GError **error);

G_END_DECLS
