/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-letter.h"
#include "sgp-portal.h"

G_BEGIN_DECLS

SgpLetter *sgp_notice_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *message, gint64 now, GError **error);
SgpLetter *sgp_notice_mail_compose_reminder(SgpPortal *portal, SgpDatabase *database,
	const char *entry, const char *message, gint64 now, GError **error);

G_END_DECLS
