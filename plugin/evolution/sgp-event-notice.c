/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One bar for each event that needs a person, the newest few. It owns these bars; closing one by
 * hand is what "dismissed" means, and the agent remembers it. What needs nobody is in the list of
 * the preferences only. */
#include "sgp-event-notice.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-agent-link.h"
#include "sgp-portal-window.h"
#include "sgp-words.h"

#define MOST_BARS 3

struct _SgpEventNotice {
	GObject parent_instance;

	EShell *shell;             /* (borrowed) */
	GHashTable *bars;          /* (owned) event id (gint64) -> EAlert */
	GCancellable *cancellable; /* (owned) */
};

G_DEFINE_FINAL_TYPE(SgpEventNotice, sgp_event_notice, G_TYPE_OBJECT)

static void dismissed(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	if (!sgp_agent1_call_dismiss_event_finish(SGP_AGENT1(source), result, &error))
		g_message("an event could not be marked as done: %s", error->message);
}

static void closed_by_hand(EAlert *alert, int response, SgpEventNotice *self)
{
	const gint64 *id = g_object_get_data(G_OBJECT(alert), "sgp-event");
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	/* It stays in the table until the agent says that it is dismissed: no second bar meanwhile.
	 */
	if (agent != NULL)
		sgp_agent1_call_dismiss_event(agent, *id, NULL, dismissed, NULL);
}

static void take_away(SgpEventNotice *self, EAlert *alert)
{
	g_signal_handlers_disconnect_by_func(alert, closed_by_hand, self);
	e_alert_response(alert, GTK_RESPONSE_CLOSE);
}

static void show_clicked(GtkButton *button, SgpEventNotice *self)
{
	const char *kind = g_object_get_data(G_OBJECT(button), "sgp-kind");
	SgpPortalPage page = g_strcmp0(kind, "device-pending") == 0 ? SGP_PORTAL_PAGE_DEVICES
								    : SGP_PORTAL_PAGE_CUSTOMERS;
	sgp_portal_window_present(GTK_APPLICATION(self->shell),
		sgp_agent_link_get_agent(sgp_agent_link_get_default()), page,
		g_object_get_data(G_OBJECT(button), "sgp-address"));
}

/* Where what has to be done can be done. */
static void add_way(SgpEventNotice *self, EAlert *alert, JsonObject *event, const char *words)
{
	const char *kind = json_object_get_string_member_with_default(event, "kind", NULL);
	const char *address = json_object_get_string_member_with_default(event, "address", NULL);
	gboolean is_device = g_strcmp0(kind, "device-pending") == 0;
	if (address == NULL && !is_device)
		return;
	GtkWidget *button = gtk_button_new_with_label(
		is_device ? _("Show the computers…") : _("Show the customer…"));
	g_object_set_data_full(G_OBJECT(button), "sgp-kind", g_strdup(kind), g_free);
	/* A colleague's address is no customer's. */
	g_object_set_data_full(
		G_OBJECT(button), "sgp-address", is_device ? NULL : g_strdup(address), g_free);
	atk_object_set_description(gtk_widget_get_accessible(button), words);
	g_signal_connect_object(button, "clicked", G_CALLBACK(show_clicked), self, 0);
	gtk_widget_show(button);
	e_alert_add_widget(alert, button);
}

static void show_bar(SgpEventNotice *self, gint64 id, JsonObject *event, const char *to_do)
{
	g_autofree char *words =
		sgp_words_dup_event(json_object_get_string_member_with_default(event, "kind", NULL),
			json_object_get_string_member_with_default(event, "address", NULL));
	g_autofree char *text = g_strdup_printf("%s %s", words, to_do);
	EAlert *alert = e_alert_new("system:simple-warning", text, NULL);
	gint64 *key = g_memdup2(&id, sizeof id);
	g_object_set_data_full(G_OBJECT(alert), "sgp-event", g_memdup2(&id, sizeof id), g_free);
	g_signal_connect_object(alert, "response", G_CALLBACK(closed_by_hand), self, 0);
	add_way(self, alert, event, words);
	g_hash_table_insert(self->bars, key, alert);
	e_shell_submit_alert(self->shell, alert);
}

/* wanted: ids of what shall stand there. */
static void take_away_others(SgpEventNotice *self, GHashTable *wanted)
{
	GHashTableIter iter;
	gpointer id, alert;
	g_hash_table_iter_init(&iter, self->bars);
	while (g_hash_table_iter_next(&iter, &id, &alert)) {
		if (g_hash_table_contains(wanted, id))
			continue;
		take_away(self, alert);
		g_hash_table_iter_remove(&iter);
	}
}

static void show_events(SgpEventNotice *self, JsonArray *events)
{
	g_autoptr(GHashTable) wanted =
		g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	for (guint i = 0;
		i < json_array_get_length(events) && g_hash_table_size(wanted) < MOST_BARS; i++) {
		JsonNode *node = json_array_get_element(events, i);
		JsonObject *event =
			JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
		if (event == NULL ||
			json_object_get_boolean_member_with_default(event, "dismissed", FALSE))
			continue;
		g_autofree char *to_do = sgp_words_dup_event_to_do(
			json_object_get_string_member_with_default(event, "kind", NULL));
		gint64 id = json_object_get_int_member_with_default(event, "id", 0);
		if (to_do == NULL)
			continue;
		g_hash_table_add(wanted, g_memdup2(&id, sizeof id));
		if (!g_hash_table_contains(self->bars, &id))
			show_bar(self, id, event, to_do);
	}
	take_away_others(self, wanted);
}

static void got_events(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_portal_events_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the notice may be gone */
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	if (node != NULL && JSON_NODE_HOLDS_ARRAY(node))
		show_events(SGP_EVENT_NOTICE(user_data), json_node_get_array(node));
}

static void ask(SgpEventNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	if (agent != NULL)
		sgp_agent1_call_portal_events(agent, self->cancellable, got_events, self);
}

static void connect_agent(SgpEventNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	if (agent != NULL)
		g_signal_connect_object(agent, "event", G_CALLBACK(ask), self, G_CONNECT_SWAPPED);
	ask(self);
}

SgpEventNotice *sgp_event_notice_new(EShell *shell)
{
	SgpEventNotice *self = g_object_new(SGP_TYPE_EVENT_NOTICE, NULL);
	self->shell = shell;
	g_signal_connect_object(sgp_agent_link_get_default(), "changed", G_CALLBACK(connect_agent),
		self, G_CONNECT_SWAPPED);
	connect_agent(self);
	return self;
}

static void sgp_event_notice_dispose(GObject *object)
{
	SgpEventNotice *self = SGP_EVENT_NOTICE(object);
	g_autoptr(GHashTable) none = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_cancellable_cancel(self->cancellable);
	take_away_others(self, none);
	G_OBJECT_CLASS(sgp_event_notice_parent_class)->dispose(object);
}

static void sgp_event_notice_finalize(GObject *object)
{
	SgpEventNotice *self = SGP_EVENT_NOTICE(object);
	g_clear_object(&self->cancellable);
	g_hash_table_unref(self->bars);
	G_OBJECT_CLASS(sgp_event_notice_parent_class)->finalize(object);
}

static void sgp_event_notice_class_init(SgpEventNoticeClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_event_notice_dispose;
	G_OBJECT_CLASS(klass)->finalize = sgp_event_notice_finalize;
}

static void sgp_event_notice_init(SgpEventNotice *self)
{
	self->cancellable = g_cancellable_new();
	self->bars = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_object_unref);
}
