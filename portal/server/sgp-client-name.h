/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *sgp_client_name_dup(const char *user_agent);

G_END_DECLS
