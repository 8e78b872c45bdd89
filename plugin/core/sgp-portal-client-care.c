/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The staff API's calls about customers, messages and devices that are there already: it owns what
 * their requests and answers look like. It decides nothing and believes nothing: a key that the
 * portal shows is its word only. */

#include "sgp-portal-client-care.h"
#include "sgp-error.h"
#include "sgp-portal-client-private.h"
#include "sgp-protocol.h"

/* A page is 100; a portal that never ends its list is no portal. */
#define PAGES_AT_MOST 1000

static JsonObject *call(SgpPortalClient *self, const char *method, const char *path,
	JsonObject *body, GCancellable *cancellable, GError **error)
{
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = method;
	request.path = path;
	request.json = body;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	if (!reply)
		return NULL;
	if (!reply->json)
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal's answer is no JSON object");
	return g_steal_pointer(&reply->json);
}

static gboolean incomplete(GError **error)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the portal's answer is incomplete");
	return FALSE;
}

gboolean sgp_portal_client_change_customer_sync(SgpPortalClient *self, const char *handle,
	const char *verb, SgpMailboxState *state, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/customers/", handle, ":", verb, NULL);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = call(self, "POST", path, body, cancellable, error);

	sgp_portal_client_forget(self, NULL);
	if (!answer)
		return FALSE;
	return sgp_mailbox_state_from_nick(sgp_protocol_get_text(answer, "state"), state) ||
	       incomplete(error);
}

gboolean sgp_portal_client_set_language_sync(SgpPortalClient *self, const char *handle,
	const char *language, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/customers/", handle, ":language", NULL);
	g_autoptr(JsonObject) body = json_object_new();

	json_object_set_string_member(body, "language", language);
	g_autoptr(JsonObject) answer = call(self, "POST", path, body, cancellable, error);

	sgp_portal_client_forget(self, NULL);
	if (!answer)
		return FALSE;
	return g_strcmp0(sgp_protocol_get_text(answer, "language"), language) == 0 ||
	       incomplete(error);
}

/* Customers' names go by handle: the order of the pages. */
static gboolean take_page(JsonObject *answer, GPtrArray *list, const char **after, GError **error)
{
	JsonNode *node = json_object_get_member(answer, "customers");
	JsonArray *page = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	const char *last = *after;

	if (!page)
		return incomplete(error);
	*after = NULL;
	for (guint i = 0; i < json_array_get_length(page); i++) {
		JsonNode *element = json_array_get_element(page, i);
		JsonObject *one =
			JSON_NODE_HOLDS_OBJECT(element) ? json_node_get_object(element) : NULL;
		const char *handle = one ? sgp_protocol_get_text(one, "handle") : NULL;

		if (!handle || !sgp_protocol_is_handle(handle) || g_strcmp0(handle, last) <= 0)
			return incomplete(error);
		g_ptr_array_add(list, json_object_ref(one));
		*after = last = handle;
	}
	return TRUE;
}

GPtrArray *sgp_portal_client_list_customers_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) list =
		g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
	const char *after = "";

	for (guint i = 0; after && i < PAGES_AT_MOST; i++) {
		g_autofree char *path = g_strconcat("/api/v1/customers?after=", after, NULL);
		g_autoptr(JsonObject) answer = call(self, "GET", path, NULL, cancellable, error);

		/* after lies in the last row of the list, which keeps it. */
		if (!answer || !take_page(answer, list, &after, error))
			return NULL;
	}
	return g_steal_pointer(&list);
}

gboolean sgp_portal_client_extend_message_sync(SgpPortalClient *self, const char *id, gint64 days,
	gint64 *expires, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/messages/", id, ":extend", NULL);
	g_autoptr(JsonObject) body = json_object_new();

	json_object_set_int_member(body, "days", days);
	g_autoptr(JsonObject) answer = call(self, "POST", path, body, cancellable, error);

	return answer &&
	       (sgp_protocol_get_integer(answer, "expires", expires) || incomplete(error));
}

