/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The second line of defence in PostgreSQL (sql/postgres/004-rights.sql): says to the store whose
 * rows a request is about, so that a statement which forgets to ask for the handle, or which
 * somebody managed to change, still gets no other customer's (threat 11; test "what a customer's
 * request reads is the customer's whatever it asks for"). The first line are the statements
 * themselves; nothing here replaces them. */

#include "sgp-scope.h"

#include "sgp-protocol.h"

#include <glib/gi18n.h>
#include <sodium.h>
#include <string.h>

/**
 * sgp_scope_dup_customer:
 *
 * Returns: (transfer full): the scope of one customer. Uploads name their owner in the same way.
 */
char *sgp_scope_dup_customer(const char *handle)
{
	return g_strconcat("customer/", handle, NULL);
}

static GBytes *dup_key(const SgpPortal *portal)
{
	return sgp_guard_dup_decoy(portal->guard, SGP_SCOPE_OFFICE, "scope", 32);
}

/**
 * sgp_scope_seal:
 *
 * SHA-256(key, SHA-256(key, word)), in front of the word. Without the seal a statement with a
 * stranger's words in it could choose a scope of its own by set_config(). Hashed twice: of a single
 * hash with the key in front one could go on.
 *
 * Returns: (transfer full): what the store is told.
 */
char *sgp_scope_seal(GBytes *key, const char *word)
{
	crypto_hash_sha256_state state;
	guint8 hash[crypto_hash_sha256_BYTES];
	g_autofree char *hex = NULL;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	crypto_hash_sha256_update(&state, (const guint8 *)word, strlen(word));
	crypto_hash_sha256_final(&state, hash);
	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	crypto_hash_sha256_update(&state, hash, sizeof hash);
	crypto_hash_sha256_final(&state, hash);
	hex = sgp_protocol_encode_hex(hash, sizeof hash);
	return g_strconcat(hex, ":", word, NULL);
}

/**
 * sgp_scope_enter:
 * @word: SGP_SCOPE_OFFICE, SGP_SCOPE_DOOR or of sgp_scope_dup_customer()
 *
 * From here on statements on @database are about these rows; SQLite knows no such thing.
 */
void sgp_scope_enter(const SgpPortal *portal, SgpDatabase *database, const char *word)
{
	g_autoptr(GBytes) key = NULL;
	g_autofree char *sealed = NULL;

	if (!sgp_database_has_scopes(database))
		return;
	key = dup_key(portal);
	sealed = sgp_scope_seal(key, word);
	sgp_database_set_scope(database, sealed);
}

/**
 * sgp_scope_check:
 *
 * A store that takes our seal for a forgery would look like an empty one.
 *
 * Returns: whether the store believes us, or does not ask.
 */
gboolean sgp_scope_check(const SgpPortal *portal, SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = NULL;

	if (!sgp_database_has_scopes(database))
		return TRUE;
	sgp_scope_enter(portal, database, SGP_SCOPE_OFFICE);
	rows = sgp_database_query(database, error,
		"SELECT CAST(row_security_active('customers') "
		"AND scope() IS DISTINCT FROM 'office' AS INTEGER)",
		"");
	if (rows == NULL || sgp_rows_get_integer(rows, 0, 0) == 0)
		return rows != NULL;
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
		"the store does not know this guard.key; run admin migrate ROLE with the role that "
		"owns the store");
	return FALSE;
}

static gboolean is_other_role(SgpDatabase *database, const char *role, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT CAST(rolsuper OR rolbypassrls OR pg_has_role(oid, tableowner, 'MEMBER') "
		"AS INTEGER) FROM pg_roles, pg_tables WHERE rolname = $1 "
		"AND schemaname = 'siegelpost' AND tablename = 'customers'",
		"s", role);
	const char *why = NULL;

	if (rows == NULL)
		return FALSE;
	if (sgp_rows_get_count(rows) == 0)
		why = _("There is no such role in PostgreSQL; make it first: CREATE ROLE … LOGIN.");
	else if (sgp_rows_get_integer(rows, 0, 0) != 0)
		why = _("This role owns the store or may do everything anyway. The service needs "
			"one that may not.");
	if (why != NULL)
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, why);
	return why == NULL;
}

/**
 * sgp_scope_grant_sync:
 * @role: the service's, not the one of @database
 *
 * Gives @role what the service needs and nothing else, and the store the key of our seals.
 *
 * Returns: whether that is done; the error is a sentence for the administrator.
 */
gboolean sgp_scope_grant_sync(
	const SgpPortal *portal, SgpDatabase *database, const char *role, GError **error)
{
	g_autoptr(GBytes) key = dup_key(portal);
	g_autoptr(SgpTransaction) transaction = NULL;

	if (!is_other_role(database, role, error))
		return FALSE;
	transaction = sgp_transaction_begin(database, error);
	return transaction != NULL &&
	       sgp_database_run(database, error, NULL,
		       "INSERT INTO scope_key (id, key) VALUES (1, $1) "
		       "ON CONFLICT (id) DO UPDATE SET key = $1",
		       "b", key) &&
	       sgp_database_run(
		       database, error, NULL, "SELECT siegelpost.grant_service($1)", "s", role) &&
	       sgp_database_run(database, error, NULL, "SELECT siegelpost_guard.grant_service($1)",
		       "s", role) &&
	       sgp_transaction_commit(transaction, error);
}
