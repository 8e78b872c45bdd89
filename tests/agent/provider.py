# SPDX-License-Identifier: GPL-3.0-or-later
"""The provider probe on a small signed corner of DNS, and the transport rung through a real Postfix."""

import hashlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

import dns_world as dns  # noqa: E402
import policy_server as sts  # noqa: E402
from mail_system import plain_mail  # noqa: E402
from postfix_service import PostfixService, postfix_present  # noqa: E402
from scratch import build_dir, wait_for  # noqa: E402
from submission_server import SubmissionServer  # noqa: E402
from workplace import find_in_files  # noqa: E402

ZONE = dns.ZONE
MX = f"kahl.{ZONE}"
CANARY = "Kanarienvogel-8264"
PROGRAM = build_dir() / "plugin" / "cli" / "siegelpost"


class Terminal:
    """siegelpost with its own state and settings; values are GVariant text."""

    def __init__(self, office, world, name="provider"):
        self.office = office
        self.directory = office.scratch.directory(name)
        self.values = {"own-domains": "['agentur.example']", "dns-resolver": f"'{world.resolver}'",
                       "dns-trust-anchor": f"'{world.anchor}'", "policy-profile": "'by-class'",
                       "sendmail-command": "['/bin/false']"}
        self.mails = 0

    def argv(self, *words, **values):
        settings = self.directory / "settings.ini"
        lines = [f"{key}={value}" for key, value in {**self.values, **values}.items()]
        settings.write_text("[org.siegelpost]\n" + "\n".join(lines) + "\n")
        return [str(word) for word in (PROGRAM, "--state-dir", self.directory / "state", "--settings", settings, *words)]

    def call(self, *words, **values):
        return subprocess.run(self.argv(*words, **values), env=self.office.desktop.env, capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL)

    def json(self, status, *words, **values):
        """The answer, after the exit status was judged."""
        done = self.call("--json", *words, **values)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def provider(self, name, status, **values):
        return self.json(status, "provider", f"{name}.{ZONE}", **values)

    def mail(self, *recipients, text="Guten Tag.\n", subject="Termin", bcc=()):
        """A mail of Sabine's in a file."""
        message = plain_mail(self.office.sabine, recipients[0], subject, text)
        message.replace_header("To", ", ".join(str(one) for one in recipients))
        if bcc:
            message["Bcc"] = ", ".join(bcc)
        self.mails += 1
        path = self.directory / f"mail-{self.mails}.eml"
        path.write_bytes(message.as_bytes())
        return path

    def allow(self, *addresses):
        for address in addresses:
            self.json(0, "consent", "add", "--kind", "agreement", "--address", address, "--taken-by", "Sabine")

    def assess(self, status, mail, *options, **values):
        """The first recipient's channel."""
        return self.json(status, "assess", mail, *options, **values)["recipients"][0]["channel"]

    def spool(self):
        return [one for one in self.json(0, "spool", "list", "--all") if one["channel"] == "transport"]


