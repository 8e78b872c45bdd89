/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is asked about the spool as a whole: may this copy leave, what lies there, and after a
 * crash: which files belong to nobody. It changes nothing that was committed. */

#include "sgp-spool-private.h"
#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-protocol.h"
#include "sgp-spool-answers.h"

#include <string.h>

/* Rows of copies that left answer MayLeave and "draft-id used up" for as long as a mail may lie in
 * an outbox. */
#define KEEP_ROWS_SECONDS (90 * 24 * 3600)

/* The transport's question */

/* TRUE when both name the same addresses, by canonical addr-spec. */
static gboolean same_recipients(GPtrArray *ours, const char *const *theirs)
{
	g_autoptr(GHashTable) left = g_hash_table_new(g_str_hash, g_str_equal);

	for (guint i = 0; i < ours->len; i++)
		g_hash_table_add(left, g_ptr_array_index(ours, i));
	for (gsize i = 0; theirs[i]; i++) {
		g_autoptr(SgpAddress) address = sgp_address_new(theirs[i], NULL);
		const char *spec = address ? sgp_address_get_addr_spec(address) : "";

		if (!g_ptr_array_find_with_equal_func(ours, spec, g_str_equal, NULL))
			return FALSE;
		g_hash_table_remove(left, spec);
	}
	return g_hash_table_size(left) == 0;
}

static char *load_digest(SgpSpool *self, const char *copy_id, GError **error)
{
	char *digest = NULL;

	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_spool_query(
		self, error, "SELECT digest FROM spool_copy WHERE id = ?", "s", copy_id);

	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		digest = sgp_spool_dup_column(statement, 0);
	if (statement)
		sqlite3_reset(statement);
	sgp_store_unlock(self->store);
	return digest;
}

gboolean sgp_spool_may_leave(SgpSpool *self, const char *copy_id, const char *digest,
	const char *const *recipients, char **reason, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(self, copy_id, &local);
	const char *no = NULL;

	if (!entry && !g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_autofree char *expected = entry ? load_digest(self, copy_id, error) : NULL;

	/* A transport copy leaves through the verified submission service only, never through
	 * whatever account a mail program has. */
	if (!entry || entry->channel == SGP_CHANNEL_PORTAL ||
		entry->channel == SGP_CHANNEL_TRANSPORT || entry->is_sent_copy ||
		entry->state == SGP_SPOOL_STATE_DROPPED)
		no = "not-committed";
	else if (g_strcmp0(expected, digest) != 0)
		no = "changed";
	else if (!same_recipients(entry->recipients, recipients))
		no = "other-recipients";
	if (no)
		*reason = g_strdup(no);
	return no == NULL;
}

/* After a crash */

static gboolean has_bytes(const SgpSpoolEntry *entry)
{
	return entry->state != SGP_SPOOL_STATE_DONE && entry->state != SGP_SPOOL_STATE_DROPPED;
}

/* A file whose row cannot be read is kept: it may be the only copy of a mail. */
static gboolean remove_orphans(SgpSpool *self, GError **error)
{
	g_autoptr(GPtrArray) ids = sgp_spool_files_list(self->files, error);

	for (guint i = 0; ids && i < ids->len; i++) {
		const char *id = g_ptr_array_index(ids, i);
		g_autoptr(GError) local = NULL;
		g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(self, id, &local);
		gboolean is_unknown = g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND);

		if (is_unknown || (entry && !has_bytes(entry)))
			sgp_spool_files_remove(self->files, id);
		else if (local)
			g_debug("a file in the spool is kept: %s", local->message);
	}
	return ids != NULL;
}

