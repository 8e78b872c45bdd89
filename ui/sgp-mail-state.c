/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The button that says in one or two words whether the mail can go, and lets staff choose what it
 * is about. Staff may choose any class; only the agent lowers or raises what counts. */
#include "sgp-mail-state.h"

#include <glib/gi18n-lib.h>
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpMailState {
	GtkMenuButton parent_instance;

	GtkWidget *icon;    /* (template child) */
	GtkWidget *state;   /* (template child) */
	GtkWidget *popover; /* (template child) */
	GtkWidget *classes; /* (template child) */
	GtkWidget *found;   /* (template child) */
	GtkWidget *matter;  /* (template child) */
	SgpDraft *draft;    /* (owned) */
};

G_DEFINE_FINAL_TYPE(SgpMailState, sgp_mail_state, GTK_TYPE_MENU_BUTTON)

static guint choose_matter_signal;

static const char *const class_nicks[] = { "general", "personal-insurance", "health",
	"secrecy-203" };

static void matter_clicked(SgpMailState *self)
{
	gtk_popover_popdown(GTK_POPOVER(self->popover));
	g_signal_emit(self, choose_matter_signal, 0);
}

static void class_toggled(GtkToggleButton *button, SgpMailState *self)
{
	if (gtk_toggle_button_get_active(button))
		sgp_draft_choose_class(
			self->draft, g_object_get_data(G_OBJECT(button), "sgp-class"));
}

static JsonObject *get_class(SgpDraft *draft)
{
	JsonObject *verdict = sgp_draft_get_verdict(draft);
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "class") : NULL;
	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static void show_found(SgpMailState *self)
{
	JsonObject *content_class = get_class(self->draft);
	const char *found = content_class != NULL ? json_object_get_string_member_with_default(
							    content_class, "found", NULL)
						  : NULL;
	gboolean tells =
		found != NULL && !g_str_equal(found, "general") && !g_str_equal(found, "unknown");
	g_autofree char *words = tells ? sgp_words_dup_class(found) : NULL;
	g_autofree char *text =
		tells ? g_strdup_printf(
				_("The text looks like: %s. It is protected as such."), words)
		      : NULL;
	gtk_label_set_text(GTK_LABEL(self->found), text != NULL ? text : "");
	gtk_widget_set_visible(self->found, tells);
}

static void show_matter(SgpMailState *self)
{
	JsonObject *verdict = sgp_draft_get_verdict(self->draft);
	const char *matter = sgp_draft_get_matter(self->draft);
	if (matter == NULL && verdict != NULL)
		matter = json_object_get_string_member_with_default(verdict, "matter", NULL);
	g_autofree char *text = matter != NULL ? g_strdup_printf(_("Matter: %s"), matter)
					       : g_strdup(_("This mail is not tied to a matter."));
	gtk_label_set_text(GTK_LABEL(self->matter), text);
}

static const char *get_state_words(SgpDraft *draft, const char **icon)
{
	JsonObject *verdict = sgp_draft_get_verdict(draft);
	const char *action = verdict != NULL ? json_object_get_string_member_with_default(
						       verdict, "action", "hold")
					     : NULL;
	JsonArray *recipients = verdict != NULL && json_object_has_member(verdict, "recipients")
					? json_object_get_array_member(verdict, "recipients")
					: NULL;
	*icon = "dialog-warning-symbolic";
	switch (sgp_draft_get_state(draft)) {
	case SGP_DRAFT_STATE_NO_AGENT:
		return _("Held: no service");
	case SGP_DRAFT_STATE_SENDING:
		*icon = "mail-send-symbolic";
		return _("Being sealed");
	case SGP_DRAFT_STATE_ASSESSING:
	case SGP_DRAFT_STATE_ASSESSED:
		break;
	}
	if (recipients == NULL || json_array_get_length(recipients) == 0) {
		*icon = "security-high-symbolic";
		return _("Siegelpost");
	}
	if (g_strcmp0(action, "send") == 0) {
		*icon = "emblem-ok-symbolic";
		return _("Can be sent");
	}
	if (g_strcmp0(action, "ask") == 0) {
		*icon = "dialog-question-symbolic";
		return _("Question open");
	}
	return _("Held");
}

static void draft_changed(SgpMailState *self)
{
	const char *icon = NULL;
	const char *words = get_state_words(self->draft, &icon);
	gtk_label_set_text(GTK_LABEL(self->state), words);
	gtk_image_set_from_icon_name(GTK_IMAGE(self->icon), icon, GTK_ICON_SIZE_MENU);
	/* Translators: %s is the state of the mail, as on the button. */
	g_autofree char *name = g_strdup_printf(_("Siegelpost, state of this mail: %s"), words);
	atk_object_set_name(gtk_widget_get_accessible(GTK_WIDGET(self)), name);
	show_found(self);
	show_matter(self);
}

static void add_classes(SgpMailState *self)
{
	GtkWidget *first = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(class_nicks); i++) {
		g_autofree char *words = sgp_words_dup_class(class_nicks[i]);
		GtkWidget *button = gtk_radio_button_new_with_label_from_widget(
			first != NULL ? GTK_RADIO_BUTTON(first) : NULL, words);
		g_object_set_data(G_OBJECT(button), "sgp-class", (gpointer)class_nicks[i]);
		g_signal_connect_object(button, "toggled", G_CALLBACK(class_toggled), self, 0);
		gtk_widget_show(button);
		gtk_container_add(GTK_CONTAINER(self->classes), button);
		first = first != NULL ? first : button;
	}
}

static void sgp_mail_state_dispose(GObject *object)
{
	g_clear_object(&SGP_MAIL_STATE(object)->draft);
	G_OBJECT_CLASS(sgp_mail_state_parent_class)->dispose(object);
}

static void sgp_mail_state_class_init(SgpMailStateClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_mail_state_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-mail-state.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, icon);
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, state);
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, popover);
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, classes);
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, found);
	gtk_widget_class_bind_template_child(widget_class, SgpMailState, matter);
	gtk_widget_class_bind_template_callback(widget_class, matter_clicked);
	choose_matter_signal = g_signal_new("choose-matter", G_TYPE_FROM_CLASS(klass),
		G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_mail_state_init(SgpMailState *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_mail_state_new(SgpDraft *draft)
{
	SgpMailState *self = g_object_new(SGP_TYPE_MAIL_STATE, NULL);
	self->draft = g_object_ref(draft);
	add_classes(self);
	g_signal_connect_object(
		draft, "changed", G_CALLBACK(draft_changed), self, G_CONNECT_SWAPPED);
	draft_changed(self);
	return GTK_WIDGET(self);
}
