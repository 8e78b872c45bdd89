/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes what a copy consists of: RFC 3156 outside, RFC 9788 header protection inside, and the
 * mail's own parts byte for byte (only line ends become CRLF). Header fields leave by a list of
 * what may, never by a list of what may not: an unknown field of the mail program can name a Bcc
 * recipient. It encrypts nothing and decides nothing.
 *
 * Attachments keep their base64 inside the encryption. Binary parts would make a copy a quarter
 * smaller, and Evolution reads them; but Thunderbird rewrites every line break of a part without
 * transfer encoding and takes a NUL for the end of the mail, the parts after it included (measured
 * with 153 ESR inside PGP/MIME), and Claws Mail 4.1 adds a byte to the end, so every binary
 * attachment would arrive damaged there. As base64 all of them arrive whole
 * (tests/hosts/test_readers.py). What a recipient wrote with says
 * nothing of what he reads with: people have a telephone beside their Evolution, and mails are read
 * again years later, so it is not asked.
 *
 * Nor is the base64 compressed before it is encrypted, which would need no reader's consent. With
 * 25 MB of random bytes a copy is 1.88 times as large as the attachment (1.37 would be the armor
 * alone). gpg's own compression at its fastest makes it 1.43 and takes four times as long. By
 * symbol frequencies alone (Huffman; repetitions, which there are none of, are what takes so long)
 * it is 1.43 too, since the line ends cost as much as letters, but gpg cannot be told to: the text
 * has to be signed first and packed by us, which reads it twice, and half of the sealing's speed
 * was lost (200 MB: 0.45 of gpg's on the raw file, instead of 0.86, in the same minutes). */
#include "sgp-copy-mime.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-legacy-display.h"
#include "sgp-mail-head.h"
#include "sgp-uuid7.h"

#define BUFFER_SIZE 65536
#define COPY_FIELD  "X-Siegelpost-Copy"

/* Fields that a copy's reader and the mail servers between may see. Subject is treated apart. */
static const char *const OUTER[] = { "From", "Sender", "Reply-To", "To", "Cc", "Date", "Message-ID",
	"In-Reply-To", "References", "Resent-From", "Resent-Sender", "Resent-To", "Resent-Cc",
	"Resent-Date", "Resent-Message-ID", "Autocrypt", "Organization", "User-Agent", "X-Mailer",
	"Importance", "Priority", "X-Priority", "Disposition-Notification-To",
	/* Without them an answering machine answers an automatic mail, and ours answers back. */
	"Auto-Submitted", "Precedence", "X-Auto-Response-Suppress" };

struct _SgpCopyMime {
	const SgpMail *mail;   /* (borrowed) */
	SgpMailHead *head;     /* (owned) */
	char *message_id;      /* (owned) without <> */
	char *added;           /* (owned) fields that the mail lacks, raw */
	GPtrArray *insertions; /* (owned) (element-type SgpInsertion) into the bytes of the mail */
	gboolean protect_subject;
};

typedef struct {
	GOutputStream *out;
	GCancellable *cancellable;
	gboolean is_after_cr; /* the last byte written was a CR */
} Writer;

/* ---- making ---- */

static char *dup_date(gint64 now)
{
	/* RFC 5322 wants English names, whatever the user's language. */
	static const char *const DAYS[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	static const char *const MONTHS[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc(now);
	g_autofree char *time = g_date_time_format(date, "%H:%M:%S");
	return g_strdup_printf("%s, %d %s %d %s +0000", DAYS[g_date_time_get_day_of_week(date) - 1],
		g_date_time_get_day_of_month(date), MONTHS[g_date_time_get_month(date) - 1],
		g_date_time_get_year(date), time);
}

/**
 * sgp_copy_mime_new:
 * @mail: frozen, with bytes
 * @protect_subject: the outer subject is "[...]"
 * @now: seconds UTC, for a mail without a date
 *
 * Returns: (transfer full): a writer of its copies
 */
SgpCopyMime *sgp_copy_mime_new(
	const SgpMail *mail, gboolean protect_subject, gint64 now, GError **error)
{
	g_autoptr(SgpMailHead) head = sgp_mail_head_read(mail->fd, error);
	if (head == NULL)
		return NULL;
	SgpCopyMime *self = g_new0(SgpCopyMime, 1);
	GString *added = g_string_new(NULL);
	self->mail = mail;
	self->protect_subject = protect_subject;
	self->insertions = protect_subject ? sgp_legacy_display_plan(mail) : g_ptr_array_new();
	self->message_id = g_strdup(mail->message_id);
	if (self->message_id == NULL && mail->from->len > 0) {
		const char *domain = sgp_address_get_domain(g_ptr_array_index(mail->from, 0));
		/* Random: one made from the mail would let everybody test a guess at its text. */
		g_autofree char *id = sgp_uuid7_new(g_get_real_time() / 1000);
		self->message_id = g_strdup_printf("%s@%s", id, domain);
		g_string_append_printf(added, "Message-ID: <%s>\r\n", self->message_id);
	}
	if (sgp_mail_head_lookup(head, "Date") == NULL) {
		g_autofree char *date = dup_date(now);
		g_string_append_printf(added, "Date: %s\r\n", date);
	}
	self->added = g_string_free(added, FALSE);
	self->head = g_steal_pointer(&head);
	return self;
}

void sgp_copy_mime_free(SgpCopyMime *self)
{
	if (self == NULL)
		return;
	sgp_mail_head_free(self->head);
	g_ptr_array_unref(self->insertions);
	g_free(self->message_id);
	g_free(self->added);
	g_free(self);
}

const char *sgp_copy_mime_get_message_id(const SgpCopyMime *self)
{
	return self->message_id;
}

char *sgp_copy_mime_dup_boundary(void)
{
	g_autofree char *id = sgp_uuid7_new(g_get_real_time() / 1000);
	return g_strdup_printf("=_%s", id);
}

/* ---- writing ---- */

static gboolean put(Writer *writer, const char *text, GError **error)
{
	return g_output_stream_write_all(
		writer->out, text, strlen(text), NULL, writer->cancellable, error);
}

/* Writes data with every line end as CRLF. */
static gboolean put_lines(Writer *writer, const char *data, gsize length, GError **error)
{
	g_autofree char *buffer = g_malloc(2 * length + 1);
	char *end = buffer;
	const char *at = data;
	const char *stop = data + length;
	while (at < stop) {
		const char *feed = memchr(at, '\n', (gsize)(stop - at));
		gsize run = (gsize)((feed != NULL ? feed : stop) - at);
		memcpy(end, at, run);
		end += run;
		if (feed == NULL)
			break;
		gboolean has_cr = run > 0      ? feed[-1] == '\r'
				  : at == data ? writer->is_after_cr
					       : FALSE;
		if (!has_cr)
			*end++ = '\r';
		*end++ = '\n';
		at = feed + 1;
	}
	writer->is_after_cr = length > 0 && data[length - 1] == '\r';
	return g_output_stream_write_all(
		writer->out, buffer, (gsize)(end - buffer), NULL, writer->cancellable, error);
}

static gboolean put_range(
	Writer *writer, const SgpCopyMime *self, gint64 at, gint64 end, GError **error)
{
	g_autofree char *buffer = g_malloc(BUFFER_SIZE);
	while (at < end) {
		ssize_t got = pread(self->mail->fd, buffer, (gsize)MIN(BUFFER_SIZE, end - at), at);
		if (got <= 0) {
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(got < 0 ? errno : EIO),
				"read mail");
			return FALSE;
		}
		if (!put_lines(writer, buffer, (gsize)got, error))
			return FALSE;
		at += got;
	}
	return TRUE;
}

/* insertions: (nullable) those that lie in the body are made. */
static gboolean put_body(
	Writer *writer, const SgpCopyMime *self, GPtrArray *insertions, GError **error)
{
	gint64 at = self->head->body;
	writer->is_after_cr = FALSE;
	for (guint i = 0; insertions != NULL && i < insertions->len; i++) {
		const SgpInsertion *one = g_ptr_array_index(insertions, i);
		if (one->offset < at || one->offset > self->head->size)
			continue;
		if (!put_range(writer, self, at, one->offset, error) ||
			!put(writer, one->text, error))
			return FALSE;
		writer->is_after_cr = FALSE;
		at = one->offset;
	}
	return put_range(writer, self, at, self->head->size, error);
}

static gboolean is_outer(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(OUTER); i++)
		if (g_ascii_strcasecmp(name, OUTER[i]) == 0)
			return TRUE;
	return FALSE;
}

static gboolean is_subject(const char *name)
{
	return g_ascii_strcasecmp(name, "Subject") == 0;
}

/* The header as it stands outside, for the copy itself, and again for HP-Outer inside. */
static gboolean put_outer(
	Writer *writer, const SgpCopyMime *self, const char *prefix, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < self->head->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->head->fields, i);
		if (is_subject(field->name) && self->protect_subject)
			g_string_append_printf(text, "%sSubject: [...]\r\n", prefix);
		else if (is_subject(field->name) || is_outer(field->name))
			g_string_append_printf(text, "%s%s", prefix, field->raw);
	}
	g_auto(GStrv) lines = g_strsplit(self->added, "\r\n", -1);
	for (gsize i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
		g_string_append_printf(text, "%s%s\r\n", prefix, lines[i]);
	return put(writer, text->str, error);
}