def dane(terminal, world, checks):
    def found(name, status, transport, **more):
        report = terminal.provider(name, status)
        assert report["transport"] == transport, report
        assert {key: report[key] for key in more} == more, report
        return report

    with checks.that("every MX with usable TLSA records in a signed zone is verified transport"):
        report = found("gut", 0, "yes", dnssec="secure", dane="yes", domain=f"gut.{ZONE}")
        assert [(one["host"], one["preference"], one["dane"], one["tlsa"]) for one in report["mx"]] == \
            [(f"mx.{ZONE}", 10, "yes", 1), (f"mx2.{ZONE}", 20, "yes", 1)], report
    with checks.that("a domain is asked about as it is written: with an umlaut, a dot at the end, an address, an alias"):
        for name in (f"bücher.{ZONE}", f"GUT.{ZONE}.", f"erika@gut.{ZONE}", f"verweis.{ZONE}"):
            assert terminal.json(0, "provider", name)["transport"] == "yes", name
    with checks.that("one MX without TLSA, or with records that SMTP cannot use, is enough for no"):
        found("halb", 0, "no", dane="no", problem="not-enforced")
        assert found("alt", 0, "no", dane="no")["mx"][0]["tlsa"] == 0
    with checks.that("an aliased MX is asked for where the alias leads to, then by its own name"):
        found("zeiger", 0, "yes")
        found("zeiger2", 0, "yes")
    with checks.that("without MX the domain itself is the mail server"):
        assert found("selbst", 0, "yes")["mx"][0]["host"] == f"selbst.{ZONE}"
    with checks.that("a zone that nobody signs has no DANE, on the domain's side or the server's"):
        found("offen", 0, "no", dnssec="insecure")
        found("fremd", 0, "no", dnssec="secure")
    with checks.that("a domain that takes no mail, or is none, is a clear no"):
        found("null", 0, "no", problem="null-mx")
        found("leer", 0, "no", problem="no-mail-server")
        found("gibtsnicht", 0, "no", problem="no-domain")
        assert terminal.json(0, "provider", "x@[192.0.2.1]")["problem"] == "address-literal"
    with checks.that("a broken signature is unknown, wherever it stands: an attacker can break one"):
        for name in ("tlsa-kaputt", "adresse-kaputt", "mx-kaputt"):
            found(name, 2, "unknown", problem="bogus")
    with checks.that("a server that fails is unknown"):
        found("stumm", 2, "unknown", problem="dns")
        found("haengt", 2, "unknown", problem="dns")
    with checks.that("what is no domain is refused, and text for people says what was found"):
        assert terminal.call("provider", "a..b").returncode == 2
        assert terminal.call("provider").returncode == 1
        said = terminal.call("provider", f"halb.{ZONE}").stdout
        failed = terminal.call("provider", f"stumm.{ZONE}")
        assert "could not be found out" in failed.stderr and "doctor" in failed.stderr, failed
        assert f"kahl.{ZONE} (20): DANE no" in said and "no verified transport encryption" in said, said
    with checks.that("without a trust anchor nothing is found out, rather than everything unsigned"):
        values = {"dns-trust-anchor": "'/nonexistent'"}
        assert terminal.call("provider", f"gut.{ZONE}", **values).returncode == 2
        empty = terminal.directory / "empty.key"
        empty.write_text("; nothing\n")
        assert terminal.call("provider", f"gut.{ZONE}", **{"dns-trust-anchor": f"'{empty}'"}).returncode == 2


def between(terminal, world, checks):
    relay = dns.DnsRelay(world.port)
    values = {"dns-resolver": f"'{relay.resolver}'"}
    with checks.that("an answer that nobody signed stays so, whatever the resolver's AD bit says"):
        relay.sets_ad = True
        assert terminal.provider("offen", 0, **values)["dnssec"] == "insecure"
        assert terminal.provider("mx-kaputt", 2, **values)["dnssec"] == "bogus"
    with checks.that("a resolver that does not answer is unknown, within the time limit"):
        relay.is_silent = True
        started = time.monotonic()
        assert terminal.provider("gut", 2, **values)["problem"] == "dns"
        assert time.monotonic() - started < 12, time.monotonic() - started
    relay.stop()


POLICIES = {
    "sts": sts.plain(sts.policy(MX)),
    "sts-stern": sts.plain(sts.policy(f"*.{ZONE}", end="\n")),
    "sts-probe": sts.plain(sts.policy(MX, mode="testing")),
    "sts-aus": sts.plain("version: STSv1\nmode: none\nmax_age: 100\n"),
    "sts-andere": sts.plain(sts.policy("mx.example.org", f"*.x.{ZONE}", f"*.kahl.{ZONE}")),
    "sts-um": (302, {"Location": f"https://mta-sts.sts.{ZONE}/.well-known/mta-sts.txt", "Content-Type": "text/plain"}, ""),
    "sts-gross": sts.plain(sts.policy(MX) + "x: y\n" * 20000),
    "sts-html": (200, {"Content-Type": "text/html"}, sts.policy(MX)),
    "sts-weg": (404, {"Content-Type": "text/plain"}, sts.policy(MX)),
    "sts-wirr": sts.plain("mx: hello\n"),
    "sts-tropf": sts.drip,
    "sts-flut": sts.flood,
    "sts-zwei": sts.plain(sts.policy(MX)),
    "sts-halten": sts.plain(sts.policy(MX)),
    sts.EXPIRED: sts.plain(sts.policy(MX)),
    sts.WRONG_HOST: sts.plain(sts.policy(MX)),
    sts.SELF_SIGNED: sts.plain(sts.policy(MX)),
}


