/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From now on g_print() and g_printerr() write no control character but line ends and tabs. */
void sgp_cli_terminal_guard(void);

G_END_DECLS
