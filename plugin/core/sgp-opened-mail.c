/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opens an encrypted mail so that the scans can read its author's own words. A customer's answer
 * from the portal is always encrypted: unread, each would cost staff a question. It owns nothing,
 * keeps nothing, and writes no clear text anywhere; only the judgement is kept.
 *
 * Who wrote it, and when, is taken from the outer header alone: the inner one is the author's own
 * claim, and must not replace what the mail servers saw (threat 19). The inner subject counts, for
 * the outer one says nothing. */

#include "sgp-opened-mail.h"
#include "sgp-gpgme.h"
#include "sgp-mime.h"

#define MAXIMAL_CIPHERTEXT (8 * 1024 * 1024)

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

static SgpMail *open_inner(SgpMail *mail, const char *home, GCancellable *cancellable)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autoptr(GBytes) ciphertext = NULL;
	g_autoptr(GBytes) plain = NULL;

	if (!sgp_mime_write_attachment(mail, 1, out, cancellable, NULL) ||
		!g_output_stream_close(out, cancellable, NULL))
		return NULL;
	ciphertext = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	plain = sgp_gpgme_decrypt_quietly(home, ciphertext, cancellable, NULL);
	return plain ? sgp_mime_freeze_bytes(plain, NULL) : NULL;
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
	SgpMail *inner = is_pgp_mime(mail) ? open_inner(mail, home, cancellable) : NULL;

	if (!inner)
		return sgp_mail_ref(mail);
	take_people(inner, mail);
	return inner;
}
