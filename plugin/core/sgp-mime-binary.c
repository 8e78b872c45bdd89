/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a mail anew in which attachments stand as they are ("binary"): a copy's line ends all
 * become CRLF, which mail servers and signatures need, and which would damage such bytes. Every
 * other mail stays byte for byte; so does what somebody signed. */
#include "sgp-mime-private.h"

#include <sys/mman.h>
#include <unistd.h>

static gboolean encode_part(GMimeObject *object, gboolean is_body, gpointer unused)
{
	if (!is_body && sgp_mime_is_binary(object))
		g_mime_part_set_content_encoding(GMIME_PART(object), GMIME_CONTENT_ENCODING_BASE64);
	return TRUE;
}

static gboolean has_binary(const SgpMail *mail)
{
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		if (one->is_binary)
			return TRUE;
	}
	return FALSE;
}

/* In memory: clear text never gets on a disk. -1: error. */
static int write_message(GMimeMessage *message, GError **error)
{
	int fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	g_autoptr(GMimeStream) stream = fd >= 0 ? g_mime_stream_fs_new(fd) : NULL;
	if (stream != NULL)
		g_mime_stream_fs_set_owner(GMIME_STREAM_FS(stream), FALSE);
	if (stream != NULL &&
		g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, stream) >= 0 &&
		g_mime_stream_flush(stream) == 0)
		return fd;
	sgp_mime_set_io_error(error, "mail");
	if (fd >= 0)
		close(fd);
	return -1;
}

/**
 * sgp_mime_encode_binary:
 * @encoded: (out) (nullable) (transfer full): the mail with its binary attachments in base64; NULL:
 * it has none
 */
gboolean sgp_mime_encode_binary(const SgpMail *mail, SgpMail **encoded, GError **error)
{
	*encoded = NULL;
	if (!has_binary(mail))
		return TRUE;
	g_autoptr(GMimeMessage) message = sgp_mime_parse(mail->fd, NULL, error);
	if (message == NULL)
		return FALSE;
	SgpMimeWalk walk = { .func = encode_part, .is_unsigned_only = TRUE };
	sgp_mime_walk(&walk, g_mime_message_get_mime_part(message), 0);
	int fd = write_message(message, error);
	if (fd < 0)
		return FALSE;
	*encoded = sgp_mime_freeze(fd, error);
	close(fd);
	return *encoded != NULL;
}
