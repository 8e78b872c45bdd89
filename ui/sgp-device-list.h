/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* The office's computers at the portal: let a colleague's in, shut a lost one out. */
#define SGP_TYPE_DEVICE_LIST (sgp_device_list_get_type())
G_DECLARE_FINAL_TYPE(SgpDeviceList, sgp_device_list, SGP, DEVICE_LIST, GtkBox)

GtkWidget *sgp_device_list_new(void);
/* agent: (nullable) */
void sgp_device_list_set_agent(SgpDeviceList *self, SgpAgent1 *agent);

G_END_DECLS
