/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mail is about: German and English terms in their context, ICD-10 codes, health-insurance
 * numbers. Can only find a protected class, never rule one out; a false alarm costs a safer
 * channel. Never keeps or logs what it read. */
#include "sgp-content-scan.h"

#include <string.h>

#include "sgp-own-words.h"

#define MAX_BECAUSE 10
#define MAX_TEXT    (1024 * 1024)
#define BUCKET      24 /* more terms than this begin with no letter */

typedef enum {
	MATCH_PREFIX = 0, /* the word begins with it */
	MATCH_INSIDE,     /* anywhere in a compound */
	MATCH_WHOLE,
} Match;

typedef struct {
	const char *stem; /* folded: ae, oe, ue, ss; no hyphens */
	Match match;
	SgpContentClass content_class;
	gboolean is_weak; /* counts only together with another weak one */
} Term;

#define HEALTH  SGP_CONTENT_CLASS_HEALTH
#define PERSON  SGP_CONTENT_CLASS_PERSONAL_INSURANCE
#define SECRECY SGP_CONTENT_CLASS_SECRECY_203

static const Term terms[] = {
	/* Contracts on persons. Before the words that are inside them. */
	{ "krankenversicher", MATCH_INSIDE, PERSON },
	{ "krankenvollversicher", MATCH_INSIDE, PERSON },
	{ "krankenzusatz", MATCH_INSIDE, PERSON },
	{ "krankentagegeld", MATCH_INSIDE, PERSON },
	{ "krankenhaustagegeld", MATCH_INSIDE, PERSON },
	{ "krankenkasse", MATCH_INSIDE, PERSON },
	{ "lebensversicher", MATCH_INSIDE, PERSON },
	{ "risikoleben", MATCH_INSIDE, PERSON },
	{ "kapitalleben", MATCH_INSIDE, PERSON },
	{ "unfallversicher", MATCH_INSIDE, PERSON },
	{ "unfallrente", MATCH_INSIDE, PERSON },
	{ "berufsunfaehig", MATCH_INSIDE, PERSON },
	{ "erwerbsunfaehig", MATCH_INSIDE, PERSON },
	{ "erwerbsminderung", MATCH_INSIDE, PERSON },
	{ "grundfaehigkeit", MATCH_INSIDE, PERSON },
	{ "pflegeversicher", MATCH_INSIDE, PERSON },
	{ "pflegezusatz", MATCH_INSIDE, PERSON },
	{ "pflegetagegeld", MATCH_INSIDE, PERSON },
	{ "rentenversicher", MATCH_INSIDE, PERSON },
	{ "sterbegeld", MATCH_PREFIX, PERSON },
	{ "todesfall", MATCH_PREFIX, PERSON },
	{ "zahnzusatz", MATCH_INSIDE, PERSON },
	{ "invaliditaet", MATCH_INSIDE, PERSON },
	{ "gliedertaxe", MATCH_PREFIX, PERSON },
	{ "bezugsrecht", MATCH_PREFIX, PERSON },
	{ "bezugsberechtig", MATCH_PREFIX, PERSON },
	{ "rueckkaufswert", MATCH_PREFIX, PERSON },
	{ "riester", MATCH_PREFIX, PERSON },
	{ "ruerup", MATCH_PREFIX, PERSON },
	{ "altersvorsorge", MATCH_INSIDE, PERSON },
	{ "altersversorgung", MATCH_INSIDE, PERSON },
	{ "dread", MATCH_WHOLE, PERSON },
	{ "personenversicher", MATCH_INSIDE, PERSON },
	{ "pkv", MATCH_WHOLE, PERSON },
	{ "gkv", MATCH_WHOLE, PERSON },
	{ "bupolice", MATCH_PREFIX, PERSON },
	{ "buversicher", MATCH_PREFIX, PERSON },
	{ "burente", MATCH_PREFIX, PERSON },
	{ "auslandskranken", MATCH_INSIDE, PERSON },
	{ "versichertennummer", MATCH_WHOLE, PERSON },
	/* Health. */
	{ "diagnos", MATCH_PREFIX, HEALTH },
	{ "befund", MATCH_PREFIX, HEALTH },
	{ "arztbericht", MATCH_INSIDE, HEALTH },
	{ "arztbrief", MATCH_INSIDE, HEALTH },
	{ "arztrechnung", MATCH_INSIDE, HEALTH },
	{ "arztzeugnis", MATCH_INSIDE, HEALTH },
	{ "attest", MATCH_INSIDE, HEALTH },
	{ "entlassungsbericht", MATCH_INSIDE, HEALTH },
	{ "entlassbrief", MATCH_INSIDE, HEALTH },
	{ "krankenhausbericht", MATCH_INSIDE, HEALTH },
	{ "krankenakte", MATCH_INSIDE, HEALTH },
	{ "patientenakte", MATCH_INSIDE, HEALTH },
	{ "patient", MATCH_PREFIX, HEALTH },
	{ "krankengeschichte", MATCH_PREFIX, HEALTH },
	{ "krankheit", MATCH_INSIDE, HEALTH },
	{ "erkrank", MATCH_INSIDE, HEALTH },
	{ "krankgeschrieben", MATCH_PREFIX, HEALTH },
	{ "krankschreib", MATCH_PREFIX, HEALTH },
	{ "krankmeldung", MATCH_PREFIX, HEALTH },
	{ "arbeitsunfaehig", MATCH_PREFIX, HEALTH },
	{ "aubescheinigung", MATCH_PREFIX, HEALTH },
	{ "therap", MATCH_INSIDE, HEALTH },
	{ "depress", MATCH_PREFIX, HEALTH },
	{ "burnout", MATCH_PREFIX, HEALTH },
	{ "psychiatr", MATCH_PREFIX, HEALTH },
	{ "psychisch", MATCH_PREFIX, HEALTH },
	{ "krebs", MATCH_WHOLE, HEALTH },
	{ "brustkrebs", MATCH_PREFIX, HEALTH },
	{ "krebsvorsorge", MATCH_PREFIX, HEALTH },
	{ "tumor", MATCH_INSIDE, HEALTH },
	{ "karzinom", MATCH_INSIDE, HEALTH },
	{ "onkolog", MATCH_PREFIX, HEALTH },
	{ "metasta", MATCH_PREFIX, HEALTH },
	{ "blutwert", MATCH_PREFIX, HEALTH },
	{ "laborwert", MATCH_PREFIX, HEALTH },
	{ "blutbild", MATCH_PREFIX, HEALTH },
	{ "mrt", MATCH_WHOLE, HEALTH },
	{ "roentgen", MATCH_PREFIX, HEALTH },
	{ "hiv", MATCH_WHOLE, HEALTH },
	{ "aids", MATCH_WHOLE, HEALTH },
	{ "diabet", MATCH_PREFIX, HEALTH },
	{ "bluthochdruck", MATCH_PREFIX, HEALTH },
	{ "schwanger", MATCH_PREFIX, HEALTH },
	{ "fehlgeburt", MATCH_PREFIX, HEALTH },
	{ "schwerbehindert", MATCH_PREFIX, HEALTH },
	{ "schwerbehinderung", MATCH_PREFIX, HEALTH },
	{ "behinderungsgrad", MATCH_PREFIX, HEALTH },
	{ "pflegegrad", MATCH_PREFIX, HEALTH },
	{ "pflegestufe", MATCH_PREFIX, HEALTH },
	{ "pflegebeduerft", MATCH_PREFIX, HEALTH },
	{ "medikament", MATCH_PREFIX, HEALTH },
	{ "impfung", MATCH_INSIDE, HEALTH },
	{ "allerg", MATCH_PREFIX, HEALTH },
	{ "asthma", MATCH_PREFIX, HEALTH },
	{ "herzinfarkt", MATCH_PREFIX, HEALTH },
	{ "schlaganfall", MATCH_PREFIX, HEALTH },
	{ "bandscheib", MATCH_PREFIX, HEALTH },
	{ "fraktur", MATCH_INSIDE, HEALTH },
	{ "knochenbruch", MATCH_PREFIX, HEALTH },
	{ "schleudertrauma", MATCH_PREFIX, HEALTH },
	{ "hws", MATCH_WHOLE, HEALTH },
	{ "gehirnerschuetterung", MATCH_PREFIX, HEALTH },
	{ "gesundheitsfrag", MATCH_PREFIX, HEALTH },
	{ "gesundheitszustand", MATCH_PREFIX, HEALTH },
	{ "gesundheitsdaten", MATCH_PREFIX, HEALTH },
	{ "gesundheitspruefung", MATCH_PREFIX, HEALTH },
	{ "gesundheitserklaerung", MATCH_PREFIX, HEALTH },
	{ "anamnese", MATCH_PREFIX, HEALTH },
	{ "rehabilitation", MATCH_PREFIX, HEALTH },
	{ "rehaklinik", MATCH_PREFIX, HEALTH },
	{ "suchtkrank", MATCH_PREFIX, HEALTH },
	{ "suchtklinik", MATCH_PREFIX, HEALTH },
	{ "alkoholabhaengig", MATCH_PREFIX, HEALTH },
	{ "dialyse", MATCH_PREFIX, HEALTH },
	{ "heilbehandlung", MATCH_PREFIX, HEALTH },
	{ "koerperverletzung", MATCH_PREFIX, HEALTH },
	{ "schmerzensgeld", MATCH_PREFIX, HEALTH },
	{ "personenschaden", MATCH_PREFIX, HEALTH },
	{ "icd", MATCH_WHOLE, HEALTH },
	{ "covid", MATCH_PREFIX, HEALTH },
	{ "epilep", MATCH_PREFIX, HEALTH },
	{ "rheuma", MATCH_PREFIX, HEALTH },
	{ "arthros", MATCH_PREFIX, HEALTH },
	{ "diagnosis", MATCH_WHOLE, HEALTH },
	{ "illness", MATCH_WHOLE, HEALTH },
	{ "disease", MATCH_PREFIX, HEALTH },
	{ "cancer", MATCH_WHOLE, HEALTH },
	{ "surgery", MATCH_WHOLE, HEALTH },
	{ "medication", MATCH_PREFIX, HEALTH },
	{ "pregnan", MATCH_PREFIX, HEALTH },
	{ "disabilit", MATCH_PREFIX, HEALTH },
	{ "fracture", MATCH_PREFIX, HEALTH },
	{ "arzt", MATCH_WHOLE, HEALTH, TRUE },
	{ "aerzt", MATCH_PREFIX, HEALTH, TRUE },
	{ "hausarzt", MATCH_PREFIX, HEALTH, TRUE },
	{ "facharzt", MATCH_PREFIX, HEALTH, TRUE },
	{ "klinik", MATCH_INSIDE, HEALTH, TRUE },
	{ "klinikum", MATCH_INSIDE, HEALTH, TRUE },
	{ "krankenhaus", MATCH_PREFIX, HEALTH, TRUE },
	{ "krank", MATCH_WHOLE, HEALTH, TRUE },
	{ "schmerz", MATCH_INSIDE, HEALTH, TRUE },
	{ "verletz", MATCH_PREFIX, HEALTH, TRUE },
	{ "operation", MATCH_PREFIX, HEALTH, TRUE },
	{ "operier", MATCH_PREFIX, HEALTH, TRUE },
	{ "op", MATCH_WHOLE, HEALTH, TRUE },
	{ "rezept", MATCH_WHOLE, HEALTH, TRUE },
	{ "behandlung", MATCH_PREFIX, HEALTH, TRUE },
	{ "hospital", MATCH_PREFIX, HEALTH, TRUE },
	{ "doctor", MATCH_WHOLE, HEALTH, TRUE },
	{ "injur", MATCH_PREFIX, HEALTH, TRUE },
	{ "pain", MATCH_WHOLE, HEALTH, TRUE },
	{ "treatment", MATCH_WHOLE, HEALTH, TRUE },
	/* Other people's secrets, § 203 StGB. */
	{ "schweigepflicht", MATCH_INSIDE, SECRECY },
	{ "berufsgeheimnis", MATCH_INSIDE, SECRECY },
	{ "privatgeheimnis", MATCH_INSIDE, SECRECY },
	{ "mandant", MATCH_PREFIX, SECRECY },
	{ "mandatsverhaeltnis", MATCH_PREFIX, SECRECY },
	{ "anwaltsgeheimnis", MATCH_PREFIX, SECRECY },
	{ "ermittlungsverfahren", MATCH_PREFIX, SECRECY },
	{ "ermittlungsakte", MATCH_PREFIX, SECRECY },
	{ "strafverfahren", MATCH_PREFIX, SECRECY },
	{ "strafakte", MATCH_PREFIX, SECRECY },
	{ "vorstrafe", MATCH_PREFIX, SECRECY },
	{ "fuehrungszeugnis", MATCH_PREFIX, SECRECY },
	{ "sozialdaten", MATCH_PREFIX, SECRECY },
	{ "jugendamt", MATCH_PREFIX, SECRECY },
	{ "schuldnerberatung", MATCH_PREFIX, SECRECY },
	{ "suchtberatung", MATCH_PREFIX, SECRECY },
	{ "drogenberatung", MATCH_PREFIX, SECRECY },
	{ "eheberatung", MATCH_PREFIX, SECRECY },
};

