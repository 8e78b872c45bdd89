/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The guard's part of a recovery: five tries in an episode, three episodes a day, ten tries since
 * the last success; each counted and on disk before anything is evaluated. It sends no link, knows
 * no state of an account, and never tells what was wrong. */

#include "sgp-guard-private.h"

#include "sgp-protocol.h"

#include <sodium.h>
#include <string.h>

#define EPISODE_SECONDS  (15 * 60)
#define EPISODE_TRIES    5
#define EPISODES_A_DAY   3
#define TRIES_TO_SUCCESS 10
/* A login lives 120 seconds: after that, the last try has failed. */
#define LAST_TRY_SECONDS 300

static char *name_bucket(const char *handle)
{
	return g_strconcat(SGP_GUARD_RECOVERY_BUCKET, handle, NULL);
}

/* Episodes are kept as hashes, as all tokens are. */
static GBytes *hash_recovery(GBytes *recovery)
{
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, g_bytes_get_data(recovery, NULL), g_bytes_get_size(recovery));
	return g_bytes_new(hash, sizeof hash);
}

static gboolean look_at_tries(
	SgpGuard *guard, const char *handle, gboolean *exhausted, GError **error)
{
	g_autofree char *bucket = name_bucket(handle);
	g_autoptr(SgpRows) rows = sgp_database_query(
		guard->store, error, "SELECT count FROM tries WHERE bucket = $1", "s", bucket);

	if (rows == NULL)
		return FALSE;
	*exhausted = sgp_rows_get_count(rows) == 1 &&
		     sgp_rows_get_integer(rows, 0, 0) >= TRIES_TO_SUCCESS;
	return TRUE;
}

static gboolean look_at_day(SgpGuard *guard, const char *handle, gint64 now, SgpGuardRecovery *what,
	gint64 *retry_after, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(guard->store, error,
		/* What lies more than a day ahead began while the clock was wrong. */
		"SELECT began FROM episodes WHERE handle = $1 AND began > $2 AND began <= $4 "
		"ORDER BY began DESC LIMIT $3",
		"siii", handle, now - SGP_GUARD_DAY, (gint64)EPISODES_A_DAY, now + SGP_GUARD_DAY);

	if (rows == NULL)
		return FALSE;
	*what = SGP_GUARD_RECOVERY_COUNTED;
	if (sgp_rows_get_count(rows) == EPISODES_A_DAY) {
		*what = SGP_GUARD_RECOVERY_OVER;
		*retry_after =
			MAX(sgp_rows_get_integer(rows, EPISODES_A_DAY - 1, 0) + SGP_GUARD_DAY - now,
				G_GINT64_CONSTANT(1));
	}
	return TRUE;
}

/**
 * sgp_guard_begin_recovery:
 * @recovery: the secret that names the episode from now on
 * @what: (out): %SGP_GUARD_RECOVERY_COUNTED if it has begun
 * @retry_after: (out): seconds, set with %SGP_GUARD_RECOVERY_OVER
 *
 * Returns: whether the store could be read, and the episode is in it.
 */
gboolean sgp_guard_begin_recovery(SgpGuard *guard, const char *handle, GBytes *recovery, gint64 now,
	SgpGuardRecovery *what, gint64 *retry_after, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autoptr(GBytes) hash = hash_recovery(recovery);
	gboolean exhausted = FALSE;

	if (transaction == NULL || !look_at_tries(guard, handle, &exhausted, error))
		return FALSE;
	if (exhausted) {
		*what = SGP_GUARD_RECOVERY_EXHAUSTED;
		return TRUE;
	}
	if (!look_at_day(guard, handle, now, what, retry_after, error))
		return FALSE;
	if (*what != SGP_GUARD_RECOVERY_COUNTED)
		return TRUE;
	return sgp_database_run(guard->store, error, NULL,
		       "INSERT INTO episodes (recovery, handle, began, expires, tries) "
		       "VALUES ($1, $2, $3, $4, 0)",
		       "bsii", hash, handle, now, now + EPISODE_SECONDS) &&
	       sgp_transaction_commit(transaction, error);
}

/* Within the caller's transaction, which holds the store for itself: two at a time cannot both be
 * the fifth (test "many tries at once are no more than five"). */
