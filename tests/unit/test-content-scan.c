/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mail is about. A false alarm costs a safer channel, a miss puts health data on a postcard.
 */
#include <glib.h>

#include <string.h>

#include "sgp-content-scan.h"
#include "sgp-own-words.h"

typedef struct {
	SgpContentClass expected;
	const char *texts[40];
} Table;

static const Table health = { SGP_CONTENT_CLASS_HEALTH,
	{
		"Während Sie Ihre krebskranke Frau begleiten, ruht der Beitrag.",
		"Solange das Ergebnis Ihres HIV-Tests aussteht, warten wir.",
		"Anbei der Befund von Frau Muster.",
		"Die Diagnose lautet F32.1 (ICD-10).",
		"Ich bin seit Montag krankgeschrieben.",
		"Nach dem Herzinfarkt war ich zur Reha in einer Rehaklinik.",
		"Mein Hausarzt hat mich ins Krankenhaus geschickt.",
		"Please find attached the medical report.",
		"She was diagnosed with cancer.",
		"Bitte beantworten Sie die Gesundheitsfragen.",
		"Der Hund hat mich gebissen, ich habe eine Fraktur.",
		"Arbeitsunfähigkeitsbescheinigung anbei",
		"Ich bin schwanger und brauche eine Auskunft.",
		"> Ihr Arztbericht ist eingegangen.",
		"Schmerzensgeld nach dem Unfall",
		"Der Tierarzt sah den Hund, meine Diagnose lautet Krebs.",
		"Rechnung vom Tierarzt: Krankschreibung folgt.",
		"Sturz vom Pferd, Befund der Pferdeklinik: Fraktur.",
		"Hundebiss: Diagnose Fraktur links",
		NULL,
	} };

static const Table person = { SGP_CONTENT_CLASS_PERSONAL_INSURANCE,
	{
		"Frage zu meiner Lebensversicherung",
		"Kündigung der privaten Krankenversicherung",
		"Ihre Unfallversicherung Nr. 4711",
		"Antrag Berufsunfähigkeitsversicherung",
		"BU-Versicherung: Angebot",
		"Kranken-Versicherung",
		"your life insurance policy",
		"Meine Versichertennummer ist A123456780",
		"Rückkaufswert meiner Police",
		NULL,
	} };

static const Table secrecy = { SGP_CONTENT_CLASS_SECRECY_203,
	{
		"Ich entbinde Sie von der Schweigepflicht.",
		"Daten nach § 203 StGB",
		"In der Sache unseres Mandanten",
		"Es läuft ein Ermittlungsverfahren.",
		NULL,
	} };

static const Table general = { SGP_CONTENT_CLASS_GENERAL,
	{
		"Der Hagel hat das Dach meines Autos beschädigt.",
		"Kfz-Haftpflichtschaden vom 12.11.2026",
		"Wie hoch ist der Beitrag der Hausratversicherung?",
		"Verkehrsunfall auf der A4, niemand wurde verletzt.",
		"Unfallbericht und Fotos anbei",
		"Die Motordiagnose ergab einen Defekt.",
		"Teilenummer M54.5 und B12",
		"Unser Hund hat eine Fraktur.",
		"Tierkrankenversicherung für die Katze",
		"Die Tierkrankenversicherung für Ihren Hund: Befund des Tierarztes, Diagnose "
		"Hüftdysplasie.",
		"Die OP-Versicherung für das Pferd",
		"Hundert Euro Selbstbeteiligung",
		"Die Rechnung A123456789 ist bezahlt.",
		"Termin am Donnerstag?",
		"Bitte schicken Sie mir ein Angebot für eine Rechtsschutzversicherung.",
		"Aufgrund dieses Risikos werden wir Ihnen auch niemals E-Mails in Bezug auf "
		"Personenversicherungen (Kranken-, Lebens- oder Unfallversicherung), "
		"Gesundheitsdaten und/oder "
		"Daten, die nach § 203 StGB durch eine Schweigepflicht geschützt sind, derart "
		"unverschlüsselt "
		"zukommen lassen.",
		"> Aufgrund dieses Risikos werden wir Ihnen auch niemals E-Mails in Bezug auf\n"
		"> Personenversicherungen (Kranken-, Lebens- oder Unfallversicherung), "
		"Gesundheitsdaten und/oder\n"
		"> Daten, die nach § 203 StGB durch eine Schweigepflicht geschützt sind.\n",
		NULL,
	} };

