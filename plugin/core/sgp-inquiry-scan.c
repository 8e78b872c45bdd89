/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a received mail for the reactive rule: what does its author say about being answered by
 * e-mail? Pure; never decides whether the mail is a basis (sgp-reactive-rule does). Did a person
 * write it, who vouches for it, what is its subject about: in the files beside this one. */
#include "sgp-inquiry-scan.h"

#include <string.h>

#include "sgp-inquiry-scan-private.h"
#include "sgp-opt-out-scan.h"
#include "sgp-own-words.h"
#include "sgp-pattern-private.h"

const char *sgp_opt_out_get_nick(SgpOptOut opt_out)
{
	switch (opt_out) {
	case SGP_OPT_OUT_UNCLEAR:
		return "unclear";
	case SGP_OPT_OUT_NONE:
		return "none";
	case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
		return "asks-for-e-mail";
	case SGP_OPT_OUT_ENCRYPTED_ONLY:
		return "encrypted-only";
	case SGP_OPT_OUT_OPTED_OUT:
		return "opted-out";
	}
	return "unclear";
}

/* --- The opt-out --- */

typedef struct {
	SgpOptOut verdict;
	char *sentence; /* (owned) (nullable) */
} Reading;

static void take(Reading *reading, SgpOptOut verdict, const char *sentence)
{
	SgpOptOut before = reading->verdict;
	reading->verdict = sgp_opt_out_scan_combine(before, verdict);
	/* The sentence shown is the one that counts most: an objection even where it became a
	 * question. */
	gboolean is_stronger = verdict == SGP_OPT_OUT_OPTED_OUT
				       ? before != SGP_OPT_OUT_OPTED_OUT
				       : reading->verdict != before && reading->verdict == verdict;
	if (verdict != SGP_OPT_OUT_NONE && (reading->sentence == NULL || is_stronger)) {
		g_free(reading->sentence);
		reading->sentence = g_strdup(sentence);
	}
}

static void read_sentences(Reading *reading, const GPtrArray *sentences)
{
	guint decided = 0;
	SgpOptOut verdict = sgp_opt_out_scan_sentences(sentences, &decided);
	if (verdict == SGP_OPT_OUT_NONE)
		return;
	const SgpSentence *sentence = g_ptr_array_index(sentences, decided);
	take(reading, verdict, sentence->text);
}

/* "Neue Anfrage über das Kontaktformular": where the mail comes from, not where its answer is to
 * go. */
static gboolean is_form_heading(const char *subject)
{
	return SGP_PATTERN_MATCHES(
		"^\\W*((neue|eine|ihre|new|your) "
		")*\\w*(nachricht|anfrage|mitteilung|kontaktaufnahme|"
		"kontakt|message|inquiry|enquiry|request)\\w* "
		"(über|ueber|von|vom|aus|via|durch|per|"
		"from|through) ((das|dem|der|die|ihre?[mrn]?|unsere?[mrn]?|the|your|our) )*"
		"[\\w.-]*(formular|form|webseite|website|internetseite|homepage|www\\.[\\w.-]+)\\W*"
		"$",
		G_REGEX_CASELESS | G_REGEX_OPTIMIZE, subject);
}

/* The subject is the author's own, unless it came with a reply prefix: then an objection in it may
 * be ours or an older one. */
static void read_subject(Reading *reading, const char *subject)
{
	const char *bare = sgp_inquiry_scan_skip_reply_prefixes(subject);
	gboolean is_own = bare == subject;
	SgpOptOut verdict = sgp_opt_out_scan_sentence(subject);
	if (verdict == SGP_OPT_OUT_UNCLEAR && is_form_heading(bare))
		return;
	if (is_own)
		take(reading, verdict, subject);
	else if (verdict == SGP_OPT_OUT_OPTED_OUT)
		take(reading, SGP_OPT_OUT_UNCLEAR, subject);
}

static SgpOptOut finish(Reading *reading, char **sentence)
{
	if (sentence != NULL)
		*sentence = g_steal_pointer(&reading->sentence);
	g_free(reading->sentence);
	return reading->verdict;
}

/* --- What cannot be read --- */

static gboolean is_blank(const char *text)
{
	return text == NULL || strspn(text, " \t\r\n") == strlen(text);
}

/* Outlook's own wrapping, rich text, a letter as a document: with no other text, these are what the
 * author wrote. A picture may well come without a word. */
static gboolean is_document(const char *type)
{
	static const char *const documents[] = { "application/ms-tnef", "application/vnd.ms-tnef",
		"application/rtf", "application/pdf", "application/msword",
		"application/vnd.oasis.opendocument.text",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document", NULL };
	return type != NULL && ((g_ascii_strncasecmp(type, "text/", 5) == 0 &&
					g_ascii_strncasecmp(type, "text/calendar", 13) != 0) ||
				       g_strv_contains(documents, type));
}

static gboolean has_unread_words(const SgpMail *mail)
{
	if (mail->is_encrypted || mail->is_undecodable ||
		strlen(mail->text) > SGP_OWN_WORDS_MAX_TEXT)
		return TRUE;
	for (guint i = 0;
		is_blank(mail->text) && is_blank(mail->html) && i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		if (is_document(attachment->content_type))
			return TRUE;
	}
	return FALSE;
}

SgpOptOut sgp_inquiry_scan_opt_out(const SgpMail *mail, char **sentence)
{
	Reading reading = { .verdict = SGP_OPT_OUT_NONE };
	if (*mail->subject != '\0')
		read_subject(&reading, mail->subject);
	if (*mail->text != '\0') {
		g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(mail->text);
		read_sentences(&reading, sentences);
	}
	if (mail->html != NULL) {
		g_autoptr(GPtrArray) sentences = sgp_own_words_from_html(mail->html);
		read_sentences(&reading, sentences);
	}
	/* What cannot be read may hold an objection. */
	if (has_unread_words(mail) && reading.verdict != SGP_OPT_OUT_OPTED_OUT)
		reading.verdict = SGP_OPT_OUT_UNCLEAR;
	return finish(&reading, sentence);
}

SgpOptOut sgp_inquiry_scan_opt_out_text(const char *subject, const char *text, char **sentence)
{
	Reading reading = { .verdict = SGP_OPT_OUT_NONE };
	if (subject != NULL && *subject != '\0')
		read_subject(&reading, subject);
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(text);
	read_sentences(&reading, sentences);
	return finish(&reading, sentence);
}
