/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One recipient in the strip: who, by which way, why we may write or why not, and a button for each
 * remedy. Signal: "remedy" (char *nick, char *address). */
#define SGP_TYPE_RECIPIENT_ROW (sgp_recipient_row_get_type())
G_DECLARE_FINAL_TYPE(SgpRecipientRow, sgp_recipient_row, SGP, RECIPIENT_ROW, GtkBox)

GtkWidget *sgp_recipient_row_new(void);
/* recipient: one element of the verdict's "recipients". */
void sgp_recipient_row_set_recipient(SgpRecipientRow *self, JsonObject *recipient);

G_END_DECLS
