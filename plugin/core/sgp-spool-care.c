/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a person asks of one copy in the spool: try it again, or give it up. It owns which copies
 * that can still be asked of, and says of the others what became of them; it carries none. */

#include "sgp-spool-private.h"
#include "sgp-error.h"

static gboolean check_found(int n_changed, GError **error)
{
	if (n_changed == 1)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "there is no such copy in the spool");
	return FALSE;
}

/* What a person asks for is too late. (borrowed) (nullable) */
static const char *get_end(const SgpSpoolEntry *entry)
{
	if (entry->state == SGP_SPOOL_STATE_DROPPED)
		return "this copy was given up";
	return entry->state == SGP_SPOOL_STATE_DONE ? "this copy has left already" : NULL;
}

gboolean sgp_spool_retry(SgpSpool *self, const char *copy_id, gint64 now, GError **error)
{
	int n = 0;

	if (!copy_id)
		return sgp_spool_change(self, NULL, error,
			"UPDATE spool_copy SET due = ? WHERE " SGP_SPOOL_WAITING, "i", now);
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(self, copy_id, error);

	if (!entry)
		return FALSE;
	if (get_end(entry)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "%s", get_end(entry));
		return FALSE;
	}
	/* created moves too: the 72 hours begin anew, since a person has looked. */
	return sgp_spool_change(self, &n, error,
		       "UPDATE spool_copy SET state = CASE WHEN state IN (?1, ?2) THEN ?3 ELSE "
		       "state END, due = ?4,"
		       " tries = 0, created = CASE WHEN state IN (?1, ?2) THEN ?4 ELSE created END"
		       " WHERE id = ?5 AND (" SGP_SPOOL_CARRIED
		       " AND state <= 5 OR state IN (?1, ?2))",
		       "iiiis", (gint64)SGP_SPOOL_STATE_FAILED, (gint64)SGP_SPOOL_STATE_HELD,
		       (gint64)SGP_SPOOL_STATE_SEALED, now, copy_id) &&
	       check_found(n, error);
}

gboolean sgp_spool_drop(
	SgpSpool *self, const char *copy_id, const char *reason, gint64 now, GError **error)
{
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(self, copy_id, error);
	int n = 0;

	if (!entry)
		return FALSE;
	if (!reason || reason[0] == '\0') {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "a reason is required");
		return FALSE;
	}
	/* In one step, for an upload may be under way: either this comes first, and the copy is
	 * never published, or publishing does, and nobody is told that it was stopped. */
	if (!sgp_spool_change(self, &n, error,
		    "UPDATE spool_copy SET state = ?, problem = ?, changed = ? WHERE id = ? AND "
		    "state < ?",
		    "isisi", (gint64)SGP_SPOOL_STATE_DROPPED, reason, now, copy_id,
		    (gint64)SGP_SPOOL_STATE_PUBLISHING))
		return FALSE;
	if (n == 0) {
		const char *end = get_end(entry);

		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "%s",
			end ? end : "this copy may have left");
		return FALSE;
	}
	sgp_spool_files_remove(self->files, copy_id);
	return TRUE;
}