/* Whom the mail went to besides, and how each was reached: for the sender's own copy only, where
 * it is the one place that names a Bcc recipient. */
static void append_extras(GString *text, const SgpCopyExtras *extras)
{
	if (extras != NULL && extras->bcc != NULL)
		g_string_append_printf(text, "Bcc: %s\r\n", extras->bcc);
	for (gsize i = 0; extras != NULL && extras->reached != NULL && extras->reached[i] != NULL;
		i++)
		g_string_append_printf(text, "X-Siegelpost-Reached: %s\r\n", extras->reached[i]);
}

/* The real fields; first of all the root's own, which Evolution and Thunderbird look for. */
static gboolean put_protected_header(Writer *writer, const SgpCopyMime *self,
	const SgpCopyExtras *extras, const char *boundary, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_string_append_printf(text,
		"Content-Type: multipart/mixed; boundary=\"%s\";\r\n"
		" protected-headers=\"v1\"; hp=\"cipher\"\r\nMIME-Version: 1.0\r\n",
		boundary);
	for (guint i = 0; i < self->head->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->head->fields, i);
		if (is_subject(field->name) || is_outer(field->name))
			g_string_append(text, field->raw);
	}
	g_string_append(text, self->added);
	append_extras(text, extras);
	return put(writer, text->str, error);
}

