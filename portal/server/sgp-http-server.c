/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The main loop's side of a request: reads it with a limit, hands it to a worker thread, writes the
 * answer, logs one line. Nothing here waits for a disk, a hash or a lock that is held for long. */

#include "sgp-http-server.h"

#include "sgp-call.h"
#include "sgp-http-framing.h"
#include "sgp-http-headers.h"
#include "sgp-http-listener.h"
#include "sgp-network-limit.h"
#include "sgp-router.h"
#include "sgp-slow-client.h"
#include "sgp-upload-sink.h"

#include <libsoup/soup.h>
#include <string.h>

#define WORKERS        8  /* each has a connection to the store */
#define WRITERS        16 /* of a file: who waits for the disk there commits together */
#define UPLOAD_WINDOW  (1024 * 1024)
#define DISCARD_LIMIT  (4 * 1024 * 1024)
#define DRAIN_SECONDS  30
#define LEAST_PROGRESS (16 * 1024)
#define EXCHANGE_KEY   "sgp-exchange"

struct _SgpHttpServer {
	SgpPortal *portal;         /* (borrowed) */
	SgpWebFiles *files;        /* (borrowed) */
	SoupServer *soup;          /* (owned) */
	SgpHttpListener *listener; /* (owned) */
	GThreadPool *workers;      /* (owned) */
	SgpNetworkLimit *limit;    /* (owned) */
	GList *waiting;            /* (owned) (element-type Exchange): long polls */
	guint64 events_seen;       /* grows with every event, see begin_waiting() */
	GMainContext *context;     /* (borrowed) */
};

/* One request. Lives as long as its message or a worker needs it. */
typedef struct {
	gatomicrefcount references;
	SgpHttpServer *server;      /* (borrowed) */
	SoupServerMessage *message; /* (owned) while a worker or a timer may come back to it */
	SgpCall *call;              /* (owned) (nullable): until a sink takes it */
	SgpUploadSink *sink;        /* (owned) (nullable) */
	const SgpRoute *route;      /* (nullable) */
	GByteArray *body;           /* (owned) (nullable) */
	gsize limit;
	gsize received;
	gsize sent;
	gsize checked; /* of both, when the stall timer looked last */
	gboolean answering;
	gboolean too_large;
	gboolean wrong_method;
	gboolean unclear; /* where it ends */
	gboolean paused;
	gboolean gone;
	gboolean logged;
	guint stall_timer;
	guint wait_timer;
	guint64 events_seen;
	gint64 begun;
} Exchange;

static Exchange *exchange_ref(Exchange *self)
{
	g_atomic_ref_count_inc(&self->references);
	return self;
}

static void exchange_unref(Exchange *self)
{
	if (!g_atomic_ref_count_dec(&self->references))
		return;
	g_clear_pointer(&self->call, sgp_call_free);
	g_clear_pointer(&self->sink, sgp_upload_sink_abandon);
	g_clear_pointer(&self->body, g_byte_array_unref);
	g_free(self);
}

static void pause_reading(Exchange *self)
{
	if (!self->paused && !self->gone)
		soup_server_message_pause(self->message);
	self->paused = TRUE;
}

static void resume(Exchange *self)
{
	if (self->paused && !self->gone)
		soup_server_message_unpause(self->message);
	self->paused = FALSE;
}

/* A method that we do not know is a word of a stranger: it might hold terminal sequences, or
 * somebody's secret (threats 32 and 35; test "nothing of a request reaches the log"). */
static const char *name_method(const char *method)
{
	static const char *const known[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE",
		"OPTIONS", "TRACE", NULL };

	return g_strv_contains(known, method) ? method : "OTHER";
}

static void log_exchange(Exchange *self, guint status)
{
	if (self->logged)
		return;
	self->logged = TRUE;
	sgp_metrics_count_request(self->server->portal->metrics,
		soup_server_message_get_method(self->message),
		self->route != NULL ? self->route->path : NULL, status,
		g_get_monotonic_time() - self->begun);
	/* The route and not the path: no ids, no addresses, no tokens (threat 35). */
	g_printerr("request method=%s route=%s status=%u received=%" G_GSIZE_FORMAT
		   " sent=%" G_GINT64_FORMAT " ms=%" G_GINT64_FORMAT "\n",
		name_method(soup_server_message_get_method(self->message)),
		self->route != NULL ? self->route->path : "-", status, self->received,
		(gint64)soup_server_message_get_response_body(self->message)->length,
		(g_get_monotonic_time() - self->begun) / 1000);
}

