# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line on a state directory of its own: what it refuses, and what it says."""

import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

import large_history  # noqa: E402
import ledger_calls  # noqa: E402
import sendmail_face  # noqa: E402
from desktop import make_locale  # noqa: E402
from mail_system import plain_mail  # noqa: E402
from scratch import build_dir  # noqa: E402

SOURCES = Path(__file__).resolve().parents[2] / "plugin"
OPTION = re.compile(r'{ "([a-z-]+)", (?:0|\'h\'), 0,\s*G_OPTION_ARG_')


class Terminal:
    """siegelpost with --state-dir and --settings, away from the agent."""

    def __init__(self, office):
        self.office = office
        self.directory = office.scratch.directory("terminal")
        self.settings = self.file("settings.ini", b"[org.siegelpost]\nown-domains=['agentur.example']\n")
        self.env = dict(office.desktop.env)

    def file(self, name, content):
        """A file in the scratch directory; returns its path."""
        path = self.directory / name
        path.write_bytes(content)
        return path

    def mail(self, name, *recipients):
        """A mail of Sabine's in a file, to these people."""
        message = plain_mail(self.office.sabine, recipients[0] if recipients else "x@y.example", "Hallo", "Guten Tag.\n")
        del message["To"]
        if recipients:
            message["To"] = ", ".join(str(one) for one in recipients)
        return self.file(name, message.as_bytes())

    def call(self, *words, settings=None, stdin=None, state="state"):
        """Run it; returns the CompletedProcess (text)."""
        program = build_dir() / "plugin" / "cli" / "siegelpost"
        return subprocess.run(
            [str(word) for word in (program, "--state-dir", self.directory / state, "--settings",
                                    settings or self.settings, *words)],
            env=self.env, capture_output=True, text=True, timeout=60,
            stdin=open(stdin, "rb") if stdin else subprocess.DEVNULL)

    def refused(self, status, *words, says, **more):
        """The call ends with this status, and its standard error holds these words."""
        done = self.call(*words, **more)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        for piece in [says] if isinstance(says, str) else says:
            assert piece in done.stderr, done.stderr
        return done


def files_and_recipients(terminal, checks):
    mail = terminal.mail("to-erika.eml", terminal.office.erika)
    with checks.that("sendmail decides about an argument that the header does not name"):
        done = terminal.call("sendmail", "-i", "carla@kunde.example", stdin=mail)
        assert done.returncode == 77 and "carla@kunde.example: held" in done.stdout, done
        assert "erika" not in done.stdout
        done = terminal.call("sendmail", "-t", "-i", "carla@kunde.example", "carla@kunde.example", stdin=mail)
        assert done.returncode == 77 and done.stdout.count("carla@kunde.example: held") == 1, done
        assert "erika@kunde.example: held" in done.stdout
    with checks.that("a mail without a recipient is refused with what to do"):
        nobody = terminal.mail("nobody.eml")
        for call in (("assess", nobody), ("send", nobody), ("seal", nobody, "--out", terminal.directory / "none")):
            terminal.refused(2, *call, says=["no recipient", "--bcc"])
        terminal.refused(64, "sendmail", "-t", stdin=nobody, says="no recipient")
    with checks.that("a header that holds no address list is named, and nobody in it is left out"):
        for header, line in (("To", "To: b@agentur.example, kaputt"), ("Cc", "To: b@agentur.example\nCc: kaputt, x@y.example")):
            broken = terminal.file("broken.eml", f"From: sabine@agentur.example\n{line}\nSubject: A\n\nHallo\n".encode())
            terminal.refused(2, "assess", broken, says=f"the header '{header}' cannot be read")
    with checks.that("a redirected mail is decided about for its new recipients too"):
        head = "From: sabine@agentur.example\nTo: b@agentur.example\nResent-From: sabine@agentur.example\nSubject: A\n"
        outside = terminal.file("redirected.eml", f"{head}Resent-To: carla@kunde.example\n\nHallo\n".encode())
        done = terminal.call("--json", "assess", outside)
        assert done.returncode == 3, (done.returncode, done.stdout, done.stderr)
        assert [one["address"] for one in json.loads(done.stdout)["recipients"]] == ["b@agentur.example", "carla@kunde.example"]
        inside = terminal.file("inside.eml", f"{head}Resent-To: c@agentur.example\n\nHallo\n".encode())
        assert terminal.call("assess", inside).returncode == 0
        assert terminal.call("seal", inside, "--out", terminal.directory / "redirected").returncode == 0
    with checks.that("a file that is not there, a directory and an empty file are called that"):
        empty = terminal.file("empty.eml", b"")
        for call in ("assess", "send", "scan"):
            terminal.refused(2, call, "missing.eml", says="there is no file 'missing.eml'")
            terminal.refused(2, call, terminal.directory, says="is a directory")
            terminal.refused(2, call, empty, says=f"the file '{empty}' is empty")
        terminal.refused(2, "history", "add", "missing.mbox", says="there is no file 'missing.mbox'")
        terminal.refused(2, "assess", terminal.file("no.eml", b"\0\1"), says="no.eml: not a mail")
    with checks.that("settings without the group org.siegelpost are refused, not ignored"):
        wrong = terminal.file("wrong.ini", b"[siegelpost]\nown-domains=['agentur.example']\n")
        terminal.refused(2, "assess", mail, settings=wrong, says="the group [org.siegelpost] is missing")
        terminal.refused(2, "assess", mail, settings="missing.ini", says="there is no file 'missing.ini'")


