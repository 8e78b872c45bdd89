/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-verdict.h"

G_BEGIN_DECLS

/* A copy that is to be made: by which channel, for whom. */
typedef struct {
	SgpChannel channel;
	gboolean is_sent_copy;
	GPtrArray *recipients; /* (owned) (element-type SgpRecipientVerdict) borrowed from the
				  verdict; empty for the sent copy */
} SgpCopyPlan;

/* Which copies a decided mail needs. Pure. has_own_key: the sender can encrypt to oneself.
 * Errors: REFUSED (the verdict does not say "send" for everybody), FAILED (a channel that cannot be
 * sealed). (transfer full) (element-type SgpCopyPlan) */
GPtrArray *sgp_splitter_split(const SgpVerdict *verdict, gboolean has_own_key, GError **error);
void sgp_copy_plan_free(SgpCopyPlan *self);

G_END_DECLS
