/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The portal's two calls about shared consent records. It owns what they look like; what is in a
 * record, and whether it is believed, is sgp-ledger-sync's. */

#include "sgp-error.h"
#include "sgp-ledger-sync-private.h"
#include "sgp-portal-client-private.h"
#include "sgp-protocol.h"

#include <string.h>

#define RECORD_LIMIT (64 * 1024)

void sgp_portal_record_free(SgpPortalRecord *self)
{
	g_free(self->id);
	g_free(self->entry);
	g_free(self);
}

gboolean sgp_portal_client_put_record_sync(SgpPortalClient *self, const char *id, const char *entry,
	gint64 *n, GCancellable *cancellable, GError **error)
{
	g_autofree char *path = g_strconcat("/api/v1/ledger/", id, NULL);
	g_autoptr(JsonObject) body = json_object_new();
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	sgp_protocol_set_text(body, "entry", entry);
	request.method = "PUT";
	request.path = path;
	request.json = body;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	if (!reply)
		return FALSE;
	/* Its number is for people; that it is stored is what counts. */
	*n = 0;
	if (!reply->json || !sgp_protocol_get_integer(reply->json, "n", n) || *n <= 0)
		*n = 1;
	return TRUE;
}

static SgpPortalRecord *parse_record(JsonNode *node)
{
	JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	const char *id = object ? sgp_protocol_get_text(object, "id") : NULL;
	const char *entry = object ? sgp_protocol_get_text(object, "entry") : NULL;
	gint64 n = 0;

	if (!id || !entry || strlen(entry) > RECORD_LIMIT ||
		!sgp_protocol_get_integer(object, "n", &n))
		return NULL;
	SgpPortalRecord *self = g_new0(SgpPortalRecord, 1);

	self->n = n;
	self->id = g_strdup(id);
	self->entry = g_strdup(entry);
	return self;
}

GPtrArray *sgp_portal_client_list_records_sync(
	SgpPortalClient *self, gint64 after, GCancellable *cancellable, GError **error)
{
	g_autofree char *path =
		g_strdup_printf("/api/v1/ledger?after=%" G_GINT64_FORMAT, MAX(after, 0));
	g_autoptr(GPtrArray) records =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_record_free);
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "GET";
	request.path = path;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_client_call(self, &request, cancellable, error);

	if (!reply)
		return NULL;
	JsonNode *list = reply->json ? json_object_get_member(reply->json, "entries") : NULL;
	JsonArray *array = list && JSON_NODE_HOLDS_ARRAY(list) ? json_node_get_array(list) : NULL;
	gint64 last = after;

	for (guint i = 0; array && i < json_array_get_length(array); i++) {
		SgpPortalRecord *record = parse_record(json_array_get_element(array, i));

		/* Rising, so that reading comes to an end whatever the portal says. */
		if (!record || record->n <= last) {
			g_clear_pointer(&record, sgp_portal_record_free);
			array = NULL;
			break;
		}
		last = record->n;
		g_ptr_array_add(records, record);
	}
	if (array)
		return g_steal_pointer(&records);
	g_set_error(
		error, SGP_ERROR, SGP_ERROR_FAILED, "the portal's answer is no list of records");
	return NULL;
}
