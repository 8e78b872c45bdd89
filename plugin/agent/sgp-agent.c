/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The agent's place on the session bus: it owns the name, the dispatch of calls to worker threads,
 * signals, properties, and the end when nobody needs it any more. The main loop only passes things
 * on; nothing here waits for gpg, the keyring, the disk or the network: what a property says of the
 * store was noted by the thread that changed it. */

#include "sgp-agent.h"
#include "sgp-agent-generated.h"
#include "sgp-agent-job.h"
#include "sgp-error.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#define WORKERS            6
#define IDLE_CHECK_SECONDS 10

typedef struct {
	SgpAgentWork func;
	GDBusMethodInvocation *invocation; /* (owned) by func */
} Call;

gint64 sgp_agent_get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

static const GDBusErrorEntry error_names[] = {
	{ SGP_ERROR_FAILED, "org.siegelpost.Error.Failed" },
	{ SGP_ERROR_INVALID, "org.siegelpost.Error.Invalid" },
	{ SGP_ERROR_NOT_FOUND, "org.siegelpost.Error.NotFound" },
	{ SGP_ERROR_UNREACHABLE, "org.siegelpost.Error.Unreachable" },
	{ SGP_ERROR_LOCKED, "org.siegelpost.Error.Locked" },
	{ SGP_ERROR_NOT_ENROLLED, "org.siegelpost.Error.NotEnrolled" },
	{ SGP_ERROR_REFUSED, "org.siegelpost.Error.Refused" },
	{ SGP_ERROR_CONFLICT, "org.siegelpost.Error.Conflict" },
	{ SGP_ERROR_TOO_LARGE, "org.siegelpost.Error.TooLarge" },
	{ SGP_ERROR_STORAGE, "org.siegelpost.Error.Storage" },
	{ SGP_ERROR_TAMPERED, "org.siegelpost.Error.Tampered" },
	{ SGP_ERROR_ALREADY_DONE, "org.siegelpost.Error.AlreadyDone" },
};

static const char *find_error_name(const GError *error)
{
	for (gsize i = 0; error->domain == SGP_ERROR && i < G_N_ELEMENTS(error_names); i++) {
		if (error_names[i].error_code == error->code)
			return error_names[i].dbus_error_name;
	}
	return error_names[0].dbus_error_name;
}

void sgp_agent_return_error(GDBusMethodInvocation *invocation, GError *error)
{
	g_autoptr(GError) reason = error;

	g_dbus_method_invocation_return_dbus_error(
		invocation, find_error_name(reason), reason->message);
}

int sgp_agent_take_fd(GDBusMethodInvocation *invocation, gint32 handle, GError **error)
{
	GDBusMessage *message = g_dbus_method_invocation_get_message(invocation);
	GUnixFDList *list = g_dbus_message_get_unix_fd_list(message);

	if (!list || handle < 0 || handle >= g_unix_fd_list_get_length(list)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"the mail's file descriptor is missing");
		return -1;
	}
	return g_unix_fd_list_get(list, handle, error);
}

/* Signals */

void sgp_agent_emit_changed(SgpAgent *self)
{
	g_dbus_connection_emit_signal(
		self->bus, NULL, SGP_AGENT_PATH, SGP_AGENT_NAME, "Changed", NULL, NULL);
}

void sgp_agent_emit_event(SgpAgent *self, const char *kind, const char *detail)
{
	g_dbus_connection_emit_signal(self->bus, NULL, SGP_AGENT_PATH, SGP_AGENT_NAME, "Event",
		g_variant_new("(ss)", kind, detail), NULL);
}

static GVariant *get_property(SgpAgent *self, const char *name)
{
	if (g_str_equal(name, "Version"))
		return g_variant_new_string(SGP_VERSION);
	if (g_str_equal(name, "HistoryState"))
		return g_variant_new_string(
			g_atomic_int_get(&self->is_history_complete) ? "complete" : "building");
	if (g_str_equal(name, "PortalState"))
		return g_variant_new_string(sgp_portal_state_get_nick(
			sgp_dispatcher_get_portal_state(self->dispatcher)));
	if (g_str_equal(name, "SpoolHeld"))
		return g_variant_new_uint32((guint)g_atomic_int_get(&self->n_held));
	return g_variant_new_uint32((guint)g_atomic_int_get(&self->n_waiting));
}

