/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pipeline behind the Send button, from the frozen mail to the closed composer. It decides
 * nothing: the agent's answer says whether the mail left. No step waits on the main loop, and no
 * failure leaves more behind than a sentence in the strip. */
#include "sgp-composer-send.h"

#include <gio/gunixfdlist.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <libemail-engine/libemail-engine.h>
#include <mail/mail-send-recv.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sgp-composer-reader.h"
#include "sgp-evolution-compat.h"
#include "sgp-inquiry-fetch.h"
#include "sgp-invitation-window.h"
#include "sgp-job-run.h"
#include "sgp-outbox.h"
#include "sgp-words.h"

#define MAY_PASS_DATA "sgp-may-pass"
#define MOST_ROUNDS   3 /* deciding, fetching what is needed, deciding again */

static const char *const crypto_actions[] = { "pgp-encrypt", "pgp-sign", "smime-encrypt",
	"smime-sign" };

typedef struct {
	EMsgComposer *composer;                 /* (owned) */
	EMailSession *session;                  /* (owned) */
	SgpDraft *draft;                        /* (owned) */
	SgpAgent1 *agent;                       /* (owned) */
	EActivity *activity;                    /* (owned) the composer is busy while it lives */
	GCancellable *cancellable;              /* (owned) */
	CamelMimeMessage *message;              /* (owned) (nullable) */
	CamelNameValueArray *evolution_headers; /* (owned) (nullable) taken out of message */
	char *identity_uid;                     /* (owned) (nullable) */
	JsonNode *result;                       /* (owned) (nullable) */
	int fd;                                 /* (owned) the frozen mail, -1: none yet */
	guint rounds;
	gboolean lost_agent; /* it went away while the job ran: the outcome has to be asked */
	guint n_taken;
	gboolean crypto_was[G_N_ELEMENTS(crypto_actions)];
} Sending;

static void prepare(Sending *sending);

static void sending_free(Sending *sending)
{
	if (sending->fd >= 0)
		close(sending->fd);
	g_clear_pointer(&sending->evolution_headers, camel_name_value_array_free);
	g_clear_object(&sending->message);
	g_clear_object(&sending->activity);
	g_clear_object(&sending->cancellable);
	g_clear_object(&sending->agent);
	g_clear_object(&sending->draft);
	g_clear_object(&sending->session);
	g_clear_object(&sending->composer);
	g_clear_pointer(&sending->result, json_node_unref);
	g_free(sending->identity_uid);
	g_free(sending);
}

static EContentEditor *get_editor(Sending *sending)
{
	return e_html_editor_get_content_editor(e_msg_composer_get_editor(sending->composer));
}

static SgpAction *get_action(Sending *sending, const char *name)
{
	return e_html_editor_get_action(e_msg_composer_get_editor(sending->composer), name);
}

/* Evolution would encrypt inside our seal, or sign what it shows as its own: the seal is the
 * agent's alone. */
static void switch_crypto_off(Sending *sending)
{
	for (gsize i = 0; i < G_N_ELEMENTS(crypto_actions); i++) {
		SgpAction *action = get_action(sending, crypto_actions[i]);
		sending->crypto_was[i] = action != NULL && sgp_action_get_active(action);
		if (sending->crypto_was[i])
			sgp_action_set_active(action, FALSE);
	}
}

static void restore_crypto(Sending *sending)
{
	for (gsize i = 0; i < G_N_ELEMENTS(crypto_actions); i++)
		if (sending->crypto_was[i])
			sgp_action_set_active(get_action(sending, crypto_actions[i]), TRUE);
}

/* Nothing left. The composer is as it was before Send, the strip says why. */
static void end_unsent(Sending *sending, const char *notice)
{
	restore_crypto(sending);
	e_content_editor_set_changed(get_editor(sending), TRUE);
	sgp_draft_set_notice(sending->draft, notice);
	sgp_draft_set_state(sending->draft, SGP_DRAFT_STATE_ASSESSED);
	if (g_cancellable_is_cancelled(sending->cancellable))
		e_activity_set_state(sending->activity, E_ACTIVITY_CANCELLED);
	gtk_window_present(GTK_WINDOW(sending->composer));
	sending_free(sending);
}

