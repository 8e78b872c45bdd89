/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <shell/e-shell.h>

G_BEGIN_DECLS

/* Shows in Evolution's main window what the portal told and a person has to act upon, until it is
 * closed there or marked as done in the preferences. */
#define SGP_TYPE_EVENT_NOTICE (sgp_event_notice_get_type())
G_DECLARE_FINAL_TYPE(SgpEventNotice, sgp_event_notice, SGP, EVENT_NOTICE, GObject)

/* shell: outlives it. (transfer full) */
SgpEventNotice *sgp_event_notice_new(EShell *shell);

G_END_DECLS
