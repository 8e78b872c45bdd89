/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One part: its encoding, its size, and its decoded bytes as a stream, so that a large attachment
 * is never in memory. */
#include "sgp-mime-private.h"

#include "sgp-error.h"

gboolean sgp_mime_is_known_encoding(GMimeObject *object)
{
	static const char *const KNOWN[] = { "7bit", "8bit", "binary", "base64", "quoted-printable",
		"x-uuencode", "uuencode", "x-uue", NULL };
	const char *value = g_mime_object_get_header(object, "Content-Transfer-Encoding");
	if (value == NULL)
		return TRUE;
	g_autofree char *name = g_strdup(value);
	g_strstrip(name);
	for (gsize i = 0; KNOWN[i] != NULL; i++)
		if (g_ascii_strcasecmp(name, KNOWN[i]) == 0)
			return TRUE;
	return FALSE;
}

gboolean sgp_mime_is_binary(GMimeObject *object)
{
	GMimeContentEncoding encoding;
	return sgp_mime_get_content(object, &encoding) != NULL &&
	       encoding == GMIME_CONTENT_ENCODING_BINARY && !sgp_mime_is_type(object, "text", "*");
}

GMimeStream *sgp_mime_get_content(GMimeObject *object, GMimeContentEncoding *encoding)
{
	*encoding = GMIME_CONTENT_ENCODING_DEFAULT;
	if (!GMIME_IS_PART(object))
		return NULL;
	GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
	if (wrapper == NULL)
		return NULL;
	*encoding = g_mime_data_wrapper_get_encoding(wrapper);
	return g_mime_data_wrapper_get_stream(wrapper);
}

/* Base64 is counted, not decoded: that is ten times faster, and attachments are nearly always that.
 */
static gint64 count_base64(GMimeStream *content)
{
	g_autofree guint8 *buffer = g_malloc(SGP_MIME_BUFFER_SIZE);
	gint64 n = 0;
	ssize_t got;
	g_mime_stream_reset(content);
	while ((got = g_mime_stream_read(content, (char *)buffer, SGP_MIME_BUFFER_SIZE)) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += buffer[i] > ' ' && buffer[i] != '=';
	g_mime_stream_reset(content);
	return n * 3 / 4;
}

static gboolean is_message_written(GMimeObject *object, GMimeStream *to)
{
	GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
	return inner == NULL || g_mime_object_write_to_stream(GMIME_OBJECT(inner), NULL, to) >= 0;
}

gint64 sgp_mime_count_bytes(GMimeObject *object)
{
	GMimeContentEncoding encoding;
	GMimeStream *content = sgp_mime_get_content(object, &encoding);
	if (content != NULL && encoding == GMIME_CONTENT_ENCODING_BASE64)
		return count_base64(content);
	g_autoptr(GMimeStream) counter = g_mime_stream_null_new();
	if (GMIME_IS_MESSAGE_PART(object))
		is_message_written(object, counter);
	else if (content != NULL)
		g_mime_data_wrapper_write_to_stream(
			g_mime_part_get_content(GMIME_PART(object)), counter);
	return (gint64)GMIME_STREAM_NULL(counter)->written;
}

static gboolean is_written(GMimeObject *object, GMimeStream *to)
{
	if (GMIME_IS_MESSAGE_PART(object))
		return is_message_written(object, to);
	if (!GMIME_IS_PART(object))
		return g_mime_object_write_content_to_stream(object, NULL, to) >= 0;
	GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
	return wrapper == NULL || g_mime_data_wrapper_write_to_stream(wrapper, to) >= 0;
}

typedef struct {
	GMimeStream parent_object;
	SgpMimeTakeFunc take;
	gpointer taker; /* (borrowed) */
	GError *error;  /* (owned) (nullable) */
} OutStream;

typedef GMimeStreamClass OutStreamClass;

static GType out_stream_get_type(void);

G_DEFINE_TYPE(OutStream, out_stream, GMIME_TYPE_STREAM)

static ssize_t out_stream_write(GMimeStream *stream, const char *data, size_t length)
{
	OutStream *self = (OutStream *)stream;
	if (self->error != NULL || !self->take(self->taker, data, length, &self->error))
		return -1;
	stream->position += (gint64)length;
	return (ssize_t)length;
}

static int out_stream_flush(GMimeStream *stream)
{
	return 0;
}

static void out_stream_class_init(OutStreamClass *class)
{
	class->write = out_stream_write;
	class->flush = out_stream_flush;
}

static void out_stream_init(OutStream *self)
{
}

gboolean sgp_mime_write_part(
	GMimeObject *object, SgpMimeTakeFunc take, gpointer taker, GError **error)
{
	OutStream *stream = g_object_new(out_stream_get_type(), NULL);
	g_mime_stream_construct(GMIME_STREAM(stream), 0, -1);
	stream->take = take;
	stream->taker = taker;
	gboolean is_done = is_written(object, GMIME_STREAM(stream)) && stream->error == NULL;
	if (stream->error != NULL)
		g_propagate_error(error, g_steal_pointer(&stream->error));
	else if (!is_done)
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "a part is broken");
	g_object_unref(stream);
	return is_done;
}
