/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mail is about: terms in their context, ICD-10 codes and health-insurance numbers, and what
 * the trained model makes of its sentences. Owns how the three go together: codes and numbers are
 * certain, a term is one unless the model is sure that it means something else here, and the model
 * alone is enough. Can only find a protected class, never rule one out; a false alarm costs a safer
 * channel. Never keeps or logs what it read. */
#include "sgp-content-scan.h"

#include <math.h>
#include <string.h>

#include "sgp-content-model.h"
#include "sgp-content-signature.h"
#include "sgp-content-terms-private.h"
#include "sgp-normal-text.h"
#include "sgp-own-words.h"

#define MAX_BECAUSE 10
#define MAX_TEXT    (1024 * 1024)
#define MAX_PART                                                                                   \
	700 /* bytes that the model reads as one: as long as the mails it was taught with */
#define PART_COSTS                                                                                 \
	0.4 /* of the logarithm of parts: among many, one sounds like something by chance */

/* Above it a name at an address ("Dr. Meier Onkologie") counts: the mail says nothing else plainly.
 * Below it are a broken pipe, an invoice, an appointment, whoever they go to. */
#define NAME_TELLS (-4.5)

#define HEALTH  SGP_CONTENT_CLASS_HEALTH
#define PERSON  SGP_CONTENT_CLASS_PERSONAL_INSURANCE
#define SECRECY SGP_CONTENT_CLASS_SECRECY_203

/* A term of the part that is being read, which the model may still contradict. */
typedef struct {
	SgpContentClass content_class;
	char *word; /* (owned) as written */
} Pending;

static void pending_clear(gpointer data)
{
	g_free(((Pending *)data)->word);
}

/* One finding or nothing yet per class. */
typedef struct {
	GPtrArray *because;
	gboolean has_health, has_person, has_secrecy;
	char *first_weak;     /* (owned) (nullable) */
	gboolean is_cut;      /* a text was too long to be read to its end */
	GPtrArray *sentences; /* (owned) (element-type utf8) of the part that is being read */
	gsize part_length;
	guint n_parts;        /* that were read */
	GArray *pending;      /* (owned) (element-type Pending) its terms */
	GArray *named;        /* (owned) (element-type Pending) terms in names, until it is read */
	gboolean has_certain; /* a term of it needs no second opinion */
} Findings;

static void findings_init(Findings *self, GPtrArray *because)
{
	*self = (Findings){ .because = because };
	self->sentences = g_ptr_array_new_with_free_func(g_free);
	self->pending = g_array_new(FALSE, FALSE, sizeof(Pending));
	g_array_set_clear_func(self->pending, pending_clear);
	self->named = g_array_new(FALSE, FALSE, sizeof(Pending));
	g_array_set_clear_func(self->named, pending_clear);
}

static void findings_clear(Findings *self)
{
	g_free(self->first_weak);
	g_ptr_array_unref(self->sentences);
	g_array_unref(self->pending);
	g_array_unref(self->named);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Findings, findings_clear)

static void found(Findings *self, SgpContentClass content_class, const char *word)
{
	self->has_health = self->has_health || content_class == HEALTH;
	self->has_person = self->has_person || content_class == PERSON;
	self->has_secrecy = self->has_secrecy || content_class == SECRECY;
	if (self->because->len < MAX_BECAUSE &&
		!g_ptr_array_find_with_equal_func(self->because, word, g_str_equal, NULL))
		g_ptr_array_add(self->because, g_strdup(word));
}

/* A word that has other meanings waits for what the model says of its mail. */
static void found_term(
	Findings *self, SgpContentClass content_class, const char *word, gboolean is_ambiguous)
{
	if (!is_ambiguous) {
		self->has_certain = TRUE;
		found(self, content_class, word);
		return;
	}
	Pending one = { .content_class = content_class };
	one.word = g_strdup(word);
	g_array_append_val(self->pending, one);
}

/* A doctor alone is no illness; a doctor and a hospital are. */
static void found_weak(Findings *self, const char *word)
{
	if (self->first_weak == NULL) {
		self->first_weak = g_strdup(word);
	} else if (g_ascii_strcasecmp(self->first_weak, word) != 0) {
		found_term(self, HEALTH, self->first_weak, TRUE);
		found_term(self, HEALTH, word, TRUE);
	}
}

/* --- What the model makes of a part --- */

