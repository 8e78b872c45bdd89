/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "history search": what the index knows, as JSON for people and scripts. Decides nothing. */
#include "sgp-history.h"

#include "sgp-error.h"
#include "sgp-history-copy-private.h"
#include "sgp-inquiry-scan.h"
#include "sgp-json-private.h"

static const char *role_get_nick(SgpFolderRole role)
{
	switch (role) {
	case SGP_FOLDER_ROLE_UNKNOWN:
		return "unknown";
	case SGP_FOLDER_ROLE_MAIL:
		return "mail";
	case SGP_FOLDER_ROLE_SENT:
		return "sent";
	case SGP_FOLDER_ROLE_DRAFTS:
		return "drafts";
	case SGP_FOLDER_ROLE_OUTBOX:
		return "outbox";
	case SGP_FOLDER_ROLE_JUNK:
		return "junk";
	case SGP_FOLDER_ROLE_TRASH:
		return "trash";
	}
	return "unknown";
}

static void add_judgement(JsonBuilder *out, const SgpHistoryTrust *trust, sqlite3_stmt *row,
	const SgpHistoryCopy *copy)
{
	json_builder_set_member_name(out, "judgement");
	if (!copy->is_judged) {
		json_builder_add_null_value(out);
		return;
	}
	json_builder_begin_object(out);
	SgpAuthentication authentication = sgp_history_copy_get_authentication(trust, row);
	const char *not_personal = sgp_history_copy_get_not_personal(trust, row, copy);
	sgp_json_add_boolean(out, "personal", not_personal == NULL);
	sgp_json_add_text(out, "not_personal_because", not_personal);
	sgp_json_add_boolean(out, "forged", authentication == SGP_AUTHENTICATION_FAIL);
	sgp_json_add_boolean(out, "authenticated", authentication == SGP_AUTHENTICATION_PASS);
	sgp_json_add_text(
		out, "opt_out", sgp_opt_out_get_nick((SgpOptOut)sqlite3_column_int(row, 11)));
	sgp_json_add_text(out, "sentence", sgp_store_column_text(row, 12));
	json_builder_end_object(out);
}

/* One object per copy; a message that is only known by reference has folder null. */
static void add_copy(JsonBuilder *out, const SgpHistoryTrust *trust, sqlite3_stmt *row)
{
	SgpHistoryCopy copy = sgp_history_copy_read(row);
	const char *message_id = sgp_store_column_text(row, 8);
	g_autofree char *id = g_strdup_printf("%016" G_GINT64_MODIFIER "x", copy.id);
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", id);
	sgp_json_add_text(
		out, "message_id", message_id != NULL && *message_id != '\0' ? message_id : NULL);
	sgp_json_add_text(out, "from", copy.author);
	sgp_json_add_date(out, "date", copy.date);
	sgp_json_add_int(out, "conversation", sqlite3_column_int64(row, 17));
	sgp_json_add_text(out, "folder", copy.uri);
	sgp_json_add_text(out, "role", copy.uri != NULL ? role_get_nick(copy.role) : NULL);
	sgp_json_add_text(out, "uid", copy.uid);
	add_judgement(out, trust, row, &copy);
	json_builder_end_object(out);
}

static sqlite3_stmt *prepare_search(SgpStore *store, const char *from, const char *message_id,
	const char *conversation, GError **error)
{
	sqlite3_stmt *rows = sgp_store_prepare(store,
		from != NULL ? "SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
			       "WHERE m.sender = (SELECT id FROM address WHERE spec = ?) AND "
			       "m.sender > 0"
			       " ORDER BY m.date, m.key"
		: message_id != NULL
			? "SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
			  "WHERE m.id = ? ORDER BY m.key"
			: "SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
			  "WHERE m.conversation IN (SELECT conversation FROM message WHERE id = ?)"
			  " ORDER BY m.date, m.key",
		error);
	if (rows == NULL)
		return NULL;
	if (from != NULL)
		sgp_store_bind_text(rows, 1, from);
	else
		sqlite3_bind_int64(rows, 1,
			(gint64)sgp_history_hash_message_id(
				message_id != NULL ? message_id : conversation));
	return rows;
}

char *sgp_history_search_json(SgpHistory *self, const char *from, const char *message_id,
	const char *conversation, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	if ((from != NULL) + (message_id != NULL) + (conversation != NULL) != 1) {
		g_set_error_literal(
			error, SGP_ERROR, SGP_ERROR_INVALID, "exactly one criterion is needed");
		return NULL;
	}
	g_autoptr(SgpAddress) address = NULL;
	if (from != NULL && (address = sgp_address_new(from, error)) == NULL)
		return NULL;
	g_auto(SgpHistoryTrust) trust = sgp_history_trust_read(self);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_array(out);
	sgp_store_lock(store);
	sqlite3_stmt *rows =
		prepare_search(store, address != NULL ? sgp_address_get_addr_spec(address) : NULL,
			message_id, conversation, &local);
	while (rows != NULL && sgp_store_step(store, rows, &local))
		add_copy(out, &trust, rows);
	sgp_store_unlock(store);
	json_builder_end_array(out);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return sgp_json_dup(out);
}
