/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What authors say about being answered by e-mail, sentence by sentence. Each table is a sentence
 * of 03-policy. */
#include <glib.h>
#include <string.h>

#include "sgp-opt-out-lexicon-private.h"
#include "sgp-opt-out-scan.h"

typedef struct {
	SgpOptOut expected;
	const char *sentences[80];
} Table;

static const Table objections = { SGP_OPT_OUT_OPTED_OUT,
	{
		"Bitte nicht per E-Mail antworten.",
		"Bitte antworten Sie nicht per E-Mail.",
		"Bitte antworten Sie mir nicht per Mail!",
		"Antwort bitte per Post.",
		"Antwort bitte nur per Post.",
		"Rufen Sie mich lieber an, keine Mail.",
		"rufen Sie mich bitte lieber an",
		"please do not reply by e-mail",
		"Please don't answer by email.",
		"Please do not respond via e-mail, call me instead.",
		"Keine E-Mails bitte!",
		"keine Mails bitte",
		"Ich möchte keine Antwort per E-Mail.",
		"Ich wünsche keine Rückantwort auf diesem Weg.",
		"Wir möchten keine Rückantwort auf diesem Weg.",
		"Bitte senden Sie mir die Antwort nicht per E-Mail, sondern per Post.",
		"Bitte statt per E-Mail lieber per Brief antworten.",
		"Bitte sehen Sie von einer Antwort per E-Mail ab.",
		"Bitte verzichten Sie auf E-Mails.",
		"Ich widerspreche der Kommunikation per E-Mail.",
		"Ich ziehe meine Einwilligung zum Schriftverkehr per E-Mail zurück.",
		"Hiermit widerrufe ich meine Zustimmung zum E-Mail-Verkehr.",
		"Das Einverständnis zur Kommunikation per Mail habe ich zurückgezogen.",
		"Bitte kontaktieren Sie mich ausschließlich telefonisch.",
		"Bitte antworten Sie mir telefonisch.",
		"Ich bitte Sie, mir nicht per E-Mail zu antworten.",
		"Ich bitte um Antwort auf dem Postweg.",
		"Bitte schreiben Sie mir keine E-Mails mehr.",
		"E-Mails möchte ich von Ihnen keine bekommen.",
		"Per E-Mail bitte nicht antworten.",
		"Per Mail möchte ich bitte keine Antwort.",
		"Auf keinen Fall per E-Mail antworten!",
		"Bitte wenn möglich nicht per Mail antworten.",
		"Wenn es geht, bitte nicht per E-Mail.",
		"Ich bin nicht damit einverstanden, dass Sie mir per E-Mail antworten.",
		"I would prefer a letter instead of an e-mail.",
		"I'd rather you called me instead of emailing.",
		"Please reply by letter only.",
		"No e-mails please.",
		"Please never send me e-mail.",
		"Please refrain from sending emails.",
		"I do not want a reply by email.",
		"Bitte keine elektronische Post!",
		"Eine Antwort per E‑Mail wünsche ich nicht.",
		"BITTE NICHT PER MAIL ANTWORTEN",
		"Bitte antworten sie nicht per email sondern rufen sie mich an",
		"Ich will nicht, dass Sie mir mailen.",
		"Schicken Sie mir bitte keine Mail, sondern einen Brief.",
		"Eine schriftliche Antwort per Post wäre mir lieber als eine E-Mail.",
		NULL,
	} };

static const Table questions = { SGP_OPT_OUT_UNCLEAR,
	{
		"Bitte schicken Sie es mir zu.",
		"Fragekeine E-Mail bitte",
		"Fragekeine E-Mail, bitte.",
		"Zwirbel E-Mail bitte",
		"Zwirbel Mail bitte",
		"Bitte anrufen, E-Mail lese ich nie.",
		"Mir ist E-Mail zu unsicher.",
		"Meine E-Mail ist gehackt worden, bitte schreiben Sie mir nichts Vertrauliches.",
		"No reply needed.",
		"Keine Antwort nötig.",
		"Sie brauchen nicht zu antworten.",
		"Ich lese keine E-Mails.",
		"Bitte antworten Sie nicht auf diese E-Mail.",
		"Bitte rufen Sie mich an.",
		"Bitte senden Sie mir die Police per Post.",
		"Please reply by mail.",
		"Bitte antworten Sie schriftlich.",
		"Bitte keine Anhänge per E-Mail.",
		"Bitte schicken Sie nichts mehr an diese E-Mail-Adresse.",
		"Could you call me?",
		"Ich habe kein Internet mehr, rufen Sie an.",
		"Rufen Sie an.",
		"Bitte schreiben Sie nicht mehr an diese Adresse.",
		"Bitte keine weiteren Nachrichten an diese Adresse.",
		"Bitte unterlassen Sie weitere Zuschriften an diese Adresse.",
		"Über diese Adresse möchte ich nichts mehr von Ihnen hören.",
		"Bitte löschen Sie meine E-Mail-Adresse.",
		"Unter dieser Adresse bin ich nicht mehr erreichbar.",
		NULL,
	} };

