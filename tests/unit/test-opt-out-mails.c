/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole mails: one sentence of many says how to answer, or none does. */
#include "sgp-inquiry-scan.h"
#include "sgp-opt-out-model-private.h"
#include "sgp-opt-out-scan.h"
#include "sgp-own-words.h"

static gboolean stops(SgpOptOut found)
{
	return found == SGP_OPT_OUT_OPTED_OUT || found == SGP_OPT_OUT_UNCLEAR;
}

static void assert_text(const char *text, gboolean is_stopped)
{
	SgpOptOut found = sgp_inquiry_scan_opt_out_text(NULL, text, NULL);
	if (stops(found) != is_stopped)
		g_error("%s: %s", sgp_opt_out_get_nick(found), text);
}

static void assert_html(const char *html, gboolean is_stopped)
{
	g_autoptr(GPtrArray) sentences = sgp_own_words_from_html(html);
	SgpOptOut found = sgp_opt_out_scan_sentences(sentences, NULL);
	if (stops(found) != is_stopped)
		g_error("%s: %s", sgp_opt_out_get_nick(found), html);
}

#define BEFORE                                                                                     \
	"Guten Tag,\n\nam Samstag ist in der Waschküche der Schlauch der Waschmaschine "          \
	"abgegangen. "                                                                             \
	"Das Wasser stand drei Zentimeter hoch und lief bis in den Keller. Der Estrich ist "       \
	"durchnässt. Mein Nachbar hat beim Schöpfen geholfen. "
#define AFTER                                                                                      \
	" Die Maschine ist vier Jahre alt. Fotos habe ich gemacht. Der Klempner war am Montag da " \
	"und hat einen Riss gefunden. Was zahlt die Versicherung davon?\n\n"
#define CLOSING "Mit freundlichen Grüßen\nKarl Wagner\nLindenweg 4\n50667 Köln\n"

static void test_hidden(void)
{
	assert_text(BEFORE "Ihre Antwort schicken Sie mir bitte mit der Post." AFTER CLOSING, TRUE);
	assert_text(
		BEFORE "Rufen Sie mich dazu bitte an, Mails lese ich nicht." AFTER CLOSING, TRUE);
	assert_text(BEFORE "Bitte antworten Sie mir nicht per E-Mail." AFTER CLOSING, TRUE);
	assert_text(BEFORE
		"Der Computer gehört meinem Enkel, ich bekomme lieber einen Brief." AFTER CLOSING,
		TRUE);
	assert_text(BEFORE "bitte keine mail zurück sondern anrufen danke" AFTER CLOSING, TRUE);
}

static void test_postscript(void)
{
	assert_text(BEFORE AFTER CLOSING "\nPS: Bitte antworten Sie mir per Brief.\n", TRUE);
	assert_text(BEFORE AFTER CLOSING
		"\nP.S. Mails liest hier meine Schwiegertochter mit, rufen "
		"Sie lieber an.\n",
		TRUE);
}

static void test_beside_quotes(void)
{
	assert_text("> Wie hoch ist der Schaden?\nUngefähr 800 Euro.\n"
		    "> Wohin dürfen wir Ihnen schreiben?\nBitte nur per Post, keine E-Mail.\n"
		    "> Haben Sie Fotos?\nJa, drei Stück.\n",
		TRUE);
	assert_text("Am 12.11.2026 um 10:00 schrieb Agentur <buero@agentur.example>:\n"
		    "> Guten Tag Herr Wagner,\n> die Unterlagen fehlen noch.\n\n"
		    "Die liegen bei. Ihre Antwort bitte auf dem Postweg.\n",
		TRUE);
	assert_text("Die liegen bei. Danke für die Geduld.\n\n"
		    "Am 12.11.2026 um 10:00 schrieb Agentur <buero@agentur.example>:\n"
		    "> Sollten Sie keine E-Mail wünschen, rufen Sie bitte an.\n",
		FALSE);
}

