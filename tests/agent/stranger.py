# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as somebody meets it who has just installed it: a machine without session bus and keyring, a fresh
state directory, and calls as the manual gives them."""

import email
import json
import resource
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from openpgp import Keyring  # noqa: E402
from scratch import build_dir  # noqa: E402

DATE = "Mon, 23 Nov 2026 10:00:00 +0000"
INSIDE = "From: sabine@agentur.example\nTo: bernd@agentur.example\nSubject: Mittag\n"
TWO = (b"From x Mon Nov 23 10:00:00 2026\nFrom: erika@kunde.example\nTo: sabine@agentur.example\nSubject: Schaden\n"
       b"Message-ID: <q1@kunde.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nWas kostet das?\n\n"
       b"From x Mon Nov 23 11:00:00 2026\nFrom: otto@kunde.example\nTo: sabine@agentur.example\nSubject: Hausrat\n"
       b"Message-ID: <q2@kunde.example>\nDate: Mon, 23 Nov 2026 11:00:00 +0000\n\nBitte nicht per E-Mail antworten.\n")


def ago(hours):
    """The date of a mail that is so old now: keys and records of a test are made by the real clock."""
    return format_datetime(datetime.now(timezone.utc) - timedelta(hours=hours))


class Stranger:
    """One state directory, and a sendmail command that keeps what it is given."""

    def __init__(self, office, name):
        self.directory = office.scratch.directory(f"stranger-{name}")
        self.keyring = Keyring(self.directory / "gnupg")
        self.taken = self.directory / "taken"
        self.env = {key: value for key, value in office.desktop.env.items()
                    if key not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY")}
        self.env["XDG_RUNTIME_DIR"] = str(office.scratch.directory(f"stranger-{name}-run"))
        self.working = self.program("mta", f"echo \"$@\" >> '{self.taken}'\ncat >> '{self.taken}'\n")
        self.broken = self.program("broken", "exit 75\n")
        self.mta(self.working)

    def program(self, name, lines):
        """A shell script; returns its path."""
        path = self.file(name, f"#!/bin/sh\n{lines}")
        path.chmod(0o700)
        return path

    def mta(self, program):
        """This is the office's sendmail command from now on; None: there is none."""
        command = f"['{program}']" if program else "@as []"
        self.file("settings.ini", "[org.siegelpost]\nown-domains=['agentur.example']\nportal-url=''\nsubmission-user=''\n"
                                  f"gnupg-home='{self.keyring.home}'\nsendmail-command={command}\n")

    def file(self, name, content):
        """A file; returns its path."""
        path = self.directory / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def argv(self, *words):
        program = build_dir() / "plugin" / "cli" / "siegelpost"
        return [word if isinstance(word, bytes) else str(word) for word in (program, "--state-dir", self.directory / "state", "--settings",
                                       self.directory / "settings.ini", *words)]

    def call(self, status, *words, stdin=b"", **more):
        """Run it; returns the CompletedProcess (text)."""
        done = subprocess.run(self.argv(*words), capture_output=True, timeout=120, input=stdin, **{"env": self.env, **more})
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, status, *words, stdin=b""):
        """Run it with --json; returns the one document that it prints."""
        return json.loads(self.call(status, "--json", *words, stdin=stdin).stdout)

    def handed_over(self):
        """What the sendmail command was given since the last question: envelopes and mails."""
        text = self.taken.read_text() if self.taken.exists() else ""
        self.taken.unlink(missing_ok=True)
        return text


