/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-spool.h"
#include "sgp-submission.h"

G_BEGIN_DECLS

/* What the submission service answered for each recipient of a transport copy, so that nobody who
 * has the mail gets it again. Errors: STORAGE. */

/* (element-type utf8) (transfer full) recipients with this answer; UNKNOWN: with none of
 * ACCEPTED. */
GPtrArray *sgp_spool_load_answered(
	SgpSpool *self, const SgpSpoolEntry *entry, SgpSubmissionAnswer answer, GError **error);
/* All of them at once, durable. recipients: NULL-terminated, answers: one for each. */
gboolean sgp_spool_note_answers(SgpSpool *self, const char *copy_id, const char *const *recipients,
	const SgpSubmissionAnswer *answers, GError **error);

G_END_DECLS
