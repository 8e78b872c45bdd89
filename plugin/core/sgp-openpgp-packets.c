/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks after the fact what gpg made, by its packet headers alone. The user's gpg.conf can add
 * readers (group, encrypt-to), change the cipher, or leave integrity protection out; whatever it
 * did, only the planned message passes: the planned key ids, one data packet that is protected
 * against changes (tag 18, version 1 with MDC), and nothing else. It decrypts nothing. */
#include "sgp-openpgp-packets.h"

#include <string.h>

#include "sgp-error.h"

#define TAG_PKESK           1
#define TAG_SEIPD           18
#define PKESK_VERSION       3
#define SEIPD_VERSION       1
#define PKESK_HEAD          9 /* version and key id */
#define TO_THE_END          G_MAXUINT64
#define LEAST_FIRST_PARTIAL 512 /* RFC 9580 section 4.2.1.4 */
#define READ_SIZE           65536
#define LONGEST_ARMOR_LINE  76 /* RFC 9580 section 6 */
#define BASE64_ALPHABET     G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/="

typedef enum {
	STATE_BROKEN = 0, /* zero: nothing passes */
	STATE_TAG,
	STATE_LENGTH,
	STATE_BODY,
} State;

struct _SgpOpenpgpPackets {
	State state;
	guint tag;
	gboolean is_new;  /* new format header */
	guint8 octets[5]; /* of the length, while STATE_LENGTH */
	guint n_octets;
	guint n_needed;
	guint64 left;            /* of this stretch of the body */
	gboolean is_partial;     /* another length follows this stretch */
	gboolean is_first;       /* no stretch of this packet was read yet */
	guint8 head[PKESK_HEAD]; /* first octets of the body */
	guint n_head;
	gboolean has_data;  /* the protected data packet was seen */
	GPtrArray *key_ids; /* (owned) (element-type utf8) */
};

SgpOpenpgpPackets *sgp_openpgp_packets_new(void)
{
	SgpOpenpgpPackets *self = g_new0(SgpOpenpgpPackets, 1);
	self->state = STATE_TAG;
	self->key_ids = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void sgp_openpgp_packets_free(SgpOpenpgpPackets *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->key_ids);
	g_free(self);
}

static State begin_packet(SgpOpenpgpPackets *self, guint8 octet)
{
	static const guint OLD_LENGTHS[] = { 1, 2, 4, 0 };
	if ((octet & 0x80) == 0 || self->has_data)
		return STATE_BROKEN; /* nothing may follow the data packet */
	self->is_new = (octet & 0x40) != 0;
	self->tag = self->is_new ? octet & 0x3f : (octet >> 2) & 0x0f;
	if (self->tag != TAG_PKESK && self->tag != TAG_SEIPD)
		return STATE_BROKEN;
	self->n_head = 0;
	self->n_octets = 0;
	self->is_partial = FALSE;
	self->is_first = TRUE;
	self->n_needed = self->is_new ? 1 : OLD_LENGTHS[octet & 0x03];
	if (self->n_needed != 0)
		return STATE_LENGTH;
	self->left = TO_THE_END;
	return self->tag == TAG_SEIPD ? STATE_BODY : STATE_BROKEN;
}

/* RFC 9580 section 4.2.1: how long a new-format length is says its first octet. */
static guint get_needed(guint8 first)
{
	if (first >= 192 && first < 224)
		return 2;
	return first == 255 ? 5 : 1;
}

static State feed_length(SgpOpenpgpPackets *self, guint8 octet)
{
	self->octets[self->n_octets++] = octet;
	if (self->is_new && self->n_octets == 1)
		self->n_needed = get_needed(octet);
	if (self->n_octets < self->n_needed)
		return STATE_LENGTH;
	guint8 first = self->octets[0];
	self->is_partial = self->is_new && first >= 224 && first < 255;
	if (self->is_partial) {
		self->left = G_GUINT64_CONSTANT(1) << (first & 0x1f);
		return self->tag == TAG_SEIPD &&
				       (!self->is_first || self->left >= LEAST_FIRST_PARTIAL)
			       ? STATE_BODY
			       : STATE_BROKEN;
	}
	self->left = 0;
	for (guint i = self->is_new && self->n_needed == 5 ? 1 : 0; i < self->n_needed; i++)
		self->left = self->left << 8 | self->octets[i];
	if (self->is_new && self->n_needed == 2)
		self->left = self->left - (192 << 8) + 192;
	return STATE_BODY;
}

static State end_packet(SgpOpenpgpPackets *self)
{
	if (self->tag == TAG_SEIPD) {
		self->has_data = TRUE;
		return self->n_head >= 1 && self->head[0] == SEIPD_VERSION ? STATE_TAG
									   : STATE_BROKEN;
	}
	if (self->n_head < PKESK_HEAD || self->head[0] != PKESK_VERSION)
		return STATE_BROKEN;
	GString *id = g_string_new(NULL);
	for (guint i = 1; i < PKESK_HEAD; i++)
		g_string_append_printf(id, "%02X", self->head[i]);
	g_ptr_array_add(self->key_ids, g_string_free(id, FALSE));
	return STATE_TAG;
}

static State end_stretch(SgpOpenpgpPackets *self)
{
	if (!self->is_partial)
		return end_packet(self);
	self->n_octets = 0;
	self->n_needed = 1;
	self->is_first = FALSE;
	return STATE_LENGTH;
}

