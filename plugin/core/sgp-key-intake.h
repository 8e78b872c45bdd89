/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"

G_BEGIN_DECLS

/* One public key out of foreign bytes. */
typedef struct {
	SgpKeyRecord *record; /* (owned) */
	char *listing;        /* (owned) gpg's own words about it: sgp_gnupg_listing_read() */
	GBytes *certificate;  /* (owned) binary, without other people's signatures */
} SgpKeyIntake;

/* Reads the public OpenPGP keys in these bytes (armored or binary) by the real gpg, in a throw-away
 * home: no keyring of the user's is touched, no network is used, and secret keys are left out.
 * (transfer full) (element-type SgpKeyIntake) Errors: INVALID (no key, or too many), TOO_LARGE,
 * UNREACHABLE. */
GPtrArray *sgp_key_intake_read(GBytes *bytes, GCancellable *cancellable, GError **error);
/* One certificate, the first of this PEM; an empty list if there is none. listing is the PEM then.
 * (transfer full) (element-type SgpKeyIntake) */
GPtrArray *sgp_key_intake_read_certificate(const char *pem);
void sgp_key_intake_free(SgpKeyIntake *self);

G_END_DECLS
