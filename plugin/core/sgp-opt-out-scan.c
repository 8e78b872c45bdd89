/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one sentence: does it object to e-mail, ask for another way instead, ask for e-mail, or ask
 * for encryption? Works on clauses and the roles of their words (a negation binds to the way of
 * sending that it stands with), not on whole phrases. Never sees quotes or signatures
 * (sgp-own-words took them out). A wrong "unclear" costs one question, a missed objection a
 * customer: where it could be one, it says "unclear". */
#include "sgp-opt-out-scan.h"

#include <string.h>

typedef enum {
	ROLE_MAIL = 1 << 0,        /* e-mail */
	ROLE_OTHER = 1 << 1,       /* another way: post, telephone, fax */
	ROLE_NO = 1 << 2,          /* not, never, refrain from */
	ROLE_NONE_OF = 1 << 3,     /* "kein", "no": negates the noun after it */
	ROLE_INSTEAD_OF = 1 << 4,  /* statt, instead of */
	ROLE_REPLY = 1 << 5,       /* answer */
	ROLE_SEND = 1 << 6,        /* send, write, contact */
	ROLE_ASK = 1 << 7,         /* bitte, please, wish, may not */
	ROLE_RATHER = 1 << 8,      /* lieber, only, instead */
	ROLE_HAVE = 1 << 9,        /* auxiliary of the past */
	ROLE_PARTICIPLE = 1 << 10, /* got, sent, arrived */
	ROLE_ADVERT = 1 << 11,
	ROLE_ADDRESS = 1 << 12,
	ROLE_CHANGED = 1 << 13, /* new, old, changed */
	ROLE_IF = 1 << 14,
	ROLE_SECURE = 1 << 15,   /* encrypted, portal */
	ROLE_INSECURE = 1 << 16, /* unencrypted */
	ROLE_FINE = 1 << 17,     /* gladly, no objection, in order */
	ROLE_NEEDED = 1 << 18,   /* necessary */
	ROLE_AUTOMATIC = 1 << 19,
	ROLE_WHY = 1 << 20,
	ROLE_CALL = 1 << 21,    /* call: another way, by its verb */
	ROLE_SEND_TO = 1 << 22, /* zuschicken: to the door, says nothing of how */
	ROLE_THIS = 1 << 23,    /* diese, this */
	ROLE_ATTACHMENT = 1 << 24,
	ROLE_POSTAL_MAIL = 1 << 25, /* English "by mail": which one? */
	ROLE_OBJECT = 1 << 26,      /* widerspreche, opt out */
	ROLE_ONLY = 1 << 27,
	ROLE_TO = 1 << 28, /* "zu": schicken Sie ... zu */
	ROLE_I = 1 << 29,
	ROLE_ALSO = 1 << 30,
} Role;

typedef struct {
	const char *word; /* ends with "*": any ending */
	guint roles;
} Entry;

/* Words after fold(): lower case, ä as ae, ß as ss, no hyphens, no apostrophes; phrases were joined
 * by join_phrases(). */