static gboolean count(SgpGuard *guard, GBytes *hash, const char *handle, gint64 tries, gint64 now,
	SgpGuardRecovery *what, GError **error)
{
	g_autofree char *bucket = name_bucket(handle);
	gboolean exhausted = FALSE;

	if (!look_at_tries(guard, handle, &exhausted, error))
		return FALSE;
	if (exhausted || tries >= EPISODE_TRIES) {
		*what = exhausted ? SGP_GUARD_RECOVERY_EXHAUSTED : SGP_GUARD_RECOVERY_OVER;
		return TRUE;
	}
	*what = SGP_GUARD_RECOVERY_COUNTED;
	return sgp_guard_add_try(guard, bucket, now, error) &&
	       sgp_database_run(guard->store, error, NULL,
		       "UPDATE episodes SET tries = tries + 1 WHERE recovery = $1", "b", hash);
}

/**
 * sgp_guard_count_recovery:
 * @what: (out): %SGP_GUARD_RECOVERY_COUNTED if it may be evaluated now
 * @handle: (out): (transfer full): whose episode it is, or %NULL with %SGP_GUARD_RECOVERY_UNKNOWN
 *
 * Counts one try at answer or code, on disk, before anything is evaluated for it (threat 36).
 *
 * Returns: whether the store could be read, and the try is in it.
 */
gboolean sgp_guard_count_recovery(SgpGuard *guard, GBytes *recovery, gint64 now,
	SgpGuardRecovery *what, char **handle, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autoptr(GBytes) hash = hash_recovery(recovery);
	g_autoptr(SgpRows) rows = NULL;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(guard->store, error,
		"SELECT handle, tries FROM episodes WHERE recovery = $1 AND expires > $2", "bi",
		hash, now);
	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0) {
		*what = SGP_GUARD_RECOVERY_UNKNOWN;
		return TRUE;
	}
	if (!count(guard, hash, sgp_rows_get_text(rows, 0, 0), sgp_rows_get_integer(rows, 0, 1),
		    now, what, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	*handle = g_strdup(sgp_rows_get_text(rows, 0, 0));
	return TRUE;
}

/**
 * sgp_guard_start_recovery:
 * @record: (nullable): the account's record; %NULL for an account that must not get in
 * @login: (out): names this try; single use
 * @ke2: (out): the answer
 *
 * Only for what sgp_guard_count_recovery() has counted.
 *
 * Returns: whether there is an answer.
 */
gboolean sgp_guard_start_recovery(SgpGuard *guard, const char *handle, GBytes *record, GBytes *ke1,
	gint64 now, GBytes **login, GBytes **ke2, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autofree char *bucket = name_bucket(handle);
	g_autoptr(GBytes) name = NULL;
	g_autoptr(GBytes) expected = NULL;
	guint8 ke2_data[SGP_OPAQUE_KE2_SIZE];
	guint8 ke3_data[SGP_OPAQUE_KE3_SIZE];
	guint8 random[32];

	if (transaction == NULL)
		return FALSE;
	if (!sgp_guard_answer(
		    guard, handle, SGP_GUARD_RECORD_ANSWER, record, ke1, ke2_data, ke3_data)) {
		g_set_error_literal(
			error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, "not a login request");
		return FALSE;
	}
	randombytes_buf(random, sizeof random);
	name = g_bytes_new(random, sizeof random);
	expected = g_bytes_new(ke3_data, sizeof ke3_data);
	if (!sgp_guard_remember_login(
		    guard, name, handle, bucket, expected, record != NULL, now, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	*login = g_steal_pointer(&name);
	*ke2 = g_bytes_new(ke2_data, sizeof ke2_data);
	return TRUE;
}

/* The owner has shown mailbox and answer: what strangers tried at the password holds nobody up,
 * nor does what they began with a stolen session: the change that follows now must go through. */
static gboolean reward(SgpGuard *guard, const char *handle, GError **error)
{
	g_autofree char *recovery = name_bucket(handle);
	g_autofree char *password = g_strconcat(SGP_GUARD_PASSWORD_BUCKET, handle, NULL);
	g_autofree char *change = g_strconcat(SGP_GUARD_CHANGE_BUCKET, handle, NULL);
	g_autofree char *devices = g_strconcat(SGP_GUARD_PASSWORD_BUCKET, handle, "/%", NULL);

	return sgp_database_run(guard->store, error, NULL,
		"DELETE FROM tries WHERE bucket IN ($1, $2, $3) OR bucket LIKE $4", "ssss",
		recovery, password, change, devices);
}

/**
 * sgp_guard_finish_recovery:
 * @handle: (out): (transfer full): whose try it was, right or wrong; %NULL if there was none
 * @right: (out): whether the answer was right
 *
 * Uses @login up, whatever comes of it, and resets the counters if @ke3 is right.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_guard_finish_recovery(SgpGuard *guard, GBytes *login, GBytes *ke3, gint64 now,
	char **handle, gboolean *right, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);
	g_autofree char *bucket = NULL;
	g_autofree char *whose = NULL;
	gboolean good = FALSE;

	if (transaction == NULL || !sgp_guard_take_login(guard, login, SGP_GUARD_RECOVERY_BUCKET,
					   ke3, now, &bucket, &whose, &good, error))
		return FALSE;
	if ((good && !reward(guard, whose, error)) || !sgp_transaction_commit(transaction, error))
		return FALSE;
	*right = good;
	if (bucket != NULL && g_str_has_prefix(bucket, SGP_GUARD_RECOVERY_BUCKET))
		*handle = g_steal_pointer(&whose);
	return TRUE;
}

/**
 * sgp_guard_reward_recovery:
 *
 * A printed code was right: resets the counters.
 *
 * Returns: whether that is on disk.
 */
gboolean sgp_guard_reward_recovery(SgpGuard *guard, const char *handle, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);

	return transaction != NULL && reward(guard, handle, error) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_guard_is_exhausted:
 * @exhausted: (out): whether the account has had all its tries since the last success
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_guard_is_exhausted(
	SgpGuard *guard, const char *handle, gboolean *exhausted, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);

	return look_at_tries(guard, handle, exhausted, error);
}

/**
 * sgp_guard_dup_exhausted:
 *
 * Returns: (transfer full) (nullable) (element-type utf8): handles of accounts that have had all
 * their tries, the last of which can succeed no more; %NULL on error.
 */
GPtrArray *sgp_guard_dup_exhausted(SgpGuard *guard, gint64 now, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpRows) rows = sgp_database_query(guard->store, error,
		"SELECT bucket FROM tries WHERE bucket LIKE 'rec/%' AND count >= $1 AND last <= $2",
		"ii", (gint64)TRIES_TO_SUCCESS, now - LAST_TRY_SECONDS);
	GPtrArray *handles = NULL;

	if (rows == NULL)
		return NULL;
	handles = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < sgp_rows_get_count(rows); i++)
		g_ptr_array_add(handles, g_strdup(sgp_rows_get_text(rows, i, 0) +
						  strlen(SGP_GUARD_RECOVERY_BUCKET)));
	return handles;
}

