/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers what all widgets need: templates and translations. Owns nothing else. */
#include "sgp-ui.h"

#include <glib/gi18n-lib.h>
#include "sgp-ui-resources.h"

void sgp_ui_init(void)
{
	static gsize done;
	if (!g_once_init_enter(&done))
		return;
	bindtextdomain(GETTEXT_PACKAGE, SGP_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	sgp_ui_register_resource();
	g_once_init_leave(&done, 1);
}

static void destroy(GtkWidget *widget, gpointer user_data)
{
	gtk_widget_destroy(widget);
}

void sgp_ui_remove_children(GtkWidget *container)
{
	gtk_container_foreach(GTK_CONTAINER(container), destroy, NULL);
}
