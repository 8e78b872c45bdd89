/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-history.h"

G_BEGIN_DECLS

SgpStore *sgp_history_get_store(SgpHistory *self);       /* borrowed */
SgpSettings *sgp_history_get_settings(SgpHistory *self); /* borrowed */
/* is_hosted: fed by a mail program, so incomplete until it says otherwise. */
gboolean sgp_history_add_copies(SgpHistory *self, const char *folder, SgpFolderRole role,
	gboolean is_hosted, const SgpSummary *summaries, gsize n, GError **error);
/* The first column of the first row; text is bound. Under the lock. Returns 0 and is_found FALSE
 * where there is none. */
gint64 sgp_history_lookup_number(
	SgpStore *store, const char *sql, const char *text, gboolean *is_found, GError **error);

G_END_DECLS
