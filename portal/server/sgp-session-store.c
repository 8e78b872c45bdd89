/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sessions of customers and tokens of devices. The store keeps hashes, so that a thief of the
 * database gets no session; it never extends a session that has run out. */

#include "sgp-session-store.h"

#include "sgp-client-name.h"

#include <sodium.h>
#include <string.h>

/* How stale "seen" may get before it costs a write. A session may end this much early. */
#define SEEN_GRAIN 20

/**
 * sgp_token_new:
 * @text: (out): the token, 32 random bytes as b64u
 *
 * Returns: (transfer full): its hash, for the store.
 */
GBytes *sgp_token_new(char **text)
{
	guint8 token[32];

	/* Not with "-" or "_" in front, so that a shell or an option parser takes it as a word. */
	*text = NULL;
	while (*text == NULL || !g_ascii_isalnum(**text)) {
		g_free(*text);
		randombytes_buf(token, sizeof token);
		*text = sgp_protocol_encode_b64u(token, sizeof token);
	}
	sodium_memzero(token, sizeof token);
	return sgp_token_hash(*text);
}

/**
 * sgp_token_hash:
 *
 * Returns: (transfer full): SHA-256 of the token's text; it is random, so nothing slower is needed.
 */
GBytes *sgp_token_hash(const char *text)
{
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const guint8 *)text, strlen(text));
	return g_bytes_new(hash, sizeof hash);
}

/* Only for who is registered at this moment: a reset that came between the password and here ends
 * this login too. */
static gboolean insert_session(SgpCall *call, GBytes *hash, const char *handle, GError **error)
{
	g_autofree char *client = sgp_client_name_dup(sgp_call_get_header(call, "user-agent"));
	gint64 changed = 0;

	if (!sgp_database_run(call->database, error, &changed,
		    "INSERT INTO sessions (token_hash, handle, created, seen, client) "
		    "SELECT $1, handle, $2, $2, $3 FROM customers WHERE handle = $4 "
		    "AND state = 'registered'",
		    "biss", hash, call->now, client, handle))
		return FALSE;
	return changed == 1 ||
	       sgp_call_refuse(error, SGP_PROBLEM_WRONG_PASSWORD, "Address or password is wrong.");
}

/**
 * sgp_session_store_end_previous:
 *
 * Ends the session whose cookie the browser brought, whoever's it is: after a login there is one,
 * and who planted or copied the old cookie holds nothing (threat 10; test "a login ends the
 * browser's session of before").
 *
 * Returns: whether that is on disk.
 */
