# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as they come: by mail, from a domain's key directory, by hand; and what the command line makes of each."""

import base64
import json
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

import dns_world as dns  # noqa: E402
import policy_server  # noqa: E402
from openpgp import Keyring  # noqa: E402
from scratch import build_dir  # noqa: E402

PROGRAM = build_dir() / "plugin" / "cli" / "siegelpost"
DATE = "Mon, 23 Nov 2026 10:00:00 +0000"
NOW = "2026-11-24T10:00:00Z"
DIRECTORY = f"verzeichnis.{dns.ZONE}"
EMPTY = f"leeres.{dns.ZONE}"
ELSEWHERE = f"umgezogen.{dns.ZONE}"


class Terminal:
    """siegelpost with a state, a keyring and settings of its own."""

    def __init__(self, office, name, **values):
        self.office = office
        self.env = office.desktop.env
        self.directory = office.scratch.directory(name)
        self.keyring = Keyring(self.directory / "gnupg")
        self.values = {"own-domains": "['agentur.example']", "gnupg-home": f"'{self.keyring.home}'", **values}

    def call(self, *words, **values):
        settings = self.directory / "settings.ini"
        lines = [f"{key.replace('_', '-')}={value}" for key, value in {**self.values, **values}.items()]
        settings.write_text("[org.siegelpost]\n" + "\n".join(lines) + "\n")
        argv = [PROGRAM, "--state-dir", self.directory / "state", "--settings", settings, *words]
        return subprocess.run([str(word) for word in argv], env=self.env, capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)

    def json(self, status, *words, **values):
        done = self.call("--json", *words, **values)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def receive(self, name, sender, *headers, text="Was kostet die Haftpflicht?", folder=None):
        """A mail of a customer's, whole, into the history."""
        path = self.directory / f"{name}.eml"
        lines = [f"From: {sender}", "To: sabine@agentur.example", "Subject: Frage", f"Message-ID: <{name}@kunde.example>",
                 f"Date: {DATE}", *headers, "", text, ""]
        path.write_text("\n".join(lines))
        options = ["--folder", folder] if folder else []
        done = self.call("history", "add", *options, path)
        assert done.returncode == 0, done.stderr

    def reply(self, name, recipient):
        """Sabine's answer to that mail, in a file."""
        path = self.directory / f"re-{name}.eml"
        path.write_text(f"From: sabine@agentur.example\nTo: {recipient}\nSubject: AW: Frage\n"
                        f"In-Reply-To: <{name}@kunde.example>\nMessage-ID: <re-{name}@agentur.example>\nDate: {DATE}\n\n"
                        "Guten Tag.\n")
        return path

    def channel(self, status, mail, *options, **values):
        """The first recipient's channel, and what is reported of each key."""
        first = self.json(status, "--now", NOW, "assess", mail, *options, **values)["recipients"][0]
        keys = {rung["key"]: (rung["reason"], rung["detail"]) for rung in first["channel"]["not_stronger"] if rung["key"]}
        return first["channel"]["kind"], keys, first

    def candidates(self):
        return [one["fingerprint"] for one in self.json(0, "keys", "candidates")]

    def seal(self, status, mail, name, **values):
        """The sealed copies' directory."""
        out = self.directory / name
        done = self.call("--now", NOW, "seal", mail, "--out", out, **values)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return out


def autocrypt(keyring, fingerprint, address):
    """The header as mail programs write it."""
    binary = keyring.gpg("--export", fingerprint).stdout
    lines = base64.encodebytes(binary).decode().split()
    return f"Autocrypt: addr={address}; prefer-encrypt=mutual; keydata=\n " + "\n ".join(lines)


def another_key(keyring, name, address):
    """A second key for an address that has one."""
    before = keyring.fingerprints(address)
    keyring.make_key(name, address)
    return next(one for one in keyring.fingerprints(address) if one not in before)


