/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has GMime parse a mail where it lies; contents stay in the file descriptor. What other programs
 * may read in another way than GMime does is told, never passed over. */
#include "sgp-mime-private.h"

#include <string.h>
#include <unistd.h>

#include "sgp-error.h"

static gpointer initialise(gpointer unused)
{
	g_mime_init();
	return NULL;
}

static void ensure_gmime(void)
{
	static GOnce once = G_ONCE_INIT;
	g_once(&once, initialise, NULL);
}

typedef struct {
	gboolean is_broken;
} Warnings;

/* What other programs may read in another way than GMime does. */
static void note_warning(
	gint64 offset, GMimeParserWarning warning, const char *item, gpointer user_data)
{
	Warnings *warnings = user_data;
	switch (warning) {
	case GMIME_WARN_MALFORMED_MULTIPART:
	case GMIME_WARN_TRUNCATED_MESSAGE:
	case GMIME_WARN_MALFORMED_MESSAGE:
	case GMIME_CRIT_CONFLICTING_HEADER:
	case GMIME_CRIT_CONFLICTING_PARAMETER:
	case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
	case GMIME_CRIT_NESTING_OVERFLOW:
	case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
		warnings->is_broken = TRUE;
		return;
	case GMIME_WARN_DUPLICATED_HEADER:
	case GMIME_WARN_DUPLICATED_PARAMETER:
	case GMIME_WARN_UNENCODED_8BIT_HEADER:
	case GMIME_WARN_INVALID_CONTENT_TYPE:
	case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
	case GMIME_CRIT_INVALID_HEADER_NAME:
	case GMIME_WARN_INVALID_PARAMETER:
	case GMIME_WARN_INVALID_ADDRESS_LIST:
	case GMIME_WARN_PART_WITHOUT_CONTENT:
		return;
	}
}

/* The line end before a boundary belongs to the boundary. GMime 3.2 takes its length from the
 * boundary's own line: where a part ends in LF and its boundary in CR LF, the part's last character
 * is lost, and the scans would not read what every other program shows (test
 * /mime/a-text-keeps-its-last-character). Can go when GMime looks at the right line. */
static void mend_end(int fd, GMimeStream *content)
{
	char around[5]; /* one before the end, and four after it */
	gint64 end = content->bound_end;
	if (end < 1 || pread(fd, around, sizeof(around), end - 1) != (gssize)sizeof(around))
		return;
	if (around[1] != '\r' && memcmp(around + 2, "\n--", 3) == 0)
		content->bound_end++;
	else if (end > content->bound_start && memcmp(around, "\r\n--", 4) == 0)
		content->bound_end--;
}

static void mend_parts(int fd, GMimeObject *object)
{
	if (GMIME_IS_MULTIPART(object)) {
		int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
		for (int i = 0; i < count; i++)
			mend_parts(fd, g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
	} else if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		GMimeObject *root = inner == NULL ? NULL : g_mime_message_get_mime_part(inner);
		if (root != NULL)
			mend_parts(fd, root);
	} else if (GMIME_IS_PART(object)) {
		GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
		if (wrapper != NULL)
			mend_end(fd, g_mime_data_wrapper_get_stream(wrapper));
	}
}

/* The first bytes of it, at the most. */
GMimeMessage *sgp_mime_parse_start(int fd, gint64 limit, gboolean *is_broken, GError **error)
{
	ensure_gmime();
	int own = sgp_mime_reopen(fd, error);
	if (own < 0)
		return NULL;
	g_autoptr(GMimeStream) file = g_mime_stream_fs_new(own); /* closes own */
	g_autoptr(GMimeStream) start = g_mime_stream_length(file) > limit
					       ? g_mime_stream_substream(file, 0, limit)
					       : g_object_ref(file);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(start);
	g_mime_parser_set_persist_stream(parser, TRUE); /* contents stay where they are */
	Warnings warnings = { FALSE };
	g_autoptr(GMimeParserOptions) options = g_mime_parser_options_new();
	g_mime_parser_options_set_warning_callback(options, note_warning, &warnings);
	g_autoptr(GMimeMessage) message = g_mime_parser_construct_message(parser, options);
	if (message == NULL || g_mime_message_get_mime_part(message) == NULL ||
		g_mime_header_list_get_count(
			g_mime_object_get_header_list(GMIME_OBJECT(message))) == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a mail");
		return NULL;
	}
	mend_parts(fd, g_mime_message_get_mime_part(message));
	if (is_broken != NULL)
		*is_broken = warnings.is_broken;
	return g_steal_pointer(&message);
}

GMimeMessage *sgp_mime_parse(int fd, gboolean *is_broken, GError **error)
{
	return sgp_mime_parse_start(fd, G_MAXINT64, is_broken, error);
}
