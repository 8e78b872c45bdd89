/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Long calls: org.siegelpost.Job1. It owns a job's life on the bus (only its caller may use it, and
 * it ends with its caller) and its progress; the work itself is somebody else's, in a worker
 * thread. */

#include "sgp-agent-job.h"
#include "sgp-agent-generated.h"
#include "sgp-error.h"

#include <poll.h>

struct _SgpAgentJob {
	gatomicrefcount refs;
	SgpAgent *agent; /* (borrowed) outlives all jobs */
	char *path;      /* (owned) */
	char *sender;    /* (owned) the only one who may use it */
	guint registration;
	GCancellable *cancellable; /* (owned) */
	SgpAgentJobFunc func;
	gpointer data;
	GDestroyNotify destroy;

	GMutex lock;
	char *stage; /* (owned) */
	guint percent;
	char *result;       /* (owned) (nullable) not finished */
	GPtrArray *waiting; /* (owned) (element-type GDBusMethodInvocation) of Result */
	char *hold_at;      /* (owned) (nullable) tests only */
};

static SgpAgentJob *job_ref(SgpAgentJob *self)
{
	g_atomic_ref_count_inc(&self->refs);
	return self;
}

void sgp_agent_job_unref(SgpAgentJob *self)
{
	if (!g_atomic_ref_count_dec(&self->refs))
		return;
	g_free(self->path);
	g_free(self->sender);
	g_object_unref(self->cancellable);
	g_free(self->stage);
	g_free(self->result);
	g_ptr_array_unref(self->waiting);
	g_free(self->hold_at);
	g_mutex_clear(&self->lock);
	g_free(self);
}

GCancellable *sgp_agent_job_get_cancellable(SgpAgentJob *self)
{
	return self->cancellable;
}

gboolean sgp_agent_job_is_running(SgpAgentJob *self)
{
	g_mutex_lock(&self->lock);
	gboolean is_running = self->result == NULL;

	g_mutex_unlock(&self->lock);
	return is_running;
}

static void emit(SgpAgentJob *self, const char *name, GVariant *parameters)
{
	g_dbus_connection_emit_signal(self->agent->bus, self->sender, self->path,
		"org.siegelpost.Job1", name, parameters, NULL);
}

static void wait_for_cancel(SgpAgentJob *self)
{
	GPollFD fd;

	if (!g_cancellable_make_pollfd(self->cancellable, &fd))
		return;
	while (!g_cancellable_is_cancelled(self->cancellable))
		g_poll(&fd, 1, -1);
	g_cancellable_release_fd(self->cancellable);
}

void sgp_agent_job_report(const char *stage, guint percent, gpointer user_data)
{
	SgpAgentJob *self = user_data;
	gboolean is_new;

	g_mutex_lock(&self->lock);
	is_new = percent != self->percent || g_strcmp0(stage, self->stage) != 0;
	g_free(self->stage);
	self->stage = g_strdup(stage);
	self->percent = percent;
	g_mutex_unlock(&self->lock);
	if (is_new)
		emit(self, "Progress", g_variant_new("(su)", stage, percent));
	if (g_strcmp0(self->hold_at, stage) == 0 &&
		(percent >= 50 || g_str_equal(stage, "sealing")))
		wait_for_cancel(self);
}

static void answer(SgpAgentJob *self, GDBusMethodInvocation *invocation)
{
	g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", self->result));
}

static void finish(SgpAgentJob *self, char *result)
{
	g_mutex_lock(&self->lock);
	self->result = result;
	for (guint i = 0; i < self->waiting->len; i++)
		answer(self, g_ptr_array_index(self->waiting, i));
	g_ptr_array_set_size(self->waiting, 0);
	g_mutex_unlock(&self->lock);
	emit(self, "Done", NULL);
	sgp_agent_notify_properties(self->agent);
}

void sgp_agent_job_work(gpointer item, gpointer agent)
{
	SgpAgentJob *self = item;

	char *result = self->func(self, agent, self->data);

	sgp_agent_look_at_store(self->agent);
	finish(self, result);
	if (self->destroy)
		self->destroy(self->data);
	sgp_agent_job_unref(self);
}

/* The bus */

