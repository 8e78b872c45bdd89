/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <shell/e-shell.h>

G_BEGIN_DECLS

/* Preferences page, recovery and history at start, and the assertion on every composer. */
void sgp_shell_extension_register(GTypeModule *type_module);

G_END_DECLS