def by_mail(office, checks, people):
    terminal = Terminal(office, "keys-by-mail")
    erika = people.make_key("Erika Eiche", "erika@kunde.example")
    forged = another_key(people, "Erika Eiche (neu)", "erika@kunde.example")
    mallory = people.make_key("Mallory", "mallory@evil.example")
    address = "erika@kunde.example"
    with checks.that("a key in a mail's header waits, and is no channel"):
        terminal.receive("m1", "Erika <erika@kunde.example>", autocrypt(people, erika, address))
        assert terminal.candidates() == [erika]
        kind, keys, first = terminal.channel(3, terminal.reply("m1", address))
        assert kind is None and keys == {erika: ("not-verified", "candidate")}, keys
        assert f"accept-key:{erika}" in first["basis"]["remedies"], first["basis"]
        assert terminal.keyring.fingerprints(address) == []
    with checks.that("lookup says where a key came from and that nobody accepted it"):
        found = terminal.json(0, "keys", "lookup", "Erika@Kunde.EXAMPLE")
        assert found["known"] and [one["origin"] for one in found["keys"]] == ["autocrypt"], found
        assert found["keys"][0]["state"] == "not-verified" and not found["keys"][0]["verified"]
        said = terminal.call("keys", "lookup", address).stdout
        assert erika in said and "nobody has accepted it yet" in said, said
    with checks.that("only what a person wrote brings keys, and only the writer's own"):
        header = autocrypt(people, mallory, "mallory@evil.example")
        terminal.receive("l1", "mallory@evil.example", header, "List-Id: <liste.example>")
        terminal.receive("l2", "mallory@evil.example", header, "Auto-Submitted: auto-replied")
        terminal.receive("l3", "mallory@evil.example", header, header)
        terminal.receive("l4", "mallory@evil.example", header, folder="Junk")
        terminal.receive("l5", "mallory@evil.example", header, folder="Sent")
        terminal.receive("l6", "erika@kunde.example", autocrypt(people, mallory, address))
        terminal.receive("l7", "olaf@kunde.example", autocrypt(people, erika, address))
        assert terminal.candidates() == [erika]
    acceptance(terminal, checks, erika, address)
    with checks.that("a key that a later mail brings neither replaces the accepted one nor asks"):
        terminal.receive("m2", "Erika <erika@kunde.example>", autocrypt(people, forged, address))
        kind, keys, _first = terminal.channel(0, terminal.reply("m1", address))
        assert kind == "openpgp" and keys == {forged: ("not-verified", "candidate")}, keys
        assert terminal.candidates() == [forged]


def acceptance(terminal, checks, fingerprint, address):
    groups = [fingerprint[i:i + 4] for i in range(0, 40, 4)]
    with checks.that("accepting needs the whole fingerprint and the right address, and says what is wrong"):
        for words, says in (((fingerprint[24:], "--address", address), "not a whole fingerprint"),
                            (("Erika", "--address", address), "not a whole fingerprint"),
                            ((fingerprint, "--address", "max@kunde.example"), "no such key"),
                            (("0" * 40, "--address", address), "no such key"),
                            ((fingerprint, "--address", "nobody"), "no @")):
            done = terminal.call("keys", "accept", *words)
            assert done.returncode == 2 and says in done.stderr and len(done.stderr.splitlines()) == 2, done
        assert terminal.call("keys", "accept", fingerprint).returncode == 1
    with checks.that("an accepted candidate is in the keyring, counts, and waits no more"):
        done = terminal.call("keys", "accept", *groups, "--address", address.upper())
        assert done.returncode == 0 and "counts for" in done.stdout, done
        assert terminal.candidates() == [] and terminal.keyring.fingerprints(address) == [fingerprint]
        kind, keys, _first = terminal.channel(0, terminal.reply("m1", address))
        assert kind == "openpgp" and keys == {}, keys
        found = terminal.json(0, "keys", "lookup", address)["keys"][0]
        assert (found["state"], found["standing"], found["origin"]) == ("usable", "verified", "keyring"), found
    with checks.that("where accepted keys do not count, accept says so"):
        done = terminal.call("keys", "accept", fingerprint, "--address", address, openpgp_trust="['portal']")
        assert done.returncode == 0 and "'marked'" in done.stderr, done


def first_use(office, checks, people):
    terminal = Terminal(office, "keys-first-use", **{"openpgp-trust": "['marked', 'tofu']"})
    address = "otto@kunde.example"
    first = people.make_key("Otto", address)
    second = another_key(people, "Otto (zwei)", address)
    terminal.receive("m1", address, autocrypt(people, first, address))
    with checks.that("where the office trusts first use, a key from mail serves general mail and no other"):
        mail = terminal.reply("m1", address)
        assert terminal.channel(0, mail)[0] == "openpgp"
        kind, keys, _first = terminal.channel(3, mail, "--class", "health")
        assert kind is None and keys == {first: ("not-verified", "tofu")}, keys
        kind, _keys, _first = terminal.channel(0, mail, "--class", "health",
                                               openpgp_trust="['marked', 'tofu', 'tofu-protected']")
        assert kind == "openpgp"
    with checks.that("sealing to such a key leaves the keyring as it was, and its owner can read it"):
        out = terminal.seal(0, mail, "sealed")
        sealed = (out / "001-openpgp.eml").read_text()
        armor = sealed[sealed.index("-----BEGIN PGP MESSAGE"):sealed.index("-----END PGP MESSAGE-----") + 26]
        plain, _signers = people.decrypt(armor.encode())
        assert b"Guten Tag." in plain and terminal.keyring.fingerprints(address) == []
    with checks.that("a second key by mail is a question, and both are named"):
        terminal.receive("m2", address, autocrypt(people, second, address))
        decided = terminal.json(4, "--now", NOW, "assess", mail)
        asked = [one for one in decided["questions"] if one["kind"] == "key-conflict"]
        assert len(asked) == 1 and first in asked[0]["detail"] and second in asked[0]["detail"], decided["questions"]


