/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists the portal's customers and passes the chosen one to its panel (sgp-customer-care). It keeps
 * nothing: the list is asked for anew whenever the agent says that something changed. */
#include "sgp-customer-list.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-binding.h"
#include "sgp-care-words.h"
#include "sgp-customer-care.h"
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpCustomerList {
	GtkBox parent_instance;

	GtkWidget *search;
	GtkWidget *none; /* what stands there instead of rows */
	GtkWidget *rows;
	GtkWidget *care;
	SgpAgentBinding *binding; /* (owned) (nullable) NULL: the list is gone */
	JsonArray *customers;     /* (owned) (nullable) NULL: not known yet */
	char *shown;              /* (owned) (nullable) what the rows were made from */
	char *chosen;             /* (owned) (nullable) address */
	guint n_shown;            /* rows */
	gboolean filling;         /* the rows are being made: their signals are not the user's */
};

G_DEFINE_FINAL_TYPE(SgpCustomerList, sgp_customer_list, GTK_TYPE_BOX)

static const char *get_address(JsonObject *customer)
{
	return json_object_get_string_member_with_default(customer, "address", "");
}

static GtkWidget *make_row(JsonObject *customer)
{
	g_autofree char *state = sgp_care_words_dup_customer(customer);
	g_autofree char *text =
		g_markup_printf_escaped("%s\n<small>%s</small>", get_address(customer), state);
	GtkWidget *row = gtk_list_box_row_new();
	GtkWidget *label = gtk_label_new(NULL);
	gtk_label_set_markup(GTK_LABEL(label), text);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 34);
	g_object_set(label, "margin", 4, NULL);
	gtk_container_add(GTK_CONTAINER(row), label);
	g_object_set_data_full(
		G_OBJECT(row), "sgp-address", g_strdup(get_address(customer)), g_free);
	atk_object_set_name(gtk_widget_get_accessible(row), gtk_label_get_text(GTK_LABEL(label)));
	gtk_widget_show_all(row);
	return row;
}

/* (transfer none) (nullable) */
static JsonObject *find_chosen(SgpCustomerList *self)
{
	for (guint i = 0; self->customers != NULL && i < json_array_get_length(self->customers);
		i++) {
		JsonObject *one = json_array_get_object_element(self->customers, i);
		if (g_strcmp0(get_address(one), self->chosen) == 0)
			return one;
	}
	return NULL;
}

static void show_chosen(SgpCustomerList *self)
{
	sgp_customer_care_show(SGP_CUSTOMER_CARE(self->care),
		sgp_agent_binding_get_agent(self->binding), find_chosen(self));
}

static void row_selected(GtkListBox *rows, GtkListBoxRow *row, SgpCustomerList *self)
{
	if (self->filling || row == NULL)
		return;
	g_free(self->chosen);
	self->chosen = g_strdup(g_object_get_data(G_OBJECT(row), "sgp-address"));
	show_chosen(self);
}

static void say_instead(SgpCustomerList *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->none), words);
	gtk_widget_set_visible(self->none, *words != '\0');
}

static void fill_words(SgpCustomerList *self)
{
	if (self->customers != NULL && self->n_shown == 0)
		say_instead(self, json_array_get_length(self->customers) == 0
					  ? _("The portal has no customers yet.")
					  : _("No customer has such an address."));
	else if (self->customers != NULL)
		say_instead(self, "");
}

static void fill(SgpCustomerList *self)
{
	g_autofree char *wanted = g_utf8_casefold(gtk_entry_get_text(GTK_ENTRY(self->search)), -1);
	guint n_shown = 0;
	gboolean has_keyboard = gtk_container_get_focus_child(GTK_CONTAINER(self->rows)) != NULL;
	self->filling = TRUE;
	sgp_ui_remove_children(self->rows);
	for (guint i = 0; self->customers != NULL && i < json_array_get_length(self->customers);
		i++) {
		JsonObject *customer = json_array_get_object_element(self->customers, i);
		g_autofree char *address = g_utf8_casefold(get_address(customer), -1);
		if (strstr(address, wanted) == NULL)
			continue;
		GtkWidget *row = make_row(customer);
		gtk_container_add(GTK_CONTAINER(self->rows), row);
		n_shown++;
		if (g_strcmp0(get_address(customer), self->chosen) != 0)
			continue;
		gtk_list_box_select_row(GTK_LIST_BOX(self->rows), GTK_LIST_BOX_ROW(row));
		if (has_keyboard)
			gtk_widget_grab_focus(row);
	}
	self->filling = FALSE;
	self->n_shown = n_shown;
	fill_words(self);
	show_chosen(self);
}

