/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encrypts by OpenSSL and not by gpgsm: encrypting needs no secret, and gpgsm 2.2 takes AES-128
 * unless its configuration file (which is the user's) says otherwise, knows no recipient with an
 * elliptic curve, and asks the issuers of each certificate a second time. Signing and opening need
 * the secret key, and stay with gpgsm.
 *
 * AES-256-CBC, because every mail program in use reads it, and AES-GCM (RFC 5083) hardly any. CBC
 * alone does not show a change on the way (EFAIL): what is inside is signed where the sender can
 * sign, and a reader's program has to refuse to load anything out of it.
 *
 * What came out is read again from its bytes and compared with the plan (sgp-cms-head.c). Keeps no
 * clear text and judges no certificate. */
#include "sgp-cms-stream.h"

#include <gcrypt.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <string.h>

#include "sgp-cms-head.h"
#include "sgp-error.h"

#define LINE_OCTETS  57 /* make 76 characters */
#define LINE_LENGTH  (76 + 2)
#define N_LINES      1024
#define MAXIMAL_HEAD (1024 * 1024) /* some thousand readers */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)

struct _SgpCmsStream {
	GOutputStream parent_instance;
	GOutputStream *base;       /* (owned) */
	GPtrArray *readers;        /* (owned) (element-type GBytes) planned, as in SgpCmsHead */
	BIO_METHOD *method;        /* (owned) */
	BIO *sink;                 /* (owned) writes into self */
	BIO *input;                /* (owned) (nullable) encrypts what it gets, into sink */
	CMS_ContentInfo *cms;      /* (owned) */
	GByteArray *head;          /* (owned) the first bytes of the message */
	gcry_md_hd_t hash;         /* (owned) */
	GCancellable *cancellable; /* (borrowed) of the call that is running */
	GError *error;             /* (owned) (nullable) of base */
	guint8 rest[LINE_OCTETS * N_LINES];
	gsize n_rest;
};

G_DEFINE_TYPE(SgpCmsStream, sgp_cms_stream, G_TYPE_OUTPUT_STREAM)

/* ---- what OpenSSL writes ---- */

/* is_last: a line may be shorter. */
static gboolean put_lines(SgpCmsStream *self, gboolean is_last)
{
	g_autofree char *text = g_malloc((self->n_rest / LINE_OCTETS + 2) * LINE_LENGTH);
	char *end = text;
	gsize at = 0;
	while (at < self->n_rest) {
		gsize n = MIN(LINE_OCTETS, self->n_rest - at);
		if (n < LINE_OCTETS && !is_last)
			break;
		end += EVP_EncodeBlock((guint8 *)end, self->rest + at, (int)n);
		*end++ = '\r';
		*end++ = '\n';
		at += n;
	}
	memmove(self->rest, self->rest + at, self->n_rest - at);
	self->n_rest -= at;
	return self->error == NULL &&
	       g_output_stream_write_all(self->base, text, (gsize)(end - text), NULL,
		       self->cancellable, &self->error);
}

static int put_message(BIO *bio, const char *data, int length)
{
	SgpCmsStream *self = BIO_get_data(bio);
	gsize left = length > 0 ? (gsize)length : 0;
	gcry_md_write(self->hash, data, left);
	if (self->head->len < MAXIMAL_HEAD)
		g_byte_array_append(self->head, (const guint8 *)data, (guint)left);
	while (left > 0) {
		gsize n = MIN(left, sizeof(self->rest) - self->n_rest);
		memcpy(self->rest + self->n_rest, data, n);
		self->n_rest += n;
		data += n;
		left -= n;
		if (self->n_rest == sizeof(self->rest) && !put_lines(self, FALSE))
			return -1;
	}
	return length;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

static gboolean open_sink(SgpCmsStream *self)
{
	self->method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "sgp-cms-stream");
	if (self->method == NULL || BIO_meth_set_write(self->method, put_message) != 1 ||
		BIO_meth_set_ctrl(self->method, control) != 1)
		return FALSE;
	self->sink = BIO_new(self->method);
	if (self->sink == NULL)
		return FALSE;
	BIO_set_data(self->sink, self);
	BIO_set_init(self->sink, 1);
	return TRUE;
}

/* ---- readers ---- */

static GBytes *dup_reader(X509 *x509)
{
	PKCS7_ISSUER_AND_SERIAL *name = PKCS7_ISSUER_AND_SERIAL_new();
	g_autofree guint8 *der = NULL;
	int length = -1;
	if (name != NULL && X509_NAME_set(&name->issuer, X509_get_issuer_name(x509)) == 1) {
		ASN1_INTEGER_free(name->serial);
		name->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(x509));
		length = i2d_PKCS7_ISSUER_AND_SERIAL(name, NULL);
	}
	if (length > 0) {
		der = g_malloc((gsize)length);
		guint8 *at = der;
		length = i2d_PKCS7_ISSUER_AND_SERIAL(name, &at);
	}
	PKCS7_ISSUER_AND_SERIAL_free(name);
	return length > 0 ? g_bytes_new(der, (gsize)length) : NULL;
}

/* With a curve the key is agreed upon with SHA-256 (RFC 5753 section 8); OpenSSL's own default is
 * SHA-1. */
static gboolean set_agreement(CMS_RecipientInfo *info)
{
	if (CMS_RecipientInfo_type(info) != CMS_RECIPINFO_AGREE)
		return TRUE;
	EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(info);
	return context != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
}

