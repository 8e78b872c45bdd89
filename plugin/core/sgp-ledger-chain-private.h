/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-store.h"

G_BEGIN_DECLS

#define SGP_LEDGER_HASH_SIZE 32
#define SGP_LEDGER_SALT_SIZE 16

/* One entry to be appended. What is personal is kept aside, so that it can be erased. */
typedef struct {
	const char *kind;
	const char *fields;   /* JSON, not personal: covered by the chain as it stands */
	const char *address;  /* (nullable) personal */
	const char *matter;   /* (nullable) personal */
	const char *personal; /* (nullable) JSON, personal; NULL: the entry has nothing personal */
} SgpLedgerEntry;

/* Appends in a durable transaction of its own (or inside the caller's). Returns the entry's number,
 * 0 on error. Errors: STORAGE. */
gint64 sgp_ledger_chain_append(
	SgpStore *store, const SgpLedgerEntry *entry, gint64 now, GError **error);
/* TRUE: the chain holds. FALSE without error: bad_entry and why (nick). */
gboolean sgp_ledger_chain_verify(
	SgpStore *store, gint64 *n_entries, gint64 *bad_entry, char **why, GError **error);

G_END_DECLS
