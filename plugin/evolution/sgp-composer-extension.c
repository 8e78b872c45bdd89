/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One per composer: shows the strip and the button, asks the agent while the mail is written, and
 * takes the Send button's work over. It never lets Evolution send by itself, except a redirect
 * among colleagues. Attack stopped: a handler of "send" runs after Evolution's own, when the clear
 * text is already on its way; "presend" is asked before. Shown by tests/hosts/test_send.py. */
#include "sgp-composer-extension.h"

#include <glib/gi18n-lib.h>
#include <libebackend/libebackend.h>
#include <libemail-engine/libemail-engine.h>
#include "sgp-agent-link.h"
#include "sgp-channel-strip.h"
#include "sgp-composer-reader.h"
#include "sgp-composer-send.h"
#include "sgp-inquiry-fetch.h"
#include "sgp-mail-state.h"
#include "sgp-protected-subject.h"
#include "sgp-words.h"

#define DRAFT_DATA "sgp-draft"

#define RECIPIENTS_REST_MS 150
#define SUBJECT_REST_MS    400
#define TEXT_REST_MS       800
#define MOST_ROUNDS        3

#define SGP_TYPE_COMPOSER_EXTENSION (sgp_composer_extension_get_type())
G_DECLARE_FINAL_TYPE(
	SgpComposerExtension, sgp_composer_extension, SGP, COMPOSER_EXTENSION, EExtension)

struct _SgpComposerExtension {
	EExtension parent_instance;

	SgpDraft *draft;  /* (owned) */
	GtkWidget *strip; /* (borrowed) lives in the composer */
	GCancellable
		*asking; /* (owned) (nullable) the question under way; a newer one cancels it */
	guint timeout;
	guint rounds;          /* how often this question was asked again after fetching */
	char *text;            /* (owned) (nullable) the body as last read */
	gboolean text_changed; /* since text was read */
	char *recipients;      /* (owned) (nullable) as last asked about */
};

G_DEFINE_DYNAMIC_TYPE(SgpComposerExtension, sgp_composer_extension, E_TYPE_EXTENSION)

static void ask_agent(SgpComposerExtension *self);
static void assess(SgpComposerExtension *self);

static EMsgComposer *get_composer(SgpComposerExtension *self)
{
	return E_MSG_COMPOSER(e_extension_get_extensible(E_EXTENSION(self)));
}

static gboolean is_sending(SgpComposerExtension *self)
{
	return sgp_draft_get_state(self->draft) == SGP_DRAFT_STATE_SENDING;
}

static void stop_asking(SgpComposerExtension *self)
{
	if (self->asking != NULL)
		g_cancellable_cancel(self->asking);
	g_clear_object(&self->asking);
}

static gboolean rested(gpointer user_data)
{
	SgpComposerExtension *self = user_data;
	self->timeout = 0;
	if (!is_sending(self))
		assess(self);
	return G_SOURCE_REMOVE;
}

static void schedule(SgpComposerExtension *self, guint rest_ms)
{
	if (self->timeout != 0)
		g_source_remove(self->timeout);
	self->timeout = g_timeout_add(rest_ms, rested, self);
}

static void ask_again(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	int n = sgp_inquiry_fetch_finish(result, &error);
	if (error != NULL)
		return; /* cancelled by a newer question; the extension may be gone */
	SgpComposerExtension *self = user_data;
	if (n > 0)
		ask_agent(self);
	else
		sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSED);
}

/* TRUE: messages of the conversation are being fetched for the agent. */
static gboolean fetch_needs(SgpComposerExtension *self)
{
	JsonObject *verdict = sgp_draft_get_verdict(self->draft);
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "needs") : NULL;
	JsonArray *array =
		node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	if (array == NULL || json_array_get_length(array) == 0 || self->rounds >= MOST_ROUNDS)
		return FALSE;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (guint i = 0; i < json_array_get_length(array); i++)
		g_strv_builder_add(builder, json_array_get_string_element(array, i));
	g_auto(GStrv) needs = g_strv_builder_end(builder);
	g_autoptr(CamelSession) session = e_msg_composer_ref_session(get_composer(self));
	self->rounds++;
	sgp_inquiry_fetch_async(
		E_MAIL_SESSION(session), (const char *const *)needs, self->asking, ask_again, self);
	return TRUE;
}

static void show_error(SgpComposerExtension *self, const GError *error)
{
	g_autofree char *remote = g_dbus_error_get_remote_error(error);
	sgp_draft_set_verdict(self->draft, NULL);
	if (remote == NULL || !g_str_has_prefix(remote, "org.siegelpost.Error.")) {
		sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_NO_AGENT);
		return;
	}
	g_autofree char *words = sgp_words_dup_error_of(error);
	sgp_draft_set_notice(self->draft, words);
	sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSED);
}

