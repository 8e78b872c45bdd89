/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences page. It shows and sets what the agent keeps; the enrolment token passes through
 * it once and stays nowhere here. */
#include "sgp-preferences.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include "sgp-care-words.h"
#include "sgp-event-list.h"
#include "sgp-job-run.h"
#include "sgp-portal-window.h"
#include "sgp-ui.h"
#include "sgp-waiting-words.h"
#include "sgp-words.h"

struct _SgpPreferences {
	GtkBox parent_instance;

	GtkWidget *grid;           /* (template child) */
	GtkWidget *portal_state;   /* (template child) */
	GtkWidget *url;            /* (template child) */
	GtkWidget *address;        /* (template child) */
	GtkWidget *token;          /* (template child) */
	GtkWidget *enrol;          /* (template child) */
	GtkWidget *progress;       /* (template child) */
	GtkWidget *enrol_result;   /* (template child) */
	GtkWidget *own_domains;    /* (template child) */
	GtkWidget *profile;        /* (template child) */
	GtkWidget *rules_result;   /* (template child) */
	GtkWidget *status;         /* (template child) */
	GtkWidget *support;        /* (template child) */
	GtkWidget *events_place;   /* (template child) */
	GtkWidget *events;         /* the list in it */
	SgpAgent1 *agent;          /* (owned) (nullable) */
	GCancellable *cancellable; /* (owned) (nullable) ends with the agent or the page */
	char *domains;             /* (owned) (nullable) as the agent has them; NULL: not known */
	char *saving;              /* (owned) (nullable) the domains that it was told last */
	gboolean loading; /* the widgets are being filled: their signals are not the user's */
};

G_DEFINE_FINAL_TYPE(SgpPreferences, sgp_preferences, GTK_TYPE_BOX)

static const char *const profile_nicks[] = { "strict", "by-class" };

/* An empty label would be a gap. */
static void set_words(GtkWidget *label, const char *words)
{
	gtk_label_set_text(GTK_LABEL(label), words);
	gtk_widget_set_visible(label, *words != '\0');
}

static void show_problem(GtkWidget *label, const GError *error)
{
	g_autofree char *words = sgp_words_dup_error_of(error);
	set_words(label, words);
}

/* What was asked for goes on without the page; its answer then has nothing to stand on. */
static gboolean is_gone(SgpPreferences *self)
{
	return self->grid == NULL;
}

static gboolean show_setting_set(SgpPreferences *self, GObject *agent, GAsyncResult *result)
{
	g_autoptr(GError) error = NULL;
	gboolean done = sgp_agent1_call_set_setting_finish(SGP_AGENT1(agent), result, &error);
	if (is_gone(self))
		return FALSE;
	if (done)
		set_words(self->rules_result, _("Saved."));
	else
		show_problem(self->rules_result, error);
	return done;
}

static void profile_set(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpPreferences) self = SGP_PREFERENCES(user_data);
	show_setting_set(self, source, result);
}

static void domains_set(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpPreferences) self = SGP_PREFERENCES(user_data);
	if (!show_setting_set(self, source, result))
		return;
	g_free(self->domains);
	self->domains = g_strdup(self->saving);
}

static void set_setting(
	SgpPreferences *self, const char *key, GVariant *value, GAsyncReadyCallback done)
{
	g_autoptr(GVariant) kept = g_variant_ref_sink(value);
	if (self->agent == NULL || self->loading)
		return;
	sgp_agent1_call_set_setting(
		self->agent, key, g_variant_new_variant(kept), NULL, done, g_object_ref(self));
}

static void domains_changed(SgpPreferences *self)
{
	g_auto(GStrv) words =
		g_strsplit_set(gtk_entry_get_text(GTK_ENTRY(self->own_domains)), " ,;\t", -1);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (char **word = words; *word != NULL; word++)
		if (**word != '\0')
			g_strv_builder_add(builder, *word);
	g_auto(GStrv) domains = g_strv_builder_end(builder);
	g_autofree char *text = g_strjoinv(" ", domains);
	/* An entry that was never filled says nothing: leaving it must not wipe out what is set.
	 * Shown by tests/hosts/test_portal.py. */
	if (self->domains == NULL || g_str_equal(text, self->domains))
		return;
	g_free(self->saving);
	self->saving = g_steal_pointer(&text);
	set_setting(self, "own-domains", g_variant_new_strv((const char *const *)domains, -1),
		domains_set);
}

static gboolean domains_left(SgpPreferences *self)
{
	domains_changed(self);
	return GDK_EVENT_PROPAGATE;
}

