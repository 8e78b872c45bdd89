/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Wraps of PROTOCOL.md: AES-256-GCM, bound to what they are, whose, and of which generation. kind:
 * "code", ... */
GBytes *sgp_wrap_seal(const guint8 key[32], const char *kind, const char *handle, gint64 generation,
	GBytes *plain, GError **error);
GBytes *sgp_wrap_open(const guint8 key[32], const char *kind, const char *handle, gint64 generation,
	GBytes *wrap, GError **error); /* TAMPERED */

G_END_DECLS
