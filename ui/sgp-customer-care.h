/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* One customer of the portal and what staff can do: show or renew the code, renew the access after
 * the identity was checked, lock, unlock, erase. */
#define SGP_TYPE_CUSTOMER_CARE (sgp_customer_care_get_type())
G_DECLARE_FINAL_TYPE(SgpCustomerCare, sgp_customer_care, SGP, CUSTOMER_CARE, GtkBox)

GtkWidget *sgp_customer_care_new(void);
/* agent: (nullable). customer: (nullable) a member of ListCustomers; NULL: nobody is chosen. The
 * same customer again: what is being filled in, or shown, stays. */
void sgp_customer_care_show(SgpCustomerCare *self, SgpAgent1 *agent, JsonObject *customer);

G_END_DECLS
