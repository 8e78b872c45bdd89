/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard's part of a login: counted, on disk, and only then answered; known and unknown accounts
 * alike. It never sees a password, and never tells whether an account exists. */

#include "sgp-guard-private.h"

#include "sgp-protocol.h"

#include <sodium.h>
#include <string.h>

#define LOGIN_SECONDS 120

static char *name_device(GBytes *device)
{
	guint8 hash[32];

	crypto_hash_sha256(hash, g_bytes_get_data(device, NULL), g_bytes_get_size(device));
	return sgp_protocol_encode_hex(hash, sizeof hash);
}

/* A device that has logged in before counts in a bucket of its own, so that a stranger's guessing
 * cannot lock the owner out (threat 8; test "the owner still gets in"). */
static char *choose_bucket(SgpGuard *guard, const char *handle, GBytes *device, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(SgpRows) rows = NULL;

	if (device == NULL || g_bytes_get_size(device) != 32)
		return g_strconcat(SGP_GUARD_PASSWORD_BUCKET, handle, NULL);
	name = name_device(device);
	rows = sgp_database_query(guard->store, error,
		"SELECT 1 FROM known_devices WHERE device = $1 AND handle = $2", "ss", name,
		handle);
	if (rows == NULL)
		return NULL;
	if (sgp_rows_get_count(rows) == 0)
		return g_strconcat(SGP_GUARD_PASSWORD_BUCKET, handle, NULL);
	return g_strconcat(SGP_GUARD_PASSWORD_BUCKET, handle, "/", name, NULL);
}

/**
 * sgp_guard_answer:
 * @record: (nullable): %NULL for an account that must not get in
 *
 * The caller has counted it.
 *
 * Returns: whether @ke1 is well formed.
 */
gboolean sgp_guard_answer(SgpGuard *guard, const char *handle, SgpGuardRecord which, GBytes *record,
	GBytes *ke1, guint8 ke2[SGP_OPAQUE_KE2_SIZE], guint8 expected[SGP_OPAQUE_KE3_SIZE])
{
	g_autofree char *identifier = sgp_guard_name_record(handle, which);
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE];
	guint8 fake[SGP_OPAQUE_RECORD_SIZE];
	guint8 secret[64];
	SgpOpaqueCoins coins;
	const guint8 *chosen = fake;
	gboolean good = FALSE;

	if (g_bytes_get_size(ke1) != SGP_OPAQUE_KE1_SIZE)
		return FALSE;
	/* The fake record is made for everybody, so that the time it takes tells nothing (threat
	 * 9). */
	sgp_guard_derive(guard, handle, "fake", secret);
	if (!sgp_opaque_fake_record(secret, fake))
		return FALSE;
	if (record != NULL)
		chosen = g_bytes_get_data(record, NULL);
	sgp_opaque_coins_draw(&coins);
	good = sgp_opaque_answer_login(&guard->keys, NULL, &coins, identifier, chosen,
		g_bytes_get_data(ke1, NULL), ke2, expected, session_key);
	sodium_memzero(session_key, sizeof session_key);
	sodium_memzero(&coins, sizeof coins);
	return good;
}

/**
 * sgp_guard_remember_login:
 *
 * Within the caller's transaction. @bucket also says what the login is good for.
 *
 * Returns: whether it is in the store.
 */
gboolean sgp_guard_remember_login(SgpGuard *guard, GBytes *login, const char *handle,
	const char *bucket, GBytes *expected, gboolean real, gint64 now, GError **error)
{
	return sgp_database_run(guard->store, error, NULL,
		"INSERT INTO logins (login, handle, bucket, expected, real, expires) "
		"VALUES ($1, $2, $3, $4, $5, $6)",
		"bssbii", login, handle, bucket, expected, (gint64)real, now + LOGIN_SECONDS);
}

/**
 * sgp_guard_start_login:
 * @record: (nullable): the account's record; %NULL for an account that must not get in
 * @device: (nullable): the secret of a device that logged in before
 * @now: seconds since 1970
 * @login: (out): names this try; single use, %LOGIN_SECONDS
 * @ke2: (out): the answer
 * @retry_after: (out): seconds, set with %SGP_PROBLEM_TOO_MANY_TRIES
 *
 * Counts, commits, and only then answers (threat 36). Unknown accounts are counted and answered
 * alike.
 *
 * Returns: whether there is an answer.
 */
