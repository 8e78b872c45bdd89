# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger on the command line: its end kept elsewhere, erasure, export, and a state directory
that an earlier version left."""

import csv
import io
import json
import shutil
import sqlite3
from pathlib import Path

BEFORE = Path(__file__).resolve().parent / "state-before-3"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'ledger%'"


def answer(terminal, *words, status=0, **more):
    """What a call says as JSON; status None: whatever it decides."""
    done = terminal.call("--json", *words, **more)
    assert done.returncode == status or (status is None and done.returncode in (0, 3, 4)), (done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def agree(terminal, address, *more, state):
    done = terminal.call("consent", "add", "--kind", "agreement", "--address", address, "--taken-by", "Sabine", *more,
                         state=state)
    assert done.returncode == 0, done.stderr


def mail_to(terminal, address):
    """A mail of Sabine's that answers nothing."""
    return terminal.file("to-somebody.eml", f"From: sabine@agentur.example\nTo: {address}\nSubject: Hallo\n\nx\n".encode())


def rewrite(path, statement):
    """Change the database, and put back the triggers as they were."""
    database = sqlite3.connect(path)
    triggers = database.execute(TRIGGERS).fetchall()
    for name, _unused in triggers:
        database.execute(f'DROP TRIGGER "{name}"')
    database.executescript(statement)
    for _unused, sql in triggers:
        database.execute(sql)
    database.commit()
    database.close()


def ends(terminal, checks):
    for address in ("erika@kunde.example", "olaf@kunde.example", "nina@kunde.example"):
        agree(terminal, address, state="ends")
    with checks.that("a head that was kept elsewhere is found in the ledger, and missed when it is gone"):
        head = answer(terminal, "ledger", "verify", state="ends")["head"]
        agree(terminal, "otto@kunde.example", state="ends")
        found = answer(terminal, "ledger", "verify", "--head", head, state="ends")
        assert found["valid"] and found["head_entry"] == 3 and found["head"] != head, found
        found = answer(terminal, "ledger", "verify", "--head", "0" * 64, status=2, state="ends")
        assert not found["valid"] and found["why"] == "head-gone", found
        terminal.refused(1, "ledger", "verify", "--head", "12", says="--head", state="ends")
    with checks.that("an older database that was brought back is found"):
        directory = terminal.directory / "ends"
        shutil.copy(directory / "state.sqlite", directory / "kept")
        agree(terminal, "uwe@kunde.example", state="ends")
        shutil.move(directory / "kept", directory / "state.sqlite")
        found = answer(terminal, "ledger", "verify", status=2, state="ends")
        assert (found["why"], found["bad_entry"]) == ("cut-off", 5), found
    with checks.that("nobody's permission is believed while the ledger is not what was recorded"):
        mail = mail_to(terminal, "olaf@kunde.example")
        decided = answer(terminal, "assess", mail, status=3, state="ends")["recipients"][0]
        assert decided["basis"]["refusal"] == "unknown", decided
        (directory / "ledger.heads").unlink()  # the office looked into it
        decided = answer(terminal, "assess", mail, status=None, state="ends")["recipients"][0]
        assert decided["basis"]["kind"] == "agreement", decided
        rewrite(directory / "state.sqlite", "UPDATE ledger SET time = time - 86400 WHERE entry = 2")
        decided = answer(terminal, "assess", mail, status=3, state="ends")["recipients"][0]
        assert decided["basis"]["refusal"] == "unknown", decided


def states(terminal, checks):
    at = ("--now", "2026-06-01T10:00:00Z")

    def consent(kind, *more):
        done = terminal.call(*at, "consent", "add", "--kind", kind, "--address", "erika@kunde.example", "--taken-by", "S",
                             *more, state="states")
        assert done.returncode == 0, done.stderr

    def listed(*when):
        return [one["state"] for one in answer(terminal, *(when or at), "consent", "list", state="states")]

    for matter in ("SV-1", "SV-2"):
        assert answer(terminal, *at, "matter", "add", matter, "--title", "Hagel", state="states")["entry"] > 0
    consent("phone", "--matter", "SV-1")
    consent("letter", "--matter", "SV-2", "--valid-until", "2026-06-01")
    with checks.that("a record is shown with what became of it"):
        assert listed() == ["valid", "valid"]
        assert listed("--now", "2026-06-01T23:59:59Z") == ["valid", "valid"], "the last day belongs to it"
        assert listed("--now", "2026-06-02T00:00:00Z") == ["valid", "expired"]
        consent("phone", "--matter", "SV-1")
        assert listed() == ["superseded", "valid", "valid"]
        assert terminal.call(*at, "matter", "close", "SV-1", state="states").returncode == 0
        assert listed() == ["closed", "valid", "closed"]
        consent("withdrawal")
        assert listed() == ["closed", "withdrawn", "closed", "valid"]
        consent("agreement")
        assert listed() == ["closed", "withdrawn", "closed", "superseded", "valid"]
    with checks.that("what proves nothing is not recorded"):
        add = ("consent", "add", "--address", "erika@kunde.example", "--kind")
        for words, says in ((("agreement", "--taken-by", " "), "nobody is named"),
                            (("agreement", "--taken-by", "S", "--words", " "), "words are empty"),
                            (("agreement", "--taken-by", "S", "--given", "2999-01-01"), "in the future"),
                            (("phone", "--taken-by", "S", "--matter", "SV-1"), "no such open matter")):
            terminal.refused(2, *add, *words, says=says, state="states")
        terminal.refused(1, *add, "agreement", "--taken-by", "S", "--given", "2026-02-30", says="is no date", state="states")