static const Entry lexicon[] = {
	{ "email*", ROLE_MAIL },
	{ "mail", ROLE_MAIL },
	{ "mails", ROLE_MAIL },
	{ "mailantwort*", ROLE_MAIL | ROLE_REPLY },
	{ "emailantwort*", ROLE_MAIL | ROLE_REPLY },
	{ "mailverkehr", ROLE_MAIL },
	{ "mailweg*", ROLE_MAIL },
	{ "mailkontakt*", ROLE_MAIL },
	{ "mailadresse*", ROLE_MAIL | ROLE_ADDRESS },
	{ "emailadresse*", ROLE_MAIL | ROLE_ADDRESS },
	{ "emailaddress*", ROLE_MAIL | ROLE_ADDRESS },
	{ "mailen", ROLE_MAIL | ROLE_SEND },
	{ "mailt", ROLE_MAIL | ROLE_SEND },
	{ "gemailt", ROLE_MAIL | ROLE_PARTICIPLE },
	{ "emailing", ROLE_MAIL | ROLE_SEND },
	{ "emailed", ROLE_MAIL | ROLE_PARTICIPLE },
	{ "anmailen", ROLE_MAIL | ROLE_SEND },
	{ "elektronisch*", ROLE_MAIL },
	{ "electronic*", ROLE_MAIL },
	{ "diesemweg", ROLE_MAIL },
	{ "postfach", 0 },
	{ "mailfach", 0 },
	{ "postbox", 0 },
	{ "maschine", 0 },

	{ "post", ROLE_OTHER },
	{ "postweg*", ROLE_OTHER },
	{ "postal*", ROLE_OTHER },
	{ "briefpost", ROLE_OTHER },
	{ "schneckenpost", ROLE_OTHER },
	{ "papierpost", ROLE_OTHER },
	{ "postalisch*", ROLE_OTHER },
	{ "brief*", ROLE_OTHER },
	{ "einschreiben", ROLE_OTHER },
	{ "letter*", ROLE_OTHER },
	{ "papier*", ROLE_OTHER },
	{ "paper*", ROLE_OTHER },
	{ "telefon*", ROLE_OTHER },
	{ "fernmuendlich*", ROLE_OTHER },
	{ "fax*", ROLE_OTHER },
	{ "phone*", ROLE_OTHER },
	{ "telephone*", ROLE_OTHER },
	{ "whatsapp", ROLE_OTHER },
	{ "sms", ROLE_OTHER },
	{ "persoenlich", ROLE_OTHER },
	{ "muendlich*", ROLE_OTHER },
	{ "briefkasten", ROLE_OTHER },
	{ "handy", ROLE_OTHER },
	{ "snailmail", ROLE_OTHER },
	{ "postbymail", ROLE_POSTAL_MAIL },
	{ "schriftlich*", ROLE_POSTAL_MAIL },
	{ "inwriting", ROLE_POSTAL_MAIL },
	{ "anruf*", ROLE_CALL },
	{ "anzurufen", ROLE_CALL },
	{ "rueckruf*", ROLE_CALL },
	{ "zurueckruf*", ROLE_CALL },
	{ "zurueckzurufen", ROLE_CALL },
	{ "ruf", ROLE_CALL },
	{ "ruft", ROLE_CALL },
	{ "rufen", ROLE_CALL },
	{ "rufe", ROLE_CALL },
	{ "telefonier*", ROLE_CALL },
	{ "callme", ROLE_CALL },
	{ "callback", ROLE_CALL },

	{ "nicht", ROLE_NO },
	{ "nich", ROLE_NO },
	{ "nie", ROLE_NO },
	{ "niemals", ROLE_NO },
	{ "nimmer", ROLE_NO },
	{ "keinesfalls", ROLE_NO },
	{ "keineswegs", ROLE_NO },
	{ "not", ROLE_NO },
	{ "never", ROLE_NO },
	{ "dont", ROLE_NO },
	{ "doesnt", ROLE_NO },
	{ "cannot", ROLE_NO },
	{ "cant", ROLE_NO },
	{ "wont", ROLE_NO },
	{ "without", ROLE_NO },
	{ "ohne", ROLE_NO },
	{ "nix", ROLE_NO },
	{ "nichts", ROLE_NO },
	{ "nothing", ROLE_NO },
	{ "verzicht*", ROLE_NO | ROLE_ASK },
	{ "absehen", ROLE_NO | ROLE_ASK },
	{ "abzusehen", ROLE_NO | ROLE_ASK },
	{ "unterlass*", ROLE_NO | ROLE_ASK },
	{ "unterbleib*", ROLE_NO | ROLE_ASK },
	{ "refrain", ROLE_NO | ROLE_ASK },
	{ "avoid", ROLE_NO | ROLE_ASK },
	{ "vermeid*", ROLE_NO | ROLE_ASK },
	{ "stop", ROLE_NO | ROLE_ASK },
	{ "unerwuenscht*", ROLE_NO | ROLE_ASK },
	{ "ungern", ROLE_NO | ROLE_ASK },
	{ "ablehn*", ROLE_NO | ROLE_ASK },
	{ "dagegen", ROLE_NO | ROLE_ASK },
	{ "untersag*", ROLE_NO | ROLE_ASK },
	{ "verbiet*", ROLE_NO | ROLE_ASK },
	{ "verbitt*", ROLE_NO | ROLE_ASK },
	{ "widersprech*", ROLE_OBJECT },
	{ "widerspruch", ROLE_OBJECT },
	{ "widerspreche", ROLE_OBJECT },
	{ "widerruf*", ROLE_OBJECT },
	{ "object", ROLE_OBJECT },
	{ "optout", ROLE_OBJECT },
	{ "withdraw*", ROLE_OBJECT },
	{ "revoke*", ROLE_OBJECT },
	{ "kein", ROLE_NONE_OF },
	{ "keine", ROLE_NONE_OF },
	{ "keinen", ROLE_NONE_OF },
	{ "keinem", ROLE_NONE_OF },
	{ "keiner", ROLE_NONE_OF },
	{ "keinerlei", ROLE_NONE_OF },
	{ "keines", ROLE_NONE_OF },
	{ "no", ROLE_NONE_OF },
	{ "none", ROLE_NONE_OF },
	{ "zu", ROLE_TO },
	{ "ich", ROLE_I },
	{ "wir", ROLE_I },
	{ "i", ROLE_I },
	{ "we", ROLE_I },
	{ "auch", ROLE_ALSO },
	{ "also", ROLE_ALSO },
	{ "zusaetzlich", ROLE_ALSO },
	{ "additionally", ROLE_ALSO },
	{ "statt", ROLE_INSTEAD_OF },
	{ "anstatt", ROLE_INSTEAD_OF },
	{ "anstelle", ROLE_INSTEAD_OF },
	{ "insteadof", ROLE_INSTEAD_OF },
	{ "ratherthan", ROLE_INSTEAD_OF },

	{ "antwort*", ROLE_REPLY },
	{ "rueckantwort*", ROLE_REPLY },
	{ "rueckmeld*", ROLE_REPLY },
	{ "beantwort*", ROLE_REPLY },
	{ "rueckinfo*", ROLE_REPLY },
	{ "feedback", ROLE_REPLY },
	{ "reply", ROLE_REPLY },
	{ "replies", ROLE_REPLY },
	{ "replying", ROLE_REPLY },
	{ "respond*", ROLE_REPLY },
	{ "response*", ROLE_REPLY },
	{ "answer*", ROLE_REPLY },
	{ "getback", ROLE_REPLY },
	{ "zurueckschreib*", ROLE_REPLY },
	{ "schreib*", ROLE_SEND },
	{ "schick*", ROLE_SEND },
	{ "send", ROLE_SEND },
	{ "senden", ROLE_SEND },
	{ "sende", ROLE_SEND },
	{ "sendet", ROLE_SEND },
	{ "sending", ROLE_SEND },
	{ "write", ROLE_SEND },
	{ "writing", ROLE_SEND },
	{ "zusend*", ROLE_SEND | ROLE_SEND_TO },
	{ "zuschick*", ROLE_SEND | ROLE_SEND_TO },
	{ "zuzusend*", ROLE_SEND | ROLE_SEND_TO },
	{ "zuzuschick*", ROLE_SEND | ROLE_SEND_TO },
	{ "zukommen", ROLE_SEND | ROLE_SEND_TO },
	{ "senditto", ROLE_SEND | ROLE_SEND_TO },
	{ "uebersend*", ROLE_SEND },
	{ "uebermitt*", ROLE_SEND },
	{ "versend*", ROLE_SEND },
	{ "versand*", ROLE_SEND },
	{ "zustell*", ROLE_SEND },
	{ "zuzustell*", ROLE_SEND },
	{ "kontakt*", ROLE_SEND },
	{ "kontaktier*", ROLE_SEND },
	{ "contact*", ROLE_SEND },
	{ "kommunikation*", ROLE_SEND },
	{ "kommunizier*", ROLE_SEND },
	{ "communicat*", ROLE_SEND },
	{ "korrespond*", ROLE_SEND },
	{ "correspond*", ROLE_SEND },
	{ "schriftverkehr", ROLE_SEND },
	{ "melden", ROLE_SEND },
	{ "meld", ROLE_SEND },
	{ "meldet", ROLE_SEND },
	{ "melde", ROLE_SEND },
	{ "mitteil*", ROLE_SEND },
	{ "benachrichtig*", ROLE_SEND },
	{ "notify", ROLE_SEND },
	{ "informier*", ROLE_SEND },
	{ "inform", ROLE_SEND },
	{ "wenden", ROLE_SEND },
	{ "nutz*", ROLE_SEND },
	{ "verwend*", ROLE_SEND },
	{ "use", ROLE_SEND },
	{ "erreichen", ROLE_SEND },
	{ "reach", ROLE_SEND },
	{ "bescheid", ROLE_SEND },

	{ "bitte", ROLE_ASK },
	{ "bitten", ROLE_ASK },
	{ "bittet", ROLE_ASK },
	{ "please", ROLE_ASK },
	{ "pls", ROLE_ASK },
	{ "kindly", ROLE_ASK },
	{ "wuensch*", ROLE_ASK },
	{ "gewuenscht*", ROLE_ASK },
	{ "erwuenscht*", ROLE_ASK },
	{ "moecht*", ROLE_ASK },
	{ "will", ROLE_ASK },
	{ "wollen", ROLE_ASK },
	{ "woll*", ROLE_ASK },
	{ "want*", ROLE_ASK },
	{ "wish*", ROLE_ASK },
	{ "sollen", ROLE_ASK },
	{ "soll", ROLE_ASK },
	{ "sollte*", ROLE_ASK },
	{ "should", ROLE_ASK },
	{ "duerf*", ROLE_ASK },
	{ "darf", ROLE_ASK },
	{ "koennen", ROLE_ASK },
	{ "koennt*", ROLE_ASK },
	{ "kann", ROLE_ASK },
	{ "can", ROLE_ASK },
	{ "could", ROLE_ASK },
	{ "may", ROLE_ASK },
	{ "would", ROLE_ASK },
	{ "gestatt*", ROLE_ASK },
	{ "erlaub*", ROLE_ASK },
	{ "einverstanden", ROLE_ASK },
	{ "agree", ROLE_ASK },
	{ "zustimm*", ROLE_ASK },
	{ "gebeten", ROLE_ASK },
	{ "erbitte*", ROLE_ASK },
	{ "verlang*", ROLE_ASK },
	{ "braucht", ROLE_ASK },
	{ "request*", ROLE_ASK },
	{ "ask", ROLE_ASK },
	{ "asked", ROLE_ASK },
	{ "danke", ROLE_ASK },
	{ "lieber", ROLE_RATHER | ROLE_ASK },
	{ "besser", ROLE_RATHER | ROLE_ASK },
	{ "stattdessen", ROLE_RATHER | ROLE_ASK },
	{ "bevorzug*", ROLE_RATHER | ROLE_ASK },
	{ "vorzugsweise", ROLE_RATHER | ROLE_ASK },
	{ "vorzieh*", ROLE_RATHER | ROLE_ASK },
	{ "praeferier*", ROLE_RATHER | ROLE_ASK },
	{ "prefer*", ROLE_RATHER | ROLE_ASK },
	{ "rather", ROLE_RATHER | ROLE_ASK },
	{ "instead", ROLE_RATHER | ROLE_ASK },
	{ "nur", ROLE_RATHER | ROLE_ASK | ROLE_ONLY },
	{ "only", ROLE_RATHER | ROLE_ASK | ROLE_ONLY },
	{ "ausschliesslich*", ROLE_RATHER | ROLE_ASK | ROLE_ONLY },
	{ "exclusively", ROLE_RATHER | ROLE_ASK | ROLE_ONLY },
	{ "weiterhin", ROLE_ASK },

	{ "habe", ROLE_HAVE },
	{ "hab", ROLE_HAVE },
	{ "haben", ROLE_HAVE },
	{ "hat", ROLE_HAVE },
	{ "hatte", ROLE_HAVE },
	{ "hatten", ROLE_HAVE },
	{ "have", ROLE_HAVE },
	{ "has", ROLE_HAVE },
	{ "had", ROLE_HAVE },
	{ "havent", ROLE_HAVE | ROLE_NO },
	{ "hasnt", ROLE_HAVE | ROLE_NO },
	{ "did", ROLE_HAVE },
	{ "didnt", ROLE_HAVE | ROLE_NO },
	{ "wurde", ROLE_HAVE },
	{ "wurden", ROLE_HAVE },
	{ "ist", ROLE_HAVE },
	{ "sind", ROLE_HAVE },
	{ "was", ROLE_HAVE },
	{ "were", ROLE_HAVE },
	{ "worden", ROLE_HAVE | ROLE_PARTICIPLE },
	{ "bin", ROLE_HAVE },
	{ "geantwortet", ROLE_PARTICIPLE },
	{ "beantwortet", ROLE_PARTICIPLE | ROLE_REPLY },
	{ "geschickt", ROLE_PARTICIPLE },
	{ "gesendet", ROLE_PARTICIPLE },
	{ "gesandt", ROLE_PARTICIPLE },
	{ "geschrieben", ROLE_PARTICIPLE },
	{ "zugeschickt", ROLE_PARTICIPLE },
	{ "zugesandt", ROLE_PARTICIPLE },
	{ "zugesendet", ROLE_PARTICIPLE },
	{ "uebersandt", ROLE_PARTICIPLE },
	{ "uebermittelt", ROLE_PARTICIPLE },
	{ "versendet", ROLE_PARTICIPLE },
	{ "verschickt", ROLE_PARTICIPLE },
	{ "versandt", ROLE_PARTICIPLE },
	{ "mitgeteilt", ROLE_PARTICIPLE },
	{ "erhalten", ROLE_PARTICIPLE },
	{ "bekommen", ROLE_PARTICIPLE },
	{ "empfangen", ROLE_PARTICIPLE },
	{ "gekommen", ROLE_PARTICIPLE },
	{ "angekommen", ROLE_PARTICIPLE },
	{ "eingegangen", ROLE_PARTICIPLE },
	{ "gelesen", ROLE_PARTICIPLE },
	{ "gesehen", ROLE_PARTICIPLE },
	{ "gefunden", ROLE_PARTICIPLE },
	{ "erreicht", ROLE_PARTICIPLE },
	{ "funktioniert", ROLE_PARTICIPLE },
	{ "geklappt", ROLE_PARTICIPLE },
	{ "versucht", ROLE_PARTICIPLE },
	{ "kontaktiert", ROLE_PARTICIPLE },
	{ "received", ROLE_PARTICIPLE },
	{ "receive", ROLE_PARTICIPLE },
	{ "replied", ROLE_PARTICIPLE },
	{ "answered", ROLE_PARTICIPLE },
	{ "sent", ROLE_PARTICIPLE },
	{ "gotten", ROLE_PARTICIPLE },
	{ "get", ROLE_PARTICIPLE },
	{ "got", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "arrive", ROLE_PARTICIPLE },
	{ "arrived", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "written", ROLE_PARTICIPLE },
	{ "kam", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "kamen", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "ankam", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "erhielt", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "bekam", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "ging", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "gingen", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "schickte*", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "schrieb", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "schrieben", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "wrote", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "antworteten", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "sandte*", ROLE_PARTICIPLE | ROLE_HAVE },
	{ "funktionierte*", ROLE_PARTICIPLE | ROLE_HAVE },

	{ "werb*", ROLE_ADVERT },
	{ "newsletter*", ROLE_ADVERT },
	{ "reklame*", ROLE_ADVERT },
	{ "marketing*", ROLE_ADVERT },
	{ "advert*", ROLE_ADVERT },
	{ "promotion*", ROLE_ADVERT },
	{ "werbemail*", ROLE_ADVERT | ROLE_MAIL },
	{ "rundmail*", ROLE_ADVERT | ROLE_MAIL },
	{ "rundschreiben", ROLE_ADVERT },
	{ "spam*", ROLE_ADVERT },
	{ "emailwerbung", ROLE_ADVERT },
	{ "adresse*", ROLE_ADDRESS },
	{ "address*", ROLE_ADDRESS },
	{ "anschrift*", ROLE_ADDRESS },
	{ "neue*", ROLE_CHANGED },
	{ "alte*", ROLE_CHANGED },
	{ "andere*", ROLE_CHANGED },
	{ "geaendert*", ROLE_CHANGED },
	{ "new", ROLE_CHANGED },
	{ "old", ROLE_CHANGED },
	{ "changed", ROLE_CHANGED },
	{ "other", ROLE_CHANGED },
	{ "gueltig", ROLE_CHANGED },
	{ "ungueltig", ROLE_CHANGED },
	{ "aktuell*", ROLE_CHANGED },
	{ "valid", ROLE_CHANGED },
	{ "erreichbar", ROLE_CHANGED },
	{ "existiert", ROLE_CHANGED },
	{ "stimmt", ROLE_CHANGED },
	{ "wenn", ROLE_IF },
	{ "falls", ROLE_IF },
	{ "sofern", ROLE_IF },
	{ "if", ROLE_IF },
	{ "unless", ROLE_IF },
	{ "wann", ROLE_IF },
	{ "ob", ROLE_IF },
	{ "whether", ROLE_IF },
	{ "verschluesselt*", ROLE_SECURE },
	{ "verschluesselung*", ROLE_SECURE },
	{ "encrypt*", ROLE_SECURE },
	{ "portal*", ROLE_SECURE },
	{ "webmailportal*", ROLE_SECURE },
	{ "kundenportal*", ROLE_SECURE },
	{ "pgp", ROLE_SECURE },
	{ "smime", ROLE_SECURE },
	{ "gpg", ROLE_SECURE },
	{ "openpgp", ROLE_SECURE },
	{ "gesichert*", ROLE_SECURE },
	{ "unverschluesselt*", ROLE_INSECURE },
	{ "unencrypted", ROLE_INSECURE },
	{ "ungesichert*", ROLE_INSECURE },
	{ "unsicher*", ROLE_INSECURE },
	{ "plaintext", ROLE_INSECURE },
	{ "klartext", ROLE_INSECURE },
	{ "gern*", ROLE_FINE | ROLE_ASK },
	{ "okaywith", ROLE_FINE | ROLE_ASK },
	{ "ok", ROLE_FINE },
	{ "okay", ROLE_FINE },
	{ "inordnung", ROLE_FINE },
	{ "fine", ROLE_FINE },
	{ "reicht", ROLE_FINE },
	{ "genuegt", ROLE_FINE },
	{ "gladly", ROLE_FINE | ROLE_ASK },
	{ "happy", ROLE_FINE | ROLE_ASK },
	{ "noetig", ROLE_NEEDED },
	{ "notwendig", ROLE_NEEDED },
	{ "erforderlich", ROLE_NEEDED },
	{ "needed", ROLE_NEEDED },
	{ "necessary", ROLE_NEEDED },
	{ "required", ROLE_NEEDED },
	{ "need", ROLE_NEEDED },
	{ "brauchen", ROLE_NEEDED },
	{ "brauche", ROLE_NEEDED },
	{ "muessen", ROLE_NEEDED },
	{ "erwart*", ROLE_NEEDED },
	{ "expect*", ROLE_NEEDED },
	{ "benoetig*", ROLE_NEEDED },
	{ "automatisch*", ROLE_AUTOMATIC },
	{ "automatic*", ROLE_AUTOMATIC },
	{ "automated", ROLE_AUTOMATIC },
	{ "autom*", ROLE_AUTOMATIC },
	{ "noreply", ROLE_AUTOMATIC },
	{ "systemnachricht", ROLE_AUTOMATIC },
	{ "abwesenheitsnotiz", ROLE_AUTOMATIC },
	{ "warum", ROLE_WHY },
	{ "wieso", ROLE_WHY },
	{ "weshalb", ROLE_WHY },
	{ "why", ROLE_WHY },
	{ "diese", ROLE_THIS },
	{ "dieser", ROLE_THIS },
	{ "dieses", ROLE_THIS },
	{ "this", ROLE_THIS },
	{ "meine", ROLE_THIS },
	{ "my", ROLE_THIS },
	{ "anhang", ROLE_ATTACHMENT },
	{ "anhaenge*", ROLE_ATTACHMENT },
	{ "anlage*", ROLE_ATTACHMENT },
	{ "attachment*", ROLE_ATTACHMENT },
	{ "unterlagen", ROLE_ATTACHMENT },
	{ "dokument*", ROLE_ATTACHMENT },
	{ "document*", ROLE_ATTACHMENT },
	{ "daten", ROLE_ATTACHMENT },
	{ "rechnung*", ROLE_ATTACHMENT },
	{ "vertraulich*", ROLE_ATTACHMENT },
};

