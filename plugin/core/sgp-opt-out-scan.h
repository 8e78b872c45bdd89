/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-inquiry-scan.h"

G_BEGIN_DECLS

/* What one sentence of an author's own words says about being answered by e-mail. Pure. */
SgpOptOut sgp_opt_out_scan_sentence(const char *sentence);
/* What a mail says, sentence by sentence and as a whole: "Ich habe kein Internet. Sie haben ja
 * meine Nummer." sentences: (element-type SgpSentence), in their order. decided: (out) (optional)
 * which of them decided; untouched for SGP_OPT_OUT_NONE. Pure. */
SgpOptOut sgp_opt_out_scan_sentences(const GPtrArray *sentences, guint *decided);
/* What several sentences say together: an objection and a request for e-mail side by side are
 * UNCLEAR. */
SgpOptOut sgp_opt_out_scan_combine(SgpOptOut one, SgpOptOut other);

G_END_DECLS
