/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void sgp_json_writer_add_text(GString *out, const char *text);
void sgp_json_writer_add_number(GString *out, gint64 number);

G_END_DECLS
