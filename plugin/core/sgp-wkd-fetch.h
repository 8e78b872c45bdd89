/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One GET of https://HOST:PORT + target from exactly these addresses: TLS verified for host, no
 * redirect, a limit on size and on the time of all of it. addresses: (element-type GInetAddress).
 * ca_file: (nullable) instead of the system's authorities. status: (out) the HTTP status. Worker
 * threads only. Returns the body of a 200, NULL without error for any other status. Errors:
 * UNREACHABLE (also TLS, time, size), CANCELLED. (transfer full) (nullable) */
GBytes *sgp_wkd_fetch_sync(const char *host, guint16 port, const char *target,
	const GPtrArray *addresses, const char *ca_file, guint *status, GCancellable *cancellable,
	GError **error);

G_END_DECLS
