/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where gpg's binary message goes on its way to a file: its packets are checked, it is armored if
 * wanted, and what is written is hashed and counted. */
#define SGP_TYPE_SEALED_STREAM (sgp_sealed_stream_get_type())
G_DECLARE_FINAL_TYPE(SgpSealedStream, sgp_sealed_stream, SGP, SEALED_STREAM, GOutputStream)

/* base: stays open. armor: RFC 9580 section 6, lines of 64 ending in CRLF. */
SgpSealedStream *sgp_sealed_stream_new(GOutputStream *base, gboolean armor);
/* The message is complete: writes what is left, and checks. key_ids: (nullable) the ids that it has
 * to name, each exactly once, in any order. Errors: TAMPERED (another reader, no integrity
 * protection, something else in it), G_IO_ERROR. */
gboolean sgp_sealed_stream_finish(SgpSealedStream *self, const char *const *key_ids,
	GCancellable *cancellable, GError **error);
char *sgp_sealed_stream_dup_sha256(
	SgpSealedStream *self); /* hex, of the bytes written to base; after finish */
gint64 sgp_sealed_stream_get_size(SgpSealedStream *self); /* of the same */

G_END_DECLS