def no_keyring(office, checks):
    alone = Stranger(office, "alone")
    mail = alone.file("mail.eml", f"{INSIDE}Bcc: nina@agentur.example\nMessage-ID: <m1@agentur.example>\nDate: {DATE}\n\nUm zwei?\n")
    with checks.that("internal mail leaves on a machine without a keyring"):
        assert alone.json(0, "send", mail)["waiting"] == 0
        text = alone.handed_over()
        assert text.count("Um zwei?") == 2 and "-- nina@agentur.example\n" in text, text
        alone.call(0, "sendmail", "-t", "-i", stdin=mail.read_bytes().replace(b"<m1@", b"<m2@"))
        assert alone.handed_over().count("Um zwei?") == 2
    with checks.that("what waits there lies under a key that only its owner can read"):
        alone.mta(alone.broken)
        alone.call(2, "send", mail)
        spool = alone.directory / "state" / "spool"
        assert (spool / ".key").stat().st_mode & 0o7777 == 0o600 and spool.stat().st_mode & 0o77 == 0
        waiting = list(spool.glob("*.plain"))
        assert waiting and not [path for path in waiting if b"Um zwei?" in path.read_bytes()]
    with checks.that("a key that others can read is not used, and nothing leaves under it"):
        (spool / ".key").chmod(0o644)
        alone.mta(alone.working)
        assert "not private" in alone.call(2, "spool", "retry").stderr
        assert not alone.handed_over() and list(spool.glob("*.plain")) == waiting
        (spool / ".key").chmod(0o600)
        alone.call(0, "spool", "retry")
        assert alone.handed_over().count("Um zwei?") == 2 and not list(spool.glob("*.plain"))
    with checks.that("doctor does not ask for a keyring where none is needed"):
        found = {one["check"]: one for one in json.loads(
            subprocess.run(alone.argv("--json", "doctor"), env=alone.env, capture_output=True, timeout=120).stdout)["checks"]}
        assert found["keyring"]["ok"] and "not needed" in found["keyring"]["detail"], found["keyring"]


def own_copy(office, checks):
    alone = Stranger(office, "copy")
    mail = alone.file("mail.eml", f"{INSIDE}Bcc: nina@agentur.example\n\nUm zwei?\n")

    def sealed(name, *options):
        plan = alone.json(0, "seal", mail, "--out", alone.directory / name, *options)
        copies = [(one, (alone.directory / name / one["files"][0]).read_bytes()) for one in plan["copies"]]
        return [text for one, text in copies if one["sent_copy"]], [text for one, text in copies if not one["sent_copy"]]

    with checks.that("the sender's own copy names the blind copies and how each was reached, and no other copy does"):
        own, others = sealed("plain")
        assert len(own) == 1 and b"\nBcc: nina@agentur.example\r\n" in own[0], own
        for reached in (b"bernd@agentur.example; plain", b"nina@agentur.example; plain"):
            assert b"\nX-Siegelpost-Reached: " + reached in own[0], own
        assert len(others) == 2 and not [text for text in others if b"nina" in text or b"Reached" in text], others
    with checks.that("what is protected is kept sealed in the sender's own copy, even if it stays in the office"):
        alone.keyring.make_key("Sabine", "sabine@agentur.example")
        own, _others = sealed("protected", "--class", "health")
        assert len(own) == 1 and b"BEGIN PGP MESSAGE" in own[0] and b"Um zwei?" not in own[0], own
        assert b"BEGIN PGP MESSAGE" not in sealed("general")[0][0]


def redirected(office, checks):
    alone = Stranger(office, "redirect")
    alone.keyring.make_key("Erika", "erika@kunde.example")
    alone.keyring.make_key("Nina", "nina@agentur.example")
    head = "From: sabine@agentur.example\nTo: bernd@agentur.example\nSubject: A\nResent-From: nina@agentur.example\n" \
           f"Resent-Date: {DATE}\n"
    inside = alone.file("inside.eml", f"{head}Resent-To: carl@agentur.example\n\nHallo\n")
    outside = alone.file("outside.eml", f"{head}Resent-To: erika@kunde.example\nResent-Bcc: dora@agentur.example\n\nHallo\n")
    with checks.that("a redirected mail that may not leave is held, by assess, seal and send alike"):
        for call in (("assess", outside), ("seal", outside, "--out", alone.directory / "held"), ("send", outside)):
            assert "erika@kunde.example: held" in alone.call(3, *call).stdout
        assert not alone.handed_over() and not (alone.directory / "held").exists()
    with checks.that("a redirected mail that may leave does, in the name of who redirects it"):
        assert [one["address"] for one in alone.json(0, "assess", inside)["recipients"]] == \
            ["bernd@agentur.example", "carl@agentur.example"]
        alone.call(0, "send", inside)
        text = alone.handed_over()
        assert "-f nina@agentur.example -- bernd@agentur.example carl@agentur.example\n" in text, text
        assert "Resent-To: carl@agentur.example" in text and "From: sabine@agentur.example" in text, text
        assert {one["fields"]["who"] for one in alone.json(0, "ledger", "export")["entries"]} == {"nina@agentur.example"}
    with checks.that("redirected to a customer it is sealed, signed by who redirects it, and names no blind copy"):
        alone.call(0, "consent", "add", "--kind", "agreement", "--address", "erika@kunde.example", "--taken-by", "Nina")
        plan = alone.json(0, "seal", outside, "--out", alone.directory / "sealed")
        assert [one["recipients"] for one in plan["copies"] if one["channel"] == "openpgp" and not one["sent_copy"]] == \
            [["erika@kunde.example"]], plan
        for one in plan["copies"]:
            text = (alone.directory / "sealed" / one["files"][0]).read_text()
            assert "Resent-To: erika@kunde.example" in text and "dora" not in text, text
    with checks.that("a program that hands a redirected mail over says to whom it goes, with -t its Resent fields do"):
        alone.call(0, "sendmail", "-t", stdin=inside.read_bytes())
        assert "-- carl@agentur.example\n" in alone.handed_over()
        alone.call(0, "sendmail", "-oi", "emil@agentur.example", stdin=outside.read_bytes())
        text = alone.handed_over()
        assert "-- emil@agentur.example\n" in text and "-- erika" not in text, text


