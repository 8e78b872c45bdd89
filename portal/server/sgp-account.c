/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What ends, and what stays, when an account is frozen, reset or deleted: each in one transaction
 * of the caller's. What the guard must forget is committed there as a chore, because the guard has
 * a store of its own; done right afterwards, or by the janitor if the portal was killed in between.
 */

#include "sgp-account.h"

#include "sgp-message-store.h"
#include "sgp-protocol.h"

#include <string.h>

static const char *const chore_words[] = {
	[SGP_GUARD_FORGET_NOTHING] = "nothing",
	[SGP_GUARD_FORGET_EPISODES] = "episodes",
	[SGP_GUARD_FORGET_TRIES] = "tries",
	[SGP_GUARD_FORGET_ALL] = "all",
};

static gboolean run_each(SgpDatabase *database, const char *const *statements, gsize count,
	const char *handle, GError **error)
{
	for (gsize i = 0; i < count; i++) {
		if (!sgp_database_run(database, error, NULL, statements[i], "s", handle))
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_account_close_doors:
 *
 * Ends sessions, mailed links, and leaves to change the password. Within the caller's transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_account_close_doors(SgpDatabase *database, const char *handle, GError **error)
{
	static const char *const statements[] = {
		"DELETE FROM sessions WHERE handle = $1",
		"DELETE FROM recovery_links WHERE handle = $1",
		"DELETE FROM recovery_changes WHERE handle = $1",
		"DELETE FROM recovery_requests WHERE handle = $1",
		"DELETE FROM outbox WHERE handle = $1 AND kind = 'recovery' AND state = 'queued'",
	};

	return run_each(database, statements, G_N_ELEMENTS(statements), handle, error);
}

/**
 * sgp_account_add_chore:
 *
 * Within the caller's transaction; sgp_account_do_chores() after the commit.
 *
 * Returns: whether it is noted.
 */
gboolean sgp_account_add_chore(
	SgpDatabase *database, const char *handle, SgpGuardForget chore, GError **error)
{
	return sgp_database_run(database, error, NULL,
		"INSERT INTO guard_chores (handle, chore) VALUES ($1, $2) "
		"ON CONFLICT (handle, chore) DO NOTHING",
		"ss", handle, chore_words[chore]);
}

static SgpGuardForget chore_from_word(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(chore_words); i++) {
		if (strcmp(chore_words[i], word) == 0)
			return (SgpGuardForget)i;
	}
	return SGP_GUARD_FORGET_NOTHING;
}

static gboolean do_chore(SgpPortal *portal, SgpDatabase *database, const char *handle,
	const char *word, GError **error)
{
	g_autoptr(SgpTransaction) transaction = NULL;

	/* Forgetting twice is no harm, not forgetting would be: so the note goes last. */
	if (!sgp_guard_forget(portal->guard, handle, chore_from_word(word), error))
		return FALSE;
	transaction = sgp_transaction_begin(database, error);
	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "DELETE FROM guard_chores WHERE handle = $1 AND chore = $2", "ss", handle,
		       word) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_account_do_chores:
 *
 * Makes the guard forget what it is to forget. What fails stays noted for the next time.
 */
void sgp_account_do_chores(SgpPortal *portal, SgpDatabase *database)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpRows) rows =
		sgp_database_query(database, &error, "SELECT handle, chore FROM guard_chores", "");
	gboolean good = rows != NULL;

	for (guint i = 0; good && i < sgp_rows_get_count(rows); i++)
		good = do_chore(portal, database, sgp_rows_get_text(rows, i, 0),
			sgp_rows_get_text(rows, i, 1), &error);
	/* Another node did it at the same time: no news. */
	if (!good && !database->can_repeat)
		g_printerr("error chores=\"%s\"\n", error->message);
}

/**
 * sgp_account_freeze:
 * @event: (nullable): the event that tells staff of it
 * @frozen: (out): whether it was registered and is frozen now
 *
 * A frozen account looks like a wrong password everywhere. Within the caller's transaction.
 *
 * Returns: whether the store could be read.
 */
