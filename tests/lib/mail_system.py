# SPDX-License-Identifier: GPL-3.0-or-later
"""A scratch mail system: SMTP in, Maildirs, and IMAP for those who read with a mail program.

Customers' mailboxes are read straight from their Maildir; staff mailboxes are served by Dovecot's
`imap` over a shell command (PREAUTH): no port, no password, no daemon. Below root that program must
not run as root ("Mail access not allowed for root"), so it runs as `nobody`, who owns the Maildirs.
"""

import email
import email.policy
import email.utils
import json
import os
import pwd
import shutil
import smtplib
import sys
import uuid
from email.message import EmailMessage
from pathlib import Path

from scratch import NotInTime, wait_for, write_json

RECEIVER = Path(__file__).with_name("smtp_receiver.py")

IMAP_CONFIGURATION = """\
base_dir = {state}
state_dir = {state}
log_path = {state}/imap.log
protocols = imap
ssl = no
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{maildir}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
"""


def mailbox_owner():
    """(uid, gid) of the Maildirs: nobody below root, else ourselves."""
    if os.geteuid() != 0:
        return os.getuid(), os.getgid()
    nobody = pwd.getpwnam("nobody")
    return nobody.pw_uid, nobody.pw_gid


class Mailbox:
    """One address, its Maildir, and how to read it."""

    def __init__(self, address, name, maildir):
        self.address = address
        self.name = name
        self.maildir = maildir

    def __str__(self):
        return email.utils.formataddr((self.name, self.address))

    def paths(self, folder=None):
        """The files of a folder (None is the inbox), oldest first."""
        base = self.maildir / f".{folder}" if folder else self.maildir
        found = [path for part in ("new", "cur") for path in (base / part).glob("*")]
        return sorted(found, key=lambda path: path.name)

    def mails(self, folder=None):
        """The mails of a folder as email.message.EmailMessage, oldest first."""
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in self.paths(folder)]

    def wait_for_mails(self, count, folder=None, seconds=30.0):
        """Wait until at least so many mails are there, and return them."""
        try:
            return wait_for(f"{count} mail(s) for {self.address}",
                            lambda: len(self.paths(folder)) >= count and self.mails(folder),
                            seconds)
        except NotInTime as late:
            raise NotInTime(f"{late}; there are {len(self.paths(folder))}") from None


class MailSystem:
    """The receiver, the mailboxes, and the IMAP command of each."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.directory = scratch.directory("smtp")
        self.mailboxes = {}
        self.port = None
        self._process = None
        write_json(self.directory / "map.json", {})
        write_json(self.directory / "control.json", {})

    def add(self, address, name, catch_all=False):
        """A new mailbox; catch_all takes every other recipient's mail too."""
        base = self.scratch.directory("mail", address)
        maildir = base / "Maildir"
        uid, gid = mailbox_owner()
        for part in ("cur", "new", "tmp"):
            (maildir / part).mkdir(parents=True)
        for path in (base, maildir, *maildir.iterdir()):
            os.chown(path, uid, gid)
            os.chmod(path, 0o700)
        mailbox = Mailbox(address, name, maildir)
        self.mailboxes[address] = mailbox
        table = {one.address.lower(): str(one.maildir) for one in self.mailboxes.values()}
        if catch_all:
            table["*"] = str(maildir)
        write_json(self.directory / "map.json", table)
        return mailbox

    def start(self):
        """Start the SMTP receiver (on the port it had before, if it was stopped)."""
        (self.directory / "port").unlink(missing_ok=True)
        self._process = self.scratch.spawn(
            [sys.executable, RECEIVER, "--directory", self.directory, "--port", self.port or 0],
            log="smtp")
        wait_for("the SMTP receiver", (self.directory / "port").exists, 10)
        self.port = int((self.directory / "port").read_text())
        return self

    def stop(self):
        """Stop the receiver: connections are refused from now on."""
        self.scratch.stop(self._process)

    def tell(self, **control):
        """Tell the receiver what to do amiss (see smtp_receiver.py); nothing means: behave."""
        write_json(self.directory / "control.json", control)

    def envelopes(self):
        """The envelope log so far, oldest first."""
        try:
            lines = (self.directory / "envelopes.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def wait_for_envelopes(self, count, seconds=30.0):
        """Wait until at least so many transactions are logged, and return all."""
        return wait_for(f"{count} SMTP transaction(s)",
                        lambda: len(self.envelopes()) >= count and self.envelopes(), seconds)

    def imap_command(self, address):
        """A script that speaks IMAP on its standard streams, already logged in as this address."""
        mailbox = self.mailboxes[address]
        state = self.scratch.directory("imap", address)
        uid, gid = mailbox_owner()
        os.chown(state, uid, gid)
        configuration = self.scratch.path / "imap" / f"{address}.conf"
        configuration.write_text(IMAP_CONFIGURATION.format(state=state, maildir=mailbox.maildir))
        privileges = ""
        if os.geteuid() == 0:
            privileges = f"setpriv --reuid {uid} --regid {gid} --clear-groups "
        script = self.scratch.path / "imap" / f"{address}.sh"
        script.write_text(
            f"#!/bin/sh\ncd /\nexec {privileges}env -i PATH=/usr/bin:/bin USER={address} HOME={state} "
            f"/usr/lib/dovecot/imap -c {configuration}\n")
        script.chmod(0o755)
        return script

    def send(self, sender, recipients, message):
        """Hand a mail to the receiver, as any mail server in the world would."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as client:
            content = message if isinstance(message, bytes) else message.as_bytes(
                policy=email.policy.SMTP)
            client.sendmail(sender, recipients, content)

    def write(self, sender, recipient, subject, text, **headers):
        """A customer (or colleague) writes a plain mail; returns its Message-ID with the <>."""
        message = plain_mail(sender, recipient, subject, text, **headers)
        self.send(sender.address, [recipient.address], message)
        return message["Message-ID"]


def plain_mail(sender, recipient, subject, text, **headers):
    """A plain mail; headers are given with _ for -: In_Reply_To='<...>'."""
    message = EmailMessage()
    message["From"] = str(sender)
    message["To"] = str(recipient)
    message["Subject"] = subject
    message["Date"] = headers.pop("Date", email.utils.formatdate(localtime=True))
    domain = sender.address.partition("@")[2]
    message["Message-ID"] = headers.pop("Message_ID", f"<{uuid.uuid4()}@{domain}>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def imap_server_present():
    """Whether Dovecot's imap program is there."""
    return Path("/usr/lib/dovecot/imap").exists() and shutil.which("setpriv") is not None
