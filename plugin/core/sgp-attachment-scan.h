/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-content-class.h"
#include "sgp-mail.h"

G_BEGIN_DECLS

/* What the attachments of a mail are about, by their texts; attached mails are read like mails,
 * with what is attached to them. because: as for sgp_content_scan_mail(). unread: (element-type
 * utf8) gets the name (or the type) of each attachment that may say more than what could be read of
 * it; it is no finding, but nothing weak may follow from it. Never UNKNOWN. A draft without bytes
 * has names only and costs nothing; otherwise this may take seconds (30 at most), worker threads
 * only.
 */
SgpContentClass sgp_attachment_scan(
	const SgpMail *mail, GPtrArray *because, GPtrArray *unread, GCancellable *cancellable);

G_END_DECLS
