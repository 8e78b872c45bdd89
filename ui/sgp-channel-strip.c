/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows the draft's verdict under the recipients and takes the answers. It keeps its rows while the
 * recipients stay the same, so that nothing jumps under the pointer and no form is lost. It decides
 * nothing. */
#include "sgp-channel-strip.h"

#include <glib/gi18n-lib.h>
#include "sgp-consent-form.h"
#include "sgp-matter-form.h"
#include "sgp-reason-form.h"
#include "sgp-recipient-row.h"
#include "sgp-ui.h"
#include "sgp-words.h"

#define MOST_IN_FULL 4

struct _SgpChannelStrip {
	GtkBox parent_instance;

	GtkWidget *icon;       /* (template child) */
	GtkWidget *headline;   /* (template child) */
	GtkWidget *retry;      /* (template child) */
	GtkWidget *notice;     /* (template child) */
	GtkWidget *place;      /* (template child) where the recipients are, if there are few */
	GtkWidget *scroller;   /* (template child) where they are, if there are many */
	GtkWidget *recipients; /* (template child) */
	GtkWidget *questions;  /* (template child) */
	GtkWidget *form_frame; /* (template child) */
	GtkWidget *form;       /* (template child) */
	SgpDraft *draft;       /* (owned) */
	char *shown_questions; /* (owned) (nullable) what the question rows were made from */
};

G_DEFINE_FINAL_TYPE(SgpChannelStrip, sgp_channel_strip, GTK_TYPE_BOX)

static guint preferences_signal;

static JsonArray *get_array(JsonObject *object, const char *member)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, member) : NULL;
	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static void close_form(SgpChannelStrip *self)
{
	gtk_widget_hide(self->form_frame);
	sgp_ui_remove_children(self->form);
}

static void open_form(SgpChannelStrip *self, GtkWidget *form)
{
	sgp_ui_remove_children(self->form);
	gtk_container_add(GTK_CONTAINER(self->form), form);
	gtk_widget_show(form);
	gtk_widget_show(self->form_frame);
	gtk_widget_child_focus(form, GTK_DIR_TAB_FORWARD);
}

static void open_closing_form(SgpChannelStrip *self, GtkWidget *form)
{
	g_signal_connect_object(form, "closed", G_CALLBACK(close_form), self, G_CONNECT_SWAPPED);
	open_form(self, form);
}

static void inquiry_chosen(GtkButton *button, SgpChannelStrip *self)
{
	g_autofree char *id = g_strdup(g_object_get_data(G_OBJECT(button), "sgp-message-id"));
	g_autoptr(SgpChannelStrip) alive = g_object_ref(self);
	close_form(alive);
	sgp_draft_reply_to(alive->draft, id);
}

static JsonObject *find_recipient(SgpChannelStrip *self, const char *address)
{
	JsonArray *recipients = get_array(sgp_draft_get_verdict(self->draft), "recipients");
	for (guint i = 0; recipients != NULL && i < json_array_get_length(recipients); i++) {
		JsonObject *recipient = json_array_get_object_element(recipients, i);
		if (g_strcmp0(
			    json_object_get_string_member_with_default(recipient, "address", NULL),
			    address) == 0)
			return recipient;
	}
	return NULL;
}

static void add_inquiry(SgpChannelStrip *self, GtkWidget *box, JsonObject *offer)
{
	const char *id = json_object_get_string_member_with_default(offer, "message_id", NULL);
	if (id == NULL)
		return;
	g_autofree char *label = sgp_words_dup_inquiry(offer);
	GtkWidget *button = gtk_button_new_with_label(label);
	/* A long subject loses its end; assistive technology reads the whole label. */
	gtk_label_set_ellipsize(GTK_LABEL(gtk_bin_get_child(GTK_BIN(button))), PANGO_ELLIPSIZE_END);
	gtk_widget_set_halign(button, GTK_ALIGN_START);
	g_object_set_data_full(G_OBJECT(button), "sgp-message-id", g_strdup(id), g_free);
	g_signal_connect_object(button, "clicked", G_CALLBACK(inquiry_chosen), self, 0);
	gtk_container_add(GTK_CONTAINER(box), button);
}

