/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-mime.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HEAD                                                                                       \
	"From: =?utf-8?Q?M=C3=BCller=2C_Erika?= <Erika@Kunde.Example>\r\n"                         \
	"To: Anna <anna@agentur.example>, office: max@agentur.example, <eva@agentur.example>;\r\n" \
	"Cc: \"a, b\" <c@d.example>\r\n"                                                           \
	"Subject: =?utf-8?Q?Sch=C3=A4den?=\r\n =?utf-8?Q?_am_Dach?=\r\n"                           \
	"Date: Mon, 24 Nov 2025 16:00:00 +0100\r\n"                                                \
	"Message-ID: <one@kunde.example>\r\n"                                                      \
	"In-Reply-To: zero@agentur.example\r\n"                                                    \
	"References: <a@b>\r\n\t<zero@agentur.example>\r\n"                                        \
	"MIME-Version: 1.0\r\n"

static SgpMail *freeze(const char *text, gssize length)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, length < 0 ? strlen(text) : (gsize)length);
	g_autoptr(GError) error = NULL;
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	g_assert_nonnull(mail);
	return mail;
}

static void test_id_is_one_word(void)
{
	g_autoptr(SgpMail) mail = freeze("From: a@b.example\r\nMessage-ID: <one\r\n "
					 "two@kunde.example>\r\nIn-Reply-To: "
					 "<three\rBcc: x@evil.example>\r\n\r\nHallo\r\n",
		-1);
	g_assert_cmpstr(mail->message_id, ==, "onetwo@kunde.example");
	g_assert_cmpuint(mail->in_reply_to->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(mail->in_reply_to, 0), ==, "threeBcc:x@evil.example");
}

static const char *get_addr_spec(GPtrArray *addresses, guint n)
{
	g_assert_cmpuint(n, <, addresses->len);
	return sgp_address_get_addr_spec(g_ptr_array_index(addresses, n));
}

static void test_header(void)
{
	g_autoptr(SgpMail) mail = freeze(HEAD "\r\nHallo\r\n", -1);
	g_assert_cmpuint(mail->from->len, ==, 1);
	g_assert_cmpstr(get_addr_spec(mail->from, 0), ==, "erika@kunde.example");
	g_assert_cmpstr(
		sgp_address_get_name(g_ptr_array_index(mail->from, 0)), ==, "Müller, Erika");
	g_assert_cmpuint(mail->to->len, ==, 3);
	g_assert_cmpstr(get_addr_spec(mail->to, 1), ==, "max@agentur.example");
	g_assert_cmpuint(mail->cc->len, ==, 1);
	g_assert_cmpstr(mail->subject, ==, "Schäden am Dach");
	g_assert_cmpstr(mail->message_id, ==, "one@kunde.example");
	g_assert_cmpuint(mail->in_reply_to->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(mail->in_reply_to, 0), ==, "zero@agentur.example");
	g_assert_cmpuint(mail->references->len, ==, 2);
	g_assert_cmpstr(g_ptr_array_index(mail->references, 1), ==, "zero@agentur.example");
	g_assert_cmpint(mail->date, ==, 1763996400);
	g_assert_cmpstr(mail->text, ==, "Hallo\r\n");
	g_assert_null(mail->html);
	g_assert_false(mail->is_encrypted);
	g_assert_false(mail->is_undecodable);
	g_assert_cmpstr(sgp_mail_get_header(mail, "subject"), ==, "Schäden am Dach");
}

/* An encoded word is a name, whatever address it spells. */
static void test_encoded_address(void)
{
	g_autoptr(SgpMail) mail =
		freeze("From: =?utf-8?Q?erika=40kunde.example_=3Cerika=40kunde.example=3E=2C?= "
		       "<mallory@evil.example>\r\nSubject: x\r\n\r\nx\r\n",
			-1);
	g_assert_cmpuint(mail->from->len, ==, 1);
	g_assert_cmpstr(get_addr_spec(mail->from, 0), ==, "mallory@evil.example");
}

