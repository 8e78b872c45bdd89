/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <camel/camel.h>

G_BEGIN_DECLS

#define SGP_COPY_HEADER "X-Siegelpost-Copy"

/* Lets every transport that this session has or gets ask the agent before a mail leaves. To be
 * called before the session has services; those that it has already are guarded as well. */
void sgp_transport_guard_install(CamelSession *session);

G_END_DECLS
