/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-inquiry-scan.h"
#include "sgp-opt-out-lexicon-private.h"

G_BEGIN_DECLS

#define SGP_CLAUSE_MAX_WORDS 200

/* One clause: its words' roles, in order, and all of them together. Words beyond the limit do not
 * count. */
typedef struct {
	guint64 roles[SGP_CLAUSE_MAX_WORDS];
	guint n;
	guint64 all;
} SgpClause;

/* word: folded. */
void sgp_clause_add_word(SgpClause *clause, const char *word);
gboolean sgp_clause_has(const SgpClause *clause, guint64 roles);
/* The ways of sending; a negation does not reach past the next one. */
gboolean sgp_clause_is_way(guint64 roles);
/* What somebody did, got or found, not what they want. */
gboolean sgp_clause_is_past(const SgpClause *clause);
/* A word that wishes or refuses; "ich kann", "I will" say what the author does himself. */
gboolean sgp_clause_has_wish(const SgpClause *clause);
/* The author tells what he did or does himself with a mail: it says nothing of what we may do.
 * Whoever cannot read any e-mail at all is not meant by it. */
gboolean sgp_clause_is_told(const SgpClause *clause);
/* names_new_address: the sentence says where e-mail is to go instead. Pure. */
SgpOptOut sgp_clause_read(
	const SgpClause *clause, gboolean is_question, gboolean names_new_address);

G_END_DECLS
