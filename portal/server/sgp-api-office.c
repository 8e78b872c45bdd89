/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The office: enrolment of devices, roster, what everybody may know. It stores the office's signed
 * roster and never judges it: agents and browsers do, against the key that they pinned. */

#include "sgp-api.h"

#include "sgp-session-store.h"

#include <string.h>

#define KEY_LIMIT (64 * 1024)

static SgpRows *load_office(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT name, portal_address, support_name, support_phone, support_hours, "
		"support_mail, retention_days, invitation_days, office_key FROM office",
		"");

	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_BUSY, "The portal is not set up yet.");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

static void add_limits(JsonObject *answer, const SgpPortal *portal)
{
	JsonObject *limits = json_object_new();

	json_object_set_int_member(limits, "attachment", portal->config->attachment_limit);
	json_object_set_int_member(limits, "message", portal->config->message_limit);
	json_object_set_object_member(answer, "limits", limits);
}

static void add_support(JsonObject *answer, const SgpRows *office)
{
	JsonObject *support = json_object_new();

	sgp_protocol_set_text(support, "name", sgp_rows_get_text(office, 0, 2));
	sgp_protocol_set_text(support, "phone", sgp_rows_get_text(office, 0, 3));
	sgp_protocol_set_text(support, "hours", sgp_rows_get_text(office, 0, 4));
	sgp_protocol_set_text(support, "mail", sgp_rows_get_text(office, 0, 5));
	json_object_set_object_member(answer, "support", support);
}

/**
 * sgp_page_get_ready:
 *
 * GET /readyz, for load balancers: set up, and the store can be read.
 *
 * Returns: whether the portal can work.
 */
gboolean sgp_page_get_ready(SgpCall *call, GError **error)
{
	g_autoptr(GError) problem = NULL;
	g_autoptr(SgpRows) office = load_office(call->database, &problem);

	/* At once and in the same words, whatever is wrong: who asks wants to send customers to
	 * another node. */
	if (office == NULL) {
		g_printerr("error ready=\"%s\"\n", problem->message);
		return sgp_call_refuse(error, SGP_PROBLEM_BUSY, "The portal cannot work now.");
	}
	call->status = 200;
	call->content = g_bytes_new_static("ok\n", 3);
	call->content_type = "text/plain; charset=utf-8";
	return TRUE;
}

/**
 * sgp_page_get_office:
 *
 * GET /p/v1/office: what the pages show before anybody is known.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_page_get_office(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) office = load_office(call->database, error);
	JsonObject *answer = NULL;

	if (office == NULL)
		return FALSE;
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "name", sgp_rows_get_text(office, 0, 0));
	sgp_protocol_set_text(answer, "origin", call->portal->origin);
	add_support(answer, office);
	add_limits(answer, call->portal);
	json_object_set_int_member(answer, "retention_days", sgp_rows_get_integer(office, 0, 6));
	json_object_set_int_member(answer, "idle_minutes", SGP_PROTOCOL_IDLE_SECONDS / 60);
	return TRUE;
}

/**
 * sgp_api_add_roster:
 *
 * Adds "office_key" and "roster" (or nulls) to @answer.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_api_add_roster(JsonObject *answer, SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) office = load_office(database, error);
	g_autoptr(SgpRows) rows = NULL;
	JsonObject *roster = NULL;

	if (office == NULL)
		return FALSE;
	rows = sgp_database_query(database, error,
		"SELECT version, roster, signature FROM rosters ORDER BY version DESC LIMIT 1", "");
	if (rows == NULL)
		return FALSE;
	sgp_protocol_set_text(answer, "office_key", sgp_rows_get_text(office, 0, 8));
	if (sgp_rows_get_count(rows) == 0) {
		json_object_set_null_member(answer, "roster");
		return TRUE;
	}
	roster = json_object_new();
	json_object_set_int_member(roster, "version", sgp_rows_get_integer(rows, 0, 0));
	sgp_protocol_set_text(roster, "roster", sgp_rows_get_text(rows, 0, 1));
	sgp_protocol_set_text(roster, "signature", sgp_rows_get_text(rows, 0, 2));
	json_object_set_object_member(answer, "roster", roster);
	return TRUE;
}

static gboolean add_staff(JsonObject *answer, SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT address, name, staff_key FROM staff ORDER BY created, address", "");
	JsonArray *list = NULL;

	if (rows == NULL)
		return FALSE;
	list = json_array_new();
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		JsonObject *one = json_object_new();

		sgp_protocol_set_text(one, "address", sgp_rows_get_text(rows, i, 0));
		sgp_protocol_set_text(one, "name", sgp_rows_get_text(rows, i, 1));
		sgp_protocol_set_text(one, "key", sgp_rows_get_text(rows, i, 2));
		json_array_add_object_element(list, one);
	}
	json_object_set_array_member(answer, "staff", list);
	return TRUE;
}

/**
 * sgp_api_get_office:
 *
 * GET /api/v1/office.
 *
 * Returns: whether it was answered.
 */
