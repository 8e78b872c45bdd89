/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sum by which the transport guard knows a sealed copy again: it is the armor's only for a mail
 * that is nothing but armor. */
#include "sgp-content-digest.h"

#define ARMOR "-----BEGIN PGP MESSAGE-----\n\nhQIMA0\n-----END PGP MESSAGE-----\n"
#define CONTROL                                                                                    \
	"--b\nContent-Type: application/pgp-encrypted\nContent-Description: PGP/MIME version\n\n"
#define SEALED_PART "--b\nContent-Type: application/octet-stream; name=\"encrypted.asc\"\n\n" ARMOR

static char *compute_mail(const char *type, const char *body)
{
	g_autofree char *text = g_strconcat("From: sabine@agentur.example\n"
					    "Subject: [...]\n"
					    "MIME-Version: 1.0\n"
					    "Content-Type: ",
		type, "\n", body, NULL);
	g_autoptr(CamelMimeMessage) message = camel_mime_message_new();
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data(text, -1, NULL);

	g_assert_true(camel_data_wrapper_construct_from_input_stream_sync(
		CAMEL_DATA_WRAPPER(message), stream, NULL, NULL));
	return sgp_content_digest_compute(message, NULL, NULL);
}

static char *compute(const char *between)
{
	g_autofree char *body = g_strconcat("\n", between, NULL);

	return compute_mail("multipart/encrypted; boundary=b;\n"
			    " protocol=\"application/pgp-encrypted\"",
		body);
}

/* Known answer: of the armor with CRLF, as the agent's. */
static char *dup_armor_sum(void)
{
	const char *armor =
		"-----BEGIN PGP MESSAGE-----\r\n\r\nhQIMA0\r\n-----END PGP MESSAGE-----\r\n";

	return g_compute_checksum_for_string(G_CHECKSUM_SHA256, armor, -1);
}

static void test_armor(void)
{
	g_autofree char *expected = dup_armor_sum();
	g_autofree char *sum = compute(CONTROL "Version: 1\n\n" SEALED_PART "\n--b--\n");

	g_assert_cmpstr(sum, ==, expected);
}

static void test_other(gconstpointer data)
{
	g_autofree char *expected = dup_armor_sum();
	g_autofree char *sum = compute(data);

	g_assert_nonnull(sum);
	g_assert_cmpstr(sum, !=, expected);
}

#define ENVELOPED "application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\""
#define BASE64    "Content-Transfer-Encoding: base64\n\n"

/* Known answer: of the bytes under the base64, however its lines are broken. */
static void test_enveloped(void)
{
	static const guint8 message[] = { 0x30, 0x80, 0x06, 0x0d, 0x0a, 0x0d, 0x0a };
	g_autofree char *expected =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, message, sizeof(message));
	g_autofree char *sum = compute_mail(ENVELOPED, BASE64 "MIAGDQoNCg==\n");
	g_autofree char *broken = compute_mail(ENVELOPED, BASE64 "MIAG\r\nDQoNCg==\r\n\r\n");
	g_autofree char *other_type = compute_mail("text/plain", BASE64 "MIAGDQoNCg==\n");
	g_autofree char *more = compute_mail(ENVELOPED, BASE64 "MIAGDQoNCg==\nIBAN DE02\n");
	g_autofree char *clear = compute_mail(ENVELOPED, "\nIBAN DE02\n");

	g_assert_cmpstr(sum, ==, expected);
	g_assert_cmpstr(broken, ==, expected);
	g_assert_cmpstr(other_type, !=, expected);
	g_assert_cmpstr(more, !=, expected);
	g_assert_cmpstr(clear, !=, expected);
}

static void add_other(const char *name, const char *text)
{
	g_autofree char *path = g_strconcat("/content-digest/not-sealed/", name, NULL);

	g_test_add_data_func(path, text, test_other);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/content-digest/a-sealed-mail-is-known-by-its-armor", test_armor);
	g_test_add_func("/content-digest/an-s-mime-mail-is-known-by-its-message", test_enveloped);
	add_other("with-words-in-the-control-part",
		CONTROL "Version: 1\nIBAN DE02 1203\n\n" SEALED_PART "\n--b--\n");
	add_other("with-words-instead-of-the-control-part",
		"--b\nContent-Type: text/plain\n\nVersion: 1\n\n" SEALED_PART "\n--b--\n");
	add_other("with-a-third-part",
		CONTROL "Version: 1\n\n" SEALED_PART
			"\n--b\nContent-Type: text/plain\n\nIBAN DE02 1203\n--b--\n");
	add_other("with-another-type-of-armor-part",
		CONTROL "Version: 1\n\n--b\nContent-Type: text/html\n\n" ARMOR "\n--b--\n");
	add_other("with-words-before-the-first-part",
		"IBAN DE02 1203\n" CONTROL "Version: 1\n\n" SEALED_PART "\n--b--\n");
	add_other("with-words-after-the-last-part",
		CONTROL "Version: 1\n\n" SEALED_PART "\n--b--\nIBAN DE02 1203\n");
	return g_test_run();
}
