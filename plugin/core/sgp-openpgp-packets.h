/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Reads the packet headers of one OpenPGP message as it is written: key ids of the encrypted
 * session keys, then one integrity-protected data packet, and nothing else. Binary only; opens
 * nothing. */
typedef struct _SgpOpenpgpPackets SgpOpenpgpPackets;

SgpOpenpgpPackets *sgp_openpgp_packets_new(void);
void sgp_openpgp_packets_free(SgpOpenpgpPackets *self);
void sgp_openpgp_packets_feed(SgpOpenpgpPackets *self, const guint8 *data, gsize length);
/* The message is complete. Key ids (16 upper-case hex digits) in order of their packets. Errors:
 * TAMPERED. (transfer full) */
GStrv sgp_openpgp_packets_finish(SgpOpenpgpPackets *self, GError **error);

/* The same for a whole stream, armored or binary. (transfer full) */
GStrv sgp_openpgp_packets_check(GInputStream *message, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpOpenpgpPackets, sgp_openpgp_packets_free)

G_END_DECLS
