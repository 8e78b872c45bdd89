/* SPDX-License-Identifier: GPL-3.0-or-later */

/* tus 1.0.0 (core, creation, expiration, checksum, termination) but for PATCH, whose bytes go
 * through sgp-upload-sink.c. The offset is the size of the file and nothing else, so that there is
 * no second number that could be wrong. */

#include "sgp-upload.h"

#include "sgp-api.h"
#include "sgp-blob.h"
#include "sgp-upload-sink.h"

#include <sodium.h>
#include <string.h>

/* What one owner may have begun and not used yet, in messages of full size and in uploads. */
#define STAFF_MESSAGES    20
#define CUSTOMER_MESSAGES 3
#define MESSAGE_SLACK     (8 * 1024 * 1024)
#define OPEN_UPLOADS      1000

/* What OpenPGP adds to a plaintext, generously: partial lengths, session keys, armor of keys. */
#define OVERHEAD(limit) ((limit) / 64 + 64 * 1024)

/**
 * sgp_upload_dup_owner:
 *
 * Returns: (transfer full): whose uploads @call may touch.
 */
char *sgp_upload_dup_owner(const SgpCall *call)
{
	return call->device != NULL ? g_strconcat("device/", call->device, NULL)
				    : g_strconcat("customer/", call->handle, NULL);
}

/**
 * sgp_upload_check_version:
 *
 * Returns: whether the client speaks tus 1.0.0.
 */
gboolean sgp_upload_check_version(SgpCall *call, GError **error)
{
	sgp_call_add_header(call, "Tus-Resumable", SGP_PROTOCOL_TUS_VERSION);
	if (g_strcmp0(sgp_call_get_header(call, "tus-resumable"), SGP_PROTOCOL_TUS_VERSION) == 0)
		return TRUE;
	sgp_call_add_header(call, "Tus-Version", SGP_PROTOCOL_TUS_VERSION);
	call->problem_status = 412;
	return sgp_call_refuse(
		error, SGP_PROBLEM_UNSUPPORTED, "Uploads need Tus-Resumable: 1.0.0.");
}

/**
 * sgp_upload_add_expiry:
 *
 * Adds Upload-Expires: 24 hours from now.
 */
void sgp_upload_add_expiry(SgpCall *call)
{
	g_autoptr(GDateTime) when =
		g_date_time_new_from_unix_utc(call->now + SGP_PROTOCOL_UPLOAD_SECONDS);
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autofree char *text = g_strdup_printf("%s, %02d %s %04d %02d:%02d:%02d GMT",
		days[g_date_time_get_day_of_week(when) - 1], g_date_time_get_day_of_month(when),
		months[g_date_time_get_month(when) - 1], g_date_time_get_year(when),
		g_date_time_get_hour(when), g_date_time_get_minute(when),
		g_date_time_get_second(when));

	sgp_call_add_header(call, "Upload-Expires", text);
}

static gint64 get_limit(const SgpCall *call)
{
	/* Staff upload each attachment by itself; a customer's mail is one blob with everything. */
	gint64 plain = call->staff != NULL ? call->portal->config->attachment_limit
					   : call->portal->config->message_limit;

	return plain + OVERHEAD(plain);
}

/* So that nobody fills the disk with what is never used (threat 16). */
static gboolean check_quota(SgpCall *call, const char *owner, gint64 length, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT CAST(COALESCE(SUM(length), 0) AS BIGINT), COUNT(*) FROM uploads WHERE "
		"owner = $1",
		"s", owner);
	gint64 messages = call->staff != NULL ? STAFF_MESSAGES : CUSTOMER_MESSAGES;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_integer(rows, 0, 0) + length <=
			messages * (call->portal->config->message_limit + MESSAGE_SLACK) &&
		sgp_rows_get_integer(rows, 0, 1) < OPEN_UPLOADS)
		return TRUE;
	return sgp_call_refuse(error, SGP_PROBLEM_TOO_LARGE,
		"There are too many unfinished uploads; finish or delete some.");
}

/* The quota is looked at again in the transaction that uses it up: requests at the same time would
 * all find room (test "uploads begun at the same time have the same limit"). */