def policies(terminal, world, server, checks):
    def found(name, status, transport, state, problem=None):
        report = terminal.provider(name, status)
        assert (report["transport"], report["mta_sts"]["state"], report["mta_sts"]["problem"]) == \
            (transport, state, problem), report
        return report["mta_sts"]

    terminal.values.update({"mta-sts-ca-file": f"'{server.authority.file}'"})
    with checks.that("a policy host inside the office's own network is not talked to"):
        found("sts", 2, "unknown", "unknown", "private-address")
        assert not server.seen, server.seen
    terminal.values["mta-sts-allow-private"] = "true"
    with checks.that("an enforced policy that names every MX is verified transport"):
        policy = found("sts", 0, "yes", "enforced")
        assert (policy["mode"], policy["max_age"], policy["mx"]) == ("enforce", 86400, [MX]), policy
        found("sts-stern", 0, "yes", "enforced")
    with checks.that("a policy that tests, switches off, or names other hosts is a no"):
        found("sts-probe", 0, "no", "not-enforced")
        found("sts-aus", 0, "no", "not-enforced")
        found("sts-andere", 0, "no", "mismatch")
    with checks.that("two records are none (RFC 8461)"):
        found("sts-zwei", 0, "no", "none")
    with checks.that("a policy that cannot be had rightly is unknown, for each reason"):
        for name, problem in (("sts-um", "redirect"), ("sts-gross", "too-large"), ("sts-html", "content-type"),
                              ("sts-weg", "http-status"), ("sts-wirr", "syntax"), (sts.EXPIRED, "tls"),
                              (sts.WRONG_HOST, "tls"), (sts.SELF_SIGNED, "tls")):
            found(name, 2, "unknown", "unknown", problem)
        assert len([one for one in server.seen if one[0] == server.host("sts")]) == 1, server.seen
    with checks.that("a server that drips or never ends is given up in time"):
        started = time.monotonic()
        found("sts-tropf", 2, "unknown", "unknown", "timeout")
        found("sts-flut", 2, "unknown", "unknown", "too-large")
        assert time.monotonic() - started < 25
    with checks.that("a known enforced policy holds while its server and its record are gone, until it ends"):
        assert not found("sts-halten", 0, "yes", "enforced")["cached"]
        server.answers["sts-halten"] = 404, {"Content-Type": "text/plain"}, ""
        record = f'_mta-sts.sts-halten TXT "v=STSv1; id=1;"'
        world.change(record, record.replace("id=1", "id=2"))
        assert found("sts-halten", 0, "yes", "enforced", "http-status")["cached"]
        world.change(record.replace("id=1", "id=2"), '_mta-sts.sts-halten TXT "nothing"')
        terminal.values["dns-resolver"] = f"'{world.resolver}'"
        assert found("sts-halten", 0, "yes", "enforced")["cached"]
        report = terminal.json(0, "--now", "2030-01-01", "provider", f"sts-halten.{ZONE}")
        assert report["transport"] == "no", report


