/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-draft.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Takes the written reason with which staff overrule the one objection that they were shown.
 * Signal: "closed". */
#define SGP_TYPE_REASON_FORM (sgp_reason_form_get_type())
G_DECLARE_FINAL_TYPE(SgpReasonForm, sgp_reason_form, SGP, REASON_FORM, GtkBox)

GtkWidget *sgp_reason_form_new(SgpDraft *draft, const char *objection);

G_END_DECLS
