/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A customer's mailbox: lists, messages, blobs, replies and drafts. Every statement names the
 * handle of the session, so that another customer's ids lead nowhere (threat 11; test "nobody
 * reaches another customer's mail"). */

#include "sgp-api.h"

#include "sgp-blob.h"
#include "sgp-day-limit.h"
#include "sgp-json-writer.h"
#include "sgp-message-store.h"
#include "sgp-outbox.h"
#include "sgp-relay-mail.h"

#include <string.h>

#define DRAFTS_LIMIT 100
/* Of all drafts of one customer together: their list is one answer (threat 16; test "drafts of one
 * customer have a limit"). */
#define DRAFTS_BYTES (8 * 1024 * 1024)

#define MESSAGE_COLUMNS "id, folder, received, expires, size, read_at, manifest"

/* The fields of one message, without the braces. */
static void describe(GString *out, const SgpRows *rows, guint i)
{
	g_string_append(out, "\"id\":");
	sgp_json_writer_add_text(out, sgp_rows_get_text(rows, i, 0));
	g_string_append(out, ",\"folder\":");
	sgp_json_writer_add_text(out, sgp_rows_get_text(rows, i, 1));
	g_string_append(out, ",\"received\":");
	sgp_json_writer_add_number(out, sgp_rows_get_integer(rows, i, 2));
	g_string_append(out, ",\"expires\":");
	sgp_json_writer_add_number(out, sgp_rows_get_integer(rows, i, 3));
	g_string_append(out, ",\"size\":");
	sgp_json_writer_add_number(out, sgp_rows_get_integer(rows, i, 4));
	g_string_append(out, sgp_rows_is_null(rows, i, 5) ? ",\"read\":false" : ",\"read\":true");
	g_string_append(out, ",\"manifest\":");
	sgp_json_writer_add_text(out, sgp_rows_get_text(rows, i, 6));
}

static gboolean answer_with(SgpCall *call, GString *json)
{
	call->status = 200;
	call->content = g_string_free_to_bytes(json);
	call->content_type = "application/json";
	return TRUE;
}

static SgpRows *load_page(SgpCall *call, const char *folder, const char *before, GError **error)
{
	/* One more than a page, to know whether there is more. */
	gint64 limit = SGP_PROTOCOL_PAGE + 1;

	if (before == NULL)
		return sgp_database_query(call->database, error,
			"SELECT " MESSAGE_COLUMNS
			" FROM messages WHERE handle = $1 AND folder = $2 "
			"AND state = 'published' AND expires > $3 "
			"ORDER BY received DESC, id DESC LIMIT $4",
			"ssii", call->handle, folder, call->now, limit);
	return sgp_database_query(call->database, error,
		"SELECT " MESSAGE_COLUMNS " FROM messages WHERE handle = $1 AND folder = $2 "
		"AND state = 'published' AND expires > $3 AND (received, id) < "
		"(SELECT received, id FROM messages WHERE id = $5 AND handle = $1) "
		"ORDER BY received DESC, id DESC LIMIT $4",
		"ssiis", call->handle, folder, call->now, limit, before);
}

/* Bytes of the list, about: a buffer that grows is copied, one far too large costs its pages. */
static gsize estimate_page(const SgpRows *rows)
{
	gsize size = 64;

	for (guint i = 0; i < sgp_rows_get_count(rows); i++)
		size += strlen(sgp_rows_get_text(rows, i, 6)) * 33 / 32 + 256;
	return size;
}

