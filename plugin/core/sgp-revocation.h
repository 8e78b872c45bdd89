/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-source.h"

G_BEGIN_DECLS

/* What a certificate's issuer says about it at the moment. Zero: no answer. */
typedef enum {
	SGP_REVOCATION_UNKNOWN = 0,
	SGP_REVOCATION_REVOKED,
	SGP_REVOCATION_GOOD,
} SgpRevocationState;

/* Asks for revocation by gpgsm and dirmngr, and remembers for an hour what it was told. Checks go
 * on in threads of their own. Thread-safe. */
#define SGP_TYPE_REVOCATION (sgp_revocation_get_type())
G_DECLARE_FINAL_TYPE(SgpRevocation, sgp_revocation, SGP, REVOCATION, GObject)

SgpRevocation *sgp_revocation_new(const char *home); /* (nullable) as for sgp_gpgsm */
/* record: of a certificate. now: seconds UTC. */
SgpRevocationState sgp_revocation_check(SgpRevocation *self, const SgpKeyRecord *record, gint64 now,
	SgpKeyLook look, GCancellable *cancellable);

G_END_DECLS
