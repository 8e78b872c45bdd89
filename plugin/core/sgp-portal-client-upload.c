/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The other half of the portal client: uploads, messages and events. It owns how a blob travels in
 * pieces; the server's word about what it has on disk is the only truth about an offset, never a
 * memory of ours. */

#include "sgp-portal-client-private.h"
#include "sgp-error.h"
#include "sgp-protocol.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Memory per upload, and at most what is sent again after a broken connection. */
#define PIECE_BYTES      (4 * 1024 * 1024)
#define PIECE_TIMEOUT_MS (10 * 60 * 1000)
#define UPLOADS          "/api/v1/uploads/"

/* An id of the server's becomes part of our next path: only what an id consists of. */
static gboolean is_id(const char *text)
{
	gsize length = strlen(text);

	return length > 0 && length <= 128 &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
		       length;
}

char *sgp_portal_client_create_upload_sync(
	SgpPortalClient *self, gint64 size, GCancellable *cancellable, GError **error)
{
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "POST";
	request.path = "/api/v1/uploads";
	request.is_tus = TRUE;
	request.upload_length = size;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);
	const char *found = reply && reply->location ? strstr(reply->location, UPLOADS) : NULL;
	const char *id = found ? found + strlen(UPLOADS) : NULL;

	if (reply && (!id || !is_id(id))) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal gave no upload");
		return NULL;
	}
	return g_strdup(id);
}

gint64 sgp_portal_client_lookup_offset_sync(
	SgpPortalClient *self, const char *upload, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat(UPLOADS, upload, NULL);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "HEAD";
	request.path = path;
	request.is_tus = TRUE;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	if (reply && reply->upload_offset < 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal named no offset");
	return reply ? reply->upload_offset : -1;
}

static GBytes *read_piece(int fd, gint64 offset, gsize length, GError **error)
{
	g_autofree guint8 *data = g_malloc(length);
	gsize have = 0;

	while (have < length) {
		gssize n = pread(fd, data + have, length - have, offset + (gint64)have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE,
				"a sealed file in the spool is too short");
			return NULL;
		}
		have += (gsize)n;
	}
	return g_bytes_new_take(g_steal_pointer(&data), length);
}

/* Sends one piece; the offset after it is the server's. */
static gboolean send_piece(SgpPortalClient *self, const char *upload, int fd, gint64 *offset,
	gint64 size, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat(UPLOADS, upload, NULL);
	g_autoptr(GBytes) piece =
		read_piece(fd, *offset, (gsize)MIN(PIECE_BYTES, size - *offset), error);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	if (!piece)
		return FALSE;
	request.method = "PATCH";
	request.path = path;
	request.is_tus = TRUE;
	request.upload_offset = *offset;
	request.bytes = piece;
	request.timeout_ms = PIECE_TIMEOUT_MS;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	if (!reply)
		return FALSE;
	if (reply->upload_offset != *offset + (gint64)g_bytes_get_size(piece)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal named a wrong offset");
		return FALSE;
	}
	*offset = reply->upload_offset;
	return TRUE;
}

gboolean sgp_portal_client_upload_sync(SgpPortalClient *self, const char *upload, int fd,
	gint64 size, SgpUploadFunc progress, gpointer user_data, GCancellable *cancellable,
	GError **error)
{
	gint64 offset = sgp_portal_client_lookup_offset_sync(self, upload, cancellable, error);

	if (offset < 0)
		return FALSE;
	while (offset < size) {
		if (!send_piece(self, upload, fd, &offset, size, cancellable, error))
			return FALSE;
		if (progress)
			progress(offset, user_data);
	}
	return TRUE;
}

/* Messages */

static gboolean call_message(SgpPortalClient *self, const char *method, const char *id,
	const char *verb, JsonObject *body, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/messages/", id, verb, NULL);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = method;
	request.path = path;
	request.json = body;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	return reply != NULL;
}

gboolean sgp_portal_client_put_message_sync(SgpPortalClient *self, const char *id,
	const char *handle, const char *manifest, const SgpPortalBlob *blobs, gsize n,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();
	JsonArray *list = json_array_new();

	for (gsize i = 0; i < n; i++) {
		JsonObject *blob = json_object_new();

		sgp_protocol_set_text(blob, "upload", blobs[i].upload);
		json_object_set_int_member(blob, "size", blobs[i].size);
		sgp_protocol_set_text(blob, "sha256", blobs[i].sha256);
		json_array_add_object_element(list, blob);
	}
	sgp_protocol_set_text(body, "customer", handle);
	sgp_protocol_set_text(body, "manifest", manifest);
	json_object_set_array_member(body, "blobs", list);
	return call_message(self, "PUT", id, "", body, cancellable, error);
}

gboolean sgp_portal_client_publish_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) body = json_object_new();

	return call_message(self, "POST", id, ":publish", body, cancellable, error);
}

