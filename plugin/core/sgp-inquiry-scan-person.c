/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did a person write this mail to us, and when? Knows the signs of robots: replies while somebody
 * is away, receipts, bounces, lists, calendars (RFC 3834, 3798, 3464, 2369). Pure; a sign that
 * people's own mails carry as well is not on the list. */
#include <string.h>

#include "sgp-inquiry-scan.h"
#include "sgp-mail-date.h"
#include "sgp-mime.h"
#include "sgp-own-words.h"
#include "sgp-pattern-private.h"

/* A second field of the same name does not take back what the first said: all are looked at. */
typedef gboolean (*ValueFunc)(const char *value);

static gboolean has_header_that(const SgpMail *mail, const char *name, ValueFunc is_meant)
{
	for (guint i = 0; i + 1 < mail->headers->len; i += 2) {
		if (g_ascii_strcasecmp(g_ptr_array_index(mail->headers, i), name) == 0 &&
			is_meant(g_ptr_array_index(mail->headers, i + 1)))
			return TRUE;
	}
	return FALSE;
}

static gboolean is_anything(const char *value)
{
	return TRUE;
}

static gboolean has_header(const SgpMail *mail, const char *const *names)
{
	for (guint i = 0; names[i] != NULL; i++) {
		if (has_header_that(mail, names[i], is_anything))
			return TRUE;
	}
	return FALSE;
}

#define MATCHES(pattern, text)                                                                     \
	SGP_PATTERN_MATCHES(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, text)

/* --- Headers --- */

static char *dup_first_word(const char *value)
{
	g_autofree char *word = g_strndup(value, strcspn(value, ";("));
	return g_strdup(g_strstrip(word));
}

static gboolean is_not_no(const char *value)
{
	g_autofree char *word = dup_first_word(value);
	return g_ascii_strcasecmp(word, "no") != 0;
}

static gboolean is_bulk(const char *value)
{
	static const char *const words[] = { "bulk", "list", "junk", NULL };
	g_autofree char *word = dup_first_word(value);
	g_autofree char *lower = g_ascii_strdown(word, -1);
	return g_strv_contains(words, lower);
}

static gboolean is_auto_reply(const char *value)
{
	return MATCHES("^\\s*auto[_-]?repl", value);
}

/* "Answer me with no robot of yours": robots say that, and nobody else. */
static gboolean is_robots_wish(const char *value)
{
	return MATCHES("\\b(all|oof|autoreply)\\b", value);
}

/* Some servers write the daemon's name where the null path was. */
static gboolean is_null_path(const char *value)
{
	return MATCHES("^\\s*(<\\s*>|<?mailer-daemon(@[^>\\s]*)?>?)\\s*(\\(.*)?$", value);
}

static gboolean is_answer_method(const char *value)
{
	return MATCHES("\\bmethod\\s*=\\s*\"?(reply|counter|declinecounter|refresh)\\b", value);
}

static gboolean is_system_sender(const SgpAddress *from)
{
	return MATCHES("^(mailer-?daemon|postmaster|microsoftexchange[0-9a-f]{24,})@",
		sgp_address_get_addr_spec(from));
}

/* --- Attachments --- */

static gboolean has_attachment(const SgpMail *mail, const char *type)
{
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		if (attachment->content_type != NULL &&
			g_ascii_strcasecmp(attachment->content_type, type) == 0)
			return TRUE;
	}
	return FALSE;
}

/* The method stands in the part, if the mail has bytes to read. */
static gboolean is_calendar_answer(const SgpMail *mail, guint n)
{
	gboolean is_certain = FALSE;
	g_autofree char *text =
		mail->fd >= 0 ? sgp_mime_dup_attachment_text(mail, n, &is_certain) : NULL;
	return text != NULL &&
	       MATCHES("(^|\\n)METHOD:\\s*(REPLY|COUNTER|DECLINECOUNTER|REFRESH)\\b", text);
}

/* Accepted, declined: the answer of a calendar. An invitation that a person wrote a text to is not
 * one. */
static gboolean is_calendar_reply(const SgpMail *mail)
{
	gboolean has_calendar = FALSE;
	if (g_ascii_strcasecmp(mail->content_type, "text/calendar") == 0 ||
		has_header_that(mail, "Content-Type", is_answer_method))
		return TRUE;
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *attachment = g_ptr_array_index(mail->attachments, i);
		if (attachment->content_type == NULL ||
			g_ascii_strncasecmp(attachment->content_type, "text/calendar", 13) != 0)
			continue;
		has_calendar = TRUE;
		if (is_calendar_answer(mail, i))
			return TRUE;
	}
	return has_calendar &&
	       MATCHES("^\\s*(accepted|declined|tentative|tentatively accepted|angenommen|"
		       "akzeptiert|zugesagt|zusage|abgelehnt|absage|abgesagt|vorläufig|"
		       "vorläufige zusage|mit vorbehalt|new time proposed|neue zeit "
		       "vorgeschlagen)[^:]{0,20}:",
		       mail->subject);
}

