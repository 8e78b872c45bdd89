/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads for whom an S/MIME message is, out of its bytes and not out of what made them: so that no
 * message with a reader more than planned, or with a weaker cipher, is ever handed out. Pure; takes
 * any bytes (tests/unit/test-cms-head.c cuts and flips each of them). */
#include "sgp-cms-head.h"

#include <string.h>

#include "sgp-error.h"

#define AES_256_CBC "2.16.840.1.101.3.4.1.42"

/* Tags that may stand here. */
enum {
	TAG_INTEGER = 0x02,
	TAG_OCTETS = 0x04,
	TAG_OID = 0x06,
	TAG_SEQUENCE = 0x30,
	TAG_SET = 0x31,
	TAG_CONTEXT_0 = 0xa0,
	TAG_CONTEXT_1 = 0xa1,
};

static const guint8 ENVELOPED_DATA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03 };
static const guint8 DATA[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };

/* What is left to read of one value. */
typedef struct {
	const guint8 *at, *end;
} Span;

typedef struct {
	guint8 tag;
	Span content;
	gboolean
		is_indefinite; /* its end is not known; content runs to the end of what is around */
} Element;

/* The length after a tag. FALSE: there is none, or it is longer than anything can be. */
static gboolean read_length(Span *span, gsize *length, gboolean *is_indefinite)
{
	if (span->at >= span->end)
		return FALSE;
	guint8 first = *span->at++;
	*is_indefinite = first == 0x80;
	*length = first;
	if (first <= 0x80)
		return TRUE;
	guint n = first & 0x7f;
	*length = 0;
	if (n > 4 || (gsize)(span->end - span->at) < n)
		return FALSE;
	for (; n > 0; n--)
		*length = *length << 8 | *span->at++;
	return TRUE;
}

/* The next value; span is moved behind it, or into it if it has no end of its own or is cut off.
 * may_be_cut: its content need not be complete. */
static gboolean read_element(Span *span, gboolean may_be_cut, Element *element)
{
	gsize length = 0;
	if (span->at >= span->end)
		return FALSE;
	element->tag = *span->at++;
	if ((element->tag & 0x1f) == 0x1f || !read_length(span, &length, &element->is_indefinite))
		return FALSE;
	gsize left = (gsize)(span->end - span->at);
	element->content = *span;
	if (element->is_indefinite)
		return may_be_cut;
	if (length > left)
		return may_be_cut;
	element->content.end = span->at + length;
	span->at += length;
	return TRUE;
}

static gboolean read_tagged(Span *span, guint8 tag, gboolean may_be_cut, Element *element)
{
	return read_element(span, may_be_cut, element) && element->tag == tag;
}

static gboolean is_oid(const Element *element, const guint8 *oid, gsize length)
{
	return element->tag == TAG_OID && !element->is_indefinite &&
	       (gsize)(element->content.end - element->content.at) == length &&
	       memcmp(element->content.at, oid, length) == 0;
}

