/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-binding.h"

G_BEGIN_DECLS

/* A list of things that staff act upon where they stand: each row has words, buttons, and a place
 * for the question that a button asks. What the rows are about, and what happens, is the owner's.
 */
#define SGP_TYPE_CARE_ROWS (sgp_care_rows_get_type())
G_DECLARE_FINAL_TYPE(SgpCareRows, sgp_care_rows, SGP, CARE_ROWS, GtkBox)

/* name: what is listed, for who cannot see it. */
GtkWidget *sgp_care_rows_new(const char *name);
/* Begins anew, for another agent or without one: no rows, nothing of the last order. */
void sgp_care_rows_reset(SgpCareRows *self, gboolean has_agent);
/* Empties it for what this text tells; FALSE: that is what is shown, or a question stands open, and
 * everything stays as it is, the keyboard too. */
gboolean sgp_care_rows_begin(SgpCareRows *self, const char *text);
/* What stands there besides rows; "": nothing. */
void sgp_care_rows_say(SgpCareRows *self, const char *words);
/* Could not look: the rows stay, with the reason beside them until somebody could. */
void sgp_care_rows_fail(SgpCareRows *self, const GError *error);
/* Gives the agent an order; no other can be given before it is answered. Then the owner asks anew,
 * and if it was refused, the reason stands there until the next order. parameters: (transfer
 * floating) */
void sgp_care_rows_order(
	SgpCareRows *self, SgpAgentBinding *binding, const char *method, GVariant *parameters);
/* markup: the row's words. (transfer none) */
GtkWidget *sgp_care_rows_add(SgpCareRows *self, const char *markup);
/* (transfer none) */
GtkWidget *sgp_care_rows_add_button(GtkWidget *row, const char *label);
/* form: (transfer floating) takes the place of what was asked there before, and is begun. It goes
 * with its "closed". */
void sgp_care_rows_ask(GtkWidget *row, GtkWidget *form);

G_END_DECLS