/* The store's lock is held while another process writes (the command line, seconds long when the
 * disk is slow): the main loop, which answers every caller, must not wait for it. Shown by
 * tests/agent/run, "while another program writes ...". */
void sgp_agent_look_at_store(SgpAgent *self)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	SgpHistory *history = sgp_dispatcher_get_history(self->dispatcher);

	g_atomic_int_set(&self->n_waiting, (int)sgp_spool_count_waiting(spool));
	g_atomic_int_set(&self->n_held, (int)sgp_spool_count_held(spool));
	g_atomic_int_set(&self->is_history_complete, sgp_history_is_complete(history));
}

void sgp_agent_notify_properties(SgpAgent *self)
{
	static const char *const names[] = { "HistoryState", "PortalState", "SpoolWaiting",
		"SpoolHeld" };
	GVariantBuilder changed;

	if (!self->bus)
		return;
	g_variant_builder_init(&changed, G_VARIANT_TYPE_VARDICT);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_variant_builder_add(&changed, "{sv}", names[i], get_property(self, names[i]));
	g_dbus_connection_emit_signal(self->bus, NULL, SGP_AGENT_PATH,
		"org.freedesktop.DBus.Properties", "PropertiesChanged",
		g_variant_new("(sa{sv}as)", SGP_AGENT_NAME, &changed, NULL), NULL);
}

static void on_delivery_event(const char *kind, const char *detail, gpointer user_data)
{
	SgpAgent *self = user_data;

	if (!self->bus)
		return;
	sgp_agent_look_at_store(self);
	sgp_agent_emit_event(self, kind, detail);
	sgp_agent_notify_properties(self);
	if (g_str_equal(kind, "registered") || g_str_equal(kind, "frozen") ||
		g_str_equal(kind, "consents"))
		sgp_agent_emit_changed(self);
}

static void on_portal_state_changed(SgpDispatcher *dispatcher, gpointer user_data)
{
	SgpAgent *self = user_data;

	if (!self->bus)
		return;
	sgp_agent_notify_properties(self);
	sgp_agent_emit_changed(self);
}

/* Who has which copy */

void sgp_agent_note_given(SgpAgent *self, const char *sender, const char *copy_id)
{
	g_mutex_lock(&self->lock);
	g_hash_table_add(self->given, g_strdup_printf("%s %s", sender, copy_id));
	g_mutex_unlock(&self->lock);
}

gboolean sgp_agent_is_given(SgpAgent *self, const char *sender, const char *copy_id)
{
	g_autofree char *key = g_strdup_printf("%s %s", sender, copy_id);

	g_mutex_lock(&self->lock);
	gboolean is_given = g_hash_table_contains(self->given, key);

	g_mutex_unlock(&self->lock);
	return is_given;
}

static gboolean is_of_sender(gpointer key, gpointer value, gpointer sender)
{
	gsize length = strlen(sender);

	return g_str_has_prefix(key, sender) && ((const char *)key)[length] == ' ';
}

static void forget_given(SgpAgent *self, const char *sender)
{
	g_mutex_lock(&self->lock);
	g_hash_table_foreach_remove(self->given, is_of_sender, (gpointer)sender);
	g_mutex_unlock(&self->lock);
}

/* Calls */

static void work(gpointer item, gpointer user_data)
{
	SgpAgent *self = user_data;
	g_autofree Call *call = item;
	GVariant *parameters = g_dbus_method_invocation_get_parameters(call->invocation);
	g_autoptr(GVariant) kept = g_variant_ref(parameters);

	call->func(self, call->invocation, kept);
	sgp_agent_look_at_store(self);
	g_atomic_int_add(&self->n_busy, -1);
}

/* Looks once more, in a worker: another process may have changed the store. */
static void look_again(gpointer item, gpointer user_data)
{
	sgp_agent_look_at_store(user_data);
}

static void push(
	SgpAgent *self, GThreadPool *pool, SgpAgentWork func, GDBusMethodInvocation *invocation)
{
	Call *call = g_new0(Call, 1);

	call->func = func;
	call->invocation = invocation;
	g_atomic_int_inc(&self->n_busy);
	g_thread_pool_push(pool, call, NULL);
}

