/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-assessor.h"
#include "sgp-consent-ledger.h"
#include "sgp-history.h"
#include "sgp-key-lookup.h"
#include "sgp-mail.h"
#include "sgp-portal-account.h"
#include "sgp-portal-client.h"
#include "sgp-prepare-result.h"
#include "sgp-settings.h"
#include "sgp-spool.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* What is known of our portal. Zero: none is set up. */
typedef enum {
	SGP_PORTAL_STATE_NONE = 0,
	SGP_PORTAL_STATE_UNREACHABLE,
	SGP_PORTAL_STATE_LOCKED, /* the keyring keeps the device token */
	SGP_PORTAL_STATE_REVOKED,
	SGP_PORTAL_STATE_ENROLLED,
	SGP_PORTAL_STATE_PENDING, /* enrolled; a colleague has to approve this device */
} SgpPortalState;
const char *sgp_portal_state_get_nick(SgpPortalState state);

/* Everything of one state directory together, and the way of one mail through it: decide, invite,
 * seal, spool, commit. Agent and command line each have one. Thread-safe; _sync calls are for
 * worker threads. */
#define SGP_TYPE_DISPATCHER (sgp_dispatcher_get_type())
G_DECLARE_FINAL_TYPE(SgpDispatcher, sgp_dispatcher, SGP, DISPATCHER, GObject)

/* state_dir: (nullable) the user's own. Errors: STORAGE. */
SgpDispatcher *sgp_dispatcher_new(SgpSettings *settings, const char *state_dir, GError **error);
SgpSettings *sgp_dispatcher_get_settings(SgpDispatcher *self);
SgpStore *sgp_dispatcher_get_store(SgpDispatcher *self);
SgpHistory *sgp_dispatcher_get_history(SgpDispatcher *self);
SgpConsentLedger *sgp_dispatcher_get_ledger(SgpDispatcher *self);
SgpKeyLookup *sgp_dispatcher_get_keys(SgpDispatcher *self);
SgpSpool *sgp_dispatcher_get_spool(SgpDispatcher *self);
SgpTransportProbe *sgp_dispatcher_get_transport_probe(SgpDispatcher *self);

/* The portal's client, opened with the token from the keyring. NULL and no error: not enrolled. A
 * locked keyring gives a client that answers LOCKED, so that nobody takes it for "no portal"; it is
 * tried again the next time. account: (out) (optional) (transfer full). */
SgpPortalClient *sgp_dispatcher_open_portal_sync(
	SgpDispatcher *self, SgpPortalAccount **account, GCancellable *cancellable, GError **error);
/* After enrolment, or another portal-url: what was opened is closed. */
void sgp_dispatcher_forget_portal(SgpDispatcher *self);
SgpPortalState sgp_dispatcher_get_portal_state(SgpDispatcher *self);
/* What a call to the portal ended with (NULL: well), for the state. */
void sgp_dispatcher_note_portal(SgpDispatcher *self, const GError *error);
/* Emits "portal-state-changed" in the thread that noticed. */

/* The decision, with the portal opened. As sgp_assessor_assess_sync(). */
SgpVerdict *sgp_dispatcher_assess_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, GPtrArray **mailboxes_out,
	GCancellable *cancellable, GError **error);
/* Decides and seals; nothing is kept. status COMMITTED stands for "sealed" here. May invite a
 * portal customer, who hears nothing of it. */
SgpPrepareResult *sgp_dispatcher_seal_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, SgpProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GError **error);
/* The whole way to the commit point. Stages: "deciding", "sealing", "spooling". Until it returns
 * COMMITTED nothing was kept, after it nothing can be lost. Errors: ALREADY_DONE (the draft-id is
 * used up: this mail was committed before), CONFLICT (a key or the mail changed meanwhile: again),
 * TOO_LARGE, UNREACHABLE, LOCKED, REFUSED, STORAGE, TAMPERED, CANCELLED. */
SgpPrepareResult *sgp_dispatcher_prepare_sync(SgpDispatcher *self, const SgpMail *mail,
	const SgpAssessOptions *options, const char *draft_id, gint64 now, SgpProgressFunc progress,
	gpointer progress_data, GCancellable *cancellable, GError **error);
/* {"address","state","code","valid_until"} of a portal customer; the code from the escrow. Errors:
 * NOT_ENROLLED, UNREACHABLE, TAMPERED ... */
char *sgp_dispatcher_dup_customer_json_sync(
	SgpDispatcher *self, const char *address, GCancellable *cancellable, GError **error);
/* {"state","origin","office","staff","fingerprint","waiting"}; asks the portal. */
char *sgp_dispatcher_dup_portal_json_sync(
	SgpDispatcher *self, GCancellable *cancellable, GError **error);
/* Asks the key directories (WKD) of those who may be written to, where the office trusts
 * directories and nothing is known of today. TRUE: something was learnt; assess again. */
gboolean sgp_dispatcher_ask_key_directories_sync(
	SgpDispatcher *self, const SgpVerdict *verdict, gint64 now, GCancellable *cancellable);
/* The same for one address. even_if_untrusted: whatever openpgp-trust says, and again. Errors:
 * UNREACHABLE, STORAGE, CANCELLED; nothing has changed then. */
gboolean sgp_dispatcher_ask_key_directory_sync(SgpDispatcher *self, const char *addr_spec,
	gboolean even_if_untrusted, gint64 now, GCancellable *cancellable, GError **error);
/* A received mail with its whole bytes: keeps the keys it carries, as candidates. */
void sgp_dispatcher_harvest_keys(SgpDispatcher *self, const SgpMail *mail);
/* Whether the address is the office's own (own-domains, own-addresses): mail that may leave
 * unsealed. */
gboolean sgp_dispatcher_is_internal(SgpDispatcher *self, const char *address);

G_END_DECLS
