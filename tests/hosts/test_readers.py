# SPDX-License-Identifier: GPL-3.0-or-later
"""What we send, read by mail programs that are not ours: Claws Mail and Thunderbird."""

import base64
import email.policy
import email.utils
import json
import shutil
import subprocess
from contextlib import closing, contextmanager
from email.message import EmailMessage

import claws_app
from desktop import Desktop
from openpgp import Keyring
from scratch import Scratch, build_dir
from smime import Issuer
from thunderbird_app import Thunderbird

SABINE, OLAF, SOFIA = "sabine@agentur.example", "olaf@kunde.example", "sofia@kunde.example"
SUBJECT = "Ihre Anfrage zur Hausratversicherung: Prämie für Größe Ä"
BODY = "Sehr geehrter Herr Ohm,\n\ndie Prämie beträgt 120 € im Jahr – für Sie.\n\nMit freundlichen Grüßen\nSabine Siegel\n"
# Everything that a reader could take for a line end, or for the end of all.
HOSTILE = (bytes(range(256)) + b"\r\n\n\r\r\n\0\r\0\n\x1a.\r\n.\n--\r\nFrom x\n") * 40
ATTACHMENTS = {
    "Police 2026.pdf": (b"%PDF-1.4\n" + HOSTILE + b"\r", "application", "pdf"),
    "Übersicht.bin": (HOSTILE + b"\n\n", "application", "octet-stream"),
    "Zeilen.txt": ("Zeile\nZeile\r\nÄ\rEnde ohne Zeilenende".encode(), "text", "plain"),
    "leer.dat": (b"", "application", "octet-stream"),
}
# What Thunderbird makes of the subject, and of the signature. Inside S/MIME it looks for no subject.
SHOWN = {
    "openpgp": (SUBJECT, "openpgp-message-header-signed-verified-icon"),
    "smime": ("[...]", "openpgp-message-header-signed-ok-icon"),
}
# What Claws Mail lists last below the text of each: it is not the mail before that is still shown.
LAST_PART = {"openpgp": "[leer.dat", "smime": "[smime.p7s"}


def play(checks):
    with Scratch("readers") as scratch, closing(Issuer(scratch.path / "issuer")) as issuer:
        desktop = Desktop(scratch, "reader", "en")
        copies = {}
        with office(scratch, issuer, Keyring(desktop.gnupg)) as seal:
            with checks.that("one mail is sealed by OpenPGP and by S/MIME, for these readers"):
                copies.update(seal(mail()))
        desktop.start()
        try:
            claws(checks, desktop, copies)
            thunderbird(checks, desktop, issuer, copies)
        finally:
            desktop.stop()


def mail():
    """A reply to two customers, with what people attach."""
    one = EmailMessage(policy=email.policy.default.clone(linesep="\n"))
    one["From"], one["To"], one["Subject"] = f"Sabine Siegel <{SABINE}>", f"{OLAF}, {SOFIA}", SUBJECT
    # Of today: Thunderbird calls a signature invalid whose time is not the mail's.
    one["Date"], one["Message-ID"] = email.utils.localtime(), "<lesbar@agentur.example>"
    one.set_content(BODY, cte="quoted-printable")
    for name, (content, maintype, subtype) in ATTACHMENTS.items():
        one.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    return one


@contextmanager
def office(scratch, issuer, reader):
    """The office with the customers' keys; the customers' secret ones go to the reader."""
    directory = scratch.directory("office")
    keys = Keyring(directory / "gnupg")
    try:
        hers, his = keys.make_key("Sabine Siegel", SABINE), reader.make_key("Olaf Ohm", OLAF)
        keys.import_key(reader.export(his))
        keys.certify(his)
        reader.import_key(keys.export(hers))
        reader.certify(hers)
        for name, person, address in (("sabine", "Sabine Siegel", SABINE), ("sofia", "Sofia Sommer", SOFIA)):
            issuer.make(name, person, address)
        for home in (keys.home, reader.home):
            issuer.trust(home)
        issuer.give(keys.home, "sabine", secret=True)
        issuer.give(keys.home, "sofia")
        issuer.give(reader.home, "sofia", secret=True)
        issuer.give(reader.home, "sabine")
        yield lambda message: seal(directory, keys, message)
    finally:
        keys.close()