static void end_with_error(Sending *sending, const GError *error)
{
	g_autofree char *words = sgp_words_dup_error_of(error);
	end_unsent(sending, words);
}

static void end_with_nick(Sending *sending, const char *nick)
{
	g_autofree char *words = sgp_words_dup_error(nick);
	end_unsent(sending, words);
}

static JsonObject *get_result(Sending *sending)
{
	return json_node_get_object(sending->result);
}

static void show_invitations(Sending *sending)
{
	JsonNode *node = json_object_get_member(get_result(sending), "invitations");
	if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node) ||
		json_array_get_length(json_node_get_array(node)) == 0)
		return;
	EShell *shell = e_msg_composer_get_shell(sending->composer);
	GtkWidget *window = sgp_invitation_window_new(
		GTK_APPLICATION(shell), sending->agent, json_node_get_array(node));
	gtk_window_present(GTK_WINDOW(window));
}

static void destroy_composer(gpointer composer, GObject *gone)
{
	gtk_widget_destroy(GTK_WIDGET(composer));
}

static void close_composer(Sending *sending)
{
	e_content_editor_set_changed(get_editor(sending), FALSE);
	gtk_widget_hide(GTK_WIDGET(sending->composer));
	e_activity_set_state(sending->activity, E_ACTIVITY_COMPLETED);
	show_invitations(sending);
	/* As Evolution does: its activity bar holds the activity for a moment and touches the
	 * editor when it lets go. */
	g_object_weak_ref(G_OBJECT(sending->activity), destroy_composer, sending->composer);
	sending_free(sending);
}

static void taken_over(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	gboolean done = g_task_propagate_boolean(G_TASK(result), &error);
	if (sending->n_taken > 0 && camel_session_get_online(CAMEL_SESSION(sending->session)))
		mail_send(sending->session);
	if (!done) {
		/* Committed all the same: what is still with the agent is taken over at the next
		 * start, or by the next mail. */
		g_warning("A sealed copy could not be taken over: %s", error->message);
		end_unsent(sending,
			_("The mail is sealed and safe, but Evolution's own folders did not take "
			  "all of it. It is delivered when Evolution is started again. "
			  "Please do not send it a second time; you can close this window."));
		return;
	}
	close_composer(sending);
}

static void take_over_thread(
	GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
	Sending *sending = task_data; /* the main thread waits for this one */
	GError *error = NULL;
	/* Not cancellable any more: it is committed. */
	gboolean done = sgp_outbox_take_over_sync(
		sending->session, sending->identity_uid, &sending->n_taken, NULL, &error);
	g_autoptr(GError) flag_error = NULL;
	mail_tool_restore_xevolution_headers(sending->message, sending->evolution_headers);
	if (!e_mail_session_handle_draft_headers_sync(
		    sending->session, sending->message, NULL, &flag_error))
		g_message("The draft could not be removed: %s",
			flag_error != NULL ? flag_error->message : "?");
	g_clear_error(&flag_error);
	if (!e_mail_session_handle_source_headers_sync(
		    sending->session, sending->message, NULL, &flag_error))
		g_message("The inquiry could not be marked as answered: %s",
			flag_error != NULL ? flag_error->message : "?");
	if (done)
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

static void take_over(Sending *sending)
{
	e_activity_set_text(sending->activity, _("Handing the sealed mail over"));
	g_autoptr(GTask) task = g_task_new(NULL, NULL, taken_over, sending);
	g_task_set_task_data(task, sending, NULL);
	g_task_run_in_thread(task, take_over_thread);
}

static JsonObject *get_verdict(Sending *sending)
{
	JsonNode *node = json_object_get_member(get_result(sending), "verdict");
	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* (transfer full) (nullable) */
static char **dup_needs(JsonObject *verdict)
{
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "needs") : NULL;
	if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node) ||
		json_array_get_length(json_node_get_array(node)) == 0)
		return NULL;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	for (guint i = 0; i < json_array_get_length(json_node_get_array(node)); i++)
		g_strv_builder_add(
			builder, json_array_get_string_element(json_node_get_array(node), i));
	return g_strv_builder_end(builder);
}

