/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-agent.h"

G_BEGIN_DECLS

/* A job's work, in a worker thread. Returns the JSON of Result. (transfer full) */
typedef char *(*SgpAgentJobFunc)(SgpAgentJob *job, SgpAgent *agent, gpointer data);

/* Exports a job for the invocation's sender, starts it, and answers with its path. Main thread.
 * data goes with destroy when the work is done. hold_at: (nullable) for tests: the job blocks in
 * report() at this stage ("sealing": when it begins; "spooling": everything is written, nothing
 * committed) until it is cancelled. */
void sgp_agent_job_start(SgpAgent *agent, GDBusMethodInvocation *invocation, const char *hold_at,
	SgpAgentJobFunc func, gpointer data, GDestroyNotify destroy);
GCancellable *sgp_agent_job_get_cancellable(SgpAgentJob *self);
/* A SgpProgressFunc with the job as user_data. Any thread. */
void sgp_agent_job_report(const char *stage, guint percent, gpointer job);
/* The work of the pool job_workers; item: a job. */
void sgp_agent_job_work(gpointer item, gpointer agent);
/* Ends what belongs to a caller who left the bus. Main thread. */
void sgp_agent_job_drop_of(SgpAgent *agent, const char *sender);
void sgp_agent_job_unref(SgpAgentJob *self);
/* TRUE while its work goes on. */
gboolean sgp_agent_job_is_running(SgpAgentJob *self);

G_END_DECLS
