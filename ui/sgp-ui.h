/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SGP_UI_RESOURCE "/org/siegelpost/ui/"

/* Registers the templates and the translations; every widget class calls it, any number of times. A
 * linker drops the constructor that would do this by itself in a static library. */
void sgp_ui_init(void);
/* Destroys what a container holds. */
void sgp_ui_remove_children(GtkWidget *container);

G_END_DECLS
