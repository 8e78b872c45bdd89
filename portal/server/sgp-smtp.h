/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-letter.h"
#include "sgp-portal.h"

G_BEGIN_DECLS

typedef enum {
	SGP_SMTP_LATER = 0, /* not sent, try again */
	SGP_SMTP_SENT,
	SGP_SMTP_NEVER, /* refused for good */
} SgpSmtpResult;

gboolean sgp_smtp_may_be_plain(const SgpPortalConfig *config, GInetAddress *address);
SgpSmtpResult sgp_smtp_send_sync(
	const SgpPortalConfig *config, const char *helo, const SgpLetter *letter, GError **error);

G_END_DECLS
