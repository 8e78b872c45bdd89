/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words, German and English, that say how somebody wants to be answered, and what each does in
 * a sentence. Owns the vocabulary only; what a clause of such words means is sgp-opt-out-scan's. */
#include "sgp-opt-out-lexicon-private.h"

#include <string.h>

typedef struct {
	const char *word; /* ends with "*": any ending */
	guint64 roles;
} Entry;

/* Words after fold(): lower case, ä as ae, ß as ss, no hyphens, no apostrophes; phrases were joined
 * by join_phrases(). */
static const Entry lexicon[] = {
	/* clang-format off */
	{ "und", ROLE_AND }, { "and", ROLE_AND }, { "oder", ROLE_AND }, { "or", ROLE_AND },
	{ "noch", ROLE_AND }, { "nor", ROLE_AND }, { "sowie", ROLE_AND },
	{ "emails", ROLE_MAIL | ROLE_MAILS }, { "email*", ROLE_MAIL }, { "mail", ROLE_MAIL }, { "mails", ROLE_MAIL | ROLE_MAILS },
	{ "mailantwort*", ROLE_MAIL | ROLE_REPLY }, { "emailantwort*", ROLE_MAIL | ROLE_REPLY },
	{ "mailverkehr", ROLE_MAIL | ROLE_SEND }, { "emailverkehr", ROLE_MAIL | ROLE_SEND }, { "mailweg*", ROLE_MAIL }, { "mailkontakt*", ROLE_MAIL },
	{ "mailadresse*", ROLE_MAIL | ROLE_ADDRESS },
	{ "emailadresse*", ROLE_MAIL | ROLE_ADDRESS },
	{ "emailaddress*", ROLE_MAIL | ROLE_ADDRESS }, { "mailen", ROLE_MAIL | ROLE_SEND | ROLE_GIVE },
	{ "mailt", ROLE_MAIL | ROLE_SEND | ROLE_GIVE }, { "gemailt", ROLE_MAIL | ROLE_PARTICIPLE },
	{ "emailing", ROLE_MAIL | ROLE_SEND | ROLE_GIVE }, { "emailed", ROLE_MAIL | ROLE_PARTICIPLE },
	{ "anmailen", ROLE_MAIL | ROLE_SEND }, { "elektronisch*", ROLE_MAIL },
	{ "electronic*", ROLE_MAIL }, { "diesemweg", ROLE_MAIL }, { "postfach", ROLE_PLACE },
	{ "mailfach", ROLE_PLACE }, { "postbox", 0 }, { "maschine", 0 }, { "post", ROLE_OTHER },
	{ "postweg*", ROLE_OTHER }, { "postal*", ROLE_OTHER }, { "briefpost", ROLE_OTHER },
	{ "schneckenpost", ROLE_OTHER }, { "papierpost", ROLE_OTHER },
	{ "postalisch*", ROLE_OTHER }, { "brief*", ROLE_OTHER }, { "einschreiben", ROLE_OTHER },
	{ "letter*", ROLE_OTHER }, { "papier*", ROLE_OTHER }, { "paper*", ROLE_OTHER },
	{ "telefon*", ROLE_OTHER }, { "fernmuendlich*", ROLE_OTHER }, { "fax*", ROLE_OTHER },
	{ "phone*", ROLE_OTHER }, { "telephone*", ROLE_OTHER }, { "whatsapp", ROLE_OTHER },
	{ "sms", ROLE_OTHER }, { "persoenlich", ROLE_OTHER }, { "muendlich*", ROLE_OTHER },
	{ "briefkasten", ROLE_OTHER }, { "handy", ROLE_OTHER }, { "snailmail", ROLE_OTHER },
	{ "postbymail", ROLE_POSTAL_MAIL }, { "schriftlich*", ROLE_POSTAL_MAIL },
	{ "inwriting", ROLE_POSTAL_MAIL }, { "anruf*", ROLE_CALL }, { "anzurufen", ROLE_CALL }, { "angerufen", ROLE_CALL },
	{ "angemailt", ROLE_MAIL | ROLE_SEND },
	{ "rueckruf*", ROLE_CALL }, { "zurueckruf*", ROLE_CALL },
	{ "zurueckzurufen", ROLE_CALL }, { "ruf", ROLE_CALL | ROLE_COMMAND }, { "ruft", ROLE_CALL | ROLE_COMMAND },
	{ "rufen", ROLE_CALL | ROLE_COMMAND }, { "rufe", ROLE_CALL }, { "telefonier*", ROLE_CALL },
	{ "callme", ROLE_CALL | ROLE_COMMAND }, { "callback", ROLE_CALL }, { "nicht", ROLE_NO },
	{ "nich", ROLE_NO }, { "weder", ROLE_NO }, { "neither", ROLE_NO }, { "kaum", ROLE_NO }, { "selten", ROLE_NO }, { "rarely", ROLE_NO },
	{ "nie", ROLE_NO }, { "niemals", ROLE_NO }, { "nimmer", ROLE_NO },
	{ "keinesfalls", ROLE_NO }, { "keineswegs", ROLE_NO }, { "not", ROLE_NO },
	{ "never", ROLE_NO }, { "dont", ROLE_NO }, { "doesnt", ROLE_NO }, { "cannot", ROLE_NO | ROLE_CAN },
	{ "cant", ROLE_NO | ROLE_CAN }, { "wont", ROLE_NO }, { "without", ROLE_NO }, { "ohne", ROLE_NO },
	{ "nix", ROLE_NO | ROLE_NOTHING }, { "nichts", ROLE_NO | ROLE_NOTHING }, { "nothing", ROLE_NO | ROLE_NOTHING },
	{ "verzicht*", ROLE_NO | ROLE_ASK }, { "absehen", ROLE_NO | ROLE_ASK },
	{ "abzusehen", ROLE_NO | ROLE_ASK }, { "unterlass*", ROLE_NO | ROLE_ASK },
	{ "unterbleib*", ROLE_NO | ROLE_ASK }, { "refrain", ROLE_NO | ROLE_ASK },
	{ "avoid", ROLE_NO | ROLE_ASK }, { "vermeid*", ROLE_NO | ROLE_ASK },
	{ "stop", ROLE_NO | ROLE_ASK }, { "unerwuenscht*", ROLE_NO | ROLE_ASK },
	{ "ungern", ROLE_NO | ROLE_ASK }, { "ablehn*", ROLE_NO | ROLE_ASK },
	{ "dagegen", ROLE_NO | ROLE_ASK }, { "untersag*", ROLE_NO | ROLE_ASK },
	{ "verbiet*", ROLE_NO | ROLE_ASK }, { "verbitt*", ROLE_NO | ROLE_ASK },
	{ "widersprech*", ROLE_OBJECT }, { "widerspruch", ROLE_OBJECT },
	{ "widerspreche", ROLE_OBJECT }, { "widerruf*", ROLE_OBJECT }, { "object", ROLE_OBJECT },
	{ "optout", ROLE_OBJECT }, { "withdraw*", ROLE_OBJECT }, { "revoke*", ROLE_OBJECT },
	{ "kein", ROLE_NONE_OF }, { "keine", ROLE_NONE_OF }, { "keinen", ROLE_NONE_OF },
	{ "keinem", ROLE_NONE_OF }, { "keiner", ROLE_NONE_OF }, { "keinerlei", ROLE_NONE_OF },
	{ "keines", ROLE_NONE_OF }, { "no", ROLE_NONE_OF }, { "none", ROLE_NONE_OF },
	{ "liebsten", ROLE_RATHER | ROLE_ASK }, { "lieb", ROLE_ASK },
	{ "zurueckmail*", ROLE_MAIL | ROLE_REPLY }, { "rueckmail*", ROLE_MAIL | ROLE_REPLY },
	{ "zumail*", ROLE_MAIL | ROLE_SEND }, { "zuzumail*", ROLE_MAIL | ROLE_SEND },
	{ "bestaetig*", ROLE_SEND }, { "confirm*", ROLE_SEND }, { "ihre", ROLE_THEIRS },
	{ "ihrer", ROLE_THEIRS }, { "ihrem", ROLE_THEIRS }, { "ihren", ROLE_THEIRS },
	{ "your", ROLE_THEIRS }, { "freu*", ROLE_FINE | ROLE_ASK },
	{ "opened", ROLE_PARTICIPLE | ROLE_HAVE }, { "zu", ROLE_TO }, { "ich", ROLE_I },
	{ "wir", ROLE_I }, { "i", ROLE_I }, { "we", ROLE_I }, { "auch", ROLE_ALSO },
	{ "also", ROLE_ALSO }, { "zusaetzlich", ROLE_ALSO }, { "additionally", ROLE_ALSO },
	{ "statt", ROLE_INSTEAD_OF }, { "anstatt", ROLE_INSTEAD_OF },
	{ "anstelle", ROLE_INSTEAD_OF }, { "insteadof", ROLE_INSTEAD_OF },
	{ "ratherthan", ROLE_INSTEAD_OF }, { "antwort*", ROLE_REPLY },
	{ "rueckantwort*", ROLE_REPLY }, { "rueckmeld*", ROLE_REPLY },
	{ "beantwort*", ROLE_REPLY }, { "rueckinfo*", ROLE_REPLY }, { "feedback", ROLE_REPLY },
	{ "reply", ROLE_REPLY }, { "replies", ROLE_REPLY }, { "replying", ROLE_REPLY },
	{ "respond*", ROLE_REPLY }, { "response*", ROLE_REPLY }, { "answer*", ROLE_REPLY },
	{ "getback", ROLE_REPLY }, { "zurueckschreib*", ROLE_REPLY }, { "schreib*", ROLE_SEND },
	{ "schick*", ROLE_SEND | ROLE_GIVE }, { "send", ROLE_SEND | ROLE_GIVE }, { "senden", ROLE_SEND | ROLE_GIVE },
	{ "sende", ROLE_SEND | ROLE_GIVE }, { "sendet", ROLE_SEND | ROLE_GIVE }, { "sending", ROLE_SEND | ROLE_GIVE },
	{ "write", ROLE_SEND }, { "writing", ROLE_SEND },
	{ "zusend*", ROLE_SEND | ROLE_SEND_TO | ROLE_GIVE }, { "zuschick*", ROLE_SEND | ROLE_SEND_TO | ROLE_GIVE },
	{ "zuzusend*", ROLE_SEND | ROLE_SEND_TO | ROLE_GIVE }, { "zuzuschick*", ROLE_SEND | ROLE_SEND_TO | ROLE_GIVE },
	{ "zukommen", ROLE_SEND | ROLE_SEND_TO }, { "senditto", ROLE_SEND | ROLE_SEND_TO | ROLE_GIVE },
	{ "uebersend*", ROLE_SEND | ROLE_GIVE }, { "uebermitt*", ROLE_SEND | ROLE_GIVE }, { "versend*", ROLE_SEND | ROLE_GIVE },
	{ "versand*", ROLE_SEND }, { "zustell*", ROLE_SEND }, { "zuzustell*", ROLE_SEND },
	{ "kontakt*", ROLE_SEND }, { "kontaktier*", ROLE_SEND }, { "contact*", ROLE_SEND },
	{ "kommunikation*", ROLE_SEND }, { "kommunizier*", ROLE_SEND },
	{ "communicat*", ROLE_SEND }, { "korrespond*", ROLE_SEND }, { "correspond*", ROLE_SEND },
	{ "schriftverkehr", ROLE_SEND }, { "melden", ROLE_SEND }, { "meld", ROLE_SEND },
	{ "meldet", ROLE_SEND }, { "melde", ROLE_SEND }, { "mitteil*", ROLE_SEND },
	{ "benachrichtig*", ROLE_SEND }, { "notify", ROLE_SEND }, { "informier*", ROLE_SEND },
	{ "inform", ROLE_SEND }, { "wenden", ROLE_SEND }, { "nutz*", ROLE_SEND },
	{ "verwend*", ROLE_SEND }, { "use", ROLE_SEND }, { "erreichen", ROLE_SEND | ROLE_READ },
	{ "reach", ROLE_SEND | ROLE_READ }, { "bescheid", ROLE_SEND }, { "bitte", ROLE_ASK },
	{ "bitten", ROLE_ASK }, { "bittet", ROLE_ASK }, { "please", ROLE_ASK },
	{ "pls", ROLE_ASK }, { "kindly", ROLE_ASK }, { "wuensch*", ROLE_ASK },
	{ "gewuenscht*", ROLE_ASK }, { "erwuenscht*", ROLE_ASK }, { "moecht*", ROLE_ASK },
	{ "will", ROLE_ASK }, { "wollen", ROLE_ASK }, { "woll*", ROLE_ASK },
	{ "want*", ROLE_ASK }, { "wish*", ROLE_ASK }, { "sollen", ROLE_ASK },
	{ "soll", ROLE_ASK }, { "sollte*", ROLE_ASK }, { "should", ROLE_ASK },
	{ "duerf*", ROLE_ASK }, { "darf", ROLE_ASK }, { "koennen", ROLE_ASK | ROLE_CAN },
	{ "koennt*", ROLE_ASK }, { "kann", ROLE_ASK | ROLE_CAN }, { "can", ROLE_ASK | ROLE_CAN },
	{ "could", ROLE_ASK }, { "may", ROLE_ASK }, { "would", ROLE_ASK },
	{ "gestatt*", ROLE_ASK | ROLE_CONSENT }, { "erlaub*", ROLE_ASK | ROLE_CONSENT }, { "einverstanden", ROLE_ASK | ROLE_CONSENT },
	{ "agree", ROLE_ASK | ROLE_CONSENT }, { "zustimm*", ROLE_ASK | ROLE_CONSENT }, { "stimme", ROLE_ASK }, { "zugestimmt", ROLE_ASK | ROLE_CONSENT }, { "eingewilligt", ROLE_ASK | ROLE_CONSENT }, { "agreed", ROLE_ASK | ROLE_CONSENT }, { "gebeten", ROLE_ASK },
	{ "erbitte*", ROLE_ASK }, { "verlang*", ROLE_ASK }, { "braucht", ROLE_ASK },
	{ "request*", ROLE_ASK }, { "ask", ROLE_ASK }, { "asked", ROLE_ASK },
	{ "danke", ROLE_ASK }, { "lieber", ROLE_RATHER | ROLE_ASK },
	{ "besser", ROLE_RATHER | ROLE_ASK }, { "stattdessen", ROLE_RATHER | ROLE_ASK },
	{ "bevorzug*", ROLE_RATHER | ROLE_ASK }, { "vorzugsweise", ROLE_RATHER | ROLE_ASK },
	{ "vorzieh*", ROLE_RATHER | ROLE_ASK }, { "praeferier*", ROLE_RATHER | ROLE_ASK },
	{ "prefer*", ROLE_RATHER | ROLE_ASK }, { "rather", ROLE_RATHER | ROLE_ASK },
	{ "instead", ROLE_RATHER | ROLE_ASK }, { "nur", ROLE_RATHER | ROLE_ASK },
	{ "only", ROLE_RATHER | ROLE_ASK }, { "ausschliesslich*", ROLE_RATHER | ROLE_ASK },
	{ "exclusively", ROLE_RATHER | ROLE_ASK }, { "weiterhin", ROLE_ASK },
	{ "habe", ROLE_HAVE | ROLE_OWN }, { "hab", ROLE_HAVE | ROLE_OWN }, { "haben", ROLE_HAVE | ROLE_OWN },
	{ "hat", ROLE_HAVE | ROLE_OWN }, { "hatte", ROLE_HAVE | ROLE_OWN }, { "hatten", ROLE_HAVE | ROLE_OWN },
	{ "have", ROLE_HAVE | ROLE_OWN }, { "has", ROLE_HAVE | ROLE_OWN }, { "had", ROLE_HAVE | ROLE_OWN },
	{ "havent", ROLE_HAVE | ROLE_NO | ROLE_OWN }, { "hasnt", ROLE_HAVE | ROLE_NO },
	{ "did", ROLE_HAVE | ROLE_PARTICIPLE }, { "didnt", ROLE_HAVE | ROLE_NO | ROLE_PARTICIPLE }, { "wurde", ROLE_HAVE },
	{ "wurden", ROLE_HAVE }, { "ist", ROLE_HAVE }, { "sind", ROLE_HAVE },
	{ "was", ROLE_HAVE }, { "were", ROLE_HAVE }, { "worden", ROLE_HAVE | ROLE_PARTICIPLE },
	{ "bin", ROLE_HAVE }, { "geantwortet", ROLE_PARTICIPLE },
	{ "beantwortet", ROLE_PARTICIPLE | ROLE_REPLY }, { "geschickt", ROLE_PARTICIPLE },
	{ "gesendet", ROLE_PARTICIPLE }, { "gesandt", ROLE_PARTICIPLE },
	{ "geschrieben", ROLE_PARTICIPLE }, { "zugeschickt", ROLE_PARTICIPLE },
	{ "zugesandt", ROLE_PARTICIPLE }, { "zugesendet", ROLE_PARTICIPLE },
	{ "uebersandt", ROLE_PARTICIPLE }, { "uebermittelt", ROLE_PARTICIPLE },
	{ "versendet", ROLE_PARTICIPLE }, { "verschickt", ROLE_PARTICIPLE },
	{ "versandt", ROLE_PARTICIPLE }, { "mitgeteilt", ROLE_PARTICIPLE },
	{ "erhalten", ROLE_PARTICIPLE | ROLE_CONTACT | ROLE_HANDLE }, { "bekommen", ROLE_PARTICIPLE | ROLE_CONTACT },
	{ "empfangen", ROLE_PARTICIPLE | ROLE_HANDLE }, { "gekommen", ROLE_PARTICIPLE },
	{ "angekommen", ROLE_PARTICIPLE }, { "eingegangen", ROLE_PARTICIPLE },
	{ "gelesen", ROLE_PARTICIPLE | ROLE_READ }, { "gesehen", ROLE_PARTICIPLE },
	{ "gefunden", ROLE_PARTICIPLE | ROLE_HANDLE }, { "erreicht", ROLE_PARTICIPLE },
	{ "funktioniert", ROLE_PARTICIPLE }, { "geklappt", ROLE_PARTICIPLE },
	{ "versucht", ROLE_PARTICIPLE }, { "kontaktiert", ROLE_PARTICIPLE },
	{ "received", ROLE_PARTICIPLE | ROLE_HANDLE }, { "receive", ROLE_PARTICIPLE | ROLE_CONTACT | ROLE_HANDLE },
	{ "replied", ROLE_PARTICIPLE }, { "answered", ROLE_PARTICIPLE },
	{ "sent", ROLE_PARTICIPLE }, { "gotten", ROLE_PARTICIPLE }, { "get", ROLE_PARTICIPLE | ROLE_CONTACT },
	{ "got", ROLE_PARTICIPLE | ROLE_HAVE }, { "arrive", ROLE_PARTICIPLE },
	{ "arrived", ROLE_PARTICIPLE | ROLE_HAVE }, { "written", ROLE_PARTICIPLE },
	{ "kam", ROLE_PARTICIPLE | ROLE_HAVE }, { "kamen", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "ankam", ROLE_PARTICIPLE | ROLE_HAVE }, { "erhielt", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "bekam", ROLE_PARTICIPLE | ROLE_HAVE }, { "ging", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "gingen", ROLE_PARTICIPLE | ROLE_HAVE }, { "schickte*", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "schrieb", ROLE_PARTICIPLE | ROLE_HAVE }, { "schrieben", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "wrote", ROLE_PARTICIPLE | ROLE_HAVE }, { "antworteten", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "sandte*", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "funktionierte*", ROLE_PARTICIPLE | ROLE_HAVE }, { "werb*", ROLE_ADVERT },
	{ "newsletter*", ROLE_ADVERT }, { "reklame*", ROLE_ADVERT },
	{ "marketing*", ROLE_ADVERT }, { "advert*", ROLE_ADVERT }, { "promotion*", ROLE_ADVERT },
	{ "werbemail*", ROLE_ADVERT | ROLE_MAIL }, { "rundmail*", ROLE_ADVERT | ROLE_MAIL },
	{ "rundschreiben", ROLE_ADVERT }, { "spam*", ROLE_ADVERT },
	{ "emailwerbung", ROLE_ADVERT }, { "adresse*", ROLE_ADDRESS },
	{ "address*", ROLE_ADDRESS }, { "anschrift*", ROLE_ADDRESS }, { "neue*", ROLE_CHANGED },
	{ "alte*", ROLE_CHANGED }, { "andere*", ROLE_CHANGED }, { "geaendert*", ROLE_CHANGED },
	{ "new", ROLE_CHANGED }, { "old", ROLE_CHANGED }, { "changed", ROLE_CHANGED },
	{ "other", ROLE_CHANGED }, { "gueltig", ROLE_READ }, { "ungueltig", ROLE_CHANGED },
	{ "aktuell*", ROLE_CHANGED }, { "valid", ROLE_READ }, { "erreichbar", ROLE_READ },
	{ "existiert", ROLE_READ }, { "stimmt", ROLE_READ }, { "wenn", ROLE_IF },
	{ "falls", ROLE_IF }, { "sofern", ROLE_IF }, { "if", ROLE_IF }, { "unless", ROLE_IF },
	{ "wann", ROLE_IF }, { "ob", ROLE_IF }, { "whether", ROLE_IF },
	{ "verschluesselt*", ROLE_SECURE }, { "verschluesselung*", ROLE_SECURE },
	{ "encrypt*", ROLE_SECURE }, { "portal*", ROLE_SECURE },
	{ "webmailportal*", ROLE_SECURE }, { "kundenportal*", ROLE_SECURE },
	{ "pgp", ROLE_SECURE }, { "smime", ROLE_SECURE }, { "gpg", ROLE_SECURE },
	{ "openpgp", ROLE_SECURE }, { "gesichert*", ROLE_SECURE },
	{ "unverschluesselt*", ROLE_INSECURE }, { "unencrypted", ROLE_INSECURE },
	{ "ungesichert*", ROLE_INSECURE }, { "unsicher*", ROLE_INSECURE },
	{ "plaintext", ROLE_INSECURE }, { "klartext", ROLE_INSECURE },
	{ "gern*", ROLE_FINE | ROLE_ASK }, { "okaywith", ROLE_FINE | ROLE_ASK },
	{ "ok", ROLE_FINE }, { "okay", ROLE_FINE }, { "inordnung", ROLE_FINE },
	{ "fine", ROLE_FINE }, { "reicht", ROLE_FINE }, { "genuegt", ROLE_FINE },
	{ "gladly", ROLE_FINE | ROLE_ASK }, { "happy", ROLE_FINE | ROLE_ASK },
	{ "noetig", ROLE_NEEDED }, { "notwendig", ROLE_NEEDED }, { "erforderlich", ROLE_NEEDED },
	{ "needed", ROLE_NEEDED }, { "necessary", ROLE_NEEDED }, { "required", ROLE_NEEDED },
	{ "need", ROLE_NEEDED }, { "brauchen", ROLE_NEEDED }, { "brauche", ROLE_NEEDED },
	{ "muessen", ROLE_NEEDED }, { "erwart*", ROLE_NEEDED }, { "expect*", ROLE_NEEDED },
	{ "benoetig*", ROLE_NEEDED }, { "automatisch*", ROLE_AUTOMATIC },
	{ "automatic*", ROLE_AUTOMATIC }, { "automated", ROLE_AUTOMATIC },
	{ "autom*", ROLE_AUTOMATIC }, { "noreply", ROLE_AUTOMATIC },
	{ "systemnachricht", ROLE_AUTOMATIC }, { "abwesenheitsnotiz", ROLE_AUTOMATIC },
	{ "warum", ROLE_WHY }, { "wieso", ROLE_WHY }, { "weshalb", ROLE_WHY },
	{ "why", ROLE_WHY }, { "diese", ROLE_THIS | ROLE_DETERMINER }, { "dieser", ROLE_THIS | ROLE_DETERMINER },
	{ "dieses", ROLE_THIS | ROLE_DETERMINER }, { "this", ROLE_THIS | ROLE_DETERMINER }, { "meine", ROLE_THIS | ROLE_DETERMINER | ROLE_MINE },
	{ "my", ROLE_THIS | ROLE_DETERMINER | ROLE_MINE }, { "anhang", ROLE_ATTACHMENT }, { "anhaenge*", ROLE_ATTACHMENT },
	{ "anlage*", ROLE_ATTACHMENT }, { "attachment*", ROLE_ATTACHMENT },
	{ "unterlagen", ROLE_ATTACHMENT }, { "dokument*", ROLE_ATTACHMENT },
	{ "document*", ROLE_ATTACHMENT }, { "daten", ROLE_ATTACHMENT },
	{ "rechnung*", ROLE_ATTACHMENT }, { "postfaecher*", ROLE_PLACE }, { "mailbox*", ROLE_PLACE }, { "inbox*", ROLE_PLACE },
	{ "posteingang*", ROLE_PLACE }, { "mailkonto", ROLE_PLACE },
	{ "mailaccount*", ROLE_PLACE }, { "hier", ROLE_HERE }, { "hierher", ROLE_HERE },
	{ "hierhin", ROLE_HERE }, { "hierueber", ROLE_HERE }, { "here", ROLE_HERE },
	{ "thisaccount", ROLE_HERE }, { "nachricht*", ROLE_CONTACT },
	{ "message*", ROLE_CONTACT }, { "zuschrift*", ROLE_CONTACT },
	{ "mitteilung*", ROLE_CONTACT }, { "hoeren", ROLE_CONTACT }, { "hear", ROLE_CONTACT },
	{ "lese", ROLE_READ }, { "liest", ROLE_READ }, { "lesen", ROLE_READ | ROLE_HANDLE },
	{ "mitgelesen", ROLE_READ }, { "read", ROLE_READ | ROLE_HANDLE }, { "reads", ROLE_READ },
	{ "reading", ROLE_READ }, { "check*", ROLE_READ }, { "monitor*", ROLE_READ },
	{ "schaue", ROLE_READ }, { "schau", ROLE_READ }, { "schauen", ROLE_READ },
	{ "abrufe*", ROLE_READ }, { "abgerufen", ROLE_READ }, { "genutzt", ROLE_READ },
	{ "benutz*", ROLE_SEND | ROLE_READ }, { "used", ROLE_READ }, { "ueberwacht", ROLE_READ },
	{ "gilt", ROLE_READ }, { "reachable", ROLE_READ }, { "aktiv", ROLE_READ },
	{ "active", ROLE_READ }, { "find", ROLE_HANDLE }, { "finde", ROLE_HANDLE },
	{ "finden", ROLE_HANDLE }, { "oeffne*", ROLE_HANDLE }, { "open", ROLE_HANDLE },
	{ "see", ROLE_HANDLE }, { "sehen", ROLE_HANDLE }, { "aufmachen", ROLE_HANDLE },
	{ "anklicken", ROLE_HANDLE }, { "click", ROLE_HANDLE }, { "ausdrucken", ROLE_HANDLE },
	{ "drucken", ROLE_HANDLE }, { "print", ROLE_HANDLE }, { "download", ROLE_HANDLE },
	{ "herunterladen", ROLE_HANDLE }, { "ansehen", ROLE_HANDLE },
	{ "anschauen", ROLE_HANDLE }, { "weiterleiten", ROLE_HANDLE },
	{ "forward", ROLE_HANDLE }, { "understand", ROLE_HANDLE },
	{ "verstehen", ROLE_HANDLE }, { "verschicken", ROLE_SEND | ROLE_GIVE },
	{ "verschicke", ROLE_SEND | ROLE_GIVE }, { "abschicken", ROLE_SEND | ROLE_GIVE },
	{ "nachreichen", ROLE_SEND | ROLE_GIVE }, { "maile", ROLE_MAIL | ROLE_SEND | ROLE_GIVE },
	{ "mailyou", ROLE_MAIL | ROLE_SEND | ROLE_GIVE }, { "konnte", ROLE_COULD },
	{ "konnten", ROLE_COULD }, { "konnt", ROLE_COULD }, { "liess", ROLE_COULD },
	{ "liessen", ROLE_COULD }, { "werde", ROLE_CAN }, { "future", ROLE_CAN },
	{ "wird", ROLE_BECOMES }, { "werden", ROLE_BECOMES }, { "diesem", ROLE_DETERMINER },
	{ "diesen", ROLE_DETERMINER }, { "the", ROLE_THE }, { "die", ROLE_THE },
	{ "der", ROLE_THE }, { "den", ROLE_THE }, { "dem", ROLE_THE }, { "das", ROLE_THE },
	{ "fromyou", ROLE_FROM_YOU }, { "worry", ROLE_WORRY }, { "sorge", ROLE_WORRY },
	{ "sorgen", ROLE_WORRY }, { "gedanken", ROLE_WORRY }, { "kuemmern", ROLE_WORRY },
	{ "wundern", ROLE_WORRY }, { "internet", ROLE_NET },{ "internetanschl*", ROLE_NET },{ "internetzugang", ROLE_NET },{ "internetverbindung", ROLE_NET }, { "gibt", ROLE_OWN }, { "besitz*", ROLE_OWN }, { "verfueg*", ROLE_OWN },{ "einwilligung*", ROLE_ASK },{ "consent*", ROLE_ASK },{ "permission*", ROLE_ASK },{ "erinner*", ROLE_HANDLE }, { "remember", ROLE_HANDLE }, { "erschreck*", ROLE_WORRY }, { "computer*", ROLE_NET },
	{ "pc", ROLE_NET }, { "rechner", ROLE_NET }, { "laptop", ROLE_NET },
	{ "loesch*", ROLE_DELETE }, { "entfern*", ROLE_DELETE }, { "streichen", ROLE_DELETE },
	{ "delete*", ROLE_DELETE }, { "remove*", ROLE_DELETE }, { "mich", ROLE_ME },
	{ "mir", ROLE_ME }, { "uns", ROLE_ME }, { "me", ROLE_ME }, { "us", ROLE_ME },
	{ "niemand*", ROLE_NO }, { "nobody", ROLE_NO }, { "noone", ROLE_NO },
	{ "aufhoer*", ROLE_NO | ROLE_ASK }, { "aufzuhoer*", ROLE_NO | ROLE_ASK },
	{ "cease", ROLE_NO | ROLE_ASK }, { "akzeptier*", ROLE_ASK }, { "accept*", ROLE_ASK },
	{ "duld*", ROLE_ASK }, { "allow*", ROLE_ASK }, { "zulassen", ROLE_ASK },
	{ "mehr", ROLE_MORE }, { "weiter*", ROLE_MORE }, { "further", ROLE_MORE },
	{ "anymore", ROLE_MORE }, { "again", ROLE_MORE },
	{ "vertraulich*", ROLE_ATTACHMENT }
	/* clang-format on */
};

