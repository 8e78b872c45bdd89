/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and phrases that tell what a mail is about. Owns the lists and how a word is found in them;
 * whether a finding counts is for sgp-content-scan.c. */
#include "sgp-content-terms-private.h"

#include <string.h>

#define BUCKET 24 /* more terms than this begin with no letter */

typedef enum {
	MATCH_PREFIX = 0, /* the word begins with it */
	MATCH_INSIDE,     /* anywhere in a compound */
	MATCH_WHOLE,
} Match;

typedef struct {
	const char *stem; /* folded: ae, oe, ue, ss; no hyphens */
	Match match;
	SgpContentClass content_class;
	SgpContentTermWeight weight;
} Term;

#define HEALTH  SGP_CONTENT_CLASS_HEALTH
#define PERSON  SGP_CONTENT_CLASS_PERSONAL_INSURANCE
#define SECRECY SGP_CONTENT_CLASS_SECRECY_203

#define WEAK      SGP_CONTENT_TERM_WEAK
#define AMBIGUOUS SGP_CONTENT_TERM_AMBIGUOUS

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
	{ "diagnos", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "befund", MATCH_PREFIX, HEALTH },
	{ "arztbericht", MATCH_INSIDE, HEALTH },
	{ "arztbrief", MATCH_INSIDE, HEALTH },
	{ "arztrechnung", MATCH_INSIDE, HEALTH },
	{ "arztzeugnis", MATCH_INSIDE, HEALTH },
	{ "attest", MATCH_INSIDE, HEALTH, AMBIGUOUS },
	{ "entlassungsbericht", MATCH_INSIDE, HEALTH },
	{ "entlassbrief", MATCH_INSIDE, HEALTH },
	{ "krankenhausbericht", MATCH_INSIDE, HEALTH },
	{ "krankenakte", MATCH_INSIDE, HEALTH },
	{ "patientenakte", MATCH_INSIDE, HEALTH },
	{ "patient", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "krankengeschichte", MATCH_PREFIX, HEALTH },
	{ "krankheit", MATCH_INSIDE, HEALTH, AMBIGUOUS },
	{ "erkrank", MATCH_INSIDE, HEALTH },
	{ "krankgeschrieben", MATCH_PREFIX, HEALTH },
	{ "krankschreib", MATCH_PREFIX, HEALTH },
	{ "krankmeldung", MATCH_PREFIX, HEALTH },
	{ "arbeitsunfaehig", MATCH_PREFIX, HEALTH },
	{ "aubescheinigung", MATCH_PREFIX, HEALTH },
	{ "therap", MATCH_INSIDE, HEALTH, AMBIGUOUS },
	{ "depress", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "burnout", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "psychiatr", MATCH_PREFIX, HEALTH },
	{ "psychisch", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "krebs", MATCH_WHOLE, HEALTH, AMBIGUOUS },
	{ "brustkrebs", MATCH_PREFIX, HEALTH },
	{ "krebskrank", MATCH_PREFIX, HEALTH },
	{ "krebsvorsorge", MATCH_PREFIX, HEALTH },
	{ "tumor", MATCH_INSIDE, HEALTH, AMBIGUOUS },
	{ "karzinom", MATCH_INSIDE, HEALTH },
	{ "onkolog", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "metasta", MATCH_PREFIX, HEALTH },
	{ "blutwert", MATCH_PREFIX, HEALTH },
	{ "laborwert", MATCH_PREFIX, HEALTH },
	{ "blutbild", MATCH_PREFIX, HEALTH },
	{ "mrt", MATCH_WHOLE, HEALTH, AMBIGUOUS },
	{ "roentgen", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "hiv", MATCH_WHOLE, HEALTH },
	{ "hivtest", MATCH_PREFIX, HEALTH },
	{ "aids", MATCH_WHOLE, HEALTH },
	{ "diabet", MATCH_PREFIX, HEALTH },
	{ "bluthochdruck", MATCH_PREFIX, HEALTH },
	{ "schwanger", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "fehlgeburt", MATCH_PREFIX, HEALTH },
	{ "schwerbehindert", MATCH_PREFIX, HEALTH },
	{ "schwerbehinderung", MATCH_PREFIX, HEALTH },
	{ "behinderungsgrad", MATCH_PREFIX, HEALTH },
	{ "pflegegrad", MATCH_PREFIX, HEALTH },
	{ "pflegestufe", MATCH_PREFIX, HEALTH },
	{ "pflegebeduerft", MATCH_PREFIX, HEALTH },
	{ "medikament", MATCH_PREFIX, HEALTH },
	{ "impfung", MATCH_INSIDE, HEALTH, AMBIGUOUS },
	{ "allerg", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "asthma", MATCH_PREFIX, HEALTH },
	{ "herzinfarkt", MATCH_PREFIX, HEALTH },
	{ "schlaganfall", MATCH_PREFIX, HEALTH },
	{ "bandscheib", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "fraktur", MATCH_INSIDE, HEALTH, AMBIGUOUS },
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
	{ "rheuma", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "arthros", MATCH_PREFIX, HEALTH },
	{ "diagnosis", MATCH_WHOLE, HEALTH, AMBIGUOUS },
	{ "illness", MATCH_WHOLE, HEALTH },
	{ "disease", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "cancer", MATCH_WHOLE, HEALTH, AMBIGUOUS },
	{ "surgery", MATCH_WHOLE, HEALTH, AMBIGUOUS },
	{ "medication", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "pregnan", MATCH_PREFIX, HEALTH },
	{ "disabilit", MATCH_PREFIX, HEALTH },
	{ "fracture", MATCH_PREFIX, HEALTH, AMBIGUOUS },
	{ "arzt", MATCH_WHOLE, HEALTH, WEAK },
	{ "aerzt", MATCH_PREFIX, HEALTH, WEAK },
	{ "hausarzt", MATCH_PREFIX, HEALTH, WEAK },
	{ "facharzt", MATCH_PREFIX, HEALTH, WEAK },
	{ "klinik", MATCH_INSIDE, HEALTH, WEAK },
	{ "klinikum", MATCH_INSIDE, HEALTH, WEAK },
	{ "krankenhaus", MATCH_PREFIX, HEALTH, WEAK },
	{ "krank", MATCH_WHOLE, HEALTH, WEAK },
	{ "schmerz", MATCH_INSIDE, HEALTH, WEAK },
	{ "verletz", MATCH_PREFIX, HEALTH, WEAK },
	{ "operation", MATCH_PREFIX, HEALTH, WEAK },
	{ "operier", MATCH_PREFIX, HEALTH, WEAK },
	{ "op", MATCH_WHOLE, HEALTH, WEAK },
	{ "rezept", MATCH_WHOLE, HEALTH, WEAK },
	{ "behandlung", MATCH_PREFIX, HEALTH, WEAK },
	{ "hospital", MATCH_PREFIX, HEALTH, WEAK },
	{ "doctor", MATCH_WHOLE, HEALTH, WEAK },
	{ "injur", MATCH_PREFIX, HEALTH, WEAK },
	{ "pain", MATCH_WHOLE, HEALTH, WEAK },
	{ "treatment", MATCH_WHOLE, HEALTH, WEAK },
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

const char *sgp_content_terms_find(
	const char *word, SgpContentClass *content_class, SgpContentTermWeight *weight)
{
	const Term *term = find_term(word);
	if (term == NULL)
		return NULL;
	*content_class = term->content_class;
	*weight = term->weight;
	return term->stem;
}

void sgp_content_terms_foreach_phrase(
	const char *words, SgpContentPhraseFunc func, gpointer user_data)
{
	for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
		const char *at = words;
		gsize length = strlen(phrases[i].phrase);
		while ((at = strstr(at, phrases[i].phrase)) != NULL) {
			if ((at == words || at[-1] == ' ')) {
				func(phrases[i].phrase, phrases[i].content_class, user_data);
				break;
			}
			at += length;
		}
	}
}
