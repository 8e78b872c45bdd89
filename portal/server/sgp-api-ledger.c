/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The records of consent that an office shares. Entries are signed by the device that made them and
 * encrypted to the office: this keeps and numbers them, and can neither read, change nor forge one.
 * There is no call that deletes: conflicts cannot arise, and a gap shows (threat 26). */

#include "sgp-api.h"

#include <string.h>

#define ENTRY_LIMIT (64 * 1024)
#define ID_LIMIT    128
#define PAGE        100

static gboolean is_id(const char *id)
{
	for (const char *c = id; *c != '\0'; c++) {
		if (!g_ascii_isalnum(*c) && strchr("-_.", *c) == NULL)
			return FALSE;
	}
	return *id != '\0' && strlen(id) <= ID_LIMIT;
}

static gboolean answer(SgpCall *call, gint64 n, guint status)
{
	json_object_set_int_member(sgp_call_begin_answer(call), "n", n);
	call->status = status;
	return TRUE;
}

static gboolean store(SgpCall *call, const char *entry, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) known = NULL;
	g_autoptr(SgpRows) last = NULL;
	gint64 n = 0;

	if (transaction == NULL)
		return FALSE;
	known = sgp_database_query(call->database, error,
		"SELECT n, entry FROM ledger WHERE id = $1", "s", call->params[0]);
	if (known == NULL)
		return FALSE;
	if (sgp_rows_get_count(known) == 1) {
		if (strcmp(sgp_rows_get_text(known, 0, 1), entry) != 0)
			return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
				"Another entry is stored under this id.");
		return answer(call, sgp_rows_get_integer(known, 0, 0), 200);
	}
	if (!sgp_database_run(call->database, error, NULL,
		    "UPDATE ledger_last SET n = n + 1 WHERE id = 1", ""))
		return FALSE;
	last = sgp_database_query(
		call->database, error, "SELECT n FROM ledger_last WHERE id = 1", "");
	if (last == NULL)
		return FALSE;
	n = sgp_rows_get_integer(last, 0, 0);
	return sgp_database_run(call->database, error, NULL,
		       "INSERT INTO ledger (n, id, device, entry, created) "
		       "VALUES ($1, $2, $3, $4, $5)",
		       "isssi", n, call->params[0], call->device, entry, call->now) &&
	       sgp_transaction_commit(transaction, error) && answer(call, n, 201);
}

/**
 * sgp_api_put_entry:
 *
 * PUT /api/v1/ledger/{id}.
 *
 * Returns: whether the entry is stored.
 */
gboolean sgp_api_put_entry(SgpCall *call, GError **error)
{
	const char *entry = sgp_protocol_get_text(call->json, "entry");

	if (!is_id(call->params[0]) || entry == NULL ||
		!g_str_has_prefix(entry, "-----BEGIN PGP MESSAGE-----"))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "This is not an encrypted entry.");
	if (strlen(entry) > ENTRY_LIMIT)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "The entry is larger than 64 KiB.");
	return store(call, entry, error);
}

static void add_entries(JsonObject *answer, const SgpRows *rows, gint64 last)
{
	JsonArray *list = json_array_new();

	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		JsonObject *one = json_object_new();

		last = sgp_rows_get_integer(rows, i, 0);
		json_object_set_int_member(one, "n", last);
		sgp_protocol_set_text(one, "id", sgp_rows_get_text(rows, i, 1));
		sgp_protocol_set_text(one, "device", sgp_rows_get_text(rows, i, 2));
		sgp_protocol_set_text(one, "entry", sgp_rows_get_text(rows, i, 3));
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(answer, "entries", list);
	json_object_set_int_member(answer, "last", last);
}

/**
 * sgp_api_get_entries:
 *
 * GET /api/v1/ledger?after=N: the next entries of all devices, in the order they came.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_get_entries(SgpCall *call, GError **error)
{
	const char *text = sgp_call_get_query(call, "after");
	g_autoptr(SgpRows) rows = NULL;
	guint64 after = 0;

	if (text != NULL && !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &after, NULL))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "after must be a number.");
	rows = sgp_database_query(call->database, error,
		"SELECT n, id, device, entry FROM ledger WHERE n > $1 ORDER BY n LIMIT $2", "ii",
		(gint64)after, (gint64)PAGE);
	if (rows == NULL)
		return FALSE;
	add_entries(sgp_call_begin_answer(call), rows, (gint64)after);
	return TRUE;
}