static const struct {
	const char *phrase; /* folded, blanks between the words */
	SgpContentClass content_class;
} phrases[] = {
	{ "life insurance", PERSON },
	{ "health insurance", PERSON },
	{ "accident insurance", PERSON },
	{ "disability insurance", PERSON },
	{ "income protection", PERSON },
	{ "critical illness", PERSON },
	{ "pension plan", PERSON },
	{ "private rente", PERSON },
	{ "kranken und unfall", PERSON },
	{ "leben und unfall", PERSON },
	{ "medical report", HEALTH },
	{ "medical record", HEALTH },
	{ "medical condition", HEALTH },
	{ "medical history", HEALTH },
	{ "sick note", HEALTH },
	{ "sick leave", HEALTH },
	{ "blood test", HEALTH },
	{ "x ray", HEALTH },
	{ "mental health", HEALTH },
	{ "grad der behinderung", HEALTH },
	{ "health data", HEALTH },
	{ "nicht gesund", HEALTH },
	{ "203 stgb", SECRECY },
	{ "professional secrecy", SECRECY },
	{ "attorney client", SECRECY },
	{ "criminal record", SECRECY },
};

/* One finding or nothing yet per class. */
typedef struct {
	GPtrArray *because;
	gboolean has_health, has_person, has_secrecy;
	char *first_weak; /* (owned) (nullable) */
	gboolean is_cut;  /* a text was too long to be read to its end */
} Findings;

