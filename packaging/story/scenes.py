# SPDX-License-Identifier: GPL-3.0-or-later
"""The story, scene by scene. Each plays what a person does and checks what other programs see."""

import re

from openpgp import text_of
from scratch import wait_for
from stage import LETTER

NO_BASIS = "This customer did not ask for e-mail. There is no inquiry, permission or agreement."
OPTED_OUT = "The customer asked not to be answered by e-mail."
NOT_SENT = "Not sent. What is missing stands below."
OPENPGP = "OpenPGP, encrypted end to end"
SMIME = "S/MIME, encrypted end to end"
PORTAL = "WebMail portal, encrypted end to end"
CODE = re.compile(r"^\d{3}( \d{3}){6}$")

OFFER = "Guten Tag Frau Eiche,\n\nanbei unser Angebot: 148 Euro im Jahr.\n\nSabine Siegel\n"
ANSWER = "Guten Tag Herr Ohm,\n\ndas kostet 34 Euro im Jahr mehr.\n\nSabine Siegel\n"
COVERED = "Guten Tag Frau Sommer,\n\nja, der Schaden ist versichert.\n\nSabine Siegel\n"
CUSTOMER_REPLY = "Vielen Dank, das Angebot nehme ich gerne an.\n\nErika Eiche"
SECOND_OFFER = "Guten Tag Frau Eiche,\n\ndie Police ist unterwegs.\n\nSabine Siegel\n"


def holds(mail_system, before):
    """Nothing has left since: the SMTP server's own log says so."""
    left = len(mail_system.envelopes()) - before
    assert left == 0, f"{left} mail(s) left"


def raw(mail):
    """A mail as it travelled, decoded as far as a post office could."""
    return mail.as_bytes().decode("utf-8", "replace")


def unasked_mail_is_held(stage, report):
    """Scene 1."""
    office, before = stage.office, len(stage.office.mail.envelopes())
    composer = stage.evolution.compose(office.erika.address, "Unsere neue Unfallversicherung",
                                       "Guten Tag, kennen Sie schon unser neues Angebot?")
    composer.wait_until_says(stage.say(NO_BASIS))
    report.checked("the strip in Evolution says that the customer did not ask for e-mail")
    composer.send()
    composer.wait_until_says(stage.say(NOT_SENT))
    assert composer.is_open, "the composer closed"
    holds(office.mail, before)
    report.checked("after Send the composer is still open, and the SMTP server saw nothing")
    report.picture("held-nobody-asked", office.desktop.screenshot)
    composer.close()


def reply_goes_openpgp(stage, report):
    """Scene 2."""
    office = stage.office
    composer = stage.evolution.reply(stage.subject("olaf"))
    composer.write(ANSWER)
    composer.wait_until_says(stage.say(OPENPGP))
    report.checked("the strip says OpenPGP for Olaf")
    report.picture("reply-openpgp", office.desktop.screenshot)
    composer.send()
    composer.wait_until_closed()
    mail = office.olaf.wait_for_mails(1)[0]
    inner, signers = office.olaf_keys.decrypt_mail(mail)
    assert "34 Euro im Jahr mehr" in text_of(inner), text_of(inner)
    assert "34 Euro" not in raw(mail) and "Kfz" not in raw(mail), "clear text on the way"
    assert signers == [stage.staff_key], f"signed by {signers}"
    assert stage.subject("olaf") in inner["Subject"], inner["Subject"]
    report.checked(f"gpg with Olaf's key decrypted it; signed by Sabine's key; outside the subject "
                   f"is {mail['Subject']!r}, inside {inner['Subject']!r}")
    assert mail["In-Reply-To"] == stage.inquiries["olaf"], "another thread"
    sent = office.sabine.wait_for_mails(1, "Sent")[-1]
    own, _signers = office.keys.decrypt_mail(sent)
    assert "34 Euro im Jahr mehr" in text_of(own)
    report.checked("the copy in her Sent folder is encrypted; gpg with Sabine's key decrypted it")
    stage.evolution.select_mail(stage.subject("olaf"))
    report.picture("inbox-after-openpgp", office.desktop.screenshot)


def reply_goes_smime(stage, report):
    """Scene 3."""
    office = stage.office
    composer = stage.evolution.reply(stage.subject("sofia"))
    composer.write(COVERED)
    composer.wait_until_says(stage.say(SMIME))
    report.checked("the strip says S/MIME for Sofia, whose issuer says that her certificate holds")
    report.picture("reply-smime", office.desktop.screenshot)
    composer.send()
    composer.wait_until_closed()
    mail = office.sofia.wait_for_mails(1)[0]
    inner, is_signed = stage.issuer.decrypt_mail(mail, "sofia")
    assert "ist versichert" in text_of(inner) and is_signed, text_of(inner)
    assert "versichert" not in raw(mail) and "Wasserschaden" not in raw(mail), "clear text on the way"
    report.checked(f"openssl with Sofia's certificate opened it; signed by Sabine's; outside the "
                   f"subject is {mail['Subject']!r}, inside {inner['Subject']!r}")


