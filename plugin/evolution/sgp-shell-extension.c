/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One per process: what happens once at start. It takes over copies that a crash left with the
 * agent, begins to feed the history, and adds the preferences page. */
#include "sgp-shell-extension.h"

#include <glib/gi18n-lib.h>
#include <libebackend/libebackend.h>
#include <mail/e-mail-backend.h>
#include <mail/mail-send-recv.h>
#include "sgp-agent-link.h"
#include "sgp-composer-extension.h"
#include "sgp-event-notice.h"
#include "sgp-history-feed.h"
#include "sgp-left-copies.h"
#include "sgp-outbox.h"
#include "sgp-preferences.h"
#include "sgp-ui.h"
#include "sgp-waiting-notice.h"

#define PAGE_ORDER 850 /* after Evolution's own pages */

#define SGP_TYPE_SHELL_EXTENSION (sgp_shell_extension_get_type())
G_DECLARE_FINAL_TYPE(SgpShellExtension, sgp_shell_extension, SGP, SHELL_EXTENSION, EExtension)

struct _SgpShellExtension {
	EExtension parent_instance;

	SgpHistoryFeed *feed;     /* (owned) (nullable) */
	SgpWaitingNotice *notice; /* (owned) (nullable) */
	SgpEventNotice *events;   /* (owned) (nullable) */
	gulong window_hook;
};

G_DEFINE_DYNAMIC_TYPE(SgpShellExtension, sgp_shell_extension, E_TYPE_EXTENSION)

static EShell *get_shell(SgpShellExtension *self)
{
	return E_SHELL(e_extension_get_extensible(E_EXTENSION(self)));
}

/* (transfer none) (nullable) */
static EMailSession *get_session(SgpShellExtension *self)
{
	EShellBackend *backend = e_shell_get_backend_by_name(get_shell(self), "mail");
	return E_IS_MAIL_BACKEND(backend)
		       ? E_MAIL_SESSION(e_mail_backend_get_session(E_MAIL_BACKEND(backend)))
		       : NULL;
}

static char *dup_default_address(EShell *shell)
{
	g_autoptr(ESource) source =
		e_source_registry_ref_default_mail_identity(e_shell_get_registry(shell));
	if (source == NULL)
		return NULL;
	return e_source_mail_identity_dup_address(
		e_source_get_extension(source, E_SOURCE_EXTENSION_MAIL_IDENTITY));
}

static void update_page(GtkWidget *page)
{
	g_autofree char *address = dup_default_address(e_shell_get_default());
	sgp_preferences_set_agent(SGP_PREFERENCES(page),
		sgp_agent_link_get_agent(sgp_agent_link_get_default()), address);
}

