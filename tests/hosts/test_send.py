# SPDX-License-Identifier: GPL-3.0-or-later
"""Evolution's composer: what the strip says, what Send does."""

import os
import signal

import stage
from mail_system import plain_mail
from scratch import wait_for

HELD = ("Dieser Kunde hat nicht um E-Mail gebeten",)


def play(checks):
    with stage.office(checks, "send") as office:
        office.exchange_openpgp()
        office.olaf_writes("Frage zur Police", "Guten Tag,\n\nwie hoch ist der Beitrag?\n\nOlaf Ohm")
        office.customer_writes(office.otto, "Schaden", "Guten Tag,\n\nes hat gehagelt. Bitte antworten Sie mir nicht "
                                                       "per E-Mail, sondern per Post.\n\nOtto Obermann")
        stage.seed(office)
        evolution = stage.start(office)
        office.agent.wait_for_history()
        unasked_mail_is_held(checks, office, evolution)
        opt_out_is_read(checks, office, evolution)
        openpgp_reply(checks, office, evolution)
        permission_on_the_phone(checks, office, evolution)
        form_closed_too_early(checks, office, evolution)
        colleagues(checks, office, evolution)
        each_bcc_alone(checks, office, evolution)
        written_from_a_sent_one(checks, office, evolution)
        cancelled(checks, office, evolution)
        agent_killed(checks, office, evolution)
        without_agent(checks, office, evolution)


def unasked_mail_is_held(checks, office, evolution):
    with checks.that("a mail nobody asked for is held, and the strip says why before and after Send"):
        composer = evolution.compose("erika@kunde.example", "Angebot", "Guten Tag,\n\nein Angebot.\n")
        composer.wait_until_says(*HELD)
        composer.send()
        composer.wait_until_says("Nicht gesendet")
        assert composer.is_open and composer.says(*HELD)
        assert evolution.windows()[-1].name == "Angebot" or len(evolution.windows()) == 2, "a box came up"
        assert not office.erika.paths(), "the mail arrived all the same"
        assert "Angebot" in composer.title
        composer.close()


def opt_out_is_read(checks, office, evolution):
    with checks.that("an opt-out in the inquiry is read out and holds; a written reason overrules it"):
        composer = evolution.reply("Schaden")
        composer.wait_until_says("Der Kunde möchte keine Antwort per E-Mail", "nicht per E-Mail")
        composer.press("Übergehen …")
        composer.window.find("text", "Begründung").set_text("Hat eben angerufen und doch um E-Mail gebeten")
        composer.press("Übergehen")
        wait_for("the refusal to go away", lambda: not composer.says("Der Kunde möchte keine Antwort"), 20, 0.2)
        composer.close()


def openpgp_reply(checks, office, evolution):
    with checks.that("the reply to a customer's inquiry goes by OpenPGP, and the strip says so"):
        composer = evolution.reply("Frage zur Police")
        composer.write("Guten Tag Herr Ohm,\n\nder Beitrag ist 120 Euro.\n")
        composer.wait_until_says("OpenPGP, Ende-zu-Ende-verschlüsselt")
        composer.wait_until_says("Antwort auf die Anfrage vom")
        composer.send()
        composer.wait_until_closed()
    with checks.that("what arrives decrypts with the customer's gpg, is signed, and shows no subject outside"):
        mail = office.olaf.wait_for_mails(1)[0]
        assert mail["Subject"] == "[...]", mail["Subject"]
        assert mail.get_content_type() == "multipart/encrypted"
        inner, signers = office.olaf_keys.decrypt_mail(mail)
        assert signers and "120 Euro" in inner.as_string() and inner["Subject"] == "Re: Frage zur Police"
        names = [name for name in mail.keys() if name.lower().startswith(("x-evolution", "resent-", "x-siegelpost-draft"))]
        assert not names, f"fields that are nobody's business: {names}"
    with checks.that("the Sent folder keeps one copy, readable by the sender only"):
        sent = office.sabine.wait_for_mails(1, "Sent")
        inner, _signers = office.keys.decrypt_mail(sent[0])
        assert "120 Euro" in inner.as_string()
        assert len(office.sabine.mails("Sent")) == 1
        assert not stage.outbox(office), "the outbox is not empty"
        assert len(office.olaf.paths()) == 1
    with checks.that("the inquiry is marked as answered"):
        wait_for("the answered flag", lambda: any("R" in path.name.rpartition(",")[2] for path in office.sabine.paths()), 60, 0.5)