def export(terminal, checks):
    agree(terminal, "erika@kunde.example", "--words", "=cmd|' /C calc'!A0", state="export")
    assert terminal.call("matter", "add", "=SUM(A1)", "--title", "a\"b\nc", state="export").returncode == 0
    with checks.that("the export as CSV is read by others, runs nothing, and says that it was verified"):
        done = terminal.call("ledger", "export", "--format", "csv", state="export")
        assert done.returncode == 0 and "\n" in done.stdout
        rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
        assert [row["kind"] for row in rows] == ["agreement", "matter", "verification"], rows
        assert not [cell for row in rows for cell in row.values() if cell[:1] in tuple("=+-@")], rows
        assert rows[1]["matter"] == "'=SUM(A1)" and json.loads(rows[1]["personal"])["title"] == "a\"b\nc"
        assert "2 entries holds" in rows[2]["fields"]
    with checks.that("a period ends with the whole of its last day"):
        today = answer(terminal, "ledger", "export", state="export")["entries"][0]["time"][:10]
        assert len(answer(terminal, "ledger", "export", "--since", today, "--until", today, state="export")["entries"]) == 2
        assert not answer(terminal, "ledger", "export", "--until", "2020-01-01", state="export")["entries"]


def erasure(terminal, checks):
    mail = terminal.file("erased.eml", b"From: erika@kunde.example\nTo: sabine@agentur.example\nSubject: Schaden\n"
                                       b"Message-ID: <erased@kunde.example>\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\nHallo\n")
    reply = terminal.file("to-erased.eml", b"From: sabine@agentur.example\nTo: erika@kunde.example\nSubject: AW: Schaden\n"
                                           b"In-Reply-To: <erased@kunde.example>\n\nGuten Tag\n")
    erase = ("ledger", "erase", "--address", "erika@kunde.example", "--reason")
    now = ("--now", "2026-11-24T10:00:00Z")

    def basis():
        return answer(terminal, *now, "assess", reply, status=3, state="erasure")["recipients"][0]["basis"]

    assert terminal.call("history", "add", mail, state="erasure").returncode == 0
    assert basis()["kind"] == "inquiry"
    done = terminal.call(*now, "consent", "add", "--kind", "withdrawal", "--address", "erika@kunde.example", "--taken-by", "S",
                         state="erasure")
    assert done.returncode == 0, done.stderr
    with checks.that("an erasure takes the person from every file, and leaves her objection"):
        terminal.refused(2, *erase, "wegen erika@kunde.example", says="must not contain the address", state="erasure")
        assert terminal.call(*now, *erase, "Art. 17", state="erasure").returncode == 0
        for path in (terminal.directory / "erasure").rglob("*"):
            assert not path.is_file() or b"erika" not in path.read_bytes().lower(), path
        assert basis()["refusal"] == "withdrawn"
        assert terminal.call("history", "add", mail, state="erasure").returncode == 0
        assert basis()["refusal"] == "withdrawn", "the mail is still in the mail folder, and is indexed again"
        assert answer(terminal, "ledger", "verify", state="erasure")["valid"]


def previous_version(terminal, checks):
    directory = terminal.directory / "before"
    shutil.copytree(BEFORE, directory)
    for path in [directory, *directory.rglob("*")]:
        path.chmod(0o700 if path.is_dir() else 0o600)
    database = sqlite3.connect(directory / "state.sqlite")
    database.executescript((directory / "state.sql").read_text())
    database.close()
    taken = terminal.directory / "taken"
    sendmail = terminal.file("sendmail", f"#!/bin/sh\necho \"$@\" > '{taken}'\ncat >> '{taken}'\n".encode())
    sendmail.chmod(0o700)
    settings = terminal.file("before.ini", f"[org.siegelpost]\nown-domains=['agentur.example']\n"
                                           f"sendmail-command=['{sendmail}']\n".encode())
    more = {"state": "before", "settings": settings}
    now = ("--now", "2026-11-21T10:00:00Z")
    with checks.that("a state directory of the version before opens, and nothing of it is lost"):
        found = answer(terminal, "ledger", "verify", **more)
        assert found["valid"] and found["entries"] == 6, found
        assert [one["reference"] for one in answer(terminal, "matter", "list", **more)] == ["SV-2026-00417"]
        listed = answer(terminal, *now, "consent", "list", **more)
        assert [(one["kind"], one["state"]) for one in listed] == [("phone", "valid"), ("withdrawal", "valid")], listed
        assert answer(terminal, "history", "search", "--message-id", "inquiry@kunde.example", **more)
        for address, refusal in (("erika@kunde.example", "withdrawn"), ("olaf@kunde.example", None)):
            mail = mail_to(terminal, address)
            decided = answer(terminal, *now, "assess", mail, "--matter", "SV-2026-00417", status=None, **more)
            assert decided["recipients"][0]["basis"]["refusal"] == refusal, decided
    with checks.that("a mail that the version before left waiting goes on its way"):
        assert answer(terminal, "spool", "list", **more)[0]["state"] == "sealed"
        done = terminal.call("spool", "retry", **more)
        assert done.returncode == 0, done.stderr
        text = taken.read_text()
        assert "bernd@kunde.example" in text.splitlines()[0] and "BEGIN PGP MESSAGE" in text, text
        assert answer(terminal, "spool", "list", "--all", **more)[0]["state"] == "done"
    with checks.that("the ledger of the version before is noted, and goes on"):
        agree(terminal, "otto@kunde.example", **{"state": "before"})
        assert len((directory / "ledger.heads").read_text().splitlines()) == 7
        assert answer(terminal, "ledger", "verify", **more)["entries"] == 7


def run(terminal, checks):
    """All of it."""
    ends(terminal, checks)
    states(terminal, checks)
    export(terminal, checks)
    erasure(terminal, checks)
    previous_version(terminal, checks)