static const Table silences = { SGP_OPT_OUT_NONE,
	{
		"Ihre Mail kam nicht an.",
		"Ich habe Ihre E-Mail nicht erhalten.",
		"Ich habe leider noch keine Antwort per E-Mail bekommen.",
		"Warum antworten Sie nicht per E-Mail?",
		"Bitte keine Werbung per E-Mail.",
		"Bitte schicken Sie mir keine Newsletter mehr.",
		"Ich möchte keine Werbe-Mails.",
		"Meine E-Mail-Adresse hat sich geändert, die alte ist nicht mehr gültig.",
		"Bitte verwenden Sie nicht mehr die alte E-Mail-Adresse.",
		"Bitte antworten Sie nicht auf diese automatische Mail.",
		"Dies ist eine automatisch erzeugte E-Mail, bitte antworten Sie nicht darauf.",
		"This is an automatic message, please do not reply to this e-mail.",
		"Ich habe Ihnen die Unterlagen schon per Post geschickt.",
		"Anbei die Fotos vom Schaden.",
		"Bei Fragen bin ich telefonisch erreichbar.",
		"Wenn Sie Fragen haben, rufen Sie mich an.",
		"Der Brief ist nicht angekommen.",
		"Ich kann den Anhang nicht öffnen.",
		"Was kostet die Versicherung?",
		"Die Post hat das Paket verloren.",
		"I did not receive your e-mail.",
		"Die Versicherung wurde nicht gekündigt.",
		"Das ist nicht mein Auto.",
		"Mein Nachbar hat keine Haftpflichtversicherung.",
		"Leider kann ich keine Rechnung finden.",
		"Bitte teilen Sie mir mit, ob der Schaden gedeckt ist.",
		"Bitte schicken Sie mir ein Angebot.",
		"I could not find your email.",
		"I could not read your email.",
		"We could not find the email you mentioned.",
		"Sorry, I could not send the email earlier.",
		"I will not email you the photos, they are too large.",
		"I have no email from you yet.",
		"Do not worry about the email.",
		"I could not open the attachment in your email.",
		"Bitte schreiben Sie nicht mehr an diese Adresse, sondern an erika@neu.example.",
		"Wenn Sie Fragen haben, rufen Sie an.",
		NULL,
	} };

static const Table requests = { SGP_OPT_OUT_ASKS_FOR_E_MAIL,
	{
		"Bitte antworten Sie per E-Mail.",
		"Bitte schicken Sie mir die Police per Mail.",
		"Per E-Mail bitte.",
		"Kurze E-Mail bitte",
		"Antwort per E-Mail bitte",
		"Antwort gerne per E-Mail.",
		"Bitte nicht per Post, sondern per E-Mail antworten.",
		"Statt per Post bitte lieber per E-Mail.",
		"Please reply by e-mail.",
		"You can email me.",
		"Sie können mir gerne eine Mail schreiben.",
		"E-Mail ist kein Problem.",
		"Ich habe nichts gegen E-Mail.",
		"Gerne telefonisch oder per E-Mail.",
		"Können Sie mir das bitte per E-Mail schicken?",
		"Bitte antworten Sie nicht nur per Post, sondern auch per E-Mail.",
		NULL,
	} };

static const Table secure = { SGP_OPT_OUT_ENCRYPTED_ONLY,
	{
		"Bitte nur verschlüsselt antworten.",
		"Bitte antworten Sie nur über das Portal.",
		"Bitte nicht unverschlüsselt per E-Mail.",
		"Bitte keine unverschlüsselten E-Mails.",
		"Please reply encrypted only.",
		"Bitte nur verschlüsselte E-Mails senden.",
		NULL,
	} };

static void check(gconstpointer data)
{
	const Table *table = data;
	int n_wrong = 0;
	for (guint i = 0; table->sentences[i] != NULL; i++) {
		SgpOptOut found = sgp_opt_out_scan_sentence(table->sentences[i]);
		if (found != table->expected) {
			g_test_message("%s: %s", sgp_opt_out_get_nick(found), table->sentences[i]);
			n_wrong++;
		}
	}
	g_assert_cmpint(n_wrong, ==, 0);
}

/* A longer list, kept as data. A request for e-mail that is missed costs nothing, an objection that
 * is missed a customer. */