static SgpAgentWork find_method(const char *name)
{
	SgpAgentWork func = sgp_agent_find_mail_method(name);

	if (!func)
		func = sgp_agent_find_record_method(name);
	return func ? func : sgp_agent_find_portal_method(name);
}

static void on_client_vanished(GDBusConnection *bus, const char *name, gpointer user_data)
{
	SgpAgent *self = user_data;
	guint watch = GPOINTER_TO_UINT(g_hash_table_lookup(self->clients, name));

	sgp_agent_job_drop_of(self, name);
	forget_given(self, name);
	g_hash_table_remove(self->clients, name);
	g_bus_unwatch_name(watch);
	self->last_call = g_get_monotonic_time();
}

static void note_client(SgpAgent *self, const char *sender)
{
	self->last_call = g_get_monotonic_time();
	if (g_hash_table_contains(self->clients, sender))
		return;
	guint watch = g_bus_watch_name_on_connection(self->bus, sender,
		G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_client_vanished, self, NULL);

	g_hash_table_insert(self->clients, g_strdup(sender), GUINT_TO_POINTER(watch));
}

static void on_method(GDBusConnection *bus, const char *sender, const char *path,
	const char *interface, const char *method, GVariant *parameters,
	GDBusMethodInvocation *invocation, gpointer user_data)
{
	SgpAgent *self = user_data;
	SgpAgentWork history = sgp_agent_find_history_method(method);

	note_client(self, sender);
	if (g_str_equal(method, "Prepare"))
		sgp_agent_start_prepare(self, invocation, parameters);
	else if (g_str_equal(method, "EnrolPortal"))
		sgp_agent_start_enrolment(self, invocation, parameters);
	else if (history)
		push(self, self->scribe, history, invocation);
	else if (find_method(method))
		push(self, self->workers, find_method(method), invocation);
	else
		sgp_agent_return_error(
			invocation, g_error_new(SGP_ERROR, SGP_ERROR_FAILED, "no such method"));
}

static GVariant *on_property(GDBusConnection *bus, const char *sender, const char *path,
	const char *interface, const char *name, GError **error, gpointer user_data)
{
	SgpAgent *self = user_data;

	note_client(self, sender);
	return get_property(self, name);
}

static void on_bus_acquired(GDBusConnection *bus, const char *name, gpointer user_data)
{
	static const GDBusInterfaceVTable vtable = { on_method, on_property, NULL };
	SgpAgent *self = user_data;
	g_autoptr(GError) error = NULL;

	self->bus = g_object_ref(bus);
	if (g_dbus_connection_register_object(bus, SGP_AGENT_PATH, sgp_agent1_interface_info(),
		    &vtable, self, NULL, &error) == 0) {
		g_warning("cannot go on the bus: %s", error->message);
		self->has_failed = TRUE;
		g_main_loop_quit(self->loop);
	}
}

static void on_name_acquired(GDBusConnection *bus, const char *name, gpointer user_data)
{
	SgpAgent *self = user_data;

	/* Only now: two agents must not carry the same spool, and the name decides which is the
	 * one. */
	sgp_delivery_start(self->delivery);
}

static void on_name_lost(GDBusConnection *bus, const char *name, gpointer user_data)
{
	SgpAgent *self = user_data;

	g_message(bus ? "another agent has the name" : "there is no session bus");
	self->has_failed = TRUE;
	g_main_loop_quit(self->loop);
}

/* The end */

static gboolean has_running_job(SgpAgent *self)
{
	GHashTableIter iter;
	SgpAgentJob *job;

	g_hash_table_iter_init(&iter, self->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job)) {
		if (sgp_agent_job_is_running(job))
			return TRUE;
	}
	return FALSE;
}

static gboolean on_idle_check(gpointer user_data)
{
	SgpAgent *self = user_data;
	gint64 quiet = g_get_monotonic_time() - self->last_call;

	if (g_hash_table_size(self->clients) == 0 && g_atomic_int_get(&self->n_busy) == 0 &&
		!has_running_job(self) && quiet > (gint64)self->idle_seconds * G_USEC_PER_SEC &&
		g_atomic_int_get(&self->n_waiting) == 0)
		g_main_loop_quit(self->loop);
	else if (g_thread_pool_unprocessed(self->observer) == 0)
		g_thread_pool_push(self->observer, self, NULL);
	return G_SOURCE_CONTINUE;
}

