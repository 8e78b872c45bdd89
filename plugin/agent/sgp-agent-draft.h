/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-assessor.h"
#include "sgp-mail.h"

G_BEGIN_DECLS

/* What Assess and Prepare get in their a{sv}. */
typedef struct {
	char *draft_id;        /* (owned) */
	char *matter;          /* (owned) (nullable) */
	char *hold_at;         /* (owned) (nullable) */
	GStrv confirmed;       /* (owned) (nullable) ids of questions */
	GHashTable *overrules; /* (owned) (nullable) objection id -> written reason */
	GPtrArray *bcc;        /* (owned) (element-type SgpAddress) */
	SgpContentClass class_chosen;
} SgpAgentOptions;

void sgp_agent_options_clear(SgpAgentOptions *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpAgentOptions, sgp_agent_options_clear)
/* Takes the options out of values: what is left are the draft's own keys. Errors: INVALID (wrong
 * type, unknown class). */
gboolean sgp_agent_options_parse(SgpAgentOptions *self, GVariantDict *values, GError **error);
void sgp_agent_options_fill(const SgpAgentOptions *self, SgpAssessOptions *to);
/* The mail that is being written. Errors: INVALID (unknown key, wrong type, a broken address).
 * (transfer full) */
SgpMail *sgp_agent_draft_parse(
	GVariantDict *values, const SgpAgentOptions *options, GError **error);
/* INVALID if a key was not understood: a newer host's option must not be ignored silently. */
gboolean sgp_agent_draft_check_empty(GVariantDict *values, GError **error);
/* Further Bcc recipients of the options, each once. */
void sgp_agent_draft_add_bcc(SgpMail *mail, GPtrArray *bcc);

G_END_DECLS
