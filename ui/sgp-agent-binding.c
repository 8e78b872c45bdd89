/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns a widget's reference on the agent, its signal handlers and its cancellable, so that no
 * answer reaches a widget that is gone. It asks nothing itself and keeps no answer. */
#include "sgp-agent-binding.h"

struct _SgpAgentBinding {
	SgpAgentAsk ask;
	gpointer owner;             /* (borrowed) it owns this */
	const char *const *signals; /* (borrowed) */
	SgpAgent1 *agent;           /* (owned) (nullable) */
	GCancellable *cancellable;  /* (owned) (nullable) */
};

SgpAgentBinding *sgp_agent_binding_new(SgpAgentAsk ask, gpointer owner, const char *const *signals)
{
	SgpAgentBinding *self = g_new0(SgpAgentBinding, 1);
	self->ask = ask;
	self->owner = owner;
	self->signals = signals;
	return self;
}

static void let_go(SgpAgentBinding *self)
{
	if (self->agent == NULL)
		return;
	g_signal_handlers_disconnect_by_data(self->agent, self);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->agent);
}

void sgp_agent_binding_free(SgpAgentBinding *self)
{
	let_go(self);
	g_free(self);
}

gboolean sgp_agent_binding_set_agent(SgpAgentBinding *self, SgpAgent1 *agent)
{
	gboolean is_new = agent == NULL || agent != self->agent;
	if (is_new)
		let_go(self);
	if (is_new && agent != NULL) {
		self->agent = g_object_ref(agent);
		self->cancellable = g_cancellable_new();
		for (gsize i = 0; self->signals[i] != NULL; i++)
			g_signal_connect_swapped(
				agent, self->signals[i], G_CALLBACK(sgp_agent_binding_ask), self);
	}
	sgp_agent_binding_ask(self);
	return is_new;
}

SgpAgent1 *sgp_agent_binding_get_agent(const SgpAgentBinding *self)
{
	return self->agent;
}

GCancellable *sgp_agent_binding_get_cancellable(const SgpAgentBinding *self)
{
	return self->cancellable;
}

void sgp_agent_binding_ask(SgpAgentBinding *self)
{
	if (self->agent != NULL)
		self->ask(self->owner);
}
