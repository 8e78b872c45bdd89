/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libemail-engine/libemail-engine.h>

G_BEGIN_DECLS

/* Guards the transports of every mail session from its first moment on. */
void sgp_session_extension_register(GTypeModule *type_module);

G_END_DECLS
