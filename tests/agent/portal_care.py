# SPDX-License-Identifier: GPL-3.0-or-later
"""What staff do with customers and colleagues of the portal: a real portal, agents in two sessions, gpg. The
customer's browser is played here, by the protocol's words."""

import base64
import ctypes
import ctypes.util
import hashlib
import hmac
import json
import re
import sqlite3
import subprocess

from workplace import Workplace, wait_for

from openpgp import Keyring
from smime import Issuer

ADDRESS = "paula@kunde.example"


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def code_mac(code, salt):
    """The key that binds CS to the code (PROTOCOL.md, the registration code)."""
    sodium = ctypes.CDLL(ctypes.util.find_library("sodium"))
    stretched = ctypes.create_string_buffer(64)
    done = sodium.crypto_pwhash(stretched, ctypes.c_ulonglong(64), code.encode(), ctypes.c_ulonglong(len(code)), salt,
                                ctypes.c_ulonglong(3), ctypes.c_size_t(64 << 20), ctypes.c_int(2))
    assert done == 0
    prk = hmac.digest(b"", stretched.raw, "sha512")
    return hmac.digest(prk, b"sgp1 code mac\x01", "sha512")[:32]


class Customer:
    """Paula, with a browser that has made CS, and a key of her own in a mail program."""

    def __init__(self, office):
        self.portal = office.portal
        self.browser = Keyring(office.scratch.path / "paula-browser")
        self.own = Keyring(office.scratch.path / "paula-own")
        for keyring, kind in ((self.browser, "ed25519"), (self.own, "default")):
            keyring.gpg("--quick-generate-key", f"<{ADDRESS}>", kind, "default", "never")

    def change(self, statement, *values):
        path = self.portal.data / "portal.db"
        database = sqlite3.connect(path, timeout=20)
        with database:
            rows = database.execute(statement, values).fetchall()
        database.close()
        return rows

    def row(self):
        return self.change("SELECT handle, generation, salt, identity_record FROM customers WHERE address = ?", ADDRESS)[0]

    def register(self, code):
        """What the portal keeps when she has registered with this code."""
        handle, generation, salt, _record = self.row()
        key = self.browser.gpg("--export", ADDRESS).stdout
        said = b"sgp1 cs\0" + handle.encode() + b"\0" + str(generation).encode() + b"\0" + key
        mac = hmac.digest(code_mac(code, bytes(salt)), said, "sha256")
        self.change("UPDATE customers SET state = 'registered', signature_key = ?, signature_mac = ?, code_wrap = NULL, "
                    "auth_hash = NULL, invitation = NULL, invitation_expires = NULL WHERE handle = ?", key, mac, handle)

    def deposit(self, signer=None, certificate=None):
        """Her mail program's key, or a certificate, signed by CS, or by what a portal would have."""
        handle, generation, _salt, _record = self.row()
        kind = "smime" if certificate else "openpgp"
        key = certificate or self.own.gpg("--armor", "--export", ADDRESS).stdout
        said = b"\0".join((b"sgp1 key", handle.encode(), str(generation).encode(), kind.encode(), key))
        signature = (signer or self.browser).gpg("--armor", "--detach-sign", data=said).stdout
        self.change("DELETE FROM deposited_keys WHERE handle = ?", handle)
        self.change("INSERT INTO deposited_keys (id, handle, kind, content, signature, deposited) VALUES (?, ?, ?, ?, ?, 1)",
                    hashlib.sha256(key).hexdigest(), handle, kind, key.decode(), signature.decode())

    def withdraw(self):
        """She removes what she deposited."""
        self.change("DELETE FROM deposited_keys WHERE handle = ?", self.row()[0])

    def fingerprint(self):
        """Of CS."""
        listed = self.browser.gpg("--with-colons", "--list-keys", ADDRESS).stdout.decode()
        return re.search(r"^fpr:+([0-9A-F]{40}):", listed, re.M).group(1)


def says(office, *words, status=0):
    done = office.cli(*words, check=False)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done.stdout + done.stderr