gboolean sgp_account_freeze(SgpDatabase *database, gint64 now, const char *handle,
	const char *event, gboolean *frozen, GError **error)
{
	gint64 changed = 0;

	if (!sgp_database_run(database, error, &changed,
		    "UPDATE customers SET state = 'frozen' WHERE handle = $1 "
		    "AND state = 'registered'",
		    "s", handle))
		return FALSE;
	*frozen = changed == 1;
	if (changed == 0)
		return TRUE;
	return sgp_account_close_doors(database, handle, error) &&
	       (event == NULL || sgp_event_add(database, now, event, handle, NULL, error));
}

/* Of what the guard is still to forget, nothing counts. Asked once more within the transaction: the
 * chore may have been done since the guard named the account. */
static gboolean is_still_exhausted(SgpPortal *portal, SgpDatabase *database, const char *handle,
	gboolean *exhausted, GError **error)
{
	g_autoptr(SgpRows) chores = sgp_database_query(
		database, error, "SELECT 1 FROM guard_chores WHERE handle = $1", "s", handle);

	*exhausted = FALSE;
	if (chores == NULL)
		return FALSE;
	return sgp_rows_get_count(chores) > 0 ||
	       sgp_guard_is_exhausted(portal->guard, handle, exhausted, error);
}

/**
 * sgp_account_freeze_exhausted:
 *
 * Freezes the accounts whose last try nobody finished; not those whose tries are to be forgotten.
 *
 * Returns: whether everything could be looked at.
 */
gboolean sgp_account_freeze_exhausted(
	SgpPortal *portal, SgpDatabase *database, gint64 now, GError **error)
{
	g_autoptr(GPtrArray) handles = sgp_guard_dup_exhausted(portal->guard, now, error);
	gboolean any = FALSE;

	if (handles == NULL)
		return FALSE;
	for (guint i = 0; i < handles->len; i++) {
		g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
		gboolean exhausted = FALSE;
		gboolean frozen = FALSE;

		if (transaction == NULL ||
			!is_still_exhausted(portal, database, handles->pdata[i], &exhausted, error))
			return FALSE;
		if (!exhausted)
			continue;
		if (!sgp_account_freeze(
			    database, now, handles->pdata[i], "frozen", &frozen, error) ||
			!sgp_transaction_commit(transaction, error))
			return FALSE;
		any = any || frozen;
	}
	if (any)
		sgp_portal_announce_event(portal);
	return TRUE;
}

