/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an office may say in a page, and that the page is the release's again without it. */

#include "sgp-contact.h"
#include "sgp-page-contact.h"

#include <string.h>

#define PAGE(german, english)                                                                      \
	"<noscript><p><!--contact de-->" german                                                    \
	"<!--/contact--></p><p lang=en><!--contact en-->" english                                  \
	"<!--/contact--></p></noscript><p><!--contact de-->" german "<!--/contact--></p>"

static GBytes *bytes_of(const char *text)
{
	return g_bytes_new(text, strlen(text));
}

static void assert_cut(const char *given, const char *expected)
{
	g_autoptr(GBytes) page = bytes_of(given);
	g_autoptr(GBytes) cut = sgp_page_contact_cut(page);
	g_autofree char *text = g_strndup(g_bytes_get_data(cut, NULL), g_bytes_get_size(cut));

	g_assert_cmpstr(text, ==, expected);
}

static void test_filled(void)
{
	g_autoptr(GBytes) page = bytes_of(PAGE("", ""));
	g_autoptr(GBytes) filled = sgp_page_contact_fill(page, "Telefon 1", "phone 1");
	g_autofree char *text = g_strndup(g_bytes_get_data(filled, NULL), g_bytes_get_size(filled));

	g_assert_cmpstr(text, ==, PAGE("Telefon 1", "phone 1"));
	assert_cut(text, PAGE("", ""));
}

static void test_any_contact(void)
{
	static const char *const values[][4] = {
		{ "Büro Muster", "+49 (0)711 12-34", "9–17 Uhr", "hilfe@office.example" },
		{ "A & B</noscript><script>x</script>", "<img src=x onerror=x>", "\"'`",
			"a\"b<c>@d" },
		{ "", "", "", "" },
		{ "<!--/contact-->", "<!--contact de-->", "-->", "<!--" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(values); i++) {
		g_autoptr(SgpContact) contact =
			sgp_contact_new(values[i][0], values[i][1], values[i][2], values[i][3]);
		g_autoptr(GBytes) page = bytes_of(PAGE("", ""));
		g_autoptr(GBytes) filled =
			sgp_page_contact_fill(page, contact->german, contact->english);
		g_autofree char *text =
			g_strndup(g_bytes_get_data(filled, NULL), g_bytes_get_size(filled));

		g_assert_cmpstr(text, !=, PAGE("", ""));
		assert_cut(text, PAGE("", ""));
	}
}

static void test_more_than_a_contact(void)
{
	static const char *const pages[] = {
		PAGE("<script>spy()</script>", ""),
		PAGE("", "</noscript><img src=x onerror=spy()><noscript>"),
		PAGE("<a href=\"https://evil.example\">0711 1234</a>", ""),
		PAGE("<a href=\"javascript:spy()\">0711 1234</a>", ""),
		PAGE("<a href=\"tel:1\" onclick=\"spy()\">0711 1234</a>", ""),
		PAGE("<b>0711 1234</b>", ""),
		PAGE("<!--", ""),
		PAGE("text --> more", ""),
	};

	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
		assert_cut(pages[i], pages[i]);
	/* A place without an end is none, and one byte beside the places stays one too many. */
	assert_cut("<p><!--contact de-->0711", "<p><!--contact de-->0711");
	assert_cut("x" PAGE("1", "2"), "x" PAGE("", ""));
}

/* A release that was installed badly: index.html without a byte. */
static void test_empty(void)
{
	g_autoptr(GBytes) page = g_bytes_new(NULL, 0);
	g_autoptr(GBytes) filled = sgp_page_contact_fill(page, "Telefon 1", "phone 1");
	g_autoptr(GBytes) cut = sgp_page_contact_cut(page);

	g_assert_true(g_bytes_equal(filled, page));
	g_assert_true(g_bytes_equal(cut, page));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/page-contact/what-is-filled-in-is-cut-out-again", test_filled);
	g_test_add_func("/page-contact/whatever-an-office-is-called-it-is-text", test_any_contact);
	g_test_add_func(
		"/page-contact/more-than-a-contact-is-another-page", test_more_than_a_contact);
	g_test_add_func("/page-contact/an-empty-page-has-no-place-for-one", test_empty);
	return g_test_run();
}
