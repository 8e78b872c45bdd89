/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-autocrypt.h"

#include <string.h>

#define ERIKA "erika@kunde.example"

static gboolean is_read(const char *value)
{
	g_autoptr(GBytes) bytes = sgp_autocrypt_dup_key(value, ERIKA);
	return bytes != NULL;
}

static void test_good(void)
{
	const char *value =
		"addr=erika@kunde.example; prefer-encrypt=mutual; keydata=\n bWFu\r\n\tbg==";
	g_autoptr(GBytes) bytes = sgp_autocrypt_dup_key(value, ERIKA);
	gsize size = 0;
	g_assert_nonnull(bytes);
	const char *data = g_bytes_get_data(bytes, &size);
	g_assert_cmpmem(data, size, "mann", 4);
	g_assert_true(is_read("addr=Erika@Kunde.EXAMPLE; keydata=bWFu"));
	g_assert_true(is_read("keydata=bWFu; addr=erika@kunde.example;"));
	g_assert_true(is_read("addr = erika@kunde.example ; keydata = bWFu"));
	g_assert_true(is_read("addr=erika@kunde.example; _later=1=2; keydata=bWFu"));
}

/* Anybody's header could plant a key for a third person. */
static void test_other_people(void)
{
	static const char *const VALUES[] = {
		"addr=max@kunde.example; keydata=bWFu",
		"addr=noterika@kunde.example; keydata=bWFu",
		"addr=erika@kunde.example.evil.example; keydata=bWFu",
		"addr=erika+x@kunde.example; keydata=bWFu",
		"addr=Erika <erika@kunde.example>; keydata=bWFu",
		"addr=erika@kunde.example, max@kunde.example; keydata=bWFu",
		"addr=; keydata=bWFu",
		"keydata=bWFu",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(VALUES); i++)
		g_assert_false(is_read(VALUES[i]));
}

static void test_broken(void)
{
	static const char *const VALUES[] = {
		"",
		";",
		"addr=erika@kunde.example",
		"addr=erika@kunde.example; keydata=",
		"addr=erika@kunde.example; keydata=bWF",
		"addr=erika@kunde.example; keydata=b=Fu",
		"addr=erika@kunde.example; keydata=bWFu====",
		"addr=erika@kunde.example; keydata=bW-_",
		"addr=erika@kunde.example; keydata=bWFu; keydata=bWFu",
		"addr=erika@kunde.example; addr=erika@kunde.example; keydata=bWFu",
		"addr=erika@kunde.example; critical=1; keydata=bWFu",
		"addr=erika@kunde.example; ADDR=max@kunde.example; keydata=bWFu",
		"addr=erika@kunde.example; ; keydata=bWFu",
		"addr=erika@kunde.example keydata=bWFu",
		"addr=erika@kunde.example; keydata=\xff\xfe",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(VALUES); i++) {
		if (is_read(VALUES[i]))
			g_error("it was read: “%s”", VALUES[i]);
	}
}

static void test_large(void)
{
	g_autofree char *keydata = g_strnfill(300 * 1024, 'A');
	g_autofree char *value = g_strconcat("addr=" ERIKA "; keydata=", keydata, NULL);
	g_assert_false(is_read(value));
	keydata[100 * 1024] = '\0';
	g_autofree char *smaller = g_strconcat("addr=" ERIKA "; keydata=", keydata, NULL);
	g_assert_true(is_read(smaller));
}

/* Whatever the bytes, it ends, and it reads nothing that is not said. */
static void test_noise(void)
{
	static const char ALPHABET[] = "=;addrkeydata erika@kunde.example_\n\tbWFu+/<>\"\\";
	g_autoptr(GRand) rand = g_rand_new_with_seed(20);
	for (guint i = 0; i < 20000; i++) {
		char text[64];
		gsize length = (gsize)g_rand_int_range(rand, 0, sizeof text);
		for (gsize n = 0; n < length; n++)
			text[n] = ALPHABET[g_rand_int_range(rand, 0, sizeof ALPHABET - 1)];
		text[MIN(length, sizeof text - 1)] = '\0';
		if (is_read(text))
			g_assert_nonnull(strstr(text, ERIKA));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/autocrypt/a-header-of-the-author-gives-its-bytes", test_good);
	g_test_add_func("/autocrypt/a-header-speaks-for-its-author-only", test_other_people);
	g_test_add_func("/autocrypt/a-broken-header-is-none", test_broken);
	g_test_add_func("/autocrypt/a-header-has-a-size", test_large);
	g_test_add_func("/autocrypt/noise-is-no-header", test_noise);
	return g_test_run();
}