def permission_on_the_phone(checks, office, evolution):
    with checks.that("a permission on the phone is recorded inline, for its matter, and gives the mail its reason"):
        composer = evolution.compose("olaf@kunde.example", "Ihr Schaden SV-2026-00417", "Guten Tag,\n\nwir haben reguliert.\n")
        composer.wait_until_says(*HELD)
        composer.press("Erlaubnis am Telefon …")
        composer.window.find("text", "Aktenzeichen des neuen Vorgangs").set_text("SV-2026-00417")
        composer.window.find("text", "Titel des neuen Vorgangs").set_text("Hagel")
        composer.window.find("text", "Worte des Kunden").set_text("Ja, schicken Sie es mir per Mail")
        composer.press("Eintragen")
        composer.wait_until_says("Am Telefon erlaubt")
        composer.wait_until_says("OpenPGP, Ende-zu-Ende-verschlüsselt")
        before = len(office.olaf.paths())
        composer.send()
        composer.wait_until_closed()
        office.olaf.wait_for_mails(before + 1)


def form_closed_too_early(checks, office, evolution):
    with checks.that("a form that is closed while the agent records what it said takes nothing else with it"):
        composer = evolution.compose("erika@kunde.example", "Ihre Frage", "Guten Tag\n")
        composer.wait_until_says(*HELD)
        composer.press("Erlaubnis am Telefon …")
        composer.window.find("text", "Worte des Kunden").set_text("Ja")
        with stage.agent_asleep(office):
            composer.press("Eintragen")
            composer.press("Abbrechen")
        wait_for("the record", lambda: "erika@kunde.example" in office.cli("consent", "list").stdout, 30, 0.5)
        assert composer.says("erika@kunde.example") and evolution.process.poll() is None, "Evolution is gone"
        assert "SGP_IS_DRAFT" not in evolution.log(), "the form that is gone was used"
        composer.close()


def colleagues(checks, office, evolution):
    with checks.that("mail among colleagues passes the same way, as a plain copy, once"):
        composer = evolution.compose("bernd@agentur.example", "Mittag", "Um zwölf?\n")
        composer.wait_until_says("Gewöhnliche E-Mail im Büro")
        composer.send()
        composer.wait_until_closed()
        mail = office.bernd.wait_for_mails(1)[0]
        assert mail["Subject"] == "Mittag" and "Um zwölf?" in mail.get_content()
        assert mail["X-Siegelpost-Copy"] and len(office.bernd.paths()) == 1


def each_bcc_alone(checks, office, evolution):
    with checks.that("a hidden recipient gets a copy of its own and is named in no other"):
        composer = evolution.reply("Frage zur Police")
        header = composer.window
        header.find(("check menu item", "menu item"), evolution._("_Bcc Field"), showing=False).press()
        composer.entry("_Bcc:").set_text("bernd@agentur.example")
        composer.wait_until_says("Bcc bernd@agentur.example")
        at_olaf, at_bernd = len(office.olaf.paths()), len(office.bernd.paths())
        composer.send()
        composer.wait_until_closed()
        mail = office.olaf.wait_for_mails(at_olaf + 1)[-1]
        office.bernd.wait_for_mails(at_bernd + 1)
        inner, _signers = office.olaf_keys.decrypt_mail(mail)
        assert "bernd" not in mail.as_string() and "bernd" not in inner.as_string()
        together = [one for one in office.mail.envelopes() if len(one["to"]) > 1]
        assert not together, f"one transaction for several: {together}"