/* --- Subjects and words --- */

/* Subjects that robots write and nobody else, and subjects that a customer may write as well:
 * "Auto: neuer Wagen", "Urlaub: gilt die Versicherung dort?", "Gelesen, und eine Frage". The second
 * kind counts only where the text says the same (test:
 * /inquiry-scan/a-subject-alone-makes-no-robot). */

static gboolean is_away_by_subject(const char *subject)
{
	return MATCHES("^\\s*(automatische antwort\\b|automatic reply\\b|"
		       "auto(matic|mated|matisch(e|er)?|matisierte)?[ "
		       "-]?(reply|response|answer|antwort)\\b|"
		       "out of (the )?office(\\s*(:|-|\\(|$)| (auto|reply|message|notification|"
		       "response|until|from|re)\\b)|"
		       "(automatische )?abwesenheits(notiz|nachricht|meldung|assistent|info|mail|"
		       "mitteilung|benachrichtigung|agent)|"
		       "ich bin (nicht im|außer) (büro|haus)|"
		       "auto: .*(nicht im (büro|haus)|out of (the )?office|abwesend|außer haus)|"
		       "réponse automatique|risposta automatica|respuesta automática)",
		subject);
}

static gboolean is_perhaps_away_by_subject(const char *subject)
{
	return MATCHES("^\\s*(out of (the )?office\\b|abwesenheit\\s*(:|vom|bis|$)|"
		       "abwesend\\s*(:|bis|vom|$)|(urlaub|vacation|away|auto)\\s*:)",
		subject);
}

static gboolean is_receipt_by_subject(const char *subject)
{
	return MATCHES("^\\s*(lesebest(ä|ae)tigung|(ungelesen|nicht gelesen)( gel(ö|oe)scht)?|"
		       "not read|return receipt)[^:]{0,20}(:|-)\\s",
		subject);
}

static gboolean is_perhaps_receipt_by_subject(const char *subject)
{
	return MATCHES("^\\s*(gelesen|read|empfangsbest(ä|ae)tigung)[^:]{0,20}(:|-)\\s", subject);
}

static gboolean is_bounce_by_subject(const char *subject)
{
	return MATCHES("^\\s*(undelivered mail|delivery status notification|"
		       "mail delivery (failed|system|failure)|"
		       "delivery (failure|has failed)|failure notice|returned mail:)",
		subject);
}

static gboolean is_perhaps_bounce_by_subject(const char *subject)
{
	return MATCHES("^\\s*(undeliverable|unzustellbar:|nicht zustellbar:)", subject);
}

/* A robot that says what it is. "Ich habe Ihre automatische Antwort" does not say so. */
static gboolean says_it_is_automatic(const char *sentence)
{
	return MATCHES("\\b(dies|das|diese[rs]? (e-?mails?|nachricht|mail|schreiben|antwort))"
		       "( hier)? (ist|wurde|wird) (eine? )?(vom system )?"
		       "(automati\\w+|maschinell) ?(erzeugt|generiert|erstellt|versandt|versendet|"
		       "verschickt|gesendet|erzeugte|generierte|erstellte|versandte|antwort|"
		       "nachricht|e-?mail|mail|mitteilung)|"
		       "\\bthis (is|e-?mail (is|was)|message (is|was)|mail (is|was)) (an? )?"
		       "(automat(ed|ic(ally)?)|auto-?generated)",
		sentence);
}

static gboolean is_away(const char *text)
{
	return MATCHES("\\b(nicht (im|in) (büro|hause?|dienst)|außer haus|abwesend|im urlaub|in "
		       "elternzeit|nicht erreichbar|out of (the )?office|on (vacation|leave)|away "
		       "from)\\b",
		text);
}

static gboolean forwards_nothing(const char *text)
{
	return MATCHES("(e-?mails?|nachrichten?|mails?) (wird|werden) (in dieser zeit |"
		       "währenddessen |automatisch )?(nicht|weder)? ?.{0,30}weitergeleitet|"
		       "\\b(will|is|are) not (be |being )?(forwarded|monitored|read)\\b",
		text);
}

typedef enum {
	SAYS_NOTHING = 0,
	SAYS_AUTOMATIC,
	SAYS_AWAY,
} Saying;

static Saying read_saying(const char *text)
{
	/* Most mails have none of these words, and are not cut into sentences for it. */
	if (!MATCHES("automat|maschinell|auto-?generated|weitergeleitet|forwarded|monitored", text))
		return SAYS_NOTHING;
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(text);
	gboolean has_away = FALSE, has_not_forwarded = FALSE;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		if (says_it_is_automatic(sentence->text))
			return SAYS_AUTOMATIC;
		has_away = has_away || is_away(sentence->text);
		has_not_forwarded = has_not_forwarded || forwards_nothing(sentence->text);
	}
	return has_away && has_not_forwarded ? SAYS_AWAY : SAYS_NOTHING;
}

