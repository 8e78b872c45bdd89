/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-letter.h"
#include "sgp-portal.h"

G_BEGIN_DECLS

SgpLetter *sgp_digest_mail_compose(SgpPortal *portal, SgpDatabase *database, const char *recipient,
	const char *day, gint64 now, GError **error);

G_END_DECLS
