/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard: keys in a 0600 file of their own, counters in a store of their own, one answer for one
 * counted try. It never sees a password, knows no message and no session, and never tells whether
 * an account exists. */

#include "sgp-guard-private.h"

#include "sgp-database-postgres.h"
#include "sgp-database-sqlite.h"
#include "sgp-protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#define KEY_FILE_MAGIC "siegelpost guard 1\n"
#define LOGIN_SECONDS  120
#define DEVICE_SECONDS (G_GINT64_CONSTANT(180) * 24 * 60 * 60)
#define FORGET_SECONDS (G_GINT64_CONSTANT(90) * 24 * 60 * 60)

/* Tries in a row that cost nothing, the first wait after them, which doubles, and the longest:
 * about 30 guesses on the first day and 24 on each other (test /guard/guesses-a-day-are-few). */
#define FREE_TRIES   5
#define FIRST_WAIT   30
#define LONGEST_WAIT (60 * 60)

static gboolean fail(GError **error, const char *what)
{
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "guard: %s", what);
	return FALSE;
}

static gboolean write_key_file(const char *path, const char *directory, GError **error)
{
	g_autofree char *aside = g_strconcat(path, ".new", NULL);
	g_autoptr(GByteArray) content = g_byte_array_new();
	SgpOpaqueKeys keys;
	guint8 enumeration_key[SGP_GUARD_ENUMERATION_SIZE];
	int folder = -1;
	int file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	gboolean good = FALSE;

	if (file < 0)
		return fail(error, "the key file cannot be written");
	sgp_opaque_keys_generate(&keys);
	randombytes_buf(enumeration_key, sizeof enumeration_key);
	g_byte_array_append(content, (const guint8 *)KEY_FILE_MAGIC, sizeof KEY_FILE_MAGIC - 1);
	g_byte_array_append(content, keys.oprf_seed, sizeof keys.oprf_seed);
	g_byte_array_append(content, keys.private_key, sizeof keys.private_key);
	g_byte_array_append(content, enumeration_key, sizeof enumeration_key);
	good = write(file, content->data, content->len) == (gssize)content->len && fsync(file) == 0;
	close(file);
	sodium_memzero(content->data, content->len);
	sodium_memzero(&keys, sizeof keys);
	sodium_memzero(enumeration_key, sizeof enumeration_key);
	/* link, not rename: of two first starts at once, one must lose and read the other's. */
	good = good && (link(aside, path) == 0 || errno == EEXIST);
	unlink(aside);
	folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = good && folder >= 0 && fsync(folder) == 0;
	if (folder >= 0)
		close(folder);
	return good || fail(error, "the key file cannot be written");
}

static gboolean read_key_file(SgpGuard *guard, const char *path, GError **error)
{
	const gsize magic = sizeof KEY_FILE_MAGIC - 1;
	const gsize size =
		magic + SGP_OPAQUE_SEED_SIZE + SGP_OPAQUE_KEY_SIZE + SGP_GUARD_ENUMERATION_SIZE;
	g_autofree char *content = NULL;
	GStatBuf status;
	gsize length = 0;
	gboolean good = FALSE;

	if (g_stat(path, &status) != 0 || (status.st_mode & 077) != 0)
		return fail(error, "the key file is missing, or others may read it (chmod 600)");
	if (!g_file_get_contents(path, &content, &length, error))
		return FALSE;
	good = length == size && memcmp(content, KEY_FILE_MAGIC, magic) == 0;
	if (good) {
		const char *from = content + magic;

		memcpy(guard->keys.oprf_seed, from, SGP_OPAQUE_SEED_SIZE);
		from += SGP_OPAQUE_SEED_SIZE;
		memcpy(guard->keys.private_key, from, SGP_OPAQUE_KEY_SIZE);
		from += SGP_OPAQUE_KEY_SIZE;
		memcpy(guard->enumeration_key, from, SGP_GUARD_ENUMERATION_SIZE);
		good = sgp_opaque_keys_complete(&guard->keys);
	}
	sodium_memzero(content, length);
	return good || fail(error, "the key file is damaged");
}

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
	       fail(error, "guard.key is not the one of the other nodes; copy theirs");
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
	g_autofree char *key_path = g_build_filename(directory, "guard.key", NULL);
	g_autofree char *store_path = g_build_filename(directory, "guard.db", NULL);
	g_autoptr(SgpGuard) guard = g_new0(SgpGuard, 1);

	g_mutex_init(&guard->lock);
	if (!g_file_test(key_path, G_FILE_TEST_EXISTS)) {
		if (g_file_test(store_path, G_FILE_TEST_EXISTS)) {
			fail(error, "guard.key is missing; restore it, nobody can log in without");
			return NULL;
		}
		if (!write_key_file(key_path, directory, error))
			return NULL;
	}
	if (!read_key_file(guard, key_path, error))
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

static void derive(SgpGuard *guard, const char *handle, const char *purpose, guint8 out[64])
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

	derive(guard, handle, purpose, secret);
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

/* Within the caller's transaction. Refused tries are not counted: they get no answer either. */
static gboolean count_try(SgpGuard *guard, const char *bucket, gint64 now, gint64 *retry_after,
	gboolean *allowed, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(guard->store, error,
		"SELECT count, last FROM tries WHERE bucket = $1", "s", bucket);
	gint64 wait = 0;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 1)
		wait = sgp_rows_get_integer(rows, 0, 1) - now +
		       wait_for(sgp_rows_get_integer(rows, 0, 0));
	*allowed = wait <= 0;
	*retry_after = MAX(wait, 0);
	return !*allowed || sgp_guard_add_try(guard, bucket, now, error);
}

static gboolean refuse_try(GError **error)
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

	if (transaction == NULL || !count_try(guard, bucket, now, retry_after, &allowed, error))
		return FALSE;
	if (!allowed)
		return refuse_try(error);
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

static char *name_record(const char *handle, SgpGuardRecord which)
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
	g_autofree char *identifier = name_record(handle, which);
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
	g_autofree char *identifier = name_record(handle, which);
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
	derive(guard, handle, "fake", secret);
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
	if (bucket == NULL || !count_try(guard, bucket, now, retry_after, &allowed, error))
		return FALSE;
	if (!allowed)
		return refuse_try(error);
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
