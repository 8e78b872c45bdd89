/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a part's bytes to text. It never guesses in silence: a reading that the bytes do not prove
 * is marked as not certain. */
#include "sgp-mime-private.h"

#include <string.h>

GByteArray *sgp_mime_read_content(GMimePart *part, gboolean *is_whole)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GByteArray *bytes = g_byte_array_new();
	*is_whole = TRUE;
	if (wrapper == NULL)
		return bytes;
	g_autoptr(GMimeStream) memory = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(memory), FALSE);
	GMimeStream *content = g_mime_data_wrapper_get_stream(wrapper);
	gint64 length = g_mime_stream_length(content);
	if (length > SGP_MIME_MAXIMAL_TEXT) {
		g_autoptr(GMimeStream) start = g_mime_stream_substream(content,
			content->bound_start, content->bound_start + SGP_MIME_MAXIMAL_TEXT);
		GMimeDataWrapper *head = g_mime_data_wrapper_new_with_stream(
			start, g_mime_data_wrapper_get_encoding(wrapper));
		g_mime_data_wrapper_write_to_stream(head, memory);
		g_object_unref(head);
		*is_whole = FALSE;
	} else if (g_mime_data_wrapper_write_to_stream(wrapper, memory) < 0) {
		*is_whole = FALSE;
	}
	return bytes;
}

/* NULL also for a text with a NUL in it: what stands behind it would be lost, and such bytes are
 * not what their charset says (UTF-16 that calls itself UTF-8). */
static char *convert(const char *text, gsize length, const char *charset)
{
	const char *name = g_mime_charset_iconv_name(charset);
	gsize n_written = 0;
	g_autofree char *converted = g_convert(text, (gssize)length, "UTF-8",
		name != NULL ? name : charset, NULL, &n_written, NULL);
	if (converted == NULL || strlen(converted) != n_written)
		return NULL;
	return g_steal_pointer(&converted);
}

/* A byte order mark says more than any label. NULL: there is none. */
static const char *get_marked_charset(const char *text, gsize length)
{
	if (length >= 2 && memcmp(text, "\xff\xfe", 2) == 0)
		return "UTF-16LE";
	if (length >= 2 && memcmp(text, "\xfe\xff", 2) == 0)
		return "UTF-16BE";
	return NULL;
}

gboolean sgp_mime_is_ascii_charset(const char *charset)
{
	return charset == NULL || *charset == '\0' ||
	       g_ascii_strcasecmp(charset, "us-ascii") == 0 ||
	       g_ascii_strcasecmp(charset, "ascii") == 0 ||
	       g_ascii_strcasecmp(charset, "unknown-8bit") == 0;
}

/* UTF-8, without NUL. is_certain: the bytes are what the charset says they are. Else a reading as
 * Western European, which shows most of a German text but proves nothing. */
char *sgp_mime_decode_text(
	const char *text, gsize length, const char *charset, gboolean *is_certain)
{
	g_autofree char *decoded = NULL;
	const char *marked = get_marked_charset(text, length);
	charset = marked != NULL ? marked : charset;
	*is_certain = memchr(text, '\0', length) == NULL || !sgp_mime_is_ascii_charset(charset);
	if (sgp_mime_is_ascii_charset(charset)) {
		if (g_utf8_validate(text, (gssize)length, NULL))
			decoded = g_strndup(text, length);
	} else {
		decoded = convert(text, length, charset);
	}
	if (decoded != NULL)
		return g_steal_pointer(&decoded);
	*is_certain = FALSE;
	decoded = convert(text, length, "windows-1252");
	if (decoded == NULL)
		decoded = convert(text, length, "iso-8859-1");
	return decoded != NULL ? g_steal_pointer(&decoded)
			       : g_utf8_make_valid(text, (gssize)length);
}

/* A header's text as UTF-8: a field's bytes may be anything. */
char *sgp_mime_dup_valid(const char *text)
{
	gboolean is_certain;
	return sgp_mime_decode_text(text, strlen(text), NULL, &is_certain);
}
