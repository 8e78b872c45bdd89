/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the same to two streams. All of it or an error: a half that only one of them got would be
 * signed and not sent. Keeps nothing. */
#include "sgp-tee-stream.h"

struct _SgpTeeStream {
	GOutputStream parent_instance;
	GOutputStream *one, *other; /* (owned) */
};

G_DEFINE_TYPE(SgpTeeStream, sgp_tee_stream, G_TYPE_OUTPUT_STREAM)

static gssize sgp_tee_stream_write(GOutputStream *stream, const void *buffer, gsize count,
	GCancellable *cancellable, GError **error)
{
	SgpTeeStream *self = SGP_TEE_STREAM(stream);
	/* The other first: it may be a process, which works while the one does. */
	if (!g_output_stream_write_all(self->other, buffer, count, NULL, cancellable, error) ||
		!g_output_stream_write_all(self->one, buffer, count, NULL, cancellable, error))
		return -1;
	return (gssize)count;
}

static void sgp_tee_stream_finalize(GObject *object)
{
	SgpTeeStream *self = SGP_TEE_STREAM(object);
	g_clear_object(&self->one);
	g_clear_object(&self->other);
	G_OBJECT_CLASS(sgp_tee_stream_parent_class)->finalize(object);
}

static void sgp_tee_stream_class_init(SgpTeeStreamClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_tee_stream_finalize;
	G_OUTPUT_STREAM_CLASS(class)->write_fn = sgp_tee_stream_write;
}

static void sgp_tee_stream_init(SgpTeeStream *self)
{
}

GOutputStream *sgp_tee_stream_new(GOutputStream *one, GOutputStream *other)
{
	SgpTeeStream *self = g_object_new(SGP_TYPE_TEE_STREAM, NULL);
	self->one = g_object_ref(one);
	self->other = g_object_ref(other);
	return G_OUTPUT_STREAM(self);
}
