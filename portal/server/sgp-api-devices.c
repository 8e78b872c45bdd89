/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The office's devices: who has one, who waits, who may go on. A device that enrolled after the
 * first sees nothing until a colleague's device has approved it, and gets the office's private key
 * from there, encrypted to its staff key: the portal passes on what it cannot open. */

#include "sgp-api.h"

#include "sgp-blob.h"
#include "sgp-upload-sink.h"

#include <string.h>

#define SECRET_LIMIT (64 * 1024)

#define STATE_COLUMN "CASE WHEN revoked <> 0 THEN 'revoked' ELSE state END"

static void describe(JsonArray *list, const SgpRows *rows, guint i)
{
	JsonObject *one = json_object_new();

	sgp_protocol_set_text(one, "id", sgp_rows_get_text(rows, i, 0));
	sgp_protocol_set_text(one, "staff", sgp_rows_get_text(rows, i, 1));
	sgp_protocol_set_text(one, "name", sgp_rows_get_text(rows, i, 2));
	json_object_set_int_member(one, "created", sgp_rows_get_integer(rows, i, 3));
	sgp_protocol_set_text(one, "state", sgp_rows_get_text(rows, i, 4));
	sgp_protocol_set_text(one, "staff_key", sgp_rows_get_text(rows, i, 5));
	json_array_add_object_element(list, one);
}

/**
 * sgp_api_list_devices:
 *
 * GET /api/v1/devices: all of the office, revoked ones too.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_list_devices(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT id, staff, name, created, " STATE_COLUMN ", staff_key FROM devices "
		"ORDER BY created, id",
		"");
	JsonArray *list = NULL;

	if (rows == NULL)
		return FALSE;
	list = json_array_new();
	for (guint i = 0; i < sgp_rows_get_count(rows); i++)
		describe(list, rows, i);
	json_object_set_array_member(sgp_call_begin_answer(call), "devices", list);
	return TRUE;
}

static SgpRows *load_device(SgpCall *call, const char *id, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT " STATE_COLUMN ", office_secret, staff, staff_key FROM devices "
		"WHERE id = $1",
		"s", id);

	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such device.");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

/**
 * sgp_api_get_own_device:
 *
 * GET /api/v1/devices/self: all that a device may ask for while it waits, besides the office.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_get_own_device(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = load_device(call, call->device, error);
	JsonObject *answer = NULL;

	if (rows == NULL)
		return FALSE;
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "id", call->device);
	sgp_protocol_set_text(answer, "state", sgp_rows_get_text(rows, 0, 0));
	sgp_protocol_set_text(answer, "office_secret", sgp_rows_get_text(rows, 0, 1));
	return TRUE;
}

static JsonObject *get_roster(const SgpCall *call)
{
	JsonNode *node = call->json != NULL ? json_object_get_member(call->json, "roster") : NULL;

	return node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

/* The key becomes the staff member's with the approval, not with the enrolment: whoever only has a
 * token from a stolen letter or screen changes nothing that others see. */
static gboolean approve(SgpCall *call, const SgpRows *device, const char *secret, GError **error)
{
	return sgp_database_run(call->database, error, NULL,
		       "UPDATE devices SET state = 'approved', office_secret = $1 WHERE id = $2",
		       "ss", secret, call->params[0]) &&
	       sgp_database_run(call->database, error, NULL,
		       "UPDATE staff SET staff_key = $1 WHERE address = $2", "ss",
		       sgp_rows_get_text(device, 0, 3), sgp_rows_get_text(device, 0, 2));
}

static gboolean answer_state(SgpCall *call, const char *state)
{
	sgp_protocol_set_text(sgp_call_begin_answer(call), "state", state);
	return TRUE;
}

/**
 * sgp_api_approve_device:
 *
 * POST /api/v1/devices/{id}:approve, from an approved device. Roster and approval are one
 * transaction.
 *
 * Returns: whether the device is approved, now or before in the same way.
 */
gboolean sgp_api_approve_device(SgpCall *call, GError **error)
{
	const char *secret = sgp_protocol_get_text(call->json, "office_secret");
	JsonObject *roster = get_roster(call);
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) device = NULL;
	const char *state = NULL;

	if (secret == NULL || strlen(secret) > SECRET_LIMIT || roster == NULL ||
		!g_str_has_prefix(secret, "-----BEGIN PGP MESSAGE-----"))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The office's key for the device or the signed roster is missing.");
	transaction = sgp_transaction_begin(call->database, error);
	device = transaction != NULL ? load_device(call, call->params[0], error) : NULL;
	if (device == NULL)
		return FALSE;
	state = sgp_rows_get_text(device, 0, 0);
	if (strcmp(state, "approved") == 0 &&
		g_strcmp0(secret, sgp_rows_get_text(device, 0, 1)) == 0)
		return answer_state(call, "approved");
	if (strcmp(state, "pending") != 0)
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"The device does not wait; a colleague was faster.");
	if (!sgp_api_store_roster(call, roster, error) || !approve(call, device, secret, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	return answer_state(call, "approved");
}

/**
 * sgp_device_revoke:
 * @changed: (out): 0 if there is no such device
 * @files: (element-type utf8): gets the uploads to remove after the commit
 *
 * Within the caller's transaction.
 *
 * Returns: whether the device's next request will be refused and its uploads are nobody's.
 */
gboolean sgp_device_revoke(SgpDatabase *database, const char *device, gint64 *changed,
	GPtrArray *files, GError **error)
{
	g_autofree char *owner = g_strconcat("device/", device, NULL);
	g_autoptr(SgpRows) uploads = sgp_database_query(
		database, error, "SELECT id FROM uploads WHERE owner = $1", "s", owner);

	if (uploads == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(uploads); i++)
		g_ptr_array_add(files, g_strdup(sgp_rows_get_text(uploads, i, 0)));
	return sgp_database_run(database, error, changed,
		       "UPDATE devices SET revoked = 1, office_secret = NULL WHERE id = $1", "s",
		       device) &&
	       sgp_database_run(
		       database, error, NULL, "DELETE FROM uploads WHERE owner = $1", "s", owner);
}

/**
 * sgp_api_revoke_device:
 *
 * POST /api/v1/devices/{id}:revoke: at once, a running long poll or PATCH included.
 *
 * Returns: whether the device is revoked.
 */
gboolean sgp_api_revoke_device(SgpCall *call, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	gint64 changed = 0;

	if (transaction == NULL ||
		!sgp_device_revoke(call->database, call->params[0], &changed, files, error))
		return FALSE;
	if (changed == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such device.");
	if (!sgp_transaction_commit(transaction, error))
		return FALSE;
	for (guint i = 0; i < files->len; i++) {
		sgp_upload_sink_supersede(files->pdata[i]);
		sgp_blob_remove(call->portal, files->pdata[i]);
	}
	/* Those that wait are asked who they are again, and turned away. */
	sgp_portal_announce_event(call->portal);
	return answer_state(call, "revoked");
}
