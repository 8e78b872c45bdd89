/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows with words, buttons and an inline question. It owns their looks and nothing of what they are
 * about. */
#include "sgp-care-rows.h"

#include "sgp-care-form.h"
#include "sgp-ui.h"

struct _SgpCareRows {
	GtkBox parent_instance;

	GtkWidget *words;
	GtkWidget *list;
	char *shown; /* (owned) (nullable) what the rows were made from */
};

G_DEFINE_FINAL_TYPE(SgpCareRows, sgp_care_rows, GTK_TYPE_BOX)

static void sgp_care_rows_finalize(GObject *object)
{
	g_free(SGP_CARE_ROWS(object)->shown);
	G_OBJECT_CLASS(sgp_care_rows_parent_class)->finalize(object);
}

static void sgp_care_rows_class_init(SgpCareRowsClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_care_rows_finalize;
}

static GtkWidget *make_label(int width)
{
	GtkWidget *label = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), width);
	return label;
}

static void sgp_care_rows_init(SgpCareRows *self)
{
	GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 6);
	self->words = make_label(80);
	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroller), GTK_SHADOW_IN);
	gtk_widget_set_can_focus(scroller, FALSE);
	gtk_container_add(GTK_CONTAINER(scroller), self->list);
	gtk_container_add(GTK_CONTAINER(self), self->words);
	gtk_box_pack_start(GTK_BOX(self), scroller, TRUE, TRUE, 0);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(self->words, TRUE);
	gtk_widget_hide(self->words);
}

GtkWidget *sgp_care_rows_new(const char *name)
{
	SgpCareRows *self = g_object_new(SGP_TYPE_CARE_ROWS, NULL);
	atk_object_set_name(gtk_widget_get_accessible(self->list), name);
	return GTK_WIDGET(self);
}

static GtkWidget *get_place(GtkWidget *row)
{
	return g_object_get_data(G_OBJECT(row), "sgp-place");
}

/* A question stands open somewhere. */
static gboolean is_asking(SgpCareRows *self)
{
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(self->list));
	for (GList *one = rows; one != NULL; one = one->next) {
		g_autoptr(GList) forms =
			gtk_container_get_children(GTK_CONTAINER(get_place(one->data)));
		if (forms != NULL)
			return TRUE;
	}
	return FALSE;
}

gboolean sgp_care_rows_begin(SgpCareRows *self, const char *text)
{
	if (g_strcmp0(text, self->shown) == 0 || is_asking(self))
		return FALSE;
	sgp_care_rows_clear(self);
	self->shown = g_strdup(text);
	return TRUE;
}

void sgp_care_rows_clear(SgpCareRows *self)
{
	g_clear_pointer(&self->shown, g_free);
	sgp_ui_remove_children(self->list);
}

void sgp_care_rows_say(SgpCareRows *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->words), words);
	gtk_widget_set_visible(self->words, *words != '\0');
}

GtkWidget *sgp_care_rows_add(SgpCareRows *self, const char *markup)
{
	GtkWidget *row = gtk_list_box_row_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *line = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *place = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	GtkWidget *label = make_label(60);
	/* The row does nothing by itself: the keyboard goes from button to button. */
	gtk_widget_set_can_focus(row, FALSE);
	gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), FALSE);
	gtk_label_set_markup(GTK_LABEL(label), markup);
	gtk_widget_set_hexpand(label, TRUE);
	g_object_set(box, "margin", 6, NULL);
	gtk_container_add(GTK_CONTAINER(line), label);
	gtk_container_add(GTK_CONTAINER(box), line);
	gtk_container_add(GTK_CONTAINER(box), place);
	gtk_container_add(GTK_CONTAINER(row), box);
	g_object_set_data(G_OBJECT(row), "sgp-line", line);
	g_object_set_data(G_OBJECT(row), "sgp-place", place);
	atk_object_set_name(gtk_widget_get_accessible(row), gtk_label_get_text(GTK_LABEL(label)));
	gtk_container_add(GTK_CONTAINER(self->list), row);
	gtk_widget_show_all(row);
	return row;
}

GtkWidget *sgp_care_rows_add_button(GtkWidget *row, const char *label)
{
	GtkWidget *button = gtk_button_new_with_label(label);
	gtk_widget_set_valign(button, GTK_ALIGN_START);
	/* Several rows have the same button: the description says what this one is about. */
	atk_object_set_description(gtk_widget_get_accessible(button),
		atk_object_get_name(gtk_widget_get_accessible(row)));
	gtk_container_add(GTK_CONTAINER(g_object_get_data(G_OBJECT(row), "sgp-line")), button);
	gtk_widget_show(button);
	return button;
}

static void form_closed(GtkWidget *form, GtkWidget *line)
{
	gtk_widget_child_focus(line, GTK_DIR_TAB_FORWARD);
	gtk_widget_destroy(form);
}

void sgp_care_rows_ask(GtkWidget *row, GtkWidget *form)
{
	GtkWidget *place = get_place(row);
	sgp_ui_remove_children(place);
	gtk_container_add(GTK_CONTAINER(place), form);
	g_signal_connect_object(form, "closed", G_CALLBACK(form_closed),
		g_object_get_data(G_OBJECT(row), "sgp-line"), 0);
	sgp_care_form_begin(SGP_CARE_FORM(form));
}
