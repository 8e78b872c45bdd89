/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-normal-text.h"

static char *repeat(const char *unit, gsize n)
{
	GString *text = g_string_new(NULL);
	for (gsize i = 0; i < n; i++)
		g_string_append(text, unit);
	return g_string_free(text, FALSE);
}

static void test_same(void)
{
	static const char *const UNITS[] = { "", "a", "Grüße ",
		"Gru\xcc\x88\xc3\x9f"
		"e ",
		"a\xcc\x81\xcc\xa3", "\xef\xac\x81 \xef\xbc\xb2\xef\xbd\x85", "ΑΌὍ", "日本",
		"e\xcc\x81" };
	static const GNormalizeMode MODES[] = { G_NORMALIZE_NFC, G_NORMALIZE_NFD, G_NORMALIZE_NFKC,
		G_NORMALIZE_NFKD };
	for (gsize i = 0; i < G_N_ELEMENTS(UNITS) * G_N_ELEMENTS(MODES); i++) {
		const GNormalizeMode mode = MODES[i % G_N_ELEMENTS(MODES)];
		for (gsize n = 1; n < 400; n += 7) {
			g_autofree char *text = repeat(UNITS[i / G_N_ELEMENTS(MODES)], n);
			g_autofree char *expected = g_utf8_normalize(text, -1, mode);
			g_autofree char *normal = sgp_normal_text_dup(text, mode);
			g_assert_cmpstr(normal, ==, expected);
		}
	}
}

/* Within the time of a test: at once, each of these takes minutes. */
static void test_long(void)
{
	static const char *const UNITS[] = { "\xc3\x83", "u\xcc\x88", "\xcc\x81\xcc\xa3" };
	for (gsize i = 0; i < G_N_ELEMENTS(UNITS); i++) {
		g_autofree char *text = repeat(UNITS[i], 512 * 1024);
		g_autofree char *normal = sgp_normal_text_dup(text, G_NORMALIZE_NFC);
		g_assert_true(g_utf8_validate(normal, -1, NULL));
		g_assert_cmpuint(g_utf8_strlen(normal, -1), >=, 512 * 1024);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/normal-text/pieces-are-the-same-as-the-whole", test_same);
	g_test_add_func("/normal-text/what-is-long-is-not-slow", test_long);
	return g_test_run();
}