def ladder(terminal, world, checks):
    relay = dns.DnsRelay(world.port)
    erika = f"erika@gut.{ZONE}"
    terminal.allow(erika, f"olaf@halb.{ZONE}", f"karl@mx-kaputt.{ZONE}", "sofia@[192.0.2.1]")
    values = {"verified-submission": "'127.0.0.1:1'", "dns-resolver": f"'{relay.resolver}'"}
    mail = terminal.mail(erika)

    with checks.that("no DNS question is asked under strict, without a submission service, or for who may not be written to"):
        strict = dict(values, **{"policy-profile": "'strict'"})
        assert terminal.assess(3, mail, **strict)["kind"] is None
        assert terminal.assess(3, mail, **dict(values, **{"verified-submission": "''"}))["kind"] is None
        assert terminal.assess(3, terminal.mail(f"fremder@gut.{ZONE}"), **values)["kind"] is None
        assert not relay.asked, relay.asked
    with checks.that("protected content never goes by transport, and the provider hears nothing of it"):
        for options in (("--class", "health"), ("--class", "personal-insurance"), ("--class", "secrecy-203")):
            assert terminal.assess(3, mail, *options, **values)["kind"] is None
        sick = terminal.mail(erika, text="Die Diagnose lautet M54.5, der Befund liegt bei.\n")
        assert terminal.assess(3, sick, **values)["kind"] is None
        assert not relay.asked, relay.asked
    with checks.that("general mail to a provider with verified TLS goes by transport"):
        assert terminal.assess(0, mail, **values)["kind"] == "transport"
        assert any(name == f"gut.{ZONE}" for name in relay.asked)
    with checks.that("the answer is remembered: the next look asks nobody"):
        relay.asked.clear()
        assert terminal.assess(0, mail, **values)["kind"] == "transport"
        assert not relay.asked, relay.asked
    with checks.that("a provider without it is held, one that could not be asked waits"):
        channel = terminal.assess(3, terminal.mail(f"olaf@halb.{ZONE}"), **values)
        assert channel["refusal"] == "no-usable-channel", channel
        assert ("transport", "not-available") in [(one["channel"], one["reason"]) for one in channel["not_stronger"]]
        channel = terminal.assess(4, terminal.mail(f"karl@mx-kaputt.{ZONE}"), **values)
        assert channel["kind"] is None and channel["refusal"] == "unknown", channel
        assert terminal.assess(3, terminal.mail("sofia@[192.0.2.1]"), **values)["refusal"] == "no-usable-channel"
    with checks.that("allow-plain and an agreement that names it do not step past a provider that could not be asked"):
        terminal.json(0, "consent", "add", "--kind", "agreement", "--address", f"karl@mx-kaputt.{ZONE}", "--taken-by",
                      "Sabine", "--names-plain")
        plain = dict(values, **{"allow-plain": "true"})
        assert terminal.assess(4, terminal.mail(f"karl@mx-kaputt.{ZONE}"), **plain)["kind"] is None
    with checks.that("a silent resolver ends in a question, after the time limit of DNS"):
        terminal.allow(f"otto@sts.{ZONE}", f"otto@selbst.{ZONE}")
        relay.is_silent = True
        started = time.monotonic()
        mail = terminal.mail(f"otto@selbst.{ZONE}", f"otto@sts.{ZONE}")
        assert terminal.assess(4, mail, **values)["refusal"] == "unknown"
        assert time.monotonic() - started < 12, time.monotonic() - started
    relay.stop()


