/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Repeats a hidden subject where its reader finds it: at the head of the main text, marked so that
 * a mail program that shows the protected subject can leave it out (RFC 9788 section 5.2). Claws
 * Mail shows nothing of a protected header. Only inserts; what stands there stays byte for byte,
 * and where an insertion would not be safe the mail goes without. */
#include "sgp-legacy-display.h"

#include <string.h>
#include <unistd.h>

#include "sgp-mime.h"

#define PARAMETER       ";\r\n hp-legacy-display=\"1\""
#define LONGEST_SUBJECT 800
#define HTML_HEAD       65536 /* where <body> has to be */
#define QUOTED_LINE     72

static void add(GPtrArray *insertions, gint64 offset, char *text)
{
	SgpInsertion *one = g_new0(SgpInsertion, 1);
	one->offset = offset;
	one->text = text;
	g_ptr_array_add(insertions, one);
}

static void free_insertion(gpointer data)
{
	SgpInsertion *self = data;
	g_free(self->text);
	g_free(self);
}

/* RFC 2045 section 6.7. */
static char *quote(const char *text, const char *before, const char *after)
{
	GString *out = g_string_new(before);
	gsize column = 0;
	for (const guint8 *at = (const guint8 *)text; *at != '\0'; at++) {
		if (*at == '\r' || *at == '\n') {
			g_string_append_c(out, (char)*at);
			column = 0;
			continue;
		}
		if (column >= QUOTED_LINE) {
			g_string_append(out, "=\r\n");
			column = 0;
		}
		gboolean is_literal = (*at > ' ' && *at < 127 && *at != '=') ||
				      (*at == ' ' && at[1] != '\r' && at[1] != '\0');
		gsize length = out->len;
		if (is_literal)
			g_string_append_c(out, (char)*at);
		else
			g_string_append_printf(out, "=%02X", *at);
		column += out->len - length;
	}
	g_string_append(out, after);
	return g_string_free(out, FALSE);
}

/* Whole groups of three octets, so that the base64 that follows goes on as it was. */
static char *encode(const char *text)
{
	g_autoptr(GString) padded = g_string_new(text);
	while (padded->len % 3 != 0)
		g_string_insert_c(padded, (gssize)strlen("Subject:"), ' ');
	g_autofree char *code = g_base64_encode((const guchar *)padded->str, padded->len);
	GString *lines = g_string_new(NULL);
	for (gsize at = 0; at < strlen(code); at += 76)
		g_string_append_printf(lines, "%.76s\r\n", code + at);
	return g_string_free(lines, FALSE);
}

static char *dup_plain(const SgpMimeText *text, const char *subject)
{
	/* "Grosse" for "Große" where the part's charset or encoding cannot say it. */
	g_autofree char *ascii = g_str_to_ascii(subject, "de_DE");
	gboolean is_exact =
		text->is_utf8 && (text->encoding != SGP_MIME_TEXT_AS_IS || text->is_8bit);
	g_autofree char *line = g_strdup_printf("Subject: %s\r\n\r\n", is_exact ? subject : ascii);
	switch (text->encoding) {
	case SGP_MIME_TEXT_OTHER:
		return NULL;
	case SGP_MIME_TEXT_AS_IS:
		return g_steal_pointer(&line);
	case SGP_MIME_TEXT_QUOTED:
		return quote(line, "", "");
	case SGP_MIME_TEXT_BASE64:
		return encode(line);
	}
	return NULL;
}

/* ASCII whatever the charset: other characters as references. */
static char *dup_html(const SgpMimeText *text, const char *subject)
{
	g_autofree char *escaped = g_markup_escape_text(subject, -1);
	g_autoptr(GString) line =
		g_string_new("<div class=\"header-protection-legacy-display\"><pre>Subject: ");
	for (const char *at = escaped; *at != '\0'; at = g_utf8_next_char(at)) {
		gunichar c = g_utf8_get_char(at);
		if (c < 128)
			g_string_append_c(line, (char)c);
		else
			g_string_append_printf(line, "&#%u;", c);
	}
	g_string_append(line, "</pre></div>");
	switch (text->encoding) {
	case SGP_MIME_TEXT_OTHER:
	case SGP_MIME_TEXT_BASE64: /* <body> stands somewhere inside it */
		return NULL;
	case SGP_MIME_TEXT_AS_IS:
		return g_strdup_printf("\r\n%s\r\n", line->str);
	case SGP_MIME_TEXT_QUOTED:
		return quote(line->str, "=\r\n", "=\r\n");
	}
	return NULL;
}

/* The place after <body ...>; -1 if it is not where we look. */
static gint64 find_body(const SgpMail *mail, const SgpMimeText *text)
{
	g_autofree char *head = g_malloc0(HTML_HEAD + 1);
	gssize got = pread(
		mail->fd, head, (gsize)MIN(HTML_HEAD, text->end - text->content), text->content);
	if (got <= 0)
		return -1;
	for (const char *at = strchr(head, '<'); at != NULL; at = strchr(at + 1, '<')) {
		const char *close = strchr(at, '>');
		if (g_ascii_strncasecmp(at, "<body", 5) == 0 && !g_ascii_isalnum(at[5]) &&
			close != NULL)
			return text->content + (close + 1 - head);
	}
	return -1;
}

static void plan_text(
	GPtrArray *insertions, const SgpMail *mail, const SgpMimeText *text, const char *subject)
{
	gint64 offset = text->is_html ? find_body(mail, text) : text->content;
	g_autofree char *insertion =
		text->is_html ? dup_html(text, subject) : dup_plain(text, subject);
	if (offset < 0 || insertion == NULL || text->type_end < 0)
		return;
	add(insertions, text->type_end, g_strdup(PARAMETER));
	add(insertions, offset, g_steal_pointer(&insertion));
}

/**
 * sgp_legacy_display_plan:
 * @mail: frozen
 *
 * Returns: (transfer full): what to insert into its bytes; perhaps nothing
 */
GPtrArray *sgp_legacy_display_plan(const SgpMail *mail)
{
	GPtrArray *insertions = g_ptr_array_new_with_free_func(free_insertion);
	g_autofree char *subject = g_strdup(mail->subject);
	g_strdelimit(subject, "\r\n\t", ' ');
	if (*g_strstrip(subject) == '\0' || strlen(subject) > LONGEST_SUBJECT)
		return insertions;
	/* Found in the order of the bytes, and each Content-Type stands before its text. */
	g_autoptr(GArray) texts = sgp_mime_find_texts(mail);
	for (guint i = 0; i < texts->len; i++)
		plan_text(insertions, mail, &g_array_index(texts, SgpMimeText, i), subject);
	return insertions;
}
