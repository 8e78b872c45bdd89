/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-dispatcher.h"

G_BEGIN_DECLS

/* Consent records shared by the office: what was recorded here goes to the portal, signed by the
 * staff key and encrypted to the office key; what colleagues recorded comes here and counts as our
 * own. */
typedef struct {
	guint sent, received;
	guint waiting;       /* ours that the portal has not got */
	guint refused;       /* of the portal's records: do not verify, and do not count */
	guint newly_refused; /* of these, since the last time */
	gboolean was_reset;  /* the portal lost records that it had: all was read anew */
} SgpLedgerSync;

/* Once there and back. result is filled as far as it came. is_thorough: tries everything again that
 * was refused before (else once an hour). Blocks. Errors: NOT_ENROLLED, UNREACHABLE, REFUSED (the
 * portal does not know its own yet), LOCKED (also: the office key is not on this device), TAMPERED
 * (the roster, or too much that does not verify), STORAGE, CANCELLED. */
gboolean sgp_ledger_sync_run(SgpDispatcher *dispatcher, gboolean is_thorough, gint64 now,
	SgpLedgerSync *result, GCancellable *cancellable, GError **error);
/* Seals what waits, so that an erased address stands nowhere in clear; needs gpg, not the portal.
 * TRUE also where there is no portal. */
gboolean sgp_ledger_sync_seal(SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error);
/* What was refused: [{"n","id","why"}]; why: "damaged", "stranger", "malformed", "other-office",
 * "other-id", "not-possible", "waits", "missing", "former" (a colleague who left; no withdrawal).
 * (transfer full) Errors: STORAGE. */
char *sgp_ledger_sync_dup_refused_json(SgpDispatcher *dispatcher, GError **error);

G_END_DECLS
