/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* What the portal told, newest first, in words; what needs a person can be marked as done. */
#define SGP_TYPE_EVENT_LIST (sgp_event_list_get_type())
G_DECLARE_FINAL_TYPE(SgpEventList, sgp_event_list, SGP, EVENT_LIST, GtkBox)

GtkWidget *sgp_event_list_new(void);
/* agent: (nullable) none: the list is empty and says so. Looks again whenever something is told. */
void sgp_event_list_set_agent(SgpEventList *self, SgpAgent1 *agent);

G_END_DECLS