def ask(office, *words):
    done = office.cli("--json", *words, check=False)
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def invite(office):
    inquiry = office.scratch.path / "paula.eml"
    inquiry.write_text(f"From: Paula <{ADDRESS}>\nTo: {office.sabine.address}\nSubject: Frage\nMessage-ID: <paula-1@kunde.example>\n"
                       "Date: Mon, 23 Nov 2026 10:00:00 +0000\n\nWas kostet die Haftpflicht?\n")
    office.cli("history", "add", inquiry)
    return send(office, "paula-first")


def send(office, draft):
    """A reply to Paula's inquiry; (verdict's recipient, result)."""
    mail = (f"From: {office.sabine.address}\nTo: {ADDRESS}\nSubject: Re: Frage\nIn-Reply-To: <paula-1@kunde.example>\n"
            f"Message-ID: <{draft}@agentur.example>\nDate: Mon, 23 Nov 2026 11:00:00 +0000\n\nGuten Tag.\n").encode()
    result = office.prepare(mail, draft)
    for copy in office.pending():
        office.take_over(copy[0])
    return result["verdict"]["recipients"][0], result


def codes(office, checks, paula):
    with checks.that("a renewed invitation has a new code, which is shown once more afterwards"):
        _recipient, result = invite(office)
        assert result["status"] == "committed", result
        first = result["invitations"][0]["code"]
        renewed = ask(office, "portal", "customer", ADDRESS, "--renew")
        assert renewed["state"] == "invited" and re.fullmatch(r"\d{21}", renewed["code"]) and renewed["code"] != first
        assert ask(office, "portal", "customer", ADDRESS)["code"] == renewed["code"]
        assert paula.row()[1] == 2
    with checks.that("who is invited is not reset, and nothing is on record of it"):
        before = ask(office, "ledger", "verify")["head"]
        says(office, "portal", "customer", ADDRESS, "--reset", "--checked-by", "Sabine", "--how", "Ausweis", status=2)
        assert ask(office, "ledger", "verify")["head"] == before
    paula.register(renewed["code"])
    with checks.that("a reset without who and how is a wrong call"):
        for words in (["--reset"], ["--reset", "--checked-by", "Sabine"], ["--reset", "--checked-by", " ", "--how", "x"],
                      ["--how", "x"], ["--renew", "--freeze"], ["--erase"]):
            says(office, "portal", "customer", ADDRESS, *words, status=1)
        assert paula.row()[1] == 2
    with checks.that("a frozen customer's mailbox is locked, and opened again"):
        assert ask(office, "portal", "customer", ADDRESS, "--freeze")["state"] == "frozen"
        assert "locked" in says(office, "portal", "customer", ADDRESS)
        assert ask(office, "portal", "customer", ADDRESS, "--unfreeze")["state"] == "registered"
    with checks.that("all customers are listed with their state"):
        listed = {one["address"]: one for one in ask(office, "portal", "customers")["customers"]}
        assert listed[ADDRESS]["state"] == "registered" and listed[ADDRESS]["unread"] >= 1, listed
        assert ADDRESS in says(office, "portal", "customers")
    with checks.that("the language of the portal's notices is changed on a customer's wish"):
        for language in ("en", "de"):
            assert ask(office, "portal", "customer", ADDRESS, "--language", language)["state"] == "registered"
            assert [one["language"] for one in ask(office, "portal", "customers")["customers"] if one["address"] == ADDRESS] == [language]
        for words in (["--language", "fr"], ["--language", "de", "--freeze"]):
            says(office, "portal", "customer", ADDRESS, *words, status=1)


def deposited(office, checks, paula):
    with checks.that("a key that the portal put there itself is no channel, and is reported"):
        paula.deposit(signer=paula.own)
        recipient, result = send(office, "paula-swapped")
        assert recipient["channel"]["kind"] == "portal", recipient
        assert "not-verified" in [rung["reason"] for rung in recipient["channel"]["not_stronger"]], recipient
        assert result["status"] == "committed", result
    with checks.that("a key that the customer deposited and signed is used end to end"):
        paula.deposit()
        office.restart_agent()  # the directory is remembered for a minute
        recipient, result = send(office, "paula-deposited")
        assert recipient["channel"]["kind"] == "openpgp", recipient
        assert result["status"] == "committed", result


