/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole mail as a stranger sent it (RFC 5322, MIME). What must hold: everything that SgpMail
 * hands out is UTF-8, and header values, ids and names stand on one line; the same bytes give the
 * same digest; places in the bytes lie inside them and in order; an attachment that can be written
 * has no more bytes than it said (broken base64 has fewer); what scans read of it ends in time. */
#include "sgp-legacy-display.h"
#include "sgp-mail-head.h"
#include "sgp-mime.h"

#include "fuzz.h"

static void check_lines(const GPtrArray *lines)
{
	for (guint i = 0; i < lines->len; i++) {
		FUZZ_HOLDS(fuzz_is_text(g_ptr_array_index(lines, i)));
		FUZZ_HOLDS(fuzz_is_one_line(g_ptr_array_index(lines, i)));
	}
}

static void check_people(const GPtrArray *people)
{
	for (guint i = 0; i < people->len; i++) {
		g_autofree char *text = sgp_address_dup_text(g_ptr_array_index(people, i));
		FUZZ_HOLDS(fuzz_is_text(text) && fuzz_is_one_line(text));
	}
}

static void check_texts(const SgpMail *mail)
{
	FUZZ_HOLDS(fuzz_is_text(mail->subject) && fuzz_is_one_line(mail->subject));
	FUZZ_HOLDS(fuzz_is_text(mail->text));
	FUZZ_HOLDS(mail->html == NULL || fuzz_is_text(mail->html));
	FUZZ_HOLDS(mail->message_id == NULL || fuzz_is_one_line(mail->message_id));
	FUZZ_HOLDS(fuzz_is_text(mail->content_type) && fuzz_is_one_line(mail->content_type));
	FUZZ_HOLDS(mail->headers->len % 2 == 0);
	check_lines(mail->headers);
	check_lines(mail->in_reply_to);
	check_lines(mail->references);
	check_people(mail->from);
	check_people(mail->to);
	check_people(mail->cc);
	check_people(mail->bcc);
	check_people(mail->reply_to);
}

static void check_attachments(const SgpMail *mail)
{
	for (guint i = 0; i < mail->attachments->len && i < 20; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
		gboolean is_certain = FALSE;
		FUZZ_HOLDS(attachment->name == NULL || fuzz_is_text(attachment->name));
		FUZZ_HOLDS(attachment->size >= 0);
		if (sgp_mime_write_attachment(mail, i, out, NULL, NULL))
			FUZZ_HOLDS((gint64)g_memory_output_stream_get_data_size(
					   G_MEMORY_OUTPUT_STREAM(out)) <= attachment->size);
		g_autofree char *text = sgp_mime_dup_attachment_text(mail, i, &is_certain);
		FUZZ_HOLDS(text == NULL || fuzz_is_text(text));
	}
}

static void check_places(const SgpMail *mail, gint64 size)
{
	g_autoptr(GArray) texts = sgp_mime_find_texts(mail);
	for (guint i = 0; i < texts->len; i++) {
		const SgpMimeText *text = &g_array_index(texts, SgpMimeText, i);
		FUZZ_HOLDS(text->type_end >= -1 && text->type_end <= size);
		FUZZ_HOLDS(text->content >= 0 && text->content <= text->end && text->end <= size);
	}
	g_autoptr(GPtrArray) insertions = sgp_legacy_display_plan(mail);
	gint64 last = 0;
	for (guint i = 0; i < insertions->len; i++) {
		const SgpInsertion *insertion = g_ptr_array_index(insertions, i);
		FUZZ_HOLDS(insertion->offset >= last && insertion->offset <= size);
		last = insertion->offset;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, NULL);
	if (mail == NULL)
		return 0;
	g_autofree char *digest = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, bytes);
	FUZZ_HOLDS(g_strcmp0(digest, mail->digest) == 0);
	FUZZ_HOLDS(sgp_mime_check_unchanged(mail, NULL));
	check_texts(mail);
	check_attachments(mail);
	check_places(mail, (gint64)size);
	g_autofree char *content = sgp_mime_dup_content_digest(mail, NULL);
	g_autofree char *again = sgp_mime_dup_content_digest(mail, NULL);
	FUZZ_HOLDS(g_strcmp0(content, again) == 0);
	return 0;
}
