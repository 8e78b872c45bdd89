# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenPGP as the other side has it: gpg in a home of its own, never the user's."""

import email
import email.policy
import os
import re
import subprocess
from pathlib import Path


class Keyring:
    """One person's GNUPGHOME."""

    def __init__(self, home):
        self.home = Path(home)
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chmod(self.home, 0o700)

    def gpg(self, *arguments, data=None, check=True):
        """Run gpg; returns the CompletedProcess with bytes. Status lines are in stderr."""
        result = subprocess.run(
            ["gpg", "--homedir", str(self.home), "--batch", "--no-tty", "--status-fd", "2",
             "--pinentry-mode", "loopback", "--passphrase", "", *arguments],
            input=data, capture_output=True, timeout=120,
            env=dict(os.environ, LC_ALL="C.UTF-8", SGP_GNUPG=str(self.home)))
        if check and result.returncode:
            raise RuntimeError(f"gpg {arguments[0]}: {result.stderr.decode(errors='replace')}")
        return result

    def make_key(self, name, address, expire="2y"):
        """A key that signs and encrypts, without passphrase; returns its fingerprint."""
        self.gpg("--quick-generate-key", f"{name} <{address}>", "future-default", "default", expire)
        return self.fingerprints(address)[0]

    def fingerprints(self, address):
        """The fingerprints of the primary keys whose user id has exactly this address."""
        listing = self.gpg("--with-colons", "--list-keys", check=False).stdout.decode()
        found, current = [], None
        for line in listing.splitlines():
            fields = line.split(":")
            if fields[0] == "pub":
                current = None
            elif fields[0] == "fpr" and current is None:
                current = fields[9]
            elif fields[0] == "uid" and current not in found:
                match = re.search(r"<([^<>]+)>$", fields[9])
                if (match.group(1) if match else fields[9]).lower() == address.lower():
                    found.append(current)
        return found

    def export(self, fingerprint):
        """The public certificate, armored."""
        return self.gpg("--armor", "--export", fingerprint).stdout

    def import_key(self, armored, trust=None):
        """Import a certificate; trust "full" or "ultimate" makes gpg count it as verified."""
        result = self.gpg("--import", data=armored)
        fingerprints = re.findall(r"IMPORT_OK \d+ ([0-9A-F]{40})", result.stderr.decode())
        if trust:
            level = {"full": 5, "ultimate": 6}[trust]
            owner = "".join(f"{one}:{level}:\n" for one in fingerprints)
            self.gpg("--import-ownertrust", data=owner.encode())
        return fingerprints

    def certify(self, fingerprint):
        """Sign somebody's key locally: its owner was identified."""
        self.gpg("--yes", "--quick-lsign-key", fingerprint)

    def decrypt(self, message):
        """Decrypt an armored message (bytes); returns (plaintext, fingerprints of good signers)."""
        result = self.gpg("--decrypt", data=message)
        status = result.stderr.decode(errors="replace")
        if "DECRYPTION_OKAY" not in status:
            raise RuntimeError(f"gpg did not decrypt: {status}")
        return result.stdout, re.findall(r"VALIDSIG ([0-9A-F]{40})", status)

    def decrypt_mail(self, mail):
        """Decrypt a PGP/MIME mail (EmailMessage); returns (inner EmailMessage, good signers)."""
        if mail.get_content_type() != "multipart/encrypted":
            raise AssertionError(f"not PGP/MIME but {mail.get_content_type()}")
        control, payload = list(mail.iter_parts())
        if control.get_content_type() != "application/pgp-encrypted":
            raise AssertionError(f"first part is {control.get_content_type()}")
        plain, signers = self.decrypt(payload.get_payload(decode=True))
        return email.message_from_bytes(plain, policy=email.policy.default), signers

    def recipients(self, message):
        """The key ids that an armored message is encrypted to, as its packets name them."""
        packets = self.gpg("--list-packets", data=message, check=False)
        return re.findall(r"pubkey enc packet: .* keyid ([0-9A-F]{16})", packets.stdout.decode())

    def close(self):
        """End this home's agents."""
        subprocess.run(["gpgconf", "--homedir", str(self.home), "--kill", "all"],
                       capture_output=True, timeout=20)


def text_of(mail):
    """All text/plain of a decrypted mail, in order."""
    return "\n".join(part.get_content() for part in mail.walk()
                     if part.get_content_type() == "text/plain")
