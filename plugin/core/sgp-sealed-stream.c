/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What gpg writes passes through here once, on its way to the file: the packet check (so that no
 * message with a reader more than planned is ever handed out), the armor (a second core does it
 * while gpg encrypts: gpg's own armor costs a fifth of its speed), and the digest that the spool
 * and the transport guard compare. Keeps no byte of the message. */
#include "sgp-sealed-stream.h"

#include <gcrypt.h>
#include <string.h>

#include "sgp-error.h"
#include "sgp-openpgp-packets.h"

#define LINE_OCTETS 48 /* make 64 characters */
#define LINE_LENGTH (64 + 2)
#define BEGIN       "-----BEGIN PGP MESSAGE-----\r\n\r\n"
#define END         "-----END PGP MESSAGE-----\r\n"
#define CRC_START   0xb704ce
#define CRC_POLY    0x864cfb

/* Where in gpg's own armor we are. */
typedef enum {
	SGP_ARMOR_UNKNOWN = 0, /* nothing came yet */
	SGP_ARMOR_NONE,
	SGP_ARMOR_HEAD,
	SGP_ARMOR_BODY,
	SGP_ARMOR_END,
} SgpArmorPart;

struct _SgpSealedStream {
	GOutputStream parent_instance;
	GOutputStream *base; /* (owned) */
	gboolean armor;
	gboolean is_begun;
	SgpOpenpgpPackets *packets; /* (owned) */
	gcry_md_hd_t hash;          /* (owned) */
	gint64 size;
	guint8 rest[LINE_OCTETS]; /* of the line that is not full yet */
	gsize n_rest;
	char pairs[4096][2]; /* two characters for each 12 bits */
	guint32 crc;
	guint32 crc_table[3][256];
	SgpArmorPart part;
	GString *line; /* (owned) of an armor that is taken off, without its end */
	gint decode_state;
	guint decode_save;
};

G_DEFINE_TYPE(SgpSealedStream, sgp_sealed_stream, G_TYPE_OUTPUT_STREAM)

static gboolean put(SgpSealedStream *self, const char *data, gsize length,
	GCancellable *cancellable, GError **error)
{
	gcry_md_write(self->hash, data, length);
	self->size += (gint64)length;
	return g_output_stream_write_all(self->base, data, length, NULL, cancellable, error);
}

/* The checksum line is optional (RFC 4880 section 6.1), and RFC 9580 advises against it; but GnuPG
 * 2.2.40 takes the END line for data when there is neither checksum nor padding. Three octets at a
 * time, which is three times as fast as one by one. */
static void add_to_crc(SgpSealedStream *self, const guint8 *data, gsize length)
{
	guint32 crc = self->crc;
	for (; length >= 3; data += 3, length -= 3) {
		crc ^= (guint32)data[0] << 16 | (guint32)data[1] << 8 | data[2];
		crc = self->crc_table[2][crc >> 16] ^ self->crc_table[1][crc >> 8 & 0xff] ^
		      self->crc_table[0][crc & 0xff];
	}
	for (; length > 0; data++, length--)
		crc = (crc << 8 & 0xffffff) ^ self->crc_table[0][crc >> 16 ^ *data];
	self->crc = crc;
}

static void fill_crc_tables(SgpSealedStream *self)
{
	self->crc = CRC_START;
	for (guint32 octet = 0; octet < 256; octet++) {
		guint32 crc = octet << 16;
		for (guint bit = 0; bit < 8; bit++)
			crc = (crc & 0x800000 ? crc << 1 ^ CRC_POLY : crc << 1) & 0xffffff;
		self->crc_table[0][octet] = crc;
	}
	for (guint n = 1; n < 3; n++)
		for (guint32 octet = 0; octet < 256; octet++) {
			guint32 crc = self->crc_table[n - 1][octet];
			self->crc_table[n][octet] =
				(crc << 8 & 0xffffff) ^ self->crc_table[0][crc >> 16];
		}
}

static char *encode_line(SgpSealedStream *self, const guint8 *octets, char *end)
{
	for (gsize i = 0; i < LINE_OCTETS; i += 3) {
		guint32 bits =
			(guint32)octets[i] << 16 | (guint32)octets[i + 1] << 8 | octets[i + 2];
		memcpy(end, self->pairs[bits >> 12], 2);
		memcpy(end + 2, self->pairs[bits & 0xfff], 2);
		end += 4;
	}
	*end++ = '\r';
	*end++ = '\n';
	return end;
}

static gboolean put_armored(SgpSealedStream *self, const guint8 *data, gsize length,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *text = g_malloc((length / LINE_OCTETS + 2) * LINE_LENGTH + sizeof(BEGIN));
	char *end = text;
	add_to_crc(self, data, length);
	if (!self->is_begun)
		end = g_stpcpy(end, BEGIN);
	self->is_begun = TRUE;
	if (self->n_rest > 0) {
		gsize n = MIN(length, LINE_OCTETS - self->n_rest);
		memcpy(self->rest + self->n_rest, data, n);
		self->n_rest += n;
		data += n;
		length -= n;
		if (self->n_rest == LINE_OCTETS) {
			end = encode_line(self, self->rest, end);
			self->n_rest = 0;
		}
	}
	for (; length >= LINE_OCTETS; data += LINE_OCTETS, length -= LINE_OCTETS)
		end = encode_line(self, data, end);
	if (length > 0) {
		memcpy(self->rest, data, length);
		self->n_rest = length;
	}
	return put(self, text, (gsize)(end - text), cancellable, error);
}

static gboolean put_armor_end(SgpSealedStream *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	if (self->n_rest > 0) {
		g_autofree char *last = g_base64_encode(self->rest, self->n_rest);
		g_string_append_printf(text, "%s\r\n", last);
	}
	guint8 sum[3] = { (guint8)(self->crc >> 16), (guint8)(self->crc >> 8), (guint8)self->crc };
	g_autofree char *crc = g_base64_encode(sum, sizeof(sum));
	g_string_append_printf(text, "=%s\r\n" END, crc);
	return put(self, text->str, text->len, cancellable, error);
}

/* One line of it, as RFC 9580 section 6.2 has them. */
static void take_line(SgpSealedStream *self, GByteArray *octets)
{
	const char *line = self->line->str;
	if (self->part == SGP_ARMOR_HEAD) {
		self->part = *line == '\0' ? SGP_ARMOR_BODY : SGP_ARMOR_HEAD;
	} else if (*line == '=' || *line == '-') {
		self->part = SGP_ARMOR_END;
	} else if (self->part == SGP_ARMOR_BODY) {
		g_autofree guint8 *decoded = g_malloc(self->line->len + 3);
		gsize n = g_base64_decode_step(
			line, self->line->len, decoded, &self->decode_state, &self->decode_save);
		g_byte_array_append(octets, decoded, (guint)n);
	}
	g_string_truncate(self->line, 0);
}

static GByteArray *take_off_armor(SgpSealedStream *self, const char *text, gsize count)
{
	GByteArray *octets = g_byte_array_new();
	for (gsize i = 0; i < count; i++) {
		if (text[i] == '\n')
			take_line(self, octets);
		else if (text[i] != '\r')
			g_string_append_c(self->line, text[i]);
	}
	return octets;
}

static gboolean put_message(SgpSealedStream *self, const guint8 *data, gsize length,
	GCancellable *cancellable, GError **error)
{
	sgp_openpgp_packets_feed(self->packets, data, length);
	return self->armor ? put_armored(self, data, length, cancellable, error)
			   : put(self, (const char *)data, length, cancellable, error);
}

/* GPGME asks for a binary message, but cannot say no to an "armor" in the user's gpg.conf, which
 * many people have there. A packet never begins with a dash. */
static gssize sgp_sealed_stream_write(GOutputStream *stream, const void *buffer, gsize count,
	GCancellable *cancellable, GError **error)
{
	SgpSealedStream *self = SGP_SEALED_STREAM(stream);
	if (self->part == SGP_ARMOR_UNKNOWN && count > 0)
		self->part = *(const char *)buffer == '-' ? SGP_ARMOR_HEAD : SGP_ARMOR_NONE;
	if (self->part == SGP_ARMOR_UNKNOWN || self->part == SGP_ARMOR_NONE)
		return put_message(self, buffer, count, cancellable, error) ? (gssize)count : -1;
	g_autoptr(GByteArray) octets = take_off_armor(self, buffer, count);
	if (octets->len > 0 && !put_message(self, octets->data, octets->len, cancellable, error))
		return -1;
	return (gssize)count;
}

static int compare_ids(gconstpointer a, gconstpointer b)
{
	return g_ascii_strcasecmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *sort_ids(const char *const *ids)
{
	GPtrArray *sorted = g_ptr_array_new();
	for (gsize i = 0; ids[i] != NULL; i++)
		g_ptr_array_add(sorted, (gpointer)ids[i]);
	g_ptr_array_sort(sorted, compare_ids);
	return sorted;
}

static gboolean is_same(const char *const *found, const char *const *wanted)
{
	g_autoptr(GPtrArray) one = sort_ids(found);
	g_autoptr(GPtrArray) other = sort_ids(wanted);
	if (one->len != other->len)
		return FALSE;
	for (guint i = 0; i < one->len; i++)
		if (g_ascii_strcasecmp(g_ptr_array_index(one, i), g_ptr_array_index(other, i)) != 0)
			return FALSE;
	return TRUE;
}

/**
 * sgp_sealed_stream_finish:
 * @key_ids: (nullable): what the plan says; NULL only where there is no plan to compare with
 *
 * A hidden recipient (key id 0) is none of the planned ones either.
 */
gboolean sgp_sealed_stream_finish(SgpSealedStream *self, const char *const *key_ids,
	GCancellable *cancellable, GError **error)
{
	if (self->armor && !put_armor_end(self, cancellable, error))
		return FALSE;
	if (!g_output_stream_flush(self->base, cancellable, error))
		return FALSE;
	g_auto(GStrv) found = sgp_openpgp_packets_finish(self->packets, error);
	if (found == NULL)
		return FALSE;
	if (key_ids != NULL && !is_same((const char *const *)found, key_ids)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"gpg added or hid a reader: look for group, recipient, throw-keyids in "
			"gpg.conf");
		return FALSE;
	}
	return TRUE;
}

char *sgp_sealed_stream_dup_sha256(SgpSealedStream *self)
{
	const guint8 *sum = gcry_md_read(self->hash, GCRY_MD_SHA256);
	GString *hex = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(hex, "%02x", sum[i]);
	return g_string_free(hex, FALSE);
}

gint64 sgp_sealed_stream_get_size(SgpSealedStream *self)
{
	return self->size;
}

static void sgp_sealed_stream_finalize(GObject *object)
{
	SgpSealedStream *self = SGP_SEALED_STREAM(object);
	g_clear_object(&self->base);
	sgp_openpgp_packets_free(self->packets);
	gcry_md_close(self->hash);
	g_string_free(self->line, TRUE);
	G_OBJECT_CLASS(sgp_sealed_stream_parent_class)->finalize(object);
}

static void sgp_sealed_stream_class_init(SgpSealedStreamClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_sealed_stream_finalize;
	G_OUTPUT_STREAM_CLASS(class)->write_fn = sgp_sealed_stream_write;
}

static void sgp_sealed_stream_init(SgpSealedStream *self)
{
	static const char ALPHABET[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (guint bits = 0; bits < 4096; bits++) {
		self->pairs[bits][0] = ALPHABET[bits >> 6];
		self->pairs[bits][1] = ALPHABET[bits & 0x3f];
	}
	fill_crc_tables(self);
	self->packets = sgp_openpgp_packets_new();
	self->line = g_string_new(NULL);
	gcry_md_open(&self->hash, GCRY_MD_SHA256, 0);
}

/**
 * sgp_sealed_stream_new:
 * @base: where the message goes; not closed by this one
 *
 * Returns: (transfer full)
 */
SgpSealedStream *sgp_sealed_stream_new(GOutputStream *base, gboolean armor)
{
	SgpSealedStream *self = g_object_new(SGP_TYPE_SEALED_STREAM, NULL);
	self->base = g_object_ref(base);
	self->armor = armor;
	return self;
}
