/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff do with a customer's mailbox, as entries of the ledger: how a customer was identified
 * before a reset, and why a mailbox was erased. Owns what these two entries hold, and that none is
 * made without its words. Never judges whether the check was good enough: a person answers for it.
 */
#include "sgp-consent-ledger-care.h"

#include "sgp-address.h"
#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

#define WORDS_LIMIT 4000

static gboolean is_said(const char *text)
{
	g_autofree char *copy = g_strdup(text != NULL ? text : "");
	return g_utf8_validate(copy, -1, NULL) && *g_strstrip(copy) != '\0' &&
	       strlen(copy) <= WORDS_LIMIT;
}

static char *load_hash(SgpStore *store, gint64 entry, GError **error)
{
	SgpLedgerHash hash;
	gboolean is_read = FALSE;
	GError *local = NULL;
	sgp_store_lock(store);
	sqlite3_stmt *statement =
		sgp_store_prepare(store, "SELECT hash FROM ledger WHERE entry = ?", &local);
	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, entry);
		if (sgp_store_step(store, statement, &local)) {
			is_read = sgp_ledger_chain_read_hash(statement, 0, &hash);
			sgp_store_end(statement);
		}
	}
	sgp_store_unlock(store);
	if (local == NULL && !is_read)
		g_set_error(&local, SGP_ERROR, SGP_ERROR_STORAGE, "the entry is not there");
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return sgp_ledger_chain_dup_hex(&hash);
}

static gint64 append(SgpConsentLedger *self, const char *kind, const char *address,
	const char *first_name, const char *first, const char *second_name, const char *second,
	gint64 now, GError **error)
{
	g_autoptr(SgpAddress) whom = sgp_address_new(address, error);
	if (whom == NULL)
		return 0;
	if (!is_said(first) || !is_said(second)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"who did it and how, or why, have to be said");
		return 0;
	}
	g_autoptr(JsonBuilder) personal = json_builder_new_immutable();
	json_builder_begin_object(personal);
	sgp_json_add_text(personal, first_name, first);
	sgp_json_add_text(personal, second_name, second);
	json_builder_end_object(personal);
	g_autofree char *text = sgp_json_dup(personal);
	SgpLedgerEntry entry = {
		.kind = kind,
		.fields = "{}",
		.address = sgp_address_get_addr_spec(whom),
		.personal = text,
	};
	return sgp_ledger_chain_append(sgp_consent_ledger_get_store(self), &entry, now, error);
}

char *sgp_consent_ledger_record_identity_check(SgpConsentLedger *self, const char *address,
	const char *checked_by, const char *how, gint64 now, GError **error)
{
	gint64 entry = append(
		self, "identity-check", address, "checked_by", checked_by, "how", how, now, error);
	return entry != 0 ? load_hash(sgp_consent_ledger_get_store(self), entry, error) : NULL;
}

gboolean sgp_consent_ledger_record_erasure(SgpConsentLedger *self, const char *address,
	const char *by, const char *reason, gint64 now, GError **error)
{
	return append(self, "mailbox-erased", address, "by", by, "reason", reason, now, error) != 0;
}