/* Words of several, joined before the sentence is cut into words. */
static const struct {
	const char *pattern, *joined;
} phrases[] = {
	{ "\\be[ -]?mail", "email" },
	{ "\\belektronische[rn]? (post|nachrichten|weg)\\b", "email" },
	{ "\\b(auf|ueber|via) (diese[mn]|den gleichen|demselben) (weg|wege|kanal)\\b",
		"diesemweg" },
	{ "\\b(in|by|via) this (way|channel)\\b|\\bthis way\\b", "diesemweg" },
	{ "\\bauf (gar )?keinen fall\\b|\\bin keinem fall\\b|\\bunder no circumstances\\b|\\bby no "
	  "means\\b",
		"keinesfalls" },
	{ "\\b(wenn|falls|sofern|soweit) (es )?(irgend )?(moeglich|geht|machbar)( ist)?\\b|\\bif "
	  "(at all )?possible\\b|"
	  "\\bnach moeglichkeit\\b|\\bwenn es (ihnen )?(nichts ausmacht|recht ist)\\b|\\bif you "
	  "(do not|dont) mind\\b",
		"" },
	{ "\\b(nicht|not) (nur|bloss|allein|only|just)\\b", "auch" },
	{ "\\b(habe|haben|hab|spricht|einzuwenden) nichts (gegen|dagegen)|\\bnichts "
	  "gegen\\b|\\bkein problem\\b|"
	  "\\bkeine? (einwand|einwaende|bedenken)( gegen)?|\\bno (objections?|problem)( to)?\\b|"
	  "\\b(do not|dont) mind\\b|\\bnichts einzuwenden( gegen)?",
		"okaywith" },
	{ "\\b(call|phone|ring) (me|us)\\b|\\bgive (me|us) a (call|ring)\\b|\\bspeak (to me "
	  ")?(on|over|by) the phone\\b",
		"callme" },
	{ "\\bget(ting)? back to\\b", "getback" },
	{ "\\b(snail|regular|postal|paper|surface) mail\\b", "snailmail" },
	{ "\\b(by|via|through|in the) mail\\b", "postbymail" },
	{ "\\bin writing\\b", "inwriting" },
	{ "\\b(lieber|besser) als\\b", "lieber insteadof" },
	{ "\\bbetter than\\b", "rather insteadof" },
	{ "\\bemail (me|us|them)\\b", "email send" },
	{ "\\binstead of\\b", "insteadof" },
	{ "\\brather than\\b", "ratherthan" },
	{ "\\bopt(ing)? out\\b", "optout" },
	{ "\\bin ordnung\\b", "inordnung" },
	{ "\\bplain text\\b|\\bin the clear\\b|\\bim klartext\\b", "plaintext" },
	{ "\\bweb ?mail\\b", "webmailportal" },
	{ "\\bsend (it|them|that|this)( over)?( to (me|us))?\\b", "senditto" },
	{ "\\bsehen sie (bitte )?(von|davon)\\b", "absehen von" },
	{ "\\b(lehne|lehnen) (ich|wir)?\\b", "ablehne " },
	{ "\\bs ?/ ?mime\\b", "smime" },
	{ "\\bno reply@", "noreply" },
	{ "\\bbis auf weiteres\\b", "" },
};

