/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One request on its way through a worker thread: who is calling, what it may do, what it gets. The
 * only place that turns errors into problems. It knows no socket. */

#include "sgp-call.h"

#include "sgp-scope.h"
#include "sgp-session-store.h"

#include <string.h>

/* Several transactions on one store are in each other's way now and then, and many at one row
 * often; one of them always gets through, so that it is time and not a number of tries that ends
 * this. */
#define PATIENCE_USEC (5 * G_USEC_PER_SEC)
#define LONGEST_STEP  40

/**
 * sgp_call_new:
 *
 * Returns: (transfer full): an empty call.
 */
SgpCall *sgp_call_new(SgpPortal *portal, const char *method)
{
	SgpCall *call = g_new0(SgpCall, 1);

	call->portal = portal;
	call->method = g_strdup(method);
	call->now = sgp_portal_get_time();
	call->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	call->extra = g_ptr_array_new_with_free_func(g_free);
	return call;
}

/**
 * sgp_call_free:
 * @call: (transfer full) (nullable):
 */
void sgp_call_free(SgpCall *call)
{
	if (call == NULL)
		return;
	g_free(call->method);
	g_free(call->params[0]);
	g_free(call->params[1]);
	g_clear_pointer(&call->query, g_hash_table_unref);
	g_hash_table_unref(call->headers);
	g_clear_pointer(&call->body, g_bytes_unref);
	g_clear_pointer(&call->json, json_object_unref);
	g_free(call->staff);
	g_free(call->device);
	g_free(call->handle);
	g_clear_pointer(&call->session, g_bytes_unref);
	g_free(call->scope);
	g_clear_pointer(&call->answer, json_object_unref);
	g_clear_pointer(&call->content, g_bytes_unref);
	g_ptr_array_unref(call->extra);
	g_free(call);
}

/**
 * sgp_call_get_header:
 * @name: in lower case
 *
 * Returns: (transfer none) (nullable): the value of the request's header.
 */
const char *sgp_call_get_header(const SgpCall *call, const char *name)
{
	return g_hash_table_lookup(call->headers, name);
}

/**
 * sgp_call_get_query:
 *
 * Returns: (transfer none) (nullable): the value of the query parameter.
 */
const char *sgp_call_get_query(const SgpCall *call, const char *name)
{
	return call->query != NULL ? g_hash_table_lookup(call->query, name) : NULL;
}

static char *dup_cookie_name(const SgpCall *call, const char *name)
{
	/* __Host- binds the cookie to this very host and to https (threat 10). */
	return g_strconcat(call->portal->secure ? "__Host-" : "", name, NULL);
}

/**
 * sgp_call_dup_cookie:
 * @name: without the __Host- prefix
 *
 * Returns: (transfer full) (nullable): the value of the request's cookie.
 */
char *sgp_call_dup_cookie(const SgpCall *call, const char *name)
{
	const char *header = sgp_call_get_header(call, "cookie");
	g_autofree char *full = dup_cookie_name(call, name);
	g_auto(GStrv) parts = NULL;
	gsize length = strlen(full);

	if (header == NULL)
		return NULL;
	parts = g_strsplit(header, ";", 50);
	for (guint i = 0; parts[i] != NULL; i++) {
		char *part = g_strstrip(parts[i]);

		if (strncmp(part, full, length) == 0 && part[length] == '=')
			return g_strdup(part + length + 1);
	}
	return NULL;
}

/**
 * sgp_call_add_header:
 *
 * Adds a header to the answer.
 */
void sgp_call_add_header(SgpCall *call, const char *name, const char *value)
{
	g_ptr_array_add(call->extra, g_strdup(name));
	g_ptr_array_add(call->extra, g_strdup(value));
}

/**
 * sgp_call_set_cookie:
 * @name: without the __Host- prefix
 * @value: safe characters only
 * @seconds: how long the browser keeps it; 0 until it is closed, negative to delete it
 */
