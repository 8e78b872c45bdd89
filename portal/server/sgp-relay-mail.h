/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-letter.h"
#include "sgp-portal.h"

G_BEGIN_DECLS

gboolean sgp_relay_mail_can_carry(SgpPortal *portal, const char *upload);
SgpLetter *sgp_relay_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *message, GError **error);

G_END_DECLS