#define MAX_WORDS 200

/* One clause: its words' roles, in order. */
typedef struct {
	guint roles[MAX_WORDS];
	guint n;
	guint all;
} Clause;

/* --- Folding --- */

static char *fold(const char *text)
{
	g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_ALL_COMPOSE);
	g_autofree char *lower = composed != NULL ? g_utf8_strdown(composed, -1) : g_strdup("");
	GString *out = g_string_new(NULL);
	for (const char *p = lower; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (c == 0xe4)
			g_string_append(out, "ae");
		else if (c == 0xf6)
			g_string_append(out, "oe");
		else if (c == 0xfc)
			g_string_append(out, "ue");
		else if (c == 0xdf)
			g_string_append(out, "ss");
		else if (c == '\'' || c == 0x2019 || c == 0x2018 || c == '*' || c == '_')
			continue;
		else if (g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION || c == 0x2212)
			g_string_append_c(out, c == 0x2013 || c == 0x2014 ? ',' : '-');
		else if (g_unichar_isalnum(c) ||
			 strchr(",:()/?!.@&", (int)(c < 128 ? c : 'x')) != NULL)
			g_string_append_unichar(out, c);
		else
			g_string_append_c(out, ' ');
	}
	return g_string_free(out, FALSE);
}

/* " - " separates clauses, "e-mail" is one word. */
static char *join_phrases(const char *folded)
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
		char *next = g_regex_replace_literal(
			regexes[i], text, -1, 0, phrases[i].joined, 0, NULL);
		if (next != NULL) {
			g_free(text);
			text = next;
		}
	}
	return text;
}