/* A term in it was found already: the sentence is about that. */
static gboolean is_known(const Findings *self, const char *sentence)
{
	for (guint i = 0; i < self->because->len && self->has_certain; i++) {
		if (strstr(sentence, g_ptr_array_index(self->because, i)) != NULL)
			return TRUE;
	}
	return FALSE;
}

static void take_pending(Findings *self, GArray *terms, gboolean counts)
{
	for (guint i = 0; i < terms->len && counts; i++) {
		const Pending *one = &g_array_index(terms, Pending, i);
		found(self, one->content_class, one->word);
	}
	g_array_set_size(terms, 0);
}

static void end_part(Findings *self)
{
	const char *strongest = NULL;
	SgpContentClass content_class = SGP_CONTENT_CLASS_GENERAL;
	if (self->sentences->len == 0)
		return;
	double odds = sgp_content_model_read(self->sentences, &strongest, &content_class) -
		      PART_COSTS * log(++self->n_parts);
	gboolean is_term = self->pending->len > 0 && odds > SGP_CONTENT_MODEL_DENIES;
	take_pending(self, self->pending, is_term);
	take_pending(self, self->named, odds > NAME_TELLS);
	/* Terms say better than the model which class it is, and show it better too; it adds what
	 * comes before them in the order of the classes. */
	gboolean adds = !is_term && (!self->has_certain || content_class == HEALTH);
	if (odds >= SGP_CONTENT_MODEL_RAISES && adds && !is_known(self, strongest)) {
		g_autoptr(GPtrArray) words = sgp_content_model_dup_words(strongest);
		for (guint i = 0; i < words->len; i++)
			found(self, content_class, g_ptr_array_index(words, i));
	}
	self->has_certain = FALSE;
	g_ptr_array_set_size(self->sentences, 0);
	self->part_length = 0;
}

static void add_sentence(Findings *self, const char *sentence)
{
	self->part_length += strlen(sentence);
	g_ptr_array_add(self->sentences, g_strdup(sentence));
	if (self->part_length > MAX_PART)
		end_part(self);
}

/* Lower case, ae for ä, ss for ß, hyphens inside a word out. */
static char *fold_word(const char *word)
{
	GString *out = g_string_sized_new(32);
	for (const char *p = word; *p != '\0'; p = g_utf8_next_char(p)) {
		if ((guchar)*p < 0x80) {
			if (g_ascii_isalnum(*p))
				g_string_append_c(out, g_ascii_tolower(*p));
			continue;
		}
		gunichar c = g_unichar_tolower(g_utf8_get_char(p));
		if (c == 0xe4)
			g_string_append(out, "ae");
		else if (c == 0xf6)
			g_string_append(out, "oe");
		else if (c == 0xfc)
			g_string_append(out, "ue");
		else if (c == 0xdf)
			g_string_append(out, "ss");
		else if (g_unichar_isalnum(c))
			g_string_append_unichar(out, c);
	}
	return g_string_free(out, FALSE);
}

static gboolean starts_with_animal(const char *word)
{
	static const char *const prefixes[] = { "tier", "hunde", "katze", "kater", "pferd", "welpe",
		"fohlen", "hengst", "stute", "veterin", "haustier", "nutztier", "kaninchen",
		"papagei", "rinder", "vieh", "kitten", "puppy", "horse", NULL };
	static const char *const words[] = { "hund", "hunds", "dog", "dogs", "cat", "cats", "pet",
		"pets", "vet", "rind", "wallach", NULL };
	if (word[0] == '\0' || strchr("cdfhknprstvw", word[0]) == NULL ||
		g_str_has_prefix(word, "hundert"))
		return FALSE;
	for (guint i = 0; prefixes[i] != NULL; i++) {
		if (g_str_has_prefix(word, prefixes[i]))
			return TRUE;
	}
	return g_strv_contains(words, word);
}

static gboolean is_person(const char *word)
{
	static const char *const words[] = { "ich", "mich", "mir", "wir", "uns", "er", "sie",
		"sohn", "tochter", "frau", "mann", "kind", "kunde", "kundin", "versicherte",
		"versicherter", "herr", "herrn", "ehefrau", "ehemann", "mutter", "vater",
		"mitarbeiter", "patient", "patientin", "i", "me", "he", "she", "son", "daughter",
		"wife", "husband", NULL };
	return strlen(word) <= 11 && g_strv_contains(words, word);
}

