/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes the certificates out of a signed mail, where the signature is good: whoever can put a
 * certificate into a mail without owning its key must not put it into our list. By OpenSSL's CMS
 * and not by gpgsm, which would import everything it sees into the user's keybox while it verifies.
 * Believes no certificate and follows no chain: that is gpgsm's keybox, once staff took it in. */
#include "sgp-smime-signature.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

#include "sgp-mail-head.h"
#include "sgp-mime.h"

#define MAXIMAL_MAIL         ((gint64)16 * 1024 * 1024) /* what is read into memory for it */
#define MAXIMAL_SIGNATURE    (256 * 1024)
#define MAXIMAL_CERTIFICATES 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CMS_ContentInfo, CMS_ContentInfo_free)

void sgp_smime_signature_free(SgpSmimeSignature *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->certificates);
	g_free(self->bundle);
	g_free(self);
}

/* ---- the bytes that were signed ---- */

char *sgp_smime_signature_dup_boundary(const char *content_type)
{
	const char *at = strchr(content_type, ';');
	while (at != NULL) {
		at += 1 + strspn(at + 1, " \t\r\n");
		if (g_ascii_strncasecmp(at, "boundary", 8) == 0) {
			const char *value = at + 8 + strspn(at + 8, " \t");
			if (*value == '=') {
				value += 1 + strspn(value + 1, " \t");
				gboolean is_quoted = *value == '"';
				const char *from = value + is_quoted;
				gsize length = strcspn(from, is_quoted ? "\"" : "; \t\r\n");
				return length == 0 || length > 70 ? NULL : g_strndup(from, length);
			}
		}
		/* Another parameter; a semicolon in quotes ends none. */
		gboolean is_quoted = FALSE;
		while (*at != '\0' && (is_quoted || *at != ';')) {
			is_quoted ^= *at == '"';
			at++;
		}
		at = *at == ';' ? at : NULL;
	}
	return NULL;
}

/* A line that is the delimiter, from this offset on. G_MAXSIZE: none. next: where the line after it
 * begins. */
static gsize find_delimiter(
	const char *body, gsize length, gsize from, const char *delimiter, gsize *next)
{
	gsize size = strlen(delimiter);
	for (gsize line = from; line < length;) {
		const char *end = memchr(body + line, '\n', length - line);
		gsize after = end != NULL ? (gsize)(end - body) + 1 : length;
		if (after - line >= size && memcmp(body + line, delimiter, size) == 0) {
			/* "--", white space, or nothing may follow (RFC 2046 section 5.1.1). */
			gsize rest = size;
			while (line + rest < after && body[line + rest] != '\0' &&
				strchr("- \t\r\n", body[line + rest]) != NULL)
				rest++;
			if (line + rest == after) {
				*next = after;
				return line;
			}
		}
		line = after;
	}
	return G_MAXSIZE;
}

static GBytes *dup_with_crlf(const char *text, gsize length)
{
	g_autoptr(GByteArray) out = g_byte_array_sized_new((guint)length);
	for (gsize i = 0; i < length; i++) {
		if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r'))
			g_byte_array_append(out, (const guint8 *)"\r", 1);
		g_byte_array_append(out, (const guint8 *)text + i, 1);
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *sgp_smime_signature_dup_part(const char *body, gsize length, const char *boundary, guint n)
{
	g_autofree char *delimiter = g_strconcat("--", boundary, NULL);
	gsize start = 0, after = 0;
	for (guint i = 0; i <= n; i++)
		if (find_delimiter(body, length, start, delimiter, &start) == G_MAXSIZE)
			return NULL;
	gsize end = find_delimiter(body, length, start, delimiter, &after);
	if (end == G_MAXSIZE || end == start)
		return NULL;
	/* The line end before the delimiter belongs to the delimiter. */
	end -= 1;
	if (end > start && body[end - 1] == '\r')
		end -= 1;
	return dup_with_crlf(body + start, end - start);
}

static char *read_body(const SgpMail *mail, gsize *length)
{
	g_autoptr(SgpMailHead) head = sgp_mail_head_read(mail->fd, NULL);
	if (head == NULL || head->size - head->body > MAXIMAL_MAIL || head->size <= head->body)
		return NULL;
	*length = (gsize)(head->size - head->body);
	g_autofree char *body = g_malloc(*length);
	for (gsize done = 0; done < *length;) {
		ssize_t n = pread(mail->fd, body + done, *length - done, head->body + (off_t)done);
		if (n <= 0)
			return NULL;
		done += (gsize)n;
	}
	return g_steal_pointer(&body);
}

/* ---- the signature ---- */

static gboolean is_one_of(const char *type, const char *one, const char *other)
{
	return type != NULL &&
	       (g_ascii_strcasecmp(type, one) == 0 || g_ascii_strcasecmp(type, other) == 0);
}

static GBytes *dup_attachment(const SgpMail *mail, const char *type, const char *old_type)
{
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
		if (!is_one_of(one->content_type, type, old_type))
			continue;
		if (!sgp_mime_write_attachment(mail, i, out, NULL, NULL) ||
			!g_output_stream_close(out, NULL, NULL))
			return NULL;
		return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	}
	return NULL;
}

static BIO *bio_from_bytes(GBytes *bytes)
{
	gsize size = 0;
	const void *data = g_bytes_get_data(bytes, &size);
	return size > 0 && size <= G_MAXINT ? BIO_new_mem_buf(data, (int)size) : NULL;
}

/* content: (nullable) detached. No chain: CMS_NO_SIGNER_CERT_VERIFY. */
static gboolean verify(CMS_ContentInfo *cms, GBytes *content)
{
	g_autoptr(BIO) plain = content != NULL ? bio_from_bytes(content) : NULL;
	g_autoptr(BIO) sink = BIO_new(BIO_s_null());
	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed ||
		(content != NULL && plain == NULL))
		return FALSE;
	return CMS_verify(cms, NULL, NULL, plain, sink, CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) ==
	       1;
}