static void drop_stall_timer(Exchange *self)
{
	if (self->stall_timer != 0)
		g_source_remove(self->stall_timer);
	self->stall_timer = 0;
}

static void stop_waiting(Exchange *self)
{
	if (self->wait_timer != 0)
		g_source_remove(self->wait_timer);
	self->wait_timer = 0;
	self->server->waiting = g_list_remove(self->server->waiting, self);
}

static void on_finished(SoupServerMessage *message, gpointer data)
{
	Exchange *self = data;

	if (self->gone)
		return;
	log_exchange(self, soup_server_message_get_status(message));
	self->gone = TRUE;
	drop_stall_timer(self);
	stop_waiting(self);
	g_clear_pointer(&self->sink, sgp_upload_sink_abandon);
}

static gboolean close_connection(gpointer data)
{
	SoupServerMessage *message = data;
	g_autoptr(GIOStream) stream = soup_server_message_steal_connection(message);

	if (stream != NULL)
		g_io_stream_close(stream, NULL, NULL);
	g_object_unref(message);
	return G_SOURCE_REMOVE;
}

/* Later and from outside: libsoup may be in the middle of reading. */
static void cut_off(Exchange *self)
{
	if (self->gone)
		return;
	pause_reading(self);
	g_idle_add(close_connection, g_object_ref(self->message));
}

/* A body that trickles or stops holds a connection and, if it is an upload, its writer; an answer
 * that nobody takes holds its memory (threat 16; tests "a body that trickles is cut off" and "an
 * answer that nobody takes is cut off"). What we make it wait for ourselves does not count. */
static gboolean on_stall_check(gpointer data)
{
	Exchange *self = data;
	gsize moved = self->received + self->sent;

	if (self->paused || moved - self->checked >= LEAST_PROGRESS) {
		self->checked = moved;
		return G_SOURCE_CONTINUE;
	}
	self->stall_timer = 0;
	if (self->answering)
		sgp_slow_client_cut(self->message);
	else
		cut_off(self);
	return G_SOURCE_REMOVE;
}

static void begin_stall_timer(Exchange *self)
{
	if (self->stall_timer == 0)
		self->stall_timer = g_timeout_add_seconds(
			(guint)self->server->portal->config->body_seconds, on_stall_check, self);
}

static void on_wrote(SoupServerMessage *message, guint size, gpointer data)
{
	Exchange *self = data;

	self->sent += size;
}

/* From here on the client must take what it asked for. */
static void watch_answer(Exchange *self, gsize size)
{
	drop_stall_timer(self);
	self->answering = TRUE;
	self->checked = self->received + self->sent;
	if (size <= LEAST_PROGRESS || self->gone)
		return;
	g_signal_connect(self->message, "wrote-body-data", G_CALLBACK(on_wrote), self);
	begin_stall_timer(self);
}

static void watch_stall(Exchange *self)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(self->message);
	SoupEncoding encoding = soup_message_headers_get_encoding(headers);

	if (encoding == SOUP_ENCODING_CHUNKED ||
		(encoding == SOUP_ENCODING_CONTENT_LENGTH &&
			soup_message_headers_get_content_length(headers) > 0))
		begin_stall_timer(self);
}

/* libsoup takes an answer without a body and without its length for one that ends with the
 * connection (soup_server_message_is_keepalive() of 3.2), and hangs up after every 204. Only the
 * headers' own notion is changed, after they were sent. */
static void on_wrote_no_content(SoupServerMessage *message, gpointer nothing)
{
	soup_message_headers_set_encoding(
		soup_server_message_get_response_headers(message), SOUP_ENCODING_NONE);
}