static gboolean forget_old_rows(SgpSpool *self, gint64 now, GError **error)
{
	static const char *const statements[] = {
		"DELETE FROM submission_answer WHERE copy IN (SELECT id FROM spool_copy WHERE "
		"state "
		"IN (6, 7) AND changed < ?)",
		"DELETE FROM spool_recipient WHERE copy IN (SELECT id FROM spool_copy WHERE state "
		"IN (6, 7) AND changed < ?)",
		"DELETE FROM spool_blob WHERE copy IN (SELECT id FROM spool_copy WHERE state IN "
		"(6, 7) AND changed < ?)",
		"DELETE FROM spool_copy WHERE state IN (6, 7) AND changed < ?",
		"DELETE FROM spool_draft WHERE committed < ? AND draft NOT IN (SELECT draft FROM "
		"spool_copy)",
	};
	G_STATIC_ASSERT(SGP_SPOOL_STATE_DONE == 6 && SGP_SPOOL_STATE_DROPPED == 7);

	for (gsize i = 0; i < G_N_ELEMENTS(statements); i++) {
		if (!sgp_spool_change(
			    self, NULL, error, statements[i], "i", now - KEEP_ROWS_SECONDS))
			return FALSE;
	}
	return TRUE;
}

gboolean sgp_spool_recover(SgpSpool *self, gint64 now, GError **error)
{
	gboolean done;

	/* Another process may have written files whose rows it is about to commit. */
	if (!sgp_spool_files_try_exclusive(self->files))
		return TRUE;
	done = remove_orphans(self, error) && sgp_spool_hold_interrupted(self, now, error) &&
	       forget_old_rows(self, now, error);
	sgp_spool_files_release_exclusive(self->files);
	return done;
}

/* The list for people and scripts */

/* Whom the submission service took it for, and whom it refused. */
static void add_answers(SgpSpool *self, JsonObject *object, const SgpSpoolEntry *entry)
{
	static const SgpSubmissionAnswer kinds[] = { SGP_SUBMISSION_ACCEPTED,
		SGP_SUBMISSION_REFUSED };
	static const char *const names[] = { "reached", "refused" };

	for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
		g_autoptr(GPtrArray) people = sgp_spool_load_answered(self, entry, kinds[i], NULL);
		JsonArray *list = json_array_new();

		for (guint n = 0; people && n < people->len; n++)
			json_array_add_string_element(list, g_ptr_array_index(people, n));
		json_object_set_array_member(object, names[i], list);
	}
}

static JsonObject *entry_to_json(SgpSpool *self, const SgpSpoolEntry *entry)
{
	JsonObject *object = json_object_new();
	JsonArray *recipients = json_array_new();

	for (guint i = 0; i < entry->recipients->len; i++)
		json_array_add_string_element(recipients, g_ptr_array_index(entry->recipients, i));
	sgp_protocol_set_text(object, "id", entry->id);
	sgp_protocol_set_text(object, "channel", sgp_channel_get_nick(entry->channel));
	json_object_set_boolean_member(object, "sent_copy", entry->is_sent_copy);
	sgp_protocol_set_text(object, "state", sgp_spool_state_get_nick(entry->state));
	json_object_set_array_member(object, "recipients", recipients);
	json_object_set_int_member(object, "created", entry->created);
	json_object_set_int_member(object, "tries", entry->tries);
	sgp_protocol_set_text(object, "problem", entry->problem);
	if (entry->channel == SGP_CHANNEL_TRANSPORT)
		add_answers(self, object, entry);
	return object;
}

char *sgp_spool_list_json(SgpSpool *self, GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_ARRAY);
	JsonArray *list = json_array_new();

	sgp_store_lock(self->store);
	g_autoptr(GPtrArray) entries = sgp_spool_read_entries(self,
		sgp_spool_query(self, error,
			"SELECT " SGP_SPOOL_COLUMNS " FROM spool_copy ORDER BY created, id", ""),
		error);

	sgp_store_unlock(self->store);
	for (guint i = 0; entries && i < entries->len; i++)
		json_array_add_object_element(
			list, entry_to_json(self, g_ptr_array_index(entries, i)));
	json_node_take_array(root, list);
	return entries ? json_to_string(root, FALSE) : NULL;
}
