/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-consent-ledger.h"

G_BEGIN_DECLS

SgpStore *sgp_consent_ledger_get_store(SgpConsentLedger *self); /* borrowed */

/* The mark of an address, for an erasure's entry; makes the key if there is none. Inside a
 * transaction. (transfer full) Errors: STORAGE. */
char *sgp_consent_ledger_dup_mark(SgpStore *store, const char *addr_spec, GError **error);
/* The withdrawals of this address that outlived its erasure. facts: (element-type SgpConsentFact)
 * gets them. Under the lock. Errors: TAMPERED, STORAGE. */
gboolean sgp_consent_ledger_add_kept_withdrawals(
	SgpStore *store, const char *addr_spec, GPtrArray *facts, GError **error);

G_END_DECLS