/* "The agent cannot be reached" is over once it has answered. Other notices stay until staff do
 * something about them. */
static void forget_missing_agent(SgpComposerExtension *self)
{
	g_autofree char *words = sgp_words_dup_error("no-agent");
	if (g_strcmp0(sgp_draft_get_notice(self->draft), words) == 0)
		sgp_draft_set_notice(self->draft, NULL);
}

/* Evolution begins the answer to an encrypted mail with "Re: [...]". */
static void restore_subject(SgpComposerExtension *self)
{
	EComposerHeaderTable *table = e_msg_composer_get_header_table(get_composer(self));
	JsonObject *verdict = sgp_draft_get_verdict(self->draft);
	const char *subject = e_composer_header_table_get_subject(table);
	g_autofree char *real = verdict != NULL && subject != NULL
					? sgp_protected_subject_dup(verdict, subject)
					: NULL;
	if (real != NULL)
		e_composer_header_table_set_subject(table, real);
}

static void got_verdict(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json = NULL;
	sgp_agent1_call_assess_finish(SGP_AGENT1(source), &json, result, &error);
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* a newer question was asked; the extension may be gone */
	SgpComposerExtension *self = user_data;
	if (is_sending(self))
		return; /* the pipeline's own verdict is the newer one */
	if (json == NULL) {
		show_error(self, error);
		return;
	}
	forget_missing_agent(self);
	if (!sgp_draft_set_verdict_json(self->draft, json))
		g_warning("The agent's verdict cannot be read");
	if (!fetch_needs(self)) {
		sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSED);
		restore_subject(self);
	}
}

static void ask_agent(SgpComposerExtension *self)
{
	SgpAgent1 *agent = sgp_draft_get_agent(self->draft);
	if (agent == NULL)
		return;
	g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);
	sgp_composer_reader_add_draft(get_composer(self), self->text, &builder);
	sgp_draft_add_options(self->draft, &builder);
	sgp_agent1_call_assess(
		agent, g_variant_builder_end(&builder), self->asking, got_verdict, self);
}

static void got_text(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	EContentEditorContentHash *content =
		e_content_editor_get_content_finish(E_CONTENT_EDITOR(source), result, &error);
	if (content == NULL)
		return; /* cancelled, or the editor is not ready: it says "content-changed" when it
			   is */
	SgpComposerExtension *self = user_data;
	const char *text =
		e_content_editor_util_get_content_data(content, E_CONTENT_EDITOR_GET_TO_SEND_PLAIN);
	g_free(self->text);
	self->text = g_utf8_make_valid(text != NULL ? text : "", -1);
	self->text_changed = FALSE;
	e_content_editor_util_free_content_hash(content);
	ask_agent(self);
}

static void note_recipients(SgpComposerExtension *self)
{
	g_autofree char *recipients = sgp_composer_reader_dup_recipients(get_composer(self));
	if (g_strcmp0(recipients, self->recipients) == 0)
		return;
	sgp_composer_send_forget_pass(get_composer(self));
	if (self->recipients != NULL)
		sgp_draft_forget_confirmations(self->draft);
	g_free(self->recipients);
	self->recipients = g_steal_pointer(&recipients);
}

static void assess(SgpComposerExtension *self)
{
	EMsgComposer *composer = get_composer(self);
	stop_asking(self);
	note_recipients(self);
	if (sgp_draft_get_agent(self->draft) == NULL)
		return;
	if (!sgp_composer_reader_has_recipients(composer)) {
		sgp_draft_set_verdict(self->draft, NULL);
		sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSED);
		return;
	}
	g_autofree char *from = sgp_composer_reader_dup_from(composer);
	sgp_draft_set_from(self->draft, from);
	sgp_composer_reader_ensure_draft_id(composer);
	self->asking = g_cancellable_new();
	self->rounds = 0;
	sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSING);
	if (self->text != NULL && !self->text_changed) {
		ask_agent(self);
		return;
	}
	EContentEditor *editor =
		e_html_editor_get_content_editor(e_msg_composer_get_editor(composer));
	e_content_editor_get_content(
		editor, E_CONTENT_EDITOR_GET_TO_SEND_PLAIN, NULL, self->asking, got_text, self);
}

static void recipients_changed(SgpComposerExtension *self)
{
	sgp_draft_set_notice(self->draft, NULL);
	schedule(self, RECIPIENTS_REST_MS);
}

static void subject_changed(SgpComposerExtension *self)
{
	schedule(self, SUBJECT_REST_MS);
}

static void text_changed(SgpComposerExtension *self)
{
	self->text_changed = TRUE;
	schedule(self, TEXT_REST_MS);
}