static void profile_changed(SgpPreferences *self)
{
	const char *nick = gtk_combo_box_get_active_id(GTK_COMBO_BOX(self->profile));
	if (nick != NULL)
		set_setting(self, "policy-profile", g_variant_new_string(nick), profile_set);
}

/* value and whether the administrator lets it be changed. */
static GVariant *find_setting(GVariant *settings, const char *key, GtkWidget *widget)
{
	gboolean writable = FALSE;
	g_autoptr(GVariant) value = NULL;
	if (!g_variant_lookup(settings, key, "(vb)", &value, &writable))
		return NULL;
	gtk_widget_set_sensitive(widget, writable);
	return g_steal_pointer(&value);
}

static void show_settings(SgpPreferences *self, GVariant *settings)
{
	self->loading = TRUE;
	g_autoptr(GVariant) domains = find_setting(settings, "own-domains", self->own_domains);
	g_autoptr(GVariant) profile = find_setting(settings, "policy-profile", self->profile);
	g_autoptr(GVariant) url = find_setting(settings, "portal-url", self->url);
	g_autoptr(GVariant) staff = find_setting(settings, "staff-address", self->address);
	if (domains != NULL && g_variant_is_of_type(domains, G_VARIANT_TYPE_STRING_ARRAY)) {
		g_autofree const char **names = g_variant_get_strv(domains, NULL);
		g_autofree char *text = g_strjoinv(" ", (char **)names);
		gtk_entry_set_text(GTK_ENTRY(self->own_domains), text);
		g_free(self->domains);
		self->domains = g_steal_pointer(&text);
	}
	if (profile != NULL && g_variant_is_of_type(profile, G_VARIANT_TYPE_STRING))
		gtk_combo_box_set_active_id(
			GTK_COMBO_BOX(self->profile), g_variant_get_string(profile, NULL));
	if (url != NULL && g_variant_is_of_type(url, G_VARIANT_TYPE_STRING) &&
		*g_variant_get_string(url, NULL) != '\0')
		gtk_entry_set_text(GTK_ENTRY(self->url), g_variant_get_string(url, NULL));
	if (staff != NULL && g_variant_is_of_type(staff, G_VARIANT_TYPE_STRING) &&
		*g_variant_get_string(staff, NULL) != '\0')
		gtk_entry_set_text(GTK_ENTRY(self->address), g_variant_get_string(staff, NULL));
	self->loading = FALSE;
}

static void got_settings(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) settings = NULL;
	sgp_agent1_call_get_settings_finish(SGP_AGENT1(source), &settings, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the page may be gone */
	SgpPreferences *self = SGP_PREFERENCES(user_data);
	if (settings != NULL) {
		set_words(self->rules_result, "");
		show_settings(self, settings);
		return;
	}
	show_problem(self->rules_result, error);
	if (sgp_agent1_get_version(self->agent) == NULL)
		show_problem(self->status, error);
}

/* The support contact of the office, if the portal has told one: {"support": {"phone", "mail",
 * ...}} or a plain text. */
static void show_support(SgpPreferences *self, JsonObject *status)
{
	g_autoptr(GString) text = g_string_new(NULL);
	JsonNode *node = json_object_get_member(status, "support");
	if (node != NULL && JSON_NODE_HOLDS_OBJECT(node)) {
		static const char *const members[] = { "name", "phone", "hours", "mail" };
		for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
			const char *value = json_object_get_string_member_with_default(
				json_node_get_object(node), members[i], NULL);
			if (value != NULL && *value != '\0')
				g_string_append_printf(
					text, "%s%s", text->len > 0 ? ", " : "", value);
		}
	}
	g_autofree char *words =
		text->len > 0 ? g_strdup_printf(_("Support: %s"), text->str) : g_strdup("");
	set_words(self->support, words);
}