def with_postfix(office, terminal, authority, checks):
    people = {name: office.mail.add(f"{name}@gut.{ZONE}", name.title()) for name in ("erika", "anna", "berta", "voll", "weg")}
    postfix = PostfixService(office.scratch, authority.issue("submission", "localhost", "IP:127.0.0.1"), office.mail.port)
    postfix.start()
    terminal.allow(*(one.address for one in people.values()))
    terminal.values.update({"verified-submission": f"'127.0.0.1:{postfix.port}'",
                            "submission-ca-file": f"'{authority.file}'"})

    def send(*recipients, **more):
        return terminal.json(0, "send", terminal.mail(*recipients, **more))

    with checks.that("a transport copy leaves through Postfix over verified TLS, and each Bcc alone"):
        answer = send(people["erika"], people["anna"], text=f"Guten Tag, {CANARY}.\n", bcc=[people["berta"].address])
        assert answer["status"] == "committed" and answer["waiting"] == 0, answer
        got = {name: people[name].wait_for_mails(1)[0] for name in ("erika", "anna", "berta")}
        assert all(CANARY in mail.get_content() for mail in got.values())
        assert not any("berta" in str(mail).replace("Delivered-To: berta", "").replace("for <berta", "")
                       for name, mail in got.items() if name != "berta")
        assert got["berta"]["To"] == got["erika"]["To"] and not any(mail["Bcc"] for mail in got.values())
        envelopes = [one["to"] for one in office.mail.envelopes() if f"erika@gut.{ZONE}" in one["to"]]
        assert envelopes and all(f"berta@gut.{ZONE}" not in one for one in envelopes), envelopes
        assert "Anonymous TLS connection established from" in postfix.log() or "TLS connection established from" in \
            postfix.log(), postfix.log()
        assert [one["state"] for one in terminal.spool()] == ["done", "done"]
    with checks.that("where the service's certificate is not the office's authority's nothing leaves"):
        terminal.values["submission-ca-file"] = "'/etc/ssl/certs/ca-certificates.crt'"
        assert terminal.call("submission", "check").returncode == 2
        answer = send(people["anna"], subject="Ohne Vertrauen", text=f"{CANARY}\n")
        assert answer["waiting"] == 1 and [one["state"] for one in terminal.spool()].count("sealed") == 1, answer
        terminal.values["submission-ca-file"] = f"'{authority.file}'"
    with checks.that("what waits lies sealed, and leaves once when the service is trusted again"):
        assert not find_in_files(terminal.directory / "state", [CANARY, "Ohne Vertrauen"])
        assert terminal.call("submission", "check").returncode == 0
        assert terminal.call("spool", "retry").returncode == 0
        assert terminal.call("spool", "retry").returncode == 0
        people["anna"].wait_for_mails(2)
        assert {one["state"] for one in terminal.spool()} == {"done"}
    with checks.that("one recipient refused holds the copy for that one; the others have it, and get it once"):
        answer = send(people["erika"], people["weg"], subject="Teils")
        assert answer["waiting"] == 1
        copy = next(one for one in terminal.spool() if one["state"] == "held")
        assert copy["problem"] == "submission-refused" and copy["refused"] == [f"weg@gut.{ZONE}"] and \
            copy["reached"] == [f"erika@gut.{ZONE}"], copy
        assert terminal.call("spool", "retry", copy["id"]).returncode == 2
        assert len(people["erika"].wait_for_mails(2)) == 2
        assert terminal.call("spool", "drop", copy["id"], "--reason", "moved").returncode == 0
    with checks.that("one that is full for now is tried again alone"):
        answer = send(people["erika"], people["voll"], subject="Voll")
        assert answer["waiting"] == 1
        copy = next(one for one in terminal.spool() if one["state"] == "sealed")
        assert copy["problem"] == "submission-later" and copy["reached"] == [f"erika@gut.{ZONE}"], copy
        terminal.call("spool", "retry")
        assert len(people["erika"].wait_for_mails(3)) == 3
    postfix.stop()


def key_hash(certificate):
    """SHA-256 of the certificate's public key, as TLSA 3 1 1 has it."""
    public = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True, capture_output=True).stdout
    return hashlib.sha256(der).hexdigest()


class Providers:
    """Three mail servers on port 25 of addresses of their own: right, with wrong TLSA, without STARTTLS."""

    def __init__(self, authority):
        self.certificate = authority.issue("mx", f"mx-zug.{ZONE}")
        self.addresses = {name: sts.own_address() for name in ("zug", "falsch", "nackt")}
        self.resolver = sts.own_address()

    def records(self):
        good = key_hash(self.certificate.with_suffix(".crt"))
        for name, address in self.addresses.items():
            yield f"{name} MX 10 mx-{name}"
            yield f"mx-{name} A {address}"
            yield f"_25._tcp.mx-{name} TLSA 3 1 1 {dns.KEY_HASH if name == 'falsch' else good}"

    def start(self):
        return {name: SubmissionServer((address, 25), None if name == "nackt" else self.certificate)
                for name, address in self.addresses.items()}


