/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bytes and the text of one attachment, found by its number in the frozen mail. */
#include "sgp-mime-private.h"

#include "sgp-error.h"

typedef struct {
	guint wanted;
	GMimeObject *found; /* (nullable) (borrowed) */
} Search;

static gboolean find_attachment(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	Search *search = user_data;
	if (is_body)
		return TRUE;
	if (search->wanted-- > 0)
		return TRUE;
	search->found = object;
	return FALSE;
}

char *sgp_mime_dup_attachment_text(const SgpMail *mail, guint n, gboolean *is_certain)
{
	*is_certain = FALSE;
	g_autoptr(GMimeMessage) message =
		mail->fd < 0 ? NULL : sgp_mime_parse(mail->fd, NULL, NULL);
	if (message == NULL)
		return NULL;
	Search search = { .wanted = n };
	SgpMimeWalk walk = { .func = find_attachment, .user_data = &search };
	sgp_mime_walk(&walk, g_mime_message_get_mime_part(message), 0);
	if (search.found == NULL || !GMIME_IS_PART(search.found))
		return NULL;
	gboolean is_whole = FALSE;
	g_autoptr(GByteArray) bytes = sgp_mime_read_content(GMIME_PART(search.found), &is_whole);
	char *text = sgp_mime_decode_text(bytes->data != NULL ? (const char *)bytes->data : "",
		bytes->len, g_mime_object_get_content_type_parameter(search.found, "charset"),
		is_certain);
	*is_certain = *is_certain && is_whole && sgp_mime_is_known_encoding(search.found);
	return text;
}

typedef struct {
	GOutputStream *out;
	GCancellable *cancellable;
} Output;

static gboolean take_to_output(gpointer taker, const char *data, gsize length, GError **error)
{
	Output *output = taker;
	return g_output_stream_write_all(
		output->out, data, length, NULL, output->cancellable, error);
}

/**
 * sgp_mime_write_attachment:
 * @n: index in mail->attachments
 * @out: gets the decoded bytes
 */
gboolean sgp_mime_write_attachment(
	const SgpMail *mail, guint n, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMimeMessage) message = sgp_mime_parse(mail->fd, NULL, error);
	if (message == NULL)
		return FALSE;
	Search search = { .wanted = n };
	SgpMimeWalk walk = { .func = find_attachment, .user_data = &search };
	sgp_mime_walk(&walk, g_mime_message_get_mime_part(message), 0);
	if (search.found == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such attachment");
		return FALSE;
	}
	Output output = { .out = out, .cancellable = cancellable };
	return sgp_mime_write_part(search.found, take_to_output, &output, error);
}