/* The inquiries of this customer that the agent offers for an answer, newest first. */
static void open_inquiries(SgpChannelStrip *self, const char *address)
{
	JsonObject *recipient = find_recipient(self, address);
	JsonNode *basis = recipient != NULL ? json_object_get_member(recipient, "basis") : NULL;
	JsonArray *offers = basis != NULL && JSON_NODE_HOLDS_OBJECT(basis)
				    ? get_array(json_node_get_object(basis), "offers")
				    : NULL;
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	g_autofree char *text =
		g_strdup_printf(_("Which inquiry of %s does this mail answer?"), address);
	GtkWidget *heading = gtk_label_new(text);
	gtk_label_set_xalign(GTK_LABEL(heading), 0);
	gtk_container_add(GTK_CONTAINER(box), heading);
	for (guint i = 0; offers != NULL && i < json_array_get_length(offers); i++)
		add_inquiry(self, box, json_array_get_object_element(offers, i));
	GtkWidget *close = gtk_button_new_with_label(_("Never mind"));
	gtk_widget_set_halign(close, GTK_ALIGN_START);
	g_signal_connect_object(close, "clicked", G_CALLBACK(close_form), self, G_CONNECT_SWAPPED);
	gtk_container_add(GTK_CONTAINER(box), close);
	gtk_widget_show_all(box);
	open_form(self, box);
}

void sgp_channel_strip_choose_matter(SgpChannelStrip *self)
{
	g_return_if_fail(SGP_IS_CHANNEL_STRIP(self));
	open_closing_form(self, sgp_matter_form_new(self->draft));
}

/* The objection that stands on the screen now: the reason is for this one, and if another sentence
 * is read meanwhile, it is asked about anew. */
static void open_reason(SgpChannelStrip *self, const char *address)
{
	JsonObject *recipient = find_recipient(self, address);
	JsonNode *node = recipient != NULL ? json_object_get_member(recipient, "basis") : NULL;
	const char *objection = NULL;
	if (node != NULL && JSON_NODE_HOLDS_OBJECT(node))
		objection = json_object_get_string_member_with_default(
			json_node_get_object(node), "objection", NULL);
	if (objection != NULL)
		open_closing_form(self, sgp_reason_form_new(self->draft, objection));
}

static void apply_remedy(SgpChannelStrip *self, const char *nick, const char *address)
{
	if (g_str_has_prefix(nick, "record-"))
		open_closing_form(
			self, sgp_consent_form_new(self->draft, nick + strlen("record-"), address));
	else if (g_str_has_prefix(nick, "reply-to:"))
		open_inquiries(self, address);
	else if (g_str_equal(nick, "overrule"))
		open_reason(self, address);
	else if (g_str_equal(nick, "enrol-portal"))
		g_signal_emit(self, preferences_signal, 0);
	else if (g_str_equal(nick, "close-other-matter") || g_str_equal(nick, "choose-matter"))
		sgp_channel_strip_choose_matter(self);
	else
		sgp_draft_retry(self->draft);
}

static void remedy_asked(
	SgpRecipientRow *row, const char *nick, const char *address, SgpChannelStrip *self)
{
	/* The answer may remake the rows, and with them the strings. */
	g_autofree char *own_nick = g_strdup(nick), *own_address = g_strdup(address);
	apply_remedy(self, own_nick, own_address);
}

static void retry_clicked(SgpChannelStrip *self)
{
	sgp_draft_retry(self->draft);
}

/* A scrolled window does not know how high wrapped lines get, so a few recipients stand in full;
 * only many are scrolled. */
static void place_recipients(SgpChannelStrip *self, gboolean many)
{
	GtkWidget *parent = gtk_widget_get_parent(self->recipients);
	gboolean is_scrolled = parent != self->place;
	if (many == is_scrolled)
		return;
	g_autoptr(GtkWidget) kept = g_object_ref(self->recipients);
	gtk_container_remove(GTK_CONTAINER(parent), kept);
	if (!many && GTK_IS_VIEWPORT(parent))
		gtk_widget_destroy(parent); /* the scrolled window made it */
	gtk_container_add(GTK_CONTAINER(many ? self->scroller : self->place), kept);
	gtk_widget_set_visible(self->scroller, many);
	if (many)
		gtk_widget_show_all(gtk_bin_get_child(GTK_BIN(self->scroller)));
}

static void show_recipients(SgpChannelStrip *self, JsonArray *recipients)
{
	guint n = recipients != NULL ? json_array_get_length(recipients) : 0;
	g_autoptr(GList) rows = gtk_container_get_children(GTK_CONTAINER(self->recipients));
	GList *row = rows;
	for (guint i = 0; i < n; i++) {
		GtkWidget *widget = row != NULL ? row->data : NULL;
		if (widget == NULL) {
			widget = sgp_recipient_row_new();
			g_signal_connect_object(
				widget, "remedy", G_CALLBACK(remedy_asked), self, 0);
			gtk_container_add(GTK_CONTAINER(self->recipients), widget);
		}
		sgp_recipient_row_set_recipient(
			SGP_RECIPIENT_ROW(widget), json_array_get_object_element(recipients, i));
		row = row != NULL ? row->next : NULL;
	}
	for (; row != NULL; row = row->next)
		gtk_widget_destroy(row->data);
	place_recipients(self, n > MOST_IN_FULL);
}