gboolean sgp_api_get_office(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) office = load_office(call->database, error);
	JsonObject *answer = NULL;

	if (office == NULL)
		return FALSE;
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "name", sgp_rows_get_text(office, 0, 0));
	sgp_protocol_set_text(answer, "origin", call->portal->origin);
	sgp_protocol_set_text(answer, "portal_address", sgp_rows_get_text(office, 0, 1));
	add_support(answer, office);
	add_limits(answer, call->portal);
	json_object_set_int_member(answer, "retention_days", sgp_rows_get_integer(office, 0, 6));
	json_object_set_int_member(answer, "invitation_days", sgp_rows_get_integer(office, 0, 7));
	if (!sgp_api_add_roster(answer, call->database, error))
		return FALSE;
	sgp_protocol_set_text(answer, "key", sgp_rows_get_text(office, 0, 8));
	json_object_remove_member(answer, "office_key");
	return add_staff(answer, call->database, error);
}

static SgpRows *load_enrolment(SgpCall *call, GError **error)
{
	const char *token = sgp_protocol_get_text(call->json, "token");
	g_autoptr(GBytes) hash = NULL;
	g_autoptr(SgpRows) rows = NULL;

	if (token == NULL) {
		sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The token is missing.");
		return NULL;
	}
	hash = sgp_token_hash(token);
	rows = sgp_database_query(call->database, error,
		"SELECT s.address, s.name FROM enrolments e JOIN staff s ON s.address = e.staff "
		"WHERE e.token_hash = $1 AND e.used = 0 AND e.expires > $2",
		"bi", hash, call->now);
	if (rows != NULL && sgp_rows_get_count(rows) == 0) {
		sgp_call_refuse(error, SGP_PROBLEM_WRONG_TOKEN,
			"The enrolment token is wrong, used up or older than a day. Ask the "
			"administrator for a new one.");
		return NULL;
	}
	return g_steal_pointer(&rows);
}

static void set_staff(JsonObject *answer, const SgpRows *enrolment)
{
	JsonObject *staff = json_object_new();

	sgp_protocol_set_text(staff, "address", sgp_rows_get_text(enrolment, 0, 0));
	sgp_protocol_set_text(staff, "name", sgp_rows_get_text(enrolment, 0, 1));
	json_object_set_object_member(answer, "staff", staff);
}

/**
 * sgp_api_check_token:
 *
 * POST /api/v1/devices:check: is the enrolment token good, and for which office?
 *
 * Returns: whether it is.
 */
