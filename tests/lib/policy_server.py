# SPDX-License-Identifier: GPL-3.0-or-later
"""An HTTPS server for MTA-STS policies, one behaviour per host name, and the authority behind its certificates.

It listens on port 443 of a loopback address of its own: the protocol leaves no choice of port, so that it
needs root (or the right to bind low ports), see can_listen().
"""

import random
import socket
import ssl
import subprocess
import threading
import time

EXPIRED = "abgelaufen"
WRONG_HOST = "fremder-name"
SELF_SIGNED = "selbst-signiert"


def own_address():
    """An address of 127/8 that nobody else is likely to use."""
    return f"127.{random.randint(50, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"


def can_listen(address, port=443):
    """Whether this port of this address is free and ours to take."""
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def policy(*mx, mode="enforce", max_age=86400, version="STSv1", end="\r\n"):
    """A policy file's text."""
    lines = [f"version: {version}", f"mode: {mode}", *(f"mx: {one}" for one in mx), f"max_age: {max_age}"]
    return end.join(lines) + end


class Authority:
    """A certificate authority in a directory."""

    def __init__(self, directory):
        self.directory = directory
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     "ca.key", "-out", "ca.pem", "-days", "30", "-subj", "/CN=Test authority")

    @property
    def file(self):
        return self.directory / "ca.pem"

    def openssl(self, *words, faketime=None):
        before = ["faketime", faketime] if faketime else []
        subprocess.run([*before, "openssl", *words], cwd=self.directory, check=True, capture_output=True)

    def issue(self, nick, *names, faketime=None, days=10, own=False):
        """A certificate and key in one file; names are DNS names, or IP:... ."""
        alternatives = ",".join(one if one.startswith("IP:") else f"DNS:{one}" for one in names)
        (self.directory / f"{nick}.ext").write_text(f"subjectAltName={alternatives}\n")
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{nick}.key",
                     "-out", f"{nick}.csr", "-subj", f"/CN={nick}")
        signer = ["-signkey", f"{nick}.key"] if own else ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
        self.openssl("x509", "-req", "-in", f"{nick}.csr", *signer, "-days", str(days), "-extfile", f"{nick}.ext",
                     "-out", f"{nick}.crt", faketime=faketime)
        whole = self.directory / f"{nick}.pem"
        whole.write_text((self.directory / f"{nick}.crt").read_text() + (self.directory / f"{nick}.key").read_text())
        return whole


class PolicyServer:
    """Serves self.answers: host -> (status, headers, body), or a callable that gets the connection."""

    def __init__(self, directory, address, zone):
        self.address = address
        self.zone = zone
        self.authority = Authority(directory)
        self.answers = {}
        self.seen = []
        self.contexts = {}
        self.socket = None

    def host(self, name):
        return f"mta-sts.{name}.{self.zone}"

    def start(self):
        """Issue the certificates for all hosts that have an answer, and listen."""
        self.contexts[None] = self.context(self.authority.issue("good", *(self.host(one) for one in self.answers)))
        special = {EXPIRED: {"faketime": "2020-01-01 00:00:00"}, SELF_SIGNED: {"own": True}, WRONG_HOST: {}}
        for name, options in special.items():
            names = ["mta-sts.example.org"] if name == WRONG_HOST else [self.host(name)]
            self.contexts[self.host(name)] = self.context(self.authority.issue(name, *names, **options))
        outer = self.contexts[None]
        outer.sni_callback = self.choose
        self.socket = socket.create_server((self.address, 443))
        threading.Thread(target=self.serve, args=(outer,), daemon=True).start()

    @staticmethod
    def context(path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def choose(self, connection, name, _context):
        if name in self.contexts:
            connection.context = self.contexts[name]

    def serve(self, context):
        while True:
            try:
                plain, _peer = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(context, plain), daemon=True).start()

    def answer(self, context, plain):
        try:
            with context.wrap_socket(plain, server_side=True) as connection:
                request = connection.recv(8192).decode("latin-1")
                host = next(line.split(":", 1)[1].strip() for line in request.split("\r\n") if line.lower().startswith("host:"))
                self.seen.append((host, request.split("\r\n")[0]))
                given = self.answers[host.removeprefix("mta-sts.").removesuffix(f".{self.zone}")]
                if callable(given):
                    given(connection)
                else:
                    status, headers, body = given
                    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                    connection.sendall(f"HTTP/1.1 {status} x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        except (OSError, StopIteration, KeyError):
            pass  # a client that goes away in the middle is what many of these cases are about

    def stop(self):
        self.socket.close()


def plain(text):
    """A well-behaved answer."""
    return 200, {"Content-Type": "text/plain; charset=utf-8"}, text


def drip(connection):
    """One byte a second, for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.5)


def flood(connection):
    """Without a length and without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"x: " + b"y" * 16380 + b"\n"
    while True:
        connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
