/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-draft.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Ties the mail to a matter. Signal: "closed" when it was done or given up. */
#define SGP_TYPE_MATTER_FORM (sgp_matter_form_get_type())
G_DECLARE_FINAL_TYPE(SgpMatterForm, sgp_matter_form, SGP, MATTER_FORM, GtkBox)

GtkWidget *sgp_matter_form_new(SgpDraft *draft);

G_END_DECLS