static void write_answer(Exchange *self, SgpCall *call)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(self->message);
	SoupMessageBody *body = soup_server_message_get_response_body(self->message);

	soup_server_message_set_status(self->message, call->status, NULL);
	sgp_http_headers_secure(headers, self->server->portal, FALSE);
	for (guint i = 0; i + 1 < call->extra->len; i += 2)
		soup_message_headers_append(
			headers, call->extra->pdata[i], call->extra->pdata[i + 1]);
	if (call->status == SOUP_STATUS_NO_CONTENT)
		g_signal_connect(
			self->message, "wrote-headers", G_CALLBACK(on_wrote_no_content), NULL);
	if (call->content == NULL)
		return;
	soup_message_headers_replace(headers, "Content-Type", call->content_type);
	soup_message_body_append_bytes(body, call->content);
	watch_answer(self, g_bytes_get_size(call->content));
}

static void refuse_for(Exchange *self, SgpProblem problem, const char *detail, gint64 retry_after)
{
	g_autoptr(GError) error = g_error_new_literal(SGP_PROBLEM_ERROR, problem, detail);
	g_autoptr(SgpCall) call =
		sgp_call_new(self->server->portal, soup_server_message_get_method(self->message));

	call->retry_after = retry_after;
	sgp_call_set_problem(call, error);
	sgp_call_serialise(call);
	write_answer(self, call);
}

static void refuse(Exchange *self, SgpProblem problem, const char *detail)
{
	refuse_for(self, problem, detail, 0);
}

static gboolean on_worked(gpointer data);

static void work(gpointer data, gpointer nothing)
{
	Exchange *self = data;

	sgp_call_run(self->call);
	sgp_portal_run_in_main(on_worked, self, NULL);
}

/* Gives the exchange to a worker, which comes back by on_worked(). */
static void dispatch(Exchange *self)
{
	self->events_seen = self->server->events_seen;
	g_object_ref(self->message);
	g_thread_pool_push(self->server->workers, exchange_ref(self), NULL);
}

static gboolean on_waited(gpointer data)
{
	Exchange *self = data;

	self->wait_timer = 0;
	stop_waiting(self);
	self->call->no_more_waiting = TRUE;
	dispatch(self);
	return G_SOURCE_REMOVE;
}

static void begin_waiting(Exchange *self)
{
	const char *text = sgp_call_get_query(self->call, "wait");
	gint64 seconds = MIN((gint64)g_ascii_strtoull(text, NULL, 10),
		(gint64)SGP_PROTOCOL_MAXIMAL_WAIT_SECONDS);
	gint64 left = 0;

	self->call->wait = FALSE;
	/* From when it was asked: who is woken for nothing waits no longer for that. */
	left = seconds * 1000 - (g_get_monotonic_time() - self->begun) / 1000;
	self->call->no_more_waiting = left <= 0;
	/* An event that came between the worker's look and now would be slept through. */
	if (left <= 0 || self->events_seen != self->server->events_seen) {
		dispatch(self);
		return;
	}
	self->server->waiting = g_list_prepend(self->server->waiting, self);
	self->wait_timer = g_timeout_add((guint)left, on_waited, self);
}

static gboolean on_worked(gpointer data)
{
	Exchange *self = data;
	SoupServerMessage *message = self->message;

	if (!self->gone && self->call->wait) {
		begin_waiting(self);
	} else if (!self->gone) {
		write_answer(self, self->call);
		resume(self);
	}
	exchange_unref(self);
	g_object_unref(message);
	return G_SOURCE_REMOVE;
}

static gboolean wake_waiting(gpointer data)
{
	SgpHttpServer *server = data;
	g_autoptr(GList) waiting = g_steal_pointer(&server->waiting);

	server->events_seen++;
	for (GList *l = waiting; l != NULL; l = l->next) {
		Exchange *self = l->data;

		if (self->wait_timer != 0)
			g_source_remove(self->wait_timer);
		self->wait_timer = 0;
		dispatch(self);
	}
	return G_SOURCE_REMOVE;
}

static void on_events_changed(gpointer data)
{
	SgpHttpServer *server = data;

	sgp_portal_run_in_main(wake_waiting, server, NULL);
}

