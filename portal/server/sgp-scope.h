/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

/* Whose rows statements may be about; "customer/HANDLE" is the third. */
#define SGP_SCOPE_OFFICE "office"
#define SGP_SCOPE_DOOR   "door"

char *sgp_scope_dup_customer(const char *handle);
char *sgp_scope_seal(GBytes *key, const char *word);
void sgp_scope_enter(const SgpPortal *portal, SgpDatabase *database, const char *word);
gboolean sgp_scope_check(const SgpPortal *portal, SgpDatabase *database, GError **error);
gboolean sgp_scope_grant_sync(
	const SgpPortal *portal, SgpDatabase *database, const char *role, GError **error);

G_END_DECLS