static gboolean add_reader(SgpCmsStream *self, GBytes *der, GError **error)
{
	gsize size = 0;
	const guint8 *at = g_bytes_get_data(der, &size);
	g_autoptr(X509) x509 = d2i_X509(NULL, &at, (long)size);
	GBytes *reader = x509 == NULL ? NULL : dup_reader(x509);
	if (reader != NULL)
		g_ptr_array_add(self->readers, reader);
	CMS_RecipientInfo *info = reader == NULL ? NULL
						 : CMS_add1_recipient_cert(self->cms, x509,
							   CMS_KEY_PARAM); /* (borrowed) */
	if (info != NULL && set_agreement(info))
		return TRUE;
	ERR_clear_error();
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "a certificate cannot be encrypted to");
	return FALSE;
}

static gboolean set_up(SgpCmsStream *self, GPtrArray *certificates, GError **error)
{
	/* BINARY: no line end is touched; STREAM and PARTIAL: nothing is collected in memory. */
	guint flags = CMS_BINARY | CMS_STREAM | CMS_PARTIAL;
	self->cms = CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), flags);
	for (guint i = 0; self->cms != NULL && i < certificates->len; i++)
		if (!add_reader(self, g_ptr_array_index(certificates, i), error))
			return FALSE;
	if (self->cms != NULL && certificates->len > 0 && open_sink(self))
		self->input = BIO_new_CMS(self->sink, self->cms);
	if (self->input == NULL) {
		ERR_clear_error();
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "S/MIME cannot be encrypted");
		return FALSE;
	}
	return TRUE;
}

/* ---- the stream ---- */

static gboolean take_error(SgpCmsStream *self, GError **error)
{
	ERR_clear_error();
	if (self->error != NULL)
		g_propagate_error(error, g_steal_pointer(&self->error));
	else
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "S/MIME cannot be encrypted");
	return FALSE;
}

static gssize sgp_cms_stream_write(GOutputStream *stream, const void *buffer, gsize count,
	GCancellable *cancellable, GError **error)
{
	SgpCmsStream *self = SGP_CMS_STREAM(stream);
	int length = (int)MIN(count, 1024 * 1024);
	self->cancellable = cancellable;
	int written = length == 0 ? 0 : BIO_write(self->input, buffer, length);
	self->cancellable = NULL;
	if (written < length && !take_error(self, error))
		return -1;
	return written;
}

gboolean sgp_cms_stream_finish(SgpCmsStream *self, GCancellable *cancellable, GError **error)
{
	self->cancellable = cancellable;
	gboolean is_written = BIO_flush(self->input) == 1;
	/* The last chunk and the ends of all lengths are written when the filters go. */
	while (self->input != NULL && self->input != self->sink) {
		BIO *next = BIO_pop(self->input);
		BIO_free(self->input);
		self->input = next;
	}
	self->input = NULL;
	is_written = is_written && put_lines(self, TRUE);
	self->cancellable = NULL;
	if (!is_written)
		return take_error(self, error);
	if (!g_output_stream_flush(self->base, cancellable, error))
		return FALSE;
	g_autoptr(GBytes) head = g_bytes_new(self->head->data, self->head->len);
	g_autoptr(SgpCmsHead) found = sgp_cms_head_read(head, error);
	return found != NULL && sgp_cms_head_check(found, self->readers, error);
}

char *sgp_cms_stream_dup_sha256(SgpCmsStream *self)
{
	const guint8 *sum = gcry_md_read(self->hash, GCRY_MD_SHA256);
	GString *hex = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(hex, "%02x", sum[i]);
	return g_string_free(hex, FALSE);
}

static void sgp_cms_stream_finalize(GObject *object)
{
	SgpCmsStream *self = SGP_CMS_STREAM(object);
	while (self->input != NULL && self->input != self->sink) {
		BIO *next = BIO_pop(self->input);
		BIO_free(self->input);
		self->input = next;
	}
	BIO_free(self->sink);
	BIO_meth_free(self->method);
	CMS_ContentInfo_free(self->cms);
	g_clear_object(&self->base);
	g_ptr_array_unref(self->readers);
	g_byte_array_unref(self->head);
	gcry_md_close(self->hash);
	g_clear_error(&self->error);
	G_OBJECT_CLASS(sgp_cms_stream_parent_class)->finalize(object);
}

static void sgp_cms_stream_class_init(SgpCmsStreamClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_cms_stream_finalize;
	G_OUTPUT_STREAM_CLASS(class)->write_fn = sgp_cms_stream_write;
}

static void sgp_cms_stream_init(SgpCmsStream *self)
{
	self->readers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	self->head = g_byte_array_new();
	gcry_md_open(&self->hash, GCRY_MD_SHA256, 0);
}

/**
 * sgp_cms_stream_new:
 * @certificates: (element-type GBytes): each reader once
 * @base: where the message goes; not closed by this one
 *
 * Returns: (transfer full): RFC 8551 section 3.3, enveloped data in BER
 */
SgpCmsStream *sgp_cms_stream_new(GPtrArray *certificates, GOutputStream *base, GError **error)
{
	g_autoptr(SgpCmsStream) self = g_object_new(SGP_TYPE_CMS_STREAM, NULL);
	self->base = g_object_ref(base);
	return set_up(self, certificates, error) ? g_steal_pointer(&self) : NULL;
}