static gboolean on_terminate(gpointer user_data)
{
	SgpAgent *self = user_data;

	g_main_loop_quit(self->loop);
	return G_SOURCE_CONTINUE;
}

static void on_network_changed(GNetworkMonitor *monitor, gboolean is_available, gpointer user_data)
{
	SgpAgent *self = user_data;

	if (is_available)
		sgp_delivery_kick(self->delivery);
}

SgpAgent *sgp_agent_new(SgpDispatcher *dispatcher)
{
	SgpAgent *self = g_new0(SgpAgent, 1);

	self->dispatcher = g_object_ref(dispatcher);
	self->delivery = sgp_delivery_new(dispatcher, on_delivery_event, self);
	self->loop = g_main_loop_new(NULL, FALSE);
	self->workers = g_thread_pool_new(work, self, WORKERS, FALSE, NULL);
	self->scribe = g_thread_pool_new(work, self, 1, FALSE, NULL);
	self->observer = g_thread_pool_new(look_again, self, 1, FALSE, NULL);
	self->job_workers = g_thread_pool_new(sgp_agent_job_work, self, WORKERS, FALSE, NULL);
	self->clients = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->jobs = g_hash_table_new_full(
		g_str_hash, g_str_equal, NULL, (GDestroyNotify)sgp_agent_job_unref);
	self->folder_roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->given = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	self->idle_seconds = 120;
	self->last_call = g_get_monotonic_time();
	g_mutex_init(&self->lock);
	g_signal_connect(
		dispatcher, "portal-state-changed", G_CALLBACK(on_portal_state_changed), self);
	sgp_agent_look_at_store(self); /* nobody waits for this loop yet */
	return self;
}

void sgp_agent_run(SgpAgent *self)
{
	guint owner = g_bus_own_name(G_BUS_TYPE_SESSION, SGP_AGENT_NAME,
		G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_bus_acquired, on_name_acquired,
		on_name_lost, self, NULL);
	guint timer = g_timeout_add_seconds(
		MIN(IDLE_CHECK_SECONDS, MAX(1, self->idle_seconds)), on_idle_check, self);
	guint terminate = g_unix_signal_add(SIGTERM, on_terminate, self);
	guint interrupt = g_unix_signal_add(SIGINT, on_terminate, self);
	gulong network = g_signal_connect(g_network_monitor_get_default(), "network-changed",
		G_CALLBACK(on_network_changed), self);

	g_main_loop_run(self->loop);
	g_signal_handler_disconnect(g_network_monitor_get_default(), network);
	g_source_remove(timer);
	g_source_remove(terminate);
	g_source_remove(interrupt);
	g_bus_unown_name(owner);
}

void sgp_agent_free(SgpAgent *self)
{
	GHashTableIter iter;
	SgpAgentJob *job;

	sgp_delivery_stop(self->delivery);
	g_hash_table_iter_init(&iter, self->jobs);
	while (g_hash_table_iter_next(&iter, NULL, (gpointer *)&job))
		g_cancellable_cancel(sgp_agent_job_get_cancellable(job));
	/* Calls that were taken are answered. */
	g_thread_pool_free(self->scribe, FALSE, TRUE);
	g_thread_pool_free(self->workers, FALSE, TRUE);
	g_thread_pool_free(self->job_workers, FALSE, TRUE);
	g_thread_pool_free(self->observer, FALSE, TRUE);
	if (self->bus)
		g_dbus_connection_flush_sync(self->bus, NULL, NULL);
	g_signal_handlers_disconnect_by_data(self->dispatcher, self);
	g_clear_object(&self->delivery);
	g_clear_object(&self->dispatcher);
	g_hash_table_unref(self->jobs);
	g_hash_table_unref(self->clients);
	g_hash_table_unref(self->folder_roles);
	g_hash_table_unref(self->given);
	g_clear_object(&self->bus);
	g_main_loop_unref(self->loop);
	g_mutex_clear(&self->lock);
	g_free(self);
}