static GBytes *dup_der(X509 *certificate)
{
	guint8 *der = NULL;
	int length = i2d_X509(certificate, &der);
	if (length <= 0)
		return NULL;
	GBytes *bytes = g_bytes_new(der, (gsize)length);
	OPENSSL_free(der);
	return bytes;
}

static void add_certificate(SgpSmimeSignature *self, BIO *pem, X509 *certificate)
{
	GBytes *der = dup_der(certificate);
	if (der == NULL)
		return;
	if (self->certificates->len >= MAXIMAL_CERTIFICATES ||
		g_ptr_array_find_with_equal_func(self->certificates, der, g_bytes_equal, NULL)) {
		g_bytes_unref(der);
		return;
	}
	g_ptr_array_add(self->certificates, der);
	PEM_write_bio_X509(pem, certificate);
}

static SgpSmimeSignature *take_certificates(CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	STACK_OF(X509) *all = CMS_get1_certs(cms);
	g_autoptr(BIO) pem = BIO_new(BIO_s_mem());
	SgpSmimeSignature *self = NULL;
	/* Two authors are no author. */
	if (signers != NULL && sk_X509_num(signers) == 1) {
		self = g_new0(SgpSmimeSignature, 1);
		self->certificates = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
		add_certificate(self, pem, sk_X509_value(signers, 0));
		for (int i = 0; all != NULL && i < sk_X509_num(all); i++)
			add_certificate(self, pem, sk_X509_value(all, i));
		char *text = NULL;
		long length = BIO_get_mem_data(pem, &text);
		self->bundle = g_strndup(text, (gsize)MAX(length, 0));
	}
	sk_X509_free(signers);
	sk_X509_pop_free(all, X509_free);
	return self;
}

static SgpSmimeSignature *read_signature(GBytes *der, GBytes *content)
{
	gsize size = 0;
	const guint8 *data = g_bytes_get_data(der, &size);
	if (size == 0 || size > (content != NULL ? MAXIMAL_SIGNATURE : MAXIMAL_MAIL))
		return NULL;
	g_autoptr(CMS_ContentInfo) cms = d2i_CMS_ContentInfo(NULL, &data, (long)size);
	SgpSmimeSignature *signature =
		cms != NULL && verify(cms, content) ? take_certificates(cms) : NULL;
	ERR_clear_error();
	return signature;
}

/* The part is a mail of its own to the parser, which needs a header of one. */
static GBytes *decode_part(GBytes *part)
{
	gsize size = 0;
	const guint8 *data = g_bytes_get_data(part, &size);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_byte_array_append(bytes, (const guint8 *)"Subject: \r\n", 11);
	g_byte_array_append(bytes, data, (guint)size);
	g_autoptr(GBytes) whole = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(whole, NULL);
	return mail == NULL ? NULL
			    : dup_attachment(mail, "application/pkcs7-signature",
				      "application/x-pkcs7-signature");
}

static SgpSmimeSignature *read_detached(const SgpMail *mail, const char *content_type)
{
	gsize length = 0;
	g_autofree char *boundary = sgp_smime_signature_dup_boundary(content_type);
	g_autofree char *body = boundary != NULL ? read_body(mail, &length) : NULL;
	if (body == NULL)
		return NULL;
	g_autoptr(GBytes) content = sgp_smime_signature_dup_part(body, length, boundary, 0);
	g_autoptr(GBytes) part = sgp_smime_signature_dup_part(body, length, boundary, 1);
	if (content == NULL || part == NULL || g_bytes_get_size(part) > 2 * MAXIMAL_SIGNATURE)
		return NULL;
	g_autoptr(GBytes) der = decode_part(part);
	return der == NULL ? NULL : read_signature(der, content);
}

/**
 * sgp_smime_signature_read:
 * @mail: whole
 *
 * Returns: (transfer full) (nullable): what came with a good signature
 */
SgpSmimeSignature *sgp_smime_signature_read(const SgpMail *mail)
{
	const char *content_type = sgp_mail_get_header(mail, "Content-Type");
	if (mail->fd < 0 || content_type == NULL)
		return NULL;
	if (g_ascii_strncasecmp(content_type, "multipart/signed", 16) == 0)
		return read_detached(mail, content_type);
	if (!is_one_of(mail->content_type, "application/pkcs7-mime", "application/x-pkcs7-mime"))
		return NULL;
	g_autoptr(GBytes) der =
		dup_attachment(mail, "application/pkcs7-mime", "application/x-pkcs7-mime");
	return der == NULL ? NULL : read_signature(der, NULL);
}