static gboolean insert_upload(
	SgpCall *call, const char *name, const char *owner, gint64 length, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	return transaction != NULL && check_quota(call, owner, length, error) &&
	       sgp_database_run(call->database, error, NULL,
		       "INSERT INTO uploads (id, owner, length, created) VALUES ($1, $2, $3, $4)",
		       "ssii", name, owner, length, call->now) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_upload_create:
 *
 * POST …/uploads.
 *
 * Returns: whether the upload exists.
 */
gboolean sgp_upload_create(SgpCall *call, GError **error)
{
	const char *length_text = sgp_call_get_header(call, "upload-length");
	g_autofree char *owner = sgp_upload_dup_owner(call);
	g_autofree char *name = NULL;
	g_autofree char *location = NULL;
	guint8 random[16];
	guint64 length = 0;

	if (!sgp_upload_check_version(call, error))
		return FALSE;
	if (length_text == NULL ||
		!g_ascii_string_to_unsigned(length_text, 10, 1, G_MAXINT64, &length, NULL))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Upload-Length is missing or no number.");
	if ((gint64)length > get_limit(call))
		return sgp_call_refuse(error, SGP_PROBLEM_TOO_LARGE,
			"The attachment is larger than the portal takes.");
	randombytes_buf(random, sizeof random);
	name = sgp_protocol_encode_hex(random, sizeof random);
	/* The file's name is on disk before a row names it, and before the transaction: others wait
	 * for that one, and need not wait for this. */
	if (!check_quota(call, owner, (gint64)length, error) ||
		!sgp_blob_create(call->portal, name, error))
		return FALSE;
	if (!insert_upload(call, name, owner, (gint64)length, error)) {
		sgp_blob_remove(call->portal, name);
		return FALSE;
	}
	location = g_strconcat(
		call->staff != NULL ? "/api/v1/uploads/" : "/p/v1/uploads/", name, NULL);
	call->status = 201;
	sgp_call_add_header(call, "Location", location);
	sgp_upload_add_expiry(call);
	return TRUE;
}

/**
 * sgp_upload_load:
 * @name: (nullable): as the client gave it
 * @length: (out): the length that was announced
 *
 * Returns: whether there is such an upload and it is the caller's; otherwise
 * %SGP_PROBLEM_NOT_FOUND.
 */
gboolean sgp_upload_load(SgpCall *call, const char *name, gint64 *length, GError **error)
{
	g_autofree char *owner = sgp_upload_dup_owner(call);
	g_autoptr(SgpRows) rows = NULL;

	if (!sgp_blob_is_name(name))
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such upload.");
	rows = sgp_database_query(call->database, error,
		"SELECT length FROM uploads WHERE id = $1 AND owner = $2", "ss", name, owner);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such upload.");
	*length = sgp_rows_get_integer(rows, 0, 0);
	return TRUE;
}

/**
 * sgp_upload_head:
 *
 * HEAD …/uploads/{id}: how far it is. Whoever asks has given up on a PATCH that still hangs, so
 * that one may write no more.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_upload_head(SgpCall *call, GError **error)
{
	g_autofree char *length_text = NULL;
	g_autofree char *offset_text = NULL;
	gint64 length = 0;
	gint64 offset = 0;

	if (!sgp_upload_check_version(call, error) ||
		!sgp_upload_load(call, call->params[0], &length, error))
		return FALSE;
	sgp_upload_sink_supersede(call->params[0]);
	offset = sgp_blob_get_durable_size(call->portal, call->params[0]);
	/* Rows that could not be asked for are still there. */
	if (offset < 0 && call->portal->config->database != NULL) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"an upload cannot be looked at");
		return FALSE;
	}
	if (offset < 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such upload.");
	length_text = g_strdup_printf("%" G_GINT64_FORMAT, length);
	offset_text = g_strdup_printf("%" G_GINT64_FORMAT, offset);
	call->status = 200;
	sgp_call_add_header(call, "Upload-Length", length_text);
	sgp_call_add_header(call, "Upload-Offset", offset_text);
	sgp_upload_add_expiry(call);
	return TRUE;
}

/**
 * sgp_upload_delete:
 *
 * DELETE …/uploads/{id}.
 *
 * Returns: whether it is gone.
 */
gboolean sgp_upload_delete(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = NULL;
	gint64 length = 0;

	if (!sgp_upload_check_version(call, error))
		return FALSE;
	transaction = sgp_transaction_begin(call->database, error);
	if (transaction == NULL || !sgp_upload_load(call, call->params[0], &length, error) ||
		!sgp_database_run(call->database, error, NULL, "DELETE FROM uploads WHERE id = $1",
			"s", call->params[0]) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_upload_sink_supersede(call->params[0]);
	sgp_blob_remove(call->portal, call->params[0]);
	call->status = 204;
	return TRUE;
}