static void question_answered(GtkButton *button, SgpChannelStrip *self)
{
	g_autofree char *kind = g_strdup(g_object_get_data(G_OBJECT(button), "sgp-kind"));
	if (g_str_equal(kind, "matter-ambiguous"))
		sgp_channel_strip_choose_matter(self);
	else if (g_str_equal(kind, "wait"))
		sgp_draft_retry(self->draft);
	else
		sgp_draft_confirm(self->draft, g_object_get_data(G_OBJECT(button), "sgp-question"));
}

static void add_question(SgpChannelStrip *self, JsonObject *question)
{
	const char *kind = json_object_get_string_member_with_default(question, "kind", "?");
	const char *id = json_object_get_string_member_with_default(question, "id", "");
	const char *address = json_object_get_string_member_with_default(question, "address", NULL);
	g_autofree char *words = sgp_words_dup_question(question);
	g_autofree char *text =
		address != NULL ? g_strdup_printf("%s: %s", address, words) : g_strdup(words);
	g_autofree char *answer = sgp_words_dup_answer(kind);
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *label = gtk_label_new(text);
	GtkWidget *button = gtk_button_new_with_label(answer);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_widget_set_hexpand(label, TRUE);
	gtk_widget_set_valign(button, GTK_ALIGN_START);
	g_object_set_data_full(G_OBJECT(button), "sgp-kind", g_strdup(kind), g_free);
	g_object_set_data_full(G_OBJECT(button), "sgp-question", g_strdup(id), g_free);
	g_signal_connect_object(button, "clicked", G_CALLBACK(question_answered), self, 0);
	gtk_container_add(GTK_CONTAINER(box),
		gtk_image_new_from_icon_name("dialog-question-symbolic", GTK_ICON_SIZE_MENU));
	gtk_container_add(GTK_CONTAINER(box), label);
	gtk_container_add(GTK_CONTAINER(box), button);
	gtk_widget_show_all(box);
	gtk_container_add(GTK_CONTAINER(self->questions), box);
}

static void show_questions(SgpChannelStrip *self, JsonArray *questions)
{
	guint n = questions != NULL ? json_array_get_length(questions) : 0;
	g_autoptr(GString) key = g_string_new(NULL);
	for (guint i = 0; i < n; i++) {
		JsonObject *question = json_array_get_object_element(questions, i);
		g_string_append_printf(key, "%s\n%s\n%s\n",
			json_object_get_string_member_with_default(question, "kind", ""),
			json_object_get_string_member_with_default(question, "detail", ""),
			json_object_get_string_member_with_default(question, "address", ""));
	}
	if (g_strcmp0(key->str, self->shown_questions) == 0)
		return;
	g_free(self->shown_questions);
	self->shown_questions = g_strdup(key->str);
	sgp_ui_remove_children(self->questions);
	for (guint i = 0; i < n; i++) {
		JsonObject *question = json_array_get_object_element(questions, i);
		/* The recipient's own row says it, with the button to try again. */
		if (g_strcmp0(json_object_get_string_member_with_default(question, "kind", NULL),
			    "wait") != 0 ||
			json_object_get_string_member_with_default(question, "address", NULL) ==
				NULL)
			add_question(self, question);
	}
}

/* Why the class was raised: the words that were found, so that staff can see a false alarm. */
static char *dup_class_words(JsonObject *verdict)
{
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "class") : NULL;
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return NULL;
	JsonObject *content_class = json_node_get_object(node);
	const char *effective =
		json_object_get_string_member_with_default(content_class, "effective", "general");
	JsonArray *because = get_array(content_class, "because");
	if (g_str_equal(effective, "general"))
		return NULL;
	g_autofree char *words = sgp_words_dup_class(effective);
	g_autoptr(GString) found = g_string_new(NULL);
	for (guint i = 0; because != NULL && i < json_array_get_length(because) && i < 4; i++) {
		/* Translators: a word that was found in the mail, in quotation marks. */
		g_autofree char *quoted =
			g_strdup_printf(_("“%s”"), json_array_get_string_element(because, i));
		g_string_append_printf(found, "%s%s", i > 0 ? ", " : "", quoted);
	}
	if (found->len == 0)
		return g_strdup_printf(_("Protected content: %s."), words);
	return g_strdup_printf(_("Protected content: %s, because of %s."), words, found->str);
}

