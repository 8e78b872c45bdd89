/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the data of DNS records. Owns what is a host name, a usable TLSA record (RFC 7672) and a
 * public address; asks nobody. */
#include "sgp-dns-data.h"

#include <string.h>

#define LABEL_AT_MOST 63
#define NAME_AT_MOST  255

/* A label as mail servers have it: a dot or a quote inside one would read as another name. */
static gboolean is_label(const guint8 *label, gsize length)
{
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isalnum(label[i]) && label[i] != '-' && label[i] != '_')
			return FALSE;
	}
	return TRUE;
}

static char *dup_name(const guint8 *data, gsize length)
{
	g_autoptr(GString) name = g_string_new(NULL);
	gsize at = 0;
	while (at < length && data[at] != 0) {
		gsize label = data[at];
		if (label > LABEL_AT_MOST || at + 1 + label >= length ||
			!is_label(data + at + 1, label))
			return NULL;
		if (name->len > 0)
			g_string_append_c(name, '.');
		g_string_append_len(name, (const char *)data + at + 1, (gssize)label);
		at += 1 + label;
	}
	if (at + 1 != length || length > NAME_AT_MOST)
		return NULL;
	g_string_ascii_down(name);
	return g_string_free(g_steal_pointer(&name), FALSE);
}

gboolean sgp_dns_data_read_mx(const guint8 *data, gsize length, guint16 *preference, char **host)
{
	char *name = length > 2 ? dup_name(data + 2, length - 2) : NULL;
	if (name == NULL)
		return FALSE;
	*preference = (guint16)(data[0] << 8 | data[1]);
	*host = name;
	return TRUE;
}

GBytes *sgp_dns_data_dup_text(const guint8 *data, gsize length)
{
	g_autoptr(GByteArray) text = g_byte_array_new();
	for (gsize at = 0; at < length; at += 1 + (gsize)data[at]) {
		if (at + 1 + data[at] > length)
			return NULL;
		g_byte_array_append(text, data + at + 1, data[at]);
	}
	return length > 0 ? g_byte_array_free_to_bytes(g_steal_pointer(&text)) : NULL;
}

GInetAddress *sgp_dns_data_dup_address(const guint8 *data, gsize length)
{
	if (length == 4)
		return g_inet_address_new_from_bytes(data, G_SOCKET_FAMILY_IPV4);
	return length == 16 ? g_inet_address_new_from_bytes(data, G_SOCKET_FAMILY_IPV6) : NULL;
}

gboolean sgp_dns_data_is_usable_tlsa(const guint8 *data, gsize length)
{
	if (length < 4)
		return FALSE;
	guint8 usage = data[0], selector = data[1], matching = data[2];
	gsize rest = length - 3;
	/* PKIX-TA and PKIX-EE are not for SMTP (RFC 7672, 3.1.3). */
	if ((usage != 2 && usage != 3) || selector > 1)
		return FALSE;
	if (matching == 1)
		return rest == 32;
	if (matching == 2)
		return rest == 64;
	/* A whole certificate or key: a DER sequence. */
	return matching == 0 && rest > 2 && data[3] == 0x30;
}

static gboolean is_in(const guint8 *bytes, const char *network, guint bits)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(network);
	const guint8 *wanted = g_inet_address_to_bytes(address);
	for (guint i = 0; i < bits; i++) {
		guint8 mask = (guint8)(0x80 >> (i % 8));
		if ((bytes[i / 8] & mask) != (wanted[i / 8] & mask))
			return FALSE;
	}
	return TRUE;
}

typedef struct {
	const char *network;
	guint bits;
} Network;

/* The special-purpose registries of IANA (RFC 6890 and later). */
static gboolean is_public_v4(const guint8 *bytes)
{
	static const Network special[] = { { "0.0.0.0", 8 }, { "10.0.0.0", 8 },
		{ "100.64.0.0", 10 }, { "127.0.0.0", 8 }, { "169.254.0.0", 16 },
		{ "172.16.0.0", 12 }, { "192.0.0.0", 24 }, { "192.0.2.0", 24 },
		{ "192.88.99.0", 24 }, { "192.168.0.0", 16 }, { "198.18.0.0", 15 },
		{ "198.51.100.0", 24 }, { "203.0.113.0", 24 }, { "224.0.0.0", 3 } };
	for (gsize i = 0; i < G_N_ELEMENTS(special); i++) {
		if (is_in(bytes, special[i].network, special[i].bits))
			return FALSE;
	}
	return TRUE;
}

gboolean sgp_dns_data_is_public(GInetAddress *address)
{
	const guint8 *bytes = g_inet_address_to_bytes(address);
	if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4)
		return is_public_v4(bytes);
	/* Only global unicast; an IPv4 address inside (NAT64, 6to4, mapped) counts as itself. */
	if (is_in(bytes, "64:ff9b::", 96))
		return is_public_v4(bytes + 12);
	if (is_in(bytes, "2002::", 16))
		return is_public_v4(bytes + 2);
	return is_in(bytes, "2000::", 3) && !is_in(bytes, "2001:db8::", 32) &&
	       !is_in(bytes, "2001::", 23) && !is_in(bytes, "3fff::", 20);
}
