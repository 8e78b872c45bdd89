/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a mail's body texts stand in its bytes, for who writes into a copy. An empty answer is
 * always allowed; a wrong place never is, so everything GMime says is compared with the bytes. */
#include "sgp-mime-private.h"

#include <string.h>
#include <unistd.h>

#define START_SIZE (1024 * 1024)

typedef struct {
	const SgpMail *mail;
	GMimeMessage *message; /* (borrowed) */
	GArray *texts;         /* (borrowed) (element-type SgpMimeText) */
} PlaceSearch;

/* The end of a part's Content-Type field, if it stands in the bytes where GMime says. */
static gint64 find_type_end(const PlaceSearch *search, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	GMimeHeader *header = g_mime_header_list_get_header(list, "Content-Type");
	if (header == NULL || g_mime_header_get_raw_value(header) == NULL)
		return -1;
	g_autofree char *raw = g_strdup_printf(
		"%s:%s", g_mime_header_get_raw_name(header), g_mime_header_get_raw_value(header));
	gsize length = strlen(raw);
	g_autofree char *there = g_malloc0(length + 1);
	gint64 offset = g_mime_header_get_offset(header);
	if (offset < 0 || pread(search->mail->fd, there, length, offset) != (gssize)length ||
		memcmp(there, raw, length) != 0)
		return -1;
	while (length > 0 && g_ascii_isspace(raw[length - 1]))
		length--;
	return length > 0 && raw[length - 1] != ';' ? offset + (gint64)length : -1;
}

static SgpMimeTextEncoding get_text_encoding(GMimeContentEncoding encoding)
{
	switch (encoding) {
	case GMIME_CONTENT_ENCODING_DEFAULT:
	case GMIME_CONTENT_ENCODING_7BIT:
	case GMIME_CONTENT_ENCODING_8BIT:
		return SGP_MIME_TEXT_AS_IS;
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
		return SGP_MIME_TEXT_QUOTED;
	case GMIME_CONTENT_ENCODING_BASE64:
		return SGP_MIME_TEXT_BASE64;
	case GMIME_CONTENT_ENCODING_BINARY:
	case GMIME_CONTENT_ENCODING_UUENCODE:
		return SGP_MIME_TEXT_OTHER;
	}
	return SGP_MIME_TEXT_OTHER;
}

static gboolean note_place(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	PlaceSearch *search = user_data;
	GMimeContentEncoding encoding;
	GMimeStream *content = is_body ? sgp_mime_get_content(object, &encoding) : NULL;
	if (content == NULL || !sgp_mime_is_known_encoding(object))
		return TRUE;
	const char *charset = g_mime_object_get_content_type_parameter(object, "charset");
	SgpMimeText text = {
		.type_end = find_type_end(search, object),
		.content = content->bound_start,
		.end = content->bound_end,
		.encoding = get_text_encoding(encoding),
		.is_html = sgp_mime_is_type(object, "text", "html"),
		.is_utf8 = sgp_mime_is_ascii_charset(charset) ||
			   g_ascii_strcasecmp(charset, "utf-8") == 0,
		.is_8bit = encoding == GMIME_CONTENT_ENCODING_8BIT &&
			   !sgp_mime_is_ascii_charset(charset),
	};
	for (guint i = 0; i < search->texts->len; i++)
		if (g_array_index(search->texts, SgpMimeText, i).is_html == text.is_html)
			return TRUE;
	if (text.end < 0)
		text.end = text.content + g_mime_stream_length(content);
	g_array_append_val(search->texts, text);
	return TRUE;
}

/**
 * sgp_mime_find_texts:
 *
 * Returns: (transfer full): where they are; empty if that is not certain
 */
GArray *sgp_mime_find_texts(const SgpMail *mail)
{
	GArray *texts = g_array_new(FALSE, TRUE, sizeof(SgpMimeText));
	g_autoptr(GMimeMessage) message = sgp_mime_parse_start(mail->fd, START_SIZE, NULL, NULL);
	if (message == NULL || mail->is_undecodable || mail->is_encrypted)
		return texts;
	PlaceSearch search = { .mail = mail, .texts = texts };
	SgpMimeWalk walk = { .func = note_place, .user_data = &search, .is_unsigned_only = TRUE };
	sgp_mime_walk(&walk, g_mime_message_get_mime_part(message), 0);
	return texts;
}
