/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads Autocrypt headers (Autocrypt Level 1, 2.1): who says so, and which bytes. Pure: decides
 * nothing about the key, and trusts nothing in it. Anybody can write such a header; what it is
 * worth is decided elsewhere (threat 20). */
#include "sgp-autocrypt.h"

#include <string.h>

#include "sgp-address.h"

#define MAXIMAL_VALUE (256 * 1024)

typedef struct {
	char *addr;    /* (owned) (nullable) */
	char *keydata; /* (owned) (nullable) base64 without white space */
} Header;

static void header_clear(Header *self)
{
	g_free(self->addr);
	g_free(self->keydata);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Header, header_clear)

static char *dup_without_space(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));
	for (const char *c = text; *c != '\0'; c++)
		if (!g_ascii_isspace(*c))
			g_string_append_c(out, *c);
	return g_string_free(out, FALSE);
}

/* An attribute that this version does not know makes the header invalid, unless its name begins
 * with "_": then it may be left out (2.1.1). One that comes twice leaves open which was meant. */
static gboolean take_attribute(Header *header, const char *name, const char *value)
{
	if (g_str_equal(name, "addr")) {
		if (header->addr != NULL)
			return FALSE;
		header->addr = g_strstrip(g_strdup(value));
		return TRUE;
	}
	if (g_str_equal(name, "keydata")) {
		if (header->keydata != NULL)
			return FALSE;
		header->keydata = dup_without_space(value);
		return TRUE;
	}
	return g_str_equal(name, "prefer-encrypt") || *name == '_';
}

static gboolean read_attributes(Header *header, const char *value)
{
	g_auto(GStrv) parts = g_strsplit(value, ";", 32);
	for (gsize i = 0; parts[i] != NULL; i++) {
		char *part = g_strstrip(parts[i]);
		char *equals = strchr(part, '=');
		if (*part == '\0' && parts[i + 1] == NULL)
			return TRUE; /* a semicolon at the end */
		if (equals == NULL)
			return FALSE;
		*equals = '\0';
		/* Attribute names are compared exactly, as the other clients do. */
		if (!take_attribute(header, g_strstrip(part), equals + 1))
			return FALSE;
	}
	return TRUE;
}

/* Exactly the author's: a header about somebody else could plant a key for a third person. */
static gboolean is_address(const char *text, const char *addr_spec)
{
	/* A bare addr-spec: no display name, no brackets. */
	if (strpbrk(text, "<>\"(), \t\r\n") != NULL)
		return FALSE;
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
	return address != NULL && g_str_equal(sgp_address_get_addr_spec(address), addr_spec);
}

static gboolean is_base64(const char *text)
{
	gsize length = strlen(text);
	gsize n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
	gsize padding = strspn(text + n, "=");
	return n > 0 && padding <= 2 && n + padding == length && length % 4 == 0;
}

/**
 * sgp_autocrypt_dup_key:
 * @value: of the header
 * @addr_spec: canonical: the one From mailbox
 *
 * Returns: (transfer full) (nullable): the bytes that are said to be this person's public key
 */
GBytes *sgp_autocrypt_dup_key(const char *value, const char *addr_spec)
{
	g_auto(Header) header = { NULL };
	if (strlen(value) > MAXIMAL_VALUE || !g_utf8_validate(value, -1, NULL) ||
		!read_attributes(&header, value))
		return NULL;
	if (header.addr == NULL || header.keydata == NULL || !is_address(header.addr, addr_spec) ||
		!is_base64(header.keydata))
		return NULL;
	gsize size = 0;
	guchar *bytes = g_base64_decode(header.keydata, &size);
	return g_bytes_new_take(bytes, size);
}
