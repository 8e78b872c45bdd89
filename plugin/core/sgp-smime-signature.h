/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* The certificates that came with a good S/MIME signature. */
typedef struct {
	GPtrArray *certificates; /* (owned) (element-type GBytes) DER, the signer's first */
	char *bundle;            /* (owned) all of them as PEM: the signer's issuers too */
} SgpSmimeSignature;

/* Reads and checks the S/MIME signature of a whole mail (RFC 8551: multipart/signed, or one opaque
 * part): that these bytes were signed by the key of the first certificate, and by nobody else.
 * Whether anybody should believe that certificate is not looked at. NULL: it is not signed so, or
 * the signature is not good. No network, no keyring. (transfer full) (nullable) */
SgpSmimeSignature *sgp_smime_signature_read(const SgpMail *mail);
void sgp_smime_signature_free(SgpSmimeSignature *self);
/* The bytes of one part (n: from 0) of a multipart body, without the line end before the delimiter,
 * with every line end as CRLF. NULL: there is no such part. Pure. (transfer full) (nullable) */
GBytes *sgp_smime_signature_dup_part(const char *body, gsize length, const char *boundary, guint n);
/* The boundary parameter of a Content-Type. (transfer full) (nullable) */
char *sgp_smime_signature_dup_boundary(const char *content_type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpSmimeSignature, sgp_smime_signature_free)

G_END_DECLS
