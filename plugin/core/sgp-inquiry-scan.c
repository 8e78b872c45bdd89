/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a received mail for the reactive rule: did a person write it, who vouches for its author,
 * when was it sent, and what does the author say about being answered by e-mail? Pure; never
 * decides whether the mail is a basis (sgp-reactive-rule does). */
#include "sgp-inquiry-scan.h"

#include <stdlib.h>
#include <string.h>

#include "sgp-mail-date.h"
#include "sgp-opt-out-scan.h"
#include "sgp-own-words.h"

#define MAX_SERVERS 16

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

/* In a footer without a delimiter only an objection or a wish for encryption counts, and an
 * objection only as a question. */
static SgpOptOut read_footer(const char *sentence)
{
	SgpOptOut verdict = sgp_opt_out_scan_sentence(sentence);
	switch (verdict) {
	case SGP_OPT_OUT_OPTED_OUT:
		return SGP_OPT_OUT_UNCLEAR;
	case SGP_OPT_OUT_ENCRYPTED_ONLY:
		return verdict;
	case SGP_OPT_OUT_UNCLEAR:
	case SGP_OPT_OUT_NONE:
	case SGP_OPT_OUT_ASKS_FOR_E_MAIL:
		return SGP_OPT_OUT_NONE;
	}
	return SGP_OPT_OUT_UNCLEAR;
}

static gboolean is_about_a_robot(const char *sentence)
{
	return g_regex_match_simple("automati(sch|c|ed)", sentence, G_REGEX_CASELESS, 0);
}

static void read_text(Reading *reading, const char *text)
{
	gboolean follows_robot = FALSE;
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(text);
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		SgpOptOut verdict = sentence->is_footer ? read_footer(sentence->text)
							: sgp_opt_out_scan_sentence(sentence->text);
		/* "Diese Mail wurde automatisch erstellt. Bitte antworten Sie nicht darauf." */
		if (!follows_robot || verdict != SGP_OPT_OUT_UNCLEAR)
			take(reading, verdict, sentence->text);
		follows_robot = is_about_a_robot(sentence->text);
	}
}

