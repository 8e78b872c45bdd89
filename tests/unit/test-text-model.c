/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text model computes what its training computed, from weights that belong to the data. */
#include <glib.h>
#include <math.h>
#include <string.h>

#include "sgp-text-model.h"
#include "sgp-text-weights.h"
#include "sgp-text-words-private.h"

#define MODEL_DIR SGP_TEST_SOURCE_DIR "/../../plugin/core/model"

static SgpTextModel *open_model(void)
{
	return sgp_text_model_new(sgp_text_weights_opt_out, sgp_text_weights_opt_out_length);
}

static char *join(const char *text)
{
	g_auto(SgpTextWords) words = { 0 };
	sgp_text_words_init(&words, text);
	GString *joined = g_string_new(NULL);
	for (guint i = 0; i < words.n; i++) {
		gsize length = 0;
		const char *word = sgp_text_words_get(&words, i, &length);
		g_string_append_printf(joined, "%s%.*s", i > 0 ? "|" : "", (int)length, word);
	}
	return g_string_free(joined, FALSE);
}

static void check_words(const char *text, const char *expected)
{
	g_autofree char *found = join(text);
	g_assert_cmpstr(found, ==, expected);
}

static void test_words(void)
{
	check_words("Grüße, E-Mail!", "gruesse|,|email|!");
	check_words("GRÜSSE", "gruesse");
	check_words("u\xcc\x88"
		    "ber 12.500 Euro",
		"ueber|0|0|euro");
	check_words("max@beispiel.de.", "@|.");
	check_words("don't stop...", "dont|stop|.");
	check_words("", "");
}

static void test_look_alikes(void)
{
	/* Cyrillic е, а, і and a zero-width space */
	check_words("k\xd0\xb5in\xd0\xb5 M\xd0\xb0\xd1\x96l", "keine|mail");
	check_words("Ma\xe2\x80\x8bil", "mail");
	check_words("\xef\xbc\xad\xef\xbd\x81\xef\xbd\x89\xef\xbd\x8c", "mail");
}

static void test_hostile(void)
{
	g_autoptr(SgpTextModel) model = open_model();
	double found[SGP_TEXT_MODEL_MAX_LABELS];
	g_autofree char *letters = g_strnfill(10 * 1024 * 1024, 'a');
	g_assert_cmpuint(sgp_text_model_read(model, letters, found), ==, 1);
	for (gsize i = 0; i < 10 * 1024 * 1024; i += 2)
		letters[i] = ' ';
	g_assert_cmpuint(sgp_text_model_read(model, letters, found), ==, SGP_TEXT_MAX_WORDS);
	g_assert_cmpuint(sgp_text_model_read(model, "\xff\xfe\x80 M\xc3", found), >=, 1);
	g_assert_cmpuint(sgp_text_model_read(model, "", found), ==, 0);
}

static void test_same_scores(void)
{
	g_autoptr(SgpTextModel) model = open_model();
	g_autofree char *contents = NULL;
	guint n_read = 0;
	g_assert_nonnull(model);
	g_assert_true(g_file_get_contents(
		SGP_TEST_SOURCE_DIR "/text-model-scores.tsv", &contents, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(contents, "\n", -1);
	guint n = sgp_text_model_get_n_labels(model);
	for (guint i = 0; lines[i] != NULL; i++) {
		double found[SGP_TEXT_MODEL_MAX_LABELS];
		g_auto(GStrv) fields = g_strsplit(lines[i], "\t", -1);
		if (lines[i][0] == '#' || g_strv_length(fields) != n + 1)
			continue;
		sgp_text_model_read(model, fields[n], found);
		for (guint label = 0; label < n; label++) {
			double expected = g_ascii_strtod(fields[label], NULL);
			if (fabs(found[label] - expected) > 1e-6)
				g_error("%s: %f, not %f", fields[n], found[label], expected);
		}
		n_read++;
	}
	g_assert_cmpuint(n_read, >, 50);
}

static int compare(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void update(GChecksum *checksum, const char *path)
{
	g_autofree char *contents = NULL;
	gsize length = 0;
	g_assert_true(g_file_get_contents(path, &contents, &length, NULL));
	g_checksum_update(checksum, (const guchar *)contents, (gssize)length);
}

static void test_data(void)
{
	g_autoptr(SgpTextModel) model = open_model();
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) dir = g_dir_open(MODEL_DIR "/opt-out", 0, NULL);
	guint8 digest[32];
	gsize length = sizeof digest;
	g_assert_nonnull(dir);
	for (const char *name = g_dir_read_name(dir); name != NULL; name = g_dir_read_name(dir)) {
		if (g_str_has_suffix(name, ".tsv"))
			g_ptr_array_add(names, g_build_filename(MODEL_DIR, "opt-out", name, NULL));
	}
	g_ptr_array_sort(names, compare);
	for (guint i = 0; i < names->len; i++)
		update(checksum, g_ptr_array_index(names, i));
	update(checksum, SGP_TEST_SOURCE_DIR "/opt-out-sentences.tsv");
	update(checksum, MODEL_DIR "/opt-out-classes.tsv");
	g_checksum_get_digest(checksum, digest, &length);
	g_assert_cmpmem(digest, length, sgp_text_model_get_data_digest(model), 32);
}

static void test_cut_off(void)
{
	const guint8 *bytes = sgp_text_weights_opt_out;
	gsize length = sgp_text_weights_opt_out_length;
	g_assert_null(sgp_text_model_new(bytes, length - 1));
	g_assert_null(sgp_text_model_new(bytes, 40));
	g_assert_null(sgp_text_model_new(bytes + 1, length - 1));
	g_assert_cmpuint(length, <, 300 * 1024);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/text-words/one-spelling-for-all", test_words);
	g_test_add_func("/text-words/look-alikes-are-folded", test_look_alikes);
	g_test_add_func("/text-model/hostile-text-is-read-in-bounds", test_hostile);
	g_test_add_func("/text-model/computes-what-training-computed", test_same_scores);
	g_test_add_func("/text-model/weights-belong-to-the-data", test_data);
	g_test_add_func("/text-model/a-file-that-is-cut-off-is-none", test_cut_off);
	return g_test_run();
}
