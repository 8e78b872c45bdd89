/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mail that is to be sent, as any program wrote it, and the plain copy that is made of it. What
 * must hold: where a copy is made, it reads as the mail does: the same author, readers and subject,
 * the same texts; no Bcc and nobody new; exactly one X-Siegelpost-Copy on its own line; and the
 * header that was checked names the same people as the reader of MIME finds. */
#include "sgp-copy-mime.h"
#include "sgp-mail-head.h"
#include "sgp-mime.h"

#include "fuzz.h"

#define COPY_ID "0123456789abcdef"
#define NOW     1780000000

static void check_same_people(const GPtrArray *one, const GPtrArray *other)
{
	FUZZ_HOLDS(one->len == other->len);
	for (guint i = 0; i < one->len; i++)
		FUZZ_HOLDS(
			sgp_address_equal(g_ptr_array_index(one, i), g_ptr_array_index(other, i)));
}

static guint count_fields(const SgpMail *mail, const char *name)
{
	guint n = 0;
	for (guint i = 0; i + 1 < mail->headers->len; i += 2)
		n += g_ascii_strcasecmp(g_ptr_array_index(mail->headers, i), name) == 0 ? 1 : 0;
	return n;
}

/* All lines of a copy end in CRLF, however the mail's did. */
static gboolean is_same_text(const char *one, const char *other)
{
	if (one == NULL || other == NULL)
		return one == other;
	g_auto(GStrv) lines = g_strsplit(one, "\r\n", -1);
	g_auto(GStrv) other_lines = g_strsplit(other, "\r\n", -1);
	g_autofree char *joined = g_strjoinv("\n", lines);
	g_autofree char *other_joined = g_strjoinv("\n", other_lines);
	return strcmp(joined, other_joined) == 0;
}

static void check_copy(const SgpMail *mail, GBytes *bytes)
{
	g_autoptr(SgpMail) copy = sgp_mime_freeze_bytes(bytes, NULL);
	FUZZ_HOLDS(copy != NULL);
	check_same_people(mail->from, copy->from);
	check_same_people(mail->to, copy->to);
	check_same_people(mail->cc, copy->cc);
	check_same_people(mail->reply_to, copy->reply_to);
	FUZZ_HOLDS(copy->bcc->len == 0 && count_fields(copy, "Bcc") == 0);
	FUZZ_HOLDS(strcmp(mail->subject, copy->subject) == 0);
	FUZZ_HOLDS(mail->is_undecodable || is_same_text(mail->text, copy->text));
	FUZZ_HOLDS(mail->is_undecodable || is_same_text(mail->html, copy->html));
	FUZZ_HOLDS(mail->attachments->len == copy->attachments->len);
	FUZZ_HOLDS(count_fields(copy, "X-Siegelpost-Copy") == 1);
	FUZZ_HOLDS(strcmp(sgp_mail_get_header(copy, "X-Siegelpost-Copy"), COPY_ID) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, NULL);
	if (mail == NULL)
		return 0;
	for (int is_protected = 0; is_protected < 2; is_protected++) {
		g_autoptr(SgpCopyMime) writer =
			sgp_copy_mime_new(mail, is_protected != 0, NOW, NULL);
		g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
		if (writer == NULL)
			return 0;
		const gboolean is_written =
			is_protected != 0
				? sgp_copy_mime_write_protected(writer, NULL, out, NULL, NULL)
				: sgp_copy_mime_write_plain(writer, NULL, COPY_ID, out, NULL, NULL);
		g_output_stream_close(out, NULL, NULL);
		g_autoptr(GBytes) copy =
			g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
		if (is_protected == 0 && is_written)
			check_copy(mail, copy);
	}
	return 0;
}
