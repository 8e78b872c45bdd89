/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-consent-ledger.h"

G_BEGIN_DECLS

/* "identity-check": who checked that the customer is who they say, and how; time is the entry's.
 * On disk when it returns. Returns the entry's hash (hex): the record that a reset names. Errors:
 * INVALID (an empty word, a bad address), STORAGE. (transfer full) */
char *sgp_consent_ledger_record_identity_check(SgpConsentLedger *self, const char *address,
	const char *checked_by, const char *how, gint64 now, GError **error);
/* "mailbox-erased": who had the customer's mailbox deleted, and why. Errors: as above. */
gboolean sgp_consent_ledger_record_erasure(SgpConsentLedger *self, const char *address,
	const char *by, const char *reason, gint64 now, GError **error);

G_END_DECLS
