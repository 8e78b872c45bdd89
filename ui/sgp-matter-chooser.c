/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists the matters that the agent knows and lets staff name a new one. It makes a matter only when
 * it is told to commit. */
#include "sgp-matter-chooser.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-ui.h"

#define NEW_MATTER "\001new" /* no reference can begin like this */

struct _SgpMatterChooser {
	GtkBox parent_instance;

	GtkWidget *matters;    /* (template child) */
	GtkWidget *new_matter; /* (template child) */
	GtkWidget *reference;  /* (template child) */
	GtkWidget *title;      /* (template child) */
	SgpAgent1 *agent;      /* (owned) (nullable) */
	GCancellable *loading; /* (owned) (nullable) */
	char *selected;        /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE(SgpMatterChooser, sgp_matter_chooser, GTK_TYPE_BOX)

static void matter_changed(SgpMatterChooser *self)
{
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->matters));
	gtk_widget_set_visible(self->new_matter, g_strcmp0(id, NEW_MATTER) == 0);
}

static void sgp_matter_chooser_dispose(GObject *object)
{
	SgpMatterChooser *self = SGP_MATTER_CHOOSER(object);
	if (self->loading != NULL)
		g_cancellable_cancel(self->loading);
	g_clear_object(&self->loading);
	g_clear_object(&self->agent);
	g_clear_pointer(&self->selected, g_free);
	G_OBJECT_CLASS(sgp_matter_chooser_parent_class)->dispose(object);
}

static void sgp_matter_chooser_class_init(SgpMatterChooserClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_matter_chooser_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-matter-chooser.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpMatterChooser, matters);
	gtk_widget_class_bind_template_child(widget_class, SgpMatterChooser, new_matter);
	gtk_widget_class_bind_template_child(widget_class, SgpMatterChooser, reference);
	gtk_widget_class_bind_template_child(widget_class, SgpMatterChooser, title);
	gtk_widget_class_bind_template_callback(widget_class, matter_changed);
}

static void sgp_matter_chooser_init(SgpMatterChooser *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_matter_chooser_new(void)
{
	return g_object_new(SGP_TYPE_MATTER_CHOOSER, NULL);
}

static void add_matter(SgpMatterChooser *self, JsonObject *matter)
{
	const char *reference =
		json_object_get_string_member_with_default(matter, "reference", NULL);
	const char *title = json_object_get_string_member_with_default(matter, "title", "");
	JsonNode *closed = json_object_get_member(matter, "closed");
	gboolean is_open =
		closed == NULL || JSON_NODE_HOLDS_NULL(closed) ||
		(JSON_NODE_HOLDS_VALUE(closed) && !json_node_get_boolean(closed) &&
			json_node_get_int(closed) == 0 && json_node_get_string(closed) == NULL);
	if (reference == NULL || !is_open)
		return;
	g_autofree char *text =
		*title != '\0' ? g_strdup_printf("%s – %s", reference, title) : g_strdup(reference);
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->matters), reference, text);
}

static void show_matters(SgpMatterChooser *self, const char *json)
{
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	JsonArray *matters = NULL;
	if (node != NULL && JSON_NODE_HOLDS_ARRAY(node))
		matters = json_node_get_array(node);
	else if (node != NULL && JSON_NODE_HOLDS_OBJECT(node) &&
		 json_object_has_member(json_node_get_object(node), "matters"))
		matters = json_object_get_array_member(json_node_get_object(node), "matters");

	gtk_combo_box_text_remove_all(GTK_COMBO_BOX_TEXT(self->matters));
	for (guint i = 0; matters != NULL && i < json_array_get_length(matters); i++)
		add_matter(self, json_array_get_object_element(matters, i));
	gtk_combo_box_text_append(GTK_COMBO_BOX_TEXT(self->matters), NEW_MATTER, _("New matter…"));
	if (self->selected == NULL ||
		!gtk_combo_box_set_active_id(GTK_COMBO_BOX(self->matters), self->selected))
		gtk_combo_box_set_active(GTK_COMBO_BOX(self->matters), 0);
}

static void matters_listed(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_list_matters_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the widget may be gone */
	show_matters(SGP_MATTER_CHOOSER(user_data), json);
}

void sgp_matter_chooser_load(SgpMatterChooser *self, SgpAgent1 *agent, const char *selected)
{
	g_return_if_fail(SGP_IS_MATTER_CHOOSER(self));
	if (self->loading != NULL)
		g_cancellable_cancel(self->loading);
	g_clear_object(&self->loading);
	self->loading = g_cancellable_new();
	g_set_object(&self->agent, agent);
	g_free(self->selected);
	self->selected = g_strdup(selected);
	show_matters(self, NULL);
	if (agent != NULL)
		sgp_agent1_call_list_matters(agent, self->loading, matters_listed, self);
}

gboolean sgp_matter_chooser_is_filled(SgpMatterChooser *self)
{
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->matters));
	if (g_strcmp0(id, NEW_MATTER) == 0)
		return gtk_entry_get_text_length(GTK_ENTRY(self->reference)) > 0;
	return id != NULL;
}

static void matter_added(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;
	if (!sgp_agent1_call_add_matter_finish(SGP_AGENT1(source), result, &error))
		g_task_return_error(task, error);
	else
		g_task_return_pointer(task, g_strdup(g_task_get_task_data(task)), g_free);
}

void sgp_matter_chooser_commit_async(
	SgpMatterChooser *self, GAsyncReadyCallback callback, gpointer user_data)
{
	g_return_if_fail(SGP_IS_MATTER_CHOOSER(self));
	g_autoptr(GTask) task = g_task_new(self, NULL, callback, user_data);
	const char *id = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->matters));
	if (g_strcmp0(id, NEW_MATTER) != 0) {
		g_task_return_pointer(task, g_strdup(id), g_free);
		return;
	}
	g_autofree char *reference =
		g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->reference))));
	if (self->agent == NULL) {
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED, "no agent");
		return;
	}
	g_task_set_task_data(task, g_strdup(reference), g_free);
	sgp_agent1_call_add_matter(self->agent, reference,
		gtk_entry_get_text(GTK_ENTRY(self->title)), NULL, matter_added,
		g_steal_pointer(&task));
}

char *sgp_matter_chooser_commit_finish(SgpMatterChooser *self, GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