static guint roles_of(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(lexicon); i++) {
		const char *entry = lexicon[i].word;
		gsize length = strlen(entry);
		gboolean is_prefix = entry[length - 1] == '*';
		if (is_prefix ? strncmp(word, entry, length - 1) == 0 : strcmp(word, entry) == 0)
			return lexicon[i].roles;
	}
	return 0;
}

/* --- Clauses --- */

static void add_word(Clause *clause, const char *word)
{
	if (clause->n == MAX_WORDS)
		return;
	guint roles = roles_of(word);
	clause->roles[clause->n++] = roles;
	clause->all |= roles;
}

static gboolean has(const Clause *clause, guint roles)
{
	return (clause->all & roles) != 0;
}

/* The ways of sending; a negation does not reach past the next one. */
static gboolean is_way(guint roles)
{
	return (roles & (ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL | ROLE_SECURE)) != 0;
}

/* What negates the word at: 0 nothing, ROLE_NO surely, ROLE_NONE_OF perhaps only another noun,
 * ROLE_INSTEAD_OF. */
static guint negation_before(const Clause *clause, guint at)
{
	gboolean reply_between = FALSE;
	for (guint i = at; i > 0; i--) {
		guint roles = clause->roles[i - 1];
		if ((roles & ROLE_INSTEAD_OF) != 0)
			return ROLE_INSTEAD_OF;
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0)
			return ROLE_NO;
		if ((roles & ROLE_NONE_OF) != 0)
			return at - (i - 1) <= 3 || reply_between ? ROLE_NO : ROLE_NONE_OF;
		if (is_way(roles))
			return 0;
		reply_between = reply_between || (roles & (ROLE_REPLY | ROLE_SEND)) != 0;
	}
	return 0;
}

