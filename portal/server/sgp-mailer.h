/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

GThread *sgp_mailer_start(SgpPortal *portal);
void sgp_mailer_stop(SgpPortal *portal, GThread *thread);

G_END_DECLS
