/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waits for gpg and gpgsm, for which GPGME is no help: it looks at no exit status and keeps no
 * limit, and an agent or a lock that hangs would hang the caller. Knows no option of theirs and
 * judges nothing. */
#include "sgp-gnupg-run.h"

#include <string.h>

#include "sgp-error.h"

/* One process that is being waited for. */
typedef struct {
	SgpGnupgRun *run;     /* (borrowed) */
	GSubprocess *process; /* (borrowed) */
	GError *error;        /* (owned) (nullable) */
	gboolean is_done, is_late;
} Wait;

void sgp_gnupg_run_clear(SgpGnupgRun *run)
{
	g_clear_pointer(&run->out, g_bytes_unref);
	g_clear_pointer(&run->report, g_bytes_unref);
}

static void on_communicated(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Wait *self = user_data;
	g_subprocess_communicate_finish(
		G_SUBPROCESS(source), result, &self->run->out, &self->run->report, &self->error);
	self->is_done = TRUE;
}

static gboolean on_late(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

static void on_caller_cancelled(GCancellable *caller, gpointer mine)
{
	g_cancellable_cancel(mine);
}

/* In a main context of this thread's own, so that a limit can be kept. It is not the process's end
 * that is waited for: what it started may hold its pipes. */
static void communicate(Wait *self, GBytes *input, guint limit, GCancellable *caller)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GCancellable) mine = g_cancellable_new();
	g_autoptr(GSource) timer = limit > 0 ? g_timeout_source_new_seconds(limit) : NULL;
	gulong handler = caller == NULL
				 ? 0
				 : g_cancellable_connect(caller, G_CALLBACK(on_caller_cancelled),
					   g_object_ref(mine), g_object_unref);
	g_main_context_push_thread_default(context);
	if (timer != NULL) {
		g_source_set_callback(timer, on_late, mine, NULL);
		g_source_attach(timer, context);
	}
	g_subprocess_communicate_async(self->process, input, mine, on_communicated, self);
	while (!self->is_done)
		g_main_context_iteration(context, TRUE);
	if (timer != NULL)
		g_source_destroy(timer);
	g_main_context_pop_thread_default(context);
	g_cancellable_disconnect(caller, handler);
	self->is_late = g_cancellable_is_cancelled(mine);
	if (self->error != NULL)
		g_subprocess_force_exit(self->process);
	g_subprocess_wait(self->process, NULL, NULL);
}

gboolean sgp_gnupg_run_finish(SgpGnupgRun *run, GSubprocess *process, const char *name,
	GBytes *input, guint limit, GCancellable *cancellable, GError **error)
{
	Wait wait = { .run = run, .process = process };
	communicate(&wait, input, limit, cancellable);
	g_clear_error(&wait.error);
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return FALSE;
	if (wait.is_late) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "%s: no answer in time", name);
		return FALSE;
	}
	/* A pipe that it closed early is its own failure, told by its exit. */
	if (g_subprocess_get_if_signaled(process)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "%s: died", name);
		return FALSE;
	}
	run->is_successful = g_subprocess_get_successful(process);
	return TRUE;
}

gboolean sgp_gnupg_run_has_status(const SgpGnupgRun *run, const char *line)
{
	gsize size = 0;
	const char *start = run->report == NULL ? NULL : g_bytes_get_data(run->report, &size);
	g_autofree char *text = g_strndup(start != NULL ? start : "", size);
	return strstr(text, line) != NULL;
}
