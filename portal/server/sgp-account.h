/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

gboolean sgp_account_close_doors(SgpDatabase *database, const char *handle, GError **error);
gboolean sgp_account_add_chore(
	SgpDatabase *database, const char *handle, SgpGuardForget chore, GError **error);
void sgp_account_do_chores(SgpPortal *portal, SgpDatabase *database);

gboolean sgp_account_freeze(SgpDatabase *database, gint64 now, const char *handle,
	const char *event, gboolean *frozen, GError **error);
gboolean sgp_account_freeze_exhausted(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error);
gboolean sgp_account_reset(
	SgpDatabase *database, const char *handle, const char *identity_record, GError **error);
gboolean sgp_account_delete(
	SgpDatabase *database, gint64 now, const char *handle, GPtrArray *files, GError **error);
gboolean sgp_account_sweep(SgpDatabase *database, gint64 now, GError **error);

G_END_DECLS