static gboolean has_word(const GPtrArray *list, const char *word)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)list, word, g_str_equal, NULL);
}

/* Mails that the model was not taught with: how many of them it gets right. */
static const char *const lay[] = {
	"Guten Tag Frau Adler, hoffentlich ist der Fuß bald wieder aus dem Gips. Die Police liegt "
	"bei.",
	"Der Kardiologe rät von der Reise ab, bitte reichen Sie uns sein Schreiben ein.",
	"Seit dem Sturz vom Apfelbaum kann er die Schulter nicht mehr bewegen.",
	"Ihre Tochter bekommt eine feste Zahnspange, der Plan ist genehmigt.",
	"Mein Vater liegt seit Sonntag im Krankenhaus, er hatte einen Schlaganfall.",
	"Für die Sitzungen bei der Psychotherapeutin brauchen wir die Rechnung.",
	"Wir haben die Pflegestufe Ihrer Mutter an die Gesellschaft gemeldet.",
	"Bitte nennen Sie uns Größe, Gewicht und alle Krankheiten der letzten fünf Jahre.",
	"Die monatliche Rente wegen Berufsunfähigkeit wird ab Mai gezahlt.",
	"Mit 67 erhalten Sie 412 Euro im Monat oder das Kapital auf einmal.",
	"Ihr Riester-Guthaben können Sie für das Haus entnehmen.",
	"Im Todesfall bekommt Ihre Frau 150.000 Euro.",
	"Die Kasse zahlt die Hörgeräte nur zum Teil.",
	"Nach der Gliedertaxe stehen Ihnen 7.000 Euro für den Zeigefinger zu.",
	"Der Radfahrer, den Sie angefahren haben, liegt mit gebrochenem Bein in der Klinik.",
	"Ihr Anwalt braucht eine Entbindung von der Schweigepflicht.",
	"Dear Mrs Cole, the surgeon has confirmed your knee replacement for May.",
	"He has been off sick with depression since January.",
	"Your pension will start at 66, the annual statement is attached.",
	"Please tell the insurer about your asthma before you sign.",
};

static const char *const hard[] = {
	"Guten Tag Frau Adler, die Windschutzscheibe wird am Montag getauscht.",
	"Unser Büro liegt jetzt in der Klinikstraße 12, gleich neben der Apotheke.",
	"Der Wagen des Chirurgen hat nur einen Kratzer am Kotflügel.",
	"Die Pfanne hat lebenslange Garantie, deshalb zahlt die Hausrat nicht.",
	"Unfall mit Blechschaden, die Polizei hat alles aufgenommen.",
	"Das Wartezimmer der Zahnarztpraxis steht unter Wasser, ein Rohr ist geplatzt.",
	"Auf dem Rechner war ein Virus, die Daten sind gesichert.",
	"Die Tierklinik hat die Katze operiert, bitte die Rechnung senden.",
	"Ihre Lebensgefährtin ist in der Privathaftpflicht mitversichert.",
	"Der Sturm hat das Dach abgedeckt, der Dachdecker kommt morgen.",
	"Für das E-Bike brauchen wir den Kaufbeleg und das Aktenzeichen.",
	"Passt Ihnen Donnerstag um 16 Uhr zum Jahresgespräch?",
	"Die Lastschrift über 212 Euro wurde zurückgegeben.",
	"Der Kater hat das Sofa zerkratzt, das ist leider nicht versichert.",
	"Die Kopfdichtung ist undicht, sagt die Werkstatt.",
	"Ihr Rechtsschutz übernimmt den Streit mit dem Vermieter.",
	"Dear Mrs Cole, the burst pipe in the dental surgery is covered.",
	"The engine died on the motorway and the car was towed.",
	"Your contents insurance renews on 1 May.",
	"Please send photos of the dented bumper.",
};

