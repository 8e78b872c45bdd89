/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Reads an RFC 5322 date-time ("Tue, 24 Nov 2026 08:13:00 +0100 (CET)"), the old zone names and
 * two-digit years too. Seconds UTC, 0 if it is none. */
gint64 sgp_mail_date_parse(const char *text);

G_END_DECLS