static char *dup_oid(const Element *element)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint64 value = 0;
	for (const guint8 *at = element->content.at; at < element->content.end; at++) {
		if (value > G_MAXUINT32)
			return NULL;
		value = value << 7 | (*at & 0x7f);
		if ((*at & 0x80) != 0)
			continue;
		if (text->len == 0)
			g_string_append_printf(text, "%u.%u", (guint)MIN(value / 40, 2),
				(guint)(value - 40 * MIN(value / 40, 2)));
		else
			g_string_append_printf(text, ".%u", (guint)value);
		value = 0;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Only by issuer and serial number: that is how we write it, and what the plan can be compared
 * with. */
static gboolean add_reader(SgpCmsHead *self, Span *span)
{
	Element reader;
	const guint8 *start = span->at;
	if (!read_tagged(span, TAG_SEQUENCE, FALSE, &reader))
		return FALSE;
	g_ptr_array_add(self->readers, g_bytes_new(start, (gsize)(span->at - start)));
	return TRUE;
}

/* KeyTransRecipientInfo: version, rid, algorithm, encrypted key. */
static gboolean read_transport(SgpCmsHead *self, Span span)
{
	Element version, algorithm, key;
	return read_tagged(&span, TAG_INTEGER, FALSE, &version) && add_reader(self, &span) &&
	       read_tagged(&span, TAG_SEQUENCE, FALSE, &algorithm) &&
	       read_tagged(&span, TAG_OCTETS, FALSE, &key) && span.at == span.end;
}

/* KeyAgreeRecipientInfo: version, originator, [user keying material,] algorithm, and keys, each
 * with its rid. */
static gboolean read_agreement(SgpCmsHead *self, Span span)
{
	Element version, originator, material, algorithm, keys;
	if (!read_tagged(&span, TAG_INTEGER, FALSE, &version) ||
		!read_tagged(&span, TAG_CONTEXT_0, FALSE, &originator))
		return FALSE;
	if (span.at < span.end && *span.at == TAG_CONTEXT_1 &&
		!read_tagged(&span, TAG_CONTEXT_1, FALSE, &material))
		return FALSE;
	if (!read_tagged(&span, TAG_SEQUENCE, FALSE, &algorithm) ||
		!read_tagged(&span, TAG_SEQUENCE, FALSE, &keys) || span.at != span.end ||
		keys.content.at == keys.content.end)
		return FALSE;
	while (keys.content.at < keys.content.end) {
		Element one, key;
		if (!read_tagged(&keys.content, TAG_SEQUENCE, FALSE, &one) ||
			!add_reader(self, &one.content) ||
			!read_tagged(&one.content, TAG_OCTETS, FALSE, &key) ||
			one.content.at != one.content.end)
			return FALSE;
	}
	return TRUE;
}

static gboolean read_readers(SgpCmsHead *self, Span span)
{
	while (span.at < span.end) {
		Element one;
		if (!read_element(&span, FALSE, &one))
			return FALSE;
		/* A password, a key that was agreed on before: a reader whom nobody planned. */
		gboolean is_good =
			one.tag == TAG_SEQUENCE
				? read_transport(self, one.content)
				: one.tag == TAG_CONTEXT_1 && read_agreement(self, one.content);
		if (!is_good)
			return FALSE;
	}
	return self->readers->len > 0;
}

/* EncryptedContentInfo: type, cipher, and then the ciphertext in place, as one or in pieces. */
static gboolean read_content_info(SgpCmsHead *self, Span span)
{
	Element type, cipher, oid;
	if (!read_element(&span, FALSE, &type) || !is_oid(&type, DATA, sizeof(DATA)) ||
		!read_tagged(&span, TAG_SEQUENCE, FALSE, &cipher) ||
		!read_tagged(&cipher.content, TAG_OID, FALSE, &oid))
		return FALSE;
	self->cipher = dup_oid(&oid);
	return self->cipher != NULL && span.at < span.end &&
	       (*span.at == TAG_CONTEXT_0 || *span.at == 0x80);
}

static gboolean read_head(SgpCmsHead *self, Span span)
{
	Element outer, type, wrapper, enveloped, version, readers, content;
	if (!read_tagged(&span, TAG_SEQUENCE, TRUE, &outer) ||
		!read_element(&outer.content, FALSE, &type) ||
		!is_oid(&type, ENVELOPED_DATA, sizeof(ENVELOPED_DATA)) ||
		!read_tagged(&outer.content, TAG_CONTEXT_0, TRUE, &wrapper) ||
		!read_tagged(&wrapper.content, TAG_SEQUENCE, TRUE, &enveloped) ||
		!read_tagged(&enveloped.content, TAG_INTEGER, FALSE, &version) ||
		!read_tagged(&enveloped.content, TAG_SET, FALSE, &readers) ||
		!read_readers(self, readers.content))
		return FALSE;
	return read_tagged(&enveloped.content, TAG_SEQUENCE, TRUE, &content) &&
	       read_content_info(self, content.content);
}

/**
 * sgp_cms_head_read:
 * @head: from its first byte on
 *
 * RFC 5652 section 6.1. What follows the readers is not looked at.
 *
 * Returns: (transfer full): readers and cipher
 */
SgpCmsHead *sgp_cms_head_read(GBytes *head, GError **error)
{
	gsize size = 0;
	const guint8 *start = g_bytes_get_data(head, &size);
	g_autoptr(SgpCmsHead) self = g_new0(SgpCmsHead, 1);
	self->readers = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	if (start == NULL || !read_head(self, (Span){ start, start + size })) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "not the enveloped data wanted");
		return NULL;
	}
	return g_steal_pointer(&self);
}

void sgp_cms_head_free(SgpCmsHead *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->readers);
	g_free(self->cipher);
	g_free(self);
}

gboolean sgp_cms_head_check(const SgpCmsHead *self, GPtrArray *readers, GError **error)
{
	gboolean is_same =
		self->readers->len == readers->len && g_strcmp0(self->cipher, AES_256_CBC) == 0;
	for (guint i = 0; i < readers->len && is_same; i++)
		is_same = g_ptr_array_find_with_equal_func(
			self->readers, g_ptr_array_index(readers, i), g_bytes_equal, NULL);
	if (!is_same)
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"the message is for %u readers, or in a cipher, that was not planned",
			self->readers->len);
	return is_same;
}