static void options_changed(SgpComposerExtension *self)
{
	sgp_draft_set_notice(self->draft, NULL);
	schedule(self, 0);
}

static void reply_chosen(SgpComposerExtension *self, const char *message_id)
{
	sgp_composer_reader_set_reply_to(get_composer(self), message_id);
	options_changed(self);
}

static void link_changed(SgpComposerExtension *self)
{
	sgp_draft_set_agent(self->draft, sgp_agent_link_get_agent(sgp_agent_link_get_default()));
	schedule(self, RECIPIENTS_REST_MS);
}

static void show_preferences(SgpComposerExtension *self)
{
	EShell *shell = e_msg_composer_get_shell(get_composer(self));
	GtkWidget *window = e_shell_get_preferences_window(shell);
	gtk_window_set_transient_for(GTK_WINDOW(window), NULL);
	e_preferences_window_show_page(E_PREFERENCES_WINDOW(window), "siegelpost");
	gtk_window_present(GTK_WINDOW(window));
}

static void hold(SgpComposerExtension *self, const char *nick)
{
	g_autofree char *words = sgp_words_dup_error(nick);
	sgp_draft_set_notice(self->draft, words);
}

/* TRUE lets Evolution send by itself. */
static gboolean presend(EMsgComposer *composer, SgpComposerExtension *self)
{
	if (is_sending(self))
		return FALSE;
	/* Send may be quicker than the rest after the last keystroke: what was answered for other
	 * recipients, and the pass of a redirect, are gone before anything is done with them. */
	note_recipients(self);
	if (sgp_composer_send_may_pass(composer))
		return TRUE;
	if (sgp_draft_get_agent(self->draft) == NULL) {
		hold(self, "no-agent");
		return FALSE;
	}
	if (sgp_composer_reader_posts_to_news(composer)) {
		hold(self, "news");
		return FALSE;
	}
	if (self->timeout != 0)
		g_source_remove(self->timeout);
	self->timeout = 0;
	stop_asking(self);
	sgp_composer_send(composer, self->draft);
	return FALSE;
}

static void stop_unsealed(EMsgComposer *composer, CamelMimeMessage *message, EActivity *activity,
	const char *signal_name)
{
	if (sgp_composer_send_may_pass(composer))
		return;
	g_signal_stop_emission_by_name(composer, signal_name);
	SgpDraft *draft = g_object_get_data(G_OBJECT(composer), DRAFT_DATA);
	g_autofree char *words = sgp_words_dup_may_leave("not-sealed");
	g_warning("Evolution tried to send by itself; stopped");
	if (draft != NULL)
		sgp_draft_set_notice(draft, words);
}

void sgp_composer_extension_assert_sealed(EMsgComposer *composer)
{
	g_signal_connect(composer, "send", G_CALLBACK(stop_unsealed), (gpointer) "send");
	g_signal_connect(
		composer, "save-to-outbox", G_CALLBACK(stop_unsealed), (gpointer) "save-to-outbox");
}

static void add_strip(SgpComposerExtension *self)
{
	EMsgComposer *composer = get_composer(self);
	GtkWidget *table = GTK_WIDGET(e_msg_composer_get_header_table(composer));
	GtkWidget *box = gtk_widget_get_parent(table);
	int position = 0;
	g_return_if_fail(GTK_IS_BOX(box));
	self->strip = sgp_channel_strip_new(self->draft);
	gtk_container_child_get(GTK_CONTAINER(box), table, "position", &position, NULL);
	gtk_box_pack_start(GTK_BOX(box), self->strip, FALSE, FALSE, 0);
	gtk_box_reorder_child(GTK_BOX(box), self->strip, position + 1);
	gtk_widget_show(self->strip);
	g_signal_connect_object(
		self->strip, "preferences", G_CALLBACK(show_preferences), self, G_CONNECT_SWAPPED);
}

/* Into the header bar, or where header bars are switched off into the toolbar. Placed by hand: the
 * UI manager's ways differ between the versions. */
static void add_state_button(SgpComposerExtension *self)
{
	EMsgComposer *composer = get_composer(self);
	GtkWidget *button = sgp_mail_state_new(self->draft);
	GtkWidget *bar = gtk_window_get_titlebar(GTK_WINDOW(composer));
	g_signal_connect_object(button, "choose-matter",
		G_CALLBACK(sgp_channel_strip_choose_matter), self->strip, G_CONNECT_SWAPPED);
	if (GTK_IS_HEADER_BAR(bar)) {
		gtk_header_bar_pack_end(GTK_HEADER_BAR(bar), button);
		return;
	}
	GtkWidget *toolbar = e_html_editor_get_managed_widget(
		e_msg_composer_get_editor(composer), "/main-toolbar");
	GtkToolItem *item = gtk_tool_item_new();
	gtk_container_add(GTK_CONTAINER(item), button);
	gtk_widget_show(GTK_WIDGET(item));
	if (GTK_IS_TOOLBAR(toolbar))
		gtk_toolbar_insert(GTK_TOOLBAR(toolbar), item, -1);
	else
		gtk_widget_destroy(
			g_object_ref_sink(GTK_WIDGET(item))); /* the strip says the same */
}

