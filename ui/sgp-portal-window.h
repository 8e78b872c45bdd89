/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* Everything of the portal that staff look after: customers, waiting mail, computers. One window
 * per program, not modal. */
#define SGP_TYPE_PORTAL_WINDOW (sgp_portal_window_get_type())
G_DECLARE_FINAL_TYPE(SgpPortalWindow, sgp_portal_window, SGP, PORTAL_WINDOW, GtkWindow)

/* Zero: what the window is for. */
typedef enum {
	SGP_PORTAL_PAGE_CUSTOMERS = 0,
	SGP_PORTAL_PAGE_WAITING,
	SGP_PORTAL_PAGE_DEVICES,
} SgpPortalPage;

/* Brings the window up, a new one if there is none. application: (nullable) keeps it open.
 * agent: (nullable). address: (nullable) the customer to begin with. */
void sgp_portal_window_present(
	GtkApplication *application, SgpAgent1 *agent, SgpPortalPage page, const char *address);

G_END_DECLS