def renewal(office, checks, people):
    terminal = Terminal(office, "keys-renewal")
    address = "rita@kunde.example"
    people.gpg("--faked-system-time", "20240101T000000", "--quick-generate-key", f"Rita <{address}>", "ed25519", "default",
               "2026-01-01")
    rita = people.fingerprints(address)[0]
    people.gpg("--quick-add-key", rita, "cv25519", "encr", "never")
    terminal.keyring.import_key(people.export(rita))
    assert terminal.call("keys", "accept", rita, "--address", address).returncode == 0
    terminal.receive("n1", address)
    mail = terminal.reply("n1", address)
    with checks.that("an accepted key that has ended, and that its owner sends with a later end, waits to be looked at"):
        assert terminal.channel(3, mail)[1] == {rita: ("expired", "2026-01-01")}
        people.gpg("--quick-set-expire", rita, "5y")
        terminal.receive("n2", address, autocrypt(people, rita, address))
        first = terminal.channel(3, mail)[2]
        assert [(one["reason"], one["detail"]) for one in first["channel"]["not_stronger"] if one["key"] == rita] == \
            [("not-verified", "candidate"), ("expired", "2026-01-01")], first
        assert f"accept-key:{rita}" in first["basis"]["remedies"] and terminal.candidates() == [rita], first
    with checks.that("accepting it puts the later end into the keyring, and the key is used again"):
        assert "counts for" in terminal.call("keys", "accept", rita, "--address", address).stdout
        assert terminal.candidates() == []
        assert [one["origin"] for one in terminal.json(0, "keys", "lookup", address)["keys"]] == ["keyring"]
        assert terminal.channel(0, mail)[:2] == ("openpgp", {})
    with checks.that("an own key whose agent cannot be started is not 'no key': nothing is sealed without it"):
        terminal.keyring.make_key("Sabine", "sabine@agentur.example")
        terminal.keyring.close()
        configuration = terminal.keyring.home / "gpg.conf"
        configuration.write_text("agent-program /bin/false\n")
        done = terminal.call("--now", NOW, "seal", mail, "--out", terminal.directory / "unsigned")
        assert done.returncode == 2 and "agent" in done.stderr, done
        assert not list(terminal.directory.glob("unsigned/*.eml"))
        configuration.unlink()
        terminal.seal(0, mail, "signed")


def slow_keyring(office, checks, people):
    """gpg as it is with many keys on a slow machine."""
    terminal = Terminal(office, "keys-slow")
    address = "lena@kunde.example"
    terminal.keyring.make_key("Lena", address)
    terminal.receive("s1", address)
    programs = terminal.directory / "bin"
    programs.mkdir()
    gpg, gpgconf = shutil.which("gpg"), shutil.which("gpgconf")
    (programs / "gpg").write_text(f"#!/bin/sh\ncase \"$*\" in *--list-keys*) sleep 3;; esac\nexec {gpg} \"$@\"\n")
    (programs / "gpgconf").write_text("#!/bin/sh\n[ \"$1\" = --list-components ] || exec "
                                      f"{gpgconf} \"$@\"\n{gpgconf} \"$@\" | sed 's,{gpg}$,{programs}/gpg,'\n")
    for name in ("gpg", "gpgconf"):
        (programs / name).chmod(0o700)
    terminal.env = {**terminal.env, "PATH": f"{programs}:{terminal.env['PATH']}"}
    with checks.that("a keyring that is slow to read is waited for: the call ends with its answer, and no later one has it"):
        assert terminal.channel(0, terminal.reply("s1", address))[0] == "openpgp"


class KeyDirectory(policy_server.PolicyServer):
    """Key directories of several domains on one address: host -> what is sent."""

    def host(self, name):
        return f"{name}.{self.zone}"

    def publish(self, name, body, status="200 OK", **headers):
        head = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        data = f"HTTP/1.1 {status}\r\n{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body
        self.answers[name] = lambda connection: connection.sendall(data)