def written_from_a_sent_one(checks, office, evolution):
    with checks.that("a mail that is written from a draft of one that was sent is a new mail, and leaves"):
        job = stage.prepare(office, plain_mail(office.sabine, office.bernd, "Vorlage", "Der alte Text.\n"), "used-up")
        assert office.agent.result(job)["status"] == "committed"
        office.mail.write(office.bernd, office.sabine, "Vorlage", "Der alte Text.\n", X_Siegelpost_Draft="used-up")
        evolution.select_mail("Vorlage")
        evolution.main_window().find("menu item", lambda name: name.startswith("Als neue Nachricht bearbeiten"),
                                     showing=False).press()
        composer = wait_for("the composer", lambda: next(iter(evolution.composers()), None), 20, 0.2)
        composer.entry("_To:").set_text("bernd@agentur.example")
        composer.wait_until_says("bernd@agentur.example", "Gewöhnliche E-Mail im Büro")
        before = len(office.bernd.paths())
        composer.send()
        composer.wait_until_closed()
        office.bernd.wait_for_mails(before + 2)  # and the one that was sent


def cancelled(checks, office, evolution):
    with checks.that("Cancel while the agent is slow: what the composer says is what happened"):
        composer = evolution.compose("bernd@agentur.example", "Abbruch", "Doch nicht.\n")
        composer.wait_until_says("Gewöhnliche E-Mail im Büro")
        before = len(office.bernd.paths())
        pid = stage.agent_pid(office)
        os.kill(pid, signal.SIGSTOP)
        try:
            composer.send()
            composer.press(evolution._("_Cancel"), "Abbrechen")
        finally:
            os.kill(pid, signal.SIGCONT)
        # The job may have been committed before the wish to cancel reached it: then it counts.
        wait_for("an outcome", lambda: not composer.is_open or composer.says("Das Senden wurde abgebrochen"), 30, 0.2)
        if composer.is_open:
            assert len(office.bernd.paths()) == before
            assert not office.agent.call("Pending")[0], "it was committed all the same"
            composer.send()
            composer.wait_until_closed()
        office.bernd.wait_for_mails(before + 1)
        wait_for("an empty outbox", lambda: not stage.outbox(office), 20, 0.2)
        assert len(office.bernd.paths()) == before + 1


def agent_killed(checks, office, evolution):
    with checks.that("the agent killed in the middle of sealing: the mail leaves once all the same"):
        composer = evolution.compose("bernd@agentur.example", "Absturz des Dienstes", "Einmal.\n")
        composer.wait_until_says("Gewöhnliche E-Mail im Büro")
        before = len(office.bernd.paths())
        pid = stage.agent_pid(office)
        os.kill(pid, signal.SIGSTOP)
        composer.send()
        composer.window.button(evolution._("_Cancel"), "Abbrechen")  # so it is waiting for the agent
        os.kill(pid, signal.SIGKILL)
        wait_for("an outcome", lambda: not composer.is_open or composer.says("nicht erreichbar"), 30, 0.2)
        if composer.is_open:
            composer.send()
            composer.wait_until_closed()
        office.bernd.wait_for_mails(before + 1)
        wait_for("an empty outbox", lambda: not stage.outbox(office), 20, 0.2)
        assert len(office.bernd.paths()) == before + 1


def without_agent(checks, office, evolution):
    with checks.that("without the agent every mail is held, and the strip says so"):
        back = stage.stop_agent(office)
        composer = evolution.compose("olaf@kunde.example", "Ohne Dienst", "Guten Tag\n")
        composer.wait_until_says("Der Dienst von Siegelpost ist nicht erreichbar")
        before = len(office.mail.envelopes())
        composer.send()
        composer.wait_until_says("Der Dienst von Siegelpost ist nicht erreichbar")
        assert composer.is_open and len(office.mail.envelopes()) == before
    with checks.that("once the agent is back, the verdict is, and nothing says that it is missing"):
        back()
        for button in composer.window.find_all("push button", "Noch einmal versuchen"):
            button.press()
        composer.wait_until_says("olaf@kunde.example", seconds=45)
        assert not composer.says("nicht erreichbar"), composer.labels()
        composer.close()
