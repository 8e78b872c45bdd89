/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole mails: whose words they are, who wrote them, who vouches for them. */
#include <glib.h>

#include "sgp-inquiry-scan.h"
#include "sgp-mail-date.h"
#include "sgp-own-words.h"

#define NOTICE                                                                                      \
	"Sollten Sie bei einer Anfrage per E-Mail keine Rückantwort auf diesem Weg wünschen, so " \
	"weisen Sie uns bitte in Ihrer E-Mail kurz darauf hin."

static void assert_reading(SgpOptOut expected, const char *text)
{
	g_autofree char *sentence = NULL;
	SgpOptOut found = sgp_inquiry_scan_opt_out_text(NULL, text, &sentence);
	if (found != expected)
		g_test_message("found %s (%s) in: %s", sgp_opt_out_get_nick(found), sentence, text);
	g_assert_cmpint(found, ==, expected);
}

static void test_quotes(void)
{
	assert_reading(SGP_OPT_OUT_NONE, "Danke!\n\n> Bitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke!\n\nAm 12.11.2026 um 10:00 schrieb Max Muster <max@office.example>:\n"
		"Bitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke!\n\nAm Do., 12. Nov. 2026 um 10:00 Uhr schrieb Max Muster\n"
		"<max@office.example>:\n\n> Bitte nicht per E-Mail antworten.\n> Gruß\n");
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke!\n\nOn Thu, Nov 12, 2026 at 10:00 AM Max <max@office.example> wrote:\n"
		"> Please do not reply by e-mail.\n");
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke!\n\nVon: Max Muster <max@office.example>\nGesendet: Donnerstag, 12. "
		"November\n"
		"An: Erika\nBetreff: Ihr Schaden\n\nBitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_NONE, "Siehe unten.\n\n-----Ursprüngliche Nachricht-----\nBitte "
					 "nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_NONE, "Zur Info\n\n---------- Forwarded message "
					 "---------\nPlease do not reply by e-mail.\n");
}

static void test_below_a_quote(void)
{
	assert_reading(SGP_OPT_OUT_OPTED_OUT,
		"Am 12.11.2026 schrieb Max Muster:\n> Wie sollen wir antworten?\n\n"
		"Bitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT,
		"> Wie geht es weiter?\nRufen Sie mich lieber an, keine Mail.\n> Gruß\n");
}

static void test_signature(void)
{
	assert_reading(SGP_OPT_OUT_NONE, "Danke.\n-- \nBitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_UNCLEAR,
		"Wann kommt das Geld?\n\nMit freundlichen Grüßen\nErika Muster\n\n"
		"Bitte keine E-Mails an diese Abteilung senden.\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT, "Wann kommt das Geld?\n\nViele Grüße\nErika\n\nPS: "
					      "Bitte nicht per E-Mail antworten.\n");
	assert_reading(SGP_OPT_OUT_NONE, "Danke.\nGesendet von meinem iPhone\n");
	/* Nobody wrote a device line himself, but perhaps what stands below it. */
	assert_reading(
		SGP_OPT_OUT_UNCLEAR, "Danke.\nGesendet von meinem iPhone\nBitte keine Mails\n");
}

static void test_own_notice(void)
{
	assert_reading(SGP_OPT_OUT_NONE, "Danke!\n\n" NOTICE "\n");
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke!\n\nWenn Sie zusätzlich Unterstützung benötigen und weiterhin technische "
		"Fragen zu dem neuen E-Mail Verfahren haben, können Sie sich jederzeit per E-Mail "
		"an unseren Support wenden.\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT,
		"Sie schreiben: " NOTICE " Ich wünsche keine Rückantwort auf diesem Weg.\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT,
		"Bitte beachten Sie, dass wir keine Rückantwort auf diesem Weg wünschen.\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT, "Eine E-Mail ist wie eine Postkarte. Bitte antworten "
					      "Sie daher nicht per E-Mail.\n");
}