static SgpPortalMessageState message_state_of_word(const char *word)
{
	if (g_strcmp0(word, "stored") == 0)
		return SGP_PORTAL_MESSAGE_STORED;
	if (g_strcmp0(word, "published") == 0)
		return SGP_PORTAL_MESSAGE_PUBLISHED;
	if (g_strcmp0(word, "revoked") == 0 || g_strcmp0(word, "expired") == 0)
		return SGP_PORTAL_MESSAGE_GONE;
	return SGP_PORTAL_MESSAGE_UNKNOWN;
}

gboolean sgp_portal_client_lookup_message_sync(SgpPortalClient *self, const char *id,
	SgpPortalMessageState *state, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/messages/", id, NULL);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;
	g_autoptr(GError) local = NULL;

	request.method = "GET";
	request.path = path;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, &local);

	if (!reply && !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!reply) {
		*state = SGP_PORTAL_MESSAGE_NONE;
		return TRUE;
	}
	SgpPortalMessageState found = message_state_of_word(
		reply->json ? sgp_protocol_get_text(reply->json, "state") : NULL);

	if (found == SGP_PORTAL_MESSAGE_UNKNOWN) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal named no state of the message");
		return FALSE;
	}
	*state = found;
	return TRUE;
}

/* Events */

void sgp_portal_event_free(SgpPortalEvent *self)
{
	g_free(self->kind);
	g_free(self->customer);
	g_free(self->address);
	g_free(self->message);
	g_free(self);
}

static SgpPortalEventType event_type_of_word(const char *word)
{
	static const struct {
		const char *word;
		SgpPortalEventType type;
	} words[] = {
		{ "registered", SGP_PORTAL_EVENT_REGISTERED },
		{ "read", SGP_PORTAL_EVENT_READ },
		{ "replied", SGP_PORTAL_EVENT_REPLIED },
		{ "bounced", SGP_PORTAL_EVENT_BOUNCED },
		{ "frozen", SGP_PORTAL_EVENT_FROZEN },
		{ "reset-asked", SGP_PORTAL_EVENT_RESET_ASKED },
		{ "recovered", SGP_PORTAL_EVENT_RECOVERED },
		{ "key-deposited", SGP_PORTAL_EVENT_KEY_DEPOSITED },
		{ "key-removed", SGP_PORTAL_EVENT_KEY_REMOVED },
		{ "deleted", SGP_PORTAL_EVENT_DELETED },
		{ "not-collected", SGP_PORTAL_EVENT_NOT_COLLECTED },
		{ "device-pending", SGP_PORTAL_EVENT_DEVICE_PENDING },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
		if (g_str_equal(words[i].word, word))
			return words[i].type;
	}
	return SGP_PORTAL_EVENT_UNKNOWN;
}

static SgpPortalEvent *parse_event(JsonNode *node)
{
	JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	const char *kind = object ? sgp_protocol_get_text(object, "type") : NULL;
	g_autoptr(SgpPortalEvent) event = g_new0(SgpPortalEvent, 1);

	if (!kind || !sgp_protocol_get_integer(object, "id", &event->id))
		return NULL;
	sgp_protocol_get_integer(object, "time", &event->time);
	event->kind = g_strdup(kind);
	event->type = event_type_of_word(kind);
	event->customer = g_strdup(sgp_protocol_get_text(object, "customer"));
	event->address = g_strdup(sgp_protocol_get_text(object, "address"));
	event->message = g_strdup(sgp_protocol_get_text(object, "message"));
	return g_steal_pointer(&event);
}

static GPtrArray *parse_events(JsonObject *answer, gint64 *last, GError **error)
{
	g_autoptr(GPtrArray) events =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_event_free);
	JsonNode *list = answer ? json_object_get_member(answer, "events") : NULL;
	gint64 newest = 0;

	if (!list || !JSON_NODE_HOLDS_ARRAY(list) ||
		!sgp_protocol_get_integer(answer, "last", &newest)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal's answer is no list of events");
		return NULL;
	}
	JsonArray *array = json_node_get_array(list);

	for (guint i = 0; i < json_array_get_length(array); i++) {
		SgpPortalEvent *event = parse_event(json_array_get_element(array, i));

		if (!event) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
				"the portal sent a broken event");
			return NULL;
		}
		g_ptr_array_add(events, event);
	}
	*last = newest;
	return g_steal_pointer(&events);
}

GPtrArray *sgp_portal_client_poll_events_sync(SgpPortalClient *self, gint64 after,
	guint wait_seconds, gint64 *last, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strdup_printf(
		"/api/v1/events?after=%" G_GINT64_FORMAT "&wait=%u", after, wait_seconds);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "GET";
	request.path = path;
	request.timeout_ms = (wait_seconds + 20) * 1000;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	return reply ? parse_events(reply->json, last, error) : NULL;
}
