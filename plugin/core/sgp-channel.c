/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the rungs. Owns the nicks that JSON, bus and ledger use; never decides which rung is
 * taken. */
#include "sgp-channel.h"

const char *sgp_channel_get_nick(SgpChannel channel)
{
	switch (channel) {
	case SGP_CHANNEL_NONE:
		return "none";
	case SGP_CHANNEL_OPENPGP:
		return "openpgp";
	case SGP_CHANNEL_SMIME:
		return "smime";
	case SGP_CHANNEL_PORTAL:
		return "portal";
	case SGP_CHANNEL_TRANSPORT:
		return "transport";
	case SGP_CHANNEL_PLAIN:
		return "plain";
	}
	return "none";
}

gboolean sgp_channel_from_nick(const char *nick, SgpChannel *out)
{
	for (int i = SGP_CHANNEL_NONE; i <= SGP_CHANNEL_PLAIN; i++) {
		if (g_strcmp0(nick, sgp_channel_get_nick((SgpChannel)i)) == 0) {
			*out = (SgpChannel)i;
			return TRUE;
		}
	}
	return FALSE;
}