/* A vet's word in the sentence, and nobody who was bitten, thrown off or fell: "Sturz vom Pferd:
 * Befund ..." is about the rider (/content-scan/health-is-found). */
static gboolean is_about_vet(const char *sentence)
{
	g_autofree char *lower = g_utf8_strdown(sentence, -1);
	return g_regex_match_simple(
		       "\\b(haus|klein|gro\\xc3\\x9f)?(tier|hunde|katzen|pferde)-?"
		       "(arzt|\\xc3\\xa4rzt|krank|klinik|op|praxis|medi)|\\bveterin|\\bvets?\\b",
		       lower, G_REGEX_RAW, 0) &&
	       !g_regex_match_simple(
		       "biss|bitten|bite|sturz|st\\xc3\\xbcrzt|gefallen|getreten|tritt|kratz|"
		       "geworfen|verletzt|allerg|halter|haftpflicht|injur",
		       lower, G_REGEX_RAW, 0);
}

/* What a vet says too; an illness that only people have is heard in any sentence. */
static gboolean is_vet_term(const char *word)
{
	static const char *const prefixes[] = { "befund", "diagnos", "op", "fraktur", "behandl",
		"therap", "arzt", "klinik", "medik", "rezept", "impf", "roentgen", "tumor", "hueft",
		"arthros", "blutbild", "labor", "untersuch", "entzuend", "erkrank", "krankheit",
		NULL };
	for (guint i = 0; prefixes[i] != NULL; i++) {
		if (g_str_has_prefix(word, prefixes[i]))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_possessive(const char *word)
{
	static const char *const prefixes[] = { "mein", "unser", "sein", "ihr", "my", "our", "his",
		"her", "your", NULL };
	for (guint i = 0; prefixes[i] != NULL; i++) {
		if (g_str_has_prefix(word, prefixes[i]))
			return TRUE;
	}
	return FALSE;
}

static GPtrArray *split_words(const char *clause);

/* The sentence speaks of an animal's illness and of no person at all. */
static gboolean is_vet_sentence(const char *sentence)
{
	if (!is_about_vet(sentence))
		return FALSE;
	g_autoptr(GPtrArray) words = split_words(sentence);
	for (guint i = 0; i < words->len; i++) {
		g_autofree char *plain = fold_word(g_ptr_array_index(words, i));
		if (is_person(plain))
			return FALSE;
	}
	return TRUE;
}

/* --- Numbers that tell --- */

/* The check digit of a German health-insurance number (§ 290 SGB V): the letter as two digits,
 * weights 1 and 2 in turn, sums of digits, modulo 10. */
static gboolean is_health_insurance_number(const char *word)
{
	if (strlen(word) != 10 || !g_ascii_isupper(word[0]) || strspn(word + 1, "0123456789") != 9)
		return FALSE;
	char digits[11];
	int letter = word[0] - 'A' + 1;
	digits[0] = (char)(letter / 10);
	digits[1] = (char)(letter % 10);
	for (int i = 0; i < 8; i++)
		digits[i + 2] = (char)(word[i + 1] - '0');
	int sum = 0;
	for (int i = 0; i < 10; i++) {
		int product = digits[i] * (i % 2 + 1);
		sum += product / 10 + product % 10;
	}
	return sum % 10 == word[9] - '0';
}

/* "M54.5", "F32.1G", "J06.9" in a sentence that speaks of diagnoses: the pattern alone is a part
 * number as well. */
static void scan_codes(Findings *self, const char *sentence)
{
	static GRegex *code, *context;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		code = g_regex_new("\\b[A-TV-Z][0-9][0-9](\\.[0-9]{1,2})?[AGVZ]?\\b",
			G_REGEX_OPTIMIZE, 0, NULL);
		context = g_regex_new(
			"\\bICD(-?10)?\\b|diagnos|befund|erkrank|krankheit|arztb|\\bAU\\b",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	g_autoptr(GMatchInfo) match = NULL;
	if (strpbrk(sentence, "0123456789") == NULL || !g_regex_match(context, sentence, 0, NULL) ||
		!g_regex_match(code, sentence, 0, &match))
		return;
	g_autofree char *value = g_match_info_fetch(match, 0);
	g_autofree char *word = g_strconcat("ICD-10 ", value, NULL);
	found(self, HEALTH, word);
}

/* --- Sentences and clauses --- */

static gboolean is_word_char(gunichar c)
{
	return g_unichar_isalnum(c) || c == '-' || c == 0x2010 || c == 0x2011;
}

/* The words of one clause, as written. (transfer full) (element-type utf8) */
static GPtrArray *split_words(const char *clause)
{
	GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) word = g_string_new(NULL);
	for (const char *p = clause;; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c != 0 && is_word_char(c)) {
			g_string_append_unichar(word, c);
			continue;
		}
		if (word->len > 0)
			g_ptr_array_add(words, g_strdup(word->str));
		g_string_truncate(word, 0);
		if (c == 0)
			return words;
	}
}

static void take_phrase(const char *phrase, SgpContentClass content_class, gpointer user_data)
{
	found_term(user_data, content_class, phrase, FALSE);
}

static void scan_phrases(Findings *self, const GPtrArray *folded)
{
	g_autoptr(GString) joined = g_string_new(NULL);
	for (guint i = 0; i < folded->len; i++)
		g_string_append_printf(joined, "%s ", (char *)g_ptr_array_index(folded, i));
	sgp_content_terms_foreach_phrase(joined->str, take_phrase, self);
}

/* A clause about an animal says nothing of a person, unless a person is in it too. is_vet: of a
 * sentence whose other clauses are about an animal at the vet's. */
static void scan_clause(Findings *self, const char *clause, gboolean is_vet)
{
	g_autoptr(GPtrArray) words = split_words(clause);
	g_autoptr(GPtrArray) folded = g_ptr_array_new_with_free_func(g_free);
	gboolean has_animal = FALSE, has_person = FALSE;
	for (guint i = 0; i < words->len; i++) {
		char *word = fold_word(g_ptr_array_index(words, i));
		g_ptr_array_add(folded, word);
		has_animal = has_animal || starts_with_animal(word);
		has_person = has_person || is_person(word);
		is_vet = is_vet && !is_possessive(word);
	}
	if (has_animal && !has_person)
		return;
	for (guint i = 0; i < words->len; i++) {
		const char *word = g_ptr_array_index(words, i);
		const char *plain = g_ptr_array_index(folded, i);
		SgpContentClass content_class = SGP_CONTENT_CLASS_GENERAL;
		SgpContentTermWeight weight = SGP_CONTENT_TERM_CERTAIN;
		gboolean is_term = !starts_with_animal(plain) && !(is_vet && is_vet_term(plain)) &&
				   sgp_content_terms_find(plain, &content_class, &weight) != NULL;
		if (is_term && weight == SGP_CONTENT_TERM_WEAK)
			found_weak(self, word);
		else if (is_term)
			found_term(self, content_class, word, weight == SGP_CONTENT_TERM_AMBIGUOUS);
		else if (is_health_insurance_number(word))
			found(self, PERSON, word);
	}
	scan_phrases(self, folded);
}

static void scan_sentence(Findings *self, const char *sentence)
{
	if (sgp_own_words_is_own_notice(sentence))
		return;
	gboolean is_vet = is_vet_sentence(sentence);
	scan_codes(self, sentence);
	add_sentence(self, sentence);
	g_auto(GStrv) clauses = g_strsplit_set(sentence, ",;:()", -1);
	for (guint i = 0; clauses[i] != NULL; i++)
		scan_clause(self, clauses[i], is_vet);
}

/* Quote marks out, so that a quoted sentence is whole again; and what an agency lists below its
 * name. */
static char *unquote(const char *text)
{
	g_autofree char *limited = g_strndup(text, MAX_TEXT);
	g_autofree char *valid = g_utf8_make_valid(limited, -1);
	g_autofree char *composed = sgp_normal_text_dup(valid, G_NORMALIZE_NFC);
	g_auto(GStrv) lines = g_strsplit(composed, "\n", -1);
	GString *out = g_string_new(NULL);
	gboolean is_closed = FALSE;
	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		while (*line == '>' || *line == '|' || *line == ' ')
			line++;
		is_closed = is_closed || sgp_content_signature_is_closing(line);
		if (is_closed && sgp_content_signature_is_list(line))
			continue;
		g_string_append(out, line);
		g_string_append_c(out, *line == '\0' ? '\n' : ' ');
	}
	return g_string_free(out, FALSE);
}