def enforced(office, terminal, world, providers, authority, checks):
    """What the office's own Postfix does with it, with DANE or nothing (threat 18)."""
    servers = providers.start()
    resolver = dns.ValidatingResolver(office.scratch, world, providers.resolver)
    resolver.start()
    postfix = PostfixService(office.scratch, authority.issue("dane", "localhost", "IP:127.0.0.1"),
                             resolver=providers.resolver, name="postfix-dane")
    postfix.start()
    terminal.allow(*(f"erika@{name}.{ZONE}" for name in (*servers, "tlsa-kaputt")))
    terminal.values.update({"verified-submission": f"'127.0.0.1:{postfix.port}'", "submission-ca-file": f"'{authority.file}'"})

    def send(name):
        answer = terminal.json(0, "send", terminal.mail(f"erika@{name}.{ZONE}", text=f"{CANARY}\n"))
        assert answer["waiting"] == 0, answer

    with checks.that("with DANE all the way a mail arrives, and every word of it was inside TLS"):
        send("zug")
        wait_for("the mail", lambda: servers["zug"].mails, 30)
        heard = servers["zug"].heard
        assert CANARY in servers["zug"].mails[0][2] and heard.index("[tls]") < heard.index(CANARY), heard
    with checks.that("a wrong TLSA record, and a server whose STARTTLS was taken away, queue the mail: no word of it left"):
        send("falsch")
        send("nackt")
        wait_for("the queue", lambda: all(f"mx-{name}" in postfix.log() and f"erika@{name}.{ZONE}" in postfix.queue()
                                          for name in ("falsch", "nackt")), 30)
        for name in ("falsch", "nackt"):
            assert not [line for line in servers[name].heard if CANARY in line or line.startswith("MAIL")], servers[name].heard
    with checks.that("where a signature is broken it is not sent at all: a question"):
        mail = terminal.mail(f"erika@tlsa-kaputt.{ZONE}", text=f"{CANARY}\n")
        assert terminal.json(4, "send", mail)["status"] == "ask"
    postfix.stop()
    resolver.stop()
    for server in servers.values():
        server.stop()


