/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Messages and their blobs, from either side, and the events that tell staff of them. A message
 * enters whole or not at all; what is in it nobody here can read. */

#include "sgp-message-store.h"

#include "sgp-blob-rows.h"
#include "sgp-blob.h"
#include "sgp-upload-sink.h"
#include "sgp-upload.h"

#include <sodium.h>
#include <string.h>

#define BLOBS_LIMIT      200
#define REFERENCES_LIMIT 100

static void new_blob_free(gpointer data)
{
	SgpNewBlob *blob = data;

	if (blob->sealed)
		sgp_upload_sink_unseal(blob->upload);
	g_free(blob->upload);
	g_free(blob->sha256);
	g_free(blob);
}

/**
 * sgp_new_message_clear:
 *
 * Frees what @message owns, and its uploads for writing; after its transaction has ended.
 */
void sgp_new_message_clear(SgpNewMessage *message)
{
	g_clear_pointer(&message->references, g_free);
	g_clear_pointer(&message->blobs, g_ptr_array_unref);
	g_clear_pointer(&message->digest, g_bytes_unref);
}

static JsonArray *get_array(JsonObject *json, const char *name)
{
	JsonNode *node = json != NULL ? json_object_get_member(json, name) : NULL;

	return node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

static gboolean read_blob(SgpNewMessage *message, JsonNode *node)
{
	JsonObject *object = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	const char *upload = sgp_protocol_get_text(object, "upload");
	const char *sha256 = sgp_protocol_get_text(object, "sha256");
	SgpNewBlob *blob = NULL;
	gint64 size = 0;

	if (!sgp_blob_is_name(upload) || !sgp_protocol_is_sha256_hex(sha256) ||
		!sgp_protocol_get_integer(object, "size", &size) || size <= 0)
		return FALSE;
	blob = g_new0(SgpNewBlob, 1);
	blob->upload = g_strdup(upload);
	blob->sha256 = g_strdup(sha256);
	blob->size = size;
	if (size > G_MAXINT64 - message->size)
		message->size = G_MAXINT64;
	else
		message->size += size;
	g_ptr_array_add(message->blobs, blob);
	return TRUE;
}

static gboolean has_twins(const GPtrArray *blobs)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < blobs->len; i++) {
		if (!g_hash_table_add(seen, ((SgpNewBlob *)blobs->pdata[i])->upload))
			return TRUE;
	}
	return FALSE;
}

static gboolean read_blobs(SgpNewMessage *message, SgpCall *call, GError **error)
{
	JsonArray *array = get_array(call->json, "blobs");
	gint64 limit = call->portal->config->message_limit;

	message->blobs = g_ptr_array_new_with_free_func(new_blob_free);
	if (array == NULL || json_array_get_length(array) == 0 ||
		json_array_get_length(array) > BLOBS_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "A message has 1 to 200 blobs.");
	for (guint i = 0; i < json_array_get_length(array); i++) {
		if (!read_blob(message, json_array_get_element(array, i)))
			return sgp_call_refuse(
				error, SGP_PROBLEM_BAD_REQUEST, "One of the blobs is malformed.");
	}
	if (has_twins(message->blobs))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Two blobs name the same upload.");
	if (message->size > limit + limit / 64 + 64 * 1024)
		return sgp_call_refuse(error, SGP_PROBLEM_TOO_LARGE,
			"The message is larger than the portal takes.");
	return TRUE;
}

static gboolean read_references(SgpNewMessage *message, SgpCall *call, GError **error)
{
	JsonArray *array = get_array(call->json, "references");
	g_autoptr(GString) text = g_string_new(NULL);
	guint length = array != NULL ? json_array_get_length(array) : 0;

	message->in_reply_to = sgp_protocol_get_text(call->json, "in_reply_to");
	/* These go into header fields: nothing that could begin a new one (threat 32). */
	if (message->in_reply_to != NULL && !sgp_protocol_is_message_id(message->in_reply_to))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "in_reply_to is no Message-ID.");
	for (guint i = 0; i < length; i++) {
		JsonNode *node = json_array_get_element(array, i);
		const char *one = JSON_NODE_HOLDS_VALUE(node) &&
						  json_node_get_value_type(node) == G_TYPE_STRING
					  ? json_node_get_string(node)
					  : NULL;

		if (length > REFERENCES_LIMIT || !sgp_protocol_is_message_id(one))
			return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
				"One of the references is no Message-ID.");
		g_string_append_printf(text, "%s%s", text->len > 0 ? " " : "", one);
	}
	if (text->len > 0)
		message->references = g_string_free(g_steal_pointer(&text), FALSE);
	return TRUE;
}