def refused_by_sendmail(office, checks):
    alone = Stranger(office, "refused")
    mail = alone.file("mail.eml", f"{INSIDE}\nUm zwei?\n")
    with checks.that("a sendmail command that fails is named, the copy waits, and it is said what to do"):
        for command, culprit in ((alone.broken, str(alone.broken)), ("/nowhere/sendmail", "/nowhere/sendmail"),
                                 (None, "sendmail-command is empty")):
            alone.mta(command)
            said = alone.call(2, "send", mail).stderr
            assert culprit in said and "siegelpost spool retry" in said and "do not send the mail again" in said, said
            assert "portal" not in said and "keyring" not in said, said
        assert alone.json(2, "send", mail)["waiting"] == 1
    with checks.that("the spool lists what waits and why, with times as everywhere else"):
        listed = alone.json(0, "spool", "list")
        assert len(listed) == 4 and {one["state"] for one in listed} == {"sealed"}, listed
        assert {(one["problem"], one["tries"] > 0) for one in listed} == {("sendmail", True)}, listed
        assert all(datetime.fromisoformat(one["created"].replace("Z", "+00:00")) for one in listed)
        assert "the sendmail command did not take it" in alone.call(0, "spool", "list").stdout
    with checks.that("what was given up or has left is listed only where all of it is asked for"):
        first = listed[0]["id"]
        alone.json(0, "spool", "drop", first, "--reason", "doppelt")
        assert "was given up" in alone.call(2, "spool", "drop", first, "--reason", "nochmal").stderr
        assert "was given up" in alone.call(2, "spool", "retry", first).stderr
        alone.mta(alone.working)
        assert alone.json(0, "spool", "retry", listed[1]["id"]) == {"done": True}
        assert alone.handed_over().count("Um zwei?") == 3
        assert alone.json(0, "spool", "list") == [] and alone.call(0, "spool", "list").stdout == "There is none.\n"
        states = [one["state"] for one in alone.json(0, "spool", "list", "--all")]
        assert states.count("dropped") == 1 and states.count("done") == 7, states
        assert "has left already" in alone.call(2, "spool", "retry", listed[1]["id"]).stderr


def cut_short(office, checks):
    alone = Stranger(office, "cut-short")
    mail = alone.file("mail.eml", f"{INSIDE}\nUm zwei?\n")
    deadly = alone.program("deadly", f"cat >> '{alone.taken}'\nkill -9 $PPID\n")

    def killed(*words, stdin=b""):
        alone.mta(deadly)
        alone.call(-9, *words, stdin=stdin)
        assert alone.handed_over().count("Um zwei?") == 1
        alone.mta(alone.working)
        return next(one["id"] for one in alone.json(0, "spool", "list") if not one["sent_copy"])

    with checks.that("killed while sendmail runs, a mail is not sent a second time, and waits for a person to say"):
        first = killed("send", mail)
        alone.json(0, "spool", "retry")
        assert not alone.handed_over()
        assert [(one["id"], one["state"], one["problem"]) for one in alone.json(0, "spool", "list")] == \
            [(first, "held", "maybe-left")]
        assert "ask the recipient" in alone.call(0, "spool", "list").stdout
        assert not next(one for one in alone.json(2, "doctor")["checks"] if one["check"] == "outbox")["ok"]
        alone.json(0, "spool", "retry", first)
        assert alone.handed_over().count("Um zwei?") == 1 and alone.json(0, "spool", "list") == []
    with checks.that("a program that gives such a mail again is done, and it still leaves once"):
        named = mail.read_bytes().replace(b"\n\n", b"\nMessage-ID: <1@agentur.example>\n\n", 1)
        second = killed("sendmail", "-t", stdin=named)
        assert "taken before" in alone.call(0, "sendmail", "-t", stdin=named).stderr and not alone.handed_over()
        alone.json(0, "spool", "drop", second, "--reason", "kam an")
        assert alone.json(0, "spool", "list") == []


