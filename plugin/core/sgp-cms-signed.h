/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a signed message says whose signature is wrapped around it ("opaque", RFC 8551 section
 * 3.5.2). Pure; the signature is not looked at. NULL: it is no such message. (transfer full) */
GBytes *sgp_cms_signed_dup_content(GBytes *message);

G_END_DECLS
