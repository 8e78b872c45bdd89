/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Fetches https://HOST/.well-known/mta-sts.txt (RFC 8461, 3.3) from these addresses: TLS verified,
 * no redirect, at most 64 KiB of text/plain, within timeout_ms in all. Worker threads only.
 * ca_file: (nullable) instead of the system's authorities. addresses: (element-type GInetAddress).
 * problem: (out) why not, one of "unreachable", "tls", "redirect", "http-status", "content-type",
 * "too-large", "timeout", "ca-file"; static. Errors: none but cancellation is told apart; NULL and
 * a problem. (transfer full) (nullable) */
GBytes *sgp_mta_sts_fetch_sync(const char *host, const GPtrArray *addresses, const char *ca_file,
	guint timeout_ms, const char **problem, GCancellable *cancellable);

G_END_DECLS
