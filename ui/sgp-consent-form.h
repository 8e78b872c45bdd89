/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-draft.h"
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Records what a customer permitted: on the phone, by letter, or as a standing agreement. Signal:
 * "closed" when it was recorded or given up. */
#define SGP_TYPE_CONSENT_FORM (sgp_consent_form_get_type())
G_DECLARE_FINAL_TYPE(SgpConsentForm, sgp_consent_form, SGP, CONSENT_FORM, GtkBox)

/* kind: "phone", "letter" or "agreement". */
GtkWidget *sgp_consent_form_new(SgpDraft *draft, const char *kind, const char *address);

G_END_DECLS
