/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opens an encrypted mail so that the scans can read its author's own words. A customer's answer
 * from the portal is always encrypted: unread, each would cost staff a question. It owns nothing,
 * keeps nothing, and writes no clear text anywhere; only the judgement is kept.
 *
 * Who wrote it, and when, is taken from the outer header alone: the inner one is the author's own
 * claim, and must not replace what the mail servers saw (threat 19). The inner subject counts, for
 * the outer one says nothing. */

#include "sgp-opened-mail.h"
#include "sgp-cms-signed.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm.h"
#include "sgp-mime.h"

#define MAXIMAL_CIPHERTEXT (8 * 1024 * 1024)
#define MAXIMAL_LAYERS     4 /* signed, encrypted, signed, and one more */

static gboolean is_pgp_mime(const SgpMail *mail)
{
	const SgpMailAttachment *version, *data;

	if (!mail->is_encrypted ||
		g_ascii_strcasecmp(mail->content_type, "multipart/encrypted") != 0 ||
		mail->attachments->len != 2)
		return FALSE;
	version = g_ptr_array_index(mail->attachments, 0);
	data = g_ptr_array_index(mail->attachments, 1);
	return g_strcmp0(version->content_type, "application/pgp-encrypted") == 0 &&
	       data->size <= MAXIMAL_CIPHERTEXT;
}

/* An S/MIME message, encrypted or with its signature around it. */
static gboolean is_smime(const SgpMail *mail)
{
	const SgpMailAttachment *data;

	if (mail->attachments->len != 1 ||
		(g_ascii_strcasecmp(mail->content_type, "application/pkcs7-mime") != 0 &&
			g_ascii_strcasecmp(mail->content_type, "application/x-pkcs7-mime") != 0))
		return FALSE;
	data = g_ptr_array_index(mail->attachments, 0);
	return data->size <= MAXIMAL_CIPHERTEXT;
}

static GBytes *read_attachment(SgpMail *mail, guint n, GCancellable *cancellable)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();

	if (!sgp_mime_write_attachment(mail, n, out, cancellable, NULL) ||
		!g_output_stream_close(out, cancellable, NULL))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
}

static GBytes *open_pgp_mime(SgpMail *mail, const char *home, GCancellable *cancellable)
{
	g_autoptr(GBytes) ciphertext = read_attachment(mail, 1, cancellable);

	return ciphertext ? sgp_gpgme_decrypt_quietly(home, ciphertext, cancellable, NULL) : NULL;
}

static GBytes *open_smime(SgpMail *mail, const char *home, GCancellable *cancellable)
{
	g_autoptr(GBytes) message = read_attachment(mail, 0, cancellable);
	GBytes *content = message ? sgp_cms_signed_dup_content(message) : NULL;

	if (content || !message)
		return content;
	return sgp_gpgsm_decrypt_quietly(home, message, cancellable, NULL);
}

/* What is inside has often no header but its type, and would not be taken for a mail. */
static SgpMail *freeze_entity(GBytes *entity)
{
	static const char FIRST[] = "X-Siegelpost-Entity: opened\r\n";
	g_autoptr(GByteArray) text = g_byte_array_new();
	g_autoptr(GBytes) bytes = NULL;

	g_byte_array_append(text, (const guint8 *)FIRST, sizeof(FIRST) - 1);
	g_byte_array_append(text, g_bytes_get_data(entity, NULL), (guint)g_bytes_get_size(entity));
	bytes = g_byte_array_free_to_bytes(g_steal_pointer(&text));
	return sgp_mime_freeze_bytes(bytes, NULL);
}

/* Layer by layer; what is left closed in the end stays unread. */
static SgpMail *open_inner(SgpMail *mail, const char *home, GCancellable *cancellable)
{
	g_autoptr(SgpMail) inner = sgp_mail_ref(mail);

	for (guint i = 0; i < MAXIMAL_LAYERS && (is_pgp_mime(inner) || is_smime(inner)); i++) {
		g_autoptr(GBytes) plain = is_pgp_mime(inner)
						  ? open_pgp_mime(inner, home, cancellable)
						  : open_smime(inner, home, cancellable);
		SgpMail *next = plain ? freeze_entity(plain) : NULL;

		if (!next)
			return NULL;
		sgp_mail_unref(inner);
		inner = next;
	}
	return g_steal_pointer(&inner);
}

static void take_people(SgpMail *inner, const SgpMail *outer)
{
	GPtrArray **to[] = { &inner->from, &inner->reply_to, &inner->to, &inner->cc, &inner->bcc,
		&inner->in_reply_to, &inner->references, &inner->headers };
	GPtrArray *from[] = { outer->from, outer->reply_to, outer->to, outer->cc, outer->bcc,
		outer->in_reply_to, outer->references, outer->headers };

	for (gsize i = 0; i < G_N_ELEMENTS(to); i++) {
		g_clear_pointer(to[i], g_ptr_array_unref);
		*to[i] = g_ptr_array_ref(from[i]);
	}
	/* Without header protection the outer one is the author's own. */
	if (*inner->subject == '\0') {
		g_free(inner->subject);
		inner->subject = g_strdup(outer->subject);
	}
	g_clear_pointer(&inner->sender, sgp_address_unref);
	inner->sender = outer->sender ? sgp_address_ref(outer->sender) : NULL;
	g_free(inner->message_id);
	inner->message_id = g_strdup(outer->message_id);
	g_free(inner->content_type);
	inner->content_type = g_strdup(outer->content_type);
	inner->date = outer->date;
}

SgpMail *sgp_opened_mail_read(SgpMail *mail, const char *home, GCancellable *cancellable)
{
	SgpMail *inner =
		is_pgp_mime(mail) || is_smime(mail) ? open_inner(mail, home, cancellable) : NULL;

	if (!inner)
		return sgp_mail_ref(mail);
	take_people(inner, mail);
	return inner;
}