void sgp_call_set_cookie(SgpCall *call, const char *name, const char *value, gint64 seconds)
{
	g_autofree char *full = dup_cookie_name(call, name);
	g_autoptr(GString) text = g_string_new(full);

	g_string_append_printf(text, "=%s; Path=/; HttpOnly; SameSite=Strict", value);
	if (call->portal->secure)
		g_string_append(text, "; Secure");
	if (seconds != 0)
		g_string_append_printf(
			text, "; Max-Age=%" G_GINT64_FORMAT, MAX(seconds, G_GINT64_CONSTANT(0)));
	sgp_call_add_header(call, "Set-Cookie", text->str);
}

/**
 * sgp_call_begin_answer:
 *
 * Returns: (transfer none): the JSON object of the answer, status 200 unless one is set.
 */
JsonObject *sgp_call_begin_answer(SgpCall *call)
{
	g_clear_pointer(&call->answer, json_object_unref);
	call->answer = json_object_new();
	if (call->status == 0)
		call->status = 200;
	return call->answer;
}

/**
 * sgp_call_refuse:
 * @detail: an English sentence without addresses or secrets
 *
 * Returns: %FALSE, for handlers to return.
 */
gboolean sgp_call_refuse(GError **error, SgpProblem problem, const char *detail)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, problem, detail);
	return FALSE;
}

/**
 * sgp_call_set_problem:
 *
 * Makes @problem the answer (RFC 9457). What the portal itself got wrong is logged, not told.
 */
void sgp_call_set_problem(SgpCall *call, const GError *problem)
{
	SgpProblem code = problem->domain == SGP_PROBLEM_ERROR ? (SgpProblem)problem->code
							       : SGP_PROBLEM_INTERNAL;
	const char *detail = problem->message;
	JsonObject *answer = NULL;

	if (code == SGP_PROBLEM_INTERNAL) {
		g_printerr("error internal=\"%s\"\n", problem->message);
		detail = "The portal could not do this; nothing was changed. Try again later.";
	}
	call->status = sgp_problem_get_status(code);
	/* 460 belongs to tus; a message that names a wrong digest is unprocessable. */
	if (code == SGP_PROBLEM_CHECKSUM_MISMATCH && strcmp(call->method, "PUT") == 0)
		call->status = 422;
	if (call->problem_status != 0 && code == SGP_PROBLEM_UNSUPPORTED)
		call->status = call->problem_status;
	g_clear_pointer(&call->content, g_bytes_unref);
	answer = sgp_call_begin_answer(call);
	json_object_set_string_member(answer, "type", "about:blank");
	json_object_set_string_member(answer, "title", sgp_problem_get_title(code));
	json_object_set_int_member(answer, "status", call->status);
	json_object_set_string_member(answer, "code", sgp_problem_get_code(code));
	json_object_set_string_member(answer, "detail", detail);
	call->content_type = "application/problem+json";
	if (call->retry_after > 0) {
		g_autofree char *seconds = g_strdup_printf("%" G_GINT64_FORMAT, call->retry_after);

		sgp_call_add_header(call, "Retry-After", seconds);
	}
}

/**
 * sgp_call_enter:
 * @scope: of sgp-scope.h
 *
 * From here on the statements of @call are about these rows, also when a step of it is repeated on
 * another connection.
 */
void sgp_call_enter(SgpCall *call, const char *scope)
{
	if (call->scope != scope) {
		g_free(call->scope);
		call->scope = g_strdup(scope);
	}
	sgp_scope_enter(call->portal, call->database, call->scope);
}

/**
 * sgp_call_enter_customer:
 *
 * From here on nothing but this customer's rows is anything to @call.
 */
void sgp_call_enter_customer(SgpCall *call, const char *handle)
{
	g_autofree char *scope = sgp_scope_dup_customer(handle);

	sgp_call_enter(call, scope);
}

static gboolean changes_something(const SgpCall *call)
{
	return strcmp(call->method, "GET") != 0 && strcmp(call->method, "HEAD") != 0;
}

