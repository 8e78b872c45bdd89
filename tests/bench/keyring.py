# SPDX-License-Identifier: GPL-3.0-or-later
"""A GnuPG home with thousands of keys and certificates, made once and kept: packets are written
directly, since gpg would need hours for them. Every key is the same RSA key made at another second,
so each has a fingerprint of its own and signatures that are right."""

import hashlib
import os
import shutil
import struct
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

VERSION = 1
BEGIN = 1600000000
used = set()


def packet(tag, body):
    """A packet with an old-format header of two octets' length, as gpg's keyrings have them."""
    return bytes([0x80 | tag << 2 | 1]) + struct.pack(">H", len(body)) + body


def mpi(number):
    return struct.pack(">H", number.bit_length()) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def subpacket(kind, body):
    return bytes([len(body) + 1, kind]) + body


class Maker:
    """Keys c0@kunde.example, c1@kunde.example, ..."""

    def __init__(self):
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        self.material = b"\x01" + mpi(numbers.n) + mpi(numbers.e)

    def body(self, created):
        return b"\x04" + struct.pack(">I", created) + self.material

    def signature(self, kind, created, fingerprint, what, flags):
        hashed = subpacket(2, struct.pack(">I", created)) + subpacket(27, bytes([flags]))
        head = bytes([4, kind, 1, 8]) + struct.pack(">H", len(hashed)) + hashed
        digest = hashlib.sha256(what + head + b"\x04\xff" + struct.pack(">I", len(head))).digest()
        made = self.key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))
        issuer = subpacket(16, fingerprint[-8:])
        return packet(2, head + struct.pack(">H", len(issuer)) + issuer + digest[:2] + mpi(int.from_bytes(made, "big")))

    def one(self, number):
        primary = self.body(BEGIN + 2 * number)
        sub = self.body(BEGIN + 2 * number + 1)
        name = f"Kunde {number} <c{number}@kunde.example>".encode()
        hashed_primary = b"\x99" + struct.pack(">H", len(primary)) + primary
        fingerprint = hashlib.sha1(hashed_primary).digest()
        certified = hashed_primary + b"\xb4" + struct.pack(">I", len(name)) + name
        bound = hashed_primary + b"\x99" + struct.pack(">H", len(sub)) + sub
        return (packet(6, primary) + packet(13, name) + self.signature(0x13, BEGIN + 2 * number + 1, fingerprint, certified, 3)
                + packet(14, sub) + self.signature(0x18, BEGIN + 2 * number + 1, fingerprint, bound, 12))

    def certificate(self, number):
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Kunde {number}")])
        address = x509.RFC822Name(f"s{number}@kunde.example")
        begin = datetime(2025, 1, 1, tzinfo=timezone.utc)
        made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
                .serial_number(number + 1).not_valid_before(begin).not_valid_after(begin + timedelta(days=3650))
                .add_extension(x509.SubjectAlternativeName([address]), critical=False)
                .sign(self.key, hashes.SHA256()))
        return made.public_bytes(serialization.Encoding.PEM)


def make(home, n_keys, n_certificates):
    maker = Maker()
    home.mkdir(mode=0o700, parents=True)
    (home / "pubring.gpg").write_bytes(b"".join(maker.one(number) for number in range(n_keys)))
    gpg = ["gpg", "--homedir", str(home), "--batch", "--quiet"]
    # As a keyring is that gpg has been using: signatures are marked as checked.
    subprocess.run([*gpg, "--rebuild-keydb-caches"], check=True, capture_output=True)
    subprocess.run([*gpg, "--list-keys"], check=True, capture_output=True)
    pem = b"".join(maker.certificate(number) for number in range(n_certificates))
    if n_certificates and shutil.which("gpgsm"):
        subprocess.run(["gpgsm", "--homedir", str(home), "--batch", "--disable-crl-checks", "--import"], input=pem,
                       capture_output=True, check=False)


def get_home(n_keys, n_certificates):
    """The home, made if it is not there yet."""
    home = Path(os.environ.get("SGP_BENCH_CACHE", "/var/tmp/siegelpost-bench")) / f"{VERSION}-{n_keys}-{n_certificates}"
    if not home.is_dir():
        aside = home.with_suffix(f".{os.getpid()}")
        try:
            make(aside, n_keys, n_certificates)
            subprocess.run(["gpgconf", "--homedir", str(aside), "--kill", "all"], check=False)
            aside.rename(home)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    used.add(home)
    return home


def end_agents():
    """What gpg and gpgsm started for the homes that were used here."""
    for home in used:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


if __name__ == "__main__":
    print(get_home(int(sys.argv[1]), int(sys.argv[2])))