gboolean sgp_guard_start_login(SgpGuard *guard, const char *handle, GBytes *record, GBytes *ke1,
	GBytes *device, gint64 now, GBytes **login, GBytes **ke2, gint64 *retry_after,
	GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autofree char *bucket = NULL;
	g_autoptr(GBytes) name = NULL;
	g_autoptr(GBytes) expected = NULL;
	guint8 ke2_data[SGP_OPAQUE_KE2_SIZE];
	guint8 ke3_data[SGP_OPAQUE_KE3_SIZE];
	guint8 random[32];
	gboolean allowed = FALSE;
	gboolean good = FALSE;

	bucket = transaction != NULL ? choose_bucket(guard, handle, device, error) : NULL;
	if (bucket == NULL ||
		!sgp_guard_count_try(guard, bucket, now, retry_after, &allowed, error))
		return FALSE;
	if (!allowed)
		return sgp_guard_refuse_try(error);
	/* A malformed request is answered by an error, but it has been counted (threat 37). */
	good = sgp_guard_answer(
		guard, handle, SGP_GUARD_RECORD_PASSWORD, record, ke1, ke2_data, ke3_data);
	randombytes_buf(random, sizeof random);
	name = g_bytes_new(random, sizeof random);
	expected = g_bytes_new(ke3_data, sizeof ke3_data);
	if (good && !sgp_guard_remember_login(
			    guard, name, handle, bucket, expected, record != NULL, now, error))
		return FALSE;
	if (!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (!good) {
		g_set_error_literal(
			error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, "not a login request");
		return FALSE;
	}
	*login = g_steal_pointer(&name);
	*ke2 = g_bytes_new(ke2_data, sizeof ke2_data);
	return TRUE;
}

static gboolean reward(
	SgpGuard *guard, const char *bucket, SgpGuardLogin *result, gint64 now, GError **error)
{
	g_autofree char *recovery = g_strconcat(SGP_GUARD_RECOVERY_BUCKET, result->handle, NULL);
	g_autofree char *change = g_strconcat(SGP_GUARD_CHANGE_BUCKET, result->handle, NULL);
	g_autoptr(GBytes) device = NULL;
	g_autofree char *name = NULL;

	randombytes_buf(result->device, sizeof result->device);
	device = g_bytes_new(result->device, sizeof result->device);
	name = name_device(device);
	return sgp_database_run(guard->store, error, NULL,
		       "DELETE FROM tries WHERE bucket IN ($1, $2, $3)", "sss", bucket, recovery,
		       change) &&
	       sgp_database_run(guard->store, error, NULL,
		       "INSERT INTO known_devices (device, handle, seen) VALUES ($1, $2, $3)",
		       "ssi", name, result->handle, now);
}

/* An answer of the recovery finishes no login, and a password no recovery (test "what one door
 * opens does not open the other"). */
static gboolean matches(const SgpRows *rows, const char *prefix, GBytes *ke3, gint64 now)
{
	g_autoptr(GBytes) expected = NULL;

	if (sgp_rows_get_count(rows) != 1 ||
		!g_str_has_prefix(sgp_rows_get_text(rows, 0, 1), prefix) ||
		g_bytes_get_size(ke3) != SGP_OPAQUE_KE3_SIZE)
		return FALSE;
	expected = sgp_rows_dup_bytes(rows, 0, 2);
	return sodium_memcmp(g_bytes_get_data(expected, NULL), g_bytes_get_data(ke3, NULL),
		       SGP_OPAQUE_KE3_SIZE) == 0 &&
	       sgp_rows_get_integer(rows, 0, 3) != 0 && sgp_rows_get_integer(rows, 0, 4) > now;
}

/**
 * sgp_guard_take_login:
 * @prefix: of the buckets that it may be good for
 * @bucket: (out): the login's own, or %NULL if there was none
 * @handle: (out): whose, or %NULL if there was none
 * @right: (out): whether @ke3 is the one that was expected
 *
 * Uses @login up, whatever comes of it. Within the caller's transaction.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_guard_take_login(SgpGuard *guard, GBytes *login, const char *prefix, GBytes *ke3,
	gint64 now, char **bucket, char **handle, gboolean *right, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(guard->store, error,
		"SELECT handle, bucket, expected, real, expires FROM logins WHERE login = $1", "b",
		login);

	if (rows == NULL || !sgp_database_run(guard->store, error, NULL,
				    "DELETE FROM logins WHERE login = $1", "b", login))
		return FALSE;
	*right = matches(rows, prefix, ke3, now);
	if (sgp_rows_get_count(rows) == 1) {
		*handle = g_strdup(sgp_rows_get_text(rows, 0, 0));
		*bucket = g_strdup(sgp_rows_get_text(rows, 0, 1));
	}
	return TRUE;
}

/**
 * sgp_guard_finish_login:
 *
 * Uses @login up, whatever comes of it, and resets the counters if @ke3 is right.
 *
 * Returns: (transfer full) (nullable): who logged in; %SGP_PROBLEM_WRONG_PASSWORD otherwise.
 */
SgpGuardLogin *sgp_guard_finish_login(
	SgpGuard *guard, GBytes *login, GBytes *ke3, gint64 now, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autoptr(SgpGuardLogin) result = NULL;
	g_autofree char *bucket = NULL;
	g_autofree char *handle = NULL;
	gboolean right = FALSE;

	if (transaction == NULL || !sgp_guard_take_login(guard, login, SGP_GUARD_PASSWORD_BUCKET,
					   ke3, now, &bucket, &handle, &right, error))
		return NULL;
	if (right) {
		result = g_new0(SgpGuardLogin, 1);
		result->handle = g_steal_pointer(&handle);
		if (!reward(guard, bucket, result, now, error))
			return NULL;
	}
	if (!sgp_transaction_commit(transaction, error))
		return NULL;
	if (result == NULL)
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_WRONG_PASSWORD,
			"address or password is wrong");
	return g_steal_pointer(&result);
}

/**
 * sgp_guard_login_free:
 * @login: (transfer full) (nullable):
 */
void sgp_guard_login_free(SgpGuardLogin *login)
{
	if (login == NULL)
		return;
	g_free(login->handle);
	sodium_memzero(login, sizeof *login);
	g_free(login);
}