static void found(Findings *self, SgpContentClass content_class, const char *word)
{
	self->has_health = self->has_health || content_class == HEALTH;
	self->has_person = self->has_person || content_class == PERSON;
	self->has_secrecy = self->has_secrecy || content_class == SECRECY;
	if (self->because->len < MAX_BECAUSE &&
		!g_ptr_array_find_with_equal_func(self->because, word, g_str_equal, NULL))
		g_ptr_array_add(self->because, g_strdup(word));
}

/* A doctor alone is no illness; a doctor and a hospital are. */
static void found_weak(Findings *self, const char *word)
{
	if (self->first_weak == NULL) {
		self->first_weak = g_strdup(word);
	} else if (g_ascii_strcasecmp(self->first_weak, word) != 0) {
		found(self, HEALTH, self->first_weak);
		found(self, HEALTH, word);
	}
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
		"versicherter", "herr", "ehefrau", "ehemann", "mutter", "vater", "mitarbeiter",
		"patient", "patientin", "i", "me", "he", "she", "son", "daughter", "wife",
		"husband", NULL };
	return strlen(word) <= 11 && g_strv_contains(words, word);
}

/* Terms by their first letter: this runs over every word while somebody types. */
typedef struct {
	const Term *begins[256][BUCKET]; /* NULL ends; MATCH_PREFIX and MATCH_WHOLE */
	const Term *inside[256][BUCKET];
} Index;

