/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTPS request for a policy file to a server that a stranger's DNS names. It owns the limits
 * against such a server (redirect, endless or dripping answer, wrong certificate; threat 31, tests
 * in tests/agent/provider.py): whatever is not exactly an answer is "could not look". The caller
 * has judged the addresses; the name is not resolved again here. */
#include "sgp-mta-sts-fetch.h"

#include <libsoup/soup.h>

#include "sgp-pinned-address.h"

#define SIZE_AT_MOST (64 * 1024)
#define HTTPS_PORT   443

/* One fetch, in a main context of its own thread. */
typedef struct {
	GMainLoop *loop;           /* (owned) */
	SoupMessage *message;      /* (owned) */
	GCancellable *cancellable; /* (owned) cancelled by the time limit too */
	GInputStream *stream;      /* (owned) (nullable) */
	char *buffer;              /* (owned) one byte longer than the limit */
	gsize length;
	const char *problem; /* static; NULL: well */
	gboolean is_late;
} Fetch;

static void finish(Fetch *self, const char *problem)
{
	self->problem = self->is_late ? "timeout" : problem;
	g_main_loop_quit(self->loop);
}

static void on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Fetch *self = user_data;
	if (!g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &self->length, NULL))
		finish(self, "unreachable");
	else
		finish(self, self->length > SIZE_AT_MOST ? "too-large" : NULL);
}

/* NULL: an answer that may be read. */
static const char *check_answer(SoupMessage *message)
{
	guint status = soup_message_get_status(message);
	const char *type = soup_message_headers_get_content_type(
		soup_message_get_response_headers(message), NULL);
	if (status >= 300 && status < 400)
		return "redirect";
	if (status != SOUP_STATUS_OK)
		return "http-status";
	return g_strcmp0(type, "text/plain") == 0 ? NULL : "content-type";
}

static void on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Fetch *self = user_data;
	g_autoptr(GError) error = NULL;
	self->stream = soup_session_send_finish(SOUP_SESSION(source), result, &error);
	if (self->stream == NULL) {
		finish(self, error->domain == G_TLS_ERROR ? "tls" : "unreachable");
		return;
	}
	const char *problem = check_answer(self->message);
	if (problem != NULL) {
		finish(self, problem);
		return;
	}
	self->buffer = g_malloc(SIZE_AT_MOST + 1);
	g_input_stream_read_all_async(self->stream, self->buffer, SIZE_AT_MOST + 1,
		G_PRIORITY_DEFAULT, self->cancellable, on_read, self);
}

static gboolean on_deadline(gpointer user_data)
{
	Fetch *self = user_data;
	self->is_late = TRUE;
	g_cancellable_cancel(self->cancellable);
	return G_SOURCE_REMOVE;
}

static void on_caller_cancelled(GCancellable *caller, gpointer mine)
{
	g_cancellable_cancel(mine);
}

/* NULL: the authorities' file cannot be read. */
static SoupSession *new_session(const char *host, const GPtrArray *addresses, const char *ca_file)
{
	g_autoptr(SgpPinnedAddress) address = sgp_pinned_address_new(host, HTTPS_PORT, addresses);
	g_autoptr(SoupSession) session =
		soup_session_new_with_options("remote-connectable", address, NULL);
	soup_session_set_user_agent(session, "siegelpost/" SGP_VERSION);
	soup_session_set_proxy_resolver(session, NULL);
	if (ca_file != NULL && *ca_file != '\0') {
		g_autoptr(GTlsDatabase) database = g_tls_file_database_new(ca_file, NULL);
		if (database == NULL)
			return NULL;
		soup_session_set_tls_database(session, database);
	}
	return g_steal_pointer(&session);
}

static void run(Fetch *self, SoupSession *session, guint timeout_ms, GCancellable *caller)
{
	GMainContext *context = g_main_loop_get_context(self->loop);
	g_autoptr(GSource) deadline = g_timeout_source_new(timeout_ms);
	gulong handler = 0;
	g_source_set_callback(deadline, on_deadline, self, NULL);
	g_source_attach(deadline, context);
	if (caller != NULL)
		handler = g_cancellable_connect(caller, G_CALLBACK(on_caller_cancelled),
			g_object_ref(self->cancellable), g_object_unref);
	soup_session_send_async(
		session, self->message, G_PRIORITY_DEFAULT, self->cancellable, on_answer, self);
	g_main_loop_run(self->loop);
	g_source_destroy(deadline);
	if (caller != NULL)
		g_cancellable_disconnect(caller, handler);
}

/* What libsoup still has to put away. */
static void drain(GMainContext *context)
{
	while (g_main_context_iteration(context, FALSE))
		continue;
}

GBytes *sgp_mta_sts_fetch_sync(const char *host, const GPtrArray *addresses, const char *ca_file,
	guint timeout_ms, const char **problem, GCancellable *cancellable)
{
	g_autofree char *uri = g_strdup_printf("https://%s/.well-known/mta-sts.txt", host);
	g_autoptr(GMainContext) context = g_main_context_new();
	Fetch fetch = { NULL };
	g_main_context_push_thread_default(context);
	SoupSession *session = new_session(host, addresses, ca_file);
	fetch.message = soup_message_new("GET", uri);
	fetch.loop = g_main_loop_new(context, FALSE);
	fetch.cancellable = g_cancellable_new();
	fetch.problem = session == NULL ? "ca-file" : "unreachable";
	if (session != NULL && fetch.message != NULL) {
		soup_message_add_flags(fetch.message, SOUP_MESSAGE_NO_REDIRECT |
							      SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
							      SOUP_MESSAGE_NEW_CONNECTION);
		run(&fetch, session, timeout_ms, cancellable);
	}
	g_clear_object(&fetch.stream);
	g_clear_object(&fetch.message);
	if (session != NULL)
		soup_session_abort(session);
	g_clear_object(&session);
	drain(context);
	g_main_context_pop_thread_default(context);
	g_main_loop_unref(fetch.loop);
	g_object_unref(fetch.cancellable);
	*problem = fetch.problem;
	if (fetch.problem == NULL)
		return g_bytes_new_take(g_steal_pointer(&fetch.buffer), fetch.length);
	g_free(fetch.buffer);
	return NULL;
}
