# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates as a customer and the office have them: a scratch issuer by the real openssl, whose
revocation list is served on the loopback, and what the customer does with openssl."""

import email
import email.policy
import functools
import hashlib
import http.server
import subprocess
import threading

CONFIGURATION = """[ca]
default_ca = office
[office]
database = index.txt
serial = serial.txt
crlnumber = number.txt
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
default_days = 365
[any]
commonName = optional
[req]
distinguished_name = subject
[subject]
"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A web server that keeps quiet."""

    def log_message(self, *unused):
        pass


class Issuer:
    """Issues certificates, revokes them, and says so."""

    def __init__(self, directory):
        self.directory = directory
        (directory / "www").mkdir(parents=True)
        for name, text in (("ca.cnf", CONFIGURATION), ("index.txt", ""), ("serial.txt", "1001\n"),
                           ("number.txt", "01\n")):
            (directory / name).write_text(text)
        handler = functools.partial(Quiet, directory=str(directory / "www"))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/list.crl"
        self.make("root", "Test Root", None)
        self.publish()

    def openssl(self, *arguments, data=None):
        """Run openssl in the directory; returns what it wrote."""
        return subprocess.run(["openssl", *map(str, arguments)], cwd=self.directory, input=data, check=True,
                              capture_output=True, timeout=60).stdout

    def make(self, name, person, address):
        """NAME.pem and NAME.key; address None makes the root."""
        lines = ["[e]", "subjectKeyIdentifier = hash"]
        if address is None:
            lines += ["basicConstraints = critical,CA:TRUE", "keyUsage = critical,keyCertSign,cRLSign"]
        else:
            lines += ["basicConstraints = critical,CA:FALSE", "authorityKeyIdentifier = keyid",
                      "keyUsage = critical,digitalSignature,keyEncipherment",
                      "extendedKeyUsage = emailProtection", f"subjectAltName = email:{address}",
                      f"crlDistributionPoints = URI:{self.url}"]
        (self.directory / f"{name}.ext").write_text("\n".join(lines) + "\n")
        self.openssl("genrsa", "-out", f"{name}.key", "2048")
        self.openssl("req", "-new", "-config", "ca.cnf", "-key", f"{name}.key", "-subj", f"/CN={person}",
                     "-out", f"{name}.csr")
        who = ["-selfsign", "-keyfile", f"{name}.key"] if address is None else ["-keyfile", "root.key", "-cert", "root.pem"]
        self.openssl("ca", "-config", "ca.cnf", "-batch", "-notext", *who, "-in", f"{name}.csr", "-extfile", f"{name}.ext",
                     "-extensions", "e", "-out", f"{name}.pem")
        return self.fingerprint(name)

    def fingerprint(self, name):
        """As gpgsm names it."""
        return hashlib.sha1(self.openssl("x509", "-in", f"{name}.pem", "-outform", "DER")).hexdigest().upper()

    def revoke(self, name):
        """And publish the new list."""
        self.openssl("ca", "-config", "ca.cnf", "-keyfile", "root.key", "-cert", "root.pem", "-revoke", f"{name}.pem")
        self.publish()

    def publish(self):
        """Write the revocation list anew."""
        self.openssl("ca", "-config", "ca.cnf", "-keyfile", "root.key", "-cert", "root.pem", "-gencrl", "-crldays", "7",
                     "-out", "list.pem")
        self.openssl("crl", "-in", "list.pem", "-outform", "DER", "-out", "www/list.crl")

    def give(self, home, name, secret=False):
        """Put a certificate into the keybox of a GnuPG home, with its secret key if wanted."""
        gpgsm = ["gpgsm", "--homedir", str(home), "--batch", "--quiet"]
        subprocess.run([*gpgsm, "--import", f"{name}.pem"], cwd=self.directory, check=True, capture_output=True)
        if secret:
            # gpgsm 2.2 reads PKCS#12 with the older ciphers only.
            self.openssl("pkcs12", "-export", "-inkey", f"{name}.key", "-in", f"{name}.pem", "-out", f"{name}.p12",
                         "-passout", "pass:", "-certpbe", "PBE-SHA1-3DES", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1")
            subprocess.run([*gpgsm, "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--import", f"{name}.p12"],
                           cwd=self.directory, input=b"\n", check=True, capture_output=True)

    def trust(self, home):
        """The root, and nobody else, is trusted in this home."""
        self.give(home, "root")
        (home / "trustlist.txt").write_text(f"{self.fingerprint('root')} S relax\n")

    def decrypt_mail(self, mail, name):
        """Open a mail as this person; returns (the entity inside, whether a signature on it is good)."""
        if mail.get_content_type() != "application/pkcs7-mime":
            raise AssertionError(f"not S/MIME but {mail.get_content_type()}")
        clear = self.openssl("cms", "-decrypt", "-inform", "DER", "-inkey", f"{name}.key", "-recip", f"{name}.pem",
                             data=mail.get_payload(decode=True))
        signed = email.message_from_bytes(clear, policy=email.policy.default)
        if signed.get_content_type() != "multipart/signed":
            return signed, False
        inner = self.openssl("cms", "-verify", "-CAfile", "root.pem", "-purpose", "smimesign", data=clear)
        return email.message_from_bytes(inner, policy=email.policy.default), True

    def close(self):
        """End the web server."""
        self.server.shutdown()
        self.server.server_close()