/* Threat 7: a foreign page can neither set X-Siegelpost without a preflight that we never grant,
 * nor forge Origin or Sec-Fetch-Site (test "a foreign site cannot change anything"). */
static gboolean comes_from_our_pages(const SgpCall *call, GError **error)
{
	const char *origin = sgp_call_get_header(call, "origin");
	const char *site = sgp_call_get_header(call, "sec-fetch-site");
	gboolean same = FALSE;

	if (!changes_something(call)) {
		same = site == NULL || strcmp(site, "same-origin") == 0 ||
		       strcmp(site, "none") == 0;
	} else {
		same = g_strcmp0(sgp_call_get_header(call, "x-siegelpost"), "1") == 0 &&
		       (origin != NULL ? strcmp(origin, call->portal->origin) == 0
				       : g_strcmp0(site, "same-origin") == 0) &&
		       (site == NULL || strcmp(site, "same-origin") == 0);
	}
	return same || sgp_call_refuse(error, SGP_PROBLEM_CROSS_SITE,
			       "Only the portal's own pages may do this.");
}

/**
 * sgp_call_authenticate:
 *
 * Finds out who calls and whether the route is open to them; sets staff and device, or handle and
 * session.
 *
 * Returns: whether the handler may run.
 */
gboolean sgp_call_authenticate(SgpCall *call, GError **error)
{
	/* A long poll comes here again, and its device may be revoked by then. */
	g_clear_pointer(&call->staff, g_free);
	g_clear_pointer(&call->device, g_free);
	g_clear_pointer(&call->handle, g_free);
	g_clear_pointer(&call->session, g_bytes_unref);
	sgp_call_enter(call, SGP_SCOPE_DOOR);
	switch (call->route->caller) {
	case SGP_CALLER_ANYBODY:
		return TRUE;
	case SGP_CALLER_STAFF:
		sgp_call_enter(call, SGP_SCOPE_OFFICE);
		return TRUE;
	case SGP_CALLER_PAGE:
		return comes_from_our_pages(call, error);
	case SGP_CALLER_CUSTOMER:
		return comes_from_our_pages(call, error) && sgp_session_store_resume(call, error);
	case SGP_CALLER_DEVICE:
		sgp_call_enter(call, SGP_SCOPE_OFFICE);
		return sgp_session_store_find_device(call, error);
	case SGP_CALLER_NOBODY:
		break;
	}
	return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is nothing here.");
}

static gboolean parse_body(SgpCall *call, GError **error)
{
	const char *type = sgp_call_get_header(call, "content-type");
	gsize length = 0;
	const char *data = call->body != NULL ? g_bytes_get_data(call->body, &length) : NULL;

	if (call->route->streams || length == 0)
		return TRUE;
	/* A form or plain text is what a foreign page can send without asking. */
	if (type == NULL || !g_str_has_prefix(type, "application/json") ||
		(type[16] != '\0' && type[16] != ';' && type[16] != ' '))
		return sgp_call_refuse(
			error, SGP_PROBLEM_UNSUPPORTED, "The body must be application/json.");
	call->json = sgp_protocol_parse_object(data, length);
	return call->json != NULL ||
	       sgp_call_refuse(error, SGP_PROBLEM_BAD_REQUEST, "The body is not a JSON object.");
}