def odd_services(office, terminal, checks):
    server = SubmissionServer()
    erika = f"erika@gut.{ZONE}"
    terminal.allow(erika)
    terminal.values.update({"verified-submission": f"'127.0.0.1:{server.port}'", "submission-ca-file": "''"})

    def send(**more):
        assert terminal.json(0, "send", terminal.mail(erika, **more))["waiting"] == 1
        return terminal.spool()[-1]

    def retry(*words):
        return terminal.call("spool", "retry", *words).returncode

    with checks.that("a mail that is refused is held with a sentence, and nothing of it was said before the refusal"):
        server.script = {"MAIL": "550 5.7.1 not you"}
        copy = send(text=f"{CANARY}\n")
        assert (copy["state"], copy["problem"]) == ("held", "submission-refused"), copy
        assert not [line for line in server.heard if CANARY in line], server.heard
        assert "the submission service refuses it" in terminal.call("spool", "list").stdout
    with checks.that("a held copy leaves after all when a person says so"):
        server.script = {}
        assert retry(copy["id"]) == 0 and len(server.mails) == 1 and terminal.spool()[-1]["state"] == "done"
    with checks.that("a 4xx at the end is tried again, and arrives once"):
        server.script = {".": "451 4.7.5 no verified TLS"}
        assert send()["state"] == "sealed" and len(server.mails) == 1
        server.script = {}
        assert retry() == 0 and len(server.mails) == 2
    with checks.that("no answer to the end is held: it may have left; and is not sent again by itself"):
        server.script = {".": ""}
        copy = send()
        assert (copy["state"], copy["problem"]) == ("held", "maybe-left"), copy
        server.script = {}
        retry()
        assert terminal.spool()[-1]["state"] == "held" and len(server.mails) == 2
    with checks.that("a person may send it again: under the same Message-ID"):
        heard = [line for line in server.heard if line.lower().startswith("message-id:")]
        assert retry(copy["id"]) == 0 and len(server.mails) == 3
        assert heard[-1] in server.mails[-1][2], (heard[-1], server.mails[-1])
    with checks.that("killed between the end of the mail and its answer, nothing is sent twice, and nothing is lost"):
        reached = []
        server.script = {".": lambda: reached.append(1) or time.sleep(20) or "250 ok"}
        process = subprocess.Popen(terminal.argv("send", terminal.mail(erika, subject="Absturz")), env=office.desktop.env,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the end of the mail", lambda: reached, 15)
        assert terminal.spool()[-1]["state"] == "publishing"
        assert terminal.call("spool", "drop", terminal.spool()[-1]["id"], "--reason", "x").returncode == 2
        process.kill()
        process.wait(10)
        server.script = {}
        before = len(server.mails)
        retry()
        copy = terminal.spool()[-1]
        assert (copy["state"], copy["problem"]) == ("held", "maybe-left") and len(server.mails) == before, copy
        retry()
        assert len(server.mails) == before
        assert terminal.call("spool", "drop", copy["id"], "--reason", "told by phone").returncode == 0
    with checks.that("a log-in needs a password in the keyring, which 'submission password' puts there"):
        values = {"submission-user": "'sabine'"}
        server.script = {"EHLO": "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN", "AUTH": "235 welcome"}
        assert terminal.call("submission", "check", **values).returncode == 2
        secret = terminal.directory / "password"
        secret.write_text("geheim\n")
        assert terminal.call("submission", "password", "--password-file", secret, **values).returncode == 0
        assert terminal.call("submission", "check", **values).returncode == 0
        assert "AUTH PLAIN AHNhYmluZQBnZWhlaW0=" in server.heard
    with checks.that("doctor looks at the service and at DNSSEC, and says how to mend them"):
        def found(**more):
            done = terminal.call("--json", "doctor", **{**values, **more})
            return {one["check"]: (one["ok"], one["remedy"]) for one in json.loads(done.stdout)["checks"]}

        assert found()["submission service"][0] and found()["DNS with DNSSEC"][0]
        wrong = found(**{"verified-submission": "'127.0.0.1:1'", "dns-trust-anchor": "''"})
        assert not wrong["submission service"][0] and "verified-submission" in wrong["submission service"][1], wrong
        assert not wrong["DNS with DNSSEC"][0] and "dns-root-data" in wrong["DNS with DNSSEC"][1], wrong
        assert "submission service" not in found(**{"policy-profile": "'strict'"})
    server.stop()


def through_the_agent(office, terminal, world, checks):
    from gi.repository import GLib
    server = SubmissionServer()
    erika = f"erika@gut.{ZONE}"
    settings = {"dns-resolver": world.resolver, "dns-trust-anchor": str(world.anchor), "policy-profile": "by-class",
                "verified-submission": f"127.0.0.1:{server.port}"}
    for key, value in settings.items():
        office.agent.set(key, GLib.Variant("s", value))
    office.cli("consent", "add", "--kind", "agreement", "--address", erika, "--taken-by", "Sabine")
    with checks.that("from a mail program a transport copy is the agent's to deliver: the program never gets it"):
        given = [one[0] for one in office.pending()]
        result = office.prepare(office.compose(erika, text=f"{CANARY}\n"), "transport-1")
        assert result["status"] == "committed", result
        wait_for("the mail at the submission service", lambda: server.mails, 20)
        assert server.mails[0][:2] == ("sabine@agentur.example", [erika]) and CANARY in server.mails[0][2]
        copies = [one for one in office.pending() if one[0] not in given]
        assert all(is_sent for _copy, is_sent, *_rest in copies), copies
        for copy, *_rest in copies:
            office.take_over(copy)
        transport = next(one for one in office.agent.spool() if one["channel"] == "transport")
        assert wait_for("the record", lambda: next(one for one in office.agent.spool() if one["id"] == transport["id"])
                        ["state"] == "done", 10)
        allowed, reason = office.may_leave(transport["id"], "00", [erika])
        assert not allowed and reason == "not-committed", (allowed, reason)
    with checks.that("a silent resolver does not keep the writer waiting; what comes late is known the next time"):
        relay = dns.DnsRelay(world.port)
        olaf = f"olaf@selbst.{ZONE}"
        office.cli("consent", "add", "--kind", "agreement", "--address", olaf, "--taken-by", "Sabine")
        office.agent.set("dns-resolver", GLib.Variant("s", relay.resolver))
        typed = {"from": GLib.Variant("s", str(office.sabine)), "to": GLib.Variant("as", [olaf]),
                 "subject": GLib.Variant("s", "Termin"), "text": GLib.Variant("s", "Guten Tag.")}

        def channel():
            verdict = json.loads(office.agent.call("Assess", GLib.Variant("(a{sv})", (typed,)))[0])
            return verdict["recipients"][0]["channel"]

        relay.is_silent = True
        started = time.monotonic()
        assert channel()["refusal"] == "unknown"
        assert time.monotonic() - started < 5, time.monotonic() - started
        relay.is_silent = False
        assert wait_for("the provider", lambda: channel()["kind"] == "transport", 45)
        relay.stop()
    for key in settings:
        office.agent.set(key, GLib.Variant("s", "strict" if key == "policy-profile" else ""))
    server.stop()


def can_enforce(providers):
    """Whether ports below 1024, unbound and a mount namespace can be had."""
    return shutil.which("unbound", path="/usr/sbin:/usr/bin") is not None and \
        all(sts.can_listen(address, 25) for address in providers.addresses.values()) and \
        sts.can_listen(providers.resolver, 53) and \
        subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


def run(office, checks):
    """All of it; the office's session is running."""
    if not dns.dns_tools_present():
        checks.skip("the provider is probed", "dns", "nsd or ldnsutils is missing")
        return
    address = sts.own_address()
    server = sts.PolicyServer(office.scratch.directory("policies"), address, ZONE)
    server.answers = dict(POLICIES)
    records = []
    for name in POLICIES:
        records += dns.policy_records(name, address, *(("1", "2") if name == "sts-zwei" else ("1",)))
    providers = Providers(server.authority)
    world = dns.DnsWorld(office.scratch, [*records, *providers.records()])
    world.start()
    terminal = Terminal(office, world)
    dane(terminal, world, checks)
    between(terminal, world, checks)
    if sts.can_listen(address) and shutil.which("faketime"):
        server.start()
        policies(terminal, world, server, checks)
        server.stop()
    else:
        checks.skip("MTA-STS policies are fetched", "sts", "port 443 of loopback cannot be used, or faketime is missing")
    ladder(terminal, world, checks)
    if postfix_present():
        with_postfix(office, terminal, server.authority, checks)
    else:
        checks.skip("transport copies leave through Postfix", "postfix", "Postfix is missing, or this is not root")
    if postfix_present() and can_enforce(providers):
        enforced(office, Terminal(office, world, "dane"), world, providers, server.authority, checks)
    else:
        checks.skip("Postfix enforces DANE", "dane", "ports 25 and 53 of loopback, unbound, or a mount namespace are missing")
    odd_services(office, Terminal(office, world, "odd"), checks)
    through_the_agent(office, terminal, world, checks)
    world.stop()


def main():
    from checks import Checks
    from workplace import Workplace
    checks = Checks("provider")
    with Workplace("provider") as office:
        office.start_session()
        run(office, checks)
    return checks.finish()


if __name__ == "__main__":
    sys.exit(main())
