/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-sealed-stream.h"

#include <string.h>

#include "scratch-gpg.h"

/* One message of any length, in pieces of any size. */
static GByteArray *make_message(gsize n)
{
	static const char START[] = "\x84\x0a\x03\x01\x02\x03\x04\x05\x06\x07\x08\x12\xd2\xff";
	GByteArray *bytes = g_byte_array_new();
	g_byte_array_append(bytes, (const guint8 *)START, sizeof(START) - 1);
	guint32 length = GUINT32_TO_BE((guint32)n + 1);
	g_byte_array_append(bytes, (const guint8 *)&length, 4);
	g_byte_array_append(bytes, (const guint8 *)"\1", 1);
	for (gsize i = 0; i < n; i++) {
		guint8 octet = (guint8)(i * 7 + (i >> 8));
		g_byte_array_append(bytes, &octet, 1);
	}
	return bytes;
}

static char *seal(GByteArray *message, gsize step, const char *const *ids, gboolean armor,
	gsize *length, GError **error)
{
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(SgpSealedStream) sealed = sgp_sealed_stream_new(memory, armor);
	for (gsize at = 0; at < message->len; at += step)
		g_assert_true(g_output_stream_write_all(G_OUTPUT_STREAM(sealed), message->data + at,
			MIN(step, message->len - at), NULL, NULL, NULL));
	if (!sgp_sealed_stream_finish(sealed, ids, NULL, error))
		return NULL;
	*length = g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(memory));
	char *text =
		g_memdup2(g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory)), *length);
	g_autofree char *sum =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, *length);
	g_autofree char *own = sgp_sealed_stream_dup_sha256(sealed);
	g_assert_cmpstr(own, ==, sum);
	g_assert_cmpint(sgp_sealed_stream_get_size(sealed), ==, (gint64)*length);
	return text;
}

static const char *const IDS[] = { "0102030405060708", NULL };

/* gpg's own armor is the known answer. */
static void test_armor(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	for (gsize n = 0; n < 200; n += 1 + n / 8) {
		g_autoptr(GByteArray) message = make_message(n);
		g_autofree char *expected = scratch_gpg_run(
			gpg, (const char *)message->data, message->len, "--enarmor");
		g_auto(GStrv) lines = g_strsplit(expected, "\n", -1);
		for (gsize step = 1; step <= message->len; step += 13) {
			gsize length;
			g_autofree char *text = seal(message, step, IDS, TRUE, &length, NULL);
			g_autofree char *whole = g_strndup(text, length);
			g_auto(GStrv) own = g_strsplit(whole, "\r\n", -1);
			g_assert_cmpstr(own[0], ==, "-----BEGIN PGP MESSAGE-----");
			const char *const *theirs = (const char *const *)lines;
			while (**theirs != '\0')
				theirs++;
			gsize i = 1;
			for (; *own[i + 1] != '-'; i++) {
				g_assert_cmpstr(own[i], ==, *theirs);
				theirs++;
			}
			g_assert_cmpstr(own[i], ==, *theirs); /* the checksum */
			g_assert_cmpstr(own[i + 1], ==, "-----END PGP MESSAGE-----");
		}
	}
}

static void test_binary(void)
{
	g_autoptr(GByteArray) message = make_message(1000);
	gsize length;
	g_autofree char *bytes = seal(message, 100, IDS, FALSE, &length, NULL);
	g_assert_cmpmem(bytes, length, message->data, message->len);
}

/* "armor" in the user's gpg.conf. */
static void test_armored(void)
{
	static const gsize STEPS[] = { 1, 7, 1000 };
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	for (gsize n = 0; n < 200; n += 1 + n / 8) {
		g_autoptr(GByteArray) message = make_message(n);
		g_autofree char *armor = scratch_gpg_run(
			gpg, (const char *)message->data, message->len, "--enarmor");
		g_autoptr(GByteArray) armored = g_byte_array_new();
		g_byte_array_append(armored, (const guint8 *)armor, (guint)strlen(armor));
		for (gsize i = 0; i < G_N_ELEMENTS(STEPS); i++) {
			gsize length = 0;
			g_autofree char *bytes = seal(armored, STEPS[i], IDS, FALSE, &length, NULL);
			g_assert_cmpmem(bytes, length, message->data, message->len);
		}
	}
}

static void test_readers(void)
{
	static const char *const OTHERS[][3] = { { "1102030405060708", NULL }, { NULL },
		{ "0102030405060708", "0102030405060709", NULL },
		{ "0102030405060708", "0102030405060708", NULL } };
	g_autoptr(GByteArray) message = make_message(100);
	for (gsize i = 0; i < G_N_ELEMENTS(OTHERS); i++) {
		gsize length;
		g_autoptr(GError) error = NULL;
		g_assert_null(seal(message, 7, OTHERS[i], TRUE, &length, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	}
	g_byte_array_set_size(message, message->len - 1);
	gsize length;
	g_assert_null(seal(message, 7, IDS, TRUE, &length, NULL));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sealed-stream/the-armor-is-gpgs-own", test_armor);
	g_test_add_func(
		"/sealed-stream/an-armor-that-the-user-asked-for-is-taken-off", test_armored);
	g_test_add_func("/sealed-stream/binary-stays-as-it-is", test_binary);
	g_test_add_func("/sealed-stream/only-the-planned-readers-pass", test_readers);
	return g_test_run();
}
