# SPDX-License-Identifier: GPL-3.0-or-later
"""Many mails at once, and calls that start nothing: what was made fast decides as before."""

import json
import os
import shutil
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

MAILS = 400
OBJECTS = 57  # each of them objects; not a divisor of anything in the product
OBJECTION = "Bitte antworten Sie mir nicht per E-Mail."


def inquiry(number):
    """One customer's mail."""
    date = format_datetime(datetime.now(timezone.utc) - timedelta(minutes=MAILS - number))
    words = OBJECTION if number % OBJECTS == 0 else f"Wann kommt das Geld zum Schaden {number}?"
    return (f"From: c{number}@kunde.example\nTo: sabine@agentur.example\nSubject: Frage {number}\n"
            f"Message-ID: <m{number}@kunde.example>\nDate: {date}\n\nGuten Tag,\n\n{words}\n").encode()


def reply(terminal, number):
    return terminal.file(f"reply-{number}.eml",
                         f"From: sabine@agentur.example\nTo: c{number}@kunde.example\nSubject: AW: Frage {number}\n"
                         f"In-Reply-To: <m{number}@kunde.example>\n\nGuten Tag\n".encode())


def many_mails(terminal, checks):
    folder = terminal.directory / "Maildir"
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number in range(MAILS):
        (folder / "cur" / f"{number}.host:2,S").write_bytes(inquiry(number))
    (folder / "cur" / "broken.host:2,S").write_bytes(b"")

    def basis(number):
        done = terminal.call("--json", "assess", reply(terminal, number), state="many")
        return json.loads(done.stdout)["recipients"][0]["basis"]

    with checks.that("of mails that are read at once each is judged as it is read alone"):
        done = terminal.call("--json", "history", "add", folder, state="many")
        assert json.loads(done.stdout) == {"added": MAILS, "known": 0, "broken": 1}, (done.stdout, done.stderr)
        assert done.stderr.count("broken.host") == 1, done.stderr
        for number in (0, OBJECTS, 3 * OBJECTS):
            assert basis(number)["refusal"] == "opted-out" and basis(number)["sentence"] == OBJECTION, basis(number)
        for number in (1, OBJECTS + 1, MAILS - 2):
            assert basis(number)["kind"] == "inquiry", basis(number)
        found = [json.loads(terminal.call("--json", "history", "search", "--from", f"c{number}@kunde.example",
                                          state="many").stdout)[0] for number in range(0, MAILS, OBJECTS)]
        assert {one["judgement"]["opt_out"] for one in found} == {"opted-out"}, found
    with checks.that("mails that are added again are known, and an objection outlives its file"):
        done = terminal.call("--json", "history", "add", folder, state="many")
        assert json.loads(done.stdout) == {"added": 0, "known": MAILS, "broken": 1}, done.stdout
        shutil.rmtree(folder)
        assert basis(OBJECTS)["refusal"] == "opted-out"


def warm_start(terminal, checks):
    tools = terminal.office.scratch.directory("logged-tools")
    home = terminal.office.scratch.directory("logged-home")
    home.chmod(0o700)
    log = tools / "log"
    for name in ("gpg", "gpgsm", "gpgconf"):
        real = shutil.which(name)
        program = tools / name
        renamed = "".join(f" -e 's#:{shutil.which(one)}$#:{tools / one}#'" for one in ("gpg", "gpgsm"))
        run = f"{real} \"$@\" | sed{renamed}" if name == "gpgconf" else f"exec {real} \"$@\""
        program.write_text(f"#!/bin/sh\necho {name} >> '{log}'\n{run}\n")
        program.chmod(0o700)
    settings = terminal.file("logged.ini", f"[org.siegelpost]\nown-domains=['agentur.example']\ngnupg-home='{home}'\n".encode())
    outside = dict(terminal.env)

    def started():
        """What one assess starts."""
        log.write_text("")
        done = terminal.call("--json", "assess", terminal.mail("warm.eml", terminal.office.erika), settings=settings, state="warm")
        assert done.returncode in (0, 3, 4), done.stderr
        return log.read_text().split()

    terminal.env["PATH"] = f"{tools}:{terminal.env['PATH']}"
    try:
        with checks.that("assess asks GnuPG again only when its files have changed"):
            first = started()
            assert "gpgconf" in first and "gpg" in first, first
            started()  # gpg may have made its keyring in the first one
            assert started() == [], log.read_text()
            keyring = home / "pubring.kbx"
            assert keyring.exists()
            os.utime(keyring, (keyring.stat().st_atime, keyring.stat().st_mtime - 5))
            again = started()
            assert "gpg" in again and "gpgsm" in again and "gpgconf" not in again, again
    finally:
        terminal.env = outside


def run(terminal, checks):
    """All of it."""
    many_mails(terminal, checks)
    warm_start(terminal, checks)
