// SPDX-License-Identifier: GPL-3.0-or-later
//
// Die deutschen Sätze. Ein Test hält beide Kataloge bei denselben Schlüsseln und Platzhaltern.

export default {
  brand: 'WebMail-Portal',
  'brand.sub': 'WebMail-Portal',
  language: 'Sprache',
  skip: 'Zum Inhalt springen',
  loading: 'Einen Moment …',
  next: 'Weiter',
  logout: 'Abmelden',
  who: 'Angemeldet als {address}',
  'nav.label': 'Postfach',
  'nav.inbox': 'Posteingang',
  'nav.sent': 'Gesendet',
  'nav.compose': 'Neue Nachricht',
  'foot.label': 'Hilfe',
  'foot.never':
    'Wir fragen nie per E-Mail oder am Telefon nach Ihrem Passwort, Ihrem Code oder Ihrer Sicherheitsantwort.',
  'back.login': 'Zurück zur Anmeldung',
  'back.start': 'Zurück zur Startseite',
  'back.inbox': 'Zurück zum Posteingang',
  'back.sent': 'Zurück zu den gesendeten Nachrichten',

  'support.title': 'Brauchen Sie Hilfe?',
  'support.unknown':
    'Der Hilfekontakt konnte nicht geladen werden. Bitte rufen Sie Ihre Agentur an.',
  'support.link': 'Hilfe und Kontakt',
  'support.page.title': 'Hilfe und Kontakt',
  'support.page.what':
    'Wenn etwas nicht klappt oder Sie nicht sicher sind, ob eine Nachricht wirklich von uns kommt, rufen Sie uns an oder schreiben Sie uns. Wir helfen gern.',
  'support.page.paper':
    'Sie müssen dieses Portal nicht benutzen. Auf Wunsch bekommen Sie alles mit der Post.',

  'why.label': 'Über dieses Portal',
  'why.office': 'Ihrer Agentur',
  'why.title': 'Versiegelte Post: {office}',
  'why.sealed.head': 'Unterwegs und hier versiegelt.',
  'why.sealed':
    'Nachrichten werden verschlüsselt, bevor sie die Agentur verlassen. Geöffnet werden sie erst in Ihrem Browser; dieses Portal kann sie nicht lesen.',
  'why.password.head': 'Ihr Passwort bleibt bei Ihnen.',
  'why.password': 'Es verlässt Ihren Browser nicht, auch nicht beim Anmelden.',
  'why.phishing.head': 'Vorsicht vor Nachahmungen.',
  'why.phishing':
    'Tippen Sie die Adresse dieses Portals selbst ein oder benutzen Sie Ihr eigenes Lesezeichen.',

  'address.label': 'E-Mail-Adresse',
  'address.invalid':
    'Bitte geben Sie eine vollständige E-Mail-Adresse ein, zum Beispiel name@example.org.',
  'password.label': 'Passwort',
  'password.missing': 'Bitte geben Sie Ihr Passwort ein.',
  'password.show': 'Anzeigen',
  'password.hide': 'Verbergen',
  'password.choose': 'Passwort wählen',
  'password.hint':
    'Mindestens {minimum} Zeichen. Mehrere Wörter hintereinander, die nicht zusammengehören, sind leicht zu merken und schwer zu erraten.',
  'password.repeat': 'Passwort wiederholen',
  'password.differs':
    'Die beiden Passwörter sind nicht gleich. Bitte tippen Sie das zweite noch einmal.',
  'strength.short': 'Bitte noch {missing} Zeichen.',
  'strength.weak':
    'Schwach: Das wäre schnell erraten. Bitte wählen Sie etwas Längeres oder weniger Gebräuchliches.',
  'strength.fair': 'Ausreichend: Das genügt. Ein weiteres Wort macht es besser.',
  'strength.good': 'Gut: schwer zu erraten.',
  'strength.strong': 'Sehr gut: sehr schwer zu erraten.',
  'strength.unknown': 'Lang genug. Wie gut es ist, ließ sich gerade nicht prüfen.',

  'login.title': 'Anmelden',
  'login.submit': 'Anmelden',
  'login.busy': 'Ihr Postfach wird geöffnet. Das dauert einige Sekunden …',
  'login.forgot': 'Passwort vergessen?',
  'login.first': 'Sind Sie zum ersten Mal hier?',
  'login.register': 'Mit Ihrem Code registrieren',
  'locked.idle':
    'Zu Ihrem Schutz wurde das Portal gesperrt, weil eine Weile nichts geschah. Falls Sie gerade eine Nachricht geschrieben haben, wurde sie verschlüsselt aufbewahrt. Bitte melden Sie sich wieder an.',
  'locked.expired':
    'Ihre Sitzung ist beendet. Falls Sie gerade eine Nachricht geschrieben haben, wurde sie verschlüsselt aufbewahrt. Bitte melden Sie sich wieder an.',
  'locked.logout':
    'Sie sind abgemeldet. Die Schlüssel zu Ihrem Postfach wurden aus diesem Browser entfernt.',
  'locked.reload':
    'Bitte melden Sie sich an, um diese Seite zu sehen. Die Schlüssel zu Ihrem Postfach werden nie im Browser gespeichert; nach dem Neuladen einer Seite sind sie deshalb weg.',
  'idle.warning':
    'Sie haben eine Weile nichts getan. In weniger als einer Minute wird das Portal gesperrt. Was Sie gerade schreiben, bleibt erhalten.',
  'idle.stay': 'Angemeldet bleiben',

  'register.title': 'Registrieren',
  'register.steps': 'Schritte der Registrierung',
  'register.step.code': 'Code',
  'register.step.password': 'Passwort',
  'register.step.question': 'Frage',
  'register.step.done': 'Fertig',
  'register.head.code': 'Code eingeben',
  'register.head.password': 'Passwort wählen',
  'register.head.question': 'Sicherheitsfrage',
  'register.head.done': 'Sie sind registriert',
  'register.intro':
    'Für Sie liegt eine Nachricht bereit. Um Ihr Postfach zu öffnen, brauchen Sie den Code, den Sie von der Agentur am Telefon oder mit einem Brief bekommen haben.',
  'register.intro.invited':
    'Sie kommen von einer Einladung. Um Ihr Postfach zu öffnen, brauchen Sie den Code, den Sie von der Agentur am Telefon oder mit einem Brief bekommen haben. In der E-Mail steht er nicht.',
  'register.address.hint': 'Die Adresse, an die unsere E-Mail ging.',
  'register.already': 'Schon registriert?',
  'register.code-good': 'Der Code stimmt. Dieses Postfach gehört zu {address}.',
  'register.submit': 'Registrieren',
  'register.done': 'Ihr Postfach für {address} ist bereit.',
  'register.done.next':
    'Sie können sich jetzt mit Ihrer E-Mail-Adresse und dem eben gewählten Passwort anmelden.',
  'register.done.bookmark':
    'Bitte merken Sie sich die Adresse dieses Portals als Lesezeichen: {address}',
  'code.label': 'Code',
  'code.hint': 'Sieben Gruppen zu drei Ziffern. Die Abstände kommen von selbst.',
  'code.count': '{count} von {total} Ziffern',
  'code.complete': 'Alle Ziffern sind da.',
  'code.short': 'Der Code ist nicht vollständig: Er hat 21 Ziffern.',
  'code.typo':
    'Eine Ziffer stimmt nicht, oder zwei sind vertauscht. Bitte vergleichen Sie Gruppe für Gruppe.',
  'code.checking': 'Der Code wird geprüft. Das dauert einige Sekunden …',
  'code.submit': 'Code prüfen',
  'question.intro':
    'Falls Sie einmal Ihr Passwort vergessen, hilft diese Frage, wieder hineinzukommen. Wählen Sie eine, deren Antwort andere weder kennen noch herausfinden.',
  'question.label': 'Frage',
  'question.teacher': 'Wie hieß Ihre Lieblingslehrerin oder Ihr Lieblingslehrer?',
  'question.street': 'In welcher Straße haben Sie als Kind gewohnt?',
  'question.pet': 'Wie hieß Ihr erstes Haustier?',
  'question.holiday': 'Wohin ging Ihre erste Reise ohne Ihre Eltern?',
  'question.own': 'Ich schreibe eine eigene Frage',
  'question.own.label': 'Ihre eigene Frage',
  'question.missing': 'Bitte schreiben Sie eine Frage mit mindestens fünf Buchstaben.',
  'answer.label': 'Antwort',
  'answer.hint': 'Groß- und Kleinschreibung, Leerzeichen und Satzzeichen spielen keine Rolle.',
  'answer.short': 'Bitte geben Sie eine Antwort mit mindestens drei Buchstaben oder Ziffern.',
  'working.start': 'Ihr Postfach wird vorbereitet …',
  'working.password': 'Ihr Passwort wird geschützt. Das dauert einige Sekunden …',
  'working.answer': 'Ihre Antwort wird geschützt. Das dauert einige Sekunden …',
  'working.keys': 'Ihre Schlüssel werden erzeugt …',
  'working.send': 'Die versiegelten Schlüssel werden abgelegt …',

  'inbox.empty':
    'Es sind keine Nachrichten da. Sobald eine eintrifft, sagen wir Ihnen per E-Mail Bescheid.',
  'sent.empty': 'Sie haben noch keine Nachricht gesendet.',
  'inbox.unread': '{count} ungelesene Nachrichten',
  'inbox.unread.one': '1 ungelesene Nachricht',
  'list.new': 'Neu',
  'list.to': 'An: {names}',
  'list.until': 'Aufbewahrt bis {date}',
  'list.attachments': 'Anlagen:',
  'list.more': 'Ältere Nachrichten anzeigen',
  'list.loaded': '{count} ältere Nachrichten wurden hinzugefügt.',
  'list.refused': 'Diese Nachricht wird nicht angezeigt',
  'subject.none': '(kein Betreff)',
  'drafts.title': 'Unfertige Nachrichten',
  'drafts.changed': 'zuletzt geändert am {date}',

  'message.from': 'Von',
  'message.to': 'An',
  'message.cc': 'Kopie an',
  'message.date': 'Geschrieben',
  'message.expires': 'Wird gelöscht am',
  'message.reply': 'Antworten',
  'message.empty': '(Diese Nachricht enthält keinen Text.)',
  'message.html-only': '(Diese Nachricht gibt es nur als formatierte Ansicht.)',
  'message.gone':
    'Diese Nachricht gibt es nicht. Vielleicht wurde sie nach Ablauf der Frist gelöscht, oder die Agentur hat sie zurückgezogen.',
  'signature.good': 'Geschrieben von {name}. Die Unterschrift wurde geprüft: echt und unverändert.',
  'signature.detail': 'Der Schlüssel gehört zu {address} und ist von der Agentur bestätigt.',
  'signature.other':
    'Gesendet für {name}, unterschrieben von {signer}; dieser Schlüssel ist von der Agentur bestätigt.',
  'signature.own':
    'Von Ihnen geschrieben. Ihre Unterschrift wurde geprüft: Die Nachricht ist unverändert.',
  'html.show': 'Formatierte Ansicht zeigen',
  'html.hide': 'Nur Text zeigen',
  'html.hint': 'Ohne Bilder aus dem Internet und ohne aktive Inhalte.',
  'html.title': 'Formatierte Ansicht der Nachricht',
  'files.title': 'Anlagen ({count})',
  'files.hint': 'Anlagen werden geprüft, entschlüsselt und dann auf Ihrem Gerät gespeichert.',
  'download.share': 'Wird geladen: {percent} %',
  'download.opening': 'Wird entschlüsselt …',
  'download.done': 'In Ihren Downloads gespeichert.',

  'compose.new': 'Neue Nachricht',
  'compose.reply': 'Antworten',
  'compose.office': 'An die Agentur ({office})',
  'compose.sealed':
    'Ihre Nachricht wird in diesem Browser verschlüsselt und unterschrieben, bevor sie gesendet wird. Nur die Agentur und Sie können sie lesen.',
  'compose.quote': 'Am {date} schrieb {name}:',
  'subject.label': 'Betreff',
  'subject.missing': 'Bitte schreiben Sie einen Betreff.',
  'text.label': 'Nachricht',
  'text.missing': 'Bitte schreiben Sie eine Nachricht.',
  'files.add': 'Anlagen hinzufügen',
  'files.limits':
    'Je Datei bis zu {attachment}, zusammen bis zu {message}. Anlagen sind nicht Teil des gespeicherten Entwurfs.',
  'files.large':
    '{name} hat {size}; eine Datei darf höchstens {limit} haben. Bitte senden Sie sie in Teilen oder fragen Sie uns nach einem anderen Weg.',
  'files.total':
    '{name} passt nicht mehr dazu: Alle Anlagen zusammen dürfen höchstens {limit} haben.',
  'files.count': 'Anlagen: {count}',
  'files.remove': '{name} entfernen',
  'files.remove.short': 'Entfernen',
  'draft.saving': 'Der Entwurf wird gespeichert …',
  'draft.saved': 'Entwurf um {time} verschlüsselt gespeichert.',
  'draft.failed':
    'Der Entwurf konnte gerade nicht gespeichert werden. Wir versuchen es wieder, sobald Sie weiterschreiben.',
  'draft.discard': 'Entwurf löschen',
  'draft.discarded': 'Der Entwurf wurde gelöscht.',
  'send.submit': 'Verschlüsselt senden',
  'send.sealing': 'Wird verschlüsselt und unterschrieben …',
  'send.share': 'Wird gesendet: {percent} %',
  'send.kept':
    'Es ist nichts verloren: Ihr Text steht noch da. Bitte versuchen Sie es noch einmal.',
  'send.done': 'Ihre Nachricht wurde gesendet',
  'send.done.detail':
    'Sie geht verschlüsselt an: {office}. Eine Kopie finden Sie bei Ihren gesendeten Nachrichten.',

  'forgot.password.title': 'Passwort vergessen',
  'forgot.password.why':
    'Niemand außer Ihnen kennt Ihr Passwort, auch dieses Portal nicht. Deshalb kann es Ihnen auch niemand zusenden.',
  'forgot.password.what':
    'Bitte wenden Sie sich an uns. Wir vergewissern uns, dass Sie es sind, und helfen Ihnen dann wieder in Ihr Postfach. Was eilt, schicken wir Ihnen mit der Post.',
  'forgot.have':
    'Halten Sie für {office} bereit, womit Sie sich ausweisen, zum Beispiel Ihre Vertragsnummer.',
  'forgot.lost':
    'Keine Nachricht geht verloren: Die Agentur verwahrt einen zweiten, versiegelten Schlüssel zu Ihrem Postfach.',
  'forgot.never': 'Nach Ihrem alten Passwort oder Ihrer Antwort fragen wir nie.',
  'forgot.answer.title': 'Antwort auf die Sicherheitsfrage vergessen',
  'forgot.answer.why': 'Die Antwort wird wie Ihr Passwort verwahrt: Niemand kann sie lesen.',
  'forgot.answer.what':
    'Solange Sie Ihr Passwort wissen, brauchen Sie keine Antwort. Haben Sie beides vergessen, wenden Sie sich bitte an uns: Wir vergewissern uns, dass Sie es sind, und helfen Ihnen dann wieder in Ihr Postfach.',

  'technical.title': 'Technische Voraussetzungen',
  'technical.link': 'Technische Voraussetzungen',
  'technical.what':
    'Sie brauchen kein Programm und keine App, nur einen aktuellen Browser. Diese Seite prüft den, den Sie gerade benutzen.',
  'technical.browsers':
    'Firefox, Chrome, Edge oder Safari, nicht älter als etwa zwei Jahre, auf Computer, Tablet oder Telefon.',
  'technical.script':
    'JavaScript muss erlaubt sein, denn Ihre Nachrichten werden im Browser entschlüsselt.',
  'technical.storage': 'Es muss nichts dauerhaft gespeichert werden. Private Fenster gehen auch.',
  'technical.test': 'Prüfung dieses Browsers',
  'technical.run': 'Noch einmal prüfen',
  'technical.running': 'Wird geprüft. Das dauert einige Sekunden …',
  'technical.verdict.good': 'Alles in Ordnung: Sie können das Portal mit diesem Browser benutzen.',
  'technical.verdict.warn':
    'Das Portal funktioniert mit diesem Browser. Ein neuerer wäre sicherer oder schneller.',
  'technical.verdict.bad':
    'Das Portal funktioniert mit diesem Browser nicht. Bitte aktualisieren Sie ihn, benutzen Sie einen anderen oder wenden Sie sich an uns.',
  'technical.secure.good': 'Die Verbindung ist geschützt.',
  'technical.secure.bad':
    'Die Verbindung ist nicht geschützt. Bitte tippen Sie die Adresse mit https:// davor.',
  'technical.cookies.good': 'Cookies sind erlaubt.',
  'technical.cookies.bad':
    'Cookies sind gesperrt. Bitte erlauben Sie sie für diese Seite in den Einstellungen des Browsers.',
  'technical.trusted.good': 'Der Browser schützt die Seite vor fremdem Skript.',
  'technical.trusted.bad':
    'Dem Browser fehlt ein Schutz vor fremdem Skript (Trusted Types). Die anderen sind wirksam.',
  'technical.server.good': 'Das Portal ist erreichbar.',
  'technical.server.bad':
    'Das Portal ist gerade nicht erreichbar. Bitte prüfen Sie Ihre Verbindung.',
  'technical.worker.bad':
    'Der Teil, der entschlüsselt, ließ sich nicht starten. Bitte aktualisieren Sie den Browser und schalten Sie Erweiterungen aus, die auf dieser Seite Skripte sperren.',
  'technical.webcrypto.good': 'Die Verschlüsselung des Browsers (WebCrypto) funktioniert.',
  'technical.webcrypto.bad':
    'Die Verschlüsselung des Browsers (WebCrypto) funktioniert nicht. Bitte aktualisieren Sie den Browser.',
  'technical.wasm.good': 'WebAssembly funktioniert.',
  'technical.wasm.bad':
    'WebAssembly funktioniert nicht. Bitte aktualisieren Sie den Browser oder schalten Sie seinen „Blockierungsmodus“ für diese Seite aus.',
  'technical.opaque.good': 'Die Anmeldung, die Ihr Passwort geheim hält, funktioniert.',
  'technical.opaque.bad':
    'Die Anmeldung, die Ihr Passwort geheim hält, funktioniert nicht. Bitte aktualisieren Sie den Browser.',
  'technical.openpgp.good': 'Das Öffnen versiegelter Nachrichten funktioniert.',
  'technical.openpgp.bad':
    'Das Öffnen versiegelter Nachrichten funktioniert nicht. Bitte aktualisieren Sie den Browser.',
  'technical.speed.good': 'Das Gerät ist schnell genug.',
  'technical.speed.bad': 'Das Gerät ist langsam: Das Anmelden kann eine halbe Minute dauern.',

  'missing.title': 'Diese Seite gibt es nicht',
  'missing.what': 'Vielleicht ist die Adresse falsch getippt.',

  'error.offline':
    'Das Portal ist nicht erreichbar. Bitte prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  'error.wait':
    'Es waren zu viele Versuche. Bitte warten Sie {minutes} Minuten und versuchen Sie es dann noch einmal.',
  'error.wait-minute':
    'Es waren zu viele Versuche. Bitte warten Sie eine Minute und versuchen Sie es dann noch einmal.',
  'error.too-many-tries':
    'Es waren zu viele Versuche. Bitte warten Sie eine Weile und versuchen Sie es dann noch einmal.',
  'error.invitation-expired':
    'Diese Einladung gilt nicht mehr. Bitte wenden Sie sich an uns: Sie bekommen eine neue, und Ihre Nachricht ist noch da.',
  'error.wrong-code':
    'Der Code passt nicht. Bitte vergleichen Sie ihn Gruppe für Gruppe und prüfen Sie die Adresse.',
  'error.wrong-password':
    'Die Adresse oder das Passwort stimmt nicht. Bitte versuchen Sie es noch einmal.',
  'error.not-found': 'Das wurde nicht gefunden. Vielleicht wurde es gelöscht.',
  'error.conflict':
    'Das ist schon in einem anderen Fenster geschehen. Bitte laden Sie die Seite neu.',
  'error.too-large': 'Das ist größer, als das Portal annimmt. Bitte senden Sie es in Teilen.',
  'error.busy': 'Das Portal ist gerade ausgelastet. Bitte versuchen Sie es gleich noch einmal.',
  'error.cross-site':
    'Der Browser hat diese Anfrage auf eine Weise gesendet, die das Portal ablehnt. Bitte laden Sie die Seite neu und schalten Sie Erweiterungen aus, die Anfragen verändern.',
  'error.not-logged-in': 'Ihre Sitzung ist beendet. Bitte melden Sie sich wieder an.',
  'error.internal':
    'Bei uns ist etwas schiefgegangen. Bitte versuchen Sie es noch einmal; wenn es wieder geschieht, wenden Sie sich bitte an uns.',
  'error.load-failed':
    'Ein Teil des Portals konnte nicht geladen werden oder wurde unterwegs verändert. Bitte prüfen Sie Ihre Verbindung und laden Sie die Seite neu.',

  'refused.what':
    'Bitte sagen Sie uns Bescheid, damit wir herausfinden, was geschehen ist. Von der Nachricht wurde nichts geöffnet oder ausgeführt.',
  'refused.wrong-code':
    'Der Code passt nicht. Bitte vergleichen Sie ihn Gruppe für Gruppe und prüfen Sie die Adresse.',
  'refused.wrong-portal':
    'Dieses Postfach gehört zu einem anderen Portal. Vielleicht sind Sie auf einer Seite, die unsere nachahmt. Bitte geben Sie nichts ein und wenden Sie sich an uns.',
  'refused.wrong-mailbox':
    'Das Portal hat ein Postfach geschickt, das nicht Ihres ist oder verändert wurde. Bitte wenden Sie sich an uns.',
  'refused.wrong-office-key':
    'Der Schlüssel der Agentur ist nicht der, der mit Ihnen vereinbart wurde. Zu Ihrem Schutz wird nichts angezeigt. Bitte wenden Sie sich an uns.',
  'refused.roster-forged':
    'Die Liste der Mitarbeitenden ist nicht von der Agentur bestätigt. Zu Ihrem Schutz wird nichts angezeigt. Bitte wenden Sie sich an uns.',
  'refused.roster-old':
    'Die Liste der Mitarbeitenden ist älter als eine, die dieser Browser schon gesehen hat. Zu Ihrem Schutz wird nichts angezeigt. Bitte wenden Sie sich an uns.',
  'refused.unreadable': 'Die Nachricht lässt sich mit Ihrem Schlüssel nicht entschlüsseln.',
  'refused.signature':
    'Die Unterschrift fehlt oder stammt nicht von jemandem, den die Agentur bestätigt hat.',
  'refused.manifest-portal': 'Die Nachricht wurde für ein anderes Portal geschrieben.',
  'refused.manifest-mailbox': 'Die Nachricht wurde für ein anderes Postfach geschrieben.',
  'refused.manifest-message': 'Die Nachricht wurde an die Stelle einer anderen gesetzt.',
  'refused.manifest-format': 'Die Nachricht hat eine Form, die dieses Portal nicht kennt.',
  'refused.blob-missing': 'Ein Teil der Nachricht fehlt.',
  'refused.blob-changed': 'Ein Teil der Nachricht wurde nach der Unterschrift verändert.',
  'refused.blob-unreadable': 'Ein Teil der Nachricht lässt sich nicht entschlüsseln.',
  'refused.no-recipient-key':
    'Es gibt keinen brauchbaren Schlüssel der Empfängerin oder des Empfängers. Bitte wählen Sie die Agentur als Empfänger oder wenden Sie sich an uns.',
};