def in_keyring(office, fingerprint):
    return fingerprint in office.keys.gpg("--with-colons", "--list-keys").stdout.decode()


def in_keybox(office, fingerprint):
    listed = subprocess.run(["gpgsm", "--homedir", str(office.desktop.gnupg), "--batch", "--with-colons", "--list-keys"],
                            check=True, capture_output=True, timeout=60).stdout.decode()
    return fingerprint in listed


def certificates(office, checks, paula):
    issuer = Issuer(office.scratch.path / "issuer")
    try:
        fingerprint = issuer.make("paula", "Paula", ADDRESS)
        pem = (issuer.directory / "paula.pem").read_bytes()
        with checks.that("a certificate that the portal put there itself does not get into the keybox"):
            paula.deposit(signer=paula.own, certificate=pem)
            office.restart_agent()
            recipient, _result = send(office, "paula-certificate-swapped")
            assert recipient["channel"]["kind"] == "portal", recipient
            assert not in_keybox(office, fingerprint)
        with checks.that("one that the customer deposited and signed does, and counts by its issuer alone"):
            paula.deposit(certificate=pem)
            office.restart_agent()
            recipient, _result = send(office, "paula-certificate")
            assert in_keybox(office, fingerprint)
            assert recipient["channel"]["kind"] == "portal", recipient
        with checks.that("once its issuer is trusted here, nobody has to accept it"):
            issuer.trust(office.desktop.gnupg)
            issuer_known(office)
            recipient, result = send(office, "paula-certificate-trusted")
            assert recipient["channel"]["kind"] == "smime", recipient
            assert recipient["channel"]["keys"] == [fingerprint] and result["status"] == "committed", result
        with checks.that("removed at the portal, it leaves the keybox again"):
            paula.withdraw()
            office.restart_agent()
            recipient, _result = send(office, "paula-certificate-removed")
            assert recipient["channel"]["kind"] == "portal", recipient
            assert not in_keybox(office, fingerprint)
    finally:
        issuer.close()


def issuer_known(office):
    """gpgsm reads the list of trusted roots anew."""
    subprocess.run(["gpgconf", "--homedir", str(office.desktop.gnupg), "--reload", "gpg-agent"], check=True,
                   capture_output=True, timeout=60)
    office.restart_agent()


def reset(office, checks, paula):
    with checks.that("a reset is recorded in the ledger first, and the record's hash travels"):
        said = ask(office, "portal", "customer", ADDRESS, "--reset", "--checked-by", "Sabine Siegel", "--how",
                   "Personalausweis im Videogespräch")
        assert said["state"] == "invited" and re.fullmatch(r"\d{21}", said["code"]), said
        record = paula.row()[3]
        assert ask(office, "ledger", "verify", "--head", record)["head_entry"] > 0
        assert "Videogespräch" in office.cli("ledger", "export", "--format", "json", "--address", ADDRESS).stdout
        assert ask(office, "portal", "customer", ADDRESS)["code"] == said["code"]
    with checks.that("the keys of before a reset do not count until they are deposited again"):
        office.restart_agent()
        recipient, _result = send(office, "paula-after-reset")
        assert recipient["channel"]["kind"] == "portal", recipient
    with checks.that("an erased mailbox is gone, the reason is on record, and the next one counts on"):
        assert in_keyring(office, paula.fingerprint()), "the signature key that was accepted"
        assert ask(office, "portal", "customer", ADDRESS, "--erase", "--reason", "Kundin verlangt es")["state"] == "none"
        assert "Kundin verlangt es" in office.cli("ledger", "export", "--format", "json", "--address", ADDRESS).stdout
        assert not in_keyring(office, paula.fingerprint()), "the signature key of an erased mailbox is still here"
        says(office, "portal", "customer", ADDRESS, "--freeze", status=2)
        office.restart_agent()
        _recipient, result = send(office, "paula-again")
        assert result["status"] == "committed" and result["invitations"], result
        assert paula.row()[1] == 4