#define MIXED                                                                                      \
	"Content-Type: multipart/mixed; boundary=\"=_o\"\r\n\r\n"                                  \
	"--=_o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"                         \
	"--i\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"                                  \
	"Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe=\r\n!\r\n"                   \
	"--i\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Gr\xc3\xbc\xc3\x9f\x65</p>\r\n"   \
	"--i--\r\n"                                                                                \
	"--=_o\r\nContent-Type: image/png\r\nContent-ID: <bild@x>\r\n"                             \
	"Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\nAwQ=\r\n"                                \
	"--=_o\r\nContent-Type: text/plain\r\n"                                                    \
	"Content-Disposition: attachment; filename*=utf-8''Beleg%20%C3%9C.txt\r\n\r\nabc\r\n"      \
	"--=_o--\r\n"

static void test_parts(void)
{
	g_autoptr(SgpMail) mail = freeze(HEAD MIXED, -1);
	g_assert_cmpstr(mail->text, ==, "Grüße!");
	g_assert_cmpstr(mail->html, ==, "<p>Grüße</p>");
	g_assert_cmpuint(mail->attachments->len, ==, 2);
	SgpMailAttachment *image = g_ptr_array_index(mail->attachments, 0);
	g_assert_cmpstr(image->content_type, ==, "image/png");
	g_assert_cmpstr(image->content_id, ==, "bild@x");
	g_assert_cmpint(image->size, ==, 5);
	SgpMailAttachment *text = g_ptr_array_index(mail->attachments, 1);
	g_assert_cmpstr(text->name, ==, "Beleg Ü.txt");
	g_assert_cmpint(text->size, ==, 3);
	g_assert_false(mail->is_undecodable);
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;
	g_assert_true(sgp_mime_write_attachment(mail, 0, out, NULL, &error));
	g_assert_no_error(error);
	GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM(out);
	g_assert_cmpmem(g_memory_output_stream_get_data(memory),
		g_memory_output_stream_get_data_size(memory), "\0\1\2\3\4", 5);
	g_assert_false(sgp_mime_write_attachment(mail, 2, out, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
}

static void test_not_reliable(void)
{
	static const char *const CASES[] = {
		"Content-Type: text/plain; charset=x-klingon\r\n\r\nHallo\r\n",
		"Content-Type: text/plain; charset=utf-8\r\n\r\nGr\xfc\xdf\x65\r\n",
		"Content-Type: text/plain\r\n\r\nGr\xfc\xdf\x65\r\n",
		"Content-Type: text/plain\r\nContent-Transfer-Encoding: x-rot13\r\n\r\nHallo\r\n",
		"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\nHallo\r\n--x--\r\n",
		"Content-Type: multipart/mixed; boundary=y\r\n\r\n--x\r\n\r\nHallo\r\n--x--\r\n",
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHallo\r\n",
		"Content-Type: message/partial; id=a; number=1\r\n\r\nHallo\r\n",
		"Content-Type: text/plain\r\n\r\n\xfe\xffTeGut\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *text = g_strconcat(HEAD, CASES[i], NULL);
		g_autoptr(SgpMail) mail = freeze(text, -1);
		g_test_message("case %" G_GSIZE_FORMAT, i);
		g_assert_true(mail->is_undecodable);
		g_assert_true(g_utf8_validate(mail->text, -1, NULL));
	}
}

static void test_encrypted(void)
{
	static const char *const CASES[] = {
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; "
		"boundary=x\r\n\r\n--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: "
		"1\r\n"
		"--x\r\nContent-Type: application/octet-stream\r\n\r\nabc\r\n--x--\r\n",
		("Content-Type: application/pkcs7-mime; name=smime.p7m\r\n"
		 "Content-Transfer-Encoding: base64\r\n\r\nMIAG\r\n"),
		"\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nabc\r\n-----END PGP MESSAGE-----\r\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(CASES); i++) {
		g_autofree char *text = g_strconcat(HEAD, CASES[i], NULL);
		g_autoptr(SgpMail) mail = freeze(text, -1);
		g_assert_true(mail->is_encrypted);
	}
	g_autoptr(SgpMail) plain = freeze(HEAD MIXED, -1);
	g_assert_false(plain->is_encrypted);
}

static void test_deep(void)
{
	g_autoptr(GString) text = g_string_new(HEAD);
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(
			text, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
	g_string_append(text, "\r\nHallo\r\n");
	g_autoptr(SgpMail) mail = freeze(text->str, (gssize)text->len);
	g_assert_true(mail->is_undecodable);
}

static void test_deep_messages(void)
{
	g_autoptr(GString) text = g_string_new(HEAD);
	for (guint i = 0; i < 20000; i++)
		g_string_append(text, "Content-Type: message/rfc822\r\n\r\n");
	g_string_append(text, "\r\nHallo\r\n");
	g_autoptr(SgpMail) mail = freeze(text->str, (gssize)text->len);
	g_assert_nonnull(mail);
}

static void test_huge_text(void)
{
	g_autoptr(GString) text = g_string_new(HEAD "\r\n");
	for (guint i = 0; i < 200000; i++)
		g_string_append(
			text, "0123456789012345678901234567890123456789012345678901234567\r\n");
	g_autoptr(SgpMail) mail = freeze(text->str, (gssize)text->len);
	g_assert_true(mail->is_undecodable);
	g_assert_cmpuint(strlen(mail->text), <=, 8 * 1024 * 1024);
}

/* No bytes whatever end the program, and what comes out is text. */
static void test_noise(void)
{
	g_autofree char *base = g_strconcat(HEAD, MIXED, NULL);
	gsize length = strlen(base);
	g_autoptr(GRand) rand = g_rand_new_with_seed(20251124);
	for (guint round = 0; round < 2000; round++) {
		g_autofree char *text = g_memdup2(base, length);
		for (guint i = 0; i < 1 + round % 20; i++)
			text[g_rand_int_range(rand, 0, (gint32)length)] =
				(char)g_rand_int_range(rand, 0, 256);
		gsize cut =
			round % 3 == 0 ? (gsize)g_rand_int_range(rand, 1, (gint32)length) : length;
		g_autoptr(GBytes) bytes = g_bytes_new(text, cut);
		g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, NULL);
		if (mail == NULL)
			continue;
		g_assert_true(g_utf8_validate(mail->text, -1, NULL));
		g_assert_true(g_utf8_validate(mail->subject, -1, NULL));
		for (guint i = 0; i < mail->headers->len; i++)
			g_assert_true(
				g_utf8_validate(g_ptr_array_index(mail->headers, i), -1, NULL));
	}
}

static void test_not_a_mail(void)
{
	g_autoptr(GBytes) empty = g_bytes_new("", 0);
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_mime_freeze_bytes(empty, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* The same mail, written anew by another program: other boundaries, folding, line ends, encodings.
 */
#define AGAIN                                                                                      \
	"From: x@y.example\nContent-Type: multipart/mixed;\n boundary=other\n\n\n"                 \
	"--other\nContent-Type: multipart/alternative; boundary=inner\n\n"                         \
	"--inner\nContent-Type: TEXT/plain; charset=\"iso-8859-1\"\n"                              \
	"Content-Transfer-Encoding: base64\n\nR3L832Uh\n"                                          \
	"--inner\nContent-Type: text/html; charset=utf-8\n"                                        \
	"Content-Transfer-Encoding: quoted-printable\n\n<p>Gr=C3=BC=C3=9Fe</p>\n\n"                \
	"--inner--\n\n"                                                                            \
	"--other\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nAAECAwQ=\n"        \
	"--other\nContent-Type: text/plain\n"                                                      \
	"Content-Disposition: attachment; filename=x\n\nabc\n--other--\n"

static char *digest(const char *text)
{
	g_autoptr(SgpMail) mail = freeze(text, -1);
	g_autoptr(GError) error = NULL;
	char *sum = sgp_mime_dup_content_digest(mail, &error);
	g_assert_no_error(error);
	return sum;
}

/* Line ends before a boundary and behind it, in every mixture, on two levels. */
static void test_last_character(void)
{
	static const char *const ends[] = { "\n", "\r\n" };
	static const char *const texts[] = { "Keine E-Mail", "K", "" };
	for (gsize i = 0; i < 4 * G_N_ELEMENTS(texts); i++) {
		const char *text = texts[i / 4];
		const char *before = ends[i % 2];
		const char *behind = ends[i / 2 % 2];
		g_autofree char *raw = g_strdup_printf(HEAD
			"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\n"
			"Content-Type: text/plain\r\n\r\n%s%s--xx%s"
			"Content-Type: message/rfc822\r\n\r\n" HEAD
			"Content-Type: multipart/mixed; boundary=yy\r\n\r\n--yy\r\n"
			"Content-Type: text/plain\r\n\r\n%s%s--yy--%s--xx--%s",
			text, before, behind, text, before, behind, behind);
		g_autoptr(SgpMail) mail = freeze(raw, -1);
		g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
		g_autofree char *line_end = g_strconcat("\n\n", text, "\n--yy", NULL);
		g_assert_cmpstr(mail->text, ==, text);
		g_assert_cmpuint(mail->attachments->len, ==, 1);
		/* What is in a forwarded mail is not cut either. */
		g_assert_true(sgp_mime_write_attachment(mail, 0, out, NULL, NULL));
		g_assert_true(g_output_stream_write_all(out, "", 1, NULL, NULL, NULL));
		const char *inner = g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(out));
		g_auto(GStrv) lines = g_strsplit(inner, "\r\n", -1);
		g_autofree char *joined = g_strjoinv("\n", lines);
		g_assert_nonnull(strstr(joined, line_end));
	}
}

static void test_content_digest(void)
{
	g_autofree char *one = digest(HEAD MIXED);
	g_autofree char *again = digest(AGAIN);
	g_assert_cmpstr(one, ==, again);
	g_autofree char *simple = digest(HEAD "\r\na\r\nb\r\n\r\n");
	/* printf 'text/plain\na\nb\0' | sha256sum */
	g_assert_cmpstr(
		simple, ==, "be6d29e1ad59ff991cd0d9fbad986860029e85d8394a5bcf8221a37b0a5b409a");
	static const struct {
		const char *from, *to;
	} CHANGES[] = { { "Gr=FC", "Gr=FD" }, { "AAEC", "AAED" }, { "abc\r", "abd\r" },
		{ "image/png", "image/gif" }, { "<p>", "<b>" } };
	for (gsize i = 0; i < G_N_ELEMENTS(CHANGES); i++) {
		g_autoptr(GString) changed = g_string_new(HEAD MIXED);
		g_string_replace(changed, CHANGES[i].from, CHANGES[i].to, 1);
		g_autofree char *other = digest(changed->str);
		g_assert_cmpstr(one, !=, other);
	}
}

static char *read_bytes(const SgpMail *mail)
{
	char *bytes = g_malloc0(4096);
	g_assert_cmpint(pread(mail->fd, bytes, 4095, 0), >, 0);
	return bytes;
}

static void assert_frozen(const SgpMail *mail, const char *expected)
{
	g_autofree char *bytes = read_bytes(mail);
	g_assert_cmpstr(bytes, ==, expected);
	int seals = fcntl(mail->fd, F_GET_SEALS);
	g_assert_cmpint(seals, !=, -1);
	g_assert_cmpint(seals & (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), ==,
		F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
	g_assert_true(sgp_mime_check_unchanged(mail, NULL));
}

/* Whoever can write to the file could else have another mail sealed than was assessed. */
static void test_frozen_file(void)
{
	g_autofree char *path = NULL;
	g_autoptr(GError) error = NULL;
	int fd = g_file_open_tmp("siegelpost-test-XXXXXX", &path, &error);
	g_assert_no_error(error);
	g_assert_cmpint(write(fd, HEAD "\r\nHallo\r\n", strlen(HEAD "\r\nHallo\r\n")), >, 0);
	g_autoptr(SgpMail) mail = sgp_mime_freeze_file(path, &error);
	g_assert_no_error(error);
	g_assert_cmpint(pwrite(fd, "Evil:", 5, 0), ==, 5);
	assert_frozen(mail, HEAD "\r\nHallo\r\n");
	g_assert_cmpint(ftruncate(fd, 0), ==, 0);
	assert_frozen(mail, HEAD "\r\nHallo\r\n");
	close(fd);
	g_unlink(path);
}

/* A memfd that allows no sealing, and one that somebody has mapped for writing. */
static void test_unsealable(void)
{
	static const unsigned FLAGS[] = { MFD_CLOEXEC, MFD_CLOEXEC | MFD_ALLOW_SEALING };
	for (gsize i = 0; i < G_N_ELEMENTS(FLAGS); i++) {
		int fd = memfd_create("mail", FLAGS[i]);
		g_assert_cmpint(write(fd, HEAD "\r\nx\r\n", strlen(HEAD "\r\nx\r\n")), >, 0);
		char *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		g_assert_true(map != MAP_FAILED);
		g_autoptr(SgpMail) mail = sgp_mime_freeze(fd, NULL);
		g_assert_nonnull(mail);
		map[0] = 'X';
		assert_frozen(mail, HEAD "\r\nx\r\n");
		munmap(map, 4096);
		close(fd);
	}
}

static gboolean holds_bytes(const SgpMail *mail, const char *wanted, gsize length)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM(out);
	g_assert_true(sgp_mime_write_attachment(mail, 0, out, NULL, NULL));
	return g_memory_output_stream_get_data_size(memory) == length &&
	       memcmp(g_memory_output_stream_get_data(memory), wanted, length) == 0;
}

/* Every kind of line end in it, and a zero byte. */
static void test_binary(void)
{
	static const char CONTENT[] = "a\nb\r\nc\rd\0\xff";
	static const char BEFORE[] =
		"From: a@b.example\nTo: c@d.example\nSubject: x\nMIME-Version: 1.0\n"
		"Content-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: "
		"text/plain\nContent-Transfer-Encoding: binary\n\nText \n--bb\n"
		"Content-Type: application/octet-stream; name=a.bin\n"
		"Content-Transfer-Encoding: binary\n\n";
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_byte_array_append(bytes, (const guint8 *)BEFORE, strlen(BEFORE));
	g_byte_array_append(bytes, (const guint8 *)CONTENT, sizeof(CONTENT) - 1);
	g_byte_array_append(bytes, (const guint8 *)"\n--bb--\n", 8);
	g_autoptr(GBytes) whole = g_bytes_new(bytes->data, bytes->len);
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(whole, NULL);
	g_autoptr(SgpMail) encoded = NULL;
	g_autoptr(SgpMail) again = NULL;
	g_assert_true(holds_bytes(mail, CONTENT, sizeof(CONTENT) - 1));
	g_assert_true(sgp_mime_encode_binary(mail, &encoded, NULL));
	g_assert_nonnull(encoded);
	g_assert_true(holds_bytes(encoded, CONTENT, sizeof(CONTENT) - 1));
	const SgpMailAttachment *attachment = g_ptr_array_index(encoded->attachments, 0);
	g_assert_cmpstr(attachment->name, ==, "a.bin");
	g_assert_cmpstr(encoded->text, ==, mail->text);
	g_assert_true(sgp_mime_encode_binary(encoded, &again, NULL));
	g_assert_null(again);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/mime/a-header-is-read-as-its-people-and-ids", test_header);
	g_test_add_func("/mime/an-id-is-one-word", test_id_is_one_word);
	g_test_add_func("/mime/an-encoded-word-is-never-an-address", test_encoded_address);
	g_test_add_func("/mime/texts-are-decoded-and-attachments-listed", test_parts);
	g_test_add_func("/mime/what-cannot-be-read-for-certain-is-marked", test_not_reliable);
	g_test_add_func("/mime/encrypted-mail-is-known-as-such", test_encrypted);
	g_test_add_func("/mime/twenty-thousand-levels-are-survived", test_deep);
	g_test_add_func(
		"/mime/twenty-thousand-messages-in-messages-are-survived", test_deep_messages);
	g_test_add_func("/mime/a-text-beyond-the-limit-is-cut-and-marked", test_huge_text);
	g_test_add_func("/mime/a-text-keeps-its-last-character", test_last_character);
	g_test_add_func("/mime/noise-is-survived", test_noise);
	g_test_add_func("/mime/nothing-is-not-a-mail", test_not_a_mail);
	g_test_add_func("/mime/a-binary-attachment-is-encoded-for-a-copy", test_binary);
	g_test_add_func("/mime/a-content-digest-survives-being-written-anew", test_content_digest);
	g_test_add_func("/mime/what-was-frozen-does-not-follow-its-file", test_frozen_file);
	g_test_add_func("/mime/what-cannot-be-sealed-is-copied", test_unsealable);
	return g_test_run();
}
