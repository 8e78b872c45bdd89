/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stays of a withdrawal when its person is erased: a mark, which is a keyed hash of the
 * address, in the erasure's own entry. Without it the erasure of somebody who does not want mail
 * would make mail to him possible again, from the very inquiry that the withdrawal refused (GDPR
 * Art. 21 asks for exactly this; Art. 17 (3) b allows it). The key lies in the same database:
 * whoever has that can try an address that he knows, but cannot read one from it. Owns the key and
 * the mark; never knows why somebody is erased. Test:
 * /consent-ledger-erase/an-erased-withdrawal-still-refuses. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

#define KEY_NAME "ledger.mark-key"
#define KEY_SIZE 32

static char *make_key(SgpStore *store, GError **error)
{
	guint8 bytes[KEY_SIZE];
	g_autoptr(GString) hex = g_string_new(NULL);
	if (getrandom(bytes, sizeof bytes, 0) != (gssize)sizeof bytes) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "no random numbers: %s",
			g_strerror(errno));
		return NULL;
	}
	for (gsize i = 0; i < sizeof bytes; i++)
		g_string_append_printf(hex, "%02x", bytes[i]);
	return sgp_store_set_value(store, KEY_NAME, hex->str, error) ? g_strdup(hex->str) : NULL;
}

static char *hash_address(const char *key, const char *addr_spec)
{
	return g_compute_hmac_for_string(
		G_CHECKSUM_SHA256, (const guchar *)key, strlen(key), addr_spec, -1);
}

char *sgp_consent_ledger_dup_mark(SgpStore *store, const char *addr_spec, GError **error)
{
	GError *local = NULL;
	g_autofree char *key = sgp_store_lookup_value(store, KEY_NAME, &local);
	if (key == NULL && local == NULL)
		key = make_key(store, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return hash_address(key, addr_spec);
}

static gboolean has_marks(SgpStore *store, GError **error)
{
	sqlite3_stmt *row = sgp_store_prepare(store,
		"SELECT 1 FROM ledger WHERE kind = 'erasure'"
		" AND json_extract(fields, '$.withdrawal.mark') IS NOT NULL LIMIT 1",
		error);
	gboolean is_found = row != NULL && sgp_store_step(store, row, error);
	if (is_found)
		sgp_store_end(row);
	return is_found;
}

/* The mark of an address that is looked up; NULL without error: nobody has one. */
static char *lookup_mark(SgpStore *store, const char *addr_spec, GError **error)
{
	GError *local = NULL;
	g_autofree char *key =
		has_marks(store, &local) ? sgp_store_lookup_value(store, KEY_NAME, &local) : NULL;
	if (local == NULL && key == NULL && has_marks(store, &local))
		g_set_error_literal(&local, SGP_ERROR, SGP_ERROR_TAMPERED,
			"the key of the ledger's marks is gone");
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return key != NULL ? hash_address(key, addr_spec) : NULL;
}

#define MARKED_SQL                                                                                 \
	"SELECT " SGP_LEDGER_PROOF_COLUMNS ", json_extract(l.fields, '$.withdrawal.given'),"       \
	" json_extract(l.fields, '$.withdrawal.entry'),"                                           \
	" coalesce(json_extract(l.fields, '$.withdrawal.id'), (SELECT w.id FROM ledger w"          \
	"  WHERE w.entry = json_extract(l.fields, '$.withdrawal.entry')))"                         \
	" FROM ledger l LEFT JOIN ledger_personal p USING (entry)"                                 \
	" WHERE l.kind = 'erasure' AND json_extract(l.fields, '$.withdrawal.mark') = ?"            \
	" ORDER BY l.entry"

gboolean sgp_consent_ledger_add_kept_withdrawals(
	SgpStore *store, const char *addr_spec, GPtrArray *facts, GError **error)
{
	GError *local = NULL;
	g_autofree char *mark = lookup_mark(store, addr_spec, &local);
	sqlite3_stmt *row = mark != NULL ? sgp_store_prepare(store, MARKED_SQL, &local) : NULL;
	if (row != NULL)
		sgp_store_bind_text(row, 1, mark);
	while (row != NULL && sgp_store_step(store, row, &local)) {
		if (sgp_ledger_chain_check_row(row) != NULL) {
			sgp_store_end(row);
			g_set_error_literal(&local, SGP_ERROR, SGP_ERROR_TAMPERED,
				"a withdrawal in the ledger is not what was recorded");
			break;
		}
		SgpConsentFact *fact = sgp_consent_fact_new();
		fact->kind = SGP_BASIS_NONE;
		fact->given = sqlite3_column_int64(row, SGP_LEDGER_N_PROOF_COLUMNS);
		fact->entry = sqlite3_column_int64(row, SGP_LEDGER_N_PROOF_COLUMNS + 1);
		fact->id = g_strdup(sgp_store_column_text(row, SGP_LEDGER_N_PROOF_COLUMNS + 2));
		g_ptr_array_add(facts, fact);
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}