static void digest_text(crypto_hash_sha256_state *state, const char *text)
{
	if (text != NULL)
		crypto_hash_sha256_update(state, (const guint8 *)text, strlen(text));
	crypto_hash_sha256_update(state, (const guint8 *)"", 1);
}

/* Upload ids are left out: after a crash the same message may come with other uploads. */
static GBytes *digest_message(const SgpNewMessage *message, const char *to)
{
	crypto_hash_sha256_state state;
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&state);
	digest_text(&state, to);
	digest_text(&state, message->manifest);
	digest_text(&state, message->in_reply_to);
	digest_text(&state, message->references);
	for (guint i = 0; i < message->blobs->len; i++)
		digest_text(&state, ((SgpNewBlob *)message->blobs->pdata[i])->sha256);
	crypto_hash_sha256_final(&state, hash);
	return g_bytes_new(hash, sizeof hash);
}

/**
 * sgp_new_message_read:
 *
 * Reads the body of a PUT from either side and checks its form. The caller fills in handle, folder
 * and staff.
 *
 * Returns: whether it is well formed.
 */
gboolean sgp_new_message_read(SgpNewMessage *message, SgpCall *call, GError **error)
{
	const char *to = sgp_protocol_get_text(call->json, call->staff != NULL ? "customer" : "to");

	message->id = call->params[0];
	message->manifest = sgp_protocol_get_text(call->json, "manifest");
	if (!sgp_protocol_is_uuid7(message->id))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The message's id is no UUIDv7.");
	if (to == NULL || message->manifest == NULL ||
		!g_str_has_prefix(message->manifest, "-----BEGIN PGP MESSAGE-----"))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Recipient or manifest is missing.");
	if (strlen(message->manifest) > SGP_PROTOCOL_MANIFEST_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "The manifest is larger than 64 KiB.");
	if (!read_references(message, call, error) || !read_blobs(message, call, error))
		return FALSE;
	message->digest = digest_message(message, to);
	return TRUE;
}

/**
 * sgp_message_store_find:
 *
 * Is a message of this id here already, and is it this one? (threat 30)
 *
 * Returns: %SGP_STORED_BEFORE, or %SGP_STORED_NOW if it may be stored now; %SGP_STORED_NOT with an
 * error otherwise.
 */
SgpStored sgp_message_store_find(SgpCall *call, const SgpNewMessage *message, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT digest, handle, folder FROM messages WHERE id = $1", "s", message->id);
	g_autoptr(GBytes) digest = NULL;

	if (rows == NULL)
		return SGP_STORED_NOT;
	if (sgp_rows_get_count(rows) == 0)
		return SGP_STORED_NOW;
	digest = sgp_rows_dup_bytes(rows, 0, 0);
	if (g_bytes_equal(digest, message->digest) &&
		strcmp(sgp_rows_get_text(rows, 0, 1), message->handle) == 0 &&
		strcmp(sgp_rows_get_text(rows, 0, 2), message->folder) == 0)
		return SGP_STORED_BEFORE;
	sgp_call_refuse(error, SGP_PROBLEM_CONFLICT, "Another message has this id.");
	return SGP_STORED_NOT;
}

/* A store that went away is no wrong upload: the agent would give up what it need only try again
 * (test "the primary is killed under load"). A file that is missing is: a restored backup has none
 * of what was half uploaded. */
static gboolean fail_to_look(GError **error)
{
	g_set_error_literal(
		error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "an upload cannot be looked at");
	return FALSE;
}

