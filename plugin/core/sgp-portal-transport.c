/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One HTTP request to the portal: TLS verified, no redirect, a limit on time and on the size of the
 * answer. It owns the sessions and the device token on its way into the header; it never decides
 * what an answer means for a mail, and never logs a path, an address or a token. */

#include "sgp-portal-transport.h"
#include "sgp-error.h"

#include <libsoup/soup.h>
#include <string.h>

/* The largest honest answer is a directory look-up of 100 customers, about 2 MiB. */
#define ANSWER_LIMIT       (8 * 1024 * 1024)
#define DEFAULT_TIMEOUT_MS (60 * 1000)

struct _SgpPortalTransport {
	GMutex lock;
	char *origin;        /* (owned) */
	char *authorization; /* (owned) (nullable) "Bearer ..." */
	char *ca_file;       /* (owned) (nullable) */
	const char *name;    /* User-Agent */
	GPtrArray *idle; /* (owned) (element-type SoupSession) never used by two threads at once */
};

SgpPortalTransport *sgp_portal_transport_new(
	const char *origin, const char *device_token, const char *ca_file)
{
	SgpPortalTransport *self = g_new0(SgpPortalTransport, 1);

	g_mutex_init(&self->lock);
	self->origin = g_strdup(origin);
	self->authorization = device_token ? g_strconcat("Bearer ", device_token, NULL) : NULL;
	self->ca_file = ca_file && ca_file[0] != '\0' ? g_strdup(ca_file) : NULL;
	self->name = "siegelpost/" SGP_VERSION;
	self->idle = g_ptr_array_new_with_free_func(g_object_unref);
	return self;
}

/* A portal that serves other pages to customers than to us would know us by our name. */
#define BROWSER "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

SgpPortalTransport *sgp_portal_transport_new_browser(const char *origin, const char *ca_file)
{
	SgpPortalTransport *self = sgp_portal_transport_new(origin, NULL, ca_file);

	self->name = BROWSER;
	return self;
}

void sgp_portal_transport_free(SgpPortalTransport *self)
{
	g_ptr_array_unref(self->idle);
	if (self->authorization)
		memset(self->authorization, 0, strlen(self->authorization));
	g_free(self->authorization);
	g_free(self->ca_file);
	g_free(self->origin);
	g_mutex_clear(&self->lock);
	g_free(self);
}

const char *sgp_portal_transport_get_origin(SgpPortalTransport *self)
{
	return self->origin;
}

gboolean sgp_portal_transport_has_token(SgpPortalTransport *self)
{
	return self->authorization != NULL;
}

/* Sessions */

/* Certificates are verified by libsoup's default. An office's own authority replaces the system's
 * list and is not added to it: whoever can get a certificate from a public one must not be able to
 * stand in for this portal. */
static SoupSession *new_session(SgpPortalTransport *self, GError **error)
{
	g_autoptr(SoupSession) session = soup_session_new();
	g_autoptr(GError) local = NULL;

	soup_session_set_user_agent(session, self->name);
	soup_session_set_timeout(session, DEFAULT_TIMEOUT_MS / 1000);
	if (self->ca_file) {
		g_autoptr(GTlsDatabase) database = g_tls_file_database_new(self->ca_file, &local);

		if (!database) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "portal-ca-file: %s",
				local->message);
			return NULL;
		}
		soup_session_set_tls_database(session, database);
	}
	/* Plain HTTP is spoken on loopback only, and must not be carried off this machine by a
	 * proxy. */
	if (g_str_has_prefix(self->origin, "http://"))
		soup_session_set_proxy_resolver(session, NULL);
	return g_steal_pointer(&session);
}

static SoupSession *take_session(SgpPortalTransport *self, GError **error)
{
	SoupSession *session = NULL;

	g_mutex_lock(&self->lock);
	if (self->idle->len > 0)
		session = g_ptr_array_steal_index_fast(self->idle, self->idle->len - 1);
	g_mutex_unlock(&self->lock);
	return session ? session : new_session(self, error);
}

static void give_session(SgpPortalTransport *self, SoupSession *session)
{
	g_mutex_lock(&self->lock);
	g_ptr_array_add(self->idle, session);
	g_mutex_unlock(&self->lock);
}

/* Time limits: one thread of ours cancels what takes too long. A socket's own time limit starts
 * anew with every byte, so that a server which drips could hold a worker for ever. */

static gpointer run_deadlines(gpointer context)
{
	g_autoptr(GMainLoop) loop = g_main_loop_new(context, FALSE);

	g_main_loop_run(loop);
	return NULL;
}

static GMainContext *deadlines(void)
{
	static gsize context;

	if (g_once_init_enter(&context)) {
		GMainContext *fresh = g_main_context_new();

		g_thread_unref(g_thread_new("deadlines", run_deadlines, fresh));
		g_once_init_leave(&context, (gsize)fresh);
	}
	return (GMainContext *)context;
}

static gboolean on_deadline(gpointer cancellable)
{
	g_cancellable_cancel(cancellable);
	return G_SOURCE_REMOVE;
}