/* Words of several, joined before the sentence is cut into words. signs: whatever the pattern fits
 * has one of them in it, so that the pattern is only tried where one is (test:
 * /opt-out/phrases-are-found-by-their-signs). */
static const struct {
	const char *pattern, *joined;
	const char *signs[10];
} phrases[] = {
	{ "\\be[ -]?mail", "email", { "mail" } },
	{ "\\belektronische[rn]? (post|nachrichten|weg)\\b", "email", { "elektronische" } },
	{ "\\b(auf|ueber|via) (diese[mn]|den gleichen|demselben) (weg|wege|kanal)\\b", "diesemweg",
		{ " weg", " kanal" } },
	{ "\\b(in|by|via) this (way|channel)\\b|\\bthis way\\b", "diesemweg",
		{ "this way", "this channel" } },
	{ "\\bauf (gar )?keinen fall\\b|\\bin keinem fall\\b|\\bunder no circumstances\\b|\\bby no "
	  "means\\b",
		"keinesfalls", { "keinen fall", "keinem fall", "no circumstances", "no means" } },
	{ "\\b(wenn|falls|sofern|soweit) (es )?(irgend )?(moeglich|geht|machbar)( ist)?\\b|\\bif "
	  "(at all )?possible\\b|"
	  "\\bnach moeglichkeit\\b|\\bwenn es (ihnen )?(nichts ausmacht|recht ist)\\b|\\bif you "
	  "(do not|dont) mind\\b",
		"",
		{ "moeglich", "geht", "machbar", "possible", "ausmacht", "recht ist", "mind" } },
	{ "\\b(nicht|not) (nur|bloss|allein|only|just)\\b", "auch",
		{ "t nur", "t bloss", "t allein", "t only", "t just" } },
	{ "\\b(do not|dont) mind (the|my|this|that)\\b", "worry the", { "t mind" } },
	{ "\\b(habe|haben|hab|spricht|einzuwenden) nichts (gegen|dagegen)|\\bnichts "
	  "gegen\\b|\\bkein problem\\b|"
	  "\\bkeine? (einwand|einwaende|bedenken)( gegen)?|\\bno (objections?|problem)( to)?\\b|"
	  "\\b(do not|dont) mind\\b|\\bnichts einzuwenden( gegen)?",
		"okaywith", { "nichts ", "problem", "einw", "bedenken", "objection", "t mind" } },
	{ "\\b(call|phone|ring) (me|us)\\b|\\bgive (me|us) a (call|ring)\\b|\\bspeak (to me "
	  ")?(on|over|by) the phone\\b",
		"callme",
		{ "call me", "call us", "phone me", "phone us", "ring me", "ring us", " a call",
			" a ring", "the phone" } },
	{ "\\b(bin|sind) gegen\\b|\\b(am|are) against\\b", "ungern", { "gegen", "against" } },
	{ "\\(\\s*[\\w.-]+@[\\w.-]+\\s*\\)", "", { "@" } },
	{ "\\bget(ting)? back to\\b", "getback", { " back to" } },
	{ "\\b(snail|regular|postal|paper|surface) mail\\b", "snailmail", { " mail" } },
	{ "\\b(by|via|through|in the) mail\\b", "postbymail", { " mail" } },
	{ "\\bin writing\\b", "inwriting", { "in writing" } },
	{ "\\b(lieber|besser) als\\b", "lieber insteadof", { "er als" } },
	{ "\\bbetter than\\b", "rather insteadof", { "better than" } },
	{ "\\bemail (me|us|them)\\b", "email send", { "email " } },
	{ "\\s*[:,]\\s*(nein|no)\\b( danke| thanks)?", " nicht",
		{ " no", ",no", ":no", " nein", ",nein", ":nein" } },
	{ "\\bbei (weiteren |eventuellen |evtl )?(rueck)?fragen\\b|\\bfor (any )?questions\\b",
		"wenn", { "fragen", "questions" } },
	{ "\\binstead of\\b", "insteadof", { "instead of" } },
	{ "\\brather than\\b", "ratherthan", { "rather than" } },
	{ "\\bopt(ing)? out\\b", "optout", { "opt out", "opting out" } },
	{ "\\bin ordnung\\b", "inordnung", { "in ordnung" } },
	{ "\\bplain text\\b|\\bin the clear\\b|\\bim klartext\\b", "plaintext",
		{ "plain text", "the clear", "im klartext" } },
	{ "\\bweb ?mail\\b", "webmailportal", { "mail" } },
	{ "\\bsend (it|them|that|this)( over)?( to (me|us))?\\b", "senditto",
		{ "send it", "send th" } },
	{ "\\bsehen sie (bitte )?(von|davon)\\b", "absehen von", { "sehen sie" } },
	{ "\\b(lehne|lehnen) (ich|wir)?\\b", "ablehne ", { "lehne" } },
	{ "\\bs ?/ ?mime\\b", "smime", { "mime" } },
	{ "\\bno reply@", "noreply", { "no reply@" } },
	{ "\\bbis auf weiteres\\b", "", { "bis auf weiteres" } },
	/* The author speaks of what he could do or is going to do. English "will" and "could" wish
	   for something only where they speak to us. */
	{ "\\b(i|we) ([a-z]+ )?(could( not|nt)|(was|were|am|are)(nt| not) able|(was|were|am|are) "
	  "unable)\\b|\\bcould( not|nt) be\\b",
		"i konnte not", { "could", "able" } },
	{ "\\bkonnten sie\\b", "koennten sie", { "konnten sie" } },
	{ "\\b(i|we) (wont|(will|shall) not)\\b|\\bill not\\b", "i future not",
		{ "wont", "ll not" } },
	{ "\\bemail you\\b", "mailyou", { "email you" } },
	{ "\\b(from|von) (you|ihnen|euch|ihrem haus|ihrem buero|your (office|company))\\b",
		"fromyou", { "from ", "von " } },
	{ "\\baus (den|der|dem|ihren|ihrer|ihrem) [a-z]+ (heraus|raus)?nehmen\\b", "entfernen",
		{ "nehmen" } },
	{ "\\b(grateful|appreciate it|prefer it|nice|better) if you (did not|didnt|do "
	  "not|dont|would "
	  "not|wouldnt|never)\\b",
		"please not", { " if you " } },
	{ "\\bspar(en|t)? sie sich\\b", "unterlassen", { "sie sich" } },
	{ "\\boff (your|the) (system|records|lists?|files|books)\\b", "delete",
		{ "off your", "off the" } },
	{ "\\bno one\\b", "noone", { "no one" } },
	{ "\\bany ?(more|longer)\\b", "anymore", { "any" } },
	{ "\\b(this|diese[nrsm]?) (account|konto)\\b", "thisaccount", { " account", " konto" } },
	{ "\\bhoer(en|t)? (sie )?((bitte|doch|endlich|jetzt|sofort) )*auf\\b", "aufhoeren",
		{ "hoer" } },
	/* A consent that is taken back: what was allowed is allowed no more. */
	{ "\\b(einwillig|zustimm|einverstaendnis|erlaubnis|genehmig)[a-z]*( ,?[a-z0-9-]+,?){0,9} "
	  "\\Kzurueck(genommen|gezogen|nehmen|ziehen|zunehmen|zuziehen)?\\b",
		"widerrufe", { "zurueck" } },
	{ "\\b(vergessen sie|vergiss|zoegern sie) (bitte )?nicht\\b|\\bnicht "
	  "vergessen\\b|\\b(do not|dont) (forget|hesitate)\\b",
		"", { "verg", "zoegern", "forget", "hesitate" } },
};

