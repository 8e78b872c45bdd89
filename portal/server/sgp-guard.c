/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard: counters in a store of their own, one answer for one counted try. It never sees a
 * password, knows no message and no session, and never tells whether an account exists. */

#include "sgp-guard-private.h"

#include "sgp-database-postgres.h"
#include "sgp-database-sqlite.h"
#include "sgp-protocol.h"

#include <sodium.h>
#include <string.h>

#define DEVICE_SECONDS (G_GINT64_CONSTANT(180) * 24 * 60 * 60)
#define FORGET_SECONDS (G_GINT64_CONSTANT(90) * 24 * 60 * 60)

/* Tries in a row that cost nothing, the first wait after them, which doubles, and the longest:
 * about 30 guesses on the first day and 24 on each other (test /guard/guesses-a-day-are-few). */
#define FREE_TRIES   5
#define FIRST_WAIT   30
#define LONGEST_WAIT (60 * 60)

/* Several nodes: a node that made itself a key of its own would answer every customer as a
 * stranger, and every second login would fail. The first node leaves a fingerprint of its keys. */
static gboolean is_the_same_guard(SgpGuard *guard, GError **error)
{
	guint8 mark[crypto_auth_hmacsha256_BYTES];
	g_autoptr(GBytes) mine = NULL;
	g_autoptr(GBytes) known = NULL;
	g_autoptr(SgpRows) rows = NULL;
	g_autoptr(SgpTransaction) transaction = NULL;

	crypto_auth_hmacsha256(mark, (const guint8 *)"sgp1 guard", 10, guard->enumeration_key);
	mine = g_bytes_new(mark, sizeof mark);
	transaction = sgp_transaction_begin(guard->store, error);
	if (transaction == NULL || !sgp_database_run(guard->store, error, NULL,
					   "INSERT INTO guard (id, mark) VALUES (1, $1) "
					   "ON CONFLICT (id) DO NOTHING",
					   "b", mine))
		return FALSE;
	rows = sgp_database_query(guard->store, error, "SELECT mark FROM guard WHERE id = 1", "");
	if (rows == NULL || !sgp_transaction_commit(transaction, error))
		return FALSE;
	known = sgp_rows_dup_bytes(rows, 0, 0);
	return g_bytes_equal(mine, known) ||
	       sgp_guard_fail(error, "guard.key is not the one of the other nodes; copy theirs");
}

/* A credential that the service manager hands over (LoadCredential=guard.key:...) comes first: then
 * the key lies nowhere in the data directory. */
static char *find_key(const char *directory)
{
	const char *credentials = g_getenv("CREDENTIALS_DIRECTORY");
	g_autofree char *given =
		credentials != NULL ? g_build_filename(credentials, "guard.key", NULL) : NULL;

	if (given != NULL && g_file_test(given, G_FILE_TEST_EXISTS))
		return g_steal_pointer(&given);
	return g_build_filename(directory, "guard.key", NULL);
}

/**
 * sgp_guard_open:
 * @directory: the portal's data directory
 * @database: (nullable): PostgreSQL's address; then the counters are there, for all nodes
 *
 * Opens the guard's keys ("guard.key") and counters ("guard.db"); makes them at the first start. A
 * store without its keys is refused: new keys would turn every account into a stranger.
 *
 * Returns: (transfer full) (nullable): the guard, or %NULL on error.
 */
SgpGuard *sgp_guard_open(const char *directory, const char *database, GError **error)
{
	g_autofree char *key_path = find_key(directory);
	g_autofree char *store_path = g_build_filename(directory, "guard.db", NULL);
	g_autoptr(SgpGuard) guard = g_new0(SgpGuard, 1);

	g_mutex_init(&guard->lock);
	if (!g_file_test(key_path, G_FILE_TEST_EXISTS)) {
		if (g_file_test(store_path, G_FILE_TEST_EXISTS)) {
			sgp_guard_fail(error,
				"guard.key is missing; restore it, nobody can log in without");
			return NULL;
		}
		if (!sgp_guard_write_keys(key_path, directory, error))
			return NULL;
	}
	if (!sgp_guard_read_keys(guard, key_path, error))
		return NULL;
	/* The counters in a schema of their own, which an administrator may give to another role:
	 * they never stand beside what they protect. */
	guard->store = database != NULL ? sgp_database_postgres_open(database, "siegelpost_guard",
						  "/org/siegelpost/portal/sql/postgres-guard/",
						  SGP_POSTGRES_IN_TURN, error)
					: sgp_database_sqlite_open(store_path,
						  "/org/siegelpost/portal/sql/guard/", error);
	if (guard->store == NULL || (database != NULL && !is_the_same_guard(guard, error)))
		return NULL;
	return g_steal_pointer(&guard);
}

