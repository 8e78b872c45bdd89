/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files inside a text are seen, and sentences are not taken for them. */
#include "sgp-uuencode.h"

#define BLOCK "begin 644 Befund Müller.txt\n#0V%T\n`\nend\n"

static void assert_found(const char *text, const char *name)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	sgp_uuencode_find(text, names);
	g_assert_cmpuint(names->len, ==, 1);
	g_assert_cmpstr(g_ptr_array_index(names, 0), ==, name);
	g_assert_true(sgp_uuencode_is_in(text));
}

static void assert_none(const char *text)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	sgp_uuencode_find(text, names);
	g_assert_cmpuint(names->len, ==, 0);
	g_assert_false(sgp_uuencode_is_in(text));
}

static void test_found(void)
{
	assert_found("Anbei der Bericht.\n\n" BLOCK "\nGruß", "Befund Müller.txt");
	assert_found("begin 0755 a.bin\r\n#0V%T\r\n`\r\nend\r\n", "a.bin");
	assert_found("begin-base64 644 scan.pdf\nJVBERi0xLjQK\n====\n", "scan.pdf");
	assert_found("=ybegin line=128 size=3 name=foto 1.jpg\nabc\n=yend size=3\n", "foto 1.jpg");
}

static void test_quoted(void)
{
	assert_found("> begin 644 a.txt\n> #0V%T\n> `\n> end\n", "a.txt");
	assert_found(">> begin 644 a.txt\n>> #0V%T\n", "a.txt");
}

static void test_damaged(void)
{
	/* The end is missing, or the first line is broken. */
	assert_found("begin 644 a.txt\n#0V%T\n", "a.txt");
	assert_found("begin 644 a.txt\n#0V\n%T\n`\nend", "a.txt");
	/* Blanks at the end of a line are lost on the way. */
	assert_found("begin 644 a.txt\n&0V%T0V\n", "a.txt");
}

static void test_many(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < 20; i++)
		g_string_append(text, BLOCK);
	sgp_uuencode_find(text->str, names);
	g_assert_cmpuint(names->len, ==, 16);
}

static void test_sentences(void)
{
	assert_none("");
	assert_none("begin");
	assert_none("We begin 644 metres above the sea.\nThe end\n");
	assert_none("begin 644 metres above the sea\nand walk on until it is dark.\n");
	assert_none("Please begin 10 minutes early.\nend\n");
	assert_none("begin 999 a.txt\n#0V%T\nend\n");
}

#define ADD(path, function) g_test_add_func("/uuencode/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("a-file-in-a-text-is-found", test_found);
	ADD("a-quoted-one-too", test_quoted);
	ADD("a-damaged-one-too", test_damaged);
	ADD("of-very-many-some-are-told", test_many);
	ADD("a-sentence-is-no-file", test_sentences);
	return g_test_run();
}