/**
 * sgp_page_list_messages:
 *
 * GET /p/v1/messages?folder=&before=.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_list_messages(SgpCall *call, GError **error)
{
	const char *folder = sgp_call_get_query(call, "folder");
	const char *before = sgp_call_get_query(call, "before");
	g_autoptr(SgpRows) rows = NULL;
	GString *json = NULL;
	guint count = 0;

	if (folder == NULL)
		folder = "inbox";
	if ((strcmp(folder, "inbox") != 0 && strcmp(folder, "sent") != 0) ||
		(before != NULL && !sgp_protocol_is_uuid7(before)))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "There is no such folder or page.");
	rows = load_page(call, folder, before, error);
	if (rows == NULL)
		return FALSE;
	count = sgp_rows_get_count(rows);
	json = g_string_sized_new(estimate_page(rows));
	g_string_append(json, "{\"messages\":[");
	for (guint i = 0; i < MIN(count, SGP_PROTOCOL_PAGE); i++) {
		g_string_append(json, i > 0 ? ",{" : "{");
		describe(json, rows, i);
		g_string_append_c(json, '}');
	}
	g_string_append_printf(
		json, "],\"more\":%s}", count > SGP_PROTOCOL_PAGE ? "true" : "false");
	return answer_with(call, json);
}

static SgpRows *load_visible(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT " MESSAGE_COLUMNS " FROM messages WHERE id = $1 AND handle = $2 "
		"AND state = 'published' AND expires > $3",
		"ssi", call->params[0], call->handle, call->now);

	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such message.");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

/**
 * sgp_page_get_message:
 *
 * GET /p/v1/messages/{id}.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_get_message(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = load_visible(call, error);
	g_autoptr(SgpRows) blobs = NULL;
	GString *json = NULL;

	if (rows == NULL)
		return FALSE;
	blobs = sgp_database_query(call->database, error,
		"SELECT n, size, sha256 FROM blobs WHERE message = $1 ORDER BY n", "s",
		call->params[0]);
	if (blobs == NULL)
		return FALSE;
	json = g_string_new("{");
	describe(json, rows, 0);
	g_string_append(json, ",\"blobs\":[");
	for (guint i = 0; i < sgp_rows_get_count(blobs); i++) {
		g_string_append_printf(json,
			"%s{\"n\":%" G_GINT64_FORMAT ",\"size\":%" G_GINT64_FORMAT ",\"sha256\":",
			i > 0 ? "," : "", sgp_rows_get_integer(blobs, i, 0),
			sgp_rows_get_integer(blobs, i, 1));
		sgp_json_writer_add_text(json, sgp_rows_get_text(blobs, i, 2));
		g_string_append_c(json, '}');
	}
	g_string_append(json, "]}");
	return answer_with(call, json);
}

/**
 * sgp_page_get_blob:
 *
 * GET /p/v1/messages/{id}/blobs/{n}: ciphertext, as a download, whatever it may be.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_get_blob(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) message = NULL;
	g_autoptr(SgpRows) rows = NULL;
	guint64 n = 0;

	if (!g_ascii_string_to_unsigned(call->params[1], 10, 0, G_MAXINT32, &n, NULL))
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such blob.");
	message = load_visible(call, error);
	if (message == NULL)
		return FALSE;
	rows = sgp_database_query(call->database, error,
		"SELECT file, data FROM blobs WHERE message = $1 AND n = $2", "si", call->params[0],
		(gint64)n);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such blob.");
	call->content = sgp_rows_is_null(rows, 0, 0)
				? sgp_rows_dup_bytes(rows, 0, 1)
				: sgp_blob_map(call->portal, sgp_rows_get_text(rows, 0, 0), error);
	if (call->content == NULL)
		return FALSE;
	call->status = 200;
	call->content_type = "application/octet-stream";
	sgp_call_add_header(call, "Content-Disposition", "attachment");
	return TRUE;
}

/**
 * sgp_page_mark_read:
 *
 * POST /p/v1/messages/{id}/read: the browser decrypted the body. The first time it is an event.
 *
 * Returns: whether it is noted.
 */
gboolean sgp_page_mark_read(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) rows = transaction != NULL ? load_visible(call, error) : NULL;
	gboolean first = FALSE;

	if (rows == NULL)
		return FALSE;
	first = sgp_rows_is_null(rows, 0, 5);
	if (first) {
		if (!sgp_database_run(call->database, error, NULL,
			    "UPDATE messages SET read_at = $1 WHERE id = $2", "is", call->now,
			    call->params[0]) ||
			!sgp_event_add(call->database, call->now, "read", call->handle,
				call->params[0], error) ||
			!sgp_transaction_commit(transaction, error))
			return FALSE;
		sgp_portal_announce_event(call->portal);
	}
	call->status = 204;
	return TRUE;
}