static void on_upload_progress(gpointer data, gboolean done)
{
	Exchange *self = data;

	if (self->gone)
		return;
	if (done) {
		write_answer(self, sgp_upload_sink_get_call(self->sink));
		resume(self);
	} else if (sgp_upload_sink_get_waiting(self->sink) < UPLOAD_WINDOW / 2) {
		if (self->call == NULL && self->body == NULL)
			resume(self);
	}
}

static void on_chunk(SoupServerMessage *message, GBytes *chunk, gpointer data)
{
	Exchange *self = data;
	gsize size = 0;
	const void *bytes = g_bytes_get_data(chunk, &size);

	self->received += size;
	if (self->sink != NULL && !sgp_upload_sink_has_failed(self->sink)) {
		self->limit = self->received;
		if (sgp_upload_sink_push(self->sink, bytes, size) > UPLOAD_WINDOW)
			pause_reading(self);
		return;
	}
	if (self->sink == NULL && self->received <= self->limit) {
		g_byte_array_append(self->body, bytes, (guint)size);
		return;
	}
	/* Refused. Read on for a while, so that the client gets to see why; but not for ever. */
	if (self->sink == NULL) {
		self->too_large = TRUE;
		g_byte_array_set_size(self->body, 0);
	}
	if (self->received > self->limit + DISCARD_LIMIT)
		cut_off(self);
}

static void copy_header(const char *name, const char *value, gpointer data)
{
	SgpCall *call = data;
	char *lower = g_ascii_strdown(name, -1);
	const char *before = g_hash_table_lookup(call->headers, lower);

	/* HTTP/2 and some proxies send one Cookie field for each cookie. */
	if (before != NULL && strcmp(lower, "cookie") == 0)
		g_hash_table_replace(call->headers, lower, g_strconcat(before, "; ", value, NULL));
	else
		g_hash_table_replace(call->headers, lower, g_strdup(value));
}

static SgpCall *make_call(SgpHttpServer *server, SoupServerMessage *message, const char *path,
	GHashTable *query, gboolean *wrong_method)
{
	SgpCall *call = sgp_call_new(server->portal, soup_server_message_get_method(message));

	/* Ids go into statements, and PostgreSQL takes no text that is not UTF-8; such a path is no
	 * path (test "no address leaves its place"). */
	if (g_utf8_validate(path, -1, NULL))
		call->route = sgp_router_find(call->method, path, call->params, wrong_method);
	if (query != NULL)
		call->query = g_hash_table_ref(query);
	soup_message_headers_foreach(
		soup_server_message_get_request_headers(message), copy_header, call);
	return call;
}

static void begin_upload(Exchange *self)
{
	SoupMessageHeaders *headers = soup_server_message_get_request_headers(self->message);
	gint64 announced = -1;

	if (soup_message_headers_get_encoding(headers) == SOUP_ENCODING_CONTENT_LENGTH)
		announced = soup_message_headers_get_content_length(headers);
	self->sink = sgp_upload_sink_new(
		g_steal_pointer(&self->call), announced, on_upload_progress, self);
}

/* The headers are there from the beginning, also on what libsoup answers by itself to a head that
 * is none (test "what is no request has the security headers too"). */
static void on_request_started(SoupServer *soup, SoupServerMessage *message, gpointer data)
{
	const SgpHttpServer *server = data;

	sgp_http_headers_secure(
		soup_server_message_get_response_headers(message), server->portal, FALSE);
	sgp_slow_client_await_head(message);
}