/* "per E-Mail bitte nicht", "E-Mails moechte ich keine", "per Mail bitte keine Antwort". */
static guint negation_after(const Clause *clause, guint at)
{
	for (guint i = at + 1; i < clause->n; i++) {
		guint roles = clause->roles[i];
		if ((roles & (ROLE_OTHER | ROLE_CALL | ROLE_POSTAL_MAIL)) != 0)
			return 0;
		if ((roles & (ROLE_NO | ROLE_OBJECT)) != 0) {
			gboolean before_way = i + 2 < clause->n && is_way(clause->roles[i + 2]);
			return before_way ? 0 : ROLE_NO;
		}
		if ((roles & ROLE_NONE_OF) != 0) {
			gboolean ends = i + 1 == clause->n;
			gboolean of_reply =
				i + 1 < clause->n &&
				(clause->roles[i + 1] & (ROLE_REPLY | ROLE_PARTICIPLE)) != 0;
			return ends || of_reply ? ROLE_NO : ROLE_NONE_OF;
		}
	}
	return 0;
}

/* The strongest negation of any word with these roles; is_open: one of them is not negated. */
static guint negation_of(const Clause *clause, guint roles, gboolean *is_open)
{
	guint found = 0;
	*is_open = FALSE;
	for (guint i = 0; i < clause->n; i++) {
		if ((clause->roles[i] & roles) == 0)
			continue;
		guint negation = negation_before(clause, i);
		if (negation == 0)
			negation = negation_after(clause, i);
		found |= negation;
		if (negation == 0)
			*is_open = TRUE;
	}
	return found;
}

