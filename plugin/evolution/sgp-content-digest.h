/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <camel/camel.h>

G_BEGIN_DECLS

/* What MayLeave in org.siegelpost.Agent1.xml takes: SHA-256, hex, the same however Camel writes the
 * mail anew. May be slow: worker threads only. Errors: those of Camel. (transfer full) */
char *sgp_content_digest_compute(
	CamelMimeMessage *message, GCancellable *cancellable, GError **error);

G_END_DECLS