def surroundings(office, checks):
    alone = Stranger(office, "surroundings")
    mail = alone.file("mail.eml", f"{INSIDE}\nUm zwei?\n")
    with checks.that("without any locale umlauts are read and written as they are"):
        bare = {"env": {key: value for key, value in alone.env.items() if not key.startswith(("LC_", "LANG"))} | {"LC_ALL": "C"}}
        alone.call(0, "consent", "add", "--kind", "agreement", "--address", "erika@kunde.example", "--taken-by", "Jürgen",
                   "--words", "Schöne Grüße", **bare)
        for words in (("--json", "consent", "list"), ("ledger", "export", "--format", "csv")):
            text = alone.call(0, *words, **bare).stdout
            assert "Jürgen" in text and "Schöne Grüße" in text, text
    with checks.that("an answer that cannot be written is a failure, and what was asked for is done all the same"):
        def said(stdout):
            done = subprocess.run(alone.argv("--json", "send", mail), env=alone.env, stdin=subprocess.DEVNULL, stdout=stdout,
                                  stderr=subprocess.PIPE, timeout=120)
            assert done.returncode == 2 and b"done all the same" in done.stderr, done
            assert alone.handed_over().count("Um zwei?") == 1
        with open("/dev/full", "wb") as full:
            said(full)
        alone.call(0, "ledger", "verify")
        for call in ((">&-",), ("<&-", ">&-")):
            shell = ["sh", "-c", f'exec "$@" {" ".join(call)}', "sh", *alone.argv("--json", "send", mail)]
            done = subprocess.run(shell, env=alone.env, stderr=subprocess.PIPE, timeout=120)
            text = alone.handed_over()
            assert done.returncode == 2 and text.count("Um zwei?") == 1 and "committed" not in text, (done, text)
        heads = (alone.directory / "state" / "ledger.heads").read_text().splitlines()
        assert heads and all(len(line.split()) == 2 for line in heads) and alone.json(0, "ledger", "verify")["valid"]
    with checks.that("what the sendmail command says does not get into the answer"):
        alone.mta(alone.program("chatty", "cat > /dev/null\necho 250 queued\n"))
        assert alone.json(0, "send", mail)["waiting"] == 0
        alone.mta(alone.working)
    with checks.that("a file's name that is no UTF-8 does not make the answer something else than JSON"):
        path = bytes(alone.directory) + b"/\xfc.txt"
        with open(path, "wb") as stream:
            stream.write(b"Hallo")
        assert alone.json(0, "scan", path)["path"].startswith(str(alone.directory))
    with checks.that("a seal that fails leaves no copy behind"):
        many = alone.file("many.eml", INSIDE.replace("bernd@", ", ".join(f"kollege{n}@agentur.example" for n in range(200)) +
                                                     ", bernd@") + "\nUm zwei?\n")
        done = alone.call(2, "seal", many, "--out", alone.directory / "half", preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_FSIZE, (40000, 40000)))
        assert "plan.json" in done.stderr and not list((alone.directory / "half").iterdir()), done.stderr
    with checks.that("doctor finds a state directory that cannot be opened, and looks at the rest"):
        (alone.directory / "state").rename(alone.directory / "was")
        alone.file("state", b"")
        found = {one["check"]: one for one in alone.json(2, "doctor")["checks"]}
        assert not found["state directory"]["ok"] and found["state directory"]["remedy"] and found["gpg"]["ok"], found


def binary(office, checks):
    alone = Stranger(office, "binary")
    content = bytes(range(256)) * 3 + b"\n\r\n\rx"
    head = INSIDE + "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\nContent-Type: text/plain\n\n" \
        "Hallo\n--bb\nContent-Type: application/octet-stream; name=a.bin\nContent-Transfer-Encoding: binary\n\n"
    with checks.that("an attachment that stands in the mail as it is arrives as it was"):
        mail = alone.file("mail.eml", head.encode() + content + b"\n--bb--\n")
        plan = alone.json(0, "seal", mail, "--out", alone.directory / "sealed")
        for copy in plan["copies"]:
            parts = email.message_from_bytes((alone.directory / "sealed" / copy["files"][0]).read_bytes()).get_payload()
            assert parts[1].get_payload(decode=True) == content, copy