static void watch(SgpComposerExtension *self)
{
	static const char *const recipients[] = { "notify::destinations-to",
		"notify::destinations-cc", "notify::destinations-bcc", "notify::identity-uid" };
	EMsgComposer *composer = get_composer(self);
	EComposerHeaderTable *table = e_msg_composer_get_header_table(composer);
	EContentEditor *editor =
		e_html_editor_get_content_editor(e_msg_composer_get_editor(composer));
	EAttachmentStore *store =
		e_attachment_view_get_store(e_msg_composer_get_attachment_view(composer));
	SgpAgentLink *link = sgp_agent_link_get_default();
	for (gsize i = 0; i < G_N_ELEMENTS(recipients); i++)
		g_signal_connect_object(table, recipients[i], G_CALLBACK(recipients_changed), self,
			G_CONNECT_SWAPPED);
	g_signal_connect_object(
		table, "notify::subject", G_CALLBACK(subject_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		editor, "content-changed", G_CALLBACK(text_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(store, "notify::num-attachments", G_CALLBACK(subject_changed), self,
		G_CONNECT_SWAPPED);
	/* The conversation is known only when the window is shown. */
	g_signal_connect_object(composer, "map", G_CALLBACK(subject_changed), self,
		G_CONNECT_SWAPPED | G_CONNECT_AFTER);
	/* After Evolution's own questions (no subject, many recipients), and before it builds
	 * anything. */
	g_signal_connect_object(composer, "presend", G_CALLBACK(presend), self, G_CONNECT_AFTER);
	g_signal_connect_object(self->draft, "options-changed", G_CALLBACK(options_changed), self,
		G_CONNECT_SWAPPED);
	g_signal_connect_object(
		self->draft, "reply-to", G_CALLBACK(reply_chosen), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(link, "changed", G_CALLBACK(link_changed), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(
		link, "assess-again", G_CALLBACK(subject_changed), self, G_CONNECT_SWAPPED);
}

static void sgp_composer_extension_constructed(GObject *object)
{
	SgpComposerExtension *self = SGP_COMPOSER_EXTENSION(object);
	G_OBJECT_CLASS(sgp_composer_extension_parent_class)->constructed(object);
	self->draft = sgp_draft_new();
	g_object_set_data_full(G_OBJECT(get_composer(self)), DRAFT_DATA, g_object_ref(self->draft),
		g_object_unref);
	sgp_draft_set_agent(self->draft, sgp_agent_link_get_agent(sgp_agent_link_get_default()));
	if (sgp_draft_get_agent(self->draft) != NULL)
		sgp_draft_set_state(self->draft, SGP_DRAFT_STATE_ASSESSED);
	add_strip(self);
	add_state_button(self);
	watch(self);
}

static void sgp_composer_extension_dispose(GObject *object)
{
	SgpComposerExtension *self = SGP_COMPOSER_EXTENSION(object);
	if (self->timeout != 0)
		g_source_remove(self->timeout);
	self->timeout = 0;
	stop_asking(self);
	G_OBJECT_CLASS(sgp_composer_extension_parent_class)->dispose(object);
}

static void sgp_composer_extension_finalize(GObject *object)
{
	SgpComposerExtension *self = SGP_COMPOSER_EXTENSION(object);
	g_clear_object(&self->draft);
	g_free(self->text);
	g_free(self->recipients);
	G_OBJECT_CLASS(sgp_composer_extension_parent_class)->finalize(object);
}

static void sgp_composer_extension_class_init(SgpComposerExtensionClass *klass)
{
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	object_class->constructed = sgp_composer_extension_constructed;
	object_class->dispose = sgp_composer_extension_dispose;
	object_class->finalize = sgp_composer_extension_finalize;
	E_EXTENSION_CLASS(klass)->extensible_type = E_TYPE_MSG_COMPOSER;
}

static void sgp_composer_extension_class_finalize(SgpComposerExtensionClass *klass)
{
}

static void sgp_composer_extension_init(SgpComposerExtension *self)
{
}

void sgp_composer_extension_register(GTypeModule *type_module)
{
	sgp_composer_extension_register_type(type_module);
}
