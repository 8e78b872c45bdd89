/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* Sealed mail that has not left yet, and why: to be tried again, or given up with a reason. */
#define SGP_TYPE_SPOOL_VIEW (sgp_spool_view_get_type())
G_DECLARE_FINAL_TYPE(SgpSpoolView, sgp_spool_view, SGP, SPOOL_VIEW, GtkBox)

GtkWidget *sgp_spool_view_new(void);
/* agent: (nullable) */
void sgp_spool_view_set_agent(SgpSpoolView *self, SgpAgent1 *agent);

G_END_DECLS