def seal(directory, keys, message):
    """{channel: the file} of the copies that the command line makes of it."""
    settings, path, out = directory / "settings.ini", directory / "mail.eml", directory / "sealed"
    settings.write_text(f"[org.siegelpost]\nown-domains=['agentur.example']\ngnupg-home='{keys.home}'\n")
    path.write_bytes(message.as_bytes())

    def call(*words):
        done = subprocess.run(
            [build_dir() / "plugin" / "cli" / "siegelpost", "--state-dir", directory / "state", "--settings", settings, *words],
            capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
        return done.stdout
    for address in (OLAF, SOFIA):
        call("consent", "add", "--kind", "agreement", "--address", address, "--taken-by", "Sabine Siegel")
    plan = json.loads(call("--json", "seal", path, "--out", out))
    copies = {one["channel"]: out / one["files"][0] for one in plan["copies"] if not one["sent_copy"]}
    assert set(copies) == {"openpgp", "smime"}, plan
    for copy in copies.values():
        assert b"Subject: [...]" in copy.read_bytes()
    return copies


def claws(checks, desktop, copies):
    missing = claws_app.what_is_missing()
    if missing:
        checks.skip("Claws Mail reads what we send", missing, f"{missing} is missing")
        return
    with closing(claws_app.Claws(desktop, OLAF, copies)) as program:
        for channel in copies:
            with checks.that(f"Claws Mail shows what went by {channel}, and the subject as text, for it knows no other way"):
                text = program.show(channel, LAST_PART[channel])
                assert "\nSubject: [...]\n" in text and f"\nSubject: {SUBJECT}\n\n{BODY}" in text, text
            with checks.that(f"Claws Mail takes the attachments out of what went by {channel} as they were put in"):
                parts = program.parts()
                parts.pop("smime.p7s", None)
                # It makes its own line ends in text, also in a mail that is not encrypted.
                parts["Zeilen.txt"] = parts["Zeilen.txt"].replace(b"\n", b"\r\n")
                wanted = {name: content for name, (content, *_type) in ATTACHMENTS.items()}
                wanted["Zeilen.txt"] = wanted["Zeilen.txt"].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                assert_same(parts, wanted)


def thunderbird(checks, desktop, issuer, copies):
    if shutil.which("thunderbird") is None:
        checks.skip("Thunderbird reads what we send", "thunderbird", "thunderbird is missing")
        return
    keys = Keyring(desktop.gnupg)
    issuer.openssl("pkcs12", "-export", "-inkey", "sofia.key", "-in", "sofia.pem", "-out", "reader.p12", "-passout", "pass:x")
    root = base64.b64encode(issuer.openssl("x509", "-in", "root.pem", "-outform", "DER")).decode()
    with closing(Thunderbird(desktop)) as program:
        program.start()
        program.add_account(OLAF)
        program.give_openpgp(keys.gpg("--armor", "--export-secret-keys", OLAF).stdout, keys.gpg("--armor", "--export", SABINE).stdout)
        program.give_smime(root, issuer.directory / "reader.p12", "x")
        for channel, (subject, signature) in SHOWN.items():
            with checks.that(f"Thunderbird shows what went by {channel}: encrypted, well signed, and nothing to warn of"):
                shown = program.open(copies[channel], len(ATTACHMENTS))
                assert shown["subject"] == subject and shown["text"].strip() == f"Subject: {SUBJECT}\n\n{BODY.strip()}", shown
                assert shown["encryption"] == "openpgp-message-header-encrypted-ok-icon", shown
                assert shown["signature"] == signature and not shown["notices"], shown
            with checks.that(f"Thunderbird takes the attachments out of what went by {channel} byte for byte"):
                assert_same(program.attachments(), {name: content for name, (content, *_type) in ATTACHMENTS.items() if content})


def assert_same(found, wanted):
    assert set(found) == set(wanted), sorted(found)
    for name, content in wanted.items():
        assert found[name] == content, f"{name}: {len(found[name])} bytes instead of {len(content)}, or others"
