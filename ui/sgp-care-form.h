/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* One question before something is done that cannot be taken back: its consequence in words, what
 * has to be filled in, the button that does it, and the one that does not. Inline, never a box in
 * front of everything. Signals: "accepted", with what was filled in (first and second, "" where
 * there is no such entry; never empty where there is one), and "closed". */
#define SGP_TYPE_CARE_FORM (sgp_care_form_get_type())
G_DECLARE_FINAL_TYPE(SgpCareForm, sgp_care_form, SGP, CARE_FORM, GtkBox)

/* words: the consequence. action: label of the button that does it. */
GtkWidget *sgp_care_form_new(const char *words, const char *action);
/* Up to two: label above it; both have to be filled in. text: (nullable) what stands there. */
void sgp_care_form_add_entry(SgpCareForm *self, const char *label, const char *text);
/* What was done before has to be said by a tick. */
void sgp_care_form_add_tick(SgpCareForm *self, const char *label);
/* Shows it, and gives the keyboard to the first thing to fill in, else to "Never mind". */
void sgp_care_form_begin(SgpCareForm *self);

G_END_DECLS
