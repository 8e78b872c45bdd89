/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTTPS request to a server that a stranger's address names. Owns the limits against such a
 * server (threat 31; tests /wkd-fetch): it goes to the addresses that were judged and to no other,
 * it follows no redirect, and what is endless, dripping or not verified is "could not look". */
#include "sgp-wkd-fetch.h"

#include <libsoup/soup.h>

#include "sgp-error.h"
#include "sgp-pinned-address.h"

#define TIME_LIMIT_MS 5000
#define SIZE_LIMIT    (512 * 1024)

typedef struct {
	GMainLoop *loop;           /* (owned) */
	SoupMessage *message;      /* (owned) */
	GCancellable *cancellable; /* (owned) cancelled by the time limit too */
	GInputStream *stream;      /* (owned) (nullable) */
	char *buffer;              /* (owned) (nullable) one byte longer than the limit */
	gsize length;
	GError *error; /* (owned) (nullable) */
} Fetch;

static void fetch_clear(Fetch *self)
{
	g_clear_object(&self->stream);
	g_clear_object(&self->message);
	g_clear_object(&self->cancellable);
	g_clear_pointer(&self->loop, g_main_loop_unref);
	g_clear_error(&self->error);
	g_free(self->buffer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fetch, fetch_clear)

static void on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Fetch *self = user_data;
	g_input_stream_read_all_finish(G_INPUT_STREAM(source), result, &self->length, &self->error);
	if (self->error == NULL && self->length > SIZE_LIMIT)
		g_set_error(&self->error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "too large an answer");
	g_main_loop_quit(self->loop);
}

static void on_answer(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Fetch *self = user_data;
	self->stream = soup_session_send_finish(SOUP_SESSION(source), result, &self->error);
	if (self->stream == NULL || soup_message_get_status(self->message) != SOUP_STATUS_OK) {
		g_main_loop_quit(self->loop);
		return;
	}
	self->buffer = g_malloc(SIZE_LIMIT + 1);
	g_input_stream_read_all_async(self->stream, self->buffer, SIZE_LIMIT + 1,
		G_PRIORITY_DEFAULT, self->cancellable, on_read, self);
}

static gboolean on_deadline(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

static void on_caller_cancelled(GCancellable *caller, gpointer mine)
{
	g_cancellable_cancel(mine);
}

static SoupSession *new_session(const char *host, guint16 port, const GPtrArray *addresses,
	const char *ca_file, GError **error)
{
	g_autoptr(SgpPinnedAddress) address = sgp_pinned_address_new(host, port, addresses);
	g_autoptr(SoupSession) session =
		soup_session_new_with_options("remote-connectable", address, NULL);
	soup_session_set_user_agent(session, "siegelpost/" SGP_VERSION);
	/* A proxy would resolve the name itself. */
	soup_session_set_proxy_resolver(session, NULL);
	if (ca_file != NULL && *ca_file != '\0') {
		g_autoptr(GTlsDatabase) database = g_tls_file_database_new(ca_file, error);
		if (database == NULL)
			return NULL;
		soup_session_set_tls_database(session, database);
	}
	return g_steal_pointer(&session);
}

static void run(Fetch *self, SoupSession *session, GCancellable *caller)
{
	g_autoptr(GSource) deadline = g_timeout_source_new(TIME_LIMIT_MS);
	g_source_set_callback(deadline, on_deadline, self->cancellable, NULL);
	g_source_attach(deadline, g_main_loop_get_context(self->loop));
	gulong handler = caller == NULL
				 ? 0
				 : g_cancellable_connect(caller, G_CALLBACK(on_caller_cancelled),
					   g_object_ref(self->cancellable), g_object_unref);
	soup_session_send_async(
		session, self->message, G_PRIORITY_DEFAULT, self->cancellable, on_answer, self);
	g_main_loop_run(self->loop);
	g_source_destroy(deadline);
	g_cancellable_disconnect(caller, handler);
}

static void prepare(Fetch *self, GMainContext *context, const char *uri)
{
	self->loop = g_main_loop_new(context, FALSE);
	self->cancellable = g_cancellable_new();
	self->message = soup_message_new("GET", uri);
	if (self->message == NULL)
		g_set_error(&self->error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "not a host name");
	else
		soup_message_add_flags(self->message, SOUP_MESSAGE_NO_REDIRECT |
							      SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
							      SOUP_MESSAGE_NEW_CONNECTION);
}

/* Whatever libsoup says is one thing to the caller: nobody answered. */
static void set_error(Fetch *self, GCancellable *cancellable, GError **error)
{
	if (!g_cancellable_set_error_if_cancelled(cancellable, error))
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "key directory: %s",
			self->error->message);
}

/**
 * sgp_wkd_fetch_sync:
 * @target: path and query, escaped
 * @status: (out)
 */
GBytes *sgp_wkd_fetch_sync(const char *host, guint16 port, const char *target,
	const GPtrArray *addresses, const char *ca_file, guint *status, GCancellable *cancellable,
	GError **error)
{
	g_autofree char *uri = g_strdup_printf("https://%s:%u%s", host, port, target);
	g_autoptr(GMainContext) context = g_main_context_new();
	g_auto(Fetch) fetch = { NULL };
	g_main_context_push_thread_default(context);
	prepare(&fetch, context, uri);
	SoupSession *session = new_session(
		host, port, addresses, ca_file, fetch.error == NULL ? &fetch.error : NULL);
	if (fetch.error == NULL)
		run(&fetch, session, cancellable);
	g_clear_object(&fetch.stream);
	if (session != NULL)
		soup_session_abort(session);
	g_clear_object(&session);
	while (g_main_context_iteration(context, FALSE))
		continue;
	g_main_context_pop_thread_default(context);
	if (fetch.error != NULL) {
		set_error(&fetch, cancellable, error);
		return NULL;
	}
	*status = soup_message_get_status(fetch.message);
	return fetch.buffer == NULL
		       ? NULL
		       : g_bytes_new_take(g_steal_pointer(&fetch.buffer), fetch.length);
}
