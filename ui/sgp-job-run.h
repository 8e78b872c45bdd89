/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-agent-generated.h"

G_BEGIN_DECLS

typedef void (*SgpJobProgressFunc)(
	const char *stage, guint percent, gpointer user_data); /* main thread */

/* Follows a job of the agent to its end and closes it. path: as Prepare or EnrolPortal returned it.
 * Cancelling asks the job to stop and waits for what it says: a job that was committed meanwhile
 * answers "committed", and that answer counts. There is no time limit, the job has its own. Errors:
 * those of D-Bus (the agent is gone: the outcome is unknown until somebody asks it again). */
void sgp_job_run_async(SgpAgent1 *agent, const char *path, SgpJobProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
	gpointer user_data);
/* The JSON of Result. (transfer full) */
char *sgp_job_run_finish(GAsyncResult *result, GError **error);

G_END_DECLS