static void test_legal_footer(void)
{
	assert_reading(SGP_OPT_OUT_NONE,
		"Danke.\n\nIf you are not the intended recipient, do not reply to this e-mail.\n");
	assert_reading(SGP_OPT_OUT_NONE, "Danke.\n\nWenn Sie nicht der richtige Adressat sind, "
					 "benachrichtigen Sie uns bitte per "
					 "E-Mail und verwenden Sie diese E-Mail nicht.\n");
}

static void test_wrapped_lines(void)
{
	assert_reading(SGP_OPT_OUT_OPTED_OUT,
		"Sehr geehrte Damen und Herren,\n\nwas ist mit meinem Schaden? Bitte antworten\n"
		"Sie mir auf keinen Fall per\nE-Mail, sondern rufen Sie mich an.\n\nGruß\nErika\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT, "Hallo,\r\nbitte ni\xc2\xad"
					      "cht per E-Mail antworten.\r\n");
	assert_reading(SGP_OPT_OUT_OPTED_OUT, "bitte\xc2\xa0nicht per E\xe2\x80\x91Mail antworten");
}

static void test_both_said(void)
{
	assert_reading(SGP_OPT_OUT_UNCLEAR,
		"Bitte nicht per E-Mail antworten. Alternativ gerne per E-Mail.\n");
	assert_reading(SGP_OPT_OUT_ENCRYPTED_ONLY,
		"Bitte antworten Sie per E-Mail. Aber bitte nur verschlüsselt.\n");
}