gboolean sgp_session_store_end_previous(SgpCall *call, GError **error)
{
	g_autofree char *token = sgp_call_dup_cookie(call, SGP_SESSION_COOKIE);
	g_autoptr(GBytes) hash = token != NULL ? sgp_token_hash(token) : NULL;
	g_autoptr(SgpTransaction) transaction = NULL;

	if (hash == NULL)
		return TRUE;
	transaction = sgp_transaction_begin(call->database, error);
	return transaction != NULL &&
	       sgp_database_run(call->database, error, NULL,
		       "DELETE FROM sessions WHERE token_hash = $1", "b", hash) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_session_store_begin:
 *
 * Begins a session with a token that did not exist before (threat 10: nothing to fixate), and sets
 * its cookie.
 *
 * Returns: whether the session is on disk.
 */
gboolean sgp_session_store_begin(SgpCall *call, const char *handle, GError **error)
{
	g_autofree char *token = NULL;
	g_autoptr(GBytes) hash = sgp_token_new(&token);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL || !insert_session(call, hash, handle, error) ||
		!sgp_database_run(call->database, error, NULL,
			"UPDATE customers SET seen = $1 WHERE handle = $2", "is", call->now,
			handle) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_call_set_cookie(call, SGP_SESSION_COOKIE, token, 0);
	return TRUE;
}

static gboolean touch(SgpCall *call, gint64 seen, GError **error)
{
	g_autoptr(SgpTransaction) transaction = NULL;

	/* Seen in the future: the clock was set back. Not noted anew, the session would outlive its
	 * idle time by as much. */
	if (call->route->is_idle || (seen <= call->now && call->now - seen < SEEN_GRAIN))
		return TRUE;
	transaction = sgp_transaction_begin(call->database, error);
	return transaction != NULL &&
	       sgp_database_run(call->database, error, NULL,
		       "UPDATE sessions SET seen = $1 WHERE token_hash = $2", "ib", call->now,
		       call->session) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_session_store_resume:
 *
 * Finds the session of the request's cookie: 15 idle minutes, 8 hours in all, and only while the
 * customer is registered.
 *
 * Returns: whether there is one; sets handle and session.
 */
gboolean sgp_session_store_resume(SgpCall *call, GError **error)
{
	g_autofree char *token = sgp_call_dup_cookie(call, SGP_SESSION_COOKIE);
	g_autoptr(GBytes) hash = token != NULL ? sgp_token_hash(token) : NULL;
	g_autoptr(SgpRows) rows = NULL;

	if (hash == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_LOGGED_IN, "Log in first.");
	rows = sgp_database_query(call->database, error,
		"SELECT s.handle, s.seen FROM sessions s JOIN customers c ON c.handle = s.handle "
		"WHERE s.token_hash = $1 AND s.seen > $2 AND s.created > $3 "
		"AND c.state = 'registered'",
		"bii", hash, call->now - SGP_PROTOCOL_IDLE_SECONDS,
		call->now - SGP_PROTOCOL_SESSION_SECONDS);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(
			error, SGP_PROBLEM_NOT_LOGGED_IN, "The session has ended; log in again.");
	call->handle = g_strdup(sgp_rows_get_text(rows, 0, 0));
	call->session = g_steal_pointer(&hash);
	sgp_call_enter_customer(call, call->handle);
	return touch(call, sgp_rows_get_integer(rows, 0, 1), error);
}

/**
 * sgp_session_store_end:
 *
 * Ends the session of @call and deletes its cookie.
 *
 * Returns: whether that is on disk.
 */
gboolean sgp_session_store_end(SgpCall *call, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(call->database, error);

	if (transaction == NULL ||
		!sgp_database_run(call->database, error, NULL,
			"DELETE FROM sessions WHERE token_hash = $1", "b", call->session) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	sgp_call_set_cookie(call, SGP_SESSION_COOKIE, "", -1);
	return TRUE;
}

/**
 * sgp_session_store_list:
 *
 * Returns: (transfer full) (nullable): token hash, begin, last activity and browser of each session
 * of the customer that has not run out, the newest first; %NULL on error.
 */
SgpRows *sgp_session_store_list(SgpCall *call, GError **error)
{
	return sgp_database_query(call->database, error,
		"SELECT token_hash, created, seen, client FROM sessions WHERE handle = $1 "
		"AND seen > $2 AND created > $3 ORDER BY created DESC, token_hash",
		"sii", call->handle, call->now - SGP_PROTOCOL_IDLE_SECONDS,
		call->now - SGP_PROTOCOL_SESSION_SECONDS);
}

/**
 * sgp_session_store_dup_id:
 *
 * Returns: (transfer full): a name for the session that opens nothing, not even in a thief's hands.
 */
char *sgp_session_store_dup_id(GBytes *token_hash)
{
	guint8 id[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(id, g_bytes_get_data(token_hash, NULL), g_bytes_get_size(token_hash));
	return sgp_protocol_encode_b64u(id, 16);
}

/**
 * sgp_session_store_get_idle_left:
 *
 * Returns: seconds until the session of @call ends if nothing happens; -1 on error.
 */
gint64 sgp_session_store_get_idle_left(SgpCall *call, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(call->database, error,
		"SELECT seen, created FROM sessions WHERE token_hash = $1", "b", call->session);
	gint64 idle = 0;
	gint64 whole = 0;

	if (rows == NULL)
		return -1;
	if (sgp_rows_get_count(rows) == 0)
		return 0;
	idle = sgp_rows_get_integer(rows, 0, 0) + SGP_PROTOCOL_IDLE_SECONDS - call->now;
	whole = sgp_rows_get_integer(rows, 0, 1) + SGP_PROTOCOL_SESSION_SECONDS - call->now;
	return MAX(MIN(idle, whole), 0);
}

/**
 * sgp_session_store_find_device:
 *
 * Finds the device of the request's bearer token.
 *
 * Returns: whether it is enrolled; sets staff and device. Otherwise %SGP_PROBLEM_DEVICE_REVOKED, or
 * %SGP_PROBLEM_BUSY if it has to be approved first.
 */
gboolean sgp_session_store_find_device(SgpCall *call, GError **error)
{
	const char *header = sgp_call_get_header(call, "authorization");
	g_autoptr(GBytes) hash = NULL;
	g_autoptr(SgpRows) rows = NULL;

	if (header == NULL || !g_str_has_prefix(header, "Bearer "))
		return sgp_call_refuse(
			error, SGP_PROBLEM_DEVICE_REVOKED, "This needs a device token.");
	hash = sgp_token_hash(header + strlen("Bearer "));
	rows = sgp_database_query(call->database, error,
		"SELECT id, staff, state FROM devices WHERE token_hash = $1 AND revoked = 0", "b",
		hash);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		return sgp_call_refuse(error, SGP_PROBLEM_DEVICE_REVOKED,
			"This device was never enrolled here, or was revoked.");
	/* An enrolment token alone must not open the office: a colleague approves (test "a device
	 * that waits may ask for itself and the office and nothing else"). */
	if (strcmp(sgp_rows_get_text(rows, 0, 2), "approved") != 0 && !call->route->may_wait)
		return sgp_call_refuse(
			error, SGP_PROBLEM_BUSY, "A colleague has to approve this device first.");
	call->device = g_strdup(sgp_rows_get_text(rows, 0, 0));
	call->staff = g_strdup(sgp_rows_get_text(rows, 0, 1));
	return TRUE;
}

/**
 * sgp_session_store_sweep:
 *
 * Deletes sessions that have run out.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_session_store_sweep(SgpDatabase *database, gint64 now, GError **error)
{
	return sgp_database_run(database, error, NULL,
		"DELETE FROM sessions WHERE seen <= $1 OR created <= $2", "ii",
		now - SGP_PROTOCOL_IDLE_SECONDS, now - SGP_PROTOCOL_SESSION_SECONDS);
}