def history(office, checks):
    alone = Stranger(office, "history")
    mbox = alone.file("a.mbox", TWO)
    with checks.that("history add says what is new and what was known, however the same mails come again"):
        assert alone.json(0, "history", "add", mbox) == {"added": 2, "known": 0, "broken": 0}
        again = {"added": 0, "known": 2, "broken": 0}
        assert alone.json(0, "history", "add", mbox) == again
        assert alone.json(0, "history", "add", alone.file("b.mbox", TWO.replace(b"\n", b"\r\n"))) == again
        assert alone.json(0, "history", "add", "-", stdin=TWO) == again
        assert "2 mails were known already" in alone.call(0, "history", "add", mbox).stdout
    with checks.that("a mail that is written over another does not make it forgotten"):
        path = alone.file("mail.eml", TWO.split(b"\n\nFrom x")[0].split(b"\n", 1)[1].replace(b"<q1@", b"<q3@"))
        assert alone.json(0, "history", "add", path)["added"] == 1
        path.write_bytes(path.read_bytes().replace(b"<q3@", b"<q4@"))
        assert alone.json(0, "history", "add", path)["added"] == 1
        for name in ("q3", "q4"):
            copies = alone.json(0, "history", "search", "--message-id", f"{name}@kunde.example")
            assert [one["folder"] for one in copies] == ["file:"], (name, copies)
    with checks.that("the same file name in two Maildirs is two mails"):
        for name in ("eins", "zwei"):
            (alone.directory / name / "cur").mkdir(parents=True)
            alone.file(f"{name}/cur/1:2,S", path.read_bytes().replace(b"<q4@", f"<{name}@".encode()))
        assert alone.json(0, "history", "add", alone.directory / "eins", alone.directory / "zwei")["added"] == 2
        assert alone.json(0, "history", "search", "--message-id", "eins@kunde.example")[0]["folder"] == "file:"
    with checks.that("a named file that is no mail is a failure, a broken one among many is only told"):
        garbage = alone.file("garbage.eml", b"\0\1\2")
        assert alone.json(2, "history", "add", garbage) == {"added": 0, "known": 0, "broken": 1}
        alone.file("eins/cur/2", b"\0\1\2")
        assert alone.json(0, "history", "add", alone.directory / "eins") == {"added": 0, "known": 1, "broken": 1}
        for path, says in (("missing.mbox", "there is no file"), (alone.directory, "is a directory")):
            assert says in alone.call(2, "history", "add", path).stderr
    with checks.that("a folder counts as what it is called, in German too"):
        for folder, role in (("Gesendete Objekte", "sent"), ("INBOX.Entwürfe", "drafts"), ("\\Junk", "junk"),
                             ("INBOX/papierkorb", "trash"), ("Postausgang", "outbox"), ("Kunden", "mail")):
            alone.call(0, "history", "add", "--folder", folder, mbox)
            roles = {one["folder"]: one["role"] for one in alone.json(0, "history", "search", "--message-id", "q1@kunde.example")}
            assert roles[f"file:{folder}"] == role, roles


def reading(office, checks):
    alone = Stranger(office, "reading")
    with checks.that("an empty text says nothing, and is no failure"):
        empty = alone.file("empty.txt", b"")
        found = alone.json(0, "scan", empty)
        assert found["opt_out"]["verdict"] == "none" and found["class"]["found"] == "general" and found["personal"], found
        lines = alone.call(2, "--json", "scan", empty, "missing.eml", empty).stdout.splitlines()
        assert [json.loads(line)["path"] for line in lines] == [str(empty)] * 2
    with checks.that("a text is read in the letters that Windows writes"):
        words = "Bitte antworten Sie nicht per E-Mail, sondern per Post. Grüße"
        for number, encoding in enumerate(("utf-8", "utf-8-sig", "cp1252", "utf-16")):
            text = alone.file(f"text{number}.TXT", words.replace(". ", ".\r\n").encode(encoding))
            assert alone.json(0, "scan", text)["opt_out"]["verdict"] == "opted-out", encoding
    with checks.that("a mail can come by standard input or a pipe"):
        mail = f"{INSIDE}\nUm zwei?\n".encode()
        for name in ("-", "/dev/stdin"):
            assert alone.json(0, "assess", name, stdin=mail)["action"] == "send"
            assert alone.json(0, "scan", name, stdin=mail)["class"]["found"] == "general"
            assert alone.call(2, "assess", name).stderr
    with checks.that("many mails can be read at once, again and again"):
        mails = [alone.file(f"many{number}.eml", f"{INSIDE}\nUm {number} Uhr?\n") for number in range(8)]
        for _round in range(40):
            assert len(alone.call(0, "--json", "scan", *mails).stdout.splitlines()) == len(mails)
    with checks.that("line ends decide nothing"):
        for mail in (INSIDE + "\nUm zwei?\n", INSIDE + "Bcc: erika@kunde.example\n\nUm zwei?\n"):
            unix, dos = alone.file("unix.eml", mail), alone.file("dos.eml", mail.replace("\n", "\r\n"))
            status = 3 if "Bcc" in mail else 0
            assert alone.json(status, "assess", unix) == alone.json(status, "assess", dos)


