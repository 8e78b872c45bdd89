/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* What an encrypted mail says, for the scans: the outer mail's people, ids and header, the inner
 * entity's subject, texts and attachments. Opens PGP/MIME (RFC 3156) and S/MIME (RFC 8551:
 * encrypted, or with its signature around it) of up to 8 MiB with the user's own keys, and never
 * asks for a passphrase: a key that is locked leaves the mail unread. Any other mail, or one that
 * cannot be opened, comes back as it is, still is_encrypted, so that the scans answer "unclear"
 * (03-policy, Settled cases). home: (nullable). Worker threads only. (transfer full) */
SgpMail *sgp_opened_mail_read(SgpMail *mail, const char *home, GCancellable *cancellable);

G_END_DECLS
