// SPDX-License-Identifier: GPL-3.0-or-later
//
// English sentences. A test holds the two catalogues to the same keys and the same parameters.

export default {
  brand: 'WebMail portal',
  'brand.sub': 'WebMail portal',
  language: 'Language',
  skip: 'Skip to the content',
  loading: 'One moment …',
  next: 'Continue',
  again: 'Try again',
  'failed.title': 'That did not work',
  logout: 'Log out',
  who: 'Logged in as {address}',
  'nav.label': 'Mailbox',
  'nav.inbox': 'Inbox',
  'nav.sent': 'Sent',
  'nav.compose': 'New message',
  'nav.write': 'Write',
  'foot.label': 'Help',
  'foot.never':
    'We never ask for your password, your code or your security answer by e-mail or on the phone.',
  'back.login': 'Back to the login page',
  'back.start': 'Back to the start page',
  'back.inbox': 'Back to the inbox',
  'back.sent': 'Back to the sent messages',

  'support.title': 'Do you need help?',
  'support.unknown': 'The contact for help could not be loaded. Please call your agency.',
  'support.link': 'Help and contact',
  'support.page.title': 'Help and contact',
  'support.page.what':
    'If something does not work, or if you are not sure whether a message is really from us, please call or write. We are glad to help.',
  'support.page.paper': 'You need not use this portal. On request you get everything by post.',

  'why.label': 'About this portal',
  'why.office': 'your agency',
  'why.title': 'Sealed post from {office}',
  'why.sealed.head': 'Sealed on the way and here.',
  'why.sealed':
    'Messages are encrypted before they leave the agency. They are opened only in your browser; this portal cannot read them.',
  'why.password.head': 'Your password stays with you.',
  'why.password': 'It does not leave your browser, not even when you log in.',
  'why.phishing.head': 'Beware of imitations.',
  'why.phishing': 'Type the address of this portal yourself, or use your own bookmark.',

  'address.label': 'E-mail address',
  'address.invalid': 'Please enter a whole e-mail address, for example name@example.org.',
  'password.label': 'Password',
  'password.missing': 'Please enter your password.',
  'password.show': 'Show',
  'password.hide': 'Hide',
  'password.choose': 'Choose a password',
  'password.hint':
    'At least {minimum} characters. Several words in a row that do not belong together are easy to remember and hard to guess.',
  'password.repeat': 'Repeat the password',
  'password.differs': 'The two passwords are not the same. Please type the second one again.',
  'strength.short': '{missing} more characters, please.',
  'strength.weak':
    'Weak: this would be guessed quickly. Please choose something longer or less common.',
  'strength.fair': 'Fair: good enough. Another word would make it better.',
  'strength.good': 'Good: hard to guess.',
  'strength.strong': 'Very good: very hard to guess.',
  'strength.unknown': 'Long enough. How good it is could not be checked just now.',

  'login.title': 'Log in',
  'login.submit': 'Log in',
  'login.busy': 'Opening your mailbox. This takes a few seconds …',
  'login.forgot': 'Forgot your password?',
  'login.first': 'Is this your first time here?',
  'login.register': 'Register with your code',
  'locked.idle':
    'For your protection the portal was locked because nothing was done for a while. If you were writing a message, it was kept encrypted. Please log in again.',
  'locked.expired':
    'Your session has ended. If you were writing a message, it was kept encrypted. Please log in again.',
  'locked.logout': 'You are logged out. The keys to your mailbox were removed from this browser.',
  'locked.reload':
    'Please log in to see this page. The keys to your mailbox are never stored in the browser, so they are gone after a page is loaded anew.',
  'idle.warning':
    'You have not done anything for a while. The portal will be locked in less than a minute. What you are writing is kept.',
  'idle.stay': 'Stay logged in',

  'register.title': 'Register',
  'register.steps': 'Steps of the registration',
  'register.step.code': 'Code',
  'register.step.password': 'Password',
  'register.step.question': 'Question',
  'register.step.done': 'Done',
  'register.head.code': 'Enter your code',
  'register.head.password': 'Choose a password',
  'register.head.question': 'Security question',
  'register.head.done': 'You are registered',
  'register.intro':
    'A message is waiting for you. To open your mailbox you need the code that the agency has given you on the phone or in a letter.',
  'register.intro.invited':
    'You come from an invitation. To open your mailbox you need the code that the agency has given you on the phone or in a letter. It is not in the e-mail.',
  'register.address.hint': 'The address to which our e-mail was sent.',
  'register.already': 'Already registered?',
  'register.code-good': 'The code is right. This mailbox is for {address}.',
  'register.submit': 'Register',
  'register.done': 'Your mailbox for {address} is ready.',
  'register.done.next':
    'You can log in now with your e-mail address and the password that you have just chosen.',
  'register.done.bookmark': 'Please keep the address of this portal as a bookmark: {address}',
  'code.label': 'Code',
  'code.hint': 'Seven groups of three digits. The spaces come by themselves.',
  'code.count': '{count} of {total} digits',
  'code.complete': 'All digits are there.',
  'code.short': 'The code is not complete: it has 21 digits.',
  'code.typo': 'One of the digits is not right, or two are swapped. Please compare group by group.',
  'code.checking': 'Checking the code. This takes a few seconds …',
  'code.submit': 'Check the code',
  'question.intro':
    'If you ever forget your password, this question helps to get back in. Choose one whose answer others do not know or find.',
  'question.label': 'Question',
  'question.teacher': 'What was the name of your favourite teacher?',
  'question.street': 'In which street did you live as a child?',
  'question.pet': 'What was the name of your first pet?',
  'question.holiday': 'Where did your first holiday without your parents take you?',
  'question.own': 'I will write a question of my own',
  'question.own.label': 'Your own question',
  'question.missing': 'Please write a question of at least five letters.',
  'answer.label': 'Answer',
  'answer.hint': 'Capital letters, spaces and punctuation do not matter.',
  'answer.short': 'Please give an answer with at least three letters or digits.',
  'working.start': 'Preparing your mailbox …',
  'working.password': 'Protecting your password. This takes a few seconds …',
  'working.answer': 'Protecting your answer. This takes a few seconds …',
  'working.keys': 'Making your keys …',
  'working.send': 'Storing the sealed keys …',

  'inbox.empty': 'There are no messages. As soon as one arrives, we tell you by e-mail.',
  'sent.empty': 'You have not sent a message yet.',
  'inbox.unread': '{count} unread messages',
  'inbox.unread.one': '1 unread message',
  'list.new': 'New',
  'list.to': 'To: ',
  'list.until': 'Kept until {date}',
  'list.attachments': 'Attachments:',
  'list.more': 'Show older messages',
  'list.loaded': '{count} older messages were added.',
  'list.loaded.one': '1 older message was added.',
  'list.refused': 'This message is not shown',
  'subject.none': '(no subject)',
  'drafts.title': 'Unfinished messages',
  'drafts.changed': 'last changed {date}',

  'message.from': 'From',
  'message.to': 'To',
  'message.cc': 'Copy to',
  'message.date': 'Written',
  'message.expires': 'Will be deleted on',
  'message.reply': 'Reply',
  'message.empty': '(This message has no text.)',
  'message.html-only': '(This message has a formatted version only.)',
  'message.failed': 'The message could not be opened',
  'message.gone.title': 'This message is not here any more',
  'message.gone':
    'There is no such message. It may have been deleted because its time was up, or the agency has withdrawn it.',
  'signature.good': 'Written by {name}. The signature was checked: genuine and unchanged.',
  'signature.detail': 'The key belongs to {address} and is confirmed by the agency.',
  'signature.other': 'Sent for {name}, signed by {signer}, whose key is confirmed by the agency.',
  'signature.own': 'Written by you. Your signature was checked: the message is unchanged.',
  'html.show': 'Show the formatted version',
  'html.hide': 'Show the plain text',
  'html.hint': 'Shown without images from the internet and without active content.',
  'html.title': 'Formatted version of the message',
  'files.title': 'Attachments ({count})',
  'files.hint': 'Attachments are checked, decrypted and then saved on your device.',
  'download.share': 'Loading: {percent} %. Press again to cancel.',
  'download.opening': 'Decrypting …',
  'download.done': 'Saved in your downloads.',

  'compose.new': 'New message',
  'compose.reply': 'Reply',
  'compose.office': 'The agency ({office})',
  'compose.sealed':
    'Your message is encrypted and signed in this browser before it is sent. Only the agency and you can read it.',
  'compose.quote': 'On {date}, {name} wrote:',
  'subject.label': 'Subject',
  'subject.missing': 'Please write a subject.',
  'text.label': 'Message',
  'text.missing': 'Please write a message.',
  'files.add': 'Add attachments',
  'files.limits':
    'Up to {attachment} for each file, {message} together. Attachments are not part of the saved draft.',
  'files.large':
    '{name} has {size}; a file may have {limit} at most. Please send it in parts, or ask us for another way.',
  'files.total': '{name} does not fit any more: all attachments together may have {limit} at most.',
  'files.count': 'Attachments: {count}',
  'files.gone':
    'The file {name} cannot be read any more. It may have been deleted or moved. Please remove it or choose it again.',
  'files.missing':
    'You had chosen these attachments. They are not part of the saved draft; please add them again:',
  'files.remove': 'Remove {name}',
  'files.remove.short': 'Remove',
  'draft.saving': 'Saving the draft …',
  'draft.saved': 'Draft saved, encrypted, at {time}.',
  'draft.failed': 'The draft could not be saved just now. Please leave this page open: it is tried again in a moment.',
  'draft.discard': 'Delete the draft',
  'draft.discarded': 'The draft was deleted.',
  'draft.undo': 'Undo',
  'send.submit': 'Send encrypted',
  'send.sealing': 'Encrypting and signing …',
  'send.share': 'Sending: {percent} %',
  'send.waiting': 'The connection is interrupted. It goes on by itself in a moment …',
  'send.failed': 'Your message was not sent. It is among your unfinished messages:',
  'send.cancelled': 'Cancelled. Nothing was sent, and your text is still here.',
  'send.kept': 'Nothing is lost: your text is still here. Please try again.',
  'send.done': 'Your message was sent',
  'send.done.detail': 'It goes encrypted to {office}. You find a copy in your sent messages.',

  'forgot.password.title': 'Forgot your password',
  'forgot.password.why':
    'Nobody but you knows your password, not even this portal. So it cannot be sent to you. But you can choose a new one.',
  'forgot.password.what':
    'You get an e-mail with a link. Then you answer your security question, or enter the recovery code from paper.',
  'forgot.have':
    'Have at hand what shows {office} that it is you, for example your contract number.',
  'forgot.lost': 'No message gets lost: the agency holds a second, sealed key to your mailbox.',
  'forgot.never': 'We never ask for your old password or for your answer.',
  'forgot.answer.title': 'Forgot the answer to your security question',
  'forgot.answer.why': 'The answer is kept like your password: nobody can read it.',
  'forgot.answer.what':
    'As long as you know your password you need no answer. If you have forgotten both, please contact us: we make sure that it is you, and you get a new code. No message gets lost.',

  'technical.title': 'Technical prerequisites',
  'technical.link': 'Technical prerequisites',
  'technical.what':
    'You need no program and no app, only a current browser. This page tests the one that you are using.',
  'technical.browsers':
    'Firefox, Chrome, Edge or Safari, not older than about two years, on a computer, tablet or phone.',
  'technical.script':
    'JavaScript has to be allowed, because your messages are decrypted in the browser.',
  'technical.storage': 'Nothing has to be stored permanently. Private windows work too.',
  'technical.test': 'Test of this browser',
  'technical.run': 'Test again',
  'technical.running': 'Testing. This takes a few seconds …',
  'technical.verdict.good': 'Everything works: you can use the portal with this browser.',
  'technical.verdict.warn':
    'The portal works with this browser. A newer one would be safer or faster.',
  'technical.verdict.bad':
    'The portal does not work with this browser. Please update it or use another one, or contact us.',
  'technical.secure.good': 'The connection is protected.',
  'technical.secure.bad':
    'The connection is not protected. Please type the address with https:// in front.',
  'technical.cookies.good': 'Cookies are allowed.',
  'technical.cookies.bad':
    'Cookies are blocked. Please allow them for this page in your browser settings.',
  'technical.trusted.good': 'The browser guards the page against foreign script.',
  'technical.trusted.bad':
    'The browser has one protection against foreign script less (Trusted Types). The others are in force.',
  'technical.server.good': 'The portal can be reached.',
  'technical.server.bad': 'The portal cannot be reached just now. Please check your connection.',
  'technical.worker.bad':
    'The part that decrypts could not be started. Please update the browser, and switch off extensions that block scripts on this page.',
  'technical.webcrypto.good': 'Encryption of the browser (WebCrypto) works.',
  'technical.webcrypto.bad':
    'Encryption of the browser (WebCrypto) does not work. Please update the browser.',
  'technical.wasm.good': 'WebAssembly works.',
  'technical.wasm.bad':
    'WebAssembly does not work. Please update the browser, or leave its "lockdown mode" for this page.',
  'technical.opaque.good': 'The login that keeps your password secret works.',
  'technical.opaque.bad':
    'The login that keeps your password secret does not work. Please update the browser.',
  'technical.openpgp.good': 'Opening sealed messages works.',
  'technical.openpgp.bad': 'Opening sealed messages does not work. Please update the browser.',
  'technical.speed.good': 'The device is fast enough.',
  'technical.speed.bad': 'The device is slow: logging in may take half a minute.',

  'missing.title': 'This page does not exist',
  'missing.what': 'The address may have been typed wrongly.',

  'error.cancelled': 'Cancelled.',
  'error.offline': 'The portal cannot be reached. Please check your connection and try again.',
  'error.wait': 'There were too many tries. Please wait {minutes} minutes, then try again.',
  'error.wait-minute': 'There were too many tries. Please wait a minute, then try again.',
  'error.too-many-tries': 'There were too many tries. Please wait a while, then try again.',
  'error.invitation-expired':
    'This invitation is not valid any more. Please contact us; you get a new one, and your message is still there.',
  'error.wrong-code':
    'The code does not fit. Please compare it group by group, and check the address.',
  'error.wrong-password': 'The address or the password is not right. Please try again.',
  'error.not-found': 'This could not be found. It may have been deleted.',
  'error.conflict': 'This was already done from another window. Please load the page anew.',
  'error.too-large': 'This is larger than the portal accepts. Please send it in parts.',
  'error.busy': 'The portal is busy. Please try again in a moment.',
  'error.cross-site':
    'The browser sent this request in a way that the portal refuses. Please load the page anew, and switch off extensions that change requests.',
  'error.not-logged-in': 'Your session has ended. Please log in again.',
  'error.internal':
    'Something went wrong on our side. Please try again; if it happens again, please contact us.',
  'error.load-failed':
    'A part of the portal could not be loaded, or was changed on the way. Please check your connection and load the page anew.',

  'refused.what':
    'Please tell us, so that we can find out what happened. Nothing of the message was opened or run.',
  'refused.wrong-code':
    'The code does not fit. Please compare it group by group, and check the address.',
  'refused.wrong-portal':
    'This mailbox belongs to another portal. You may be on a page that imitates ours. Please do not enter anything, and contact us.',
  'refused.wrong-mailbox':
    'The portal sent a mailbox that is not yours or that was changed. Please contact us.',
  'refused.wrong-office-key':
    'The key of the agency is not the one that was agreed with you. For your protection nothing is shown. Please contact us.',
  'refused.roster-forged':
    'The list of staff is not confirmed by the agency. For your protection nothing is shown. Please contact us.',
  'refused.roster-old':
    'The list of staff is older than one that this browser has already seen. For your protection nothing is shown. Please contact us.',
  'refused.unreadable': 'The message cannot be decrypted with your key.',
  'refused.signature':
    'The signature is missing or is not from a staff member whom the agency has confirmed.',
  'refused.manifest-portal': 'The message was written for another portal.',
  'refused.manifest-mailbox': 'The message was written for another mailbox.',
  'refused.manifest-message': 'The message was put in the place of another one.',
  'refused.manifest-format': 'The message has a form that this portal does not know.',
  'refused.blob-missing': 'A part of the message is missing.',
  'refused.blob-changed': 'A part of the message was changed after it was signed.',
  'refused.blob-unreadable': 'A part of the message cannot be decrypted.',
  'refused.no-recipient-key':
    'There is no usable key of the recipient. Please choose the agency as the recipient, or contact us.',

  cancel: 'Cancel',

  'nav.account': 'Account',

  'password.present': 'Your present password',
  'password.present.hint': 'So that nobody else at your device can do this.',
  'password.checking': 'Checking your password. This takes a few seconds …',
  'password.wrong': 'The password is not right. Please try again.',

  'locked.deleted': 'Your account is deleted. You can close this window.',

  'register.again':
    'You were registered here before. Your earlier messages are still there; you only choose a new password and a new question.',
  'register.again.done':
    'You find your earlier messages as usual in the inbox and among the sent ones.',

  'forgot.submit': 'Ask for the link',
  'forgot.sent':
    'If there is a mailbox for {address}, an e-mail with a link is on its way. For safety we do not say whether there is one.',
  'forgot.sent.time': 'The link is valid for 10 minutes and only once.',
  'forgot.sent.missing':
    'If nothing arrives, please look into the spam folder, and whether the address is right. There are at most three such e-mails a day.',
  'forgot.sent.phishing':
    'The link begins with the address of this portal: {host}. If it leads elsewhere, the e-mail is not from us.',
  'forgot.else': 'If this does not work',
  'forgot.answer.tell':
    'Or let us know that you need help. We get in touch in the way that we know from you.',
  'forgot.answer.submit': 'Ask for help',
  'forgot.answer.sent':
    'Thank you. If there is a mailbox for this address, the agency knows now. It is faster by phone.',

  'recover.title': 'New password',
  'recover.head.start': 'Choose a new password',
  'recover.head.question': 'Your security question',
  'recover.head.code': 'Your recovery code',
  'recover.head.password': 'Choose a new password',
  'recover.head.done': 'Your new password is in force',
  'recover.head.unknown': 'We help you',
  'recover.head.expired': 'This link is not valid any more',
  'recover.head.over': 'Too many tries',
  'recover.head.late': 'The time is up',
  'recover.intro':
    'You have asked for a link to choose a new password. It is used only when you press "Continue". Then you have 15 minutes.',
  'recover.check': 'Please check that your browser shows this address at the top: {host}',
  'recover.unasked':
    'Did you not ask for a link? Then close this page. Without your answer nobody can change anything.',
  'recover.incomplete':
    'The link from the e-mail is missing here. Please open it from there once more, or ask for a new one.',
  'recover.again': 'Ask for a new link',
  'recover.opening': 'Checking the link …',
  'recover.question': 'Please answer the question that you chose when you registered:',
  'recover.code': 'It is on the sheet that you have printed or written down.',
  'recover.checking': 'Checking your answer. This takes a few seconds …',
  'recover.left': 'With this link you have {count} tries left.',
  'recover.left.one': 'With this link you have one try left.',
  'recover.wrong-code':
    'The code does not fit. Please compare it group by group. The sheet that you made last is the one that counts.',
  'recover.other': 'Other ways',
  'recover.use-code': 'I have a recovery code on paper',
  'recover.use-question': 'Back to the security question',
  'recover.unknown': 'I do not know the answer',
  'recover.right': 'That is right. The mailbox for {address} is open.',
  'recover.submit': 'Save the password',
  'recover.done':
    'From now on you log in with the new password. All your messages are still there.',
  'recover.done.ended': 'Wherever else you were logged in, you are logged out now.',
  'recover.done.mail': 'For your safety we write you an e-mail that the password was changed.',
  'recover.expired.what':
    'It was valid for 10 minutes only, or it was used already. If there is a newer e-mail, only its link counts.',
  'recover.over':
    'To protect your mailbox no more tries are possible with this link. You can ask for a new one, three a day at most, or contact us right away.',
  'recover.late': 'The 15 minutes for the new password are over. Your old one is still in force.',

  'recovery.label': 'Recovery code',
  'recovery.offer': 'Would you like a code on paper?',
  'recovery.what':
    'A recovery code helps if you have forgotten both password and answer. You print it or write it down and keep it with your papers. You need not have one.',
  'recovery.once': 'It is shown only once. Not even we know it.',
  'recovery.replaces': 'It replaces an earlier code.',
  'recovery.make': 'Make a recovery code',
  'recovery.making': 'Making the code. This takes a few seconds …',
  'recovery.made': 'Your code is ready. It is shown only now: please print it or write it down.',
  'recovery.print': 'Print',
  'recovery.kept': 'I have kept it',
  'recovery.sheet.for': 'For the mailbox {address} in the portal {host}',
  'recovery.sheet.how':
    'Forgot your password? Ask for a link on the login page, open it and enter this code.',
  'recovery.sheet.never':
    'Nobody of us ever asks for this code, neither on the phone nor by e-mail.',
  'recovery.sheet.made': 'Made on {date}. A later code makes this one invalid.',

  'account.title': 'My account',
  'account.what': 'Your mailbox: {address}',
  'account.language': 'You choose the language of these pages at the very top.',
  'account.password': 'Change the password',
  'account.password.short': 'Choose a new password',
  'account.password.what':
    'Afterwards you are logged out everywhere else. Your messages stay as they are.',
  'account.password.done': 'Your new password is in force. Everywhere else you are logged out.',
  'account.question': 'Change the security question',
  'account.question.short': 'Another question and answer',
  'account.question.submit': 'Save question and answer',
  'account.question.done': 'The new question and answer are in force.',
  'account.code': 'Recovery code',
  'account.code.short': 'A code on paper in case you forget everything',
  'account.sessions': 'Where you are logged in',
  'account.sessions.short': 'See devices and log them out',
  'account.keys': 'Keys and certificates',
  'account.keys.short': 'For your own encrypting mail program',
  'account.notices': 'Language of our e-mails',
  'account.notices.short': 'German or English',
  'account.export': 'Download all messages',
  'account.export.short': 'Save them as files on your device',
  'account.delete': 'Delete the account',
  'account.delete.short': 'Remove mailbox and messages for good',

  'sessions.what':
    'Here you see where your mailbox is open just now. After 15 idle minutes every login ends by itself.',
  'sessions.stranger':
    'Is there something that you do not know? End it, change your password and tell us.',
  'sessions.unknown': 'Unknown browser',
  'sessions.current': 'This window',
  'sessions.created': 'Logged in: {date}',
  'sessions.seen': 'Last used: {date}',
  'sessions.end': 'End',
  'sessions.end.one': 'End the login: {client}, {date}',
  'sessions.end.all': 'End all others',
  'sessions.ended': 'The login has ended: {client}',
  'sessions.ended.all': 'All other logins have ended.',

  'keys.what':
    'Do you use a mail program that encrypts? Then deposit your public key or your certificate here. Our messages then come to you directly, encrypted.',
  'keys.yours': 'Your deposited keys',
  'keys.none': 'You have deposited nothing. Your messages are kept in this portal.',
  'keys.new': 'Deposit a key or certificate',
  'keys.full': 'No more than {most} can be deposited.',
  'keys.file': 'Choose a file',
  'keys.file.hint': 'OpenPGP key (.asc, .gpg) or S/MIME certificate (.pem, .crt, .cer)',
  'keys.text': 'or paste it here',
  'keys.missing': 'Please choose a file or paste the key.',
  'keys.check': 'Check',
  'keys.checking': 'Checking. Nothing is sent yet …',
  'keys.found': 'Please check these details',
  'keys.deposit': 'Deposit',
  'keys.signing': 'Signing in your name …',
  'keys.done': 'The key is deposited.',
  'keys.removed': 'The key is removed.',
  'keys.remove': 'Remove',
  'keys.deposited': 'Deposited: {date}',
  'keys.kind': 'Kind',
  'keys.kind.openpgp': 'OpenPGP key',
  'keys.kind.smime': 'S/MIME certificate',
  'keys.names': 'Name',
  'keys.addresses': 'E-mail address',
  'keys.addresses.none': 'none given',
  'keys.expires': 'Valid until',
  'keys.expires.never': 'without end',
  'keys.fingerprint': 'Fingerprint',
  'keys.expired': 'This key has expired and is not used any more. Please deposit a new one.',
  'keys.former':
    'You deposited this key before your access was reset. We use it again only when you have confirmed it. Please compare the fingerprint.',
  'keys.confirm': 'Confirm',
  'keys.confirmed': 'The key is confirmed. We use it again.',
  'keys.stranger':
    'Your address {address} does not appear in this key. Please deposit it only if it really is yours.',
  'keys.foreign':
    'This key was not deposited by you, or it was changed. Please remove it and tell us.',
  'keys.office': 'The key of {office}',
  'keys.office.what':
    'With it your mail program encrypts to us and checks what comes from us. It is the key that was agreed when you registered.',
  'keys.office.download': 'Download the key',

  'refused.key-none': 'This is no OpenPGP key and no S/MIME certificate, or the file is damaged.',
  'refused.key-private':
    'Stop: this is your secret key. It belongs to nobody but you and was not sent. Please export only the public key, or the certificate without its secret part, from your mail program.',
  'refused.key-several': 'There are several keys in it. Please take a file that has only yours.',
  'refused.key-expired': 'This key has expired. Please extend it or take a new one.',
  'refused.key-useless':
    'Nobody can encrypt with this key: it is for signatures only, revoked, or that of a certification authority.',
  'refused.key-large':
    'This key is too large. Please export it without pictures and foreign certifications.',
  'refused.key-ours': 'This is our key, not yours. You need it only in your mail program.',

  'notices.what':
    'When a message is waiting for you, we send you a short e-mail. Here you choose its language.',
  'notices.language': 'Language of the e-mails',
  'notices.de': 'German (Deutsch)',
  'notices.en': 'English',
  'notices.submit': 'Save',
  'notices.saving': 'Saving …',
  'notices.done': 'Saved. From now on our e-mails come in this language.',

  'export.what':
    'You get a ZIP file with all messages and attachments. Each message is an .eml file in it, which almost every mail program opens.',
  'export.clear': 'The files are not encrypted any more. Please keep them safe.',
  'export.open':
    'Please leave this page open until all is there. If it takes long, tap it now and then: after 15 idle minutes it locks.',
  'export.begin': 'Begin the download',
  'export.again': 'Download once more',
  'export.listing': 'Counting the messages …',
  'export.share': '{done} of {total} messages',
  'export.done': 'Done: {count} messages, {size}. The file is in your downloads.',
  'export.failed':
    'Not included, because the check refused them: {count}. The file says which and why.',
  'export.done.file': 'Done: {count} messages, {size}. The file is where you have chosen.',
  'export.done.one': 'Done: 1 message, {size}. The file is in your downloads.',
  'export.done.file.one': 'Done: 1 message, {size}. The file is where you have chosen.',
  'export.done.files': 'Done: {count} messages, {size}, in {files} files.',
  'export.choose':
    'That is about {size}. The browser had better write so much straight into a file. Please choose where it shall be.',
  'export.choose.file': 'Choose a file and begin',
  'export.choose.parts': 'Rather in several parts',
  'export.parts':
    'That is about {size}. You get it in several ZIP files, each complete in itself. After each the page asks whether to go on.',
  'export.pause': 'Part {part} is saved. {count} messages are left.',
  'export.pause.one': 'Part {part} is saved. 1 message is left.',
  'export.next': 'Go on with part {part}',
  'export.disk':
    'The file could not be written any further. Perhaps there is no room left. Please make room and begin again.',
  'export.cancelled': 'Cancelled. Nothing was saved.',
  'export.cancelled.kept': 'Cancelled. The parts that are saved already stay.',
  'export.note': 'These messages were refused by the check and are not included. Please tell us.',
  'export.note.name': 'Not included.txt',

  'delete.lost': 'This is gone afterwards',
  'delete.lost.mail': 'all messages, attachments and drafts in this portal, the unread ones too',
  'delete.lost.keys': 'your password, your question, your recovery code and deposited keys',
  'delete.lost.access': 'the access: not even we can bring anything back',
  'delete.stays': 'This stays',
  'delete.stays.office': 'what the agency must keep in its own records, for example your contracts',
  'delete.stays.again': 'your right to change your mind: if you wish, we invite you again',
  'delete.export': 'Download all messages first',
  'delete.word': 'delete',
  'delete.word.label': 'To confirm, please write: {word}',
  'delete.word.wrong': 'Please write exactly this word: {word}',
  'delete.submit': 'Delete the account for good',
  'delete.working': 'Deleting your account …',

  'technical.worker.good': 'The part that decrypts starts.',
  'technical.storage.good': 'The browser may remember the language.',
  'technical.storage.off':
    'Storage is off. That does not matter: only the language is not remembered.',

  'error.wrong-answer': 'The answer is not right. Please try again.',
  'error.link-expired': 'This link is not valid any more.',
  'error.login-again': 'The login is too long ago for this. Please enter your password once more.',
};
