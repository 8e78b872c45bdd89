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

G_END_DECLS