static void test_html(void)
{
	/* Outlook */
	assert_html(
		"<html><body><div class=WordSection1><p class=MsoNormal>Guten Tag,</p>"
		"<p class=MsoNormal>der Hagel hat das Dach getroffen. Drei Ziegel fehlen. "
		"<b>Antworten Sie mir bitte nicht per Mail, sondern per Post.</b> Der Dachdecker "
		"kommt am Freitag.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
		"<p class=MsoNormal><b>Von:</b> Agentur &lt;buero@agentur.example&gt;<br>"
		"<b>Gesendet:</b> Montag, 2. November 2026 10:00<br><b>An:</b> Wagner<br>"
		"<b>Betreff:</b> Dach</p></div><p class=MsoNormal>Was ist passiert?</p></div>"
		"</body></html>",
		TRUE);
	/* Gmail */
	assert_html(
		"<div dir=\"ltr\">Hallo,<div>das Rad ist weg. Es war abgeschlossen.</div><div>"
		"Ruft mich bitte an, ich lese keine Mails.</div></div><br><div "
		"class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">Am Mo., 2. Nov. 2026 "
		"um 10:00 Uhr schrieb Agentur &lt;buero@agentur.example&gt;:<br></div><blockquote "
		"class=\"gmail_quote\">Wo stand es?</blockquote></div>",
		TRUE);
	/* Apple Mail */
	assert_html(
		"<html><body dir=\"auto\">Der Zaun liegt im Garten.<div><br></div><div>Bitte per "
		"Brief antworten, nicht per Mail.</div><br><div dir=\"ltr\">Von meinem iPhone "
		"gesendet</div><div dir=\"ltr\"><br><blockquote type=\"cite\">Am 02.11.2026 um "
		"10:00 schrieb Agentur &lt;buero@agentur.example&gt;:<br></blockquote></div>"
		"<blockquote type=\"cite\"><div dir=\"ltr\">Guten Tag</div></blockquote></body>"
		"</html>",
		TRUE);
	/* GMX */
	assert_html(
		"<html><head></head><body><div style=\"font-family: Verdana\"><div>Die Police "
		"habe ich verlegt.</div><div>Schicken Sie mir bitte alles mit der Post und nicht "
		"als E-Mail.</div><div>&nbsp;<div name=\"quote\" style=\"border-left: 2px solid "
		"#C3D9E5\"><div><b>Gesendet:</b> Montag<br><b>Von:</b> Agentur</div><div "
		"name=\"quoted-content\">Gern.</div></div></div></div></body></html>",
		TRUE);
	assert_html(
		"<div dir=\"ltr\">Hallo,<div>das Rad ist wieder da. Die Anzeige ziehe ich "
		"zurück.</div></div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">Am "
		"Mo., "
		"2. Nov. 2026 um 10:00 Uhr schrieb Agentur &lt;buero@agentur.example&gt;:<br></div>"
		"<blockquote class=\"gmail_quote\">Bitte antworten Sie nicht per Mail.</blockquote>"
		"</div>",
		FALSE);
}

static void test_ordinary(void)
{
	assert_text(BEFORE AFTER CLOSING, FALSE);
	assert_text(BEFORE "Gestern habe ich schon einmal angerufen, da war besetzt." AFTER CLOSING,
		FALSE);
	assert_text(BEFORE "Den Brief vom Vermieter lege ich bei." AFTER CLOSING, FALSE);
	assert_text("Hello,\n\nwe had a leak under the bath at the weekend. The plumber came on "
		    "Monday and "
		    "found a cracked joint. Part of the floor had to come up. The flat below has a "
		    "stain. "
		    "Photos and the bill are attached. I spoke to your colleague on the phone. "
		    "What happens "
		    "next?\n\nRegards\nOwen\n",
		FALSE);
}

static void test_request(void)
{
	assert_text(BEFORE "Ihre Antwort können Sie mir gern mailen." AFTER CLOSING, FALSE);
	assert_text("Bitte keine Briefe mehr, schicken Sie mir alles per E-Mail.", FALSE);
	assert_text("Bitte rufen Sie nicht an, eine kurze Mail genügt mir.", FALSE);
	assert_text("Antworten Sie mir bitte per Mail, nicht per Post.", FALSE);
	assert_text("Please don't call me, just send me an e-mail.", FALSE);
	assert_text("I would prefer not to be phoned. Please answer by e-mail.", FALSE);
}

/* Which sentences speak of ways of answering: the order of opt-out-classes.tsv says so. */
static void test_tells(void)
{
	static const char *const telling[] = { "Bitte mit der Post.", "Rufen Sie an",
		"Meine Tochter liest mit.", "Das Postfach gehört allen.", "put it in an envelope",
		"Ich möchte es auf Papier.", "Nur verschlüsselt", NULL };
	static const char *const others[] = { "Im Keller steht das Wasser.",
		"Vier Module sind hin.", "Der Lack ist ab.", "Do I need it?", "Vielen Dank!", "",
		NULL };
	for (guint i = 0; telling[i] != NULL; i++)
		g_assert_true(sgp_opt_out_model_tells(telling[i]));
	for (guint i = 0; others[i] != NULL; i++)
		g_assert_false(sgp_opt_out_model_tells(others[i]));
}

#define ADD(path, function) g_test_add_func("/opt-out-mails/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("one-sentence-of-many-is-heard", test_hidden);
	ADD("a-postscript-is-heard", test_postscript);
	ADD("what-stands-between-quotes-is-heard-and-quotes-are-not", test_beside_quotes);
	ADD("the-html-of-mail-programs-is-read", test_html);
	ADD("a-long-ordinary-mail-asks-nothing", test_ordinary);
	ADD("who-wants-e-mail-and-nothing-else-gets-it", test_request);
	ADD("a-sentence-about-something-else-is-told-apart", test_tells);
	return g_test_run();
}
