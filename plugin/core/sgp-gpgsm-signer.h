/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Signs by gpgsm what is written to it, while it is written. */
typedef struct _SgpGpgsmSigner SgpGpgsmSigner;

/* fingerprint: whole, of a certificate with its secret key. (transfer full) */
SgpGpgsmSigner *sgp_gpgsm_signer_new(const char *home, const char *fingerprint, GError **error);
GOutputStream *sgp_gpgsm_signer_get_stream(SgpGpgsmSigner *self); /* (borrowed) */
/* The detached signature, DER, with SHA-256. Errors: LOCKED, CONFLICT (it
 * cannot sign). (transfer full) */
GBytes *sgp_gpgsm_signer_finish(SgpGpgsmSigner *self, GCancellable *cancellable, GError **error);
void sgp_gpgsm_signer_free(SgpGpgsmSigner *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpGpgsmSigner, sgp_gpgsm_signer_free)

G_END_DECLS
