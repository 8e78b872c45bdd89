/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns the proxy of the agent. It never blocks the main loop; worker threads make their calls on
 * the same connection, which needs no main loop to answer them. */
#include "sgp-agent-link.h"

#include <gio/gunixfdlist.h>

struct _SgpAgentLink {
	GObject parent_instance;

	SgpAgent1 *agent; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE(SgpAgentLink, sgp_agent_link, G_TYPE_OBJECT)

enum {
	CHANGED,
	ASSESS_AGAIN,
	N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void sgp_agent_link_class_init(SgpAgentLinkClass *klass)
{
	GType type = G_TYPE_FROM_CLASS(klass);
	signals[CHANGED] = g_signal_new(
		"changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[ASSESS_AGAIN] = g_signal_new(
		"assess-again", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void assess_again(SgpAgentLink *self)
{
	g_signal_emit(self, signals[ASSESS_AGAIN], 0);
}

static void owner_changed(SgpAgentLink *self)
{
	g_autofree char *owner = g_dbus_proxy_get_name_owner(G_DBUS_PROXY(self->agent));
	if (owner != NULL)
		assess_again(self);
}

static void got_agent(GObject *source, GAsyncResult *result, gpointer user_data)
{
	SgpAgentLink *self = user_data; /* never freed */
	g_autoptr(GError) error = NULL;
	self->agent = sgp_agent1_proxy_new_for_bus_finish(result, &error);
	if (self->agent == NULL) {
		g_warning("No session bus: %s", error->message);
		return;
	}
	g_signal_connect_object(
		self->agent, "changed", G_CALLBACK(assess_again), self, G_CONNECT_SWAPPED);
	g_signal_connect_object(self->agent, "notify::g-name-owner", G_CALLBACK(owner_changed),
		self, G_CONNECT_SWAPPED);
	g_signal_emit(self, signals[CHANGED], 0);
}

static void sgp_agent_link_init(SgpAgentLink *self)
{
	/* The agent is started by the first question, not by the mail program's start. */
	sgp_agent1_proxy_new_for_bus(G_BUS_TYPE_SESSION,
		G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION, SGP_AGENT_NAME,
		SGP_AGENT_PATH, NULL, got_agent, self);
}

SgpAgentLink *sgp_agent_link_get_default(void)
{
	static SgpAgentLink *link;
	if (link == NULL)
		link = g_object_new(SGP_TYPE_AGENT_LINK, NULL);
	return link;
}

SgpAgent1 *sgp_agent_link_get_agent(SgpAgentLink *self)
{
	return self->agent;
}

GVariant *sgp_agent_link_call_sync(const char *method, GVariant *parameters, const char *reply_type,
	GUnixFDList *fds, int timeout_ms, GUnixFDList **out_fds, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(GVariant) kept = g_variant_ref_sink(parameters);
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, cancellable, error);
	if (bus == NULL)
		return NULL;
	return g_dbus_connection_call_with_unix_fd_list_sync(bus, SGP_AGENT_NAME, SGP_AGENT_PATH,
		"org.siegelpost.Agent1", method, kept, G_VARIANT_TYPE(reply_type),
		G_DBUS_CALL_FLAGS_NONE, timeout_ms, fds, out_fds, cancellable, error);
}
