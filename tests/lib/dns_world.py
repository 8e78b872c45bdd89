# SPDX-License-Identifier: GPL-3.0-or-later
"""A small signed corner of DNS on loopback: NSD, zones signed by ldns, a trust anchor of its own.

    world = DnsWorld(scratch, policy_address="127.9.8.7")
    world.start()
    world.resolver      "127.0.0.1@PORT", for the setting dns-resolver
    world.anchor        file, for the setting dns-trust-anchor

Everything lies below the zone `welt.example`, which is signed; `offen.welt.example` is a delegation that
nobody signed, `stumm.welt.example` one whose server answers SERVFAIL.
"""

import hashlib
import re
import shutil
import subprocess
import threading

from scratch import free_port, wait_for

ZONE = "welt.example"
OPEN = f"offen.{ZONE}"
DUMB = f"stumm.{ZONE}"
KEY_HASH = hashlib.sha256(b"the key of the mail server").hexdigest()

# Domains below the zone: name -> lines without the origin. "mx" has TLSA records, "kahl" has none.
RECORDS = """
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
mx A 192.0.2.10
mx AAAA 2001:db8::10
_25._tcp.mx TLSA 3 1 1 {hash}
mx2 A 192.0.2.11
_25._tcp.mx2 TLSA 2 0 2 {hash}{hash}
kahl A 192.0.2.12
pkix A 192.0.2.13
_25._tcp.pkix TLSA 1 1 1 {hash}
_25._tcp.pkix TLSA 3 1 1 abcd
_25._tcp.pkix TLSA 3 1 9 {hash}
alias CNAME mx
eigen CNAME kahl
_25._tcp.eigen TLSA 3 1 1 {hash}
faul A 192.0.2.14
_25._tcp.faul TLSA 3 1 1 {hash}
schief A 192.0.2.15
_25._tcp.schief TLSA 3 1 1 {hash}
gut MX 10 mx
gut MX 20 mx2
halb MX 10 mx
halb MX 20 kahl
alt MX 10 pkix
zeiger MX 10 alias
zeiger2 MX 10 eigen
tlsa-kaputt MX 10 faul
adresse-kaputt MX 10 schief
mx-kaputt MX 10 mx
fremd MX 10 mx.{open}.
null MX 0 .
selbst A 192.0.2.16
_25._tcp.selbst TLSA 3 1 1 {hash}
leer TXT "no mail here"
verweis CNAME gut
xn--bcher-kva MX 10 mx
haengt MX 10 mx.{dumb}.
offen NS ns.offen
ns.offen A 127.0.0.1
stumm NS ns.stumm
ns.stumm A 127.0.0.1
"""

OPEN_RECORDS = """
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
@ MX 10 mx.{zone}.
mx A 192.0.2.20
_25._tcp.mx TLSA 3 1 1 {hash}
"""

# Owner and type of the signatures that are broken after signing.
BROKEN = [("_25._tcp.faul", "TLSA"), ("schief", "A"), ("mx-kaputt", "MX")]


def dns_tools_present():
    """Whether NSD and ldns are there."""
    return all(shutil.which(name) or shutil.which(name, path="/usr/sbin") for name in
               ("nsd", "ldns-keygen", "ldns-signzone"))


def zone_text(origin, lines, **values):
    """A zone file; lines are OWNER TYPE DATA."""
    text = [f"$ORIGIN {origin}.", "$TTL 600"]
    for line in lines.strip().splitlines():
        owner, kind, data = line.format(open=OPEN, dumb=DUMB, zone=ZONE, hash=KEY_HASH, **values).split(" ", 2)
        text.append(f"{owner} IN {kind} {data}")
    return "\n".join(text) + "\n"


def policy_records(name, address, *ids):
    """An MX without TLSA, and the MTA-STS records of a domain."""
    lines = [f"{name} MX 10 kahl", f"mta-sts.{name} A {address}"]
    return lines + [f'_mta-sts.{name} TXT "v=STSv1; id={one};"' for one in ids]


