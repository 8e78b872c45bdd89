/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-inquiry-scan.h"

G_BEGIN_DECLS

/* What one sentence of an author's own words says about being answered by e-mail, by its grammar
 * alone. is_doubtful: (out) (optional) it must be asked about, whatever else is made of it: a
 * "keine" glued to the word before, a word nobody knows before "E-Mail bitte", an author who never
 * reads e-mail or does not trust it. Pure. */
SgpOptOut sgp_opt_out_grammar_read(const char *sentence, gboolean *is_doubtful);

G_END_DECLS
