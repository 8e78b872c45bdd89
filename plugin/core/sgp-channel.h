/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The rungs of the ladder (03-policy 2, seed S6 to S10). Zero: nobody has chosen, so nothing
 * leaves. */
typedef enum {
	SGP_CHANNEL_NONE = 0,
	SGP_CHANNEL_OPENPGP,
	SGP_CHANNEL_SMIME,
	SGP_CHANNEL_PORTAL,
	SGP_CHANNEL_TRANSPORT,
	SGP_CHANNEL_PLAIN,
} SgpChannel;

const char *sgp_channel_get_nick(SgpChannel channel); /* "openpgp", ...; NONE is "none" */
gboolean sgp_channel_from_nick(const char *nick, SgpChannel *out);

G_END_DECLS