def answers(terminal, checks):
    def received(name, sender, text):
        return terminal.file(name, f"From: {sender}\nTo: sabine@agentur.example\nSubject: Schaden\nMessage-ID: <{name}>\n"
                                   f"Date: Mon, 23 Nov 2026 10:00:00 +0000\n\n{text}\n".encode())

    def decided(mail, *options, status=3):
        done = terminal.call("--json", "--now", "2026-11-24T10:00:00Z", "assess", mail, *options)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return [one["basis"] for one in json.loads(done.stdout)["recipients"]] if done.stdout else done.stderr

    def refusals(*options):
        return [basis["refusal"] for basis in decided(both, *options)]

    words = {"erika@kunde.example": "Bitte nicht per E-Mail antworten.", "otto@kunde.example": "Bitte keine E-Mail."}
    for number, (sender, text) in enumerate(words.items()):
        assert terminal.call("history", "add", received(f"m{number}@kunde.example", sender, text)).returncode == 0
    reply = "From: sabine@agentur.example\nSubject: AW: Schaden\nIn-Reply-To: <m0@kunde.example>\n" \
            "References: <m1@kunde.example> <m0@kunde.example>\nTo: "
    both = terminal.file("both.eml", f"{reply}{', '.join(words)}\n\nGuten Tag\n".encode())
    one = terminal.file("one-reply.eml", f"{reply}erika@kunde.example\n\nGuten Tag\n".encode())
    with checks.that("a reason overrules the sentence or the person it names, and nobody else's"):
        shown = decided(both)
        assert [basis["refusal"] for basis in shown] == ["opted-out", "opted-out"], shown
        assert [basis["sentence"] for basis in shown] == list(words.values()), shown
        for name in (shown[0]["objection"], "erika@kunde.example"):
            assert refusals("--overrule", f"{name}=Meint die Werbung.") == [None, "opted-out"], name
        assert refusals("--overrule", "opted-out:0123456789abcdef=Meint die Werbung.") == ["opted-out", "opted-out"]
        assert refusals("--overrule", f"{shown[0]['objection']}=") == ["opted-out", "opted-out"]
    with checks.that("a reason without a name is taken only where one person objected"):
        assert decided(one, "--overrule", "Meint a=b.")[0]["refusal"] is None
        assert "ADDRESS=REASON" in decided(both, "--overrule", "Meint die Werbung.", status=1)


def sealing(terminal, checks):
    mail = terminal.mail("to-bernd.eml", terminal.office.bernd)
    with checks.that("seal refuses a directory that is not empty, and leaves it as it is"):
        out = terminal.directory / "sealed"
        assert terminal.call("seal", mail, "--out", out).returncode == 0
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        assert "plan.json" in before
        terminal.refused(2, "seal", mail, "--out", out, says=[f"'{out}' is not empty", "new or an empty"])
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    with checks.that("a place that cannot be written is named, and not taken for the state directory"):
        said = terminal.refused(2, "seal", mail, "--out", "/proc/nowhere/sealed", says="/proc/nowhere/sealed")
        assert "state directory" not in said.stderr


def records(terminal, checks):
    consent = ("consent", "add", "--address", "erika@kunde.example", "--taken-by", "Sabine", "--kind")
    with checks.that("an unknown kind or class is named"):
        terminal.refused(1, *consent, "telegram", says="'telegram'")
        terminal.refused(1, "assess", "x.eml", "--class", "secret", says="'secret'")
    with checks.that("an erasure says whose data are gone and where that is recorded"):
        assert terminal.call(*consent, "agreement").returncode == 0
        done = terminal.call("ledger", "erase", "--address", "erika@kunde.example", "--reason", "Art. 17")
        assert done.returncode == 0 and "erika@kunde.example is erased" in done.stdout and "Entry 2" in done.stdout
    with checks.that("one mail is one mail"):
        done = terminal.call("history", "add", terminal.mail("one.eml", terminal.office.erika))
        assert done.stdout == "1 new mail is in the history.\n", done.stdout