/* "office": whoever of the office wrote to the customer last, else the one who was first. */
static char *find_office_recipient(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT s.address FROM staff s LEFT JOIN messages m ON m.staff = s.address "
		"AND m.handle = $1 AND m.folder = 'inbox' AND m.state = 'published' "
		"WHERE s.staff_key IS NOT NULL "
		"ORDER BY COALESCE(m.received, 0) DESC, s.created, s.address LIMIT 1",
		"s", call->handle);

	if (rows != NULL && sgp_rows_get_count(rows) == 0)
		sgp_call_refuse(
			error, SGP_PROBLEM_BUSY, "Nobody of the office is enrolled any more.");
	return rows != NULL && sgp_rows_get_count(rows) > 0
		       ? g_strdup(sgp_rows_get_text(rows, 0, 0))
		       : NULL;
}

static char *find_recipient(SgpCall *call, GError **error)
{
	const char *to = sgp_protocol_get_text(call->json, "to");
	g_autofree char *address = NULL;
	g_autoptr(SgpRows) rows = NULL;

	if (g_strcmp0(to, "office") == 0)
		return find_office_recipient(call, error);
	address = sgp_protocol_canonical_address(to);
	rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM staff WHERE address = $1 AND staff_key IS NOT NULL", "s", address);
	if (rows == NULL)
		return NULL;
	/* Never anybody else: the portal is no relay. */
	if (sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The recipient does not belong to the office.");
		return NULL;
	}
	return g_steal_pointer(&address);
}

static gboolean answer_stored(SgpCall *call, guint status)
{
	call->status = status;
	sgp_protocol_set_text(sgp_call_begin_answer(call), "state", "published");
	return TRUE;
}