static gboolean has_sign(const char *text, gsize phrase)
{
	const char *const *signs = phrases[phrase].signs;
	for (gsize i = 0; i < G_N_ELEMENTS(phrases[0].signs) && signs[i] != NULL; i++) {
		if (strstr(text, signs[i]) != NULL)
			return TRUE;
	}
	return FALSE;
}

char *sgp_opt_out_lexicon_join_phrases(const char *folded)
{
	static gsize ready = 0;
	static GRegex *regexes[G_N_ELEMENTS(phrases)];
	if (g_once_init_enter(&ready)) {
		for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++)
			regexes[i] = g_regex_new(phrases[i].pattern, G_REGEX_OPTIMIZE, 0, NULL);
		g_once_init_leave(&ready, 1);
	}
	char *text = g_strdup(folded);
	for (gsize i = 0; i < G_N_ELEMENTS(phrases); i++) {
		if (!has_sign(text, i))
			continue;
		char *next = g_regex_replace_literal(
			regexes[i], text, -1, 0, phrases[i].joined, 0, NULL);
		if (next != NULL) {
			g_free(text);
			text = next;
		}
	}
	return text;
}

/* Entries by their first letter, in the order of the table: every word is looked up several times.
 */
typedef struct {
	guint16 first[256], next[G_N_ELEMENTS(lexicon)]; /* place in the table plus one; 0 ends */
} Index;

static const Index *get_index(void)
{
	static gsize ready = 0;
	static Index index;
	if (g_once_init_enter(&ready)) {
		for (gsize i = G_N_ELEMENTS(lexicon); i > 0; i--) {
			guchar letter = (guchar)lexicon[i - 1].word[0];
			index.next[i - 1] = index.first[letter];
			index.first[letter] = (guint16)i;
		}
		g_once_init_leave(&ready, 1);
	}
	return &index;
}

guint64 sgp_opt_out_lexicon_lookup(const char *word)
{
	const Index *index = get_index();
	for (guint at = index->first[(guchar)word[0]]; at != 0; at = index->next[at - 1]) {
		const guint i = at - 1;
		const char *entry = lexicon[i].word;
		if (entry[1] != word[1] && entry[1] != '*') /* most end here */
			continue;
		gsize length = strlen(entry);
		gboolean is_prefix = entry[length - 1] == '*';
		if (is_prefix ? strncmp(word, entry, length - 1) == 0 : strcmp(word, entry) == 0)
			return lexicon[i].roles;
	}
	return 0;
}