def reply_goes_to_the_portal(stage, report):
    """Scene 4."""
    office = stage.office
    composer = stage.evolution.reply(stage.subject("erika"))
    composer.write(OFFER)
    composer.attach(stage.letter)
    composer.wait_until_says(stage.say(PORTAL))
    report.checked("the strip says WebMail portal for Erika, who has no key")
    report.picture("reply-portal", office.desktop.screenshot)
    composer.send()
    composer.wait_until_closed(60)
    stage.code = wait_for("the registration code on the screen", lambda: code_shown(stage), 30, 0.3)
    known = office.agent.portal_customer(office.erika.address)
    assert (known["code"] or "").replace(" ", "") == stage.code.replace(" ", ""), "another code"
    report.checked("Evolution shows the registration code, and the agent opens the same one from "
                   "the escrow with the office key")
    report.picture("registration-code", office.desktop.screenshot)
    close_code_window(stage)
    office.agent.wait_until_spool_is_empty()
    notice = office.erika.wait_for_mails(1)[0]
    content = raw(notice)
    for secret in ("Hausrat", "148 Euro", stage.code, "Eiche"):
        assert secret not in content, f"the notice tells {secret!r}"
    stage.link = re.search(rf"{re.escape(stage.portal.origin)}/register#i=[\w-]+",
                           text_of(notice)).group()
    report.checked("the notice that arrived holds a link and neither subject, text, name nor code")


def code_shown(stage):
    """The registration code on the screen, or None."""
    for window in stage.evolution.windows():
        for label in window.find_all(("label", "text")):
            said = (label.name or label.text).strip()
            if CODE.match(said):
                stage.code_window = window
                return said
    return None


def close_code_window(stage):
    """The code was read out; the window goes."""
    stage.code_window.button(stage.say("Close")).press()
    wait_for("the code's window to close", lambda: not stage.code_window.showing, 10)


def customer_registers_and_reads(stage, report):
    """Scene 5."""
    office, customer = stage.office, stage.open_browser()
    customer.browser.do("open", url=stage.link)
    report.picture("portal-register", customer.shot)
    customer.register(stage.link, stage.code)
    report.checked("Chromium: registered with the mailed link and the code that was read out")
    report.picture("portal-registered", customer.shot)
    customer.log_in(office.erika.address)
    report.picture("portal-inbox", customer.shot)
    subject = customer.open_message()
    assert stage.subject("erika") in subject, subject
    assert "148 Euro im Jahr" in customer.text("message-text")
    report.checked("Chromium decrypted the message (OpenPGP.js) and shows text and real subject; "
                   f"signature: {customer.text('signature')!r}"[:220])
    report.picture("portal-message", customer.shot)
    saved = customer.save_attachment()
    assert saved.name == stage.letter.name and saved.read_text() == LETTER, saved.name
    report.checked("the attachment was downloaded and equals the file that Sabine attached")
    stored = b"".join(path.read_bytes() for path in stage.portal.data.rglob("*") if path.is_file())
    for secret in (b"148 Euro", b"Hausrat"):
        assert secret not in stored, f"the portal's disk holds {secret!r}"
    report.checked("the portal's database and blobs hold neither text nor subject")
    customer.reply(CUSTOMER_REPLY)
    report.picture("portal-replied", customer.shot)


def reply_is_in_the_inbox(stage, report):
    """Scene 6."""
    office = stage.office
    before = len(INBOX)
    mail = office.sabine.wait_for_mails(before + 1)[-1]
    inner, signers = office.keys.decrypt_mail(mail)
    assert "nehme ich gerne an" in text_of(inner), text_of(inner)
    assert "gerne an" not in raw(mail), "clear text on the way"
    report.checked(f"gpg with Sabine's key decrypted the reply, signed by the customer's key "
                   f"{signers[0][-8:] if signers else '(not known to gpg: the agent verifies it)'}")
    sent = sent_to_erika(stage)
    assert mail["In-Reply-To"] == sent, f"answers {mail['In-Reply-To']}, not {sent}"
    assert sent in (mail["References"] or ""), "no reference to Sabine's mail"
    report.checked("In-Reply-To and References name Sabine's mail: it stands in the right thread")
    stage.reply_subjects = (str(mail["Subject"]), str(inner["Subject"]))
    stage.evolution.show_mail(*stage.reply_subjects, words="nehme ich gerne an")
    report.checked("Evolution lists it in Sabine's inbox, decrypts and shows it")
    report.picture("reply-in-inbox", office.desktop.screenshot)


INBOX = ("olaf", "sofia", "erika", "otto")


def sent_to_erika(stage):
    """The Message-ID of Sabine's portal mail, from her Sent folder (outer header)."""
    for mail in reversed(stage.office.sabine.mails("Sent")):
        if mail["In-Reply-To"] == stage.inquiries["erika"]:
            return mail["Message-ID"]
    raise AssertionError("no copy of the portal mail in the Sent folder")


