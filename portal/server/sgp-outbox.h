/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

gboolean sgp_outbox_add_notice(
	SgpCall *call, const char *handle, const char *message, GError **error);
gboolean sgp_outbox_add_reply(SgpCall *call, const char *handle, const char *message,
	const char *recipient, GError **error);

G_END_DECLS
