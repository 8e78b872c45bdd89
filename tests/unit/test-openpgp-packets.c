/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-openpgp-packets.h"

#include <string.h>

#define PKESK "\x84\x0a\x03\x01\x02\x03\x04\x05\x06\x07\x08\x12"
#define SEIPD "\xd2\x03\x01\xaa\xbb"

static GStrv check(const char *bytes, gsize length, gsize step, GError **error)
{
	g_autoptr(SgpOpenpgpPackets) packets = sgp_openpgp_packets_new();
	for (gsize at = 0; at < length; at += step)
		sgp_openpgp_packets_feed(
			packets, (const guint8 *)bytes + at, MIN(step, length - at));
	return sgp_openpgp_packets_finish(packets, error);
}

static void assert_good(const char *bytes, gsize length, const char *ids)
{
	for (gsize step = 1; step <= length; step++) {
		g_autoptr(GError) error = NULL;
		g_auto(GStrv) found = check(bytes, length, step, &error);
		g_assert_no_error(error);
		g_autofree char *joined = g_strjoinv(" ", found);
		g_assert_cmpstr(joined, ==, ids);
	}
}

static void assert_bad(const char *bytes, gsize length)
{
	for (gsize step = 1; step <= length; step++) {
		g_autoptr(GError) error = NULL;
		g_auto(GStrv) found = check(bytes, length, step, &error);
		g_assert_null(found);
		g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	}
}

#define GOOD(text, ids) assert_good(text, sizeof(text) - 1, ids)
#define BAD(text)       assert_bad(text, sizeof(text) - 1)

static void test_good(void)
{
	GOOD(PKESK SEIPD, "0102030405060708");
	GOOD(PKESK PKESK SEIPD, "0102030405060708 0102030405060708");
}

static void test_bad(void)
{
	BAD("");
	BAD(SEIPD);                        /* nobody can read it */
	BAD(PKESK);                        /* no data */
	BAD(PKESK "\xc9\x03\x01\xaa\xbb"); /* data without integrity protection */
	BAD(PKESK "\xd4\x03\x01\xaa\xbb"); /* another kind of protection than planned */
	BAD(PKESK "\xd2\x03\x02\xaa\xbb"); /* version 2 */
	BAD(PKESK "\xd2\x00");             /* empty */
	BAD(PKESK SEIPD SEIPD);
	BAD(PKESK SEIPD PKESK);
	BAD(PKESK SEIPD "\xca\x03PGP");                              /* a marker packet after it */
	BAD("\xa3\x03" PKESK SEIPD);                                 /* compressed */
	BAD("\xcb\x05t\0\0\0\0");                                    /* literal data */
	BAD("\x8c\x0d\x04\x09\x03\x08\1\2\3\4\5\6\7\x08\x60" SEIPD); /* a passphrase opens it */
	BAD("\x84\x0a\x06\x01\x02\x03\x04\x05\x06\x07\x08\x12" SEIPD); /* PKESK version 6 */
	BAD("\x84\x04\x03\x01\x02\x03" SEIPD);                         /* no whole key id */
	BAD(PKESK "\xd2\x05\x01\xaa\xbb");                             /* cut off */
	BAD(PKESK "\xd2\xe4\x01");                                     /* first stretch too short */
	BAD("hello");
}

/* Lengths of every kind: RFC 9580 section 4.2.1. */
static void test_lengths(void)
{
	static const gsize STRETCHES[] = { 512, 1, 2, 8192 };
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_byte_array_append(bytes, (const guint8 *)PKESK "\xd2", sizeof(PKESK));
	g_autofree guint8 *body = g_malloc0(70000);
	body[0] = 1;
	for (gsize i = 0; i < G_N_ELEMENTS(STRETCHES); i++) {
		guint8 octet = (guint8)(224 + g_bit_nth_lsf(STRETCHES[i], -1));
		g_byte_array_append(bytes, &octet, 1);
		g_byte_array_append(bytes, i == 0 ? body : body + 1, (guint)STRETCHES[i]);
	}
	gsize stem = bytes->len;
	static const struct {
		const char *length;
		gsize n_octets;
		guint n;
	} ENDS[] = { { "\x00", 1, 0 }, { "\xbf", 1, 191 }, { "\xc0\x00", 2, 192 },
		{ "\xdf\xff", 2, 8383 }, { "\xff\x00\x01\x00\x00", 5, 65536 } };
	for (gsize i = 0; i < G_N_ELEMENTS(ENDS); i++) {
		g_byte_array_set_size(bytes, (guint)stem);
		g_byte_array_append(bytes, (const guint8 *)ENDS[i].length, (guint)ENDS[i].n_octets);
		g_byte_array_append(bytes, body + 1, ENDS[i].n);
		g_autoptr(GError) error = NULL;
		g_auto(GStrv) whole = check((const char *)bytes->data, bytes->len, 1000, &error);
		g_assert_no_error(error);
		g_assert_cmpuint(g_strv_length(whole), ==, 1);
		g_auto(GStrv) cut = ENDS[i].n == 0 ? NULL
						   : check((const char *)bytes->data,
							     bytes->len - 1, 1000, NULL);
		g_assert_null(cut);
	}
}

static GStrv check_stream(const char *text)
{
	g_autoptr(GInputStream) stream =
		g_memory_input_stream_new_from_data(text, (gssize)strlen(text), NULL);
	return sgp_openpgp_packets_check(stream, NULL, NULL);
}

static void test_armor(void)
{
	g_autofree char *data =
		g_base64_encode((const guchar *)PKESK SEIPD, sizeof(PKESK SEIPD) - 1);
	g_autofree char *good = g_strdup_printf("-----BEGIN PGP MESSAGE-----\r\n"
						"Version: x\r\n\r\n%s\r\n=abcd\r\n"
						"-----END PGP MESSAGE-----\r\n",
		data);
	g_auto(GStrv) ids = check_stream(good);
	g_assert_nonnull(ids);
	g_assert_cmpstr(ids[0], ==, "0102030405060708");
	g_autofree char *more = g_strconcat(good, "hello\r\n", NULL);
	g_assert_null(check_stream(more));
	g_autofree char *twice = g_strconcat(good, good, NULL);
	g_assert_null(check_stream(twice));
	g_autofree char *cut = g_strndup(good, strlen(good) - 30);
	g_assert_null(check_stream(cut));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/openpgp-packets/the-planned-message-passes", test_good);
	g_test_add_func("/openpgp-packets/nothing-else-passes", test_bad);
	g_test_add_func("/openpgp-packets/lengths-of-every-kind-are-followed", test_lengths);
	g_test_add_func("/openpgp-packets/armor-is-one-message-and-nothing-more", test_armor);
	return g_test_run();
}
