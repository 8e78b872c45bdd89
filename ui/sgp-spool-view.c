/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists the copies that wait for the portal or for the submission service. It asks the agent to try
 * again or to give up; what was asked to be published and was not answered yet, the agent refuses
 * to give up, and that is said. */
#include "sgp-spool-view.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-care-form.h"
#include "sgp-care-rows.h"
#include "sgp-care-words.h"

struct _SgpSpoolView {
	GtkBox parent_instance;

	GtkWidget *rows;
	SgpAgentBinding *binding; /* (owned) (nullable) NULL: the view is gone */
};

G_DEFINE_FINAL_TYPE(SgpSpoolView, sgp_spool_view, GTK_TYPE_BOX)

/* parameters: (transfer floating) */
static void give_order(GtkWidget *row, const char *method, GVariant *parameters)
{
	SgpSpoolView *self = SGP_SPOOL_VIEW(gtk_widget_get_ancestor(row, SGP_TYPE_SPOOL_VIEW));
	sgp_care_rows_order(SGP_CARE_ROWS(self->rows), self->binding, method, parameters);
}

static const char *get_id(GtkWidget *row)
{
	return g_object_get_data(G_OBJECT(row), "sgp-id");
}

static void retry_clicked(GtkButton *button, GtkWidget *row)
{
	give_order(row, "SpoolRetry", g_variant_new("(s)", get_id(row)));
}

static void drop(GtkWidget *form, const char *reason, const char *second, GtkWidget *row)
{
	give_order(row, "SpoolDrop", g_variant_new("(ss)", get_id(row), reason));
}

static void drop_clicked(GtkButton *button, GtkWidget *row)
{
	GtkWidget *form = sgp_care_form_new(
		_("The customer will not get this mail, and it cannot be brought back from here. "
		  "Your own copy stays among your sent mail. The reason is recorded."),
		_("Give this mail up"));
	sgp_care_form_add_entry(SGP_CARE_FORM(form), _("Reason"), NULL);
	g_signal_connect_object(form, "accepted", G_CALLBACK(drop), row, 0);
	sgp_care_rows_ask(row, form);
}

/* Copies for the mail program's own outbox, and what has left, are nobody's business here. */
static gboolean is_waiting(JsonObject *copy)
{
	const char *state = json_object_get_string_member_with_default(copy, "state", "failed");
	const char *way = json_object_get_string_member_with_default(copy, "channel", "");
	return !g_str_equal(state, "done") && !g_str_equal(state, "dropped") &&
	       (g_str_equal(way, "portal") || g_str_equal(way, "transport"));
}

static void add_copy(SgpSpoolView *self, JsonObject *copy)
{
	g_autofree char *what = sgp_care_words_dup_copy(copy);
	g_autofree char *why = sgp_care_words_dup_copy_state(copy);
	g_autofree char *markup =
		g_markup_printf_escaped("<b>%s</b>\n<small>%s</small>", what, why);
	GtkWidget *row = sgp_care_rows_add(SGP_CARE_ROWS(self->rows), markup);
	g_object_set_data_full(G_OBJECT(row), "sgp-id",
		g_strdup(json_object_get_string_member_with_default(copy, "id", "")), g_free);
	g_signal_connect_object(sgp_care_rows_add_button(row, _("Try again")), "clicked",
		G_CALLBACK(retry_clicked), row, 0);
	g_signal_connect_object(sgp_care_rows_add_button(row, _("Give up…")), "clicked",
		G_CALLBACK(drop_clicked), row, 0);
}

static void got_copies(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_spool_list_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the view may be gone */
	SgpSpoolView *self = SGP_SPOOL_VIEW(user_data);
	SgpCareRows *rows = SGP_CARE_ROWS(self->rows);
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	guint n_waiting = 0;
	if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node)) {
		sgp_care_rows_fail(rows, error);
		return;
	}
	if (!sgp_care_rows_begin(rows, json))
		return;
	JsonArray *copies = json_node_get_array(node);
	for (guint i = 0; i < json_array_get_length(copies); i++) {
		JsonObject *copy = json_array_get_object_element(copies, i);
		if (!is_waiting(copy))
			continue;
		add_copy(self, copy);
		n_waiting++;
	}
	sgp_care_rows_say(rows, n_waiting == 0 ? _("No sealed mail waits.") : "");
}

static void ask(gpointer owner)
{
	SgpSpoolView *self = owner;
	sgp_agent1_call_spool_list(sgp_agent_binding_get_agent(self->binding),
		sgp_agent_binding_get_cancellable(self->binding), got_copies, self);
}

void sgp_spool_view_set_agent(SgpSpoolView *self, SgpAgent1 *agent)
{
	g_return_if_fail(SGP_IS_SPOOL_VIEW(self));
	if (sgp_agent_binding_set_agent(self->binding, agent))
		sgp_care_rows_reset(SGP_CARE_ROWS(self->rows), agent != NULL);
}

/* Looked at again later: what keeps a copy may be another thing by now. */
static void mapped(SgpSpoolView *self)
{
	sgp_agent_binding_ask(self->binding);
}

static void sgp_spool_view_dispose(GObject *object)
{
	SgpSpoolView *self = SGP_SPOOL_VIEW(object);
	g_clear_pointer(&self->binding, sgp_agent_binding_free);
	G_OBJECT_CLASS(sgp_spool_view_parent_class)->dispose(object);
}

static void sgp_spool_view_class_init(SgpSpoolViewClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_spool_view_dispose;
}

static void sgp_spool_view_init(SgpSpoolView *self)
{
	static const char *const signals[] = { "g-properties-changed", "event", NULL };
	self->binding = sgp_agent_binding_new(ask, self, signals);
	self->rows = sgp_care_rows_new(_("Waiting mail"));
	g_signal_connect_object(self, "map", G_CALLBACK(mapped), self, G_CONNECT_SWAPPED);
	gtk_box_pack_start(GTK_BOX(self), self->rows, TRUE, TRUE, 0);
	gtk_widget_show(GTK_WIDGET(self));
}

GtkWidget *sgp_spool_view_new(void)
{
	return g_object_new(SGP_TYPE_SPOOL_VIEW, NULL);
}
