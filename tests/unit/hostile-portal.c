/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A real HTTP server for answers that no honest portal gives. It owns its thread; what it answers
 * is the test's. */

#include "hostile-portal.h"

#include <string.h>

#include "scratch-http.h"

struct _HostilePortal {
	HostilePortalFunc func;
	gpointer user_data;
	GMainContext *context;   /* (owned) */
	GMainLoop *loop;         /* (owned) */
	SoupServer *server;      /* (owned) */
	GSocketService *service; /* (owned) */
	GThread *thread;         /* (owned) */
	char *origin;            /* (owned) */
	int count;
	int offset; /* -1: none is named */
	const char *type;
	gint64 after;
};

static void on_request(SoupServer *server, SoupServerMessage *message, const char *path,
	GHashTable *query, gpointer user_data)
{
	HostilePortal *self = user_data;
	g_autoptr(GBytes) body =
		soup_message_body_flatten(soup_server_message_get_request_body(message));
	g_autofree char *answer = NULL;
	g_autofree char *location = NULL;
	guint status;

	g_atomic_int_inc(&self->count);
	const char *after = query ? g_hash_table_lookup(query, "after") : NULL;

	self->after = after ? g_ascii_strtoll(after, NULL, 10) : 0;
	status = self->func(soup_server_message_get_method(message), path, body, &answer, &location,
		self->user_data);
	soup_server_message_set_status(message, status, NULL);
	if (location)
		soup_message_headers_append(soup_server_message_get_response_headers(message),
			status == 200 ? "Refresh" : "Location", location);
	if (g_atomic_int_get(&self->offset) >= 0) {
		g_autofree char *offset = g_strdup_printf("%d", g_atomic_int_get(&self->offset));

		soup_message_headers_append(
			soup_server_message_get_response_headers(message), "Upload-Offset", offset);
	}
	if (answer)
		soup_server_message_set_response(
			message, self->type, SOUP_MEMORY_COPY, answer, strlen(answer));
}

static gpointer run(gpointer user_data)
{
	HostilePortal *self = user_data;

	g_main_context_push_thread_default(self->context);
	g_main_loop_run(self->loop);
	scratch_http_close(self->server, self->service, self->context);
	g_main_context_pop_thread_default(self->context);
	return NULL;
}

HostilePortal *hostile_portal_new(
	HostilePortalFunc func, gpointer user_data, const char *certificate, const char *key)
{
	HostilePortal *self = g_new0(HostilePortal, 1);
	g_autoptr(GError) error = NULL;
	guint16 port = 0;

	self->func = func;
	self->user_data = user_data;
	self->offset = -1;
	self->type = "application/json";
	self->context = g_main_context_new();
	self->loop = g_main_loop_new(self->context, FALSE);
	g_main_context_push_thread_default(self->context);
	self->server = soup_server_new(NULL, NULL);
	soup_server_add_handler(self->server, NULL, on_request, self, NULL);
	if (certificate) {
		g_autoptr(GTlsCertificate) pair =
			g_tls_certificate_new_from_files(certificate, key, &error);

		g_assert_no_error(error);
		soup_server_set_tls_certificate(self->server, pair);
	}
	self->service = scratch_http_listen(self->server, &port);
	g_main_context_pop_thread_default(self->context);
	self->origin = g_strdup_printf("%s://%s:%u", certificate ? "https" : "http",
		certificate ? "localhost" : "127.0.0.1", port);
	self->thread = g_thread_new("hostile-portal", run, self);
	return self;
}

static gboolean quit(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_REMOVE;
}

void hostile_portal_free(HostilePortal *self)
{
	g_autoptr(GSource) source = g_idle_source_new();

	/* In the loop itself: quitting one that does not run yet would be forgotten. */
	g_source_set_callback(source, quit, self->loop, NULL);
	g_source_attach(source, self->context);
	g_thread_join(self->thread);
	g_object_unref(self->server);
	g_main_loop_unref(self->loop);
	g_main_context_unref(self->context);
	g_free(self->origin);
	g_free(self);
}

const char *hostile_portal_get_origin(HostilePortal *self)
{
	return self->origin;
}

void hostile_portal_set_offset(HostilePortal *self, int offset)
{
	g_atomic_int_set(&self->offset, offset);
}

void hostile_portal_set_type(HostilePortal *self, const char *type)
{
	self->type = type;
}

gint64 hostile_portal_get_after(HostilePortal *self)
{
	return self->after;
}

guint hostile_portal_count(HostilePortal *self)
{
	return (guint)g_atomic_int_get(&self->count);
}
