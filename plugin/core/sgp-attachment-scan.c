/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads attachments for the class of a mail: texts, files that siegelpost-extract reads, and
 * attached mails with what is attached to them. Owns the limits of that and the list of what was
 * not read. Never takes "not read" for "nothing in it": a diagnosis in a long text, in a forwarded
 * mail or in an unusual charset must not leave by transport or in clear as "general". */
#include "sgp-attachment-scan.h"

#include <string.h>
#include <sys/stat.h>

#include "sgp-attachment-text.h"
#include "sgp-content-scan.h"
#include "sgp-mime.h"
#include "sgp-own-words.h"
#include "sgp-uuencode.h"

#define MAX_MAIL  (72 * 1024 * 1024)  /* an attachment of 50 MB in base64 */
#define MAX_WORK  (512 * 1024 * 1024) /* finding one part means reading all before it */
#define MAX_PARTS 64
#define MAX_DEPTH 8
#define ALL_FILES (30 * G_TIME_SPAN_SECOND) /* somebody waits for "Send" */

typedef struct {
	GPtrArray *because, *unread; /* (borrowed) */
	guint n_left;                /* attachments that are still read, over all depths */
	goffset work_left;           /* bytes of mails that are still gone through */
	gint64 deadline;             /* monotonic, microseconds: for all files together */
	GCancellable *cancellable;   /* (borrowed) (nullable) */
} Scan;

static SgpContentClass scan_attachments(Scan *self, const SgpMail *mail, guint depth);