static void fetched(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	int n = sgp_inquiry_fetch_finish(result, &error);
	if (error != NULL)
		end_with_error(sending, error);
	else if (n > 0)
		prepare(sending);
	else
		end_unsent(sending, _("Not sent: a message of this conversation could not be read. "
				      "Please try again when the mail server can be reached."));
}

/* TRUE: the agent needs to read messages of the conversation first, and that is under way. */
static gboolean fetch_needs(Sending *sending, JsonObject *verdict)
{
	g_auto(GStrv) needs = dup_needs(verdict);
	if (needs == NULL || sending->rounds >= MOST_ROUNDS)
		return FALSE;
	sgp_inquiry_fetch_async(sending->session, (const char *const *)needs, sending->cancellable,
		fetched, sending);
	return TRUE;
}

static void act_on_result(Sending *sending)
{
	JsonObject *result = get_result(sending), *verdict = get_verdict(sending);
	const char *status = json_object_get_string_member_with_default(result, "status", NULL);
	if (g_strcmp0(status, "committed") == 0) {
		take_over(sending);
		return;
	}
	/* The draft-id is used up, by the agent that went away: then it was committed. No other
	 * error says so, and what is still pending does not either: another window may have taken
	 * it over. */
	if (sending->lost_agent && g_strcmp0(status, "failed") == 0 &&
		g_strcmp0(json_object_get_string_member_with_default(result, "error", NULL),
			"already-done") == 0) {
		take_over(sending);
		return;
	}
	gboolean is_decision = g_strcmp0(status, "hold") == 0 || g_strcmp0(status, "ask") == 0;
	if (is_decision && fetch_needs(sending, verdict))
		return;
	if (verdict != NULL)
		sgp_draft_set_verdict(sending->draft, verdict);
	if (g_strcmp0(status, "hold") == 0)
		end_unsent(sending, _("Not sent. What is missing stands below."));
	else if (g_strcmp0(status, "ask") == 0)
		end_unsent(sending,
			_("Not sent yet. Please answer the question below, then send again."));
	else if (g_strcmp0(status, "cancelled") == 0)
		end_with_nick(sending, "cancelled");
	else
		end_with_nick(sending,
			json_object_get_string_member_with_default(result, "error", "failed"));
}

/* The agent went away while the job ran, and may have committed it: the draft id makes the same
 * question safe, and the new agent knows the answer. */
static gboolean ask_again(Sending *sending, const GError *error)
{
	g_autofree char *remote = g_dbus_error_get_remote_error(error);
	if (sending->lost_agent ||
		(remote != NULL && g_str_has_prefix(remote, "org.siegelpost.Error.")))
		return FALSE;
	sending->lost_agent = TRUE;
	prepare(sending);
	return TRUE;
}

static void job_ended(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	g_autofree char *json = sgp_job_run_finish(result, &error);
	if (json == NULL) {
		if (!ask_again(sending, error))
			end_with_error(sending, error);
		return;
	}
	g_clear_pointer(&sending->result, json_node_unref);
	sending->result = json_from_string(json, NULL);
	if (sending->result == NULL || !JSON_NODE_HOLDS_OBJECT(sending->result)) {
		end_with_nick(sending, "failed");
		return;
	}
	act_on_result(sending);
}

static void show_progress(const char *stage, guint percent, gpointer user_data)
{
	Sending *sending = user_data;
	g_autofree char *words = sgp_words_dup_stage(stage);
	e_activity_set_text(sending->activity, words);
	e_activity_set_percent(sending->activity, MIN(percent, 100));
}