static void add_to(const Term **bucket, const Term *term)
{
	gsize n = 0;
	while (bucket[n] != NULL)
		n++;
	g_return_if_fail(n + 1 < BUCKET);
	bucket[n] = term;
}

static const Index *get_index(void)
{
	static gsize ready = 0;
	static Index index;
	if (g_once_init_enter(&ready)) {
		for (gsize i = 0; i < G_N_ELEMENTS(terms); i++) {
			guchar first = (guchar)terms[i].stem[0];
			add_to(terms[i].match == MATCH_INSIDE ? index.inside[first]
							      : index.begins[first],
				&terms[i]);
		}
		g_once_init_leave(&ready, 1);
	}
	return &index;
}

static gboolean begins_with(const Term *term, const char *word)
{
	gsize length = strlen(term->stem);
	if (strncmp(word, term->stem, length) != 0)
		return FALSE;
	switch (term->match) {
	case MATCH_PREFIX:
	case MATCH_INSIDE:
		return TRUE;
	case MATCH_WHOLE:
		return word[length] == '\0';
	}
	return FALSE;
}

/* The first term of the table that fits: what stands in front goes before. */
static const Term *find_term(const char *word)
{
	const Index *index = get_index();
	const Term *best = NULL;
	const Term *const *bucket = index->begins[(guchar)word[0]];
	for (gsize i = 0; bucket[i] != NULL; i++) {
		if ((best == NULL || bucket[i] < best) && begins_with(bucket[i], word))
			best = bucket[i];
	}
	for (const char *p = word; *p != '\0'; p++) {
		bucket = index->inside[(guchar)*p];
		for (gsize i = 0; bucket[i] != NULL; i++) {
			if ((best == NULL || bucket[i] < best) && begins_with(bucket[i], p))
				best = bucket[i];
		}
	}
	return best;
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

static void scan_phrases(Findings *self, const GPtrArray *folded)
{
	g_autoptr(GString) joined = g_string_new(" ");
	for (guint i = 0; i < folded->len; i++)
		g_string_append_printf(joined, "%s ", (char *)g_ptr_array_index(folded, i));
	for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
		g_autofree char *phrase = g_strdup_printf(" %s", phrases[i].phrase);
		if (strstr(joined->str, phrase) != NULL)
			found(self, phrases[i].content_class, phrases[i].phrase);
	}
}