static guint count_protected(const char *const *texts, gsize n)
{
	guint n_protected = 0;
	for (gsize i = 0; i < n; i++) {
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		SgpContentClass found = sgp_content_scan_text(texts[i], because);
		g_test_message("%s: %s", sgp_content_class_get_nick(found), texts[i]);
		n_protected += found != SGP_CONTENT_CLASS_GENERAL ? 1 : 0;
	}
	return n_protected;
}

static void test_other_words(void)
{
	g_assert_cmpuint(count_protected(lay, G_N_ELEMENTS(lay)), >=, G_N_ELEMENTS(lay) - 1);
	g_assert_cmpuint(count_protected(hard, G_N_ELEMENTS(hard)), <=, 2);
}

/* One phrase in a mail about something else. */
static void test_quiet_phrase(void)
{
	const char *text = "Guten Tag Herr Lorenz, vielen Dank für die Fotos vom Dach. Der "
			   "Dachdecker kommt am "
			   "Mittwoch gegen neun, bitte schließen Sie das Tor auf. Die Rechnung "
			   "über 1.240 Euro "
			   "haben wir an die Gebäudeversicherung gegeben, die Selbstbeteiligung "
			   "beträgt 150 Euro. "
			   "Ihrer Frau weiterhin alles Gute nach der Chemotherapie. Für das "
			   "Gartenhaus brauchen "
			   "wir noch den Kaufbeleg und ein Foto der Tür. Die neue Kontoverbindung "
			   "ist notiert.";
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_assert_cmpint(sgp_content_scan_text(text, because), ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_true(has_word(because, "Chemotherapie"));
}

/* No term of the lists, so the model has to say which words made it. */
static void test_words_of_the_model(void)
{
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_assert_cmpint(sgp_content_scan_text(
				"Guten Tag, der Meniskus ist wohl hin, schreiben Sie.", because),
		==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_true(has_word(because, "Meniskus"));
}

static void check(gconstpointer data)
{
	const Table *table = data;
	int n_wrong = 0;
	for (guint i = 0; table->texts[i] != NULL; i++) {
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		SgpContentClass found = sgp_content_scan_text(table->texts[i], because);
		g_assert_cmpint(because->len > 0, ==, found != SGP_CONTENT_CLASS_GENERAL);
		if (found != table->expected) {
			g_test_message("%s (%s): %s", sgp_content_class_get_nick(found),
				because->len > 0 ? (char *)g_ptr_array_index(because, 0) : "",
				table->texts[i]);
			n_wrong++;
		}
	}
	g_assert_cmpint(n_wrong, ==, 0);
}

static void test_because(void)
{
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	sgp_content_scan_text("Befund: ICD-10 M54.5, Krankenversicherung", because);
	g_assert_true(has_word(because, "Befund"));
	g_assert_true(has_word(because, "ICD-10 M54.5"));
	g_assert_true(has_word(because, "Krankenversicherung"));
}

/* Above the closing the same words are a customer's contracts. */
static void test_branches_in_signature(void)
{
	const char *const below[] = {
		"Der Hagel hat das Dach beschädigt.\nMit freundlichen Grüßen\nKarl Sommer\n"
		"Leben | Unfall | Kranken | Kfz",
		"Der Gutachter kommt am Montag.\nViele Grüße\n"
		"Ihre Agentur Winter: Sach, Kfz, Krankenversicherung, Lebensversicherung",
		"The roof is covered.\nKind regards\nWinter Agency\n"
		"Life, Health, Pensions and Property",
	};
	const char *const above[] = {
		"Ihre Verträge:\nLeben | Unfall | Kranken | Lebensversicherung\nViele Grüße",
		"Mit freundlichen Grüßen\nPS: Die Lebensversicherung zahlt, die Unfallversicherung "
		"und die Krankenversicherung auch.",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(below); i++) {
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		g_assert_cmpint(
			sgp_content_scan_text(below[i], because), ==, SGP_CONTENT_CLASS_GENERAL);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(above); i++) {
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		g_assert_cmpint(
			sgp_content_scan_text(above[i], because), !=, SGP_CONTENT_CLASS_GENERAL);
	}
}

static void test_names(void)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(mail->attachments,
		sgp_mail_attachment_new("2026_Befund-Mueller.pdf", "application/pdf", NULL, 1));
	g_assert_cmpint(sgp_content_scan_mail(mail, because), ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_true(has_word(because, "Befund"));
}

static SgpContentClass scan_to(const char *name, const char *subject, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_ptr_array_add(mail->to, sgp_address_new_with_name("post@praxis.example", name, &error));
	g_assert_no_error(error);
	g_free(mail->subject);
	mail->subject = g_strdup(subject);
	g_free(mail->text);
	mail->text = g_strdup(text);
	SgpContentClass found = sgp_content_scan_mail(mail, because);
	g_assert_cmpuint(because->len, ==, found == SGP_CONTENT_CLASS_GENERAL ? 0 : 1);
	return found;
}

static void test_address_names(void)
{
	static const char neutral[] = "Ihre Unterlagen", pipe[] = "Wasserschaden";
	static const char anbei[] = "Anbei die gewünschten Unterlagen.",
			  keller[] = "Im Keller steht das Wasser. Der Klempner kommt morgen.";
	g_assert_cmpint(
		scan_to("Dr. Meier, Onkologie", neutral, anbei), ==, SGP_CONTENT_CLASS_HEALTH);
	g_assert_cmpint(
		scan_to("Suchtberatung Köln", neutral, anbei), ==, SGP_CONTENT_CLASS_SECRECY_203);
	/* The mail says what it is about. */
	g_assert_cmpint(
		scan_to("Dr. Meier, Onkologie", pipe, keller), ==, SGP_CONTENT_CLASS_GENERAL);
	/* People and insurers are called so. */
	g_assert_cmpint(scan_to("Anna Krebs", neutral, anbei), ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_cmpint(scan_to("Muster Krankenversicherung AG", neutral, anbei), ==,
		SGP_CONTENT_CLASS_GENERAL);
}

static void test_html(void)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	mail->html = g_strdup(
		"<p>Guten Tag</p><blockquote>Die <b>Diag&#110;ose</b> ist da</blockquote>");
	g_assert_cmpint(sgp_content_scan_mail(mail, because), ==, SGP_CONTENT_CLASS_HEALTH);
}

/* Whatever stands in the source leaves with the mail. */
static void test_unseen_html(void)
{
	static const char *const mails[] = {
		"<p>Guten Tag<img src=x.png alt='Befund Depression'></p>",
		"<p title=\"Diagnose Krebs\">Guten Tag</p>",
		"<html><head><title>Diagnose Krebs</title></head><body>Guten Tag</body></html>",
		"<input type=text value=Krankschreibung>",
		"<p>Guten Tag</p><!-- Diagnose Krebs -->",
		"<p>Guten Tag</p><!--[if mso]><p>Die <b>Diagnose</b> Krebs</p><![endif]-->",
		"<span aria-label = 'Diagnose Krebs'></span>",
		"<a href=\"https://example.de/p?a=1&amp;d=Diagnose+Depression\">hier</a>",
		"<a href='https://example.de/?d=%44iagnose%20Krebs'>hier</a>",
		"<a href='mailto:a@example.de?subject=Arbeitsunf%C3%A4higkeitsbescheinigung'>x</a>",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(mails); i++) {
		g_autoptr(SgpMail) mail = sgp_mail_new();
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		mail->html = g_strdup(mails[i]);
		g_test_message("%s", mails[i]);
		g_assert_cmpint(sgp_content_scan_mail(mail, because), ==, SGP_CONTENT_CLASS_HEALTH);
		g_autofree char *own = sgp_own_words_text_from_html(mails[i], FALSE);
		g_assert_null(strstr(own, "iagnose"));
	}
}

/* How mail programs write the same nothing. */
static void test_plain_html(void)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	mail->html = g_strdup(
		"<html xmlns:o='urn:schemas-microsoft-com:office:office'><head>"
		"<meta http-equiv=Content-Type content='text/html; charset=utf-8'>"
		"<meta name=Generator content='Microsoft Word 15 (filtered medium)'>"
		"<style><!-- /* Font Definitions */ @font-face {font-family:Calibri;} --></style>"
		"<!--[if gte mso 9]><xml><o:shapedefaults v:ext='edit' spidmax='1026' />"
		"</xml><![endif]--></head><body lang=DE link='#0563C1' vlink='#954F72'>"
		"<div class=WordSection1><p class=MsoNormal>Guten Tag, anbei die Rechnung.</p>"
		"<a "
		"href='https://www.example.de/kontakt/impressum.html?utm_source=mail'>Agentur</a>"
		"<img width=120 height=40 src='cid:image001.png@01D9' alt='Logo der Agentur'>"
		"</div></body></html>");
	g_assert_cmpint(sgp_content_scan_mail(mail, because), ==, SGP_CONTENT_CLASS_GENERAL);
	g_assert_false(sgp_own_words_has_data(mail->html));
	g_assert_true(sgp_own_words_has_data("<img src=\"data:image/png;base64,AAAA\">"));
}

static void test_unreadable(void)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	mail->is_undecodable = TRUE;
	g_assert_cmpint(sgp_content_scan_mail(mail, because), ==, SGP_CONTENT_CLASS_UNKNOWN);
	g_assert_true(sgp_content_class_is_protected(SGP_CONTENT_CLASS_UNKNOWN));
}