static char *dup_unread_words(JsonObject *verdict)
{
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "class") : NULL;
	return node != NULL && JSON_NODE_HOLDS_OBJECT(node)
		       ? sgp_words_dup_unread(get_array(json_node_get_object(node), "unread"))
		       : NULL;
}

static char *dup_headline(SgpChannelStrip *self, const char **icon)
{
	JsonObject *verdict = sgp_draft_get_verdict(self->draft);
	switch (sgp_draft_get_state(self->draft)) {
	case SGP_DRAFT_STATE_NO_AGENT:
		*icon = "dialog-warning-symbolic";
		return sgp_words_dup_error("no-agent");
	case SGP_DRAFT_STATE_SENDING:
		*icon = "mail-send-symbolic";
		return g_strdup(_("This mail is being sealed."));
	case SGP_DRAFT_STATE_ASSESSING:
		if (verdict == NULL) {
			*icon = "content-loading-symbolic";
			return g_strdup(_("Looking up how these recipients may be written to…"));
		}
		break;
	case SGP_DRAFT_STATE_ASSESSED:
		break;
	}
	JsonArray *recipients = get_array(verdict, "recipients");
	if (verdict == NULL || recipients == NULL || json_array_get_length(recipients) == 0) {
		*icon = "security-high-symbolic";
		return g_strdup(_("Siegelpost shows here how each recipient will get this mail."));
	}
	const char *action = json_object_get_string_member_with_default(verdict, "action", "hold");
	*icon = g_str_equal(action, "send")  ? "emblem-ok-symbolic"
		: g_str_equal(action, "ask") ? "dialog-question-symbolic"
					     : "dialog-warning-symbolic";
	g_autofree char *words = sgp_words_dup_action(action);
	g_autofree char *class_words = dup_class_words(verdict);
	g_autoptr(GString) text = g_string_new(words);
	if (class_words != NULL)
		g_string_append_printf(text, " %s", class_words);
	g_autofree char *unread = dup_unread_words(verdict);
	if (unread != NULL)
		g_string_append_printf(text, " %s", unread);
	if (!json_object_get_boolean_member_with_default(verdict, "history_complete", TRUE))
		g_string_append_printf(text, " %s", _("The mail folders are still being read."));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void draft_changed(SgpChannelStrip *self)
{
	const char *icon = "dialog-warning-symbolic";
	JsonObject *verdict = sgp_draft_get_verdict(self->draft);
	g_autofree char *headline = dup_headline(self, &icon);
	gtk_label_set_text(GTK_LABEL(self->headline), headline);
	gtk_image_set_from_icon_name(GTK_IMAGE(self->icon), icon, GTK_ICON_SIZE_MENU);
	gtk_widget_set_visible(
		self->retry, sgp_draft_get_state(self->draft) == SGP_DRAFT_STATE_NO_AGENT);
	const char *notice = sgp_draft_get_notice(self->draft);
	g_autofree char *markup =
		notice != NULL ? g_markup_printf_escaped("<b>%s</b>", notice) : NULL;
	gtk_label_set_markup(GTK_LABEL(self->notice), markup != NULL ? markup : "");
	gtk_widget_set_visible(self->notice, notice != NULL);
	show_recipients(self, get_array(verdict, "recipients"));
	show_questions(self, get_array(verdict, "questions"));
	gtk_widget_set_sensitive(
		self->recipients, sgp_draft_get_state(self->draft) != SGP_DRAFT_STATE_SENDING);
}

static void sgp_channel_strip_dispose(GObject *object)
{
	SgpChannelStrip *self = SGP_CHANNEL_STRIP(object);
	g_clear_object(&self->draft);
	g_clear_pointer(&self->shown_questions, g_free);
	G_OBJECT_CLASS(sgp_channel_strip_parent_class)->dispose(object);
}

static void sgp_channel_strip_class_init(SgpChannelStripClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_channel_strip_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-channel-strip.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, icon);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, headline);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, retry);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, notice);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, place);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, scroller);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, recipients);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, questions);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, form_frame);
	gtk_widget_class_bind_template_child(widget_class, SgpChannelStrip, form);
	gtk_widget_class_bind_template_callback(widget_class, retry_clicked);
	preferences_signal = g_signal_new("preferences", G_TYPE_FROM_CLASS(klass),
		G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_channel_strip_init(SgpChannelStrip *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_channel_strip_new(SgpDraft *draft)
{
	SgpChannelStrip *self = g_object_new(SGP_TYPE_CHANNEL_STRIP, NULL);
	self->draft = g_object_ref(draft);
	g_signal_connect_object(
		draft, "changed", G_CALLBACK(draft_changed), self, G_CONNECT_SWAPPED);
	draft_changed(self);
	return GTK_WIDGET(self);
}
