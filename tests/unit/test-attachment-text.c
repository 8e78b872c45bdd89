/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program of its own reads in foreign files, what it may not do, and that everything else is
 * "not read". The files are made here, by libarchive and by hand. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgp-attachment-scan.h"
#include "sgp-attachment-text.h"
#include "sgp-extract-confine.h"
#include "sgp-mime.h"

#define WORD_XML(body)                                                                             \
	"<?xml version=\"1.0\"?><w:document "                                                      \
	"xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>" body   \
	"</w:body></w:document>"
#define TYPES "[Content_Types].xml", "<Types/>"

/* A zip of names and contents in turn. password: (nullable) */
static GBytes *zip(const char *password, ...)
{
	gsize room = 1024 * 1024, used = 0;
	g_autofree char *buffer = g_malloc(room);
	struct archive *archive = archive_write_new();
	archive_write_set_format_zip(archive);
	if (password != NULL) {
		archive_write_set_options(archive, "zip:encryption=aes256");
		archive_write_set_passphrase(archive, password);
	}
	g_assert_cmpint(archive_write_open_memory(archive, buffer, room, &used), ==, ARCHIVE_OK);
	va_list list;
	va_start(list, password);
	for (const char *name = va_arg(list, const char *); name != NULL;
		name = va_arg(list, const char *)) {
		const char *content = va_arg(list, const char *);
		struct archive_entry *entry = archive_entry_new();
		archive_entry_set_pathname(entry, name);
		archive_entry_set_size(entry, (gint64)strlen(content));
		archive_entry_set_filetype(entry, AE_IFREG);
		g_assert_cmpint(archive_write_header(archive, entry), ==, ARCHIVE_OK);
		archive_write_data(archive, content, strlen(content));
		archive_entry_free(entry);
	}
	va_end(list);
	archive_write_free(archive);
	return g_bytes_new(buffer, used);
}

/* One page with this content, and a title. */
static GBytes *pdf(const char *content, const char *trailer)
{
	g_autoptr(GString) out = g_string_new("%PDF-1.4\n");
	g_autofree char *stream = g_strdup_printf(
		"<</Length %" G_GSIZE_FORMAT ">>\nstream\n%s\nendstream", strlen(content), content);
	const char *const objects[] = { "<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
		"/Annots[7 0 R]/Resources<</Font<</F1 5 0 R>>>>>>",
		stream, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		"<</Title(Dokumentname)>>",
		"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(Randnotiz)>>" };
	gsize offsets[G_N_ELEMENTS(objects)];
	for (guint i = 0; i < G_N_ELEMENTS(objects); i++) {
		offsets[i] = out->len;
		g_string_append_printf(out, "%u 0 obj\n%s\nendobj\n", i + 1, objects[i]);
	}
	gsize table = out->len;
	g_string_append(out, "xref\n0 8\n0000000000 65535 f \n");
	for (guint i = 0; i < G_N_ELEMENTS(objects); i++)
		g_string_append_printf(out, "%010" G_GSIZE_FORMAT " 00000 n \n", offsets[i]);
	g_string_append_printf(out,
		"trailer<</Size 8/Root 1 0 R/Info 6 0 R%s>>\nstartxref\n%" G_GSIZE_FORMAT
		"\n%%%%EOF\n",
		trailer, table);
	return g_string_free_to_bytes(g_steal_pointer(&out));
}

#define SHOW(text) "BT /F1 12 Tf 50 700 Td (" text ") Tj ET"