/* (transfer full) */
static char *dup_text(const SgpMail *mail)
{
	if (*mail->text != '\0' || mail->html == NULL)
		return g_strdup(mail->text);
	return sgp_own_words_text_from_html(mail->html, FALSE);
}

/* In the author's own words, none of which asks anything: robots do not. */
static gboolean tells_of_absence(const char *text)
{
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_text(text);
	gboolean has_away = FALSE;
	for (guint i = 0; i < sentences->len; i++) {
		const SgpSentence *sentence = g_ptr_array_index(sentences, i);
		if (strchr(sentence->text, '?') != NULL)
			return FALSE;
		has_away = has_away || is_away(sentence->text);
	}
	return has_away;
}

static gboolean tells_of_reading(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0' ||
	       MATCHES("\\b(nachricht|e-?mail|mail|message)\\b.{0,200}?\\b(gelesen|angezeigt|gel(ö|"
		       "oe)scht|"
		       "erhalten|zugestellt|was (read|displayed|deleted|received))",
		       text);
}

static gboolean tells_of_delivery(const char *text)
{
	return MATCHES("\\b(smtp|empf(ä|ae)nger|recipients?|nachrichtenzustellung|delivery|"
		       "[45]\\.\\d{1,2}\\.\\d{1,3})\\b",
		text);
}

/* --- All together --- */

static const char *find_report(const SgpMail *mail, const char *text)
{
	static const char *const bounced[] = { "X-Failed-Recipients", NULL };
	if (g_ascii_strcasecmp(mail->content_type, "multipart/report") == 0)
		return "report";
	if (has_attachment(mail, "message/delivery-status") || has_header(mail, bounced) ||
		is_bounce_by_subject(mail->subject) ||
		(is_perhaps_bounce_by_subject(mail->subject) && tells_of_delivery(text)))
		return "bounce";
	if (g_ascii_strcasecmp(mail->content_type, "message/disposition-notification") == 0 ||
		has_attachment(mail, "message/disposition-notification") ||
		is_receipt_by_subject(mail->subject) ||
		(is_perhaps_receipt_by_subject(mail->subject) && tells_of_reading(text)))
		return "receipt";
	return NULL;
}

static gboolean is_out_of_office(const SgpMail *mail, const char *text)
{
	static const char *const names[] = { "X-Autoreply", "X-Auto-Reply", "X-Autoreply-From",
		"X-Autoreply-Domain", "X-Mail-Autoreply", "X-Autorespond", "X-Autoresponder",
		"X-Vacation", NULL };
	return has_header(mail, names) || has_header_that(mail, "Precedence", is_auto_reply) ||
	       has_header_that(mail, "X-Precedence", is_auto_reply) ||
	       is_away_by_subject(mail->subject) ||
	       (is_perhaps_away_by_subject(mail->subject) && tells_of_absence(text));
}

const char *sgp_inquiry_scan_not_personal(const SgpMail *mail, gboolean is_relay)
{
	static const char *const lists[] = { "List-Id", "List-Post", "List-Unsubscribe",
		"List-Unsubscribe-Post", "Mailing-List", "X-Mailing-List", NULL };
	if (mail->from->len != 1)
		return "no-single-author";
	if (is_system_sender(g_ptr_array_index(mail->from, 0)))
		return "system-sender";
	if (has_header_that(mail, "Return-Path", is_null_path))
		return "null-return-path";
	g_autofree char *text = dup_text(mail);
	const char *report = find_report(mail, text);
	if (report != NULL)
		return report;
	if (has_header(mail, lists))
		return "mailing-list";
	if (has_header_that(mail, "Precedence", is_bulk))
		return "bulk";
	if (is_out_of_office(mail, text))
		return "out-of-office";
	if (is_calendar_reply(mail))
		return "calendar";
	Saying saying = read_saying(text);
	if (saying == SAYS_AWAY)
		return "out-of-office";
	/* The last of all: for a relay this one does not count, and web forms say so of themselves.
	 */
	gboolean is_automatic = saying == SAYS_AUTOMATIC ||
				has_header_that(mail, "Auto-Submitted", is_not_no) ||
				has_header_that(mail, "X-Auto-Response-Suppress", is_robots_wish);
	return !is_relay && is_automatic ? "auto-submitted" : NULL;
}

/* The date stands behind the last semicolon that is in no comment: those hold the sender's words.
 */
static gint64 read_arrival(const char *received)
{
	const char *stamp = NULL;
	int depth = 0;
	for (const char *p = received; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth > 0)
			depth--;
		else if (*p == ';' && depth == 0)
			stamp = p + 1;
	}
	return stamp != NULL ? sgp_mail_date_parse(stamp) : 0;
}

gint64 sgp_inquiry_scan_date(const SgpMail *mail)
{
	const char *received = sgp_mail_get_header(mail, "Received");
	gint64 arrived = received != NULL ? read_arrival(received) : 0;
	if (mail->date == 0 || arrived == 0)
		return mail->date != 0 ? mail->date : arrived;
	return MIN(mail->date, arrived);
}
