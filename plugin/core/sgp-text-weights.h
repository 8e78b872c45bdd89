/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The files of plugin/core/model, made part of the program by sgp_embed_weights(). */
extern const guint8 sgp_text_weights_opt_out[];
extern const gsize sgp_text_weights_opt_out_length;
extern const guint8 sgp_text_weights_content[];
extern const gsize sgp_text_weights_content_length;

G_END_DECLS
