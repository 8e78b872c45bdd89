# SPDX-License-Identifier: GPL-3.0-or-later
"""Evolution to a customer who has a certificate."""

from contextlib import closing

import stage
from smime import Issuer


def play(checks):
    with stage.office(checks, "smime") as office, closing(Issuer(office.scratch.path / "issuer")) as issuer:
        home = office.desktop.gnupg
        issuer.make("sofia", office.sofia.name, office.sofia.address)
        issuer.make("sabine", office.sabine.name, office.sabine.address)
        issuer.trust(home)
        issuer.give(home, "sofia")
        issuer.give(home, "sabine", secret=True)
        office.customer_writes(office.sofia, "Frage zum Beitrag", "Guten Tag,\n\nwie hoch ist der Beitrag?\n\nSofia Sommer")
        stage.seed(office)
        evolution = stage.start(office)
        office.agent.wait_for_history()
        reply(checks, office, issuer, evolution)
        revoked(checks, office, issuer, evolution)


def reply(checks, office, issuer, evolution):
    with checks.that("the reply to a customer with a certificate goes by S/MIME, and the strip says so"):
        composer = evolution.reply("Frage zum Beitrag")
        composer.write("Guten Tag Frau Sommer,\n\nder Beitrag ist 120 Euro.\n")
        composer.wait_until_says("S/MIME, Ende-zu-Ende-verschlüsselt")
        composer.send()
        composer.wait_until_closed()
    with checks.that("what arrives opens with the customer's openssl, is signed, and shows no subject outside"):
        mail = office.sofia.wait_for_mails(1)[0]
        assert mail["Subject"] == "[...]", mail["Subject"]
        inner, is_signed = issuer.decrypt_mail(mail, "sofia")
        assert is_signed and inner["Subject"] == "Re: Frage zum Beitrag" and "120 Euro" in inner.as_string()
    with checks.that("the Sent folder keeps one copy, S/MIME too, readable by the sender only"):
        sent = office.sabine.wait_for_mails(1, "Sent")
        inner, _is_signed = issuer.decrypt_mail(sent[0], "sabine")
        assert "120 Euro" in inner.as_string()
        assert len(office.sabine.mails("Sent")) == 1 and not stage.outbox(office)
        assert len(office.sofia.paths()) == 1


def revoked(checks, office, issuer, evolution):
    with checks.that("a certificate that was revoked meanwhile is not used: nothing leaves"):
        composer = evolution.reply("Frage zum Beitrag")
        composer.write("Guten Tag Frau Sommer,\n\nnoch etwas.\n")
        composer.wait_until_says("S/MIME, Ende-zu-Ende-verschlüsselt")
        issuer.revoke("sofia")
        office.desktop.run(["gpgconf", "--homedir", office.desktop.gnupg, "--kill", "dirmngr"])
        for path in (office.desktop.gnupg / "crls.d").glob("crl-*"):
            path.unlink()
        composer.send()
        composer.wait_until_says("Inzwischen hat sich etwas geändert", seconds=40)
        composer.wait_until_says("keinen verschlüsselten Weg")
        assert composer.is_open and len(office.sofia.paths()) == 1
        composer.close()
