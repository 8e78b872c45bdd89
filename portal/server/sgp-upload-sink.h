/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

/**
 * SgpUploadSink:
 *
 * One PATCH while its bytes come in. Fed from the main loop, written by a thread pool, so that the
 * loop never waits for a disk.
 */
typedef struct _SgpUploadSink SgpUploadSink;

/* Called in the main context when less is waiting to be written, and again when @done. */
typedef void (*SgpUploadProgress)(gpointer data, gboolean done);

SgpUploadSink *sgp_upload_sink_new(
	SgpCall *call, gint64 announced, SgpUploadProgress progress, gpointer data);
gsize sgp_upload_sink_push(SgpUploadSink *sink, const void *data, gsize size);
gsize sgp_upload_sink_get_waiting(SgpUploadSink *sink);
void sgp_upload_sink_finish(SgpUploadSink *sink);
void sgp_upload_sink_abandon(SgpUploadSink *sink);
SgpCall *sgp_upload_sink_get_call(SgpUploadSink *sink);
gboolean sgp_upload_sink_has_failed(SgpUploadSink *sink);

gboolean sgp_upload_sink_is_any_alive(void);
void sgp_upload_sink_supersede(const char *name);
void sgp_upload_sink_seal(const char *name);
void sgp_upload_sink_unseal(const char *name);

G_END_DECLS
