/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches properties of the agent and owns two alerts. It asks the agent nothing, so it never
 * starts one. */
#include "sgp-waiting-notice.h"

#include <glib/gi18n-lib.h>
#include "sgp-agent-link.h"
#include "sgp-portal-window.h"
#include "sgp-waiting-words.h"

typedef struct {
	EAlert *alert; /* (owned) (nullable) what is shown */
	char *words;   /* (owned) (nullable) what it says */
} Bar;

struct _SgpWaitingNotice {
	GObject parent_instance;

	EShell *shell; /* (borrowed) */
	Bar waiting;
	Bar held;
};

G_DEFINE_FINAL_TYPE(SgpWaitingNotice, sgp_waiting_notice, G_TYPE_OBJECT)

static void take_away(Bar *bar)
{
	if (bar->alert != NULL)
		e_alert_response(bar->alert, GTK_RESPONSE_CLOSE);
	g_clear_object(&bar->alert);
	g_clear_pointer(&bar->words, g_free);
}

static void show_clicked(GtkButton *button, SgpWaitingNotice *self)
{
	sgp_portal_window_present(GTK_APPLICATION(self->shell),
		sgp_agent_link_get_agent(sgp_agent_link_get_default()), SGP_PORTAL_PAGE_WAITING,
		NULL);
}

static void add_way(SgpWaitingNotice *self, Bar *bar)
{
	GtkWidget *button = gtk_button_new_with_label(_("Show the waiting mail…"));
	atk_object_set_description(gtk_widget_get_accessible(button), bar->words);
	g_signal_connect_object(button, "clicked", G_CALLBACK(show_clicked), self, 0);
	gtk_widget_show(button);
	e_alert_add_widget(bar->alert, button);
}

/* words: (transfer full) (nullable) */
static void show(SgpWaitingNotice *self, Bar *bar, const char *tag, char *words)
{
	g_autofree char *taken = words;
	/* Once closed by hand, it comes back only when there is something new to say. */
	if (g_strcmp0(taken, bar->words) == 0)
		return;
	take_away(bar);
	if (taken == NULL)
		return;
	bar->words = g_steal_pointer(&taken);
	bar->alert = e_alert_new(tag, bar->words, NULL);
	add_way(self, bar);
	e_shell_submit_alert(self->shell, bar->alert);
}

static void update(SgpWaitingNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	g_autoptr(GVariant) known = agent != NULL ? g_dbus_proxy_get_cached_property(
							    G_DBUS_PROXY(agent), "SpoolWaiting")
						  : NULL;
	/* An agent that went away answers 0, which is not "none": what is said stays. Shown by
	 * tests/hosts/test_staff.py. */
	if (known == NULL)
		return;
	show(self, &self->waiting, "system:simple-info",
		sgp_waiting_words_dup(
			sgp_agent1_get_spool_waiting(agent), sgp_agent1_get_portal_state(agent)));
	show(self, &self->held, "system:simple-warning",
		sgp_waiting_words_dup_held(sgp_agent1_get_spool_held(agent)));
}

static void connect_agent(SgpWaitingNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	if (agent != NULL) {
		g_signal_connect_object(agent, "notify::spool-waiting", G_CALLBACK(update), self,
			G_CONNECT_SWAPPED);
		g_signal_connect_object(
			agent, "notify::spool-held", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
		g_signal_connect_object(
			agent, "notify::portal-state", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
	}
	update(self);
}

SgpWaitingNotice *sgp_waiting_notice_new(EShell *shell)
{
	SgpWaitingNotice *self = g_object_new(SGP_TYPE_WAITING_NOTICE, NULL);
	self->shell = shell;
	g_signal_connect_object(sgp_agent_link_get_default(), "changed", G_CALLBACK(connect_agent),
		self, G_CONNECT_SWAPPED);
	connect_agent(self);
	return self;
}

static void sgp_waiting_notice_dispose(GObject *object)
{
	SgpWaitingNotice *self = SGP_WAITING_NOTICE(object);
	take_away(&self->waiting);
	take_away(&self->held);
	G_OBJECT_CLASS(sgp_waiting_notice_parent_class)->dispose(object);
}

static void sgp_waiting_notice_class_init(SgpWaitingNoticeClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_waiting_notice_dispose;
}

static void sgp_waiting_notice_init(SgpWaitingNotice *self)
{
}
