/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The forms and the options of one call. FALSE: there is no such call, and nothing was printed. */
gboolean sgp_cli_print_call_help(const char *call);

G_END_DECLS