static void job_started(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	g_autofree char *path = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_with_unix_fd_list_finish(
		G_DBUS_PROXY(source), NULL, result, &error);
	if (answer == NULL) {
		/* The agent may have begun before it went away. */
		if (!ask_again(sending, error))
			end_with_error(sending, error);
		return;
	}
	g_variant_get(answer, "(o)", &path);
	sgp_job_run_async(sending->agent, path, show_progress, sending, sending->cancellable,
		job_ended, sending);
}

static void prepare(Sending *sending)
{
	g_auto(GVariantBuilder) options = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);
	g_autoptr(GVariant) bcc = sgp_composer_reader_get_bcc(sending->composer);
	g_autoptr(GUnixFDList) fds = g_unix_fd_list_new();
	g_autoptr(GError) error = NULL;
	int handle = g_unix_fd_list_append(fds, sending->fd, &error);
	if (handle < 0 || lseek(sending->fd, 0, SEEK_SET) != 0) {
		end_with_nick(sending, "failed");
		return;
	}
	g_variant_builder_add(&options, "{sv}", "draft-id",
		g_variant_new_string(sgp_composer_reader_ensure_draft_id(sending->composer)));
	g_variant_builder_add(&options, "{sv}", "bcc", bcc);
	sgp_draft_add_options(sending->draft, &options);
	sending->rounds++;
	show_progress("deciding", 0, sending);
	/* Neither cancelled nor timed out here: the agent may have begun by then, and only its job
	 * says how it ended. Cancelling reaches the job as soon as it is known. */
	g_dbus_proxy_call_with_unix_fd_list(G_DBUS_PROXY(sending->agent), "Prepare",
		g_variant_new("(h@a{sv})", handle, g_variant_builder_end(&options)),
		G_DBUS_CALL_FLAGS_NONE, G_MAXINT, fds, NULL, job_started, sending);
}

static void frozen(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	if (g_task_propagate_boolean(G_TASK(result), &error))
		prepare(sending);
	else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		end_with_error(sending, error);
	else
		end_with_nick(sending, "failed");
}

/* The mail's bytes go into memory that has no name on any disk. */
static void freeze_thread(
	GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
	Sending *sending = task_data;
	GError *error = NULL;
	sending->fd = memfd_create("siegelpost-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (sending->fd < 0) {
		g_task_return_new_error(task, G_IO_ERROR, G_IO_ERROR_FAILED, "memfd_create");
		return;
	}
	g_autoptr(GOutputStream) stream = g_unix_output_stream_new(sending->fd, FALSE);
	if (camel_data_wrapper_write_to_output_stream_sync(
		    CAMEL_DATA_WRAPPER(sending->message), stream, cancellable, &error) < 0)
		g_task_return_error(task, error);
	else
		g_task_return_boolean(task, TRUE);
}

static gboolean is_kind(JsonObject *recipient, const char *member, const char *kind)
{
	JsonNode *node = json_object_get_member(recipient, member);
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return FALSE;
	JsonObject *object = json_node_get_object(node);
	return g_strcmp0(json_object_get_string_member_with_default(object, "refusal", NULL),
		       NULL) == 0 &&
	       g_strcmp0(json_object_get_string_member_with_default(object, "kind", NULL), kind) ==
		       0;
}

/* A colleague to whom the office's rules let mail go unencrypted: where they ask for encryption
 * among colleagues, the channel is another one. */
static gboolean may_be_plain(JsonObject *recipient)
{
	return is_kind(recipient, "basis", "internal") && is_kind(recipient, "channel", "plain");
}

