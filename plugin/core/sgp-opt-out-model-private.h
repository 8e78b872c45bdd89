/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How likely a text is an objection, asks for e-mail, or for encryption; 0 to 1. */
typedef struct {
	double objects, asks, encrypts;
} SgpOptOutScore;

/* Pure, thread-safe. Without usable weights everything is an objection: that asks. */
SgpOptOutScore sgp_opt_out_model_read(const char *text);
/* Has the text a word that speaks of ways of answering (mail, paper, telephone, to write, to read,
 * ...)? TRUE without usable weights. Pure, thread-safe. */
gboolean sgp_opt_out_model_tells(const char *text);

G_END_DECLS