class DnsWorld:
    """The zones and their server."""

    def __init__(self, scratch, extra=()):
        self.scratch = scratch
        self.directory = scratch.directory("dns")
        self.extra = list(extra)
        self.port = None
        self.process = None
        self.key = None

    @property
    def resolver(self):
        return f"127.0.0.1@{self.port}"

    @property
    def anchor(self):
        return self.directory / "anchor.key"

    def run(self, *argv):
        return subprocess.run([str(word) for word in argv], cwd=self.directory, check=True, capture_output=True,
                              text=True).stdout

    def sign(self):
        """Write and sign the zone; then break the signatures that are to be broken."""
        if self.key is None:
            self.key = self.run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ZONE).strip()
            shutil.copy(self.directory / f"{self.key}.key", self.anchor)
        plain = self.directory / "zone"
        plain.write_text(zone_text(ZONE, RECORDS + "\n".join(self.extra)))
        self.run("ldns-signzone", "-f", "zone.signed", plain, self.key)
        signed = self.directory / "zone.signed"
        signed.write_text("\n".join(map(broken, signed.read_text().splitlines())) + "\n")
        (self.directory / "open").write_text(zone_text(OPEN, OPEN_RECORDS))

    def start(self):
        self.sign()
        self.port = free_port()
        configuration = self.directory / "nsd.conf"
        configuration.write_text(f"""server:
  ip-address: 127.0.0.1@{self.port}
  username: ""
  zonesdir: "{self.directory}"
  pidfile: ""
  xfrdfile: "{self.directory}/xfrd.state"
  zonelistfile: "{self.directory}/zone.list"
  xfrdir: "{self.directory}"
  database: ""
  server-count: 1
  verbosity: 0
remote-control:
  control-enable: no
zone:
  name: {ZONE}
  zonefile: zone.signed
zone:
  name: {OPEN}
  zonefile: open
zone:
  name: {DUMB}
  zonefile: missing
""")
        nsd = shutil.which("nsd") or "/usr/sbin/nsd"
        self.process = self.scratch.spawn([nsd, "-d", "-c", configuration], log="nsd")
        wait_for("the name server", self.answers, 15)

    def answers(self):
        """Whether the server answers for the zone."""
        import socket
        question = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + b"".join(
            bytes([len(label)]) + label.encode() for label in ZONE.split(".")) + b"\x00\x00\x06\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.3)
            probe.sendto(question, ("127.0.0.1", self.port))
            try:
                return probe.recv(512)[3] & 15 == 0
            except OSError:
                return False

    def stop(self):
        """The server is gone: questions get no answer."""
        self.scratch.stop(self.process)

    def change(self, old, new):
        """Replace a record, and serve the new zone."""
        assert old in self.extra, old
        self.extra[self.extra.index(old)] = new
        self.stop()
        self.sign()
        configuration = self.directory / "nsd.conf"
        nsd = shutil.which("nsd") or "/usr/sbin/nsd"
        self.process = self.scratch.spawn([nsd, "-d", "-c", configuration], log="nsd")
        wait_for("the name server", self.answers, 15)


def broken(line):
    """The line, with its signature changed where it is to be broken."""
    for owner, kind in BROKEN:
        if re.match(rf"{re.escape(owner)}\.{re.escape(ZONE)}\.\s.*\sRRSIG\s+{kind}\s", line):
            head, signature = line.rsplit(None, 1)
            return f"{head} {'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    return line


class DnsRelay:
    """A resolver in between: counts what is asked, and lies or keeps silent as it is told."""

    def __init__(self, port):
        import socket
        self.upstream = port
        self.asked = []
        self.sets_ad = False
        self.is_silent = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def resolver(self):
        return f"127.0.0.1@{self.port}"

    def serve(self):
        import socket
        while True:
            try:
                question, client = self.socket.recvfrom(4096)
            except OSError:
                return
            self.asked.append(name_in(question))
            if self.is_silent:
                continue
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as upstream:
                upstream.settimeout(2)
                upstream.sendto(question, ("127.0.0.1", self.upstream))
                try:
                    answer = bytearray(upstream.recv(65535))
                except OSError:
                    continue
            if self.sets_ad:
                answer[3] |= 0x20
            self.socket.sendto(answer, client)

    def stop(self):
        self.socket.close()


def name_in(question):
    """The name that a DNS question asks for, in lower case."""
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode().lower())
        at += 1 + question[at]
    return ".".join(labels)


class ValidatingResolver:
    """Unbound on port 53 of an address of its own, before the world's server: what an office's mail server asks."""

    def __init__(self, scratch, world, address):
        self.scratch = scratch
        self.address = address
        directory = scratch.directory("unbound")
        self.configuration = directory / "unbound.conf"
        self.configuration.write_text(f"""server:
  interface: {address}
  port: 53
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  do-not-query-localhost: no
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: ""
  use-syslog: no
  module-config: "validator iterator"
  trust-anchor-file: "{world.anchor}"
forward-zone:
  name: "."
  forward-addr: {world.resolver}
remote-control:
  control-enable: no
""")
        self.process = None

    def start(self):
        unbound = shutil.which("unbound") or "/usr/sbin/unbound"
        self.process = self.scratch.spawn([unbound, "-d", "-c", self.configuration], log="unbound")

    def stop(self):
        self.scratch.stop(self.process)
