/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums up what a mail says, apart from how it is written: for sealed mail the armor or the S/MIME
 * message, otherwise the decoded parts. It must agree with the agent's own sum, or nothing leaves.
 *
 * Not pinned are header fields, outer and of parts: Evolution adds and removes some on the way
 * (Resent-Bcc, X-Evolution-*, folding), and who receives the mail is compared apart. Who could
 * change them in the outbox could write a mail of his own; what the customer's program shows of a
 * sealed mail (text, subject, attachments) comes from inside the seal. */
#include "sgp-content-digest.h"

#include <string.h>

static GBytes *decode(CamelDataWrapper *content, GCancellable *cancellable, GError **error)
{
	g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable();
	if (camel_data_wrapper_decode_to_output_stream_sync(content, stream, cancellable, error) <
			0 ||
		!g_output_stream_close(stream, cancellable, error))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(stream));
}

/* The length without the line ends at its end. */
static gsize trimmed_length(const char *data, gsize length)
{
	while (length > 0 && data[length - 1] == '\n') {
		length--;
		if (length > 0 && data[length - 1] == '\r')
			length--;
	}
	return length;
}

/* Every line end, CRLF or LF, becomes this one. */
static void add_lines(GChecksum *sum, const char *data, gsize length, const char *line_end)
{
	const char *stop = data + length;
	while (data < stop) {
		const char *feed = memchr(data, '\n', (gsize)(stop - data));
		const char *end = feed != NULL ? feed : stop;
		const char *text_end = end;
		if (feed != NULL && text_end > data && text_end[-1] == '\r')
			text_end--;
		g_checksum_update(sum, (const guchar *)data, text_end - data);
		if (feed != NULL)
			g_checksum_update(sum, (const guchar *)line_end, -1);
		data = feed != NULL ? feed + 1 : stop;
	}
}

static gboolean add_leaf(
	GChecksum *sum, CamelMimePart *part, GCancellable *cancellable, GError **error)
{
	CamelContentType *type = camel_mime_part_get_content_type(part);
	g_autofree char *simple =
		type != NULL ? camel_content_type_simple(type) : g_strdup("text/plain");
	g_autofree char *lower = g_ascii_strdown(simple, -1);
	CamelDataWrapper *content = camel_medium_get_content(CAMEL_MEDIUM(part));
	g_checksum_update(sum, (const guchar *)lower, -1);
	g_checksum_update(sum, (const guchar *)"\n", 1);
	if (content != NULL) {
		g_autoptr(GBytes) bytes = decode(content, cancellable, error);
		if (bytes == NULL)
			return FALSE;
		gsize length = 0;
		const char *data = g_bytes_get_data(bytes, &length);
		add_lines(sum, data, trimmed_length(data, length), "\n");
	}
	g_checksum_update(sum, (const guchar *)"\0", 1);
	return TRUE;
}

static gboolean add_part(
	GChecksum *sum, CamelMimePart *part, GCancellable *cancellable, GError **error)
{
	CamelDataWrapper *content = camel_medium_get_content(CAMEL_MEDIUM(part));
	if (CAMEL_IS_MIME_MESSAGE(content))
		return add_part(sum, CAMEL_MIME_PART(content), cancellable, error);
	if (!CAMEL_IS_MULTIPART(content))
		return add_leaf(sum, part, cancellable, error);
	guint n = camel_multipart_get_number(CAMEL_MULTIPART(content));
	for (guint i = 0; i < n; i++)
		if (!add_part(sum, camel_multipart_get_part(CAMEL_MULTIPART(content), i),
			    cancellable, error))
			return FALSE;
	return TRUE;
}

static gboolean add_armor(
	GChecksum *sum, CamelMimePart *part, GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) bytes =
		decode(camel_medium_get_content(CAMEL_MEDIUM(part)), cancellable, error);
	if (bytes == NULL)
		return FALSE;
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);
	add_lines(sum, data, trimmed_length(data, length), "\r\n");
	g_checksum_update(sum, (const guchar *)"\r\n", 2);
	return TRUE;
}

