/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SGP_SPOOL_KEY_BYTES 32

/* How an internal plain copy lies on disk: AES-256-GCM under the spool's key from the keyring;
 * "SGPS1", nonce (12), ciphertext, tag (16); AAD is the copy's id. Streams. Errors: STORAGE,
 * FAILED. */
gboolean sgp_spool_cipher_seal(const guint8 key[SGP_SPOOL_KEY_BYTES], const char *copy_id, int from,
	int to, GError **error);
/* Into a memfd, which is returned only after the tag was checked. Errors: TAMPERED, STORAGE. */
int sgp_spool_cipher_open(
	const guint8 key[SGP_SPOOL_KEY_BYTES], const char *copy_id, int from, GError **error);

/* Whole reads and writes, also used by the spool itself. FALSE: STORAGE. */
gboolean sgp_spool_write_all(int fd, const void *data, gsize length, GError **error);
gssize sgp_spool_read_some(
	int fd, void *data, gsize length, GError **error); /* short only at the end of the file */

G_END_DECLS
