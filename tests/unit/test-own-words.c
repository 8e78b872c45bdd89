/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose words are they? own-words.txt holds mails as the programs of customers write them, and what
 * their authors wrote. */
#include <string.h>

#include "sgp-inquiry-scan.h"
#include "sgp-mime.h"
#include "sgp-own-words.h"

/* Text and HTML mostly say the same: each sentence once. */
static void add_sentences(GPtrArray *to, GPtrArray *taken)
{
	g_autoptr(GPtrArray) sentences = taken;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *one = g_ptr_array_index(sentences, i);
		char *line = g_strconcat(one->is_footer ? "~ " : "", one->text, NULL);
		if (g_ptr_array_find_with_equal_func(to, line, g_str_equal, NULL))
			g_free(line);
		else
			g_ptr_array_add(to, line);
	}
}

static char *dup_own_words(const char *mail_text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) bytes = g_bytes_new(mail_text, strlen(mail_text));
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
	add_sentences(lines, sgp_own_words_from_text(mail->text));
	if (mail->html != NULL)
		add_sentences(lines, sgp_own_words_from_html(mail->html));
	g_ptr_array_add(lines, NULL);
	return g_strjoinv("\n", (GStrv)lines->pdata);
}

static void test_mail(gconstpointer data)
{
	g_auto(GStrv) parts = g_strsplit(data, "\n---- own words", 2);
	g_autofree char *expected = g_strstrip(g_strdup(parts[1]));
	const char *mail = strchr(parts[0], '\n') + 1;
	g_autofree char *found = dup_own_words(mail);
	g_assert_cmpstr(found, ==, expected);
}

#define N_MUTATIONS 200

/* Bytes are changed, cut out and doubled: the reader takes everything, and what it takes is UTF-8.
 */
static void test_broken(gconstpointer data)
{
	static const char odd[] = "<>\"'&;:=-\n\r\t \xff\xc3(\\)/|!#\0";
	g_autoptr(GRand) dice = g_rand_new_with_seed(20261124);
	gsize length = strlen(data);
	for (guint n = 0; n < N_MUTATIONS; n++) {
		g_autoptr(GByteArray) bytes = g_byte_array_new();
		g_byte_array_append(bytes, data, (guint)length);
		for (guint i = 0; i < 30; i++) {
			guint at = (guint)g_rand_int_range(dice, 0, (gint32)bytes->len - 64);
			bytes->data[at] =
				(guint8)odd[g_rand_int_range(dice, 0, (gint32)sizeof odd)];
			if (i % 10 == 0)
				g_byte_array_remove_range(bytes, at, 32);
		}
		g_autofree char *text = g_utf8_make_valid((char *)bytes->data, bytes->len);
		g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
		add_sentences(lines, sgp_own_words_from_text(text));
		add_sentences(lines, sgp_own_words_from_html(text));
		for (guint i = 0; i < lines->len; i++)
			g_assert_true(g_utf8_validate(g_ptr_array_index(lines, i), -1, NULL));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autofree char *table = NULL;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(SGP_TEST_SOURCE_DIR "/own-words.txt", &table, NULL, &error))
		g_error("%s", error->message);
	g_auto(GStrv) records = g_strsplit(table, "\n==== ", -1);
	for (guint i = 1; records[i] != NULL; i++) {
		g_autofree char *name = g_strndup(records[i], strcspn(records[i], "\n"));
		g_autofree char *test = g_strconcat("/own-words/", name, NULL);
		g_test_add_data_func(test, records[i], test_mail);
	}
	g_test_add_data_func("/own-words/a-broken-mail-breaks-nothing", table, test_broken);
	return g_test_run();
}