static gboolean is_blank(const char *text)
{
	return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static gboolean has_type(CamelMimePart *part, const char *type, const char *subtype)
{
	return camel_content_type_is(camel_mime_part_get_content_type(part), type, subtype) != 0;
}

static gboolean says_version_1(CamelMimePart *part, GCancellable *cancellable)
{
	g_autoptr(GBytes) bytes =
		decode(camel_medium_get_content(CAMEL_MEDIUM(part)), cancellable, NULL);
	gsize length = 0;
	const char *data = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
	const gsize wanted = strlen("Version: 1");
	return data != NULL && trimmed_length(data, length) == wanted &&
	       memcmp(data, "Version: 1", wanted) == 0;
}

/* Exactly what RFC 3156 section 4 describes, and nothing beside it. Attack stopped: clear text in a
 * third part, or in the place of the control part, next to an armor that is unchanged. What is not
 * like this is summed up as an ordinary mail, and that sum is no sealed copy's. Shown by
 * tests/unit/test-content-digest.c. */
static gboolean is_sealed(CamelMimeMessage *message, GCancellable *cancellable)
{
	CamelDataWrapper *content = camel_medium_get_content(CAMEL_MEDIUM(message));
	if (!has_type(CAMEL_MIME_PART(message), "multipart", "encrypted") ||
		!CAMEL_IS_MULTIPART(content) ||
		camel_multipart_get_number(CAMEL_MULTIPART(content)) != 2)
		return FALSE;
	CamelMimePart *control = camel_multipart_get_part(CAMEL_MULTIPART(content), 0);
	CamelMimePart *armor = camel_multipart_get_part(CAMEL_MULTIPART(content), 1);
	const char *preface = camel_multipart_get_preface(CAMEL_MULTIPART(content));
	const char *postface = camel_multipart_get_postface(CAMEL_MULTIPART(content));
	return has_type(control, "application", "pgp-encrypted") &&
	       has_type(armor, "application", "octet-stream") && is_blank(preface) &&
	       is_blank(postface) && says_version_1(control, cancellable);
}

/* One part that is nothing but an S/MIME message (RFC 8551 section 3.3). */
static gboolean is_enveloped(CamelMimeMessage *message)
{
	CamelDataWrapper *content = camel_medium_get_content(CAMEL_MEDIUM(message));
	return has_type(CAMEL_MIME_PART(message), "application", "pkcs7-mime") && content != NULL &&
	       !CAMEL_IS_MULTIPART(content) && !CAMEL_IS_MIME_MESSAGE(content);
}

static gboolean add_enveloped(
	GChecksum *sum, CamelMimeMessage *message, GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) bytes =
		decode(camel_medium_get_content(CAMEL_MEDIUM(message)), cancellable, error);
	if (bytes == NULL)
		return FALSE;
	gsize length = 0;
	const guchar *data = g_bytes_get_data(bytes, &length);
	g_checksum_update(sum, data, (gssize)length);
	return TRUE;
}

static gboolean add_message(
	GChecksum *sum, CamelMimeMessage *message, GCancellable *cancellable, GError **error)
{
	CamelDataWrapper *content = camel_medium_get_content(CAMEL_MEDIUM(message));
	if (is_enveloped(message))
		return add_enveloped(sum, message, cancellable, error);
	if (is_sealed(message, cancellable))
		return add_armor(sum, camel_multipart_get_part(CAMEL_MULTIPART(content), 1),
			cancellable, error);
	return add_part(sum, CAMEL_MIME_PART(message), cancellable, error);
}

char *sgp_content_digest_compute(
	CamelMimeMessage *message, GCancellable *cancellable, GError **error)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	gboolean done = add_message(sum, message, cancellable, error);
	return done ? g_strdup(g_checksum_get_string(sum)) : NULL;
}
