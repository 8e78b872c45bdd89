/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window of what staff look after at the portal. It owns which page is shown; the pages know
 * what is on them. */
#include "sgp-portal-window.h"

#include <glib/gi18n-lib.h>
#include "sgp-customer-list.h"
#include "sgp-device-list.h"
#include "sgp-spool-view.h"
#include "sgp-ui.h"

struct _SgpPortalWindow {
	GtkWindow parent_instance;

	GtkWidget *stack;
	GtkWidget *customers;
	GtkWidget *waiting;
	GtkWidget *devices;
};

G_DEFINE_FINAL_TYPE(SgpPortalWindow, sgp_portal_window, GTK_TYPE_WINDOW)

static SgpPortalWindow *the_window; /* (borrowed) (nullable) while it is there; main thread only */

static gboolean key_pressed(GtkWidget *widget, GdkEventKey *event)
{
	/* First the form that has the keyboard: Escape closes only that. */
	if (GTK_WIDGET_CLASS(sgp_portal_window_parent_class)->key_press_event(widget, event))
		return GDK_EVENT_STOP;
	if (event->keyval != GDK_KEY_Escape)
		return GDK_EVENT_PROPAGATE;
	gtk_widget_destroy(widget);
	return GDK_EVENT_STOP;
}

static void sgp_portal_window_dispose(GObject *object)
{
	if (the_window == SGP_PORTAL_WINDOW(object))
		the_window = NULL;
	G_OBJECT_CLASS(sgp_portal_window_parent_class)->dispose(object);
}

static void sgp_portal_window_class_init(SgpPortalWindowClass *klass)
{
	sgp_ui_init();
	G_OBJECT_CLASS(klass)->dispose = sgp_portal_window_dispose;
	GTK_WIDGET_CLASS(klass)->key_press_event = key_pressed;
}

static const char *get_page_name(SgpPortalPage page)
{
	switch (page) {
	case SGP_PORTAL_PAGE_WAITING:
		return "waiting";
	case SGP_PORTAL_PAGE_DEVICES:
		return "devices";
	case SGP_PORTAL_PAGE_CUSTOMERS:
		break;
	}
	return "customers";
}

static void sgp_portal_window_init(SgpPortalWindow *self)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
	GtkWidget *switcher = gtk_stack_switcher_new();
	self->stack = gtk_stack_new();
	self->customers = sgp_customer_list_new();
	self->waiting = sgp_spool_view_new();
	self->devices = sgp_device_list_new();
	gtk_window_set_title(GTK_WINDOW(self), _("Siegelpost: customers at the portal"));
	gtk_window_set_icon_name(GTK_WINDOW(self), "security-high");
	gtk_window_set_default_size(GTK_WINDOW(self), 860, 560);
	gtk_window_set_position(GTK_WINDOW(self), GTK_WIN_POS_CENTER);
	gtk_stack_add_titled(GTK_STACK(self->stack), self->customers, "customers", _("Customers"));
	gtk_stack_add_titled(GTK_STACK(self->stack), self->waiting, "waiting", _("Waiting mail"));
	gtk_stack_add_titled(GTK_STACK(self->stack), self->devices, "devices", _("Computers"));
	gtk_stack_switcher_set_stack(GTK_STACK_SWITCHER(switcher), GTK_STACK(self->stack));
	gtk_widget_set_halign(switcher, GTK_ALIGN_CENTER);
	g_object_set(box, "margin", 12, NULL);
	gtk_container_add(GTK_CONTAINER(box), switcher);
	gtk_box_pack_start(GTK_BOX(box), self->stack, TRUE, TRUE, 0);
	gtk_container_add(GTK_CONTAINER(self), box);
	gtk_widget_show_all(box);
}

void sgp_portal_window_present(
	GtkApplication *application, SgpAgent1 *agent, SgpPortalPage page, const char *address)
{
	if (the_window == NULL)
		the_window = g_object_new(SGP_TYPE_PORTAL_WINDOW, "application", application, NULL);
	sgp_customer_list_set_agent(SGP_CUSTOMER_LIST(the_window->customers), agent);
	sgp_spool_view_set_agent(SGP_SPOOL_VIEW(the_window->waiting), agent);
	sgp_device_list_set_agent(SGP_DEVICE_LIST(the_window->devices), agent);
	if (address != NULL)
		sgp_customer_list_choose(SGP_CUSTOMER_LIST(the_window->customers), address);
	gtk_stack_set_visible_child_name(GTK_STACK(the_window->stack), get_page_name(page));
	gtk_window_present(GTK_WINDOW(the_window));
	/* Not before it is there: the keyboard would stay at the top. */
	gtk_widget_child_focus(the_window->stack, GTK_DIR_TAB_FORWARD);
}