/* What somebody did, got or found, not what they want. */
static gboolean is_past(const Clause *clause)
{
	return has(clause, ROLE_HAVE) && has(clause, ROLE_PARTICIPLE);
}

static gboolean is_request(const Clause *clause)
{
	return has(clause, ROLE_ASK | ROLE_REPLY | ROLE_SEND | ROLE_OBJECT) ||
	       (clause->n <= 4 && !has(clause, ROLE_I));
}

/* "nur verschluesselt", "nur ueber das Portal", "nicht unverschluesselt". */
static gboolean asks_for_encryption(const Clause *clause)
{
	gboolean is_open = FALSE;
	if (has(clause, ROLE_INSECURE))
		return negation_of(clause, ROLE_INSECURE, &is_open) != 0;
	if (!has(clause, ROLE_SECURE) || is_past(clause))
		return FALSE;
	guint negation = negation_of(clause, ROLE_SECURE, &is_open);
	return is_open && negation == 0 &&
	       has(clause, ROLE_ASK | ROLE_RATHER | ROLE_SEND | ROLE_REPLY);
}

/* A clause that mentions e-mail. */
static SgpOptOut read_mail_clause(const Clause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint negation = negation_of(clause, ROLE_MAIL, &is_open);
	if (has(clause, ROLE_FINE) && (negation == 0 || !has(clause, ROLE_NO)))
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (negation == 0) {
		gboolean asks = has(clause, ROLE_ASK | ROLE_RATHER) && !has(clause, ROLE_IF);
		if (asks && has(clause, ROLE_REPLY | ROLE_SEND | ROLE_FINE))
			return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
		return has(clause, ROLE_REPLY | ROLE_SEND | ROLE_RATHER) && !is_past(clause) &&
				       !has(clause, ROLE_IF | ROLE_ADDRESS) &&
				       (asks || clause->n <= 5)
			       ? SGP_OPT_OUT_ASKS_FOR_E_MAIL
			       : SGP_OPT_OUT_NONE;
	}
	if (has(clause, ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_AUTOMATIC))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_ADDRESS))
		return has(clause, ROLE_CHANGED) ? SGP_OPT_OUT_NONE : SGP_OPT_OUT_UNCLEAR;
	/* "keine Antwort noetig", "nicht auf diese Mail antworten": could be meant either way. */
	if (has(clause, ROLE_NEEDED | ROLE_ATTACHMENT | ROLE_IF) || is_question ||
		(has(clause, ROLE_THIS) && has(clause, ROLE_REPLY)))
		return SGP_OPT_OUT_UNCLEAR;
	if ((negation & (ROLE_NO | ROLE_INSTEAD_OF)) == 0)
		return SGP_OPT_OUT_UNCLEAR;
	return is_request(clause) ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
}

/* A clause that mentions another way and not e-mail. */
static SgpOptOut read_other_clause(const Clause *clause, gboolean is_question)
{
	gboolean is_open = FALSE;
	guint negation = negation_of(clause, ROLE_OTHER | ROLE_CALL, &is_open);
	if (negation != 0 && !is_open)
		return SGP_OPT_OUT_NONE;
	gboolean asks =
		has(clause, ROLE_ASK | ROLE_RATHER) || (has(clause, ROLE_REPLY) && clause->n <= 6);
	if (!asks || has(clause, ROLE_IF | ROLE_WHY | ROLE_ALSO))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_RATHER))
		return SGP_OPT_OUT_OPTED_OUT;
	if (has(clause, ROLE_REPLY) && has(clause, ROLE_OTHER))
		return is_question ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_OPTED_OUT;
	return has(clause, ROLE_CALL | ROLE_SEND | ROLE_REPLY) ? SGP_OPT_OUT_UNCLEAR
							       : SGP_OPT_OUT_NONE;
}

/* A clause that names no way at all. */
static SgpOptOut read_bare_clause(const Clause *clause)
{
	gboolean is_open = FALSE;
	if (has(clause, ROLE_AUTOMATIC | ROLE_WHY))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_REPLY) && negation_of(clause, ROLE_REPLY, &is_open) != 0)
		return SGP_OPT_OUT_UNCLEAR;
	if (has(clause, ROLE_POSTAL_MAIL) && has(clause, ROLE_ASK | ROLE_REPLY | ROLE_RATHER))
		return SGP_OPT_OUT_UNCLEAR;
	gboolean sends_to = has(clause, ROLE_SEND_TO) && !has(clause, ROLE_IF);
	return sends_to && has(clause, ROLE_ASK | ROLE_SEND) ? SGP_OPT_OUT_UNCLEAR
							     : SGP_OPT_OUT_NONE;
}

static SgpOptOut read_clause(const Clause *clause, gboolean is_question)
{
	if (is_past(clause))
		return SGP_OPT_OUT_NONE;
	if (has(clause, ROLE_ADVERT))
		return SGP_OPT_OUT_NONE;
	if (asks_for_encryption(clause))
		return SGP_OPT_OUT_ENCRYPTED_ONLY;
	if (has(clause, ROLE_MAIL))
		return read_mail_clause(clause, is_question);
	if (has(clause, ROLE_OTHER | ROLE_CALL))
		return read_other_clause(clause, is_question);
	return read_bare_clause(clause);
}

