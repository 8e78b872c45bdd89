/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-draft.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The strip under the recipients: the mail in one sentence, each recipient in words, open
 * questions, and what cures what is missing, all inline. */
#define SGP_TYPE_CHANNEL_STRIP (sgp_channel_strip_get_type())
G_DECLARE_FINAL_TYPE(SgpChannelStrip, sgp_channel_strip, SGP, CHANNEL_STRIP, GtkBox)

/* Signal: "preferences" when staff want to set up the portal. */
GtkWidget *sgp_channel_strip_new(SgpDraft *draft);
/* Opens the inline form that chooses a matter. */
void sgp_channel_strip_choose_matter(SgpChannelStrip *self);

G_END_DECLS