/* An insertion into the mail's own header can only be one for its Content-Type. */
static void add_root_parameter(const SgpCopyMime *self, GString *text)
{
	const SgpInsertion *first =
		self->insertions->len > 0 ? g_ptr_array_index(self->insertions, 0) : NULL;
	if (first != NULL && first->offset < self->head->body)
		g_string_insert(text, (gssize)text->len - 2, first->text);
}

/* The mail's own root part, one level down. */
static gboolean put_root_part(Writer *writer, const SgpCopyMime *self, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < self->head->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->head->fields, i);
		if (g_ascii_strncasecmp(field->name, "Content-", 8) != 0)
			continue;
		g_string_append(text, field->raw);
		if (g_ascii_strcasecmp(field->name, "Content-Type") == 0)
			add_root_parameter(self, text);
	}
	g_string_append(text, "\r\n");
	return put(writer, text->str, error) && put_body(writer, self, self->insertions, error);
}

static gboolean put_note(
	Writer *writer, const SgpCopyExtras *extras, const char *boundary, GError **error)
{
	if (extras == NULL || extras->note == NULL)
		return TRUE;
	g_autofree char *head = g_strdup_printf("\r\n--%s\r\n"
						"Content-Type: text/plain; charset=utf-8\r\n"
						"Content-Disposition: inline\r\n"
						"Content-Transfer-Encoding: 8bit\r\n\r\n",
		boundary);
	writer->is_after_cr = FALSE;
	return put(writer, head, error) &&
	       put_lines(writer, extras->note, strlen(extras->note), error);
}

