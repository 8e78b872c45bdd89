/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-agent-generated.h"

G_BEGIN_DECLS

/* How a widget hangs on the agent: which one, what makes it ask anew, and the cancellable that ends
 * its questions with the agent or the widget. Belongs to the widget, which frees it when it is
 * disposed of. */
typedef struct _SgpAgentBinding SgpAgentBinding;

/* owner: the widget. Only called while there is an agent. */
typedef void (*SgpAgentAsk)(gpointer owner);

/* signals: (array zero-terminated=1) of the agent; each makes the owner ask anew. Both pointers are
 * borrowed. */
SgpAgentBinding *sgp_agent_binding_new(SgpAgentAsk ask, gpointer owner, const char *const *signals);
/* Cancels what is under way. */
void sgp_agent_binding_free(SgpAgentBinding *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpAgentBinding, sgp_agent_binding_free)

/* agent: (nullable). TRUE: another one than before, or none; what the first was asked is cancelled,
 * and the owner begins anew. FALSE: the same again, which is asked again; its orders go on. */
gboolean sgp_agent_binding_set_agent(SgpAgentBinding *self, SgpAgent1 *agent);
/* (transfer none) (nullable) */
SgpAgent1 *sgp_agent_binding_get_agent(const SgpAgentBinding *self);
/* (transfer none) (nullable) NULL only without an agent. */
GCancellable *sgp_agent_binding_get_cancellable(const SgpAgentBinding *self);
/* Lets the owner ask anew, if there is an agent. */
void sgp_agent_binding_ask(SgpAgentBinding *self);

G_END_DECLS