static gboolean end_episodes(SgpGuard *guard, const char *handle, GError **error)
{
	return sgp_database_run(guard->store, error, NULL,
		       "UPDATE episodes SET expires = 0 WHERE handle = $1", "s", handle) &&
	       sgp_database_run(guard->store, error, NULL, "DELETE FROM logins WHERE handle = $1",
		       "s", handle);
}

static gboolean forget_tries(SgpGuard *guard, const char *handle, GError **error)
{
	g_autofree char *pattern = g_strconcat("%/", handle, "%", NULL);

	return sgp_database_run(guard->store, error, NULL, "DELETE FROM episodes WHERE handle = $1",
		       "s", handle) &&
	       sgp_database_run(guard->store, error, NULL, "DELETE FROM logins WHERE handle = $1",
		       "s", handle) &&
	       sgp_database_run(guard->store, error, NULL, "DELETE FROM tries WHERE bucket LIKE $1",
		       "s", pattern);
}

static gboolean forget(SgpGuard *guard, const char *handle, SgpGuardForget what, GError **error)
{
	switch (what) {
	case SGP_GUARD_FORGET_NOTHING:
		return TRUE;
	case SGP_GUARD_FORGET_EPISODES:
		return end_episodes(guard, handle, error);
	case SGP_GUARD_FORGET_TRIES:
		return forget_tries(guard, handle, error);
	case SGP_GUARD_FORGET_ALL:
		return forget_tries(guard, handle, error) &&
		       sgp_database_run(guard->store, error, NULL,
			       "DELETE FROM known_devices WHERE handle = $1", "s", handle);
	}
	return FALSE;
}

/**
 * sgp_guard_forget:
 *
 * Returns: whether @what is forgotten, on disk; again is no error.
 */
gboolean sgp_guard_forget(SgpGuard *guard, const char *handle, SgpGuardForget what, GError **error)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&guard->lock);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(guard->store, error);

	return transaction != NULL && forget(guard, handle, what, error) &&
	       sgp_transaction_commit(transaction, error);
}
