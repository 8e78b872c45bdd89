/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-agent-generated.h"

G_BEGIN_DECLS

#define SGP_AGENT_NAME "org.siegelpost.Agent1"
#define SGP_AGENT_PATH "/org/siegelpost/Agent1"

/* The process's one way to the agent. Signals: "changed" (the proxy came or went), "assess-again"
 * (what verdicts depend on changed, or the agent started anew). */
#define SGP_TYPE_AGENT_LINK (sgp_agent_link_get_type())
G_DECLARE_FINAL_TYPE(SgpAgentLink, sgp_agent_link, SGP, AGENT_LINK, GObject)

/* Main thread. The first call begins to connect. (transfer none) */
SgpAgentLink *sgp_agent_link_get_default(void);
/* NULL while there is no bus. An agent that is not running is started by the first call to it.
 * (transfer none) (nullable) */
SgpAgent1 *sgp_agent_link_get_agent(SgpAgentLink *self);

/* Worker threads only: one call with its answer; parameters floating, fds (nullable) borrowed,
 * reply_type as in g_dbus_connection_call(). out_fds: (out) (optional). Errors: those of D-Bus; a
 * timeout is one. (transfer full) */
GVariant *sgp_agent_link_call_sync(const char *method, GVariant *parameters, const char *reply_type,
	GUnixFDList *fds, int timeout_ms, GUnixFDList **out_fds, GCancellable *cancellable,
	GError **error);

G_END_DECLS