/**
 * sgp_copy_mime_write_protected:
 * @extras: (nullable): for the sender's own copy only
 *
 * RFC 9788, and "protected-headers" as Thunderbird and Evolution read it.
 */
gboolean sgp_copy_mime_write_protected(SgpCopyMime *self, const SgpCopyExtras *extras,
	GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_autofree char *boundary = sgp_copy_mime_dup_boundary();
	g_autofree char *first = g_strdup_printf("\r\n--%s\r\n", boundary);
	g_autofree char *last = g_strdup_printf("\r\n--%s--\r\n", boundary);
	Writer writer = { .out = out, .cancellable = cancellable };
	return put_protected_header(&writer, self, extras, boundary, error) &&
	       put_outer(&writer, self, "HP-Outer: ", error) && put(&writer, first, error) &&
	       put_root_part(&writer, self, error) && put_note(&writer, extras, boundary, error) &&
	       put(&writer, last, error);
}

gboolean sgp_copy_mime_write_pgp_head(SgpCopyMime *self, const char *copy_id, const char *boundary,
	GOutputStream *out, GError **error)
{
	g_autofree char *rest = g_strdup_printf(COPY_FIELD
		": %s\r\nMIME-Version: 1.0\r\n"
		"Content-Type: multipart/encrypted; boundary=\"%s\";\r\n"
		" protocol=\"application/pgp-encrypted\"\r\n\r\n"
		"--%s\r\nContent-Type: application/pgp-encrypted\r\n"
		"Content-Description: PGP/MIME version identification\r\n\r\n"
		"Version: 1\r\n\r\n"
		"--%s\r\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
		"Content-Description: OpenPGP encrypted message\r\n"
		"Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
		copy_id, boundary, boundary, boundary);
	Writer writer = { .out = out };
	return put_outer(&writer, self, "", error) && put(&writer, rest, error);
}

gboolean sgp_copy_mime_write_pgp_tail(const char *boundary, GOutputStream *out, GError **error)
{
	g_autofree char *tail = g_strdup_printf("\r\n--%s--\r\n", boundary);
	Writer writer = { .out = out };
	return put(&writer, tail, error);
}

gboolean sgp_copy_mime_write_smime_head(
	SgpCopyMime *self, const char *copy_id, GOutputStream *out, GError **error)
{
	g_autofree char *rest = g_strdup_printf(COPY_FIELD
		": %s\r\nMIME-Version: 1.0\r\n"
		"Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\r\n"
		" name=\"smime.p7m\"\r\n"
		"Content-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"smime.p7m\"\r\n"
		"Content-Description: S/MIME encrypted message\r\n\r\n",
		copy_id);
	Writer writer = { .out = out };
	return put_outer(&writer, self, "", error) && put(&writer, rest, error);
}

gboolean sgp_copy_mime_write_plain(SgpCopyMime *self, const SgpCopyExtras *extras,
	const char *copy_id, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < self->head->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->head->fields, i);
		if (is_subject(field->name) || is_outer(field->name) ||
			g_ascii_strncasecmp(field->name, "Content-", 8) == 0)
			g_string_append(text, field->raw);
	}
	g_string_append(text, self->added);
	append_extras(text, extras);
	g_string_append_printf(text, "MIME-Version: 1.0\r\n" COPY_FIELD ": %s\r\n\r\n", copy_id);
	Writer writer = { .out = out, .cancellable = cancellable };
	return put(&writer, text->str, error) && put_body(&writer, self, NULL, error);
}