static void test_list(void)
{
	g_autofree char *path =
		g_build_filename(SGP_TEST_SOURCE_DIR, "opt-out-sentences.tsv", NULL);
	g_autofree char *contents = NULL;
	int n_wrong = 0, n_read = 0;
	g_assert_true(g_file_get_contents(path, &contents, NULL, NULL));
	g_auto(GStrv) lines = g_strsplit(contents, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		char *tab = strchr(lines[i], '\t');
		if (lines[i][0] == '#' || tab == NULL)
			continue;
		*tab = '\0';
		const char *found =
			sgp_opt_out_get_nick(sgp_inquiry_scan_opt_out_text(NULL, tab + 1, NULL));
		n_read++;
		if (!g_str_equal(found, lines[i])) {
			g_test_message("%s, not %s: %s", found, lines[i], tab + 1);
			n_wrong++;
		}
	}
	g_assert_cmpint(n_read, >, 100);
	g_assert_cmpint(n_wrong, ==, 0);
}

static void test_side_by_side(void)
{
	g_assert_cmpint(
		sgp_opt_out_scan_combine(SGP_OPT_OUT_OPTED_OUT, SGP_OPT_OUT_ASKS_FOR_E_MAIL), ==,
		SGP_OPT_OUT_UNCLEAR);
	g_assert_cmpint(sgp_opt_out_scan_combine(SGP_OPT_OUT_NONE, SGP_OPT_OUT_OPTED_OUT), ==,
		SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpint(sgp_opt_out_scan_combine(SGP_OPT_OUT_UNCLEAR, SGP_OPT_OUT_OPTED_OUT), ==,
		SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpint(
		sgp_opt_out_scan_combine(SGP_OPT_OUT_ENCRYPTED_ONLY, SGP_OPT_OUT_ASKS_FOR_E_MAIL),
		==, SGP_OPT_OUT_ENCRYPTED_ONLY);
}

static gboolean stops(SgpOptOut verdict)
{
	return verdict == SGP_OPT_OUT_OPTED_OUT || verdict == SGP_OPT_OUT_UNCLEAR;
}

/* Not one of these names e-mail together with a refusal. None is in the data that the model has
 * learnt from. */
static void test_around_the_corner(void)
{
	static const char *const texts[] = {
		"Schauen Sie doch auf dem Heimweg kurz bei mir herein und erzählen Sie es mir.",
		"Meine Brille liegt beim Optiker, lesen geht bis dahin gar nicht. Aber hören kann "
		"ich.",
		"Wir besitzen weder Rechner noch Internet, unsere Enkelin hat das für uns getippt.",
		"My grandson typed this for me; do ring, I am always in.",
		"Please put your answer in an envelope and let the postman do the rest.",
		NULL,
	};
	for (guint i = 0; texts[i] != NULL; i++) {
		SgpOptOut found = sgp_inquiry_scan_opt_out_text(NULL, texts[i], NULL);
		if (!stops(found))
			g_error("%s: %s", sgp_opt_out_get_nick(found), texts[i]);
	}
}

static void test_ordinary_mail(void)
{
	static const char *const texts[] = {
		"Guten Tag,\nmein Fahrrad wurde gestern vor der Schule gestohlen. Die Polizei hat "
		"den Diebstahl aufgenommen. Welche Unterlagen brauchen Sie von mir?\nViele Grüße",
		"Hallo Frau Kern,\nvielen Dank für das Gespräch am Telefon. Den unterschriebenen "
		"Antrag lege ich bei.\nGruß Anna",
		"Dear Ms Kern,\nour car was hit in the car park. Photos are attached. Is the "
		"rental car covered?\nKind regards",
		NULL,
	};
	for (guint i = 0; texts[i] != NULL; i++) {
		SgpOptOut found = sgp_inquiry_scan_opt_out_text(NULL, texts[i], NULL);
		if (stops(found))
			g_error("%s: %s", sgp_opt_out_get_nick(found), texts[i]);
	}
}

/* Cyrillic е and а in "keine Mail" and a zero-width space: not what a person sees. */
static void test_look_alikes(void)
{
	g_assert_true(stops(sgp_opt_out_scan_sentence(
		"Bitte schicken Sie mir k\xd0\xb5ine M\xd0\xb0ils, sondern einen "
		"Br\xe2\x80\x8bief.")));
}

static void test_long_sentence(void)
{
	GString *text = g_string_new("Der Schaden am Dach ist groß und");
	for (guint i = 0; i < 200; i++)
		g_string_append(text, " die Ziegel liegen im Garten und die Rinne hängt herab und");
	g_string_append(
		text, " bitte antworten Sie mir nicht per E-Mail sondern rufen Sie mich an");
	g_assert_true(stops(sgp_opt_out_scan_sentence(text->str)));
	g_string_free(text, TRUE);
}

static void test_deciding_sentence(void)
{
	g_autofree char *sentence = NULL;
	SgpOptOut found = sgp_inquiry_scan_opt_out_text(NULL,
		"Guten Tag,\ndie Scheibe ist gesprungen. Bitte antworten Sie mir nicht per E-Mail. "
		"Der Glaser kommt morgen.\nMia",
		&sentence);
	g_assert_cmpint(found, ==, SGP_OPT_OUT_OPTED_OUT);
	g_assert_cmpstr(sentence, ==, "Bitte antworten Sie mir nicht per E-Mail.");
}

/* One of each way to say a phrase, as the patterns have them. */
static const char *const phrases[] = {
	"e mail",
	"elektronischer nachrichten",
	"elektronischen weg",
	"via diesem wege",
	"ueber diesem kanal",
	"in this way",
	"by this way",
	"this way",
	"auf keinen fall",
	"auf gar keinen fall",
	"in keinem fall",
	"under no circumstances",
	"by no means",
	"soweit machbar",
	"wenn geht ist",
	"if at all possible",
	"if possible",
	"nach moeglichkeit",
	"wenn es ihnen recht ist",
	"wenn es nichts ausmacht",
	"if you dont mind",
	"if you do not mind",
	"not allein",
	"not nur",
	"dont mind my",
	"do not mind the",
	"habe nichts dagegen",
	"hab nichts gegen",
	"nichts gegen",
	"kein problem",
	"keine einwaende gegen",
	"kein einwaende",
	"no objections to",
	"no objections",
	"dont mind",
	"do not mind",
	"nichts einzuwenden",
	"nichts einzuwenden gegen",
	"call me",
	"ring me",
	"give us a call",
	"give me a call",
	"speak to me on the phone",
	"speak over the phone",
	"sind gegen",
	"bin gegen",
	"are against",
	"am against",
	"( w-@-- )",
	"(-@-)",
	"getting back to",
	"get back to",
	"surface mail",
	"paper mail",
	"by mail",
	"in the mail",
	"in writing",
	"lieber als",
	"besser als",
	"better than",
	"email them",
	"email us",
	", no",
	" : no thanks",
	"bei evtl rueckfragen",
	"bei eventuellen fragen",
	"for questions",
	"for any questions",
	"instead of",
	"rather than",
	"opting out",
	"opt out",
	"in ordnung",
	"plain text",
	"in the clear",
	"im klartext",
	"web mail",
	"webmail",
	"send them",
	"send this to us",
	"sehen sie von",
	"sehen sie davon",
	"lehnen wir",
	"lehne wir",
	"s/mime",
	"s/ mime",
	"no reply@",
	"bis auf weiteres",
	"we arent able",
	"we hx could not",
	"could not be",
	"couldnt be",
	"konnten sie",
	"i shall not",
	"i wont",
	"ill not",
	"email you",
	"von ihrem haus",
	"von your company",
	"aus ihrer ql rausnehmen",
	"aus ihrer nz nehmen",
	"better if you never",
	"nice if you dont",
	"spar sie sich",
	"sparen sie sich",
	"off the records",
	"off the lists",
	"no one",
	"anylonger",
	"any longer",
	"diesem konto",
	"dieser konto",
	"hoeren endlich auf",
	"hoer sie endlich auf",
	"zoegern sie bitte nicht",
	"vergessen sie nicht",
	"nicht vergessen",
	"do not hesitate",
	"dont hesitate",
};

/* A sign that a phrase does not have would hide it from its pattern. */
static void test_phrase_signs(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
		g_autofree char *text = g_strconcat("ja ", phrases[i], " ja", NULL);
		g_autofree char *joined = sgp_opt_out_lexicon_join_phrases(text);
		g_assert_cmpstr(text, !=, joined);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/opt-out/an-objection-or-a-wish-for-another-way-is-an-opt-out",
		&objections, check);
	g_test_add_data_func("/opt-out/what-could-be-an-objection-is-asked", &questions, check);
	g_test_add_data_func("/opt-out/advertising-the-past-addresses-and-robots-are-no-objection",
		&silences, check);
	g_test_add_data_func("/opt-out/who-asks-for-e-mail-gets-e-mail", &requests, check);
	g_test_add_data_func("/opt-out/only-encrypted-is-no-objection", &secure, check);
	g_test_add_func("/opt-out/what-people-write-is-read-as-they-mean-it", test_list);
	g_test_add_func("/opt-out/phrases-are-found-by-their-signs", test_phrase_signs);
	g_test_add_func("/opt-out/two-things-said-are-a-question", test_side_by_side);
	g_test_add_func("/opt-out/what-is-said-around-the-corner-is-asked", test_around_the_corner);
	g_test_add_func("/opt-out/an-ordinary-mail-asks-nothing", test_ordinary_mail);
	g_test_add_func("/opt-out/look-alike-letters-hide-no-objection", test_look_alikes);
	g_test_add_func(
		"/opt-out/an-objection-does-not-drown-in-a-long-sentence", test_long_sentence);
	g_test_add_func("/opt-out/the-sentence-that-decided-is-shown", test_deciding_sentence);
	return g_test_run();
}
