/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* What a code is for; the letter says it. */
typedef enum {
	SGP_CODE_INVITATION = 0, /* the customer has not registered yet */
	SGP_CODE_RENEWAL,        /* registered before; the access was renewed */
} SgpCodePurpose;

/* One customer's code: to be read out on the phone, copied, or printed as a letter. Everywhere
 * where staff get a code it is shown by this. */
#define SGP_TYPE_CODE_BOX (sgp_code_box_get_type())
G_DECLARE_FINAL_TYPE(SgpCodeBox, sgp_code_box, SGP, CODE_BOX, GtkBox)

/* agent: (nullable) tells the portal's address for the letter. invitation: {"address","code",
 * "valid_until"}. (nullable) NULL: there is no code in it. */
GtkWidget *sgp_code_box_new(SgpAgent1 *agent, JsonObject *invitation, SgpCodePurpose purpose);

G_END_DECLS