static void scan(Findings *self, const char *text)
{
	g_autofree char *plain = unquote(text);
	self->is_cut = self->is_cut || strlen(text) > MAX_TEXT;
	const char *from = plain;
	for (const char *p = plain;; p++) {
		gboolean is_end = *p == '\0' || *p == '\n' ||
				  (strchr(".!?", *p) != NULL && (p[1] == ' ' || p[1] == '\0'));
		if (!is_end)
			continue;
		g_autofree char *sentence = g_strndup(from, (gsize)(p - from));
		if (*sentence != '\0')
			scan_sentence(self, sentence);
		if (*p == '\0')
			return;
		from = p + 1;
	}
}

/* "Befund_Mueller.pdf": the words of a name stand between other marks. */
static void scan_name(Findings *self, const char *name)
{
	g_autofree char *text = g_utf8_make_valid(name, -1);
	for (char *p = text; *p != '\0'; p++) {
		if (*p == '_' || *p == '.' || *p == '-' || *p == '+')
			*p = ' ';
	}
	scan_sentence(self, text);
}

/* What stands in names at addresses leaves in clear with every mail. A name alone is no content: it
 * counts where the mail does not speak plainly of something else. Contracts do not count (insurers
 * are called so), nor what is a family's name. */
static void scan_address_names(Findings *self, const GPtrArray *addresses)
{
	static const char *const families[] = { "krebs", "cancer", NULL };
	for (guint i = 0; addresses != NULL && i < addresses->len; i++) {
		const char *name = sgp_address_get_name(g_ptr_array_index(addresses, i));
		if (name == NULL)
			continue;
		g_autofree char *valid = g_utf8_make_valid(name, -1);
		g_autoptr(GPtrArray) words = split_words(valid);
		for (guint k = 0; k < words->len; k++) {
			g_autofree char *plain = fold_word(g_ptr_array_index(words, k));
			Pending one = { 0 };
			SgpContentTermWeight weight = SGP_CONTENT_TERM_WEAK;
			gboolean is_term =
				!g_strv_contains(families, plain) &&
				sgp_content_terms_find(plain, &one.content_class, &weight) != NULL;
			if (!is_term || weight == SGP_CONTENT_TERM_WEAK ||
				one.content_class == PERSON)
				continue;
			one.word = g_strdup(g_ptr_array_index(words, k));
			g_array_append_val(self->named, one);
		}
	}
}