static GtkWidget *create_page(EPreferencesWindow *window)
{
	GtkWidget *page = sgp_preferences_new();
	GtkWidget *scroller = gtk_scrolled_window_new(NULL, NULL);
	gtk_scrolled_window_set_policy(
		GTK_SCROLLED_WINDOW(scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_container_add(GTK_CONTAINER(scroller), page);
	gtk_widget_show_all(scroller);
	g_signal_connect_object(sgp_agent_link_get_default(), "changed", G_CALLBACK(update_page),
		page, G_CONNECT_SWAPPED);
	/* Shown again later: things may have changed. */
	g_signal_connect_object(page, "map", G_CALLBACK(update_page), page, 0);
	return scroller;
}

static void taken_over(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GError) error = NULL;
	guint n_taken = GPOINTER_TO_UINT(g_task_get_task_data(G_TASK(result)));
	if (!g_task_propagate_boolean(G_TASK(result), &error))
		g_message("Sealed copies of an earlier run could not all be taken over: %s",
			error->message);
	if (n_taken > 0 && camel_session_get_online(CAMEL_SESSION(source)))
		mail_send(E_MAIL_SESSION(source));
}

static void take_over_thread(
	GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
	guint n_taken = 0;
	GError *error = NULL;
	sgp_left_copies_forget_old(g_get_real_time() / G_USEC_PER_SEC);
	gboolean done = sgp_outbox_take_over_sync(
		E_MAIL_SESSION(source), NULL, &n_taken, cancellable, &error);
	g_task_set_task_data(task, GUINT_TO_POINTER(n_taken), NULL);
	if (done)
		g_task_return_boolean(task, TRUE);
	else
		g_task_return_error(task, error);
}

/* A crash between "committed" and "in the outbox" left copies with the agent. */
static void recover(EMailSession *session)
{
	g_autoptr(GTask) task = g_task_new(session, NULL, taken_over, NULL);
	g_task_run_in_thread(task, take_over_thread);
}

static gboolean begin(gpointer user_data)
{
	SgpShellExtension *self = user_data;
	EShell *shell = get_shell(self);
	EMailSession *session = get_session(self);
	self->notice = sgp_waiting_notice_new(shell);
	self->events = sgp_event_notice_new(shell);
	e_preferences_window_add_page(E_PREFERENCES_WINDOW(e_shell_get_preferences_window(shell)),
		"siegelpost", "security-high", _("Siegelpost"), NULL, create_page, PAGE_ORDER);
	if (session != NULL) {
		recover(session);
		self->feed = sgp_history_feed_new(session);
		sgp_history_feed_start(self->feed);
	}
	return G_SOURCE_REMOVE;
}

static void ready_to_start(EShell *shell, gpointer event_data, SgpShellExtension *self)
{
	g_idle_add_full(G_PRIORITY_LOW, begin, g_object_ref(self), g_object_unref);
}

static void prepare_for_quit(EShell *shell, EActivity *activity, SgpShellExtension *self)
{
	if (self->feed != NULL)
		sgp_history_feed_stop(self->feed);
	g_clear_object(&self->feed);
	g_clear_object(&self->notice);
	g_clear_object(&self->events);
}

/* Runs before every handler of "window-added", so before Evolution connects its own "send" in one
 * of them. */
static gboolean window_added(
	GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer user_data)
{
	GObject *window = n_values > 1 ? g_value_get_object(&values[1]) : NULL;
	if (E_IS_MSG_COMPOSER(window))
		sgp_composer_extension_assert_sealed(E_MSG_COMPOSER(window));
	return TRUE; /* stay */
}

static void sgp_shell_extension_constructed(GObject *object)
{
	SgpShellExtension *self = SGP_SHELL_EXTENSION(object);
	EShell *shell = get_shell(self);
	G_OBJECT_CLASS(sgp_shell_extension_parent_class)->constructed(object);
	sgp_ui_init();
	self->window_hook = g_signal_add_emission_hook(
		g_signal_lookup("window-added", GTK_TYPE_APPLICATION), 0, window_added, NULL, NULL);
	g_signal_connect_object(
		shell, "event::ready-to-start", G_CALLBACK(ready_to_start), self, 0);
	g_signal_connect_object(shell, "prepare-for-quit", G_CALLBACK(prepare_for_quit), self, 0);
}

static void sgp_shell_extension_dispose(GObject *object)
{
	SgpShellExtension *self = SGP_SHELL_EXTENSION(object);
	if (self->window_hook != 0)
		g_signal_remove_emission_hook(
			g_signal_lookup("window-added", GTK_TYPE_APPLICATION), self->window_hook);
	self->window_hook = 0;
	if (self->feed != NULL)
		sgp_history_feed_stop(self->feed);
	g_clear_object(&self->feed);
	g_clear_object(&self->notice);
	g_clear_object(&self->events);
	G_OBJECT_CLASS(sgp_shell_extension_parent_class)->dispose(object);
}

static void sgp_shell_extension_class_init(SgpShellExtensionClass *klass)
{
	GObjectClass *object_class = G_OBJECT_CLASS(klass);
	object_class->constructed = sgp_shell_extension_constructed;
	object_class->dispose = sgp_shell_extension_dispose;
	E_EXTENSION_CLASS(klass)->extensible_type = E_TYPE_SHELL;
}

static void sgp_shell_extension_class_finalize(SgpShellExtensionClass *klass)
{
}

static void sgp_shell_extension_init(SgpShellExtension *self)
{
}

void sgp_shell_extension_register(GTypeModule *type_module)
{
	sgp_shell_extension_register_type(type_module);
}
