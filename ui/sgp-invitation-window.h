/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* Shows the registration codes of customers who got portal mail without being registered yet: to be
 * read out on the phone or printed as a letter. Not modal; the mail has been handed over already,
 * so nothing depends on this window (the codes can be looked up again). */
#define SGP_TYPE_INVITATION_WINDOW (sgp_invitation_window_get_type())
G_DECLARE_FINAL_TYPE(SgpInvitationWindow, sgp_invitation_window, SGP, INVITATION_WINDOW, GtkWindow)

/* invitations: a job result's array of {"address","code","valid_until"}. application: (nullable)
 * keeps it open after its composer. */
GtkWidget *sgp_invitation_window_new(
	GtkApplication *application, SgpAgent1 *agent, JsonArray *invitations);

G_END_DECLS
