/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watches two properties of the agent and owns one alert. It asks the agent nothing, so it never
 * starts one. */
#include "sgp-waiting-notice.h"

#include "sgp-agent-link.h"
#include "sgp-waiting-words.h"

struct _SgpWaitingNotice {
	GObject parent_instance;

	EShell *shell; /* (borrowed) */
	EAlert *alert; /* (owned) (nullable) what is shown */
	char *words;   /* (owned) (nullable) what it says */
};

G_DEFINE_FINAL_TYPE(SgpWaitingNotice, sgp_waiting_notice, G_TYPE_OBJECT)

static void take_away(SgpWaitingNotice *self)
{
	if (self->alert != NULL)
		e_alert_response(self->alert, GTK_RESPONSE_CLOSE);
	g_clear_object(&self->alert);
	g_clear_pointer(&self->words, g_free);
}

static void update(SgpWaitingNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	g_autofree char *words =
		agent == NULL ? NULL
			      : sgp_waiting_words_dup(sgp_agent1_get_spool_waiting(agent),
					sgp_agent1_get_portal_state(agent));
	/* Once closed by hand, it comes back only when there is something new to say. */
	if (g_strcmp0(words, self->words) == 0)
		return;
	take_away(self);
	if (words == NULL)
		return;
	self->words = g_steal_pointer(&words);
	self->alert = e_alert_new("system:simple-info", self->words, NULL);
	e_shell_submit_alert(self->shell, self->alert);
}

static void connect_agent(SgpWaitingNotice *self)
{
	SgpAgent1 *agent = sgp_agent_link_get_agent(sgp_agent_link_get_default());
	if (agent != NULL) {
		g_signal_connect_object(agent, "notify::spool-waiting", G_CALLBACK(update), self,
			G_CONNECT_SWAPPED);
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
	take_away(SGP_WAITING_NOTICE(object));
	G_OBJECT_CLASS(sgp_waiting_notice_parent_class)->dispose(object);
}

static void sgp_waiting_notice_class_init(SgpWaitingNoticeClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_waiting_notice_dispose;
}

static void sgp_waiting_notice_init(SgpWaitingNotice *self)
{
}