gboolean sgp_api_check_token(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) enrolment = load_enrolment(call, error);
	g_autoptr(SgpRows) office = NULL;
	JsonObject *answer = NULL;
	JsonObject *about = NULL;

	office = enrolment != NULL ? load_office(call->database, error) : NULL;
	if (office == NULL)
		return FALSE;
	answer = sgp_call_begin_answer(call);
	set_staff(answer, enrolment);
	about = json_object_new();
	sgp_protocol_set_text(about, "name", sgp_rows_get_text(office, 0, 0));
	sgp_protocol_set_text(about, "origin", call->portal->origin);
	sgp_protocol_set_text(about, "key", sgp_rows_get_text(office, 0, 8));
	json_object_set_object_member(answer, "office", about);
	return TRUE;
}

static gboolean is_armored(const char *text, const char *kind)
{
	return text != NULL && strlen(text) <= KEY_LIMIT && g_str_has_prefix(text, kind);
}

/**
 * sgp_api_store_roster:
 * @object: a signed roster
 *
 * Stores the next version; the latest again is the same. Within the caller's transaction.
 *
 * Returns: whether it is stored.
 */
gboolean sgp_api_store_roster(SgpCall *call, JsonObject *object, GError **error)
{
	g_autoptr(GBytes) bytes = sgp_protocol_dup_b64u(object, "roster");
	const char *roster = sgp_protocol_get_text(object, "roster");
	const char *signature = sgp_protocol_get_text(object, "signature");
	g_autoptr(SgpRows) rows = NULL;
	gint64 version = 0;
	gint64 last = 0;

	if (bytes == NULL || !is_armored(signature, "-----BEGIN PGP SIGNATURE-----") ||
		!sgp_protocol_get_integer(object, "version", &version))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "This is not a signed roster.");
	rows = sgp_database_query(call->database, error,
		"SELECT version, roster, signature FROM rosters ORDER BY version DESC LIMIT 1", "");
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 1) {
		last = sgp_rows_get_integer(rows, 0, 0);
		if (version == last && strcmp(sgp_rows_get_text(rows, 0, 1), roster) == 0 &&
			strcmp(sgp_rows_get_text(rows, 0, 2), signature) == 0)
			return TRUE;
	}
	if (version != last + 1)
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"Another roster was stored meanwhile; take it over and sign the next.");
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO rosters (version, roster, signature, device, created) "
		"VALUES ($1, $2, $3, $4, $5)",
		"isssi", version, roster, signature, call->device, call->now);
}

/**
 * sgp_api_put_roster:
 *
 * PUT /api/v1/roster: the next version of the office's signed list of staff.
 *
 * Returns: whether it is stored.
 */