static void got_status(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_portal_status_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* the page may be gone */
	SgpPreferences *self = SGP_PREFERENCES(user_data);
	g_autoptr(JsonNode) node = json != NULL ? json_from_string(json, NULL) : NULL;
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node)) {
		show_problem(self->portal_state, error);
		return;
	}
	JsonObject *status = json_node_get_object(node);
	g_autofree char *words = sgp_words_dup_portal_state(
		json_object_get_string_member_with_default(status, "state", NULL));
	const char *origin = json_object_get_string_member_with_default(status, "origin", NULL);
	const char *staff = json_object_get_string_member_with_default(status, "staff", NULL);
	g_autofree char *text = origin != NULL && staff != NULL && *origin != '\0'
					? g_strdup_printf("%s (%s, %s)", words, origin, staff)
					: g_strdup(words);
	const char *own =
		json_object_get_string_member_with_default(status, "staff_fingerprint", NULL);
	if (own != NULL &&
		g_strcmp0(json_object_get_string_member_with_default(status, "state", NULL),
			"pending") == 0) {
		/* The other half of the comparison (sgp-device-list). */
		g_autofree char *shown = sgp_care_words_dup_fingerprint(own);
		g_autofree char *both = g_strdup_printf(
			_("%s\nA colleague compares this fingerprint with you on the phone:\n%s"),
			text, shown);
		gtk_label_set_text(GTK_LABEL(self->portal_state), both);
	} else {
		gtk_label_set_text(GTK_LABEL(self->portal_state), text);
	}
	show_support(self, status);
}

static void show_properties(SgpPreferences *self)
{
	if (self->agent == NULL)
		return;
	const char *version = sgp_agent1_get_version(self->agent),
		   *history = sgp_agent1_get_history_state(self->agent);
	/* It does not run yet: what it would say is not known, and 0 is not "none". */
	if (version == NULL)
		return;
	g_autofree char *first = g_strdup_printf(_("Siegelpost %s is at work."), version);
	const char *second = g_strcmp0(history, "complete") == 0
				     ? _("All mail folders have been read.")
				     : _("The mail folders are still being read.");
	g_autofree char *third =
		sgp_waiting_words_dup_count(sgp_agent1_get_spool_waiting(self->agent));
	g_autofree char *text = g_strjoin("\n", first, second, third, NULL);
	gtk_label_set_text(GTK_LABEL(self->status), text);
}

static void load(SgpPreferences *self)
{
	show_properties(self);
	sgp_agent1_call_get_settings(self->agent, self->cancellable, got_settings, self);
	sgp_agent1_call_portal_status(self->agent, self->cancellable, got_status, self);
}

void sgp_preferences_set_agent(SgpPreferences *self, SgpAgent1 *agent, const char *address)
{
	g_return_if_fail(SGP_IS_PREFERENCES(self));
	if (self->agent != NULL)
		g_signal_handlers_disconnect_by_data(self->agent, self);
	if (self->cancellable != NULL)
		g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_set_object(&self->agent, agent);
	gtk_widget_set_sensitive(self->grid, agent != NULL);
	sgp_event_list_set_agent(SGP_EVENT_LIST(self->events), agent);
	if (address != NULL && gtk_entry_get_text_length(GTK_ENTRY(self->address)) == 0)
		gtk_entry_set_text(GTK_ENTRY(self->address), address);
	if (agent == NULL) {
		g_autofree char *words = sgp_words_dup_error("no-agent");
		gtk_label_set_text(GTK_LABEL(self->status), words);
		return;
	}
	self->cancellable = g_cancellable_new();
	gtk_label_set_text(GTK_LABEL(self->status), _("One moment…"));
	g_signal_connect_object(agent, "g-properties-changed", G_CALLBACK(show_properties), self,
		G_CONNECT_SWAPPED);
	load(self);
}

static void show_progress(const char *stage, guint percent, gpointer user_data)
{
	SgpPreferences *self = user_data;
	if (is_gone(self))
		return;
	g_autofree char *words = sgp_words_dup_stage(stage);
	gtk_progress_bar_set_text(GTK_PROGRESS_BAR(self->progress), words);
	gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(self->progress), MIN(percent, 100) / 100.0);
}

static void end_enrolment(SgpPreferences *self, const char *words)
{
	gtk_widget_hide(self->progress);
	gtk_widget_set_sensitive(self->enrol, TRUE);
	set_words(self->enrol_result, words);
}

static void enrolled(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpPreferences) self = SGP_PREFERENCES(user_data);
	g_autoptr(GError) error = NULL;
	g_autofree char *json = sgp_job_run_finish(result, &error);
	if (is_gone(self))
		return;
	if (json == NULL) {
		g_autofree char *words = sgp_words_dup_error_of(error);
		end_enrolment(self, words);
		return;
	}
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	JsonObject *answer =
		node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	const char *status =
		answer != NULL ? json_object_get_string_member_with_default(answer, "status", NULL)
			       : NULL;
	const char *problem =
		answer != NULL ? json_object_get_string_member_with_default(answer, "error", NULL)
			       : "failed";
	if (g_strcmp0(status, "failed") == 0 || g_strcmp0(status, "cancelled") == 0 ||
		problem != NULL) {
		g_autofree char *words = sgp_words_dup_error(
			g_strcmp0(status, "cancelled") == 0 ? "cancelled" : problem);
		end_enrolment(self, words);
		return;
	}
	gtk_entry_set_text(GTK_ENTRY(self->token), "");
	end_enrolment(self, _("Enrolled. Mail to customers without a key now goes to the portal."));
	if (self->agent != NULL)
		load(self);
}