static void test_order(void)
{
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_assert_cmpint(sgp_content_scan_text("Schweigepflicht, Lebensversicherung", because), ==,
		SGP_CONTENT_CLASS_PERSONAL_INSURANCE);
	g_assert_cmpint(
		sgp_content_scan_text("Schweigepflicht, Lebensversicherung, Attest", because), ==,
		SGP_CONTENT_CLASS_HEALTH);
	g_assert_cmpint(
		sgp_content_scan_combine(SGP_CONTENT_CLASS_GENERAL, SGP_CONTENT_CLASS_SECRECY_203),
		==, SGP_CONTENT_CLASS_SECRECY_203);
	g_assert_cmpint(
		sgp_content_scan_combine(SGP_CONTENT_CLASS_GENERAL, SGP_CONTENT_CLASS_UNKNOWN), ==,
		SGP_CONTENT_CLASS_UNKNOWN);
}

/* A word behind the last one that is read. */
static void test_too_long(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	while (text->len <= 1024 * 1024)
		g_string_append(text, "Guten Tag, anbei die Police. ");
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_string_append(text, "Der Befund liegt bei.");
	g_assert_cmpint(sgp_content_scan_text(text->str, because), ==, SGP_CONTENT_CLASS_UNKNOWN);
	g_string_prepend(text, "Der Befund liegt bei. ");
	g_assert_cmpint(sgp_content_scan_text(text->str, because), ==, SGP_CONTENT_CLASS_HEALTH);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/content-scan/health-is-found", &health, check);
	g_test_add_data_func("/content-scan/insurance-of-persons-is-found", &person, check);
	g_test_add_data_func("/content-scan/other-peoples-secrets-are-found", &secrecy, check);
	g_test_add_data_func(
		"/content-scan/cars-animals-and-our-own-notice-are-general", &general, check);
	g_test_add_func("/content-scan/other-words-for-the-same-are-found", test_other_words);
	g_test_add_func("/content-scan/a-quiet-phrase-in-a-long-mail-is-heard", test_quiet_phrase);
	g_test_add_func("/content-scan/the-words-that-raised-it-are-told", test_because);
	g_test_add_func("/content-scan/the-words-of-the-model-are-told", test_words_of_the_model);
	g_test_add_func(
		"/content-scan/what-an-agency-sells-is-no-content", test_branches_in_signature);
	g_test_add_func("/content-scan/the-names-of-attachments-count", test_names);
	g_test_add_func("/content-scan/names-at-addresses-count-unless-the-mail-says-otherwise",
		test_address_names);
	g_test_add_func("/content-scan/html-and-quotes-count", test_html);
	g_test_add_func("/content-scan/what-nobody-sees-leaves-too", test_unseen_html);
	g_test_add_func("/content-scan/ordinary-markup-says-nothing", test_plain_html);
	g_test_add_func("/content-scan/what-cannot-be-read-is-protected", test_unreadable);
	g_test_add_func("/content-scan/the-first-class-in-order-is-shown", test_order);
	g_test_add_func("/content-scan/a-text-that-is-too-long-is-unknown", test_too_long);
	return g_test_run();
}