def directories(office, checks, people):
    address = policy_server.own_address()
    sentence = "a domain's key directory is asked for people who may be written to"
    if not dns.dns_tools_present() or not policy_server.can_listen(address):
        checks.skip(sentence, "dns", "NSD, ldns and the right to listen on port 443 are needed")
        return
    hosts = [f"openpgpkey.verzeichnis A {address}", f"openpgpkey.leeres A {address}", f"umgezogen A {address}"]
    world = dns.DnsWorld(office.scratch, extra=hosts)
    world.start()
    anna = people.make_key("Anna", f"anna@{DIRECTORY}")
    server = KeyDirectory(office.scratch.directory("key-directory"), address, dns.ZONE)
    server.publish("openpgpkey.verzeichnis", people.gpg("--export", anna).stdout)
    server.publish("openpgpkey.leeres", b"", status="404 Not Found")
    server.publish("umgezogen", b"", status="302 Found", Location=f"https://openpgpkey.{DIRECTORY}/")
    server.start()
    values = {"dns-resolver": f"'{world.resolver}'", "dns-trust-anchor": f"'{world.anchor}'",
              "wkd-ca-file": f"'{server.authority.file}'", "wkd-allow-private": "true", "openpgp-trust": "['wkd']"}
    terminal = Terminal(office, "keys-directory", **values)
    try:
        ask_directories(terminal, checks, server, anna, sentence)
    finally:
        server.stop()
        world.stop()


def ask_directories(terminal, checks, server, anna, sentence):
    person = f"anna@{DIRECTORY}"
    terminal.receive("w1", person)
    terminal.receive("w2", f"leer@{EMPTY}")
    terminal.receive("w3", f"weg@{ELSEWHERE}")
    mail = terminal.reply("w1", person)
    with checks.that("an assessment asks no directory; what nobody asked is unknown"):
        first = terminal.json(4, "--now", NOW, "assess", mail)["recipients"][0]["channel"]
        assert first["refusal"] == "unknown" and server.seen == [], (first, server.seen)
        assert ("openpgp", "unknown") in [(one["channel"], one["reason"]) for one in first["not_stronger"]]
    with checks.that("nobody learns of a mail that may not be written"):
        terminal.seal(3, terminal.reply("nothing", f"fremd@{DIRECTORY}"), "none")
        assert server.seen == []
    with checks.that("where directories are not trusted, none is asked"):
        terminal.seal(3, mail, "untrusted", openpgp_trust="['marked']")
        assert server.seen == []
    with checks.that("a server with a private address is not asked unless the settings allow it"):
        terminal.seal(4, mail, "private", wkd_allow_private="false")
        assert server.seen == []
    with checks.that(sentence):
        out = terminal.seal(0, mail, "sealed")
        assert (out / "001-openpgp.eml").exists() and terminal.keyring.fingerprints(person) == []
        assert len(server.seen) == 1 and f"/openpgpkey/{DIRECTORY}/hu/" in server.seen[0][1], server.seen
    with checks.that("a directory is asked once a day"):
        terminal.seal(0, mail, "again")
        assert terminal.channel(0, mail)[0] == "openpgp" and len(server.seen) == 1
        assert terminal.json(4, "--now", "2026-11-26T10:00:00Z", "assess", mail)["action"] == "ask"
    with checks.that("a directory without the key is an answer, a redirect and a wrong certificate are none"):
        terminal.seal(3, terminal.reply("w2", f"leer@{EMPTY}"), "empty")
        terminal.seal(4, terminal.reply("w3", f"weg@{ELSEWHERE}"), "moved")
        assert len(server.seen) == 3, server.seen
        done = terminal.call("keys", "lookup", "--wkd", person, wkd_ca_file="''")
        assert done.returncode == 2 and "key directory" in done.stderr, done
    with checks.that("lookup asks when it is told to, whatever is trusted, and trusts no more for it"):
        found = terminal.json(0, "keys", "lookup", "--wkd", person, openpgp_trust="['marked']")["keys"]
        assert [(one["fingerprint"], one["state"], one["origin"]) for one in found] == [(anna, "not-verified", "wkd")]


def run(office, checks):
    """All of it."""
    people = Keyring(office.scratch.directory("keys-people") / "gnupg")
    by_mail(office, checks, people)
    first_use(office, checks, people)
    renewal(office, checks, people)
    slow_keyring(office, checks, people)
    directories(office, checks, people)


def main():
    from checks import Checks
    from workplace import Workplace
    checks = Checks("keys")
    with Workplace(name="keys") as office:
        run(office, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