PORTAL_AWAY = ("The WebMail portal cannot be reached. Nothing is lost: delivery goes on by itself as soon as it is "
               "back.")


def portal_away_loses_nothing(stage, report):
    """Scene 7."""
    office = stage.office
    notices = len(office.erika.paths())
    composer = stage.evolution.reply(*stage.reply_subjects)
    composer.write(SECOND_OFFER)
    composer.wait_until_says(stage.say(PORTAL))
    answer_the_question(stage, composer, report)
    stage.portal.kill()
    composer.send()
    composer.wait_until_closed(60)
    waiting = office.agent.get("SpoolWaiting")
    assert waiting == 1, f"{waiting} copies wait"
    report.checked("portal killed before Send: the composer closed, one sealed copy waits on disk")
    spooled = b"".join(path.read_bytes() for path in office.desktop.home.rglob("*")
                       if path.is_file() and "siegelpost" in str(path))
    assert b"Police ist unterwegs" not in spooled, "clear text in the spool"
    stage.evolution.wait_until_window_says(stage.say(PORTAL_AWAY))
    report.checked("Evolution's window says that the mail waits for the portal, and that nothing is lost")
    report.picture("portal-away", office.desktop.screenshot)
    stage.portal.start()
    office.agent.retry_spool()  # as "siegelpost spool retry" does: not to wait for the clock
    office.agent.wait_until_spool_is_empty(120)
    office.erika.wait_for_mails(notices + 1)
    customer = stage.open_browser()
    customer.log_in(office.erika.address)
    rows = customer.browser.do("count", name="message-row")
    assert rows == 2, f"{rows} messages in the portal's inbox"
    customer.open_message()
    assert "Police ist unterwegs" in customer.text("message-text")
    report.checked("portal back: the copy was uploaded and is in the customer's inbox, exactly once")
    assert len(office.erika.paths()) == notices + 1, "not exactly one notice"
    report.checked("exactly one notice was mailed")
    report.picture("portal-back", customer.shot)


def answer_the_question(stage, composer, report):
    """An inquiry that the agent cannot read for an opt-out makes a question: who read it answers."""
    question = stage.say("The customer may have asked not to be answered by e-mail. "
                         "Please read the sentence.")
    free = stage.say("This mail can be sent.")
    wait_for("a verdict", lambda: composer.says(question) or composer.says(free), 30, 0.3)
    if composer.says(question):
        report.picture("question", stage.office.desktop.screenshot)
        composer.press(stage.say("The customer wants an answer by e-mail"))
        wait_for("the question to be gone", lambda: not composer.says(question), 20, 0.3)
        report.checked("the composer asked whether the customer wants an answer; answered")
    composer.wait_until_says(stage.say(PORTAL))
    report.checked("the strip says WebMail portal for the reply to the portal's mail")


def opted_out_is_held(stage, report):
    """Scene 8."""
    office, before = stage.office, len(stage.office.mail.envelopes())
    composer = stage.evolution.reply(stage.subject("otto"))
    composer.write("Guten Tag Herr Obermann,\n\nvielen Dank.\n")
    composer.wait_until_says(stage.say(OPTED_OUT))
    composer.wait_until_says("nicht per E-Mail")
    report.checked("the strip says that Otto asked for no e-mail, and shows the sentence it read")
    composer.send()
    composer.wait_until_says(stage.say(NOT_SENT))
    assert composer.is_open, "the composer closed"
    holds(office.mail, before)
    report.checked("after Send the composer is still open, and the SMTP server saw nothing")
    report.picture("held-opted-out", office.desktop.screenshot)
    composer.close()


def ledger_is_whole(stage, report):
    """Scene 9."""
    result = stage.office.cli("ledger", "verify", check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    report.checked("siegelpost ledger verify: the chain is whole")
    exported = stage.office.cli("ledger", "export", "--format", "csv").stdout
    for address in (stage.office.olaf.address, stage.office.erika.address):
        assert address in exported, f"no entry for {address}"
    assert "34 Euro" not in exported and "Hausrat" not in exported
    report.checked("its export names both recipients, channel and basis, and neither subject nor text")


SCENES = [
    ("A mail that nobody asked for is held, with the reason", unasked_mail_is_held),
    ("The reply to an inquiry goes OpenPGP", reply_goes_openpgp),
    ("The reply to a customer with a certificate goes S/MIME", reply_goes_smime),
    ("The reply to a customer without keys goes to the portal", reply_goes_to_the_portal),
    ("The customer registers, reads, opens the attachment, replies", customer_registers_and_reads),
    ("The reply is in the staff member's inbox, in the right thread", reply_is_in_the_inbox),
    ("The portal is away while sending: nothing is lost, nothing twice", portal_away_loses_nothing),
    ("The mail to a customer who wants none is held, with his sentence", opted_out_is_held),
    ("The ledger says what went, and is whole", ledger_is_whole),
]
