/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-content-class.h"
#include "sgp-mail.h"

G_BEGIN_DECLS

/* What a mail is about, by its own words: subject, text (quotes too: they leave with it), HTML,
 * attachments' names. Our own notice does not count. because: (element-type utf8) gets the words
 * that raised it, at most ten. GENERAL: nothing found. UNKNOWN: it cannot be read. Pure. */
SgpContentClass sgp_content_scan_mail(const SgpMail *mail, GPtrArray *because);
/* The same for any UTF-8 text, for instance of an attachment. UNKNOWN also where it is longer than
 * what is read (1 MiB) and nothing was found up to there. */
SgpContentClass sgp_content_scan_text(const char *text, GPtrArray *because);
/* The class to be shown where both were found (03-policy: health, personal-insurance, secrecy-203,
 * in this order). */
SgpContentClass sgp_content_scan_combine(SgpContentClass one, SgpContentClass other);

G_END_DECLS
