/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64url as core calls it. The rule itself is the protocol's, one for both ends. */
#include "sgp-base64url.h"

#include <sgp-protocol.h>

char *sgp_base64url_encode(const guint8 *data, gsize length)
{
	return sgp_protocol_encode_b64u(data, length);
}

GBytes *sgp_base64url_decode(const char *text)
{
	return text == NULL ? NULL : sgp_protocol_decode_b64u(text);
}
