/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window that comes up after a mail to customers who are not registered yet. It owns what is
 * said about their codes as a whole; each code is shown by its own box (sgp-code-box). */
#include "sgp-invitation-window.h"

#include "sgp-code-box.h"
#include "sgp-ui.h"

struct _SgpInvitationWindow {
	GtkWindow parent_instance;

	GtkWidget *invitations; /* (template child) */
};

G_DEFINE_FINAL_TYPE(SgpInvitationWindow, sgp_invitation_window, GTK_TYPE_WINDOW)

static void close_clicked(SgpInvitationWindow *self)
{
	gtk_widget_destroy(GTK_WIDGET(self));
}

static void sgp_invitation_window_class_init(SgpInvitationWindowClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-invitation-window.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpInvitationWindow, invitations);
	gtk_widget_class_bind_template_callback(widget_class, close_clicked);
}

static void sgp_invitation_window_init(SgpInvitationWindow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_invitation_window_new(
	GtkApplication *application, SgpAgent1 *agent, JsonArray *invitations)
{
	SgpInvitationWindow *self =
		g_object_new(SGP_TYPE_INVITATION_WINDOW, "application", application, NULL);
	for (guint i = 0; i < json_array_get_length(invitations); i++) {
		GtkWidget *box = sgp_code_box_new(
			agent, json_array_get_object_element(invitations, i), SGP_CODE_INVITATION);
		if (box != NULL)
			gtk_container_add(GTK_CONTAINER(self->invitations), box);
	}
	return GTK_WIDGET(self);
}
