/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-consent-ledger-private.h"
#include "sgp-portal-client.h"
#include "sgp-portal-office.h"

G_BEGIN_DECLS

/* --- One record as it travels (sgp-ledger-sync-record) --- */

/* Who works at the office ("staff"), or did ("former"), by the roster that the office key signed:
 * fingerprint -> address. The keys that are missing in the keyring are put there. (transfer full)
 * Errors: UNREACHABLE, FAILED (gpg). */
GHashTable *sgp_ledger_sync_load_people(
	const SgpPortalOffice *office, const char *member, const char *home, GError **error);

typedef struct {
	const char *home;   /* (nullable) */
	const char *office; /* fingerprint */
	const char *signer; /* ours */
	GHashTable *staff;  /* see above */
	GHashTable *former; /* their withdrawals count, and nothing else of theirs that is new */
} SgpLedgerSyncKeys;

/* Signed by us, encrypted to the office. (transfer full) Errors: LOCKED, CONFLICT, UNREACHABLE ...
 */
char *sgp_ledger_sync_seal_record(const SgpLedgerSyncKeys *keys, const SgpOutgoing *record,
	GCancellable *cancellable, GError **error);
/* What an opened record says. object: (nullable). record: (inout) borrows from object, id and what
 * it has already. NULL: it may be what it says it is; else a nick. */
const char *sgp_ledger_sync_read_record(
	const SgpLedgerSyncKeys *keys, JsonObject *object, const char *id, SgpSharedRecord *record);
/* Opens one and puts it into the ledger. why: (out) a nick if it does not verify; NULL: it is in
 * the ledger. FALSE: could not look (gpg, disk), which says nothing about the record. */
gboolean sgp_ledger_sync_take_record(SgpConsentLedger *ledger, const SgpLedgerSyncKeys *keys,
	const char *id, const char *text, gint64 now, const char **why, GCancellable *cancellable,
	GError **error);

/* --- The portal's calls (sgp-portal-client-ledger) --- */

typedef struct {
	gint64 n;
	char *id, *entry; /* (owned) */
} SgpPortalRecord;
void sgp_portal_record_free(SgpPortalRecord *self);
/* n: (out) the portal's number of it. Errors: CONFLICT (another entry has this id). */
gboolean sgp_portal_client_put_record_sync(SgpPortalClient *self, const char *id, const char *entry,
	gint64 *n, GCancellable *cancellable, GError **error);
/* The next ones, their numbers rising, at most a page. (element-type SgpPortalRecord) (transfer
 * full) */
GPtrArray *sgp_portal_client_list_records_sync(
	SgpPortalClient *self, gint64 after, GCancellable *cancellable, GError **error);

G_END_DECLS
