/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Encrypts what is written to it to certificates (CMS enveloped data, AES-256-CBC), and writes it
 * as base64. Streams. */
#define SGP_TYPE_CMS_STREAM (sgp_cms_stream_get_type())
G_DECLARE_FINAL_TYPE(SgpCmsStream, sgp_cms_stream, SGP, CMS_STREAM, GOutputStream)

/* certificates: (element-type GBytes) DER, RSA or EC. base: stays open; gets lines of 76 ending in
 * CRLF. Errors: CONFLICT (one of them cannot be encrypted to), FAILED. (transfer full) */
SgpCmsStream *sgp_cms_stream_new(GPtrArray *certificates, GOutputStream *base, GError **error);
/* The message is complete: writes what is left, and checks for whom it is. Errors: TAMPERED,
 * G_IO_ERROR. */
gboolean sgp_cms_stream_finish(SgpCmsStream *self, GCancellable *cancellable, GError **error);
/* Hex, of the message as it is under its base64; after finish. (transfer full) */
char *sgp_cms_stream_dup_sha256(SgpCmsStream *self);

G_END_DECLS
