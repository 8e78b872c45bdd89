/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* What this device remembers of its enrolment: no secret in it. The office's fingerprint was pinned
 * at enrolment and is never taken from the server again. */
typedef struct {
	char *origin;             /* (owned) */
	char *office_name;        /* (owned) */
	char *office_fingerprint; /* (owned) */
	char *staff_address;      /* (owned) */
	char *staff_fingerprint;  /* (owned) */
	gint64 roster_version;    /* the newest that was verified */
} SgpPortalAccount;

/* NULL and no error: not enrolled. (transfer full) */
SgpPortalAccount *sgp_portal_account_lookup(SgpSettings *settings, SgpStore *store, GError **error);
/* Settings portal-url and staff-address, the rest in the store. portal_address: (nullable) the
 * portal's own mail address becomes an inquiry relay. */
gboolean sgp_portal_account_save(const SgpPortalAccount *self, const char *portal_address,
	SgpSettings *settings, SgpStore *store, GError **error);
void sgp_portal_account_free(SgpPortalAccount *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalAccount, sgp_portal_account_free)

G_END_DECLS