/**
 * sgp_guard_free:
 * @guard: (transfer full) (nullable): its keys are wiped
 */
void sgp_guard_free(SgpGuard *guard)
{
	if (guard == NULL)
		return;
	sgp_database_close(guard->store);
	g_mutex_clear(&guard->lock);
	sodium_memzero(guard, sizeof *guard);
	g_free(guard);
}

/**
 * sgp_guard_dup_handle:
 * @address: canonical
 *
 * Returns: (transfer full): the handle, for known and unknown addresses alike.
 */
char *sgp_guard_dup_handle(SgpGuard *guard, const char *address)
{
	guint8 mac[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, guard->enumeration_key, SGP_GUARD_ENUMERATION_SIZE);
	crypto_auth_hmacsha256_update(&state, (const guint8 *)address, strlen(address));
	crypto_auth_hmacsha256_final(&state, mac);
	return sgp_protocol_encode_hex(mac, SGP_PROTOCOL_HANDLE_LENGTH / 2);
}

void sgp_guard_derive(SgpGuard *guard, const char *handle, const char *purpose, guint8 out[64])
{
	g_autofree char *input = g_strdup_printf("%s/%s", purpose, handle);

	/* A label that no address can equal keeps this apart from the handles of the same key. */
	sgp_hkdf_sha512_extract(
		guard->enumeration_key, SGP_GUARD_ENUMERATION_SIZE, input, strlen(input), out);
}

/**
 * sgp_guard_dup_decoy:
 * @purpose: what it stands in for
 * @size: at most 16,320 bytes
 *
 * Returns: (transfer full): bytes that look random, always the same for @handle and @purpose.
 */
GBytes *sgp_guard_dup_decoy(SgpGuard *guard, const char *handle, const char *purpose, gsize size)
{
	guint8 secret[64];
	guint8 *out = g_malloc(size);

	sgp_guard_derive(guard, handle, purpose, secret);
	sgp_hkdf_sha512_expand(secret, "sgp1 decoy", 10, out, size);
	return g_bytes_new_take(out, size);
}

static gint64 wait_for(gint64 count)
{
	gint64 wait = FIRST_WAIT;

	if (count < FREE_TRIES)
		return 0;
	for (gint64 i = FREE_TRIES; i < count && wait < LONGEST_WAIT; i++)
		wait *= 2;
	return MIN(wait, (gint64)LONGEST_WAIT);
}

/**
 * sgp_guard_add_try:
 *
 * Within the caller's transaction.
 *
 * Returns: whether one more try is counted.
 */
gboolean sgp_guard_add_try(SgpGuard *guard, const char *bucket, gint64 now, GError **error)
{
	return sgp_database_run(guard->store, error, NULL,
		"INSERT INTO tries (bucket, count, last) VALUES ($1, 1, $2) "
		"ON CONFLICT (bucket) DO UPDATE SET count = tries.count + 1, last = $2",
		"si", bucket, now);
}

/* How long to wait after @count tries, the last of which was at @last. Nodes' clocks differ a
 * little; a last try that lies further ahead was made while the clock was wrong. It is let through
 * once and counted, and the next wait runs from now: else whoever tried on that day would be kept
 * out until it comes (test /guard/a-clock-that-was-wrong-keeps-nobody-out-for-years). */
static gint64 get_wait(gint64 count, gint64 last, gint64 now)
{
	gint64 wait = wait_for(count);

	return wait == 0 || last - now > LONGEST_WAIT ? 0 : last + wait - now;
}

/* Within the caller's transaction. Refused tries are not counted: they get no answer either. */
gboolean sgp_guard_count_try(SgpGuard *guard, const char *bucket, gint64 now, gint64 *retry_after,
	gboolean *allowed, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(guard->store, error,
		"SELECT count, last FROM tries WHERE bucket = $1", "s", bucket);
	gint64 wait = 0;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 1)
		wait = get_wait(
			sgp_rows_get_integer(rows, 0, 0), sgp_rows_get_integer(rows, 0, 1), now);
	*allowed = wait <= 0;
	*retry_after = MAX(wait, 0);
	return !*allowed || sgp_guard_add_try(guard, bucket, now, error);
}

gboolean sgp_guard_refuse_try(GError **error)
{
	g_set_error_literal(
		error, SGP_PROBLEM_ERROR, SGP_PROBLEM_TOO_MANY_TRIES, "too many tries in a row");
	return FALSE;
}

/* One bucket, one try, on disk. */
static gboolean count_alone(
	SgpGuard *guard, const char *bucket, gint64 now, gint64 *retry_after, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	gboolean allowed = FALSE;

	if (transaction == NULL ||
		!sgp_guard_count_try(guard, bucket, now, retry_after, &allowed, error))
		return FALSE;
	if (!allowed)
		return sgp_guard_refuse_try(error);
	return sgp_transaction_commit(transaction, error);
}