static gboolean check_upload(SgpCall *call, SgpNewBlob *blob, GError **error)
{
	g_autofree char *hash = NULL;
	g_autoptr(GError) missing = NULL;
	gint64 length = 0;
	gint64 size = 0;

	if (!sgp_upload_load(call, blob->upload, &length, &missing)) {
		if (g_error_matches(missing, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND))
			return sgp_call_refuse(error, SGP_PROBLEM_UPLOAD_INCOMPLETE,
				"An upload is missing or has expired.");
		g_propagate_error(error, g_steal_pointer(&missing));
		return FALSE;
	}
	sgp_upload_sink_seal(blob->upload);
	blob->sealed = TRUE;
	size = sgp_blob_get_durable_size(call->portal, blob->upload);
	if (size < 0 && call->portal->config->database != NULL)
		return fail_to_look(error);
	if (length != blob->size || size != length)
		return sgp_call_refuse(
			error, SGP_PROBLEM_UPLOAD_INCOMPLETE, "An upload is not complete.");
	hash = sgp_blob_hash(call->portal, blob->upload, error);
	if (hash == NULL)
		return FALSE;
	if (strcmp(hash, blob->sha256) == 0)
		return TRUE;
	return sgp_call_refuse(error, SGP_PROBLEM_CHECKSUM_MISMATCH,
		"An upload is not what the message says; upload it again.");
}

static gboolean check_uploads(SgpCall *call, const SgpNewMessage *message, GError **error)
{
	for (guint i = 0; i < message->blobs->len; i++) {
		if (!check_upload(call, message->blobs->pdata[i], error))
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_message_store_check:
 *
 * Is it here already? If not: is every blob on disk, complete, and has the SHA-256 that @message
 * names? Keeps the uploads as they are until sgp_new_message_clear(). Hashing takes long: before
 * the transaction, which then looks again.
 *
 * Returns: %SGP_STORED_BEFORE, or %SGP_STORED_NOW if it may be stored now; %SGP_STORED_NOT with an
 * error otherwise.
 */
SgpStored sgp_message_store_check(SgpCall *call, const SgpNewMessage *message, GError **error)
{
	SgpStored stored = sgp_message_store_find(call, message, error);
	g_autoptr(GError) refused = NULL;

	if (stored != SGP_STORED_NOW || check_uploads(call, message, &refused))
		return stored;
	/* Sent twice at once: the other took the uploads meanwhile (test "the same message twice at
	 * once is one message"). */
	stored = sgp_message_store_find(call, message, error);
	if (stored != SGP_STORED_NOW)
		return stored;
	g_propagate_error(error, g_steal_pointer(&refused));
	return SGP_STORED_NOT;
}

static gboolean is_small(const SgpNewBlob *blob)
{
	return blob->size <= SGP_BLOB_INLINE_LIMIT;
}

static gboolean insert_blob(SgpCall *call, const SgpNewMessage *message, guint n, GError **error)
{
	const SgpNewBlob *blob = message->blobs->pdata[n];
	g_autofree char *owner = sgp_upload_dup_owner(call);
	g_autoptr(GBytes) data = NULL;
	gint64 changed = 0;

	/* Before the upload ceases to be one: then its bytes are nobody's but the message's. */
	if (call->portal->config->database != NULL &&
		!sgp_blob_rows_is_whole(call->database, blob->upload, blob->size, error))
		return FALSE;
	/* Only one message can take it, and only that one looks at it: the file of a small one is
	 * gone once another has it. */
	if (!sgp_database_run(call->database, error, &changed,
		    "DELETE FROM uploads WHERE id = $1 AND owner = $2", "ss", blob->upload, owner))
		return FALSE;
	if (changed != 1)
		return sgp_call_refuse(error, SGP_PROBLEM_UPLOAD_INCOMPLETE,
			"An upload is missing or has expired.");
	if (is_small(blob)) {
		data = sgp_blob_map(call->portal, blob->upload, error);
		if (data == NULL)
			return FALSE;
	}
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO blobs (message, n, size, sha256, file, data) "
		"VALUES ($1, $2, $3, $4, $5, $6)",
		"siissb", message->id, (gint64)n, blob->size, blob->sha256,
		is_small(blob) ? NULL : blob->upload, data);
}

/* Another customer's message is none that sgp_message_store_find() could see. */
static gboolean refuse_insert(SgpCall *call, const SgpNewMessage *message, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT 1 FROM customers WHERE handle = $1 AND state <> 'deleted'", "s",
		message->handle);

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such customer.");
	return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT, "Another message has this id.");
}

