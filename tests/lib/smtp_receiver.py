#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An SMTP receiver on loopback that delivers into Maildirs.

It plays the agency's mail server and the rest of the world at once: every address in the map has a
Maildir, every other recipient is refused. It never relays, and it listens on 127.0.0.1 only.

    smtp_receiver.py --directory DIR       reads DIR/map.json, DIR/control.json; writes DIR/port,
                                           DIR/envelopes.jsonl

map.json      {"address": "Maildir path", ...}; "*" catches the rest. Read anew for each recipient.
control.json  {"refuse": ["address" or "*"], "code": 550, "text": "...", "delay": seconds before the
              answer to DATA, "delay_for": ["address" or "*"], "drop": true (hang up after DATA)}
envelopes     one JSON object per transaction, in order: {"n", "time", "from", "to", "refused",
              "size", "files", "result"}
"""

import argparse
import asyncio
import email.utils
import json
import os
import time
from pathlib import Path

HOST_NAME = "mx.siegelpost.example"
SIZE_LIMIT = 200 * 1024 * 1024


def read_json(path, default):
    """A JSON file that may be missing."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return default


def give_to_owner_of(directory, path):
    """Files delivered by root belong to the mailbox's owner, or the IMAP server cannot read them."""
    if os.geteuid() == 0:
        status = os.stat(directory)
        os.chown(path, status.st_uid, status.st_gid)


class Store:
    """Maildirs, the map that leads to them, and the envelope log."""

    def __init__(self, directory):
        self.directory = directory
        self.count = 0

    def control(self):
        """What the receiver was told to do amiss."""
        return read_json(self.directory / "control.json", {})

    def maildir_of(self, address):
        """The Maildir of an address, or None: domains and local parts are compared in lower case."""
        table = read_json(self.directory / "map.json", {})
        return table.get(address.lower(), table.get("*"))

    def deliver(self, maildir, sender, recipient, data):
        """Write one mail aside and rename it into the Maildir; return its path."""
        maildir = Path(maildir)
        self.count += 1
        name = f"{time.time():.6f}.{os.getpid()}_{self.count}.{HOST_NAME}"
        head = (f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
                f"Received: from client.example ([127.0.0.1]) by {HOST_NAME} with ESMTP\r\n"
                f"\tfor <{recipient}>; {email.utils.formatdate(localtime=False)}\r\n")
        aside = maildir / "tmp" / name
        aside.write_bytes((head.encode() + data).replace(b"\r\n", b"\n"))
        give_to_owner_of(maildir, aside)
        final = maildir / "new" / name
        os.rename(aside, final)
        return str(final)

    def log(self, **entry):
        """Append one transaction to the envelope log."""
        with open(self.directory / "envelopes.jsonl", "a") as log:
            log.write(json.dumps(entry) + "\n")


def named(listed, address):
    """Whether a control list names an address."""
    return "*" in listed or address.lower() in [one.lower() for one in listed]


class Session:
    """One connection."""

    def __init__(self, store, reader, writer):
        self.store = store
        self.reader = reader
        self.writer = writer
        self.forget()

    def forget(self):
        self.sender = None
        self.recipients = []
        self.refused = []

    async def say(self, text):
        self.writer.write(text.encode() + b"\r\n")
        await self.writer.drain()

    async def run(self):
        """Serve commands until QUIT or the end of the connection."""
        await self.say(f"220 {HOST_NAME} ESMTP scratch")
        while True:
            line = await self.reader.readline()
            if not line:
                return
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if verb.upper() == "QUIT":
                await self.say("221 2.0.0 bye")
                return
            if not await self.command(verb.upper(), rest):
                return

    async def command(self, verb, rest):
        """Answer one command; False ends the connection."""
        if verb == "EHLO":
            await self.say(f"250-{HOST_NAME}\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
                           f"250-ENHANCEDSTATUSCODES\r\n250 SIZE {SIZE_LIMIT}")
        elif verb == "HELO":
            await self.say(f"250 {HOST_NAME}")
        elif verb == "MAIL":
            self.forget()
            self.sender = address_in(rest)
            await self.say("250 2.1.0 ok")
        elif verb == "RCPT":
            await self.recipient(address_in(rest))
        elif verb == "DATA":
            return await self.data()
        elif verb == "RSET":
            self.forget()
            await self.say("250 2.0.0 ok")
        elif verb == "NOOP":
            await self.say("250 2.0.0 ok")
        else:
            await self.say("502 5.5.1 not here")
        return True

    async def recipient(self, address):
        """Accept or refuse one recipient."""
        control = self.store.control()
        if named(control.get("refuse", []), address):
            self.refused.append(address)
            await self.say(f"{control.get('code', 550)} {control.get('text', '5.1.1 refused')}")
        elif self.store.maildir_of(address) is None:
            self.refused.append(address)
            await self.say("550 5.1.1 no such mailbox here")
        else:
            self.recipients.append(address)
            await self.say("250 2.1.5 ok")

    async def data(self):
        """Take the mail and deliver it to each recipient."""
        if self.sender is None or not self.recipients:
            self.note("refused", 0, [])
            await self.say("554 5.5.1 no valid recipients")
            return True
        await self.say("354 go on")
        content = await self.read_content()
        control = self.store.control()
        slow = control.get("delay_for", ["*"])
        if control.get("delay") and any(named(slow, one) for one in self.recipients):
            await asyncio.sleep(control["delay"])
        if control.get("drop"):
            self.note("dropped", len(content), [])
            return False
        files = [self.store.deliver(self.store.maildir_of(one), self.sender, one, content)
                 for one in self.recipients]
        self.note("accepted", len(content), files)
        self.forget()
        await self.say("250 2.0.0 delivered")
        return True

    async def read_content(self):
        """The mail up to the lone dot, dots unstuffed."""
        content = bytearray()
        while True:
            line = await self.reader.readline()
            if not line:
                raise ConnectionResetError("gone in the middle of DATA")
            if line in (b".\r\n", b".\n"):
                return bytes(content)
            content += line[1:] if line.startswith(b".") else line

    def note(self, result, size, files):
        self.store.log(time=time.time(), **{"from": self.sender}, to=self.recipients,
                       refused=self.refused, size=size, files=files, result=result)


def address_in(text):
    """The address of `FROM:<a@b> SIZE=1` or `TO:<a@b>`."""
    return text.partition(":")[2].strip().partition(">")[0].lstrip("<").strip()


async def serve(directory, port):
    """Listen until killed; the port is written once connections are accepted."""
    store = Store(directory)

    async def connected(reader, writer):
        try:
            await Session(store, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # a client that hangs up in the middle delivered nothing; its own log says why
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port, limit=1024 * 1024)
    chosen = server.sockets[0].getsockname()[1]
    temporary = directory / "port.new"
    temporary.write_text(str(chosen))
    os.replace(temporary, directory / "port")
    async with server:
        await server.serve_forever()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--directory", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    asyncio.run(serve(options.directory, options.port))


if __name__ == "__main__":
    main()
