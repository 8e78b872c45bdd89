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

/* Which copies a decided mail needs. Pure. own_channel: the protocol of
 * the key that the sender can encrypt to oneself with; NONE: there is none.
 * Errors: REFUSED (the verdict does not say "send" for everybody), FAILED (a channel that cannot be
 * sealed). (transfer full) (element-type SgpCopyPlan) */
GPtrArray *sgp_splitter_split(const SgpVerdict *verdict, SgpChannel own_channel, GError **error);
void sgp_copy_plan_free(SgpCopyPlan *self);

G_END_DECLS
