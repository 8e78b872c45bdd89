/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"
#include "sgp-portal-mailbox.h"
#include "sgp-settings.h"
#include "sgp-verdict.h"
#include "sgp-key-lookup.h"

G_BEGIN_DECLS

/* One thing that leaves: bytes in a file descriptor that has no name on any disk yet (O_TMPFILE or
 * memfd), always ciphertext except for CHANNEL_PLAIN and CHANNEL_TRANSPORT, which are a memfd.
 *
 * digest is what the transport guard compares; mail programs may write the same mail anew in
 * between, so it is SHA-256 (hex) of:
 * - OPENPGP: the content of the second part (the armor from its BEGIN line to its END line), every
 * line end as CRLF, the last one too;
 * - SMIME: the message under its base64;
 * - PLAIN, TRANSPORT: for each part that is neither multipart nor message/rfc822, in order, going
 * into both of those: its type as "type/subtype" in lower case and LF; its decoded content with
 * every CRLF as LF and without the line ends at its end; a zero byte. Header fields, boundaries,
 * folding and transfer encodings do not count;
 * - PORTAL: the manifest. */
typedef struct {
	char *id;              /* (owned) UUIDv7: X-Siegelpost-Copy, or the portal's message id */
	SgpChannel channel;    /* OPENPGP, SMIME, PORTAL, TRANSPORT, PLAIN */
	gboolean is_sent_copy; /* for the Sent folder: encrypted to the sender only, never mailed */
	GPtrArray *recipients; /* (owned) (element-type SgpAddress) envelope; empty for the sent
				  copy */
	char *from;            /* (owned) addr-spec of the sender: envelope from */
	int fd;                /* (owned) whole RFC 5322 mail; for PORTAL: -1 */
	char *digest;          /* (owned) see above */
	char *manifest;        /* (owned) (nullable) PORTAL: armored, see PROTOCOL.md */
	GPtrArray *blobs;      /* (owned) (nullable) (element-type SgpBlob) PORTAL */
} SgpCopy;

typedef struct {
	int fd; /* (owned) binary OpenPGP message */
	gint64 size;
	char *sha256; /* (owned) hex */
} SgpBlob;

/* What the sealer needs to know of the portal for one mail. */
typedef struct {
	const char *origin;             /* (borrowed) */
	const char *office_fingerprint; /* (borrowed) in our keyring */
	const char *staff_fingerprint; /* (borrowed) (nullable) the key that the roster names; NULL:
					  the own key of the From address */
} SgpSealPortal;

typedef void (*SgpProgressFunc)(const char *stage, guint percent,
	gpointer user_data); /* any thread; stage is a nick: see SgpStage */

void sgp_copy_free(SgpCopy *self);
void sgp_blob_free(SgpBlob *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCopy, sgp_copy_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpBlob, sgp_blob_free)

/* Splits the mail as the verdict says and seals each copy: visible OpenPGP recipients share one
 * copy encrypted to their keys and the sender's; each Bcc alone; one portal copy per portal
 * recipient; one plain copy for internal ones; one sent copy (none if there is no own key and
 * anything was encrypted). Signed with the sender's key if there is one. Asks gpg again for each
 * chosen key just before; checks the packets of what came out (PKESK ids equal the plan, one SEIPD,
 * nothing else). Streams. All or nothing. Worker thread only. mailboxes: (element-type
 * SgpPortalMailbox) with a mailbox_key that the caller has checked (escrow) for every portal
 * recipient. portal: (nullable) if no copy needs it. Errors: CANCELLED, INVALID (a header that
 * programs read differently), REFUSED (the verdict is not "send"), SGP_ERROR_CONFLICT (a key or the
 * mail changed since the verdict), TAMPERED (the check after the fact), TOO_LARGE (for the portal),
 * LOCKED, UNREACHABLE, FAILED. (transfer full) (element-type SgpCopy) */
GPtrArray *sgp_sealer_seal(const SgpMail *mail, const SgpVerdict *verdict, SgpKeyLookup *keys,
	SgpSettings *settings, const SgpSealPortal *portal, GPtrArray *mailboxes, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
	GError **error);

G_END_DECLS