gboolean sgp_api_put_roster(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL)
		return FALSE;
	if (call->json == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The roster is missing.");
	if (!sgp_api_store_roster(call, call->json, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	json_object_set_boolean_member(sgp_call_begin_answer(call), "stored", 1);
	return TRUE;
}

static gboolean set_office_key(SgpCall *call, const SgpRows *office, GError **error)
{
	const char *given = sgp_protocol_get_text(call->json, "office_key");
	const char *stored = sgp_rows_get_text(office, 0, 8);

	if (given == NULL && stored == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The first device must bring the office's key and roster.");
	if (given == NULL || g_strcmp0(given, stored) == 0)
		return TRUE;
	if (stored != NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"The office has a key already; another device was faster.");
	if (!is_armored(given, "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "The office key is not an armored key.");
	if (sgp_protocol_is_null(call->json, "roster"))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The first device must bring the office's key and roster.");
	return sgp_database_run(
		call->database, error, NULL, "UPDATE office SET office_key = $1", "s", given);
}

/* The first device of an office has nobody to approve it. Every other one waits: what it brings
 * changes nothing that others see, neither the staff member's key nor the roster. */
static gboolean place_device(
	SgpCall *call, const char *staff, const char *key, gboolean first, GError **error)
{
	if (first)
		return sgp_database_run(call->database, error, NULL,
			"UPDATE staff SET staff_key = $1 WHERE address = $2", "ss", key, staff);
	if (!sgp_protocol_is_null(call->json, "roster"))
		return sgp_call_refuse(error, SGP_PROBLEM_CONFLICT,
			"The office has a roster already; a colleague signs the next one.");
	return sgp_database_run(call->database, error, NULL,
		"INSERT INTO events (time, type, handle, address, message) "
		"VALUES ($1, 'device-pending', '', $2, NULL)",
		"is", call->now, staff);
}

/* One line that looks like what it is: it is shown to whoever decides about devices, and whoever
 * has a stolen token could else write rows of their own into that list, or turn it round (threat
 * 32; test "a stolen enrolment token changes nothing that others see"). */
static gboolean is_device_name(const char *name)
{
	if (name == NULL || *name == '\0' || strlen(name) > 200)
		return FALSE;
	for (const char *c = name; *c != '\0'; c = g_utf8_next_char(c)) {
		GUnicodeType type = g_unichar_type(g_utf8_get_char(c));

		if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
			type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR)
			return FALSE;
	}
	return TRUE;
}

static gboolean add_device(
	SgpCall *call, const char *staff, gboolean first, char **token, GError **error)
{
	const char *name = sgp_protocol_get_text(call->json, "device_name");
	const char *key = sgp_protocol_get_text(call->json, "staff_key");
	g_autoptr(GBytes) used = sgp_token_hash(sgp_protocol_get_text(call->json, "token"));
	g_autoptr(GBytes) hash = sgp_token_new(token);

	if (!is_device_name(name) || !is_armored(key, "-----BEGIN PGP PUBLIC KEY BLOCK-----"))
		return sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST,
			"The device's name or the staff member's key is missing.");
	call->device = g_uuid_string_random();
	return sgp_database_run(call->database, error, NULL,
		       "INSERT INTO devices (id, staff, name, token_hash, created, state, "
		       "staff_key) "
		       "VALUES ($1, $2, $3, $4, $5, $6, $7)",
		       "sssbiss", call->device, staff, name, hash, call->now,
		       first ? "approved" : "pending", key) &&
	       sgp_database_run(call->database, error, NULL,
		       "UPDATE enrolments SET used = 1 WHERE token_hash = $1", "b", used) &&
	       place_device(call, staff, key, first, error);
}

/**
 * sgp_api_enrol:
 *
 * POST /api/v1/devices:enrol: uses the token up and gives the device its own. All or nothing.
 *
 * Returns: whether the device is enrolled.
 */
gboolean sgp_api_enrol(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);
	g_autoptr(SgpRows) enrolment = NULL;
	g_autoptr(SgpRows) office = NULL;
	g_autofree char *token = NULL;
	JsonObject *answer = NULL;
	gboolean first = FALSE;

	/* The token is checked inside the transaction that uses it up: once, even of two at a time.
	 */
	enrolment = transaction != NULL ? load_enrolment(call, error) : NULL;
	office = enrolment != NULL ? load_office(call->database, error) : NULL;
	if (office == NULL || !set_office_key(call, office, error))
		return FALSE;
	first = sgp_rows_is_null(office, 0, 8);
	if (!add_device(call, sgp_rows_get_text(enrolment, 0, 0), first, &token, error))
		return FALSE;
	if (!sgp_protocol_is_null(call->json, "roster")) {
		JsonNode *node = json_object_get_member(call->json, "roster");

		if (!JSON_NODE_HOLDS_OBJECT(node))
			return sgp_call_refuse(
				error, SGP_PROBLEM_BAD_REQUEST, "This is not a signed roster.");
		if (!sgp_api_store_roster(call, json_node_get_object(node), error))
			return FALSE;
	}
	if (!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (!first)
		sgp_portal_announce_event(call->portal);
	answer = sgp_call_begin_answer(call);
	sgp_protocol_set_text(answer, "device", call->device);
	sgp_protocol_set_text(answer, "device_token", token);
	set_staff(answer, enrolment);
	return TRUE;
}
