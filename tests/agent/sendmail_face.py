# SPDX-License-Identifier: GPL-3.0-or-later
"""siegelpost sendmail as other programs call it: their options, their input, their recipients."""

import json


def run(terminal, checks):
    """All of it."""
    taken = terminal.directory / "handed-over"
    program = terminal.file("mta", f"#!/bin/sh\necho \"$@\" > '{taken}'\ncat >> '{taken}'\n".encode())
    program.chmod(0o700)
    settings = terminal.file("mta.ini", f"[org.siegelpost]\nown-domains=['agentur.example']\n"
                                        f"sendmail-command=['{program}']\n".encode())

    def sent(text, *options, status=0):
        """Hands a mail over; returns the envelope's words and the mail that left."""
        taken.unlink(missing_ok=True)
        done = terminal.call("sendmail", *options, stdin=terminal.file("input", text), settings=settings, state="face")
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        if status:
            return done
        envelope, mail = taken.read_text().split("\n", 1)
        return envelope.split(), mail

    simple = b"From: sabine@agentur.example\nTo: olaf@agentur.example\nBcc: nina@agentur.example\nSubject: Hallo\n\nEins\n.\nZwei\n"
    with checks.that("mails are taken as cron, mutt and PHP give them"):
        envelope, mail = sent(b"From: root (Cron Daemon)\nTo: root\nSubject: Cron\n\nfertig\n",
                              "-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root")
        assert envelope[-1] == "root@agentur.example" and "fertig" in mail, envelope
        envelope, _unused = sent(simple, "-oem", "-oi", "-f", "sabine@agentur.example", "--", "olaf@agentur.example")
        assert envelope[-1] == "olaf@agentur.example", envelope
        sent(simple, "-ti", "-N", "success,failure", "-R", "hdrs", "-V", "id1")
        for hops in (("-h", "5"), ("-h5",)):
            assert sent(simple, "-t", "-i", *hops)[0][-1].endswith("@agentur.example")
        sent(b"From sabine Tue Nov 24 10:00:00 2026\n" + simple, "-t", "-i")
    with checks.that("a dot alone ends the mail, unless it was not to"):
        assert "Zwei" not in sent(simple, "olaf@agentur.example")[1]
        for option in (("-i",), ("-oi",), ("-o", "i")):
            assert ".\nZwei" in sent(simple, *option, "olaf@agentur.example")[1].replace("\r", "")
    with checks.that("a mail that names no sender is sent by the one who is named"):
        headless = b"To: olaf@agentur.example\nSubject: Hallo\n\nx\n"
        envelope, mail = sent(headless, "-t", "-i", "-f", "sabine@agentur.example")
        assert "From: sabine@agentur.example" in mail and "sabine@agentur.example" in envelope, mail
    with checks.that("blind copies are in the envelope and in no header"):
        sent(simple, "-t", "-i")
        listed = json.loads(terminal.call("--json", "spool", "list", "--all", settings=settings, state="face").stdout)
        assert ["nina@agentur.example"] in [copy["recipients"] for copy in listed], listed
        assert "nina" not in sent(simple, "-i", "olaf@agentur.example")[1]
    with checks.that("what is not sending is refused, and so is no mail at all"):
        for mode in ("-bs", "-bd", "-bp", "-q", "-q30m"):
            assert mode in sent(simple, mode, status=64).stderr
        assert "--frobnicate" in sent(simple, "--frobnicate", "-t", status=64).stderr
        assert "needs a value" in sent(simple, "-t", "-f", status=64).stderr
        sent(simple, status=64)
        sent(simple, "kein@", status=64)
        sent(b"", "-t", status=65)
        sent(b"\0\1\2", "-t", status=65)
        sent(b"From me", "olaf@agentur.example", status=65)
    with checks.that("who may not be written to is refused for good"):
        assert "held" in sent(simple, "-i", "erika@kunde.example", status=77).stdout
