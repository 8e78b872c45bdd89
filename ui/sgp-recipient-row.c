/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows one recipient's part of the verdict. Words carry the meaning, the icon and its colour only
 * repeat them. It never asks the agent anything. */
#include "sgp-recipient-row.h"

#include <glib/gi18n-lib.h>
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpRecipientRow {
	GtkBox parent_instance;

	GtkWidget *icon;      /* (template child) */
	GtkWidget *way;       /* (template child) */
	GtkWidget *basis;     /* (template child) */
	GtkWidget *remedies;  /* (template child) */
	GtkWidget *why;       /* (template child) */
	GtkWidget *why_words; /* (template child) */
	char *address;        /* (owned) */
	char *shown_remedies; /* (owned) what the buttons were made from, so that they are not
				 remade under the pointer */
};

G_DEFINE_FINAL_TYPE(SgpRecipientRow, sgp_recipient_row, GTK_TYPE_BOX)

static guint remedy_signal;

static void sgp_recipient_row_finalize(GObject *object)
{
	SgpRecipientRow *self = SGP_RECIPIENT_ROW(object);
	g_free(self->address);
	g_free(self->shown_remedies);
	G_OBJECT_CLASS(sgp_recipient_row_parent_class)->finalize(object);
}

static void sgp_recipient_row_class_init(SgpRecipientRowClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->finalize = sgp_recipient_row_finalize;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-recipient-row.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, icon);
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, way);
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, basis);
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, remedies);
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, why);
	gtk_widget_class_bind_template_child(widget_class, SgpRecipientRow, why_words);
	remedy_signal = g_signal_new("remedy", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
		NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void sgp_recipient_row_init(SgpRecipientRow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_recipient_row_new(void)
{
	return g_object_new(SGP_TYPE_RECIPIENT_ROW, NULL);
}

static void remedy_clicked(GtkButton *button, SgpRecipientRow *self)
{
	const char *nick = g_object_get_data(G_OBJECT(button), "sgp-remedy");
	g_signal_emit(self, remedy_signal, 0, nick, self->address);
}

static void add_remedy(SgpRecipientRow *self, const char *nick)
{
	g_autofree char *label = sgp_words_dup_remedy(nick);
	if (label == NULL)
		return;
	GtkWidget *button = gtk_button_new_with_label(label);
	g_object_set_data_full(G_OBJECT(button), "sgp-remedy", g_strdup(nick), g_free);
	/* Several recipients have the same buttons: the description says whose this one is. */
	atk_object_set_description(gtk_widget_get_accessible(button), self->address);
	g_signal_connect_object(button, "clicked", G_CALLBACK(remedy_clicked), self, 0);
	gtk_widget_show(button);
	gtk_container_add(GTK_CONTAINER(self->remedies), button);
	gtk_widget_show(self->remedies);
}

static void set_remedies(SgpRecipientRow *self, JsonArray *remedies)
{
	g_autoptr(GString) key = g_string_new(self->address);
	gboolean has_reply = FALSE;
	guint n = remedies != NULL ? json_array_get_length(remedies) : 0;
	for (guint i = 0; i < n; i++)
		g_string_append_printf(key, "\n%s", json_array_get_string_element(remedies, i));
	if (g_strcmp0(key->str, self->shown_remedies) == 0)
		return;
	g_free(self->shown_remedies);
	self->shown_remedies = g_strdup(key->str);
	sgp_ui_remove_children(self->remedies);
	gtk_widget_hide(self->remedies);
	for (guint i = 0; i < n; i++) {
		const char *nick = json_array_get_string_element(remedies, i);
		gboolean is_reply = g_str_has_prefix(nick, "reply-to:");
		/* one button for all inquiries: it opens the list of them */
		if (!is_reply || !has_reply)
			add_remedy(self, nick);
		has_reply = has_reply || is_reply;
	}
}

static void set_why(SgpRecipientRow *self, JsonArray *rungs)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint n = rungs != NULL ? json_array_get_length(rungs) : 0;
	for (guint i = 0; i < n; i++) {
		g_autofree char *words =
			sgp_words_dup_not_stronger(json_array_get_object_element(rungs, i));
		g_string_append_printf(text, "%s%s", i > 0 ? "\n" : "", words);
	}
	gtk_label_set_text(GTK_LABEL(self->why_words), text->str);
	gtk_widget_set_visible(self->why, n > 0);
	g_autofree char *name =
		g_strdup_printf(_("Why no stronger way was taken for %s"), self->address);
	atk_object_set_name(gtk_widget_get_accessible(self->why), name);
}

static const char *icon_for(const char *action)
{
	if (g_strcmp0(action, "send") == 0)
		return "emblem-ok-symbolic";
	if (g_strcmp0(action, "ask") == 0)
		return "dialog-question-symbolic";
	return "dialog-warning-symbolic";
}

static const char *get_field_words(const char *field)
{
	if (g_strcmp0(field, "cc") == 0)
		return _("Cc");
	if (g_strcmp0(field, "to") == 0)
		return _("To");
	return _("Bcc");
}

static JsonObject *get_object(JsonObject *object, const char *member)
{
	JsonNode *node = json_object_get_member(object, member);
	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static JsonArray *get_array(JsonObject *object, const char *member)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, member) : NULL;
	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/* What no button here cures: a key that waits is compared and accepted by somebody else. */
static char *dup_advice(JsonArray *remedies)
{
	for (guint i = 0; remedies != NULL && i < json_array_get_length(remedies); i++) {
		char *advice = sgp_words_dup_advice(json_array_get_string_element(remedies, i));
		if (advice != NULL)
			return advice;
	}
	return NULL;
}

void sgp_recipient_row_set_recipient(SgpRecipientRow *self, JsonObject *recipient)
{
	g_return_if_fail(SGP_IS_RECIPIENT_ROW(self));
	JsonObject *basis = get_object(recipient, "basis"),
		   *channel = get_object(recipient, "channel");
	const char *action =
		json_object_get_string_member_with_default(recipient, "action", "hold");
	const char *field = json_object_get_string_member_with_default(recipient, "field", "bcc");
	g_free(self->address);
	self->address =
		g_strdup(json_object_get_string_member_with_default(recipient, "address", "?"));

	/* With no reason to write, the way does not matter yet: say the one thing that is missing.
	 */
	JsonNode *refusal = basis != NULL ? json_object_get_member(basis, "refusal") : NULL;
	gboolean may_write = basis != NULL && (refusal == NULL || JSON_NODE_HOLDS_NULL(refusal));
	const char *kind = basis != NULL
				   ? json_object_get_string_member_with_default(basis, "kind", NULL)
				   : NULL;
	g_autofree char *way =
		may_write ? sgp_words_dup_way(channel, g_strcmp0(kind, "internal") == 0)
			  : g_strdup(_("held"));
	g_autofree char *basis_words = sgp_words_dup_basis(basis);
	g_autofree char *advice = dup_advice(get_array(basis, "remedies"));
	g_autofree char *reason = advice != NULL ? g_strdup_printf("%s\n%s", basis_words, advice)
						 : g_strdup(basis_words);
	/* Translators: field, address, way: "To erika@kunde.example: OpenPGP, encrypted end to end"
	 */
	g_autofree char *text = g_markup_printf_escaped(
		_("%s <b>%s</b>: %s"), get_field_words(field), self->address, way);
	gtk_label_set_markup(GTK_LABEL(self->way), text);
	gtk_label_set_text(GTK_LABEL(self->basis), reason);
	gtk_image_set_from_icon_name(GTK_IMAGE(self->icon), icon_for(action), GTK_ICON_SIZE_MENU);
	set_remedies(self, get_array(basis, "remedies"));
	set_why(self, get_array(channel, "not_stronger"));
}
