/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-draft.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The toolbar's button: the mail's state in words; behind it the class of its content and its
 * matter. Signal: "choose-matter". */
#define SGP_TYPE_MAIL_STATE (sgp_mail_state_get_type())
G_DECLARE_FINAL_TYPE(SgpMailState, sgp_mail_state, SGP, MAIL_STATE, GtkMenuButton)

GtkWidget *sgp_mail_state_new(SgpDraft *draft);

G_END_DECLS
