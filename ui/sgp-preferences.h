/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* The page in the host's preferences: enrolment at the portal, the office's own domains, the
 * profile, and how things stand. */
#define SGP_TYPE_PREFERENCES (sgp_preferences_get_type())
G_DECLARE_FINAL_TYPE(SgpPreferences, sgp_preferences, SGP, PREFERENCES, GtkBox)

GtkWidget *sgp_preferences_new(void);
/* (nullable) no agent: the page says so. Loads everything anew. address: (nullable) what to propose
 * as the staff member's own. */
void sgp_preferences_set_agent(SgpPreferences *self, SgpAgent1 *agent, const char *address);

G_END_DECLS
