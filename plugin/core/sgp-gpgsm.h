/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Runs gpgsm, one process a call. Certificates are named by whole fingerprints only. home:
 * (nullable) as for sgp_gpgme. Worker threads only. Errors of all calls: G_IO_ERROR_CANCELLED,
 * UNREACHABLE (gpgsm could not be started, or did not answer in time), FAILED. */

gboolean sgp_gpgsm_is_available(void);
/* What gpgsm with these options (NULL-terminated) writes. input: (nullable). limit: seconds, 0: as
 * long as it takes. (transfer full) */
GBytes *sgp_gpgsm_run(const char *home, const char *const *options, GBytes *input, guint limit,
	GCancellable *cancellable, GError **error);
/* One certificate as DER. Errors: NOT_FOUND. (transfer full) */
GBytes *sgp_gpgsm_load_certificate(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error);
gboolean sgp_gpgsm_has_secret(const char *home, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error);
/* Opens enveloped data without ever asking for a passphrase. Errors: TOO_LARGE.
 * (transfer full) */
GBytes *sgp_gpgsm_decrypt_quietly(
	const char *home, GBytes *ciphertext, GCancellable *cancellable, GError **error);

G_END_DECLS