static SgpMail *mail_with(GBytes *bytes, const char *type, const char *name)
{
	g_autoptr(GError) error = NULL;
	gsize length = 0;
	const guint8 *data = g_bytes_get_data(bytes, &length);
	g_autofree char *code = g_base64_encode(data, length);
	g_autoptr(GString) lines = g_string_new(NULL);
	for (gsize i = 0; code[i] != '\0'; i += strnlen(code + i, 76))
		g_string_append_printf(lines, "%.76s\r\n", code + i);
	g_autofree char *text = g_strdup_printf(
		"From: office@agentur.example\r\nTo: erika@kunde.example\r\nSubject: Unterlagen\r\n"
		"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
		"--b\r\nContent-Type: text/plain\r\n\r\nAnbei.\r\n"
		"--b\r\nContent-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n"
		"Content-Disposition: attachment; filename=\"%s\"\r\n\r\n%s\r\n--b--\r\n",
		type, name, name, lines->str);
	g_autoptr(GBytes) all = g_bytes_new(text, strlen(text));
	SgpMail *mail = sgp_mime_freeze_bytes(all, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(mail->attachments->len, ==, 1);
	return mail;
}

static char *read_text(GBytes *bytes, gboolean *is_whole)
{
	g_autoptr(SgpMail) mail = mail_with(bytes, "application/octet-stream", "a");
	gint64 deadline = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
	return sgp_attachment_text_dup(mail, 0, deadline, NULL, is_whole);
}

static void assert_read(GBytes *bytes, const char *expected)
{
	g_autoptr(GBytes) owned = bytes;
	gboolean is_whole = FALSE;
	g_autofree char *text = read_text(owned, &is_whole);
	g_assert_nonnull(strstr(text, expected));
	g_assert_true(is_whole);
}

static void assert_unread(GBytes *bytes)
{
	g_autoptr(GBytes) owned = bytes;
	gboolean is_whole = TRUE;
	g_autofree char *text = read_text(owned, &is_whole);
	g_assert_false(is_whole);
}

static void test_pdf(void)
{
	assert_read(pdf(SHOW("Die Gef\\344\\337e sind verengt."), ""), "Die Gefäße sind verengt.");
	assert_read(pdf(SHOW("Seite"), ""), "Dokumentname");
	assert_read(pdf(SHOW("Seite"), ""), "Randnotiz");
}

static void test_scan(void)
{
	assert_unread(pdf("0 0 m 100 100 l S", ""));
}

static void test_encrypted(void)
{
	assert_unread(pdf(SHOW("Geheim"),
		"/Encrypt<</Filter/Standard/V 1/R 2/P -4"
		"/O<0000000000000000000000000000000000000000000000000000000000000000>"
		"/U<0000000000000000000000000000000000000000000000000000000000000000>>>"
		"/ID[<00><00>]"));
	assert_unread(zip("geheim", "a.txt", "Der Befund", NULL));
}

static void test_word(void)
{
	const char *body =
		WORD_XML("<w:p><w:r><w:t>Be</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>"
			 "fund</w:t></w:r><w:r><w:t xml:space=\"preserve\"> ist</w:t></w:r>"
			 "</w:p><w:p><w:r><w:t>Ende</w:t></w:r></w:p>");
	const char *notes = WORD_XML("<w:p><w:r><w:t>Fu&#223;note</w:t></w:r></w:p>");
	assert_read(zip(NULL, TYPES, "word/document.xml", body, NULL), "Befund ist");
	assert_read(zip(NULL, TYPES, "word/document.xml", body, "word/footnotes.xml", notes, NULL),
		"Fußnote");
	assert_read(zip(NULL, TYPES, "word/document.xml", body, "word/comments.xml", notes, NULL),
		"Fußnote");
}

static void test_sheets(void)
{
	const char *book = "<workbook><sheets><sheet name=\"Diagnosen\"/></sheets></workbook>";
	const char *texts = "<sst><si><r><t>Band</t></r><r><t>scheibe</t></r></si></sst>";
	const char *slide =
		"<p:sld xmlns:p=\"p\" xmlns:a=\"a\"><a:p><a:r><a:t>Folie</a:t></a:r></a:p>"
		"</p:sld>";
	assert_read(zip(NULL, TYPES, "xl/workbook.xml", book, NULL), "Diagnosen");
	assert_read(zip(NULL, TYPES, "xl/sharedStrings.xml", texts, NULL), "Bandscheibe");
	assert_read(zip(NULL, TYPES, "ppt/slides/slide1.xml", slide, NULL), "Folie");
}

static void test_open_document(void)
{
	const char *content = "<o:d xmlns:o=\"o\" xmlns:t=\"t\"><t:p>R\xc3\xbc"
			      "cken<t:span>schmerz</t:span><t:s/>heute</t:p></o:d>";
	assert_read(zip(NULL, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml",
			    content, "META-INF/manifest.xml", "<m/>", NULL),
		"Rückenschmerz");
}

static void test_rich_text(void)
{
	const char *text = "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}Gef\\'e4\\'dfe "
			   "\\u252?ber{\\*\\generator Nein;}\\par Ende}";
	assert_read(g_bytes_new(text, strlen(text)), "Gefäße über");
	assert_unread(g_bytes_new(text, strlen(text) - 1));
}

static void test_archive(void)
{
	g_autoptr(GBytes) inner = pdf(SHOW("Der Befund"), "");
	g_autofree char *once = g_strndup(g_bytes_get_data(inner, NULL), g_bytes_get_size(inner));
	assert_read(zip(NULL, "a.pdf", once, NULL), "Der Befund");
	assert_read(zip(NULL, "Arztbrief.txt", "Hallo", NULL), "Arztbrief");
	assert_unread(zip(NULL, "a.bin", "\001\002", NULL));
}

static void test_bombs(void)
{
	const char *entities = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b "
			       "\"&a;&a;&a;\">]><a>&b;</a>";
	const char *outside = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a SYSTEM "
			      "\"file:///etc/passwd\">]><a>Befund &a;</a>";
	g_autofree char *blanks = g_strnfill(120 * 1024 * 1024, ' ');
	assert_unread(zip(NULL, TYPES, "word/document.xml", entities, NULL));
	assert_unread(zip(NULL, TYPES, "word/document.xml", outside, NULL));
	assert_unread(zip(NULL, TYPES, "word/document.xml", blanks, NULL));
}

static void test_unknown(void)
{
	assert_unread(g_bytes_new("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8));
	assert_unread(g_bytes_new("Gef\xe4\xdf\x65", 6));
	assert_unread(g_bytes_new("%PDF-1.4\n", 9));
	assert_unread(g_bytes_new("PK\003\004", 4));
}

static void test_deadline(void)
{
	g_autoptr(GBytes) bytes = pdf(SHOW("Zu sp\\344t"), "");
	g_autoptr(SgpMail) mail = mail_with(bytes, "application/pdf", "a.pdf");
	g_autoptr(GCancellable) cancelled = g_cancellable_new();
	gboolean is_whole = TRUE;
	g_autofree char *late =
		sgp_attachment_text_dup(mail, 0, g_get_monotonic_time(), NULL, &is_whole);
	g_assert_false(is_whole);
	g_cancellable_cancel(cancelled);
	gint64 deadline = g_get_monotonic_time() + 20 * G_TIME_SPAN_SECOND;
	g_autofree char *none = sgp_attachment_text_dup(mail, 0, deadline, cancelled, &is_whole);
	g_assert_false(is_whole);
	/* What was given up is read when there is time. */
	g_autofree char *text = sgp_attachment_text_dup(mail, 0, deadline, NULL, &is_whole);
	g_assert_true(is_whole);
	g_assert_nonnull(strstr(text, "Zu spät"));
}

static void test_class(void)
{
	g_autoptr(GBytes) bytes = pdf(SHOW("Diagnose: Bandscheibenvorfall"), "");
	g_autoptr(GBytes) empty = pdf("0 0 m 1 1 l S", "");
	g_autoptr(SgpMail) mail = mail_with(bytes, "application/pdf", "a.pdf");
	g_autoptr(SgpMail) scan = mail_with(empty, "application/pdf", "scan.pdf");
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) unread = g_ptr_array_new_with_free_func(g_free);
	g_assert_cmpint(
		sgp_attachment_scan(mail, because, unread, NULL), ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_cmpuint(unread->len, ==, 0);
	sgp_attachment_scan(scan, because, unread, NULL);
	g_assert_cmpuint(unread->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(unread, 0), ==, "scan.pdf");
}

/* What a hole in a parser could try. Each that works sets a bit. */
static int try_everything(void)
{
	int done = 0;
	char *const argv[] = { (char *)"true", NULL };
	done |= open("/etc/passwd", O_RDONLY) >= 0 ? 1 : 0;
	done |= open("/tmp", O_WRONLY | O_TMPFILE, 0600) >= 0 ? 2 : 0;
	done |= socket(AF_INET, SOCK_STREAM, 0) >= 0 ? 4 : 0;
	done |= socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? 8 : 0;
	done |= execv("/bin/true", argv) == 0 ? 16 : 0;
	done |= mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0) != MAP_FAILED
			? 32
			: 0;
	done |= fork() >= 0 ? 64 : 0;
	return done;
}

static void test_confined(void)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(sgp_extract_confine() ? try_everything() : 128);
	g_assert_cmpint(waitpid(child, &status, 0), ==, child);
	g_assert_true(WIFEXITED(status));
	g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

#define ADD(path, function) g_test_add_func("/attachment-text/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-pdf-is-read-with-its-title-and-notes", test_pdf);
	ADD("a-pdf-without-letters-is-not-read", test_scan);
	ADD("what-is-encrypted-is-not-read", test_encrypted);
	ADD("a-letter-is-read-with-footnotes-and-comments", test_word);
	ADD("sheets-and-slides-are-read", test_sheets);
	ADD("an-open-document-is-read", test_open_document);
	ADD("rich-text-is-read", test_rich_text);
	ADD("an-archive-is-read-file-by-file", test_archive);
	ADD("bombs-are-not-read", test_bombs);
	ADD("what-nobody-knows-is-not-read", test_unknown);
	ADD("what-takes-too-long-is-not-read", test_deadline);
	ADD("what-was-read-raises-the-class", test_class);
	ADD("the-reader-may-not-reach-anything", test_confined);
	return g_test_run();
}
