/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-inquiry-scan.h"

G_BEGIN_DECLS

/* What one sentence of an author's own words says about being answered by e-mail, by its grammar
 * alone. Pure. */
SgpOptOut sgp_opt_out_grammar_read(const char *sentence);

G_END_DECLS