/* The headers are there, the body is not. */
static void on_headers(SoupServer *soup, SoupServerMessage *message, const char *path,
	GHashTable *query, gpointer data)
{
	Exchange *self = g_new0(Exchange, 1);

	sgp_slow_client_got_head(message);
	g_atomic_ref_count_init(&self->references);
	self->server = data;
	self->message = message;
	self->begun = g_get_monotonic_time();
	self->call = make_call(self->server, message, path, query, &self->wrong_method);
	self->unclear = !sgp_http_framing_settle(message);
	self->route = self->unclear ? NULL : self->call->route;
	/* libsoup would answer ranges by itself: as many copies of the content as somebody lists
	 * overlapping ranges, out of memory (threat 16; test "ranges are not answered"). The pages
	 * and agents ask for none. */
	soup_message_headers_remove(soup_server_message_get_request_headers(message), "Range");
	/* SoupServer has no limit for bodies: every chunk is counted, chunked encoding included
	 * (threat 16; test "a body without end is cut off"). */
	soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
	g_object_set_data_full(
		G_OBJECT(message), EXCHANGE_KEY, self, (GDestroyNotify)exchange_unref);
	g_signal_connect(message, "got-chunk", G_CALLBACK(on_chunk), self);
	g_signal_connect(message, "finished", G_CALLBACK(on_finished), self);
	g_signal_connect(message, "disconnected", G_CALLBACK(on_finished), self);
	watch_stall(self);
	if (self->route != NULL && self->route->streams) {
		begin_upload(self);
	} else {
		self->limit = self->route != NULL ? self->route->body_limit : 0;
		self->body = g_byte_array_new();
	}
}

static void answer_file(Exchange *self, const SgpWebFile *file)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(self->message);
	SoupMessageHeaders *asked = soup_server_message_get_request_headers(self->message);
	const char *accepts = soup_message_headers_get_list(asked, "Accept-Encoding");
	gboolean compressed = file->compressed != NULL && accepts != NULL &&
			      soup_header_contains(accepts, "gzip");
	GBytes *content = compressed ? file->compressed : file->plain;

	sgp_http_headers_secure(headers, self->server->portal, file->is_immutable);
	soup_message_headers_replace(headers, "Content-Type", file->type);
	soup_message_headers_replace(headers, "ETag", file->etag);
	if (file->compressed != NULL)
		soup_message_headers_replace(headers, "Vary", "Accept-Encoding");
	if (g_strcmp0(soup_message_headers_get_one(asked, "If-None-Match"), file->etag) == 0) {
		soup_server_message_set_status(self->message, SOUP_STATUS_NOT_MODIFIED, NULL);
		return;
	}
	if (compressed)
		soup_message_headers_replace(headers, "Content-Encoding", "gzip");
	soup_server_message_set_status(self->message, SOUP_STATUS_OK, NULL);
	soup_message_body_append_bytes(
		soup_server_message_get_response_body(self->message), content);
	watch_answer(self, g_bytes_get_size(content));
}

static void answer_health(Exchange *self)
{
	SoupMessageHeaders *headers = soup_server_message_get_response_headers(self->message);

	sgp_http_headers_secure(headers, self->server->portal, FALSE);
	soup_server_message_set_status(self->message, SOUP_STATUS_OK, NULL);
	soup_server_message_set_response(
		self->message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC, "ok\n", 3);
}

static gboolean is_reading(SoupServerMessage *message)
{
	const char *method = soup_server_message_get_method(message);

	return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
}

static void answer_outside(Exchange *self, const char *path)
{
	const SgpWebFile *file = NULL;

	if (!is_reading(self->message)) {
		refuse(self, SGP_PROBLEM_NOT_FOUND, "There is nothing here.");
	} else if (strcmp(path, "/healthz") == 0) {
		answer_health(self);
	} else {
		file = sgp_web_files_lookup(self->server->files, path);
		if (file != NULL)
			answer_file(self, file);
		else
			refuse(self, SGP_PROBLEM_NOT_FOUND, "There is nothing here.");
	}
}

/* Whether the network that asks may try once more; if not, it was told. */
static gboolean may_knock(Exchange *self)
{
	SoupMessageHeaders *asked = soup_server_message_get_request_headers(self->message);
	const char *forwarded = self->server->portal->config->forwarded
					? soup_message_headers_get_list(asked, "X-Forwarded-For")
					: NULL;
	g_autofree char *network = sgp_network_dup_name(
		soup_server_message_get_remote_address(self->message), forwarded);
	gint64 retry_after = 0;

	if (!self->route->is_door || network == NULL ||
		sgp_network_limit_take(self->server->limit, network,
			g_get_monotonic_time() / G_USEC_PER_SEC, &retry_after))
		return TRUE;
	refuse_for(self, SGP_PROBLEM_TOO_MANY_TRIES,
		"There were too many tries from this network; wait a little.", retry_after);
	return FALSE;
}