/**
 * sgp_message_store_insert:
 * @state: "stored" or "published"
 * @expires: for a published one
 *
 * Within the caller's transaction.
 *
 * Returns: whether the message and its blobs are in the store.
 */
gboolean sgp_message_store_insert(SgpCall *call, const SgpNewMessage *message, const char *state,
	gint64 expires, GError **error)
{
	gint64 changed = 0;

	/* Whoever was deleted since the request began gets nothing any more (threat 27). */
	if (!sgp_database_run(call->database, error, &changed,
		    "INSERT INTO messages (id, handle, folder, staff, state, digest, manifest, "
		    "size, created, in_reply_to, mail_references) "
		    "SELECT $1, handle, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM customers "
		    "WHERE handle = $2 AND state <> 'deleted' ON CONFLICT (id) DO NOTHING",
		    "sssssbsiiss", message->id, message->handle, message->folder, message->staff,
		    state, message->digest, message->manifest, message->size, call->now,
		    message->in_reply_to, message->references))
		return FALSE;
	if (changed != 1)
		return refuse_insert(call, message, error);
	if (strcmp(state, "published") == 0 && !sgp_database_run(call->database, error, NULL,
						       "UPDATE messages SET received = $1, expires "
						       "= $2, read_at = $1 WHERE id = $3",
						       "iis", call->now, expires, message->id))
		return FALSE;
	for (guint i = 0; i < message->blobs->len; i++) {
		if (!insert_blob(call, message, i, error))
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_message_store_drop_small:
 *
 * Removes the files of blobs that went into the database; after the commit.
 */
void sgp_message_store_drop_small(SgpCall *call, const SgpNewMessage *message)
{
	for (guint i = 0; i < message->blobs->len; i++) {
		const SgpNewBlob *blob = message->blobs->pdata[i];

		if (is_small(blob))
			sgp_blob_remove(call->portal, blob->upload);
	}
}

/**
 * sgp_message_store_erase:
 * @state: "revoked" or "expired"
 * @files: (element-type utf8): gets the names of files to remove after the commit
 *
 * Takes manifest and blobs away and leaves the id, so that the message cannot come back. Within the
 * caller's transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_message_store_erase(
	SgpDatabase *database, const char *id, const char *state, GPtrArray *files, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT file FROM blobs WHERE message = $1 AND file IS NOT NULL", "s", id);

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++)
		g_ptr_array_add(files, g_strdup(sgp_rows_get_text(rows, i, 0)));
	return sgp_database_run(
		       database, error, NULL, "DELETE FROM blobs WHERE message = $1", "s", id) &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE messages SET state = $1, manifest = '', in_reply_to = NULL, "
		       "mail_references = NULL WHERE id = $2",
		       "ss", state, id) &&
	       sgp_database_run(database, error, NULL,
		       /* Unless it stands for another message too. */
		       "UPDATE outbox SET state = 'cancelled' WHERE id = "
		       "(SELECT notice FROM messages WHERE id = $1) "
		       "AND state = 'queued' AND kind = 'notice' AND NOT EXISTS "
		       "(SELECT 1 FROM messages m WHERE m.notice = outbox.id "
		       "AND m.state = 'published')",
		       "s", id);
}

/**
 * sgp_message_store_get_retention:
 *
 * Returns: seconds that messages are kept, or -1 on error.
 */
gint64 sgp_message_store_get_retention(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows =
		sgp_database_query(database, error, "SELECT retention_days FROM office", "");

	if (rows == NULL)
		return -1;
	if (sgp_rows_get_count(rows) == 0)
		return (gint64)SGP_PROTOCOL_RETENTION_DAYS * 24 * 60 * 60;
	return sgp_rows_get_integer(rows, 0, 0) * 24 * 60 * 60;
}

/**
 * sgp_event_add:
 * @message: (nullable): id
 *
 * Within the caller's transaction; sgp_portal_announce_event() after the commit.
 *
 * Returns: whether it is in the store.
 */
gboolean sgp_event_add(SgpDatabase *database, gint64 now, const char *type, const char *handle,
	const char *message, GError **error)
{
	return sgp_database_run(database, error, NULL,
		"INSERT INTO events (time, type, handle, address, message) "
		"SELECT $1, $2, $3, address, $4 FROM customers WHERE handle = $3",
		"isss", now, type, handle, message);
}
