/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-letter.h"
#include "sgp-portal.h"

G_BEGIN_DECLS

char *sgp_bounce_dup_tag(SgpPortal *portal, const char *entry);
void sgp_bounce_prepare(SgpPortal *portal, SgpLetter *letter, const char *entry);
char *sgp_bounce_read_report(const char *mail, gsize size);
gboolean sgp_bounce_note(SgpDatabase *database, gint64 now, const char *kind, const char *handle,
	const char *message, GError **error);
gboolean sgp_bounce_take_sync(SgpPortal *portal, SgpDatabase *database, const char *mail,
	gsize size, gboolean *ours, GError **error);

G_END_DECLS
