/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the agent's list of events and passes on what was marked as done. It keeps nothing and
 * words nothing itself (sgp-words). */
#include "sgp-event-list.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-binding.h"
#include "sgp-ui.h"
#include "sgp-words.h"

#define MOST_ROWS 50

struct _SgpEventList {
	GtkBox parent_instance;

	GtkWidget *rows; /* the list box */
	GtkWidget *none; /* what stands there while it is empty, or could not be looked up */
	SgpAgentBinding *binding; /* (owned) (nullable) NULL: the list is gone */
	char *shown;              /* (owned) (nullable) what the rows were made from */
};

G_DEFINE_FINAL_TYPE(SgpEventList, sgp_event_list, GTK_TYPE_BOX)

static void dismissed(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	/* The agent says "dismissed" to everybody; if it failed, the row stays. */
	if (!sgp_agent1_call_dismiss_event_finish(SGP_AGENT1(source), result, &error))
		g_message("an event could not be marked as done: %s", error->message);
}

static void done_clicked(GtkButton *button, SgpEventList *self)
{
	const gint64 *id = g_object_get_data(G_OBJECT(button), "sgp-event");
	SgpAgent1 *agent = sgp_agent_binding_get_agent(self->binding);
	if (agent != NULL)
		sgp_agent1_call_dismiss_event(agent, *id, NULL, dismissed, NULL);
}

static GtkWidget *make_done_button(SgpEventList *self, JsonObject *event, const char *words)
{
	GtkWidget *button = gtk_button_new_with_label(_("Done"));
	gint64 *id = g_new(gint64, 1);
	*id = json_object_get_int_member_with_default(event, "id", 0);
	g_object_set_data_full(G_OBJECT(button), "sgp-event", id, g_free);
	/* Several rows have the same button: the description says what this one is about. */
	atk_object_set_description(gtk_widget_get_accessible(button), words);
	gtk_widget_set_valign(button, GTK_ALIGN_START);
	g_signal_connect_object(button, "clicked", G_CALLBACK(done_clicked), self, 0);
	return button;
}

static GtkWidget *make_row(SgpEventList *self, JsonObject *event)
{
	const char *kind = json_object_get_string_member_with_default(event, "kind", NULL);
	const char *address = json_object_get_string_member_with_default(event, "address", NULL);
	gboolean is_open = !json_object_get_boolean_member_with_default(event, "dismissed", FALSE);
	g_autofree char *when =
		sgp_words_dup_moment(json_object_get_int_member_with_default(event, "time", 0));
	g_autofree char *words = sgp_words_dup_event(kind, address);
	g_autofree char *to_do = sgp_words_dup_event_to_do(kind);
	g_autofree char *text =
		to_do != NULL && is_open
			? g_markup_printf_escaped("%s  <b>%s</b> %s", when, words, to_do)
			: g_markup_printf_escaped("%s  %s", when, words);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *label = gtk_label_new(NULL);
	GtkWidget *row = gtk_list_box_row_new();
	g_object_set(box, "margin", 4, NULL);
	gtk_label_set_markup(GTK_LABEL(label), text);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_widget_set_hexpand(label, TRUE);
	gtk_container_add(GTK_CONTAINER(box), label);
	if (to_do != NULL && is_open)
		gtk_container_add(GTK_CONTAINER(box), make_done_button(self, event, words));
	gtk_container_add(GTK_CONTAINER(row), box);
	atk_object_set_name(gtk_widget_get_accessible(row), gtk_label_get_text(GTK_LABEL(label)));
	gtk_widget_show_all(row);
	return row;
}

static void show_events(SgpEventList *self, const char *json)
{
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	JsonArray *events =
		node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	guint n = events != NULL ? json_array_get_length(events) : 0;
	if (g_strcmp0(json, self->shown) == 0)
		return;
	g_free(self->shown);
	self->shown = g_strdup(json);
	sgp_ui_remove_children(self->rows);
	for (guint i = 0; i < MIN(n, MOST_ROWS); i++) {
		JsonNode *event = json_array_get_element(events, i);
		if (JSON_NODE_HOLDS_OBJECT(event))
			gtk_container_add(GTK_CONTAINER(self->rows),
				make_row(self, json_node_get_object(event)));
	}
	gtk_widget_set_visible(self->none, n == 0);
}

/* It is not "nothing": the rows stay, and even the same list again is news after this. */
static void could_not_look(SgpEventList *self, const char *words)
{
	g_clear_pointer(&self->shown, g_free);
	gtk_label_set_text(GTK_LABEL(self->none), words);
	gtk_widget_show(self->none);
}

static void got_events(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_portal_events_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the list may be gone */
	SgpEventList *self = SGP_EVENT_LIST(user_data);
	if (json != NULL) {
		gtk_label_set_text(GTK_LABEL(self->none), _("The portal has told nothing yet."));
		show_events(self, json);
		return;
	}
	g_autofree char *words = sgp_words_dup_error_of(error);
	could_not_look(self, words);
}

static void ask(gpointer owner)
{
	SgpEventList *self = owner;
	sgp_agent1_call_portal_events(sgp_agent_binding_get_agent(self->binding),
		sgp_agent_binding_get_cancellable(self->binding), got_events, self);
}

void sgp_event_list_set_agent(SgpEventList *self, SgpAgent1 *agent)
{
	g_return_if_fail(SGP_IS_EVENT_LIST(self));
	sgp_agent_binding_set_agent(self->binding, agent);
	if (agent != NULL)
		return;
	g_autofree char *words = sgp_words_dup_error("no-agent");
	could_not_look(self, words);
}

static void sgp_event_list_dispose(GObject *object)
{
	SgpEventList *self = SGP_EVENT_LIST(object);
	g_clear_pointer(&self->binding, sgp_agent_binding_free);
	g_clear_pointer(&self->shown, g_free);
	G_OBJECT_CLASS(sgp_event_list_parent_class)->dispose(object);
}

static void sgp_event_list_class_init(SgpEventListClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_event_list_dispose;
}

static void sgp_event_list_init(SgpEventList *self)
{
	static const char *const signals[] = { "event", NULL };
	GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
	self->binding = sgp_agent_binding_new(ask, self, signals);
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scroller), 160);
	gtk_scrolled_window_set_shadow_type(GTK_SCROLLED_WINDOW(scroller), GTK_SHADOW_IN);
	self->rows = gtk_list_box_new();
	gtk_list_box_set_selection_mode(GTK_LIST_BOX(self->rows), GTK_SELECTION_NONE);
	atk_object_set_name(gtk_widget_get_accessible(self->rows), _("What the portal told"));
	self->none = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(self->none), 0);
	gtk_label_set_line_wrap(GTK_LABEL(self->none), TRUE);
	gtk_container_add(GTK_CONTAINER(scroller), self->rows);
	gtk_container_add(GTK_CONTAINER(self), self->none);
	gtk_container_add(GTK_CONTAINER(self), scroller);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(self->none, TRUE);
}

GtkWidget *sgp_event_list_new(void)
{
	return g_object_new(SGP_TYPE_EVENT_LIST, NULL);
}
