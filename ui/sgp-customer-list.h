/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* The portal's customers, to be searched, and beside them what can be done for the chosen one. */
#define SGP_TYPE_CUSTOMER_LIST (sgp_customer_list_get_type())
G_DECLARE_FINAL_TYPE(SgpCustomerList, sgp_customer_list, SGP, CUSTOMER_LIST, GtkBox)

GtkWidget *sgp_customer_list_new(void);
/* agent: (nullable) none: the list is empty and says so. Looks again when something changes. */
void sgp_customer_list_set_agent(SgpCustomerList *self, SgpAgent1 *agent);
/* This one is chosen, as soon as it is listed. */
void sgp_customer_list_choose(SgpCustomerList *self, const char *address);

G_END_DECLS