def addresses(office, checks):
    alone = Stranger(office, "addresses")
    with checks.that("an address that leads through our own server to somebody else's is no colleague's"):
        for number, address in enumerate(("kunde%example.net@agentur.example", "example.net!kunde@agentur.example",
                                          '"kunde@example.net"@agentur.example')):
            mail = alone.file(f"{number}.eml", f"From: sabine@agentur.example\nTo: {address}\nSubject: A\n\nHallo\n")
            recipient = alone.json(3, "assess", mail)["recipients"][0]
            assert recipient["basis"]["kind"] is None and recipient["basis"]["refusal"] == "no-basis", recipient
            alone.call(3, "send", mail)
            alone.call(77, "sendmail", "-t", stdin=mail.read_bytes())
        assert not alone.handed_over()


def keys(office, checks):
    alone = Stranger(office, "keys")
    fingerprint = alone.keyring.make_key("Erika", "erika@kunde.example")
    with checks.that("a key that did not exist yet is not used, and it is said why"):
        def looked_at(*options):
            return alone.json(0, *options, "keys", "lookup", "erika@kunde.example")["keys"][0]
        assert looked_at()["state"] == "usable"
        assert looked_at("--now", "2020-01-01")["state"] == "not-yet-valid"
        assert "not valid yet" in alone.call(0, "--now", "2020-01-01", "keys", "lookup", "erika@kunde.example").stdout
    with checks.that("keys accept answers in JSON, too"):
        answer = alone.json(0, "keys", "accept", fingerprint, "--address", "erika@kunde.example")
        assert answer["done"] and answer["key"]["fingerprint"] == fingerprint and answer["key"]["state"] == "usable", answer


