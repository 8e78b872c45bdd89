/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists the computers of the office. It owns that nobody lets one in without having been asked
 * whether the fingerprint was compared: the portal could show a computer of its own and would get
 * the office key (test "a colleague's computer is let in after the fingerprint was compared"). */
#include "sgp-device-list.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-care-form.h"
#include "sgp-care-rows.h"
#include "sgp-care-words.h"
#include "sgp-words.h"

struct _SgpDeviceList {
	GtkBox parent_instance;

	GtkWidget *rows;
	SgpAgentBinding *binding; /* (owned) (nullable) NULL: the list is gone */
	char *own;                /* (owned) (nullable) fingerprint of this computer's key */
};

G_DEFINE_FINAL_TYPE(SgpDeviceList, sgp_device_list, GTK_TYPE_BOX)

static const char *get_text(GtkWidget *row, const char *name)
{
	return g_object_get_data(G_OBJECT(row), name);
}

/* parameters: (transfer floating) */
static void give_order(GtkWidget *row, const char *method, GVariant *parameters)
{
	SgpDeviceList *self = SGP_DEVICE_LIST(gtk_widget_get_ancestor(row, SGP_TYPE_DEVICE_LIST));
	sgp_care_rows_order(SGP_CARE_ROWS(self->rows), self->binding, method, parameters);
}

static void let_in(GtkWidget *form, const char *first, const char *second, GtkWidget *row)
{
	give_order(row, "ApproveDevice",
		g_variant_new("(ss)", get_text(row, "sgp-id"), get_text(row, "sgp-fingerprint")));
}

static void shut_out(GtkWidget *form, const char *first, const char *second, GtkWidget *row)
{
	give_order(row, "RevokeDevice", g_variant_new("(s)", get_text(row, "sgp-id")));
}

static void approve_clicked(GtkButton *button, GtkWidget *row)
{
	g_autofree char *shown = sgp_care_words_dup_fingerprint(get_text(row, "sgp-fingerprint"));
	g_autofree char *words = g_strdup_printf(
		_("Call your colleague on a number that you know. On the new computer the same "
		  "fingerprint stands in the preferences under Siegelpost. Compare every "
		  "character:\n\n%s\n\nWhoever is let in can read the mail of all customers."),
		shown);
	GtkWidget *form = sgp_care_form_new(words, _("Let this computer in"));
	sgp_care_form_add_tick(SGP_CARE_FORM(form),
		_("My colleague has read out exactly this fingerprint to me."));
	g_signal_connect_object(form, "accepted", G_CALLBACK(let_in), row, 0);
	sgp_care_rows_ask(row, form);
}

static void revoke_clicked(GtkButton *button, GtkWidget *row)
{
	GtkWidget *form = sgp_care_form_new(
		g_object_get_data(G_OBJECT(row), "sgp-own") != NULL
			? _("This is the computer in front of you. It can send nothing by portal "
			    "any more until it is enrolled and let in anew.")
			: _("This computer is shut out at once and cannot be let in again; it has "
			    "to be enrolled anew. Mail that was sent from it stays."),
		_("Shut this computer out"));
	g_signal_connect_object(form, "accepted", G_CALLBACK(shut_out), row, 0);
	sgp_care_rows_ask(row, form);
}

static void add_device(SgpDeviceList *self, JsonObject *device)
{
	const char *state = json_object_get_string_member_with_default(device, "state", NULL);
	const char *fingerprint =
		json_object_get_string_member_with_default(device, "fingerprint", NULL);
	gboolean is_own = fingerprint != NULL && g_strcmp0(fingerprint, self->own) == 0;
	g_autofree char *words = sgp_care_words_dup_device_state(state);
	g_autofree char *since =
		sgp_words_dup_moment(json_object_get_int_member_with_default(device, "created", 0));
	g_autofree char *line = g_strdup_printf(
		is_own ? _("%s, enrolled %s (this computer)") : _("%s, enrolled %s"), words, since);
	g_autofree char *markup = g_markup_printf_escaped("<b>%s</b>  %s\n<small>%s</small>",
		json_object_get_string_member_with_default(device, "staff", "?"),
		json_object_get_string_member_with_default(device, "name", ""), line);
	GtkWidget *row = sgp_care_rows_add(SGP_CARE_ROWS(self->rows), markup);
	g_object_set_data_full(G_OBJECT(row), "sgp-id",
		g_strdup(json_object_get_string_member_with_default(device, "id", "")), g_free);
	g_object_set_data_full(G_OBJECT(row), "sgp-fingerprint", g_strdup(fingerprint), g_free);
	g_object_set_data(G_OBJECT(row), "sgp-own", is_own ? row : NULL);
	if (g_strcmp0(state, "pending") == 0 && fingerprint != NULL)
		g_signal_connect_object(sgp_care_rows_add_button(row, _("Let in…")), "clicked",
			G_CALLBACK(approve_clicked), row, 0);
	if (g_strcmp0(state, "revoked") != 0)
		g_signal_connect_object(sgp_care_rows_add_button(row, _("Shut out…")), "clicked",
			G_CALLBACK(revoke_clicked), row, 0);
}