/* Takes what it can of the body; returns how much. */
static gsize feed_body(SgpOpenpgpPackets *self, const guint8 *data, gsize length)
{
	gsize taken = (gsize)MIN(length, self->left);
	gsize to_head = MIN(taken, PKESK_HEAD - self->n_head);
	memcpy(self->head + self->n_head, data, to_head);
	self->n_head += (guint)to_head;
	if (self->left != TO_THE_END)
		self->left -= taken;
	return taken;
}

void sgp_openpgp_packets_feed(SgpOpenpgpPackets *self, const guint8 *data, gsize length)
{
	gsize at = 0;
	while (at < length && self->state != STATE_BROKEN) {
		switch (self->state) {
		case STATE_BROKEN:
			return;
		case STATE_TAG:
			self->state = begin_packet(self, data[at++]);
			break;
		case STATE_LENGTH:
			self->state = feed_length(self, data[at++]);
			break;
		case STATE_BODY:
			at += feed_body(self, data + at, length - at);
			break;
		}
		if (self->state == STATE_BODY && self->left == 0)
			self->state = end_stretch(self);
	}
}

/**
 * sgp_openpgp_packets_finish:
 *
 * Returns: (transfer full): the key ids of the session key packets, each 16 upper-case hex digits.
 * Errors: TAMPERED, unless it was one message as described above, complete
 */
GStrv sgp_openpgp_packets_finish(SgpOpenpgpPackets *self, GError **error)
{
	if (self->state == STATE_BODY && self->left == TO_THE_END)
		self->state = end_packet(self);
	if (self->state != STATE_TAG || !self->has_data || self->key_ids->len == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"not session keys and one integrity-protected packet");
		return NULL;
	}
	g_ptr_array_add(self->key_ids, NULL);
	GPtrArray *ids = self->key_ids;
	self->key_ids = g_ptr_array_new_with_free_func(g_free);
	return (GStrv)g_ptr_array_free(ids, FALSE);
}

/* ---- armor ---- */

/* Reads the armor of one message line by line: what stands before it must be nothing, its header
 * fields are skipped, and after its end only white space may follow. */
typedef struct {
	SgpOpenpgpPackets *packets;
	GString *line; /* (owned) */
	enum { ARMOR_BEFORE = 0, ARMOR_FIELDS, ARMOR_DATA, ARMOR_SUM, ARMOR_AFTER } place;
	gboolean is_broken;
	int state;
	guint save;
} Armor;

static void feed_armor_line(Armor *armor, char *line)
{
	guint8 decoded[256];
	g_strchomp(line);
	gsize length = strlen(line);
	switch (armor->place) {
	case ARMOR_BEFORE:
		armor->is_broken |= !g_str_equal(line, "-----BEGIN PGP MESSAGE-----");
		armor->place = ARMOR_FIELDS;
		return;
	case ARMOR_FIELDS:
		if (length == 0)
			armor->place = ARMOR_DATA;
		return;
	case ARMOR_DATA:
		if (*line == '=') {
			armor->place = ARMOR_SUM;
		} else if (g_str_equal(line, "-----END PGP MESSAGE-----")) {
			armor->place = ARMOR_AFTER;
		} else if (length > LONGEST_ARMOR_LINE || strspn(line, BASE64_ALPHABET) != length) {
			armor->is_broken = TRUE;
		} else {
			gsize n = g_base64_decode_step(
				line, length, decoded, &armor->state, &armor->save);
			sgp_openpgp_packets_feed(armor->packets, decoded, n);
		}
		return;
	case ARMOR_SUM:
		armor->is_broken |= !g_str_equal(line, "-----END PGP MESSAGE-----");
		armor->place = ARMOR_AFTER;
		return;
	case ARMOR_AFTER:
		armor->is_broken |= length != 0;
		return;
	}
}

static void feed_armor(Armor *armor, const char *data, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		if (data[i] != '\n') {
			g_string_append_c(armor->line, data[i]);
			armor->is_broken |= armor->line->len > 4096;
			if (armor->is_broken)
				return;
			continue;
		}
		feed_armor_line(armor, armor->line->str);
		g_string_truncate(armor->line, 0);
	}
}

/**
 * sgp_openpgp_packets_check:
 * @message: one whole message, armored or binary, read to its end
 *
 * Returns: (transfer full): as sgp_openpgp_packets_finish(). Errors: TAMPERED, G_IO_ERROR
 */
GStrv sgp_openpgp_packets_check(GInputStream *message, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpOpenpgpPackets) packets = sgp_openpgp_packets_new();
	g_autoptr(GString) line = g_string_new(NULL);
	Armor armor = { .packets = packets, .line = line };
	g_autofree char *buffer = g_malloc(READ_SIZE);
	gboolean is_armored = FALSE;
	gboolean is_first = TRUE;
	gsize n = 0;
	do {
		if (!g_input_stream_read_all(message, buffer, READ_SIZE, &n, cancellable, error))
			return NULL;
		if (is_first)
			is_armored = n > 0 && buffer[0] == '-';
		is_first = FALSE;
		if (is_armored)
			feed_armor(&armor, buffer, n);
		else
			sgp_openpgp_packets_feed(packets, (const guint8 *)buffer, n);
	} while (n == READ_SIZE);
	if (is_armored && line->len > 0)
		feed_armor_line(&armor, line->str);
	if (armor.is_broken || (is_armored && armor.place != ARMOR_AFTER)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "not one armored message");
		return NULL;
	}
	return sgp_openpgp_packets_finish(packets, error);
}