static void test_sentence_is_shown(void)
{
	g_autofree char *sentence = NULL;
	g_assert_cmpint(
		sgp_inquiry_scan_opt_out_text(NULL,
			"Guten Tag. Wo ist mein Geld? Bitte nicht per E-Mail antworten! Danke.",
			&sentence),
		==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpstr(sentence, ==, "Bitte nicht per E-Mail antworten!");
}

static void test_subject(void)
{
	g_assert_cmpint(sgp_inquiry_scan_opt_out_text(
				"Schaden, bitte keine Antwort per E-Mail", "Siehe Betreff.", NULL),
		==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpint(sgp_inquiry_scan_opt_out_text("AW: Schaden, bitte keine Antwort per E-Mail",
				"Siehe Betreff.", NULL),
		==, SGP_OPT_OUT_UNCLEAR);
}

static SgpMail *new_mail(const char *from, ...)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_unref(mail->from);
	mail->from = sgp_address_parse_list(from, NULL);
	va_list args;
	va_start(args, from);
	for (const char *text = va_arg(args, const char *); text != NULL;
		text = va_arg(args, const char *))
		g_ptr_array_add(mail->headers, g_strdup(text));
	va_end(args);
	return mail;
}

static void set_html(SgpMail *mail, const char *html)
{
	mail->html = g_strdup(html);
}

static void test_html(void)
{
	g_autoptr(SgpMail) quoted = new_mail("erika@kunde.example", NULL);
	set_html(quoted, "<p>Danke!</p><div class=\"gmail_quote\"><div class=gmail_attr>Am 12. "
			 "schrieb Max:</div>"
			 "<blockquote><p>Bitte nicht per E-Mail antworten.</p></blockquote></div>");
	g_assert_cmpint(sgp_inquiry_scan_opt_out(quoted, NULL), ==, SGP_OPT_OUT_NONE);
	g_autoptr(SgpMail) outlook = new_mail("erika@kunde.example", NULL);
	set_html(outlook, "<body>Danke<div id=\"appendonsend\"></div><hr>Bitte nicht per E-Mail "
			  "antworten.</body>");
	g_assert_cmpint(sgp_inquiry_scan_opt_out(outlook, NULL), ==, SGP_OPT_OUT_NONE);
	g_autoptr(SgpMail) own = new_mail("erika@kunde.example", NULL);
	set_html(own, "<html><head><style>p { color: red }</style></head><body><p>Guten "
		      "Tag,<br>bitte <b>nicht</b>"
		      " per E&#8209;Mail antworten.</p><blockquote>alt</blockquote></body></html>");
	g_assert_cmpint(sgp_inquiry_scan_opt_out(own, NULL), ==, SGP_OPT_OUT_OPTED_OUT);
	g_autoptr(SgpMail) broken = new_mail("erika@kunde.example", NULL);
	set_html(broken, "<p>Bitte keine E-Mails<p><blockquote><a href='>'>x</blockquote <b");
	g_assert_cmpint(sgp_inquiry_scan_opt_out(broken, NULL), ==, SGP_OPT_OUT_OPTED_OUT);
}

static void test_unreadable(void)
{
	g_autoptr(SgpMail) encrypted = new_mail("erika@kunde.example", NULL);
	encrypted->is_encrypted = TRUE;
	g_assert_cmpint(sgp_inquiry_scan_opt_out(encrypted, NULL), ==, SGP_OPT_OUT_UNCLEAR);
	g_autoptr(SgpMail) broken = new_mail("erika@kunde.example", NULL);
	broken->is_undecodable = TRUE;
	g_assert_cmpint(sgp_inquiry_scan_opt_out(broken, NULL), ==, SGP_OPT_OUT_UNCLEAR);
}

static void assert_not_personal(SgpMail *taken, const char *expected)
{
	g_autoptr(SgpMail) mail = taken;
	g_assert_cmpstr(sgp_inquiry_scan_not_personal(mail, FALSE), ==, expected);
}

static void test_personal(void)
{
	const char *erika = "Erika <erika@kunde.example>";
	assert_not_personal(new_mail(erika, NULL), NULL);
	assert_not_personal(new_mail(erika, "Auto-Submitted", "no", NULL), NULL);
	assert_not_personal(new_mail(erika, "Auto-Submitted", " No (really); x=y", NULL), NULL);
	assert_not_personal(new_mail(erika, "Auto-Submitted", "auto-replied (vacation)", NULL),
		"auto-submitted");
	assert_not_personal(new_mail(erika, "List-Id", "<l.kunde.example>", NULL), "mailing-list");
	assert_not_personal(
		new_mail(erika, "list-unsubscribe", "<mailto:x>", NULL), "mailing-list");
	assert_not_personal(new_mail(erika, "List-Post", "<mailto:x>", NULL), "mailing-list");
	assert_not_personal(new_mail(erika, "Precedence", "BULK", NULL), "bulk");
	assert_not_personal(new_mail(erika, "Precedence", "first-class", NULL), NULL);
	assert_not_personal(new_mail(erika, "Return-Path", "<>", NULL), "null-return-path");
	assert_not_personal(new_mail(erika, "Return-Path", "<erika@kunde.example>", NULL), NULL);
	assert_not_personal(new_mail("MAILER-DAEMON@kunde.example", NULL), "system-sender");
	assert_not_personal(new_mail("Postmaster@kunde.example", NULL), "system-sender");
	assert_not_personal(new_mail("a@kunde.example, b@kunde.example", NULL), "no-single-author");
	assert_not_personal(new_mail("", NULL), "no-single-author");
	SgpMail *report = new_mail(erika, NULL);
	g_free(report->content_type);
	report->content_type = g_strdup("multipart/report");
	assert_not_personal(report, "report");
	SgpMail *calendar = new_mail(erika, "Content-Type", "text/calendar; method=REPLY", NULL);
	assert_not_personal(calendar, "calendar");
	SgpMail *away = new_mail(erika, NULL);
	g_free(away->subject);
	away->subject = g_strdup("Automatische Antwort: Ihr Schaden");
	assert_not_personal(away, "out-of-office");
	SgpMail *receipt = new_mail(erika, NULL);
	g_free(receipt->subject);
	receipt->subject = g_strdup("Gelesen: Ihr Schaden");
	assert_not_personal(receipt, "receipt");
	g_autoptr(SgpMail) relay = new_mail(erika, "Auto-Submitted", "auto-generated", NULL);
	g_assert_null(sgp_inquiry_scan_not_personal(relay, TRUE));
}

/* Not personal because of expected: a mail with this subject and this text. */
static void assert_robot(const char *expected, const char *subject, const char *text)
{
	SgpMail *mail = new_mail("Erika <erika@kunde.example>", NULL);
	g_free(mail->subject);
	g_free(mail->text);
	mail->subject = g_strdup(subject);
	mail->text = g_strdup(text);
	g_test_message("%s: %s", subject, text);
	assert_not_personal(mail, expected);
}

static void test_subject_of_robots(void)
{
	static const char *const customers[] = { "Auto: neuer Wagen",
		"Urlaub: gilt meine Versicherung dort?", "Abwesenheit: Hausrat", "Read: my policy",
		"Gelesen - und eine Frage", "Empfangsbestätigung: bitte um Zusendung",
		"Away: travel insurance", "Out of office building: liability",
		"Nicht zustellbar: Ihre Post kam zurück", "Unzustellbar: mein Paket" };
	for (guint i = 0; i < G_N_ELEMENTS(customers); i++)
		assert_robot(NULL, customers[i], "Guten Tag,\n\nwas kostet das?\n");
	assert_robot(NULL, "Urlaub: Reise", "Ich bin im Urlaub. Gilt die Police dort?\n");
	assert_robot("out-of-office", "Urlaub: Re: Angebot", "Ich bin bis 3.12. im Urlaub.\n");
	assert_robot("out-of-office", "Abwesend: Ihr Angebot", "Ich bin abwesend.\n");
	assert_robot("out-of-office", "AUTO: Erika Muster ist nicht im Büro (Rückkehr 3.12.)",
		"Ich kehre zurück am 3.12.\n");
	assert_robot("out-of-office", "Out of Office: Your offer", "Back soon.\n");
	assert_robot("out-of-office", "Automatische Abwesenheitsnotiz", "Bis bald.\n");
	assert_robot("receipt", "Gelesen: Angebot", "Ihre Nachricht wurde am 20.11. gelesen.\n");
	assert_robot("receipt", "Read: Your offer", "Your message was read on Friday.\n");
	assert_robot("receipt", "Nicht gelesen: Angebot", "Ihre Nachricht wurde gelöscht.\n");
	assert_robot("bounce", "Unzustellbar: Angebot",
		"Die Nachricht hat folgende Empfänger nicht erreicht: ...\n");
	assert_robot("bounce", "Undeliverable: Offer", "#550 5.1.1 user unknown\n");
}

static const char *const trusted[] = { "mx.office.example", NULL };

static void assert_authentication(SgpMail *taken, SgpAuthentication expected)
{
	g_autoptr(SgpMail) mail = taken;
	g_assert_cmpint(sgp_inquiry_scan_authentication(mail, trusted), ==, expected);
}

#define AR "Authentication-Results"

static void test_authentication(void)
{
	const char *erika = "erika@kunde.example";
	assert_authentication(new_mail(erika, NULL), SGP_AUTHENTICATION_UNKNOWN);
	assert_authentication(new_mail(erika, AR, "mx.office.example; dmarc=fail (p=none)", NULL),
		SGP_AUTHENTICATION_FAIL);
	assert_authentication(new_mail(erika, AR,
				      "MX.office.example 1; spf=pass; dmarc = pass "
				      "header.from=kunde.example",
				      NULL),
		SGP_AUTHENTICATION_PASS);
	assert_authentication(
		new_mail(erika, AR, "mx.office.example; dkim=pass header.d=kunde.example", NULL),
		SGP_AUTHENTICATION_PASS);
	assert_authentication(
		new_mail(erika, AR, "mx.office.example; dkim=pass header.i=@mail.kunde.example",
			NULL),
		SGP_AUTHENTICATION_PASS);
	assert_authentication(
		new_mail(
			erika, AR, "mx.office.example; dkim=pass header.d=evilkunde.example", NULL),
		SGP_AUTHENTICATION_NONE);
	assert_authentication(
		new_mail(erika, AR, "mx.office.example; dkim=pass header.d=example", NULL),
		SGP_AUTHENTICATION_NONE);
	assert_authentication(
		new_mail(
			erika, AR, "mx.office.example; spf=pass smtp.mailfrom=kunde.example", NULL),
		SGP_AUTHENTICATION_NONE);
	/* A pass in a comment, and results of strangers. */
	assert_authentication(
		new_mail(erika, AR, "mx.office.example; none (dmarc=pass; dmarc=pass)", NULL),
		SGP_AUTHENTICATION_NONE);
	assert_authentication(new_mail(erika, AR, "mx.evil.example; dmarc=pass", NULL),
		SGP_AUTHENTICATION_UNKNOWN);
	assert_authentication(
		new_mail(erika, AR, "mx.office.example.evil.example; dmarc=pass", NULL),
		SGP_AUTHENTICATION_UNKNOWN);
}

static char *dup_many_parts(const char *first, guint n, const char *last)
{
	g_autoptr(GString) header = g_string_new("mx.office.example; ");
	g_string_append(header, first);
	for (guint i = 0; i < n; i++)
		g_string_append(header, "; spf=pass");
	g_string_append(header, last);
	return g_strdup(header->str);
}

static void test_too_many_parts(void)
{
	const char *erika = "erika@kunde.example";
	g_autofree char *many = dup_many_parts("dmarc=pass", 100, "");
	g_autofree char *too_many = dup_many_parts("dmarc=pass", 300, "");
	g_autofree char *failed = dup_many_parts("dmarc=pass", 300, "; dmarc=fail");
	assert_authentication(new_mail(erika, AR, many, NULL), SGP_AUTHENTICATION_PASS);
	assert_authentication(new_mail(erika, AR, too_many, NULL), SGP_AUTHENTICATION_NONE);
	assert_authentication(new_mail(erika, AR, failed, NULL), SGP_AUTHENTICATION_FAIL);
	/* Nor does a later one that came with the mail. */
	assert_authentication(
		new_mail(erika, AR, too_many, AR, many, NULL), SGP_AUTHENTICATION_NONE);
}

static void test_unreadable_author(void)
{
	assert_authentication(
		new_mail("erika@kunde.example", AR,
			"mx.office.example; dmarc=pass header.from=evil.example!", NULL),
		SGP_AUTHENTICATION_NONE);
}

static void test_topmost(void)
{
	assert_authentication(new_mail("erika@kunde.example", AR, "mx.office.example; dmarc=fail",
				      AR, "mx.office.example; dmarc=pass", NULL),
		SGP_AUTHENTICATION_FAIL);
	assert_authentication(new_mail("erika@kunde.example", AR, "mx.other.example; dmarc=pass",
				      AR, "mx.office.example; dmarc=fail", NULL),
		SGP_AUTHENTICATION_FAIL);
}

static void test_date(void)
{
	g_assert_cmpint(
		sgp_mail_date_parse(" Tue, 24 Nov 2026 08:13:00 +0100 (CET)"), ==, 1795504380);
	g_assert_cmpint(sgp_mail_date_parse("24 Nov 2026 07:13 GMT"), ==, 1795504380);
	g_assert_cmpint(sgp_mail_date_parse("Tue 24 Nov 2026 07:13:00 GMT"), ==, 1795504380);
	g_assert_cmpint(sgp_mail_date_parse("Tue, 24 Nov 26 07:13:00 UT"), ==, 1795504380);
	g_assert_cmpint(sgp_mail_date_parse("yesterday"), ==, 0);
	g_assert_cmpint(sgp_mail_date_parse("31 Feb 2026 07:13:00 GMT"), ==, 0);
	g_autoptr(SgpMail) mail = new_mail("erika@kunde.example", "Received",
		"from a by b; Mon, 1 Jan 2024 00:00:00 +0000", "Received",
		"from x by a; Sat, 1 Jan 2000 00:00:00 +0000", NULL);
	g_assert_cmpint(sgp_inquiry_scan_date(mail), ==, 1704067200);
	mail->date = 1795504380; /* a Date in the future does not make it young */
	g_assert_cmpint(sgp_inquiry_scan_date(mail), ==, 1704067200);
	mail->date = 1600000000;
	g_assert_cmpint(sgp_inquiry_scan_date(mail), ==, 1600000000);
}

static void test_subjects(void)
{
	g_assert_true(
		sgp_inquiry_scan_subjects_share("AW: Re: Schaden am Auto", "Schaden am Auto"));
	g_assert_true(sgp_inquiry_scan_subjects_share("Ihre Schadensmeldung", "Schadensfall"));
	g_assert_true(sgp_inquiry_scan_subjects_share("Re: [Ticket 17] Hagel", "AW: Hagel"));
	g_assert_true(
		sgp_inquiry_scan_subjects_share("AW: SV-2026-00417", "Frage zu SV-2026-00417"));
	g_assert_false(
		sgp_inquiry_scan_subjects_share("AW: Neues Angebot für Sie", "Schaden am Auto"));
	g_assert_false(sgp_inquiry_scan_subjects_share("AW: Rechnung 2026", "Hagelschaden 2026"));
	/* Nothing said is nothing changed. */
	g_assert_true(sgp_inquiry_scan_subjects_share("", "Schaden"));
	g_assert_true(sgp_inquiry_scan_subjects_share("AW:", "Schaden am Auto"));
	g_assert_true(sgp_inquiry_scan_subjects_share("Re: AW: ", "Schaden am Auto"));
	g_assert_false(sgp_inquiry_scan_subjects_share("AW: Angebot", "Schaden am Auto"));
	g_assert_true(sgp_inquiry_scan_subjects_share("AW: ", "[...]"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func(
		"/inquiry-scan/quoted-and-forwarded-words-are-not-the-authors", test_quotes);
	g_test_add_func(
		"/inquiry-scan/words-below-a-marked-quote-are-the-authors", test_below_a_quote);
	g_test_add_func(
		"/inquiry-scan/a-signature-is-no-word-and-a-footer-is-a-question", test_signature);
	g_test_add_func("/inquiry-scan/our-own-notice-never-counts", test_own_notice);
	g_test_add_func("/inquiry-scan/a-legal-footer-never-counts", test_legal_footer);
	g_test_add_func("/inquiry-scan/sentences-are-read-across-lines", test_wrapped_lines);
	g_test_add_func("/inquiry-scan/both-said-is-a-question", test_both_said);
	g_test_add_func(
		"/inquiry-scan/the-sentence-that-was-read-is-shown", test_sentence_is_shown);
	g_test_add_func("/inquiry-scan/the-authors-subject-counts", test_subject);
	g_test_add_func("/inquiry-scan/html-is-read-without-its-quotes", test_html);
	g_test_add_func("/inquiry-scan/what-cannot-be-read-is-unclear", test_unreadable);
	g_test_add_func("/inquiry-scan/only-a-persons-mail-is-personal", test_personal);
	g_test_add_func("/inquiry-scan/a-subject-alone-makes-no-robot", test_subject_of_robots);
	g_test_add_func("/inquiry-scan/only-dmarc-and-aligned-dkim-vouch", test_authentication);
	g_test_add_func(
		"/inquiry-scan/a-header-of-too-many-parts-vouches-for-nobody", test_too_many_parts);
	g_test_add_func("/inquiry-scan/an-author-that-cannot-be-read-is-not-vouched-for",
		test_unreadable_author);
	g_test_add_func("/inquiry-scan/only-the-topmost-trusted-result-counts", test_topmost);
	g_test_add_func("/inquiry-scan/the-earlier-of-date-and-received-counts", test_date);
	g_test_add_func("/inquiry-scan/a-subject-changes-when-it-shares-nothing", test_subjects);
	return g_test_run();
}
