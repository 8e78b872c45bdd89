/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* Chooses one of the office's open matters, or takes the reference and title of a new one. */
#define SGP_TYPE_MATTER_CHOOSER (sgp_matter_chooser_get_type())
G_DECLARE_FINAL_TYPE(SgpMatterChooser, sgp_matter_chooser, SGP, MATTER_CHOOSER, GtkBox)

GtkWidget *sgp_matter_chooser_new(void);
/* Asks the agent for the matters and shows them; selected (nullable) is chosen if it is among them.
 */
void sgp_matter_chooser_load(SgpMatterChooser *self, SgpAgent1 *agent, const char *selected);
/* TRUE: something is chosen, or a new matter has a reference. */
gboolean sgp_matter_chooser_is_filled(SgpMatterChooser *self);
/* Makes the new matter if there is one, and returns the reference. Errors: those of AddMatter.
 * (transfer full) */
void sgp_matter_chooser_commit_async(
	SgpMatterChooser *self, GAsyncReadyCallback callback, gpointer user_data);
char *sgp_matter_chooser_commit_finish(
	SgpMatterChooser *self, GAsyncResult *result, GError **error);

G_END_DECLS
