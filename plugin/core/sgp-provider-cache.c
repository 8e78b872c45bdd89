/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of the provider probe: tables provider and provider_policy. It owns when an answer
 * ends; "unknown" is never kept, so that a failed look-up is looked up again. It asks nobody. */
#include "sgp-provider-cache.h"

#include "sgp-store-private.h"

SgpKnowledge sgp_provider_cache_lookup(SgpStore *store, const char *domain, gint64 now)
{
	SgpKnowledge answer = SGP_KNOWLEDGE_UNKNOWN;
	sgp_store_lock(store);
	/* "checked": a clock that was set back must not make an answer hold longer. */
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"SELECT answer FROM provider WHERE domain = ? AND checked <= ? AND until > ?",
		NULL);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, domain);
		sqlite3_bind_int64(statement, 2, now);
		sqlite3_bind_int64(statement, 3, now);
		if (sgp_store_step(store, statement, NULL))
			answer = sqlite3_column_int(statement, 0) == SGP_KNOWLEDGE_YES
					 ? SGP_KNOWLEDGE_YES
					 : SGP_KNOWLEDGE_NO;
		sgp_store_end(statement);
	}
	sgp_store_unlock(store);
	return answer;
}

/* Domains of people who are not written to any more are forgotten. */
static gboolean forget_ended(SgpStore *store, const char *sql, gint64 now, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store, sql, error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, now);
	return sgp_store_run(store, statement, error);
}

static gboolean finish(SgpStore *store, gboolean done, GError **error)
{
	if (done)
		return sgp_store_commit(store, error);
	sgp_store_rollback(store);
	return FALSE;
}

gboolean sgp_provider_cache_remember(SgpStore *store, const char *domain, SgpKnowledge answer,
	gint64 now, gint64 until, GError **error)
{
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT OR REPLACE INTO provider (domain, answer, checked, until)"
		" VALUES (?, ?, ?, ?)",
		error);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, domain);
		sqlite3_bind_int(statement, 2, answer);
		sqlite3_bind_int64(statement, 3, now);
		sqlite3_bind_int64(statement, 4, until);
	}
	gboolean done =
		statement != NULL && sgp_store_run(store, statement, error) &&
		forget_ended(store, "DELETE FROM provider WHERE until <= ?", now, error) &&
		forget_ended(store, "DELETE FROM provider_policy WHERE until <= ?", now, error);
	return finish(store, done, error);
}

char *sgp_provider_cache_lookup_policy(SgpStore *store, const char *domain, gint64 now, char **id)
{
	char *text = NULL;
	sgp_store_lock(store);
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"SELECT policy, id FROM provider_policy WHERE domain = ? AND until > ?", NULL);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, domain);
		sqlite3_bind_int64(statement, 2, now);
		if (sgp_store_step(store, statement, NULL)) {
			text = g_strdup(sgp_store_column_text(statement, 0));
			*id = g_strdup(sgp_store_column_text(statement, 1));
		}
		sgp_store_end(statement);
	}
	sgp_store_unlock(store);
	return text;
}

gboolean sgp_provider_cache_remember_policy(SgpStore *store, const char *domain, const char *id,
	const char *text, gint64 until, GError **error)
{
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"INSERT OR REPLACE INTO provider_policy (domain, id, policy, until)"
		" VALUES (?, ?, ?, ?)",
		error);
	if (statement != NULL) {
		sgp_store_bind_text(statement, 1, domain);
		sgp_store_bind_text(statement, 2, id);
		sgp_store_bind_text(statement, 3, text);
		sqlite3_bind_int64(statement, 4, until);
	}
	return finish(store, statement != NULL && sgp_store_run(store, statement, error), error);
}