static void got_customers(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_list_customers_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the list may be gone */
	SgpCustomerList *self = SGP_CUSTOMER_LIST(user_data);
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	JsonNode *list = node != NULL && JSON_NODE_HOLDS_OBJECT(node)
				 ? json_object_get_member(json_node_get_object(node), "customers")
				 : NULL;
	if (list != NULL && JSON_NODE_HOLDS_ARRAY(list)) {
		/* The same again: the rows stay, and the keyboard where it is. */
		if (g_strcmp0(json, self->shown) == 0) {
			fill_words(self);
			return;
		}
		g_free(self->shown);
		self->shown = g_strdup(json);
		g_clear_pointer(&self->customers, json_array_unref);
		self->customers = json_array_ref(json_node_get_array(list));
		fill(self);
		return;
	}
	/* Could not look is not "nobody": what was listed stays, and is said to be old. */
	g_autofree char *words = sgp_care_words_dup_error(error);
	say_instead(self, words);
}

static void ask(gpointer owner)
{
	SgpCustomerList *self = owner;
	sgp_agent1_call_list_customers(sgp_agent_binding_get_agent(self->binding),
		sgp_agent_binding_get_cancellable(self->binding), got_customers, self);
}

void sgp_customer_list_set_agent(SgpCustomerList *self, SgpAgent1 *agent)
{
	g_return_if_fail(SGP_IS_CUSTOMER_LIST(self));
	if (!sgp_agent_binding_set_agent(self->binding, agent))
		return;
	g_autofree char *words =
		agent != NULL ? g_strdup(_("One moment…")) : sgp_words_dup_error("no-agent");
	g_clear_pointer(&self->customers, json_array_unref);
	g_clear_pointer(&self->shown, g_free);
	fill(self);
	say_instead(self, words);
}

void sgp_customer_list_choose(SgpCustomerList *self, const char *address)
{
	g_return_if_fail(SGP_IS_CUSTOMER_LIST(self));
	g_free(self->chosen);
	self->chosen = g_strdup(address);
	gtk_entry_set_text(GTK_ENTRY(self->search), "");
	fill(self);
}

static void sgp_customer_list_dispose(GObject *object)
{
	SgpCustomerList *self = SGP_CUSTOMER_LIST(object);
	g_clear_pointer(&self->binding, sgp_agent_binding_free);
	g_clear_pointer(&self->customers, json_array_unref);
	g_clear_pointer(&self->chosen, g_free);
	g_clear_pointer(&self->shown, g_free);
	G_OBJECT_CLASS(sgp_customer_list_parent_class)->dispose(object);
}

static void sgp_customer_list_class_init(SgpCustomerListClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_customer_list_dispose;
}

static GtkWidget *make_left(SgpCustomerList *self)
{
	GtkWidget *left = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
	self->search = gtk_search_entry_new();
	atk_object_set_name(gtk_widget_get_accessible(self->search), _("Search by address"));
	gtk_entry_set_placeholder_text(GTK_ENTRY(self->search), _("Search by address"));
	self->none = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->none), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->none), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(self->none), 34);
	self->rows = gtk_list_box_new();
	atk_object_set_name(gtk_widget_get_accessible(self->rows), _("Customers"));
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroller), GTK_SHADOW_IN);
	gtk_widget_set_size_request(left, 280, -1);
	gtk_widget_set_can_focus(scroller, FALSE);
	gtk_container_add(GTK_CONTAINER(scroller), self->rows);
	gtk_container_add(GTK_CONTAINER(left), self->search);
	gtk_container_add(GTK_CONTAINER(left), self->none);
	gtk_box_pack_start(GTK_BOX(left), scroller, TRUE, TRUE, 0);
	return left;
}

static void sgp_customer_list_init(SgpCustomerList *self)
{
	static const char *const signals[] = { "changed", "event", NULL };
	GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
	self->binding = sgp_agent_binding_new(ask, self, signals);
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_HORIZONTAL);
	gtk_box_set_spacing(GTK_BOX(self), 12);
	gtk_container_add(GTK_CONTAINER(self), make_left(self));
	self->care = sgp_customer_care_new();
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	/* The keyboard goes to its buttons. */
	gtk_widget_set_can_focus(scroller, FALSE);
	gtk_container_add(GTK_CONTAINER(scroller), self->care);
	gtk_box_pack_start(GTK_BOX(self), scroller, TRUE, TRUE, 0);
	g_signal_connect_object(
		self->search, "search-changed", G_CALLBACK(fill), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->rows, "row-selected", G_CALLBACK(row_selected), self, 0);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(self->none, TRUE);
	fill(self);
}

GtkWidget *sgp_customer_list_new(void)
{
	return g_object_new(SGP_TYPE_CUSTOMER_LIST, NULL);
}