/* A clause about an animal says nothing of a person, unless a person is in it too. */
static void scan_clause(Findings *self, const char *clause)
{
	g_autoptr(GPtrArray) words = split_words(clause);
	g_autoptr(GPtrArray) folded = g_ptr_array_new_with_free_func(g_free);
	gboolean has_animal = FALSE, has_person = FALSE;
	for (guint i = 0; i < words->len; i++) {
		char *word = fold_word(g_ptr_array_index(words, i));
		g_ptr_array_add(folded, word);
		has_animal = has_animal || starts_with_animal(word);
		has_person = has_person || is_person(word);
	}
	if (has_animal && !has_person)
		return;
	for (guint i = 0; i < words->len; i++) {
		const char *word = g_ptr_array_index(words, i);
		const char *plain = g_ptr_array_index(folded, i);
		const Term *term = starts_with_animal(plain) ? NULL : find_term(plain);
		if (term != NULL && term->is_weak)
			found_weak(self, word);
		else if (term != NULL)
			found(self, term->content_class, word);
		else if (is_health_insurance_number(word))
			found(self, PERSON, word);
	}
	scan_phrases(self, folded);
}

static void scan_sentence(Findings *self, const char *sentence)
{
	if (sgp_own_words_is_own_notice(sentence))
		return;
	scan_codes(self, sentence);
	g_auto(GStrv) clauses = g_strsplit_set(sentence, ",;:()", -1);
	for (guint i = 0; clauses[i] != NULL; i++)
		scan_clause(self, clauses[i]);
}

/* Quote marks out, so that a quoted sentence is whole again. */
static char *unquote(const char *text)
{
	g_autofree char *limited = g_strndup(text, MAX_TEXT);
	g_autofree char *valid = g_utf8_make_valid(limited, -1);
	g_autofree char *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_NFC);
	g_auto(GStrv) lines = g_strsplit(composed, "\n", -1);
	GString *out = g_string_new(NULL);
	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		while (*line == '>' || *line == '|' || *line == ' ')
			line++;
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

static SgpContentClass conclude(Findings *self)
{
	g_free(self->first_weak);
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
	Findings findings = { .because = because };
	scan(&findings, text);
	return conclude(&findings);
}

SgpContentClass sgp_content_scan_mail(const SgpMail *mail, GPtrArray *because)
{
	Findings findings = { .because = because };
	scan_sentence(&findings, mail->subject);
	scan(&findings, mail->text);
	if (mail->html != NULL) {
		g_autofree char *text = sgp_own_words_text_from_html(mail->html, TRUE);
		scan(&findings, text);
	}
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
