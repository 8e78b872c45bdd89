/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The only file that includes GPGME's header, for the few that work with it. */

#include <gpgme.h>

#include "sgp-error.h"
#include "sgp-gpgme.h"

G_BEGIN_DECLS

/* FALSE always: what gpg's error means to a caller, or G_IO_ERROR_CANCELLED. */
gboolean sgp_gpgme_set_error(
	GError **error, const char *what, gpgme_error_t cause, GCancellable *cancellable);
/* Offline, OpenPGP, for this home; given back to the pool by g_auto(). NULL after an error. */
gpgme_ctx_t sgp_gpgme_context_new(const char *home, GError **error);
void sgp_gpgme_give_back(gpgme_ctx_t context);
/* Idle contexts of a home that is going away. */
void sgp_gpgme_forget_home(const char *home);
/* Cancelling ends the context's operation; disconnect what is returned. */
gulong sgp_gpgme_watch(GCancellable *cancellable, gpgme_ctx_t context);
/* Borrows the bytes. */
gpgme_data_t sgp_gpgme_data_from_bytes(GBytes *bytes);
/* Takes the data. (transfer full) */
char *sgp_gpgme_text_from_data(gpgme_data_t *data);
/* The key with exactly this fingerprint. (transfer full); errors: NOT_FOUND */
gpgme_key_t sgp_gpgme_find_key(gpgme_ctx_t context, const char *fingerprint, gboolean secret,
	GCancellable *cancellable, GError **error);

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_ctx_t, sgp_gpgme_give_back, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_data_t, gpgme_data_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gpgme_key_t, gpgme_key_unref, NULL)

G_END_DECLS