def tampering(terminal, checks):
    forms = {
        "changed": "UPDATE ledger SET fields = '{\"x\":1}' WHERE entry = 1",
        "chain-broken": "UPDATE ledger SET previous = zeroblob(32) WHERE entry = 2",
        "missing": "DELETE FROM ledger WHERE entry = 1",
        "damaged": "UPDATE ledger SET hash = x'00' WHERE entry = 1",
        "cut-off": "DELETE FROM ledger WHERE entry = 2",
        "personal-changed": "UPDATE ledger_personal SET address = 'x@y.example' WHERE entry = 1",
        "personal-missing": "DELETE FROM ledger_personal WHERE entry = 1",
    }
    with checks.that("each kind of tampering with the ledger has a sentence of its own"):
        said = {}
        for nick, statement in forms.items():
            for address in ("erika@kunde.example", "olaf@kunde.example"):
                done = terminal.call("consent", "add", "--kind", "agreement", "--address", address,
                                     "--taken-by", "Sabine", state=nick)
                assert done.returncode == 0, done.stderr
            tamper(terminal.directory / nick / "state.sqlite", statement)
            done = terminal.refused(2, "ledger", "verify", says="ledger", state=nick)
            said[nick] = done.stderr.splitlines()[0]
        assert len(set(said.values())) == len(forms), said
        assert all("entry 1" in said[nick] for nick in ("changed", "missing", "damaged", "personal-changed")), said


def tamper(path, statement):
    """Change the database as somebody would who knows SQLite: the triggers go first."""
    database = sqlite3.connect(path)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute(f'DROP TRIGGER "{name}"')
    assert database.execute(statement).rowcount == 1
    database.commit()
    database.close()


def words(terminal, checks):
    with checks.that("every option that a call takes stands in that call's help"):
        sources = {path.name: path.read_text() for path in (SOURCES / "cli").glob("*.c")}
        calls = re.findall(r'FORM\("([a-z]+)"', sources["sgp-cli-help.c"])
        told = "".join(terminal.call(call, "--help").stdout for call in sorted(set(calls)))
        options = {name for text in sources.values() for name in OPTION.findall(text)} - {"help", "version"}
        assert len(options) > 20 and not [name for name in options if f"--{name}" not in told], options
        listed = terminal.call("--help").stdout
        assert not [call for call in calls if f"\n  {call}" not in listed]
    with checks.that("the manual pages name every call, every form and every option, in both languages"):
        forms = re.findall(r'FORM\(\s*"(\w+)",\s*"([^"]*)"\)', sources["sgp-cli-help.c"])
        told = re.findall(r'OPTION\(\s*(?:"\w+"|call),\s*"([^"]*)"', sources["sgp-cli-help.c"])
        for name in ("siegelpost.1", "de/siegelpost.1"):
            page = (SOURCES / "data" / "man" / name).read_text().replace("\\-", "-").replace("\\e", "\\").splitlines()
            wanted = [f".B siegelpost {call} {form}".rstrip() for call, form in forms]
            wanted += [f".SS {call}" for call in calls] + [f".B {option}" for option in told]
            assert len(wanted) > 60 and not [one for one in wanted if one not in page], \
                (name, [one for one in wanted if one not in page])
    with checks.that("each message of core that is told word for word is one of core's"):
        table = re.search(r"messages\[\] = {(.*?)};", (SOURCES / "cli" / "sgp-cli-words.c").read_text(), re.S)
        core = "".join(path.read_text() for path in (SOURCES / "core").glob("*.c"))
        core = re.sub(r'"\s*\n\s*"', "", core).replace('" SCHEMA_ID "', "org.siegelpost")
        messages = re.findall(r'N_\("(.*?)"\)', table.group(1))
        assert len(messages) > 20 and not [one for one in messages if f'"{one}"' not in core], \
            [one for one in messages if f'"{one}"' not in core]


def german(terminal, checks):
    sentence = "in German nothing is said in English or in nicks"
    cache = (build_dir() / "CMakeCache.txt").read_text()
    if f"CMAKE_INSTALL_LOCALEDIR:PATH={build_dir()}/locale" not in cache:
        checks.skip(sentence, "german", "the build looks for its words where it will be installed")
        return
    with checks.that(sentence):
        terminal.env.update(LOCPATH=str(make_locale(terminal.office.scratch, "de_DE.UTF-8")), LANG="de_DE.UTF-8",
                            LC_ALL="de_DE.UTF-8", LANGUAGE="de")
        done = terminal.call("assess", terminal.mail("deutsch.eml", terminal.office.erika))
        assert done.returncode == 3, done
        assert "Allgemein" in done.stdout and "eine Erlaubnis am Telefon" in done.stdout, done.stdout
        assert "general" not in done.stdout and "no-key" not in done.stdout, done.stdout
        terminal.refused(2, "consent", "add", "--kind", "phone", "--address", "erika@kunde.example", "--taken-by", "Sabine",
                         says="braucht einen Vorgang")


def run(office, checks):
    """All of it."""
    terminal = Terminal(office)
    files_and_recipients(terminal, checks)
    answers(terminal, checks)
    sealing(terminal, checks)
    records(terminal, checks)
    tampering(terminal, checks)
    large_history.run(terminal, checks)
    ledger_calls.run(terminal, checks)
    sendmail_face.run(terminal, checks)
    words(terminal, checks)
    german(terminal, checks)


def main():
    from checks import Checks
    from workplace import Workplace
    checks = Checks("command line")
    with Workplace() as office:
        run(office, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
