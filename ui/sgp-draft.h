/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>
#include "sgp-agent-generated.h"

G_BEGIN_DECLS

typedef enum {
	SGP_DRAFT_STATE_NO_AGENT = 0, /* zero: nobody has answered, so nothing may leave */
	SGP_DRAFT_STATE_ASSESSING, /* a newer question is under way; the verdict shown is the last
				      one */
	SGP_DRAFT_STATE_ASSESSED,
	SGP_DRAFT_STATE_SENDING,
} SgpDraftState;

/* One mail that is being written, as the widgets show it: the agent's last verdict, and what staff
 * said about the mail (class, matter, confirmed questions, reason to overrule). The host's adapter
 * feeds it, the widgets show and change it.
 *
 * Signals: "changed" (show again), "options-changed" (staff said something: assess again),
 * "reply-to" (char *message_id: staff chose an inquiry to answer). */
#define SGP_TYPE_DRAFT (sgp_draft_get_type())
G_DECLARE_FINAL_TYPE(SgpDraft, sgp_draft, SGP, DRAFT, GObject)

SgpDraft *sgp_draft_new(void);

/* (nullable) no agent: the state becomes NO_AGENT. (transfer none) */
void sgp_draft_set_agent(SgpDraft *self, SgpAgent1 *agent);
SgpAgent1 *sgp_draft_get_agent(SgpDraft *self);
void sgp_draft_set_state(SgpDraft *self, SgpDraftState state);
SgpDraftState sgp_draft_get_state(SgpDraft *self);
/* The JSON of Assess or of a job's "verdict". Not JSON: FALSE, and the old one is dropped
 * (unknown). */
gboolean sgp_draft_set_verdict_json(SgpDraft *self, const char *json);
void sgp_draft_set_verdict(SgpDraft *self, JsonObject *verdict); /* (nullable) */
JsonObject *sgp_draft_get_verdict(SgpDraft *self);               /* (nullable) (borrowed) */
/* Why the last attempt to send was stopped; NULL takes it away. */
void sgp_draft_set_notice(SgpDraft *self, const char *notice);
const char *sgp_draft_get_notice(SgpDraft *self);
/* Who writes: recorded as the one who took a consent. */
void sgp_draft_set_from(SgpDraft *self, const char *from);
const char *sgp_draft_get_from(SgpDraft *self);

void sgp_draft_choose_class(SgpDraft *self, const char *nick);
const char *sgp_draft_get_class(SgpDraft *self);                     /* NULL: not chosen */
void sgp_draft_choose_matter(SgpDraft *self, const char *reference); /* NULL or "": none */
const char *sgp_draft_get_matter(SgpDraft *self);
/* question: the id of the question that was shown; the answer counts for no other. */
void sgp_draft_confirm(SgpDraft *self, const char *question);
/* objection: the id of the objection that was shown; the reason counts for no other. */
void sgp_draft_overrule(SgpDraft *self, const char *objection, const char *reason);
void sgp_draft_reply_to(SgpDraft *self, const char *message_id);
/* Staff want it looked at again. */
void sgp_draft_retry(SgpDraft *self);
/* Adds class, matter, confirmed and overrule, where given, to an a{sv}. */
void sgp_draft_add_options(SgpDraft *self, GVariantBuilder *builder);
/* The recipients changed: what was confirmed was confirmed for others. */
void sgp_draft_forget_confirmations(SgpDraft *self);

G_END_DECLS
