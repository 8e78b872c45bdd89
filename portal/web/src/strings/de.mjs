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
  again: 'Noch einmal versuchen',
  'failed.title': 'Das hat nicht geklappt',
  logout: 'Abmelden',
  who: 'Angemeldet als {address}',
  'nav.label': 'Postfach',
  'nav.inbox': 'Posteingang',
  'nav.sent': 'Gesendet',
  'nav.compose': 'Neue Nachricht',
  'nav.write': 'Schreiben',
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
  'list.to': 'An: ',
  'list.until': 'Aufbewahrt bis {date}',
  'list.attachments': 'Anlagen:',
  'list.more': 'Ältere Nachrichten anzeigen',
  'list.loaded': '{count} ältere Nachrichten wurden hinzugefügt.',
  'list.loaded.one': '1 ältere Nachricht wurde hinzugefügt.',
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
  'message.failed': 'Die Nachricht konnte nicht geöffnet werden',
  'message.gone.title': 'Diese Nachricht ist nicht mehr da',
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
  'download.share': 'Wird geladen: {percent} %. Zum Abbrechen noch einmal drücken.',
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
  'files.gone':
    'Die Datei {name} lässt sich nicht mehr lesen. Vielleicht wurde sie gelöscht oder verschoben. Bitte entfernen Sie sie oder wählen Sie sie noch einmal aus.',
  'files.missing':
    'Diese Anlagen hatten Sie gewählt. Sie sind nicht Teil des gespeicherten Entwurfs; bitte fügen Sie sie noch einmal hinzu:',
  'files.remove': '{name} entfernen',
  'files.remove.short': 'Entfernen',
  'draft.saving': 'Der Entwurf wird gespeichert …',
  'draft.saved': 'Entwurf um {time} verschlüsselt gespeichert.',
  'draft.failed':
    'Der Entwurf konnte gerade nicht gespeichert werden. Bitte lassen Sie diese Seite offen: Es wird gleich noch einmal versucht.',
  'draft.discard': 'Entwurf löschen',
  'draft.discarded': 'Der Entwurf wurde gelöscht.',
  'draft.undo': 'Rückgängig machen',
  'send.submit': 'Verschlüsselt senden',
  'send.sealing': 'Wird verschlüsselt und unterschrieben …',
  'send.share': 'Wird gesendet: {percent} %',
  'send.waiting': 'Die Verbindung ist unterbrochen. Es geht gleich von selbst weiter …',
  'send.failed': 'Ihre Nachricht wurde nicht gesendet. Sie liegt bei den unfertigen Nachrichten:',
  'send.cancelled': 'Abgebrochen. Es wurde nichts gesendet, und Ihr Text ist noch da.',
  'send.kept':
    'Es ist nichts verloren: Ihr Text steht noch da. Bitte versuchen Sie es noch einmal.',
  'send.done': 'Ihre Nachricht wurde gesendet',
  'send.done.detail':
    'Sie geht verschlüsselt an: {office}. Eine Kopie finden Sie bei Ihren gesendeten Nachrichten.',

  'forgot.password.title': 'Passwort vergessen',
  'forgot.password.why':
    'Niemand außer Ihnen kennt Ihr Passwort, auch dieses Portal nicht. Es kann Ihnen also nicht zugeschickt werden. Aber Sie können ein neues wählen.',
  'forgot.password.what':
    'Sie bekommen eine E-Mail mit einem Link. Danach beantworten Sie Ihre Sicherheitsfrage oder geben den Wiederherstellungscode vom Papier ein.',
  'forgot.have':
    'Halten Sie für {office} bereit, womit Sie sich ausweisen, zum Beispiel Ihre Vertragsnummer.',
  'forgot.lost':
    'Keine Nachricht geht verloren: Die Agentur verwahrt einen zweiten, versiegelten Schlüssel zu Ihrem Postfach.',
  'forgot.never': 'Nach Ihrem alten Passwort oder Ihrer Antwort fragen wir nie.',
  'forgot.answer.title': 'Antwort auf die Sicherheitsfrage vergessen',
  'forgot.answer.why': 'Die Antwort wird wie Ihr Passwort verwahrt: Niemand kann sie lesen.',
  'forgot.answer.what':
    'Solange Sie Ihr Passwort kennen, brauchen Sie keine Antwort. Haben Sie beides vergessen, wenden Sie sich bitte an uns: Wir vergewissern uns, dass Sie es sind, und Sie bekommen einen neuen Code. Keine Nachricht geht dabei verloren.',

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

  'error.cancelled': 'Abgebrochen.',
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

  cancel: 'Abbrechen',

  'nav.account': 'Konto',

  'password.present': 'Ihr jetziges Passwort',
  'password.present.hint': 'Damit niemand anders an Ihrem Gerät das tun kann.',
  'password.checking': 'Ihr Passwort wird geprüft. Das dauert einige Sekunden …',
  'password.wrong': 'Das Passwort stimmt nicht. Bitte versuchen Sie es noch einmal.',

  'locked.deleted': 'Ihr Konto ist gelöscht. Sie können dieses Fenster schließen.',

  'register.again':
    'Sie waren hier schon angemeldet. Ihre früheren Nachrichten sind noch da; Sie wählen nur ein neues Passwort und eine neue Frage.',
  'register.again.done':
    'Ihre früheren Nachrichten finden Sie wie gewohnt im Posteingang und unter „Gesendet“.',

  'forgot.submit': 'Link anfordern',
  'forgot.sent':
    'Wenn es zu {address} ein Postfach gibt, ist gleich eine E-Mail mit einem Link unterwegs. Aus Sicherheitsgründen sagen wir nicht, ob es eines gibt.',
  'forgot.sent.time': 'Der Link gilt 10 Minuten und nur einmal.',
  'forgot.sent.missing':
    'Kommt nichts an, sehen Sie bitte im Spam-Ordner nach und ob die Adresse stimmt. Am Tag gibt es höchstens drei solche E-Mails.',
  'forgot.sent.phishing':
    'Der Link beginnt mit der Adresse dieses Portals: {host}. Führt er woandershin, ist die E-Mail nicht von uns.',
  'forgot.else': 'Wenn es so nicht geht',
  'forgot.answer.tell':
    'Oder lassen Sie uns wissen, dass Sie Hilfe brauchen. Wir melden uns auf dem Weg, den wir von Ihnen kennen.',
  'forgot.answer.submit': 'Um Hilfe bitten',
  'forgot.answer.sent':
    'Danke. Wenn es zu dieser Adresse ein Postfach gibt, weiß die Agentur jetzt Bescheid. Schneller geht es am Telefon.',

  'recover.title': 'Neues Passwort',
  'recover.head.start': 'Neues Passwort wählen',
  'recover.head.question': 'Ihre Sicherheitsfrage',
  'recover.head.code': 'Ihr Wiederherstellungscode',
  'recover.head.password': 'Wählen Sie ein neues Passwort',
  'recover.head.done': 'Ihr neues Passwort gilt',
  'recover.head.unknown': 'Wir helfen Ihnen',
  'recover.head.expired': 'Dieser Link gilt nicht mehr',
  'recover.head.over': 'Zu viele Versuche',
  'recover.head.late': 'Die Zeit ist um',
  'recover.intro':
    'Sie haben um einen Link gebeten, um ein neues Passwort zu wählen. Er wird erst gebraucht, wenn Sie auf „Weiter“ drücken. Danach haben Sie 15 Minuten Zeit.',
  'recover.check': 'Bitte prüfen Sie, dass oben im Browser diese Adresse steht: {host}',
  'recover.unasked':
    'Haben Sie um keinen Link gebeten? Dann schließen Sie diese Seite. Ohne Ihre Antwort kann niemand etwas ändern.',
  'recover.incomplete':
    'Hier fehlt der Link aus der E-Mail. Bitte öffnen Sie ihn noch einmal von dort, oder fordern Sie einen neuen an.',
  'recover.again': 'Neuen Link anfordern',
  'recover.opening': 'Der Link wird geprüft …',
  'recover.question':
    'Bitte beantworten Sie die Frage, die Sie bei der Registrierung gewählt haben:',
  'recover.code': 'Er steht auf dem Blatt, das Sie ausgedruckt oder abgeschrieben haben.',
  'recover.checking': 'Ihre Antwort wird geprüft. Das dauert einige Sekunden …',
  'recover.left': 'Mit diesem Link haben Sie noch {count} Versuche.',
  'recover.left.one': 'Mit diesem Link haben Sie noch einen Versuch.',
  'recover.wrong-code':
    'Der Code passt nicht. Bitte vergleichen Sie ihn Gruppe für Gruppe. Es zählt das Blatt, das Sie zuletzt gemacht haben.',
  'recover.other': 'Andere Wege',
  'recover.use-code': 'Ich habe einen Wiederherstellungscode auf Papier',
  'recover.use-question': 'Zurück zur Sicherheitsfrage',
  'recover.unknown': 'Ich weiß die Antwort nicht',
  'recover.right': 'Das ist richtig. Das Postfach für {address} ist geöffnet.',
  'recover.submit': 'Passwort speichern',
  'recover.done':
    'Ab sofort melden Sie sich mit dem neuen Passwort an. Alle Ihre Nachrichten sind noch da.',
  'recover.done.ended': 'Wo Sie sonst noch angemeldet waren, sind Sie jetzt abgemeldet.',
  'recover.done.mail':
    'Zur Sicherheit schreiben wir Ihnen eine E-Mail, dass das Passwort geändert wurde.',
  'recover.expired.what':
    'Er war nur 10 Minuten gültig, oder er wurde schon benutzt. Gibt es eine neuere E-Mail, gilt nur deren Link.',
  'recover.over':
    'Zum Schutz Ihres Postfachs sind mit diesem Link keine Versuche mehr möglich. Sie können einen neuen anfordern, höchstens drei am Tag, oder sich gleich an uns wenden.',
  'recover.late': 'Die 15 Minuten für das neue Passwort sind vorbei. Ihr altes gilt weiter.',

  'recovery.label': 'Wiederherstellungscode',
  'recovery.offer': 'Möchten Sie einen Code auf Papier?',
  'recovery.what':
    'Ein Wiederherstellungscode hilft, wenn Sie Passwort und Antwort vergessen haben. Sie drucken ihn aus oder schreiben ihn ab und legen ihn zu Ihren Unterlagen. Er ist freiwillig.',
  'recovery.once': 'Er wird nur einmal angezeigt. Auch wir kennen ihn nicht.',
  'recovery.replaces': 'Einen früheren Code ersetzt er.',
  'recovery.make': 'Wiederherstellungscode machen',
  'recovery.making': 'Der Code wird gemacht. Das dauert einige Sekunden …',
  'recovery.made':
    'Ihr Code ist fertig. Er wird nur jetzt angezeigt: Bitte drucken Sie ihn aus oder schreiben Sie ihn ab.',
  'recovery.print': 'Drucken',
  'recovery.kept': 'Ich habe ihn aufbewahrt',
  'recovery.sheet.for': 'Für das Postfach {address} im Portal {host}',
  'recovery.sheet.how':
    'Passwort vergessen? Fordern Sie auf der Anmeldeseite einen Link an, öffnen Sie ihn und geben Sie diesen Code ein.',
  'recovery.sheet.never':
    'Niemand von uns fragt je nach diesem Code, weder am Telefon noch per E-Mail.',
  'recovery.sheet.made': 'Gemacht am {date}. Ein späterer Code macht diesen ungültig.',

  'account.title': 'Mein Konto',
  'account.what': 'Ihr Postfach: {address}',
  'account.language': 'Die Sprache dieser Seiten wählen Sie ganz oben.',
  'account.password': 'Passwort ändern',
  'account.password.short': 'Ein neues Passwort wählen',
  'account.password.what':
    'Danach sind Sie überall sonst abgemeldet. Ihre Nachrichten bleiben, wie sie sind.',
  'account.password.done': 'Ihr neues Passwort gilt. Überall sonst sind Sie abgemeldet.',
  'account.question': 'Sicherheitsfrage ändern',
  'account.question.short': 'Eine andere Frage und Antwort',
  'account.question.submit': 'Frage und Antwort speichern',
  'account.question.done': 'Die neue Frage und Antwort gelten.',
  'account.code': 'Wiederherstellungscode',
  'account.code.short': 'Ein Code auf Papier, falls Sie alles vergessen',
  'account.sessions': 'Wo Sie angemeldet sind',
  'account.sessions.short': 'Geräte ansehen und abmelden',
  'account.keys': 'Schlüssel und Zertifikate',
  'account.keys.short': 'Für Ihr eigenes verschlüsselndes Mailprogramm',
  'account.notices': 'Sprache unserer E-Mails',
  'account.notices.short': 'Deutsch oder Englisch',
  'account.export': 'Alle Nachrichten herunterladen',
  'account.export.short': 'Als Dateien auf Ihrem Gerät speichern',
  'account.delete': 'Konto löschen',
  'account.delete.short': 'Postfach und Nachrichten endgültig entfernen',

  'sessions.what':
    'Hier sehen Sie, wo Ihr Postfach gerade geöffnet ist. Nach 15 Minuten ohne Bewegung endet jede Anmeldung von selbst.',
  'sessions.stranger':
    'Ist etwas dabei, das Sie nicht kennen? Beenden Sie es, ändern Sie Ihr Passwort und sagen Sie uns Bescheid.',
  'sessions.unknown': 'Unbekannter Browser',
  'sessions.current': 'Dieses Fenster',
  'sessions.created': 'Angemeldet: {date}',
  'sessions.seen': 'Zuletzt benutzt: {date}',
  'sessions.end': 'Beenden',
  'sessions.end.one': 'Anmeldung beenden: {client}, {date}',
  'sessions.end.all': 'Alle anderen beenden',
  'sessions.ended': 'Die Anmeldung ist beendet: {client}',
  'sessions.ended.all': 'Alle anderen Anmeldungen sind beendet.',

  'keys.what':
    'Benutzen Sie selbst ein Mailprogramm, das verschlüsselt? Dann hinterlegen Sie hier Ihren öffentlichen Schlüssel oder Ihr Zertifikat. Unsere Nachrichten kommen danach verschlüsselt direkt zu Ihnen.',
  'keys.yours': 'Ihre hinterlegten Schlüssel',
  'keys.none': 'Sie haben nichts hinterlegt. Ihre Nachrichten liegen in diesem Portal.',
  'keys.new': 'Schlüssel oder Zertifikat hinterlegen',
  'keys.full': 'Mehr als {most} können nicht hinterlegt sein.',
  'keys.file': 'Datei wählen',
  'keys.file.hint': 'OpenPGP-Schlüssel (.asc, .gpg) oder S/MIME-Zertifikat (.pem, .crt, .cer)',
  'keys.text': 'oder hier einfügen',
  'keys.missing': 'Bitte wählen Sie eine Datei oder fügen Sie den Schlüssel ein.',
  'keys.check': 'Prüfen',
  'keys.checking': 'Wird geprüft. Dabei wird noch nichts gesendet …',
  'keys.found': 'Bitte prüfen Sie diese Angaben',
  'keys.deposit': 'Hinterlegen',
  'keys.signing': 'Wird in Ihrem Namen unterschrieben …',
  'keys.done': 'Der Schlüssel ist hinterlegt.',
  'keys.removed': 'Der Schlüssel ist entfernt.',
  'keys.remove': 'Entfernen',
  'keys.deposited': 'Hinterlegt: {date}',
  'keys.kind': 'Art',
  'keys.kind.openpgp': 'OpenPGP-Schlüssel',
  'keys.kind.smime': 'S/MIME-Zertifikat',
  'keys.names': 'Name',
  'keys.addresses': 'E-Mail-Adresse',
  'keys.addresses.none': 'keine angegeben',
  'keys.expires': 'Gültig bis',
  'keys.expires.never': 'unbegrenzt',
  'keys.fingerprint': 'Fingerabdruck',
  'keys.expired':
    'Dieser Schlüssel ist abgelaufen und wird nicht mehr benutzt. Bitte hinterlegen Sie einen neuen.',
  'keys.former':
    'Diesen Schlüssel haben Sie hinterlegt, bevor Ihr Zugang zurückgesetzt wurde. Wir benutzen ihn erst wieder, wenn Sie ihn bestätigen. Vergleichen Sie bitte den Fingerabdruck.',
  'keys.confirm': 'Bestätigen',
  'keys.confirmed': 'Der Schlüssel ist bestätigt. Wir benutzen ihn wieder.',
  'keys.stranger':
    'Ihre Adresse {address} kommt in diesem Schlüssel nicht vor. Bitte hinterlegen Sie ihn nur, wenn er wirklich Ihrer ist.',
  'keys.foreign':
    'Dieser Schlüssel wurde nicht von Ihnen hinterlegt oder wurde verändert. Bitte entfernen Sie ihn und sagen Sie uns Bescheid.',
  'keys.office': 'Der Schlüssel von {office}',
  'keys.office.what':
    'Mit ihm verschlüsselt Ihr Mailprogramm an uns und prüft, was von uns kommt. Es ist der Schlüssel, der bei Ihrer Registrierung vereinbart wurde.',
  'keys.office.download': 'Schlüssel herunterladen',

  'refused.key-none':
    'Das ist kein OpenPGP-Schlüssel und kein S/MIME-Zertifikat, oder die Datei ist beschädigt.',
  'refused.key-private':
    'Halt: Das ist Ihr geheimer Schlüssel. Er gehört niemandem außer Ihnen und wurde nicht gesendet. Bitte exportieren Sie in Ihrem Mailprogramm nur den öffentlichen Schlüssel oder das Zertifikat ohne geheimen Teil.',
  'refused.key-several':
    'Darin sind mehrere Schlüssel. Bitte nehmen Sie eine Datei, in der nur Ihrer ist.',
  'refused.key-expired':
    'Dieser Schlüssel ist abgelaufen. Bitte verlängern Sie ihn oder nehmen Sie einen neuen.',
  'refused.key-useless':
    'Mit diesem Schlüssel kann man nicht verschlüsseln: Er ist nur zum Unterschreiben, widerrufen oder der einer Zertifizierungsstelle.',
  'refused.key-large':
    'Dieser Schlüssel ist zu groß. Bitte exportieren Sie ihn ohne Bilder und fremde Beglaubigungen.',
  'refused.key-ours':
    'Das ist unser Schlüssel, nicht Ihrer. Sie brauchen ihn nur in Ihrem Mailprogramm.',

  'notices.what':
    'Wenn eine Nachricht auf Sie wartet, schreiben wir Ihnen eine kurze E-Mail. Hier wählen Sie, in welcher Sprache.',
  'notices.language': 'Sprache der E-Mails',
  'notices.de': 'Deutsch',
  'notices.en': 'Englisch (English)',
  'notices.submit': 'Speichern',
  'notices.saving': 'Wird gespeichert …',
  'notices.done': 'Gespeichert. Unsere E-Mails kommen ab jetzt in dieser Sprache.',

  'export.what':
    'Sie bekommen eine ZIP-Datei mit allen Nachrichten und Anlagen. Jede Nachricht ist darin eine .eml-Datei, die fast jedes Mailprogramm öffnet.',
  'export.clear': 'Die Dateien sind nicht mehr verschlüsselt. Bewahren Sie sie gut auf.',
  'export.open':
    'Bitte lassen Sie diese Seite offen, bis alles da ist. Dauert es lange, tippen Sie ab und zu darauf: Nach 15 Minuten ohne Bewegung sperrt sie sich.',
  'export.begin': 'Herunterladen beginnen',
  'export.again': 'Noch einmal herunterladen',
  'export.listing': 'Die Nachrichten werden gezählt …',
  'export.share': '{done} von {total} Nachrichten',
  'export.done': 'Fertig: {count} Nachrichten, {size}. Die Datei liegt bei Ihren Downloads.',
  'export.failed':
    'Nicht enthalten, weil die Prüfung sie abgelehnt hat: {count}. In der Datei steht, welche und warum.',
  'export.done.file': 'Fertig: {count} Nachrichten, {size}. Die Datei liegt dort, wo Sie es gewählt haben.',
  'export.done.one': 'Fertig: 1 Nachricht, {size}. Die Datei liegt bei Ihren Downloads.',
  'export.done.file.one':
    'Fertig: 1 Nachricht, {size}. Die Datei liegt dort, wo Sie es gewählt haben.',
  'export.done.files': 'Fertig: {count} Nachrichten, {size}, in {files} Dateien.',
  'export.choose':
    'Das sind etwa {size}. So viel schreibt der Browser am besten gleich in eine Datei. Bitte wählen Sie, wo sie liegen soll.',
  'export.choose.file': 'Datei wählen und beginnen',
  'export.choose.parts': 'Lieber in mehreren Teilen',
  'export.parts':
    'Das sind etwa {size}. Sie bekommen sie in mehreren ZIP-Dateien, jede für sich lesbar. Nach jeder fragt die Seite, ob es weitergehen soll.',
  'export.pause': 'Teil {part} ist gespeichert. Noch {count} Nachrichten.',
  'export.pause.one': 'Teil {part} ist gespeichert. Noch 1 Nachricht.',
  'export.next': 'Weiter mit Teil {part}',
  'export.disk':
    'Die Datei ließ sich nicht weiter schreiben. Vielleicht ist kein Platz mehr frei. Bitte schaffen Sie Platz und beginnen Sie noch einmal.',
  'export.cancelled': 'Abgebrochen. Es wurde nichts gespeichert.',
  'export.cancelled.kept': 'Abgebrochen. Die Teile, die schon gespeichert sind, bleiben.',
  'export.note':
    'Diese Nachrichten wurden bei der Prüfung abgelehnt und sind nicht enthalten. Bitte sagen Sie uns Bescheid.',
  'export.note.name': 'Nicht enthalten.txt',

  'delete.lost': 'Das ist danach weg',
  'delete.lost.mail':
    'alle Nachrichten, Anlagen und Entwürfe in diesem Portal, auch die ungelesenen',
  'delete.lost.keys':
    'Ihr Passwort, Ihre Frage, Ihr Wiederherstellungscode und hinterlegte Schlüssel',
  'delete.lost.access': 'der Zugang: Auch wir können nichts zurückholen',
  'delete.stays': 'Das bleibt',
  'delete.stays.office':
    'was die Agentur in ihren eigenen Unterlagen haben muss, zum Beispiel Ihre Verträge',
  'delete.stays.again': 'Ihr Recht, es sich anders zu überlegen: Auf Wunsch laden wir Sie neu ein',
  'delete.export': 'Vorher alle Nachrichten herunterladen',
  'delete.word': 'löschen',
  'delete.word.label': 'Bitte schreiben Sie zur Bestätigung: {word}',
  'delete.word.wrong': 'Bitte schreiben Sie genau dieses Wort: {word}',
  'delete.submit': 'Konto endgültig löschen',
  'delete.working': 'Ihr Konto wird gelöscht …',

  'technical.worker.good': 'Der Teil, der entschlüsselt, startet.',
  'technical.storage.good': 'Der Browser darf sich die Sprache merken.',
  'technical.storage.off':
    'Speichern ist ausgeschaltet. Das macht nichts: Nur die Sprache wird nicht gemerkt.',

  'error.wrong-answer': 'Die Antwort stimmt nicht. Bitte versuchen Sie es noch einmal.',
  'error.link-expired': 'Dieser Link gilt nicht mehr.',
  'error.login-again':
    'Dafür ist die Anmeldung zu lange her. Bitte geben Sie Ihr Passwort noch einmal ein.',
};
