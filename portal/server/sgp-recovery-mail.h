/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"
#include "sgp-letter.h"

G_BEGIN_DECLS

gboolean sgp_recovery_mail_is_kind(const char *kind);
SgpLetter *sgp_recovery_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *id, gint64 now, GError **error);
gboolean sgp_recovery_mail_add_changed(
	SgpCall *call, const char *handle, const char *name, GError **error);

G_END_DECLS
