/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the author of a received mail wrote himself, out of text and HTML. What must hold: sentences
 * are UTF-8 and not empty; of ASCII text, each one stands in it, but for white space; a mail that
 * is nothing but marked quotes holds none; what nobody sees in HTML is never more than a footer;
 * and broken markup of any depth ends in time. */
#include "sgp-own-words.h"

#include "fuzz.h"

static char *dup_packed(const char *text)
{
	GString *packed = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p++) {
		if (!g_ascii_isspace(*p) && *p != '\v' && !g_ascii_iscntrl(*p))
			g_string_append_c(packed, *p);
	}
	return g_string_free(packed, FALSE);
}

static void check_sentences(const GPtrArray *sentences)
{
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		FUZZ_HOLDS(fuzz_is_text(sentence->text) && sentence->text[0] != '\0');
		sgp_own_words_is_own_notice(sentence->text);
	}
}

static void check_subset(const char *text, const GPtrArray *sentences)
{
	g_autofree char *all = dup_packed(text);
	for (guint i = 0; i < sentences->len && i < 100; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		g_autofree char *packed = dup_packed(sentence->text);
		FUZZ_HOLDS(strstr(all, packed) != NULL);
	}
}

/* A line break of any kind begins a new quoted line. */
static void check_quotes_are_nobodys(const char *text)
{
	g_autofree char *copy = g_strdup(text);
	g_strdelimit(copy, "\r\v\f", '\n');
	g_auto(GStrv) lines = g_strsplit(copy, "\n", -1);
	g_autoptr(GString) quoted = g_string_new(NULL);
	for (guint i = 0; lines[i] != NULL; i++)
		g_string_append_printf(quoted, "> %s\n", lines[i]);
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(quoted->str);
	FUZZ_HOLDS(sentences->len == 0);
}

static void check_frame(const char *text, const char *before, gboolean is_footer_allowed)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);
	g_autofree char *html = g_strconcat(before, escaped, NULL);
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_html(html);
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		FUZZ_HOLDS(is_footer_allowed && sentence->is_footer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_dup_text(data, size);
	g_autoptr(GPtrArray) plain = sgp_own_words_from_text(text);
	g_autoptr(GPtrArray) marked = sgp_own_words_from_html(text);
	g_autofree char *shown = sgp_own_words_text_from_html(text, TRUE);
	g_autofree char *own = sgp_own_words_text_from_html(text, FALSE);
	FUZZ_HOLDS(fuzz_is_text(shown) && fuzz_is_text(own));
	check_sentences(plain);
	check_sentences(marked);
	if (g_str_is_ascii(text) && size < SGP_OWN_WORDS_MAX_TEXT / 2) {
		check_subset(text, plain);
		check_quotes_are_nobodys(text);
		check_frame(text, "<blockquote type=\"cite\">", FALSE);
		check_frame(text, "<div style=\"display:none\">", TRUE);
	}
	return 0;
}
