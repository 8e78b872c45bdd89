/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Does a text refuse ways of answering other than e-mail, and only those: it names e-mail too and
 * nowhere refuses it, and wants none of the others? "Bitte keine Briefe mehr, meine Mailadresse
 * kennen Sie." FALSE where there is any doubt: it speaks against an objection. Pure,
 * thread-safe. */
gboolean sgp_opt_out_ways_refuses_others(const char *text);

G_END_DECLS
