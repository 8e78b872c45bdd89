/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <composer/e-msg-composer.h>
#include "sgp-draft.h"

G_BEGIN_DECLS

/* Seals and hands over what the composer holds: Evolution's own way of sending never runs.
 * Committed: the copies go into Evolution's outbox and the composer closes. Held, asked, failed or
 * cancelled: the composer stays as it was, and the draft says why. */
void sgp_composer_send(EMsgComposer *composer, SgpDraft *draft);
/* TRUE: the pipeline looked at this mail and lets Evolution send it by itself (a redirect among
 * colleagues, which must stay what it was). */
gboolean sgp_composer_send_may_pass(EMsgComposer *composer);
/* The recipients changed: what was let pass was let pass for others. */
void sgp_composer_send_forget_pass(EMsgComposer *composer);

G_END_DECLS