def usage(office, checks):
    alone = Stranger(office, "usage")
    mail = alone.file("mail.eml", f"{INSIDE}\nUm zwei?\n")
    with checks.that("what is used wrongly ends with 1 and a pointer to the help, whatever the call"):
        for words in ((), ("frobnicate",), ("--frobnicate",), ("assess",), ("assess", mail, mail), ("assess", mail, "--out", "x"),
                      ("send", mail, "--out", "x"), ("seal", mail), ("seal", mail, "--out", "x", "--draft-id", "1"),
                      ("assess", mail, "--class", "geheim"), ("assess", mail, "--bcc", "niemand"), ("history",),
                      ("history", "add"), ("history", "search"), ("scan",), ("keys",), ("keys", "lookup"),
                      ("keys", "accept", "A" * 40), ("provider",), ("provider", "--frobnicate"), ("matter",), ("matter", "add", "X"),
                      ("consent",), ("consent", "add"), ("ledger",), ("ledger", "export"), ("ledger", "erase"), ("spool",),
                      ("spool", "list", "x"), ("spool", "drop", "x"), ("spool", "retry", "x", "y"), ("portal",),
                      ("portal", "enroll"), ("portal", "customer"), ("submission",), ("doctor", "x"),
                      ("--now", "gestern", "assess", mail)):
            done = subprocess.run(alone.argv(*words), env=alone.env, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
            assert done.returncode == 1 and (b"Usage" in done.stdout or b"siegelpost --help" in done.stderr), (words, done)
    with checks.that("every call that answers answers one JSON document where that is asked for"):
        alone.json(0, "matter", "add", "SV-1", "--title", "Hagel")
        alone.json(0, "matter", "list")
        alone.json(0, "consent", "add", "--kind", "agreement", "--address", "erika@kunde.example", "--taken-by", "Sabine")
        alone.json(0, "consent", "list")
        alone.json(0, "ledger", "verify")
        alone.json(0, "ledger", "export")
        alone.json(0, "keys", "lookup", "erika@kunde.example")
        alone.json(0, "keys", "candidates")
        alone.json(0, "portal", "status")
        alone.json(0, "seal", mail, "--out", alone.directory / "sealed")
        held = alone.json(3, "seal", mail, "--bcc", "otto@kunde.example", "--out", alone.directory / "none")
        assert held["verdict"]["action"] == "hold" and held["copies"] == [], held
        alone.json(0, "send", mail)
        alone.json(0, "ledger", "erase", "--address", "erika@kunde.example", "--reason", "Art. 17")
        alone.json(0, "matter", "close", "SV-1")


def at_once(office, checks):
    alone = Stranger(office, "at-once")
    mails = [alone.file(f"{number}.eml", f"{INSIDE}\nNummer {number}.\n") for number in range(4)]
    mbox = alone.file("a.mbox", TWO)
    with checks.that("calls that begin at once on a fresh state directory do not harm each other"):
        calls = [("send", mail) for mail in mails] + [("send", mails[0], "--draft-id", "once")] * 2 + \
            [("--json", "history", "add", mbox)] * 2
        running = [subprocess.Popen(alone.argv(*call), env=alone.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                   for call in calls]
        ended = [(one.communicate(timeout=120), one.returncode) for one in running]
        assert [status for _said, status in ended[:4]] == [0] * 4, ended
        assert sorted(status for _said, status in ended[4:6]) == [0, 2], ended
        added = [json.loads(said[0]) for said, _status in ended[6:]]
        assert sum(one["added"] for one in added) == 2 and sum(one["known"] for one in added) == 2, added
        text = alone.handed_over()
        assert [text.count(f"Nummer {number}.") for number in range(4)] == [2, 1, 1, 1], text
        assert alone.json(0, "spool", "list") == [] and alone.json(0, "ledger", "verify")["valid"]


def told(office, checks):
    alone = Stranger(office, "told")
    alone.keyring.make_key("Erika", "erika@kunde.example")
    for ref in ("SV-1", "SV-2"):
        alone.call(0, "matter", "add", ref, "--title", "Hagel")
    alone.call(0, "consent", "add", "--kind", "phone", "--address", "erika@kunde.example", "--matter", "SV-1", "--taken-by", "Nina")
    inquiry = f"From: erika@kunde.example\nTo: sabine@agentur.example\nSubject: Hagel\nMessage-ID: <q1@kunde.example>\nDate: {ago(1)}\n"
    alone.call(0, "history", "add", "-", stdin=f"{inquiry}\nWas kostet das? Schicken Sie es mir zu.\n".encode())
    head = "From: sabine@agentur.example\nTo: erika@kunde.example\n"

    with checks.that("a question says which answer lets the mail out, and that answer does"):
        mail = alone.file("answer.eml", f"{head}Subject: Re: Hagel\nIn-Reply-To: <q1@kunde.example>\n\nHallo\n")
        said = alone.call(4, "assess", mail).stdout
        answer = said.split("if an answer by e-mail is wanted: --confirm ")[1].split()[0]
        alone.call(0, "assess", mail, "--confirm", answer)
        mail = alone.file("matters.eml", f"{head}Subject: SV-1 und SV-2\n\nHallo\n")
        said = alone.call(4, "assess", mail).stdout
        assert "name the matter: --matter REF" in said and "--confirm" not in said, said
        alone.call(0, "assess", mail, "--matter", "SV-1")
    with checks.that("a customer who agreed to plain mail is not said to be inside the office"):
        settings = alone.directory / "settings.ini"
        settings.write_text(f"{settings.read_text()}policy-profile='by-class'\nallow-plain=true\n")
        alone.call(0, "consent", "add", "--kind", "agreement", "--names-plain", "--address", "max@kunde.example", "--taken-by", "Nina")
        mail = alone.file("plain.eml", "From: sabine@agentur.example\nTo: max@kunde.example, bernd@agentur.example\nSubject: A\n\nHallo\n")
        said = alone.call(0, "assess", mail).stdout
        assert "max@kunde.example: may leave; standing agreement, not encrypted, as was agreed" in said, said
        assert "bernd@agentur.example: may leave; a colleague, plain, inside the office" in said, said


def foreign_words(office, checks):
    alone = Stranger(office, "foreign")
    with checks.that("a mail's words do nothing to the terminal"):
        words = "Bitte nicht per E-Mail antworten \x1b[2J\x9bA\x07."
        mail = alone.file("controls.eml", f"{INSIDE}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                                          f"Content-Transfer-Encoding: 8bit\n\n{words}\n")
        said = alone.call(0, "scan", mail).stdout
        assert "nicht per E-Mail antworten ?[2J" in said and not [one for one in said if ord(one) < 32 and one != "\n"], said
        assert not [one for one in said if 0x7f <= ord(one) < 0xa0], said
        said = alone.call(2, "assess", alone.directory / "no\x1b[2J.eml").stderr
        assert "no?[2J.eml" in said and "\x1b" not in said, said
        assert "\x1b" in alone.json(0, "scan", mail)["opt_out"]["sentence"], "JSON keeps them, escaped"


def any_order(office, checks):
    """A conversation that comes in pieces: objection and request, and between them only mails that refer to both."""
    alone = Stranger(office, "any-order")
    alone.keyring.make_key("Erika", "erika@kunde.example")

    def mail(hours, number, text, *references, sender="erika@kunde.example"):
        ids = " ".join(f"<{one}@kunde.example>" for one in references)
        return (f"From: {sender}\nTo: sabine@agentur.example\nSubject: Hagel\nDate: {ago(hours)}\n"
                f"Message-ID: <{number}@kunde.example>\nReferences: {ids}\n\n{text}\n").encode()
    mails = [mail(96, "a", "Bitte nicht per E-Mail antworten."), mail(72, "b", "Wann kommt das Geld?", "gone"),
             mail(48, "c", "Danke.", "a", "gone", sender="max@kunde.example"), mail(24, "d", "Bitte antworten Sie doch per E-Mail.", "c")]
    answer = alone.file("answer.eml", "From: sabine@agentur.example\nTo: erika@kunde.example\nSubject: Re: Hagel\n"
                                      "In-Reply-To: <b@kunde.example>\n\nHallo\n")
    with checks.that("a conversation is one in whatever order, files and processes its mails come"):
        (alone.directory / "box" / "cur").mkdir(parents=True)
        for name, one in (("box/cur/1:2,S", mails[0]), ("second.eml", mails[1]), ("third.mbox", b"From x Mon Nov 16 10:00:00 2026\n" + mails[2])):
            alone.file(name, one)
        running = [subprocess.Popen(alone.argv("history", "add", alone.directory / name), env=alone.env, stdout=subprocess.DEVNULL)
                   for name in ("third.mbox", "second.eml", "box") * 2]
        assert [one.wait(timeout=120) for one in running] == [0] * len(running)
        held = alone.json(3, "assess", answer)["recipients"][0]["basis"]
        assert held["refusal"] == "opted-out" and held["sentence"] == "Bitte nicht per E-Mail antworten.", held
        alone.call(0, "history", "add", "-", stdin=mails[3])
        basis = alone.json(0, "assess", answer)["recipients"][0]["basis"]
        assert basis["evidence"]["message_id"] == "d@kunde.example" and "inquiry:b@kunde.example" in basis["all"], basis
    with checks.that("what is offered instead of a new mail can be answered, and what cannot is not offered"):
        new = alone.file("new.eml", "From: sabine@agentur.example\nTo: erika@kunde.example\nSubject: Neues\n\nHallo\n")
        offered = [one for one in alone.json(3, "assess", new)["recipients"][0]["basis"]["remedies"] if one.startswith("reply-to:")]
        assert [one.removeprefix("reply-to:")[0] for one in offered] == ["d", "b"], offered
        assert "Hagel" in alone.call(3, "assess", new).stdout.split("the customer's inquiry <d@kunde.example>")[1].splitlines()[1]
        alone.call(0, "history", "add", "-", stdin=mail(1, "e", "Bitte nicht mehr per E-Mail antworten.", "d"))
        remedies = alone.json(3, "assess", new)["recipients"][0]["basis"]["remedies"]
        assert remedies and not [one for one in remedies if one.startswith("reply-to:")], remedies


def run(office, checks):
    """All of it."""
    told(office, checks)
    foreign_words(office, checks)
    any_order(office, checks)
    no_keyring(office, checks)
    own_copy(office, checks)
    redirected(office, checks)
    refused_by_sendmail(office, checks)
    cut_short(office, checks)
    surroundings(office, checks)
    binary(office, checks)
    history(office, checks)
    reading(office, checks)
    addresses(office, checks)
    keys(office, checks)
    usage(office, checks)
    at_once(office, checks)


def main():
    from checks import Checks
    from workplace import Workplace
    checks = Checks("stranger")
    with Workplace() as office:
        run(office, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
