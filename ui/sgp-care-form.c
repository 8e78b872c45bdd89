/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inline question before staff do something to a customer, a device or a copy. It owns that
 * nothing is done before everything is filled in and ticked; it does nothing itself. */
#include "sgp-care-form.h"

#include <glib/gi18n-lib.h>

#define MOST_ENTRIES 2

struct _SgpCareForm {
	GtkBox parent_instance;

	GtkWidget *entries[MOST_ENTRIES]; /* (nullable) */
	GtkWidget *tick;                  /* (nullable) */
	GtkWidget *buttons;
	GtkWidget *accept;
	GtkWidget *close;
};

G_DEFINE_FINAL_TYPE(SgpCareForm, sgp_care_form, GTK_TYPE_BOX)

static guint accepted_signal, closed_signal;

static char *dup_text(SgpCareForm *self, gsize n)
{
	return self->entries[n] != NULL
		       ? g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->entries[n]))))
		       : g_strdup("");
}

static gboolean is_complete(SgpCareForm *self)
{
	for (gsize i = 0; i < MOST_ENTRIES; i++) {
		g_autofree char *text = dup_text(self, i);
		if (self->entries[i] != NULL && *text == '\0')
			return FALSE;
	}
	return self->tick == NULL || gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(self->tick));
}

static void update(SgpCareForm *self)
{
	gtk_widget_set_sensitive(self->accept, is_complete(self));
}

static void accept_clicked(SgpCareForm *self)
{
	g_autofree char *first = dup_text(self, 0), *second = dup_text(self, 1);
	if (is_complete(self))
		g_signal_emit(self, accepted_signal, 0, first, second);
}

static void close_clicked(SgpCareForm *self)
{
	g_signal_emit(self, closed_signal, 0);
}

static gboolean key_pressed(GtkWidget *widget, GdkEventKey *event)
{
	if (event->keyval == GDK_KEY_Escape) {
		close_clicked(SGP_CARE_FORM(widget));
		return GDK_EVENT_STOP;
	}
	return GTK_WIDGET_CLASS(sgp_care_form_parent_class)->key_press_event(widget, event);
}

static void sgp_care_form_class_init(SgpCareFormClass *klass)
{
	GTK_WIDGET_CLASS(klass)->key_press_event = key_pressed;
	accepted_signal = g_signal_new("accepted", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0,
		NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
	closed_signal = g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
		NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_care_form_init(SgpCareForm *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 6);
	self->buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	self->accept = gtk_button_new();
	self->close = gtk_button_new_with_label(_("Never mind"));
	g_signal_connect_object(
		self->accept, "clicked", G_CALLBACK(accept_clicked), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		self->close, "clicked", G_CALLBACK(close_clicked), self, G_CONNECT_SWAPPED);
	gtk_container_add(GTK_CONTAINER(self->buttons), self->accept);
	gtk_container_add(GTK_CONTAINER(self->buttons), self->close);
}

static GtkWidget *make_label(const char *words)
{
	GtkWidget *label = gtk_label_new(words);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	return label;
}

GtkWidget *sgp_care_form_new(const char *words, const char *action)
{
	SgpCareForm *self = g_object_new(SGP_TYPE_CARE_FORM, NULL);
	gtk_button_set_label(GTK_BUTTON(self->accept), action);
	gtk_container_add(GTK_CONTAINER(self), make_label(words));
	gtk_box_pack_end(GTK_BOX(self), self->buttons, FALSE, FALSE, 0);
	return GTK_WIDGET(self);
}

void sgp_care_form_add_entry(SgpCareForm *self, const char *label, const char *text)
{
	gsize n = self->entries[0] == NULL ? 0 : 1;
	g_return_if_fail(SGP_IS_CARE_FORM(self) && self->entries[n] == NULL);
	GtkWidget *entry = gtk_entry_new();
	self->entries[n] = entry;
	gtk_container_add(GTK_CONTAINER(self), make_label(label));
	gtk_entry_set_text(GTK_ENTRY(entry), text != NULL ? text : "");
	atk_object_set_name(gtk_widget_get_accessible(entry), label);
	g_signal_connect_object(entry, "changed", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		entry, "activate", G_CALLBACK(accept_clicked), self, G_CONNECT_SWAPPED);
	gtk_container_add(GTK_CONTAINER(self), entry);
}

void sgp_care_form_add_tick(SgpCareForm *self, const char *label)
{
	g_return_if_fail(SGP_IS_CARE_FORM(self) && self->tick == NULL);
	GtkWidget *words = make_label(label);
	self->tick = gtk_check_button_new();
	gtk_container_add(GTK_CONTAINER(self->tick), words);
	atk_object_set_name(gtk_widget_get_accessible(self->tick), label);
	g_signal_connect_object(self->tick, "toggled", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	gtk_container_add(GTK_CONTAINER(self), self->tick);
}

void sgp_care_form_begin(SgpCareForm *self)
{
	g_return_if_fail(SGP_IS_CARE_FORM(self));
	GtkWidget *first = self->close;
	gtk_widget_show_all(GTK_WIDGET(self));
	update(self);
	if (self->tick != NULL)
		first = self->tick;
	for (gsize i = MOST_ENTRIES; i-- > 0;) {
		g_autofree char *text = dup_text(self, i);
		if (self->entries[i] != NULL && *text == '\0')
			first = self->entries[i];
	}
	gtk_widget_grab_focus(first);
}