/* Who waits comes first, who is shut out last. */
static void show_devices(SgpDeviceList *self, JsonArray *devices)
{
	static const char *const order[] = { "pending", "approved", "revoked" };
	guint n = json_array_get_length(devices);
	for (gsize turn = 0; turn <= G_N_ELEMENTS(order); turn++)
		for (guint i = 0; i < n; i++) {
			JsonObject *device = json_array_get_object_element(devices, i);
			const char *state =
				json_object_get_string_member_with_default(device, "state", "");
			gsize place = 0;
			while (place < G_N_ELEMENTS(order) && !g_str_equal(order[place], state))
				place++;
			if (place == turn)
				add_device(self, device);
		}
	sgp_care_rows_say(SGP_CARE_ROWS(self->rows),
		n == 0 ? _("No computer is enrolled at the portal.") : "");
}

static void got_devices(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_list_devices_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the list may be gone */
	SgpDeviceList *self = SGP_DEVICE_LIST(user_data);
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	JsonNode *list = node != NULL && JSON_NODE_HOLDS_OBJECT(node)
				 ? json_object_get_member(json_node_get_object(node), "devices")
				 : NULL;
	if (list == NULL || !JSON_NODE_HOLDS_ARRAY(list))
		sgp_care_rows_fail(SGP_CARE_ROWS(self->rows), error);
	else if (sgp_care_rows_begin(SGP_CARE_ROWS(self->rows), json))
		show_devices(self, json_node_get_array(list));
}

static void got_status(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autofree char *json = NULL;
	g_autoptr(GError) error = NULL;
	sgp_agent1_call_portal_status_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	SgpDeviceList *self = SGP_DEVICE_LIST(user_data);
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	g_free(self->own);
	self->own = node != NULL && JSON_NODE_HOLDS_OBJECT(node)
			    ? g_strdup(json_object_get_string_member_with_default(
				      json_node_get_object(node), "staff_fingerprint", NULL))
			    : NULL;
	sgp_agent1_call_list_devices(SGP_AGENT1(source),
		sgp_agent_binding_get_cancellable(self->binding), got_devices, self);
}

static void ask(gpointer owner)
{
	SgpDeviceList *self = owner;
	sgp_agent1_call_portal_status(sgp_agent_binding_get_agent(self->binding),
		sgp_agent_binding_get_cancellable(self->binding), got_status, self);
}

void sgp_device_list_set_agent(SgpDeviceList *self, SgpAgent1 *agent)
{
	g_return_if_fail(SGP_IS_DEVICE_LIST(self));
	if (sgp_agent_binding_set_agent(self->binding, agent))
		sgp_care_rows_reset(SGP_CARE_ROWS(self->rows), agent != NULL);
}

static void sgp_device_list_dispose(GObject *object)
{
	SgpDeviceList *self = SGP_DEVICE_LIST(object);
	g_clear_pointer(&self->binding, sgp_agent_binding_free);
	g_clear_pointer(&self->own, g_free);
	G_OBJECT_CLASS(sgp_device_list_parent_class)->dispose(object);
}

static void sgp_device_list_class_init(SgpDeviceListClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_device_list_dispose;
}

static void sgp_device_list_init(SgpDeviceList *self)
{
	static const char *const signals[] = { "event", NULL };
	self->binding = sgp_agent_binding_new(ask, self, signals);
	self->rows = sgp_care_rows_new(_("Computers of the office"));
	gtk_box_pack_start(GTK_BOX(self), self->rows, TRUE, TRUE, 0);
	gtk_widget_show(GTK_WIDGET(self));
}

GtkWidget *sgp_device_list_new(void)
{
	return g_object_new(SGP_TYPE_DEVICE_LIST, NULL);
}