static gboolean is_type(const SgpMailAttachment *attachment, const char *const *types)
{
	for (gsize i = 0; attachment->content_type != NULL && types[i] != NULL; i++) {
		if (g_ascii_strcasecmp(attachment->content_type, types[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Texts that say what they say by their characters alone. RTF, for instance, writes its umlauts in
 * another way: it is looked at, and still not read. */
static gboolean is_plain_text(const SgpMailAttachment *attachment)
{
	static const char *const types[] = { "text/plain", "text/html", "text/csv",
		"text/tab-separated-values", "text/markdown", NULL };
	return is_type(attachment, types);
}

static SgpContentClass scan_text(Scan *self, const SgpMail *mail, guint n)
{
	static const char *const html[] = { "text/html", NULL };
	const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, n);
	gboolean is_certain = FALSE;
	g_autofree char *text = sgp_mime_dup_attachment_text(mail, n, &is_certain);
	if (text == NULL)
		return SGP_CONTENT_CLASS_UNKNOWN;
	g_autofree char *plain =
		is_type(attachment, html) ? sgp_own_words_text_from_html(text, TRUE) : NULL;
	/* UNKNOWN where it is too long to be read to its end. */
	SgpContentClass found = sgp_content_scan_text(plain != NULL ? plain : text, self->because);
	is_certain = is_certain && (plain == NULL || !sgp_own_words_has_data(text)) &&
		     !sgp_uuencode_is_in(plain != NULL ? plain : text);
	if (found == SGP_CONTENT_CLASS_GENERAL && (!is_certain || !is_plain_text(attachment)))
		return SGP_CONTENT_CLASS_UNKNOWN;
	return found;
}

static SgpContentClass scan_message(Scan *self, const SgpMail *mail, guint n, guint depth)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	if (depth >= MAX_DEPTH || !sgp_mime_write_attachment(mail, n, out, NULL, NULL) ||
		!g_output_stream_close(out, NULL, NULL))
		return SGP_CONTENT_CLASS_UNKNOWN;
	g_autoptr(GBytes) bytes =
		g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	g_autoptr(SgpMail) inner = sgp_mime_freeze_bytes(bytes, NULL);
	if (inner == NULL)
		return SGP_CONTENT_CLASS_UNKNOWN;
	/* UNKNOWN where its own text cannot be read: encrypted, or broken. */
	SgpContentClass found = sgp_content_scan_mail(inner, self->because);
	return sgp_content_scan_combine(found, scan_attachments(self, inner, depth + 1));
}

/* Pictures and sounds say what they say to eyes and ears. */
static gboolean is_readable_file(const SgpMailAttachment *attachment)
{
	static const char *const prefixes[] = { "image/", "audio/", "video/", "multipart/", NULL };
	for (gsize i = 0; prefixes[i] != NULL; i++) {
		if (g_ascii_strncasecmp(
			    attachment->content_type, prefixes[i], strlen(prefixes[i])) == 0)
			return FALSE;
	}
	return TRUE;
}

static SgpContentClass scan_file(Scan *self, const SgpMail *mail, guint n)
{
	if (!is_readable_file(g_ptr_array_index(mail->attachments, n)))
		return SGP_CONTENT_CLASS_UNKNOWN;
	gboolean is_whole = FALSE;
	g_autofree char *text =
		sgp_attachment_text_dup(mail, n, self->deadline, self->cancellable, &is_whole);
	if (text == NULL)
		return SGP_CONTENT_CLASS_UNKNOWN;
	SgpContentClass found = sgp_content_scan_text(text, self->because);
	return found == SGP_CONTENT_CLASS_GENERAL && !is_whole ? SGP_CONTENT_CLASS_UNKNOWN : found;
}

/* UNKNOWN: not read, or not all of it. */
static SgpContentClass scan_one(Scan *self, const SgpMail *mail, guint n, guint depth)
{
	static const char *const messages[] = { "message/rfc822", "message/global", NULL };
	static const char *const rtf[] = { "text/rtf", "text/richtext", NULL };
	const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, n);
	if (self->n_left == 0 || attachment->content_type == NULL)
		return SGP_CONTENT_CLASS_UNKNOWN;
	self->n_left--;
	if (is_type(attachment, messages))
		return scan_message(self, mail, n, depth);
	if (g_ascii_strncasecmp(attachment->content_type, "text/", 5) == 0 &&
		!is_type(attachment, rtf))
		return scan_text(self, mail, n);
	return scan_file(self, mail, n);
}

/* Files that are no parts of their own: a picture in a "data:" link is an attachment without a name
 * (/attachment-scan/a-picture-in-the-markup-is-not-read), an uuencoded one has one. */
static void find_embedded(Scan *self, const SgpMail *mail)
{
	sgp_uuencode_find(mail->text, self->unread);
	if (mail->html == NULL)
		return;
	if (sgp_own_words_has_data(mail->html))
		g_ptr_array_add(self->unread, g_strdup("data:"));
	if (strstr(mail->html, "begin") != NULL) {
		g_autofree char *text = sgp_own_words_text_from_html(mail->html, TRUE);
		sgp_uuencode_find(text, self->unread);
	}
}

static SgpContentClass scan_attachments(Scan *self, const SgpMail *mail, guint depth)
{
	struct stat info;
	SgpContentClass found = SGP_CONTENT_CLASS_GENERAL;
	find_embedded(self, mail);
	/* A draft that is still being typed has names only. */
	gboolean is_readable =
		mail->fd >= 0 && fstat(mail->fd, &info) == 0 && info.st_size <= MAX_MAIL;
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		SgpContentClass one = SGP_CONTENT_CLASS_UNKNOWN;
		if (is_readable && self->work_left >= info.st_size) {
			self->work_left -= info.st_size;
			one = scan_one(self, mail, i, depth);
		}
		if (one == SGP_CONTENT_CLASS_UNKNOWN)
			g_ptr_array_add(self->unread,
				g_strdup(attachment->name != NULL ? attachment->name
								  : attachment->content_type));
		else
			found = sgp_content_scan_combine(found, one);
	}
	return found;
}

SgpContentClass sgp_attachment_scan(
	const SgpMail *mail, GPtrArray *because, GPtrArray *unread, GCancellable *cancellable)
{
	Scan scan = { .because = because,
		.unread = unread,
		.n_left = MAX_PARTS,
		.work_left = MAX_WORK,
		.deadline = g_get_monotonic_time() + ALL_FILES,
		.cancellable = cancellable };
	return scan_attachments(&scan, mail, 0);
}
