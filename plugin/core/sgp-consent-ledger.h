/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-settings.h"
#include "sgp-store.h"
#include "sgp-verdict.h"
#include "sgp-mail.h"

G_BEGIN_DECLS

typedef enum {
	SGP_CONSENT_WITHDRAWAL = 0, /* zero refuses */
	SGP_CONSENT_PHONE,
	SGP_CONSENT_LETTER,
	SGP_CONSENT_AGREEMENT,
} SgpConsentKind;

typedef struct {
	SgpConsentKind kind;
	const char *address;
	const char *matter; /* required for phone and letter */
	gint64 given;       /* 0: now */
	gint64 valid_until; /* 0: by the settings */
	const char *taken_by;
	const char *words; /* (nullable) the customer's own words, or the letter's date and sign */
	const char *attachment_sha256; /* (nullable) */
	gboolean names_plain;          /* agreement that names unencrypted mail */
} SgpConsent;

/* Append-only, hash-chained (03-policy, The ledger). Matters too: a matter is opened and closed by
 * entries. Thread-safe; every append is on disk (FULL) when it returns. */
#define SGP_TYPE_CONSENT_LEDGER (sgp_consent_ledger_get_type())
G_DECLARE_FINAL_TYPE(SgpConsentLedger, sgp_consent_ledger, SGP, CONSENT_LEDGER, GObject)

SgpConsentLedger *sgp_consent_ledger_new(SgpStore *store, SgpSettings *settings);
/* Returns the entry's number. Errors: INVALID (future, unknown matter, bad address), STORAGE. */
gint64 sgp_consent_ledger_record(
	SgpConsentLedger *self, const SgpConsent *consent, gint64 now, GError **error);
gint64 sgp_consent_ledger_add_matter(SgpConsentLedger *self, const char *reference,
	const char *title, gint64 now, GError **error);
gint64 sgp_consent_ledger_close_matter(
	SgpConsentLedger *self, const char *reference, gint64 now, GError **error);
/* Every record of one canonical address, with its matter's state. (element-type SgpConsentFact)
 * (transfer full) Errors: STORAGE; TAMPERED: the ledger is not what was recorded, so nothing is
 * known. */
GPtrArray *sgp_consent_ledger_lookup_consents(
	SgpConsentLedger *self, const char *addr_spec, GError **error);
/* A known matter as it was recorded, letter case aside; NULL and no error: none. (transfer full) */
char *sgp_consent_ledger_lookup_matter(
	SgpConsentLedger *self, const char *reference, GError **error);
/* The known matters whose reference stands in a text as a word of its own. (element-type utf8)
 * (transfer full) */
GPtrArray *sgp_consent_ledger_lookup_matters_in(
	SgpConsentLedger *self, const char *text, GError **error);
/* The matter that a mail of this conversation was sent for; ids: sgp_history_hash_message_id() of
 * its messages. */
char *sgp_consent_ledger_lookup_tied_matter(
	SgpConsentLedger *self, const guint64 *ids, gsize n_ids, GError **error);
char *sgp_consent_ledger_list_matters_json(SgpConsentLedger *self, GError **error);
/* [{"entry","kind","address","matter","given",...,"state"}], oldest first. address, matter:
 * (nullable) all. state at now: "valid", "closed" (its matter), "withdrawn", "expired",
 * "superseded" (renewed; a withdrawal: lifted by an agreement). (transfer full) Errors: INVALID,
 * STORAGE. */
char *sgp_consent_ledger_list_json(SgpConsentLedger *self, const char *address, const char *matter,
	gint64 now, GError **error);
/* One entry per recipient of a mail that was committed: basis, evidence, channel, why not stronger,
 * class, who, digest, copy id; never subject or text. Call inside sgp_store_begin(durable)/commit,
 * together with the spool's rows. */
gboolean sgp_consent_ledger_append_sent(SgpConsentLedger *self, const SgpMail *mail,
	const SgpVerdict *verdict, const char *draft_id, gint64 now, GError **error);
/* TRUE: the chain holds. FALSE without error: bad_entry names the first bad one, why says in a
 * nick. */
gboolean sgp_consent_ledger_verify(
	SgpConsentLedger *self, gint64 *n_entries, gint64 *bad_entry, char **why, GError **error);
/* The hash of the last entry as lower-case hex, to be kept elsewhere; "" for an empty ledger.
 * (transfer full) */
char *sgp_consent_ledger_dup_head(SgpConsentLedger *self, GError **error);
/* The entry that had this hash: everything up to it is what it was when the hash was written down,
 * if the chain holds. 0 without error: none has it. */
gint64 sgp_consent_ledger_lookup_head(SgpConsentLedger *self, const char *hex, GError **error);
char *sgp_consent_ledger_export(SgpConsentLedger *self, gboolean csv, const char *address,
	gint64 since, gint64 until, GError **error);
gint64 sgp_consent_ledger_erase(SgpConsentLedger *self, const char *address, const char *reason,
	const char *by, gint64 now, GError **error);

G_END_DECLS