static gboolean store_reply(
	SgpCall *call, const SgpNewMessage *message, const char *recipient, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	gint64 retention = 0;
	SgpStored stored = SGP_STORED_NOT;

	if (transaction == NULL)
		return FALSE;
	retention = sgp_message_store_get_retention(call->database, error);
	stored = retention >= 0 ? sgp_message_store_find(call, message, error) : SGP_STORED_NOT;
	if (stored == SGP_STORED_BEFORE)
		return answer_stored(call, 200);
	if (stored == SGP_STORED_NOT || !sgp_day_limit_check_mail(call, message->size, error) ||
		!sgp_message_store_insert(
			call, message, "published", call->now + retention, error) ||
		!sgp_outbox_add_reply(call, call->handle, message->id, recipient, error) ||
		!sgp_event_add(
			call->database, call->now, "replied", call->handle, message->id, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_message_store_drop_small(call, message);
	sgp_portal_announce_mail(call->portal);
	sgp_portal_announce_event(call->portal);
	return answer_stored(call, 201);
}

/**
 * sgp_page_put_message:
 *
 * PUT /p/v1/messages/{id}: a reply or a new message; in the sent folder and queued for SMTP in one
 * transaction.
 *
 * Returns: whether it is on its way.
 */
gboolean sgp_page_put_message(SgpCall *call, GError **error)
{
	g_auto(SgpNewMessage) message = { .folder = "sent", .handle = call->handle };
	g_autofree char *recipient = NULL;
	const SgpNewBlob *blob = NULL;
	SgpStored stored = SGP_STORED_NOT;

	if (!sgp_new_message_read(&message, call, error))
		return FALSE;
	if (message.blobs->len != 1)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"A customer's message has one blob, the mail itself.");
	recipient = find_recipient(call, error);
	if (recipient == NULL)
		return FALSE;
	message.staff = recipient;
	stored = sgp_message_store_check(call, &message, error);
	if (stored == SGP_STORED_NOT)
		return FALSE;
	if (stored == SGP_STORED_BEFORE)
		return answer_stored(call, 200);
	blob = message.blobs->pdata[0];
	if (!sgp_relay_mail_can_carry(call->portal, blob->upload))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The mail is not an armored OpenPGP message.");
	return store_reply(call, &message, recipient, error);
}

/**
 * sgp_page_put_draft:
 *
 * PUT /p/v1/drafts/{id}.
 *
 * Returns: whether it is kept.
 */
gboolean sgp_page_put_draft(SgpCall *call, GError **error)
{
	g_autoptr(GBytes) wrap = sgp_protocol_dup_b64u(call->json, "wrap");
	g_autoptr(SgpTransaction) transaction = NULL;
	g_autoptr(SgpRows) others = NULL;

	if (!sgp_protocol_is_uuid7(call->params[0]) || wrap == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The draft is missing.");
	if (g_bytes_get_size(wrap) > SGP_PROTOCOL_DRAFT_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "A draft may have 1 MiB at most.");
	transaction = sgp_transaction_begin(call->database, error);
	if (transaction == NULL)
		return FALSE;
	others = sgp_database_query(call->database, error,
		"SELECT COUNT(*), CAST(COALESCE(SUM(LENGTH(wrap)), 0) AS BIGINT) FROM drafts "
		"WHERE handle = $1 AND id <> $2",
		"ss", call->handle, call->params[0]);
	if (others == NULL)
		return FALSE;
	if (sgp_rows_get_integer(others, 0, 0) >= DRAFTS_LIMIT ||
		sgp_rows_get_integer(others, 0, 1) + (gint64)g_bytes_get_size(wrap) > DRAFTS_BYTES)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "There are too many drafts; delete some.");
	if (!sgp_database_run(call->database, error, NULL,
		    "INSERT INTO drafts (handle, id, changed, wrap) SELECT handle, $2, $3, $4 "
		    "FROM customers WHERE handle = $1 AND state = 'registered' "
		    "ON CONFLICT (handle, id) DO UPDATE SET changed = $3, wrap = $4",
		    "ssib", call->handle, call->params[0], call->now, wrap) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	json_object_set_int_member(sgp_call_begin_answer(call), "changed", call->now);
	return TRUE;
}

static void describe_draft(GString *out, const SgpRows *rows, guint i)
{
	g_autoptr(GBytes) wrap = sgp_rows_dup_bytes(rows, i, 2);
	g_autofree char *text =
		sgp_protocol_encode_b64u(g_bytes_get_data(wrap, NULL), g_bytes_get_size(wrap));

	g_string_append(out, "{\"id\":");
	sgp_json_writer_add_text(out, sgp_rows_get_text(rows, i, 0));
	g_string_append(out, ",\"changed\":");
	sgp_json_writer_add_number(out, sgp_rows_get_integer(rows, i, 1));
	g_string_append(out, ",\"wrap\":");
	sgp_json_writer_add_text(out, text);
	g_string_append_c(out, '}');
}

/**
 * sgp_page_get_draft:
 *
 * GET /p/v1/drafts/{id}.
 *
 * Returns: whether there is one.
 */
gboolean sgp_page_get_draft(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT id, changed, wrap FROM drafts WHERE handle = $1 AND id = $2", "ss",
		call->handle, call->params[0]);
	GString *json = NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such draft.");
	json = g_string_new(NULL);
	describe_draft(json, rows, 0);
	return answer_with(call, json);
}

/**
 * sgp_page_delete_draft:
 *
 * DELETE /p/v1/drafts/{id}: again is no error.
 *
 * Returns: whether it is gone.
 */
gboolean sgp_page_delete_draft(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, NULL,
			"DELETE FROM drafts WHERE handle = $1 AND id = $2", "ss", call->handle,
			call->params[0]) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	call->status = 204;
	return TRUE;
}

/**
 * sgp_page_list_drafts:
 *
 * GET /p/v1/drafts, the newest first.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_list_drafts(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT id, changed, wrap FROM drafts WHERE handle = $1 ORDER BY changed DESC, id",
		"s", call->handle);
	GString *json = NULL;

	if (rows == NULL)
		return FALSE;
	json = g_string_new("{\"drafts\":[");
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		if (i > 0)
			g_string_append_c(json, ',');
		describe_draft(json, rows, i);
	}
	g_string_append(json, "]}");
	return answer_with(call, json);
}