def messages(office, checks, paula):
    with checks.that("a message is kept longer, and taken back"):
        office.agent.wait_until_spool_is_empty(20)
        handle = paula.row()[0]
        message = paula.change("SELECT id FROM messages WHERE handle = ? AND state = 'published'", handle)[0][0]
        until = paula.change("SELECT expires FROM messages WHERE id = ?", message)[0][0]
        assert ask(office, "portal", "message", message, "--extend", "30")["expires"] == until + 30 * 86400
        assert ask(office, "portal", "message", message, "--revoke")["state"] == "revoked"
        says(office, "portal", "message", message, "--extend", "1", status=2)
        for words in ([], ["--extend", "0"], ["--extend", "5", "--revoke"], ["--extend", "4000"]):
            says(office, "portal", "message", message, *words, status=1)
        says(office, "portal", "message", "no-id", "--revoke", status=2)


def devices(office, checks):
    with Workplace("colleague") as other:
        other.start_agent()
        token = office.portal.add_staff(office.bernd.address, office.bernd.name)
        with checks.that("a colleague's device is enrolled, and waits"):
            result = other.agent.enrol(office.portal.origin, token, office.bernd.address)
            assert result["status"] == "enrolled", result
            status = other.agent.portal_status()
            assert status["state"] == "pending", status
            said = says(other, "portal", "status")
            assert "colleague has to approve" in said and status["staff_fingerprint"] in said, said
        with checks.that("until it is approved, nothing is sent by portal"):
            says(other, "portal", "customers", status=2)
            says(other, "portal", "customer", ADDRESS, "--freeze", status=2)
            other.cli("history", "add", office.scratch.path / "paula.eml")
            mail = other.scratch.path / "reply.eml"
            mail.write_text(f"From: {office.bernd.address}\nTo: {ADDRESS}\nSubject: Re: Frage\nDate: Mon, 23 Nov 2026 "
                            "11:00:00 +0000\nIn-Reply-To: <paula-1@kunde.example>\nMessage-ID: <waits@agentur.example>\n\nJa.\n")
            assert "waits for a colleague" in says(other, "send", mail, status=4)
        waiting = [one for one in ask(office, "portal", "devices")["devices"] if one["state"] == "pending"]
        assert len(waiting) == 1 and waiting[0]["staff"] == office.bernd.address, waiting
        device = waiting[0]["id"]
        with checks.that("approve shows the fingerprint, and approves nothing without it or with another"):
            assert status["staff_fingerprint"] in says(office, "portal", "approve", device, status=1)
            says(office, "portal", "approve", device, "--fingerprint", "0" * 40, status=2)
            says(office, "portal", "approve", device, "--fingerprint", status["staff_fingerprint"][-16:], status=2)
            assert other.agent.portal_status()["state"] == "pending"
        with checks.that("approved, the device gets the office key and works"):
            says(office, "portal", "approve", device, "--fingerprint", status["staff_fingerprint"].lower())
            wait_for("the approval", lambda: other.agent.portal_status()["state"] == "enrolled", 30, 0.5)
            office_key = office.agent.portal_status()["fingerprint"]
            assert office_key in other.keys.gpg("--with-colons", "--list-secret-keys").stdout.decode()
            code = ask(other, "portal", "customer", ADDRESS)["code"]
            assert code and code == ask(office, "portal", "customer", ADDRESS)["code"]
            assert ask(other, "portal", "customer", ADDRESS, "--renew")["code"] != code
        with checks.that("a revoked device is out at once"):
            says(office, "portal", "revoke-device", device)
            assert other.agent.portal_status()["state"] == "revoked"
            states = [one["state"] for one in ask(office, "portal", "devices")["devices"]]
            assert sorted(states) == ["approved", "revoked"], states
            assert ask(office, "portal", "customer", ADDRESS)["state"] == "invited"


def run(office, checks):
    paula = Customer(office)
    codes(office, checks, paula)
    deposited(office, checks, paula)
    certificates(office, checks, paula)
    reset(office, checks, paula)
    messages(office, checks, paula)
    devices(office, checks)