/* --- The sentence --- */

static gboolean is_break(const char *word)
{
	static const char *const words[] = { "sondern", "aber", "jedoch", "but", "however",
		"dafuer", "vielmehr", "weil", "because", "since", "dass", "that", NULL };
	return g_strv_contains(words, word);
}

/* "Post oder E-Mail", "telefonisch oder per Mail": e-mail is one of the ways they want. */
static gboolean offers_either(const Clause *clause)
{
	return has(clause, ROLE_MAIL) && has(clause, ROLE_OTHER | ROLE_CALL) &&
	       !has(clause, ROLE_NO | ROLE_NONE_OF | ROLE_INSTEAD_OF | ROLE_OBJECT);
}

typedef struct {
	SgpOptOut verdict;
	guint carried; /* roles of the clauses before: "ich bitte Sie," belongs to what follows */
	gboolean is_question;
	gboolean is_automatic; /* a robot speaks */
	gboolean refuses;      /* "ich will nicht," and what is refused comes with "dass" */
} Reading;

static void end_clause(Reading *reading, Clause *clause)
{
	static const guint carry = ROLE_ASK | ROLE_RATHER | ROLE_REPLY | ROLE_SEND;
	if (clause->n == 0)
		return;
	if (has(clause, ROLE_SEND) && (clause->roles[clause->n - 1] & ROLE_TO) != 0)
		clause->all |= ROLE_SEND_TO;
	guint own = clause->all;
	reading->is_automatic = reading->is_automatic || (own & ROLE_AUTOMATIC) != 0;
	if (reading->is_automatic)
		clause->all |= ROLE_AUTOMATIC;
	gboolean names_way =
		has(clause, ROLE_MAIL | ROLE_OTHER | ROLE_CALL | ROLE_SECURE | ROLE_INSECURE);
	if (names_way)
		clause->all |= reading->carried;
	SgpOptOut verdict = offers_either(clause) ? SGP_OPT_OUT_NONE
						  : read_clause(clause, reading->is_question);
	if (offers_either(clause) && has(clause, ROLE_ASK | ROLE_SEND | ROLE_REPLY) &&
		!is_past(clause))
		verdict = SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	/* "nicht per Post, sondern per E-Mail": the second half decides what the first only denied.
	 */
	reading->verdict = sgp_opt_out_scan_combine(reading->verdict, verdict);
	/* What happened is told, not asked for: its words ask for nothing in the next clause. */
	reading->carried = is_past(clause) ? 0 : own & carry;
	reading->refuses =
		!names_way && (own & (ROLE_NO | ROLE_OBJECT)) != 0 && (own & ROLE_ASK) != 0;
	memset(clause, 0, sizeof *clause);
}

static gboolean is_word_char(char c)
{
	return g_ascii_isalnum(c) || (guchar)c >= 0x80 || c == '@' || c == '&';
}

SgpOptOut sgp_opt_out_scan_sentence(const char *sentence)
{
	g_autofree char *folded = fold(sentence);
	g_autofree char *text = join_phrases(folded);
	Reading reading = {
		.verdict = SGP_OPT_OUT_NONE,
		.is_question = g_str_has_suffix(g_strchomp(folded), "?"),
	};
	Clause clause = { 0 };
	for (const char *p = text; *p != '\0';) {
		if (!is_word_char(*p)) {
			if (strchr(",:()!?", *p) != NULL)
				end_clause(&reading, &clause);
			p++;
			continue;
		}
		const char *from = p;
		while (*p != '\0' && (is_word_char(*p) || *p == '.') &&
			!(*p == '.' && !is_word_char(p[1])))
			p++;
		g_autofree char *word = g_strndup(from, p - from);
		/* An address or a web page is a name, not a word. */
		if (strchr(word, '@') != NULL || strchr(word, '.') != NULL)
			continue;
		if (is_break(word))
			end_clause(&reading, &clause);
		gboolean is_that = strcmp(word, "dass") == 0 || strcmp(word, "that") == 0;
		add_word(&clause, is_that && reading.refuses ? "nicht" : word);
	}
	end_clause(&reading, &clause);
	return reading.verdict;
}

SgpOptOut sgp_opt_out_scan_combine(SgpOptOut one, SgpOptOut other)
{
	if (one == other || other == SGP_OPT_OUT_NONE)
		return one;
	if (one == SGP_OPT_OUT_NONE)
		return other;
	/* Two different things were said. An objection stays one unless e-mail is asked for as
	 * well. */
	gboolean has_objection = one == SGP_OPT_OUT_OPTED_OUT || other == SGP_OPT_OUT_OPTED_OUT;
	gboolean has_unclear = one == SGP_OPT_OUT_UNCLEAR || other == SGP_OPT_OUT_UNCLEAR;
	gboolean has_request =
		one == SGP_OPT_OUT_ASKS_FOR_E_MAIL || other == SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	if (has_objection)
		return has_unclear ? SGP_OPT_OUT_OPTED_OUT : SGP_OPT_OUT_UNCLEAR;
	if (has_unclear && has_request)
		return SGP_OPT_OUT_ASKS_FOR_E_MAIL;
	return has_unclear ? SGP_OPT_OUT_UNCLEAR : SGP_OPT_OUT_ENCRYPTED_ONLY;
}