static SgpContentClass conclude(Findings *self)
{
	end_part(self);
	if (self->has_health)
		return HEALTH;
	if (self->has_person)
		return PERSON;
	if (self->has_secrecy)
		return SECRECY;
	return self->is_cut ? SGP_CONTENT_CLASS_UNKNOWN : SGP_CONTENT_CLASS_GENERAL;
}

SgpContentClass sgp_content_scan_text(const char *text, GPtrArray *because)
{
	g_auto(Findings) findings = { 0 };
	findings_init(&findings, because);
	scan(&findings, text);
	return conclude(&findings);
}

SgpContentClass sgp_content_scan_mail(const SgpMail *mail, GPtrArray *because)
{
	g_auto(Findings) findings = { 0 };
	findings_init(&findings, because);
	scan_address_names(&findings, mail->from);
	scan_address_names(&findings, mail->reply_to);
	scan_address_names(&findings, mail->to);
	scan_address_names(&findings, mail->cc);
	scan_address_names(&findings, mail->bcc);
	scan_sentence(&findings, mail->subject);
	scan(&findings, mail->text);
	if (mail->html != NULL) {
		end_part(&findings);
		g_autofree char *text = sgp_own_words_text_from_html(mail->html, TRUE);
		scan(&findings, text);
	}
	end_part(&findings);
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		if (attachment->name != NULL)
			scan_name(&findings, attachment->name);
	}
	SgpContentClass content_class = conclude(&findings);
	/* What cannot be read may be anything: it is treated as protected. */
	if (content_class == SGP_CONTENT_CLASS_GENERAL &&
		(mail->is_encrypted || mail->is_undecodable))
		return SGP_CONTENT_CLASS_UNKNOWN;
	return content_class;
}

SgpContentClass sgp_content_scan_combine(SgpContentClass one, SgpContentClass other)
{
	static const SgpContentClass order[] = { HEALTH, PERSON, SECRECY,
		SGP_CONTENT_CLASS_UNKNOWN };
	for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
		if (one == order[i] || other == order[i])
			return order[i];
	}
	return SGP_CONTENT_CLASS_GENERAL;
}
