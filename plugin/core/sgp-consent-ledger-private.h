/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-consent-ledger.h"

G_BEGIN_DECLS

SgpStore *sgp_consent_ledger_get_store(SgpConsentLedger *self); /* borrowed */

G_END_DECLS