/* The body is complete. */
static void on_request(SoupServer *soup, SoupServerMessage *message, const char *path,
	GHashTable *query, gpointer data)
{
	Exchange *self = g_object_get_data(G_OBJECT(message), EXCHANGE_KEY);

	g_return_if_fail(self != NULL);
	drop_stall_timer(self);
	if (self->sink != NULL) {
		pause_reading(self);
		self->body = g_byte_array_new(); /* complete: the next progress is the answer */
		sgp_upload_sink_finish(self->sink);
	} else if (self->unclear) {
		refuse(self, SGP_PROBLEM_BAD_REQUEST, "It is not clear where the request ends.");
	} else if (self->too_large) {
		refuse(self, SGP_PROBLEM_TOO_LARGE, "The request is larger than it may be.");
	} else if (self->route != NULL && !may_knock(self)) {
		return;
	} else if (self->route != NULL) {
		self->call->body = g_byte_array_free_to_bytes(g_steal_pointer(&self->body));
		pause_reading(self);
		dispatch(self);
	} else if (self->wrong_method) {
		refuse(self, SGP_PROBLEM_NOT_FOUND, "There is nothing to do here in this way.");
	} else {
		answer_outside(self, path);
	}
}

/**
 * sgp_http_server_start:
 *
 * Listens. Plain HTTP on loopback only.
 *
 * Returns: (transfer full) (nullable): the running server, or %NULL with a sentence for the
 * administrator.
 */
SgpHttpServer *sgp_http_server_start(SgpPortal *portal, SgpWebFiles *files, GError **error)
{
	SgpHttpServer *server = g_new0(SgpHttpServer, 1);

	server->portal = portal;
	server->files = files;
	server->context = g_main_context_default();
	server->soup = soup_server_new(NULL, NULL);
	server->limit = sgp_network_limit_new();
	server->workers = g_thread_pool_new(
		work, NULL, portal->config->database != NULL ? WORKERS : WRITERS, FALSE, NULL);
	g_signal_connect(server->soup, "request-started", G_CALLBACK(on_request_started), server);
	soup_server_add_early_handler(server->soup, NULL, on_headers, server, NULL);
	soup_server_add_handler(server->soup, NULL, on_request, server, NULL);
	server->listener = sgp_http_listener_start(server->soup, portal->config, error);
	if (server->listener == NULL) {
		sgp_http_server_stop(server);
		return NULL;
	}
	portal->events_data = server;
	portal->events_changed = on_events_changed;
	return server;
}

/**
 * sgp_http_server_dup_address:
 *
 * Returns: (transfer full): scheme, address and port that it listens on.
 */
char *sgp_http_server_dup_address(SgpHttpServer *server)
{
	return sgp_http_listener_dup_address(server->listener);
}

/* Uploads that were cut off are still written; their threads need the portal until then. */
static void drain(SgpHttpServer *server)
{
	gint64 until = g_get_monotonic_time() + DRAIN_SECONDS * G_USEC_PER_SEC;

	do {
		while (g_main_context_iteration(server->context, FALSE))
			continue;
		if (sgp_upload_sink_is_any_alive())
			g_usleep(G_USEC_PER_SEC / 100);
	} while (sgp_upload_sink_is_any_alive() && g_get_monotonic_time() < until);
}

/**
 * sgp_http_server_stop:
 * @server: (transfer full) (nullable): requests that workers are at are answered to nobody
 */
void sgp_http_server_stop(SgpHttpServer *server)
{
	if (server == NULL)
		return;
	server->portal->events_changed = NULL;
	soup_server_disconnect(server->soup);
	g_thread_pool_free(server->workers, TRUE, TRUE);
	g_clear_pointer(&server->listener, sgp_http_listener_free);
	drain(server);
	g_list_free(server->waiting);
	sgp_network_limit_free(server->limit);
	g_object_unref(server->soup);
	g_free(server);
}
