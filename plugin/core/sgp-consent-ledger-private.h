/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include "sgp-consent-ledger.h"
#include "sgp-facts.h"

G_BEGIN_DECLS

SgpStore *sgp_consent_ledger_get_store(SgpConsentLedger *self); /* borrowed */

/* The mark of an address, for an erasure's entry; makes the key if there is none. Inside a
 * transaction. (transfer full) Errors: STORAGE. */
char *sgp_consent_ledger_dup_mark(SgpStore *store, const char *addr_spec, GError **error);
/* The withdrawals of this address that outlived its erasure. facts: (element-type SgpConsentFact)
 * gets them. Under the lock. Errors: TAMPERED, STORAGE. */
gboolean sgp_consent_ledger_add_kept_withdrawals(
	SgpStore *store, const char *addr_spec, GPtrArray *facts, GError **error);

/* --- What the colleagues share (sgp-consent-ledger-shared) --- */

/* The rows with an id; in these words, which are those of the index. After "l." or alone. */
#define SGP_LEDGER_IS_SHARED                                                                       \
	"kind IN ('phone', 'letter', 'agreement', 'withdrawal', 'matter', 'matter-closed',"        \
	" 'erasure')"

/* A record as it travels; whoever made it has been verified. All borrowed. */
typedef struct {
	const char *id;                      /* UUIDv7 */
	const char *by, *device, *signed_by; /* the colleague, and the key that signed */
	gint64 recorded;                     /* seconds */
	const char *kind;
	const char *address, *matter;                           /* (nullable) */
	const char *taken_by;                                   /* (nullable) also: who erased */
	const char *words, *attachment_sha256, *title, *reason; /* (nullable) */
	gint64 given, valid_until;
	gboolean names_plain;
	/* of an erasure: the withdrawal that outlives it */
	const char *withdrawal_id; /* (nullable) */
	gint64 withdrawal_given;
} SgpSharedRecord;

/* Adds "origin": whose record it is, covered by the chain. First of all: its id is read from there.
 */
void sgp_shared_record_add_origin(const SgpSharedRecord *self, JsonBuilder *out);
/* Appends a colleague's record, or erases what he erased. TRUE: it is in the ledger, be it from
 * before. Errors: INVALID (no such record can be), CONFLICT (an erasure that a waiting mail holds
 * up), TAMPERED, STORAGE. */
gboolean sgp_consent_ledger_add_shared(
	SgpConsentLedger *self, const SgpSharedRecord *record, gint64 now, GError **error);
gint64 sgp_consent_ledger_erase_shared(
	SgpConsentLedger *self, const SgpSharedRecord *record, gint64 now, GError **error);
/* Erases the withdrawals that colleagues' erasures spared because they were not sealed yet, and are
 * now. Errors: TAMPERED, STORAGE. */
gboolean sgp_consent_ledger_finish_erasures(SgpConsentLedger *self, gint64 now, GError **error);
/* Whether the ledger has the record; is_ours: it was made here. */
gboolean sgp_consent_ledger_has_shared(
	SgpConsentLedger *self, const char *id, gboolean *has, gboolean *is_ours, GError **error);

/* One of ours that the portal has not got yet. */
typedef struct {
	gint64 entry;
	char *id;     /* (owned) */
	char *plain;  /* (owned) (nullable) JSON object, without what names the office */
	char *sealed; /* (owned) (nullable) as it was sealed before: the same bytes go again */
} SgpOutgoing;
void sgp_outgoing_free(SgpOutgoing *self);
/* Oldest first. (element-type SgpOutgoing) (transfer full) Errors: STORAGE. */
GPtrArray *sgp_consent_ledger_list_outgoing(SgpConsentLedger *self, GError **error);
/* Keeps what was sealed; one that was sealed meanwhile wins. (transfer full) */
char *sgp_consent_ledger_keep_sealed(
	SgpConsentLedger *self, gint64 entry, const char *sealed, GError **error);
/* The portal has it, as its n-th. */
gboolean sgp_consent_ledger_note_shared(
	SgpConsentLedger *self, const char *id, gint64 n, GError **error);
/* The portal lost what it had: everything is offered again. */
gboolean sgp_consent_ledger_offer_again(SgpConsentLedger *self, GError **error);
/* Where there is a portal: the erasure waits to be told. Inside its transaction. */
gboolean sgp_consent_ledger_tell_erasure(SgpStore *store, gint64 entry, const char *addr_spec,
	const SgpConsentFact *withdrawal, GError **error);

/* What came and does not verify. why: one of these takes no room. */
#define SGP_REFUSED_FORMER "former"
typedef struct {
	gint64 n;
	char *id, *entry, *why; /* (owned) */
} SgpRefusedRecord;
void sgp_refused_record_free(SgpRefusedRecord *self);
GPtrArray *sgp_consent_ledger_list_refused(SgpConsentLedger *self, GError **error);
/* why: NULL forgets it. */
gboolean sgp_consent_ledger_set_refused(SgpConsentLedger *self, gint64 n, const char *id,
	const char *entry, const char *why, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpOutgoing, sgp_outgoing_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpRefusedRecord, sgp_refused_record_free)

G_END_DECLS