static void enrolment_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpPreferences) self = SGP_PREFERENCES(user_data);
	g_autoptr(GError) error = NULL;
	g_autofree char *job = NULL;
	gboolean is_begun =
		sgp_agent1_call_enrol_portal_finish(SGP_AGENT1(source), &job, result, &error);
	if (!is_begun && !is_gone(self)) {
		g_autofree char *words = sgp_words_dup_error_of(error);
		end_enrolment(self, words);
	}
	if (!is_begun)
		return;
	sgp_job_run_async(
		SGP_AGENT1(source), job, show_progress, self, NULL, enrolled, g_object_ref(self));
}

static void enrol_clicked(SgpPreferences *self)
{
	g_autofree char *url = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->url))));
	g_autofree char *token = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->token))));
	g_autofree char *address =
		g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->address))));
	if (self->agent == NULL)
		return;
	if (*url == '\0' || *token == '\0' || *address == '\0') {
		set_words(self->enrol_result,
			_("Please fill in the address of the portal, your e-mail address and the "
			  "token."));
		return;
	}
	set_words(self->enrol_result, "");
	gtk_widget_set_sensitive(self->enrol, FALSE);
	gtk_widget_show(self->progress);
	show_progress("checking", 0, self);
	sgp_agent1_call_enrol_portal(
		self->agent, url, token, address, NULL, enrolment_started, g_object_ref(self));
}

static void present(SgpPreferences *self, SgpPortalPage page)
{
	GApplication *application = g_application_get_default();
	sgp_portal_window_present(
		GTK_IS_APPLICATION(application) ? GTK_APPLICATION(application) : NULL, self->agent,
		page, NULL);
}

static void customers_clicked(SgpPreferences *self)
{
	present(self, SGP_PORTAL_PAGE_CUSTOMERS);
}

static void waiting_clicked(SgpPreferences *self)
{
	present(self, SGP_PORTAL_PAGE_WAITING);
}

static void devices_clicked(SgpPreferences *self)
{
	present(self, SGP_PORTAL_PAGE_DEVICES);
}

static void sgp_preferences_dispose(GObject *object)
{
	SgpPreferences *self = SGP_PREFERENCES(object);
	if (self->cancellable != NULL)
		g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->agent);
	g_clear_pointer(&self->domains, g_free);
	g_clear_pointer(&self->saving, g_free);
	G_OBJECT_CLASS(sgp_preferences_parent_class)->dispose(object);
}

static void bind_children(GtkWidgetClass *widget_class)
{
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, grid);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, portal_state);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, url);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, address);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, token);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, enrol);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, progress);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, enrol_result);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, own_domains);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, profile);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, rules_result);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, status);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, support);
	gtk_widget_class_bind_template_child(widget_class, SgpPreferences, events_place);
}

static void sgp_preferences_class_init(SgpPreferencesClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_preferences_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-preferences.ui");
	bind_children(widget_class);
	gtk_widget_class_bind_template_callback(widget_class, domains_changed);
	gtk_widget_class_bind_template_callback(widget_class, domains_left);
	gtk_widget_class_bind_template_callback(widget_class, profile_changed);
	gtk_widget_class_bind_template_callback(widget_class, enrol_clicked);
	gtk_widget_class_bind_template_callback(widget_class, customers_clicked);
	gtk_widget_class_bind_template_callback(widget_class, waiting_clicked);
	gtk_widget_class_bind_template_callback(widget_class, devices_clicked);
}

static void sgp_preferences_init(SgpPreferences *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	self->loading = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(profile_nicks); i++) {
		g_autofree char *words = sgp_words_dup_profile(profile_nicks[i]);
		gtk_combo_box_text_append(
			GTK_COMBO_BOX_TEXT(self->profile), profile_nicks[i], words);
	}
	self->loading = FALSE;
	self->events = sgp_event_list_new();
	gtk_container_add(GTK_CONTAINER(self->events_place), self->events);
	gtk_widget_set_sensitive(self->grid, FALSE);
}

GtkWidget *sgp_preferences_new(void)
{
	return g_object_new(SGP_TYPE_PREFERENCES, NULL);
}
