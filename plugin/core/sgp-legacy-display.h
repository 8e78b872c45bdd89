/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-mail.h"

G_BEGIN_DECLS

/* Text to be inserted into a mail's bytes before the byte at offset. */
typedef struct {
	gint64 offset;
	char *text; /* (owned) */
} SgpInsertion;

/* RFC 9788 section 5.2: the subject, repeated in the main text for mail programs that do not show a
 * protected one. Empty where that cannot be done without writing the part anew. (transfer full)
 * (element-type SgpInsertion) in order of their offsets */
GPtrArray *sgp_legacy_display_plan(const SgpMail *mail);

G_END_DECLS
