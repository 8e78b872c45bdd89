/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <shell/e-shell.h>

G_BEGIN_DECLS

/* Shows a bar in Evolution's main window while sealed mails wait for a portal that is away (02,
 * Invariants: "portal away is visible"); takes it away when they are through. */
#define SGP_TYPE_WAITING_NOTICE (sgp_waiting_notice_get_type())
G_DECLARE_FINAL_TYPE(SgpWaitingNotice, sgp_waiting_notice, SGP, WAITING_NOTICE, GObject)

/* shell: outlives it. (transfer full) */
SgpWaitingNotice *sgp_waiting_notice_new(EShell *shell);

G_END_DECLS
