/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts a text into words and folds each: one spelling for what people and forgers spell in many
 * ways. plugin/core/model/textmodel.py does exactly the same (test-text-model compares them).
 * Never judges a word. */
#include "sgp-text-words-private.h"

#include <string.h>

#include "sgp-normal-text.h"

/* What counts of a text: 2000 words are far shorter. A hostile line of many megabytes costs no
 * more than this. */
#define MAX_BYTES (256 * 1024)

/* Letters that look Latin: an objection in them is still one (/text-words/look-alikes-are-folded).
 */
static const struct {
	gunichar from;
	char to;
} homoglyphs[] = { { 0x430, 'a' }, { 0x432, 'b' }, { 0x435, 'e' }, { 0x455, 's' }, { 0x456, 'i' },
	{ 0x458, 'j' }, { 0x43a, 'k' }, { 0x43c, 'm' }, { 0x43d, 'h' }, { 0x43e, 'o' },
	{ 0x440, 'p' }, { 0x441, 'c' }, { 0x442, 't' }, { 0x443, 'y' }, { 0x445, 'x' },
	{ 0x4bb, 'h' }, { 0x501, 'd' }, { 0x51b, 'q' }, { 0x51d, 'w' }, { 0x3b1, 'a' },
	{ 0x3b2, 'b' }, { 0x3b5, 'e' }, { 0x3b9, 'i' }, { 0x3ba, 'k' }, { 0x3bd, 'n' },
	{ 0x3bf, 'o' }, { 0x3c1, 'p' }, { 0x3c4, 't' }, { 0x3c5, 'u' }, { 0x3c7, 'x' },
	{ 0x3b3, 'y' } };

static const struct {
	gunichar from;
	const char *to;
} ligatures[] = { { 0xdf, "ss" }, { 0xe6, "ae" }, { 0x153, "oe" }, { 0xf8, "oe" }, { 0x131, "i" },
	{ 0x142, "l" }, { 0x111, "d" } };

typedef struct {
	GString *bytes;
	GArray *offsets; /* guint32 */
	guint n_letters; /* of the word under way, also those that no longer count */
	gunichar last;   /* its last letter */
	guint32 from;    /* where it begins */
	gboolean is_address;
} Cutter;

static void add_letter(Cutter *cutter, gunichar letter)
{
	if (cutter->n_letters < SGP_TEXT_MAX_LETTERS && letter < 0x80)
		g_string_append_c(cutter->bytes, (char)letter);
	else if (cutter->n_letters < SGP_TEXT_MAX_LETTERS)
		g_string_append_unichar(cutter->bytes, letter);
	cutter->n_letters++;
	cutter->last = letter;
}

static void end_word(Cutter *cutter)
{
	if (cutter->n_letters > 0) {
		if (cutter->is_address) {
			g_string_truncate(cutter->bytes, cutter->from);
			g_string_append_c(cutter->bytes, '@');
		}
		g_array_append_val(cutter->offsets, cutter->from);
		cutter->from = cutter->bytes->len;
	}
	cutter->n_letters = 0;
	cutter->last = 0;
	cutter->is_address = FALSE;
}

static void add_mark(Cutter *cutter, char mark)
{
	guint n = cutter->offsets->len;
	if (n >= SGP_TEXT_MAX_WORDS)
		return;
	guint32 before = n > 0 ? g_array_index(cutter->offsets, guint32, n - 1) : 0;
	if (n > 0 && cutter->bytes->len - before == 1 && cutter->bytes->str[before] == mark)
		return;
	g_string_append_c(cutter->bytes, mark);
	g_array_append_val(cutter->offsets, cutter->from);
	cutter->from = cutter->bytes->len;
}

static gunichar fold_letter(gunichar c)
{
	for (guint i = 0; c >= 0x80 && i < G_N_ELEMENTS(homoglyphs); i++) {
		if (homoglyphs[i].from == c)
			return homoglyphs[i].to;
	}
	return c;
}

static gboolean add_ligature(Cutter *cutter, gunichar c)
{
	for (guint i = 0; c >= 0x80 && i < G_N_ELEMENTS(ligatures); i++) {
		if (ligatures[i].from != c)
			continue;
		for (const char *p = ligatures[i].to; *p != '\0'; p++)
			add_letter(cutter, *p);
		return TRUE;
	}
	return FALSE;
}