static void on_caller_cancelled(GCancellable *caller, GCancellable *both)
{
	g_cancellable_cancel(both);
}

/* The request */

static void add_tus(SoupMessageHeaders *headers, const SgpPortalRequest *request)
{
	g_autofree char *length = g_strdup_printf("%" G_GINT64_FORMAT, request->upload_length);
	g_autofree char *offset = g_strdup_printf("%" G_GINT64_FORMAT, request->upload_offset);

	soup_message_headers_append(headers, "Tus-Resumable", SGP_PROTOCOL_TUS_VERSION);
	if (request->upload_length >= 0)
		soup_message_headers_append(headers, "Upload-Length", length);
	if (request->upload_offset >= 0)
		soup_message_headers_append(headers, "Upload-Offset", offset);
}

static void add_body(SoupMessage *message, const SgpPortalRequest *request)
{
	SoupMessageHeaders *headers = soup_message_get_request_headers(message);

	if (request->json) {
		g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), request->json);
		g_autofree char *text = json_to_string(node, FALSE);
		gsize length = strlen(text);
		g_autoptr(GBytes) bytes = g_bytes_new_take(g_steal_pointer(&text), length);

		soup_message_set_request_body_from_bytes(message, "application/json", bytes);
	} else if (request->bytes) {
		g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
		guint8 digest[32];
		gsize length = sizeof(digest), size = 0;
		const guchar *data = g_bytes_get_data(request->bytes, &size);

		g_checksum_update(checksum, data, (gssize)size);
		g_checksum_get_digest(checksum, digest, &length);
		g_autofree char *base64 = g_base64_encode(digest, length);
		g_autofree char *value = g_strconcat("sha256 ", base64, NULL);

		soup_message_headers_append(headers, "Upload-Checksum", value);
		soup_message_set_request_body_from_bytes(
			message, "application/offset+octet-stream", request->bytes);
	}
}

static SoupMessage *new_message(
	SgpPortalTransport *self, const SgpPortalRequest *request, GError **error)
{
	g_autofree char *uri = g_strconcat(self->origin, request->path, NULL);
	SoupMessage *message = soup_message_new(request->method, uri);

	if (!message) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "the portal's address is no URL");
		return NULL;
	}
	/* No redirect: the bearer token goes to the portal that was enrolled, and to nobody it
	 * points to. */
	soup_message_add_flags(
		message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
	if (self->authorization)
		soup_message_headers_append(soup_message_get_request_headers(message),
			"Authorization", self->authorization);
	if (request->is_tus)
		add_tus(soup_message_get_request_headers(message), request);
	if (request->is_page)
		soup_message_headers_append(soup_message_get_request_headers(message), "Accept",
			"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
	add_body(message, request);
	return message;
}

static GBytes *read_answer(GInputStream *stream, GCancellable *cancellable, GError **error)
{
	g_autoptr(GByteArray) answer = g_byte_array_new();
	g_autofree guint8 *buffer = g_malloc(65536);

	while (TRUE) {
		gssize n = g_input_stream_read(stream, buffer, 65536, cancellable, error);

		if (n < 0)
			return NULL;
		if (n == 0)
			return g_byte_array_free_to_bytes(g_steal_pointer(&answer));
		if (answer->len + (gsize)n > ANSWER_LIMIT) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
				"the portal's answer is too long");
			return NULL;
		}
		g_byte_array_append(answer, buffer, (guint)n);
	}
}

static SgpPortalReply *read_reply(SoupMessage *message, GBytes *answer)
{
	SgpPortalReply *reply = g_new0(SgpPortalReply, 1);
	SoupMessageHeaders *headers = soup_message_get_response_headers(message);
	const char *offset = soup_message_headers_get_one(headers, "Upload-Offset");
	gsize length = 0;
	const char *data = g_bytes_get_data(answer, &length);

	reply->status = soup_message_get_status(message);
	reply->location = g_strdup(soup_message_headers_get_one(headers, "Location"));
	reply->json = sgp_protocol_parse_object(data, length);
	if (!offset ||
		!g_ascii_string_to_signed(offset, 10, 0, G_MAXINT64, &reply->upload_offset, NULL))
		reply->upload_offset = -1;
	if (reply->status >= 400 && reply->json && sgp_protocol_get_text(reply->json, "code")) {
		reply->has_problem = TRUE;
		reply->problem = sgp_problem_from_code(sgp_protocol_get_text(reply->json, "code"));
	}
	return reply;
}

static SgpPortalReply *read_page(SoupMessage *message, GBytes *answer)
{
	SgpPortalReply *reply = g_new0(SgpPortalReply, 1);
	SoupMessageHeaders *headers = soup_message_get_response_headers(message);

	reply->status = soup_message_get_status(message);
	reply->page = g_bytes_ref(answer);
	reply->type = g_strdup(soup_message_headers_get_one(headers, "Content-Type"));
	reply->is_sent_on = soup_message_headers_get_list(headers, "Refresh") != NULL;
	return reply;
}

