/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-gpgsm.h"

G_BEGIN_DECLS

/* gpgsm with pipes for what it writes and reports, and for its input if wanted. Errors:
 * UNREACHABLE. (transfer full) */
GSubprocess *sgp_gpgsm_start(
	const char *home, const char *const *options, gboolean has_input, GError **error);
/* LOCKED, or CONFLICT: the certificate is not fit for it. */
void sgp_gpgsm_set_signing_failure(GError **error, GBytes *report);
gboolean sgp_gpgsm_check_fingerprint(const char *fingerprint, GError **error);
/* In this thread, from now on: writing to a gpgsm that is gone is an error. */
void sgp_gpgsm_block_sigpipe(void);

G_END_DECLS