static gboolean handle(SgpCall *call, GError **error)
{
	if (call->route == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is nothing here.");
	return sgp_call_authenticate(call, error) && parse_body(call, error) &&
	       call->route->handler(call, error) && sgp_database_confirm(call->database, error);
}

/**
 * sgp_call_serialise:
 *
 * Turns the JSON answer into bytes.
 */
void sgp_call_serialise(SgpCall *call)
{
	g_autoptr(JsonGenerator) generator = NULL;
	g_autoptr(JsonNode) node = NULL;
	gsize length = 0;
	char *text = NULL;

	if (call->content != NULL || call->answer == NULL)
		return;
	generator = json_generator_new();
	node = json_node_new(JSON_NODE_OBJECT);
	json_node_set_object(node, call->answer);
	json_generator_set_root(generator, node);
	text = json_generator_to_data(generator, &length);
	call->content = g_bytes_new_take(text, length);
	if (call->content_type == NULL)
		call->content_type = "application/json";
}

/* Only what the store itself failed at, and only what passes. */
static gboolean is_store_away(const SgpCall *call, const GError *error)
{
	return call->database == NULL ||
	       (call->database->can_repeat &&
		       g_error_matches(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL));
}

/* Everything is idempotent by id, so that a commit whose answer was lost is no harm. Except where
 * the guard has counted a try or used a login up: a second run would count again, and turn a right
 * password into a wrong one. Such handlers repeat their own steps with sgp_call_repeat(). */
static gboolean may_repeat(const SgpCall *call, const GError *error)
{
	return !(call->route != NULL && call->route->is_once) && is_store_away(call, error);
}

/* No answer yet. Waits a random while, longer each time: two that were in each other's way must not
 * meet again, and a standby needs a moment to take over. */
static void begin_anew(SgpCall *call, guint tries)
{
	g_clear_pointer(&call->answer, json_object_unref);
	g_clear_pointer(&call->content, g_bytes_unref);
	call->content_type = NULL;
	call->status = 200;
	call->wait = FALSE;
	call->retry_after = 0;
	g_ptr_array_set_size(call->extra, 0);
	g_usleep(g_random_int_range(1000, 10000) * (gulong)MIN(tries * tries, LONGEST_STEP));
}

/**
 * sgp_call_repeat:
 * @step: what concerns the portal's store only; makes the whole answer, or nothing of it
 *
 * Runs @step, and runs it again while the store fails at what passes: for handlers that must not be
 * repeated as a whole.
 *
 * Returns: what @step returned at last.
 */
gboolean sgp_call_repeat(SgpCall *call, SgpStep step, gpointer data, GError **error)
{
	gint64 until = g_get_monotonic_time() + PATIENCE_USEC;

	for (guint tries = 1;; tries++) {
		g_autoptr(GError) problem = NULL;

		if (step(call, data, &problem))
			return TRUE;
		if (g_get_monotonic_time() >= until || !is_store_away(call, problem)) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
		begin_anew(call, tries);
		sgp_portal_return_database(call->portal, g_steal_pointer(&call->database));
		call->database = sgp_portal_borrow_database(call->portal, error);
		if (call->database == NULL)
			return FALSE;
		if (call->scope != NULL)
			sgp_call_enter(call, call->scope);
	}
}

/* No failure of ours that an operator should look for in the code: the store is down or changes
 * hands, and who asks may come again. */
static void set_store_away(SgpCall *call, const GError *problem)
{
	g_autoptr(GError) busy = NULL;

	g_printerr("error store=\"%s\"\n", problem->message);
	sgp_call_refuse(
		&busy, SGP_PROBLEM_BUSY, "The portal cannot reach its store. Try again soon.");
	sgp_call_set_problem(call, busy);
}

/**
 * sgp_call_run:
 *
 * Runs the route's handler in this thread and leaves a complete answer.
 */
void sgp_call_run(SgpCall *call)
{
	gint64 until = g_get_monotonic_time() + PATIENCE_USEC;
	gboolean again = TRUE;

	for (guint tries = 1; again; tries++) {
		g_autoptr(GError) error = NULL;

		call->now = sgp_portal_get_time();
		call->database = sgp_portal_borrow_database(call->portal, &error);
		again = FALSE;
		if (call->database == NULL) {
			set_store_away(call, error);
		} else if (!handle(call, &error)) {
			again = g_get_monotonic_time() < until && may_repeat(call, error);
			if (again) {
				g_clear_pointer(&call->json, json_object_unref);
				begin_anew(call, tries);
			} else if (is_store_away(call, error))
				set_store_away(call, error);
			else
				sgp_call_set_problem(call, error);
		}
		sgp_portal_return_database(call->portal, g_steal_pointer(&call->database));
	}
	sgp_call_serialise(call);
}
