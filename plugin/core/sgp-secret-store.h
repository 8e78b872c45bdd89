/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Secrets in the user's keyring (Secret Service), named by what they are and for whom:
 * ("device-token", origin), ("spool-key", state directory). Never prompts: a locked keyring is an
 * answer. All calls block: worker threads only. Errors: LOCKED (unlock the keyring), UNREACHABLE
 * (no keyring service, or no session bus), G_IO_ERROR_CANCELLED. */

/* The password of the submission service; scope: the user's name there. */
#define SGP_SECRET_SUBMISSION_PASSWORD "submission-password"

/* NULL and no error: there is none. (transfer full) */
char *sgp_secret_store_lookup_sync(
	const char *kind, const char *scope, GCancellable *cancellable, GError **error);
gboolean sgp_secret_store_save_sync(const char *kind, const char *scope, const char *label,
	const char *secret, GCancellable *cancellable, GError **error);
gboolean sgp_secret_store_clear_sync(
	const char *kind, const char *scope, GCancellable *cancellable, GError **error);
/* Overwrites and frees. */
void sgp_secret_free(char *secret);

G_END_DECLS
