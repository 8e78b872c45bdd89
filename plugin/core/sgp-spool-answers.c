/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembers, for each recipient of a transport copy, what the submission service said. An answer
 * once "accepted" stays: the mail has left for that one. It sends nothing, and ends no copy. */
#include "sgp-spool-answers.h"

#include "sgp-spool-private.h"

/* -1: error. */
static int lookup_answer(SgpSpool *self, const char *copy_id, const char *address, GError **error)
{
	int answer = SGP_SUBMISSION_UNKNOWN;
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = sgp_spool_query(self, error,
		"SELECT answer FROM submission_answer WHERE copy = ? AND address = ?", "ss",
		copy_id, address);
	if (statement != NULL && sqlite3_step(statement) == SQLITE_ROW)
		answer = sqlite3_column_int(statement, 0);
	if (statement != NULL)
		sqlite3_reset(statement);
	sgp_store_unlock(self->store);
	return statement != NULL ? answer : -1;
}

GPtrArray *sgp_spool_load_answered(
	SgpSpool *self, const SgpSpoolEntry *entry, SgpSubmissionAnswer answer, GError **error)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < entry->recipients->len; i++) {
		const char *address = g_ptr_array_index(entry->recipients, i);
		int found = lookup_answer(self, entry->id, address, error);
		if (found < 0)
			return NULL;
		gboolean fits = answer == SGP_SUBMISSION_UNKNOWN ? found != SGP_SUBMISSION_ACCEPTED
								 : found == (int)answer;
		if (fits)
			g_ptr_array_add(list, g_strdup(address));
	}
	return g_steal_pointer(&list);
}

gboolean sgp_spool_note_answers(SgpSpool *self, const char *copy_id, const char *const *recipients,
	const SgpSubmissionAnswer *answers, GError **error)
{
	if (!sgp_store_begin(self->store, TRUE, error))
		return FALSE;
	for (gsize i = 0; recipients[i] != NULL; i++) {
		if (!sgp_spool_change(self, NULL, error,
			    "INSERT OR REPLACE INTO submission_answer (copy, address, answer)"
			    " SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM submission_answer"
			    " WHERE copy = ?1 AND address = ?2 AND answer = ?4)",
			    "ssii", copy_id, recipients[i], (gint64)answers[i],
			    (gint64)SGP_SUBMISSION_ACCEPTED)) {
			sgp_store_rollback(self->store);
			return FALSE;
		}
	}
	return sgp_store_commit(self->store, error);
}