gboolean sgp_portal_client_revoke_message_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/messages/", id, NULL);
	g_autoptr(JsonObject) answer = call(self, "DELETE", path, NULL, cancellable, error);

	return answer && (g_strcmp0(sgp_protocol_get_text(answer, "state"), "revoked") == 0 ||
				 incomplete(error));
}

/* Devices */

void sgp_portal_device_free(SgpPortalDevice *self)
{
	g_free(self->id);
	g_free(self->staff);
	g_free(self->name);
	g_free(self->state);
	g_free(self->staff_key);
	g_free(self);
}

static SgpPortalDevice *parse_device(JsonNode *node)
{
	JsonObject *one = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	g_autoptr(SgpPortalDevice) device = g_new0(SgpPortalDevice, 1);

	if (!one)
		return NULL;
	device->id = g_strdup(sgp_protocol_get_text(one, "id"));
	device->staff = g_strdup(sgp_protocol_get_text(one, "staff"));
	device->name = g_strdup(sgp_protocol_get_text(one, "name"));
	device->state = g_strdup(sgp_protocol_get_text(one, "state"));
	device->staff_key = g_strdup(sgp_protocol_get_text(one, "staff_key"));
	sgp_protocol_get_integer(one, "created", &device->created);
	return device->id && device->staff && device->state ? g_steal_pointer(&device) : NULL;
}

GPtrArray *sgp_portal_client_list_devices_sync(
	SgpPortalClient *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) answer =
		call(self, "GET", "/api/v1/devices", NULL, cancellable, error);
	JsonNode *node = answer ? json_object_get_member(answer, "devices") : NULL;
	g_autoptr(GPtrArray) list =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_device_free);

	if (!answer)
		return NULL;
	if (!node || !JSON_NODE_HOLDS_ARRAY(node)) {
		incomplete(error);
		return NULL;
	}
	for (guint i = 0; i < json_array_get_length(json_node_get_array(node)); i++) {
		SgpPortalDevice *device =
			parse_device(json_array_get_element(json_node_get_array(node), i));

		if (!device) {
			incomplete(error);
			return NULL;
		}
		g_ptr_array_add(list, device);
	}
	return g_steal_pointer(&list);
}

gboolean sgp_portal_client_approve_device_sync(SgpPortalClient *self, const char *id,
	const char *office_secret, const SgpPortalRoster *roster, GCancellable *cancellable,
	GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/devices/", id, ":approve", NULL);
	g_autoptr(JsonObject) body = json_object_new();

	sgp_protocol_set_text(body, "office_secret", office_secret);
	json_object_set_object_member(body, "roster", sgp_portal_roster_dup_json(roster));
	g_autoptr(JsonObject) answer = call(self, "POST", path, body, cancellable, error);

	return answer != NULL;
}

gboolean sgp_portal_client_revoke_device_sync(
	SgpPortalClient *self, const char *id, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/devices/", id, ":revoke", NULL);
	g_autoptr(JsonObject) body = json_object_new();
	g_autoptr(JsonObject) answer = call(self, "POST", path, body, cancellable, error);

	return answer != NULL;
}

gboolean sgp_portal_client_load_own_device_sync(SgpPortalClient *self, char **id, char **state,
	char **office_secret, GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) answer =
		call(self, "GET", "/api/v1/devices/self", NULL, cancellable, error);
	const char *word = answer ? sgp_protocol_get_text(answer, "state") : NULL;

	if (!answer)
		return FALSE;
	if (!word || !sgp_protocol_get_text(answer, "id"))
		return incomplete(error);
	*id = g_strdup(sgp_protocol_get_text(answer, "id"));
	*state = g_strdup(word);
	*office_secret = g_strdup(sgp_protocol_get_text(answer, "office_secret"));
	return TRUE;
}
