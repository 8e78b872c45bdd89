/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Turns foreign bytes into a frozen mail. Part contents stay in the file descriptor; only texts
 * that are read are in memory, up to a limit. It never guesses in silence: what it could not read
 * for certain marks the mail as undecodable, and the scans then ask instead of finding nothing. */
#include "sgp-mime-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sgp-error.h"

typedef struct {
	SgpMail *mail;
	GString *text;
	GString *html; /* (nullable) */
	gsize n_text;  /* bytes of both */
} Filling;

/* UTF-16 without an encoding around it changes with every line end that a program on the way writes
 * anew: nobody knows what its reader sees (test /mime/what-cannot-be-read-for-certain-is-marked).
 */
static gboolean is_bare_utf16(GMimeObject *object, const GByteArray *bytes)
{
	GMimeContentEncoding encoding;
	sgp_mime_get_content(object, &encoding);
	return encoding != GMIME_CONTENT_ENCODING_BASE64 &&
	       encoding != GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE && bytes->len >= 2 &&
	       (memcmp(bytes->data, "\xff\xfe", 2) == 0 || memcmp(bytes->data, "\xfe\xff", 2) == 0);
}

static void add_text(Filling *filling, GMimeObject *object)
{
	SgpMail *mail = filling->mail;
	gboolean is_whole;
	gboolean is_certain;
	g_autoptr(GByteArray) bytes = sgp_mime_read_content(GMIME_PART(object), &is_whole);
	g_autofree char *text = sgp_mime_decode_text(
		bytes->data != NULL ? (const char *)bytes->data : "", bytes->len,
		g_mime_object_get_content_type_parameter(object, "charset"), &is_certain);
	if (!is_whole || !is_certain || !sgp_mime_is_known_encoding(object) ||
		is_bare_utf16(object, bytes))
		mail->is_undecodable = TRUE;
	if (strstr(text, "-----BEGIN PGP MESSAGE-----") != NULL)
		mail->is_encrypted = TRUE;
	filling->n_text += strlen(text);
	if (filling->n_text > SGP_MIME_MAXIMAL_TEXT) {
		mail->is_undecodable = TRUE;
		return;
	}
	gboolean is_html = sgp_mime_is_type(object, "text", "html");
	if (is_html && filling->html == NULL)
		filling->html = g_string_new(NULL);
	GString *to = is_html ? filling->html : filling->text;
	if (to->len > 0 && to->str[to->len - 1] != '\n')
		g_string_append_c(to, '\n');
	g_string_append(to, text);
}

static void add_attachment(Filling *filling, GMimeObject *object)
{
	g_autofree char *name = NULL;
	if (GMIME_IS_PART(object)) {
		const char *given = g_mime_part_get_filename(GMIME_PART(object));
		name = given == NULL ? NULL : sgp_mime_dup_valid(given);
	} else if (g_mime_object_get_content_disposition_parameter(object, "filename") != NULL) {
		name = sgp_mime_dup_valid(
			g_mime_object_get_content_disposition_parameter(object, "filename"));
	}
	g_autofree char *type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	const char *id = g_mime_object_get_content_id(object);
	g_autofree char *content_id = id == NULL ? NULL : sgp_mime_dup_valid(id);
	SgpMailAttachment *attachment =
		sgp_mail_attachment_new(name, type, content_id, sgp_mime_count_bytes(object));
	attachment->is_binary = sgp_mime_is_binary(object);
	g_ptr_array_add(filling->mail->attachments, attachment);
}

static gboolean fill_part(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	Filling *filling = user_data;
	if (is_body)
		add_text(filling, object);
	else
		add_attachment(filling, object);
	return TRUE;
}

static void fill_parts(SgpMail *mail, GMimeMessage *message)
{
	g_autoptr(GString) text = g_string_new(NULL);
	Filling filling = { .mail = mail, .text = text };
	SgpMimeWalk walk = { .func = fill_part, .user_data = &filling };
	GMimeObject *root = g_mime_message_get_mime_part(message);
	if (g_mime_object_get_content_type(root) == NULL)
		walk.is_broken = TRUE;
	sgp_mime_walk(&walk, root, 0);
	mail->is_encrypted |= walk.is_encrypted;
	mail->is_undecodable |= walk.is_broken;
	g_free(mail->text);
	mail->text = g_string_free(g_steal_pointer(&text), FALSE);
	mail->html = filling.html == NULL ? NULL : g_string_free(filling.html, FALSE);
	g_free(mail->content_type);
	mail->content_type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(root));
}

/**
 * sgp_mime_freeze:
 * @fd: seekable; stays the caller's
 *
 * Returns: (transfer full): the mail, with a descriptor of its own that nobody can write to
 */
SgpMail *sgp_mime_freeze(int fd, GError **error)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	gboolean is_broken = FALSE;
	mail->fd = sgp_mime_open_sealed(fd, error);
	if (mail->fd < 0)
		return NULL;
	g_autoptr(GMimeMessage) message = sgp_mime_parse(mail->fd, &is_broken, error);
	if (message == NULL)
		return NULL;
	mail->digest = sgp_mime_digest_fd(mail->fd, error);
	if (mail->digest == NULL)
		return NULL;
	mail->is_undecodable = is_broken;
	sgp_mime_fill_header(mail, g_mime_object_get_header_list(GMIME_OBJECT(message)));
	/* GMime keeps the fields of the root part (Content-...) apart. */
	sgp_mime_fill_header(mail,
		g_mime_object_get_header_list(GMIME_OBJECT(g_mime_message_get_mime_part(message))));
	fill_parts(mail, message);
	return g_steal_pointer(&mail);
}

SgpMail *sgp_mime_freeze_bytes(GBytes *bytes, GError **error)
{
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	int fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	SgpMail *mail = NULL;
	gsize done = 0;
	while (fd >= 0 && done < size) {
		ssize_t got = write(fd, start + done, size - done);
		if (got <= 0)
			break;
		done += (gsize)got;
	}
	if (fd < 0 || done < size)
		sgp_mime_set_io_error(error, "memfd");
	else
		mail = sgp_mime_freeze(fd, error);
	if (fd >= 0)
		close(fd);
	return mail;
}

SgpMail *sgp_mime_freeze_file(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		sgp_mime_set_io_error(error, "open mail");
		return NULL;
	}
	SgpMail *mail = sgp_mime_freeze(fd, error);
	close(fd);
	return mail;
}