static gboolean may_all_be_plain(JsonObject *verdict)
{
	JsonNode *node = verdict != NULL ? json_object_get_member(verdict, "recipients") : NULL;
	if (node == NULL || !JSON_NODE_HOLDS_ARRAY(node))
		return FALSE;
	JsonArray *recipients = json_node_get_array(node);
	gboolean all = json_array_get_length(recipients) > 0;
	for (guint i = 0; all && i < json_array_get_length(recipients); i++)
		all = may_be_plain(json_array_get_object_element(recipients, i));
	return all;
}

gboolean sgp_composer_send_may_pass(EMsgComposer *composer)
{
	return g_object_get_data(G_OBJECT(composer), MAY_PASS_DATA) != NULL;
}

void sgp_composer_send_forget_pass(EMsgComposer *composer)
{
	g_object_set_data(G_OBJECT(composer), MAY_PASS_DATA, NULL);
}

static gboolean send_as_it_is(gpointer composer)
{
	e_msg_composer_send(E_MSG_COMPOSER(composer));
	return G_SOURCE_REMOVE;
}

/* A redirected mail must stay what it was, so it cannot be sealed. Among colleagues it may pass;
 * the transport asks once more for the real recipients. */
static void end_redirect(Sending *sending)
{
	if (!may_all_be_plain(sgp_draft_get_verdict(sending->draft))) {
		end_with_nick(sending, "redirect");
		return;
	}
	g_object_set_data(G_OBJECT(sending->composer), MAY_PASS_DATA, GINT_TO_POINTER(TRUE));
	g_idle_add_full(G_PRIORITY_DEFAULT_IDLE, send_as_it_is, g_object_ref(sending->composer),
		g_object_unref);
	end_unsent(sending, NULL);
}

static void got_message(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Sending *sending = user_data;
	g_autoptr(GError) error = NULL;
	sending->message = e_msg_composer_get_message_finish(sending->composer, result, &error);
	if (sending->message == NULL) {
		gboolean cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
		end_with_nick(sending, cancelled ? "cancelled" : "invalid");
		return;
	}
	if (camel_medium_get_header(CAMEL_MEDIUM(sending->message), "X-Evolution-Is-Redirect") !=
			NULL ||
		camel_medium_get_header(CAMEL_MEDIUM(sending->message), "Resent-From") != NULL) {
		end_redirect(sending);
		return;
	}
	/* Names of the user's folders and accounts, and our own mark, are nobody else's business.
	 */
	sending->evolution_headers = mail_tool_remove_xevolution_headers(sending->message);
	camel_medium_remove_header(CAMEL_MEDIUM(sending->message), SGP_DRAFT_HEADER);
	g_autoptr(GTask) task = g_task_new(NULL, sending->cancellable, frozen, sending);
	g_task_set_task_data(task, sending, NULL);
	g_task_run_in_thread(task, freeze_thread);
}

void sgp_composer_send(EMsgComposer *composer, SgpDraft *draft)
{
	Sending *sending = g_new0(Sending, 1);
	g_autoptr(CamelSession) session = e_msg_composer_ref_session(composer);
	sending->fd = -1;
	sending->composer = g_object_ref(composer);
	sending->session = E_MAIL_SESSION(g_object_ref(session));
	sending->draft = g_object_ref(draft);
	sending->agent = g_object_ref(sgp_draft_get_agent(draft));
	sending->identity_uid = e_composer_header_table_dup_identity_uid(
		e_msg_composer_get_header_table(composer), NULL, NULL);
	sending->activity = e_html_editor_new_activity(e_msg_composer_get_editor(composer));
	sending->cancellable = g_object_ref(e_activity_get_cancellable(sending->activity));
	sgp_draft_set_notice(draft, NULL);
	sgp_draft_set_state(draft, SGP_DRAFT_STATE_SENDING);
	e_activity_set_text(sending->activity, _("Reading the mail"));
	switch_crypto_off(sending);
	sgp_composer_reader_ensure_draft_id(composer);
	e_msg_composer_get_message(
		composer, G_PRIORITY_DEFAULT, sending->cancellable, got_message, sending);
}