/**
 * sgp_guard_count_registration:
 * @retry_after: (out): seconds, set with %SGP_PROBLEM_TOO_MANY_TRIES
 *
 * Counts one beginning of a registration, on disk, before anything is evaluated for it. Only for
 * callers who have shown the right code: a counter that a stranger can fill would let him stop the
 * owner (threat 8; test "a stranger without the code cannot stop a registration"), and one for each
 * handle that a stranger thinks of would grow without end.
 *
 * Returns: whether it may be answered.
 */
gboolean sgp_guard_count_registration(SgpGuard *guard, const char *handle, gint64 generation,
	gint64 now, gint64 *retry_after, GError **error)
{
	g_autofree char *bucket = g_strdup_printf("code/%s/%" G_GINT64_FORMAT, handle, generation);

	return count_alone(guard, bucket, now, retry_after, error);
}

/**
 * sgp_guard_count_change:
 * @retry_after: (out): seconds, set with %SGP_PROBLEM_TOO_MANY_TRIES
 *
 * Counts the beginning of a change of password or answer, on disk, before anything is evaluated for
 * it: the evaluation is the one that a login uses, so that whoever has a stolen session and one KE2
 * could guess with it as often as he likes (test "a session is no oracle for the password").
 * Only a finished login or recovery resets it: that takes the password, or mailbox and proof.
 *
 * Returns: whether it may be answered.
 */
gboolean sgp_guard_count_change(
	SgpGuard *guard, const char *handle, gint64 now, gint64 *retry_after, GError **error)
{
	g_autofree char *bucket = g_strconcat(SGP_GUARD_CHANGE_BUCKET, handle, NULL);

	return count_alone(guard, bucket, now, retry_after, error);
}

char *sgp_guard_name_record(const char *handle, SgpGuardRecord which)
{
	switch (which) {
	case SGP_GUARD_RECORD_PASSWORD:
		return g_strconcat(handle, "/pw", NULL);
	case SGP_GUARD_RECORD_ANSWER:
		return g_strconcat(handle, "/rec", NULL);
	case SGP_GUARD_RECORD_NONE:
		break;
	}
	g_return_val_if_reached(NULL);
}

/**
 * sgp_guard_register:
 * @request: OPAQUE's registration request
 *
 * The caller has had it counted by sgp_guard_count_registration().
 *
 * Returns: (transfer full) (nullable): the response; %SGP_PROBLEM_BAD_REQUEST if @request is not
 * a group element.
 */
GBytes *sgp_guard_register(
	SgpGuard *guard, const char *handle, SgpGuardRecord which, GBytes *request, GError **error)
{
	g_autofree char *identifier = sgp_guard_name_record(handle, which);
	guint8 response[SGP_OPAQUE_REGISTRATION_RESPONSE];

	if (g_bytes_get_size(request) != SGP_OPAQUE_REGISTRATION_REQUEST ||
		!sgp_opaque_register(
			&guard->keys, identifier, g_bytes_get_data(request, NULL), response)) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
			"not a registration request");
		return NULL;
	}
	return g_bytes_new(response, sizeof response);
}

/**
 * sgp_guard_is_record:
 *
 * Returns: whether @record has the form of an OPAQUE record.
 */
gboolean sgp_guard_is_record(GBytes *record)
{
	return record != NULL && g_bytes_get_size(record) == SGP_OPAQUE_RECORD_SIZE &&
	       sgp_opaque_is_record(g_bytes_get_data(record, NULL));
}

/**
 * sgp_guard_sweep:
 *
 * Forgets logins that were never finished, devices not seen for long, and the counters of accounts
 * nobody tried for ninety days.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_guard_sweep(SgpGuard *guard, gint64 now, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);

	return transaction != NULL &&
	       sgp_database_run(guard->store, error, NULL, "DELETE FROM logins WHERE expires <= $1",
		       "i", now) &&
	       sgp_database_run(guard->store, error, NULL,
		       "DELETE FROM known_devices WHERE seen <= $1", "i", now - DEVICE_SECONDS) &&
	       /* The tries of a recovery count until a success, however long that takes. */
	       sgp_database_run(guard->store, error, NULL,
		       "DELETE FROM tries WHERE last <= $1 AND bucket NOT LIKE 'rec/%'", "i",
		       now - FORGET_SECONDS) &&
	       sgp_database_run(guard->store, error, NULL, "DELETE FROM episodes WHERE began <= $1",
		       "i", now - SGP_GUARD_DAY) &&
	       sgp_transaction_commit(transaction, error);
}
