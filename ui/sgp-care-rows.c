/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows with words, buttons and an inline question. It owns their looks, that one order is given at
 * a time and that its outcome is read, and nothing of what they are about. */
#include "sgp-care-rows.h"

#include <glib/gi18n-lib.h>
#include "sgp-care-form.h"
#include "sgp-care-words.h"
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpCareRows {
	GtkBox parent_instance;

	GtkWidget
		*refusal; /* of the last order: the list that is asked for anew must not hide it */
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
	self->refusal = make_label(80);
	self->words = make_label(80);
	self->list = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->list), GTK_SELECTION_NONE);
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroller), GTK_SHADOW_IN);
	gtk_widget_set_can_focus(scroller, FALSE);
	gtk_container_add(GTK_CONTAINER(scroller), self->list);
	gtk_container_add(GTK_CONTAINER(self), self->refusal);
	gtk_container_add(GTK_CONTAINER(self), self->words);
	gtk_box_pack_start(GTK_BOX(self), scroller, TRUE, TRUE, 0);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(self->refusal, TRUE);
	gtk_widget_hide(self->refusal);
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

/* "": nothing stands there. */
static void set_words(GtkWidget *label, const char *words)
{
	gtk_label_set_text(GTK_LABEL(label), words);
	gtk_widget_set_visible(label, *words != '\0');
}

static void clear(SgpCareRows *self)
{
	g_clear_pointer(&self->shown, g_free);
	sgp_ui_remove_children(self->list);
}

gboolean sgp_care_rows_begin(SgpCareRows *self, const char *text)
{
	if (g_strcmp0(text, self->shown) == 0 || is_asking(self))
		return FALSE;
	clear(self);
	self->shown = g_strdup(text);
	return TRUE;
}

void sgp_care_rows_reset(SgpCareRows *self, gboolean has_agent)
{
	g_autofree char *words =
		has_agent ? g_strdup(_("One moment…")) : sgp_words_dup_error("no-agent");
	clear(self);
	gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
	set_words(self->refusal, "");
	set_words(self->words, words);
}

void sgp_care_rows_say(SgpCareRows *self, const char *words)
{
	set_words(self->words, words);
}

void sgp_care_rows_fail(SgpCareRows *self, const GError *error)
{
	g_autofree char *words = sgp_care_words_dup_error(error);
	set_words(self->words, words);
	/* Even the same list again is news after this. */
	g_clear_pointer(&self->shown, g_free);
}

typedef struct {
	SgpCareRows *rows;        /* (owned) */
	SgpAgentBinding *binding; /* (borrowed) its end cancels the order */
} Order;

static void ordered(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autofree Order *order = user_data;
	g_autoptr(SgpCareRows) self = order->rows;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the window may be gone */
	g_autofree char *refusal = answer == NULL ? sgp_care_words_dup_error(error) : g_strdup("");
	gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
	clear(self);
	set_words(self->words, "");
	set_words(self->refusal, refusal);
	sgp_agent_binding_ask(order->binding);
}

void sgp_care_rows_order(
	SgpCareRows *self, SgpAgentBinding *binding, const char *method, GVariant *parameters)
{
	g_autoptr(GVariant) kept = g_variant_ref_sink(parameters);
	SgpAgent1 *agent = sgp_agent_binding_get_agent(binding);
	if (agent == NULL)
		return;
	Order *order = g_new0(Order, 1);
	order->rows = g_object_ref(self);
	order->binding = binding;
	gtk_widget_set_sensitive(GTK_WIDGET(self), FALSE);
	set_words(self->refusal, "");
	set_words(self->words, _("One moment…"));
	g_dbus_proxy_call(G_DBUS_PROXY(agent), method, kept, G_DBUS_CALL_FLAGS_NONE,
		SGP_CARE_TIMEOUT_MS, sgp_agent_binding_get_cancellable(binding), ordered, order);
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