static const char *skip_reply_prefixes(const char *subject)
{
	static GRegex *regex;
	static gsize ready = 0;
	if (g_once_init_enter(&ready)) {
		regex = g_regex_new("^\\s*((re|aw|wg|fw|fwd|antw|antwort|sv|vs|tr|rv|ref|res)(\\["
				    "\\d+\\]|\\(\\d+\\))?\\s*:\\s*|"
				    "\\[(ticket|case|vorgang)?[ "
				    ":#]*\\d+\\]\\s*|\\[(extern|external|ext)\\]\\s*:?\\s*)+",
			G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	g_autoptr(GMatchInfo) match = NULL;
	int end = 0;
	if (g_regex_match(regex, subject, 0, &match) &&
		g_match_info_fetch_pos(match, 0, NULL, &end))
		return subject + end;
	return subject;
}

/* The subject is the author's own, unless it came with a reply prefix: then an objection in it may
 * be ours or an older one. */
static void read_subject(Reading *reading, const char *subject)
{
	gboolean is_own = skip_reply_prefixes(subject) == subject;
	SgpOptOut verdict = sgp_opt_out_scan_sentence(subject);
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

SgpOptOut sgp_inquiry_scan_opt_out(const SgpMail *mail, char **sentence)
{
	Reading reading = { .verdict = SGP_OPT_OUT_NONE };
	if (*mail->subject != '\0')
		read_subject(&reading, mail->subject);
	if (*mail->text != '\0')
		read_text(&reading, mail->text);
	if (mail->html != NULL) {
		g_autofree char *text = sgp_own_words_text_from_html(mail->html, FALSE);
		read_text(&reading, text);
	}
	/* What cannot be read may hold an objection. */
	if ((mail->is_encrypted || mail->is_undecodable) &&
		reading.verdict != SGP_OPT_OUT_OPTED_OUT)
		reading.verdict = SGP_OPT_OUT_UNCLEAR;
	return finish(&reading, sentence);
}

SgpOptOut sgp_inquiry_scan_opt_out_text(const char *subject, const char *text, char **sentence)
{
	Reading reading = { .verdict = SGP_OPT_OUT_NONE };
	if (subject != NULL && *subject != '\0')
		read_subject(&reading, subject);
	read_text(&reading, text);
	return finish(&reading, sentence);
}

/* --- A person's mail --- */

static gboolean header_starts_with(const SgpMail *mail, const char *name, const char *const *values)
{
	const char *value = sgp_mail_get_header(mail, name);
	if (value == NULL)
		return FALSE;
	while (g_ascii_isspace(*value))
		value++;
	for (guint i = 0; values[i] != NULL; i++) {
		if (g_ascii_strncasecmp(value, values[i], strlen(values[i])) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean has_header(const SgpMail *mail, const char *name)
{
	return sgp_mail_get_header(mail, name) != NULL;
}

static gboolean is_auto_submitted(const SgpMail *mail)
{
	const char *value = sgp_mail_get_header(mail, "Auto-Submitted");
	if (value == NULL)
		return FALSE;
	g_autofree char *word = g_strndup(value, strcspn(value, ";("));
	g_strstrip(word);
	return g_ascii_strcasecmp(word, "no") != 0;
}

static gboolean subject_starts_with(const SgpMail *mail, const char *pattern)
{
	return g_regex_match_simple(
		pattern, mail->subject, G_REGEX_CASELESS, G_REGEX_MATCH_ANCHORED);
}

static gboolean is_out_of_office(const SgpMail *mail)
{
	return has_header(mail, "X-Autoreply") || has_header(mail, "X-Autorespond") ||
	       has_header(mail, "X-Autoresponder") ||
	       subject_starts_with(mail,
		       "\\s*(automatische antwort|automatic reply|auto(matic)?[ "
		       "-]?reply|auto(matische)? antwort|autoreply|"
		       "out of (the )?office|abwesenheits|abwesenheit:|abwesend:|ich bin (nicht "
		       "im|außer) |auto:)");
}

/* Accepted, declined: the answer of a calendar. An invitation that a person wrote a text to is not
 * one. */
static gboolean is_calendar_reply(const SgpMail *mail)
{
	const char *type = sgp_mail_get_header(mail, "Content-Type");
	if (g_ascii_strcasecmp(mail->content_type, "text/calendar") == 0)
		return TRUE;
	if (type != NULL && strcasestr(type, "method=reply") != NULL)
		return TRUE;
	gboolean has_calendar = FALSE;
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		has_calendar = has_calendar || (attachment->content_type != NULL &&
						       g_ascii_strncasecmp(attachment->content_type,
							       "text/calendar", 13) == 0);
	}
	return has_calendar &&
	       subject_starts_with(mail,
		       "\\s*(accepted|declined|tentative|angenommen|zugesagt|abgelehnt|abgesagt|"
		       "vorläufig|mit vorbehalt|new time proposed|neue zeit "
		       "vorgeschlagen)[^:]{0,20}:");
}

static gboolean is_system_sender(const SgpAddress *from)
{
	const char *spec = sgp_address_get_addr_spec(from);
	return g_str_has_prefix(spec, "mailer-daemon@") || g_str_has_prefix(spec, "postmaster@");
}

static gboolean is_null_return_path(const SgpMail *mail)
{
	const char *value = sgp_mail_get_header(mail, "Return-Path");
	if (value == NULL)
		return FALSE;
	g_autofree char *path = g_strstrip(g_strdup(value));
	return strcmp(path, "<>") == 0;
}

const char *sgp_inquiry_scan_not_personal(const SgpMail *mail, gboolean is_relay)
{
	static const char *const bulk[] = { "bulk", "list", "junk", NULL };
	if (mail->from->len != 1)
		return "no-single-author";
	if (is_system_sender(g_ptr_array_index(mail->from, 0)))
		return "system-sender";
	if (is_null_return_path(mail))
		return "null-return-path";
	if (g_ascii_strcasecmp(mail->content_type, "multipart/report") == 0)
		return "report";
	if (g_ascii_strcasecmp(mail->content_type, "message/disposition-notification") == 0 ||
		subject_starts_with(mail,
			"\\s*(gelesen|read|lesebest(ä|ae)tigung|ungelesen gel(ö|oe)scht|not read|"
			"return receipt|empfangsbest(ä|ae)tigung)[^:]{0,12}:"))
		return "receipt";
	if (has_header(mail, "List-Id") || has_header(mail, "List-Post") ||
		has_header(mail, "List-Unsubscribe"))
		return "mailing-list";
	if (header_starts_with(mail, "Precedence", bulk))
		return "bulk";
	if (is_out_of_office(mail))
		return "out-of-office";
	if (is_calendar_reply(mail))
		return "calendar";
	/* The last of all: for a relay this one does not count. */
	return !is_relay && is_auto_submitted(mail) ? "auto-submitted" : NULL;
}

/* --- Who vouches for it --- */

/* Comments out (nested, RFC 5322), quotes out. */
static char *strip_comments(const char *value)
{
	GString *out = g_string_new(NULL);
	int depth = 0;
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			p++;
			if (depth == 0)
				g_string_append_c(out, *p);
		} else if (*p == '(') {
			depth++;
		} else if (*p == ')' && depth > 0) {
			depth--;
		} else if (depth == 0 && *p != '"') {
			g_string_append_c(out, *p);
		}
	}
	return g_string_free(out, FALSE);
}

/* The first word of the header is the server's name (RFC 8601, 2.2), maybe with a version after it.
 */
static char *dup_server(const char *header)
{
	g_autofree char *head = g_strndup(header, strcspn(header, ";"));
	g_strstrip(head);
	head[strcspn(head, " \t/")] = '\0';
	return g_ascii_strdown(head, -1);
}

/* "dmarc=fail (p=none) header.from=...": does this part name the method with this result? */
static gboolean has_result(const char *part, const char *method, const char *result)
{
	g_autofree char *pattern =
		g_strdup_printf("^\\s*%s\\s*(/\\s*\\d+\\s*)?=\\s*%s\\b", method, result);
	return g_regex_match_simple(pattern, part, G_REGEX_CASELESS, 0);
}

static gboolean is_aligned(const char *signer, const char *domain)
{
	gsize signer_length = strlen(signer), domain_length = strlen(domain);
	if (strchr(signer, '.') == NULL)
		return FALSE;
	if (signer_length == domain_length)
		return strcmp(signer, domain) == 0;
	const char *longer = signer_length > domain_length ? signer : domain;
	const char *shorter = signer_length > domain_length ? domain : signer;
	gsize offset = strlen(longer) - strlen(shorter);
	return longer[offset - 1] == '.' && strcmp(longer + offset, shorter) == 0;
}

static gboolean is_signed_by(const char *part, const char *domain)
{
	g_autoptr(GRegex) regex =
		g_regex_new("header\\.(d\\s*=\\s*|i\\s*=\\s*[^\\s;@]*@)([A-Za-z0-9._-]+)",
			G_REGEX_CASELESS, 0, NULL);
	g_autoptr(GMatchInfo) match = NULL;
	if (!has_result(part, "dkim", "pass") || !g_regex_match(regex, part, 0, &match))
		return FALSE;
	g_autofree char *raw = g_match_info_fetch(match, 2);
	g_autofree char *signer = g_ascii_strdown(raw, -1);
	return is_aligned(signer, domain);
}

static SgpAuthentication read_results(const char *header, const char *domain)
{
	g_auto(GStrv) parts = g_strsplit(header, ";", -1);
	SgpAuthentication found = SGP_AUTHENTICATION_NONE;
	for (guint i = parts[0] != NULL ? 1 : 0; parts[i] != NULL; i++) {
		if (has_result(parts[i], "dmarc", "fail"))
			return SGP_AUTHENTICATION_FAIL;
		if (has_result(parts[i], "dmarc", "pass") || is_signed_by(parts[i], domain))
			found = SGP_AUTHENTICATION_PASS;
	}
	return found;
}

/* Lines "server result", topmost first; only the topmost of a server: what stands below may have
 * come with the mail, with our server's name in it. */
char *sgp_inquiry_scan_dup_authentications(const SgpMail *mail)
{
	g_autoptr(GString) kept = g_string_new(NULL);
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	if (mail->from->len != 1)
		return g_strdup("");
	const char *domain = sgp_address_get_domain(g_ptr_array_index(mail->from, 0));
	for (guint i = 0; i + 1 < mail->headers->len && g_hash_table_size(seen) < MAX_SERVERS;
		i += 2) {
		if (g_ascii_strcasecmp(
			    g_ptr_array_index(mail->headers, i), "Authentication-Results") != 0)
			continue;
		g_autofree char *header = strip_comments(g_ptr_array_index(mail->headers, i + 1));
		g_autofree char *server = dup_server(header);
		if (g_hash_table_contains(seen, server))
			continue;
		g_string_append_printf(kept, "%s %d\n", server, (int)read_results(header, domain));
		g_hash_table_add(seen, g_steal_pointer(&server));
	}
	return g_strdup(kept->str);
}

SgpAuthentication sgp_inquiry_scan_choose_authentication(
	const char *kept, const char *const *authserv_ids)
{
	g_auto(GStrv) lines = g_strsplit(kept, "\n", -1);
	for (guint i = 0; authserv_ids != NULL && lines[i] != NULL; i++) {
		char *blank = strrchr(lines[i], ' ');
		if (blank == NULL)
			continue;
		*blank = '\0';
		for (guint j = 0; authserv_ids[j] != NULL; j++) {
			if (g_ascii_strcasecmp(lines[i], authserv_ids[j]) == 0)
				return (SgpAuthentication)CLAMP(atoi(blank + 1),
					SGP_AUTHENTICATION_UNKNOWN, SGP_AUTHENTICATION_FAIL);
		}
	}
	return SGP_AUTHENTICATION_UNKNOWN;
}

SgpAuthentication sgp_inquiry_scan_authentication(
	const SgpMail *mail, const char *const *authserv_ids)
{
	g_autofree char *kept = sgp_inquiry_scan_dup_authentications(mail);
	return sgp_inquiry_scan_choose_authentication(kept, authserv_ids);
}

gint64 sgp_inquiry_scan_date(const SgpMail *mail)
{
	const char *received = sgp_mail_get_header(mail, "Received");
	const char *stamp = received != NULL ? strrchr(received, ';') : NULL;
	gint64 arrived = stamp != NULL ? sgp_mail_date_parse(stamp + 1) : 0;
	if (mail->date == 0 || arrived == 0)
		return mail->date != 0 ? mail->date : arrived;
	return MIN(mail->date, arrived);
}

/* --- Subjects --- */

static gboolean says_nothing(const char *word)
{
	static const char *const words[] = { "der", "die", "das", "den", "dem", "des", "ein",
		"eine", "einen", "einer", "und", "oder", "zu", "zum", "zur", "von", "vom", "für",
		"fuer", "mit", "im", "in", "am", "an", "auf", "aus", "bei", "ihr", "ihre", "ihrer",
		"ihrem", "ihren", "mein", "meine", "meiner", "meinem", "meinen", "unser", "unsere",
		"wg", "wegen", "betr", "betreff", "betrifft", "ist", "nr", "the", "a", "an", "of",
		"to", "for", "and", "or", "in", "on", "at", "my", "your", "our", "re", "about",
		"is", "with", "from", "aw", "fwd", "fw", NULL };
	gboolean is_year = strlen(word) == 4 &&
			   (g_str_has_prefix(word, "19") || g_str_has_prefix(word, "20")) &&
			   strspn(word, "0123456789") == 4;
	return is_year || g_utf8_strlen(word, -1) < 2 || g_strv_contains(words, word);
}

GStrv sgp_inquiry_scan_subject_words(const char *subject)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_autofree char *valid = g_utf8_make_valid(subject, -1);
	g_autofree char *folded = g_utf8_casefold(skip_reply_prefixes(valid), -1);
	g_autoptr(GString) word = g_string_new(NULL);
	for (const char *p = folded;; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		gboolean joins = (c == '-' || c == '/' || c == '.') && word->len > 0 &&
				 g_unichar_isalnum(g_utf8_get_char(g_utf8_next_char(p)));
		if (c != 0 && (g_unichar_isalnum(c) || joins)) {
			g_string_append_unichar(word, c);
			continue;
		}
		if (word->len > 0 && !says_nothing(word->str))
			g_ptr_array_add(words, g_strdup(word->str));
		g_string_truncate(word, 0);
		if (c == 0)
			break;
	}
	g_ptr_array_add(words, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&words), FALSE);
}

/* Equal, or of one stem: "Schaden" and "Schadensmeldung". */
static gboolean words_share(const char *one, const char *other)
{
	if (strcmp(one, other) == 0)
		return TRUE;
	gsize n = 0;
	while (one[n] != '\0' && one[n] == other[n])
		n++;
	return n >= 6 && !g_ascii_isdigit(one[0]);
}

gboolean sgp_inquiry_scan_subjects_share(const char *one, const char *other)
{
	g_auto(GStrv) ours = sgp_inquiry_scan_subject_words(one);
	g_auto(GStrv) theirs = sgp_inquiry_scan_subject_words(other);
	/* An emptied subject ("AW:") was not changed to something else: it says nothing, and where
	 * nothing is said nobody is asked (test:
	 * /inquiry-scan/a-subject-changes-when-it-shares-nothing). */
	if (ours[0] == NULL || theirs[0] == NULL)
		return TRUE;
	for (guint i = 0; ours[i] != NULL; i++) {
		for (guint j = 0; theirs[j] != NULL; j++) {
			if (words_share(ours[i], theirs[j]))
				return TRUE;
		}
	}
	return FALSE;
}