static gboolean is_number(gunichar c)
{
	GUnicodeType type = g_unichar_type(c);
	return type == G_UNICODE_DECIMAL_NUMBER || type == G_UNICODE_LETTER_NUMBER ||
	       type == G_UNICODE_OTHER_NUMBER;
}

/* What stands inside a word and does not end it. next: the character after it, or 0. */
static gboolean is_inner_mark(Cutter *cutter, gunichar c, gunichar next)
{
	if (c == '\'' || c == 0x2019 || c == 0x2018 || c == '`' || c == '*' || c == '_')
		return TRUE;
	if (cutter->n_letters == 0)
		return FALSE;
	if (c == '@') {
		cutter->is_address = TRUE;
		return TRUE;
	}
	if (c == '.' && (g_unichar_isalpha(next) || is_number(next))) {
		if (!cutter->is_address)
			end_word(cutter);
		return TRUE;
	}
	return (c == '-' || c == 0x2010 || c == 0x2011) && g_unichar_isalpha(next);
}

static void add_character(Cutter *cutter, gunichar raw, gunichar next)
{
	if (raw < 0x80 && g_ascii_isalpha((char)raw)) {
		add_letter(cutter, (gunichar)g_ascii_tolower((char)raw));
		return;
	}
	GUnicodeType type = g_unichar_type(raw);
	if (type == G_UNICODE_FORMAT) /* zero width, soft hyphen */
		return;
	if (type == G_UNICODE_NON_SPACING_MARK) {
		if (raw == 0x308 &&
			(cutter->last == 'a' || cutter->last == 'o' || cutter->last == 'u'))
			add_letter(cutter, 'e');
		return;
	}
	gunichar c = fold_letter(g_unichar_tolower(raw));
	if (add_ligature(cutter, c))
		return;
	if (g_unichar_isalpha(raw)) {
		add_letter(cutter, c);
	} else if (type == G_UNICODE_DECIMAL_NUMBER) {
		if (cutter->last != '0')
			add_letter(cutter, '0');
	} else if (!is_inner_mark(cutter, c, next)) {
		end_word(cutter);
		if (c == ',' || c == '!' || c == '?' || c == ':' || c == '.')
			add_mark(cutter, (char)c);
	}
}

/* Decomposed, an acute accent that stands for an apostrophe would be a blank. */
static char *normalize(const char *text)
{
	gsize length = strnlen(text, MAX_BYTES);
	while (length > 0 && ((guchar)text[length] & 0xc0) == 0x80)
		length--;
	g_autofree char *valid = g_utf8_make_valid(text, (gssize)length);
	char *to = valid;
	for (const char *p = valid; *p != '\0'; to++) {
		gboolean is_acute = strncmp(p, "\xc2\xb4", 2) == 0;
		*to = is_acute ? '\'' : *p;
		p += is_acute ? 2 : 1;
	}
	*to = '\0';
	return sgp_normal_text_dup(valid, G_NORMALIZE_ALL);
}

void sgp_text_words_init(SgpTextWords *words, const char *text)
{
	g_autofree char *decomposed = normalize(text);
	Cutter cutter = { .bytes = g_string_new(NULL),
		.offsets = g_array_new(FALSE, FALSE, sizeof(guint32)) };
	for (const char *p = decomposed; *p != '\0' && cutter.offsets->len < SGP_TEXT_MAX_WORDS;) {
		gunichar raw = g_utf8_get_char(p);
		p = g_utf8_next_char(p);
		add_character(&cutter, raw, *p != '\0' ? g_utf8_get_char(p) : 0);
	}
	if (cutter.offsets->len < SGP_TEXT_MAX_WORDS)
		end_word(&cutter);
	words->n = cutter.offsets->len;
	g_array_append_val(cutter.offsets, cutter.from);
	words->bytes = g_string_free(cutter.bytes, FALSE);
	words->offsets = (guint32 *)(gpointer)g_array_free(cutter.offsets, FALSE);
}

void sgp_text_words_clear(SgpTextWords *words)
{
	g_clear_pointer(&words->bytes, g_free);
	g_clear_pointer(&words->offsets, g_free);
	words->n = 0;
}

const char *sgp_text_words_get(const SgpTextWords *words, guint at, gsize *length)
{
	*length = words->offsets[at + 1] - words->offsets[at];
	return words->bytes + words->offsets[at];
}
