/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What stands in DNS records, read from their bytes (RFC 1035 wire form, names uncompressed). Pure,
 * over bytes of strangers. */

/* An MX record. host: (out) (transfer full) in lower case without the dot at the end, "" for the
 * root (null MX, RFC 7505). FALSE: broken, or a name that is no host name. */
gboolean sgp_dns_data_read_mx(const guint8 *data, gsize length, guint16 *preference, char **host);
/* The strings of a TXT record, joined. NULL: broken. (transfer full) (nullable) */
GBytes *sgp_dns_data_dup_text(const guint8 *data, gsize length);
/* An A or AAAA record. NULL: broken. (transfer full) (nullable) */
GInetAddress *sgp_dns_data_dup_address(const guint8 *data, gsize length);
/* A TLSA record that SMTP clients can authenticate with (RFC 7672, 3.1): usage DANE-TA or DANE-EE,
 * a known selector, a known matching type with its length. Records that are not only make TLS
 * mandatory, without saying whose. */
gboolean sgp_dns_data_is_usable_tlsa(const guint8 *data, gsize length);
/* An address of the public internet: not loopback, private, link-local, multicast, or reserved, nor
 * one of these inside IPv6. */
gboolean sgp_dns_data_is_public(GInetAddress *address);

G_END_DECLS