/**
 * sgp_account_reset:
 * @identity_record: hash of the ledger entry that says how staff knew the customer
 *
 * Takes records, wraps and the printed code away, and drafts, which nobody could open any more.
 * Messages, deposited keys and the public signature key of so far stay. The caller then stores
 * the new invitation, within the same transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_account_reset(
	SgpDatabase *database, const char *handle, const char *identity_record, GError **error)
{
	return sgp_account_close_doors(database, handle, error) &&
	       sgp_database_run(database, error, NULL,
		       "INSERT INTO former_signature_keys (handle, generation, signature_key) "
		       "SELECT handle, generation, signature_key FROM customers "
		       "WHERE handle = $1 AND signature_key IS NOT NULL",
		       "s", handle) &&
	       sgp_database_run(database, error, NULL, "DELETE FROM drafts WHERE handle = $1", "s",
		       handle) &&
	       sgp_database_run(database, error, NULL,
		       "UPDATE customers SET password_record = NULL, answer_record = NULL, "
		       "question = NULL, password_wrap = NULL, answer_wrap = NULL, "
		       "mailbox_wrap = NULL, signature_key = NULL, signature_mac = NULL, "
		       "registered = NULL, registered_digest = NULL, recovery_salt = NULL, "
		       "recovery_hash = NULL, recovery_wrap = NULL, reset_asked = NULL, "
		       "identity_record = $1 WHERE handle = $2",
		       "ss", identity_record, handle) &&
	       sgp_account_add_chore(database, handle, SGP_GUARD_FORGET_ALL, error);
}

static gboolean collect_files(
	SgpDatabase *database, const char *handle, GPtrArray *files, GError **error)
{
	g_autofree char *owner = g_strconcat("customer/", handle, NULL);
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT b.file FROM blobs b JOIN messages m ON m.id = b.message "
		"WHERE m.handle = $1 AND b.file IS NOT NULL "
		"UNION ALL SELECT id FROM uploads WHERE owner = $2",
		"ss", handle, owner);

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++)
		g_ptr_array_add(files, g_strdup(sgp_rows_get_text(rows, i, 0)));
	return sgp_database_run(
		database, error, NULL, "DELETE FROM uploads WHERE owner = $1", "s", owner);
}

static gboolean empty_row(SgpDatabase *database, const char *handle, GError **error)
{
	g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);

	/* The address is unique and never null: the handle, which is no address, takes its place.
	 */
	return sgp_database_run(database, error, NULL,
		"UPDATE customers SET address = handle, state = 'deleted', language = 'de', "
		"mailbox_key = '', escrow = '', salt = $1, invited_digest = $1, invitation = NULL, "
		"invitation_expires = NULL, code_wrap = NULL, auth_hash = NULL, "
		"password_record = NULL, answer_record = NULL, question = NULL, "
		"password_wrap = NULL, answer_wrap = NULL, mailbox_wrap = NULL, "
		"signature_key = NULL, signature_mac = NULL, registered = NULL, "
		"registered_digest = NULL, notified = 0, created = 0, recovery_salt = NULL, "
		"recovery_hash = NULL, recovery_wrap = NULL, identity_record = NULL, "
		"reset_asked = NULL, seen = NULL WHERE handle = $2",
		"bs", nothing, handle);
}

/**
 * sgp_account_delete:
 * @files: (element-type utf8): gets the names of files to remove after the commit
 *
 * Everything goes, also mail that has not left yet; what stays is handle, generation and the state,
 * so that a later invitation counts on (threat 27). Within the caller's transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_account_delete(
	SgpDatabase *database, gint64 now, const char *handle, GPtrArray *files, GError **error)
{
	static const char *const statements[] = {
		"DELETE FROM blobs WHERE message IN (SELECT id FROM messages WHERE handle = $1)",
		"DELETE FROM messages WHERE handle = $1",
		"DELETE FROM drafts WHERE handle = $1",
		"DELETE FROM deposited_keys WHERE handle = $1",
		"DELETE FROM former_signature_keys WHERE handle = $1",
		"DELETE FROM outbox WHERE handle = $1",
		"UPDATE events SET address = '' WHERE handle = $1",
	};

	return sgp_account_close_doors(database, handle, error) &&
	       collect_files(database, handle, files, error) &&
	       run_each(database, statements, G_N_ELEMENTS(statements), handle, error) &&
	       empty_row(database, handle, error) &&
	       sgp_database_run(database, error, NULL,
		       "INSERT INTO events (time, type, handle, address, message) "
		       "VALUES ($1, 'deleted', $2, '', NULL)",
		       "is", now, handle) &&
	       sgp_account_add_chore(database, handle, SGP_GUARD_FORGET_ALL, error);
}

/**
 * sgp_account_sweep:
 *
 * Deletes links and leaves that have run out. Within the caller's transaction.
 *
 * Returns: whether it succeeded.
 */
gboolean sgp_account_sweep(SgpDatabase *database, gint64 now, GError **error)
{
	return sgp_database_run(database, error, NULL,
		       "DELETE FROM recovery_links WHERE expires <= $1", "i", now) &&
	       sgp_database_run(database, error, NULL,
		       "DELETE FROM recovery_changes WHERE expires <= $1", "i", now);
}
