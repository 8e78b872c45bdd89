# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postfix of its own, as an office's submission service: STARTTLS required, everything on to one relay.

It works on a scratch configuration and queue; needs root, as Postfix does.
"""

import os
import shutil
import subprocess
from pathlib import Path

from scratch import free_port, listening, wait_for

MASTER = """{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = {directory}
maillog_file = {directory}/mail.log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = submission.office.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
smtpd_client_restrictions =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ voll@gut.welt.example = 452 4.2.2 full }}, {{ weg@gut.welt.example = 550 5.1.1 gone }} }}, permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {certificate}
smtpd_tls_loglevel = 1
"""

RELAYING = """smtp_tls_security_level = none
relayhost = [127.0.0.1]:{relay}
"""

# As an office would set it: DANE or nothing. Tried again soon, so that a test sees it happen.
ENFORCING = """smtp_dns_support_level = dnssec
smtp_tls_security_level = dane-only
smtp_tls_loglevel = 1
relayhost =
"""


def postfix_present():
    """Whether Postfix is there, and we may start it."""
    return os.geteuid() == 0 and Path("/usr/lib/postfix/sbin/master").exists()


class PostfixService:
    """Listens on self.port; hands everything to the relay's port on this machine.

    With a resolver (an address) instead of a relay it delivers by itself, by DANE or not at all.
    """

    def __init__(self, scratch, certificate, relay=None, resolver=None, name="postfix"):
        self.scratch = scratch
        self.directory = scratch.directory(name)
        self.port = free_port()
        self.resolver = resolver
        scratch.directory(name, "queue")
        data = scratch.directory(name, "data")
        shutil.chown(data, "postfix")
        target = self.directory / "chain.pem"
        # Postfix wants the key before the certificate.
        target.write_text(certificate.with_suffix(".key").read_text() + certificate.with_suffix(".crt").read_text())
        target.chmod(0o600)
        way = ENFORCING if resolver else RELAYING.format(relay=relay)
        (self.directory / "main.cf").write_text(MAIN.format(directory=self.directory, certificate=target) + way)
        (self.directory / "resolv.conf").write_text(f"nameserver {resolver}\noptions trust-ad edns0\n")
        (self.directory / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{self.port}"))
        self.process = None

    def start(self):
        argv = ["postfix", "-c", self.directory, "start-fg"]
        if self.resolver:
            # Its own /etc/resolv.conf, in a mount namespace of its own.
            bind = f"mount --bind {self.directory}/resolv.conf /etc/resolv.conf && exec \"$@\""
            argv = ["unshare", "-m", "sh", "-c", bind, "sh", *argv]
        self.process = self.scratch.spawn(argv, log=self.directory.name)
        wait_for("Postfix", lambda: listening(self.port), 20)

    def stop(self):
        subprocess.run(["postfix", "-c", str(self.directory), "stop"], capture_output=True)
        self.scratch.stop(self.process)

    def queue(self):
        """What waits: the reasons, as Postfix tells them."""
        return subprocess.run(["postqueue", "-c", str(self.directory), "-j"], capture_output=True, text=True).stdout

    def log(self):
        path = self.directory / "mail.log"
        return path.read_text() if path.exists() else ""
