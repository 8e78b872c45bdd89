/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-consent-ledger.h"
#include "sgp-history.h"
#include "sgp-key-lookup.h"
#include "sgp-mail.h"
#include "sgp-portal-client.h"
#include "sgp-settings.h"
#include "sgp-transport-probe.h"
#include "sgp-verdict.h"

G_BEGIN_DECLS

/* What staff said about this mail. */
typedef struct {
	SgpContentClass class_chosen; /* UNKNOWN: not chosen; then GENERAL unless found higher */
	const char *matter;           /* (nullable) */
	const char *const *confirmed; /* (nullable) ids of the questions (SgpQuestion.id) that staff
					 answered with yes */
	GHashTable *overrules; /* (nullable) (element-type utf8 utf8) id of an objection that staff
				  read otherwise (SgpRecipientVerdict.objection_id) to the written
				  reason */
} SgpAssessOptions;

/* Gathers the facts for every recipient at once, each with a time limit, and lets
 * sgp_policy_decide() decide. The same for the strip, for Prepare, for the command line. */
#define SGP_TYPE_ASSESSOR (sgp_assessor_get_type())
G_DECLARE_FINAL_TYPE(SgpAssessor, sgp_assessor, SGP, ASSESSOR, GObject)

/* portal: (nullable) none is configured. */
SgpAssessor *sgp_assessor_new(SgpSettings *settings, SgpHistory *history, SgpConsentLedger *ledger,
	SgpKeyLookup *keys, SgpPortalClient *portal);
void sgp_assessor_set_portal(SgpAssessor *self, SgpPortalClient *portal);
/* Before the first assessment; without one the transport rung is unknown. */
void sgp_assessor_set_transport_probe(SgpAssessor *self, SgpTransportProbe *probe);
/* Worker threads only; bounded by the limits of the facts (portal 3 s, keys 2 s). Never fails but
 * for cancellation and STORAGE: what could not be had is unknown. mailboxes_out: (out) (optional)
 * (transfer full) (element-type SgpPortalMailbox): what the portal answered, for the sealer. */
SgpVerdict *sgp_assessor_assess_sync(SgpAssessor *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, GPtrArray **mailboxes_out,
	GCancellable *cancellable, GError **error);

G_END_DECLS