static SgpPortalReply *exchange(SgpPortalTransport *self, SoupSession *session,
	const SgpPortalRequest *request, GCancellable *cancellable, GError **error)
{
	g_autoptr(SoupMessage) message = new_message(self, request, error);
	g_autoptr(GInputStream) stream =
		message ? soup_session_send(session, message, cancellable, error) : NULL;
	g_autoptr(GBytes) answer = stream ? read_answer(stream, cancellable, error) : NULL;

	if (!answer)
		return NULL;
	return request->is_page ? read_page(message, answer) : read_reply(message, answer);
}

/* Whatever libsoup says means: no answer. Only the caller's own cancellable is "cancelled". */
static void explain(GError *from, GCancellable *caller, GError **error)
{
	g_autoptr(GError) reason = from;

	if (g_cancellable_set_error_if_cancelled(caller, error))
		return;
	if (reason->domain == SGP_ERROR)
		g_propagate_error(error, g_steal_pointer(&reason));
	else if (g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the portal did not answer in time");
	else
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the portal did not answer: %s", reason->message);
}

SgpPortalReply *sgp_portal_transport_send_sync(SgpPortalTransport *self,
	const SgpPortalRequest *request, GCancellable *cancellable, GError **error)
{
	g_autoptr(GCancellable) both = g_cancellable_new();
	g_autoptr(GSource) deadline = g_timeout_source_new(
		request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS);
	g_autoptr(GError) local = NULL;
	g_autoptr(SoupSession) session = take_session(self, error);
	SgpPortalReply *reply;
	gulong handler = 0;

	if (!session)
		return NULL;
	g_source_set_callback(deadline, on_deadline, g_object_ref(both), g_object_unref);
	g_source_attach(deadline, deadlines());
	if (cancellable)
		handler = g_cancellable_connect(cancellable, G_CALLBACK(on_caller_cancelled),
			g_object_ref(both), g_object_unref);
	reply = exchange(self, session, request, both, &local);
	if (cancellable)
		g_cancellable_disconnect(cancellable, handler);
	g_source_destroy(deadline);
	/* A session that failed may hold a connection in any state: it is not used again. */
	if (reply)
		give_session(self, g_steal_pointer(&session));
	else
		explain(g_steal_pointer(&local), cancellable, error);
	return reply;
}

void sgp_portal_reply_free(SgpPortalReply *self)
{
	g_clear_pointer(&self->json, json_object_unref);
	g_clear_pointer(&self->page, g_bytes_unref);
	g_free(self->type);
	g_free(self->location);
	g_free(self);
}

static SgpError error_of_problem(SgpProblem problem)
{
	switch (problem) {
	case SGP_PROBLEM_INTERNAL:
	case SGP_PROBLEM_BUSY:
	case SGP_PROBLEM_TOO_MANY_TRIES:
		return SGP_ERROR_UNREACHABLE;
	case SGP_PROBLEM_WRONG_TOKEN:
		return SGP_ERROR_INVALID;
	case SGP_PROBLEM_NOT_FOUND:
		return SGP_ERROR_NOT_FOUND;
	case SGP_PROBLEM_CONFLICT:
	case SGP_PROBLEM_OFFSET_MISMATCH:
	case SGP_PROBLEM_CHECKSUM_MISMATCH:
	case SGP_PROBLEM_UPLOAD_INCOMPLETE:
		return SGP_ERROR_CONFLICT;
	case SGP_PROBLEM_TOO_LARGE:
		return SGP_ERROR_TOO_LARGE;
	case SGP_PROBLEM_BAD_REQUEST:
	case SGP_PROBLEM_CROSS_SITE:
	case SGP_PROBLEM_NOT_LOGGED_IN:
	case SGP_PROBLEM_DEVICE_REVOKED:
	case SGP_PROBLEM_WRONG_CODE:
	case SGP_PROBLEM_WRONG_PASSWORD:
	case SGP_PROBLEM_INVITATION_EXPIRED:
	case SGP_PROBLEM_LINK_EXPIRED:
	case SGP_PROBLEM_WRONG_ANSWER:
	case SGP_PROBLEM_LOGIN_AGAIN:
	case SGP_PROBLEM_UNSUPPORTED:
		return SGP_ERROR_REFUSED;
	}
	return SGP_ERROR_FAILED;
}

gboolean sgp_portal_reply_check(const SgpPortalReply *self, GError **error)
{
	if (self->status >= 200 && self->status < 300)
		return TRUE;
	if (self->has_problem)
		g_set_error(error, SGP_ERROR, error_of_problem(self->problem),
			"the portal answered %s", sgp_problem_get_code(self->problem));
	else if (self->status >= 500 || self->status == 429 || self->status == 408)
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "the portal answered %u",
			self->status);
	else if (self->status == 404 || self->status == 410)
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "the portal answered %u",
			self->status);
	else
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_FAILED, "the portal answered %u", self->status);
	return FALSE;
}