static void remove_job(SgpAgentJob *self)
{
	g_cancellable_cancel(self->cancellable);
	g_dbus_connection_unregister_object(self->agent->bus, self->registration);
	g_hash_table_remove(self->agent->jobs, self->path);
}

static void wait_for_result(SgpAgentJob *self, GDBusMethodInvocation *invocation)
{
	g_mutex_lock(&self->lock);
	if (self->result)
		answer(self, invocation);
	else
		g_ptr_array_add(self->waiting, invocation);
	g_mutex_unlock(&self->lock);
}

static void on_method(GDBusConnection *bus, const char *sender, const char *path,
	const char *interface, const char *method, GVariant *parameters,
	GDBusMethodInvocation *invocation, gpointer user_data)
{
	SgpAgentJob *self = user_data;

	/* A result holds addresses and registration codes: they are the caller's and nobody else's.
	 */
	if (!g_str_equal(sender, self->sender)) {
		sgp_agent_return_error(invocation,
			g_error_new(SGP_ERROR, SGP_ERROR_REFUSED, "this job is somebody else's"));
	} else if (g_str_equal(method, "Result")) {
		wait_for_result(self, invocation);
	} else if (g_str_equal(method, "Cancel")) {
		g_cancellable_cancel(self->cancellable);
		g_dbus_method_invocation_return_value(invocation, NULL);
	} else {
		g_dbus_method_invocation_return_value(invocation, NULL);
		remove_job(self);
	}
}

static GVariant *on_property(GDBusConnection *bus, const char *sender, const char *path,
	const char *interface, const char *name, GError **error, gpointer user_data)
{
	SgpAgentJob *self = user_data;
	GVariant *value;

	g_mutex_lock(&self->lock);
	if (g_str_equal(name, "Stage"))
		value = g_variant_new_string(self->stage);
	else if (g_str_equal(name, "Percent"))
		value = g_variant_new_uint32(self->percent);
	else
		value = g_variant_new_boolean(self->result != NULL);
	g_mutex_unlock(&self->lock);
	return value;
}

static SgpAgentJob *job_new(SgpAgent *agent, const char *sender)
{
	SgpAgentJob *self = g_new0(SgpAgentJob, 1);

	g_atomic_ref_count_init(&self->refs);
	g_mutex_init(&self->lock);
	self->agent = agent;
	self->path = g_strdup_printf(SGP_AGENT_PATH "/jobs/%u", ++agent->n_jobs);
	self->sender = g_strdup(sender);
	self->stage = g_strdup("");
	self->cancellable = g_cancellable_new();
	self->waiting = g_ptr_array_new();
	return self;
}

void sgp_agent_job_start(SgpAgent *agent, GDBusMethodInvocation *invocation, const char *hold_at,
	SgpAgentJobFunc func, gpointer data, GDestroyNotify destroy)
{
	static const GDBusInterfaceVTable vtable = { on_method, on_property, NULL };
	SgpAgentJob *self = job_new(agent, g_dbus_method_invocation_get_sender(invocation));
	GError *error = NULL;

	self->func = func;
	self->data = data;
	self->destroy = destroy;
	self->hold_at = g_strdup(hold_at);
	self->registration = g_dbus_connection_register_object(
		agent->bus, self->path, sgp_job1_interface_info(), &vtable, self, NULL, &error);
	if (self->registration == 0) {
		sgp_agent_return_error(invocation, error);
		if (destroy)
			destroy(data);
		sgp_agent_job_unref(self);
		return;
	}
	g_hash_table_insert(agent->jobs, self->path, self);
	g_dbus_method_invocation_return_value(invocation, g_variant_new("(o)", self->path));
	g_thread_pool_push(agent->job_workers, job_ref(self), NULL);
}

void sgp_agent_job_drop_of(SgpAgent *agent, const char *sender)
{
	g_autoptr(GPtrArray) gone = g_ptr_array_new();
	GHashTableIter iter;
	SgpAgentJob *job;

	g_hash_table_iter_init(&iter, agent->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job)) {
		if (g_str_equal(job->sender, sender))
			g_ptr_array_add(gone, job);
	}
	for (guint i = 0; i < gone->len; i++)
		remove_job(g_ptr_array_index(gone, i));
}
