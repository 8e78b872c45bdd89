/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns one job's proxy from the moment it is known until its result is there. It never gives up on
 * a job: only the agent says how it ended. */
#include "sgp-job-run.h"

typedef struct {
	SgpJob1 *job;                /* (owned) (nullable) */
	SgpJobProgressFunc progress; /* (nullable) */
	gpointer progress_data;
	GCancellable *cancellable; /* (owned) (nullable) */
	gulong cancelled_handler;
} Run;

static void run_free(Run *run)
{
	if (run->cancelled_handler != 0)
		g_cancellable_disconnect(run->cancellable, run->cancelled_handler);
	g_clear_object(&run->cancellable);
	if (run->job != NULL)
		g_signal_handlers_disconnect_by_data(run->job, run);
	g_clear_object(&run->job);
	g_free(run);
}

static void progressed(SgpJob1 *job, const char *stage, guint percent, gpointer user_data)
{
	Run *run = user_data;
	if (run->progress != NULL)
		run->progress(stage, percent, run->progress_data);
}

/* May come from any thread; the call is only queued here. */
static void cancelled(GCancellable *cancellable, gpointer user_data)
{
	Run *run = user_data;
	sgp_job1_call_cancel(run->job, NULL, NULL, NULL);
}

static void got_result(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	GError *error = NULL;
	char *json = NULL;
	if (!sgp_job1_call_result_finish(SGP_JOB1(source), &json, result, &error)) {
		g_task_return_error(task, error);
		return;
	}
	sgp_job1_call_close(SGP_JOB1(source), NULL, NULL, NULL);
	g_task_return_pointer(task, json, g_free);
}

static void got_job(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(GTask) task = G_TASK(user_data);
	Run *run = g_task_get_task_data(task);
	GError *error = NULL;
	run->job = sgp_job1_proxy_new_finish(result, &error);
	if (run->job == NULL) {
		g_task_return_error(task, error);
		return;
	}
	g_dbus_proxy_set_default_timeout(G_DBUS_PROXY(run->job), G_MAXINT);
	g_signal_connect(run->job, "progress", G_CALLBACK(progressed), run);
	sgp_job1_call_result(run->job, NULL, got_result, g_object_ref(task));
	if (run->cancellable != NULL)
		run->cancelled_handler =
			g_cancellable_connect(run->cancellable, G_CALLBACK(cancelled), run, NULL);
}

void sgp_job_run_async(SgpAgent1 *agent, const char *path, SgpJobProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GAsyncReadyCallback callback,
	gpointer user_data)
{
	/* The task must not see the cancellable: it would answer "cancelled" for a mail that was
	 * committed. */
	GTask *task = g_task_new(agent, NULL, callback, user_data);
	Run *run = g_new0(Run, 1);
	run->progress = progress;
	run->progress_data = progress_data;
	g_set_object(&run->cancellable, cancellable);
	g_task_set_task_data(task, run, (GDestroyNotify)run_free);
	sgp_job1_proxy_new(g_dbus_proxy_get_connection(G_DBUS_PROXY(agent)),
		G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
		g_dbus_proxy_get_name(G_DBUS_PROXY(agent)), path, NULL, got_job, task);
}

char *sgp_job_run_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
