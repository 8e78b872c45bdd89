/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Writes the same to two streams, which stay open. */
#define SGP_TYPE_TEE_STREAM (sgp_tee_stream_get_type())
G_DECLARE_FINAL_TYPE(SgpTeeStream, sgp_tee_stream, SGP, TEE_STREAM, GOutputStream)

GOutputStream *sgp_tee_stream_new(GOutputStream *one, GOutputStream *other);

G_END_DECLS
