/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What stands before the ciphertext of CMS enveloped data (RFC 5652): for whom, and how. */
typedef struct {
	GPtrArray *readers; /* (owned) (element-type GBytes) DER of IssuerAndSerialNumber */
	char *cipher;       /* (owned) "2.16.840.1.101.3.4.1.42" */
} SgpCmsHead;

/* Pure. head: the message's first bytes, at least up to its ciphertext; BER as DER. Errors:
 * TAMPERED (anything but enveloped data; a reader that is named in another way; cut off). (transfer
 * full) */
SgpCmsHead *sgp_cms_head_read(GBytes *head, GError **error);
void sgp_cms_head_free(SgpCmsHead *self);
/* Errors: TAMPERED, unless it is AES-256-CBC for exactly these readers. readers: (element-type
 * GBytes), in any order, each once. */
gboolean sgp_cms_head_check(const SgpCmsHead *self, GPtrArray *readers, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCmsHead, sgp_cms_head_free)

G_END_DECLS
