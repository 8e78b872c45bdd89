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
  logout: 'Log out',
  who: 'Logged in as {address}',
  'nav.label': 'Mailbox',
  'nav.inbox': 'Inbox',
  'nav.sent': 'Sent',
  'nav.compose': 'New message',
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
  'list.to': 'To: {names}',
  'list.until': 'Kept until {date}',
  'list.attachments': 'Attachments:',
  'list.more': 'Show older messages',
  'list.loaded': '{count} older messages were added.',
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
  'download.share': 'Loading: {percent} %',
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
  'files.remove': 'Remove {name}',
  'files.remove.short': 'Remove',
  'draft.saving': 'Saving the draft …',
  'draft.saved': 'Draft saved, encrypted, at {time}.',
  'draft.failed': 'The draft could not be saved just now. We try again when you go on writing.',
  'draft.discard': 'Delete the draft',
  'draft.discarded': 'The draft was deleted.',
  'send.submit': 'Send encrypted',
  'send.sealing': 'Encrypting and signing …',
  'send.share': 'Sending: {percent} %',
  'send.kept': 'Nothing is lost: your text is still here. Please try again.',
  'send.done': 'Your message was sent',
  'send.done.detail': 'It goes encrypted to {office}. You find a copy in your sent messages.',

  'forgot.password.title': 'Forgot your password',
  'forgot.password.why':
    'Nobody but you knows your password, not even this portal. So it cannot be sent to you.',
  'forgot.password.what':
    'Please contact us. We make sure that it is you, and then help you back into your mailbox. What is urgent we send you by post.',
  'forgot.have':
    'Have at hand what shows {office} that it is you, for example your contract number.',
  'forgot.lost': 'No message gets lost: the agency holds a second, sealed key to your mailbox.',
  'forgot.never': 'We never ask for your old password or for your answer.',
  'forgot.answer.title': 'Forgot the answer to your security question',
  'forgot.answer.why': 'The answer is kept like your password: nobody can read it.',
  'forgot.answer.what':
    'As long as you know your password you need no answer. If you have forgotten both, please contact us: we make sure that it is you, and then help you back into your mailbox.',

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
};
